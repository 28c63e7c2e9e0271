"""Things one finds on a table: mug, bowl, plate, bottle, can, book, apple, banana.

Turned ones are closed profiles revolved about their axis; hollow ones collide with rings of boxes, so that a ball
lands *in* a bowl. Dimensions are nominal; the whole is scaled to ``size_m``, its largest extent.
"""

from __future__ import annotations

from itertools import pairwise

import numpy as np

from pairforge.frames import F64
from pairforge.scenes.shapes.making import SEGMENTS, made, thing, turned
from pairforge.scenes.shapes.meshing import (
    box,
    creased,
    ellipsoid,
    moved,
    revolve,
    tube,
)
from pairforge.scenes.shapes.primitives import Params
from pairforge.scenes.shapes.solids import (
    box_collider,
    disc_collider,
    hull_collider,
    rings,
    rounded_box,
    wall_colliders,
)
from pairforge.scenes.shapes.substances import SUBSTANCES, substance
from pairforge.scenes.world import Material, Shape

GLAZE = Material("glaze", (0.75, 0.73, 0.68), roughness=0.2, coat=0.6, lidar_reflectivity=0.7)
PET = Material("pet", (0.10, 0.30, 0.12), roughness=0.15, coat=0.5, lidar_reflectivity=0.2)
CAP = Material("cap", (0.75, 0.75, 0.75), roughness=0.4, lidar_reflectivity=0.6)
LABEL = Material("label", (0.80, 0.79, 0.74), roughness=0.7, lidar_reflectivity=0.7)
ALUMINIUM = Material(
    "aluminium", (0.62, 0.63, 0.64), "metal", roughness=0.3, metallic=1.0, lidar_reflectivity=0.6
)
PAPER = Material("pages", (0.78, 0.75, 0.66), roughness=0.9, lidar_reflectivity=0.75)
SKIN = Material("apple_skin", (0.45, 0.03, 0.02), roughness=0.3, coat=0.3, lidar_reflectivity=0.5)
STALK = Material("stalk", (0.07, 0.04, 0.015), pattern="bark", roughness=0.9, lidar_reflectivity=0.3)
PEEL = Material("banana_peel", (0.75, 0.55, 0.05), roughness=0.5, lidar_reflectivity=0.6)


def _build_mug(params: Params, paint: Material | None) -> Shape:
    r, h, wall = 0.041, 0.095, 0.0045
    glaze = paint or GLAZE
    profile = [(0, 0.003), (r - 0.010, 0.003), (r - 0.009, 0), (r - 0.004, 0), (r, 0.008), (r, h)]
    profile += [(r - wall, h), (r - wall, 0.012), (r - wall - 0.008, 0.007), (0, 0.007)]
    cup = turned(profile, [0, 0, 0.001, 0.002, 0.006, 0.002, 0.002, 0.006, 0.004, 0], glaze)
    bow = np.linspace(-np.pi / 2, np.pi / 2, 17)
    reach, rise = float(params["handle_m"]), 0.031
    path = np.stack([r - 0.002 + reach * np.cos(bow) ** 0.7, 0 * bow, h * 0.52 + rise * np.sin(bow)], axis=1)
    handle = tube(path, np.tile([0.0048, 0.0065], (17, 1)), glaze, sides=14)
    colliders = [disc_collider(r - 0.002, 0.0, 0.008), *wall_colliders([(r, 0.006), (r, h)], 0.006)]
    for z in (h * 0.52 - rise + 0.004, h * 0.52 + rise - 0.004):
        colliders.append(box_collider((reach, 0.012, 0.010), (r + reach / 2, 0.0, z)))
    colliders.append(box_collider((0.010, 0.012, 2 * rise - 0.01), (r + reach - 0.003, 0.0, h * 0.52)))
    return made([cup, handle], colliders, substance(paint, "ceramic"), float(params["size_m"]))


def _build_bowl(params: Params, paint: Material | None) -> Shape:
    depth = float(params["depth_m"])
    t = np.linspace(0.0, 1.0, 10)
    outer = np.stack([0.030 + 0.045 * np.sin(t * np.pi / 2) ** 0.8, 0.004 + depth * t**1.6], axis=1)
    inner = outer[::-1] - np.stack([np.full(10, 0.0045), -0.003 * (1 - t[::-1])], axis=1)
    profile = np.vstack([[(0, 0.002), (0.026, 0.002), (0.027, 0), (0.030, 0)], outer, inner, [(0, 0.0075)]])
    cup = creased(revolve(profile, paint or GLAZE, segments=SEGMENTS), 45.0)
    walls = wall_colliders([(float(a), float(b)) for a, b in outer[[0, 3, 6, 9]]], 0.006)
    colliders = [disc_collider(0.030, 0.0, 0.007), *walls]
    return made([cup], colliders, substance(paint, "ceramic"), float(params["size_m"]))


