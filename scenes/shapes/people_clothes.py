"""What a person wears about the trunk: shirt or jacket, collar, hood, cuffs, skirt, bags. Body axes; metres."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairforge.scenes.shapes import people_materials as stuff
from pairforge.scenes.shapes.meshing import box, combine, grid, loft, moved, tube, turned
from pairforge.scenes.shapes.people_anatomy import rings
from pairforge.scenes.world import Material, Mesh

F64 = NDArray[np.float64]
Params = dict[str, Any]

_SIDES = 24
_POWER = 2.4
"""Of the trunk's superelliptic rings."""


def shirt(table: F64, paint: Material) -> Mesh:
    """The trunk in its top, from rows (z, half width, front, back)."""
    q = rings(table, sides=_SIDES, rows=17, power=_POWER)
    a = np.arange(_SIDES) * (2 * np.pi / _SIDES)
    z = (q[:, :1, 2] - table[0, 0]) / (table[-1, 0] - table[0, 0])
    # Cloth hangs in creases: most at the waist, from side to side above the hem.
    slack = 0.012 * np.exp(-(((z - 0.22) / 0.16) ** 2)) + 0.004
    crease = np.sin(5 * a[None, :] + 9 * z) * 0.6 + np.sin(3 * a[None, :] - 26 * z + 1.0) * 0.6
    q[..., :2] *= 1.0 + (slack * crease)[..., None]
    return loft(q, paint)


def _height(table: F64, share: F64) -> F64:
    """Heights at shares of the trunk's own."""
    return np.asarray(table[0, 0] + (table[-1, 0] - table[0, 0]) * share)


def _section(table: F64, z: F64) -> tuple[F64, F64, F64]:
    """Half width, front and back of the trunk at heights."""
    half, front, back = (np.interp(z, table[:, 0], table[:, k]) for k in (1, 2, 3))
    return half, front, back


def _bow(y: F64, half: F64) -> F64:
    """How far a ring of the trunk comes forward at ``y``: 1 in the middle, 0 at its sides."""
    return np.asarray(np.sqrt(np.clip(1 - np.abs(y / half) ** _POWER, 0, 1)) ** (2 / _POWER))


def _front_x(y: F64, half: F64, front: F64, back: F64) -> F64:
    """The trunk's front at ``y`` of a section."""
    return np.asarray((front + back) / 2 + (front - back) / 2 * _bow(y, half))


def _is_open(p: Params) -> bool:
    return bool(p["top"] == "jacket" and p.get("fastened", "zip") == "open")


def collar(p: Params, table: F64, paint: Material) -> list[Mesh]:
    """What closes the top at the neck, and what is on its front and hem."""
    if p["top"] == "jacket":
        return _jacket(p, table, paint)
    kind = p.get("neck", "crew")
    if kind == "hood":
        return [_band(p, 0.846, 0.009, paint), _hood(p, paint), *_pocket(table, paint)]
    if kind == "collar":
        return [_folded(p, paint), _placket(p, table, paint)]
    return [_band(p, 0.843, 0.0065, paint)]


def _round_neck(p: Params, z: float, wide: float = 0.036, count: int = 17) -> F64:
    h = p["height_m"]
    a = np.linspace(0, 2 * np.pi, count)
    return np.column_stack(
        [-0.006 * h + wide * h * np.cos(a), (wide + 0.003) * h * np.sin(a), (z - 0.007 * np.cos(a)) * h]
    )


def _band(p: Params, z: float, thick: float, paint: Material) -> Mesh:
    """A knitted rib about the neck."""
    return tube(_round_neck(p, z), thick * p["height_m"], paint, sides=6)


def _folded(p: Params, paint: Material) -> Mesh:
    """A shirt's collar, turned down, its points apart."""
    h = p["height_m"]
    a = np.linspace(0.16, 2 * np.pi - 0.16, 19)
    front = np.clip(np.cos(a), 0, 1) ** 4
    rows = []
    for wide, z, point in (
        (0.034, 0.846, 0.0),
        (0.036, 0.856, 0.0),
        (0.041, 0.853, 0.15),
        (0.047, 0.834, 1.0),
    ):
        x = -0.006 + wide * np.cos(a) + 0.010 * point * front
        y = (wide + 0.004) * np.sin(a) * (1.0 + 0.25 * point * front)
        rows.append(np.column_stack([x, y, z - 0.008 * np.cos(a) - 0.024 * point * front]) * h)
    return grid(np.stack(rows), paint)


def _front_line(table: F64, low: float, high: float, before: float, count: int = 8) -> F64:
    """(N, 3) points down the middle of the front between two shares of the trunk's height."""
    z = _height(table, np.linspace(low, high, count))
    return np.column_stack([np.interp(z, table[:, 0], table[:, 2]) + before, np.zeros(count), z])


