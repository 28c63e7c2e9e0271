"""What stands beside the roads of a network: buildings and street furniture in town, trees in open country, lights
and signs everywhere. Nothing overlaps, and nothing stands on the asphalt."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import shapely
from shapely.geometry import Point, Polygon

from pairforge.frames import F64
from pairforge.scenes.concrete import ConcreteItem
from pairforge.scenes.distributions import Choice, Flag, Integer, Uniform
from pairforge.scenes.draws import Draws
from pairforge.scenes.roads.along import AlongLane
from pairforge.scenes.roads.area import RoadArea
from pairforge.scenes.roads.lane_graph import signal_name
from pairforge.scenes.roads.named import names_of
from pairforge.scenes.roads.network import Road, RoadLane, RoadNetwork, RoadSignal
from pairforge.scenes.roads.reference_line import lane_borders, line_at, section_span
from pairforge.scenes.shapes.road_ground import Outline
from pairforge.scenes.shapes.road_pieces import KERB_HEIGHT_M, LOT_HEIGHT_M, Line
from pairforge.scenes.shapes.signs import FACES

FURNITURE_M, TREE_M, SLOT_M = 0.62, 0.85, 5.5
"""Furniture and trees stand this far behind the kerb's face, in slots of this length."""
JUNCTION_M = 9.0
"""No furniture so near to a junction: people cross and drivers look there."""
GAP_M = 0.04
"""Between buildings."""


@dataclass(frozen=True)
class Dressing:
    """The items, and what the road itself must know of them."""

    items: tuple[ConcreteItem, ...]
    params: dict[str, Any]


@dataclass(eq=False)
class _Site:
    """The ground and what has been put on it so far."""

    area: RoadArea
    names: dict[int, str]
    items: list[ConcreteItem] = field(default_factory=list)
    taken: list[Polygon] = field(default_factory=list)
    tree_pits: list[list[float]] = field(default_factory=list)
    plinths: list[list[float]] = field(default_factory=list)

    def free(self, footprint: Polygon) -> bool:
        """Whether nothing stands there, and no road lies there."""
        if self.area.whole.intersects(footprint):
            return False
        near = shapely.STRtree(self.taken).query(footprint) if self.taken else []
        return not any(self.taken[int(k)].intersects(footprint) for k in near)

    def stand(self, item: ConcreteItem, at: F64, yaw: float, z_m: float) -> None:
        self.items.append(
            replace(
                item,
                position_m=(float(at[0]), float(at[1]), float(z_m)),
                quaternion_wxyz=(float(np.cos(yaw / 2)), 0.0, 0.0, float(np.sin(yaw / 2))),
            )
        )


def dressed(draw: Draws, area: RoadArea, town: bool, density: float, spacing_m: float) -> Dressing:
    """Everything that stands along a network."""
    network = area.network
    site = _Site(area, names_of(network))
    _signals(draw, site, network)
    for road, index, lane, name in _sides(site, network):
        line, side = AlongLane(road, index, lane.lane_id), 1.0 if lane.lane_id > 0 else -1.0
        if lane.kind == "sidewalk":
            _furniture(draw, site, line, side, name, spacing_m)
    for road, index, lane, name in _sides(site, network):
        line, side = AlongLane(road, index, lane.lane_id, "outer"), 1.0 if lane.lane_id > 0 else -1.0
        if town and lane.kind == "sidewalk":
            _buildings(draw, site, line, section_span(road, index), side, name, density)
        elif not town:
            _trees(draw, site, line, side, name, spacing_m)
    if town:
        _corner_buildings(draw, site, density)
    params = {
        "tree_pits": site.tree_pits,
        "plinths": site.plinths,
        **_wear(draw, network, site.names),
    }
    return Dressing(tuple(site.items), params)


def _sides(site: _Site, network: RoadNetwork) -> Iterator[tuple[Road, int, RoadLane, str]]:
    """The outermost lane of either side of every section of every road, with a name for what stands there."""
    for road_id, name in site.names.items():
        road = network.road(road_id)
        for index, section in enumerate(road.sections):
            for lanes, side in ((section.left, "left"), (section.right, "right")):
                if lanes:
                    suffix = f"_{index}" if len(road.sections) > 1 else ""
                    yield road, index, lanes[-1], f"{name}_{side}{suffix}"


