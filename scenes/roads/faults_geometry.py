"""Where a sound network's lines break, its lanes turn inside out, and linked lanes do not meet, in metres."""

from __future__ import annotations

from collections.abc import Iterator
from itertools import pairwise
from typing import Literal

import numpy as np

from pairforge.frames import F64
from pairforge.scenes.roads.curves import along
from pairforge.scenes.roads.faults import Fault, facing_end, lane_links
from pairforge.scenes.roads.network import Road, RoadNetwork
from pairforge.scenes.roads.reference_line import (
    lane_borders,
    line_at,
    section_span,
)

WIDEST_LANE_M = 100.0
GAP_M, GAP_NOTE_M = 0.1, 0.01
"""A reference line may jump by no more than the first; a jump above the second is noted."""
KINK = 0.05
"""A reference line that turns on the spot by more radians is noted."""
JOIN_M, JOIN_NOTE_M = 2.0, 0.1
"""The same for the middles of lanes that are said to follow each other."""
STEEPEST, STEEP = 1.0, 0.3
"""Rise per metre that no road has, and that is noted."""
_STEP_M = 2.0


def geometry_faults(network: RoadNetwork) -> Iterator[Fault]:
    """Needs a network whose structure is sound."""
    for road in network.roads:
        yield from _joints(road)
        yield from _heights(road)
        yield from _widths(road)
    yield from _meetings(network)


def _joints(road: Road) -> Iterator[Fault]:
    for index, (piece, after) in enumerate(pairwise(road.geometries)):
        end = along(piece, np.array([piece.length_m]))
        gap = float(np.hypot(*(end.xy_m[0] - (after.x_m, after.y_m))))
        turn = float(np.abs(np.angle(np.exp(1j * (end.heading[0] - _start_heading(road, index + 1))))))
        if gap > GAP_NOTE_M:
            text = f"geometry {index + 1} starts {gap:.3g} m from where geometry {index} ends (s = {after.s_m:g})"
            yield Fault("wrong" if gap > GAP_M else "note", "road", road.road_id, text)
        if turn > KINK:
            text = f"its line turns by {np.degrees(turn):.3g} degrees on the spot at s = {after.s_m:g}"
            yield Fault("note", "road", road.road_id, text)


def _start_heading(road: Road, index: int) -> float:
    return float(along(road.geometries[index], np.zeros(1)).heading[0])


def _stations(start: float, end: float) -> F64:
    count = int(min(np.ceil((end - start) / _STEP_M), 2000)) + 1
    return np.linspace(start, end, max(count, 2))


def _heights(road: Road) -> Iterator[Fault]:
    on = line_at(road, _stations(0.0, road.length_m))
    highest = float(np.max(np.abs(on.xyz_m)))
    if not np.isfinite(highest) or highest > 1e6:
        yield Fault("wrong", "road", road.road_id, f"it leads {highest:.3g} m away from the origin")
        return
    worst = int(np.argmax(np.abs(on.slope)))
    slope = float(abs(on.slope[worst]))
    if slope > STEEP:
        text = f"it climbs {slope:.3g} m per metre at s = {on.s_m[worst]:g}"
        yield Fault("wrong" if slope > STEEPEST else "note", "road", road.road_id, text)


def _widths(road: Road) -> Iterator[Fault]:
    for index, section in enumerate(road.sections):
        s = _stations(*section_span(road, index))
        curvature = line_at(road, s).curvature
        for lane_id, (inner, outer) in lane_borders(road, index, s).items():
            width = (outer - inner) * np.sign(lane_id)
            where = f"lane {lane_id} of the section at s = {section.s_m:g}"
            if np.max(width) > WIDEST_LANE_M:
                text = f"{where} is {np.max(width):.3g} m wide; at most {WIDEST_LANE_M:g} m"
                yield Fault("wrong", "road", road.road_id, text)
            elif np.min(width) < -GAP_NOTE_M:
                at = s[int(np.argmin(width))]
                text = f"{where} is {np.min(width):.3g} m wide at s = {at:g}; a width is not negative"
                yield Fault("wrong", "road", road.road_id, text)
            elif np.any((curvature * outer >= 1.0) & (width > GAP_NOTE_M)):
                yield Fault(
                    "note", "road", road.road_id, f"{where} folds: it reaches beyond its bend's centre"
                )


def _meetings(network: RoadNetwork) -> Iterator[Fault]:
    roads = {r.road_id: r for r in network.roads}
    middle = {r.road_id: _middles(r) for r in network.roads}
    for road in network.roads:
        for link in lane_links(roads, road):
            if link.inside:  # sections share their road's line; lanes open and close between them
                continue
            here = "start" if link.name == "predecessor" else "end"
            lane, other = link.lane.lane_id, link.other.road_id
            gap = _gap(middle[road.road_id][here, lane], middle[other][link.end, link.number])
            text = f"lane {lane} ends {gap:.3g} m from its {link.name}, lane {link.number} of road {other}"
            yield from _gap_fault("road", road.road_id, gap, text)
    for junction in network.junctions:
        for c in junction.connections:
            end = facing_end(roads[c.incoming], junction.junction_id)
            for from_lane, to_lane in c.lane_links:
                gap = _gap(middle[c.incoming][end, from_lane], middle[c.connecting][c.contact, to_lane])
                text = (
                    f"connection {c.connection_id}: lane {from_lane} of road {c.incoming} ends {gap:.3g} m "
                    f"from lane {to_lane} of road {c.connecting}"
                )
                yield from _gap_fault("junction", junction.junction_id, gap, text)


def _middles(road: Road) -> dict[tuple[str, int], F64]:
    """The middle (3,) of each lane at the road's start and end."""
    ends = line_at(road, [0.0, road.length_m])
    found = {}
    for place, (end, index) in enumerate((("start", 0), ("end", len(road.sections) - 1))):
        for lane_id, (inner, outer) in lane_borders(road, index, ends.s_m).items():
            found[end, lane_id] = ends.beside((inner + outer) / 2)[place]
    return found


def _gap(one: F64, other: F64) -> float:
    return float(np.linalg.norm(one - other))


def _gap_fault(element: Literal["road", "junction"], number: int, gap: float, text: str) -> Iterator[Fault]:
    if gap > JOIN_NOTE_M:
        yield Fault("wrong" if gap > JOIN_M else "note", element, number, text)
