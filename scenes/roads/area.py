"""Where a road network's asphalt, pavements and islands lie, in plan, and how high the ground is there."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
import shapely
from scipy.spatial import cKDTree
from shapely.geometry import Polygon
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from pairforge.frames import F64
from pairforge.scenes.roads.lane_graph import stations
from pairforge.scenes.roads.network import Crosswalk, Junction, Road, RoadNetwork
from pairforge.scenes.roads.reference_line import lane_borders, lane_edges, line_at, section_span

PAVED = ("driving", "parking", "biking", "shoulder", "border")
STUB_M = 3.0
"""Arms count as part of a junction so far when its corners are rounded."""
TIP_M = 0.3
"""Medians narrower than twice this are paint on asphalt."""
SEAM_M = 0.02
"""The asphalt of a junction reaches this far under that of its arms, so that no ray finds a seam."""


def mesh_stations(road: Road, index: int) -> F64:
    """s (N,) of a section at which its surfaces are cut across."""
    return stations(road, index, 0.8, 4.0)


def band(road: Road, index: int, lane_id: int) -> Polygon:
    """A lane of a section in plan."""
    s = mesh_stations(road, index)
    inner, outer = lane_edges(road, index, lane_id, s)
    line = line_at(road, s)
    return _between(line.beside(inner), line.beside(outer))


def _between(a: F64, b: F64) -> Polygon:
    ring = np.concatenate([a[:, :2], b[::-1, :2]])
    found = Polygon(ring)
    return found if found.is_valid else found.buffer(0)


def bands(road: Road, kinds: Sequence[str]) -> Iterator[tuple[int, int, Polygon]]:
    """(section, lane id, polygon) of every lane of these kinds."""
    for index, section in enumerate(road.sections):
        for lane in (*section.left, *section.right):
            if lane.kind in kinds:
                outline = band(road, index, lane.lane_id)
                if outline.area > 1e-6:
                    yield index, lane.lane_id, outline


def polygons(shape: BaseGeometry) -> list[Polygon]:
    """Its polygons of some size."""
    parts = shape.geoms if hasattr(shape, "geoms") else [shape]
    return [p for p in parts if isinstance(p, Polygon) and p.area > 1e-4]


@dataclass(frozen=True, eq=False)
class RoadArea:
    """The areas of a network whose kerbs are rounded by ``radius_m`` at junctions."""

    network: RoadNetwork
    radius_m: float

    @cached_property
    def roads(self) -> Any:
        """Asphalt of all roads that are not inside a junction."""
        own = [r for r in self.network.roads if r.junction is None]
        return unary_union([shape for road in own for _, _, shape in bands(road, PAVED)])

    @cached_property
    def junctions(self) -> dict[int, Any]:
        """Junction id -> its asphalt: the ways across, with rounded corners between the arms."""
        return {j.junction_id: self._junction(j) for j in self.network.junctions}

    @cached_property
    def asphalt(self) -> Any:
        return unary_union([self.roads, *self.junctions.values(), self.flush])

    @cached_property
    def islands(self) -> Any:
        """Medians and the middle of roundabouts: raised, inside the road."""
        medians = self._medians.difference(self._crossed)
        opened = medians.buffer(-TIP_M).buffer(TIP_M).intersection(medians)
        return unary_union([_filled(p, 3.0) for p in polygons(opened) if p.area > 1.0])

    @cached_property
    def flush(self) -> Any:
        """Medians where they are too narrow for kerbs, or where people cross: asphalt."""
        return self._medians.difference(self.islands.buffer(-SEAM_M))

    @cached_property
    def _crossed(self) -> Any:
        """Crossings of roads, from edge to edge and a little beyond."""
        return unary_union([_crossed(road, walk) for road in self._own for walk in road.crosswalks])

    @cached_property
    def _medians(self) -> Any:
        found = unary_union([s for r in self.network.roads for _, _, s in bands(r, ("median",))])
        return unary_union([_filled(p, 3.0) for p in polygons(found.buffer(0.02).buffer(-0.02))])

    @cached_property
    def pavement(self) -> Any:
        """Beside the roads, without the corners of junctions."""
        found = unary_union([s for r in self._own for _, _, s in bands(r, ("sidewalk",))])
        return found.difference(self.asphalt)

    @cached_property
    def corners(self) -> Any:
        """Pavement around junctions, where arms have pavements that it joins."""
        found = []
        taken = unary_union([self.asphalt, self.pavement, self.islands])
        for junction in self.network.junctions:
            width = self._pavement_m(junction)
            if width > 0.0:
                around = self.junctions[junction.junction_id].buffer(width)
                found += [p for p in polygons(around.difference(taken)) if p.area > 0.3]
        return unary_union(found).buffer(0) if found else Polygon()

    @cached_property
    def whole(self) -> Any:
        """Everything that is road: no land there."""
        joined = unary_union([self.asphalt, self.pavement, self.corners, self.islands])
        return unary_union([_filled(p, 2.0) for p in polygons(joined.buffer(0.01).buffer(-0.01))])

    @cached_property
    def elevation(self) -> Elevation:
        return Elevation(self.network, self.whole)

    @property
    def _own(self) -> list[Road]:
        return [r for r in self.network.roads if r.junction is None]

    def arms(self, junction: Junction) -> list[tuple[Road, str]]:
        """(road, the end of it that meets the junction)."""
        found = []
        for road in self._own:
            for end, link in (("start", road.predecessor), ("end", road.successor)):
                if link is not None and link.kind == "junction" and link.element_id == junction.junction_id:
                    found.append((road, end))
        return found

    def _junction(self, junction: Junction) -> Any:
        ways = [r for r in self.network.roads if r.junction == junction.junction_id]
        shapes = [shape for road in ways for _, _, shape in bands(road, PAVED)]
        stubs = [_stub(road, end) for road, end in self.arms(junction)]
        r = self.radius_m
        inside = unary_union([*shapes, *stubs]).buffer(0.01)
        rounded = inside.buffer(r, quad_segs=12).buffer(-r, quad_segs=12).buffer(-0.01)
        ring = unary_union([_filled(p, 1e9) for p in polygons(rounded)])
        roads = self.roads.buffer(-SEAM_M, join_style="mitre")
        return ring.difference(roads).difference(self.islands.buffer(-SEAM_M)).buffer(0)

    def _pavement_m(self, junction: Junction) -> float:
        """The mean width of the pavements of its arms; 0 where most have none."""
        widths = [_sidewalk_m(road, end) for road, end in self.arms(junction)]
        real = [w for w in widths if w > 0.0]
        return float(np.mean(real)) if real and 2 * len(real) >= len(widths) else 0.0


def _crossed(road: Road, walk: Crosswalk) -> Polygon:
    half = walk.length_m / 2 + 0.15
    s = np.array([walk.s_m - half, walk.s_m + half])
    borders = lane_borders(road, section_of(road, walk.s_m), s).values()
    edges = np.array([edge for pair in borders for edge in pair])
    line = line_at(road, s)
    return _between(line.beside(edges.max(axis=0)), line.beside(edges.min(axis=0)))


def _filled(shape: Polygon, most_m2: float) -> Polygon:
    """Without its holes of at most ``most_m2``."""
    return Polygon(shape.exterior, [h for h in shape.interiors if Polygon(h).area > most_m2])


def _stub(road: Road, end: str) -> Any:
    """The first metres of an arm's asphalt."""
    at = 0.0 if end == "start" else road.length_m
    index = 0 if end == "start" else len(road.sections) - 1
    away = min(STUB_M, road.length_m) * (1 if end == "start" else -1)
    s = np.array([at, at + away])
    line, section = line_at(road, s), road.sections[index]
    shapes = []
    for lane_id, (inner, outer) in lane_borders(road, index, s).items():
        kind = next(x.kind for x in (*section.left, *section.right) if x.lane_id == lane_id)
        if kind in PAVED:
            shapes.append(_between(line.beside(inner), line.beside(outer)))
    return unary_union(shapes)


