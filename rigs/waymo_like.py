"""Like Waymo's cars: five cameras ahead and to the sides, a roof LiDAR and four near ones.

Fields of view, ranges and sizes after P. Sun et al., Scalability in perception for autonomous driving: Waymo Open
Dataset (CVPR 2020), tables 2 and 3 (near LiDARs: -90 to 30 degrees, 20 m; top: -17.6 to 2.4 degrees, 75 m; cameras
50.4 degrees wide). Where exactly they sit and how beams are spread is not published: positions are ours.
"""

from __future__ import annotations

from pairforge.scenes.spec import Camera, Lidar, Sensor


def _camera(
    name: str, position_m: tuple[float, float, float], yaw_deg: float, height_px: int = 1280
) -> Camera:
    return Camera(
        name=name,
        position_m=position_m,
        yaw_deg=yaw_deg,
        fov_deg=50.4,
        width_px=1920,
        height_px=height_px,
        rate_hz=10.0,
    )


def _near(name: str, position_m: tuple[float, float, float], yaw_deg: float) -> Lidar:
    return Lidar(
        name=name,
        position_m=position_m,
        yaw_deg=yaw_deg,
        beams=200,
        elevation_deg=(-90.0, 30.0),
        columns=600,
        rate_hz=10.0,
        max_range_m=20.0,
    )


SENSORS: tuple[Sensor, ...] = (
    _camera("FRONT", (1.55, 0.0, 1.95), 0.0),
    _camera("FRONT_LEFT", (1.50, 0.15, 1.95), 45.0),
    _camera("FRONT_RIGHT", (1.50, -0.15, 1.95), -45.0),
    _camera("SIDE_LEFT", (1.40, 0.20, 1.95), 90.0, 1040),
    _camera("SIDE_RIGHT", (1.40, -0.20, 1.95), -90.0, 1040),
    Lidar(
        name="TOP",
        position_m=(1.30, 0.0, 2.15),
        beams=64,
        elevation_deg=(-17.6, 2.4),
        columns=2650,
        rate_hz=10.0,
        max_range_m=75.0,
    ),
    _near("NEAR_FRONT", (3.75, 0.0, 0.7), 0.0),
    _near("NEAR_LEFT", (2.6, 1.0, 0.9), 90.0),
    _near("NEAR_RIGHT", (2.6, -1.0, 0.9), -90.0),
    _near("NEAR_REAR", (-0.9, 0.0, 0.7), 180.0),
)
