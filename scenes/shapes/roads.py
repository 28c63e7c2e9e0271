"""Roads: asphalt, markings, kerbs, pavements and the ground beside them, along a centre line. Asphalt is z = 0."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from pairforge.frames import F64, Pose
from pairforge.scenes import materials as m
from pairforge.scenes.families import ShapeFamily
from pairforge.scenes.shapes.centreline import Centreline
from pairforge.scenes.shapes.modelling import Modeller, box_collider, whole
from pairforge.scenes.world import Collider, Material, Shape
from pairforge.seeding import Stream

KERB_HEIGHT_M = 0.12
KERB_WIDTH_M = 0.16
PAINT_M = 0.004
"""Markings lie this high above the asphalt."""
LOT_HEIGHT_M = 0.11
BUILD_OUT_M = 4.0
"""Half the length of the build-outs at a crossing."""
CROSS_STREET_M = 9.0
"""Width of the street that ends this one at either side."""
ZEBRA_M = 3.2
"""How far a zebra crossing reaches along the street."""
_LINE_M = 0.13
_BAY_M = 5.9
_SLABS = (m.PAVING, m.brighter(m.PAVING, 1.1, "paving_light"), m.brighter(m.PAVING, 0.88, "paving_dull"))
_KERBS = (m.KERB, m.brighter(m.KERB, 0.87, "kerb_dull"))


@dataclass(frozen=True)
class CrossSection:
    """Widths across a street, from its centre outwards; ``lanes`` counts both directions together."""

    lanes: int
    lane_width_m: float
    parking_left_m: float
    parking_right_m: float
    pavement_m: float

    @property
    def half_lanes_m(self) -> float:
        """From the centre to the outer edge of the driving lanes."""
        return self.lanes / 2 * self.lane_width_m

    def kerb_m(self, side: str) -> float:
        """From the centre to the kerb's face on the "left" or "right"."""
        return self.half_lanes_m + (self.parking_left_m if side == "left" else self.parking_right_m)

    def edge_m(self, side: str) -> float:
        """From the centre to the back of the pavement."""
        return self.kerb_m(side) + KERB_WIDTH_M + self.pavement_m


def sign_of(side: str) -> float:
    """+1 for "left" of the line, -1 for "right"."""
    return 1.0 if side == "left" else -1.0


def _band(
    model: Modeller, line: Centreline, s: F64, inner: float, outer: float, z: float, what: Material
) -> None:
    """A level band along the line between two lateral offsets."""
    low, high = min(inner, outer), max(inner, outer)
    model.ribbon(line.points(s, high, z), line.points(s, low, z), what)


