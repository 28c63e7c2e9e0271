"""Boxes as KITTI's lines of labels: rectified camera 0, bottom centres, angles about its y axis, pixels from 0.

Classes, fields and levels after the development kits' readmes of the object and the tracking benchmark (A. Geiger et
al., CVPR 2012). Where those leave a number open, it is a constant here.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

import numpy as np

from pairforge.datasets.exporters.kitti_rig import HALF_PX, LABELLED, KittiRig
from pairforge.frames import F64, Intrinsics, Pose
from pairforge.sample import Box2D, Box3D, Keyframe, SceneRecord

KINDS: Mapping[str, str] = {
    "car": "Car",
    "van": "Van",
    "truck": "Truck",
    "bus": "Misc",
    "bicycle": "Misc",
    "animal": "Misc",
    "cyclist": "Cyclist",
    "pedestrian": "Pedestrian",
}
"""Class -> type. KITTI has a tram and no bus: a bus is Misc."""

OCCLUSIONS = (0.1, 0.5, 0.8)
"""Share of a thing's pixels that others hide from which it is partly (1), largely (2) and nearly all (3, KITTI's
unknown, which its evaluation passes over) occluded."""
TRUNCATIONS = (0.15, 0.5)
"""Share outside the picture from which the tracking benchmark's truncation is 1 and 2."""
LEAST_HEIGHT_PX = 25.0
"""What is lower than the evaluation's least height and sent no light back to the LiDAR is a region not to care
about."""


@dataclass(frozen=True)
class Label:
    """One line; of a region not to care about, ``box`` alone counts.

    ``truncation``: share outside the picture; ``box``: left, top, right, bottom within the picture;
    ``size_m``: height, width, length; ``bottom_m``: bottom centre in rectified camera 0."""

    instance_id: int
    kind: str
    truncation: float
    occlusion: int
    box: tuple[float, float, float, float]
    alpha: float = 0.0
    size_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    bottom_m: tuple[float, float, float] = (0.0, 0.0, 0.0)
    rotation_y: float = 0.0


def labels(frame: Keyframe, record: SceneRecord, rig: KittiRig, others: str) -> list[Label]:
    """What the labelled camera sees of the classes that KITTI names, and of ``others`` too unless that is ""."""
    camera = frame.cameras[rig.cameras[LABELLED].sensor]
    rect_from_world = frame.cameras[rig.cameras[rig.reference].sensor].world_from_camera.inverse
    seen = {b.instance_id: b for b in camera.boxes if b.visible_px > 0}
    found = []
    for box in frame.boxes:
        kind = kind_of(record, box.instance_id, others)
        if kind and box.instance_id in seen:
            found.append(_label(kind, seen[box.instance_id], box, rect_from_world, camera.intrinsics))
    return sorted(found, key=lambda label: (label.kind == "DontCare", label.instance_id))


def kind_of(record: SceneRecord, instance_id: int, others: str) -> str:
    """KITTI's type of an instance; ``others`` for a class that it has none for."""
    return KINDS.get(record.instance(instance_id).semantic, others)


def rotation_y(rect_from_box: Pose) -> float:
    """The angle about the camera's y axis (down) from its x axis to the box's, seen from above."""
    x, _, z = rect_from_box.rotation[:, 0]
    return float(np.arctan2(-z, x))


def bottom(pose: Pose, height_m: float, down: F64) -> F64:
    """Where readers take half the height off again to get the centre: along the frame's own ``down``."""
    return pose.position_m + np.asarray(down) * (height_m / 2.0)


def wrapped(angle: float) -> float:
    """Within -pi to pi."""
    return float(np.arctan2(np.sin(angle), np.cos(angle)))


def object_line(label: Label) -> str:
    """A line of label_2/NNNNNN.txt: fifteen fields."""
    return f"{label.kind} {_truncation(label)} {_end(label)}"


def tracking_line(frame_index: int, label: Label) -> str:
    """A line of label_02/NNNN.txt: frame and track before, truncation as a level."""
    cared = label.kind != "DontCare"
    level = sum(label.truncation >= least for least in TRUNCATIONS) if cared else -1
    return f"{frame_index} {label.instance_id if cared else -1} {label.kind} {level} {_end(label)}"


def occlusion_level(share: float) -> int:
    """0 to 3."""
    return sum(share >= least for least in OCCLUSIONS)


def _label(kind: str, seen: Box2D, box: Box3D, rect_from_world: Pose, lens: Intrinsics) -> Label:
    left, top, right, low = _picture_box(seen, lens)
    if box.lidar_points == 0 and low - top < LEAST_HEIGHT_PX:
        return Label(box.instance_id, "DontCare", -1.0, -1, (left, top, right, low))
    pose = rect_from_world @ Pose.of(box.centre_m, box.quaternion_wxyz)
    length_m, width_m, height_m = box.size_m
    place = bottom(pose, height_m, np.array([0.0, 1.0, 0.0]))
    turn = rotation_y(pose)
    return Label(
        instance_id=box.instance_id,
        kind=kind,
        truncation=seen.truncation,
        occlusion=occlusion_level(seen.occlusion),
        box=(left, top, right, low),
        alpha=wrapped(turn - float(np.arctan2(place[0], place[2]))),
        size_m=(height_m, width_m, length_m),
        bottom_m=(float(place[0]), float(place[1]), float(place[2])),
        rotation_y=turn,
    )


def _picture_box(seen: Box2D, lens: Intrinsics) -> tuple[float, float, float, float]:
    """The whole thing's outline, hidden parts too, cut off where the picture ends."""
    edges = np.asarray(seen.full_box) - HALF_PX
    x0, x1 = np.clip(edges[[0, 2]], 0.0, lens.width_px - 1)
    y0, y1 = np.clip(edges[[1, 3]], 0.0, lens.height_px - 1)
    return float(x0), float(y0), float(x1), float(y1)


def _truncation(label: Label) -> str:
    return "-1" if label.kind == "DontCare" else f"{label.truncation:.2f}"


def _end(label: Label) -> str:
    return " ".join(_fields(label))


def _fields(label: Label) -> Iterator[str]:
    if label.kind == "DontCare":
        yield from ("-1", "-10", *(f"{v:.2f}" for v in label.box), "-1 -1 -1 -1000 -1000 -1000 -10")
        return
    yield str(label.occlusion)
    yield f"{label.alpha:.6f}"
    yield from (f"{v:.2f}" for v in label.box)
    yield from (f"{v:.6f}" for v in (*label.size_m, *label.bottom_m))
    yield f"{label.rotation_y:.6f}"
