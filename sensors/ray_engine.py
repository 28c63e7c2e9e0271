"""The ray engine: every triangle of a world, at any time stamp, as the first thing a ray meets.

What never moves is one Embree scene in the world. Each distinct moving mesh is one small scene in its own part's
frame; a ray at time t is carried into that frame by the part's pose at t, so a spinning LiDAR amid moving traffic is
exact and nothing is rebuilt. ``ray_movers`` and ``ray_cull`` decide which rays may meet which moving part at all.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from threading import Lock
from weakref import WeakKeyDictionary

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, I64, Pose
from pairforge.scenes.world import Material, Mesh, Part, World
from pairforge.sensors.bounds import MeshBounds, sides_of
from pairforge.sensors.ray_movers import Movers
from pairforge.sensors.ray_poses import PartTracks, RayPoses, StillPoses, TimedPoses, part_poses
from pairforge.sensors.ray_scene import F32, I32, U16, MeshTables, TriangleScene, mesh_tables
from pairforge.sensors.timeline import Timeline
from pairforge.sensors.triangle_split import long_triangles, split

_FAR = 1e6
"""Direction lengths beyond which nothing is looked for."""
_LONGEST_M = 48.0
"""Edges of what never moves are cut to this: a street is then cast a quarter faster, by 2 % more triangles."""


@dataclass(frozen=True, eq=False)
class Hits:
    """The first surface on each of N rays.

    distance (N,) float32 in units of the ray direction's length, inf for none. part (N,) uint16, 0 for none.
    triangle (N,) int32 within the part's mesh, -1 for none. normal (N, 3) float32 unit geometric normal in the
    world, facing the ray's origin, 0 for none. uv (N, 2) float32 barycentric coordinates of the triangle's second
    and third corner.
    """

    distance: F32
    part: U16
    triangle: I32
    normal: F32
    uv: F32

    @property
    def hit(self) -> NDArray[np.bool_]:
        """(N,) whether the ray meets anything."""
        return self.part > 0


class RayEngine:
    """Casts rays against a world. Answers depend on the rays alone, never on threads or on earlier casts."""

    def __init__(self, world: World) -> None:
        self.world = world
        self._tables, self._static = _still_of(world)
        self._scenes: dict[Mesh, TriangleScene] = {}
        self._instances: dict[int, TriangleScene] = {}
        self._bounds: dict[Mesh, MeshBounds] = {}
        moving = tuple(p for p in world.parts if p.moves and len(p.mesh.faces))
        self._tracks: PartTracks | None = None
        self._movers = Movers(moving, [self.bounds(p.mesh) for p in moving])

    @property
    def tables(self) -> MeshTables:
        """Per-triangle surfaces of all meshes."""
        return self._tables

    @property
    def moving(self) -> tuple[Part, ...]:
        """The parts that move and have triangles."""
        return self._movers.parts

    @property
    def still(self) -> _Baked:
        """All that never moves."""
        return self._static

    @property
    def materials(self) -> tuple[Material, ...]:
        """The distinct materials of the world, that ``material_of`` indexes."""
        return self._tables.materials

    def material_of(self, hits: Hits) -> I32:
        """(N,) index into ``materials`` of the surface hit, -1 for none."""
        out = np.full(len(hits.part), -1, dtype=np.int32)
        hit = hits.hit
        out[hit] = self._tables.material[self.triangle_of(hits)[hit]]
        return out

    def triangle_of(self, hits: Hits) -> I64:
        """(N,) row in ``tables`` of the triangle hit; meaningless where nothing is."""
        return self._tables.first_triangle[hits.part] + hits.triangle

    def cast(self, origins: F64, directions: F64, poses: Mapping[int, Pose]) -> Hits:
        """First hits of rays (N, 3), (N, 3) with each moving part at ``poses[part_id]`` (at rest when absent)."""
        return self._cast(origins, directions, StillPoses(self.moving, poses))

    def cast_at(self, origins: F64, directions: F64, time_ns: int, timeline: Timeline) -> Hits:
        """First hits with everything where it is at one time stamp."""
        return self._cast(origins, directions, StillPoses(self.moving, part_poses(timeline, time_ns)))

    def cast_over(self, origins: F64, directions: F64, times_ns: I64, timeline: Timeline) -> Hits:
        """First hits, each ray at its own time (N,) int64 ns."""
        return self._cast(origins, directions, TimedPoses(self._tracks_of(timeline), times_ns))

    def occluded(
        self, origins: F64, directions: F64, max_distance: float | F64, poses: Mapping[int, Pose]
    ) -> NDArray[np.bool_]:
        """(N,) whether anything stands within ``max_distance`` (direction lengths; scalar or (N,), may be inf).

        Rays that start on a surface must be lifted off it first: see ``lifted``.
        """
        far = np.minimum(np.broadcast_to(np.asarray(max_distance, np.float64), (len(origins),)), _FAR)
        reach = directions * far[:, None]
        blocked = self._static.scene.any_hits(origins, reach)
        clear = np.flatnonzero(~blocked)
        placed, whole = StillPoses(self.moving, poses), np.ones(len(clear), np.float32)
        near = self._movers.near(origins[clear], reach[clear], placed, whole)
        for part, pairs in near.by_part():
            shaded = self.scene(self.moving[part].mesh).blocked(near.rays[pairs])
            blocked[clear[near.ray[pairs][shaded]]] = True
        return blocked

    def solo(self, instance_id: int, origins: F64, directions: F64, poses: Mapping[int, Pose]) -> F32:
        """Distance (N,) float32 to one instance as if it were alone in the world, inf where it is missed."""
        best = np.full(len(origins), np.inf, dtype=np.float32)
        for part_id in self.world.instance(instance_id).part_ids:
            part = self.world.part(part_id)
            pose = poses.get(part_id, part.world_from_part) if part.moves else part.world_from_part
            o, d = (origins - pose.position_m) @ pose.rotation, directions @ pose.rotation
            best = np.minimum(best, self.scene(part.mesh).first_hits(o, d)[0])
        return best

    def _cast(self, origins: F64, directions: F64, poses: RayPoses) -> Hits:
        origins = np.ascontiguousarray(origins, dtype=np.float64)
        directions = np.ascontiguousarray(directions, dtype=np.float64)
        hits = self._static.first_hits(origins, directions)
        near = self._movers.near(origins, directions, poses, hits.distance)
        answers = [self.scene(self.moving[k].mesh).cast(near.rays[pairs]) for k, pairs in near.by_part()]
        if not answers:
            return hits
        t, triangle, normal, uv = (np.concatenate(a) for a in zip(*answers, strict=True))
        nearer = np.flatnonzero(t < np.take(hits.distance, near.ray))
        np.minimum.at(hits.distance, near.ray[nearer], t[nearer])
        # Pairs come in order of their parts' ids, and the last of equals stays: the lowest id wins.
        first = nearer[t[nearer] == hits.distance[near.ray[nearer]]][::-1]
        won = np.full(len(origins), -1)
        won[near.ray[first]] = first
        rays = np.flatnonzero(won >= 0)
        won = won[rays]
        hits.triangle[rays], hits.uv[rays] = triangle[won], uv[won]
        hits.part[rays] = self._movers.ids[near.part[won]]
        facing = np.einsum("nij,nj->ni", np.take(near.turns, near.row[won], axis=0), normal[won])
        _face(facing, directions[rays])
        hits.normal[rays] = facing
        return hits

    @cached_property
    def boxes(self) -> tuple[I64, F64]:
        """Ids (P,) of all parts that have triangles, and the corners (P, 8, 3) of their boxes in their own frames."""
        solid = [p for p in self.world.parts if len(p.mesh.faces)]
        corners = [self.bounds(p.mesh).corners for p in solid]
        return np.array([p.part_id for p in solid], np.int64), np.array(corners).reshape(-1, 8, 3)

    def _tracks_of(self, timeline: Timeline) -> PartTracks:
        if self._tracks is None or self._tracks.timeline is not timeline:
            self._tracks = PartTracks(self.moving, timeline)
        return self._tracks

    def instance_scene(self, instance_id: int) -> TriangleScene:
        """All of an instance that never moves, alone in the world's frame."""
        if instance_id not in self._instances:
            parts = [self.world.part(k) for k in self.world.instance(instance_id).part_ids]
            self._instances[instance_id] = _bake([p for p in parts if not p.moves]).scene
        return self._instances[instance_id]

    def scene(self, mesh: Mesh) -> TriangleScene:
        """One mesh in its own frame."""
        if mesh not in self._scenes:
            self._scenes[mesh] = TriangleScene(mesh.vertices, mesh.faces)
        return self._scenes[mesh]

    def bounds(self, mesh: Mesh) -> MeshBounds:
        if mesh not in self._bounds:
            self._bounds[mesh] = MeshBounds(mesh)
        return self._bounds[mesh]


