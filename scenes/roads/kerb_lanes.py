"""Kerb stones that a map draws as lanes of their own, made part of the pavements behind them.

Our pavements bring their kerbs along; files often have a lane "curb" of some 0.15 m between street and pavement.
"""

from __future__ import annotations

from dataclasses import replace

from pairforge.scenes.roads.faults import facing_end, lane_links
from pairforge.scenes.roads.network import (
    Connection,
    Cubic,
    Junction,
    LaneSection,
    Road,
    RoadLane,
    RoadNetwork,
)
from pairforge.scenes.roads.reference_line import cubics_at

Ids = dict[int, int]
"""Lane id -> its id afterwards."""


def without_kerb_lanes(network: RoadNetwork) -> RoadNetwork:
    """Each kerb lane joined with the pavement outside it, or else turned into open ground; links follow."""
    if not any(
        lane.kind == "kerb" for r in network.roads for s in r.sections for lane in (*s.left, *s.right)
    ):
        return network
    ids = {
        (road.road_id, index): _renumbered(section)
        for road in network.roads
        for index, section in enumerate(road.sections)
    }
    by_id = {road.road_id: road for road in network.roads}
    return replace(
        network,
        roads=tuple(_road(by_id, road, ids) for road in network.roads),
        junctions=tuple(_junction(j, by_id, ids) for j in network.junctions),
    )


def _joined(lanes: tuple[RoadLane, ...]) -> list[tuple[RoadLane, ...]]:
    """A side's lanes outwards, kerbs together with the pavement that follows them."""
    groups: list[tuple[RoadLane, ...]] = []
    for lane in lanes:
        before = groups[-1] if groups else ()
        if lane.kind == "sidewalk" and before and before[-1].kind == "kerb":
            groups[-1] = (*before, lane)
        else:
            groups.append((lane,))
    return groups


def _renumbered(section: LaneSection) -> Ids:
    ids: Ids = {}
    for lanes, sign in ((section.left, 1), (section.right, -1)):
        for number, group in enumerate(_joined(lanes), start=1):
            ids |= {lane.lane_id: sign * number for lane in group}
    return ids


def _road(by_id: dict[int, Road], road: Road, ids: dict[tuple[int, int], Ids]) -> Road:
    links: dict[tuple[int, int, str], int] = {}
    for link in lane_links(by_id, road):
        there = link.other.sections.index(link.section)
        here = next(
            k for k, s in enumerate(road.sections) if any(x is link.lane for x in (*s.left, *s.right))
        )
        links[here, link.lane.lane_id, link.name] = ids[link.other.road_id, there][link.number]
    sections = []
    for index, section in enumerate(road.sections):
        left, right = (
            tuple(_lane(group, index, ids[road.road_id, index], links) for group in _joined(lanes))
            for lanes in (section.left, section.right)
        )
        sections.append(replace(section, left=left, right=right))
    return replace(road, sections=tuple(sections))


def _lane(
    group: tuple[RoadLane, ...], index: int, ids: Ids, links: dict[tuple[int, int, str], int]
) -> RoadLane:
    """The outermost lane of a group, as wide as all of it."""
    lane = group[-1]
    widths = lane.widths
    for other in group[:-1]:
        widths = summed(widths, other.widths)
    return replace(
        lane,
        lane_id=ids[lane.lane_id],
        kind="none" if lane.kind == "kerb" else lane.kind,
        widths=widths,
        predecessor=links.get((index, lane.lane_id, "predecessor"), lane.predecessor),
        successor=links.get((index, lane.lane_id, "successor"), lane.successor),
    )


def summed(first: tuple[Cubic, ...], second: tuple[Cubic, ...]) -> tuple[Cubic, ...]:
    """The sum of two piecewise cubics, piece by piece."""
    starts = sorted({c.s_m for c in (*first, *second)})
    made = []
    for s in starts:
        a, b, c, d = (
            float(cubics_at(first, s, k)[0] + cubics_at(second, s, k)[0]) / factorial
            for k, factorial in enumerate((1, 1, 2, 6))
        )
        made.append(Cubic(s, a, b, c, d))
    return tuple(made)


def _junction(junction: Junction, roads: dict[int, Road], ids: dict[tuple[int, int], Ids]) -> Junction:
    def at(road: Road, end: str) -> Ids:
        return ids[road.road_id, 0 if end == "start" else len(road.sections) - 1]

    def renamed(c: Connection) -> Connection:
        incoming = at(roads[c.incoming], facing_end(roads[c.incoming], junction.junction_id))
        connecting = at(roads[c.connecting], c.contact)
        return replace(c, lane_links=tuple((incoming[a], connecting[b]) for a, b in c.lane_links))

    return replace(junction, connections=tuple(renamed(c) for c in junction.connections))
