"""Bad OpenDRIVE files, made from good ones by a seeded mutator: what each is called, and its bytes."""

from __future__ import annotations

import gzip
import random
import xml.etree.ElementTree as ET
from collections.abc import Callable, Iterator
from functools import cache

from pairforge.scenes.roads.opendrive_write import opendrive
from tests.scenes.roads.networks import NETWORKS

Rng = random.Random
BASES = ["crossing", "motorway", "roundabout"]


@cache
def good(base: str) -> bytes:
    return opendrive(NETWORKS[base]())


def _some(root: ET.Element, rng: Rng, path: str) -> ET.Element:
    found = root.findall(path)
    return found[rng.randrange(len(found))]


def _parent(root: ET.Element, child: ET.Element) -> ET.Element:
    return next(above for above in root.iter() if child in list(above))


NUMBERS = (
    ("road", "length"),
    ("road/planView/geometry", "s"),
    ("road/planView/geometry", "x"),
    ("road/planView/geometry", "y"),
    ("road/planView/geometry", "hdg"),
    ("road/planView/geometry", "length"),
    ("road/elevationProfile/elevation", "s"),
    ("road/elevationProfile/elevation", "a"),
    ("road/elevationProfile/elevation", "d"),
    ("road/lanes/laneSection", "s"),
    ("road/lanes/laneSection/right/lane/width", "sOffset"),
    ("road/lanes/laneSection/right/lane/width", "a"),
    ("road/lanes/laneSection/right/lane/width", "c"),
    ("road/type/speed", "max"),
)
NO_NUMBERS = (
    "abc",
    "",
    "nan",
    "inf",
    "-Infinity",
    "1e400",
    "1,5",
    "0x10",
    "1_0",
    "--3",
    "9" * 500,
    "१२",
    "\t",
    "1 2",
)
REQUIRED = (*NUMBERS[:6], ("road", "id"), ("road/lanes/laneSection/right/lane", "id"),
            ("road/lanes/laneSection/right/lane", "type"), ("header", "revMajor"))  # fmt: skip


def no_number(root: ET.Element, rng: Rng) -> None:
    path, name = rng.choice(NUMBERS)
    _some(root, rng, path).set(name, rng.choice(NO_NUMBERS))


def huge_number(root: ET.Element, rng: Rng) -> None:
    path, name = rng.choice(NUMBERS)
    _some(root, rng, path).set(name, rng.choice(("1e30", "-1e30", "1e300", "123456789012345")))


def missing_attribute(root: ET.Element, rng: Rng) -> None:
    path, name = rng.choice(REQUIRED)
    del _some(root, rng, path).attrib[name]


def missing_element(root: ET.Element, rng: Rng) -> None:
    path = rng.choice(
        ("header", "road/planView", "road/lanes", "road/planView/geometry", "road/lanes/laneSection",
         "road/lanes/laneSection/right/lane/width", "road/planView/geometry/*")
    )  # fmt: skip
    gone = _some(root, rng, path)
    above = _parent(root, gone)
    for each in [c for c in above if c.tag == gone.tag]:  # all of its kind, so that none stands in for it
        above.remove(each)


def negative_length(root: ET.Element, rng: Rng) -> None:
    path = rng.choice(("road", "road/planView/geometry"))
    _some(root, rng, path).set("length", rng.choice(("-3", "-0.001", "0", "-1e-300")))


def to_nowhere(root: ET.Element, rng: Rng) -> None:
    path, name, value = rng.choice(
        (
            ("road/link/predecessor", "elementId", "4711"),
            ("junction/connection", "incomingRoad", "4711"),
            ("junction/connection", "connectingRoad", "nope"),
            ("junction/connection/laneLink", "from", "17"),
            ("junction/connection/laneLink", "to", "-17"),
            ("road/lanes/laneSection/right/lane/link/predecessor", "id", "-9"),
        )
    )
    found = root.findall(path)
    element = found[rng.randrange(len(found))]
    if path.startswith("road/lanes"):  # only where the link leads to a road or section, not off the map
        element = root.find("road[@junction!='-1']/lanes/laneSection/right/lane/link/predecessor")
        assert element is not None
    element.set(name, value)


