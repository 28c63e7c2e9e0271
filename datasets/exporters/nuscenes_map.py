"""nuScenes' maps of a scene: where one drives, as a picture, and lanes for its map expansion."""

from __future__ import annotations

import io
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from numpy.typing import NDArray
from PIL import Image, ImageDraw
from shapely.geometry import LineString

from pairforge.datasets.exporters.road_map import (
    MapLane,
    crossings,
    dividers,
    followers,
    lanes_of,
    predecessors,
    stop_lines,
)
from pairforge.errors import PairforgeError
from pairforge.frames import F64, Pose
from pairforge.sample import SceneRecord
from pairforge.scenes.build import shape_of
from pairforge.scenes.concrete import ConcreteScene
from pairforge.scenes.families import family

METRES_A_PIXEL = 0.1
MARGIN_M = 20.0
ROUND_M = 100.0
"""nuScenes' maps begin at (0, 0): worlds are shifted by a multiple of this."""
MOST_M = 3000.0
DRIVEN = ("road",)
"""Markings lie on it, in tens of thousands of triangles on a motorway."""
RAISED = ("kerb", "pavement")

Triangles = NDArray[np.float64]


@dataclass(frozen=True, eq=False)
class Land:
    """``offset_m`` (3,): from the world to nuScenes' global frame. ``size_m``: of the map, from (0, 0). ``driven``
    and ``raised``: triangles (N, 3, 2) in the world, the latter over the former."""

    offset_m: F64
    size_m: tuple[float, float]
    driven: Triangles
    raised: Triangles

    @cached_property
    def walks(self) -> Any:
        """What is raised, as polygons of the world."""
        return _union(self.raised)

    @cached_property
    def area(self) -> Any:
        """Where one may drive, as polygons of the world, without holes too small to matter."""
        whole = _union(self.driven).difference(self.walks)
        return shapely.union_all([_filled(part) for part in shapely.get_parts(whole)])

    def mask(self) -> bytes:
        """The PNG: 255 where one may drive, a decimetre a pixel, north up."""
        width, height = (round(side / METRES_A_PIXEL) for side in self.size_m)
        image = Image.new("L", (width, height), 0)
        draw = ImageDraw.Draw(image)
        for triangles, value in ((self.driven, 255), (self.raised, 0)):
            pixels = (triangles + self.offset_m[:2]) / METRES_A_PIXEL
            pixels[..., 1] = height - pixels[..., 1]
            for corners in pixels.reshape(-1, 6).tolist():
                draw.polygon(corners, fill=value)
        out = io.BytesIO()
        image.save(out, "PNG")
        return out.getvalue()


def land_of(record: SceneRecord) -> Land:
    """Where one drives in a scene: by the very triangles of its roads, or by its lanes where those cannot be built
    any more."""
    concrete = ConcreteScene.from_json(dict(record.concrete))
    try:
        driven, raised = (_triangles(concrete, kinds) for kinds in (DRIVEN, RAISED))
    except PairforgeError:
        driven, raised = np.zeros((0, 3, 2)), np.zeros((0, 3, 2))
    if not len(driven):
        driven = _of_lanes(record)
    points = [driven.reshape(-1, 2), *(track.positions_m[:, :2] for track in record.instance_tracks.values())]
    every = np.concatenate(points)
    middle = every.mean(axis=0)
    near = every[(np.abs(every - middle) < MOST_M / 2).all(axis=1)]
    low, high = near.min(axis=0) - MARGIN_M, near.max(axis=0) + MARGIN_M
    offset = -np.floor(low / ROUND_M) * ROUND_M
    width, height = np.ceil(high + offset)
    return Land(np.array([*offset, 0.0]), (float(width), float(height)), driven, raised)


def _triangles(concrete: ConcreteScene, kinds: tuple[str, ...]) -> Triangles:
    found: list[Triangles] = []
    for item in concrete.items:
        if not family(item.family).stuff:
            continue
        pose = Pose.of(item.position_m, item.quaternion_wxyz)
        for part in shape_of(item).parts:
            if (part.semantic or family(item.family).semantic) in kinds:
                vertices = (pose @ part.body_from_part).points(part.mesh.vertices)[:, :2]
                found.append(vertices[part.mesh.faces])
    return np.concatenate([np.zeros((0, 3, 2)), *found])


