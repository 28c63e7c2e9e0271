"""Knife, fork and spoon, lying flat along x, their handles towards -x."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from shapely.geometry import Polygon
from shapely.geometry import box as rectangle
from shapely.ops import unary_union

from pairforge.frames import F64
from pairforge.scenes.shapes.cookware import BAKELITE, BEECH, HEAVY_METAL
from pairforge.scenes.shapes.making import thing, weighed
from pairforge.scenes.shapes.meshing import combine, creased, cylinder, extrude, grid, moved, tube
from pairforge.scenes.shapes.primitives import Params
from pairforge.scenes.shapes.solids import box_collider
from pairforge.scenes.world import Material, Mesh, Shape

POLISHED = Material(
    "polished_steel", (0.62, 0.62, 0.615), "plain", roughness=0.14, metallic=1.0, lidar_reflectivity=0.6
)
GRIPS = {"black": BAKELITE, "beech": BEECH}
TALL_M = 0.008
"""Colliders of thin things are this high at least, so that physics holds them."""


def _build_knife(params: Params, paint: Material | None) -> Shape:
    """A cook's knife on its side: the blade lies in the x-y plane."""
    blade, tang = 0.19, 0.12
    deep = 0.040 * float(params["depth_ratio"])
    t = np.linspace(0.0, 1.0, 18)
    edge = np.stack([blade * t, -deep * (1 - t**2.6)], axis=1)
    outline = np.vstack([edge, [(0.0, 0.004)]])
    steel = extrude(Polygon(outline).buffer(0), 0.0022, POLISHED)
    grip = GRIPS[str(params["grip"])]
    s = np.linspace(0.0, 1.0, 14)
    path = np.stack([-tang * s + 0.004, -0.011 - 0.004 * np.sin(np.pi * s), 0.0090 + 0 * s], axis=1)
    shape = np.stack([0.0075 + 0.0012 * np.sin(2 * np.pi * s), 0.0125 + 0.002 * s], axis=1)
    handle = tube(path, shape[:, ::-1], grip, sides=18)
    bolster = tube(
        [[0.001, -0.011, 0.009], [0.010, -0.011, 0.009]], np.full((2, 2), 0.0095), POLISHED, sides=18
    )
    rivets = [
        moved(cylinder(0.0032, 0.0005, POLISHED), (-tang * k, -0.0135, 0.0172)) for k in (0.2, 0.5, 0.8)
    ]
    pieces = [moved(steel, (0.008, 0.0, 0.0078)), handle, bolster, *rivets]
    colliders = [
        box_collider((blade, deep, TALL_M), (blade / 2, -deep / 2 + 0.002, 0.009)),
        box_collider((tang, 0.026, 0.018), (-tang / 2, -0.013, 0.009)),
    ]
    return weighed(pieces, colliders, HEAVY_METAL, float(params["size_m"]), 0.17)


def _bent(flat: Mesh, lift: F64) -> Mesh:
    """The mesh with each point raised by a curve over x: rows (x, z) of ``lift``."""
    v = flat.vertices.astype(np.float64).copy()
    v[:, 2] += np.interp(v[:, 0], lift[:, 0], lift[:, 1])
    return creased(replace(flat, vertices=v.astype(np.float32)), 35.0)


def _handle(length_m: float) -> Polygon:
    """The outline of a fork's or spoon's handle, from -length to 0, wider at its end."""
    x = np.linspace(-length_m, 0.0, 16)
    half = 0.0022 + 0.0045 * np.clip(-x / length_m, 0, 1) ** 1.6
    half[0] *= 0.55
    return Polygon(np.vstack([np.stack([x, -half], 1), np.stack([x[::-1], half[::-1]], 1)]))


def _sliced(outline: Polygon, thick_m: float, step_m: float = 0.006) -> Mesh:
    """An extruded outline cut across x into slices, so that it can be bent."""
    low, _, high, _ = outline.bounds
    cuts = np.arange(low, high, step_m)
    parts = []
    for a in cuts:
        piece = outline.intersection(rectangle(a, -1.0, min(a + step_m, high), 1.0))
        for one in getattr(piece, "geoms", [piece]):
            if one.geom_type == "Polygon" and one.area > 1e-9:
                parts.append(extrude(one, thick_m, POLISHED))
    return combine(parts)


def _build_fork(params: Params, paint: Material | None) -> Shape:
    length = 0.13
    neck = Polygon(
        [(0.0, -0.0022), (0.018, -0.0105), (0.034, -0.0125), (0.034, 0.0125), (0.018, 0.0105), (0.0, 0.0022)]
    )
    tines = [rectangle(0.030, y - 0.0017, 0.072, y + 0.0017) for y in (-0.0105, -0.0035, 0.0035, 0.0105)]
    outline = unary_union([_handle(length), neck, *tines]).buffer(0.0004)
    lift = np.array(
        [(-length, 0.004), (-0.06, 0.0015), (0.0, 0.011), (0.03, 0.006), (0.05, 0.0025), (0.073, 0.007)]
    )
    body = _bent(_sliced(outline, 0.0022), lift)
    colliders = [box_collider((length + 0.07, 0.020, 0.012), ((0.07 - length) / 2, 0.0, 0.0076))]
    return weighed([body], colliders, HEAVY_METAL, float(params["size_m"]), 0.05)


def _build_spoon(params: Params, paint: Material | None) -> Shape:
    length, a, b = 0.13, 0.029, 0.020 * float(params["bowl_ratio"])
    lift = np.array([(-length, 0.004), (-0.06, 0.0025), (-0.005, 0.0105), (0.01, 0.0105)])
    stem = _bent(_sliced(_handle(length).buffer(0.0004), 0.0022), lift)
    rings, sides = 9, 32
    t = np.linspace(0.0, 1.0, rings)
    angle = np.arange(sides) * (2 * np.pi / sides)
    egg = 1.0 - 0.12 * np.cos(angle)

    def dish(offset: float) -> F64:
        depth = 0.0085 * (t**2)[:, None] + offset
        x = 0.026 + a * t[:, None] * np.cos(angle)
        y = b * t[:, None] * np.sin(angle) * egg
        return np.stack([x, y, np.broadcast_to(depth, x.shape)], axis=-1)

    over, under = dish(0.0028), dish(0.0009)
    top = grid(over[::-1], POLISHED, closed=True)
    bottom = grid(under, POLISHED, closed=True)
    rim = grid(np.stack([over[-1], under[-1]])[:, :], POLISHED, closed=True)
    colliders = [
        box_collider((length, 0.012, 0.010), (-length / 2, 0.0, 0.0062)),
        box_collider((2 * a, 2 * b, 0.010), (0.026, 0.0, 0.0062)),
    ]
    return weighed([stem, top, bottom, rim], colliders, HEAVY_METAL, float(params["size_m"]), 0.05)


KNIFE = thing(
    "knife",
    {"size_m": (0.27, 0.34), "depth_ratio": (0.8, 1.1)},
    _build_knife,
    choices={"grip": sorted(GRIPS)},
)
FORK = thing("fork", {"size_m": (0.18, 0.205)}, _build_fork)
SPOON = thing("spoon", {"size_m": (0.17, 0.20), "bowl_ratio": (0.95, 1.1)}, _build_spoon)
