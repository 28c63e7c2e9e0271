"""Where an actor goes: a line on the ground to follow, and the steering and speed that follow it."""

from __future__ import annotations

import numpy as np

from pairforge.frames import F64


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
