"""What blind LiDAR models see of a sweep: how much came back, from how far and how bright, by direction."""

from __future__ import annotations

import io
from collections.abc import Sequence

import numpy as np

from pairforge.datasets.audit_members import Members
from pairforge.datasets.audit_trial import Model
from pairforge.errors import DatasetError
from pairforge.frames import F64

BANDS_DEG = (-10.0, -4.0, -1.0)
"""Elevations that part the bands: the ground near by, the ground far off, things, and what is above."""
SECTORS = 12
RANGES_M = (2.0, 4.0, 6.0, 8.0, 12.0, 20.0, 40.0)
INTENSITIES = (0.05, 0.1, 0.2, 0.3, 0.45, 0.6, 0.8)


def models(sweeps: Sequence[F64]) -> list[Model]:
    """The blind LiDAR models over the statistics of these sweeps."""
    things = np.array(sweeps).reshape(len(sweeps), -1)
    return [Model("sweep statistics", things), Model("sweep statistics, trees", things, "trees")]


def brightness(sweeps: Sequence[F64]) -> F64:
    """(N,) what the canary goes by: how bright all is, on the whole. Colours change that too, and no distance."""
    cells = (len(BANDS_DEG) + 1) * SECTORS
    return np.array([s[2 * cells : 3 * cells].sum() for s in sweeps])


def sweep(members: Members, key: str) -> F64 | None:
    """The statistics of a keyframe's first LiDAR; None where it has none. DatasetError when it is damaged."""
    found = members.find(key, "lidar", endings=(".points.npy", ".intensity.npy"))
    if found is None:
        return None
    points, intensity = (_array(found[e], f"{key} {e}") for e in (".points.npy", ".intensity.npy"))
    return statistics(points, intensity)


def _array(data: bytes, where: str) -> F64:
    try:
        return np.asarray(np.load(io.BytesIO(data), allow_pickle=False), dtype=np.float64)
    except (ValueError, EOFError, OSError) as error:
        raise DatasetError(f"{where}: damaged ({error}). Generate this scene again.") from error


def statistics(points: F64, intensity: F64) -> F64:
    """(160,) of points (N, 3) in the sensor's frame and their intensity (N,).

    In 4 bands of elevation x 12 sectors the returns (log), how near they are on the average (1 / (1 + range / 10 m))
    and how bright; then shares of 8 ranges and 8 intensities.
    """
    away = np.linalg.norm(points, axis=1)
    height = np.degrees(np.arcsin(np.clip(points[:, 2] / np.maximum(away, 1e-6), -1.0, 1.0)))
    around = np.arctan2(points[:, 1], points[:, 0]) / (2 * np.pi) % 1.0
    cell = np.digitize(height, BANDS_DEG) * SECTORS + np.minimum((around * SECTORS).astype(int), SECTORS - 1)
    cells = (len(BANDS_DEG) + 1) * SECTORS
    count = np.bincount(cell, minlength=cells)
    near = np.bincount(cell, 1.0 / (1.0 + away / 10.0), minlength=cells) / np.maximum(count, 1)
    bright = np.bincount(cell, intensity, minlength=cells) / np.maximum(count, 1)
    shares = [
        np.bincount(np.digitize(values, edges), minlength=len(edges) + 1) / max(len(points), 1)
        for values, edges in ((away, RANGES_M), (intensity, INTENSITIES))
    ]
    found: F64 = np.concatenate([np.log1p(count), near, bright, *shares]).round(6)
    return found
