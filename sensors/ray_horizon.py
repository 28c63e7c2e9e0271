"""Which rays from one point pass a convex hull by: what a vehicle's own sensors see past its body."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError

from pairforge.frames import F64

_PLANES = 16
"""Planes tried a hull, spread along its horizon: each that a ray is beyond proves a miss."""
_ROOM_M, _ROOM = 1e-3, 4e-6
"""Room for float32: metres, and a share of directions."""


class Hull:
    """The convex hull of points (K, 3); where they are flat it has none, and proves nothing."""

    def __init__(self, points: F64) -> None:
        try:
            self._hull = ConvexHull(points)
        except (QhullError, ValueError):
            self._hull = None

    def passed(self, origin: F64, stray_m: float, units: NDArray[np.float32]) -> NDArray[np.bool_]:
        """(n,) whether rays surely miss: unit directions (3, n), from within ``stray_m`` of ``origin`` (3,).

        A plane through the origin and an edge of the horizon has the whole hull on one side. A ray that leaves to the
        other side, and has left it by more than the room there is before it is as far as the hull, cannot meet it.
        """
        normals, over = self._planes(origin)
        nearest = self._distance(origin) - stray_m - _ROOM_M
        if nearest <= _ROOM_M or not len(normals):
            return np.zeros(units.shape[1], np.bool_)
        room = (over + stray_m + _ROOM_M) / nearest + _ROOM
        out = normals.astype(np.float32) @ units - room.astype(np.float32)[:, None]
        return np.asarray((out > 0).any(axis=0), dtype=np.bool_)

    def _distance(self, origin: F64) -> float:
        """Metres that the hull is away, at least."""
        if self._hull is None:
            return 0.0
        return float((self._hull.equations[:, :3] @ origin + self._hull.equations[:, 3]).max())

    def _planes(self, origin: F64) -> tuple[F64, F64]:
        """Unit normals (M, 3) of planes through ``origin``, and how many metres the hull reaches over each (M,)."""
        if self._hull is None:
            return np.zeros((0, 3)), np.zeros(0)
        hull = self._hull
        to = hull.points[hull.vertices] - origin
        lit = hull.equations[:, :3] @ origin + hull.equations[:, 3] > 0
        face, corner = np.nonzero(lit[:, None] & ~lit[hull.neighbors])
        a, b = (hull.points[hull.simplices[face, (corner + k) % 3]] - origin for k in (1, 2))
        normals = np.cross(a, b)
        length = np.linalg.norm(normals, axis=1)
        normals, around = normals[length > 1e-9], np.cross(a, to.mean(axis=0))[length > 1e-9]
        normals /= length[length > 1e-9, None]
        normals *= -np.sign(normals @ to.mean(axis=0))[:, None]
        order = np.argsort(np.arctan2(*_across(around, to.mean(axis=0))))
        normals = normals[order[np.linspace(0, len(order) - 1, min(_PLANES, len(order))).astype(int)]]
        return normals, np.maximum((normals @ to.T).max(axis=1, initial=0.0), 0.0)


def _across(v: F64, axis: F64) -> tuple[F64, F64]:
    """Two coordinates of vectors (n, 3) square to an axis (3,)."""
    first = np.cross(axis, np.eye(3)[np.argmin(np.abs(axis))])
    return v @ first, v @ np.cross(axis, first) / np.linalg.norm(axis)
