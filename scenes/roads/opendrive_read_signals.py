"""An OpenDRIVE file's traffic lights, signs, controllers and crosswalks."""

from __future__ import annotations

from collections.abc import Iterator
from math import cos, sin

from pairforge.scenes.roads import opendrive_words as words
from pairforge.scenes.roads.faults import JOINT_M
from pairforge.scenes.roads.network import Controller, Crosswalk, RoadSignal
from pairforge.scenes.roads.opendrive_ids import Notes, Numbers
from pairforge.scenes.roads.stranger_xml import Node

GREEN_S, YELLOW_S, CLEAR_S, RED_YELLOW_S = 15.0, 3.0, 2.0, 1.0
"""OpenDRIVE says which lights switch together, not when. Where nothing says it, those of a junction take turns."""
CROSSWALK_M = 3.2
_KMH, _MPH = 1 / 3.6, 0.44704
SPEED_UNITS = {"m/s": 1.0, "km/h": _KMH, "kmh": _KMH, "kph": _KMH, "mph": _MPH}
"""Units of speed -> metres per second."""


def read_controllers(
    root: Node, numbers: Numbers, notes: Notes
) -> tuple[tuple[Controller, ...], dict[str, int]]:
    """The controllers, and which one each signal (by its id's text) obeys."""
    turns = _turns(root, numbers)
    made: list[Controller] = []
    obeys: dict[str, int] = {}
    for node in numbers.nodes("controller"):
        number = numbers.of("controller", node)
        made.append(_controller(node, number, turns.get(number, (0, 2)), notes))
        for control in node.all("control"):
            signal = control.text("signalId")
            numbers.of("signal", control, "signalId")  # it must be there
            if obeys.setdefault(signal, number) != number:
                notes.add("a signal obeys several controllers; the first is taken")
    return tuple(made), obeys


def _turns(root: Node, numbers: Numbers) -> dict[int, tuple[int, int]]:
    """For each controller of a junction: its turn, and how many take turns there."""
    found: dict[int, tuple[int, int]] = {}
    for junction in root.all("junction"):
        ruling = [numbers.of("controller", c) for c in junction.all("controller")]
        for turn, number in enumerate(ruling):
            found.setdefault(number, (turn, max(len(ruling), 2)))
    return found


def _controller(node: Node, number: int, turn: tuple[int, int], notes: Notes) -> Controller:
    data = {u.text("code", ""): u.text("value", "") for u in node.all("userData")}
    if words.PHASES in data:
        return _programmed(node, number, data)
    index, of = turn
    notes.add(
        f"a controller has no phases; its lights are green {GREEN_S:g} s in turn with the junction's others"
    )
    one = GREEN_S + YELLOW_S + CLEAR_S
    rest = of * one - GREEN_S - YELLOW_S - RED_YELLOW_S
    phases = (("green", GREEN_S), ("yellow", YELLOW_S), ("red", rest), ("red_yellow", RED_YELLOW_S))
    return Controller(number, phases, (of - index) % of * one)


def _programmed(node: Node, number: int, data: dict[str, str]) -> Controller:
    """As ``opendrive_write`` has written it."""
    try:
        words_ = [part.split() for part in data[words.PHASES].split(",")]
        phases = tuple((state, float(seconds)) for state, seconds in words_)
        return Controller(number, phases, float(data.get(words.OFFSET, "0")))
    except ValueError:
        text = data[words.PHASES][:60]
        raise node.error(
            f'its phases "{text}", offset "{data.get(words.OFFSET, "0")[:20]}" are no list of state and seconds, '
            'as in "green 20.0, yellow 3.0, red 20.0"'
        ) from None


