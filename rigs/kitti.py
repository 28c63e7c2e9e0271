"""As KITTI's car carries them: two grey and two colour cameras as stereo pairs, a roof LiDAR, an IMU and RTK.

After A. Geiger et al., Vision meets robotics: The KITTI dataset (IJRR 2013), figure 3: cameras 1.65 m above the
ground, 0.54 m apart, the colour pair 0.06 m to the left of the grey; the LiDAR 1.73 m up, 0.27 m behind the cameras;
the inertial unit 0.93 m up, 0.81 m behind and 0.32 m left of the LiDAR, 0.05 m ahead of the rear axle. The pictures
are the rectified ones: 1242 x 375, focal length 721.5 px. All at 10 Hz.
"""

from __future__ import annotations

from pairforge.scenes.spec import Camera, Lidar, Sensor
from pairforge.sensors.gnss import Gnss
from pairforge.sensors.imu import Imu

_LIDAR_X_M, _LIDAR_Y_M = 0.86, -0.32


def _camera(name: str, left_m: float) -> Camera:
    return Camera(
        name=name,
        position_m=(_LIDAR_X_M + 0.27, _LIDAR_Y_M + left_m, 1.65),
        fov_deg=81.4,
        width_px=1242,
        height_px=375,
        rate_hz=10.0,
    )


SENSORS: tuple[Sensor, ...] = (
    _camera("image_0", 0.0),
    _camera("image_1", -0.54),
    _camera("image_2", 0.06),
    _camera("image_3", -0.48),
    Lidar.like("velodyne_hdl_64e", name="velodyne", position_m=(_LIDAR_X_M, _LIDAR_Y_M, 1.73)),
    Imu(name="oxts_imu", position_m=(0.05, 0.0, 0.93), rate_hz=100.0),
    Gnss(name="oxts_gnss", position_m=(0.05, 0.0, 1.6), mode="rtk", rate_hz=10.0),
)
