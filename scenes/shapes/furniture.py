"""Furniture: chair, bookcase and its shelves; their fronts face +x."""

from __future__ import annotations

from typing import Any

from pairforge.scenes.families import ShapeFamily
from pairforge.scenes.shapes.making import thing, weighed
from pairforge.scenes.shapes.meshing import combine, moved, tube, turned
from pairforge.scenes.shapes.primitives import Params, uniform
from pairforge.scenes.shapes.solids import box_collider, rounded_box, solid
from pairforge.scenes.shapes.substances import SUBSTANCES, TABLETOP
from pairforge.scenes.shapes.table import TIMBERS
from pairforge.scenes.world import Material, Mesh, Shape
from pairforge.seeding import Stream

WHITE_LACQUER = Material(
    "white_lacquer", (0.70, 0.70, 0.68), roughness=0.35, coat=0.2, lidar_reflectivity=0.7
)
CASES: dict[str, Material] = {**TIMBERS, "white": WHITE_LACQUER}
BOARD_M, SIDE_M, BACK_M = 0.022, 0.020, 0.008


def _build_chair(params: Params, paint: Material | None) -> Shape:
    """A kitchen chair: tapered legs, a dished seat, a slatted back at -x."""
    wood = paint or TIMBERS[str(params["timber"])]
    seat, top, half = 0.45, 0.86, 0.20
    pieces: list[Mesh] = [rounded_box((0.42, 0.42, 0.032), 0.012, wood, (0.0, 0.0, seat - 0.016))]
    for sy in (-1.0, 1.0):
        pieces.append(
            tube(
                [[0.19, sy * 0.19, 0.0], [half - 0.04, sy * (half - 0.04), seat - 0.03]],
                [0.013, 0.019],
                wood,
                sides=14,
            )
        )
        back = [
            [-0.22, sy * 0.19, 0.0],
            [-half + 0.02, sy * (half - 0.03), seat],
            [-half - 0.05, sy * (half - 0.03), top],
        ]
        pieces.append(tube(back, [0.013, 0.019, 0.013], wood, sides=14))
    for z, x in ((0.62, -0.213), (0.72, -0.229), (0.82, -0.244)):
        slat = rounded_box((0.014, 2 * half - 0.07, 0.055), 0.005, wood, (0.0, 0.0, 0.0))
        pieces.append(moved(turned(slat, "y", -0.16), (x, 0.0, z)))
    rung = tube([[0.0, -0.17, 0.20], [0.0, 0.17, 0.20]], 0.010, wood, sides=10)
    pieces += [moved(rung, (x, 0.0, 0.0)) for x in (0.176, -0.198)]
    colliders = [box_collider((0.42, 0.42, 0.032), (0.0, 0.0, seat - 0.016))]
    colliders += [
        box_collider((0.03, 0.03, seat), (x, y, seat / 2)) for x in (0.18, -0.20) for y in (-0.18, 0.18)
    ]
    colliders.append(box_collider((0.05, 0.40, top - seat), (-0.23, 0.0, (top + seat) / 2)))
    scale = float(params["size_m"]) / top
    return weighed(pieces, colliders, SUBSTANCES["wood"], float(params["size_m"]), 5.0 * scale**3)


def _draw_case(stream: Stream) -> dict[str, Any]:
    sizes = uniform(stream, width_m=(0.86, 1.0), depth_m=(0.27, 0.31), height_m=(1.25, 1.4))
    names = sorted(CASES)
    return sizes | {"timber": names[int((stream / "timber").rng().integers(len(names)))]}


def _build_case(params: dict[str, Any], paint: Material | None) -> Shape:
    """Sides, back, top and plinth. Its shelves are things of their own: see ``shelf_board``."""
    depth, width, height = (float(params[k]) for k in ("depth_m", "width_m", "height_m"))
    wood = paint or CASES[str(params["timber"])]
    sizes = [
        ((depth, SIDE_M, height), (0.0, (width - SIDE_M) / 2, height / 2)),
        ((depth, SIDE_M, height), (0.0, -(width - SIDE_M) / 2, height / 2)),
        ((depth, width, BOARD_M), (0.0, 0.0, height + BOARD_M / 2)),
        ((BACK_M, width - 2 * SIDE_M, height - 0.02), (-(depth - BACK_M) / 2, 0.0, height / 2)),
        ((depth - 0.03, width - 2 * SIDE_M, 0.055), (0.0, 0.0, 0.0275)),
    ]
    body = combine([rounded_box(size, 0.0015, wood, centre) for size, centre in sizes])
    return solid(body, [box_collider(s, c) for s, c in sizes], TABLETOP, 30.0)


def _draw_board(stream: Stream) -> dict[str, Any]:
    return uniform(stream, width_m=(0.84, 0.84), depth_m=(0.26, 0.26)) | {"timber": "oak"}


def _build_board(params: dict[str, Any], paint: Material | None) -> Shape:
    size = (float(params["depth_m"]), float(params["width_m"]), BOARD_M)
    body = rounded_box(size, 0.0015, paint or CASES[str(params["timber"])], (0.0, 0.0, BOARD_M / 2))
    return solid(body, [box_collider(size, (0.0, 0.0, BOARD_M / 2))], TABLETOP, 3.0)


CHAIR = thing(
    "chair",
    {"size_m": (0.84, 0.92)},
    _build_chair,
    choices={"timber": sorted(TIMBERS)},
    semantic="furniture",
)
BOOKCASE = ShapeFamily(
    name="bookcase",
    semantic="furniture",
    noun="bookcase",
    draw=_draw_case,
    build=_build_case,
    size_key="height_m",
)
SHELF_BOARD = ShapeFamily(
    name="shelf_board",
    semantic="shelf",
    noun="shelf",
    draw=_draw_board,
    build=_build_board,
    size_key="width_m",
)