def _of_lanes(record: SceneRecord) -> Triangles:
    found: list[Triangles] = [np.zeros((0, 3, 2))]
    for _, width, centre in record.lanes:
        band = LineString(centre[:, :2]).buffer(width / 2, cap_style="flat")
        pieces = shapely.get_parts(shapely.constrained_delaunay_triangles(band))
        found.append(shapely.get_coordinates(pieces).reshape(-1, 4, 2)[:, :3])
    return np.concatenate(found)


LAYERS = (
    "drivable_area", "road_segment", "road_block", "lane", "ped_crossing", "walkway", "stop_line", "carpark_area",
    "road_divider", "lane_divider", "traffic_light", "lane_connector",
)  # fmt: skip
STOP_TYPES = {"signal": "TRAFFIC_LIGHT", "stop": "STOP_SIGN", "yield": "YIELD", "crossing": "PED_CROSSING"}
_STRAIGHT_RADIUS_M = 999.999
_LEAST_M = 0.05
LEAST_HOLE_M2 = 1.0


def expansion(record: SceneRecord, land: Land, token: Any) -> dict[str, Any]:
    """The scene's map as nuScenes' map expansion 1.3: drivable area, walkways, lanes with their arclines and which
    leads into which, crossings, stop lines, dividers and lights. Layers that the store has nothing of (road segments
    and blocks, car parks) are there, empty."""
    sheet = _Sheet(land, token)
    layers: dict[str, Any] = {name: [] for name in LAYERS}
    layers["drivable_area"] = [{"token": token("drivable"), "polygon_tokens": sheet.areas(land.area)}]
    layers["walkway"] = [
        {"token": token("walkway", n), "polygon_token": one} for n, one in enumerate(sheet.areas(land.walks))
    ]
    lanes = lanes_of(record)
    arclines, connectivity = {}, {}
    into = predecessors(lanes)
    for lane_id, lane in lanes.items():
        name = token("lane", lane_id)
        layers["lane_connector" if lane.in_junction else "lane"].append(_lane(name, lane, sheet, token))
        arclines[name] = list(_arcline(lane.centre_m[:, :2] + land.offset_m[:2]))
        connectivity[name] = {
            "incoming": [token("lane", before) for before in into[lane_id]],
            "outgoing": [token("lane", after) for after in followers(lanes, lane_id)],
        }
    _rules(layers, lanes, record, sheet, token)
    return {
        "version": "1.3",
        "polygon": sheet.polygons,
        "line": sheet.lines,
        "node": sheet.nodes,
        **layers,
        "canvas_edge": list(land.size_m),
        "connectivity": connectivity,
        "arcline_path_3": arclines,
    }


def _rules(
    layers: dict[str, Any], lanes: Mapping[int, MapLane], record: SceneRecord, sheet: _Sheet, token: Any
) -> None:
    """Fill the layers of crossings, stop lines, lights and dividers."""
    found = crossings(lanes.values())
    layers["ped_crossing"] = [
        {"token": token("crossing", k), "polygon_token": sheet.areas(c.area)[0], "road_segment_token": ""}
        for k, c in enumerate(found)
    ]
    signals = {}
    for stop in stop_lines(lanes, found):
        if stop.signal is not None:
            signals[stop.signal] = token("light", stop.signal)
        layers["stop_line"].append(
            {
                "token": token("stop", stop.lane_id),
                "polygon_token": sheet.areas(stop.area)[0],
                "stop_line_type": STOP_TYPES[stop.why],
                "ped_crossing_tokens": [] if stop.crossing is None else [token("crossing", stop.crossing)],
                "traffic_light_tokens": [] if stop.signal is None else [signals[stop.signal]],
                "road_block_token": "",
            }
        )
    layers["traffic_light"] = [
        _light(name, record.world_from_body(row.instance_id, 0), sheet, token)
        for row in record.instances
        if (name := signals.get(row.name)) is not None
    ]
    same, both = dividers(lanes)
    for k, line in enumerate(same):
        row = _divider("lane_divider", k, line, sheet, token)
        nodes = sheet.lines[-1]["node_tokens"]
        row["lane_divider_segments"] = [{"node_token": n, "segment_type": "NIL"} for n in nodes]
        layers["lane_divider"].append(row)
    for k, line in enumerate(both):
        row = _divider("road_divider", k, line, sheet, token)
        layers["road_divider"].append({**row, "road_segment_token": ""})


def _divider(layer: str, k: int, line: F64, sheet: _Sheet, token: Any) -> dict[str, Any]:
    """A row of a layer of dividers, with its line drawn."""
    return {
        "token": token(layer, k),
        "line_token": sheet.line(line[:, :2] + sheet.offset_m, token(layer, "line", k)),
    }