def _signals(draw: Draws, site: _Site, network: RoadNetwork) -> None:
    """Traffic lights and signs where the network has them, each turned to the traffic it is for."""
    programmes = {c.controller_id: c for c in network.controllers}
    for road_id, name in site.names.items():
        road = network.road(road_id)
        for signal in road.signals:
            at, yaw = _beside(road, signal)
            height = site.area.elevation.road(at[None, :2])[0]
            kerbed = site.area.pavement.buffer(0.1).contains(Point(at[:2])) or site.area.corners.contains(
                Point(at[:2])
            )
            z = height + (KERB_HEIGHT_M if kerbed else -0.03)
            if signal.kind == "light":
                programme = programmes.get(-1 if signal.controller is None else signal.controller)
                light = draw.item(
                    signal_name(signal.signal_id), "traffic_light", params={"pedestrian": False}
                )
                phases = [list(p) for p in programme.phases] if programme else [["off", 60.0]]
                behaviour = {
                    "kind": "signal",
                    "programme": phases,
                    "offset_s": programme.offset_s if programme else 0.0,
                }
                site.stand(replace(light, motion="signal", behaviour=behaviour), at, yaw, z)
            elif signal.kind in FACES:
                item = f"{name}_sign_{signal.signal_id}"
                site.stand(draw.item(item, "traffic_sign", params={"face": signal.kind}), at, yaw, z)
            else:
                continue
            site.taken.append(Point(at[:2]).buffer(0.3))


def _beside(road: Road, signal: RoadSignal) -> tuple[F64, float]:
    """Where a light or sign stands, and the yaw at which it faces its traffic."""
    line = line_at(road, signal.s_m)
    at = line.beside(signal.t_m)[0]
    return at, float(line.heading[0]) + (0.0 if signal.orientation == "-" else np.pi)


def _furniture(draw: Draws, site: _Site, line: AlongLane, side: float, name: str, spacing_m: float) -> None:
    """Trees, lamps, benches, bins and bollards along a kerb, clear of crossings, junctions and signs."""
    road = line.road
    start, end = section_span(road, line.index)
    species = draw(f"{name}_species", Choice("lime", "plane", "maple", "birch", "cherry"))
    every = max(1, round(spacing_m / SLOT_M))
    low = start + (JUNCTION_M if road.predecessor and road.predecessor.kind == "junction" else 3.0)
    high = end - (JUNCTION_M if road.successor and road.successor.kind == "junction" else 3.0)
    for k, s in enumerate(np.arange(low, high, SLOT_M)):
        if any(abs(s - walk.s_m) < walk.length_m / 2 + 3.0 for walk in road.crosswalks):
            continue
        item = _in_slot(draw, f"{name}_{k}", k, every, species)
        if item is None:
            continue
        back = TREE_M if item.family == "tree" else FURNITURE_M
        at = line.points(float(s), side * back, KERB_HEIGHT_M)
        spot = Point(at[:2]).buffer(0.75)
        if any(spot.intersects(other) for other in site.taken):
            continue
        site.stand(item, at, line.heading(float(s)) - side * np.pi / 2, float(at[2]))
        site.taken.append(Point(at[:2]).buffer(0.3))
        if item.family == "tree":
            site.tree_pits.append([float(road.road_id), float(line.lane_id), float(s), back])


def _in_slot(draw: Draws, name: str, k: int, every: int, species: str) -> ConcreteItem | None:
    if k % 5 == 2:
        return draw.item(f"{name}_lamp_post", "lamp_post")
    if k % every == 0:
        return draw.item(f"{name}_tree", "tree", params={"species": species, "lift_m": 4.3})
    what = draw(f"{name}_kind", Choice("", "bench", "litter_bin", "bollard", weights=(0.6, 0.13, 0.13, 0.14)))
    return draw.item(f"{name}_{what}", what) if what else None


