"""The map folder of an Argoverse 2 log: lanes, drivable area, and the height of the ground on a grid."""

from __future__ import annotations

import io
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np
import shapely
from scipy import ndimage
from scipy.spatial import KDTree
from shapely.geometry import LineString, Polygon

from pairforge.datasets.exporters.coco_masks import without_holes
from pairforge.datasets.exporters.nuscenes_map import land_of
from pairforge.datasets.exporters.road_map import MapLane, crossings, followers, lanes_of, predecessors
from pairforge.datasets.exporters.target import Target
from pairforge.frames import F64
from pairforge.sample import SceneRecord

CITY = "SIM"
CELL_M = 0.3
"""Argoverse's own grid of ground heights."""
MARGIN_M = 10.0
LEAST_M2 = 0.1


def write_map(
    target: Target, folder: str, log: str, record: SceneRecord, ground: Sequence[F64], ego: F64
) -> None:
    """All files of the folder. ``ground``: points (N, 3) on the ground; ``ego``: positions (M, 3) of the ego, whose
    surroundings are the drivable area where the scene has no lanes."""
    lanes = lanes_of(record)
    into = predecessors(lanes)
    area = _drivable(record, ego)
    vector = {
        "pedestrian_crossings": {
            str(k): {"id": k, "edge1": _points(c.edges[0]), "edge2": _points(c.edges[1])}
            for k, c in enumerate(crossings(lanes.values()), start=len(lanes))
        },
        "lane_segments": {str(n): _segment(lane, lanes, into[n]) for n, lane in lanes.items()},
        "drivable_areas": {
            str(k): {"id": k, "area_boundary": _points(_lifted(p, lanes.values(), ego))}
            for k, p in enumerate(area)
        },
    }
    target.write_json(f"{folder}/log_map_archive_{log}____{CITY}_city_0.json", vector)
    known = np.concatenate([*ground, ego, *(lane.centre_m for lane in lanes.values())])
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


def _drivable(record: SceneRecord, ego: F64) -> list[Polygon]:
    """Polygons of the road's surface, or of what lies within reach of the ego where a scene has no lanes. The format
    knows no holes: round islands they are cut."""
    if record.lanes:
        area = land_of(record).area
    else:
        area = LineString(np.vstack([ego[:1], ego])[:, :2]).buffer(MARGIN_M)
    return [
        piece for part in shapely.get_parts(area) for piece in without_holes(part) if piece.area > LEAST_M2
    ]


def _lifted(area: Polygon, lanes: Iterable[MapLane], ego: F64) -> F64:
    """The outline (N, 3), without its last point again, at the height of the nearest lane or ego."""
    xy = np.asarray(area.exterior.coords)[:-1, :2]
    known = np.concatenate([lane.centre_m for lane in lanes] or [ego])
    nearest = KDTree(known[:, :2]).query(xy)[1]
    return np.column_stack([xy, known[nearest, 2]])


def _segment(lane: MapLane, lanes: Mapping[int, MapLane], before: list[int]) -> dict[str, Any]:
    left, right = (n if (n := lane.row.get(side)) in lanes else None for side in ("left", "right"))
    return {
        "id": lane.lane_id,
        "is_intersection": lane.in_junction,
        "lane_type": "BIKE" if lane.row.get("kind") == "biking" else "VEHICLE",
        "left_lane_boundary": _points(lane.edge(1.0)),
        "left_lane_mark_type": "UNKNOWN",
        "right_lane_boundary": _points(lane.edge(-1.0)),
        "right_lane_mark_type": "UNKNOWN",
        "successors": followers(lanes, lane.lane_id),
        "predecessors": before,
        "right_neighbor_id": right,
        "left_neighbor_id": left,
    }


def _points(xyz: F64) -> list[dict[str, float]]:
    return [{"x": float(x), "y": float(y), "z": float(z)} for x, y, z in xyz]
