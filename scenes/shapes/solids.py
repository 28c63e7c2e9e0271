"""Small solid things: one mesh, its colliders, and the mass and grip of what it is made of."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from itertools import pairwise

import numpy as np
import trimesh
from numpy.typing import ArrayLike

from pairforge.frames import F64, Pose, triple
from pairforge.scenes.shapes.meshing import mesh, moved, scaled, volume_m3
from pairforge.scenes.shapes.substances import Substance
from pairforge.scenes.world import Collider, Material, Mesh, Shape, ShapePart


def solid(
    body: Mesh, colliders: Sequence[Collider], substance: Substance, mass_kg: float | None = None
) -> Shape:
    """A one-part shape; its tight box is measured from its vertices, its mass from its volume unless given."""
    low = body.vertices.min(axis=0).astype(np.float64)
    high = body.vertices.max(axis=0).astype(np.float64)
    return Shape(
        parts=(ShapePart("body", body, Pose.of()),),
        size_m=triple(high - low),
        centre_m=triple((high + low) / 2),
        mass_kg=substance.density_kg_m3 * volume_m3(body) if mass_kg is None else mass_kg,
        colliders=tuple(colliders),
        friction=substance.friction,
        restitution=substance.restitution,
    )


def sized(body: Mesh, colliders: Sequence[Collider], largest_m: float) -> tuple[Mesh, list[Collider]]:
    """Both scaled alike so that the mesh's largest extent is ``largest_m``; its bottom comes to z = 0."""
    low, high = body.vertices.min(axis=0), body.vertices.max(axis=0)
    down = (0.0, 0.0, -float(low[2]))
    factor = largest_m / float((high - low).max())
    made = scaled(moved(body, down), (factor, factor, factor))
    return made, [_scaled_collider(c, down, factor) for c in colliders]


def _scaled_collider(collider: Collider, shift: Sequence[float], factor: float) -> Collider:
    pose = collider.body_from_collider
    return replace(
        collider,
        body_from_collider=Pose((pose.position_m + np.asarray(shift)) * factor, pose.quaternion_wxyz),
        size_m=tuple(s * factor for s in collider.size_m),
        points=None if collider.points is None else collider.points * factor,
    )


def rounded_box(
    size_m: Sequence[float],
    radius_m: float,
    material: Material,
    centre_m: Sequence[float] = (0.0, 0.0, 0.0),
    segments: int = 3,
) -> Mesh:
    """A box of full extents with round edges; its six sides stay flat-shaded."""
    half = np.asarray(size_m, dtype=np.float64) / 2
    radius = min(radius_m, 0.98 * float(half.min()))
    angle = np.linspace(0.0, np.pi / 2, segments + 1)
    u, v = np.meshgrid(angle, angle, indexing="ij")
    octant = np.stack([np.cos(u) * np.cos(v), np.cos(u) * np.sin(v), np.sin(u)], axis=-1).reshape(-1, 3)
    signs = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], dtype=np.float64)
    hull = trimesh.convex.convex_hull(np.concatenate([s * (half - radius + radius * octant) for s in signs]))
    made = mesh(hull.vertices, hull.faces, material)
    flat = np.abs(hull.face_normals).max(axis=1) > 0.9999
    return moved(replace(made, smooth=~flat), triple(np.asarray(centre_m, dtype=np.float64)))


def box_collider(size_m: Sequence[float], centre_m: Sequence[float], yaw: float = 0.0) -> Collider:
    return Collider("box", Pose.of(centre_m, yaw=yaw), tuple(float(s) for s in size_m))


def disc_collider(radius_m: float, low_m: float, high_m: float) -> Collider:
    """An upright cylinder from one height to another."""
    return Collider("cylinder", Pose.of((0.0, 0.0, (low_m + high_m) / 2)), (radius_m, high_m - low_m))


def hull_collider(points_m: ArrayLike) -> Collider:
    return Collider("hull", Pose.of(), points=np.asarray(points_m, dtype=np.float64))


def rings(outline_rz: ArrayLike, count: int = 24) -> F64:
    """Points (N * count, 3) on circles of (radius, z): what a round hull collider is the hull of."""
    angle = np.arange(count) * (2 * np.pi / count)
    circles = [
        np.stack([r * np.cos(angle), r * np.sin(angle), np.full(count, z)], axis=1)
        for r, z in np.asarray(outline_rz)
    ]
    return np.concatenate(circles)


def wall_colliders(
    outer_rz: Sequence[tuple[float, float]], thickness_m: float, count: int = 12
) -> list[Collider]:
    """Boxes that stand in for a turned wall: ``count`` round each stretch of its outer profile (radius, z).

    The profile runs upwards; the boxes lie inside it, as convex pieces leave the hollow hollow.
    """
    boxes = []
    for (r0, z0), (r1, z1) in pairwise(outer_rz):
        along = np.array([r1 - r0, 0.0, z1 - z0])
        length = float(np.linalg.norm(along))
        along /= length
        inward = np.array([-along[2], 0.0, along[0]])
        axes = np.stack([along, np.array([0.0, 1.0, 0.0]), np.cross(along, [0.0, 1.0, 0.0])], axis=1)
        matrix = np.eye(4)
        matrix[:3, :3] = axes
        matrix[:3, 3] = np.array([(r0 + r1) / 2, 0.0, (z0 + z1) / 2]) + inward * thickness_m / 2
        width = 2 * max(r0, r1) * np.tan(np.pi / count)
        for k in range(count):
            pose = Pose.of(yaw=2 * np.pi * k / count) @ Pose.from_matrix(matrix)
            boxes.append(Collider("box", pose, (length, float(width), thickness_m)))
    return boxes
