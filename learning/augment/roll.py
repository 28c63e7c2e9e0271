"""A camera rolled about its optical axis, and what then still is in the picture."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
from PIL import Image
from scipy.spatial.transform import Rotation

from pairforge.errors import SpecError
from pairforge.frames import F64, Intrinsics, Pose, wxyz
from pairforge.learning.augment.clip import AugmentError, Clip, with_sensors
from pairforge.learning.augment.labels import only_labels_held
from pairforge.learning.augment.protocol import Transform, to_json
from pairforge.learning.augment.resample import resampled
from pairforge.sample import CameraFrame, SceneRecord
from pairforge.seeding import Stream

MOST_DEG = 20.0
"""Further over, the words are no more those of a speaker: what is below a thing in the picture is not under it."""


@dataclass(frozen=True)
class Roll:
    """Of each camera named, degrees by which it is turned clockwise as seen from behind it; its picture then
    turns the
    other way. The new picture is the largest of the old one's shape that has no empty corner."""

    degrees: Mapping[str, float] = field(default_factory=dict)

    NAME: ClassVar[str] = "roll"

    def __call__(self, clip: Clip) -> Clip:
        for f in clip.frames:
            for name, turn in self.degrees.items():
                _check(clip.record, name, turn, f.cameras.get(name))
        record = with_sensors(clip.record, self._sensor)
        frames = clip.cameras(lambda c: self._camera(record, c))
        return clip.after(to_json(self), only_labels_held(record, frames[0].cameras), frames)

    def _camera(self, record: SceneRecord, c: CameraFrame) -> CameraFrame:
        if c.sensor not in self.degrees:
            return c
        degrees = self.degrees[c.sensor]
        k, own = rolled(c.intrinsics, degrees), _about(degrees)
        new = replace(
            c,
            world_from_camera=c.world_from_camera @ own,
            world_from_camera_next=c.world_from_camera_next @ own,
        )
        return resampled(record, new, k, own.rotation, _picture(c, k, degrees), None)

    def _sensor(self, sensor: dict[str, Any]) -> dict[str, Any]:
        if sensor["name"] in self.degrees:
            degrees, s = self.degrees[sensor["name"]], sensor["settings"]
            old = Intrinsics(s["width_px"], s["height_px"], s["fx"], s["fy"], s["cx"], s["cy"])
            k = rolled(old, degrees)
            s |= {"width_px": k.width_px, "height_px": k.height_px, "cx": k.cx, "cy": k.cy}
            pose = Pose.of(sensor["position_m"], sensor["quaternion_wxyz"]) @ _about(degrees)
            sensor["quaternion_wxyz"] = [float(q) for q in pose.quaternion_wxyz]
        return sensor


@dataclass(frozen=True)
class RandomRoll:
    """Every pinhole by degrees of its own, drawn from -most to most."""

    most_deg: float = 8.0

    def draw(self, clip: Clip, stream: Stream) -> Transform | None:
        turns = {}
        for name, camera in sorted(clip.frames[0].cameras.items()):
            if not _reason(clip.record, camera):
                turns[name] = float((stream / name).rng().uniform(-self.most_deg, self.most_deg))
        return Roll(turns) if turns else None


def rolled(k: Intrinsics, degrees: float) -> Intrinsics:
    """The largest picture of the same shape within the turned one, about the same middle."""
    c, s = math.cos(math.radians(degrees)), abs(math.sin(math.radians(degrees)))
    w, h = k.width_px, k.height_px
    share = min(w / (w * c + h * s), h / (w * s + h * c))
    width, height = max(math.floor(w * share), 1), max(math.floor(h * share), 1)
    off = _flat(degrees).T @ np.array([k.cx - w / 2, k.cy - h / 2])
    return replace(
        k, width_px=width, height_px=height, cx=float(width / 2 + off[0]), cy=float(height / 2 + off[1])
    )


def _flat(degrees: float) -> F64:
    """(2, 2): old pixels from new ones, about the middle."""
    c, s = math.cos(math.radians(degrees)), math.sin(math.radians(degrees))
    return np.array([[c, -s], [s, c]])


def _about(degrees: float) -> Pose:
    """Old camera axes from new ones."""
    return Pose(np.zeros(3), wxyz(Rotation.from_rotvec([0.0, 0.0, math.radians(degrees)])))


def _picture(c: CameraFrame, k: Intrinsics, degrees: float) -> Image.Image:
    a, old = _flat(degrees), c.intrinsics
    middle, off = np.array([old.width_px / 2, old.height_px / 2]), a @ [k.width_px / 2, k.height_px / 2]
    x, y = (float(v) for v in middle - off)
    data = (float(a[0, 0]), float(a[0, 1]), x, float(a[1, 0]), float(a[1, 1]), y)
    size = (k.width_px, k.height_px)
    return Image.fromarray(c.rgb).transform(size, Image.Transform.AFFINE, data, Image.Resampling.BICUBIC)


def _check(record: SceneRecord, name: str, degrees: float, camera: CameraFrame | None) -> None:
    if camera is None:
        raise SpecError(f'roll: the clip has no camera "{name}"')
    if not abs(degrees) <= MOST_DEG:
        raise AugmentError(
            f"roll: {degrees:g} degrees; beyond {MOST_DEG:g} what is below a thing in the picture is not "
            f"under it, and "
            "its caption would mislead"
        )
    if reason := _reason(record, camera):
        raise AugmentError(f"roll: {name} {reason}")


def _reason(record: SceneRecord, camera: CameraFrame) -> str:
    """Why a camera cannot be rolled; "" when it can."""
    k = camera.intrinsics
    sensors = record.concrete.get("sensors", ())
    settings: dict[str, Any] = next((s["settings"] for s in sensors if s["name"] == camera.sensor), {})
    if not k.is_pinhole or abs(k.fx - k.fy) > 1e-9 * k.fx:
        return "is no pinhole with square pixels"
    if settings.get("stereo"):
        return "is one eye of a rectified pair"
    rows = float(settings.get("shutter", {}).get("readout_s", 0.0))
    return "exposes its rows one after another" if rows > 0.0 else ""