def nowhere_in_words(root: ET.Element, rng: Rng) -> None:
    path, name = rng.choice(
        (
            ("road/link/predecessor", "elementType"),
            ("junction/connection", "contactPoint"),
            ("road/lanes/laneSection/right/lane", "type"),
            ("road/lanes/laneSection/center/lane/roadMark", "type"),
            ("road/type/speed", "unit"),
        )
    )
    found = root.findall(path) or root.findall("road/type/speed")
    found[rng.randrange(len(found))].set(
        name if name in found[0].attrib else "unit", rng.choice(("start!", "drivng", ""))
    )


def duplicate_id(root: ET.Element, rng: Rng) -> None:
    kind = rng.choice(("road", "junction", "signal"))
    found = root.findall("road/signals/signal" if kind == "signal" else kind)
    if len(found) < 2:
        found = root.findall("road")
    first, second = rng.sample(found, 2)
    second.set("id", first.get("id", ""))


def torn_line(root: ET.Element, rng: Rng) -> None:
    """A road's line that jumps, or a lane that ends far from the one it leads to."""
    piece = _some(root, rng, "road[@junction!='-1']/planView/geometry")
    piece.set(rng.choice("xy"), str(float(piece.get("x", "0")) + 500.0))


def lanes_miscounted(root: ET.Element, rng: Rng) -> None:
    lane = _some(root, rng, "road/lanes/laneSection/right/lane")
    lane.set("id", rng.choice(("1", "-5", "0", "-1.0", "-99999999999999", "")))


def backwards(root: ET.Element, rng: Rng) -> None:
    """Sections, pieces or cubics out of order."""
    path, name = rng.choice((("road/lanes/laneSection", "s"), ("road/planView/geometry", "s")))
    element = _some(root, rng, path)
    element.set(name, str(float(element.get(name, "0")) + 5000.0))


def negative_width(root: ET.Element, rng: Rng) -> None:
    _some(root, rng, "road/lanes/laneSection/right/lane/width").set("a", rng.choice(("-2", "-90", "150")))


def unsupported(root: ET.Element, rng: Rng) -> None:
    def left_hand() -> None:
        _some(root, rng, "road").set("rule", "LHT")

    def junction_kind() -> None:
        _some(root, rng, "junction").set("type", rng.choice(("direct", "virtual", "crosing")))

    def one_side() -> None:
        _some(root, rng, "road/lanes/laneSection").set("singleSide", "true")

    def midway() -> None:
        link = _some(root, rng, "road[@junction!='-1']/link/predecessor")
        del link.attrib["contactPoint"]
        link.set("elementS", "12.0")

    def other_version() -> None:
        _some(root, rng, "header").set("revMajor", rng.choice(("2", "", "one")))

    def other_curve() -> None:
        piece = _some(root, rng, "road/planView/geometry")
        piece[0].tag = rng.choice(("helix", "Line", "clothoid"))

    def wall() -> None:
        elevation = _some(root, rng, "road/elevationProfile/elevation")
        elevation.set("b", "40")

    rng.choice((left_hand, junction_kind, one_side, midway, other_version, other_curve, wall))()


TREES: tuple[tuple[Callable[[ET.Element, Rng], None], int], ...] = (
    (no_number, 70),
    (huge_number, 30),
    (missing_attribute, 30),
    (missing_element, 25),
    (negative_length, 15),
    (to_nowhere, 30),
    (nowhere_in_words, 15),
    (duplicate_id, 15),
    (torn_line, 15),
    (lanes_miscounted, 15),
    (backwards, 15),
    (negative_width, 15),
    (unsupported, 25),
)