class Snapshot:
    """A world at one instant as two Embree scenes, moving parts baked where they are: for the many casts of one
    picture. Faster than the engine there, and within float32 of it. ``without``: a moving instance to leave out."""

    def __init__(self, engine: RayEngine, poses: Mapping[int, Pose], without: int = 0) -> None:
        self._engine = engine
        there = [p for p in engine.moving if not without or p.instance_id != without]
        self._moved = _bake(
            [replace(p, world_from_part=poses.get(p.part_id, p.world_from_part)) for p in there]
        )

    def cast(self, origins: F64, directions: F64) -> Hits:
        """First hits of rays (N, 3), (N, 3)."""
        hits = self._engine.still.first_hits(origins, directions)
        moved = self._moved.first_hits(origins, directions)
        won = np.flatnonzero(moved.distance < hits.distance)
        for name in ("distance", "part", "triangle", "normal", "uv"):
            getattr(hits, name)[won] = getattr(moved, name)[won]
        return hits

    def occluded(self, origins: F64, directions: F64, max_distance: float) -> NDArray[np.bool_]:
        """(N,) whether anything stands within ``max_distance`` direction lengths."""
        reach = directions * min(max_distance, _FAR)
        blocked = self._engine.still.scene.any_hits(origins, reach)
        clear = np.flatnonzero(~blocked)
        blocked[clear] = self._moved.scene.any_hits(origins[clear], reach[clear])
        return blocked


