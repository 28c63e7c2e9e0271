"""Roads: asphalt, markings, kerbs, pavements and the ground beside them, along a centre line. Asphalt is z = 0."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np

from pairforge.frames import F64, Pose
from pairforge.scenes import materials as m
from pairforge.scenes.families import ShapeFamily
from pairforge.scenes.shapes.centreline import Centreline
from pairforge.scenes.shapes.modelling import Modeller, box_collider, whole
from pairforge.scenes.shapes.road_pieces import (
    KERB_HEIGHT_M,
    KERB_WIDTH_M,
    LOT_HEIGHT_M,
    lay_band,
    lay_kerb,
    lay_slabs,
    lay_tree_pits,
    paint_bars,
    sign_of,
)
from pairforge.scenes.world import Collider, Material, Shape
from pairforge.seeding import Stream

BUILD_OUT_M = 4.0
"""Half the length of the build-outs at a crossing."""
CROSS_STREET_M = 9.0
"""Width of the street that ends this one at either side."""
ZEBRA_M = 3.2
"""How far a zebra crossing reaches along the street."""
_BAY_M = 5.9


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


def _clear_of(starts: F64, length: float, crossings: list[float]) -> F64:
    """The starts whose bar stays off every crossing."""
    keep = np.ones(len(starts), dtype=np.bool_)
    for s in crossings:
        keep &= (starts + length < s - BUILD_OUT_M) | (starts > s + BUILD_OUT_M)
    return starts[keep]


def _solid(model: Modeller, line: Centreline, lateral: float, crossings: list[float]) -> None:
    """An unbroken line, but for the crossings."""
    paint_bars(
        model, line, _clear_of(np.arange(0.0, line.length_m - 0.99, 1.0), 1.0, crossings), 1.0, lateral
    )


def _lane_lines(model: Modeller, line: Centreline, section: CrossSection, crossings: list[float]) -> None:
    dashes = _clear_of(np.arange(1.0, line.length_m - 3.0, 6.0), 3.0, crossings)
    if section.lanes == 2:
        paint_bars(model, line, dashes, 3.0, 0.0)
    else:
        for lateral in (-0.12, 0.12):
            _solid(model, line, lateral, crossings)
    for k in range(1, section.lanes // 2):
        for sign in (-1.0, 1.0):
            paint_bars(model, line, dashes, 3.0, sign * k * section.lane_width_m)
    for side, parking in (("left", section.parking_left_m), ("right", section.parking_right_m)):
        edge = sign_of(side) * section.half_lanes_m
        if parking:
            short = _clear_of(np.arange(0.5, line.length_m - 1.0, 2.0), 1.0, crossings)
            paint_bars(model, line, short, 1.0, edge, 0.1)
            bays = _clear_of(np.arange(_BAY_M, line.length_m - 1.0, _BAY_M), 0.1, crossings)
            paint_bars(model, line, bays, 0.1, edge + sign_of(side) * parking / 2, parking - 0.3)
        else:
            _solid(model, line, edge - sign_of(side) * 0.25, crossings)


def _zebra(model: Modeller, line: Centreline, section: CrossSection, s: float) -> None:
    """Stripes along the traffic from kerb to kerb, and a stop line before them for either direction."""
    half = section.half_lanes_m
    count = int(half * 2 - 0.3)
    for lateral in np.arange(count) - (count - 1) / 2:
        paint_bars(model, line, np.array([s - ZEBRA_M / 2]), ZEBRA_M, float(lateral), 0.5)
    for start, lateral in ((s - 3.2, -half / 2), (s + 2.8, half / 2)):
        paint_bars(model, line, np.array([start]), 0.4, lateral, half - 0.3)


def _build_out(
    parts: dict[str, Modeller], line: Centreline, section: CrossSection, s: float, side: str
) -> list[Collider]:
    """The pavement brought forward across the parking strip at a crossing, so that walkers are seen."""
    sign, inner, outer = sign_of(side), section.half_lanes_m, section.kerb_m(side)
    if outer == inner:
        return []
    span = (s - BUILD_OUT_M, s + BUILD_OUT_M)
    lay_kerb(parts["kerb"], line, *span, sign * inner, sign)
    lay_slabs(parts["pavement"], line, *span, sign * (inner + KERB_WIDTH_M), sign * outer)
    low, high = min(sign * inner, sign * outer), max(sign * inner, sign * outer)
    up = np.array([0.0, 0.0, KERB_HEIGHT_M])
    for end, back in zip(span, (True, False), strict=True):
        a, b = line.points(end, low), line.points(end, high)
        face = [a, b, b + up, a + up]
        parts["kerb"].quads([face[::-1] if back else face], m.KERB)
    middle = line.points(s, sign * (inner + outer) / 2, KERB_HEIGHT_M / 2)
    size = (2 * BUILD_OUT_M, outer - inner, KERB_HEIGHT_M)
    return [Collider("box", Pose.of(middle, yaw=float(line.heading(s))), size)]


def _wear(model: Modeller, line: Centreline, params: dict[str, Any]) -> None:
    """Trench patches and manhole covers, a hair above the asphalt."""
    for s, lateral, length, width in params["patches"]:
        around = line.stations(s, s + length)
        lay_band(model, line, around, lateral, lateral + width, 0.0015, m.ASPHALT_PATCH)
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
    lay_kerb(parts["kerb"], line, start, stop, side * kerb, side)
    lay_slabs(parts["pavement"], line, start, stop, side * inner, side * outer)
    lay_band(
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
    lay_band(parts["road"], across, across.stations(0.0, 120.0, 10.0), -half, half, 0.0, m.ASPHALT)
    # Running to the left of our +s, its own left side looks back along -s.
    beyond = 1.0 if end == "near" else -1.0
    found = _bank(parts, across, (0.0, 120.0), half, beyond, section.pavement_m, 45.0)
    right, left = 60.0 - section.kerb_m("right"), 60.0 + section.kerb_m("left")
    for span in ((0.0, right), (left, 120.0)):
        lay_kerb(parts["kerb"], across, *span, -beyond * half, -beyond)
    dashes = np.concatenate([np.arange(2.0, 52.0, 6.0), np.arange(66.0, 116.0, 6.0)])
    paint_bars(parts["lane_marking"], across, dashes, 3.0, 0.0)
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
    lay_band(parts["road"], line, stations, -section.kerb_m("right"), section.kerb_m("left"), 0.0, m.ASPHALT)
    _lane_lines(parts["lane_marking"], line, section, crossings)
    for s in crossings:
        _zebra(parts["lane_marking"], line, section, s)
    lay_tree_pits(parts["pavement"], line, params["tree_pits"])
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