def read_signals(
    road: Node, length_m: float, numbers: Numbers, obeys: dict[str, int], notes: Notes
) -> tuple[RoadSignal, ...]:
    """A road's traffic lights and the signs that we know; a note for each other."""
    for _ in road.all("signals", "signalReference"):
        notes.add("a signal's repetition for another road (<signalReference>) is not read")
    found = (_signal(node, length_m, numbers, obeys, notes) for node in road.all("signals", "signal"))
    return tuple(signal for signal in found if signal is not None)


def _signal(
    node: Node, length_m: float, numbers: Numbers, obeys: dict[str, int], notes: Notes
) -> RoadSignal | None:
    kind = _kind(node)
    if kind is None:
        country, type_ = node.text("country", ""), node.text("type", "-1")
        notes.add(f"signals of type {f'{country[:20]} {type_[:20]}'.strip()} are not read")
        return None
    controller = obeys.get(node.text("id"))
    if kind == "light" and controller is None:
        notes.add("a traffic light obeys no controller; it stays dark")
    s = node.number("s", low=-JOINT_M, high=length_m + 1.0)
    facing = node.word("orientation", ("+", "-", "none"), "none")
    return RoadSignal(
        numbers.of("signal", node),
        kind,
        min(max(s, 0.0), length_m),
        node.number("t", low=-200.0, high=200.0),
        "both" if facing == "none" else "+" if facing == "+" else "-",
        controller if kind == "light" else None,
    )


def _kind(node: Node) -> str | None:
    for data in node.all("userData"):
        if data.text("code", "") == words.KIND:
            return data.text("value")[:60]
    value = node.number("value") if "value" in node.attributes else None
    if value is not None:
        value *= SPEED_UNITS.get(node.text("unit", "km/h"), _KMH) / _KMH
    return words.kind_of(node.text("type", "-1"), node.text("subtype", "-1"), value)


def read_crosswalks(road: Node, length_m: float, notes: Notes) -> tuple[Crosswalk, ...]:
    """A road's crosswalks; a note for each other object."""
    found = []
    for node in road.all("objects", "object"):
        if node.text("type", "none") == "crosswalk":
            found.append(_crosswalk(node, length_m, notes))
        else:
            notes.add(f"objects of type {node.text('type', 'none')[:30]} are not read")
    for tag in ("tunnel", "bridge", "objectReference"):
        for _ in road.all("objects", tag):
            notes.add(f"<{tag}> is not read")
    return tuple(c for c in found if c is not None)


def _crosswalk(node: Node, length_m: float, notes: Notes) -> Crosswalk | None:
    """Where its outline, or else its box, lies along the road."""
    s, heading = node.number("s", low=-JOINT_M, high=length_m + JOINT_M), node.number("hdg", 0.0)
    ends = list(_corners(node, s, heading))  # relative to s
    if not ends and "length" in node.attributes and "width" in node.attributes:
        along, across = node.number("length", low=0.0, high=1e3), node.number("width", low=0.0, high=1e3)
        half = (abs(along * cos(heading)) + abs(across * sin(heading))) / 2
        ends = [-half, half]
    if not ends:
        notes.add(f"a crosswalk has no outline; it is {CROSSWALK_M:g} m wide")
        ends = [-CROSSWALK_M / 2, CROSSWALK_M / 2]
    middle, span = s + (min(ends) + max(ends)) / 2, max(ends) - min(ends)
    if span < 0.1:
        notes.add("a crosswalk is thinner than 0.1 m; it is left out")
        return None
    return Crosswalk(min(max(middle, 0.0), length_m), span)


def _corners(node: Node, s: float, heading: float) -> Iterator[float]:
    """Where the corners of its outlines lie along the road, from its s."""
    for outline in (*node.all("outline"), *node.all("outlines", "outline")):
        for corner in outline.all("cornerRoad"):
            yield corner.number("s", low=-1e5, high=1e5) - s
        for corner in outline.all("cornerLocal"):
            u, v = corner.number("u", low=-1e3, high=1e3), corner.number("v", low=-1e3, high=1e3)
            yield u * cos(heading) - v * sin(heading)