def _laughs(kind: str) -> bytes:
    if kind == "billion":
        levels = "".join(f'<!ENTITY l{n} "{f"&l{n - 1};" * 10}">' for n in range(1, 12))
        return f'<?xml version="1.0"?><!DOCTYPE x [<!ENTITY l0 "ha">{levels}]><OpenDRIVE>&l11;</OpenDRIVE>'.encode()
    if kind == "quadratic":
        return f'<!DOCTYPE x [<!ENTITY a "{"a" * 100_000}">]><OpenDRIVE>{"&a;" * 10_000}</OpenDRIVE>'.encode()
    if kind == "external":
        return b'<!DOCTYPE x [<!ENTITY a SYSTEM "file:///etc/passwd">]><OpenDRIVE name="x">&a;</OpenDRIVE>'
    if kind == "parameter":
        return b'<!DOCTYPE x [<!ENTITY % a SYSTEM "http://127.0.0.1:9/x.dtd"> %a;]><OpenDRIVE/>'
    return b'<!DOCTYPE OpenDRIVE SYSTEM "http://127.0.0.1:9/x.dtd"><OpenDRIVE/>'


def _texts(rng: Rng) -> Iterator[tuple[str, bytes]]:
    """What is no tree of OpenDRIVE's at all."""
    yield from (
        (f"entities {kind}", _laughs(kind))
        for kind in ("billion", "quadratic", "external", "parameter", "doctype")
    )
    yield "empty", b""
    yield "blank", b" \n\t " * 50
    yield "mark of byte order alone", b"\xef\xbb\xbf"
    yield "zeros", bytes(5000)
    for k in range(8):
        yield f"noise {k}", rng.randbytes(2000)
    yield "gzip", gzip.compress(good("motorway"))
    yield "picture", b"\x89PNG\r\n\x1a\n" + bytes(200)
    yield "json", b'{"roads": []}'
    yield "html", b"<!doctype html><html><body>404</body></html>"
    yield "other root", b"<OpenSCENARIO><FileHeader/></OpenSCENARIO>"
    yield "root alone", b"<OpenDRIVE/>"
    yield "no roads", b'<OpenDRIVE><header revMajor="1" revMinor="7"/></OpenDRIVE>'
    yield "two roots", good("motorway") + b"<OpenDRIVE/>"
    yield "text after", good("motorway") + b"and so on"
    yield "unknown encoding", good("motorway").replace(b'encoding="UTF-8"', b'encoding="klingon"')
    yield "wide encoding", good("motorway").replace(b'encoding="UTF-8"', b'encoding="utf-32"')
    yield "not as encoded", good("motorway").replace(b'name="exit"', b'name="\xff\xfe"')
    yield "deep", b"<OpenDRIVE>" + b"<a>" * 100_000
    yield "deep and closed", b"<OpenDRIVE>" + b"<a>" * 5000 + b"</a>" * 5000 + b"</OpenDRIVE>"
    yield "endless number", good("motorway").replace(b' hdg="0.0"', b' hdg="' + b"1" * 8_000_000 + b'"', 1)
    yield "endless word", good("motorway").replace(b'type="driving"', b'type="' + b"d" * 8_000_000 + b'"', 1)
    yield "endless attribute", b'<OpenDRIVE name="' + b"a" * 100_000_000
    yield (
        "many roads of one id",
        b"<OpenDRIVE><header revMajor='1' revMinor='7'/>" + b"<road id='1'/>" * 20_000 + b"</OpenDRIVE>",
    )


def bad_files(seed: int = 0) -> Iterator[tuple[str, bytes]]:
    """At least 300 (name, bytes), each of which no reader should take for a road network."""
    rng = random.Random(seed)
    for mutate, count in TREES:
        for k in range(count):
            base = rng.choice(BASES)
            root = ET.fromstring(good(base))
            mutate(root, rng)
            yield f"{mutate.__name__} {k} of {base}", ET.tostring(root)
    for k in range(30):
        data = good(rng.choice(BASES))
        yield f"cut {k}", data[: rng.randrange(1, len(data.rstrip()) - 2)]
    yield from _texts(rng)
