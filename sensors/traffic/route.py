"""Where an actor goes: a line on the ground to follow, and the steering and speed that follow it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, I64

MOST_TURN, SHARPEST = 3.0, 1.5
"""Radians, of a route in all and of one corner: less than a half and a quarter of a circle."""
ROUNDING_M = 1e-3
FEW = 24
"""So few segments are gone through one by one faster than all at once."""
SIDEWAYS_MPS2 = 2.5
"""Bends are driven with no more than this sideways."""


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
        self._columns = np.column_stack([points[:-1], self._tangents]).T.copy()
        self._rows = np.column_stack(
            [points[:-1], self._tangents, self._low, self._high, self.s[:-1]]
        ).tolist()
        self._turns, self._sharpest = _turns(self._tangents)
        # Bends are looked up each plan, so their curvature is tabled every metre.
        self._bends = np.abs(self.curvatures(np.arange(0.0, self.length_m + 1.0)))

    def project(self, xy: F64) -> tuple[F64, F64]:
        """Arc length and left offset (M,), (M,) of the nearest points of the route to ``xy`` (M, 2)."""
        s, d, _ = self.nearest(xy, 0, self._count)
        return s, d

    def between(self, from_s: float, to_s: float) -> tuple[int, int]:
        """The range of segments that covers two arc lengths."""
        return self._segment(from_s), self._segment(to_s) + 1

    def nearest(self, xy: F64, first: int, last: int) -> tuple[F64, F64, F64]:
        """Arc length, left offset (M,) and tangent (M, 2) of the nearest points of segments ``first`` to ``last``."""
        px, py, tx, ty = self._columns[:, first:last]
        dx, dy = xy[:, :1] - px, xy[:, 1:] - py
        inside = np.minimum(np.maximum(dx * tx + dy * ty, self._low[first:last]), self._high[first:last])
        squared = (dx - inside * tx) ** 2 + (dy - inside * ty) ** 2
        near = squared.argmin(axis=1)
        m = np.arange(len(xy))
        side = np.sign(tx[near] * dy[m, near] - ty[near] * dx[m, near])
        tangents = self._tangents[first:last][near]
        return self.s[first:last][near] + inside[m, near], side * np.sqrt(squared[m, near]), tangents

    def clear_of(self, xy: F64, first: int, last: int, reach_m: F64) -> NDArray[np.bool_] | None:
        """Which points (M, 2) stand more than ``reach_m`` (M,) from segments ``first`` to ``last``, so that all that
        is within ``reach_m`` of one lies on one side of them; None where the route turns too much to have sides.

        The segments count as going on straight at both ends. A line that turns by less than half a circle in all, and
        nowhere by a quarter, is the graph of a function over some direction, so what does not touch it is left or
        right of it as a whole.
        """
        if self._turns[last - 1] - self._turns[first] > MOST_TURN or self._sharpest > SHARPEST:
            return None
        px, py, tx, ty = self._columns[:, first:last]
        dx, dy = xy[:, :1] - px, xy[:, 1:] - py
        along = dx * tx + dy * ty
        along[:, 1:] = np.maximum(along[:, 1:], 0.0)
        along[:, :-1] = np.minimum(along[:, :-1], self._lengths[first : last - 1])
        dx -= along * tx
        dy -= along * ty
        return np.asarray((dx * dx + dy * dy).min(axis=1) > (reach_m + ROUNDING_M) ** 2)

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

    def points_at(self, s: F64) -> F64:
        """The points (N, 2) at arc lengths ``s`` (N,)."""
        k = self._segments(s)
        return np.asarray(self.points[k] + (s - self.s[k])[:, None] * self._tangents[k], dtype=np.float64)

    def tangents_at(self, s: F64, span_m: float = 1.0) -> F64:
        """Unit directions (N, 2) at arc lengths ``s`` (N,): of chords of ``span_m``, so that they turn evenly."""
        chord = self.points_at(s + span_m / 2) - self.points_at(s - span_m / 2)
        return np.asarray(chord / np.linalg.norm(chord, axis=1, keepdims=True), dtype=np.float64)

    def curvature(self, s: float) -> float:
        """1/m, left positive, at arc length ``s``."""
        return float(self.curvatures(np.array([s]))[0])

    def curvatures(self, s: F64, span_m: float = 4.0) -> F64:
        """(N,) 1/m, left positive, of the circles through three points ``span_m`` apart."""
        a, b, c = (self.points_at(s + shift) for shift in (-span_m, 0.0, span_m))
        ab, bc, ac = b - a, c - b, c - a
        cross = ab[:, 0] * bc[:, 1] - ab[:, 1] * bc[:, 0]
        product = np.prod([np.linalg.norm(v, axis=1) for v in (ab, bc, ac)], axis=0)
        return np.asarray(np.where(product > 1e-9, 2.0 * cross / np.maximum(product, 1e-9), 0.0))

    def near(self, x: float, y: float, around_s: float, reach_m: float = 8.0) -> tuple[float, float]:
        """Arc length and left offset of one point, looked for within ``reach_m`` of ``around_s`` alone."""
        first, last = self.between(around_s - reach_m, around_s + reach_m)
        if last - first > FEW:
            s, d, _ = self.nearest(np.array([[x, y]]), first, last)
            return float(s[0]), float(d[0])
        best, found = np.inf, (0.0, 0.0, 0.0)
        for px, py, tx, ty, low, high, s0 in self._rows[first:last]:
            dx, dy = x - px, y - py
            inside = min(max(dx * tx + dy * ty, low), high)
            ex, ey = dx - inside * tx, dy - inside * ty
            if ex * ex + ey * ey < best:
                best, found = ex * ex + ey * ey, (s0 + inside, tx * dy, ty * dx)
        along, left, right = found
        return along, float(np.sign(left - right)) * math.sqrt(best)

    def calm_speed(self, s: float, reach_m: float, sideways_mps2: float, braking_mps2: float) -> float:
        """The highest speed in m/s from which one can come down at ``braking_mps2`` for every bend within ``reach_m``
        and pass it with ``sideways_mps2`` at most."""
        first = min(max(int(s), 0), len(self._bends) - 1)
        bends = self._bends[first : int(max(s, 0.0) + reach_m) + 2]
        ahead = np.maximum(np.arange(len(bends)) - (max(s, 0.0) - first), 0.0)
        return float(np.sqrt((sideways_mps2 / np.maximum(bends, 1e-6) + 2.0 * braking_mps2 * ahead).min()))

    def _segments(self, s: F64) -> I64:
        return np.asarray(np.clip(self.s.searchsorted(s, side="right") - 1, 0, self._count - 1))

    def _segment(self, s: float) -> int:
        return min(max(int(self.s.searchsorted(s, side="right")) - 1, 0), self._count - 1)


def _turns(tangents: F64) -> tuple[F64, float]:
    """Radians (S,) by which the line has turned, this way or that, up to each segment; and the sharpest corner."""
    before, after = tangents[:-1], tangents[1:]
    cross = before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0]
    corners = np.abs(np.arctan2(cross, (before * after).sum(axis=1)))
    return np.concatenate([[0.0], np.cumsum(corners)]), float(corners.max(initial=0.0))


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