def _placket(p: Params, table: F64, paint: Material) -> Mesh:
    """The strip that carries a shirt's buttons, and the buttons."""
    r, g, b = paint.colour
    strip = replace(paint, name=f"{paint.name}_placket", colour=(0.82 * r, 0.82 * g, 0.82 * b))
    line = _front_line(table, 0.03, 0.86, 0.002)
    half = np.array([0.0, 0.010 * p["height_m"], 0.0])
    sewn = grid(np.stack([line + half, line + np.array([0.0025, 0, 0]), line - half], axis=1), strip)
    button = stuff.SOLE if max(paint.colour) < 0.3 else stuff.DARK_SOLE
    dots = [box((0.004, 0.009, 0.009), button, tuple(c)) for c in _front_line(table, 0.12, 0.80, 0.005, 5)]
    return combine([sewn, *dots])


def _jacket(p: Params, table: F64, paint: Material) -> list[Mesh]:
    """Collar, front, pockets and hem of a jacket."""
    h = p["height_m"]
    dark = stuff.cloth("charcoal")
    hem = table[0] * np.array([[0.985, 1.0, 1.0, 1.0], [1.0, 1.05, 1.06, 1.04], [1.045, 1.045, 1.05, 1.03]])
    hem = np.vstack([hem, table[0] * [1.06, 0.96, 0.9, 0.9]])
    out = [loft(rings(hem, sides=_SIDES, power=_POWER), paint), *_slits(table, h, dark)]
    if _is_open(p):
        out += [_lapels(p, table, paint), *([_hood(p, paint)] if p.get("neck") == "hood" else [])]
        return out
    line = _front_line(table, 0.0, 0.92, 0.0025, 12)
    zip_ = [tube(line, np.array([[0.0045, 0.003]]).repeat(12, 0), dark, sides=5)]
    if p.get("neck") == "hood":
        return [*out, *zip_, _band(p, 0.848, 0.010, paint), _hood(p, paint)]
    stand = np.stack(
        [
            _round_neck(p, z, wide)
            for wide, z in ((0.040, 0.838), (0.0395, 0.862), (0.035, 0.862), (0.034, 0.842))
        ]
    )
    return [*out, *zip_, grid(stand[:, ::-1], paint)]


def _slits(table: F64, h: float, dark: Material) -> list[Mesh]:
    """Welt pockets, slanting, on both sides of the front."""
    z = _height(table, np.array([0.16, 0.30]))
    half, front, back = _section(table, z)
    y = np.array([0.66, 0.50]) * half
    x = _front_x(y, half, front, back)
    return [tube(np.column_stack([x, sign * y, z]), 0.0022 * h, dark, sides=5) for sign in (1.0, -1.0)]


def _lapels(p: Params, table: F64, paint: Material) -> Mesh:
    """What is worn beneath an open jacket, and the jacket's two edges, turned back at the chest."""
    h = p["height_m"]
    share = np.linspace(0.0, 0.97, 17)
    gap = h * (0.010 + 0.026 * share)
    turn = 0.022 * h * np.exp(-(((share - 0.80) / 0.16) ** 2)) + 0.004 * h
    beneath = [_at_front(table, share, k * gap, 0.004) for k in (1.0, 0.5, 0.0, -0.5, -1.0)]
    pieces = [grid(np.stack(beneath, axis=1), stuff.cloth(p.get("under", "white")))]
    edge = [
        _at_front(table, share, y, out)
        for y, out in ((gap - 0.004, 0.003), (gap, 0.009), (gap + turn, 0.009), (gap + turn + 0.004, -0.001))
    ]
    left = grid(np.stack(edge, axis=1)[:, ::-1], paint)
    right = grid(np.stack([r * [1, -1, 1] for r in edge], axis=1), paint)
    return combine([*pieces, left, right])


def _at_front(table: F64, share: F64, y: F64, before: float) -> F64:
    """(N, 3) points so far before the trunk's front, at shares of its height and metres off its middle."""
    z = _height(table, share)
    return np.column_stack([_front_x(y, *_section(table, z)) + before, y, z])


def _hood(p: Params, paint: Material) -> Mesh:
    """A hood lying on the back of the neck."""
    h = p["height_m"]
    a = np.linspace(0.42 * np.pi, 1.58 * np.pi, 9)
    path = np.column_stack(
        [-0.016 * h + 0.046 * h * np.cos(a), 0.062 * h * np.sin(a), (0.836 + 0.012 * np.cos(a + np.pi)) * h]
    )
    thick = (0.007 + 0.017 * np.sin(np.linspace(0, np.pi, 9)) ** 0.7) * h
    return tube(path, np.column_stack([thick * 0.8, thick * 1.1]), paint, sides=8)