def _build_plate(params: Params, paint: Material | None) -> Shape:
    profile = [(0, 0.003), (0.060, 0.003), (0.062, 0), (0.066, 0), (0.074, 0.006), (0.115, 0.018)]
    profile += [(0.114, 0.021), (0.074, 0.0105), (0.064, 0.007), (0, 0.0065)]
    dish = turned(profile, [0, 0, 0.001, 0.001, 0.006, 0.0015, 0.0015, 0.006, 0.006, 0], paint or GLAZE)
    rim = wall_colliders([(0.066, 0.0), (0.074, 0.006), (0.115, 0.019)], 0.006)
    colliders = [disc_collider(0.066, 0.0, 0.0066), *rim]
    return made([dish], colliders, substance(paint, "ceramic"), float(params["size_m"]))


def _build_bottle(params: Params, paint: Material | None) -> Shape:
    r, h, neck = 0.033, float(params["height_m"]), 0.0125
    shoulder = h - 0.075
    profile = [(0, 0.004), (r - 0.012, 0.004), (r - 0.009, 0), (r - 0.003, 0), (r, 0.006), (r, shoulder)]
    profile += [(neck, h - 0.030), (neck, h - 0.004), (0, h - 0.004)]
    glass = turned(profile, [0, 0.001, 0.002, 0.003, 0.006, 0.03, 0.025, 0.001, 0], paint or PET)
    cap_profile = [(0, h - 0.022), (neck + 0.003, h - 0.022), (neck + 0.003, h), (0, h)]
    cap = turned(cap_profile, [0, 0.0005, 0.002, 0], CAP)
    low, high = 0.25 * h, 0.55 * h
    band = [(r + 0.0004, low), (r + 0.0004, min(high, shoulder - 0.03))]
    label = revolve(band, LABEL, segments=SEGMENTS)
    outline = [
        (r, 0.0),
        (r, shoulder),
        (0.8 * r, shoulder + 0.02),
        (neck + 0.003, h - 0.03),
        (neck + 0.003, h),
    ]
    colliders = [hull_collider(rings(outline))]
    return made([glass, cap, label], colliders, substance(paint, "plastic"), float(params["size_m"]))


def _build_can(params: Params, paint: Material | None) -> Shape:
    r, h = 0.033, float(params["height_m"])
    low = [(0, 0.008), (0.020, 0.005), (0.023, 0), (0.025, 0), (r, 0.010)]
    base = turned(low, [0, 0.003, 0.001, 0.001, 0.004], ALUMINIUM)
    side = [(r, 0.010), (r, h - 0.014), (0.0268, h - 0.003)]
    print_ = turned(side, [0, 0.005, 0], paint or ALUMINIUM)
    top = [(0.0268, h - 0.003), (0.027, h), (0.0255, h), (0.025, h - 0.004), (0, h - 0.004)]
    lid = turned(top, [0, 0.0008, 0.0008, 0.001, 0], ALUMINIUM)
    tab = moved(box((0.022, 0.011, 0.0012), ALUMINIUM, bevel_m=0.0005), (0.004, 0.0, h - 0.0032))
    collider = disc_collider(r, 0.0, h)
    # Full of drink: a little denser than water, whatever the skin.
    return made(
        [base, print_, lid, tab], [collider], SUBSTANCES["metal"], float(params["size_m"]), 1020.0 / 2700.0
    )


def _build_book(params: Params, paint: Material | None) -> Shape:
    x, y, z = 0.21, 0.21 * float(params["width_ratio"]), float(params["thickness_m"])
    board = 0.0028
    cover = paint or LABEL
    boards = [rounded_box((x, y, board), 0.001, cover, (0.0, 0.0, h)) for h in (board / 2, z - board / 2)]
    spine = rounded_box((x, board, z), 0.0012, cover, (0.0, -(y - board) / 2, z / 2))
    pages = box((x - 0.010, y - 0.008, z - 2 * board), PAPER, (0.0, 0.001, z / 2))
    colliders = [box_collider((x, y, z), (0.0, 0.0, z / 2))]
    return made([*boards, spine, pages], colliders, SUBSTANCES["paper"], float(params["size_m"]))


