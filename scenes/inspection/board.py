"""A printed circuit board: solder mask with traces and gold pads, chips, passives, capacitors, a header, print."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from manifold3d import Manifold
from shapely import LineString, MultiPolygon, Point, Polygon, box
from shapely.ops import unary_union

from pairforge.scenes.inspection import finishes
from pairforge.scenes.inspection.board_components import GOLD, THICK, Item, component, solder_pads
from pairforge.scenes.inspection.design import Design, Edge, Face, Hole, Print, corners
from pairforge.scenes.inspection.finishes import Stock, coated
from pairforge.scenes.inspection.lettering import line as letters_of
from pairforge.scenes.inspection.lettering import text_width
from pairforge.scenes.inspection.parts import Params, part_family, room_of, written
from pairforge.scenes.inspection.severity import KINDS
from pairforge.scenes.inspection.workshop import (
    Finish,
    Workshop,
    circle,
    cut,
    disc,
    level,
    pieces,
    prism,
    rectangle,
)
from pairforge.scenes.world import Material, Rgb

MASKS: dict[str, Rgb] = {
    "green": (0.008, 0.125, 0.035), "blue": (0.008, 0.045, 0.24), "black": (0.014, 0.014, 0.016),
    "red": (0.26, 0.014, 0.016),
}  # fmt: skip
FR4 = coated("fr4", (0.42, 0.37, 0.16), "moulded", 0.6)


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
    pads = unary_union([g for i in items for g in solder_pads(i)])
    keep_out = [pads.buffer(0.35), *(Point(a, b).buffer(3.4) for a, b in mounts.values())]
    traces, vias = _traces(p, items, outline.buffer(-1.5))
    lines = traces.difference(unary_union(keep_out))
    copper = _copper(own.face)
    takes = [
        shop.tool(prism(pieces(lines), THICK - 0.012, THICK + 0.2), copper),
        shop.tool(prism(pieces(pads), THICK - 0.03, THICK + 0.2), GOLD),
    ]
    via_rings = _rings(vias, keep_out)
    if not via_rings.is_empty:
        takes.append(shop.tool(prism(pieces(via_rings), THICK - 0.03, THICK + 0.2), GOLD))
        drilled = unary_union([Point(v).buffer(0.2, quad_segs=4) for v in vias]).intersection(via_rings)
        takes.append(shop.tool(prism(pieces(drilled), THICK - 0.5, THICK + 0.2), finishes.CRACK))
    silk = _silk(items).difference(unary_union(keep_out)).difference(via_rings)
    takes.append(shop.tool(prism(pieces(silk), THICK - 0.008, THICK + 0.2), finishes.INK_WHITE))
    prints = tuple(_prints(p, x, y))
    solids = [component(shop, i) for i in items]
    beside = [m for s in solids if (m := shop.mesh([s])) is not None]
    taken = [i.area.buffer(0.9) for i in items] + [Point(a, b).buffer(3.6) for a, b in mounts.values()]
    taken += [room_of(q, 0.6) for q in prints]
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


def _copper(mask: Material) -> Material:
    """A trace under the solder mask."""
    r, g, b = (c * 1.7 + 0.006 for c in mask.colour)
    return Material(f"{mask.name}_trace", (r, g, b), "solder_mask", 0.3, coat=0.25, lidar_reflectivity=0.25)


def _rings(vias: list[tuple[float, float]], keep_out: list[Polygon]) -> Polygon | MultiPolygon:
    """The pads of vias, where there is room for them."""
    if not vias:
        return Polygon()
    return unary_union([Point(v).buffer(0.45, quad_segs=6) for v in vias]).difference(unary_union(keep_out))


def _traces(p: Params, items: list[Item], inside: Polygon) -> tuple[MultiPolygon, list[tuple[float, float]]]:
    """Tracks in 45 degree steps between pads of neighbouring components, and the vias that some end in."""
    rng = np.random.Generator(np.random.PCG64(int(p["layout_seed"]) + 1))
    pads = [(k, g.centroid.x, g.centroid.y) for k, i in enumerate(items) for g in solder_pads(i)]
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
