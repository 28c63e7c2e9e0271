"""What stands on a circuit board, chips, passives, cans and headers, and the pads that it is soldered to."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from manifold3d import Manifold
from shapely import Point, Polygon, box

from pairforge.scenes.inspection.finishes import coated, metal
from pairforge.scenes.inspection.lettering import line as letters_of
from pairforge.scenes.inspection.workshop import (
    Workshop,
    block,
    circle,
    cut,
    disc,
    prism,
    rectangle,
    turned,
    union,
)
from pairforge.scenes.world import Material

THICK = 1.6
"""Of the board (mm)."""
GOLD = metal("gold_pad", (0.83, 0.60, 0.22), "plain", 0.28)
TIN = metal("tin", (0.66, 0.66, 0.67), "plain", 0.32)
PACKAGE = coated("package_black", (0.022, 0.022, 0.024), "moulded", 0.55)
CERAMIC = coated("capacitor_body", (0.40, 0.27, 0.15), "plain", 0.4)
RESISTOR = coated("resistor_body", (0.018, 0.018, 0.02), "plain", 0.35)
CAN = metal("capacitor_can", (0.74, 0.745, 0.75), "turned", 0.28)
SLEEVE = coated("capacitor_base", (0.015, 0.015, 0.017), "plain", 0.45)
HEADER = coated("header_plastic", (0.016, 0.016, 0.018), "moulded", 0.5)
SOCKET = coated("socket_plastic", (0.66, 0.65, 0.60), "moulded", 0.45)
LASER = Material("laser_mark", (0.30, 0.30, 0.29), "plain", 0.7, lidar_reflectivity=0.35)


@dataclass(frozen=True)
class Item:
    """A component: kind, reference, middle and full sizes (mm), turned by quarter turns."""

    kind: str
    name: str
    x: float
    y: float
    wide: float
    deep: float
    high: float

    @property
    def area(self) -> Polygon:
        return box(
            self.x - self.wide / 2, self.y - self.deep / 2, self.x + self.wide / 2, self.y + self.deep / 2
        )


def solder_pads(i: Item) -> Iterator[Polygon]:
    """Where a component is soldered."""
    if i.kind in ("resistor", "capacitor"):
        along = i.wide > i.deep
        for s in (-1, 1):
            yield (
                box(
                    i.x + s * i.wide / 2 - 0.55,
                    i.y - i.deep / 2 - 0.1,
                    i.x + s * i.wide / 2 + 0.55,
                    i.y + i.deep / 2 + 0.1,
                )
                if along
                else box(
                    i.x - i.wide / 2 - 0.1,
                    i.y + s * i.deep / 2 - 0.55,
                    i.x + i.wide / 2 + 0.1,
                    i.y + s * i.deep / 2 + 0.55,
                )
            )
    elif i.kind in ("quad", "small outline"):
        for x, y, along in _pins(i):
            yield (
                box(x - 0.8, y - 0.2, x + 0.8, y + 0.2) if along else box(x - 0.2, y - 0.8, x + 0.2, y + 0.8)
            )
    elif i.kind == "can":
        for s in (-1, 1):
            yield box(i.x + s * i.wide / 2 - 0.6, i.y - 0.5, i.x + s * i.wide / 2 + 0.7, i.y + 0.5)
    else:
        for k in range(round(i.wide / 2.54)):
            yield Point(i.x - i.wide / 2 + 1.27 + 2.54 * k, i.y).buffer(0.9, quad_segs=6)


def _pins(i: Item) -> Iterator[tuple[float, float, bool]]:
    """Tips of a chip's leads; True for those that point along x."""
    body = i.wide - 2.4
    count, pitch = (int(body / 0.8) - 1, 0.8) if i.kind == "quad" else (int((i.wide - 2.4) / 1.27), 1.27)
    for k in range(count):
        s = (k - (count - 1) / 2) * pitch
        for sign in (-1, 1):
            if i.kind == "quad":
                yield i.x + sign * (i.wide / 2 - 0.5), i.y + s, True
                yield i.x + s, i.y + sign * (i.deep / 2 - 0.5), False
            else:
                yield i.x + s, i.y + sign * (i.deep / 2 - 0.5), False


