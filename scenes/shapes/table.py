"""A wooden table: a rounded top on aprons and four tapered legs."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np

from pairforge.scenes.families import ShapeFamily
from pairforge.scenes.shapes.meshing import combine, moved, volume_m3
from pairforge.scenes.shapes.primitives import uniform
from pairforge.scenes.shapes.solids import box_collider, rounded_box, solid
from pairforge.scenes.shapes.substances import SUBSTANCES, TABLETOP
from pairforge.scenes.world import Material, Mesh, Shape
from pairforge.seeding import Stream

TIMBERS = {
    name: Material(name, colour, pattern="wood", roughness=0.42, lidar_reflectivity=lidar, scale_m=0.5)
    for name, colour, lidar in (
        ("birch", (0.50, 0.35, 0.20), 0.55),
        ("oak", (0.42, 0.25, 0.12), 0.5),
        ("walnut", (0.16, 0.085, 0.045), 0.35),
    )
}
LEG_M, INSET_M, APRON_M = 0.07, 0.09, 0.08


def _draw(stream: Stream) -> dict[str, Any]:
    sizes = uniform(
        stream, length_m=(1.15, 1.4), width_m=(0.72, 0.84), height_m=(0.70, 0.76), thickness_m=(0.03, 0.045)
    )
    return sizes | {"timber": sorted(TIMBERS)[int((stream / "timber").rng().integers(len(TIMBERS)))]}


def _leg(x: float, y: float, height: float, timber: Material) -> Mesh:
    """A square leg that narrows towards the floor."""
    leg = rounded_box((LEG_M, LEG_M, height), 0.006, timber)
    taper = 0.62 + 0.38 * (leg.vertices[:, 2:] / height + 0.5)
    narrowed = leg.vertices * np.hstack([taper, taper, np.ones_like(taper)])
    return moved(replace(leg, vertices=narrowed.astype(np.float32)), (x, y, height / 2))


def _build(params: dict[str, Any], paint: Material | None) -> Shape:
    length, width = float(params["length_m"]), float(params["width_m"])
    height, thickness = float(params["height_m"]), float(params["thickness_m"])
    timber = paint or TIMBERS[str(params["timber"])]
    below = height - thickness
    x, y = length / 2 - INSET_M, width / 2 - INSET_M
    feet = [(sx * x, sy * y) for sx in (-1, 1) for sy in (-1, 1)]
    top = rounded_box((length, width, thickness), 0.008, timber, (0.0, 0.0, below + thickness / 2))
    pieces = [top, *(_leg(*foot, below, timber) for foot in feet)]
    for sign in (-1, 1):
        mid = below - APRON_M / 2
        pieces.append(rounded_box((2 * x - LEG_M, 0.022, APRON_M), 0.003, timber, (0.0, sign * y, mid)))
        pieces.append(rounded_box((0.022, 2 * y - LEG_M, APRON_M), 0.003, timber, (sign * x, 0.0, mid)))
    body = combine(pieces)
    colliders = [
        box_collider((length, width, thickness), (0.0, 0.0, below + thickness / 2)),
        *(box_collider((LEG_M, LEG_M, below), (*foot, below / 2)) for foot in feet),
    ]
    return solid(body, colliders, TABLETOP, SUBSTANCES["wood"].density_kg_m3 * volume_m3(body))


TABLE = ShapeFamily(
    name="table", semantic="table", noun="table", draw=_draw, build=_build, size_key="length_m"
)
