"""As a phone in somebody's hand: one wide camera with a rolling shutter, and an inertial unit in the same housing.

Plausible values, of no one maker: 4:3, 68 degrees wide, 30 Hz, 20 ms readout; carried 1.45 m up, 0.3 m ahead.
"""

from __future__ import annotations

from pairforge.scenes.optics import Shutter
from pairforge.scenes.spec import Camera, Sensor
from pairforge.sensors.imu import Imu

_HELD_M = (0.3, 0.0, 1.45)

SENSORS: tuple[Sensor, ...] = (
    Camera(
        name="camera",
        position_m=_HELD_M,
        pitch_deg=-5.0,
        fov_deg=68.0,
        width_px=1440,
        height_px=1080,
        rate_hz=30.0,
        shutter=Shutter(exposure_s=0.008, readout_s=0.020),
    ),
    Imu(name="imu", position_m=_HELD_M, rate_hz=200.0),
)
