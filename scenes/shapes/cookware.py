"""What stands in a kitchen: pot, pan, kettle, teapot, toaster, cutting board."""

from __future__ import annotations

import numpy as np
from shapely.geometry import Point, Polygon
from shapely.geometry import box as rectangle

from pairforge.frames import F64
from pairforge.scenes.shapes.making import curve, made, shell, thing, turned, weighed
from pairforge.scenes.shapes.meshing import (
    box,
    creased,
    cylinder,
    ellipsoid,
    extrude,
    moved,
    revolve,
    tube,
)
from pairforge.scenes.shapes.meshing import (
    turned as rotated,
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
from pairforge.scenes.shapes.substances import SUBSTANCES, Substance, substance
from pairforge.scenes.shapes.tableware import GLAZE
from pairforge.scenes.world import Material, Mesh, Shape

STEEL = Material(
    "brushed_steel", (0.56, 0.565, 0.57), "metal", roughness=0.24, metallic=1.0, lidar_reflectivity=0.6
)
CAST_IRON = Material("cast_iron", (0.022, 0.022, 0.023), "plain", roughness=0.42, lidar_reflectivity=0.08)
BAKELITE = Material("bakelite", (0.018, 0.017, 0.016), roughness=0.35, lidar_reflectivity=0.06)
DARK_SLOT = Material("dark_slot", (0.012, 0.011, 0.010), roughness=0.9, lidar_reflectivity=0.04)
BEECH = Material("beech", (0.48, 0.31, 0.17), "wood", roughness=0.5, lidar_reflectivity=0.55, scale_m=0.2)
OLIVE_WOOD = Material(
    "olive_wood", (0.27, 0.145, 0.065), "wood", roughness=0.5, lidar_reflectivity=0.45, scale_m=0.2
)
BOARDS = {"beech": BEECH, "olive": OLIVE_WOOD}
HEAVY_METAL = Substance(7800.0, 0.45, 0.2)
"""Steel and iron, for what is thin-walled of it."""


def _loop(reach_m: float, width_m: float, height_m: float) -> F64:
    """A level bow (15, 3) in the x direction from (0, -w/2) to (0, +w/2)."""
    t = np.linspace(-np.pi / 2, np.pi / 2, 15)
    return np.stack([reach_m * np.cos(t) ** 0.6, width_m / 2 * np.sin(t), np.full(len(t), height_m)], axis=1)


def _build_pot(params: Params, paint: Material | None) -> Shape:
    r, h = 0.095, 0.19 * float(params["height_ratio"])
    outside = paint or STEEL
    outline = [(r - 0.008, 0.0), (r - 0.001, 0.007), (r, h - 0.004), (r + 0.003, h)]
    body = shell(curve(outline, 18), 0.0028, 0.005, outside)
    handle = tube(_loop(0.030, 0.075, h - 0.022), 0.0048, STEEL, sides=10)
    near = moved(handle, (r - 0.003, 0.0, 0.0))
    handles = [near, rotated(near, "z", np.pi)]
    walls = wall_colliders([(r - 0.002, 0.004), (r + 0.002, h)], 0.006)
    colliders = [disc_collider(r - 0.006, 0.0, 0.006), *walls]
    for sign in (-1.0, 1.0):
        colliders.append(box_collider((0.030, 0.078, 0.010), (sign * (r + 0.012), 0.0, h - 0.022)))
    return made([body, *handles], colliders, HEAVY_METAL, float(params["size_m"]), 0.8)


def _build_pan(params: Params, paint: Material | None) -> Shape:
    """A frying pan; its handle points along +x."""
    r, h = 0.125, 0.048
    iron = paint or CAST_IRON
    outline = [(r - 0.030, 0.0), (r - 0.022, 0.002), (r - 0.010, 0.018), (r, h)]
    body = shell(curve(outline, 16), 0.003, 0.004, iron)
    length = 0.19 * float(params["handle_ratio"])
    t = np.linspace(0.0, 1.0, 12)
    path = np.stack([r - 0.006 + length * t, 0 * t, h - 0.010 + 0.030 * np.sqrt(t)], axis=1)
    flat = np.stack([0.006 + 0.003 * np.sin(np.pi * t), 0.010 + 0.004 * t], axis=1)
    handle = tube(path, flat[:, ::-1], BAKELITE if paint is None else BEECH, sides=14)
    tip = ellipsoid((0.010, 0.011, 0.0075), BAKELITE if paint is None else BEECH)
    colliders = [
        disc_collider(r - 0.024, 0.0, 0.004),
        *wall_colliders([(r - 0.026, 0.001), (r - 0.010, 0.018), (r, h)], 0.006),
        box_collider((length, 0.026, 0.014), (r + length / 2, 0.0, h + 0.012)),
    ]
    pieces = [body, handle, moved(tip, path[-1].tolist())]
    return made(pieces, colliders, HEAVY_METAL, float(params["size_m"]), 0.55)


def _knob(height_m: float, material: Material, radius_m: float = 0.012) -> Mesh:
    profile = [(0, height_m), (0.006, height_m), (0.0055, height_m + 0.006), (radius_m, height_m + 0.013)]
    profile += [(radius_m * 0.8, height_m + 0.021), (0, height_m + 0.022)]
    return turned(profile, [0, 0, 0.003, 0.004, 0.004, 0], material)


def _build_kettle(params: Params, paint: Material | None) -> Shape:
    """A stove kettle: a wide base, a spout towards +x, a bow over the lid."""
    r, h = 0.095, 0.125 * float(params["height_ratio"])
    metal = paint or STEEL
    side = curve([(r - 0.006, 0.0), (r, 0.008), (r * 0.97, h * 0.4), (r * 0.72, h * 0.85), (0.045, h)], 28)
    body = creased(revolve(np.vstack([[(0.0, 0.0)], side, [(0.0, h + 0.001)]]), metal), 40.0)
    lid = turned([(0, h), (0.046, h), (0.044, h + 0.006), (0, h + 0.012)], [0, 0.001, 0.003, 0], metal)
    t = np.linspace(0.0, 1.0, 14)
    spout_path = np.stack([r * 0.82 + 0.062 * t**0.8, 0 * t, h * 0.42 + (h * 0.55) * t**1.35], axis=1)
    spout = tube(spout_path, 0.020 - 0.009 * t, metal, sides=16)
    mouth = moved(cylinder(0.0085, 0.002, DARK_SLOT), (*spout_path[-1][:2], spout_path[-1][2] - 0.0006))
    bow = np.linspace(-1.25, 1.25, 21)
    path = np.stack([0.075 * np.sin(bow), 0 * bow, h * 0.72 + 0.105 * (np.cos(bow) - 0.2)], axis=1)
    posts = tube(path, 0.0045, STEEL, sides=10)
    grip = tube(path[6:15], np.tile([0.0085, 0.0105], (9, 1)), BAKELITE, sides=12)
    pieces = [body, lid, _knob(h + 0.010, BAKELITE), spout, mouth, posts, grip]
    top = float(path[:, 2].max())
    colliders = [
        hull_collider(rings([(r, 0.0), (r, h * 0.35), (r * 0.72, h * 0.85), (0.046, h + 0.01)])),
        hull_collider(np.vstack([spout_path[:1] + d for d in ([0, 0.02, 0], [0, -0.02, 0], [0, 0, 0.02])]
                                + [spout_path[-1:] + d for d in ([0.01, 0.01, 0], [0, -0.01, 0])])),
        box_collider((0.10, 0.020, 0.016), (0.0, 0.0, top - 0.006)),
        box_collider((0.012, 0.012, top - h * 0.7), (-0.070, 0.0, (top + h * 0.7) / 2)),
        box_collider((0.012, 0.012, top - h * 0.7), (0.070, 0.0, (top + h * 0.7) / 2)),
    ]  # fmt: skip
    return weighed(pieces, colliders, SUBSTANCES["metal"], float(params["size_m"]), 1.1)


def _build_teapot(params: Params, paint: Material | None) -> Shape:
    r = 0.068 * float(params["belly_ratio"])
    h, clay = 0.105, paint or GLAZE
    side = curve(
        [(0.040, 0.0), (0.044, 0.004), (r, 0.045), (r * 0.9, 0.075), (0.040, h - 0.006), (0.034, h)], 28
    )
    body = creased(revolve(np.vstack([[(0.0, 0.001)], side, [(0.0, h)]]), clay), 40.0)
    lid = turned([(0, h), (0.035, h), (0.032, h + 0.006), (0, h + 0.013)], [0, 0.001, 0.004, 0], clay)
    t = np.linspace(0.0, 1.0, 16)
    spout_path = np.stack([r * 0.85 + 0.058 * t, 0 * t, 0.036 + 0.062 * (3 * t**2 - 2 * t**3)], axis=1)
    spout = tube(spout_path, 0.016 - 0.0085 * np.sqrt(t), clay, sides=16)
    mouth = moved(cylinder(0.0055, 0.002, DARK_SLOT), (*spout_path[-1][:2], spout_path[-1][2]))
    bow = np.linspace(-np.pi / 2, np.pi / 2, 19)
    ear = np.stack([-(r * 0.9 + 0.042 * np.cos(bow) ** 0.7), 0 * bow, 0.056 + 0.030 * np.sin(bow)], axis=1)
    handle = tube(ear, np.tile([0.0055, 0.0075], (19, 1)), clay, sides=14)
    colliders = [
        hull_collider(rings([(0.044, 0.0), (r, 0.045), (r * 0.9, 0.075), (0.034, h + 0.012)])),
        box_collider((0.050, 0.022, 0.022), (r + 0.020, 0.0, 0.070)),
        box_collider((0.040, 0.014, 0.066), (-(r + 0.022), 0.0, 0.056)),
    ]
    pieces = [body, lid, _knob(h + 0.011, clay, 0.010), spout, mouth, handle]
    return weighed(pieces, colliders, substance(paint, "ceramic"), float(params["size_m"]), 0.75)


def _build_toaster(params: Params, paint: Material | None) -> Shape:
    """Two slots along x; the lever is at the +x end."""
    x, y, z = 0.27, 0.165 * float(params["width_ratio"]), 0.185
    skin = paint or STEEL
    body = rounded_box((x, y, z - 0.012), 0.032, skin, (0.0, 0.0, 0.012 + (z - 0.012) / 2), segments=6)
    foot = rounded_box((x - 0.03, y - 0.03, 0.016), 0.006, BAKELITE, (0.0, 0.0, 0.008))
    slots = [
        rounded_box((0.150, 0.026, 0.004), 0.0015, DARK_SLOT, (0.0, s * 0.026, z - 0.0014)) for s in (-1, 1)
    ]
    rims = [rounded_box((0.160, 0.035, 0.003), 0.001, STEEL, (0.0, s * 0.026, z - 0.0012)) for s in (-1, 1)]
    slit = box((0.002, 0.008, 0.095), DARK_SLOT, (x / 2 - 0.0002, 0.0, 0.095))
    lever = rounded_box((0.022, 0.040, 0.014), 0.005, BAKELITE, (x / 2 + 0.010, 0.0, 0.118))
    dial = moved(cylinder(0.014, 0.012, STEEL, axis="x", bevel_m=0.002), (x / 2 + 0.005, 0.042, 0.050))
    pieces = [body, foot, *rims, *slots, slit, lever, dial]
    colliders = [box_collider((x, y, z), (0.0, 0.0, z / 2))]
    return weighed(pieces, colliders, SUBSTANCES["metal"], float(params["size_m"]), 1.7)


def _build_cutting_board(params: Params, paint: Material | None) -> Shape:
    x, thick = 0.34, 0.018
    y = x * float(params["width_ratio"])
    wood = paint or BOARDS[str(params["timber"])]
    plan: Polygon = rectangle(-x / 2 + 0.02, -y / 2 + 0.02, x / 2 - 0.02, y / 2 - 0.02).buffer(0.02)
    if params["form"] == "paddle":
        grip = rectangle(x / 2 - 0.02, -0.026, x / 2 + 0.085, 0.026).buffer(0.012)
        plan = plan.union(grip).buffer(0.008).buffer(-0.008)
    hole = Point(plan.bounds[2] - 0.030, 0.0).buffer(0.011)
    slab = extrude(plan.difference(hole).simplify(0.0004), thick - 0.004, wood)
    # A soft edge: two thinner sheets, drawn in a little, above and below.
    inner = plan.difference(hole).buffer(-0.0018).simplify(0.0004)
    pieces = [moved(slab, (0.0, 0.0, 0.002)), extrude(inner, thick, wood)]
    low, _, high, _ = plan.bounds
    colliders = [box_collider((x, y, thick), (0.0, 0.0, thick / 2))]
    if high > x / 2 + 0.01:
        colliders.append(box_collider((high - x / 2, 0.07, thick), ((high + x / 2) / 2, 0.0, thick / 2)))
    weight = SUBSTANCES["wood"].density_kg_m3 * plan.area * thick
    factor = float(params["size_m"]) / (high - low)
    return weighed(pieces, colliders, SUBSTANCES["wood"], float(params["size_m"]), weight * factor**3)


_ENAMELS = ("red", "blue", "green", "white", "yellow", "cyan")
POT = thing("pot", {"size_m": (0.20, 0.28), "height_ratio": (0.5, 0.8)}, _build_pot, (), ("metal",))
PAN = thing("pan", {"size_m": (0.38, 0.46), "handle_ratio": (0.9, 1.1)}, _build_pan, (), ("metal",))
KETTLE = thing(
    "kettle", {"size_m": (0.22, 0.26), "height_ratio": (0.9, 1.15)}, _build_kettle, _ENAMELS, ("ceramic",)
)
TEAPOT = thing(
    "teapot", {"size_m": (0.20, 0.25), "belly_ratio": (0.92, 1.1)}, _build_teapot, _ENAMELS, ("ceramic",)
)
TOASTER = thing(
    "toaster",
    {"size_m": (0.27, 0.31), "width_ratio": (0.95, 1.1)},
    _build_toaster,
    ("silver", "red", "black", "cyan", "beige"),
    ("car_paint",),
)
CUTTING_BOARD = thing(
    "cutting_board",
    {"size_m": (0.32, 0.42), "width_ratio": (0.58, 0.72)},
    _build_cutting_board,
    (),
    ("wood",),
    choices={"timber": sorted(BOARDS), "form": ("plain", "paddle")},
)
