"""Defects: what each kind takes from a part or adds to it, as tools of the workshop.

All sizes in mm. A defect's own triangles are those of its tools; they become a part of their own, so that the stored
part image is the exact mask.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

import numpy as np
from manifold3d import Manifold
from shapely import LineString, MultiPolygon, Point, Polygon
from shapely.affinity import rotate, scale, translate
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from pairforge.frames import F64
from pairforge.scenes.inspection import finishes
from pairforge.scenes.inspection.design import Design, Edge, Face, Hole, Print
from pairforge.scenes.inspection.lettering import letters
from pairforge.scenes.inspection.site import blob, fitted
from pairforge.scenes.inspection.workshop import (
    Finish,
    Frame,
    Workshop,
    circle,
    cut,
    pieces,
    prism,
    skin,
    union,
)
from pairforge.scenes.world import Material

FILM = 0.004
"""Depth in mm of what only changes a surface's colour: a film, a print, the place of a hole that is not there."""

SIZES_MM: Mapping[str, tuple[float, float]] = {
    "scratch": (2.0, 35.0), "dent": (1.5, 12.0), "crack": (2.5, 25.0), "burr": (3.0, 30.0),
    "missing_hole": (0.5, 60.0), "stain": (4.0, 25.0), "chip": (1.2, 9.0), "misprint": (0.5, 60.0),
}  # fmt: skip
"""Kind -> least and most that a wished size is clipped to. Holes and prints have the size they have."""

DEPTHS_MM: Mapping[str, tuple[float, float]] = {
    "scratch": (0.09, 0.5), "dent": (0.1, 1.5), "crack": (0.3, 2.5), "burr": (0.15, 1.2),
    "missing_hole": (0.0, 0.0), "stain": (0.0, 0.0), "chip": (0.3, 4.0), "misprint": (0.0, 0.0),
}  # fmt: skip
"""Kind -> least and most depth below the face (for a burr: height above it)."""


@dataclass(frozen=True)
class Wish:
    """A defect as it was drawn."""

    kind: str
    at: tuple[float, float]
    turn_deg: float
    size_mm: float
    depth_mm: float
    seed: int


@dataclass(frozen=True, eq=False)
class Flaw:
    """A defect on a part: ``take`` cuts and ``give`` adds, on the part without ``without`` (a hole or print)."""

    kind: str
    face: str
    detail: str
    depth_mm: float
    take: tuple[Manifold, ...] = ()
    give: tuple[Manifold, ...] = ()
    without: str = ""

    @property
    def tools(self) -> frozenset[int]:
        return frozenset(t.original_id() for t in (*self.take, *self.give))


_STANDS_IN = {"missing_hole": "dent", "misprint": "stain", "burr": "scratch", "chip": "dent"}


def possible(design: Design, kind: str) -> str:
    """The kind, or what stands in for it on a part that has no hole to miss, no print to spoil, no edge to break."""
    has = {
        "missing_hole": design.holes,
        "misprint": design.prints,
        "burr": design.edges,
        "chip": design.edges,
    }
    return kind if has.get(kind, True) else _STANDS_IN[kind]


def flaw(shop: Workshop, design: Design, wish: Wish) -> Flaw:
    """The defect that was wished for, in a place where it fits."""
    return _MAKERS[wish.kind](shop, design, wish, np.random.Generator(np.random.PCG64(wish.seed)))


def applied(design: Design, flaws: tuple[Flaw, ...]) -> Manifold:
    """The part with its defects."""
    keys = [f.without for f in flaws if f.without]
    solid = design.solid(keys[0] if keys else "")
    solid = union([solid, *(g for f in flaws for g in f.give)])
    return cut(solid, [t for f in flaws for t in f.take])


# ---------------------------------------------------------------- on faces


