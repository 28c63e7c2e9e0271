"""A cast housing: a flange with bolt bosses, a turret with filleted foot, ribs with draft; some faces machined."""

from __future__ import annotations

import itertools
from collections.abc import Iterator

import numpy as np
from manifold3d import Manifold
from shapely import Point, Polygon, box
from shapely.affinity import rotate
from shapely.ops import unary_union

from pairforge.frames import F64
from pairforge.scenes.inspection.design import Design, Edge, Face, Hole
from pairforge.scenes.inspection.finishes import stock
from pairforge.scenes.inspection.parts import Params, part_family
from pairforge.scenes.inspection.severity import KINDS
from pairforge.scenes.inspection.workshop import (
    Finish,
    Workshop,
    circle,
    cut,
    disc,
    level,
    pieces,
    rectangle,
    turned,
    union,
)

FINISHES = ("cast iron", "cast aluminium", "painted iron")
FLANGES = ("square", "round", "oval")


def _draw(rng: np.random.Generator) -> Params:
    return {
        "finish": str(rng.choice(FINISHES)),
        "flange": str(rng.choice(FLANGES)),
        "size_mm": round(float(rng.uniform(74, 104)), 1),
        "flange_mm": round(float(rng.uniform(7, 11)), 1),
        "turret_share": round(float(rng.uniform(0.46, 0.58)), 3),
        "height_mm": round(float(rng.uniform(26, 44)), 1),
        "bore_share": round(float(rng.uniform(0.45, 0.62)), 3),
        "screws": int(rng.choice([3, 4, 6])),
        "ribs": int(rng.choice([0, 2, 4])),
        "bolt_mm": round(float(rng.uniform(6.0, 9.0)), 1),
    }


def _post(radius: float, low: float, high: float, fillet: float, draft: float = 0.03) -> F64:
    """The profile of an upright cylinder with a filleted foot at ``low`` and a slight draft; closed below."""
    bow = np.linspace(0, np.pi / 2, 9)
    foot = [(radius + fillet - fillet * np.sin(a), low + fillet - fillet * np.cos(a)) for a in bow]
    lip = [
        (radius - draft * (high - low) - 1.0 + np.cos(a), high - 1.0 + np.sin(a))
        for a in np.linspace(0, np.pi / 2, 5)
    ]
    return np.array([(0.0, low - 1.0), (radius + fillet, low - 1.0), *foot, *lip, (0.0, high)])


def _rounded_slab(p: Params, t: float) -> Manifold:
    """The flange, its upper rim rounded."""
    size = float(p["size_mm"])
    outline = {
        "square": rectangle(size, size * 0.86, 12.0),
        "round": circle(0, 0, size / 2),
        "oval": unary_union(
            [Point(s * size * 0.26, 0).buffer(size * 0.26, quad_segs=24) for s in (-1, 1)]
        ).convex_hull,
    }[str(p["flange"])]
    r = min(2.5, 0.35 * t)
    rings = [
        (outline.buffer(0.15), 0.0),
        *(
            (outline.buffer(-r + r * np.cos(a), quad_segs=16), t - r + r * np.sin(a))
            for a in np.linspace(0, np.pi / 2, 6)
        ),
    ]
    return Manifold.hull_points(
        np.concatenate(
            [
                np.column_stack([np.asarray(s.exterior.coords)[:-1], np.full(len(s.exterior.coords) - 1, z)])
                for s, z in rings
            ]
        )
    )


def _bolts(p: Params) -> dict[str, tuple[float, float]]:
    size = float(p["size_mm"])
    if p["flange"] == "oval":
        return {"left bolt hole": (-0.40 * size, 0.0), "right bolt hole": (0.40 * size, 0.0)}
    x, y = (0.36 * size, 0.36 * size * 0.86) if p["flange"] == "square" else (0.27 * size, 0.27 * size)
    names = {"lower left": (-x, -y), "lower right": (x, -y), "upper right": (x, y), "upper left": (-x, y)}
    return {f"{n} bolt hole": at for n, at in names.items()}


