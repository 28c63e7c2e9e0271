"""The map folder of an Argoverse 2 log: lanes, drivable area, and the height of the ground on a grid."""

from __future__ import annotations

import io
from collections.abc import Sequence
from typing import Any

import numpy as np
from scipy import ndimage
from shapely.geometry import LineString, MultiPolygon, Polygon
from shapely.ops import unary_union

from pairforge.datasets.exporters.target import Target
from pairforge.frames import F64
from pairforge.sample import SceneRecord

CITY = "SIM"
CELL_M = 0.3
"""Argoverse's own grid of ground heights."""
MARGIN_M = 10.0
_JOINED_M = 0.5

Lane = tuple[int, float, F64]


def write_map(
    target: Target, folder: str, log: str, record: SceneRecord, ground: Sequence[F64], ego: F64
) -> None:
    """All files of the folder. ``ground``: points (N, 3) on the ground; ``ego``: positions (M, 3) of the ego, whose
    surroundings are the drivable area where the scene has no lanes."""
    lanes = list(record.lanes)
    area = _drivable(lanes, ego)
    vector = {
        "pedestrian_crossings": {},
        "lane_segments": {str(lane[0]): _segment(lane, lanes) for lane in lanes},
        "drivable_areas": {
            str(k): {"id": k, "area_boundary": _points(_lifted(p, lanes, ego))} for k, p in enumerate(area)
        },
    }
    target.write_json(f"{folder}/log_map_archive_{log}____{CITY}_city_0.json", vector)
    known = np.concatenate([*ground, ego, *(lane[2] for lane in lanes)])
    heights, least = height_grid(known)
    out = io.BytesIO()
    np.save(out, heights)
    target.write(f"{folder}/{log}_ground_height_surface____{CITY}.npy", out.getvalue())
    sim2 = {"R": [1.0, 0.0, 0.0, 1.0], "t": (-least).tolist(), "s": 1.0 / CELL_M}
    target.write_json(f"{folder}/{log}___img_Sim2_city.json", sim2)


def height_grid(points: F64) -> tuple[F64, F64]:
    """Heights (H, W) float32, row along y, of cells of ``CELL_M``: the median of the points (N, 3) in a cell, or of
    the nearest cell that has any; and x and y (2,) of the grid's corner."""
    least = np.floor(points[:, :2].min(axis=0) - MARGIN_M)
    column, row = ((points[:, :2] - least) / CELL_M).astype(np.int64).T
    shape = (int(row.max() + MARGIN_M / CELL_M) + 1, int(column.max() + MARGIN_M / CELL_M) + 1)
    cell = row * shape[1] + column
    order = np.lexsort((points[:, 2], cell))
    cells, first, count = np.unique(cell[order], return_index=True, return_counts=True)
    grid = np.full(shape[0] * shape[1], np.nan)
    grid[cells] = points[order, 2][first + count // 2]
    grid = grid.reshape(shape)
    nearest = ndimage.distance_transform_edt(np.isnan(grid), return_distances=False, return_indices=True)
    return np.asarray(grid[tuple(nearest)], dtype=np.float32), least


def _drivable(lanes: list[Lane], ego: F64) -> list[Polygon]:
    """Polygons of all lanes together, or of what lies within reach of the ego."""
    if lanes:
        pieces = [LineString(c[:, :2]).buffer(w / 2, cap_style="flat") for _, w, c in lanes]
    else:
        pieces = [LineString(np.vstack([ego[:1], ego])[:, :2]).buffer(MARGIN_M)]
    joined = unary_union(pieces)
    return list(joined.geoms) if isinstance(joined, MultiPolygon) else [joined]


def _lifted(area: Polygon, lanes: list[Lane], ego: F64) -> F64:
    """The outline (N, 3), without its last point again, at the height of the nearest lane or ego."""
    xy = np.asarray(area.exterior.coords)[:-1, :2]
    known = np.concatenate([lane[2] for lane in lanes] or [ego])
    gap = ((xy[:, None] - known[None, :, :2]) ** 2).sum(axis=2)
    return np.column_stack([xy, known[gap.argmin(axis=1), 2]])


def _segment(lane: Lane, lanes: list[Lane]) -> dict[str, Any]:
    number, width_m, centre = lane
    along = np.gradient(centre[:, :2], axis=0)
    left = np.column_stack([-along[:, 1], along[:, 0], np.zeros(len(along))])
    left *= width_m / 2.0 / np.maximum(np.linalg.norm(left, axis=1, keepdims=True), 1e-9)
    return {
        "id": number,
        "is_intersection": False,
        "lane_type": "VEHICLE",
        "left_lane_boundary": _points(centre + left),
        "left_lane_mark_type": "UNKNOWN",
        "right_lane_boundary": _points(centre - left),
        "right_lane_mark_type": "UNKNOWN",
        "successors": [n for n, _, c in lanes if n != number and _near(centre[-1], c[0])],
        "predecessors": [n for n, _, c in lanes if n != number and _near(c[-1], centre[0])],
        "right_neighbor_id": None,
        "left_neighbor_id": None,
    }


def _near(one: F64, other: F64) -> bool:
    return bool(np.linalg.norm(one - other) <= _JOINED_M)


def _points(xyz: F64) -> list[dict[str, float]]:
    return [{"x": float(x), "y": float(y), "z": float(z)} for x, y, z in xyz]
