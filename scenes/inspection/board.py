"""A printed circuit board: solder mask with traces and gold pads, chips, passives, capacitors, a header, print."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from manifold3d import Manifold
from shapely import LineString, MultiPolygon, Point, Polygon, box
from shapely.ops import unary_union

from pairforge.scenes.inspection import finishes
from pairforge.scenes.inspection.design import Design, Edge, Face, Hole, Print, corners
from pairforge.scenes.inspection.finishes import Stock, coated, metal
from pairforge.scenes.inspection.lettering import line as letters_of
from pairforge.scenes.inspection.lettering import text_width
from pairforge.scenes.inspection.parts import Params, part_family, written
from pairforge.scenes.inspection.severity import KINDS
from pairforge.scenes.inspection.workshop import (
    Finish,
    Workshop,
    block,
    circle,
    cut,
    disc,
    level,
    pieces,
    prism,
    rectangle,
    turned,
    union,
)
from pairforge.scenes.world import Material, Rgb

MASKS: dict[str, Rgb] = {
    "green": (0.008, 0.125, 0.035), "blue": (0.008, 0.045, 0.24), "black": (0.014, 0.014, 0.016),
    "red": (0.26, 0.014, 0.016),
}  # fmt: skip
THICK = 1.6
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
FR4 = coated("fr4", (0.42, 0.37, 0.16), "moulded", 0.6)


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


def _draw(rng: np.random.Generator) -> Params:
    length = round(float(rng.uniform(68, 98)), 1)
    return {
        "mask": str(rng.choice(list(MASKS), p=(0.5, 0.22, 0.16, 0.12))),
        "length_mm": length,
        "width_mm": round(length * float(rng.uniform(0.58, 0.78)), 1),
        "chips": int(rng.integers(1, 4)),
        "passives": int(rng.integers(10, 26)),
        "cans": int(rng.integers(0, 4)),
        "header": str(rng.choice(["pins", "socket", "none"])),
        "layout_seed": int(rng.integers(0, 2**31)),
        "logo": str(rng.choice(["PAIRFORGE", "NORDWERK", "LUMEN-8", "AXIS CTRL", "KESTREL"])),
    }


def _stock(p: Params) -> Stock:
    mask = Material(
        f"mask_{p['mask']}", MASKS[str(p["mask"])], "solder_mask", 0.32, coat=0.25, lidar_reflectivity=0.2
    )
    return Stock(mask, FR4, FR4, GOLD, finishes.FLUX, finishes.INK_WHITE)


def _items(p: Params) -> list[Item]:
    """Components placed one after another where there is room, the largest first."""
    rng = np.random.Generator(np.random.PCG64(int(p["layout_seed"])))
    x, y = float(p["length_mm"]) / 2, float(p["width_mm"]) / 2
    free: Polygon | MultiPolygon = box(-x + 3, -y + 9.0, x - 3, y - 3).difference(
        unary_union([Point(a, b).buffer(5.0) for a, b in corners(x - 4, y - 4).values()])
    )
    out: list[Item] = []
    wanted: list[tuple[str, str, float, float, float]] = []
    if p["header"] != "none":
        n = int(rng.integers(4, 9))
        wanted.append(
            (
                str(p["header"]),
                "J1",
                2.54 * n,
                5.0 if p["header"] == "socket" else 2.5,
                6.0 if p["header"] == "socket" else 2.5,
            )
        )
    for k in range(int(p["chips"])):
        side = float(rng.choice([7.0, 10.0, 12.0]))
        kind = "quad" if side > 8 else "small outline"
        wanted.append((kind, f"U{k + 1}", side + 2.4, side + 2.4 if kind == "quad" else 6.2, 1.5))
    for k in range(int(p["cans"])):
        d = float(rng.choice([5.0, 6.3, 8.0]))
        wanted.append(("can", f"C{k + 1}", d + 0.4, d + 0.4, 0.85 * d + 1))
    counts = {"R": 0, "C": int(p["cans"])}
    for _ in range(int(p["passives"])):
        letter = str(rng.choice(["R", "C"]))
        counts[letter] += 1
        wide, deep = (2.0, 1.25) if rng.random() < 0.6 else (3.2, 1.6)
        wide, deep = (deep, wide) if rng.random() < 0.4 else (wide, deep)
        wanted.append(
            (
                "resistor" if letter == "R" else "capacitor",
                f"{letter}{counts[letter]}",
                wide,
                deep,
                0.6 if letter == "R" else 0.9,
            )
        )
    for kind, name, wide, deep, high in wanted:
        for _ in range(60):
            at = rng.uniform([-x, -y], [x, y])
            one = Item(kind, name, round(float(at[0]) * 2) / 2, round(float(at[1]) * 2) / 2, wide, deep, high)
            if free.contains(
                one.area.buffer(1.3).union(box(one.x - 2, one.y - deep / 2 - 2.2, one.x + 2, one.y))
            ):
                out.append(one)
                free = free.difference(
                    one.area.buffer(1.0).union(box(one.x - 2, one.y - deep / 2 - 2.0, one.x + 2, one.y))
                )
                break
    return out


def _design(shop: Workshop, p: Params) -> Design:
    own, items = _stock(p), _items(p)
    x, y = float(p["length_mm"]) / 2, float(p["width_mm"]) / 2
    outline, top = rectangle(2 * x, 2 * y, 2.0), level(THICK)
    blank = shop.tool(prism(outline, 0.0, THICK), Finish(own.face, FR4))
    mounts = {f"{n} mounting hole": at for n, at in corners(x - 4, y - 4).items()}
    drills = {
        n: shop.tool(disc(1.6, -1, THICK + 1), FR4).translate((a, b, 0)) for n, (a, b) in mounts.items()
    }
    rings = {
        n: shop.tool(prism(circle(a, b, 2.9), THICK - 0.03, THICK + 0.2), GOLD)
        for n, (a, b) in mounts.items()
    }
    pads = unary_union([g for i in items for g in _pads(i)])
    keep_out = [pads.buffer(0.35), *(Point(a, b).buffer(3.4) for a, b in mounts.values())]
    traces, vias = _traces(p, items, outline.buffer(-1.5))
    lines = traces.difference(unary_union(keep_out))
    lighter = own.face.colour
    copper = Material(
        f"{own.face.name}_trace",
        (lighter[0] * 1.7 + 0.006, lighter[1] * 1.7 + 0.006, lighter[2] * 1.7 + 0.006),
        "solder_mask",
        0.3,
        coat=0.25,
        lidar_reflectivity=0.25,
    )
    takes = [
        shop.tool(prism(pieces(lines), THICK - 0.012, THICK + 0.2), copper),
        shop.tool(prism(pieces(pads), THICK - 0.03, THICK + 0.2), GOLD),
    ]
    via_rings = (
        unary_union([Point(v).buffer(0.45, quad_segs=6) for v in vias]).difference(unary_union(keep_out))
        if vias
        else Polygon()
    )
    if vias and not via_rings.is_empty:
        takes.append(shop.tool(prism(pieces(via_rings), THICK - 0.03, THICK + 0.2), GOLD))
        takes.append(
            shop.tool(
                prism(
                    pieces(
                        unary_union([Point(v).buffer(0.2, quad_segs=4) for v in vias]).intersection(via_rings)
                    ),
                    THICK - 0.5,
                    THICK + 0.2,
                ),
                finishes.CRACK,
            )
        )
    silk = _silk(items).difference(unary_union(keep_out)).difference(via_rings)
    takes.append(shop.tool(prism(pieces(silk), THICK - 0.008, THICK + 0.2), finishes.INK_WHITE))
    prints = tuple(_prints(p, x, y))
    solids = [_component(shop, i) for i in items]
    beside = [m for s in solids if (m := shop.mesh([s])) is not None]
    taken = [i.area.buffer(0.9) for i in items] + [Point(a, b).buffer(3.6) for a, b in mounts.values()]
    taken += [
        box(
            q.frame.origin[0] - text_width(q.text, q.height) / 2 - 0.6,
            q.frame.origin[1] - q.height / 2 - 0.6,
            q.frame.origin[0] + text_width(q.text, q.height) / 2 + 0.6,
            q.frame.origin[1] + q.height / 2 + 0.6,
        )
        for q in prints
    ]
    features = {n: np.array([a, b, THICK]) for n, (a, b) in mounts.items()}
    features |= {i.name: np.array([i.x, i.y, THICK]) for i in items}
    features |= {"logo" if q.key == "print:logo" else "serial number": q.frame.origin for q in prints}

    def solid(key: str) -> Manifold:
        out = [t for n in mounts if f"hole:{n}" != key for t in (rings[n], drills[n])]
        return cut(
            blank, [*takes, *out, *(w for q in prints for w in written(shop, q, finishes.INK_WHITE, key))]
        )

    return Design(
        stock=own,
        solid=solid,
        faces=(Face("component side", top, pieces(outline.buffer(-1.0).difference(unary_union(taken)))),),
        edges=tuple(_edges(x, y)),
        holes=tuple(
            Hole(n, f"hole:{n}", "component side", top.at(a, b), 2.9) for n, (a, b) in mounts.items()
        ),
        prints=prints,
        features=features,
        beside=tuple(beside),
        density_kg_m3=1900.0,
    )


def _pads(i: Item) -> Iterator[Polygon]:
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


def _component(shop: Workshop, i: Item) -> Manifold:
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


def _traces(p: Params, items: list[Item], inside: Polygon) -> tuple[MultiPolygon, list[tuple[float, float]]]:
    """Tracks in 45 degree steps between pads of neighbouring components, and the vias that some end in."""
    rng = np.random.Generator(np.random.PCG64(int(p["layout_seed"]) + 1))
    pads = [(k, g.centroid.x, g.centroid.y) for k, i in enumerate(items) for g in _pads(i)]
    tracks, vias = [], []
    for n, (k, x, y) in enumerate(pads):
        others = sorted((abs(a - x) + abs(b - y), a, b) for j, a, b in pads if j != k)
        if not others:
            break
        _, a, b = others[int(rng.integers(min(4, len(others))))]
        if rng.random() < 0.3:
            a, b = x + float(rng.uniform(-9, 9)), y + float(rng.uniform(-9, 9))
            if inside.contains(Point(a, b)) and not any(
                i.area.buffer(0.6).contains(Point(a, b)) for i in items
            ):
                vias.append((round(a, 2), round(b, 2)))
            else:
                continue
        dx, dy = a - x, b - y
        m = min(abs(dx), abs(dy))
        bend = (
            (x + np.sign(dx) * m, y + np.sign(dy) * m)
            if n % 2
            else (a - np.sign(dx) * m, b - np.sign(dy) * m)
        )
        wide = 0.9 if rng.random() < 0.12 else 0.3
        tracks.append(LineString([(x, y), bend, (a, b)]).buffer(wide / 2, quad_segs=4))
    return pieces(unary_union(tracks).intersection(inside)), vias


def _silk(items: list[Item]) -> MultiPolygon:
    """Outlines and reference designators."""
    out = []
    for i in items:
        frame = i.area.buffer(0.35, join_style="mitre")
        if i.kind not in ("resistor", "capacitor"):
            out.append(frame.exterior.buffer(0.09))
            out.append(Point(i.x - i.wide / 2 - 0.9, i.y - i.deep / 2 - 0.2).buffer(0.25))
        text = letters_of(i.name, 1.2, 0.16)
        moved = [
            type(g)(
                [(a + i.x, b + i.y - i.deep / 2 - 1.25) for a, b in g.exterior.coords],
                [[(a + i.x, b + i.y - i.deep / 2 - 1.25) for a, b in r.coords] for r in g.interiors],
            )
            for g in text.geoms
        ]
        out.extend(moved)
    return pieces(unary_union(out))


def _prints(p: Params, x: float, y: float) -> Iterator[Print]:
    frame = level(THICK)
    logo, serial = str(p["logo"]), f"SN {p['serial']}"
    height = 3.2 if x > 40 else 2.8
    yield Print(
        logo,
        "print:logo",
        "component side",
        frame.at(-x + 9 + text_width(logo, height) / 2, -y + 5.0),
        height,
        0.18,
        0.008,
    )
    yield Print(
        serial,
        "print:serial",
        "component side",
        frame.at(x - 9 - text_width(serial, 2.0) / 2, -y + 5.0),
        2.0,
        0.16,
        0.008,
    )


def _edges(x: float, y: float) -> Iterator[Edge]:
    up = np.array([0.0, 0.0, 1.0])
    for start, end, out in (
        ((-x + 4, -y), (x - 4, -y), (0, -1)),
        ((x, -y + 4), (x, y - 4), (1, 0)),
        ((x - 4, y), (-x + 4, y), (0, 1)),
        ((-x, y - 4), (-x, -y + 4), (-1, 0)),
    ):
        yield Edge(
            "component side",
            np.array([*start, THICK]),
            np.array([*end, THICK]),
            up + np.array([*out, 0.0]),
            up,
        )


BOARD = part_family("circuit_board", "circuit board", _draw, _design, tuple(k for k in KINDS if k != "dent"))
