"""One OpenDRIVE road: reference line, heights, lanes, links and what stands beside it."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Literal

from pairforge.errors import did_you_mean
from pairforge.scenes.roads import opendrive_words as words
from pairforge.scenes.roads.faults import (
    COEFFICIENT,
    CURVATURE_PER_M,
    LENGTH_M,
    SPEED_MPS,
)
from pairforge.scenes.roads.network import Cubic, Geometry, LaneSection, Marking, Road, RoadLane, RoadLink
from pairforge.scenes.roads.opendrive_ids import Notes, Numbers
from pairforge.scenes.roads.opendrive_read_signals import SPEED_UNITS, read_crosswalks, read_signals
from pairforge.scenes.roads.simplify import without_zero
from pairforge.scenes.roads.stranger_xml import Node

FARTHEST_M = 1e8
"""Of a coordinate as the file has it; what is far from the origin is moved there."""
_SPEEDS_MPS = {
    "motorway": 36.11,
    "rural": 27.78,
    "townExpressway": 19.44,
    "lowSpeed": 8.33,
    "townPlayStreet": 1.94,
}
"""Where a file gives none."""
_TOWN_MPS = 13.89
_TINY_M = 1e-6
_POLY3 = ("a", "b", "c", "d")
_PARAM_POLY3 = ("aU", "bU", "cU", "dU", "aV", "bV", "cV", "dV")


def read_road(node: Node, numbers: Numbers, obeys: dict[str, int], notes: Notes) -> Road:
    """SpecError says what of it cannot be read."""
    if node.text("rule", "RHT") != "RHT":
        raise node.error(
            f'its rule is "{node.text("rule")[:20]}": traffic keeps to the left. Roads with traffic on '
            "the right (RHT) are read; mirror the map"
        )
    length = node.number("length", low=0.0, high=LENGTH_M)
    for tag in ("railroad", "surface"):
        if node.first(tag):
            notes.add(f"a road's <{tag}> is not read")
    _lateral(node, notes)
    lies_in = node.text("junction", "-1")
    return Road(
        numbers.of("road", node),
        length,
        tuple(_geometries(node.only("planView"), notes)),
        tuple(_sections(node.only("lanes"), length, notes)),
        node.text("name", ""),
        without_zero(_cubics(node, "elevationProfile", "elevation")),
        without_zero(_cubics(node, "lanes", "laneOffset")),
        _link(node, "predecessor", numbers),
        _link(node, "successor", numbers),
        None if lies_in == "-1" else numbers.of("junction", node, "junction"),
        _speed(node, notes),
        read_crosswalks(node, length, notes),
        read_signals(node, length, numbers, obeys, notes),
    )


def _lateral(road: Node, notes: Notes) -> None:
    """Banked roads lie flat here."""
    for tag in ("superelevation", "crossfall"):
        for cubic in road.all("lateralProfile", tag):
            if any(cubic.number(name, 0.0, -COEFFICIENT, COEFFICIENT) for name in _POLY3):
                notes.add(f"a <{tag}> is not read: the road is level from edge to edge")
    for _ in road.all("lateralProfile", "shape"):
        notes.add("a <shape> of the cross-section is not read: the road is level from edge to edge")


def _link(road: Node, name: Literal["predecessor", "successor"], numbers: Numbers) -> RoadLink | None:
    node = road.first("link", name)
    if node is None:
        return None
    if node.word("elementType", ("road", "junction")) == "junction":
        return RoadLink("junction", numbers.of("junction", node, "elementId"))
    if "contactPoint" not in node.attributes and "elementS" in node.attributes:
        raise node.error(
            "it meets a road midway (elementS), as at a virtual junction; roads meet at their ends"
        )
    contact = node.word("contactPoint", ("start", "end"))
    return RoadLink("road", numbers.of("road", node, "elementId"), "start" if contact == "start" else "end")


def _speed(road: Node, notes: Notes) -> float:
    types = list(road.all("type"))
    if len(types) > 1:
        notes.add("a road's type changes along it; its first speed limit holds")
    for node in types:
        speed = node.first("speed")
        limit = None if speed is None else _limit(speed)
        if limit is not None:
            return limit
    usual = _SPEEDS_MPS.get(types[0].text("type", "town"), _TOWN_MPS) if types else _TOWN_MPS
    notes.add(f"a road has no speed limit; it is {usual:g} m/s by its type")
    return usual


def _limit(node: Node) -> float | None:
    """A speed limit in m/s; None if the file says that there is none."""
    if node.text("max") in ("no limit", "undefined"):
        return None
    unit = SPEED_UNITS[node.word("unit", SPEED_UNITS, "m/s")]
    limit = node.number("max", low=0.0, high=SPEED_MPS / unit) * unit
    return limit if limit > 0.0 else None


def _geometries(plan: Node, notes: Notes) -> Iterator[Geometry]:
    nodes = list(plan.all("geometry"))
    if not nodes:
        raise plan.error("it has no <geometry>; a reference line needs at least one")
    for node in nodes:
        length = node.number("length", low=0.0, high=LENGTH_M)
        if length < _TINY_M and len(nodes) > 1:
            notes.add("a <geometry> has no length; it is left out")
            continue
        yield _geometry(node, length)


def _geometry(node: Node, length_m: float) -> Geometry:
    curves = [c for c in node.children if c.tag in ("line", "arc", "spiral", "poly3", "paramPoly3")]
    if len(curves) != 1:
        names = [c.tag for c in node.children if c.tag != "userData"]
        hint = did_you_mean(names[0], ("line", "arc", "spiral", "poly3", "paramPoly3")) if names else ""
        raise node.error(
            f"it holds {names or 'nothing'}; it must hold one line, arc, spiral or paramPoly3. {hint}"
        )
    curve = curves[0]
    s = node.number("s", low=0.0, high=LENGTH_M)
    x, y = (node.number(name, low=-FARTHEST_M, high=FARTHEST_M) for name in "xy")
    heading = node.number("hdg", low=-1e4, high=1e4)

    def bend(name: str) -> float:
        return curve.number(name, low=-CURVATURE_PER_M, high=CURVATURE_PER_M)

    def cubic(names: tuple[str, ...]) -> tuple[float, ...]:
        return tuple(curve.number(name, low=-COEFFICIENT, high=COEFFICIENT) for name in names)

    if curve.tag == "line":
        return Geometry("line", s, x, y, heading, length_m)
    if curve.tag == "arc":
        return Geometry("arc", s, x, y, heading, length_m, bend("curvature"), bend("curvature"))
    if curve.tag == "spiral":
        return Geometry("spiral", s, x, y, heading, length_m, bend("curvStart"), bend("curvEnd"))
    if curve.tag == "poly3":
        return Geometry("poly3", s, x, y, heading, length_m, coefficients=cubic(_POLY3))
    normal = curve.word("pRange", ("normalized", "arcLength"), "normalized") == "normalized"
    found = cubic(_PARAM_POLY3)
    return Geometry("param_poly3", s, x, y, heading, length_m, coefficients=found, normalised=normal)


def _cubics(node: Node, *path: str, start: str = "s") -> tuple[Cubic, ...]:
    return tuple(
        Cubic(
            piece.number(start, low=0.0, high=LENGTH_M),
            *(piece.number(name, low=-COEFFICIENT, high=COEFFICIENT) for name in _POLY3),
        )
        for piece in node.all(*path)
    )


def _sections(lanes: Node, length_m: float, notes: Notes) -> Iterator[LaneSection]:
    nodes = list(lanes.all("laneSection"))
    if not nodes:
        raise lanes.error("it has no <laneSection>; a road needs at least one")
    starts = [node.number("s", low=0.0, high=LENGTH_M) for node in nodes]
    for node, start, end in zip(nodes, starts, [*starts[1:], length_m], strict=True):
        if node.text("singleSide", "false") == "true":
            raise node.error("it holds for one side only (singleSide); give both sides their lanes in it")
        yield _section(node, start, end - start, notes)


def _section(node: Node, start: float, length_m: float, notes: Notes) -> LaneSection:
    left = sorted((_lane(n, length_m, notes) for n in node.all("left", "lane")), key=lambda x: x.lane_id)
    right = sorted((_lane(n, length_m, notes) for n in node.all("right", "lane")), key=lambda x: -x.lane_id)
    for side, lanes, sign in (("left", left, 1), ("right", right, -1)):
        ids = [lane.lane_id for lane in lanes]
        if ids != [sign * (k + 1) for k in range(len(ids))]:
            raise node.error(
                f"its {side} lanes are {ids}; they count {sign}, {2 * sign}, … outwards without a gap"
            )
    centre = node.first("center", "lane")
    marking = _marking(centre, length_m, notes) if centre else "none"
    return LaneSection(start, tuple(left), tuple(right), marking)


def _lane(node: Node, length_m: float, notes: Notes) -> RoadLane:
    kind = node.word("type", words.LANES)
    if words.LANES_WRITTEN[words.LANES[kind]] != kind:
        notes.add(f'lanes of type "{kind}" are read as {words.LANES[kind]}')
    for tag in ("material", "access", "height", "rule"):
        if node.first(tag):
            notes.add(f"a lane's <{tag}> is not read")
    number = node.whole("id")
    widths = _cubics(node, "width", start="sOffset")
    if not widths:
        borders = ", only <border>; turn borders into widths" if node.first("border") else ""
        raise node.error(f"it has no <width>{borders}")
    return RoadLane(
        number,
        words.LANES[kind],
        widths,
        _lane_link(node, "predecessor", notes),
        _lane_link(node, "successor", notes),
        _marking(node, length_m, notes),
        _lane_speed(node, notes),
    )


def _lane_link(lane: Node, name: str, notes: Notes) -> int | None:
    nodes = list(lane.all("link", name))
    if len(nodes) > 1:
        notes.add(f"a lane has several {name}s; the first is taken")
    return nodes[0].whole("id") if nodes else None


def _lane_speed(lane: Node, notes: Notes) -> float | None:
    nodes = list(lane.all("speed"))
    if len(nodes) > 1:
        notes.add("a lane's speed limit changes along it; the first holds")
    return _limit(nodes[0]) if nodes else None


def _marking(lane: Node, length_m: float, notes: Notes) -> Marking:
    """The road mark that holds longest."""
    nodes = list(lane.all("roadMark"))
    if not nodes:
        return "none"
    starts = [node.number("sOffset", 0.0, 0.0, LENGTH_M) for node in nodes]
    kinds = [words.MARKS[node.word("type", words.MARKS, "none")] for node in nodes]
    if len(set(kinds)) > 1:
        notes.add("a lane's marking changes within a section; the longest one holds")
    spans = [end - start for start, end in zip(starts, [*starts[1:], length_m], strict=True)]
    return kinds[spans.index(max(spans))]
