"""Where people walk and cars park along a network: strips that placements name by road and side."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pairforge.frames import F64
from pairforge.scenes.roads.along import AlongLane
from pairforge.scenes.roads.area import PAVED, section_of
from pairforge.scenes.roads.named import names_of
from pairforge.scenes.roads.network import Road, RoadNetwork
from pairforge.scenes.roads.profile import PARKING_M
from pairforge.scenes.roads.reference_line import lane_borders, section_span
from pairforge.scenes.shapes.road_pieces import KERB_HEIGHT_M
from pairforge.scenes.surfaces import Strip

CLEAR_M = (1.45, 0.45)
"""Walkers keep so far from the kerb's face, where posts stand, and from the walls."""
END_M = 1.0


def strips(network: RoadNetwork) -> Iterator[Strip]:
    """Pavements, crossings and parking of all roads. With one road alone they are "left", "right" and "crossing";
    else "<road>_left", "<road>_right" (seen along its s) and "<road>_crossing" ("_2", … for more)."""
    names = names_of(network)
    for road_id, name in names.items():
        prefix = "" if len(names) == 1 else f"{name}_"
        yield from _of_road(network.road(road_id), prefix)


def _of_road(road: Road, prefix: str) -> Iterator[Strip]:
    sides: dict[tuple[str, str], int] = {}
    for index, section in enumerate(road.sections):
        for lanes, side, sign in ((section.left, "left", 1.0), (section.right, "right", -1.0)):
            for lane in lanes:
                line = AlongLane(road, index, lane.lane_id)
                found = None
                if lane.kind == "sidewalk":
                    found = _pavement(line, f"{prefix}{side}", sign)
                elif lane.kind == "parking":
                    found = _parking(line, f"{prefix}{side}", sign)
                if found is not None:
                    # A road of several sections has several strips a side; the later ones are numbered.
                    number = sides[(found.kind, side)] = sides.get((found.kind, side), 0) + 1
                    yield found if number == 1 else _renamed(found, number)
    for k, walk in enumerate(road.crosswalks):
        yield _crossing(road, walk.s_m, walk.length_m, f"{prefix}crossing" + (f"_{k + 1}" if k else ""))


def _renamed(strip: Strip, number: int) -> Strip:
    return Strip(
        f"{strip.name}_{number}", strip.kind, f"{strip.side}_{number}", strip.centre_m, strip.width_m
    )


def _pavement(line: AlongLane, side: str, sign: float) -> Strip | None:
    start, end = section_span(line.road, line.index)
    s = line.stations(start + END_M, end - END_M)
    width = line.width(s)
    near, far = CLEAR_M[0], width - CLEAR_M[1]
    if end - start < 4 * END_M or float(np.min(far)) < near + 0.3:
        return None
    centre = line.points(s, sign * (near + far) / 2, KERB_HEIGHT_M)
    return Strip(f"{side}_pavement", "pavement", side, _tuples(centre), float(np.median(far - near)))


def _parking(line: AlongLane, side: str, sign: float) -> Strip | None:
    """The part that is wide enough, headed as the traffic beside it."""
    start, end = section_span(line.road, line.index)
    s = np.arange(start, end, 0.5)
    wide = s[line.width(s) > 0.95 * PARKING_M]
    if len(wide) < 12:
        return None
    s = line.stations(float(wide[0]), float(wide[-1]))
    width = line.width(s)
    centre = line.points(s, sign * width / 2)
    return Strip(
        f"{side}_parking",
        "parking",
        side,
        _tuples(centre if sign < 0 else centre[::-1]),
        float(np.median(width)),
    )


def _crossing(road: Road, s: float, length: float, side: str) -> Strip:
    """From the pavement (or verge) on the right to that on the left."""
    index = section_of(road, s)
    section, borders = road.sections[index], lane_borders(road, index, s)

    def edge(kinds: tuple[str, ...], sign: int) -> float:
        found = [
            float(t[0])
            for lane in (section.left if sign > 0 else section.right)
            if lane.kind in kinds
            for t in borders[lane.lane_id]
        ]
        return max(found) if sign > 0 else min(found)

    low, high = edge(PAVED, -1), edge(PAVED, 1)
    right, left = edge((*PAVED, "sidewalk"), -1), edge((*PAVED, "sidewalk"), 1)
    raised = KERB_HEIGHT_M if left - high > 0.5 else 0.0
    out = 1.0 if raised else -1.0
    t = np.array([right + out, low - 0.1, low + 0.1, high - 0.1, high + 0.1, left - out])
    heights = np.array([raised, raised, 0.0, 0.0, raised, raised])
    line = AlongLane(road, index)
    at = np.full(len(t), s)
    return Strip(
        f"{side}", "pavement", side, _tuples(line.points(at, t - line.edge_t(at), heights)), length - 0.6
    )


def _tuples(points: F64) -> tuple[tuple[float, float, float], ...]:
    return tuple((float(x), float(y), float(z)) for x, y, z in points)
