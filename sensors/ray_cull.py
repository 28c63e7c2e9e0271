"""Which rays may meet which moving parts: bounds of blocks of rays against bounding spheres, then ray by ray."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, I64
from pairforge.sensors.ray_poses import BLOCK

_SLACK = 1e-6
"""Relative room for rounding in every test, so that nothing is ever culled wrongly."""


class Blocks:
    """Bounds of each BLOCK consecutive rays: an origin ball, a cone and a flat slab of directions, a farthest reach.

    Rays are origins (N, 3), directions (N, 3) and ``within`` (N,), the length in directions beyond which nothing
    is looked for. A column of a LiDAR is a wide cone but a thin slab, as is a row of an image.
    """

    def __init__(self, origins: F64, directions: F64, within: NDArray[np.float32]) -> None:
        self._count = len(origins)
        starts = np.arange(0, self._count, BLOCK)
        sizes = np.diff(np.append(starts, self._count))
        length = np.sqrt(np.einsum("ij,ij->i", directions, directions))
        self._origins, self._reaches = origins, within * length
        self._units = directions / length[:, None]
        self._origin = np.add.reduceat(origins, starts) / sizes[:, None]
        self._axis = _unit(np.add.reduceat(self._units, starts))
        self._flat = _unit(np.cross(self._units[starts], self._units[starts + sizes - 1]))
        whose = np.repeat(np.arange(len(starts)), sizes)
        off = origins - self._origin[whose]
        self._spread = np.sqrt(np.maximum.reduceat(np.einsum("ij,ij->i", off, off), starts))
        cosine = np.einsum("ij,ij->i", self._units, self._axis[whose])
        angle = np.arccos(np.clip(np.minimum.reduceat(cosine, starts), -1.0, 1.0)) + _SLACK
        self._cos, self._sin = np.cos(angle), np.sin(angle)
        tilt = np.abs(np.einsum("ij,ij->i", self._units, self._flat[whose]))
        self._thick = np.maximum.reduceat(tilt, starts) + _SLACK
        self._reach = np.maximum.reduceat(self._reaches, starts)

    def rays_near(self, centres: F64, radii: F64) -> list[I64]:
        """For each of P spheres, centres (P, B or 1, 3) and radii (P, B or 1) a block, the rays (n,), ascending,
        that meet theirs within reach."""
        meets = self._blocks_near(centres, radii)
        near = [np.zeros(0, dtype=np.int64)] * len(centres)
        for k in np.flatnonzero(meets.any(axis=1)):
            blocks = np.flatnonzero(meets[k])
            rays = (blocks[:, None] * BLOCK + np.arange(BLOCK)).ravel()
            blocks = np.repeat(blocks, BLOCK)
            if rays[-1] >= self._count:
                inside = rays < self._count
                rays, blocks = rays[inside], blocks[inside]
            centre = centres[k][blocks] if centres.shape[1] > 1 else centres[k]
            radius = radii[k][blocks] if radii.shape[1] > 1 else radii[k]
            near[k] = rays[self._rays_meet(rays, centre, radius)]
        return near

    def _blocks_near(self, centres: F64, radii: F64) -> NDArray[np.bool_]:
        """(P, B) whether a block's cone and slab meet a sphere."""
        to = centres - self._origin
        radius = radii + self._spread
        away = np.sqrt(np.einsum("pbi,pbi->pb", to, to))
        along = np.einsum("pbi,bi->pb", to, self._axis)
        across = np.sqrt(np.maximum(away * away - along * along, 0.0))
        # Distance from the cone's mantle: the part of ``to`` along the mantle's outward normal.
        outside = across * self._cos - along * self._sin
        slab = np.abs(np.einsum("pbi,bi->pb", to, self._flat))
        room = radius + _SLACK * away
        meets = (outside <= room) & (slab <= room + self._thick * (away + room))
        return np.asarray(meets & (away - radius <= self._reach), dtype=np.bool_)

    def _rays_meet(self, rays: I64, centre: F64, radius: F64) -> NDArray[np.bool_]:
        to = centre - self._origins[rays]
        squared = np.einsum("ij,ij->i", to, to)
        along = np.einsum("ij,ij->i", to, self._units[rays])
        meets = squared - along * along <= radius * radius + _SLACK * squared
        meets &= (along >= -radius) & (along - radius <= self._reaches[rays])
        return np.asarray(meets, dtype=np.bool_)


def _unit(v: F64) -> F64:
    return np.asarray(v / np.maximum(np.linalg.norm(v, axis=1, keepdims=True), 1e-12), dtype=np.float64)