def _buildings(
    draw: Draws,
    site: _Site,
    line: Line,
    span: tuple[float, float],
    side: float,
    name: str,
    density: float,
) -> None:
    """Lots along the back of a pavement; an empty one grows trees behind a hedge."""
    start, end = span
    s, k = start + 0.2, 0
    while s < end - 5.0 and k < 200:
        lot = draw.under(f"{name}_lot_{k}")
        built = lot("built", Flag(density))
        house = draw.item(f"{name}_building_{k}", "building") if built else None
        width = house.params["bays"] * house.params["bay_m"] if house else lot("width_m", Uniform(7.0, 11.0))
        depth = house.params["depth_m"] if house else 5.0
        placed = False
        for shift in np.arange(0.0, 9.0, 1.0):
            middle = s + shift + width / 2
            if middle + width / 2 > end:
                break
            at, yaw, footprint = _lot(line, side, middle, width, depth)
            if site.free(footprint):
                placed = True
                break
        if not placed:
            s, k = s + 8.0, k + 1
            continue
        site.taken.append(footprint.buffer(GAP_M / 2, join_style="mitre"))
        if house is not None:
            _raise(site, house, at, yaw, footprint, width, depth)
        else:
            _garden(draw, site, f"{name}_garden_{k}", at, yaw, width)
        s, k = middle + width / 2 + 0.02, k + 1


def _lot(line: Line, side: float, middle: float, width: float, depth: float) -> tuple[F64, float, Polygon]:
    """Where the middle of a front stands, its yaw (towards the road), and the footprint, corners ordered front first.

    The front follows the chord of the pavement's back edge and stands just behind it.
    """
    ends = line.points(np.array([middle - width / 2, middle + width / 2]), side * 0.06)
    chord = ends[1, :2] - ends[0, :2]
    along = chord / np.linalg.norm(chord)
    out = side * np.array([-along[1], along[0]])
    # On the outside of a bend the chord cuts into the pavement: stand behind the arc's highest point.
    probe = line.points(np.linspace(middle - width / 2, middle + width / 2, 7), side * 0.06)[:, :2]
    back = max(0.0, float(((probe - ends[0, :2]) @ out).max()))
    front = (ends[0, :2] + ends[1, :2]) / 2 + out * back
    corners = [
        front - along * width / 2,
        front + along * width / 2,
        front + along * width / 2 + out * depth,
        front - along * width / 2 + out * depth,
    ]
    return front, float(np.arctan2(-out[1], -out[0])), Polygon(corners)


def _corner_buildings(draw: Draws, site: _Site, density: float) -> None:
    """Lots around junctions, behind the pavement that goes round their corners."""
    around = site.area.corners
    if around.is_empty:
        return
    backs = site.area.whole.boundary.intersection(around.buffer(0.05))
    merged = shapely.line_merge(backs) if backs.geom_type == "MultiLineString" else backs
    lines = [p for p in shapely.get_parts(merged) if p.geom_type == "LineString" and p.length > 6.0]
    for k, back in enumerate(sorted(lines, key=lambda line: line.bounds)):
        outline = Outline.of(back, site.area.elevation.land)
        middle = outline.points(outline.length_m / 2, 0.3)[:2]
        side = -1.0 if site.area.whole.contains(Point(middle)) else 1.0
        _buildings(draw, site, outline, (0.0, outline.length_m), side, f"corner_{k}", density)


def _raise(
    site: _Site, house: ConcreteItem, at: F64, yaw: float, footprint: Polygon, width: float, depth: float
) -> None:
    """The house at the level of the higher end of its front, on a plinth where the ground falls."""
    corners = np.asarray(footprint.exterior.coords)[:4]
    ground = site.area.elevation.land(corners)
    z = float(ground[:2].max()) + LOT_HEIGHT_M
    site.stand(house, at, yaw, z)
    if float(np.ptp(ground)) > 0.05:
        middle = at - (depth / 2 + 0.02) * np.array([np.cos(yaw), np.sin(yaw)])
        low = float(ground.min()) - 0.6
        site.plinths.append([float(middle[0]), float(middle[1]), yaw, depth, width, low, z])