def _sidewalk_m(road: Road, end: str) -> float:
    at = 0.0 if end == "start" else road.length_m
    index = 0 if end == "start" else len(road.sections) - 1
    borders = lane_borders(road, index, at)
    widths = [
        float(abs(outer - inner)[0])
        for lane in (*road.sections[index].left, *road.sections[index].right)
        if lane.kind == "sidewalk"
        for inner, outer in [borders[lane.lane_id]]
    ]
    return max(widths, default=0.0)


class Elevation:
    """Heights (N,) of the ground at points (N, 2): on roads the nearest reference line's, beside them blended."""

    def __init__(self, network: RoadNetwork, whole: Any) -> None:
        starts, ends = [], []
        for road in network.roads:
            s = np.concatenate([mesh_stations(road, k) for k in range(len(road.sections))])
            fine = np.unique(np.concatenate([s, np.linspace(0.0, road.length_m, int(road.length_m) + 2)]))
            points = line_at(road, fine).xyz_m
            starts.append(points[:-1])
            ends.append(points[1:])
        self._a, self._b = np.concatenate(starts), np.concatenate(ends)
        self._tree = cKDTree((self._a[:, :2] + self._b[:, :2]) / 2)
        self.low_m, self.high_m = float(self._a[:, 2].min()), float(self._a[:, 2].max())
        self.flat = bool(max(self.high_m, self._b[:, 2].max()) - min(self.low_m, self._b[:, 2].min()) < 1e-6)
        self._whole = whole
        self._land = _Land(self, whole) if not self.flat else None

    def road(self, xy: F64) -> F64:
        """On the road: the elevation of the reference line beside which a point lies."""
        xy = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
        if self.flat or not len(xy):
            return np.full(len(xy), self.low_m)
        _, near = self._tree.query(xy, k=min(4, len(self._a)))
        near = near.reshape(len(xy), -1)
        a, b = self._a[near], self._b[near]
        edge = b[..., :2] - a[..., :2]
        share = ((xy[:, None] - a[..., :2]) * edge).sum(-1) / np.maximum((edge**2).sum(-1), 1e-12)
        share = np.clip(share, 0.0, 1.0)
        foot = a + share[..., None] * (b - a)
        best = np.argmin(((foot[..., :2] - xy[:, None]) ** 2).sum(-1), axis=1)
        return np.asarray(foot[np.arange(len(xy)), best, 2])

    def land(self, xy: F64) -> F64:
        """Beside the road: as high as the road at its edge, smoothly between roads, falling away far off."""
        xy = np.asarray(xy, dtype=np.float64).reshape(-1, 2)
        return self.road(xy) if self._land is None else self._land.at(xy)


