"""Bounds of a mesh in its own frame, found once: sphere, box and convex hull."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull, QhullError

from pairforge.frames import F64
from pairforge.scenes.world import Mesh

BOX_EDGES = np.array([[a, a | bit] for bit in (1, 2, 4) for a in range(8) if not a & bit])
"""(12, 2) corners joined by the edges of ``MeshBounds.corners``."""

_SLACK_M = 1e-4
"""Spheres and boxes are this much too large: more than float32 rays lose."""


@dataclass(frozen=True, eq=False)
class MeshBounds:
    """Around all vertices of ``mesh``, which must have faces."""

    mesh: Mesh

    @cached_property
    def corners(self) -> F64:
        """(8, 3) corners of the upright box in metres; bit k of a corner's number picks low or high of axis k."""
        low, high = (side.astype(np.float64) for side in sides_of(self.mesh.vertices))
        sides = np.stack([low - _SLACK_M, high + _SLACK_M])
        bits = (np.arange(8)[:, None] >> np.arange(3)) & 1
        return np.asarray(sides[bits, np.arange(3)], dtype=np.float64)

    @cached_property
    def centre(self) -> F64:
        """(3,) metres, of the box and of the sphere."""
        return np.asarray((self.corners[0] + self.corners[7]) / 2, dtype=np.float64)

    @cached_property
    def radius_m(self) -> float:
        away = np.linalg.norm(self.mesh.vertices.astype(np.float64) - self.centre, axis=1)
        return float(away.max()) + _SLACK_M

    @cached_property
    def used(self) -> F64:
        """(K, 3) vertices that faces touch."""
        return np.asarray(self.mesh.vertices[np.unique(self.mesh.faces)], dtype=np.float64)

    @cached_property
    def edges(self) -> NDArray[np.int64]:
        """(E, 2) rows of ``used`` that an edge of a face joins, each once."""
        faces = np.searchsorted(np.unique(self.mesh.faces), self.mesh.faces).astype(np.int64)
        ends = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
        return np.asarray(np.unique(ends, axis=0))

    @cached_property
    def hull(self) -> F64:
        """(K, 3) the used vertices that can be outermost in any direction: no other is an extreme of a projection.

        All used vertices where the mesh is flat and has no hull.
        """
        return _hull(self.mesh)


def sides_of(points: NDArray[Any]) -> tuple[NDArray[Any], NDArray[Any]]:
    """Least and greatest (3,) of points (N, 3), axis by axis: NumPy is five times slower along the first axis."""
    axes = np.ascontiguousarray(points.T)
    return axes.min(axis=1), axes.max(axis=1)


@lru_cache(maxsize=512)
def _hull(mesh: Mesh) -> F64:
    # Worlds share the meshes of equal shapes (see ``build.shape_of``), so that many ask for the same hull.
    used = MeshBounds(mesh).used
    try:
        return np.asarray(used[np.sort(ConvexHull(used).vertices)], dtype=np.float64)
    except (QhullError, ValueError):
        return used
