"""What room a standing thing takes: the footprint and height of each of its collision solids."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from shapely import MultiPoint, Point

from pairforge.frames import F64, Pose
from pairforge.scenes.world import Collider, Shape

TOUCH_M = 1e-6
"""Solids this close in height count as touching, not overlapping."""


def corners(size_m: tuple[float, float, float], centre_m: tuple[float, float, float]) -> F64:
    """The (8, 3) corners of an upright box."""
    signs = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])
    points: F64 = np.asarray(centre_m, dtype=np.float64) + signs * np.asarray(size_m, dtype=np.float64)
    return points


@dataclass(frozen=True, eq=False)
class Solid:
    """An upright prism: a convex polygon (x, y) between two heights."""

    outline: Any
    low_m: float
    high_m: float

    @staticmethod
    def of(points: F64) -> Solid:
        """The tightest prism around points (N, 3)."""
        hull = MultiPoint(points[:, :2]).convex_hull
        return Solid(hull, float(points[:, 2].min()), float(points[:, 2].max()))

    def overlaps(self, other: Solid, margin_m: float) -> bool:
        level = self.low_m < other.high_m - TOUCH_M and other.low_m < self.high_m - TOUCH_M
        return level and bool(self.outline.distance(other.outline) < margin_m)

    def contains(self, point: F64) -> bool:
        """Whether a point (3,) is in it."""
        return bool(self.low_m < point[2] < self.high_m and self.outline.contains(Point(point[:2])))


@dataclass(frozen=True, eq=False)
class Body:
    """A shape at a pose."""

    name: str
    shape: Shape
    pose: Pose

    @cached_property
    def points(self) -> F64:
        """Every vertex (N, 3) of its meshes in the world: its real extent in any direction."""
        return np.concatenate(
            [(self.pose @ part.body_from_part).points(part.mesh.vertices) for part in self.shape.parts]
        )

    @cached_property
    def solids(self) -> tuple[Solid, ...]:
        """A prism for each collider; for a shape without colliders, one around its mesh."""
        clouds = [collider_points(c) for c in self.shape.colliders]
        if not clouds:
            return (Solid.of(self.points),)
        return tuple(Solid.of(self.pose.points(cloud)) for cloud in clouds)

    @cached_property
    def bounds_m(self) -> F64:
        """Least and greatest (x, y), (2, 2), of its solids in plan."""
        points = np.concatenate([np.asarray(s.outline.bounds).reshape(2, 2) for s in self.solids])
        return np.stack([points.min(axis=0), points.max(axis=0)])

    @cached_property
    def _circle(self) -> tuple[F64, float]:
        low, high = self.bounds_m
        return (low + high) / 2, float(np.linalg.norm(high - low)) / 2

    def overlaps(self, other: Body, margin_m: float) -> bool:
        """Whether any two of their solids come closer than ``margin_m`` in plan while overlapping in height."""
        (a, radius_a), (b, radius_b) = self._circle, other._circle
        if np.linalg.norm(a - b) > radius_a + radius_b + margin_m:
            return False
        return any(mine.overlaps(yours, margin_m) for mine in self.solids for yours in other.solids)

    def contains(self, point: F64) -> bool:
        """Whether a point (3,) is in one of its solids."""
        middle, radius_m = self._circle
        near = bool(np.linalg.norm(middle - point[:2]) <= radius_m)
        return near and any(solid.contains(point) for solid in self.solids)


def reach_m(points: F64, direction: F64) -> float:
    """How far points (N, 3) extend along a direction (3,) of length 1."""
    return float((points @ direction).max())


def collider_points(collider: Collider) -> F64:
    """Points (N, 3) in the body frame whose hull holds the collider (round ones: 24-gons around them)."""
    return collider.body_from_collider.points(_local_points(collider))


def _local_points(collider: Collider) -> F64:
    if collider.kind == "hull":
        assert collider.points is not None
        return collider.points
    if collider.kind == "box":
        x, y, z = collider.size_m
        return corners((x, y, z), (0.0, 0.0, 0.0))
    radius = collider.size_m[0]
    if collider.kind == "sphere":
        return _ring(radius, (-radius, 0.0, radius))
    half = collider.size_m[1] / 2 + (radius if collider.kind == "capsule" else 0.0)
    return _ring(radius, (-half, half))


def _ring(radius: float, heights: tuple[float, ...]) -> F64:
    angle = np.arange(24) * (2 * np.pi / 24)
    out = radius / np.cos(np.pi / 24)
    return np.concatenate(
        [np.stack([out * np.cos(angle), out * np.sin(angle), np.full(24, z)], axis=1) for z in heights]
    )
