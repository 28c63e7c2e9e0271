"""Goods with printed labels: cereal box, milk carton, tin, packet of tea; their fronts face +x."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise

import numpy as np

from pairforge.scenes.colours import PALETTE
from pairforge.scenes.shapes.glassware import TINPLATE
from pairforge.scenes.shapes.making import ink, lettered, made, thing, turned, weighed, wrapped
from pairforge.scenes.shapes.meshing import box, combine, fan, mesh, moved, revolve
from pairforge.scenes.shapes.meshing import turned as rotated
from pairforge.scenes.shapes.primitives import Params
from pairforge.scenes.shapes.solids import box_collider, disc_collider, hull_collider, rounded_box
from pairforge.scenes.shapes.substances import SUBSTANCES
from pairforge.scenes.world import Material, Mesh, Rgb, Shape

CEREALS = ("OATS", "MUESLI", "CORN FLAKES", "RICE PUFFS", "BRAN", "HONEY HOOPS", "GRANOLA")
BISCUITS = ("TEA", "CRACKERS", "BISCUITS", "PASTA", "COCOA", "COUSCOUS", "SUGAR")
TINS = ("TOMATOES", "BEANS", "PEAS", "SWEETCORN", "SOUP", "TUNA", "PEACHES", "CHICKPEAS")
MOTIFS = ("sun", "wheat", "bands", "disc")
ACCENTS = ("yellow", "white", "orange", "red", "green", "cyan")
CREAM = Material("print_cream", (0.76, 0.70, 0.56), roughness=0.6, lidar_reflectivity=0.65)
LIFT_M = 0.0004
"""Print stands this far off its paper: enough for rays to tell them apart, too little to see."""


def print_of(colour: Rgb, name: str) -> Material:
    return Material(f"print_{name}", colour, roughness=0.55, lidar_reflectivity=0.4)


def _patch(points_yz: object, material: Material) -> Mesh:
    """A flat filled outline (N, 2), star-shaped about its mean, in the plane x = 0, facing +x."""
    flat = np.asarray(points_yz, dtype=np.float64)
    return fan(np.column_stack([np.zeros(len(flat)), flat]), material)


def _disc(radius_m: float, material: Material, y: float = 0.0, z: float = 0.0) -> Mesh:
    a = np.arange(32) * (2 * np.pi / 32)
    return _patch(np.stack([y + radius_m * np.cos(a), z + radius_m * np.sin(a)], axis=1), material)


def _oblong(width_m: float, height_m: float, material: Material, z: float = 0.0) -> Mesh:
    w, h = width_m / 2, height_m / 2
    return _patch([(-w, z - h), (w, z - h), (w, z + h), (-w, z + h)], material)


def motif(kind: str, width_m: float, height_m: float, main: Material, accent: Material) -> list[Mesh]:
    """A simple picture, centred, in layers a hair apart."""
    r = 0.42 * min(width_m, height_m)
    if kind == "sun":
        rays = []
        for k in range(12):
            turn = 2 * np.pi * k / 12
            tip = np.array([np.cos(turn), np.sin(turn)]) * r
            across = np.array([-np.sin(turn), np.cos(turn)]) * 0.16 * r
            root = tip * 0.55
            rays.append(_patch([root - across, tip, root + across], accent))
        return [*rays, moved(_disc(0.52 * r, accent), (LIFT_M / 2, 0.0, 0.0))]
    if kind == "wheat":
        grains = [_oblong(0.05 * r, 1.7 * r, accent)]
        for k in range(5):
            for sign in (-1.0, 1.0):
                a = np.linspace(0, 2 * np.pi, 14, endpoint=False)
                y, z = 0.20 * r * np.cos(a), 0.11 * r * np.sin(a)
                cos, sin = np.cos(0.75), np.sin(0.75)
                ear = np.stack([sign * (y * cos - z * sin), y * sin + z * cos], axis=1)
                ear += np.array([sign * 0.20 * r, (-0.1 + 0.2 * k) * r])
                grains.append(_patch(ear if sign > 0 else ear[::-1], accent))
        return grains
    if kind == "bands":
        return [_oblong(width_m, 0.12 * height_m, accent, z) for z in (-0.3 * height_m, 0.0, 0.3 * height_m)]
    return [_disc(r, accent), moved(_disc(0.72 * r, main), (LIFT_M / 2, 0.0, 0.0))]


def _accent(params: Params, main: Material) -> Material:
    """The second colour of a print, never too like the first."""
    named = str(params["accent"])
    far = float(np.abs(np.subtract(PALETTE[named], main.colour)).sum())
    return print_of(PALETTE[named], named) if far > 0.35 else CREAM


def _front(params: Params, main: Material, y: float, z: float, title_share: float = 0.16) -> list[Mesh]:
    """What is printed on a face of width ``y`` and height ``z``, centred on the origin, in the plane x = 0."""
    accent = _accent(params, main)
    panel = _oblong(0.88 * y, (title_share + 0.09) * z, CREAM, 0.27 * z)
    prints = [panel]
    title = lettered(str(params["title"]), 0.76 * y, title_share * z, ink(CREAM.colour))
    if title is not None:
        prints.append(moved(title, (LIFT_M, 0.0, 0.27 * z)))
    picture = motif(str(params["motif"]), 0.78 * y, 0.44 * z, main, accent)
    prints += [moved(piece, (LIFT_M / 2, 0.0, -0.14 * z)) for piece in picture]
    foot = lettered("NET 500 G", 0.3 * y, 0.03 * z, ink(main.colour))
    if foot is not None:
        prints.append(moved(foot, (LIFT_M / 2, 0.0, -0.445 * z)))
    return prints


def _carton(
    params: Params, paint: Material | None, size: tuple[float, float, float], mass_kg: float
) -> Shape:
    x, y, z = size
    card = replace(paint or print_of(PALETTE["blue"], "blue"), pattern="plain", roughness=0.5)
    pieces = [rounded_box((x, y, z), 0.0012, card, (0.0, 0.0, z / 2))]
    for side in (0.0, np.pi):
        prints = [moved(p, (x / 2 + LIFT_M, 0.0, z / 2)) for p in _front(params, card, y, z)]
        pieces += [rotated(p, "z", side) for p in prints]
    for side in (np.pi / 2, -np.pi / 2):
        spine = lettered(str(params["title"]), 0.82 * x, 0.10 * z, ink(card.colour))
        if spine is not None:
            pieces.append(rotated(moved(spine, (y / 2 + LIFT_M, 0.0, 0.77 * z)), "z", side))
    pieces.append(box((x * 0.98, 0.0006, 0.0006), ink(card.colour), (0.0, 0.0, z + 0.0001)))
    collider = box_collider((x, y, z), (0.0, 0.0, z / 2))
    scale = float(params["size_m"]) / max(size)
    return weighed(pieces, [collider], SUBSTANCES["paper"], float(params["size_m"]), mass_kg * scale**3)


def _build_cereal_box(params: Params, paint: Material | None) -> Shape:
    z = 0.29
    size = (0.062 * float(params["depth_ratio"]), z * float(params["width_ratio"]), z)
    return _carton(params, paint, size, 0.5)


def _build_packet(params: Params, paint: Material | None) -> Shape:
    z = 0.15
    size = (0.065 * float(params["depth_ratio"]), z * float(params["width_ratio"]), z)
    return _carton(params, paint, size, 0.25)


def _build_milk_carton(params: Params, paint: Material | None) -> Shape:
    """A gable-topped carton, its ridge along y."""
    w, low, high = 0.074, 0.185 * float(params["height_ratio"]), 0.0
    ridge, fin = low + 0.032, low + 0.050
    high = fin
    a = w / 2
    band = paint or print_of(PALETTE["blue"], "blue")
    white = Material("carton_white", (0.74, 0.74, 0.72), roughness=0.5, lidar_reflectivity=0.7)
    base = rounded_box((w, w, low), 0.0015, white, (0.0, 0.0, low / 2))
    top = [(-a, -a, low), (a, -a, low), (a, a, low), (-a, a, low), (0, -a, ridge), (0, a, ridge)]
    roof = mesh(top, [[1, 2, 5], [1, 5, 4], [3, 0, 4], [3, 4, 5], [0, 1, 4], [2, 3, 5]], white)
    crest = box((0.003, w, fin - ridge + 0.004), white, (0.0, 0.0, (fin + ridge) / 2 - 0.002))
    pieces = [base, roof, crest]
    wave = np.linspace(-a, a, 17)
    edge = np.stack([wave, 0.30 * low + 0.010 * np.sin(wave / a * np.pi)], axis=1)
    print_ = _patch(np.vstack([[(-a, 0.004), (a, 0.004)], edge[::-1]]), band)
    for k in range(4):
        pieces.append(rotated(moved(print_, (a + LIFT_M, 0.0, 0.0)), "z", k * np.pi / 2))
        title = lettered("MILK", 0.75 * w, 0.032, band)
        if title is not None:
            pieces.append(rotated(moved(title, (a + LIFT_M, 0.0, 0.68 * low)), "z", k * np.pi / 2))
    cap = turned([(0, 0), (0.0115, 0), (0.0115, 0.011), (0, 0.011)], [0, 0, 0.002, 0], band)
    slope = float(np.arctan2(ridge - low, a))
    pieces.append(moved(rotated(cap, "y", np.pi / 2 - slope), (a * 0.52, 0.0, low + (ridge - low) * 0.48)))
    corners = [(sx * a, sy * a, z) for sx in (-1, 1) for sy in (-1, 1) for z in (0.0, low)]
    collider = hull_collider([*corners, (0, -a, high), (0, a, high)])
    return weighed(pieces, [collider], SUBSTANCES["paper"], float(params["size_m"]), 1.0)


def _build_tin(params: Params, paint: Material | None) -> Shape:
    """A ribbed tin in a paper label; its title faces +x."""
    r, h = 0.0375, 0.0375 * 2 * float(params["height_ratio"])
    rim = [(0, 0.003), (r - 0.003, 0.003), (r - 0.002, 0), (r + 0.001, 0), (r + 0.001, 0.004), (r, 0.005)]
    over = [(r, h - 0.005), (r + 0.001, h - 0.004), (r + 0.001, h), (r - 0.002, h), (r - 0.003, h - 0.003)]
    body = turned([*rim, *over, (0, h - 0.003)], 0.0004, TINPLATE)
    rings = [
        revolve([(s - 0.0008, h - 0.0028), (s, h - 0.0022), (s + 0.0008, h - 0.0028)][::-1], TINPLATE)
        for s in (0.014, 0.024)
    ]
    card = paint or print_of(PALETTE["red"], "red")
    low, high = 0.006, h - 0.006
    label = revolve([(r + 0.0003, low), (r + 0.0003, high)], card, segments=48)
    accent = _accent(params, card)
    stripe = revolve([(r + 0.0005, low + 0.05 * h), (r + 0.0005, low + 0.12 * h)], accent, segments=48)
    prints: list[Mesh] = []
    panel = _grid_panel(2.2 * r, 0.26 * h, CREAM)
    prints.append(moved(panel, (0.0005, 0.0, 0.68 * h)))
    title = lettered(str(params["title"]), 1.9 * r, 0.15 * h, ink(CREAM.colour))
    if title is not None:
        prints.append(moved(title, (0.0010, 0.0, 0.68 * h)))
    picture = motif(
        str(params["motif"]) if params["motif"] != "bands" else "disc", 1.1 * r, 0.36 * h, card, accent
    )
    prints += [moved(p, (0.0007, 0.0, 0.33 * h)) for p in picture]
    both = [wrapped(p, r) for p in prints]
    both += [rotated(p, "z", np.pi) for p in both]
    collider = disc_collider(r + 0.001, 0.0, h)
    return made(
        [body, *rings, label, stripe, *both],
        [collider],
        SUBSTANCES["metal"],
        float(params["size_m"]),
        1050.0 / 2700.0,
    )


def _grid_panel(width_m: float, height_m: float, material: Material, count: int = 12) -> Mesh:
    """A flat oblong cut into strips, so that it can be laid round a tin."""
    y = np.linspace(-width_m / 2, width_m / 2, count + 1)
    quads = [
        _patch([(a, -height_m / 2), (b, -height_m / 2), (b, height_m / 2), (a, height_m / 2)], material)
        for a, b in pairwise(y)
    ]
    return combine(quads)


_PRINTS = ("red", "blue", "green", "yellow", "orange", "purple", "cyan", "pink", "navy", "white")
CEREAL_BOX = thing(
    "cereal_box",
    {"size_m": (0.26, 0.32), "depth_ratio": (0.85, 1.15), "width_ratio": (0.62, 0.72)},
    _build_cereal_box,
    _PRINTS,
    ("paper",),
    choices={"title": CEREALS, "motif": MOTIFS, "accent": ACCENTS},
)
PACKET = thing(
    "packet",
    {"size_m": (0.13, 0.18), "depth_ratio": (0.85, 1.2), "width_ratio": (0.6, 0.85)},
    _build_packet,
    _PRINTS,
    ("paper",),
    choices={"title": BISCUITS, "motif": MOTIFS, "accent": ACCENTS},
)
MILK_CARTON = thing(
    "milk_carton",
    {"size_m": (0.20, 0.25), "height_ratio": (0.9, 1.05)},
    _build_milk_carton,
    ("blue", "red", "green"),
    ("paper",),
)
TIN = thing(
    "tin",
    {"size_m": (0.09, 0.12), "height_ratio": (1.15, 1.45)},
    _build_tin,
    _PRINTS,
    ("paper",),
    choices={"title": TINS, "motif": MOTIFS, "accent": ACCENTS},
)
