"""What is wrong with a road network: numbers out of bounds, references into nothing, lines that do not meet.

What a file says and what a program makes are held to the same rules. Geometry is measured in
``faults_geometry``; it needs a network whose structure is sound.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from math import isfinite
from typing import Literal

from pairforge.errors import SpecError
from pairforge.scenes.roads.curves import MOST_TURN
from pairforge.scenes.roads.network import (
    Connection,
    Cubic,
    Geometry,
    Junction,
    LaneSection,
    Road,
    RoadLane,
    RoadLink,
    RoadNetwork,
)
from pairforge.scenes.signals import Programme

COORDINATE_M = 1e6
LENGTH_M = 1e5
CURVATURE_PER_M = 10.0
WIDTH_M = 200.0
COEFFICIENT = 1e9
SPEED_MPS = 150.0
JOINT_M = 0.02
"""A piece starts where the one before it ends, along s, within this."""

_WAYS: tuple[tuple[Literal["predecessor", "successor"], int, Literal["start", "end"]], ...] = (
    ("predecessor", -1, "end"),
    ("successor", 1, "start"),
)
"""Name, step along the sections, and the end of the neighbouring section that is met."""


@dataclass(frozen=True)
class Fault:
    """``wrong`` cannot be used; a ``note`` can, though its author may want to know. ``element`` and ``number``
    say whose it is, as in road 7."""

    level: Literal["wrong", "note"]
    element: Literal["network", "road", "junction", "controller"]
    number: int
    text: str

    def __str__(self) -> str:
        return self.text if self.element == "network" else f"{self.element} {self.number}: {self.text}"


def faults(network: RoadNetwork) -> Iterator[Fault]:
    """Everything that is wrong or worth a note. Structure comes first: if it is wrong, no geometry is measured."""
    from pairforge.scenes.roads.faults_geometry import geometry_faults  # it imports this module

    found = list(_structure(network))
    yield from found
    if not any(f.level == "wrong" for f in found):
        yield from geometry_faults(network)


def require_sound(network: RoadNetwork) -> tuple[Fault, ...]:
    """The notes; SpecError names the first thing that is wrong and counts the others."""
    found = tuple(faults(network))
    wrong = [f for f in found if f.level == "wrong"]
    if wrong:
        more = f" ({len(wrong) - 1} more like it)" if len(wrong) > 1 else ""
        raise SpecError(f"the road network: {wrong[0]}{more}")
    return found


def _structure(network: RoadNetwork) -> Iterator[Fault]:
    if not network.roads:
        yield Fault("wrong", "network", 0, "there are no roads; a network needs at least one")
    yield from _twice("road", [r.road_id for r in network.roads])
    yield from _twice("junction", [j.junction_id for j in network.junctions])
    yield from _twice("controller", [c.controller_id for c in network.controllers])
    signals = [s.signal_id for r in network.roads for s in r.signals]
    for number in _repeated(signals):
        yield Fault("wrong", "network", 0, f"two signals have the id {number}; give each its own")
    roads = {r.road_id: r for r in network.roads}
    junctions = {j.junction_id for j in network.junctions}
    for road in network.roads:
        own = list(_road(road))
        yield from own
        if not any(f.level == "wrong" for f in own):
            yield from _links(roads, junctions, road)
    yield from _junctions(network)
    yield from _controllers(network)


def _twice(element: Literal["road", "junction", "controller"], numbers: list[int]) -> Iterator[Fault]:
    for number in _repeated(numbers):
        yield Fault("wrong", element, number, f"there are two of this id; give each {element} its own")


def _repeated(numbers: Sequence[int]) -> list[int]:
    return sorted(n for n, times in Counter(numbers).items() if times > 1)


def _road(road: Road) -> Iterator[Fault]:
    for text in (*_line(road), *_lists(road), *_sections(road), *_beside(road)):
        yield Fault("wrong", "road", road.road_id, text)


def _line(road: Road) -> Iterator[str]:
    if not 0.0 < road.length_m <= LENGTH_M:
        yield f"it is {road.length_m:g} m long; a road is longer than 0 and at most {LENGTH_M:g} m"
    if not 0.0 < road.speed_limit_mps <= SPEED_MPS:
        yield f"its speed limit is {road.speed_limit_mps:g} m/s; give more than 0, at most {SPEED_MPS:g}"
    if not road.geometries:
        yield "it has no geometry; its reference line needs at least one piece"
    s = 0.0
    for index, piece in enumerate(road.geometries):
        text = _piece(piece)
        if text:
            yield f"geometry {index}: {text}"
            return
        if abs(piece.s_m - s) > JOINT_M:
            yield f"geometry {index} starts at s = {piece.s_m:g}, but what is before it ends at s = {s:g}"
            return
        s = piece.s_m + piece.length_m
    if road.geometries and abs(s - road.length_m) > JOINT_M:
        yield f"it is {road.length_m:g} m long, but its geometries end at s = {s:g}; make them agree"


def _piece(piece: Geometry) -> str:
    """What is wrong with it, or nothing."""
    numbers = (piece.s_m, piece.x_m, piece.y_m, piece.heading, piece.length_m, *piece.coefficients)
    if not all(isfinite(n) for n in (*numbers, piece.curvature_start, piece.curvature_end)):
        return "a number is infinite or not a number"
    if max(abs(piece.x_m), abs(piece.y_m)) > COORDINATE_M:
        return f"it starts at ({piece.x_m:g}, {piece.y_m:g}), more than {COORDINATE_M:g} m from the origin"
    if not 0.0 < piece.length_m <= LENGTH_M:
        return f"it is {piece.length_m:g} m long; give a length above 0, at most {LENGTH_M:g} m"
    if abs(piece.heading) > 1e4:
        return f"its heading is {piece.heading:g} rad; give one within a turn or two of 0"
    bend = max(abs(piece.curvature_start), abs(piece.curvature_end))
    if bend > CURVATURE_PER_M:
        return f"its curvature is {bend:g} 1/m; at most {CURVATURE_PER_M:g}"
    if bend * piece.length_m > MOST_TURN:
        return f"it turns {bend * piece.length_m:.0f} rad over {piece.length_m:g} m; at most {MOST_TURN:g}"
    return _kind(piece)


def _kind(piece: Geometry) -> str:
    wanted = {"poly3": 4, "param_poly3": 8}.get(piece.kind, 0)
    if len(piece.coefficients) != wanted:
        return f"a {piece.kind} has {wanted} coefficients, not {len(piece.coefficients)}"
    if any(abs(c) > COEFFICIENT for c in piece.coefficients):
        return f"a coefficient is beyond {COEFFICIENT:g}"
    if piece.kind == "line" and (piece.curvature_start or piece.curvature_end):
        return "a line has no curvature; make it an arc or a spiral"
    if piece.kind == "arc" and piece.curvature_start != piece.curvature_end:
        return "an arc has one curvature; make it a spiral"
    return ""


def _lists(road: Road) -> Iterator[str]:
    for name, cubics in (("elevation", road.elevation), ("lane offset", road.lane_offset)):
        if cubics and cubics[0].s_m > road.length_m:
            yield f"its {name} starts at s = {cubics[0].s_m:g}, beyond its end"
        yield from _cubics(name, cubics)


def _cubics(name: str, cubics: tuple[Cubic, ...]) -> Iterator[str]:
    for cubic in cubics:
        numbers = (cubic.s_m, cubic.a, cubic.b, cubic.c, cubic.d)
        if not all(isfinite(n) and abs(n) <= COEFFICIENT for n in numbers) or cubic.s_m < 0.0:
            yield f"its {name} at s = {cubic.s_m:g} has a number that is not finite, too large or before its start"
            return
    for before, after in pairwise(cubics):
        if after.s_m < before.s_m:
            yield f"its {name} goes back from s = {before.s_m:g} to {after.s_m:g}; list it in rising order"


def _sections(road: Road) -> Iterator[str]:
    if not road.sections:
        yield "it has no lane section; give at least one"
        return
    if abs(road.sections[0].s_m) > 1e-6:
        yield f"its first lane section starts at s = {road.sections[0].s_m:g}; it must start at 0"
    for before, after in pairwise(road.sections):
        if not after.s_m > before.s_m:
            yield f"a lane section at s = {after.s_m:g} follows one at s = {before.s_m:g}; let them rise"
    if not road.sections[-1].s_m < road.length_m:
        yield f"its last lane section starts at s = {road.sections[-1].s_m:g}, not before its end"
    for section in road.sections:
        for text in _section(section):
            yield f"lane section at s = {section.s_m:g}: {text}"


def _section(section: LaneSection) -> Iterator[str]:
    if not section.left and not section.right:
        yield "it has no lanes"
    for side, lanes, sign in (("left", section.left, 1), ("right", section.right, -1)):
        ids = [lane.lane_id for lane in lanes]
        if ids != [sign * (k + 1) for k in range(len(ids))]:
            yield f"its {side} lanes are {ids}; they count {sign}, {2 * sign}, … outwards without a gap"
    for lane in (*section.left, *section.right):
        yield from _lane(lane)


def _lane(lane: RoadLane) -> Iterator[str]:
    if not lane.widths:
        yield f"lane {lane.lane_id} has no width"
    elif lane.widths[0].s_m > 1e-6:
        yield f"the width of lane {lane.lane_id} starts {lane.widths[0].s_m:g} m into the section; let it start at 0"
    for text in _cubics("width", lane.widths):
        yield f"lane {lane.lane_id}: {text}"
    limit = lane.speed_limit_mps
    if limit is not None and not 0.0 < limit <= SPEED_MPS:
        yield f"lane {lane.lane_id}: its speed limit is {limit:g} m/s; give more than 0, at most {SPEED_MPS:g}"


def _beside(road: Road) -> Iterator[str]:
    for crosswalk in road.crosswalks:
        if not (0.0 <= crosswalk.s_m <= road.length_m and 0.0 < crosswalk.length_m <= LENGTH_M):
            yield f"a crosswalk {crosswalk.length_m:g} m long at s = {crosswalk.s_m:g} is not on it"
    for signal in road.signals:
        if not (0.0 <= signal.s_m <= road.length_m + JOINT_M and abs(signal.t_m) <= WIDTH_M):
            yield f"signal {signal.signal_id} at s = {signal.s_m:g}, t = {signal.t_m:g} is not beside it"


@dataclass(frozen=True)
class LaneLink:
    """A lane's "predecessor" or "successor" (``name``): lane ``number`` of ``section``, at the ``end`` of ``other``.
    ``inside``: both are sections of one road."""

    lane: RoadLane
    name: Literal["predecessor", "successor"]
    inside: bool
    other: Road
    end: Literal["start", "end"]
    section: LaneSection
    number: int


def lane_links(by_id: Mapping[int, Road], road: Road) -> Iterator[LaneLink]:
    """What the links of a road's lanes lead to. Links into junctions are the junctions' to make."""
    for index, section in enumerate(road.sections):
        for name, step, inner_end in _WAYS:
            link = road.predecessor if step < 0 else road.successor
            inside = 0 <= index + step < len(road.sections)
            if inside:
                other, end, there = road, inner_end, road.sections[index + step]
            elif link is not None and link.kind == "road" and link.element_id in by_id:
                other, end = by_id[link.element_id], link.contact or "start"
                if not other.sections:
                    continue
                there = other.sections[0 if end == "start" else -1]
            else:
                continue
            for lane in (*section.left, *section.right):
                number = lane.predecessor if step < 0 else lane.successor
                if number is not None:
                    yield LaneLink(lane, name, inside, other, end, there, number)


def _links(roads: Mapping[int, Road], junctions: set[int], road: Road) -> Iterator[Fault]:
    known = {"road": roads.keys(), "junction": junctions}

    def wrong(text: str) -> Fault:
        return Fault("wrong", "road", road.road_id, text)

    for name in ("predecessor", "successor"):
        link: RoadLink | None = getattr(road, name)
        if link is None:
            continue
        if link.element_id not in known[link.kind]:
            yield wrong(f"its {name} is {link.kind} {link.element_id}, which there is not")
            return
        if link.kind == "road" and link.contact not in ("start", "end"):
            yield wrong(
                f"its {name} does not say whether it meets the start or the end of road {link.element_id}"
            )
            return
        if link.kind == "junction" and road.junction is not None:
            yield wrong(
                f"it lies in junction {road.junction} and its {name} is a junction; it must be a road"
            )
    if road.junction is not None and road.junction not in known["junction"]:
        yield wrong(f"it lies in junction {road.junction}, which there is not")
    for lane_link in lane_links(roads, road):
        if lane_link.number not in _ids(lane_link.section):
            where = "the next lane section" if lane_link.inside else f"road {lane_link.other.road_id}"
            which = f"the {lane_link.name} of lane {lane_link.lane.lane_id}"
            yield wrong(f"{which} is lane {lane_link.number} of {where}, which has none such")


def _ids(section: LaneSection) -> set[int]:
    return {lane.lane_id for lane in (*section.left, *section.right)}


def _junctions(network: RoadNetwork) -> Iterator[Fault]:
    roads = {r.road_id: r for r in network.roads}
    for junction in network.junctions:
        texts = [
            f"two connections have the id {n}; give each its own"
            for n in _repeated([c.connection_id for c in junction.connections])
        ]
        for c in junction.connections:
            own = (*_connection(roads, junction, c), *_lane_pairs(roads, junction, c))
            texts += [f"connection {c.connection_id}: {text}" for text in own]
        named = sorted({number for pair in junction.priorities for number in pair} - set(roads))
        texts += [f"a priority names road {number}, which there is not" for number in named]
        for text in texts:
            yield Fault("wrong", "junction", junction.junction_id, text)


def _connection(roads: dict[int, Road], junction: Junction, c: Connection) -> Iterator[str]:
    for what, number in (("incoming", c.incoming), ("connecting", c.connecting)):
        if number not in roads:
            yield f"its {what} road is {number}, which there is not"
    if c.connecting in roads and roads[c.connecting].junction != junction.junction_id:
        yield f"its connecting road {c.connecting} does not say that it lies in this junction"


def facing_end(road: Road, junction: int) -> Literal["start", "end"]:
    """The end of an incoming road at which a junction lies."""
    link = road.predecessor
    at_start = link is not None and link.kind == "junction" and link.element_id == junction
    after = road.successor
    at_end = after is not None and after.kind == "junction" and after.element_id == junction
    return "start" if at_start and not at_end else "end"


def _lane_pairs(roads: dict[int, Road], junction: Junction, c: Connection) -> Iterator[str]:
    incoming, connecting = roads.get(c.incoming), roads.get(c.connecting)
    if not (incoming and connecting and incoming.sections and connecting.sections):
        return
    ends = ((incoming, facing_end(incoming, junction.junction_id)), (connecting, c.contact))
    for pair in c.lane_links:
        for (road, end), number in zip(ends, pair, strict=True):
            section = road.sections[0 if end == "start" else -1]
            if number not in _ids(section):
                yield f"it links lane {number} of road {road.road_id}, which has none such at its {end}"


def _controllers(network: RoadNetwork) -> Iterator[Fault]:
    known = {c.controller_id for c in network.controllers}
    for controller in network.controllers:
        try:
            Programme(controller.phases, controller.offset_s)
        except SpecError as error:
            yield Fault("wrong", "controller", controller.controller_id, str(error))
        seconds = [s for _, s in controller.phases]
        if not all(isfinite(s) and s <= 86400.0 for s in (*seconds, abs(controller.offset_s))):
            yield Fault(
                "wrong", "controller", controller.controller_id, "a phase or offset is longer than a day"
            )
    for road in network.roads:
        for signal in road.signals:
            if signal.controller is not None and signal.controller not in known:
                text = f"signal {signal.signal_id} obeys controller {signal.controller}, which there is not"
                yield Fault("wrong", "road", road.road_id, text)