def _kerb(model: Modeller, line: Centreline, start: float, stop: float, face: float, side: float) -> None:
    """Kerb stones a metre long with a bevelled edge; ``face`` is the lateral offset of the face."""
    edges = line.stations(start, stop, 1.0)
    profile = [
        (0.0, 0.0),
        (0.012, KERB_HEIGHT_M - 0.025),
        (0.035, KERB_HEIGHT_M),
        (KERB_WIDTH_M, KERB_HEIGHT_M),
    ]
    for (d0, z0), (d1, z1) in pairwise(profile):
        a, b = line.points(edges, face + side * d0, z0), line.points(edges, face + side * d1, z1)
        left, right = (b, a) if side > 0 else (a, b)
        stones = np.stack([right[:-1], right[1:], left[1:], left[:-1]], axis=1)
        for k, shade in enumerate(_KERBS):
            model.quads(stones[(np.arange(len(stones)) * 7 // 3) % 2 == k], shade)


def _slabs(model: Modeller, line: Centreline, start: float, stop: float, inner: float, outer: float) -> None:
    """Paving slabs of about 0.6 m in a running bond, with dark joints below them."""
    low, high = min(inner, outer), max(inner, outer)
    _band(model, line, line.stations(start, stop), low, high, KERB_HEIGHT_M - 0.006, m.PAVING_JOINT)
    across = max(1, round((high - low) / 0.6))
    along = max(1, round((stop - start) / 0.75))
    i, j = np.meshgrid(np.arange(along), np.arange(across), indexing="ij")
    ds, dl, gap = (stop - start) / along, (high - low) / across, 0.005
    s0 = np.clip(start + (i + 0.5 * (j % 2) - 0.5) * ds + gap, start, stop)
    s1 = np.clip(start + (i + 0.5 * (j % 2) + 0.5) * ds - gap, start, stop)
    l0, l1 = low + j * dl + gap, low + (j + 1) * dl - gap
    z = KERB_HEIGHT_M
    slabs = np.stack(
        [line.points(s0, l0, z), line.points(s1, l0, z), line.points(s1, l1, z), line.points(s0, l1, z)],
        axis=-2,
    ).reshape(-1, 4, 3)
    shade = (i * 5 + j * 11 + i * j * 3 + (i * i) % 7).ravel() % len(_SLABS)
    for k, material in enumerate(_SLABS):
        model.quads(slabs[shade == k], material)


def _dashes(
    model: Modeller, line: Centreline, starts: F64, length: float, lateral: float, width: float = _LINE_M
) -> None:
    """Painted bars along the line, starting at each of ``starts`` (N,)."""
    if not len(starts):
        return
    s0, s1, l0, l1 = starts, starts + length, lateral - width / 2, lateral + width / 2
    corners = [line.points(s, lat, PAINT_M) for s, lat in ((s0, l0), (s1, l0), (s1, l1), (s0, l1))]
    model.quads(np.stack(corners, axis=1), m.PAINT_WHITE)


def _clear_of(starts: F64, length: float, crossings: list[float]) -> F64:
    """The starts whose bar stays off every crossing."""
    keep = np.ones(len(starts), dtype=np.bool_)
    for s in crossings:
        keep &= (starts + length < s - BUILD_OUT_M) | (starts > s + BUILD_OUT_M)
    return starts[keep]


def _solid(model: Modeller, line: Centreline, lateral: float, crossings: list[float]) -> None:
    """An unbroken line, but for the crossings."""
    _dashes(model, line, _clear_of(np.arange(0.0, line.length_m - 0.99, 1.0), 1.0, crossings), 1.0, lateral)


def _lane_lines(model: Modeller, line: Centreline, section: CrossSection, crossings: list[float]) -> None:
    dashes = _clear_of(np.arange(1.0, line.length_m - 3.0, 6.0), 3.0, crossings)
    if section.lanes == 2:
        _dashes(model, line, dashes, 3.0, 0.0)
    else:
        for lateral in (-0.12, 0.12):
            _solid(model, line, lateral, crossings)
    for k in range(1, section.lanes // 2):
        for sign in (-1.0, 1.0):
            _dashes(model, line, dashes, 3.0, sign * k * section.lane_width_m)
    for side, parking in (("left", section.parking_left_m), ("right", section.parking_right_m)):
        edge = sign_of(side) * section.half_lanes_m
        if parking:
            short = _clear_of(np.arange(0.5, line.length_m - 1.0, 2.0), 1.0, crossings)
            _dashes(model, line, short, 1.0, edge, 0.1)
            bays = _clear_of(np.arange(_BAY_M, line.length_m - 1.0, _BAY_M), 0.1, crossings)
            _dashes(model, line, bays, 0.1, edge + sign_of(side) * parking / 2, parking - 0.3)
        else:
            _solid(model, line, edge - sign_of(side) * 0.25, crossings)


def _zebra(model: Modeller, line: Centreline, section: CrossSection, s: float) -> None:
    """Stripes along the traffic from kerb to kerb, and a stop line before them for either direction."""
    half = section.half_lanes_m
    count = int(half * 2 - 0.3)
    for lateral in np.arange(count) - (count - 1) / 2:
        _dashes(model, line, np.array([s - ZEBRA_M / 2]), ZEBRA_M, float(lateral), 0.5)
    for start, lateral in ((s - 3.2, -half / 2), (s + 2.8, half / 2)):
        _dashes(model, line, np.array([start]), 0.4, lateral, half - 0.3)


def _build_out(
    parts: dict[str, Modeller], line: Centreline, section: CrossSection, s: float, side: str
) -> list[Collider]:
    """The pavement brought forward across the parking strip at a crossing, so that walkers are seen."""
    sign, inner, outer = sign_of(side), section.half_lanes_m, section.kerb_m(side)
    if outer == inner:
        return []
    span = (s - BUILD_OUT_M, s + BUILD_OUT_M)
    _kerb(parts["kerb"], line, *span, sign * inner, sign)
    _slabs(parts["pavement"], line, *span, sign * (inner + KERB_WIDTH_M), sign * outer)
    low, high = min(sign * inner, sign * outer), max(sign * inner, sign * outer)
    up = np.array([0.0, 0.0, KERB_HEIGHT_M])
    for end, back in zip(span, (True, False), strict=True):
        a, b = line.points(end, low), line.points(end, high)
        face = [a, b, b + up, a + up]
        parts["kerb"].quads([face[::-1] if back else face], m.KERB)
    middle = line.points(s, sign * (inner + outer) / 2, KERB_HEIGHT_M / 2)
    size = (2 * BUILD_OUT_M, outer - inner, KERB_HEIGHT_M)
    return [Collider("box", Pose.of(middle, yaw=float(line.heading(s))), size)]


def _tree_pits(model: Modeller, line: Centreline, pits: list[list[float]]) -> None:
    """Squares of open soil in the pavement, edged with stone."""
    for half, height, what in ((0.56, 0.003, m.KERB), (0.48, 0.005, m.SOIL)):
        for s, lateral in pits:
            around = np.array([s - half, s + half])
            _band(model, line, around, lateral - half, lateral + half, KERB_HEIGHT_M + height, what)


def _wear(model: Modeller, line: Centreline, params: dict[str, Any]) -> None:
    """Trench patches and manhole covers, a hair above the asphalt."""
    for s, lateral, length, width in params["patches"]:
        around = line.stations(s, s + length)
        _band(model, line, around, lateral, lateral + width, 0.0015, m.ASPHALT_PATCH)
    for s, lateral in params["manholes"]:
        model.disc(line.points(s, lateral, 0.0025), 0.36, m.ASPHALT_PATCH)
        model.disc(line.points(s, lateral, 0.004), 0.31, m.MANHOLE)


def _bank(
    parts: dict[str, Modeller],
    line: Centreline,
    span: tuple[float, float],
    kerb: float,
    side: float,
    pavement_m: float,
    lot_m: float,
) -> list[Collider]:
    """Kerb, pavement and the lots behind it on one side of ``line``; colliders of what stands proud of the road."""
    start, stop = span
    inner = kerb + KERB_WIDTH_M
    outer = inner + pavement_m
    _kerb(parts["kerb"], line, start, stop, side * kerb, side)
    _slabs(parts["pavement"], line, start, stop, side * inner, side * outer)
    _band(
        parts["terrain"],
        line,
        line.stations(start, stop),
        side * outer,
        side * (outer + lot_m),
        LOT_HEIGHT_M,
        m.GRASS,
    )
    edges = line.stations(start, stop, 5.0 if line.curvature_per_m else 60.0)
    middles, lengths = (edges[:-1] + edges[1:]) / 2, np.diff(edges)
    centre = side * (kerb + outer) / 2
    return [
        Collider(
            "box",
            Pose.of(line.points(s, centre, KERB_HEIGHT_M / 2), yaw=float(line.heading(s))),
            (float(length), outer - kerb, KERB_HEIGHT_M),
        )
        for s, length in zip(middles, lengths, strict=True)
    ]


def _cross_street(
    parts: dict[str, Modeller], line: Centreline, section: CrossSection, end: str
) -> list[Collider]:
    """The street that ends this one, "near" (at s = 0) or "far": asphalt, markings, kerbs and its far bank."""
    s = -CROSS_STREET_M / 2 if end == "near" else line.length_m + CROSS_STREET_M / 2
    across = line.crossing_at(s, 120.0)
    half = CROSS_STREET_M / 2
    _band(parts["road"], across, across.stations(0.0, 120.0, 10.0), -half, half, 0.0, m.ASPHALT)
    # Running to the left of our +s, its own left side looks back along -s.
    beyond = 1.0 if end == "near" else -1.0
    found = _bank(parts, across, (0.0, 120.0), half, beyond, section.pavement_m, 45.0)
    right, left = 60.0 - section.kerb_m("right"), 60.0 + section.kerb_m("left")
    for span in ((0.0, right), (left, 120.0)):
        _kerb(parts["kerb"], across, *span, -beyond * half, -beyond)
    dashes = np.concatenate([np.arange(2.0, 52.0, 6.0), np.arange(66.0, 116.0, 6.0)])
    _dashes(parts["lane_marking"], across, dashes, 3.0, 0.0)
    return found


def _section(params: dict[str, Any]) -> CrossSection:
    return CrossSection(
        int(params["lanes"]),
        params["lane_width_m"],
        params["parking_left_m"],
        params["parking_right_m"],
        params["pavement_m"],
    )


def build(params: dict[str, Any], paint: Material | None = None) -> Shape:
    """The road of complete ``params``; its body frame is the world of a line that starts at the origin along +x."""
    line = Centreline(params["length_m"], params["curvature_per_m"])
    section, crossings = _section(params), list(params["crossings_s_m"])
    parts = {name: Modeller() for name in ("road", "lane_marking", "kerb", "pavement", "terrain")}
    stations = line.stations(0.0, line.length_m)
    _band(parts["road"], line, stations, -section.kerb_m("right"), section.kerb_m("left"), 0.0, m.ASPHALT)
    _lane_lines(parts["lane_marking"], line, section, crossings)
    for s in crossings:
        _zebra(parts["lane_marking"], line, section, s)
    _tree_pits(parts["pavement"], line, params["tree_pits"])
    _wear(parts["road"], line, params)
    colliders = [box_collider((-600.0, -600.0, -1.0), (600.0, 600.0, 0.0))]
    span = (KERB_WIDTH_M, line.length_m - KERB_WIDTH_M)
    for side in ("left", "right"):
        colliders += _bank(parts, line, span, section.kerb_m(side), sign_of(side), section.pavement_m, 45.0)
        for s in crossings:
            colliders += _build_out(parts, line, section, s, side)
    for end in ("near", "far"):
        colliders += _cross_street(parts, line, section, end)
    return whole(parts, 0.0, colliders, {name: name for name in parts})


def draw(stream: Stream) -> dict[str, Any]:
    """A two-lane street of everyday dimensions."""
    rng = stream.rng()
    length = float(rng.uniform(160.0, 240.0))
    return {
        "length_m": length,
        "curvature_per_m": float(rng.uniform(-0.002, 0.002)),
        "lanes": int(rng.choice([2, 4])),
        "lane_width_m": float(rng.uniform(3.0, 3.5)),
        "parking_left_m": float(rng.choice([0.0, 2.3])),
        "parking_right_m": float(rng.choice([0.0, 2.3])),
        "pavement_m": float(rng.uniform(3.0, 4.5)),
        "crossings_s_m": [float(rng.uniform(0.4, 0.6) * length)],
        "tree_pits": [],
        "patches": [[float(s), -1.5, 4.0, 0.8] for s in rng.uniform(10.0, length - 20.0, size=3)],
        "manholes": [[float(s), 1.2] for s in rng.uniform(10.0, length - 20.0, size=3)],
    }


ROAD = ShapeFamily("road", semantic="road", noun="road", draw=draw, build=build, stuff=True)
