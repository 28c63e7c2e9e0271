"""How actors decide: routes to follow, gaps to keep, speeds and steering. Pure geometry and laws, no engine."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pairforge.frames import F64, Pose
from pairforge.scenes.taxonomy import CLASSES
from pairforge.scenes.world import World


@dataclass(frozen=True)
class Obstacle:
    """What is in the way: ``gap_m`` to it, its speed along the route, and the left offsets it covers.

    ``soon`` is False for somebody who only comes into the way later than ``FORESIGHT_S``: no cause for alarm yet."""

    gap_m: float
    speed_mps: float
    right_m: float
    left_m: float
    soon: bool = True


FORESIGHT_S = 1.2
"""Who crosses counts where they will be this much later; drivers, whose stops take longer, look further ahead."""
CLEAR = Obstacle(float("inf"), 0.0, 0.0, 0.0)


class Route:
    """A polyline on the ground to follow: points (N, 2), arc length ``s``, left offset ``d``.

    Before its start and past its end the first and last segments go straight on.
    """

    def __init__(self, points_m: F64, lateral_m: float = 0.0) -> None:
        points = _distinct(np.asarray(points_m, dtype=np.float64)[:, :2])
        if lateral_m:
            points = _offset(points, lateral_m)
        self.points = points
        step = np.diff(points, axis=0)
        self._lengths = np.linalg.norm(step, axis=1)
        self._tangents = step / self._lengths[:, None]
        self.s = np.concatenate([[0.0], np.cumsum(self._lengths)])
        self.length_m = float(self.s[-1])
        self._count = len(self._lengths)
        self._low = np.where(np.arange(self._count) == 0, -np.inf, 0.0)
        self._high = np.where(np.arange(self._count) == self._count - 1, np.inf, self._lengths)
        # Bends are looked up each plan, so their curvature is tabled every metre.
        stations = np.arange(0.0, self.length_m + 1.0)
        self._bends = np.abs([self.curvature(float(s)) for s in stations])

    def project(self, xy: F64) -> tuple[F64, F64]:
        """Arc length and left offset (M,), (M,) of the nearest points of the route to ``xy`` (M, 2)."""
        s, d, _ = self.nearest(xy, 0, self._count)
        return s, d

    def between(self, from_s: float, to_s: float) -> tuple[int, int]:
        """The range of segments that covers two arc lengths."""
        return self._segment(from_s), self._segment(to_s) + 1

    def nearest(self, xy: F64, first: int, last: int) -> tuple[F64, F64, F64]:
        """Arc length, left offset (M,) and tangent (M, 2) of the nearest points of segments ``first`` to ``last``."""
        (px, py), (tx, ty) = self.points[first:last].T, self._tangents[first:last].T
        dx, dy = xy[:, :1] - px, xy[:, 1:] - py
        inside = np.minimum(np.maximum(dx * tx + dy * ty, self._low[first:last]), self._high[first:last])
        squared = (dx - inside * tx) ** 2 + (dy - inside * ty) ** 2
        near = squared.argmin(axis=1)
        m = np.arange(len(xy))
        side = np.sign(tx[near] * dy[m, near] - ty[near] * dx[m, near])
        tangents = self._tangents[first:last][near]
        return self.s[first:last][near] + inside[m, near], side * np.sqrt(squared[m, near]), tangents

    def locate(self, x: float, y: float) -> tuple[float, float]:
        """Arc length and left offset of one point."""
        s, d = self.project(np.array([[x, y]]))
        return float(s[0]), float(d[0])

    def at(self, s: float) -> F64:
        """The point (2,) at arc length ``s``."""
        k = self._segment(s)
        return np.asarray(self.points[k] + (s - self.s[k]) * self._tangents[k], dtype=np.float64)

    def tangent(self, s: float) -> F64:
        """Unit direction (2,) at arc length ``s``."""
        return np.asarray(self._tangents[self._segment(s)], dtype=np.float64)

    def curvature(self, s: float, span_m: float = 4.0) -> float:
        """1/m, left positive, of the circle through three points ``span_m`` apart."""
        a, b, c = self.at(s - span_m), self.at(s), self.at(s + span_m)
        ab, bc, ac = b - a, c - b, c - a
        cross = ab[0] * bc[1] - ab[1] * bc[0]
        product = float(np.linalg.norm(ab) * np.linalg.norm(bc) * np.linalg.norm(ac))
        return 2.0 * float(cross) / product if product > 1e-9 else 0.0

    def sharpest(self, from_s: float, to_s: float) -> float:
        """The largest curvature (1/m, unsigned) between two arc lengths."""
        first, last = int(max(from_s, 0.0)), int(max(to_s, 0.0)) + 2
        bends = self._bends[first:last]
        return float(bends.max()) if len(bends) else 0.0

    def _segment(self, s: float) -> int:
        return min(max(int(self.s.searchsorted(s, side="right")) - 1, 0), self._count - 1)


def _distinct(points: F64) -> F64:
    """Points without repeats; a lone point becomes a short line along +x."""
    keep = np.concatenate([[True], np.linalg.norm(np.diff(points, axis=0), axis=1) > 1e-6])
    kept = points[keep]
    return kept if len(kept) > 1 else np.array([kept[0], kept[0] + [1.0, 0.0]])


def _offset(points: F64, left_m: float) -> F64:
    """The polyline shifted to its left, mitred at its corners."""
    step = np.diff(points, axis=0)
    tangent = step / np.linalg.norm(step, axis=1, keepdims=True)
    before, after = np.vstack([tangent[:1], tangent]), np.vstack([tangent, tangent[-1:]])
    bisector = before + after
    bisector /= np.linalg.norm(bisector, axis=1, keepdims=True)
    normal = np.stack([-bisector[:, 1], bisector[:, 0]], axis=1)
    stretch = np.einsum("nk,nk->n", bisector, after)
    return np.asarray(points + normal * (left_m / np.maximum(stretch, 0.5))[:, None], dtype=np.float64)


class Neighbours:
    """Footprints of everything an actor could run into, by instance.

    Level rectangles with a velocity: things of boxed classes and all that moves; buildings, trees and the like stand
    clear of routes.
    """

    def __init__(self, world: World) -> None:
        near = [i for i in world.instances if i.moves or CLASSES[i.semantic_id].boxed]
        self._row = {i.instance_id: row for row, i in enumerate(near)}
        self._local = np.array([_corners(i.size_m, i.centre_m) for i in near]).reshape(-1, 5, 2)
        self.footprints = np.zeros_like(self._local)
        self.velocities = np.zeros((len(near), 2))
        for instance in near:
            pose = instance.world_from_body
            self.move(instance.instance_id, _planar(pose), (0.0, 0.0, 0.0))

    def move(self, instance_id: int, planar: tuple[float, float, float], velocity: tuple[float, ...]) -> None:
        """Puts an instance at (x, y, yaw) with its velocity in the world."""
        row = self._row[instance_id]
        x, y, yaw = planar
        c, s = np.cos(yaw), np.sin(yaw)
        local = self._local[row]
        self.footprints[row, :, 0] = x + c * local[:, 0] - s * local[:, 1]
        self.footprints[row, :, 1] = y + s * local[:, 0] + c * local[:, 1]
        self.velocities[row] = velocity[:2]

    def ahead(
        self,
        instance_id: int,
        route: Route,
        from_s: float,
        half_width_m: float,
        reach_m: float,
        lateral_m: float = 0.0,
        foresight_s: float = FORESIGHT_S,
    ) -> Obstacle:
        """The nearest other footprint in the corridor ahead, ``lateral_m`` left of the route; CLEAR when there is
        none within ``reach_m``."""
        row = self._row[instance_id]
        x, y = self.footprints[row, 4]
        ahead = route.tangent(from_s)
        # Only what is near and not behind can be in the way; 8 m allow for half the length of a lorry.
        dx, dy = self.footprints[:, 4, 0] - x, self.footprints[:, 4, 1] - y
        maybe = (dx * dx + dy * dy < (reach_m + 8.0) ** 2) & (dx * ahead[0] + dy * ahead[1] > -8.0)
        maybe[row] = False
        near = np.flatnonzero(maybe)
        if not len(near):
            return CLEAR
        segments = route.between(from_s - 10.0, from_s + reach_m + 10.0)
        s, d, tangents = route.nearest(self.footprints[near].reshape(-1, 2), *segments)
        s, d, along = s.reshape(-1, 5), d.reshape(-1, 5), tangents[4::5]
        v = self.velocities[near]
        # What crosses counts where it soon will be.
        across = along[:, 0] * v[:, 1] - along[:, 1] * v[:, 0]
        drift = foresight_s * across
        right, left = d.min(axis=1) + np.minimum(drift, 0.0), d.max(axis=1) + np.maximum(drift, 0.0)
        beside = (right < lateral_m + half_width_m) & (left > lateral_m - half_width_m)
        blocks = beside & (s[:, 4] > from_s)
        gaps = np.where(blocks, s.min(axis=1) - from_s, np.inf)
        first = int(np.argmin(gaps))
        if gaps[first] > reach_m:
            return CLEAR
        speed = float(v[first] @ along[first])
        gap = max(float(gaps[first]), 0.0)
        # Who comes only once we have gone by, 5 m of ourselves included, is not in our way.
        own_mps = max(float(np.hypot(*self.velocities[row])), 1.0)
        shift = min(FORESIGHT_S, (gap + 5.0) / own_mps) * float(across[first])
        nearest_right = float(d[first].min()) + min(shift, 0.0)
        nearest_left = float(d[first].max()) + max(shift, 0.0)
        soon = nearest_right < lateral_m + half_width_m and nearest_left > lateral_m - half_width_m
        return Obstacle(gap, max(speed, 0.0), float(right[first]), float(left[first]), soon)


def _corners(size_m: tuple[float, float, float], centre_m: tuple[float, float, float]) -> F64:
    """Four corners and the centre (5, 2) of a footprint in the body frame."""
    x, y = size_m[0] / 2, size_m[1] / 2
    around = np.array([[x, y], [-x, y], [-x, -y], [x, -y], [0.0, 0.0]])
    return np.asarray(around + np.asarray(centre_m[:2]), dtype=np.float64)


def _planar(pose: Pose) -> tuple[float, float, float]:
    return float(pose.position_m[0]), float(pose.position_m[1]), pose.yaw


@dataclass(frozen=True)
class CarFollowing:
    """The Intelligent Driver Model (Treiber, Hennecke, Helbing 2000) with an end to every stop.

    ``acceleration``, ``deceleration`` m/s^2 are comfortable ones, ``hardest`` the limit; ``headway_s`` and
    ``standstill_m`` the gap kept.
    """

    acceleration: float = 1.6
    deceleration: float = 2.2
    hardest: float = 7.5
    headway_s: float = 1.2
    standstill_m: float = 2.0

    def follow(self, speed: float, wanted: float, gap_m: float, leader: float) -> float:
        """Acceleration in m/s^2 towards ``wanted`` behind a leader ``gap_m`` ahead."""
        free = self.acceleration * (1.0 - (speed / max(wanted, 0.1)) ** 4)
        # Too fast for a bend or a new limit: come down at a comfortable rate, not by the model's fourth power.
        free = max(free, -self.deceleration)
        if gap_m == float("inf"):
            return free
        braking = speed * (speed - leader) / (2.0 * (self.acceleration * self.deceleration) ** 0.5)
        desired = self.standstill_m + max(0.0, speed * self.headway_s + braking)
        following = self._calm(
            free - self.acceleration * (desired / max(gap_m, 0.1)) ** 2, speed, gap_m, leader
        )
        if leader < 0.3:
            following = min(free, max(following, self.stop(speed, gap_m - self.standstill_m)))
        return float(max(following, -self.hardest))

    def _calm(self, asked: float, speed: float, gap_m: float, leader: float) -> float:
        """Braking eased to what is needed if the leader holds its speed: a short gap alone is no emergency.

        The constant-acceleration heuristic of Kesting, Treiber and Helbing (2010), coolness 0.99.
        """
        needed = -(max(speed - leader, 0.0) ** 2) / (2.0 * max(gap_m, 0.1))
        if asked >= needed:
            return asked
        b = self.deceleration
        return 0.01 * asked + 0.99 * (needed + b * float(np.tanh((asked - needed) / b)))

    def stop(self, speed: float, distance_m: float) -> float:
        """Acceleration that halts at ``distance_m``: none until a comfortable braking is due, then a steady one."""
        if distance_m <= 0.05:
            return -self.hardest if speed > 0.5 else -max(speed, 0.0) / 0.1
        needed = speed * speed / (2.0 * distance_m)
        return -min(needed, self.hardest) if needed >= 0.75 * self.deceleration else float("inf")


def pursuit_curvature(
    route: Route, x: float, y: float, yaw: float, ahead_m: float, s: float | None = None
) -> float:
    """Curvature in 1/m (left positive) of the arc from a pose to the route point ``ahead_m`` further on; ``s`` is
    the pose's own arc length where it is known already.

    Pure pursuit (Coulter 1992): on a circle the arc is the circle itself, so a settled bend leaves no error.
    """
    if s is None:
        s, _ = route.locate(x, y)
    dx, dy = route.at(s + ahead_m) - np.array([x, y])
    left = -np.sin(yaw) * dx + np.cos(yaw) * dy
    return float(2.0 * left / max(dx * dx + dy * dy, 1e-6))


def bend_speed(route: Route, s: float, speed: float, lateral_mps2: float = 2.5) -> float:
    """The highest speed in m/s that keeps the sideways acceleration comfortable in the bend just ahead."""
    bend = route.sharpest(s, s + 1.5 * max(speed, 4.0))
    return float((lateral_mps2 / max(bend, 1e-6)) ** 0.5)


def sidestep(obstacle: Obstacle, half_width_m: float, most_m: float) -> float:
    """The left offset that passes an obstacle: on its right if that is no longer, 0 when neither side is free."""
    if obstacle.gap_m == float("inf"):
        return 0.0
    right, left = obstacle.right_m - half_width_m, obstacle.left_m + half_width_m
    shortest = right if -right <= left + 0.15 else left
    return shortest if abs(shortest) <= most_m else 0.0
