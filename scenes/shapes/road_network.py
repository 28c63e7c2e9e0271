"""A whole road network: asphalt, worn markings, kerbs, pavements, junctions, islands and the land they lie in.

Asphalt lies at the elevation of the reference lines. ``params``: ``network`` (``RoadNetwork.to_json()``), ``town``
(kerbs and level lots beside the road, else verges), ``corner_radius_m``, ``wear`` 0..1 and ``wear_seed`` of the
paint, ``patches`` [[road, s, t, length, width], …], ``manholes`` [[road, s, t], …], ``tree_pits`` [[road, lane, s,
metres from the kerb's face], …], ``plinths`` [[x, y, yaw, length, width, low, high], …] under buildings on slopes,
``barriers`` [[road, t, from s, to s], …] of concrete.
"""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString, Polygon
from shapely.ops import unary_union

from pairforge.frames import F64, Pose
from pairforge.scenes import materials as m
from pairforge.scenes.families import ShapeFamily
from pairforge.scenes.roads.along import AlongLane
from pairforge.scenes.roads.area import PAVED, RoadArea, mesh_stations, polygons
from pairforge.scenes.roads.lane_graph import STOPPING, LaneGraph, lane_graph, length_m
from pairforge.scenes.roads.network import (
    Cubic,
    Geometry,
    LaneSection,
    Road,
    RoadLane,
    RoadNetwork,
    RoadSignal,
)
from pairforge.scenes.roads.reference_line import lane_borders, lane_edges, line_at, section_span
from pairforge.scenes.shapes.modelling import Modeller, box_collider, whole
from pairforge.scenes.shapes.road_ground import Outline, drape, pave, skirt
from pairforge.scenes.shapes.road_paint import ARROW_M, Painter, arrow, dash_starts, paint_line
from pairforge.scenes.shapes.road_pieces import (
    KERB_HEIGHT_M,
    KERB_WIDTH_M,
    LOT_HEIGHT_M,
    lay_kerb,
    lay_slabs,
    lay_tree_pits,
)
from pairforge.scenes.shapes.road_room import (
    WIDEN_M,
    free_spans,
    lines_of,
    paved_edges,
    room_beside,
    runs,
    section_at,
)
from pairforge.scenes.world import Collider, Material, Shape
from pairforge.seeding import Stream

VERGE_M = -0.03
"""Grass beside an unkerbed road lies so far below the asphalt."""
VERGE_WIDTH_M = 6.5
"""Beyond the mown verge of a country road begin the fields."""
UNDER_KERB_M = 0.05
"""What lies behind a kerb begins so far behind its face, under its top."""
LAND_M = 8.0
"""The land of a hilly network is cut into cells of this size."""
MARGIN_M = 45.0
HILLY_MARGIN_M = 240.0
BAY_M = 5.9
FAST_MPS = 20.0
_PARTS = ("road", "lane_marking", "kerb", "pavement", "terrain", "wall")