class _Land:
    """Heights blended from the road's edge by inverse distance, down to the lowest road's level far away."""

    REACH_M = (50.0, 230.0)

    def __init__(self, elevation: Elevation, whole: Any) -> None:
        rings = [r for p in polygons(whole) for r in (p.exterior, *p.interiors)]
        points = [
            shapely.get_coordinates(shapely.line_interpolate_point(r, np.arange(0.0, r.length, 2.5)))
            for r in rings
        ]
        edge = np.concatenate(points)
        self._edge, self._height = cKDTree(edge), elevation.road(edge)
        self._road, self._low = elevation, elevation.low_m

    def at(self, xy: F64) -> F64:
        distance, near = self._edge.query(xy, k=min(24, len(self._height)))
        weight = 1.0 / (distance**2 + 0.01) ** 1.5
        blended = (weight * self._height[near]).sum(1) / weight.sum(1)
        close = distance[:, 0] < 0.6
        blended[close] = self._road.road(xy[close])
        start, end = self.REACH_M
        far = np.clip((distance[:, 0] - start) / (end - start), 0.0, 1.0)
        fall = far * far * (3 - 2 * far)
        return np.asarray(blended * (1 - fall) + self._low * fall)


def section_of(road: Road, s_m: float) -> int:
    """The section at ``s_m``."""
    return max(k for k in range(len(road.sections)) if section_span(road, k)[0] <= s_m + 1e-9)
