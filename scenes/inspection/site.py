"""Where on a part a defect goes: the drawn place, or the nearest to it where the defect fits."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from scipy.spatial.distance import pdist
from shapely import MultiPolygon, Polygon
from shapely.affinity import rotate, scale, translate
from shapely.geometry.base import BaseGeometry

from pairforge.frames import F64

_TRIES = 80
_GOLDEN = 0.6180339887498949


def places(region: MultiPolygon, at: tuple[float, float]) -> Iterator[tuple[float, float, float]]:
    """Points of a region's box, the drawn one first, then others spread evenly; each with a turn to add (degrees)."""
    x0, y0, x1, y1 = region.bounds
    for k in range(_TRIES):
        u, v = (at[0] + k * _GOLDEN) % 1.0, (at[1] + k * _GOLDEN**2) % 1.0
        yield x0 + u * (x1 - x0), y0 + v * (y1 - y0), 23.0 * k


def fitted(
    region: MultiPolygon, outline: BaseGeometry, at: tuple[float, float], turn_deg: float
) -> tuple[float, float, float, float]:
    """(x, y, turn in degrees, scale) that put an outline drawn about the origin inside a region; the first place that
    does, at the largest of a few scales. The middle of the region when nothing else is left."""
    for factor in (1.0, 0.85, 0.7, 0.55, 0.4, 0.28):
        small = scale(outline, factor, factor, origin=(0.0, 0.0))
        for x, y, more in places(region, at):
            turn = turn_deg + more
            if region.contains(translate(rotate(small, turn, origin=(0.0, 0.0)), x, y)):
                return x, y, turn, factor
    middle = region.representative_point()
    return float(middle.x), float(middle.y), turn_deg, 0.15


def blob(size: float, seed: np.random.Generator, waves: int = 6, wild: float = 0.28) -> Polygon:
    """An irregular closed outline about the origin whose largest diameter is ``size``."""
    angle = np.arange(96) * (2 * np.pi / 96)
    radius = np.ones(96)
    for k in range(2, 2 + waves):
        radius += wild / k * 1.6 * seed.standard_normal() * np.cos(k * angle + seed.uniform(0, 2 * np.pi))
    radius = np.maximum(radius, 0.35)
    points = np.column_stack([radius * np.cos(angle), 0.8 * radius * np.sin(angle)])
    return Polygon(points * (size / diameter(points)))


def diameter(points: F64) -> float:
    """The largest distance between two points (N, 2 or 3)."""
    return float(pdist(points).max()) if len(points) > 1 else 0.0