def component(shop: Workshop, i: Item) -> Manifold:
    """A component standing on the board."""
    z, dark = THICK, shop.tool
    if i.kind in ("resistor", "capacitor"):
        along = i.wide > i.deep
        body = block(
            (i.x - i.wide / 2, i.y - i.deep / 2, z - 0.05), (i.x + i.wide / 2, i.y + i.deep / 2, z + i.high)
        )
        cap = 0.22 * max(i.wide, i.deep)
        ends = [
            block(
                (i.x + s * i.wide / 2 - (cap if s > 0 else 0.02), i.y - i.deep / 2 - 0.02, z - 0.05),
                (i.x + s * i.wide / 2 + (0.02 if s > 0 else cap), i.y + i.deep / 2 + 0.02, z + i.high + 0.02),
            )
            if along
            else block(
                (i.x - i.wide / 2 - 0.02, i.y + s * i.deep / 2 - (cap if s > 0 else 0.02), z - 0.05),
                (i.x + i.wide / 2 + 0.02, i.y + s * i.deep / 2 + (0.02 if s > 0 else cap), z + i.high + 0.02),
            )
            for s in (-1, 1)
        ]
        return union(
            [dark(body, RESISTOR if i.kind == "resistor" else CERAMIC), *(dark(e, TIN) for e in ends)]
        )
    if i.kind in ("quad", "small outline"):
        return _chip(shop, i)
    if i.kind == "can":
        r = i.wide / 2 - 0.2
        profile = [
            (0, z + 0.8),
            (r, z + 0.8),
            (r, z + i.high - 0.4),
            (r - 0.12, z + i.high - 0.12),
            (r - 0.4, z + i.high),
            (0, z + i.high),
        ]
        foot = block(
            (i.x - i.wide / 2, i.y - i.deep / 2, z - 0.02), (i.x + i.wide / 2, i.y + i.deep / 2, z + 1.0)
        )
        stripe = prism(
            circle(0, 0, r - 0.5).intersection(box(-r, -r, -0.42 * r, r)), z + i.high - 0.02, z + i.high + 1
        ).translate((i.x, i.y, 0))
        can = union([dark(turned(profile, 48).translate((i.x, i.y, 0)), CAN), dark(foot, SLEEVE)])
        return cut(can, [dark(stripe, SLEEVE)])
    pins = [(i.x - i.wide / 2 + 1.27 + 2.54 * k, i.y) for k in range(round(i.wide / 2.54))]
    if i.kind == "pins":
        base = block((i.x - i.wide / 2, i.y - 1.25, z - 0.02), (i.x + i.wide / 2, i.y + 1.25, z + 2.5))
        posts = [block((a - 0.32, b - 0.32, z), (a + 0.32, b + 0.32, z + 8.2)) for a, b in pins]
        return union([dark(base, HEADER), *(dark(q, GOLD) for q in posts)])
    shell = block(
        (i.x - i.wide / 2, i.y - i.deep / 2, z - 0.02), (i.x + i.wide / 2, i.y + i.deep / 2, z + i.high)
    )
    well = block(
        (i.x - i.wide / 2 + 0.8, i.y - i.deep / 2 + 0.8, z + 1.2),
        (i.x + i.wide / 2 - 0.8, i.y + i.deep / 2 - 0.8, z + i.high + 1),
    )
    posts = [block((a - 0.32, b - 0.32, z + 0.5), (a + 0.32, b + 0.32, z + i.high - 1)) for a, b in pins]
    return union([cut(dark(shell, SOCKET), [dark(well, SOCKET)]), *(dark(q, GOLD) for q in posts)])


def _chip(shop: Workshop, i: Item) -> Manifold:
    """A black package with a dot, a laser marking and gull-wing leads."""
    z, w = THICK, i.wide - 2.4
    d = i.deep - 2.4 if i.kind == "quad" else 3.9
    low, high = rectangle(w, d), rectangle(w - 0.24, d - 0.24)
    points = [
        np.column_stack([np.asarray(s.exterior.coords)[:-1], np.full(4, h)])
        for s, h in ((high, z + 0.1), (low, z + 0.75), (high, z + i.high))
    ]
    body = shop.tool(Manifold.hull_points(np.concatenate(points)).translate((i.x, i.y, 0)), PACKAGE)
    leads = []
    for x, y, along in _pins(i):
        s = np.sign(x - i.x) if along else np.sign(y - i.y)
        foot, riser = (
            ((x - 0.42, x + 0.42), (x - s * 0.42 - 0.12, x - s * 0.42 + 0.12))
            if along
            else ((y - 0.42, y + 0.42), (y - s * 0.42 - 0.12, y - s * 0.42 + 0.12))
        )
        arm = sorted((riser[0] if s > 0 else riser[1], (x if along else y) - s * 1.3))
        for (a, b), lo, hi in (
            ((foot[0], foot[1]), z, z + 0.16),
            (riser, z, z + 0.82),
            ((arm[0], arm[1]), z + 0.66, z + 0.82),
        ):
            leads.append(
                block((a, y - 0.15, lo), (b, y + 0.15, hi))
                if along
                else block((x - 0.15, a, lo), (x + 0.15, b, hi))
            )
    mark = letters_of(f"{i.name}{int(1000 + 37 * abs(i.x) + 11 * abs(i.y))}", min(1.5, d / 4), 0.13)
    top = z + i.high
    text = shop.tool(prism(mark, top - 0.006, top + 0.5).translate((i.x, i.y, 0)), LASER)
    dot = shop.tool(
        disc(0.35, top - 0.08, top + 0.5).translate((i.x - w / 2 + 0.9, i.y - d / 2 + 0.8, 0)), PACKAGE
    )
    return union([cut(body, [text, dot]), shop.tool(union(leads), TIN)])
