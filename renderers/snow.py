"""Lying snow, the same for both renderers: what it looks like, and where wheels have worn it off."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import distance_transform_edt, gaussian_filter

from pairforge.frames import F64
from pairforge.renderers.noise import fractal_noise
from pairforge.scenes.world import Lane, World
from pairforge.seeding import Stream

F32 = NDArray[np.float32]

SNOW_RGB = (0.80, 0.83, 0.87)
SNOW_ROUGHNESS = 0.75
FLATTEST, STEEPEST = 0.75, 0.35
"""Snow lies where the upward part of the normal is above the first, and on nothing below the second."""
_CELL_M = 0.12
_WHEEL_M = 0.78
"""Wheels run this far left and right of a lane's middle."""
_TRACK_M = 0.26


@dataclass(frozen=True, eq=False)
class Tracks:
    """Where traffic has worn the snow off: ``worn`` (H, W) float32 in 0..1 over world x (columns) and y (rows)
    from ``origin_m`` on, ``cell_m`` a cell."""

    worn: F32
    origin_m: tuple[float, float]
    cell_m: float

    def at(self, points: F32) -> F32:
        """(N,) how worn the snow is at world points (N, 3); 0 outside."""
        column = np.floor((points[:, 0] - self.origin_m[0]) / self.cell_m).astype(np.int64)
        row = np.floor((points[:, 1] - self.origin_m[1]) / self.cell_m).astype(np.int64)
        inside = (column >= 0) & (row >= 0) & (column < self.worn.shape[1]) & (row < self.worn.shape[0])
        out = np.zeros(len(points), dtype=np.float32)
        out[inside] = self.worn[row[inside], column[inside]]
        return out


def tracks(world: World) -> Tracks | None:
    """The wheel tracks along driving lanes; None without snow or lanes, or for roads too long to draw."""
    lanes = [lane for lane in world.lanes if lane.kind == "driving" and len(lane.centre_m) > 1]
    if world.sky.snow_cover <= 0.0 or not lanes:
        return None
    points = np.concatenate([lane.centre_m[:, :2] for lane in lanes])
    low, high = points.min(axis=0) - 4.0, points.max(axis=0) + 4.0
    cell = max(_CELL_M, float((high - low).max()) / 4096.0)
    shape = tuple(int(n) for n in np.ceil((high - low) / cell)[::-1])
    free = np.ones(shape, dtype=bool)
    for lane in lanes:
        for side in (-_WHEEL_M, _WHEEL_M):
            column, row = ((_beside(lane, side, cell) - low) / cell).astype(np.int64).T
            free[np.clip(row, 0, shape[0] - 1), np.clip(column, 0, shape[1] - 1)] = False
    away = distance_transform_edt(free) * cell
    ragged = fractal_noise(512, Stream(0, "snow/tracks"), 0.4, lowest=8)
    wander = np.tile(ragged, (shape[0] // 512 + 1, shape[1] // 512 + 1))[: shape[0], : shape[1]]
    worn = np.clip((_TRACK_M + 0.07 * wander - away) / 0.12 + 0.5, 0.0, 1.0)
    return Tracks(gaussian_filter(worn, 0.7).astype(np.float32), (float(low[0]), float(low[1])), cell)


def _beside(lane: Lane, offset_m: float, step_m: float) -> F64:
    """(N, 2) points along the lane, ``offset_m`` to its left, at most half a step apart."""
    line = lane.centre_m[:, :2].astype(np.float64)
    along = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(line, axis=0), axis=1))])
    s = np.arange(0.0, along[-1], step_m / 2)
    at = np.stack([np.interp(s, along, line[:, k]) for k in range(2)], axis=1)
    ahead = np.gradient(at, axis=0)
    ahead /= np.maximum(np.linalg.norm(ahead, axis=1, keepdims=True), 1e-9)
    return np.asarray(at + offset_m * np.stack([-ahead[:, 1], ahead[:, 0]], axis=1))


def slope_share(up: F32) -> F32:
    """(N,) share of the snow that stays on a surface by the upward part of its normal."""
    t = np.clip((up - STEEPEST) / (FLATTEST - STEEPEST), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t), dtype=np.float32)
