"""The corner of a room: a plank floor and two plastered walls with skirting boards, open to the light."""

from __future__ import annotations

from itertools import pairwise
from typing import Any

import numpy as np

from pairforge.frames import Pose
from pairforge.scenes.families import ShapeFamily
from pairforge.scenes.shapes.meshing import box, combine, mesh
from pairforge.scenes.shapes.solids import box_collider
from pairforge.scenes.world import Material, Mesh, Shape, ShapePart
from pairforge.seeding import Stream

PLANKS = tuple(
    Material(f"plank_{k}", (0.30 * t, 0.185 * t, 0.10 * t), "wood", roughness=0.5, lidar_reflectivity=0.4)
    for k, t in enumerate((0.82, 1.0, 1.16))
)
WALLS = {
    "chalk": (0.66, 0.64, 0.60),
    "sage": (0.34, 0.42, 0.33),
    "sky": (0.36, 0.46, 0.55),
    "clay": (0.52, 0.33, 0.24),
}
SKIRTING = Material("skirting", (0.72, 0.71, 0.69), roughness=0.4, lidar_reflectivity=0.7)
PLANK_M, WALL_M = 0.14, 0.1


def _draw(stream: Stream) -> dict[str, Any]:
    names = sorted(WALLS)
    return {
        "size_m": 5.0,
        "height_m": 2.6,
        "wall": names[int((stream / "wall").rng().integers(len(names)))],
        "shuffle": int((stream / "shuffle").rng().integers(1000)),
    }


def _floor(side: float, shuffle: int) -> Mesh:
    """Planks along y; which of three shades each has follows from ``shuffle``."""
    count = int(np.ceil(side / PLANK_M))
    edges = np.linspace(-side / 2, side / 2, count + 1)
    pieces = []
    for k, (a, b) in enumerate(pairwise(edges)):
        cut = side * (((k * 7 + shuffle) % 11) / 11 - 0.5) * 0.8
        for j, (c, d) in enumerate(((-side / 2, cut), (cut, side / 2))):
            corners = np.array([[a, c, 0.0], [b, c, 0.0], [b, d, 0.0], [a, d, 0.0]])
            shade = PLANKS[(k * k * 5 + 3 * j + k + shuffle) % 3]
            pieces.append(mesh(corners, np.array([[0, 1, 2], [0, 2, 3]]), shade))
    return combine(pieces)


def _build(params: dict[str, Any], paint: Material | None) -> Shape:
    """Floor of ``size_m`` squared about the origin; walls stand at its +x and +y edges."""
    side, height = float(params["size_m"]), float(params["height_m"])
    plaster = paint or Material(
        f"plaster_{params['wall']}",
        WALLS[str(params["wall"])],
        "plaster",
        roughness=0.9,
        lidar_reflectivity=0.6,
    )
    far = side / 2 + WALL_M / 2
    walls = [((WALL_M, side + 2 * WALL_M, height), (far, 0.0)), ((side, WALL_M, height), (0.0, far))]
    near = side / 2 - 0.008
    boards = [((0.016, side, 0.09), (near, 0.0)), ((side, 0.016, 0.09), (0.0, near))]
    standing = [box(s, plaster, (*at, s[2] / 2)) for s, at in walls]
    skirting = [box(s, SKIRTING, (*at, s[2] / 2), bevel_m=0.003) for s, at in boards]
    slab = box_collider((400.0, 400.0, 1.0), (0.0, 0.0, -0.5))
    return Shape(
        parts=(
            ShapePart("floor", _floor(side, int(params["shuffle"])), Pose.of(), "floor"),
            ShapePart("walls", combine(standing + skirting), Pose.of(), "wall"),
        ),
        size_m=(side, side, height),
        centre_m=(0.0, 0.0, height / 2),
        mass_kg=0.0,
        colliders=(slab, *(box_collider(s, (*at, s[2] / 2)) for s, at in walls)),
        friction=0.9,
        restitution=0.9,
    )


ROOM = ShapeFamily(
    name="room", semantic="floor", noun="room", draw=_draw, build=_build, stuff=True, size_key="size_m"
)
