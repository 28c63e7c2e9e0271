"""Where on its object each pixel's surface point is: normalised object coordinates.

After Wang et al., "Normalized Object Coordinate Space for Category-Level 6D Object Pose and Size Estimation" (2019),
but scaled along each axis of the object's own box, so that 0..1 is filled along all three.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pairforge.arrays import ArraySpec
from pairforge.frames import F64
from pairforge.sensors.camera_labels.protocol import Arrays, CameraLabel

if TYPE_CHECKING:
    from pairforge.sensors.camera_labels.shot import Shot

_FLAT_M = 1e-6
"""Along axes on which an object is thinner than this, everything is in its middle."""

_ARRAYS = (
    ArraySpec(
        "nocs",
        "npy",
        "float16",
        ("H", "W", 3),
        "1",
        "box at rest",
        "place of the surface point in its instance's box at rest, 0..1; nan: stuff or nothing",
        optional=True,
    ),
)


def make(shot: Shot) -> Arrays:
    """(H, W, 3) float16: (p - centre_m) / size_m + 0.5, of the point p in the body frame with every part at rest.

    A point of a part that has moved in its body (a swung leg, a turned wheel, an open joint) is carried with the part
    to where the part is in the shape as built, so that it keeps its coordinates whatever the pose.
    """
    turns, shifts = _affine(shot)
    out = np.full((shot.hit.size, 3), np.nan, dtype=np.float16)
    own = np.flatnonzero(shot.frame.instance.ravel())
    ids = shot.frame.part.ravel()[own]
    if shot.rolling is None:  # straight from the camera's frame, which saves a turn
        points, view = shot.points.reshape(-1, 3)[own], shot.hits.view
        turns = np.einsum("pij,pkj->pik", turns, view.turns)
        shifts = shifts - np.einsum("pij,pj->pi", turns, view.offsets)
    else:
        points = shot.local(own)
    for axis in range(3):  # by axis: a third of the memory that all three at once take
        out[own, axis] = np.einsum("nj,nj->n", turns[ids, axis], points) + shifts[ids, axis]
    return {"nocs": out.reshape(*shot.shape, 3)}


def _affine(shot: Shot) -> tuple[F64, F64]:
    """Of every part: from its own frame to its instance's coordinates; matrices (P + 1, 3, 3), shifts (P + 1, 3)."""
    count = len(shot.world.parts) + 1
    turns, shifts = np.zeros((count, 3, 3)), np.zeros((count, 3))
    for instance in shot.world.instances:
        per_m = _per_metre(instance.size_m)
        for part_id, piece in zip(instance.part_ids, instance.shape.parts, strict=True):
            turns[part_id] = per_m[:, None] * piece.body_from_part.rotation
            shifts[part_id] = per_m * (piece.body_from_part.position_m - instance.centre_m) + 0.5
    return turns, shifts


def _per_metre(size_m: tuple[float, float, float]) -> NDArray[np.float64]:
    size = np.asarray(size_m, dtype=np.float64)
    return np.where(size > _FLAT_M, 1.0 / np.maximum(size, _FLAT_M), 0.0)


NOCS = CameraLabel("nocs", "object coordinates of each pixel's surface point, 0..1", _ARRAYS, make)
