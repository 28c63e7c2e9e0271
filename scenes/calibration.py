"""What is told of a sensor's calibration, and how far that is from the truth.

Sensing always uses the truth. With an error asked for, the truth stays in the concrete sensor and what is told is the
truth times that error: an extrinsic turn and shift, a focal length, a principal point and a clock a little off.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from typing import TYPE_CHECKING

import numpy as np
from scipy.spatial.transform import Rotation

from pairforge.frames import Intrinsics, Pose, wxyz
from pairforge.scenes.distributions import Value, Vector
from pairforge.scenes.typecheck import Checked

if TYPE_CHECKING:
    from pairforge.scenes.concrete import ConcreteSensor, Json
    from pairforge.scenes.draws import Draws


@dataclass(frozen=True, kw_only=True)
class CalibrationError(Checked):
    """A deliberate error of what is told about a sensor; each field is a draw of its own.

    ``rotation_deg`` about the sensor's own x, y, z (a rotation vector), ``translation_m`` along them;
    ``focal_share`` of the focal lengths and ``principal_px`` of the principal point (cameras); ``time_s`` is added
    to the time stamps told.
    """

    rotation_deg: Value[Vector] = (0.0, 0.0, 0.0)
    translation_m: Value[Vector] = (0.0, 0.0, 0.0)
    focal_share: Value[float] = 0.0
    principal_px: Value[tuple[float, float]] = (0.0, 0.0)
    time_s: Value[float] = 0.0

    def drawn(self, draw: Draws) -> Json:
        """Its values as plain JSON."""
        found: Json = {}
        for f in fields(self):
            value = draw(f.name, getattr(self, f.name))
            found[f.name] = [float(v) for v in value] if isinstance(value, tuple | list) else float(value)
        return found


@dataclass(frozen=True, eq=False)
class Told:
    """The calibration as told: ``mount_from_sensor`` (``world_from_sensor`` without a mount), a camera's intrinsics,
    and how many ns later than the truth its time stamps are said to be."""

    mount_from_sensor: Pose
    intrinsics: Intrinsics | None
    time_ns: int


def told(sensor: ConcreteSensor, intrinsics: Intrinsics | None) -> Told:
    """What is told of a sensor with these true intrinsics (None: no camera); the truth if no error is asked."""
    truth = Pose.of(sensor.position_m, sensor.quaternion_wxyz)
    error = sensor.settings.get("calibration_error")
    if error is None:
        return Told(truth, intrinsics, 0)
    turn = wxyz(Rotation.from_rotvec(np.radians(error["rotation_deg"])))
    if intrinsics is not None:
        share, (du, dv) = 1.0 + error["focal_share"], error["principal_px"]
        intrinsics = replace(
            intrinsics,
            fx=intrinsics.fx * share,
            fy=intrinsics.fy * share,
            cx=intrinsics.cx + du,
            cy=intrinsics.cy + dv,
        )
    off = Pose.of(error["translation_m"], turn)
    return Told(truth @ off, intrinsics, round(error["time_s"] * 1e9))