def _placed(
    design: Design, wish: Wish, rng: np.random.Generator, outline: BaseGeometry
) -> tuple[Face, Frame, float]:
    """A face, a frame about whose origin the outline lies on it, and the scale at which it does: the drawn face,
    unless the defect has to shrink much to fit there and another has room."""
    areas = np.array([f.region.area for f in design.faces])
    first = int(np.searchsorted(np.cumsum(areas) / areas.sum(), rng.random()))
    order = [first, *(k for k in np.argsort(-areas) if k != first)]
    best: tuple[Face, Frame, float] | None = None
    for face in (design.faces[int(k)] for k in order):
        x, y, turn, factor = fitted(face.region, outline, wish.at, wish.turn_deg)
        if best is None or factor > best[2]:
            best = face, face.frame.at(x, y, np.radians(turn)), factor
        if factor >= 0.7:
            break
    assert best is not None, "a part without faces"
    return best


def _scratch(shop: Workshop, design: Design, wish: Wish, rng: np.random.Generator) -> Flaw:
    length, depth = wish.size_mm, wish.depth_mm
    bend, wave = 0.06 * length * rng.standard_normal(), 0.012 * length * rng.standard_normal()
    reach = LineString([(-length / 2, 0), (length / 2, 0)]).buffer(0.6 + abs(bend))
    face, frame, factor = _placed(design, wish, rng, reach)
    tools = []
    for k in range(1 + int(rng.random() < 0.55)):
        t = np.linspace(-0.5, 0.5, 48)
        if k:
            t = np.linspace(-0.5, 0.5, 40)[6 : 6 + int(rng.integers(14, 26))]
        path = np.column_stack(
            [t * length * factor, bend * factor * (1 - 4 * t * t) + wave * np.sin(9 * t) + 0.45 * k]
        )
        fade = np.clip(np.minimum(np.linspace(0, 1, len(t)), np.linspace(1, 0, len(t))) * 5, 0.12, 1.0) ** 0.7
        uneven = 1 + 0.18 * np.interp(t, np.linspace(-0.5, 0.5, 9), rng.standard_normal(9))
        tools.append(_groove(path, depth * fade * uneven.clip(0.5, 1.5) * (0.55 if k else 1.0), 1.5))
    bare = Finish.of(design.stock.bare, smooth=False)
    return Flaw("scratch", face.name, "", depth, tuple(shop.tool(frame.put(t), bare) for t in tools))


def _groove(path: F64, depth: F64, flare: float) -> Manifold:
    """What ploughs a V along a path (N, 2) to a depth (N,): ``flare`` is half its width over its depth."""
    tangent = np.gradient(path, axis=0)
    tangent /= np.linalg.norm(tangent, axis=1, keepdims=True)
    side = np.column_stack([-tangent[:, 1], tangent[:, 0]])
    above = 0.08
    half = (depth * flare * (1 + above / depth))[:, None]
    n = len(path)
    left, right = path + side * half, path - side * half
    rings = np.empty((n, 3, 3))
    rings[:, 0] = np.column_stack([path, -depth])
    rings[:, 1] = np.column_stack([right, np.full(n, above)])
    rings[:, 2] = np.column_stack([left, np.full(n, above)])
    solid = skin(rings)
    return solid if solid.volume() > 0 else skin(rings[:, ::-1])


def _dent(shop: Workshop, design: Design, wish: Wish, rng: np.random.Generator) -> Flaw:
    size, depth = wish.size_mm, float(np.clip(wish.depth_mm, 0.05 * wish.size_mm, 0.2 * wish.size_mm))
    narrow = float(rng.uniform(0.6, 0.95))
    oval = scale(Point(0, 0).buffer(size / 2, quad_segs=16), 1.0, narrow)
    face, frame, factor = _placed(design, wish, rng, oval.buffer(0.5))
    n, rings = 72, 18
    angle = np.arange(n) * (2 * np.pi / n)
    rim = 1 + sum(
        0.05 / k * rng.standard_normal() * np.cos(k * angle + rng.uniform(0, 6.3)) for k in (2, 3, 4)
    )
    r = np.linspace(1.0, 0.0, rings + 1)[:-1]
    down = -depth * factor * np.cos(r * np.pi / 2) ** 1.4 + 0.003
    flat = np.stack([np.cos(angle) * rim, narrow * np.sin(angle) * rim], -1) * (size * factor / 2)
    # From the bottom of the bowl up to its rim, then a lid above the surface.
    bowl = [np.column_stack([flat * s, np.full(n, z)]) for s, z in zip(r[::-1], down[::-1], strict=True)]
    lid = np.column_stack([flat * 1.02, np.full(n, 0.4)])
    tool = skin(np.stack([*bowl, lid]))
    return Flaw(
        "dent",
        face.name,
        "",
        depth * factor,
        (shop.tool(frame.put(tool), Finish.of(design.material(face.name))),),
    )


