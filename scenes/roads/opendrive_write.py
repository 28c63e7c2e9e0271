"""A road network as an OpenDRIVE 1.7 file, by ``scenariogeneration`` and, where that has no words, by hand.

The bytes depend on the network alone: no date, no counter. What OpenDRIVE has no words for (the phases of traffic
lights, signs without a number) is kept in ``userData``, which other readers pass over.
"""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any

import numpy as np

from pairforge.errors import MachineError, SpecError
from pairforge.scenes.roads import opendrive_words as words
from pairforge.scenes.roads.faults import require_sound
from pairforge.scenes.roads.network import (
    Cubic,
    Geometry,
    Junction,
    LaneSection,
    Road,
    RoadLane,
    RoadLink,
    RoadNetwork,
)
from pairforge.scenes.roads.reference_line import lane_borders, line_at, section_at
from pairforge.scenes.roads.simplify import simplified

if TYPE_CHECKING:
    from types import ModuleType

LINE_M = 0.12
LIGHT_M, SIGN_M = 3.0, 2.3
"""Height of a traffic light's and of a sign's lower edge."""
_PAVED = ("driving", "parking", "shoulder", "biking", "border", "median")
"""What lies between the kerbs."""


def opendrive(network: RoadNetwork) -> bytes:
    """The file's bytes (UTF-8), of the simplified network. SpecError names what is wrong with an unsound one."""
    require_sound(network)
    network = simplified(network)
    xodr = _library()
    root: ET.Element = xodr.OpenDrive(network.name, revMajor="1", revMinor="7").get_element()
    _header(root, network)
    root.extend([_road(xodr, road) for road in network.roads])
    root.extend(list(_controllers(network)))
    root.extend([_junction(xodr, junction, network) for junction in network.junctions])
    ET.indent(root)
    text: bytes = ET.tostring(root, encoding="utf-8")
    return b'<?xml version="1.0" encoding="UTF-8"?>\n' + text + b"\n"


def _library() -> ModuleType:
    try:
        from scenariogeneration import xodr
    except ImportError as error:
        raise MachineError(
            f'OpenDRIVE files are written by scenariogeneration ({error}); pip install "pairforge[opendrive]"'
        ) from None
    module: ModuleType = xodr
    return module


def _header(root: ET.Element, network: RoadNetwork) -> None:
    """The library stamps the clock's time; the network's extent takes its place."""
    header = root.find("header")
    assert header is not None
    points = np.concatenate([line_at(r, np.linspace(0, r.length_m, 33)).xyz_m for r in network.roads])
    west, south, _ = points.min(axis=0)
    east, north, _ = points.max(axis=0)
    del header.attrib["date"]
    for name, value in (("north", north), ("south", south), ("east", east), ("west", west)):
        header.set(name, str(round(float(value), 3)))
    header.set("vendor", "pairforge")


def _road(xodr: Any, road: Road) -> ET.Element:
    plan = xodr.PlanView()
    for piece in road.geometries:
        plan.add_fixed_geometry(_curve(xodr, piece), piece.x_m, piece.y_m, piece.heading, piece.s_m)
    lanes = xodr.Lanes()
    for cubic in road.lane_offset:
        lanes.add_laneoffset(xodr.LaneOffset(cubic.s_m, cubic.a, cubic.b, cubic.c, cubic.d))
    for section in road.sections:
        lanes.add_lanesection(_section(xodr, section))
    made = xodr.Road(road.road_id, plan, lanes, -1 if road.junction is None else road.junction, road.name)
    made.add_type(_road_type(xodr, road.speed_limit_mps), 0, speed=float(road.speed_limit_mps))
    for cubic in road.elevation or (Cubic(0.0, 0.0),):
        made.add_elevation(cubic.s_m, cubic.a, cubic.b, cubic.c, cubic.d)
    _link(xodr, made.add_predecessor, road.predecessor)
    _link(xodr, made.add_successor, road.successor)
    # Appended, since add_object and add_signal number their ids anew across all networks of the process.
    made.objects += [_crosswalk(xodr, road, k) for k in range(len(road.crosswalks))]
    made.signals += _signals(xodr, road)
    element: ET.Element = made.get_element()
    element.set("length", str(float(road.length_m)))
    _finish_lanes(element, road)
    _finish_pieces(element, road)
    for signal in element.iterfind("signals/signal[@country='OPENDRIVE']"):
        signal.set("country", "OpenDRIVE")  # no country's, so not in capitals as the library writes them
    return element


