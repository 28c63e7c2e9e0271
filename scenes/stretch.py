"""A shape stretched to a box: what a logged box becomes, and any thing whose three extents are known."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pairforge.errors import SpecError
from pairforge.frames import F64, Pose
from pairforge.scenes.keypoints import Keypoint
from pairforge.scenes.world import Collider, Lamp, Shape, ShapePart, Wheel

_ROUND = 24
"""Corners of a ring of a round collider."""


def stretched(shape: Shape, extent_m: tuple[float, float, float]) -> Shape:
    """The shape scaled along its body's axes, about its origin, so that its box measures ``extent_m`` (length,
    width, height). Wheels stay round: they grow with the height. Raises SpecError for a shape with joints, whose
    links cannot be stretched."""
    if shape.links:
        raise SpecError("a thing with joints cannot be stretched to a box; leave extent_m out")
    factors = np.asarray(extent_m, dtype=np.float64) / np.asarray(shape.size_m, dtype=np.float64)
    wheels = {wheel.part for wheel in shape.wheels}
    maps = {part.name: _part_map(part, part.name in wheels, factors) for part in shape.parts}
    return replace(
        shape,
        parts=tuple(_part(part, maps[part.name], factors) for part in shape.parts),
        size_m=extent_m,
        centre_m=_scaled(shape.centre_m, factors),
        mass_kg=shape.mass_kg * float(np.prod(factors)),
        colliders=tuple(_collider(c, factors) for c in shape.colliders),
        wheels=tuple(_rolling(w, factors) for w in shape.wheels),
        lamps=tuple(_lamp(lamp, factors) for lamp in shape.lamps),
        stride_m=shape.stride_m * float(factors[2]),
        keypoints=tuple(_keypoint(k, maps[k.part]) for k in shape.keypoints),
    )


def _part_map(part: ShapePart, wheel: bool, factors: F64) -> F64:
    """(3, 3): new vertices from old ones in the part's frame, which stays turned as it was: R^T S R. A wheel's axle
    is its y, which is the body's."""
    if wheel:
        return np.diag([factors[2], factors[1], factors[2]])
    turn = part.body_from_part.rotation
    return np.asarray(turn.T @ np.diag(factors) @ turn, dtype=np.float64)


def _part(part: ShapePart, new_from_old: F64, factors: F64) -> ShapePart:
    vertices = (part.mesh.vertices.astype(np.float64) @ new_from_old.T).astype(np.float32)
    return replace(
        part,
        mesh=replace(part.mesh, vertices=vertices),
        body_from_part=_moved(part.body_from_part, factors),
    )


def _moved(pose: Pose, factors: F64) -> Pose:
    return Pose(pose.position_m * factors, pose.quaternion_wxyz)


def _scaled(point: tuple[float, float, float], factors: F64) -> tuple[float, float, float]:
    x, y, z = (float(c * f) for c, f in zip(point, factors, strict=True))
    return x, y, z


def _rolling(wheel: Wheel, factors: F64) -> Wheel:
    return replace(
        wheel,
        centre_m=_scaled(wheel.centre_m, factors),
        radius_m=wheel.radius_m * float(factors[2]),
        width_m=wheel.width_m * float(factors[1]),
    )


def _lamp(lamp: Lamp, factors: F64) -> Lamp:
    dark, lit = (_moved(pose, factors) for pose in (lamp.body_from_dark, lamp.body_from_lit))
    return replace(lamp, body_from_dark=dark, body_from_lit=lit)


def _keypoint(keypoint: Keypoint, new_from_old: F64) -> Keypoint:
    x, y, z = (float(v) for v in new_from_old @ np.asarray(keypoint.at_m))
    return replace(keypoint, at_m=(x, y, z))


def _collider(collider: Collider, factors: F64) -> Collider:
    """A box that stands straight stays one; of any other the hull of its stretched corners."""
    pose = collider.body_from_collider
    if collider.kind == "box" and bool(np.allclose(pose.rotation, np.eye(3))):
        size = tuple(float(s * f) for s, f in zip(collider.size_m, factors, strict=True))
        return replace(collider, body_from_collider=_moved(pose, factors), size_m=size)
    corners = np.asarray(pose.points(_corners(collider)) * factors, dtype=np.float64)
    return Collider(
        "mesh" if collider.kind == "mesh" else "hull", Pose.of(), points=corners, faces=collider.faces
    )


def _corners(collider: Collider) -> F64:
    """Points (N, 3) in the collider's frame whose hull it is, to a few percent where it is round."""
    if collider.points is not None:
        return np.asarray(collider.points, dtype=np.float64)
    if collider.kind == "box":
        signs = np.array(np.meshgrid([-1, 1], [-1, 1], [-1, 1])).reshape(3, -1).T
        return np.asarray(signs * np.asarray(collider.size_m) / 2, dtype=np.float64)
    radius = collider.size_m[0]
    half = collider.size_m[1] / 2 if len(collider.size_m) > 1 else 0.0
    angle = 2 * np.pi * np.arange(_ROUND) / _ROUND
    ring = np.column_stack([np.cos(angle), np.sin(angle), np.zeros(_ROUND)])
    if collider.kind == "cylinder":
        return np.concatenate([radius * ring + [0.0, 0.0, z] for z in (-half, half)])
    tilts = np.radians([0.0, 30.0, 60.0, 90.0])
    dome = np.concatenate([radius * (ring * np.cos(t) + [0.0, 0.0, np.sin(t)]) for t in tilts])
    up = np.array([0.0, 0.0, half])
    return np.concatenate([dome + up, dome * [1.0, 1.0, -1.0] - up])
