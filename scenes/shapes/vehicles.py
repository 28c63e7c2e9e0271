"""Vehicle families: hatchback, sedan, suv, van, truck and bus.

Each body frame has its origin on the ground under the rear axle, x forward, y left, z up. Part "body" is painted;
each wheel is a part of its own with its axle along y through the part's origin.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import Pose, triple
from pairforge.scenes.families import ShapeFamily
from pairforge.scenes.shapes import vehicle_cars as cars
from pairforge.scenes.shapes import vehicle_large as large
from pairforge.scenes.shapes.meshing import mirrored
from pairforge.scenes.shapes.vehicle_keypoints import vehicle_keypoints
from pairforge.scenes.shapes.vehicle_materials import PAINT
from pairforge.scenes.shapes.vehicle_wheels import wheel
from pairforge.scenes.world import Collider, Material, Mesh, Shape, ShapePart, Wheel
from pairforge.seeding import Stream

Params = dict[str, Any]
Range = tuple[float, float]
F64 = NDArray[np.float64]

CAR_COLOURS: tuple[str, ...] = (
    "white", "black", "grey", "silver", "blue", "red", "white", "black", "grey", "silver", "blue", "red",
    "white", "black", "navy", "green", "brown", "beige", "orange", "yellow",
)  # fmt: skip
"""Repeated names are drawn more often, about as often as one meets them on a street."""

HATCHBACK: dict[str, Range] = {
    "length_m": (3.85, 4.30), "width_m": (1.70, 1.79), "height_m": (1.43, 1.51), "wheelbase_m": (2.48, 2.62),
    "front_overhang_m": (0.78, 0.86), "clearance_m": (0.16, 0.18), "wheel_radius_m": (0.305, 0.325),
    "belt_m": (0.90, 0.95), "nose_m": (0.69, 0.75), "deck_m": (0.92, 0.97), "hood_m": (0.95, 1.1),
    "screen_run_m": (0.72, 0.85), "boot_m": (0.035, 0.06), "rear_run_m": (0.28, 0.42), "tumblehome_m": (0.13, 0.17),
}  # fmt: skip
SEDAN: dict[str, Range] = {
    "length_m": (4.50, 4.95), "width_m": (1.79, 1.88), "height_m": (1.42, 1.48), "wheelbase_m": (2.70, 2.88),
    "front_overhang_m": (0.84, 0.92), "clearance_m": (0.14, 0.16), "wheel_radius_m": (0.32, 0.345),
    "belt_m": (0.90, 0.94), "nose_m": (0.68, 0.74), "deck_m": (0.95, 1.00), "hood_m": (1.2, 1.34),
    "screen_run_m": (0.80, 0.92), "boot_m": (0.50, 0.62), "rear_run_m": (0.62, 0.78), "tumblehome_m": (0.14, 0.18),
}  # fmt: skip
SUV: dict[str, Range] = {
    "length_m": (4.40, 4.85), "width_m": (1.83, 1.95), "height_m": (1.64, 1.76), "wheelbase_m": (2.62, 2.85),
    "front_overhang_m": (0.86, 0.94), "clearance_m": (0.20, 0.23), "wheel_radius_m": (0.355, 0.385),
    "belt_m": (1.05, 1.12), "nose_m": (0.90, 0.97), "deck_m": (1.06, 1.12), "hood_m": (1.12, 1.3),
    "screen_run_m": (0.62, 0.76), "boot_m": (0.035, 0.06), "rear_run_m": (0.18, 0.34), "tumblehome_m": (0.12, 0.16),
}  # fmt: skip
MINIVAN: dict[str, Range] = {
    "length_m": (4.70, 5.05), "width_m": (1.87, 1.97), "height_m": (1.76, 1.92), "wheelbase_m": (2.90, 3.05),
    "front_overhang_m": (0.90, 0.98), "clearance_m": (0.17, 0.19), "wheel_radius_m": (0.33, 0.35),
    "belt_m": (1.04, 1.10), "nose_m": (0.80, 0.86), "deck_m": (1.06, 1.10), "hood_m": (0.88, 0.98),
    "screen_run_m": (0.85, 1.0), "boot_m": (0.06, 0.09), "rear_run_m": (0.10, 0.18), "tumblehome_m": (0.12, 0.15),
}  # fmt: skip


def number(stream: Stream, name: str, bounds: Range) -> float:
    return round(float((stream / name).rng().uniform(*bounds)), 4)


def pick(stream: Stream, name: str, choices: tuple[Any, ...]) -> Any:
    return choices[int((stream / name).rng().integers(len(choices)))]


def draw_car(stream: Stream, ranges: dict[str, Range], mass: Range) -> Params:
    """Proportions within ``ranges`` and trims that all cars share."""
    p: Params = {key: number(stream, key, bounds) for key, bounds in ranges.items()}
    p["rear_overhang_m"] = round(p["length_m"] - p["wheelbase_m"] - p["front_overhang_m"], 4)
    p["mass_kg"] = round(number(stream, "mass_kg", mass), 0)
    p["rim"] = pick(stream, "rim", ("five", "multi", "twin", "five", "twin"))
    p["finish"] = pick(stream, "finish", ("alloy", "alloy", "alloy", "dark"))
    p["chrome"] = bool(pick(stream, "chrome", (True, False)))
    p["grille_m"] = number(stream, "grille_m", (0.09, 0.17))
    p["grille_width"] = number(stream, "grille_width", (0.36, 0.50))
    p["grille_bars"] = int(pick(stream, "grille_bars", (2, 3, 4)))
    p["lamp_height_m"] = number(stream, "lamp_height_m", (0.11, 0.16))
    p["tail_height_m"] = number(stream, "tail_height_m", (0.15, 0.24))
    p["tail_width"] = number(stream, "tail_width", (0.60, 0.72))
    p["belt_rise_m"] = number(stream, "belt_rise_m", (0.02, 0.06))
    p["b_pillar_x"] = number(stream, "b_pillar_x", (0.47, 0.51))
    p["c_pillar_m"] = number(stream, "c_pillar_m", (0.22, 0.34))
    p["c_lean_m"] = number(stream, "c_lean_m", (0.02, 0.10))
    p["doors"] = 5
    p["cladding"] = False
    p["rails"] = False
    p["plate_z_m"] = round(p["deck_m"] - 0.24, 4)
    p["plate_in_m"] = 0.03
    return p


def draw_hatchback(stream: Stream) -> Params:
    p = draw_car(stream, HATCHBACK, (1080, 1320))
    p["tail_height_m"] = round(p["tail_height_m"] + 0.05, 4)
    p["doors"] = int(pick(stream, "doors", (3, 5, 5, 5)))
    return p


def draw_sedan(stream: Stream) -> Params:
    return draw_car(stream, SEDAN, (1400, 1650))


def draw_suv(stream: Stream) -> Params:
    p = draw_car(stream, SUV, (1700, 2100))
    p["tail_height_m"] = round(p["tail_height_m"] + 0.06, 4)
    p["cladding"] = bool(pick(stream, "cladding", (True, True, False)))
    p["rails"] = bool(pick(stream, "rails", (True, True, False)))
    p["grille_m"] = round(p["grille_m"] + 0.07, 4)
    return p


def build_car(p: Params, paint: Material | None) -> Shape:
    """A car with four wheels, driven in front."""
    r, width = p["wheel_radius_m"], round(0.60 * p["wheel_radius_m"] + 0.015, 4)
    body = cars.body(p, paint or PAINT)
    track = p["width_m"] / 2 - width / 2 - 0.015
    made = wheel(r, width, rim=p["rim"], finish=p["finish"])
    front, rear, low = p["wheelbase_m"] + p["front_overhang_m"], -p["rear_overhang_m"], p["clearance_m"]
    hull = (
        _box_collider(rear, front, p["width_m"], low, p["belt_m"]),
        _box_collider(
            rear + p["boot_m"], p["wheelbase_m"] - 0.35, p["width_m"] - 0.28, p["belt_m"], p["height_m"]
        ),
    )
    axles = [(0.0, False, False), (p["wheelbase_m"], True, True)]
    return assemble(body, [(made, x, track, r, width, s, d) for x, s, d in axles], hull, p["mass_kg"])


VAN: dict[str, Range] = {
    "length_m": (5.3, 6.0), "width_m": (1.98, 2.08), "height_m": (2.35, 2.65), "wheelbase_m": (3.3, 3.65),
    "front_overhang_m": (0.95, 1.02), "clearance_m": (0.19, 0.21), "wheel_radius_m": (0.335, 0.355),
    "belt_m": (1.22, 1.28), "nose_m": (0.98, 1.04), "hood_m": (0.78, 0.88), "screen_run_m": (0.85, 1.05),
    "door_m": (0.62, 0.70), "glass_m": (0.58, 0.66), "grille_m": (0.20, 0.28),
}  # fmt: skip
TRUCK: dict[str, Range] = {
    "length_m": (6.9, 8.3), "width_m": (2.40, 2.52), "height_m": (3.25, 3.65), "wheelbase_m": (3.9, 4.5),
    "front_overhang_m": (1.22, 1.34), "clearance_m": (0.36, 0.42), "wheel_radius_m": (0.44, 0.49),
    "belt_m": (1.45, 1.55), "cab_height_m": (2.55, 2.8), "cab_width_m": (2.2, 2.32), "cab_behind_m": (0.62, 0.72),
    "glass_m": (0.66, 0.74), "box_floor_m": (1.04, 1.12),
}  # fmt: skip
BUS: dict[str, Range] = {
    "length_m": (10.4, 12.0), "width_m": (2.50, 2.55), "height_m": (2.95, 3.08), "wheelbase_m": (5.6, 6.1),
    "front_overhang_m": (2.6, 2.75), "clearance_m": (0.30, 0.34), "wheel_radius_m": (0.47, 0.50),
    "belt_m": (1.18, 1.26), "glass_m": (1.05, 1.15), "pane_m": (1.3, 1.6),
}  # fmt: skip


def _draw_large(stream: Stream, ranges: dict[str, Range], mass: Range) -> Params:
    p: Params = {key: number(stream, key, bounds) for key, bounds in ranges.items()}
    p["rear_overhang_m"] = round(p["length_m"] - p["wheelbase_m"] - p["front_overhang_m"], 4)
    p["mass_kg"] = round(number(stream, "mass_kg", mass), 0)
    return p


def draw_van(stream: Stream) -> Params:
    """A panel van, or now and then a minivan."""
    if pick(stream, "variant", ("panel", "panel", "mini")) == "mini":
        p = draw_car(stream, MINIVAN, (1900, 2200))
        p["b_pillar_x"] = round(p["b_pillar_x"] + 0.05, 4)
        return {"variant": "mini", **p, "rails": bool(pick(stream, "rails", (True, False)))}
    p = {"variant": "panel", **_draw_large(stream, VAN, (2100, 2700))}
    p["rear_windows"] = bool(pick(stream, "rear_windows", (True, True, False)))
    return p


def draw_truck(stream: Stream) -> Params:
    p = _draw_large(stream, TRUCK, (6500, 8500))
    p["cargo"] = pick(stream, "cargo", ("white", "white", "aluminium", "paint"))
    return p


def draw_bus(stream: Stream) -> Params:
    p = _draw_large(stream, BUS, (10200, 11800))
    front = p["wheelbase_m"] + p["front_overhang_m"]
    p["doors_x"] = [round(front - 1.25, 4), round(0.45 * p["wheelbase_m"], 4)]
    return p


def build_van(p: Params, paint: Material | None) -> Shape:
    if p["variant"] == "mini":
        return build_car(p, paint)
    r, width = p["wheel_radius_m"], 0.225
    made = wheel(r, width, rim="steel", finish="steel", rim_ratio=0.62)
    front, rear, low = p["wheelbase_m"] + p["front_overhang_m"], -p["rear_overhang_m"], p["clearance_m"]
    hull = (
        _box_collider(rear, front, p["width_m"], low, p["belt_m"]),
        _box_collider(rear, p["wheelbase_m"] - 0.3, p["width_m"] - 0.16, p["belt_m"], p["height_m"]),
    )
    axles = [(x, s, s) for x, s in ((0.0, False), (p["wheelbase_m"], True))]
    track = p["width_m"] / 2 - width / 2 - 0.03
    body = large.van_body(p, paint or PAINT)
    return assemble(body, [(made, x, track, r, width, s, d) for x, s, d in axles], hull, p["mass_kg"])


def build_truck(p: Params, paint: Material | None) -> Shape:
    r, paint = p["wheel_radius_m"], paint or PAINT
    body = large.truck_body(p, paint, large.CARGO_FINISH.get(p["cargo"], paint))
    front_wheel = wheel(r, 0.29, rim="steel", finish="steel", rim_ratio=0.58)
    rear_wheel = wheel(r, 0.52, rim="steel", finish="steel", rim_ratio=0.58)
    half = p["width_m"] / 2
    cab_rear = p["wheelbase_m"] - p["cab_behind_m"]
    hull = (
        _box_collider(
            cab_rear,
            p["wheelbase_m"] + p["front_overhang_m"],
            p["cab_width_m"],
            p["clearance_m"],
            p["cab_height_m"],
        ),
        _box_collider(-p["rear_overhang_m"], cab_rear - 0.12, p["width_m"], p["box_floor_m"], p["height_m"]),
        _box_collider(-p["rear_overhang_m"], cab_rear, 1.0, p["clearance_m"] + 0.1, p["box_floor_m"]),
    )
    axles: list[WheelPair] = [
        (rear_wheel, 0.0, half - 0.29, r, 0.52, False, True),
        (front_wheel, p["wheelbase_m"], p["cab_width_m"] / 2 - 0.19, r, 0.29, True, False),
    ]
    return assemble(body, axles, hull, p["mass_kg"])


def build_bus(p: Params, paint: Material | None) -> Shape:
    r, half = p["wheel_radius_m"], p["width_m"] / 2
    body = large.bus_body(p, paint or PAINT)
    front_wheel = wheel(r, 0.29, rim="steel", finish="steel", rim_ratio=0.58)
    rear_wheel = wheel(r, 0.52, rim="steel", finish="steel", rim_ratio=0.58)
    front, rear = p["wheelbase_m"] + p["front_overhang_m"], -p["rear_overhang_m"]
    hull = (_box_collider(rear, front, p["width_m"], p["clearance_m"], p["height_m"]),)
    axles: list[WheelPair] = [
        (rear_wheel, 0.0, half - 0.31, r, 0.52, False, True),
        (front_wheel, p["wheelbase_m"], half - 0.20, r, 0.29, True, False),
    ]
    return assemble(body, axles, hull, p["mass_kg"])


WheelPair = tuple[Mesh, float, float, float, float, bool, bool]
"""(left wheel, axle x, half track, radius, width, steered, driven)"""


def assemble(body: Mesh, axles: list[WheelPair], colliders: tuple[Collider, ...], mass_kg: float) -> Shape:
    """A body and pairs of wheels as a shape with its tight box."""
    parts = [ShapePart("body", body, Pose.of())]
    wheels = []
    for k, (left, x, y, radius, width, steered, driven) in enumerate(axles):
        right = mirrored(left)
        for side, made, sign in (("left", left, 1.0), ("right", right, -1.0)):
            name = f"wheel_{k}_{side}"
            centre = (float(x), float(sign * y), float(radius))
            parts.append(ShapePart(name, made, Pose.of(centre)))
            wheels.append(Wheel(name, centre, radius, width, steered, driven))
    low, high = bounds(parts)
    return Shape(
        parts=tuple(parts),
        size_m=triple(high - low),
        centre_m=triple((high + low) / 2),
        mass_kg=float(mass_kg),
        colliders=colliders,
        wheels=tuple(wheels),
        stride_m=float(2 * np.pi * axles[0][3]),
        friction=0.5,
        keypoints=vehicle_keypoints(body, tuple(wheels)),
    )


def bounds(parts: list[ShapePart]) -> tuple[F64, F64]:
    """Lowest and highest corner (3,) of all parts at rest in the body frame."""
    points = np.concatenate([p.body_from_part.points(p.mesh.vertices) for p in parts])
    return points.min(axis=0), points.max(axis=0)


def _box_collider(x0: float, x1: float, width: float, z0: float, z1: float) -> Collider:
    return Collider("box", Pose.of(((x0 + x1) / 2, 0.0, (z0 + z1) / 2)), (x1 - x0, width, z1 - z0))


def vehicle_family(
    name: str,
    semantic: str,
    draw: Callable[[Stream], Params],
    build: Callable[[Params, Material | None], Shape],
    colours: tuple[str, ...] = CAR_COLOURS,
    noun: str = "",
) -> ShapeFamily:
    return ShapeFamily(
        name, semantic, noun or name, draw, build, has_front=True, colours=colours, materials=("car_paint",)
    )


HATCHBACK_FAMILY = vehicle_family("hatchback", "car", draw_hatchback, build_car)
SEDAN_FAMILY = vehicle_family("sedan", "car", draw_sedan, build_car)
SUV_FAMILY = vehicle_family("suv", "car", draw_suv, build_car, noun="SUV")
VAN_FAMILY = vehicle_family("van", "van", draw_van, build_van)
TRUCK_FAMILY = vehicle_family("truck", "truck", draw_truck, build_truck)
BUS_FAMILY = vehicle_family(
    "bus", "bus", draw_bus, build_bus, colours=("red", "blue", "white", "yellow", "green", "silver")
)
