"""As nuScenes' cars carry them: six cameras all round, a roof LiDAR, five radars, IMU, GNSS and the car's bus.

Nominal values, to the centimetre and the degree, after H. Caesar et al., nuScenes: A multimodal dataset for
autonomous driving (CVPR 2020), figure 3 and table 1, and its published calibrations: positions from the rear axle
on the ground. The cameras' fields of view follow from focal lengths of some 1,260 px (back: 809 px) at 1600 pixels.
LiDAR and cameras are as their makers state (see the catalogue); cameras at 12 Hz, LiDAR at 20 Hz, radars at 13 Hz.
Cameras here look level; the real ones are tilted by up to a degree.
"""

from __future__ import annotations

from pairforge.scenes.spec import Camera, Lidar, Sensor
from pairforge.sensors.can_bus import CanBus
from pairforge.sensors.gnss import Gnss
from pairforge.sensors.imu import Imu
from pairforge.sensors.radar import Radar


def _camera(
    name: str, position_m: tuple[float, float, float], yaw_deg: float, fov_deg: float = 64.8
) -> Camera:
    return Camera(
        name=name,
        position_m=position_m,
        yaw_deg=yaw_deg,
        fov_deg=fov_deg,
        width_px=1600,
        height_px=900,
        rate_hz=12.0,
    )


def _radar(name: str, position_m: tuple[float, float, float], yaw_deg: float) -> Radar:
    return Radar(name=name, position_m=position_m, yaw_deg=yaw_deg, rate_hz=13.0)


SENSORS: tuple[Sensor, ...] = (
    _camera("CAM_FRONT", (1.70, 0.02, 1.51), 0.0),
    _camera("CAM_FRONT_RIGHT", (1.55, -0.49, 1.50), -55.0),
    _camera("CAM_BACK_RIGHT", (1.01, -0.48, 1.56), -110.0),
    _camera("CAM_BACK", (0.03, 0.0, 1.58), 180.0, 89.3),
    _camera("CAM_BACK_LEFT", (1.04, 0.48, 1.59), 110.0),
    _camera("CAM_FRONT_LEFT", (1.52, 0.49, 1.51), 55.0),
    Lidar.like("velodyne_hdl_32e", name="LIDAR_TOP", position_m=(0.94, 0.0, 1.84)),
    _radar("RADAR_FRONT", (3.41, 0.0, 0.50), 0.0),
    _radar("RADAR_FRONT_LEFT", (2.42, 0.80, 0.78), 90.0),
    _radar("RADAR_FRONT_RIGHT", (2.42, -0.80, 0.77), -90.0),
    _radar("RADAR_BACK_LEFT", (-0.56, 0.63, 0.53), 175.0),
    _radar("RADAR_BACK_RIGHT", (-0.56, -0.62, 0.53), -175.0),
    Imu(name="IMU", position_m=(0.0, 0.0, 0.5), rate_hz=100.0),
    Gnss(name="GNSS", position_m=(0.0, 0.0, 1.6), mode="rtk", rate_hz=20.0),
    CanBus(name="CAN"),
)
