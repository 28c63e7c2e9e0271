"""How well a sweep lies on a picture, and a box on the returns of its thing: what makes a misfit one."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from shapely import Polygon

from pairforge.frames import F64
from pairforge.sample import Box3D, CameraFrame, LidarFrame

WITHIN = 0.04
NEAR_M = 0.15
"""A return lies on the picture where its depth is that of the pixel within this share and this much."""
FEWEST, FEWEST_ON = 60, 20
"""Returns in view, and on a thing, below which nothing is said."""
FITS, WORSE_BY = 0.85, 0.04
"""A sweep or box that fits has this share at least; one that does not has less by so much at least."""
IOU = (0.35, 0.8)
"""Of a jittered box with the true one: off, and not by chance alone on something else."""
GROSS = 0.5


def on_picture(camera: CameraFrame, mounted: LidarFrame, sweep: LidarFrame) -> float | None:
    """The share of the surface returns of ``sweep`` that lie on a picture's depth, laid out as the rig is at the
    picture's keyframe (``mounted`` gives its pose then). None where too few are in view."""
    hits = sweep.deskewed[sweep.kind == 0].astype(np.float64)
    seen = camera.world_from_camera.inverse.points(mounted.world_from_lidar.points(hits))
    uv, depth = camera.intrinsics.project(seen), camera.intrinsics.depth_of(seen)
    height, width = camera.depth.shape
    inside = (depth > 0.5) & (uv >= 0).all(axis=1) & (uv[:, 0] < width) & (uv[:, 1] < height)
    if int(inside.sum()) < FEWEST:
        return None
    column, row = uv[inside].astype(int).T
    there = camera.depth[row, column].astype(np.float64)
    finite = np.where(np.isfinite(there), there, 0.0)
    return float((np.abs(depth[inside] - finite) <= WITHIN * finite + NEAR_M).mean())


def box_of(box: Box3D) -> list[float]:
    """Centre, size and yaw: seven numbers in the world's frame."""
    w, x, y, z = box.quaternion_wxyz
    yaw = float(np.arctan2(2 * (w * z + x * y), 1 - 2 * (y * y + z * z)))
    return [*box.centre_m, *box.size_m, yaw]


def in_box(box: Sequence[float], lidar: LidarFrame, instance_id: int) -> tuple[float, int]:
    """The share of a thing's returns that lie in a box (5 cm wider all round), and how many returns it has."""
    own = lidar.deskewed[lidar.touched == instance_id].astype(np.float64)
    if not len(own):
        return 0.0, 0
    off = lidar.world_from_lidar.points(own) - np.asarray(box[:3])
    cos, sin = np.cos(box[6]), np.sin(box[6])
    local = np.stack(
        [cos * off[:, 0] + sin * off[:, 1], cos * off[:, 1] - sin * off[:, 0], off[:, 2]], axis=1
    )
    inside = (np.abs(local) <= np.asarray(box[3:6]) / 2 + 0.05).all(axis=1)
    return float(inside.mean()), len(own)


def overlap(one: Sequence[float], other: Sequence[float]) -> float:
    """Intersection over union of two upright boxes."""
    a, b = _footprint(one), _footprint(other)
    tall = min(one[2] + one[5] / 2, other[2] + other[5] / 2) - max(
        one[2] - one[5] / 2, other[2] - other[5] / 2
    )
    shared = float(a.intersection(b).area) * max(0.0, tall)
    whole = float(a.area) * one[5] + float(b.area) * other[5] - shared
    return shared / whole if whole > 0 else 0.0


def _footprint(box: Sequence[float]) -> Polygon:
    corners: F64 = np.array([[1, 1], [-1, 1], [-1, -1], [1, -1]]) * np.asarray(box[3:5]) / 2
    cos, sin = np.cos(box[6]), np.sin(box[6])
    return Polygon(corners @ np.array([[cos, sin], [-sin, cos]]) + np.asarray(box[:2]))
