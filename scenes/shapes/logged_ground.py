"""The ground of a logged drive: level asphalt where it was driven, a kerb and pavement around it, grass beyond."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from shapely.geometry import Polygon

from pairforge.frames import F64
from pairforge.scenes import materials as m
from pairforge.scenes.families import ShapeFamily
from pairforge.scenes.roads.area import polygons
from pairforge.scenes.shapes.modelling import Modeller, box_collider, whole
from pairforge.scenes.shapes.road_ground import drape, skirt
from pairforge.scenes.shapes.road_network import mesh_collider
from pairforge.scenes.shapes.road_pieces import KERB_HEIGHT_M
from pairforge.scenes.world import Material, Shape
from pairforge.seeding import Stream

KERB_WIDTH_M = 0.15
LAND_M = 80.0
"""Grass reaches so far beyond the pavements; the horizon goes on from there."""
_BELOW_M = 0.2
_DASH_M, _GAP_M, _LINE_M = 3.0, 6.0, 0.12
_PAINT_M = 0.004


def build(params: dict[str, Any], paint: Material | None = None) -> Shape:
    """``drivable``: areas, each rings of (x, y); ``pavement_m`` wide is the pavement around them; ``lines``: points
    (x, y) of dashed lines on them."""
    road = shapely.union_all([Polygon(rings[0], rings[1:]) for rings in params["drivable"]])
    kerb = _beyond(road, KERB_WIDTH_M)
    walk = _beyond(road, KERB_WIDTH_M + params["pavement_m"])
    parts = {name: Modeller() for name in ("road", "lane_marking", "kerb", "pavement", "terrain")}
    drape(parts["road"], road, _level, 0.0, m.ASPHALT)
    for line in params["lines"]:
        _dashes(parts["lane_marking"], np.asarray(line, dtype=np.float64))
    drape(parts["kerb"], kerb.difference(road), _level, KERB_HEIGHT_M, m.KERB)
    for polygon in polygons(road):
        for ring in (polygon.exterior, *polygon.interiors):
            # Seen from the road: the ring runs the other way round.
            around = shapely.get_coordinates(ring if not ring.is_ccw else ring.reverse())
            wanted = around if ring is polygon.exterior else around[::-1]
            skirt(parts["kerb"], wanted, _level, KERB_HEIGHT_M, 0.0, m.KERB)
    drape(parts["pavement"], walk.difference(kerb), _level, KERB_HEIGHT_M, m.PAVING)
    land = shapely.box(*walk.bounds).buffer(LAND_M, join_style="mitre")
    drape(parts["terrain"], land.difference(walk), _level, KERB_HEIGHT_M, m.GRASS)
    skirt(
        parts["terrain"],
        shapely.get_coordinates(land.exterior.reverse()),
        _level,
        KERB_HEIGHT_M,
        -_BELOW_M,
        m.GRASS,
    )
    raised = [mesh_collider(parts[name]) for name in ("pavement", "terrain") if not parts[name].empty]
    x0, y0, x1, y1 = land.bounds
    flat = box_collider((x0, y0, -1.0), (x1, y1, 0.0))
    return whole(parts, 0.0, [flat, *raised], {name: name for name in parts})


def _beyond(area: Any, metres: float) -> Any:
    return area.buffer(metres, quad_segs=4)


def _level(points: F64) -> F64:
    return np.zeros(len(points))


def _dashes(model: Modeller, line: F64) -> None:
    """A broken line along points (N, 2), painted on the road."""
    whole_line = shapely.LineString(line)
    at = 0.0
    while at < whole_line.length:
        dash = shapely.ops.substring(whole_line, at, min(at + _DASH_M, whole_line.length))
        drape(model, dash.buffer(_LINE_M / 2, cap_style="flat"), _level, _PAINT_M, m.PAINT_WHITE)
        at += _DASH_M + _GAP_M


def draw(stream: Stream) -> dict[str, Any]:
    """A strip of road."""
    rng = stream.rng()
    half, length = float(rng.uniform(3.5, 6.0)), float(rng.uniform(20.0, 40.0))
    ring = [[-length, -half], [length, -half], [length, half], [-length, half]]
    return {"drivable": [[ring]], "lines": [], "pavement_m": float(rng.uniform(2.0, 3.0))}


LOGGED_GROUND = ShapeFamily("logged_ground", semantic="road", noun="road", draw=draw, build=build, stuff=True)