class _Builder:
    """Gathers the parts of one network."""

    def __init__(self, params: dict[str, Any]) -> None:
        self.params = params
        self.network = RoadNetwork.from_json(params["network"])
        self.area = RoadArea(self.network, float(params["corner_radius_m"]))
        self.height = self.area.elevation.road
        self.flat = self.area.elevation.flat
        self.parts = {name: Modeller() for name in _PARTS}
        self.painter = Painter(self.parts["lane_marking"], float(params["wear"]), int(params["wear_seed"]))
        self.own = [r for r in self.network.roads if r.junction is None]
        self.solid = Modeller()
        """What bodies stand on where the network is not flat."""

    @property
    def cell_m(self) -> float:
        return 0.0 if self.flat else 3.0

    def asphalt(self) -> None:
        for road in self.own:
            for index in range(len(road.sections)):
                for left, right in self._paved_edges(road, index):
                    self.parts["road"].ribbon(left, right, m.ASPHALT)
                    self.solid.ribbon(left, right, m.ASPHALT)
        # Where asphalt overlaps asphalt the upper one must be one alone, or both turn black when rendered.
        for depth, shapes in ((0.002, [*self.area.junctions.values()]), (0.004, [self.area.flush])):
            for shape in shapes:
                wide = shape.buffer(WIDEN_M, join_style="mitre")
                for model in (self.parts["road"], self.solid):
                    drape(model, wide, self.height, -depth, m.ASPHALT, self.cell_m)

    def _paved_edges(self, road: Road, index: int) -> Iterator[tuple[F64, F64]]:
        """The left and the right edge (N, 3) of each lane's asphalt; at the outside they reach a little further."""
        section, s = road.sections[index], mesh_stations(road, index)
        line, borders = line_at(road, s), lane_borders(road, index, s)
        ends = line_at(road, s[[0, -1]])
        ahead = np.stack([np.cos(ends.heading), np.sin(ends.heading), ends.slope], axis=1)
        row = [*reversed(section.left), *section.right]
        # Under a kerb or verge, but never as far as the asphalt beyond a narrow median.
        room = [
            np.full(len(s), WIDEN_M),
            *(room_beside(lane, borders) for lane in row),
            np.full(len(s), WIDEN_M),
        ]
        for k, lane in enumerate(row):
            inner, outer = borders[lane.lane_id]
            left, right = np.maximum(inner, outer), np.minimum(inner, outer)
            if lane.kind not in PAVED:
                continue
            edges = (
                line.beside(left + room[k]),
                line.beside(right - room[k + 2]),
            )
            for edge in edges:
                edge[0] -= WIDEN_M * ahead[0]
                edge[-1] += WIDEN_M * ahead[1]
            for run in runs(left - right > 1e-6):
                yield edges[0][run], edges[1][run]

    def pavements(self) -> list[Collider]:
        """Kerbs and slabs along the roads; boxes for them where it is flat."""
        found = []
        for road in self.own:
            for index, section in enumerate(road.sections):
                for lane in (*section.left, *section.right):
                    if lane.kind == "sidewalk":
                        found += self._pavement(road, index, lane)
        return found

    def _pavement(self, road: Road, index: int, lane: RoadLane) -> list[Collider]:
        line, side = AlongLane(road, index, lane.lane_id), 1.0 if lane.lane_id > 0 else -1.0
        start, stop = section_span(road, index)
        width = float(np.median(line.width(mesh_stations(road, index))))
        if width < 2 * KERB_WIDTH_M:
            return []
        lay_kerb(self.parts["kerb"], line, start, stop, 0.0, side)
        lay_slabs(self.parts["pavement"], line, start, stop, side * KERB_WIDTH_M, side * width)
        s = line.stations(start, stop)
        high, low = line.points(s, side * width, KERB_HEIGHT_M), line.points(s, side * width, -0.4)
        wall = np.stack([low[:-1], low[1:], high[1:], high[:-1]], axis=1)
        self.parts["pavement"].quads(wall if side < 0 else wall[:, ::-1], m.CONCRETE)
        if not self.flat:
            a, b = line.points(s, 0.0, KERB_HEIGHT_M), line.points(s, side * width, KERB_HEIGHT_M)
            self.solid.ribbon(*((b, a) if side > 0 else (a, b)), m.PAVING)
            return []
        middles, lengths = (s[:-1] + s[1:]) / 2, np.diff(s)
        centre = line.points(middles, side * width / 2, KERB_HEIGHT_M / 2)
        return [
            Collider("box", Pose.of(at, yaw=line.heading(float(k))), (float(length), width, KERB_HEIGHT_M))
            for at, k, length in zip(centre, middles, lengths, strict=True)
        ]

    def corners(self) -> list[Collider]:
        """Kerbs and pavement around junctions."""
        corners, found = self.area.corners, []
        if corners.is_empty:
            return []
        edges = unary_union([shape.boundary for shape in self.area.junctions.values()])
        kerbs = edges.intersection(corners.buffer(0.03)).difference(self.area.roads.buffer(0.04))
        for line in lines_of(kerbs):
            if line.length > 0.2:
                self._kerb_along(line, corners)
        strip = kerbs.buffer(KERB_WIDTH_M + 0.005, cap_style="flat", join_style="mitre")
        bed = corners.difference(kerbs.buffer(UNDER_KERB_M, cap_style="flat", join_style="mitre"))
        pave(self.parts["pavement"], bed, corners.difference(strip), self.height, self.cell_m)
        top = Modeller()
        drape(top, corners, self.height, KERB_HEIGHT_M, m.PAVING, self.cell_m)
        if not self.flat:
            drape(self.solid, corners, self.height, KERB_HEIGHT_M, m.PAVING, self.cell_m)
        elif not top.empty:
            found.append(mesh_collider(top))
        return found

    def _kerb_along(self, line: LineString, raised: Any) -> None:
        outline = Outline.of(line, self.height)
        along = np.linspace(0.05, 0.95, 19) * outline.length_m
        left, right = (outline.points(along, side)[:, :2] for side in (0.15, -0.15))
        if shapely.contains_xy(raised, *right.T).sum() > shapely.contains_xy(raised, *left.T).sum():
            outline = Outline(outline.xy[::-1], self.height)
        lay_kerb(self.parts["kerb"], outline, 0.0, outline.length_m, 0.0, 1.0)

    def islands(self) -> list[Collider]:
        """Medians and roundabouts' middles: kerbed, planted when there is room."""
        found = []
        for polygon in polygons(self.area.islands):
            for ring in (polygon.exterior, *polygon.interiors):
                line = LineString(ring.coords)
                self._kerb_along(line, polygon)
            inside = polygon.buffer(-UNDER_KERB_M, join_style="mitre")
            planted = polygon.area > 25.0
            model = self.parts["terrain" if planted else "pavement"]
            what = m.GRASS if planted else m.PAVING
            drape(model, inside, self.height, KERB_HEIGHT_M - 0.006, what, self.cell_m)
            top = Modeller() if self.flat else self.solid
            drape(top, polygon, self.height, KERB_HEIGHT_M, m.PAVING, self.cell_m)
            if self.flat:
                found.append(mesh_collider(top))
        return found

    def land(self) -> None:
        """Lots and verges, and the slopes of a hilly network, tucked under the road's edges."""
        lift = LOT_HEIGHT_M if self.params["town"] else VERGE_M
        ground = self.area.whole
        margin = MARGIN_M if self.flat else HILLY_MARGIN_M
        around = Polygon(ground.convex_hull.buffer(margin, quad_segs=6).exterior)
        # Land goes on a little under pavements, but not over asphalt, which may lie lower.
        inner = unary_union([ground.buffer(-0.06, join_style="mitre"), self.area.asphalt])
        region = around.difference(inner)
        land = self.area.elevation.land
        cell = 0.0 if self.flat else LAND_M
        verge = region if self.params["town"] else region.intersection(ground.buffer(VERGE_WIDTH_M))
        drape(self.parts["terrain"], verge, land, lift, m.GRASS, cell)
        if not self.params["town"]:
            drape(self.parts["terrain"], region.difference(verge), land, lift, m.FIELD, cell)
        if not self.flat:
            drape(self.solid, region, land, lift, m.GRASS, cell)
        for polygon in polygons(ground):
            for ring in (polygon.exterior, *polygon.interiors):
                xy = shapely.get_coordinates(ring)
                xy = xy if ring.is_ccw == (ring is polygon.exterior) else xy[::-1]
                skirt(self.parts["terrain"], xy, self.height, 0.0, -0.5, m.SOIL)

    def markings(self) -> None:
        for road in self.network.roads:
            for index, section in enumerate(road.sections):
                self._lines(road, index, section)
        for road in self.own:
            for walk in road.crosswalks:
                self._zebra(road, walk.s_m, walk.length_m)
            for signal in road.signals:
                if signal.kind in STOPPING:
                    self._stop_line(road, signal)
        self._arrows(lane_graph(self.network))

    def _lines(self, road: Road, index: int, section: LaneSection) -> None:
        spans = free_spans(road, index)
        fast = road.speed_limit_mps > FAST_MPS
        dash = (6.0, 12.0) if fast else (3.0, 3.0)
        paint_line(self.painter, AlongLane(road, index), spans, section.centre_marking, 0.0, dash)
        for lanes, side in ((section.left, 1.0), (section.right, -1.0)):
            for k, lane in enumerate(lanes):
                if lane.marking == "none" or lane.kind not in PAVED:
                    continue
                edge = AlongLane(road, index, lane.lane_id, "outer")
                beyond = lanes[k + 1].kind if k + 1 < len(lanes) else "none"
                kept = [(max(a, edge.start_m), min(b, edge.length_m)) for a, b in spans]
                if beyond == "parking":
                    self._bays(AlongLane(road, index, lanes[k + 1].lane_id), kept, side)
                else:
                    paint_line(self.painter, edge, kept, lane.marking, 0.0, dash)

    def _bays(self, line: AlongLane, spans: list[tuple[float, float]], side: float) -> None:
        """Short dashes along parking bays and bars between them, where they are wide enough."""
        for start, stop in spans:
            s = np.arange(start, stop, 0.5)
            width = line.width(s)
            for run in runs(width > 0.9 * float(width.max(initial=1e-3))):
                low, high = float(s[run][0]), float(s[run][-1])
                starts = dash_starts(low, high, 1.0, 1.0)
                self.painter.bars(line, starts, starts + 1.0, 0.0, 0.1)
                deep = float(width.max())
                bars = np.arange(low, high, BAY_M)
                self.painter.bars(line, bars, bars + 0.1, side * deep / 2, deep - 0.2)

    def _zebra(self, road: Road, s: float, length: float) -> None:
        """Stripes along the traffic from kerb to kerb."""
        low, high = paved_edges(road, s)
        line = AlongLane(road, section_at(road, s))
        shift = float(line.edge_t(s)[0])
        count = int(high - low - 0.3)
        laterals = (low + high) / 2 + (np.arange(count) - (count - 1) / 2) - shift
        self.painter.bars(line, [s - length / 2] * count, [s + length / 2] * count, laterals, 0.5)

    def _stop_line(self, road: Road, signal: RoadSignal) -> None:
        """A bar across the lanes it rules; triangles that point at the traffic where one gives way."""
        index = section_at(road, signal.s_m)
        for side in [s for s, word in ((1, "-"), (-1, "+")) if signal.orientation in (word, "both")]:
            section = road.sections[index]
            lanes = [x for x in (section.left if side > 0 else section.right) if x.kind == "driving"]
            if not lanes:
                continue
            borders = lane_borders(road, index, signal.s_m)
            edges = [float(e[0]) for lane in lanes for e in borders[lane.lane_id]]
            low, high = min(edges) + 0.15, max(edges) - 0.15
            line = AlongLane(road, index)
            shift = float(line.edge_t(signal.s_m)[0])
            if signal.kind == "give_way":
                count = max(2, int((high - low) / 0.75))
                tooth = Polygon([(-0.7, 0.0), (0.0, 0.28), (0.0, -0.28)])
                for k in range(count):
                    at = low + (k + 0.5) * (high - low) / count - shift
                    self.painter.stencil(line, tooth, signal.s_m, at, forward=side < 0)
            else:
                ahead = 0.2 if side > 0 else -0.2
                at = signal.s_m + ahead
                self.painter.bar(line, at - 0.2, at + 0.2, (low + high) / 2 - shift, high - low)

    def _arrows(self, graph: LaneGraph) -> None:
        """Before a junction, on each of several lanes that lead there."""
        for lane, (road_id, index, lane_id) in zip(graph.lanes, graph.keys, strict=True):
            turns = frozenset(graph.lanes[k].turn for k in lane.successors) - {""}
            if not turns or lane.junction is not None or (lane.left is None and lane.right is None):
                continue
            road = self.network.road(road_id)
            length, stop = length_m(lane), lane.stop_m if lane.stop_m is not None else length_m(lane)
            inner, outer = lane_edges(road, index, lane_id, mesh_stations(road, index))
            middle = float(np.median(inner + outer)) / 2
            line, forward = AlongLane(road, index), lane_id < 0
            low, high = section_span(road, index)
            for back in (3.0, 24.0):
                tail = stop - back - ARROW_M
                if tail > 5.0 and length > 30.0:
                    s = low + tail if forward else high - tail
                    shift = float(line.edge_t(s)[0])
                    self.painter.stencil(line, arrow(turns), s, middle - shift, forward)

    def wear(self) -> None:
        """Trench patches and manhole covers a hair above the asphalt, and open soil around trees."""
        for road_id, s, t, length, width in self.params["patches"]:
            road = self.network.road(int(road_id))
            line = AlongLane(road, section_at(road, s))
            around = line.stations(s, min(s + length, line.length_m))
            z = 0.0015
            a, b = line.points(around, t + width, z), line.points(around, t, z)
            self.parts["road"].ribbon(a, b, m.ASPHALT_PATCH)
        for road_id, s, t in self.params["manholes"]:
            road = self.network.road(int(road_id))
            line = AlongLane(road, section_at(road, s))
            for z, radius, what in ((0.0025, 0.36, m.ASPHALT_PATCH), (0.004, 0.31, m.MANHOLE)):
                self._lid(line, s, t, z, radius, what)
        for road_id, lane_id, s, back in self.params["tree_pits"]:
            road = self.network.road(int(road_id))
            line = AlongLane(road, section_at(road, s), int(lane_id))
            lay_tree_pits(self.parts["pavement"], line, [[s, (1.0 if lane_id > 0 else -1.0) * back]])

    def _lid(self, line: AlongLane, s: float, t: float, z: float, radius: float, what: Material) -> None:
        """A disc that lies on the road, however it slopes."""
        angle = 2 * np.pi * np.arange(24) / 24
        ring = line.points(s + radius * np.cos(angle), t + radius * np.sin(angle), z)
        self.parts["road"].triangles(ring, [[0, k, k + 1] for k in range(1, 23)], what)

    def barriers(self) -> list[Collider]:
        """Concrete walls with sloping feet along the middle of fast roads."""
        found = []
        profile = [
            (0.3, -0.2),
            (0.3, 0.08),
            (0.14, 0.33),
            (0.09, 0.9),
            (-0.09, 0.9),
            (-0.14, 0.33),
            (-0.3, 0.08),
            (-0.3, -0.2),
        ]
        for road_id, t, start, stop in self.params["barriers"]:
            road = self.network.road(int(road_id))
            line = AlongLane(road, section_at(road, start))
            s = line.stations(start, stop)
            rows = [line.points(s, t + aside - line.edge_t(s), z) for aside, z in profile]
            for a, b in pairwise(rows):
                self.parts["wall"].quads(
                    np.stack([a[:-1], a[1:], b[1:], b[:-1]], axis=1)[:, ::-1], m.CONCRETE
                )
            for end, flip in ((0, False), (-1, True)):
                face = np.stack([row[end] for row in rows])
                fan = np.array([[0, k, k + 1] for k in range(1, len(face) - 1)])
                self.parts["wall"].triangles(face, fan[:, ::-1] if flip else fan, m.CONCRETE)
            for k in range(len(s) - 1):
                at = line.points((s[k] + s[k + 1]) / 2, t - line.edge_t(s[k])[0], 0.45)
                size = (float(s[k + 1] - s[k]), 0.5, 0.9)
                found.append(Collider("box", Pose.of(at, yaw=line.heading(float(s[k]))), size))
        return found

    def plinths(self) -> None:
        for x, y, yaw, length, width, low, high in self.params["plinths"]:
            turn = Pose.of((x, y, 0.0), yaw=yaw)
            around = turn.points(
                [[sx * length / 2, sy * width / 2, 0.0] for sx, sy in ((-1, -1), (1, -1), (1, 1), (-1, 1))]
            )
            outline = np.vstack([around, around[:1]])
            bottom, top = outline + np.array([0, 0, low]), outline + np.array([0, 0, high])
            walls = np.stack([bottom[:-1], bottom[1:], top[1:], top[:-1]], axis=1)
            self.parts["terrain"].quads(walls, m.STONE)
            self.parts["terrain"].quads([around + np.array([0, 0, high])], m.STONE)


