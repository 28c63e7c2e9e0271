"""An OpenDRIVE file as a road network, with notes on what was passed over or made simpler.

Reads versions 1.4 to 1.8 as far as they say the same. docs/opendrive.md lists what is read and what is not: whatever
would make the roads another place than the file says is an error, what only makes them plainer is a note.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from pairforge.errors import SpecError, did_you_mean
from pairforge.scenes.roads.faults import faults
from pairforge.scenes.roads.network import Connection, Junction, RoadNetwork
from pairforge.scenes.roads.opendrive_ids import Notes, Numbers
from pairforge.scenes.roads.opendrive_read_road import read_road
from pairforge.scenes.roads.opendrive_read_signals import read_controllers
from pairforge.scenes.roads.stranger_xml import MOST_BYTES, Node, parse

FAR_M = 10_000.0
"""A map that lies farther from its origin than this is moved there, since a picture's numbers are short."""


@dataclass(frozen=True)
class Reading:
    """A file's network, ``notes`` on what was not read as it stands, its ``version`` and ``sha256``."""

    network: RoadNetwork
    notes: tuple[str, ...]
    version: str
    sha256: str


def read_opendrive(path: Path | str) -> Reading:
    """Reads an ``.xodr`` file. SpecError names file, line, element, value and remedy."""
    return parse_opendrive(read_bytes(Path(path)), Path(path).name)


def read_bytes(path: Path) -> bytes:
    """The file's bytes, no more of them than are read at all; SpecError says why there are none."""
    try:
        with path.open("rb") as file:
            return file.read(MOST_BYTES + 1)
    except OSError as error:
        raise SpecError(f'"{path}" cannot be read: {error.strerror}. {_nearby(path)}') from None
    except ValueError as error:
        raise SpecError(f"{str(path)!r} is no file's name: {error}") from None


def _nearby(path: Path) -> str:
    if path.is_dir():
        return "Name an OpenDRIVE file (.xodr) in that folder."
    if not path.parent.is_dir():
        return f'There is no folder "{path.parent}".'
    return did_you_mean(path.name, (p.name for p in path.parent.glob("*.xodr")))


def parse_opendrive(data: bytes, source: str = "the OpenDRIVE file") -> Reading:
    """The network that the bytes say; ``source`` names them in messages."""
    root = parse(data, source)
    if root.tag != "OpenDRIVE":
        raise root.error("the outermost element must be <OpenDRIVE>; this is another kind of file")
    header = root.only("header")
    version = f"{header.text('revMajor')}.{header.text('revMinor')}"
    if header.text("revMajor") != "1":
        raise header.error(f"it is version {version}; versions 1.4 to 1.8 are read")
    notes = Notes()
    _pass_over(root, header, notes)
    numbers = Numbers(root, notes)
    network = _network(root, header, numbers, notes)
    _hold(network, source, numbers, notes)
    return Reading(network, notes.lines(), version, hashlib.sha256(data).hexdigest())


def _pass_over(root: Node, header: Node, notes: Notes) -> None:
    """Notes on whole parts of the file that say nothing to us."""
    if header.first("geoReference"):
        notes.add("the geographic reference is not used: places are metres from the file's origin")
    if header.first("offset"):
        notes.add("the header's offset to the geographic reference is not used")
    for tag in ("junctionGroup", "station"):
        for _ in root.all(tag):
            notes.add(f"<{tag}> is not read")


def _network(root: Node, header: Node, numbers: Numbers, notes: Notes) -> RoadNetwork:
    """All roads, junctions and controllers in ascending order of id."""
    controllers, obeys = read_controllers(root, numbers, notes)
    roads = tuple(read_road(node, numbers, obeys, notes) for node in numbers.nodes("road"))
    junctions = tuple(_junction(node, numbers) for node in numbers.nodes("junction"))
    used = {s.controller for r in roads for s in r.signals}
    for controller in controllers:
        if controller.controller_id not in used:
            notes.add("a controller rules no signal that is read; it is left out")
    ruling = tuple(c for c in controllers if c.controller_id in used)
    return _near(RoadNetwork(roads, junctions, ruling, header.text("name", "")), notes)


def _junction(node: Node, numbers: Numbers) -> Junction:
    kind = node.word("type", ("default", "virtual", "direct", "crossing"), "default")
    if kind != "default":
        raise node.error(f'it is a "{kind}" junction; those with connecting roads ("default") are read')
    connections = tuple(_connection(c, k, numbers) for k, c in enumerate(node.all("connection")))
    priorities = tuple(
        (numbers.of("road", p, "high"), numbers.of("road", p, "low"))
        for p in node.all("priority")
        if "high" in p.attributes and "low" in p.attributes
    )
    return Junction(numbers.of("junction", node), connections, node.text("name", ""), priorities)


def _connection(node: Node, index: int, numbers: Numbers) -> Connection:
    if node.text("type", "default") == "virtual":
        raise node.error('it is a "virtual" connection; give it a connecting road')
    text = node.text("id", str(index))
    return Connection(
        int(text) if text.isdecimal() and len(text) <= 9 else index,
        numbers.of("road", node, "incomingRoad"),
        numbers.of("road", node, "connectingRoad"),
        "start" if node.word("contactPoint", ("start", "end")) == "start" else "end",
        tuple((link.whole("from"), link.whole("to")) for link in node.all("laneLink")),
    )


def _near(network: RoadNetwork, notes: Notes) -> RoadNetwork:
    """The network moved by whole metres to the origin if it lies far off it, as maps in national grids do."""
    starts = np.array([(g.x_m, g.y_m) for r in network.roads for g in r.geometries])
    if not len(starts) or np.max(np.abs(starts)) <= FAR_M:
        return network
    x, y = (float(v) for v in np.round((starts.min(axis=0) + starts.max(axis=0)) / 2))
    notes.add(f"the map lies far from its origin; it is moved by ({-x:.0f}, {-y:.0f}) m")
    roads = (
        replace(r, geometries=tuple(replace(g, x_m=g.x_m - x, y_m=g.y_m - y) for g in r.geometries))
        for r in network.roads
    )
    return replace(network, roads=tuple(roads))


def _hold(network: RoadNetwork, source: str, numbers: Numbers, notes: Notes) -> None:
    """Holds the network to what all networks are held to; SpecError names the line of what is wrong first."""
    wrong = []
    for fault in faults(network):
        if fault.level == "note":
            notes.add(str(fault))
        else:
            wrong.append(fault)
    if wrong:
        first = wrong[0]
        line = ""
        if first.element != "network":
            nodes = numbers.nodes(first.element)
            found = [n.line for n in nodes if numbers.of(first.element, n) == first.number]
            line = f"line {found[0]}: " if found else ""
        more = f" ({len(wrong) - 1} more such)" if len(wrong) > 1 else ""
        raise SpecError(f"{source}: {line}{first}{more}")
