"""Readings in a mapped world: which kinds can be carried, and how. There is no sound in pairforge; what has a
left and
a right here are wheels, bumpers' sensors and inertial axes."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TYPE_CHECKING, Any

import numpy as np
from numpy.typing import NDArray

from pairforge.sample import Reading

if TYPE_CHECKING:
    from pairforge.learning.augment.world_map import WorldMap

Arrays = Mapping[str, NDArray[Any]]


def held(frame: Any, how: WorldMap) -> bool:
    """Whether a sensor's frame can be carried: any camera and LiDAR; the readings of CARRIED where nothing is scaled,
    since gravity and the strength of an echo know their scale."""
    return not isinstance(frame, Reading) or (frame.kind in CARRIED and how.scale == 1.0)


def mapped(reading: Reading, how: WorldMap) -> Reading:
    """A reading that ``held`` lets pass."""
    arrays = CARRIED[reading.kind](reading.arrays, how)
    pose = how.pose(reading.world_from_sensor)
    return replace(
        reading, sensor=how.name(reading.sensor), world_from_sensor=pose, arrays={**reading.arrays, **arrays}
    )


def _imu(a: Arrays, how: WorldMap) -> Arrays:
    """Forces are mirrored in y; turn rates, being axial vectors, in x and z."""
    polar = np.array([1.0, -1.0 if how.mirror else 1.0, 1.0])
    axial = polar * (-1.0 if how.mirror else 1.0)
    forces = ("specific_force_mps2", "true_specific_force_mps2", "accelerometer_bias_mps2")
    rates = ("turn_rate_radps", "true_turn_rate_radps", "gyro_bias_radps")
    return {
        **{n: a[n] * polar for n in forces},
        **{n: a[n] * axial for n in rates},
        "position_m": how.points(a["position_m"]),
        "quaternion_wxyz": how.turns(a["quaternion_wxyz"]),
        "velocity_mps": how.points(a["velocity_mps"]),
    }


def _ultrasonic(a: Arrays, how: WorldMap) -> Arrays:
    """The sensor's own name and mount say on which side it is; what it hears is told in its mirrored axes."""
    return {"true_position_m": how.local(a["true_position_m"]).astype(np.float32)}


def _wheel_odometry(a: Arrays, how: WorldMap) -> Arrays:
    """Each column goes to the wheel on the other side, and steering and yaw change their signs."""
    if not how.mirror:
        return {"path": _path(a["path"], how)}
    centre = how.local(a["wheel_centre_m"])
    away = np.linalg.norm(centre[:, None] - np.asarray(a["wheel_centre_m"])[None], axis=-1)
    order = np.argmin(away, axis=0)
    by_wheel = ("ticks", "wheel_speed_radps", "true_wheel_speed_radps", "ground_speed_mps", "slip")
    of_wheel = ("wheel_part", "wheel_radius_m", "believed_radius_m", "steered")
    return {
        **{n: a[n][:, order] for n in by_wheel},
        **{n: a[n][order] for n in of_wheel},
        "wheel_centre_m": centre[order],
        "steering_rad": -a["steering_rad"],
        "true_steering_rad": -a["true_steering_rad"],
        "path": _path(a["path"], how),
    }


def _path(path: NDArray[Any], how: WorldMap) -> NDArray[np.float64]:
    """(N, 3) x, y and yaw in the world."""
    flat = how.points(np.column_stack([path[:, :2], np.zeros(len(path))]))[:, :2]
    yaw = (-path[:, 2] if how.mirror else path[:, 2]) + how.yaw
    return np.column_stack([flat, yaw])


_AXES = ((0, 1), (0, 2), (1, 0), (1, 2), (2, 0), (2, 1))
_POLAR, _AXIAL = (1.0, -1.0, 1.0), (-1.0, 1.0, -1.0)


def mirrored_errors(settings: dict[str, Any]) -> None:
    """Turns over, in a sensor's settings, the constants of its errors that know left from right."""
    for name in ("gyro_axis_error", "accelerometer_axis_error"):
        if name in settings:
            signs = (_POLAR[i] * _POLAR[j] for i, j in _AXES)
            settings[name] = [e * s for e, s in zip(settings[name], signs, strict=True)]
    if "gyro_g_error_deg_s_g" in settings:
        signs = (a * p for a in _AXIAL for p in _POLAR)
        error = settings["gyro_g_error_deg_s_g"]
        settings["gyro_g_error_deg_s_g"] = [e * s for e, s in zip(error, signs, strict=True)]
    for name, axes in (("gyro_bias_deg_s", _AXIAL), ("accelerometer_bias_mps2", _POLAR)):
        if name in settings:
            settings[name] = [e * s for e, s in zip(settings[name], axes, strict=True)]
    if "steering_error_deg" in settings:
        settings["steering_error_deg"] = -settings["steering_error_deg"]


CARRIED: Mapping[str, Callable[[Arrays, WorldMap], Arrays]] = {
    "imu": _imu,
    "ultrasonic": _ultrasonic,
    "wheel_odometry": _wheel_odometry,
}
