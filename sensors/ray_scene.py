"""Triangles that rays can be cast against: one Embree scene, and the tables that say what each triangle is."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from threading import Lock
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64
from pairforge.open3d import o3d
from pairforge.scenes.world import Material, Mesh, Part

F32 = NDArray[np.float32]
I32 = NDArray[np.int32]
U16 = NDArray[np.uint16]

_CHUNK = 1 << 16
"""Rays handed to Embree at once: small enough for the float32 copies to stay in cache."""


class TriangleScene:
    """An Embree scene over one soup of triangles: vertices (V, 3) metres, faces (F, 3)."""

    def __init__(self, vertices: NDArray[Any], faces: NDArray[Any]) -> None:
        # One building thread: the tree, and so the winner among exactly equal hits, is then the same everywhere.
        self._scene = o3d.t.geometry.RaycastingScene(nthreads=1)
        self._building, self._built = Lock(), False
        self.empty = len(faces) == 0
        if not self.empty:
            self._scene.add_triangles(
                o3d.core.Tensor.from_numpy(np.ascontiguousarray(vertices, dtype=np.float32)),
                o3d.core.Tensor.from_numpy(np.ascontiguousarray(faces, dtype=np.uint32)),
            )

    def cast(self, rays: F32) -> tuple[F32, I32, F32, F32]:
        """First hits of rays (N, 6), origin and direction: distance (N,) in units of the direction length (inf:
        none), triangle (N,) (-1: none), its unit normal (N, 3) by winding (0: none), and barycentric (u, v) (N, 2)
        of its second and third corner."""
        n = len(rays)
        if self.empty or not n:
            none = np.full(n, np.inf, dtype=np.float32), np.full(n, -1, dtype=np.int32)
            return *none, np.zeros((n, 3), dtype=np.float32), np.zeros((n, 2), dtype=np.float32)
        self._build()
        answer = self._scene.cast_rays(o3d.core.Tensor.from_numpy(rays))
        return (
            answer["t_hit"].numpy(),
            answer["primitive_ids"].numpy().view(np.int32),  # INVALID_ID is 2**32 - 1, so -1
            answer["primitive_normals"].numpy(),
            answer["primitive_uvs"].numpy(),
        )

    def _build(self) -> None:
        """Has the first rays build the tree, which two threads must not do at once; after that they may cast."""
        if not self._built:
            with self._building:
                if not self._built:
                    self._scene.test_occlusions(o3d.core.Tensor.from_numpy(np.ones((1, 6), np.float32)))
                    self._built = True

    def first_hits(self, origins: F64, directions: F64) -> tuple[F32, I32, F32, F32]:
        """``cast`` of rays given as origins (N, 3) and directions (N, 3)."""
        n = len(origins)
        if self.empty or n <= _CHUNK:
            return self.cast(_rays(origins, directions))
        distance, triangle = np.empty(n, dtype=np.float32), np.empty(n, dtype=np.int32)
        normal, uv = np.empty((n, 3), dtype=np.float32), np.empty((n, 2), dtype=np.float32)
        for s in _chunks(n):
            distance[s], triangle[s], normal[s], uv[s] = self.cast(_rays(origins[s], directions[s]))
        return distance, triangle, normal, uv

    def any_hits(self, origins: F64, directions: F64) -> NDArray[np.bool_]:
        """(N,) whether anything stands between an origin and origin + direction."""
        chunks = _chunks(len(origins))
        return np.concatenate(
            [np.zeros(0, np.bool_), *(self.blocked(_rays(origins[s], directions[s])) for s in chunks)]
        )

    def blocked(self, rays: F32) -> NDArray[np.bool_]:
        """``any_hits`` of rays (N, 6), origin and direction."""
        if self.empty or not len(rays):
            return np.zeros(len(rays), dtype=np.bool_)
        self._build()
        found = self._scene.test_occlusions(o3d.core.Tensor.from_numpy(rays), 0.0, 1.0)
        return np.asarray(found.numpy(), dtype=np.bool_)


def _chunks(n: int) -> list[slice]:
    return [slice(k, min(k + _CHUNK, n)) for k in range(0, n, _CHUNK)]


def _rays(origins: F64, directions: F64) -> F32:
    rays = np.empty((len(origins), 6), dtype=np.float32)
    rays[:, :3] = origins
    rays[:, 3:] = directions
    return rays


@dataclass(frozen=True, eq=False)
class MeshTables:
    """All distinct meshes of a world laid end to end, so that a hit's surface is one lookup.

    ``first_triangle`` (P + 1,): where a part's mesh starts in ``material`` (T,) (indices into ``materials``).
    ``corner_normals`` (T, 3, 3) float32: shading normals at each triangle's corners in the part's frame.
    """

    meshes: tuple[Mesh, ...]
    first_triangle: NDArray[np.int64]
    material: I32
    materials: tuple[Material, ...]

    @cached_property
    def corner_uv(self) -> F32:
        """(T, 3, 2) float32: texture coordinates at each triangle's corners, 0 where a mesh has none."""
        rows = [np.zeros((len(m.faces), 3, 2), np.float32) if m.uv is None else m.uv for m in self.meshes]
        return np.concatenate([np.zeros((0, 3, 2), np.float32), *rows])

    @cached_property
    def corner_normals(self) -> F32:
        return np.concatenate([np.zeros((0, 3, 3), np.float32), *(corner_normals(m) for m in self.meshes)])


def mesh_tables(parts: Sequence[Part]) -> MeshTables:
    """Tables of the meshes of ``parts``, which stand in order of their ids."""
    start: dict[Mesh, int] = {}
    materials: dict[Material, int] = {}
    rows: list[I32] = []
    total = 0
    for part in parts:
        mesh = part.mesh
        if mesh in start:
            continue
        start[mesh] = total
        total += len(mesh.faces)
        own = np.array([materials.setdefault(m, len(materials)) for m in mesh.materials], dtype=np.int32)
        rows.append(own[mesh.face_material] if len(mesh.faces) else np.zeros(0, np.int32))
    first = np.array([0, *(start[p.mesh] for p in parts)], dtype=np.int64)
    return MeshTables(tuple(start), first, np.concatenate([np.zeros(0, np.int32), *rows]), tuple(materials))


def corner_normals(mesh: Mesh) -> F32:
    """Normals (F, 3, 3) at each face's corners: the face's own, or for smooth faces the area-weighted mean of the
    smooth faces that share the vertex."""
    corners = mesh.vertices[mesh.faces].astype(np.float64)
    area = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    smooth = np.flatnonzero(mesh.smooth)
    at_vertex = np.zeros((len(mesh.vertices), 3))
    for k in range(3):
        for axis in range(3):
            index = mesh.faces[smooth, k]
            at_vertex[:, axis] += np.bincount(index, weights=area[smooth, axis], minlength=len(at_vertex))
    normals = np.repeat(area[:, None, :], 3, axis=1)
    normals[smooth] = at_vertex[mesh.faces[smooth]]
    length = np.linalg.norm(normals, axis=2, keepdims=True)
    out: F32 = (normals / np.maximum(length, 1e-30)).astype(np.float32)
    return out
