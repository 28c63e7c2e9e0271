"""How a satellite's signal comes to an antenna: straight, through leaves, mirrored by a facade, or not at all."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, I64
from pairforge.scenes.taxonomy import BY_NAME

if TYPE_CHECKING:
    from pairforge.sensors.ray_engine import Hits, RayEngine
    from pairforge.sensors.timeline import Timeline

HIDDEN, BLOCKED, DIRECT, LEAVES, MIRRORED = range(5)
"""Below the mask, nothing comes, straight, straight through leaves, by one reflection."""

_PASSES = 200
"""Leaves and parts of the carrier that a ray may go through; what is deeper in a crown counts as stopped."""
_STEP_M, _LEAF_STEP_M = 0.01, 0.05
_FLAT = float(np.cos(np.radians(2.0)))
_FAN_AZIMUTHS, _FAN_ELEVATIONS_DEG = 180, (2.0, 10.0, 25.0, 45.0)


@dataclass(frozen=True, eq=False)
class Antenna:
    """Where signals are received: positions (N, 3) at times (N,) int64 ns; ``carrier`` (instance id, 0: none) is
    transparent, for an antenna has a clear view of its own roof."""

    positions: F64
    times_ns: I64
    carrier: int


@dataclass(frozen=True, eq=False)
class Paths:
    """Of N x K: ``kind`` uint8, ``extra_m`` longer than straight, ``arrival`` (N, K, 3) whence it comes."""

    kind: NDArray[np.uint8]
    extra_m: F64
    arrival: F64


def trace(
    engine: RayEngine, timeline: Timeline, antenna: Antenna, towards: F64, up: NDArray[np.bool_]
) -> Paths:
    """Paths from satellites in directions ``towards`` (N, K, 3), those above the mask (N, K) ``up`` alone."""
    kind = np.full(up.shape, HIDDEN, np.uint8)
    extra, arrival = np.zeros(up.shape), towards.copy()
    row, column = np.nonzero(up)
    caster = _Caster(engine, timeline, antenna.carrier)
    stopped, leafy = caster.passes(antenna.positions[row], towards[row, column], antenna.times_ns[row])
    kind[row, column] = np.where(stopped, BLOCKED, np.where(leafy, LEAVES, DIRECT))
    row, column = row[stopped], column[stopped]
    if not len(row):
        return Paths(kind, extra, arrival)
    for normal in caster.facades(antenna):
        d, eye, when = towards[row, column], antenna.positions[row], antenna.times_ns[row]
        facing = d @ normal
        u = d - 2.0 * facing[:, None] * normal
        use = np.flatnonzero(facing > 0.02)
        hits = caster.cast(eye[use], u[use], when[use])
        flat = hits.hit & (hits.normal @ normal > _FLAT) & ~caster.transparent(hits)
        use, reach = use[flat], hits.distance[flat].astype(np.float64)
        mirror = eye[use] + u[use] * reach[:, None] + normal * _STEP_M
        stopped_there, _ = caster.passes(mirror, d[use], when[use])
        longer = reach * (1.0 - np.einsum("nk,nk->n", u[use], d[use]))
        for i, metres in zip(use[~stopped_there], longer[~stopped_there], strict=True):
            n, k = int(row[i]), int(column[i])
            if kind[n, k] == BLOCKED or metres < extra[n, k]:
                kind[n, k], extra[n, k], arrival[n, k] = MIRRORED, metres, u[i]
    return Paths(kind, extra, arrival)


@dataclass(frozen=True, eq=False)
class _Caster:
    engine: RayEngine
    timeline: Timeline
    carrier: int

    def cast(self, origins: F64, directions: F64, times_ns: I64) -> Hits:
        return self.engine.cast_over(origins, directions, times_ns, self.timeline)

    def transparent(self, hits: Hits) -> NDArray[np.bool_]:
        """(N,) whether it is the carrier or leaves that was hit."""
        return np.asarray(self._own(hits) | self._leaves(hits))

    def passes(
        self, origins: F64, directions: F64, times_ns: I64
    ) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
        """(N,) whether rays out into the sky are stopped, and whether they went through leaves."""
        origins = origins.copy()
        stopped, leafy = np.zeros(len(origins), np.bool_), np.zeros(len(origins), np.bool_)
        going = np.arange(len(origins))
        for _ in range(_PASSES):
            if not len(going):
                break
            hits = self.cast(origins[going], directions[going], times_ns[going])
            leaves, through = self._leaves(hits), self.transparent(hits)
            leafy[going[leaves]] = True
            stopped[going[hits.hit & ~through]] = True
            on = np.where(through, hits.distance, 0.0) + np.where(leaves, _LEAF_STEP_M, _STEP_M)
            origins[going] += directions[going] * on[:, None]
            going = going[through]
        stopped[going] = True
        return stopped, leafy

    def facades(self, antenna: Antenna) -> F64:
        """(F, 3) normals of the flat, upright things in sight of the antenna's last place, in a fixed order."""
        azimuth = np.arange(_FAN_AZIMUTHS) * (2 * np.pi / _FAN_AZIMUTHS)
        a, e = (x.ravel() for x in np.meshgrid(azimuth, np.radians(_FAN_ELEVATIONS_DEG)))
        fan = np.stack([np.cos(e) * np.cos(a), np.cos(e) * np.sin(a), np.sin(e)], axis=1)
        eye, when = np.tile(antenna.positions[-1], (len(fan), 1)), np.full(len(fan), antenna.times_ns[-1])
        hits = self.cast(eye, fan, when)
        upright = hits.hit & ~self.transparent(hits) & (np.abs(hits.normal[:, 2]) < 0.2)
        normals, count = np.unique(np.round(hits.normal[upright], 2), axis=0, return_counts=True)
        kept = normals[count >= 3].astype(np.float64)
        return np.asarray(kept / np.linalg.norm(kept, axis=1, keepdims=True))

    def _own(self, hits: Hits) -> NDArray[np.bool_]:
        return np.asarray(
            (self.engine.world.instance_of_part[hits.part] == self.carrier) & (self.carrier > 0)
        )

    def _leaves(self, hits: Hits) -> NDArray[np.bool_]:
        leaves = BY_NAME["vegetation"].semantic_id
        return np.asarray(self.engine.world.semantic_of_part[hits.part] == leaves)