def _stain(shop: Workshop, design: Design, wish: Wish, rng: np.random.Generator) -> Flaw:
    outline = blob(wish.size_mm * 0.86, rng, waves=8, wild=0.4)
    spots = [outline]
    for _ in range(int(rng.integers(2, 6))):
        away, angle = float(rng.uniform(0.4, 0.49)) * wish.size_mm, float(rng.uniform(0, 2 * np.pi))
        spot = blob(float(rng.uniform(0.04, 0.12)) * wish.size_mm, rng, 3, 0.2)
        spots.append(translate(spot, away * np.cos(angle) * 0.95, away * np.sin(angle) * 0.95))
    whole = unary_union(spots)
    face, frame, factor = _placed(design, wish, rng, whole.convex_hull)
    tool = prism(pieces(scale(whole, factor, factor, origin=(0, 0))), -FILM, 0.3)
    return Flaw("stain", face.name, "", 0.0, (shop.tool(frame.put(tool), design.stock.stain),))


def _crack(shop: Workshop, design: Design, wish: Wish, rng: np.random.Generator) -> Flaw:
    """From the rim of a hole if there is one, else anywhere."""
    length, depth = wish.size_mm, wish.depth_mm
    shape = _branches(length, rng)
    found = _from_hole(design, wish, shape) if rng.random() < 0.6 else None
    if found is None:
        centred = translate(shape, -length / 2, 0)
        face, frame, factor = _placed(design, wish, rng, centred)
        found = face, frame, scale(centred, factor, factor, origin=(0, 0))
    face, frame, shape = found
    tool = prism(pieces(shape), -depth, 0.3)
    return Flaw(
        "crack", face.name, "", depth, (shop.tool(frame.put(tool), Finish.of(finishes.CRACK, smooth=False)),)
    )


def _from_hole(design: Design, wish: Wish, shape: BaseGeometry) -> tuple[Face, Frame, BaseGeometry] | None:
    """A crack that starts at the rim of a hole, if it has room there."""
    holes = design.holes
    for n in range(len(holes)):
        hole = holes[(int(wish.at[0] * len(holes)) + n) % len(holes)]
        face = design.face(hole.face)
        x, y, _ = (hole.frame.origin - face.frame.origin) @ face.frame.axes
        for k in range(24):
            turn = wish.turn_deg + 15.0 * k
            way = np.radians(turn)
            start = (x + (hole.radius - 0.2) * np.cos(way), y + (hole.radius - 0.2) * np.sin(way))
            there = translate(rotate(shape, turn, origin=(0, 0)), *start)
            if face.region.contains(there.difference(Point(x, y).buffer(hole.radius + 1.2))):
                return face, face.frame.at(start[0], start[1], way), shape
    return None


def _branches(length: float, rng: np.random.Generator) -> MultiPolygon:
    """A jagged line that starts at the origin and runs along +x, with side branches, thinning out."""

    def run(start: F64, heading: float, reach: float, width: float, depth: int) -> list[Polygon]:
        steps = max(4, int(reach / 0.55))
        headings = (
            heading + np.cumsum(0.34 * rng.standard_normal(steps)) * 0.6 + 0.35 * rng.standard_normal(steps)
        )
        moves = np.column_stack([np.cos(headings), np.sin(headings)]) * (reach / steps)
        points = start + np.vstack([[0.0, 0.0], np.cumsum(moves, axis=0)])
        out = [
            LineString([points[k], points[k + 1]]).buffer(width / 2 * (1 - 0.75 * k / steps), quad_segs=2)
            for k in range(steps)
        ]
        if depth:
            for k in sorted(rng.choice(steps, size=min(steps, int(rng.integers(1, 4))), replace=False)):
                turn = float(rng.choice([-1, 1])) * float(rng.uniform(0.4, 0.9))
                out += run(
                    points[k],
                    headings[k] + turn,
                    reach * float(rng.uniform(0.15, 0.32)),
                    width * 0.6,
                    depth - 1,
                )
        return out

    whole = unary_union(run(np.zeros(2), 0.0, length, float(np.clip(0.014 * length + 0.16, 0.2, 0.45)), 1))
    box = whole.bounds
    return pieces(scale(whole, length / max(box[2], 0.3 * length), 1.0, origin=(0, 0)))


