"""A bracket: sheet metal bent to an L or a U, with gussets or a pressed rib, drilled and slotted."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from manifold3d import Manifold
from shapely import LineString, Point, Polygon, box
from shapely.ops import unary_union

from pairforge.scenes.inspection.design import Design, Edge, Face, Hole, Print
from pairforge.scenes.inspection.finishes import stock
from pairforge.scenes.inspection.lettering import text_width
from pairforge.scenes.inspection.parts import Params, part_family, written
from pairforge.scenes.inspection.workshop import (
    Finish,
    Frame,
    Workshop,
    cut,
    disc,
    level,
    pieces,
    prism,
    rectangle,
    union,
)

FINISHES = (
    "zinc-plated steel",
    "stainless steel",
    "grey powder coat",
    "yellow powder coat",
    "blue powder coat",
    "brushed aluminium",
    "black anodised",
)
FORMS = ("L", "U")
STIFFENERS = ("none", "gussets", "one gusset")
UP = np.array([0.0, 0.0, 1.0])


def _draw(rng: np.random.Generator) -> Params:
    return {
        "finish": str(rng.choice(FINISHES)),
        "form": str(rng.choice(FORMS, p=(0.65, 0.35))),
        "sheet_mm": round(float(rng.uniform(1.5, 4.0)), 1),
        "base_mm": round(float(rng.uniform(50, 75)), 1),
        "height_mm": round(float(rng.uniform(28, 52)), 1),
        "width_mm": round(float(rng.uniform(42, 75)), 1),
        "bend_mm": round(float(rng.uniform(2.0, 6.0)), 1),
        "hole_mm": round(float(rng.uniform(5.0, 9.0)), 1),
        "stiffener": str(rng.choice(STIFFENERS)),
        "slotted": bool(rng.random() < 0.5),
        "marked": bool(rng.random() < 0.7),
    }


def _profile(p: Params) -> Polygon:
    """The bent sheet from the side, in (y, z): the upright at the back, the base on z = 0."""
    t, b, h, r = (float(p[k]) for k in ("sheet_mm", "base_mm", "height_mm", "bend_mm"))
    y0, y1, c = -b / 2, b / 2, r + t / 2
    bow = np.linspace(0, np.pi / 2, 13)
    back = [(y1 - t / 2 - c + c * np.sin(a), t / 2 + c - c * np.cos(a)) for a in bow]
    line = [(y0, t / 2), *back, (y1 - t / 2, h)]
    if p["form"] == "U":
        front = [(y0 + t / 2 + c - c * np.sin(a), t / 2 + c - c * np.cos(a)) for a in bow[::-1]]
        line = [(y0 + t / 2, 0.5 * h), *front, *back, (y1 - t / 2, h)]
    return LineString(line).buffer(t / 2, cap_style="flat", join_style="round", quad_segs=8)


def _design(shop: Workshop, p: Params) -> Design:
    own = stock(str(p["finish"]))
    t, b, h, w, r = (float(p[k]) for k in ("sheet_mm", "base_mm", "height_mm", "width_mm", "bend_mm"))
    sheet = prism(_profile(p), -w / 2, w / 2).transform([[0, 0, 1, 0], [1, 0, 0, 0], [0, 1, 0, 0]])
    # Rounded corners of the flanges: what shows from above, and what shows from the front.
    plan = unary_union(
        [rectangle(w, b + 2, 5.0), box(-w / 2, 0 if p["form"] == "L" else -b / 2 - 1, w / 2, b / 2 + 2)]
    )
    front = unary_union(
        [
            box(-w / 2, -1, w / 2, 0.7 * h),
            box(-w / 2 + 6, 0, w / 2 - 6, h + 1),
            *(Point(s * (w / 2 - 6), h - 6).buffer(6, quad_segs=12) for s in (-1, 1)),
            box(-w / 2, 0, w / 2, h - 6),
        ]
    )
    upright = prism(front, -b, b).transform([[1, 0, 0, 0], [0, 0, -1, 0], [0, 1, 0, 0]])
    bent = shop.tool((sheet ^ prism(plan, -1, h + 5)) ^ upright, Finish(own.face, own.face))
    bent = union([bent, *(shop.tool(g, own.face) for g in _gussets(p))])
    base, back = level(t), Frame.of((0.0, b / 2 - t, 0.0), (0.0, -1.0, 0.0), (1.0, 0.0, 0.0))
    radius = float(p["hole_mm"]) / 2
    drill = disc(radius, -4 * t, 2.0) + disc(radius, -0.2, 0.001, radius + 0.2)
    spots = {n: (base if on == "base" else back, on, x, y) for n, on, x, y in _spots(p)}
    drills = {n: shop.tool(f.at(x, y).put(drill), own.cut) for n, (f, _, x, y) in spots.items()}
    slots = [shop.tool(back.put(prism(s, -2 * t, 2.0)), own.cut) for s in _slot(p)]
    names = {"base": "base flange", "back": "upright flange"}
    taken = {
        k: [Point(x, y).buffer(radius + 1.0) for f, on, x, y in spots.values() if on == k] for k in names
    }
    taken["back"] += [s.buffer(1.0) for s in _slot(p)]
    y0 = -b / 2 + (t + r if p["form"] == "U" else 0.0)
    areas = {
        "base": box(-w / 2 + 5, y0 + 3, w / 2 - 5, b / 2 - t - r - 1),
        "back": box(-w / 2 + 5, t + r + 1, w / 2 - 5, h - 5),
    }
    ribs = {
        "base": [box(x - t, y0, x + t, b) for x in _gusset_places(p)],
        "back": [box(x - t, 0, x + t, h * 0.75) for x in _gusset_places(p)],
    }
    prints = []
    text = f"BR {p['serial']}"
    wide, at = text_width(text, 4.0) / 2 + 1, (0.0, y0 + 7.5)
    room = areas["base"].difference(unary_union(taken["base"] + ribs["base"]))
    if p["marked"] and room.contains(box(at[0] - wide, at[1] - 3, at[0] + wide, at[1] + 3)):
        prints.append(Print(text, "print:mark", names["base"], base.at(*at), 4.0, 0.16, 0.006))
        taken["base"].append(box(at[0] - wide, at[1] - 3, at[0] + wide, at[1] + 3))
    features = {n: f.point(x, y) for n, (f, _, x, y) in spots.items()}
    features |= {"part number": base.point(*at)} if prints else {}
    for s in _slot(p):
        features["slot"] = back.point(s.centroid.x, s.centroid.y)
    features["bend"] = np.array([0.0, b / 2 - t - r, t])

    def solid(key: str) -> Manifold:
        tools = [d for n, d in drills.items() if f"hole:{n}" != key]
        return cut(bent, [*tools, *slots, *(x for line in prints for x in written(shop, line, own.ink, key))])

    return Design(
        stock=own,
        solid=solid,
        faces=tuple(
            Face(names[k], f, pieces(areas[k].difference(unary_union(taken[k] + ribs[k]))))
            for k, f in (("base", base), ("back", back))
        ),
        edges=tuple(_edges(p, names)),
        holes=tuple(
            Hole(n, f"hole:{n}", names[on], f.at(x, y), radius + 0.1) for n, (f, on, x, y) in spots.items()
        ),
        prints=tuple(prints),
        features=features,
        density_kg_m3=2700.0 if "alum" in str(p["finish"]) or "anodised" in str(p["finish"]) else 7850.0,
    )


def _spots(p: Params) -> Iterator[tuple[str, str, float, float]]:
    """Hole name, flange, and place on it."""
    w, b, h, t, r = (float(p[k]) for k in ("width_mm", "base_mm", "height_mm", "sheet_mm", "bend_mm"))
    inset = float(p["hole_mm"]) * 0.8 + 3
    low = -b / 2 + (t + r if p["form"] == "U" else 0.0) + inset
    high = b / 2 - t - r - inset
    for side, x in (("left", -w / 2 + inset), ("right", w / 2 - inset)):
        yield f"front {side} hole", "base", x, low
        if high - low > 2.6 * float(p["hole_mm"]):
            yield f"rear {side} hole", "base", x, high
        yield f"upper {side} hole", "back", x, h - inset


def _slot(p: Params) -> list[Polygon]:
    if not p["slotted"]:
        return []
    h, wide = float(p["height_mm"]), float(p["hole_mm"]) * 0.9
    reach = 0.14 * float(p["width_mm"])
    return [LineString([(-reach, 0.62 * h), (reach, 0.62 * h)]).buffer(wide / 2, quad_segs=16)]


def _gusset_places(p: Params) -> list[float]:
    w = float(p["width_mm"])
    return (
        {"none": [], "gussets": [-0.24 * w, 0.24 * w], "one gusset": [0.0]}[str(p["stiffener"])]
        if not p["slotted"] or p["stiffener"] != "one gusset"
        else []
    )


def _gussets(p: Params) -> list[Manifold]:
    """Triangular webs in the bend."""
    t, b, h = float(p["sheet_mm"]), float(p["base_mm"]), float(p["height_mm"])
    leg = 0.42 * h
    side = Polygon(
        [
            (b / 2 - 0.3 * t, 0.3 * t),
            (b / 2 - 0.3 * t, t + leg),
            (b / 2 - t - 1, t + leg),
            (b / 2 - t - leg, t + 1),
            (b / 2 - t - leg, 0.3 * t),
        ]
    )
    flat = prism(side, -0.45 * t, 0.45 * t).transform([[0, 0, 1, 0], [1, 0, 0, 0], [0, 1, 0, 0]])
    return [flat.translate((x, 0, 0)) for x in _gusset_places(p)]


def _edges(p: Params, names: dict[str, str]) -> Iterator[Edge]:
    t, b, h, w = (float(p[k]) for k in ("sheet_mm", "base_mm", "height_mm", "width_mm"))
    if p["form"] == "L":
        front = np.array([0.0, -1.0, 0.0])
        yield Edge(
            names["base"], np.array([-w / 2 + 7, -b / 2, t]), np.array([w / 2 - 7, -b / 2, t]), UP + front, UP
        )
    out = np.array([0.0, -1.0, 0.0])
    yield Edge(
        names["back"],
        np.array([w / 2 - 8, b / 2 - t, h]),
        np.array([-w / 2 + 8, b / 2 - t, h]),
        UP + out,
        out,
    )
    for side in (-1.0, 1.0):
        x = np.array([side, 0.0, 0.0])
        ends = (
            np.array([side * w / 2, -b / 2 + 10, t]),
            np.array([side * w / 2, b / 2 - t - float(p["bend_mm"]) - 2, t]),
        )
        yield Edge(names["base"], *(ends if side > 0 else ends[::-1]), UP + x, UP)


BRACKET = part_family("sheet_bracket", "bracket", _draw, _design)
