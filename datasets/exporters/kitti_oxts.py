"""One packet of KITTI's OXTS unit: thirty numbers a frame, from the inertial unit, the receiver and the tracks.

What a navigation unit gives is a filter's answer. Here position, attitude and velocity are the true ones of the
inertial unit, or (``oxts=measured``) position and velocity those of the last satellite fix; accelerations and turn
rates are always as measured, accuracies the receiver's own. Fields after ``oxts/dataformat.txt`` of the raw data.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, cast

import numpy as np

from pairforge.datasets.exporters.kitti_rig import KittiRig
from pairforge.frames import F64, Pose
from pairforge.sample import Keyframe, Reading
from pairforge.scenes.place import Place
from pairforge.sensors.geodesy import LocalFrame

EARTH_RADIUS_M = 6378137.0
"""Of the sphere on which the raw data's development kit lays its Mercator map."""
FORMAT = """lat: latitude of the oxts-unit (deg)
lon: longitude of the oxts-unit (deg)
alt: altitude of the oxts-unit (m)
roll: roll angle (rad), 0 = level, positive = left side up
pitch: pitch angle (rad), 0 = level, positive = front down
yaw: heading (rad), 0 = east, positive = counter clockwise
vn: velocity towards north (m/s)
ve: velocity towards east (m/s)
vf: forward velocity, parallel to the earth's surface (m/s)
vl: leftward velocity, parallel to the earth's surface (m/s)
vu: upward velocity (m/s)
ax: acceleration along the unit's x axis, forwards (m/s^2)
ay: acceleration along its y axis, to the left (m/s^2)
az: acceleration along its z axis, upwards (m/s^2)
af: forward acceleration, parallel to the earth's surface (m/s^2)
al: leftward acceleration, parallel to the earth's surface (m/s^2)
au: upward acceleration (m/s^2)
wx: turn rate about the unit's x axis (rad/s)
wy: turn rate about its y axis (rad/s)
wz: turn rate about its z axis (rad/s)
wf: turn rate about the forward direction (rad/s)
wl: turn rate about the leftward direction (rad/s)
wu: turn rate about the upward direction (rad/s)
pos_accuracy: accuracy of position (m)
vel_accuracy: accuracy of velocity (m/s)
navstat: navigation status (4 = locked)
numsats: satellites used
posmode: how the position was found (0 = none, 3 = single, 6 = RTK with whole ambiguities)
velmode: how the velocity was found (the same)
orimode: how the heading was found (the same)
"""
_LOCKED = 4
_MODES = {0: 0, 1: 3, 2: 6}  # our fix: none, single, RTK


@dataclass(frozen=True)
class Earth:
    """How metres become degrees. ``mercator``: so that the development kit's projection, whose scale is the cosine of
    the drive's first latitude, gives the same metres again, on its sphere; else by WGS 84's ellipsoid."""

    place: Place
    mercator: bool
    origin_lat_deg: float

    def geodetic(self, enu: F64) -> tuple[float, float, float]:
        """Latitude and longitude in degrees and altitude of a point (3,) east, north, up of the place."""
        if not self.mercator:
            lat, lon, alt = LocalFrame(self.place).geodetic(enu)
            return float(lat), float(lon), float(alt)
        east, north, up = (float(v) for v in enu)
        scale = float(np.cos(np.radians(self.origin_lat_deg))) * EARTH_RADIUS_M
        base = np.log(np.tan(np.radians(90.0 + self.place.latitude_deg) / 2.0))
        lat = 2.0 * np.degrees(np.arctan(np.exp(base + north / scale))) - 90.0
        return (
            float(lat),
            self.place.longitude_deg + float(np.degrees(east / scale)),
            self.place.altitude_m + up,
        )