def _light(name: str, pose: Pose, sheet: _Sheet, token: Any) -> dict[str, Any]:
    """A traffic light: where it stands, and a line of a metre the way it looks."""
    ahead = pose.vectors(np.array([1.0, 0.0, 0.0]))[:2]
    foot = pose.position_m[:2] + sheet.offset_m
    place = {"tx": float(foot[0]), "ty": float(foot[1]), "tz": float(pose.position_m[2])}
    return {
        "token": name,
        "line_token": sheet.line(np.array([foot, foot + ahead]), token("light line", name)),
        "traffic_light_type": "VERTICAL",
        "from_road_block_token": "",
        "items": [],
        "pose": place | {"rx": 0.0, "ry": 0.0, "rz": float(np.arctan2(ahead[1], ahead[0]))},
    }


def _lane(name: str, lane: MapLane, sheet: _Sheet, token: Any) -> dict[str, Any]:
    row: dict[str, Any] = {"token": name, "polygon_token": sheet.areas(lane.band(0.0, lane.line.length))[0]}
    if lane.in_junction:
        return row
    left, right = (lane.edge(side)[:, :2] + sheet.offset_m for side in (1.0, -1.0))
    across = [np.array([left[k], right[k]]) for k in (0, -1)]
    edges = [sheet.line(line, token("edge", lane.lane_id, k)) for k, line in enumerate(across)]
    ends = {"from_edge_line_token": edges[0], "to_edge_line_token": edges[1]}
    return row | {
        "lane_type": "CAR",
        **ends,
        "left_lane_divider_segments": [],
        "right_lane_divider_segments": [],
    }


def _arcline(line: F64) -> Any:
    """A polyline as nuScenes' paths of a left turn, a straight and a right turn, whose turns have no length."""
    steps = np.diff(line, axis=0)
    for start, step in zip(line[:-1], steps, strict=True):
        length, heading = float(np.hypot(*step)), float(np.arctan2(step[1], step[0]))
        if length > _LEAST_M / 10:
            yield {
                "start_pose": [*start.tolist(), heading],
                "end_pose": [*(start + step).tolist(), heading],
                "shape": "LSR",
                "radius": _STRAIGHT_RADIUS_M,
                "segment_length": [0.0, length, 0.0],
            }


def _union(triangles: Triangles) -> Any:
    if not len(triangles):
        return shapely.Polygon()
    closed = np.concatenate([triangles, triangles[:, :1]], axis=1)
    pieces = shapely.polygons(closed)
    whole = shapely.union_all(shapely.buffer(pieces[shapely.area(pieces) > 1e-6], 0.02, join_style="mitre"))
    return whole.buffer(-0.02, join_style="mitre").simplify(_LEAST_M)


def _filled(polygon: Any) -> Any:
    """A polygon with only those of its holes that are larger than a sliver between kerb and asphalt."""
    holes = [ring for ring in polygon.interiors if shapely.Polygon(ring).area >= LEAST_HOLE_M2]
    return shapely.Polygon(polygon.exterior, holes)


class _Sheet:
    """Nodes, lines and polygons, by token, as a map expansion's layers refer to them."""

    def __init__(self, land: Land, token: Any) -> None:
        self.offset_m, self._token = land.offset_m[:2], token
        self.nodes: list[dict[str, Any]] = []
        self.lines: list[dict[str, Any]] = []
        self.polygons: list[dict[str, Any]] = []

    def line(self, points: F64, name: str) -> str:
        """A line along points (N, 2) of the global frame."""
        self.lines.append({"token": name, "node_tokens": self._nodes(points)})
        return name

    def areas(self, area: Any) -> list[str]:
        """Polygons of an area in the world, with their holes; returns their tokens."""
        found = []
        parts = shapely.get_parts(area) if area.geom_type.startswith("Multi") else [area]
        for part in parts:
            if part.geom_type != "Polygon" or part.area < 0.1:
                continue
            name = self._token("polygon", len(self.polygons))
            outside, *holes = (shapely.get_coordinates(r)[:-1] for r in (part.exterior, *part.interiors))
            self.polygons.append(
                {
                    "token": name,
                    "exterior_node_tokens": self._nodes(outside + self.offset_m),
                    "holes": [{"node_tokens": self._nodes(hole + self.offset_m)} for hole in holes],
                }
            )
            found.append(name)
        return found

    def _nodes(self, points: F64) -> list[str]:
        names = []
        for x, y in points.tolist():
            names.append(self._token("node", len(self.nodes)))
            self.nodes.append({"token": names[-1], "x": x, "y": y})
        return names