def lifted(points: F64, normals: F32 | F64) -> F64:
    """Points (N, 3) raised off their surface along its facing normal by more than float32 loses there, so that a
    ray from them does not meet the surface it starts on."""
    height = np.maximum(1e-4, 4e-6 * np.abs(points).max(axis=1, initial=0.0))
    return np.asarray(points + normals * height[:, None], dtype=np.float64)


@dataclass(frozen=True, eq=False)
class _Baked:
    """Parts fixed in the world as one scene. Of each triangle: ``part`` and ``triangle`` within its mesh; the last
    row of both stands for "none", so that row -1 finds it. Rows from ``whole`` on are pieces of long triangles,
    with the (u, v) of their corners in those, ``piece_uv`` (S, 3, 2)."""

    scene: TriangleScene
    part: U16
    triangle: I32
    whole: int
    piece_uv: F32

    def first_hits(self, origins: F64, directions: F64) -> Hits:
        distance, row, normal, uv = self.scene.first_hits(origins, directions)
        _face(normal, directions)
        cut = np.flatnonzero(row >= self.whole)
        corner = self.piece_uv[row[cut] - self.whole]
        u, v = uv[cut, :1], uv[cut, 1:]
        uv[cut] = corner[:, 0] * (1 - u - v) + corner[:, 1] * u + corner[:, 2] * v
        return Hits(distance, self.part[row], self.triangle[row], normal, uv)


_STILL: WeakKeyDictionary[World, tuple[MeshTables, _Baked]] = WeakKeyDictionary()
_BAKING = Lock()


def _still_of(world: World) -> tuple[MeshTables, _Baked]:
    """What never changes in a world: made once while it lives, for the preview renderer has an engine of its own."""
    with _BAKING:
        if (found := _STILL.get(world)) is None:
            still = [p for p in world.parts if not p.moves]
            found = _STILL[world] = mesh_tables(world.parts), _bake(still, _LONGEST_M)
        return found


def _bake(parts: Sequence[Part], longest_m: float = np.inf) -> _Baked:
    """``longest_m``: triangles with longer edges are cut, for a better tree that takes longer to build."""
    counts = [len(p.mesh.faces) for p in parts]
    # Laid at once where they stay: lists of pieces, joined in float64 and int64, took five times the room.
    v = np.empty((sum(len(p.mesh.vertices) for p in parts), 3), np.float32)
    f = np.empty((sum(counts), 3), np.uint32)
    long, corners = np.zeros(len(f), np.bool_), [np.zeros((0, 3, 3))]
    vertex = face = 0
    for part, count in zip(parts, counts, strict=True):
        points, own = part.world_from_part.points(part.mesh.vertices), slice(face, face + count)
        v[vertex : vertex + len(points)] = points
        np.add(part.mesh.faces, vertex, out=f[own], casting="unsafe")
        # Only a part that is wide itself can have a long triangle.
        if longest_m < np.inf and len(points) and np.linalg.norm(np.subtract(*sides_of(points))) > longest_m:
            placed = points[part.mesh.faces]
            long[own] = long_triangles(placed, longest_m)
            corners.append(placed[long[own]])
        vertex, face = vertex + len(points), face + count
    part_of = np.repeat(np.array([p.part_id for p in parts], np.uint16), counts)
    triangle = np.concatenate([np.zeros(0, np.int32), *(np.arange(n, dtype=np.int32) for n in counts)])
    cut = np.flatnonzero(long)
    pieces = split(np.concatenate(corners), longest_m)
    rows = np.arange(len(f))
    if len(cut):
        rows = np.concatenate([np.flatnonzero(~long), cut[pieces.source]])
        ends = np.arange(3 * len(pieces.source), dtype=np.uint32).reshape(-1, 3) + np.uint32(len(v))
        f = np.concatenate([f[~long], ends])
        v = np.concatenate([v, pieces.corners.reshape(-1, 3).astype(np.float32)])
    return _Baked(
        TriangleScene(v, f),
        np.append(part_of[rows], np.uint16(0)),
        np.append(triangle[rows], np.int32(-1)),
        len(long) - len(cut),
        pieces.uv.astype(np.float32),
    )


def _face(normal: F32 | F64, directions: F64) -> None:
    """Turns normals (N, 3) in place to face where the rays come from."""
    normal[np.einsum("ij,ij->i", normal, directions) > 0] *= -1
