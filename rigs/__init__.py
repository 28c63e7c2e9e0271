"""Whole sets of sensors by name: ``Scene(sensors=rig("nuscenes", mount="ego"))``.

A rig is a list of ordinary sensors with fixed names, so all that holds for a sensor holds for those of a rig: further
sensors beside them, ``replace``, ``do`` on their draws. Each file of this folder is one rig.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

from pairforge.errors import SpecError, did_you_mean
from pairforge.registry import Registry
from pairforge.scenes.spec import Camera, Sensor

RIGS = Registry(
    "rig",
    {
        "handheld": "pairforge.rigs.handheld:SENSORS",
        "kitti": "pairforge.rigs.kitti:SENSORS",
        "nuscenes": "pairforge.rigs.nuscenes:SENSORS",
        "robot_arm": "pairforge.rigs.robot_arm:SENSORS",
        "waymo_like": "pairforge.rigs.waymo_like:SENSORS",
    },
)


def rig(
    name: str,
    *,
    mount: str | None,
    scale: float = 1.0,
    only: Sequence[str] = (),
    leave_out: Sequence[str] = (),
    **changed: Any,
) -> list[Sensor]:
    """The sensors of a rig, carried by ``mount`` or by its parts.

    ``only`` and ``leave_out`` take names or kinds of sensors ("CAM_FRONT", "radar"). ``scale`` makes pictures smaller
    or larger without a change of what they show. Any other field is changed in every sensor that has it:
    ``sweeps=True``, ``dropout=0.0``. Raises SpecError, with a suggestion, for what the rig does not have.
    """
    sensors: tuple[Sensor, ...] = RIGS.load(name)
    known = sorted({s.name for s in sensors} | {s.KIND for s in sensors})
    for word in (*only, *leave_out):
        if word not in known:
            raise SpecError(f'rig "{name}" has no "{word}". {did_you_mean(word, known)}')
    chosen = [s for s in sensors if not only or {s.name, s.KIND} & set(only)]
    chosen = [s for s in chosen if not {s.name, s.KIND} & set(leave_out)]
    have = sorted({f.name for s in chosen for f in fields(s)})
    for field in changed:
        if field not in have:
            raise SpecError(f'no sensor of rig "{name}" has "{field}". {did_you_mean(field, have)}')
    return [_carried(s, mount, scale, changed) for s in chosen]


def _carried(sensor: Sensor, mount: str | None, scale: float, changed: dict[str, Any]) -> Sensor:
    own = {f.name for f in fields(sensor)}
    sized = _resized(sensor, scale) if isinstance(sensor, Camera) else sensor
    on = mount if sensor.mount is None else f"{mount or ''}{sensor.mount}"
    return replace(sized, mount=on, **{key: value for key, value in changed.items() if key in own})


def _resized(camera: Camera, scale: float) -> Camera:
    width_px, height_px = (max(1, round(n * scale)) for n in (camera.width_px, camera.height_px))
    if min(width_px, height_px) < 8 or scale <= 0:
        raise SpecError(f"scale {scale:g} leaves {width_px} x {height_px} pixels of {camera.name}; raise it")
    return replace(camera, width_px=width_px, height_px=height_px)