def _pocket(table: F64, paint: Material) -> list[Mesh]:
    """The pouch on the front of a hooded top."""
    z = _height(table, np.array([0.07, 0.08, 0.27, 0.28]))
    half, front, back = (row[:, None] for row in _section(table, z))
    y = np.linspace(-1, 1, 7)[None, :] * (np.array([0.66, 0.66, 0.44, 0.44])[:, None] * half)
    lift = np.array([-0.002, 0.009, 0.009, -0.002])[:, None] * np.where(
        np.abs(y) > 0.6 * np.abs(y).max(1, keepdims=True), 0.6, 1.0
    )
    x = _front_x(y, half, front, back) + lift
    points = np.stack([x, y, np.broadcast_to(z[:, None], y.shape)], axis=-1)
    return [grid(points[::-1], paint)]


def cuff(wrist: F64, radii: F64, paint: Material) -> Mesh:
    """A band that gathers a sleeve at the left wrist, which lies at ``wrist`` (3,) from the elbow."""
    ends = np.array([wrist * 0.935, wrist * 0.945, wrist * 0.99, wrist * 0.995])
    return tube(ends, radii[None, :] * np.array([[0.85], [1.06], [1.03], [0.85]]), paint, sides=8)


def skirt(p: Params, material: Material) -> Mesh:
    """A skirt to the knees, or a dress's lower half, in pleats that deepen to the hem."""
    h, g = p["height_m"], p["girth"]
    table = np.array(
        [
            (0.315, 0.118, 0.100, -0.104), (0.40, 0.112, 0.088, -0.096), (0.50, 0.105, 0.070, -0.085),
            (0.56, 0.094, 0.063, -0.074), (0.60, 0.082, 0.060, -0.062),
        ]
    )  # fmt: skip
    if p["legs"] == "skirt":  # its waistband goes under the shirt
        table = np.array([*table[:2], (0.475, 0.103, 0.074, -0.087), (0.506, 0.094, 0.058, -0.072)])
    q = rings(table * np.array([h, h * g, h * g, h * g]), sides=32, rows=8, power=2.2)
    a = np.arange(32) * (2 * np.pi / 32)
    fall = np.clip(1 - (q[:, :1, 2] / h - 0.315) / 0.16, 0, 1)
    q[..., :2] *= (1.0 + 0.045 * fall * np.sin(8 * a + 0.4)[None, :])[..., None]
    return loft(q, material)


def bags(p: Params, table: F64) -> list[Mesh]:
    """A backpack, or a bag slung across."""
    if p["bag"] == "backpack":
        return _backpack(p)
    return _slung(p, table) if p.get("slung", False) else []


def _backpack(p: Params) -> list[Mesh]:
    h, g = p["height_m"], p["girth"]
    material, strap = stuff.cloth(p["bag_colour"]), stuff.cloth("charcoal")
    bag = box((0.085 * h, 0.155 * h, 0.22 * h), material, (-0.105 * h * g, 0, 0.70 * h), bevel_m=0.022 * h)
    pocket = box((0.03 * h, 0.12 * h, 0.085 * h), material, (-0.15 * h * g, 0, 0.655 * h), bevel_m=0.012 * h)
    line = np.array(
        [
            (-0.06, 0.785), (-0.02, 0.832), (0.035, 0.815), (0.066, 0.765), (0.064, 0.70), (0.0, 0.645),
            (-0.06, 0.63),
        ]
    )  # fmt: skip
    straps = []
    for side in (1, -1):
        y = side * h * np.array([0.05, 0.055, 0.06, 0.064, 0.075, 0.1, 0.07])
        path = np.column_stack([line[:, 0] * h * g, y, line[:, 1] * h])
        straps.append(tube(path, np.array([[0.004, 0.014]]).repeat(7, 0) * h, strap, sides=6))
    return [bag, pocket, *straps]


def _slung(p: Params, table: F64) -> list[Mesh]:
    """A small bag behind the right hip, its strap over the left shoulder."""
    h = p["height_m"]
    material, strap = stuff.leather(p["bag_colour"]), stuff.cloth("charcoal")
    angle = np.linspace(0, 2 * np.pi, 25)
    c, s = np.cos(angle), np.sin(angle)
    z = 0.665 * h + 0.168 * h * s
    half, front, back = _section(table, z)
    y = np.clip(0.62 * s, -0.98, 0.98) * half
    x = (front + back) / 2 + ((front - back) / 2 * _bow(y, half) + 0.006) * np.sign(c) * np.clip(
        np.abs(c) * 2.4, 0, 1
    )
    line = np.column_stack([x, y, z + 0.012 * h * np.clip(s, 0, 1) ** 6])
    bag = box((0.034 * h, 0.125 * h, 0.095 * h), material, (0, 0, 0), bevel_m=0.012 * h)
    flap = box((0.012 * h, 0.127 * h, 0.06 * h), material, (-0.015 * h, 0, 0.02 * h), bevel_m=0.005 * h)
    hung = moved(turned(combine([bag, flap]), "z", 0.5), (table[0, 3] - 0.004 * h, -0.060 * h, 0.515 * h))
    return [tube(line, np.array([[0.0035, 0.011]]).repeat(25, 0) * h, strap, sides=4), hung]
