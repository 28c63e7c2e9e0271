"""A machined plate: drilled pattern, countersinks, slots, a milled pocket, an engraved serial number."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from manifold3d import Manifold
from shapely import LineString, MultiPolygon, Point, box
from shapely.ops import unary_union

from pairforge.scenes.inspection.design import Design, Edge, Face, Hole, Print, corners, features_of
from pairforge.scenes.inspection.finishes import stock
from pairforge.scenes.inspection.lettering import text_width
from pairforge.scenes.inspection.parts import Params, part_family, written
from pairforge.scenes.inspection.workshop import (
    Finish,
    Workshop,
    bevelled,
    cut,
    disc,
    level,
    pieces,
    prism,
    rectangle,
)

FINISHES = (
    "brushed aluminium",
    "milled aluminium",
    "ground steel",
    "stainless steel",
    "black anodised",
    "blue anodised",
    "red anodised",
)
PATTERNS = ("corners", "six", "bolt circle", "rows")
MOUTHS = ("plain", "countersunk", "counterbored")


def _draw(rng: np.random.Generator) -> Params:
    length = round(float(rng.uniform(80, 130)), 1)
    return {
        "finish": str(rng.choice(FINISHES)),
        "length_mm": length,
        "width_mm": round(length * float(rng.uniform(0.55, 0.8)), 1),
        "thickness_mm": round(float(rng.uniform(5, 12)), 1),
        "corner_mm": round(float(rng.uniform(2, 9)), 1),
        "pattern": str(rng.choice(PATTERNS)),
        "hole_mm": round(float(rng.uniform(4.5, 8.5)), 1),
        "mouth": str(rng.choice(MOUTHS)),
        "bore_mm": round(float(rng.uniform(16, 30)), 1),
        "slots": int(rng.integers(0, 3)),
        "engraved": bool(rng.random() < 0.75),
    }


def _holes(p: Params) -> dict[str, tuple[float, float]]:
    """Hole names and places."""
    x, y = float(p["length_mm"]) / 2, float(p["width_mm"]) / 2
    inset = float(p["hole_mm"]) * 0.95 + 2.5
    at = corners(x - inset, y - inset)
    if p["pattern"] == "six":
        at |= {"lower middle": (0.0, -y + inset), "upper middle": (0.0, y - inset)}
    elif p["pattern"] == "bolt circle":
        r = min(0.36 * 2 * y, float(p["bore_mm"]) / 2 + 1.6 * float(p["hole_mm"]) + 2)
        hours = (2, 4, 6, 8, 10, 12)
        at |= {f"{h} o'clock": (r * np.sin(np.pi * h / 6), r * np.cos(np.pi * h / 6)) for h in hours}
    elif p["pattern"] == "rows":
        at |= {"middle left": (-x + inset, 0.0), "middle right": (x - inset, 0.0)}
    return {f"{name} hole": place for name, place in at.items()}


def _design(shop: Workshop, p: Params) -> Design:
    own = stock(str(p["finish"]))
    length, width, t = float(p["length_mm"]), float(p["width_mm"]), float(p["thickness_mm"])
    outline = rectangle(length, width, float(p["corner_mm"]))
    blank = shop.tool(bevelled(outline, 0.0, t, 0.45), Finish(own.face, own.side))
    radius, top = float(p["hole_mm"]) / 2, level(t)
    mouth = _mouth(p, radius, t)
    drills = {n: shop.tool(mouth, own.cut).translate((x, y, 0.0)) for n, (x, y) in _holes(p).items()}
    wide = radius * (1.9 if p["mouth"] != "plain" else 1.0)
    taken = [Point(x, y).buffer(wide + 0.6) for x, y in _holes(p).values()]
    features = features_of(_holes(p), t)
    others: list[Manifold] = []
    for name, tool, area, at in _windows(p, t):
        others.append(shop.tool(tool, own.cut))
        taken.append(area.buffer(0.8))
        features |= features_of({name: at}, t)
    prints = []
    if p["engraved"]:
        spot = _room(p, outline, taken)
        if spot is not None:
            text = f"PF-{p['serial']}"
            prints.append(
                Print(text, "print:serial", "top face", top.at(spot[0], spot[1]), spot[2], 0.16, 0.18)
            )
            taken.append(
                box(
                    spot[0] - text_width(text, spot[2]) / 2 - 0.8,
                    spot[1] - spot[2] / 2 - 0.8,
                    spot[0] + text_width(text, spot[2]) / 2 + 0.8,
                    spot[1] + spot[2] / 2 + 0.8,
                )
            )
            features |= features_of({"serial number": spot[:2]}, t)

    def solid(key: str) -> Manifold:
        tools = [d for n, d in drills.items() if f"hole:{n}" != key]
        text = [w for line in prints for w in written(shop, line, own.ink, key)]
        return cut(blank, [*tools, *others, *text])

    return Design(
        stock=own,
        solid=solid,
        faces=(Face("top face", top, pieces(outline.buffer(-1.2).difference(unary_union(taken)))),),
        edges=tuple(_edges(length, width, t, float(p["corner_mm"]))),
        holes=tuple(Hole(n, f"hole:{n}", "top face", top.at(x, y), wide) for n, (x, y) in _holes(p).items()),
        prints=tuple(prints),
        features=features,
        density_kg_m3=2700.0 if "steel" not in str(p["finish"]) else 7850.0,
    )


def _mouth(p: Params, radius: float, t: float) -> Manifold:
    """A drill through the plate, with its countersink or counterbore."""
    drill = disc(radius, -1.0, t + 1.0)
    if p["mouth"] == "countersunk":
        return (
            drill + disc(radius * 0.9, t - radius, t + 0.001, radius * 1.9) + disc(radius * 1.9, t, t + 1.0)
        )
    if p["mouth"] == "counterbored":
        return drill + disc(radius * 1.9, t - min(0.55 * t, radius * 1.6), t + 1.0)
    # A drilled hole is broken at its edge.
    return drill + disc(radius, t - 0.35, t + 0.001, radius + 0.35)


def _windows(p: Params, t: float) -> Iterator[tuple[str, Manifold, MultiPolygon, tuple[float, float]]]:
    """The bore and the slots: name, tool, area, place."""
    if p["pattern"] in ("bolt circle", "rows"):
        r = float(p["bore_mm"]) / 2
        area = Point(0, 0).buffer(r, quad_segs=24)
        yield (
            "bore",
            disc(r, -1, t + 1, segments=96) + disc(r - 0.001, t - 0.5, t + 0.001, r + 0.5, 96),
            area,
            (0.0, 0.0),
        )
        return
    long, wide = 0.22 * float(p["length_mm"]), float(p["hole_mm"]) * 1.1
    for k in range(int(p["slots"])):
        x = (k - (int(p["slots"]) - 1) / 2) * 0.36 * float(p["length_mm"])
        line = (
            LineString([(x, -long / 2), (x, long / 2)])
            if k % 2
            else LineString([(x - long / 2, 0), (x + long / 2, 0)])
        )
        area = line.buffer(wide / 2, quad_segs=16)
        yield (
            ("slot" if int(p["slots"]) == 1 else ("left slot", "right slot")[k]),
            prism(area, -1, t + 1),
            area,
            (x, 0.0),
        )


def _room(p: Params, outline: MultiPolygon, taken: list[MultiPolygon]) -> tuple[float, float, float] | None:
    """Where the serial number goes, and how high it is: the first of a few places that is free."""
    free = outline.buffer(-2.0).difference(unary_union(taken))
    x, y = float(p["length_mm"]) / 2, float(p["width_mm"]) / 2
    for height in (5.0, 4.0, 3.2):
        half = text_width("PF-0000", height) / 2
        for at in (
            (0.0, -y + 4 + height),
            (0.0, y - 4 - height),
            (0.0, -0.5 * y),
            (0.0, 0.5 * y),
            (-0.5 * x, 0.0),
            (0.5 * x, 0.0),
        ):
            if free.contains(
                box(at[0] - half - 1, at[1] - height / 2 - 1, at[0] + half + 1, at[1] + height / 2 + 1)
            ):
                return at[0], at[1], height
    return None


def _edges(length: float, width: float, t: float, corner: float) -> Iterator[Edge]:
    """The straight upper edges, counter-clockwise."""
    x, y = length / 2, width / 2
    up = np.array([0.0, 0.0, 1.0])
    a, b = x - corner - 1, y - corner - 1
    ends = (
        ((-a, -y), (a, -y), (0, -1)),
        ((x, -b), (x, b), (1, 0)),
        ((a, y), (-a, y), (0, 1)),
        ((-x, b), (-x, -b), (-1, 0)),
    )
    for start, end, out in ends:
        side = np.array([*out, 0.0])
        # On the chamfer's upper rim, so that a lip stands on the face and a chip takes the chamfer with it.
        shift = -0.45 * side
        yield Edge("top face", np.array([*start, t]) + shift, np.array([*end, t]) + shift, up + side, up)


PLATE = part_family("machined_plate", "machined plate", _draw, _design)
