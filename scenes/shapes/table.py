"""A wooden table: a rounded top on aprons and four tapered legs."""

from __future__ import annotations

from typing import Any

import numpy as np
from pairforge.frames import Pose
from pairforge.scenes.families import ShapeFamily
from pairforge.scenes.shapes.solids import Piece, box_collider, rounded_box, solid, volume_m3
from pairforge.scenes.shapes.substances import SUBSTANCES
from pairforge.scenes.world import Material, Shape
from pairforge.seeding import Stream

OAK = Material("oak", (0.42, 0.25, 0.12), pattern="wood", roughness=0.45, lidar_reflectivity=0.5, scale_m=0.6)
WALNUT = Material(
    "walnut", (0.16, 0.085, 0.045), pattern="wood", roughness=0.4, lidar_reflectivity=0.35, scale_m=0.6
)
BIRCH = Material(
    "birch", (0.62, 0.46, 0.28), pattern="wood", roughness=0.5, lidar_reflectivity=0.6, scale_m=0.6
)
TIMBERS = {"oak": OAK, "walnut": WALNUT, "birch": BIRCH}


def _draw(stream: Stream) -> dict[str, Any]:
    def uniform(name: str, low: float, high: float) -> float:
        return round(float((stream / name).rng().uniform(low, high)), 3)

    timber = sorted(TIMBERS)[int((stream / "timber").rng().integers(len(TIMBERS)))]
    return {
        "length_m": uniform("length_m", 1.2, 1.6),
        "width_m": uniform("width_m", 0.75, 0.9),
        "height_m": uniform("height_m", 0.70, 0.76),
        "thickness_m": uniform("thickness_m", 0.03, 0.045),
        "timber": timber,
    }


def _leg(x: float, y: float, height: float, top: float) -> Piece:
    """A square leg that narrows towards the floor."""
    piece = rounded_box((top, top, height), 0.006)
    taper = 0.62 + 0.38 * (piece.vertices[:, 2] / height + 0.5)
    vertices = piece.vertices * np.stack([taper, taper, np.ones_like(taper)], axis=1)
    return Piece(vertices + np.array([x, y, height / 2]), piece.faces, piece.smooth)


def _build(params: dict[str, Any], paint: Material | None) -> Shape:
    length, width = float(params["length_m"]), float(params["width_m"])
    height, thickness = float(params["height_m"]), float(params["thickness_m"])
    below = height - thickness
    leg, inset, apron = 0.07, 0.09, 0.08
    feet = [(sx * (length / 2 - inset), sy * (width / 2 - inset)) for sx in (-1, 1) for sy in (-1, 1)]
    top = rounded_box((length, width, thickness), 0.008).moved(Pose.of((0.0, 0.0, below + thickness / 2)))
    pieces = [top, *(_leg(x, y, below, leg) for x, y in feet)]
    for sign in (-1, 1):
        long = rounded_box((length - 2 * inset - leg, 0.022, apron), 0.003)
        short = rounded_box((0.022, width - 2 * inset - leg, apron), 0.003)
        pieces.append(long.moved(Pose.of((0.0, sign * (width / 2 - inset), below - apron / 2))))
        pieces.append(short.moved(Pose.of((sign * (length / 2 - inset), 0.0, below - apron / 2))))
    colliders = [
        box_collider((length, width, thickness), (0.0, 0.0, below + thickness / 2)),
        *(box_collider((leg, leg, below), (x, y, below / 2)) for x, y in feet),
    ]
    mass = SUBSTANCES["wood"].density_kg_m3 * volume_m3(pieces)
    # Bullet multiplies coefficients: the thing that lands decides how it grips and bounces.
    return solid(
        pieces, (paint or TIMBERS[str(params["timber"])],), mass, colliders, friction=0.9, restitution=0.9
    )


TABLE = ShapeFamily(
    name="table",
    semantic="table",
    noun="table",
    draw=_draw,
    build=_build,
    has_front=False,
    size_key="length_m",
)
