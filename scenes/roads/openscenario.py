"""Simple OpenSCENARIO files (1.x XML): the map, who is on it, where each begins and how fast. The rest is ours."""

from __future__ import annotations

import re
from dataclasses import dataclass, replace
from pathlib import Path

from pairforge.scenes.placement import At, OnRoad, Placement
from pairforge.scenes.roads.lane_graph import KINDS
from pairforge.scenes.roads.named import names_of
from pairforge.scenes.roads.network import RoadNetwork
from pairforge.scenes.roads.opendrive_ids import Notes
from pairforge.scenes.roads.opendrive_map import OpenDriveMap
from pairforge.scenes.roads.opendrive_read import read_bytes, read_opendrive
from pairforge.scenes.roads.reference_line import section_at
from pairforge.scenes.roads.stranger_xml import Node, parse
from pairforge.scenes.spec import Actor, Behaviour, BehaviourKind, Scene

VEHICLES = {
    "car": "hatchback",
    "van": "van",
    "truck": "truck",
    "semitrailer": "truck",
    "trailer": "truck",
    "bus": "bus",
    "bicycle": "cyclist",
    "motorbike": "cyclist",
}
"""Categories of vehicles -> shapes."""
EGO = ("ego", "hero", "egovehicle", "ego_vehicle")
_TITLE = re.compile(r"[^a-z0-9_]+")


@dataclass(frozen=True)
class Scenario:
    """A ``scene`` without sensors (add them with ``scene.plus``), and ``notes`` on what was not read."""

    scene: Scene
    notes: tuple[str, ...]


def read_openscenario(path: Path | str) -> Scenario:
    """Reads an ``.xosc`` file and the map that it names. SpecError names file, line, value and remedy."""
    path = Path(path)
    root = parse(read_bytes(path), path.name)
    if root.tag != "OpenSCENARIO":
        raise root.error("the outermost element must be <OpenSCENARIO>; this is another kind of file")
    notes, values = Notes(), _parameters(root)
    file = _map(root, values)
    network = read_opendrive(path.parent / file).network
    starts = _starts(root)
    actors, taken = [], set[str]()
    for node in root.all("Entities", "ScenarioObject"):
        actor = _actor(node, starts.get(node.text("name")), network, values, notes)
        if actor.name in taken:
            raise node.error(f'two entities are called "{actor.name}"; give each its own name')
        taken.add(actor.name)
        actors.append(actor)
    if not actors:
        raise root.error("it has no entities; a scene needs somebody")
    for _ in root.all("Storyboard", "Story"):
        notes.add("what happens in a <Story> is not read: all drive on by their lanes")
    name = "scenario." + (_title(path.stem) or "imported")
    return Scenario(
        Scene(name=name, setting=OpenDriveMap(file=file, folder=str(path.parent)), actors=actors),
        notes.lines(),
    )


def _parameters(root: Node) -> dict[str, str]:
    """Declared parameters with their defaults."""
    return {
        p.text("name"): p.text("value") for p in root.all("ParameterDeclarations", "ParameterDeclaration")
    }


def _value(node: Node, name: str, values: dict[str, str]) -> Node:
    """The node with a parameter in that attribute replaced by its value."""
    text = node.attributes.get(name, "")
    if not text.startswith("$"):
        return node
    key = text[1:].strip("{} ")
    if key not in values:
        raise node.error(f'{name} is "{text[:40]}", but no such parameter is declared')
    return replace(node, attributes=node.attributes | {name: values[key]})


def _map(root: Node, values: dict[str, str]) -> str:
    logic = root.first("RoadNetwork", "LogicFile")
    if logic is None:
        raise root.error("it names no map (<RoadNetwork><LogicFile filepath=…>); one is needed")
    return _value(logic, "filepath", values).text("filepath")


def _starts(root: Node) -> dict[str, list[Node]]:
    """Entity -> its actions before the start."""
    found: dict[str, list[Node]] = {}
    for private in root.all("Storyboard", "Init", "Actions", "Private"):
        found.setdefault(private.text("entityRef"), []).extend(private.all("PrivateAction"))
    return found


