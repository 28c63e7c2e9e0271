"""Named points of people and vehicles in the image, with whether each is seen."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pairforge.arrays import ArraySpec
from pairforge.scenes.keypoints import MOST, SKELETONS, skeleton_of
from pairforge.sensors.camera_labels.protocol import Arrays, CameraLabel

if TYPE_CHECKING:
    from pairforge.sensors.camera_labels.shot import Shot

OUTSIDE, HIDDEN, SEEN = 0, 1, 2
"""COCO's visibility: not labelled or outside the image, labelled but hidden, labelled and seen."""

_ARRAYS = (
    ArraySpec(
        "keypoints_instance",
        "npy",
        "uint16",
        ("K",),
        "id",
        "image",
        "instances with a 2D box that have keypoints",
        optional=True,
    ),
    ArraySpec(
        "keypoints_kind",
        "npy",
        "uint8",
        ("K",),
        "id",
        "image",
        "index in scenes/keypoints.py SKELETONS: 0 person (COCO's 17), 1 vehicle",
        optional=True,
    ),
    ArraySpec(
        "keypoints",
        "npy",
        "float32",
        ("K", MOST, 3),
        "px, px, id",
        "image",
        "u, v and visibility 0 none, 1 hidden, 2 seen, in the skeleton's order; 0 past its end",
        optional=True,
    ),
    ArraySpec(
        "keypoints_xyz",
        "npy",
        "float32",
        ("K", MOST, 3),
        "m",
        "camera",
        "the same points; nan: not labelled",
        optional=True,
    ),
)


def make(shot: Shot) -> Arrays:
    """Of each instance that has a 2D box and keypoints: those of its skeleton, in its order.

    A keypoint is seen when the ray to it first meets its own instance no more than its ``depth_m`` before it, or
    meets nothing before it; it is hidden when something else, or another side of its own body, stands before it.
    Outside the image, and where a shape lacks it, it is (0, 0, 0).
    """
    from pairforge.sensors.camera_labels.motion import inside, sight  # as in flows

    owners = [shot.world.instance(b.instance_id) for b in shot.frame.boxes]
    owners = [i for i in owners if i.shape.keypoints]
    rows, columns, parts, local, depth, own, kinds = [], [], [], [], [], [], []
    for row, instance in enumerate(owners):
        skeleton = skeleton_of(frozenset(p.name for p in instance.shape.keypoints))
        kinds.append(SKELETONS.index(skeleton))
        ids = dict(zip((p.name for p in instance.shape.parts), instance.part_ids, strict=True))
        for point in instance.shape.keypoints:
            rows.append(row)
            columns.append(skeleton.keypoints.index(point.name))
            parts.append(ids[point.part])
            local.append(point.at_m)
            depth.append(point.depth_m)
            own.append(instance.instance_id)
    seen = sight(shot.at, np.array(parts, int), np.array(local).reshape(-1, 3), shot.frame.time_ns)
    clear = (seen.gap_m <= 0) | ((seen.instance == np.array(own)) & (seen.gap_m <= np.array(depth)))
    within = inside(shot.frame.intrinsics, seen.uv)
    image, xyz = (
        np.zeros((len(owners), MOST, 3), np.float32),
        np.full((len(owners), MOST, 3), np.nan, np.float32),
    )
    state = np.where(within, np.where(clear, SEEN, HIDDEN), OUTSIDE)
    image[rows, columns] = np.where(within[:, None], np.column_stack([seen.uv, state]), 0.0)
    xyz[rows, columns] = seen.xyz
    return {
        "keypoints_instance": np.array([i.instance_id for i in owners], dtype=np.uint16),
        "keypoints_kind": np.array(kinds, dtype=np.uint8),
        "keypoints": image,
        "keypoints_xyz": xyz,
    }


KEYPOINTS = CameraLabel(
    "keypoints", "joints of people, wheels and lamps of vehicles, seen or not", _ARRAYS, make
)
