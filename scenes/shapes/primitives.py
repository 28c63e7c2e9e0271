"""Plain solids: box, sphere, cylinder, cone. Each stands on z = 0 about its own vertical axis."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np

from pairforge.frames import Pose
from pairforge.scenes.families import ShapeFamily
from pairforge.scenes.shapes.meshing import combine, moved, revolve, rounded
from pairforge.scenes.shapes.solids import (
    box_collider,
    disc_collider,
    hull_collider,
    rings,
    rounded_box,
    solid,
)
from pairforge.scenes.shapes.substances import substance
from pairforge.scenes.world import Collider, Material, Shape
from pairforge.seeding import Stream

Params = dict[str, Any]

COLOURS = ("red", "blue", "green", "yellow", "orange", "purple", "cyan", "white")
MATERIALS = ("rubber", "metal", "wood", "plastic")
PLAIN = Material("grey_plastic", (0.45, 0.45, 0.45), roughness=0.5, lidar_reflectivity=0.4)


def uniform(stream: Stream, **ranges: tuple[float, float]) -> Params:
    """One value in each range, to a tenth of a millimetre, each from its own named stream."""
    return {name: round(float((stream / name).rng().uniform(*r)), 4) for name, r in ranges.items()}


def _draw_box(stream: Stream) -> Params:
    return uniform(stream, size_m=(0.08, 0.15), width_ratio=(0.6, 1.0), height_ratio=(0.5, 1.0))


def _build_box(params: Params, paint: Material | None) -> Shape:
    """``size_m`` is the length along x; the ratios give width and height in lengths."""
    x = float(params["size_m"])
    size = (x, x * float(params["width_ratio"]), x * float(params["height_ratio"]))
    centre = (0.0, 0.0, size[2] / 2)
    body = rounded_box(size, 0.05 * min(size), paint or PLAIN, centre)
    return solid(body, [box_collider(size, centre)], substance(paint, "plastic"))


def _draw_sphere(stream: Stream) -> Params:
    return uniform(stream, size_m=(0.07, 0.12))


def _build_sphere(params: Params, paint: Material | None) -> Shape:
    """``size_m`` is the diameter."""
    radius = float(params["size_m"]) / 2
    angle = np.linspace(-np.pi / 2, np.pi / 2, 33)
    profile = np.stack([radius * np.cos(angle), radius * np.sin(angle)], axis=1)
    profile[[0, -1], 0] = 0.0
    body = moved(revolve(profile, paint or PLAIN, segments=64), (0.0, 0.0, radius))
    return solid(
        body, [Collider("sphere", Pose.of((0.0, 0.0, radius)), (radius,))], substance(paint, "plastic")
    )


def _draw_round(stream: Stream) -> Params:
    return uniform(stream, size_m=(0.08, 0.15), diameter_ratio=(0.5, 0.9))


def _build_cylinder(params: Params, paint: Material | None) -> Shape:
    """``size_m`` is the height, ``diameter_ratio`` the diameter in heights."""
    height = float(params["size_m"])
    radius = height * float(params["diameter_ratio"]) / 2
    bevel = 0.08 * radius
    corners = [(radius - 2 * bevel, 0.0), (radius, 0.0), (radius, height), (radius - 2 * bevel, height)]
    side = rounded(corners, bevel, closed=False)
    pieces = [
        revolve([(0.0, 0.0), side[0]], paint or PLAIN, segments=48, smooth=False),
        revolve(side, paint or PLAIN, segments=48),
        revolve([side[-1], (0.0, height)], paint or PLAIN, segments=48, smooth=False),
    ]
    return solid(combine(pieces), [disc_collider(radius, 0.0, height)], substance(paint, "plastic"))


def _build_cone(params: Params, paint: Material | None) -> Shape:
    """``size_m`` is the height, ``diameter_ratio`` the base's diameter in heights."""
    height = float(params["size_m"])
    radius = height * float(params["diameter_ratio"]) / 2
    # A row of points up the side keeps the smooth shading of the long triangles at the tip even.
    side = np.stack([np.linspace(radius, 0.0, 9), np.linspace(0.0, height, 9)], axis=1)
    pieces = [
        revolve([(0.0, 0.0), side[0]], paint or PLAIN, segments=64, smooth=False),
        revolve(side, paint or PLAIN, segments=64),
    ]
    colliders = [hull_collider(rings([(radius, 0.0), (0.0, height)], 32))]
    return solid(combine(pieces), colliders, substance(paint, "plastic"))


def _family(
    name: str, noun: str, draw: Callable[[Stream], Params], build: Callable[[Params, Material | None], Shape]
) -> ShapeFamily:
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