def _build_apple(params: Params, paint: Material | None) -> Shape:
    t = np.linspace(-np.pi, 0.0, 33)
    # A circle, pulled in at both poles and a little narrower below.
    radius = 0.038 * np.sin(-t) ** 0.92 * (1 - 0.10 * np.clip(np.cos(t + np.pi) - 0.1, 0, None))
    z = 0.034 * -np.cos(t + np.pi) + 0.010 * np.exp(-((radius / 0.011) ** 2)) * np.cos(t + np.pi)
    profile = np.stack([radius, z], axis=1)
    profile[[0, -1], 0] = 0.0
    flesh = revolve(profile, paint or SKIN, segments=SEGMENTS)
    foot = float(profile[-1, 1])
    path = np.array([[0, 0, foot - 0.002], [0.001, 0, foot + 0.008], [0.004, 0, foot + 0.016]])
    stalk = tube(path, [0.0012, 0.0010, 0.0014], STALK, sides=8)
    angle = np.arange(20) * (2 * np.pi / 20)
    points = np.concatenate(
        [np.stack([a * np.cos(angle), a * np.sin(angle), 0 * angle + b], 1) for a, b in profile[2:-2:3]]
    )
    return made([flesh, stalk], [hull_collider(points)], SUBSTANCES["fruit"], float(params["size_m"]))


def _banana_spine(count: int) -> F64:
    """Centre line (count, 3) lying in the x-y plane."""
    a = np.linspace(-0.75, 0.75, count)
    return np.stack([0.115 * np.sin(a), 0.115 * (np.cos(a) - 0.9), 0 * a], axis=1)


def _build_banana(params: Params, paint: Material | None) -> Shape:
    t = np.linspace(0.0, 1.0, 25)
    radii = 0.0175 * np.clip(np.minimum(t / 0.16, (1 - t) / 0.2), 0.0, 1.0) ** 0.55
    radii = np.maximum(radii, np.where(t < 0.5, 0.0035, 0.0045))
    peel = creased(tube(_banana_spine(25), radii, PEEL, sides=6), 70.0)
    ends = _banana_spine(25)[[0, -1]]
    tips = [ellipsoid((0.0045, 0.0045, 0.0045), STALK, segments=10, rings=6) for _ in ends]
    pieces = [peel, *(moved(tip, end.tolist()) for tip, end in zip(tips, ends, strict=True))]
    nodes = _banana_spine(5)
    colliders = []
    for a, b in pairwise(nodes):
        yaw = float(np.arctan2(b[1] - a[1], b[0] - a[0]))
        colliders.append(
            box_collider((float(np.linalg.norm(b - a)), 0.028, 0.029), ((a + b) / 2).tolist(), yaw)
        )
    return made(pieces, colliders, SUBSTANCES["fruit"], float(params["size_m"]))


_GLAZES = ("white", "red", "blue", "green", "yellow", "cyan", "orange")


MUG = thing("mug", {"size_m": (0.11, 0.13), "handle_m": (0.026, 0.034)}, _build_mug, _GLAZES, ("ceramic",))
BOWL = thing("bowl", {"size_m": (0.14, 0.19), "depth_m": (0.045, 0.062)}, _build_bowl, _GLAZES, ("ceramic",))
PLATE = thing("plate", {"size_m": (0.20, 0.26)}, _build_plate, _GLAZES, ("ceramic",))
BOTTLE = thing(
    "bottle",
    {"size_m": (0.20, 0.26), "height_m": (0.20, 0.24)},
    _build_bottle,
    ("green", "blue", "red", "orange"),
    ("plastic",),
)
CAN = thing(
    "can",
    {"size_m": (0.11, 0.125), "height_m": (0.108, 0.122)},
    _build_can,
    ("red", "blue", "green", "yellow", "orange", "purple"),
    ("plastic",),
)
BOOK = thing(
    "book",
    {"size_m": (0.18, 0.24), "width_ratio": (0.64, 0.76), "thickness_m": (0.022, 0.042)},
    _build_book,
    ("red", "blue", "green", "navy", "brown", "orange", "purple"),
    ("paper",),
)
APPLE = thing("apple", {"size_m": (0.07, 0.085)}, _build_apple, ("red", "green", "yellow"), ("plastic",))
BANANA = thing("banana", {"size_m": (0.17, 0.20)}, _build_banana, (), ())