def _design(shop: Workshop, p: Params) -> Design:
    own = stock(str(p["finish"]))
    size, t, h, bolt = (float(p[k]) for k in ("size_mm", "flange_mm", "height_mm", "bolt_mm"))
    narrow = {"square": 0.86, "round": 1.0, "oval": 0.62}[str(p["flange"])]
    turret = 0.5 * float(p["turret_share"]) * size * narrow
    bore = float(p["bore_share"]) * turret
    cast = Finish.of(own.face)
    rough = [_rounded_slab(p, t), turned(_post(turret, t, h + 1.5, 4.0), 128)]
    rough += [
        turned(_post(bolt * 1.02, t, t + 2.6, 2.2)).translate((x, y, 0.0)) for x, y in _bolts(p).values()
    ]
    rough += list(_ribs(p, turret, t, h, size))
    body = shop.tool(union(rough) ^ _rounded_limit(p, h), cast)
    # What a mill and a boring bar have been over.
    faced = Finish(own.cut, own.cut)
    takes = [shop.tool(disc(turret + 8, h, h + 10, segments=96), faced)]
    takes += [
        shop.tool(disc(bolt * 0.92, t + 2.0, t + 12), faced).translate((x, y, 0.0))
        for x, y in _bolts(p).values()
    ]
    takes += [
        shop.tool(
            disc(bore, -1, h + 1, segments=128) + disc(bore, h - 0.8, h + 0.001, bore + 0.8, 128), own.cut
        )
    ]
    takes += [shop.tool(disc(bore + 0.28 * (turret - bore), 0.4 * h, 0.62 * h, segments=96), own.cut)]
    drill = disc(bolt / 2, -1, t + 4)
    drills = {n: (shop.tool(drill, own.cut).translate((x, y, 0)), (x, y)) for n, (x, y) in _bolts(p).items()}
    ring = (turret - 0.03 * (h - t) + bore) / 2
    m = min(0.30 * (turret - bore), 2.2)
    tap = disc(m, h - 12, h + 1) + disc(m, h - 0.45, h + 0.001, m + 0.45)
    screws = {}
    for k in range(int(p["screws"])):
        a = 2 * np.pi * (k + 0.5) / int(p["screws"])
        x, y = float(ring * np.sin(a)), float(ring * np.cos(a))
        screws[f"screw hole {k + 1}"] = (shop.tool(tap, own.cut).translate((x, y, 0)), (x, y))
    crown, base = level(h), level(t)
    edge = turret - 0.03 * (h + 1.5 - t) - 0.9
    top = Point(0, 0).buffer(edge, quad_segs=32).difference(Point(0, 0).buffer(bore + 1.2, quad_segs=32))
    top = top.difference(unary_union([Point(x, y).buffer(m + 0.9) for _, (x, y) in screws.values()]))
    outline = Point(0, 0).buffer(size) if p["flange"] == "round" else box(-size, -size, size, size)
    low = _flange_area(p).intersection(outline).difference(Point(0, 0).buffer(turret + 5.5, quad_segs=32))
    low = low.difference(unary_union([Point(x, y).buffer(bolt * 1.02 + 3.2) for x, y in _bolts(p).values()]))
    low = low.difference(unary_union(list(_rib_places(p, size)))) if int(p["ribs"]) else low
    features = {n: np.array([x, y, h]) for n, (_, (x, y)) in screws.items()}
    features |= {n: np.array([x, y, t + 2.0]) for n, (_, (x, y)) in drills.items()}
    features["bore"] = np.array([0.0, 0.0, h])

    def solid(key: str) -> Manifold:
        tools = [d for n, (d, _) in {**drills, **screws}.items() if f"hole:{n}" != key]
        return cut(body, [*takes, *tools])

    faces = [Face("machined top face", crown, pieces(top), own.cut), Face("flange", base, pieces(low))]
    return Design(
        stock=own,
        solid=solid,
        faces=tuple(f for f in faces if f.region.area > 12.0),
        edges=tuple(_edges(turret - 0.03 * (h - t), h)),
        holes=tuple(
            Hole(n, f"hole:{n}", "machined top face", crown.at(x, y), m + 0.4)
            for n, (_, (x, y)) in screws.items()
        ),
        features=features,
        density_kg_m3=2700.0 if "alum" in str(p["finish"]) else 7200.0,
    )