# ---------------------------------------------------------------- on edges


def _pick_edge(design: Design, wish: Wish) -> Edge:
    lengths = np.array([np.linalg.norm(e.end - e.start) for e in design.edges])
    return design.edges[int(np.searchsorted(np.cumsum(lengths) / lengths.sum(), min(wish.at[0], 1 - 1e-9)))]


def _along(edge: Edge, wish: Wish, length: float) -> tuple[F64, F64, F64, float]:
    """Middle, unit direction along the edge, unit outward, and a length that fits."""
    whole = float(np.linalg.norm(edge.end - edge.start))
    along = (edge.end - edge.start) / whole
    length = min(length, 0.8 * whole)
    slack = whole - 1.1 * length
    middle = edge.start + along * (0.55 * length + wish.at[1] * slack)
    return middle, along, edge.outward / np.linalg.norm(edge.outward), length


def _chip(shop: Workshop, design: Design, wish: Wish, rng: np.random.Generator) -> Flaw:
    """A shell broken off: a faceted blob sunk into the edge."""
    edge = _pick_edge(design, wish)
    middle, along, out, length = _along(edge, wish, wish.size_mm)
    depth = float(np.clip(wish.depth_mm, 0.22 * length, 0.5 * length))
    side = np.cross(along, out)
    d = rng.standard_normal((46, 3))
    d /= np.linalg.norm(d, axis=1, keepdims=True)
    d *= rng.uniform(0.86, 1.0, (46, 1))
    # An ellipsoid about a point outside the edge that reaches ``depth`` below it and as far along it as wished.
    reach, lift = 2.2 * depth, 1.2 * depth
    long = length / 2 / np.sqrt(1 - (lift / reach) ** 2)
    points = (
        middle
        + out * lift
        + d[:, :1] * along * long
        + d[:, 1:2] * side * reach * 1.15
        + d[:, 2:] * out * reach
    )
    ends = [middle + out * lift * 0.2 + s * along * length / 2 for s in (-1, 1)]
    tool = Manifold.hull_points(np.vstack([points, ends]))
    rough = Finish.of(_fracture(design), smooth=False)
    return Flaw("chip", edge.face, "", depth, (shop.tool(tool, rough),))


def _fracture(design: Design) -> Material:
    """Broken metal is grey and grainy; anything else breaks in its own colour."""
    return finishes.FRACTURE if design.stock.face.metallic > 0.3 else design.stock.bare


