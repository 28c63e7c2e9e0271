"""All benchmarks that fit in a few minutes: rays, sensors, labels beside Blender.

``benchmarks.presets`` also measures quality against a many-sample reference, and takes longer.
"""

from benchmarks import labels, rays

if __name__ == "__main__":
    rays.main()
    labels.report()