def _curve(xodr: Any, piece: Geometry) -> Any:
    if piece.kind == "arc":
        return xodr.Arc(piece.curvature_start, length=piece.length_m)
    if piece.kind == "spiral":
        return xodr.Spiral(piece.curvature_start, piece.curvature_end, length=piece.length_m)
    if piece.kind == "param_poly3":
        kind = "normalized" if piece.normalised else "arcLength"
        return xodr.ParamPoly3(*piece.coefficients, prange=kind, length=piece.length_m)
    return xodr.Line(piece.length_m)  # a poly3, too: the library has none, so its element is set afterwards


def _finish_pieces(element: ET.Element, road: Road) -> None:
    """Lengths as they were, not as the library adds them up, and the polynomials that it does not know."""
    for piece, made in zip(road.geometries, element.iterfind("planView/geometry"), strict=True):
        made.set("length", str(float(piece.length_m)))
        if piece.kind == "poly3":
            made.remove(made[0])
            ET.SubElement(
                made, "poly3", dict(zip("abcd", map(str, map(float, piece.coefficients)), strict=True))
            )


def _road_type(xodr: Any, limit_mps: float) -> Any:
    if limit_mps <= 17.0:
        return xodr.RoadType.town
    return xodr.RoadType.rural if limit_mps <= 28.0 else xodr.RoadType.motorway


def _link(xodr: Any, add: Any, link: RoadLink | None) -> None:
    if link is None:
        return
    contact = None if link.contact is None else xodr.ContactPoint[link.contact]
    add(xodr.ElementType[link.kind], link.element_id, contact)


def _section(xodr: Any, section: LaneSection) -> Any:
    centre = xodr.Lane(xodr.LaneType.none)
    _mark(xodr, centre, section.centre_marking)
    made = xodr.LaneSection(section.s_m, centre)
    for lane in section.left:
        made.add_left_lane(_lane(xodr, lane))
    for lane in section.right:
        made.add_right_lane(_lane(xodr, lane))
    return made


def _lane(xodr: Any, lane: RoadLane) -> Any:
    first, *more = lane.widths
    kind = xodr.LaneType[words.LANES_WRITTEN[lane.kind]]
    made = xodr.Lane(kind, first.a, first.b, first.c, first.d, first.s_m)
    for cubic in more:
        made.add_lane_width(cubic.a, cubic.b, cubic.c, cubic.d, cubic.s_m)
    for name, number in (("predecessor", lane.predecessor), ("successor", lane.successor)):
        if number is not None:
            made.add_link(name, str(number))
    _mark(xodr, made, lane.marking)
    return made


def _mark(xodr: Any, lane: Any, marking: str) -> None:
    if marking != "none":
        change = {"broken": "both", "broken_solid": "increase", "solid_broken": "decrease"}.get(
            marking, "none"
        )
        lane.add_roadmark(
            xodr.RoadMark(xodr.RoadMarkType[marking], LINE_M, laneChange=xodr.LaneChange[change])
        )


def _finish_lanes(element: ET.Element, road: Road) -> None:
    """Speed limits of single lanes, which the library leaves out; they follow the markings."""
    for section, made in zip(road.sections, element.iterfind("lanes/laneSection"), strict=True):
        limits = {
            str(lane.lane_id): lane.speed_limit_mps
            for lane in (*section.left, *section.right)
            if lane.speed_limit_mps is not None
        }
        for lane in made.iter("lane"):
            limit = limits.get(lane.get("id", ""))
            if limit is not None:
                ET.SubElement(lane, "speed", {"sOffset": "0.0", "max": str(float(limit)), "unit": "m/s"})


def kerbs(road: Road, s_m: float) -> tuple[float, float]:
    """t of the right and of the left kerb at ``s_m``: the paved lanes from the middle outwards."""
    index = int(section_at(road, s_m)[0])
    section = road.sections[index]
    borders = lane_borders(road, index, s_m)
    edges = []
    for lanes in (section.right, section.left):
        edge = float(borders[lanes[0].lane_id][0][0]) if lanes else None
        for lane in lanes:
            if lane.kind not in _PAVED:
                break
            edge = float(borders[lane.lane_id][1][0])
        edges.append(edge)
    right, left = edges
    middle = left if right is None else right
    assert middle is not None
    return (middle if right is None else right), (middle if left is None else left)


