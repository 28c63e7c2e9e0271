"""Books that stand upright, their spines towards +x: cloth or paper, banded or plain, with a title."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pairforge.scenes.shapes.groceries import LIFT_M
from pairforge.scenes.shapes.making import ink, lettered, made, thing
from pairforge.scenes.shapes.meshing import box, moved, turned
from pairforge.scenes.shapes.primitives import Params
from pairforge.scenes.shapes.solids import box_collider, rounded_box
from pairforge.scenes.shapes.substances import SUBSTANCES
from pairforge.scenes.shapes.tableware import LABEL, PAPER
from pairforge.scenes.world import Material, Mesh, Shape

FIRST = ("ON", "A HISTORY OF", "THE ART OF", "NOTES ON", "INSIDE", "BEYOND", "THE QUIET", "LETTERS FROM")
SECOND = (
    "RIVERS",
    "GLASS",
    "MAPS",
    "WINTER",
    "BREAD",
    "STARS",
    "GARDENS",
    "THE SEA",
    "STONE",
    "BIRDS",
    "SALT",
)
STYLES = ("plain", "bands", "panel", "tips")


def _spine(params: Params, cover: Material, thick: float, z: float) -> list[Mesh]:
    """What is printed on the back of a book: in the plane x = 0, centred at half its height."""
    style, shade = str(params["style"]), ink(cover.colour)
    flat: list[Mesh] = []
    if style == "bands":
        flat += [
            box((LIFT_M, 0.92 * thick, 0.0022), shade, (0.0, 0.0, k * z)) for k in (-0.38, -0.36, 0.36, 0.38)
        ]
    elif style == "tips":
        flat += [box((LIFT_M, 0.92 * thick, 0.05 * z), shade, (0.0, 0.0, k * z)) for k in (-0.42, 0.42)]
    elif style == "panel":
        flat.append(box((LIFT_M, 0.92 * thick, 0.62 * z), LABEL, (0.0, 0.0, 0.04 * z)))
        shade = ink(LABEL.colour)
    title = lettered(f"{params['first']} {params['second']}", 0.56 * z, 0.42 * thick, shade, 0.15)
    if title is not None:
        flat.append(moved(turned(title, "x", -np.pi / 2), (LIFT_M, 0.0, 0.04 * z)))
    return flat


def _build(params: Params, paint: Material | None) -> Shape:
    z = 0.24
    x, thick, board = (
        z * float(params["depth_ratio"]),
        float(params["thickness_m"]) * 0.24 / float(params["size_m"]),
        0.0026,
    )
    cover = paint or LABEL
    if params["binding"] == "cloth":
        cover = replace(cover, name=f"{cover.name}_cloth", pattern="fabric", roughness=0.9, scale_m=0.03)
    sides = [
        rounded_box((x, board, z), 0.0009, cover, (0.0, s * (thick - board) / 2, z / 2)) for s in (-1, 1)
    ]
    spine = rounded_box((board, thick, z), 0.0011, cover, ((x - board) / 2, 0.0, z / 2))
    pages = box((x - 0.008, thick - 2 * board, z - 0.008), PAPER, (0.001, 0.0, z / 2))
    prints = [moved(p, (x / 2 + LIFT_M, 0.0, z / 2)) for p in _spine(params, cover, thick, z)]
    collider = box_collider((x, thick, z), (0.0, 0.0, z / 2))
    return made([*sides, spine, pages, *prints], [collider], SUBSTANCES["paper"], float(params["size_m"]))


STANDING_BOOK = thing(
    "standing_book",
    {"size_m": (0.19, 0.27), "depth_ratio": (0.62, 0.78), "thickness_m": (0.016, 0.045)},
    _build,
    (
        "red",
        "blue",
        "green",
        "navy",
        "brown",
        "orange",
        "purple",
        "beige",
        "white",
        "grey",
        "yellow",
        "black",
    ),
    ("paper",),
    noun="book",
    choices={"first": FIRST, "second": SECOND, "style": STYLES, "binding": ("cloth", "paper")},
)
