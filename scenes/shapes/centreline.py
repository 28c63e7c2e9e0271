"""The line a street follows: an arc of constant curvature, straight when the curvature is 0."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike

from pairforge.frames import F64


@dataclass(frozen=True)
class Centreline:
    """Starts at ``origin_m`` (x, y) heading ``yaw`` (radians from +x); positive curvature turns left."""

    length_m: float
    curvature_per_m: float = 0.0
    origin_m: tuple[float, float] = (0.0, 0.0)
    yaw: float = 0.0

    def heading(self, s_m: ArrayLike) -> F64:
        """Radians from +x at distances ``s_m`` along the line."""
        out: F64 = self.yaw + self.curvature_per_m * np.asarray(s_m, dtype=np.float64)
        return out

    def points(self, s_m: ArrayLike, lateral_m: ArrayLike = 0.0, z_m: ArrayLike = 0.0) -> F64:
        """Points (..., 3) at ``s_m`` along the line, ``lateral_m`` to its left and height ``z_m``."""
        s, lateral, z = np.broadcast_arrays(
            np.asarray(s_m, dtype=np.float64), np.asarray(lateral_m, dtype=np.float64), np.asarray(z_m)
        )
        # A chord of an arc: length s sinc(turn / 2), at the mean of both headings.
        half_turn = self.curvature_per_m * s / 2
        chord = s * np.sinc(half_turn / np.pi)
        heading = self.heading(s)
        x = self.origin_m[0] + chord * np.cos(self.yaw + half_turn) - lateral * np.sin(heading)
        y = self.origin_m[1] + chord * np.sin(self.yaw + half_turn) + lateral * np.cos(heading)
        return np.stack([x, y, z.astype(np.float64)], axis=-1)

    def stations(self, start_m: float, stop_m: float, step_m: float = 2.0) -> F64:
        """Distances (N,) from ``start_m`` to ``stop_m``, both included, at most ``step_m`` apart."""
        return np.linspace(start_m, stop_m, max(2, int(np.ceil((stop_m - start_m) / step_m)) + 1))

    def crossing_at(self, s_m: float, length_m: float) -> Centreline:
        """A straight line of ``length_m`` square to this one, its middle at ``s_m``, running to the left."""
        start = self.points(s_m, -length_m / 2)
        return Centreline(
            length_m, 0.0, (float(start[0]), float(start[1])), float(self.heading(s_m)) + np.pi / 2
        )