def _crosswalk(xodr: Any, road: Road, number: int) -> Any:
    crosswalk = road.crosswalks[number]
    right, left = kerbs(road, crosswalk.s_m)
    half = crosswalk.length_m / 2
    made = xodr.Object(
        crosswalk.s_m,
        (left + right) / 2,
        xodr.ObjectType.crosswalk,
        subtype="zebra",
        id=f"crosswalk_{road.road_id}_{number}",
        name="crosswalk",
        width=max(left - right, 0.01),
        length=crosswalk.length_m,
        height=0.0,
    )
    outline = xodr.Outline(closed=True, id=0)
    for u, v in ((-half, right), (half, right), (half, left), (-half, left)):
        outline.add_corner(xodr.CornerLocal(u, v - (left + right) / 2, 0.0, 0.0, id=len(outline.corners)))
    made.add_outline(outline)
    return made


def _signals(xodr: Any, road: Road) -> Iterator[Any]:
    for signal in road.signals:
        sign = words.sign_of(signal.kind)
        light = signal.kind == "light"
        made = xodr.Signal(
            signal.s_m,
            signal.t_m,
            country=sign.country if sign else "OpenDRIVE",
            Type=sign.type if sign else "-1",
            subtype=sign.subtype if sign else "-1",
            id=str(signal.signal_id),
            name=signal.kind,
            dynamic=xodr.Dynamic.yes if light else xodr.Dynamic.no,
            value=sign.value_kmh if sign else None,
            unit="km/h" if sign and sign.value_kmh is not None else None,
            zOffset=LIGHT_M if light else SIGN_M,
            orientation=xodr.Orientation[_ORIENTATION[signal.orientation]],
        )
        if sign is None:
            made.add_userdata(xodr.UserData(words.KIND, signal.kind))
        yield made


_ORIENTATION = {"+": "positive", "-": "negative", "both": "none"}


def _controllers(network: RoadNetwork) -> Iterator[ET.Element]:
    """The library has no controllers."""
    for controller in network.controllers:
        obeying = [s for r in network.roads for s in r.signals if s.controller == controller.controller_id]
        if not obeying:
            raise SpecError(
                f"the road network: controller {controller.controller_id} has no signals, which OpenDRIVE "
                "cannot say; leave it out or let a signal obey it"
            )
        element = ET.Element("controller", {"id": str(controller.controller_id), "name": ""})
        for signal in obeying:
            ET.SubElement(element, "control", {"signalId": str(signal.signal_id), "type": ""})
        phases = ", ".join(f"{state} {seconds!r}" for state, seconds in controller.phases)
        ET.SubElement(element, "userData", {"code": words.PHASES, "value": phases})
        ET.SubElement(element, "userData", {"code": words.OFFSET, "value": repr(float(controller.offset_s))})
        yield element


def _junction(xodr: Any, junction: Junction, network: RoadNetwork) -> ET.Element:
    made = xodr.Junction(junction.name, junction.junction_id)
    for c in junction.connections:
        connection = xodr.Connection(
            c.incoming, c.connecting, xodr.ContactPoint[c.contact], id=c.connection_id
        )
        for from_lane, to_lane in c.lane_links:
            connection.add_lanelink(from_lane, to_lane)
        made.add_connection(connection)
    element: ET.Element = made.get_element()
    for c, written in zip(junction.connections, element.iterfind("connection"), strict=True):
        order = {(str(a), str(b)): k for k, (a, b) in enumerate(c.lane_links)}
        written[:] = sorted(written, key=lambda link: order[(link.get("from", ""), link.get("to", ""))])
    for high, low in junction.priorities:
        ET.SubElement(element, "priority", {"high": str(high), "low": str(low)})
    for number in _ruling(junction, network.roads):
        ET.SubElement(element, "controller", {"id": str(number)})
    return element


def _ruling(junction: Junction, roads: Iterable[Road]) -> list[int]:
    """The controllers of the lights on a junction's incoming and connecting roads."""
    meeting = {n for c in junction.connections for n in (c.incoming, c.connecting)}
    found = {s.controller for r in roads if r.road_id in meeting for s in r.signals}
    return sorted(number for number in found if number is not None)