def _garden(draw: Draws, site: _Site, name: str, at: F64, yaw: float, width: float) -> None:
    back = -np.array([np.cos(yaw), np.sin(yaw)])
    along = np.array([-back[1], back[0]])
    hedge = draw.item(f"{name}_hedge", "hedge", params={"length_m": width - 0.6})
    spot = at + 0.5 * back
    site.stand(hedge, spot, yaw + np.pi / 2, float(site.area.elevation.land(spot)[0]) + LOT_HEIGHT_M)
    for j, depth in enumerate((3.6, 10.0)):
        spot = at + depth * back + (j - 0.5) * 2.0 * along
        trunk = Point(spot).buffer(0.8)
        if site.free(trunk) or j == 0:
            tree = draw.item(f"{name}_tree_{j}", "tree")
            site.stand(tree, spot, yaw, float(site.area.elevation.land(spot)[0]) + LOT_HEIGHT_M)
            site.taken.append(trunk)


def _trees(draw: Draws, site: _Site, line: AlongLane, side: float, name: str, spacing_m: float) -> None:
    """Single trees and small groups in open country, thinning out away from the road."""
    start, end = section_span(line.road, line.index)
    for k, s in enumerate(np.arange(start + 4.0, end - 2.0, spacing_m)):
        lot = draw.under(f"{name}_wood_{k}")
        for j in range(lot("count", Choice(0, 1, 2, 3, weights=(0.25, 0.35, 0.25, 0.15)))):
            away = lot(f"away_{j}_m", Uniform(4.5, 15.0)) + 9.0 * j
            at = line.points(float(s) + lot(f"along_{j}_m", Uniform(-4.0, 4.0)), side * away)
            spot = Point(at[:2]).buffer(2.2)
            if site.free(spot):
                tree = draw.item(f"{name}_tree_{k}_{j}", "tree")
                ground = float(site.area.elevation.land(at[None, :2])[0])
                site.stand(tree, at, lot(f"yaw_{j}", Uniform(0.0, 6.28)), ground - 0.05)
                site.taken.append(spot)


MANHOLE_M = 0.36
"""How far a cover reaches with its rim."""


def _wear(draw: Draws, network: RoadNetwork, names: dict[int, str]) -> dict[str, Any]:
    """Trench patches and manholes here and there in the driving lanes."""
    patches, manholes = [], []
    for road_id, name in names.items():
        road = network.road(road_id)
        section = road.sections[0]
        half = 1.8 if section.left and section.right else 0.0
        under = draw.under(f"{name}_wear")
        for k in range(under("patches", Integer(1, 4))):
            place = under.under(f"patch_{k}")
            s = place("s_m", Uniform(0.1, 0.85)) * road.length_m
            t = place("t_m", Uniform(-2.6, half))
            length, width = place("length_m", Uniform(1.5, 9.0)), place("width_m", Uniform(0.5, 1.2))
            patches.append([float(road_id), s, _on_lanes(road, s, t, (0.0, width)), length, width])
        for k in range(under("manholes", Integer(1, 3))):
            place = under.under(f"manhole_{k}")
            s = place("s_m", Uniform(0.1, 0.9)) * road.length_m
            t = place("t_m", Uniform(-2.2, half))
            manholes.append([float(road_id), s, _on_lanes(road, s, t, (MANHOLE_M, MANHOLE_M))])
    return {"patches": patches, "manholes": manholes}


def _on_lanes(road: Road, s_m: float, t_m: float, reach_m: tuple[float, float]) -> float:
    """``t_m``, moved as little as it takes that what reaches so far to its right and left lies on driving lanes; on a
    road with lanes on the left alone, such as a roundabout's ring, it is meant as far on that side."""
    index = max(k for k in range(len(road.sections)) if road.sections[k].s_m <= s_m + 1e-9)
    section, borders = road.sections[index], lane_borders(road, index, s_m)
    driven = [x.lane_id for x in (*section.left, *section.right) if x.kind == "driving"]
    edges = [float(edge[0]) for lane_id in driven for edge in borders[lane_id]]
    if not edges:
        return t_m
    right, left = reach_m
    wanted = t_m if section.right else right - left - t_m
    return max(min(wanted, max(edges) - left), min(edges) + right)
