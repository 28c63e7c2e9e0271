"""What moves, and which rays may meet it: bodies first, then their parts, then each ray."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, I64
from pairforge.scenes.world import Part
from pairforge.sensors.bounds import MeshBounds
from pairforge.sensors.ray_cull import Blocks, Near
from pairforge.sensors.ray_horizon import Hull
from pairforge.sensors.ray_poses import RayPoses
from pairforge.sensors.ray_scene import F32, U16

_MANY, _STRAY_M = 512, 1e-3
"""A part's hull is held against its rays when they are so many, and start so near one place."""
_CHUNK = 8192
"""Rays carried into the parts' frames at once: few enough to stay in cache."""


@dataclass(frozen=True, eq=False)
class Pairs:
    """n pairs of a moving part and a ray that may meet, in order of parts, then rays: which of the moving parts (n,),
    which ray (n,), and the rays in the parts' frames (n, 6), origin and direction. ``turns`` (U, 3, 3): distinct
    rotations world_from_part, with ``row`` (n,) a pair's."""

    part: I64
    ray: I64
    turns: F64
    row: I64
    rays: F32

    @staticmethod
    def none() -> Pairs:
        ids = np.zeros(0, np.int64)
        return Pairs(ids, ids, np.zeros((0, 3, 3)), ids, np.zeros((0, 6), np.float32))

    def by_part(self) -> Iterator[tuple[int, slice]]:
        """Each part that is there, with its pairs."""
        starts = np.flatnonzero(np.diff(self.part, prepend=-1))
        ends = np.append(starts[1:], len(self.part))
        for part, start, end in zip(self.part[starts].tolist(), starts.tolist(), ends.tolist(), strict=False):
            yield part, slice(start, end)


class Movers:
    """Moving ``parts``, in order of their ids, with the bounds of each one's mesh."""

    def __init__(self, parts: Sequence[Part], bounds: Sequence[MeshBounds]) -> None:
        self.parts = tuple(parts)
        self._bounds = bounds
        self._hulls: dict[int, Hull] = {}

    def near(self, origins: F64, directions: F64, poses: RayPoses, within: F32) -> Pairs:
        """The parts that some rays may meet before ``within``, with those rays in the parts' frames."""
        if not len(origins) or not self.parts:
            return Pairs.none()
        blocks = Blocks(origins, directions, within)
        part, block = self._blocks_near(blocks, poses)
        frames = poses.frames(part, block, self._reach)
        found = blocks.rays_near(block, frames, self._centre[part], self._half[part])
        kept = np.flatnonzero(~self._passed(part, found))
        part, ray = part[found.pair[kept]], found.ray[kept]
        turns, positions, row = poses.placed(part, ray)
        return Pairs(part, ray, turns, row, _into(turns, positions, row, origins, directions, ray))

    def _passed(self, part: I64, near: Near) -> NDArray[np.bool_]:
        """(m,) which rays surely pass the hulls of parts (n,) that carry their sensor: those see many rays come from
        one and the same place."""
        passed = np.zeros(len(near.pair), np.bool_)
        whose = part[near.pair]
        for k in np.flatnonzero(np.bincount(whose, minlength=1) >= _MANY):
            pairs = slice(*np.searchsorted(part, [k, k + 1]))
            at = near.origin[pairs].mean(axis=0)
            stray = float((np.linalg.norm(near.origin[pairs] - at, axis=1) + near.stray_m[pairs]).max())
            if stray < _STRAY_M:
                mine = slice(*np.searchsorted(whose, [k, k + 1]))
                passed[mine] = self._hull(k).passed(at, stray, near.units[:, mine])
        return passed

    def _hull(self, k: int) -> Hull:
        if k not in self._hulls:
            self._hulls[k] = Hull(self._bounds[k].hull)
        return self._hulls[k]

    def _blocks_near(self, blocks: Blocks, poses: RayPoses) -> tuple[I64, I64]:
        """Parts (n,) and blocks (n,) that may meet anywhere on the parts' ways, in order of parts, then blocks."""
        centres, radii = poses.swept(self._centre, self._radius)
        body, block = blocks.all_near(*_around(centres, radii, self._body))
        part, pick = _joined(self._body, body)
        block = block[pick]
        near = blocks.near_spheres(block, centres[part], radii[part])
        return part[near], block[near]

    @cached_property
    def ids(self) -> U16:
        return np.array([p.part_id for p in self.parts], np.uint16)

    @cached_property
    def _body(self) -> I64:
        """(P,) which body each part belongs to, counted from 0."""
        bodies = np.array([p.instance_id for p in self.parts])
        return np.asarray(np.unique(bodies, return_inverse=True)[1], dtype=np.int64)

    @cached_property
    def _centre(self) -> F64:
        """(P, 3) of each part's sphere and box in its own frame."""
        return np.array([b.centre for b in self._bounds])

    @cached_property
    def _radius(self) -> F64:
        return np.array([b.radius_m for b in self._bounds])

    @cached_property
    def _half(self) -> F64:
        """(P, 3) half sides of the boxes."""
        return np.array([(b.corners[7] - b.corners[0]) / 2 for b in self._bounds])

    @cached_property
    def _reach(self) -> F64:
        """(P,) how far each part reaches from its own origin."""
        return np.asarray(np.linalg.norm(self._centre, axis=1) + self._radius, dtype=np.float64)


def _into(turns: F64, positions: F64, row: I64, origins: F64, directions: F64, ray: I64) -> F32:
    """Rays ``ray`` (n,) of (N, 3) and (N, 3) carried into the part frames ``row`` (n,) of (U, 3, 3) and (U, 3)."""
    out = np.empty((len(ray), 6), np.float32)
    for start in range(0, len(ray), _CHUNK):
        s = slice(start, start + _CHUNK)
        turn, offset = np.take(turns, row[s], axis=0), np.take(origins, ray[s], axis=0)
        offset -= np.take(positions, row[s], axis=0)
        out[s, :3] = np.einsum("nij,ni->nj", turn, offset)
        out[s, 3:] = np.einsum("nij,ni->nj", turn, np.take(directions, ray[s], axis=0))
    return out


def _around(centres: F64, radii: F64, whose: I64) -> tuple[F64, F64]:
    """Spheres (M, 3), (M,) around all of the spheres (P, 3), (P,) of each of M bodies."""
    bodies = int(whose.max()) + 1
    low, high, radius = np.full((bodies, 3), np.inf), np.full((bodies, 3), -np.inf), np.zeros(bodies)
    np.minimum.at(low, whose, centres - radii[:, None])
    np.maximum.at(high, whose, centres + radii[:, None])
    middle = (low + high) / 2
    np.maximum.at(radius, whose, np.linalg.norm(centres - middle[whose], axis=1) + radii)
    return middle, radius


def _joined(left: I64, right: I64) -> tuple[I64, I64]:
    """All (i, j) with left[i] == right[j], in order of i, then j; ``right`` ascends."""
    first = np.searchsorted(right, left, side="left")
    count = np.searchsorted(right, left, side="right") - first
    i = np.repeat(np.arange(len(left)), count)
    return i, np.arange(len(i)) + np.repeat(first - np.cumsum(count) + count, count)
