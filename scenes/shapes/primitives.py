"""Plain solids: box, sphere, cylinder, cone. Each stands on z = 0 about its own vertical axis."""

from __future__ import annotations

from typing import Any

import numpy as np
from pairforge.frames import Pose
from pairforge.scenes.families import ShapeFamily
from pairforge.scenes.shapes.solids import (
    Piece,
    box_collider,
    hull_collider,
    revolved,
    rounded_box,
    solid,
    volume_m3,
)
from pairforge.scenes.shapes.substances import substance
from pairforge.scenes.world import Collider, Material, Shape
from pairforge.seeding import Stream

Params = dict[str, Any]

COLOURS = ("red", "blue", "green", "yellow", "orange", "purple", "white", "black")
MATERIALS = ("rubber", "metal", "wood", "plastic")

GREY = Material("grey plastic", (0.45, 0.45, 0.45), roughness=0.5, lidar_reflectivity=0.4)


def _finish(pieces: list[Piece], colliders: list[Collider], paint: Material | None) -> Shape:
    stuff = substance(paint, "plastic")
    return solid(
        pieces,
        (paint or GREY,),
        stuff.density_kg_m3 * volume_m3(pieces),
        colliders,
        stuff.friction,
        stuff.restitution,
    )


def _uniform(stream: Stream, name: str, low: float, high: float) -> float:
    return round(float((stream / name).rng().uniform(low, high)), 4)


def _draw_box(stream: Stream) -> Params:
    return {
        "size_m": _uniform(stream, "size_m", 0.08, 0.16),
        "width_ratio": _uniform(stream, "width_ratio", 0.6, 1.0),
        "height_ratio": _uniform(stream, "height_ratio", 0.5, 1.0),
    }


def _build_box(params: Params, paint: Material | None) -> Shape:
    """``size_m`` is the length along x; the ratios give width and height in lengths."""
    x = float(params["size_m"])
    y, z = x * float(params["width_ratio"]), x * float(params["height_ratio"])
    up = Pose.of((0.0, 0.0, z / 2))
    piece = rounded_box((x, y, z), 0.04 * min(x, y, z)).moved(up)
    return _finish([piece], [box_collider((x, y, z), (0.0, 0.0, z / 2))], paint)


def _draw_sphere(stream: Stream) -> Params:
    return {"size_m": _uniform(stream, "size_m", 0.07, 0.13)}


def _build_sphere(params: Params, paint: Material | None) -> Shape:
    """``size_m`` is the diameter."""
    radius = float(params["size_m"]) / 2
    angle = np.linspace(-np.pi / 2, np.pi / 2, 33)
    profile = np.stack([radius * np.cos(angle), radius + radius * np.sin(angle)], axis=1)
    profile[[0, -1], 0] = 0.0
    collider = Collider("sphere", Pose.of((0.0, 0.0, radius)), (radius,))
    return _finish([revolved(profile, sections=64)], [collider], paint)


def _draw_round(stream: Stream) -> Params:
    return {
        "size_m": _uniform(stream, "size_m", 0.09, 0.17),
        "diameter_ratio": _uniform(stream, "diameter_ratio", 0.5, 0.9),
    }


def _build_cylinder(params: Params, paint: Material | None) -> Shape:
    """``size_m`` is the height, ``diameter_ratio`` the diameter in heights."""
    height = float(params["size_m"])
    radius = height * float(params["diameter_ratio"]) / 2
    bevel = 0.06 * radius
    turn = np.linspace(0.0, np.pi / 2, 5)
    low = np.stack([radius - bevel + bevel * np.sin(turn), bevel - bevel * np.cos(turn)], axis=1)
    high = np.stack([low[::-1, 0], height - low[::-1, 1]], axis=1)
    pieces = [
        revolved([(0.0, 0.0), low[0]], smooth=False),
        revolved(low),
        revolved([low[-1], high[0]]),
        revolved(high),
        revolved([high[-1], (0.0, height)], smooth=False),
    ]
    collider = Collider("cylinder", Pose.of((0.0, 0.0, height / 2)), (radius, height))
    return _finish(pieces, [collider], paint)


def _build_cone(params: Params, paint: Material | None) -> Shape:
    """``size_m`` is the height, ``diameter_ratio`` the base's diameter in heights; the tip is rounded a little."""
    height = float(params["size_m"])
    radius = height * float(params["diameter_ratio"]) / 2
    tip = 0.03 * radius
    side = [(radius, 0.0), (tip, height * (1 - tip / radius) * 0.995), (0.0, height)]
    pieces = [revolved([(0.0, 0.0), side[0]], sections=64, smooth=False), revolved(side, sections=64)]
    angle = np.arange(32) * (2 * np.pi / 32)
    rim = np.stack([radius * np.cos(angle), radius * np.sin(angle), np.zeros(32)], axis=1)
    return _finish(pieces, [hull_collider(np.vstack([rim, [[0.0, 0.0, height]]]))], paint)


def _family(name: str, noun: str, draw: Any, build: Any) -> ShapeFamily:
    return ShapeFamily(
        name=name,
        semantic="object",
        noun=noun,
        draw=draw,
        build=build,
        size_key="size_m",
        colours=COLOURS,
        materials=MATERIALS,
    )


BOX = _family("box", "box", _draw_box, _build_box)
SPHERE = _family("sphere", "ball", _draw_sphere, _build_sphere)
CYLINDER = _family("cylinder", "cylinder", _draw_round, _build_cylinder)
CONE = _family("cone", "cone", _draw_round, _build_cone)
