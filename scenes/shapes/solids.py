"""Triangles of small solids: revolved profiles, rounded boxes, swept tubes, and their union as one part mesh."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import trimesh
from numpy.typing import ArrayLike, NDArray
from pairforge.frames import F64, Pose
from pairforge.scenes.world import Collider, Material, Mesh, Shape, ShapePart


@dataclass(frozen=True, eq=False)
class Piece:
    """A surface: vertices (V, 3) metres, faces (F, 3), smooth (F,) and the index of its material."""

    vertices: F64
    faces: NDArray[np.int64]
    smooth: NDArray[np.bool_]
    material: int = 0

    def moved(self, pose: Pose) -> Piece:
        return Piece(pose.points(self.vertices), self.faces, self.smooth, self.material)


def revolved(profile_rz: ArrayLike, material: int = 0, sections: int = 48, smooth: bool = True) -> Piece:
    """Turns an open profile (N, 2) of (radius, z) about z. Going up along it, the outside is on its right.

    Points on the axis (radius 0) become single vertices. Give sharp corners by revolving each side on its own.
    """
    profile = np.asarray(profile_rz, dtype=np.float64)
    angle = np.arange(sections) * (2 * np.pi / sections)
    circle = np.stack([np.cos(angle), np.sin(angle)], axis=1)
    rings, start = [], []
    count = 0
    for radius, z in profile:
        ring = (
            np.array([[0.0, 0.0, z]])
            if radius <= 0.0
            else np.column_stack([radius * circle, np.full(sections, z)])
        )
        rings.append(ring)
        start.append(count)
        count += len(ring)
    i = np.arange(sections)
    j = (i + 1) % sections
    faces = []
    for k in range(len(profile) - 1):
        a, b = start[k], start[k + 1]
        low, high = len(rings[k]) > 1, len(rings[k + 1]) > 1
        if low:
            faces.append(np.stack([a + i, a + j, b + (j if high else 0 * j)], axis=1))
        if high:
            faces.append(np.stack([a + (i if low else 0 * i), b + j, b + i], axis=1))
    triangles = np.concatenate(faces)
    return Piece(np.concatenate(rings), triangles, np.full(len(triangles), smooth), material)


def rounded_box(size_m: Sequence[float], radius_m: float, material: int = 0, segments: int = 3) -> Piece:
    """A box of full extents with rounded edges, centred on the origin; its six sides stay flat-shaded."""
    half = np.asarray(size_m, dtype=np.float64) / 2
    radius = float(min(radius_m, 0.49 * 2 * half.min()))
    angle = np.linspace(0.0, np.pi / 2, segments + 1)
    u, v = np.meshgrid(angle, angle, indexing="ij")
    octant = np.stack([np.cos(u) * np.cos(v), np.cos(u) * np.sin(v), np.sin(u)], axis=-1).reshape(-1, 3)
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=np.float64)
    points = np.concatenate([s * (half - radius + radius * octant) for s in signs])
    hull = trimesh.Trimesh(points, process=True, merge_norm=True).convex_hull
    flat = np.abs(hull.face_normals).max(axis=1) > 0.9999
    return Piece(np.asarray(hull.vertices), np.asarray(hull.faces), ~flat, material)


def tube(
    path_m: ArrayLike, radius_m: ArrayLike, material: int = 0, sections: int = 16, flatten: float = 1.0
) -> Piece:
    """A round tube along a planar path (N, 3) in the x-z plane, radius a number or (N,), closed by end caps.

    ``flatten`` scales the section across y."""
    path = np.asarray(path_m, dtype=np.float64)
    radius = np.broadcast_to(np.asarray(radius_m, dtype=np.float64), (len(path),))
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    across = np.array([0.0, 1.0, 0.0])
    normal = np.cross(across, tangent)
    angle = np.arange(sections) * (2 * np.pi / sections)
    ring = np.cos(angle)[:, None, None] * normal[None] + flatten * np.sin(angle)[:, None, None] * across
    rings = np.swapaxes(path[None] + radius[None, :, None] * ring, 0, 1)
    i = np.arange(sections)
    j = (i + 1) % sections
    last = (len(path) - 1) * sections
    faces = []
    for k in range(0, last, sections):
        faces += [
            np.stack([k + i, k + j, k + sections + j], 1),
            np.stack([k + i, k + sections + j, k + sections + i], 1),
        ]
    tip = len(path) * sections
    faces += [np.stack([0 * i + tip, j, i], 1), np.stack([0 * i + tip + 1, last + i, last + j], 1)]
    triangles = np.concatenate(faces)
    piece = trimesh.Trimesh(
        np.concatenate([rings.reshape(-1, 3), path[:1], path[-1:]]), triangles, process=False
    )
    if piece.volume < 0:
        triangles = triangles[:, ::-1]
    return Piece(np.asarray(piece.vertices), triangles, np.ones(len(triangles), dtype=bool), material)


def merged(pieces: Sequence[Piece], materials: Sequence[Material]) -> Mesh:
    """One part mesh of several pieces that keep their own vertices."""
    offset = np.cumsum([0, *(len(p.vertices) for p in pieces)])
    return Mesh(
        vertices=np.concatenate([p.vertices for p in pieces]).astype(np.float32),
        faces=np.concatenate([p.faces + o for p, o in zip(pieces, offset, strict=False)]).astype(np.int32),
        face_material=np.concatenate([np.full(len(p.faces), p.material) for p in pieces]).astype(np.uint8),
        materials=tuple(materials),
        smooth=np.concatenate([p.smooth for p in pieces]),
    )


def solid(
    pieces: Sequence[Piece],
    materials: Sequence[Material],
    mass_kg: float,
    colliders: Sequence[Collider],
    friction: float,
    restitution: float,
) -> Shape:
    """A one-part shape whose tight box is measured from its vertices."""
    mesh = merged(pieces, materials)
    low, high = mesh.vertices.min(axis=0).astype(np.float64), mesh.vertices.max(axis=0).astype(np.float64)
    size, centre = high - low, (high + low) / 2
    return Shape(
        parts=(ShapePart("body", mesh, Pose.of()),),
        size_m=(float(size[0]), float(size[1]), float(size[2])),
        centre_m=(float(centre[0]), float(centre[1]), float(centre[2])),
        mass_kg=mass_kg,
        colliders=tuple(colliders),
        friction=friction,
        restitution=restitution,
    )


def box_collider(size_m: Sequence[float], centre_m: Sequence[float], yaw: float = 0.0) -> Collider:
    return Collider("box", Pose.of(centre_m, yaw=yaw), tuple(float(s) for s in size_m))


def hull_collider(points_m: ArrayLike) -> Collider:
    return Collider("hull", Pose.of(), points=np.asarray(points_m, dtype=np.float64))


def volume_m3(pieces: Sequence[Piece]) -> float:
    """Volume enclosed by pieces that together close a surface (divergence theorem)."""
    total = 0.0
    for p in pieces:
        a, b, c = (p.vertices[p.faces[:, k]] for k in range(3))
        total += float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum()) / 6.0
    return total
