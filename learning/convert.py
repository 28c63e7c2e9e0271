"""A keyframe in memory as a sample: what was augmented goes the way of what is loaded."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import fields
from typing import Any

import numpy as np

from pairforge.datasets.schema import arrays_of
from pairforge.learning.sample import Boxes2D, Boxes3D, Sample, View
from pairforge.learning.selection import Selection
from pairforge.sample import CameraFrame, Keyframe, LidarFrame, Reading, SceneRecord
from pairforge.scenes.taxonomy import BY_NAME

Frame = CameraFrame | LidarFrame | Reading


def sample_of(
    frame: Keyframe, record: SceneRecord, select: Selection | None = None, text: str = ""
) -> Sample:
    """The selected part of a keyframe of a scene, as ``KeyframeDataset`` gives it with ``numpy=True``.

    Arrays are the keyframe's own, not copies. ``text`` is taken as it is.
    """
    select = select or Selection()
    classes = {i.instance_id: BY_NAME[i.semantic].semantic_id for i in record.instances}
    held: dict[str, Frame] = {}
    for part in (frame.cameras, frame.lidars, frame.readings):
        held |= {n: part[n] for n in sorted(part) if select.sensors is None or n in select.sensors}
    said = [c for c in frame.captions if _told(c.kind, c.language, c.sensor, select)]
    return Sample(
        key=frame.key,
        scene_index=frame.scene_index,
        frame_index=frame.frame_index,
        time_ns=frame.time_ns,
        views={name: _view(view, select, classes, select.boxes2d) for name, view in held.items()},
        sweeps={
            name: tuple(_view(view, select, classes, False) for view in frame.sweeps[name])
            for name in held
            if select.sweeps and name in frame.sweeps
        },
        boxes=_columns(Boxes3D, frame.boxes, classes) if select.boxes3d else None,
        captions=tuple(said) if select.captions else (),
        facts=frame.facts if select.facts else (),
        text=text,
    )


def _told(kind: str, language: str, sensor: str, select: Selection) -> bool:
    wanted = ((kind, select.kinds), (language, select.languages))
    about = select.sensors is None or sensor in (*select.sensors, "")
    return about and all(names is None or value in names for value, names in wanted)


def _view(view: Frame, select: Selection, classes: Mapping[int, int], boxes: bool) -> View:
    kind = view.kind if isinstance(view, Reading) else "camera" if isinstance(view, CameraFrame) else "lidar"
    held = _arrays(view, kind)
    arrays = {s.name: held[s.name] for s in select.specs(view.sensor, kind) if s.name in held}
    if isinstance(view, CameraFrame):
        pose, following = view.world_from_camera, view.world_from_camera_next
        own = _columns(Boxes2D, view.boxes, classes) if boxes else None
        return View(
            view.sensor, kind, view.time_ns, pose.position_m, pose.quaternion_wxyz, arrays, view.intrinsics,
            view.flow_dt_ns, following.position_m, following.quaternion_wxyz, own,
        )  # fmt: skip
    pose = view.world_from_lidar if isinstance(view, LidarFrame) else view.world_from_sensor
    return View(view.sensor, kind, view.time_ns, pose.position_m, pose.quaternion_wxyz, arrays)


def _arrays(view: Frame, kind: str) -> dict[str, Any]:
    if isinstance(view, Reading):
        return dict(view.arrays)
    return {s.name: getattr(view, s.name) for s in arrays_of(kind) if not s.optional} | dict(view.extra)


def _columns(kind: type[Any], boxes: Sequence[Any], classes: Mapping[int, int]) -> Any:
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
