"""The part of a road network within a circle: whole roads, and the junctions between them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pairforge.errors import SpecError
from pairforge.scenes.roads.network import Junction, Road, RoadLane, RoadLink, RoadNetwork
from pairforge.scenes.roads.reference_line import line_at


def within(network: RoadNetwork, centre_m: tuple[float, float], radius_m: float) -> RoadNetwork:
    """The roads that come so near to ``centre_m``; what led on to others ends there. SpecError: none does."""
    middle = np.asarray(centre_m, dtype=np.float64)
    distances = {r.road_id: _distance_m(r, middle) for r in network.roads}
    own = {r.road_id for r in network.roads if r.junction is None and distances[r.road_id] <= radius_m}
    kept = own | _between(network, own)
    if not kept:
        nearest = min(distances.values())
        raise SpecError(
            f"no road comes within {radius_m:g} m of ({centre_m[0]:g}, {centre_m[1]:g}); the nearest is "
            f"{nearest:.0f} m away"
        )
    junctions = tuple(j for j in (_junction(j, kept) for j in network.junctions) if j.connections)
    known = {j.junction_id for j in junctions}
    roads = tuple(_road(r, kept, known) for r in network.roads if r.road_id in kept)
    used = {s.controller for r in roads for s in r.signals}
    controllers = tuple(c for c in network.controllers if c.controller_id in used)
    return replace(network, roads=roads, junctions=junctions, controllers=controllers)


def _distance_m(road: Road, middle: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> float:
    s = np.linspace(0.0, road.length_m, max(int(road.length_m / 2.0), 1) + 1)
    return float(np.min(np.linalg.norm(line_at(road, s).xyz_m[:, :2] - middle, axis=1)))


def _between(network: RoadNetwork, own: set[int]) -> set[int]:
    """The connecting roads whose roads are kept at both ends."""
    found = set()
    for road in network.roads:
        ends = [link for link in (road.predecessor, road.successor) if link is not None]
        if road.junction is not None and ends and all(e.element_id in own for e in ends):
            found.add(road.road_id)
    return found


def _junction(junction: Junction, kept: set[int]) -> Junction:
    return replace(
        junction,
        connections=tuple(c for c in junction.connections if c.incoming in kept and c.connecting in kept),
        priorities=tuple(p for p in junction.priorities if set(p) <= kept),
    )


def _road(road: Road, roads: set[int], junctions: set[int]) -> Road:
    """The road without links to what is gone, and its outermost lanes without theirs."""

    def there(link: RoadLink | None) -> RoadLink | None:
        known = roads if link is not None and link.kind == "road" else junctions
        return link if link is not None and link.element_id in known else None

    before, after = there(road.predecessor), there(road.successor)
    sections = list(road.sections)
    if before is None:
        sections[0] = replace(
            sections[0],
            left=tuple(_ending(lane, "predecessor") for lane in sections[0].left),
            right=tuple(_ending(lane, "predecessor") for lane in sections[0].right),
        )
    if after is None:
        sections[-1] = replace(
            sections[-1],
            left=tuple(_ending(lane, "successor") for lane in sections[-1].left),
            right=tuple(_ending(lane, "successor") for lane in sections[-1].right),
        )
    return replace(road, predecessor=before, successor=after, sections=tuple(sections))


def _ending(lane: RoadLane, name: str) -> RoadLane:
    return replace(lane, predecessor=None) if name == "predecessor" else replace(lane, successor=None)
