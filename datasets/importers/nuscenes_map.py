"""The drivable area and the lanes around a drive, from nuScenes' map expansion."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString, MultiPoint, Polygon

from pairforge.datasets.importers.nuscenes_tables import read_json
from pairforge.datasets.importers.protocol import LogError, LoggedLane, Ring
from pairforge.frames import F64
from pairforge.scenes.roads.area import polygons

NEAR_M = 90.0
STEP_M = 2.0
USUAL_WIDTH_M = 3.5
_TURN = {"L": 1.0, "S": 0.0, "R": -1.0}

Areas = tuple[tuple[Ring, ...], ...]


def map_around(path: Path, way: F64, origin: F64) -> tuple[Areas, tuple[LoggedLane, ...]]:
    """What of a map expansion lies within 90 m of a way (N, 2), less the origin. Nothing when there is no file;
    LogError when it is damaged."""
    if not path.is_file():
        return (), ()
    sheet = read_json(path)
    try:
        nodes = {row["token"]: (row["x"], row["y"]) for row in sheet["node"]}
        shapes = {row["token"]: _polygon(row, nodes) for row in sheet["polygon"]}
        near = MultiPoint(way).buffer(NEAR_M).simplify(1.0)
        wanted = [shapes[t] for row in sheet["drivable_area"] for t in row["polygon_tokens"]]
        area = shapely.union_all([s.intersection(near) for s in wanted if s.intersects(near)])
        return _areas(area, origin), tuple(_lanes(sheet, shapes, near, origin))
    except (KeyError, TypeError, ValueError, IndexError, shapely.errors.GEOSException) as error:
        raise LogError(f"{path} is no map expansion: {type(error).__name__}: {error}.") from None


def _polygon(row: Mapping[str, Any], nodes: Mapping[str, tuple[float, float]]) -> Any:
    outside = [nodes[t] for t in row["exterior_node_tokens"]]
    if len(outside) < 3:
        return Polygon()
    holes = [[nodes[t] for t in hole["node_tokens"]] for hole in row["holes"]]
    return shapely.make_valid(Polygon(outside, [h for h in holes if len(h) > 2]))


def _areas(area: Any, origin: F64) -> Areas:
    return tuple(
        tuple(
            tuple((float(x - origin[0]), float(y - origin[1])) for x, y in ring.coords)
            for ring in (polygon.exterior, *polygon.interiors)
        )
        for polygon in polygons(area)
    )


def _lanes(sheet: Any, shapes: Mapping[str, Any], near: Any, origin: F64) -> Iterator[LoggedLane]:
    for row in (*sheet["lane"], *sheet["lane_connector"]):
        pieces = sheet["arcline_path_3"].get(row["token"], [])
        points = _line(pieces)
        if len(points) < 2 or not LineString(points).intersects(near):
            continue
        shape = shapes.get(row.get("polygon_token"), Polygon())
        length = LineString(points).length
        width = float(shape.area / length) if length > 1.0 and not shape.is_empty else USUAL_WIDTH_M
        middle = tuple((float(x - origin[0]), float(y - origin[1]), 0.0) for x, y in points)
        yield LoggedLane(middle, float(np.clip(width, 2.0, 6.0)))


def _line(pieces: Any) -> list[tuple[float, float]]:
    """Points of arclines, each a turn, a straight and a turn, two metres apart."""
    points: list[tuple[float, float]] = []
    for piece in pieces:
        x, y, heading = (float(v) for v in piece["start_pose"])
        if not points:
            points.append((x, y))
        for letter, length in zip(piece["shape"], piece["segment_length"], strict=True):
            bend = _TURN[letter] / float(piece["radius"])
            for _ in range(count := int(np.ceil(length / STEP_M))):
                step = length / count
                x += step * float(np.cos(heading + bend * step / 2))
                y += step * float(np.sin(heading + bend * step / 2))
                heading += bend * step
                points.append((x, y))
    return points
