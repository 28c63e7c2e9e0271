"""What a radar's rays meet at one instant: points with smooth normals, surfaces and velocities.

The vehicle that carries the radar is left out: a unit sits behind a bumper that its waves go through.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, I64, Pose, rotation
from pairforge.sensors.columns import Columns
from pairforge.sensors.radar_materials import SNOW_DIFFUSE, SurfaceTable, surface_table
from pairforge.sensors.ray_engine import Hits, RayEngine, Snapshot
from pairforge.sensors.ray_poses import part_poses
from pairforge.sensors.timeline import Timeline

_THROUGH_M = 1e-3
_SKINS = 6
"""How many surfaces of its own carrier a ray may go through."""


@dataclass(frozen=True, eq=False)
class Met(Columns):
    """The first surfaces (N,) on rays that met one.

    ``ray`` (N,) which ray; ``point_m`` (N, 3) in the world; ``travelled_m`` (N,); ``towards`` (N, 3) the ray's unit
    direction; ``normal`` (N, 3) the shading normal and ``facing`` (N, 3) the geometric one, both towards the ray's
    origin; ``flat`` (N,) those faces that are not part of a smooth curve; ``velocity_mps`` (N, 3) of the material
    point, its mean over the frame.
    """

    ray: I64
    point_m: F64
    travelled_m: F64
    towards: F64
    normal: F64
    facing: F64
    flat: NDArray[np.bool_]
    part: NDArray[np.uint16]
    velocity_mps: F64
    reflectivity: F64
    slope: F64
    diffuse: F64
    roughness_m: F64

    def __len__(self) -> int:
        return len(self.ray)

    @property
    def cosine(self) -> F64:
        """(N,) of incidence, by the shading normal."""
        return np.asarray(-np.einsum("ij,ij->i", self.normal, self.towards)).clip(0.0, 1.0)


class Instant:
    """A world at ``time_ns``; velocities are means over the ``frame_ns`` before. ``carrier``: instance left out."""

    def __init__(
        self, engine: RayEngine, timeline: Timeline, time_ns: int, frame_ns: int, carrier: int
    ) -> None:
        self._engine, self._frame_s, self.carrier = engine, frame_ns * 1e-9, carrier
        poses = part_poses(timeline, time_ns)
        self._cast = Snapshot(engine, poses, without=carrier).cast
        self._turn, self._at = _placed(engine, poses)
        self._turn0, self._at0 = _placed(engine, part_poses(timeline, time_ns - frame_ns))
        # A carrier that moves is not in the snapshot; through one that stands, rays go on.
        still = carrier and not engine.world.instance(carrier).moves
        self._own = engine.world.instance_of_part == carrier if still else None
        self._moves = np.array([False, *(p.moves for p in engine.world.parts)])

    @property
    def instance_of_part(self) -> NDArray[np.uint16]:
        return self._engine.world.instance_of_part

    @property
    def placed(self) -> tuple[F64, F64]:
        """world_from_part of every part by its id: rotations (P + 1, 3, 3) and positions (P + 1, 3)."""
        return self._turn, self._at

    @cached_property
    def _surfaces(self) -> SurfaceTable:
        return surface_table(self._engine.materials, self._engine.world.sky)

    def first(self, origins: F64, towards: F64) -> tuple[Hits, F64]:
        """First hits of rays (N, 3), unit (N, 3), and how far each ray went (N,), inf for none."""
        hits = self._cast(origins, towards)
        far = hits.distance.astype(np.float64)
        if self._own is None:
            return hits, far
        start = np.zeros(len(far))
        for _ in range(_SKINS):
            again = np.flatnonzero(self._own[hits.part])
            if not len(again):
                return hits, far
            start[again] = far[again] + _THROUGH_M
            more = self._cast(origins[again] + towards[again] * start[again, None], towards[again])
            for name in ("distance", "part", "triangle", "normal", "uv"):
                getattr(hits, name)[again] = getattr(more, name)
            far[again] = start[again] + more.distance
        lost = self._own[hits.part]
        hits.part[lost], far[lost] = 0, np.inf
        return hits, far

    def meet(self, origins: F64, towards: F64) -> Met:
        """What rays meet, with everything that is to know of it."""
        hits, far = self.first(origins, towards)
        ray = np.flatnonzero(hits.part > 0)
        kept = Hits(*(getattr(hits, n)[ray] for n in ("distance", "part", "triangle", "normal", "uv")))
        point = origins[ray] + towards[ray] * far[ray, None]
        facing = kept.normal.astype(np.float64)
        normal, flat = self._shading(kept, facing)
        surface = self._surface(kept, facing)
        return Met(
            ray,
            point,
            far[ray],
            towards[ray],
            _towards_origin(normal, facing, towards[ray]),
            facing,
            flat,
            kept.part,
            self.velocity(point, kept.part),
            *surface,
        )

    def velocity(self, point: F64, part: NDArray[np.uint16]) -> F64:
        """(N, 3) m/s of points (N, 3) of parts, their mean over the frame."""
        out = np.zeros((len(point), 3))
        k = np.flatnonzero(self._moves[part])
        if len(k):
            p = part[k]
            local = np.einsum("nji,nj->ni", self._turn[p], point[k] - self._at[p])
            before = np.einsum("nij,nj->ni", self._turn0[p], local) + self._at0[p]
            out[k] = (point[k] - before) / self._frame_s
        return out

    def _shading(self, hits: Hits, facing: F64) -> tuple[F64, NDArray[np.bool_]]:
        """Interpolated normals (N, 3) in the world on the side of ``facing``, and which faces are flat (N,)."""
        corners = self._engine.tables.corner_normals[self._engine.triangle_of(hits)].astype(np.float64)
        u, v = hits.uv[:, :1], hits.uv[:, 1:]
        local = corners[:, 0] * (1 - u - v) + corners[:, 1] * u + corners[:, 2] * v
        flat = np.abs(corners - corners[:, :1]).max(axis=(1, 2)) < 1e-3
        n = np.einsum("nij,nj->ni", self._turn[hits.part], local)
        n /= np.maximum(np.linalg.norm(n, axis=1, keepdims=True), 1e-12)
        n[np.einsum("ij,ij->i", n, facing) < 0.0] *= -1.0
        return n, flat

    def _surface(self, hits: Hits, facing: F64) -> tuple[F64, F64, F64, F64]:
        """Reflectivity, slope, diffuse albedo and roughness (N,), snow lying on what looks up and does not move."""
        table, which = self._surfaces, self._engine.material_of(hits)
        diffuse = table.diffuse[which]
        cover = self._engine.world.sky.snow_cover
        if cover > 0.0:
            share = cover * (~self._moves[hits.part]) * np.clip((facing[:, 2] - 0.35) / 0.4, 0.0, 1.0)
            diffuse = diffuse * (1.0 - share) + SNOW_DIFFUSE * share
        return table.reflectivity[which], table.slope[which], diffuse, table.roughness_m[which]


def _placed(engine: RayEngine, poses: Mapping[int, Pose]) -> tuple[F64, F64]:
    """world_from_part of every part by its id: rotations (P + 1, 3, 3) and positions (P + 1, 3)."""
    placed = [Pose.of(), *(poses.get(p.part_id, p.world_from_part) for p in engine.world.parts)]
    turn = rotation(np.array([p.quaternion_wxyz for p in placed])).as_matrix()
    return np.asarray(turn), np.array([p.position_m for p in placed])


def _towards_origin(normal: F64, facing: F64, towards: F64) -> F64:
    """Shading normals that would face away from the ray give way to the geometric ones."""
    away = np.einsum("ij,ij->i", normal, towards) > -1e-3
    return np.asarray(np.where(away[:, None], facing, normal))