class Unit:
    """The unit of one drive, asked frame by frame from the first on."""

    def __init__(self, rig: KittiRig, place: dict[str, Any], earth: str, oxts: str) -> None:
        self._rig, self._place = rig, Place(**place)
        self._mercator, self._measured = earth == "mercator", oxts == "measured"
        self._earth: Earth | None = None

    @property
    def aboard(self) -> bool:
        """Whether the rig has an inertial unit and a receiver."""
        return self._rig.inertial is not None and self._rig.satellite is not None

    def packet(self, frame: Keyframe) -> str:
        """The line of a keyframe."""
        imu, gnss = _reading(frame, self._rig.inertial), _reading(frame, self._rig.satellite)
        local = LocalFrame(self._place)
        enu_from_imu = local.enu_from_world @ imu.world_from_sensor.rotation
        position = local.enu(imu.world_from_sensor.position_m)
        self._earth = self._earth or earth_of(self._place, self._mercator, position)
        velocity = local.enu(_last(imu, "velocity_mps"))
        fixed = len(gnss.arrays["fix"]) > 0 and int(gnss.arrays["fix"][-1]) > 0
        if self._measured and fixed:
            position = _last(gnss, "enu_m") - enu_from_imu @ _lever(self._rig)
            velocity = _last(gnss, "velocity_enu_mps")
        motion = _motion(
            enu_from_imu, velocity, _last(imu, "specific_force_mps2"), _last(imu, "turn_rate_radps")
        )
        sigmas = [_sigma(gnss, "covariance_m2"), _sigma(gnss, "velocity_covariance")]
        exact = [*self._earth.geodetic(position), *motion, *sigmas]
        return " ".join([*(f"{v:.15g}" for v in exact), *(str(n) for n in _status(gnss, fixed))]) + "\n"


def earth_of(place: Place, mercator: bool, first_enu: F64) -> Earth:
    """For a drive that begins at a point (3,). The map's scale is taken at that point's own latitude, which depends
    on the scale: a few rounds settle it."""
    earth = Earth(place, mercator, place.latitude_deg)
    for _ in range(8 if mercator else 0):
        earth = Earth(place, mercator, earth.geodetic(first_enu)[0])
    return earth


def _motion(enu_from_imu: F64, velocity: F64, force: F64, turn: F64) -> list[float]:
    """The twenty fields from roll to wu: ``velocity`` east, north, up; ``force`` and ``turn`` in the unit's axes."""
    roll, pitch, yaw = _angles(enu_from_imu)
    level_from_imu = _about_z(-yaw) @ enu_from_imu
    values: list[Any] = [
        [roll, pitch, yaw, velocity[1], velocity[0]],
        _about_z(-yaw) @ velocity,
        force,
        level_from_imu @ force,
        turn,
        level_from_imu @ turn,
    ]
    return [float(v) for row in values for v in row]


def _reading(frame: Keyframe, row: dict[str, Any] | None) -> Reading:
    assert row is not None  # check() has seen to it
    return frame.readings[row["sensor"]]


def _lever(rig: KittiRig) -> F64:
    """The antenna (3,) in the inertial unit's axes."""
    assert rig.inertial is not None
    assert rig.satellite is not None
    mount_from_imu = Pose.of(rig.inertial["position_m"], rig.inertial["quaternion_wxyz"])
    return mount_from_imu.inverse.points(rig.satellite["position_m"])


def _last(reading: Reading, array: str) -> F64:
    """Its last sample; zeros before the first."""
    values = reading.arrays[array]
    return np.asarray(values[-1] if len(values) else np.zeros(3), dtype=np.float64)


def _sigma(gnss: Reading, array: str) -> float:
    """The larger horizontal deviation; a metre stands for what is not known."""
    values = gnss.arrays[array]
    worst = float(np.sqrt(max(values[-1][0, 0], values[-1][1, 1]))) if len(values) else np.nan
    return worst if np.isfinite(worst) else 1.0


def _status(gnss: Reading, fixed: bool) -> tuple[int, int, int, int, int]:
    mode = _MODES[int(gnss.arrays["fix"][-1])] if fixed else 0
    used = int(gnss.arrays["satellites"][-1]) if len(gnss.arrays["satellites"]) else 0
    return _LOCKED, used, mode, mode, mode


def _angles(rotation: F64) -> tuple[float, float, float]:
    """Roll, pitch and yaw of Rz(yaw) Ry(pitch) Rx(roll)."""
    return (
        float(np.arctan2(rotation[2, 1], rotation[2, 2])),
        float(-np.arcsin(np.clip(rotation[2, 0], -1.0, 1.0))),
        float(np.arctan2(rotation[1, 0], rotation[0, 0])),
    )


def _about_z(angle: float) -> F64:
    c, s = np.cos(angle), np.sin(angle)
    return cast(F64, np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]]))
