"""A spur gear: involute teeth, a hub, a bore with its keyway, a web with lightening holes."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from manifold3d import Manifold
from shapely import Point, Polygon, box
from shapely.ops import unary_union

from pairforge.frames import F64
from pairforge.scenes.inspection.design import Design, Edge, Face, Hole, Print
from pairforge.scenes.inspection.finishes import Stock, stock
from pairforge.scenes.inspection.lettering import text_width
from pairforge.scenes.inspection.parts import Params, part_family, written
from pairforge.scenes.inspection.workshop import (
    Finish,
    Workshop,
    cut,
    disc,
    level,
    pieces,
    prism,
    turned,
    union,
)

FINISHES = ("turned steel", "black oxide steel", "turned steel", "white plastic", "black plastic")
PRESSURE = np.radians(20.0)


def _draw(rng: np.random.Generator) -> Params:
    return {
        "finish": str(rng.choice(FINISHES)),
        "teeth": int(rng.integers(18, 41)),
        "outer_mm": round(float(rng.uniform(58, 96)), 1),
        "face_mm": round(float(rng.uniform(8, 16)), 1),
        "bore_share": round(float(rng.uniform(0.16, 0.26)), 3),
        "hub_mm": round(float(rng.uniform(0.0, 8.0)), 1),
        "web_mm": round(float(rng.uniform(0.0, 3.0)), 1),
        "windows": int(rng.choice([0, 0, 4, 5, 6])),
        "keyed": bool(rng.random() < 0.8),
        "marked": bool(rng.random() < 0.6),
    }


def involute(teeth: int, module: float) -> Polygon:
    """The outline of a spur gear of 20 degrees pressure angle: addendum 1, dedendum 1.25 modules (ISO 53)."""
    pitch, tip, root = module * teeth / 2, module * (teeth / 2 + 1), module * (teeth / 2 - 1.25)
    base = pitch * np.cos(PRESSURE)
    half = np.pi / (2 * teeth) + np.tan(PRESSURE) - PRESSURE
    start = max(base, root)
    radii = np.linspace(start, tip, 10)
    roll = np.sqrt(np.maximum((radii / base) ** 2 - 1, 0.0))
    flank = half - (roll - np.arctan(roll))
    foot = half if root < base else flank[0]
    step = 2 * np.pi / teeth
    right = [
        (root, -min(step / 2 - 0.02 * step, foot + 0.10 * step)),
        (root + 0.12 * module, -foot - 0.02 * step),
        *zip(radii, -flank, strict=True),
    ]
    one = np.array([*right, *[(r, -a) for r, a in right[::-1]]])
    polar = np.concatenate([one + np.array([0.0, k * step]) for k in range(teeth)])
    return Polygon(
        np.column_stack([polar[:, 0] * np.sin(polar[:, 1]), polar[:, 0] * np.cos(polar[:, 1])])
    ).buffer(0)


def _design(shop: Workshop, p: Params) -> Design:
    own = stock(str(p["finish"]))
    teeth, face = int(p["teeth"]), float(p["face_mm"])
    module = float(p["outer_mm"]) / (teeth + 2)
    outer, root = float(p["outer_mm"]) / 2, module * (teeth / 2 - 1.25)
    bore = float(p["bore_share"]) * outer
    hub, rim = bore + max(3.5, 0.10 * outer), root - max(3.0, 0.09 * outer)
    wheel = _wheel(shop, p, own, hub)
    takes = list(_hollows(shop, p, own, hub, rim, face))
    bored = disc(bore, -1, face + 20, segments=96)
    takes.append(shop.tool(bored, own.cut))
    key = 0.55 * bore
    if p["keyed"]:
        takes.append(shop.tool(prism(box(-key / 2, 0.0, key / 2, bore + 0.42 * key), -1, face + 20), own.cut))
    windows = {f"window {k + 1}": at for k, at in enumerate(_windows(p, hub, rim))}
    size = 0.36 * (rim - hub)
    drills = {
        n: shop.tool(disc(size, -1, face + 1), own.cut).translate((x, y, 0)) for n, (x, y) in windows.items()
    }
    deep = float(p["web_mm"]) if float(p["web_mm"]) > 0.5 else 0.0
    web, crown = level(face - deep), level(face)
    free = Point(0, 0).buffer(rim - 1, quad_segs=32).difference(Point(0, 0).buffer(hub + 1, quad_segs=32))
    free = free.difference(unary_union([Point(x, y).buffer(size + 0.8) for x, y in windows.values()]))
    prints = list(_marks(p, hub, rim, web))
    for line in prints:
        local = line.frame.origin
        free = free.difference(Point(local[0], local[1]).buffer(text_width(line.text, line.height) / 2 + 1))
    ring = (
        Point(0, 0).buffer(root - 0.6, quad_segs=40).difference(Point(0, 0).buffer(rim + 0.6, quad_segs=40))
    )
    features = {n: np.array([x, y, face - deep]) for n, (x, y) in windows.items()}
    features |= {f"tooth {k + 1}": _tooth(k, teeth, outer - module, face) for k in range(teeth)}
    features |= {"keyway": np.array([0.0, bore + 0.2 * key, face])} if p["keyed"] else {}
    for line in prints:
        features["part number"] = line.frame.origin

    def solid(without: str) -> Manifold:
        tools = [d for n, d in drills.items() if f"hole:{n}" != without]
        return cut(
            wheel, [*takes, *tools, *(x for line in prints for x in written(shop, line, own.ink, without))]
        )

    faces = [Face("web" if deep else "side face", web, pieces(free)), Face("rim", crown, pieces(ring))]
    return Design(
        stock=own,
        solid=solid,
        faces=tuple(f for f in faces if f.region.area > 20.0),
        edges=tuple(_edges(teeth, outer, module, face)),
        holes=tuple(Hole(n, f"hole:{n}", faces[0].name, web.at(x, y), size) for n, (x, y) in windows.items()),
        prints=tuple(prints),
        features=features,
        density_kg_m3=1200.0 if "plastic" in str(p["finish"]) else 7850.0,
    )


def _wheel(shop: Workshop, p: Params, own: Stock, hub: float) -> Manifold:
    """Teeth broken by a small chamfer (the blank is turned with its rim bevelled), and a hub."""
    teeth, face, outer = int(p["teeth"]), float(p["face_mm"]), float(p["outer_mm"]) / 2
    module = float(p["outer_mm"]) / (teeth + 2)
    bevel, rim = min(0.8, 0.35 * module), outer + 0.01
    around = [(0, 0), (outer - bevel, 0), (rim, bevel), (rim, face - bevel), (outer - bevel, face), (0, face)]
    wheel = shop.tool(
        prism(involute(teeth, module), 0.0, face) ^ turned(around, 180), Finish(own.face, own.cut)
    )
    if float(p["hub_mm"]) <= 1.0:
        return wheel
    top = face + float(p["hub_mm"])
    nave = turned([(0, 1), (hub, 1), (hub, top - 0.6), (hub - 0.6, top), (0, top)])
    return union([wheel, shop.tool(nave, Finish(own.face, own.cut))])


def _hollows(
    shop: Workshop, p: Params, own: object, hub: float, rim: float, face: float
) -> Iterator[Manifold]:
    """The recess of the web, on both sides, with round corners at its foot."""
    deep = float(p["web_mm"])
    if deep <= 0.5 or rim - hub < 6:
        return
    r = min(1.2, 0.6 * deep)
    bow = np.linspace(0, np.pi / 2, 5)
    inner = [(hub + r - r * np.cos(a), -deep + r - r * np.sin(a)) for a in bow]
    outer = [(rim - r + r * np.sin(a), -deep + r - r * np.cos(a)) for a in bow]
    ring = turned([(hub, 1.0), *inner, *outer, (rim, 1.0)], 128)
    finish = Finish.of(stock(str(p["finish"])).face)
    yield shop.tool(ring.translate((0, 0, face)), finish)
    yield shop.tool(ring.mirror((0, 0, 1)), finish)


def _windows(p: Params, hub: float, rim: float) -> list[tuple[float, float]]:
    count = int(p["windows"]) if rim - hub > 9 else 0
    angle = (np.arange(count) + 0.5) * (2 * np.pi / max(count, 1))
    middle = (hub + rim) / 2
    return [(float(middle * np.sin(a)), float(middle * np.cos(a))) for a in angle]


def _marks(p: Params, hub: float, rim: float, frame: object) -> Iterator[Print]:
    """The part number below the hub, where there is room."""
    height = min(4.0, 0.3 * (rim - hub))
    if p["marked"] and height > 2.0 and not (int(p["windows"]) and rim - hub > 9):
        name = "web" if float(p["web_mm"]) > 0.5 else "side face"
        z = float(p["face_mm"]) - (float(p["web_mm"]) if float(p["web_mm"]) > 0.5 else 0.0)
        yield Print(
            f"Z{p['teeth']} {p['serial']}",
            "print:mark",
            name,
            level(z).at(0.0, -(hub + rim) / 2),
            height,
            0.16,
            0.1,
        )


def _tooth(k: int, teeth: int, radius: float, z: float) -> F64:
    """Tooth k (clockwise from the top) of the face that one sees."""
    a = 2 * np.pi * k / teeth
    return np.array([radius * np.sin(a), radius * np.cos(a), z])


def _edges(teeth: int, outer: float, module: float, face: float) -> Iterator[Edge]:
    """The tip of every tooth, across the face of the gear."""
    up = np.array([0.0, 0.0, 1.0])
    for k in range(teeth):
        a = 2 * np.pi * k / teeth
        out, side = np.array([np.sin(a), np.cos(a), 0.0]), np.array([np.cos(a), -np.sin(a), 0.0])
        middle = out * (outer - 0.35 * module) + up * face
        yield Edge("tooth", middle - side * 0.5 * module, middle + side * 0.5 * module, up + out, up)


GEAR = part_family("spur_gear", "gear", _draw, _design)