def _burr(shop: Workshop, design: Design, wish: Wish, rng: np.random.Generator) -> Flaw:
    """A ragged lip that stands up from the face along its edge, curling outwards."""
    edge = _pick_edge(design, wish)
    middle, along, out, length = _along(edge, wish, wish.size_mm)
    up = edge.normal / np.linalg.norm(edge.normal)
    beside = out - up * (out @ up)
    beside = beside / np.linalg.norm(beside)
    n = max(24, int(length / 0.18))
    s = np.linspace(-0.5, 0.5, n)
    fade = np.clip(np.minimum(s + 0.5, 0.5 - s) * 9, 0.05, 1.0)
    ragged = 0.55 + 0.45 * np.abs(
        np.interp(s, np.linspace(-0.5, 0.5, max(6, n // 3)), rng.standard_normal(max(6, n // 3)))
    ).clip(0, 1.4)
    ragged *= 1 + 0.25 * rng.standard_normal(n).clip(-1, 1)
    high = wish.depth_mm * fade * ragged.clip(0.25, 1.7)
    curl = high * (0.35 + 0.2 * np.interp(s, np.linspace(-0.5, 0.5, 7), rng.standard_normal(7)))
    wide = 0.10 + 0.18 * high
    base = middle[None] + along[None] * (s * length)[:, None]
    shift = [
        (-wide, -0.06 * np.ones(n)),
        (np.full(n, 0.02), -0.10 * np.ones(n)),
        (curl * 0.5 + 0.03, high * 0.55),
        (curl, high),
        (curl - 0.05 - 0.1 * wide, high * 0.93),
        (curl * 0.4 - 0.6 * wide, high * 0.45),
    ]
    rings = np.stack([base + beside * a[:, None] + up * b[:, None] for a, b in shift], axis=1)
    lip = skin(rings)
    lip = lip if lip.volume() > 0 else skin(rings[:, ::-1])
    own = Finish.of(design.stock.bare, smooth=True)
    return Flaw("burr", edge.face, "", wish.depth_mm, give=(shop.tool(lip, own),))


# ---------------------------------------------------------------- of holes and prints


def _missing_hole(shop: Workshop, design: Design, wish: Wish, rng: np.random.Generator) -> Flaw:
    hole: Hole = design.holes[int(wish.at[0] * len(design.holes)) % len(design.holes)]
    tool = hole.frame.put(prism(circle(0, 0, hole.radius), -FILM, 0.3))
    return Flaw(
        "missing_hole",
        hole.face,
        hole.name,
        0.0,
        (shop.tool(tool, design.material(hole.face)),),
        without=hole.key,
    )


MISPRINTS = ("wrong", "missing", "shifted", "smeared")


def _misprint(shop: Workshop, design: Design, wish: Wish, rng: np.random.Generator) -> Flaw:
    """A wrong or missing character, or the whole line shifted or smeared."""
    own: Print = design.prints[int(wish.at[0] * len(design.prints)) % len(design.prints)]
    how = MISPRINTS[int(wish.at[1] * len(MISPRINTS)) % len(MISPRINTS)]
    shapes = letters(own.text, own.height, own.weight)
    drawn = [k for k, s in enumerate(shapes) if not s.is_empty]
    chosen = drawn[int(rng.integers(len(drawn)))]
    right, wrong = [s for k, s in enumerate(shapes) if k != chosen], shapes[chosen]
    ink = design.stock.ink
    film = design.material(own.face)
    if how == "wrong":
        digits = [c for c in "0123456789ABEHKRXZ" if c != own.text[chosen].upper()]
        text = own.text[:chosen] + digits[int(rng.integers(len(digits)))] + own.text[chosen + 1 :]
        wrong = letters(text, own.height, own.weight)[chosen]
    elif how == "shifted":
        right, wrong = (
            [],
            pieces(
                translate(
                    rotate(
                        unary_union(shapes),
                        float(rng.uniform(4, 9)) * float(rng.choice([-1, 1])),
                        origin=(0, 0),
                    ),
                    0.15 * own.height,
                    float(rng.choice([-1, 1])) * float(rng.uniform(0.2, 0.4)) * own.height,
                )
            ),
        )
    elif how == "smeared":
        drag = float(rng.uniform(0.3, 0.6)) * own.height
        smear = [
            translate(unary_union(shapes), drag * t, 0.08 * drag * np.sin(3 * t))
            for t in np.linspace(0, 1, 7)
        ]
        right, wrong = [], pieces(unary_union(smear).buffer(0.02 * own.height))
    tools = [
        shop.tool(
            own.frame.put(prism(wrong, -(FILM if how == "missing" else own.depth), 0.3)),
            film if how == "missing" else ink,
        )
    ]
    return Flaw("misprint", own.face, how, 0.0, tuple(tools), without=_rewritten(shop, own, right, ink))


def _rewritten(shop: Workshop, own: Print, right: list[MultiPolygon], ink: Material) -> str:
    """The key that leaves the line out and writes what of it is right."""
    return f"{own.key}=" + ",".join(
        str(k)
        for k, s in enumerate(letters(own.text, own.height, own.weight))
        if any(s.equals(r) for r in right)
    )


_MAKERS: Mapping[str, Callable[[Workshop, Design, Wish, np.random.Generator], Flaw]] = {
    "scratch": _scratch, "dent": _dent, "crack": _crack, "burr": _burr,
    "missing_hole": _missing_hole, "stain": _stain, "chip": _chip, "misprint": _misprint,
}  # fmt: skip
