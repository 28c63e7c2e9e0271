"""More cars of the same body plan: estate, minivan, pickup and taxi."""

from __future__ import annotations

from pairforge.scenes.shapes.vehicles import (
    MINIVAN,
    SEDAN,
    Params,
    Range,
    build_car,
    draw_car,
    draw_sedan,
    number,
    pick,
    vehicle_family,
)
from pairforge.seeding import Stream

ESTATE: dict[str, Range] = {
    **SEDAN, "height_m": (1.45, 1.52), "boot_m": (0.04, 0.06), "rear_run_m": (0.30, 0.48), "deck_m": (0.93, 0.98),
}  # fmt: skip
PICKUP: dict[str, Range] = {
    "length_m": (5.20, 5.45), "width_m": (1.86, 1.95), "height_m": (1.77, 1.87), "wheelbase_m": (3.05, 3.22),
    "front_overhang_m": (0.92, 1.0), "clearance_m": (0.27, 0.31), "wheel_radius_m": (0.375, 0.40),
    "belt_m": (1.16, 1.20), "nose_m": (1.02, 1.08), "deck_m": (1.13, 1.16), "hood_m": (1.16, 1.28),
    "screen_run_m": (0.66, 0.78), "boot_m": (1.50, 1.62), "rear_run_m": (0.10, 0.18), "tumblehome_m": (0.12, 0.15),
}  # fmt: skip
TAXI_COLOURS = ("yellow", "beige", "black", "white", "yellow")


def draw_estate(stream: Stream) -> Params:
    p = draw_car(stream, ESTATE, (1450, 1720))
    p["tail_height_m"] = round(p["tail_height_m"] + 0.06, 4)
    p["rails"] = bool(pick(stream, "rails", (True, True, False)))
    return p


def draw_minivan(stream: Stream) -> Params:
    p = draw_car(stream, MINIVAN, (1900, 2200))
    p["b_pillar_x"] = round(p["b_pillar_x"] + 0.05, 4)
    p["rails"] = bool(pick(stream, "rails", (True, False)))
    return p


def draw_pickup(stream: Stream) -> Params:
    """A double cab with an open load bed."""
    p = draw_car(stream, PICKUP, (1950, 2250))
    p["bed"] = True
    p["cladding"] = bool(pick(stream, "cladding", (True, True, False)))
    p["tail_height_m"] = number(stream, "tail_height_m", (0.34, 0.42))
    p["tail_width"] = number(stream, "tail_width", (0.80, 0.84))
    p["grille_m"] = round(p["grille_m"] + 0.10, 4)
    p["c_pillar_m"] = number(stream, "c_pillar_m", (0.14, 0.20))
    p["c_lean_m"] = 0.02
    p["plate_z_m"] = round(p["clearance_m"] + 0.26, 4)
    return p


def draw_taxi(stream: Stream) -> Params:
    return {**draw_sedan(stream), "roof_sign": "TAXI"}


ESTATE_FAMILY = vehicle_family("estate", "car", draw_estate, build_car, noun="estate car")
MINIVAN_FAMILY = vehicle_family("minivan", "car", draw_minivan, build_car)
PICKUP_FAMILY = vehicle_family("pickup", "truck", draw_pickup, build_car, noun="pickup truck")
TAXI_FAMILY = vehicle_family("taxi", "car", draw_taxi, build_car, colours=TAXI_COLOURS)
