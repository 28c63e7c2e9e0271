"""pairforge: exactly aligned camera, LiDAR, trajectory and text pairs from simulated worlds."""

__version__ = "0.1.0"