def _flange_area(p: Params) -> Polygon:
    size = float(p["size_mm"])
    if p["flange"] == "square":
        return rectangle(size, size * 0.86, 12.0).buffer(-3.5)
    if p["flange"] == "round":
        return circle(0, 0, size / 2 - 3.5)
    return unary_union([Point(s * size * 0.26, 0).buffer(size * 0.26) for s in (-1, 1)]).convex_hull.buffer(
        -3.5
    )


def _rounded_limit(p: Params, h: float) -> Manifold:
    """Nothing reaches beyond the flange's own outline."""
    size = float(p["size_mm"]) + 1
    return disc(size, -1e-9, h + 5)


def _rib_angles(p: Params) -> list[float]:
    count = int(p["ribs"])
    return [k * 360.0 / count + (0.0 if p["flange"] != "oval" else 90.0 * (count == 2)) for k in range(count)]


def _rib_places(p: Params, size: float) -> list[Polygon]:
    return [rotate(box(0, -4.2, size, 4.2), a, origin=(0, 0)) for a in _rib_angles(p)]


def _ribs(p: Params, turret: float, t: float, h: float, size: float) -> Iterator[Manifold]:
    """Webs from the turret down to the flange, wider at their foot."""
    narrow = {"square": 0.86, "round": 1.0, "oval": 0.50}[str(p["flange"])]
    for angle in _rib_angles(p):
        across = abs(np.sin(np.radians(angle))) > 0.5
        reach = 0.5 * size * (narrow if across else 1.0) - 5.0
        if reach < turret + 4:
            continue
        rings = []
        for f, half in ((0.0, 3.4), (0.06, 2.5), (0.14, 2.1), (1.0, 1.6)):
            z = t - 0.5 + f * (0.72 * (h - t))
            far = reach + (turret + 0.5 - reach) * f
            rings.append(
                [
                    (turret * 0.6, -half, z),
                    (far, -half, z),
                    (far + 0.5 * half, 0.0, z),
                    (far, half, z),
                    (turret * 0.6, half, z),
                ]
            )
        flat = np.asarray(rings)
        yield _lofted(flat).rotate((0.0, 0.0, angle))


def _lofted(rings: F64) -> Manifold:
    """The union of the hulls of neighbouring rings (S, N, 3)."""
    return union([Manifold.hull_points(np.concatenate([a, b])) for a, b in itertools.pairwise(rings)])


def _edges(turret: float, h: float) -> Iterator[Edge]:
    """The rim of the machined face, in twelve stretches."""
    up = np.array([0.0, 0.0, 1.0])
    r = turret - 0.045
    for k in range(12):
        a, b = 2 * np.pi * k / 12, 2 * np.pi * (k + 1) / 12
        out = np.array([np.sin((a + b) / 2), np.cos((a + b) / 2), 0.0])
        chord = r * np.cos((b - a) / 2)
        side = np.array([out[1], -out[0], 0.0]) * r * np.sin((b - a) / 2)
        middle = out * (0.5 * chord + 0.5 * r) + up * h
        yield Edge("machined top face", middle - side * 0.8, middle + side * 0.8, up + out, up)


CASTING = part_family("cast_housing", "casting", _draw, _design, tuple(k for k in KINDS if k != "misprint"))