def _actor(
    node: Node, actions: list[Node] | None, network: RoadNetwork, values: dict[str, str], notes: Notes
) -> Actor:
    name = _title(node.text("name"))
    if not name or not name[0].isalpha():
        name = f"actor_{name}".rstrip("_")
    if not actions:
        raise node.error("it is put nowhere; give it a TeleportAction in <Init>")
    shape = _shape(node, values, notes)
    walks = shape == "pedestrian"
    place = _place(node, actions, network, values, walks)
    speed = _speed(actions, values)
    kind: BehaviourKind = (
        "stand" if walks else "cycle" if shape == "cyclist" else "drive" if speed != 0.0 else "park"
    )
    return Actor(
        name="ego" if name in EGO else name,
        shape=shape,
        place=place,
        behaviour=Behaviour(kind=kind, speed_mps=speed if kind in ("drive", "cycle") else None),
    )


def _title(text: str) -> str:
    return _TITLE.sub("_", text.lower()).strip("_")[:40]


def _shape(node: Node, values: dict[str, str], notes: Notes) -> str:
    vehicle = node.first("Vehicle")
    if vehicle is not None:
        category = _value(vehicle, "vehicleCategory", values).word("vehicleCategory", VEHICLES)
        return VEHICLES[category]
    if node.first("Pedestrian") is not None:
        return "pedestrian"
    entry = node.first("CatalogReference")
    if entry is None:
        raise node.error("it is no Vehicle, Pedestrian or CatalogReference; others are not read")
    words = f"{entry.text('catalogName', '')} {_value(entry, 'entryName', values).text('entryName')}".lower()
    notes.add("catalogues are not read: what an entry is like is told from its name")
    if "pedestrian" in words:
        return "pedestrian"
    return next((shape for word, shape in VEHICLES.items() if word != "car" and word in words), "hatchback")


def _place(
    node: Node, actions: list[Node], network: RoadNetwork, values: dict[str, str], walks: bool
) -> Placement:
    for action in actions:
        where = action.first("TeleportAction", "Position")
        if where is None:
            continue
        lane, world = where.first("LanePosition"), where.first("WorldPosition")
        if lane is not None:
            return _on_road(lane, network, values)
        if world is not None and walks:
            x, y, z, h = (_value(world, key, values).number(key, 0.0, -1e6, 1e6) for key in "xyzh")
            return At((x, y, z), yaw_deg=h * 57.29577951308232)
        raise where.error(
            "who drives is put by a LanePosition, who walks by a WorldPosition; others are not read"
        )
    raise node.error("it is put nowhere; give it a TeleportAction in <Init>")


def _on_road(node: Node, network: RoadNetwork, values: dict[str, str]) -> OnRoad:
    """The lane counted from the kerb, as our roads count."""
    number = _value(node, "roadId", values).whole("roadId")
    names = names_of(network)
    if number not in names:
        known = ", ".join(map(str, sorted(names))) or "none"
        raise node.error(f"roadId is {number}: no such road outside of junctions. Known: {known[:200]}.")
    road = network.road(number)
    s = _value(node, "s", values).number("s", low=0.0, high=road.length_m)
    section = road.sections[int(section_at(road, s)[0])]
    lane_id = _value(node, "laneId", values).whole("laneId")
    lanes = section.left if lane_id > 0 else section.right
    ids = [lane.lane_id for lane in reversed(lanes) if lane.kind in KINDS]
    if lane_id not in ids:
        raise node.error(
            f"laneId is {lane_id}: no lane for driving there. Known: {ids or 'none on that side'}."
        )
    offset = _value(node, "offset", values).number("offset", 0.0, -20.0, 20.0)
    against = lane_id > 0  # who drives against s has its left to the right
    lateral = -offset if against else offset
    return OnRoad(names[number], s_m=s, lane=ids.index(lane_id), against=against, lateral_m=lateral)


def _speed(actions: list[Node], values: dict[str, str]) -> float | None:
    """The absolute speed that it starts with, or None where none is given."""
    way = ("LongitudinalAction", "SpeedAction", "SpeedActionTarget", "AbsoluteTargetSpeed")
    for action in actions:
        target = action.first(*way)
        if target is not None:
            return _value(target, "value", values).number("value", low=0.0, high=100.0)
    return None
