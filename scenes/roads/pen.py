"""A pen that draws reference lines: straights, arcs and clothoids one after another, each starting where and as the
last one ended, and the curves that cross a junction."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from pairforge.scenes.roads.curves import along
from pairforge.scenes.roads.network import Cubic, Geometry, GeometryKind

STRAIGHT = 1e-3
"""Radians below which two headings count as one."""


@dataclass(frozen=True)
class Pen:
    """A pen at (``x_m``, ``y_m``) that heads ``heading`` (radians from +x), and the ``pieces`` drawn so far.

    >>> pen = Pen(0.0, 0.0, 0.0).line(10.0).turn(np.pi / 2, 8.0)
    >>> round(pen.x_m), round(pen.y_m), round(np.degrees(pen.heading)), round(pen.length_m, 2)
    (18, 8, 90, 22.57)
    """

    x_m: float
    y_m: float
    heading: float
    pieces: tuple[Geometry, ...] = ()

    @property
    def length_m(self) -> float:
        return self.pieces[-1].s_m + self.pieces[-1].length_m if self.pieces else 0.0

    def line(self, length_m: float) -> Pen:
        return self._drawn("line", length_m, 0.0, 0.0)

    def arc(self, length_m: float, curvature: float) -> Pen:
        """``curvature`` in 1/m, left positive."""
        return self._drawn("arc", length_m, curvature, curvature)

    def spiral(self, length_m: float, curvature_start: float, curvature_end: float) -> Pen:
        """A clothoid."""
        return self._drawn("spiral", length_m, curvature_start, curvature_end)

    def turn(self, angle: float, radius_m: float) -> Pen:
        """An arc of ``radius_m`` that turns by ``angle`` radians, left positive."""
        return self.arc(abs(angle) * radius_m, float(np.sign(angle)) / radius_m)

    def bend(self, angle: float, radius_m: float, easing: float = 0.5) -> Pen:
        """A turn by ``angle`` eased in and out by clothoids, which turn the share ``easing`` of it together."""
        peak = float(np.sign(angle)) / radius_m
        spiral_m = easing * abs(angle) * radius_m  # a clothoid turns half of what an arc of its length does
        round_m = (1.0 - easing) * abs(angle) * radius_m
        return self.spiral(spiral_m, 0.0, peak).arc(round_m, peak).spiral(spiral_m, peak, 0.0)

    def to(self, x_m: float, y_m: float, heading: float) -> Pen:
        """On to a point with a heading there: straight, arc and straight where that works, else a cubic curve."""
        gap = np.array([x_m - self.x_m, y_m - self.y_m])
        ahead = np.array([np.cos(self.heading), np.sin(self.heading)])
        there = np.array([np.cos(heading), np.sin(heading)])
        turn = float(np.arctan2(ahead[0] * there[1] - ahead[1] * there[0], ahead @ there))
        aside = float(ahead[0] * gap[1] - ahead[1] * gap[0])
        if abs(turn) < STRAIGHT and abs(aside) < 1e-6:
            return self.line(float(np.hypot(*gap)))
        if STRAIGHT < abs(turn) < 3.0:
            across = ahead[0] * there[1] - ahead[1] * there[0]
            before = float((gap[0] * there[1] - gap[1] * there[0]) / across)
            after = float((ahead[0] * gap[1] - ahead[1] * gap[0]) / across)
            tangent = min(before, after)
            if tangent > 0.5:
                return self._through(before - tangent, turn, tangent / np.tan(abs(turn) / 2), after - tangent)
        return self._cubic(gap, heading)

    def _through(self, before: float, turn: float, radius: float, after: float) -> Pen:
        pen = self.line(before) if before > 1e-6 else self
        pen = pen.turn(turn, radius)
        return pen.line(after) if after > 1e-6 else pen

    def _drawn(self, kind: GeometryKind, length_m: float, start: float, end: float) -> Pen:
        piece = Geometry(
            kind,
            self.length_m,
            self.x_m,
            self.y_m,
            self.heading,
            float(length_m),
            float(start),
            float(end),
        )
        return self._after(piece)

    def _cubic(self, gap: np.ndarray[tuple[int, ...], np.dtype[np.float64]], heading: float) -> Pen:
        """A cubic Bézier curve with handles of 0.4 of the distance, as OpenDRIVE's paramPoly3."""
        c, s = np.cos(self.heading), np.sin(self.heading)
        end = np.array([[c, s], [-s, c]]) @ gap
        turn, reach = heading - self.heading, 0.4 * float(np.hypot(*gap))
        points = np.array(
            [[0.0, 0.0], [reach, 0.0], end - reach * np.array([np.cos(turn), np.sin(turn)]), end]
        )
        a, b, c3, d = (
            points[0],
            3 * (points[1] - points[0]),
            3 * (points[0] - 2 * points[1] + points[2]),
            points[3] - 3 * points[2] + 3 * points[1] - points[0],
        )
        nodes, weights = np.polynomial.legendre.leggauss(32)  # type: ignore[no-untyped-call]  # numpy 1.26 has no types here
        p = (nodes + 1) / 2
        speed = np.hypot(*(b[:, None] + 2 * c3[:, None] * p + 3 * d[:, None] * p**2))
        coefficients = tuple(float(v) for axis in (0, 1) for v in (a[axis], b[axis], c3[axis], d[axis]))
        piece = Geometry(
            "param_poly3",
            self.length_m,
            self.x_m,
            self.y_m,
            self.heading,
            float(speed @ weights / 2),
            coefficients=coefficients,
        )
        return self._after(piece)

    def _after(self, piece: Geometry) -> Pen:
        on = along(piece, np.array([piece.length_m]))
        x, y = on.xy_m[0]
        return replace(
            self, x_m=float(x), y_m=float(y), heading=float(on.heading[0]), pieces=(*self.pieces, piece)
        )


def ramp(from_s_m: float, to_s_m: float, from_m: float, to_m: float) -> tuple[Cubic, Cubic]:
    """Cubics that go smoothly (level at both ends) from one value to another between two s, and stay there."""
    span, rise = to_s_m - from_s_m, to_m - from_m
    return Cubic(from_s_m, from_m, 0.0, 3 * rise / span**2, -2 * rise / span**3), Cubic(to_s_m, to_m)
