"""A keyframe in memory as a sample: what was augmented goes the way of what is loaded."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from typing import Any, TypeVar

import numpy as np

from pairforge.datasets.shard_arrays import arrays_of
from pairforge.learning.sample import Boxes2D, Boxes3D, Sample, View
from pairforge.learning.selection import Selection
from pairforge.sample import CameraFrame, Keyframe, LidarFrame, Reading, SceneRecord
from pairforge.scenes.taxonomy import BY_NAME

Frame = CameraFrame | LidarFrame | Reading
T = TypeVar("T", Boxes2D, Boxes3D)


def sample_of(
    frame: Keyframe, record: SceneRecord, select: Selection | None = None, text: str = ""
) -> Sample:
    """The selected part of a keyframe of a scene, as ``KeyframeDataset`` gives it with ``numpy=True``.

    Arrays are the keyframe's own, not copies. ``text`` is taken as it is.
    """
    select = select or Selection()
    classes = classes_of(record)
    held: dict[str, Frame] = {}
    for part in (frame.cameras, frame.lidars, frame.readings):
        held |= {n: part[n] for n in sorted(part) if select.sensors is None or n in select.sensors}
    said = [c for c in frame.captions if _told(c.kind, c.language, c.sensor, select)]
    return Sample(
        key=frame.key,
        scene_index=frame.scene_index,
        frame_index=frame.frame_index,
        time_ns=frame.time_ns,
        views={n: view_of(v, _names(v, select), classes, select.boxes2d) for n, v in held.items()},
        sweeps={
            name: tuple(view_of(v, _names(v, select), classes, False) for v in frame.sweeps[name])
            for name in held
            if select.sweeps and name in frame.sweeps
        },
        boxes=columns(Boxes3D, frame.boxes, classes) if select.boxes3d else None,
        captions=tuple(said) if select.captions else (),
        facts=frame.facts if select.facts else (),
        text=text,
    )


def _names(frame: Frame, select: Selection) -> list[str]:
    return [spec.name for spec in select.specs(frame.sensor, _kind(frame))]


def _told(kind: str, language: str, sensor: str, select: Selection) -> bool:
    wanted = ((kind, select.kinds), (language, select.languages))
    about = select.sensors is None or sensor in (*select.sensors, "")
    return about and all(names is None or value in names for value, names in wanted)


def view_of(frame: Frame, names: Iterable[str], classes: Mapping[int, int], boxes: bool) -> View:
    """The arrays of these names that a sensor's frame holds, with its ``boxes`` if it is a camera's and they are
    asked for. ``classes``: see ``classes_of``."""
    kind = _kind(frame)
    held = _arrays(frame, kind)
    arrays = {name: held[name] for name in names if name in held}
    if isinstance(frame, CameraFrame):
        pose, following = frame.world_from_camera, frame.world_from_camera_next
        own = columns(Boxes2D, frame.boxes, classes) if boxes else None
        return View(
            frame.sensor, kind, frame.time_ns, pose.position_m, pose.quaternion_wxyz, arrays, frame.intrinsics,
            frame.flow_dt_ns, following.position_m, following.quaternion_wxyz, own,
        )  # fmt: skip
    pose = frame.world_from_lidar if isinstance(frame, LidarFrame) else frame.world_from_sensor
    return View(frame.sensor, kind, frame.time_ns, pose.position_m, pose.quaternion_wxyz, arrays)


def classes_of(record: SceneRecord) -> dict[int, int]:
    """Instance id -> class id."""
    return {i.instance_id: BY_NAME[i.semantic].semantic_id for i in record.instances}


def _kind(frame: Frame) -> str:
    return (
        frame.kind if isinstance(frame, Reading) else "camera" if isinstance(frame, CameraFrame) else "lidar"
    )


def _arrays(view: Frame, kind: str) -> dict[str, Any]:
    if isinstance(view, Reading):
        return dict(view.arrays)
    return {s.name: getattr(view, s.name) for s in arrays_of(kind) if not s.optional} | dict(view.extra)


def columns(kind: type[T], boxes: Sequence[Any], classes: Mapping[int, int]) -> T:
    """Boxes of a keyframe as ``Boxes2D`` or ``Boxes3D``. ``classes``: see ``classes_of``."""
    found = {}
    for f in fields(kind):
        values = [classes[b.instance_id] if f.name == "class_id" else getattr(b, f.name) for b in boxes]
        wide = _WIDTHS.get(f.name, 0)
        whole = f.name in ("instance_id", "class_id", "visible_px", "solo_px", "lidar_points")
        array = np.array(values, np.int64 if whole else np.float64)
        found[f.name] = array.reshape(-1, wide) if wide else array
    return kind(**found)


_WIDTHS = {
    "visible_box": 4, "full_box": 4, "quaternion_wxyz": 4,
    "centre_m": 3, "size_m": 3, "velocity_mps": 3, "acceleration_mps2": 3,
}  # fmt: skip
