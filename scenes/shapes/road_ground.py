"""Polygons laid on the ground: triangles that follow its height, kerbs and slabs along outlines, the land around."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import ArrayLike
from shapely.geometry import LineString, Polygon

from pairforge.frames import F64
from pairforge.scenes import materials as m
from pairforge.scenes.roads.area import polygons
from pairforge.scenes.shapes.modelling import Modeller
from pairforge.scenes.shapes.road_pieces import KERB_HEIGHT_M, PAVING_SHADES
from pairforge.scenes.world import Material

Height = Callable[[F64], F64]
SLAB_M = (0.75, 0.6)


def drape(
    model: Modeller, shape: Any, height: Height, z_m: float, material: Material, cell_m: float = 0.0
) -> None:
    """A polygon ``z_m`` above the ground, seen from above; cut into cells of ``cell_m`` if the ground is not flat."""
    for polygon in polygons(shape):
        for piece in _cut(polygon, cell_m) if cell_m else [polygon]:
            corners = triangles(piece)
            if len(corners):
                flat = corners.reshape(-1, 2)
                points = np.column_stack([flat, height(flat) + z_m])
                model.triangles(points, np.arange(len(points)).reshape(-1, 3), material)


def triangles(polygon: Polygon) -> F64:
    """Triangles (N, 3, 2) that fill it, counter-clockwise."""
    found = shapely.get_parts(shapely.constrained_delaunay_triangles(polygon))
    if not len(found):
        return np.zeros((0, 3, 2))
    corners = shapely.get_coordinates(found).reshape(-1, 4, 2)[:, :3]
    a, b = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    clockwise = a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0] < 0
    corners[clockwise] = corners[clockwise][:, ::-1]
    return np.asarray(corners)


def _cut(polygon: Polygon, cell_m: float) -> Iterator[Polygon]:
    """Its pieces in the cells of a grid that is the same for all polygons."""
    x0, y0, x1, y1 = polygon.bounds
    xs = np.arange(np.floor(x0 / cell_m), np.ceil(x1 / cell_m) + 1) * cell_m
    ys = np.arange(np.floor(y0 / cell_m), np.ceil(y1 / cell_m) + 1) * cell_m
    x, y = (grid.ravel() for grid in np.meshgrid(xs[:-1], ys[:-1], indexing="ij"))
    cells = shapely.box(x, y, x + cell_m, y + cell_m)
    shapely.prepare(polygon)
    whole = shapely.contains(polygon, cells)
    yield from cells[whole]
    touched = cells[~whole & shapely.intersects(polygon, cells)]
    for piece in shapely.intersection(polygon, touched):
        yield from polygons(piece)


def skirt(
    model: Modeller, ring: F64, height: Height, top_m: float, bottom_m: float, material: Material
) -> None:
    """A wall around a closed ring (N, 2), counter-clockwise, seen from outside."""
    around = np.vstack([ring, ring[:1]]) if not np.allclose(ring[0], ring[-1]) else ring
    z = height(around)
    low, high = np.column_stack([around, z + bottom_m]), np.column_stack([around, z + top_m])
    model.quads(np.stack([low[:-1], low[1:], high[1:], high[:-1]], axis=1), material)


@dataclass(frozen=True, eq=False)
class Outline:
    """A polyline (N, 2) on the ground as a line to follow: laterals to its left, mitred at its corners."""

    xy: F64
    height: Height

    @staticmethod
    def of(line: LineString, height: Height, step_m: float = 1.0) -> Outline:
        """With its own corners and points between them at most ``step_m`` apart."""
        return Outline(shapely.get_coordinates(shapely.segmentize(line, step_m)), height)

    @cached_property
    def _arc(self) -> F64:
        return np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(self.xy, axis=0), axis=1))])

    @property
    def length_m(self) -> float:
        return float(self._arc[-1])

    @cached_property
    def _normals(self) -> F64:
        step = np.diff(self.xy, axis=0)
        left = np.stack([-step[:, 1], step[:, 0]], axis=1) / np.linalg.norm(step, axis=1, keepdims=True)
        closed = np.allclose(self.xy[0], self.xy[-1])
        before = np.vstack([left[-1:] if closed else left[:1], left])
        after = np.vstack([left, left[:1] if closed else left[-1:]])
        mean = before + after
        return np.asarray(mean / np.maximum((mean * before).sum(1, keepdims=True), 0.4))

    def points(self, s_m: ArrayLike, lateral_m: ArrayLike = 0.0, z_m: ArrayLike = 0.0) -> F64:
        s, lateral, z = np.broadcast_arrays(
            np.asarray(s_m, dtype=np.float64), np.asarray(lateral_m, dtype=np.float64), np.asarray(z_m)
        )
        arc, normals = self._arc, self._normals
        flat = s.ravel()
        x, y = (np.interp(flat, arc, self.xy[:, k]) for k in (0, 1))
        nx, ny = (np.interp(flat, arc, normals[:, k]) for k in (0, 1))
        ground = self.height(np.column_stack([x, y]))
        out = np.column_stack([x + nx * lateral.ravel(), y + ny * lateral.ravel(), ground + z.ravel()])
        return out.reshape(*s.shape, 3)

    def stations(self, start_m: float, stop_m: float, step_m: float = 2.0) -> F64:
        own = self._arc
        inside = own[(own > start_m + 1e-6) & (own < stop_m - 1e-6)]
        return np.concatenate([[start_m], inside, [stop_m]])


def pave(model: Modeller, bed: Any, shape: Any, height: Height, cell_m: float) -> None:
    """Paving slabs over a polygon, in a running bond along x, on a bed of dark joints."""
    drape(model, bed, height, KERB_HEIGHT_M - 0.006, m.PAVING_JOINT, cell_m)
    length, width, gap = *SLAB_M, 0.005
    for polygon in polygons(shape):
        x0, y0, x1, y1 = polygon.bounds
        i, j = np.meshgrid(
            np.arange(np.floor(x0 / length) - 1, np.ceil(x1 / length) + 1),
            np.arange(np.floor(y0 / width), np.ceil(y1 / width)),
            indexing="ij",
        )
        i, j = i.ravel(), j.ravel()
        low_x = (i + 0.5 * (j % 2)) * length
        cells = shapely.box(low_x + gap, j * width + gap, low_x + length - gap, (j + 1) * width - gap)
        shade = (i * 5 + j * 11 + i * j * 3 + (i * i) % 7).astype(np.int64) % len(PAVING_SHADES)
        for piece, k in zip(shapely.intersection(polygon, cells), shade, strict=True):
            drape(model, piece, height, KERB_HEIGHT_M, PAVING_SHADES[int(k)])