def mesh_collider(model: Modeller) -> Collider:
    """What a modeller has gathered, as a static collider."""
    mesh = model.mesh()
    points: F64 = mesh.vertices.astype(np.float64)
    return Collider("mesh", Pose.of(), points=points, faces=mesh.faces)


def build(params: dict[str, Any], paint: Material | None = None) -> Shape:
    """The network of complete ``params``; its body frame is the network's own."""
    builder = _Builder(params)
    builder.asphalt()
    colliders = [*builder.pavements(), *builder.corners(), *builder.islands(), *builder.barriers()]
    builder.land()
    builder.markings()
    builder.wear()
    builder.plinths()
    if builder.flat:
        level = builder.area.elevation.low_m
        colliders.insert(0, box_collider((-600.0, -600.0, level - 1.0), (600.0, 600.0, level)))
    else:
        colliders.insert(0, mesh_collider(builder.solid))
    return whole(builder.parts, 0.0, colliders, {name: name for name in _PARTS})


def draw(stream: Stream) -> dict[str, Any]:
    """A short straight road with a lane each way and pavements."""
    rng = stream.rng()
    length, width = float(rng.uniform(60.0, 90.0)), float(rng.uniform(3.0, 3.5))

    def side(sign: int) -> tuple[RoadLane, ...]:
        return (
            RoadLane(sign, "driving", (Cubic(0.0, width),)),
            RoadLane(2 * sign, "sidewalk", (Cubic(0.0, 3.0),)),
        )

    road = Road(
        0,
        length,
        (Geometry("line", 0.0, 0.0, 0.0, 0.0, length),),
        (LaneSection(0.0, side(1), side(-1), "broken"),),
    )
    return {
        "network": RoadNetwork((road,)).to_json(),
        "town": True,
        "corner_radius_m": 7.0,
        "wear": float(rng.uniform(0.1, 0.6)),
        "wear_seed": int(rng.integers(1_000_000)),
        "patches": [],
        "manholes": [],
        "tree_pits": [],
        "plinths": [],
        "barriers": [],
    }


ROAD_NETWORK = ShapeFamily("road_network", semantic="road", noun="road", draw=draw, build=build, stuff=True)
