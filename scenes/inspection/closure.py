"""A moulded bottle closure: a ribbed skirt, a tamper band, a printed or plain top; seen from above."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from manifold3d import Manifold
from shapely import Point, box
from shapely.ops import unary_union

from pairforge.scenes.inspection.design import Design, Edge, Face, Print
from pairforge.scenes.inspection.finishes import stock
from pairforge.scenes.inspection.lettering import text_width
from pairforge.scenes.inspection.parts import Params, part_family, room_of, written
from pairforge.scenes.inspection.severity import KINDS
from pairforge.scenes.inspection.workshop import (
    Finish,
    Frame,
    Workshop,
    circle,
    cut,
    level,
    pieces,
    prism,
    turned,
    union,
)

FINISHES = ("white plastic", "black plastic", "red plastic", "blue plastic")
BRANDS = ("AQUA", "LUMEN", "BIRCH", "NORD", "SODA 12")


def _draw(rng: np.random.Generator) -> Params:
    return {
        "finish": str(rng.choice(FINISHES)),
        "diameter_mm": round(float(rng.uniform(28, 46)), 1),
        "height_mm": round(float(rng.uniform(14, 22)), 1),
        "ribs": int(rng.choice([48, 60, 72, 90])),
        "rib_mm": round(float(rng.uniform(0.3, 0.6)), 2),
        "band": bool(rng.random() < 0.7),
        "crown_mm": round(float(rng.uniform(1.0, 2.5)), 1),
        "brand": str(rng.choice(BRANDS)),
        "printed": bool(rng.random() < 0.8),
    }


def _design(shop: Workshop, p: Params) -> Design:
    own = stock(str(p["finish"]))
    radius, h, crown = (float(p[k]) for k in ("diameter_mm", "height_mm", "crown_mm"))
    radius /= 2
    body = shop.tool(union(_solids(p)), Finish.of(own.face))
    hollow = shop.tool(
        turned([(0, -1), (radius - 1.6, -1), (radius - 1.6, h - 1.8), (0, h - 1.8)], 120), own.face
    )
    top = level(h)
    flat = radius - crown - 0.4
    prints = tuple(_prints(p, top, flat)) if p["printed"] else ()
    taken = [room_of(q, 0.5) for q in prints]
    names = {"print:brand": "brand", "print:lot": "lot number"}
    features = {names[q.key]: q.frame.origin for q in prints} | {"middle": np.array([0.0, 0.0, h])}

    def solid(key: str) -> Manifold:
        return cut(body, [hollow, *(w for q in prints for w in written(shop, q, own.ink, key))])

    region = Point(0, 0).buffer(flat, quad_segs=32)
    return Design(
        stock=own,
        solid=solid,
        faces=(Face("top face", top, pieces(region.difference(unary_union(taken)) if taken else region)),),
        edges=tuple(_edges(radius - 0.3 * crown, h - 0.3 * crown)),
        prints=prints,
        features=features,
        density_kg_m3=950.0,
    )


def _solids(p: Params) -> list[Manifold]:
    """The cap with its ridges, and its band with the bridges that break."""
    radius, h, crown = float(p["diameter_mm"]) / 2, float(p["height_mm"]), float(p["crown_mm"])
    low = 3.2 if p["band"] else 0.0
    bow = np.linspace(0, np.pi / 2, 9)
    shoulder = [(radius - crown + crown * np.cos(a), h - crown + crown * np.sin(a)) for a in bow]
    solids = [turned([(0, low), (radius, low), *shoulder, (0, h)], 180)]
    if p["band"]:
        ring = [(0, 0), (radius + 0.1, 0), (radius + 0.25, 0.3), (radius + 0.25, low - 0.9), (0, low - 0.9)]
        core = [(0, 0.5), (radius - 0.7, 0.5), (radius - 0.7, low + 1), (0, low + 1)]
        solids += [turned(ring, 180), turned(core, 120)]
        bridge = prism(box(radius - 1.2, -0.35, radius, 0.35), low - 1.2, low + 0.3)
        solids += [bridge.rotate((0, 0, 45.0 * k)) for k in range(8)]
    ridge = prism(circle(radius, 0, float(p["rib_mm"])), low + 0.4, h - crown - 0.4)
    return solids + [ridge.rotate((0, 0, 360.0 / int(p["ribs"]) * k)) for k in range(int(p["ribs"]))]


def _prints(p: Params, top: Frame, flat: float) -> Iterator[Print]:
    """The point where plastic was let into the mould lies bare under them."""
    brand = str(p["brand"])
    tall = min(0.34 * flat, 1.7 * flat / max(text_width(brand, 1.0), 1e-6))
    yield Print(brand, "print:brand", "top face", top.at(0.0, 0.18 * flat), tall, 0.17, 0.006)
    lot = f"L{p['serial']}"
    yield Print(lot, "print:lot", "top face", top.at(0.0, -0.45 * flat), 0.22 * flat, 0.15, 0.006)


def _edges(radius: float, z: float) -> Iterator[Edge]:
    """The shoulder, in twelve stretches."""
    up = np.array([0.0, 0.0, 1.0])
    for k in range(12):
        a = 2 * np.pi * (k + 0.5) / 12
        out, side = np.array([np.sin(a), np.cos(a), 0.0]), np.array([np.cos(a), -np.sin(a), 0.0])
        middle = out * radius * 0.985 + up * z
        yield Edge("shoulder", middle - side * radius * 0.22, middle + side * radius * 0.22, up + out, up)


CLOSURE = part_family(
    "bottle_closure", "closure", _draw, _design, tuple(k for k in KINDS if k != "missing_hole")
)
