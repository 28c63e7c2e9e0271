"""A bicycle: tubes, saddle, handlebar, chainset, mudguards and spoked wheels. x forward, z up, ground at z = 0."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from numpy.typing import NDArray

from pairforge.scenes.shapes.meshing import (
    both_sides,
    box,
    combine,
    cylinder,
    loft,
    moved,
    revolve,
    tube,
    turned,
)
from pairforge.scenes.shapes.people_anatomy import rings
from pairforge.scenes.shapes.vehicle_materials import ALLOY, CHROME, HEADLIGHT, STEEL, TAIL_LIGHT, TRIM, TYRE
from pairforge.scenes.world import Material, Mesh

F64 = NDArray[np.float64]


class Bicycle:
    """The joints of a bicycle fitted to a rider's stature, each a point (3,) in the body frame."""

    def __init__(self, wheel_radius: float, wheelbase: float, rider: float) -> None:
        self.wheel_radius, self.wheelbase = wheel_radius, wheelbase
        self.crank = 0.17
        self.rear = np.array([-wheelbase / 2, 0.0, wheel_radius])
        self.front = np.array([wheelbase / 2, 0.0, wheel_radius])
        self.bottom = np.array([-wheelbase / 2 + 0.43, 0.0, 0.285])
        seat_tube = np.array([-0.31, 0.0, 0.95])
        self.seat_cluster = self.bottom + seat_tube * 0.30 * rider
        leg = (0.515 - 0.012) * rider
        # The hip, 0.055 of the stature above the saddle, is a leg's length from the pedal at its lowest.
        self.saddle = self.bottom + seat_tube * (0.955 * leg - self.crank - 0.055 * rider + 0.02)
        self.head_low = self.front + np.array([-0.155, 0.0, 0.33])
        self.head_high = self.head_low + np.array([-0.055, 0.0, 0.155 + 0.10 * (rider - 1.6)])
        self.stem = self.head_high + np.array([0.05, 0.0, 0.085])
        self.grip = self.stem + np.array([-0.075, 0.285, 0.035])


def _at(x: float, y: float, z: float) -> F64:
    return np.array([x, y, z], dtype=np.float64)


def bicycle_wheel(radius: float) -> Mesh:
    """Tyre, rim, hub and 24 spokes about the origin, axle along y."""
    t = 0.017
    a = np.arange(9) * (2 * np.pi / 8) + np.pi
    tyre = np.column_stack([radius - t + t * np.cos(a), t * np.sin(a)])
    pieces = [revolve(tyre, TYRE, segments=36, axis="y")]
    rim_r = radius - 2 * t
    rim = [
        (rim_r + 0.006, -0.012),
        (rim_r + 0.006, 0.012),
        (rim_r - 0.012, 0.008),
        (rim_r - 0.012, -0.008),
        (rim_r + 0.006, -0.012),
    ]
    pieces.append(revolve(rim, ALLOY, segments=36, axis="y", smooth=False))
    pieces.append(cylinder(0.018, 0.09, CHROME, axis="y", segments=10))
    for k in range(24):
        side = 0.03 if k % 2 else -0.03
        spoke = tube([(0.02, side, 0), (rim_r - 0.005, 0, 0)], 0.0016, CHROME, sides=3, smooth=False)
        pieces.append(turned(spoke, "y", 2 * np.pi * k / 24))
    return combine(pieces)


def crank(length: float) -> Mesh:
    """Chainring, both arms and pedals about the origin; the left arm points down."""
    ring = moved(cylinder(0.095, 0.005, STEEL, axis="y", segments=28), (0, -0.05, 0))
    star = moved(cylinder(0.045, 0.012, ALLOY, axis="y", segments=12), (0, -0.05, 0))
    axle = cylinder(0.014, 0.14, STEEL, axis="y", segments=8)
    pieces = [ring, star, axle]
    for y, sign in ((0.075, -1.0), (-0.075, 1.0)):
        pieces.append(box((0.024, 0.014, length + 0.02), ALLOY, (0, y, sign * length / 2), bevel_m=0.005))
        pieces.append(
            box((0.085, 0.085, 0.018), TRIM, (0, y + np.sign(y) * 0.055, sign * length), bevel_m=0.005)
        )
    return combine(pieces)


def frame(bike: Bicycle, paint: Material, mudguards: bool) -> Mesh:
    """All that neither spins nor pedals."""
    pieces = _tubes(bike, paint) + _cockpit(bike) + _saddle(bike)
    chain = [bike.bottom + np.array([0, -0.05, 0.092]), bike.rear + np.array([0, -0.05, 0.035])]
    low = [bike.bottom + np.array([0, -0.05, -0.092]), bike.rear + np.array([0, -0.05, -0.035])]
    pieces += [tube(c, 0.005, STEEL, sides=4, smooth=False) for c in (chain, low)]
    pieces.append(
        moved(cylinder(0.035, 0.02, STEEL, axis="y", segments=14), tuple(bike.rear + _at(0, -0.05, 0)))
    )
    if mudguards:
        pieces += [
            _mudguard(bike.rear, bike.wheel_radius, 0.15, 3.0),
            _mudguard(bike.front, bike.wheel_radius, 0.9, 3.3),
        ]
    tail = bike.seat_cluster + np.array([-0.05, 0, 0.06])
    pieces.append(box((0.025, 0.045, 0.045), TAIL_LIGHT, tuple(tail), bevel_m=0.006))
    lamp = bike.stem + np.array([0.06, 0, -0.05])
    pieces.append(moved(cylinder(0.025, 0.05, HEADLIGHT, axis="x", segments=12), tuple(lamp)))
    return combine(pieces)


def _tubes(b: Bicycle, paint: Material) -> list[Mesh]:
    main = [
        (b.head_low, b.bottom, 0.021),
        (b.head_high + _at(0.01, 0, -0.03), b.seat_cluster, 0.016),
        (b.bottom, b.seat_cluster, 0.016),
        (b.head_low + _at(0.008, 0, -0.03), b.head_high, 0.02),
    ]  # fmt: skip
    out = [tube([p, q], r, paint, sides=10) for p, q, r in main]
    post = b.saddle + np.array([0.0, 0.0, -0.05])
    out.append(tube([b.seat_cluster, post], 0.0135, ALLOY, sides=8))
    spread, fork = np.array([0, 0.055, 0]), np.array([0, 0.05, 0])
    stays = [
        tube([b.bottom + _at(-0.02, 0.03, 0), b.rear + spread], 0.009, paint, sides=6),
        tube([b.seat_cluster + _at(0, 0.018, 0), b.rear + spread], 0.008, paint, sides=6),
        tube(
            [b.head_low + _at(0.01, 0.03, -0.03), b.head_low * 0.5 + b.front * 0.5 + fork, b.front + fork],
            0.0115,
            paint,
            sides=6,
        ),
    ]
    out += [both_sides(m) for m in stays]
    out.append(box((0.06, 0.1, 0.04), paint, tuple(b.head_low + _at(0.01, 0, -0.03)), bevel_m=0.012))
    out.append(moved(cylinder(0.024, 0.07, paint, axis="y", segments=12), tuple(b.bottom)))
    return out


def _cockpit(b: Bicycle) -> list[Mesh]:
    """Stem, bar, grips and brake levers."""
    half = [
        b.stem,
        b.stem + _at(0.005, 0.06, 0.0),
        b.grip + _at(0.06, -0.13, 0.0), b.grip + _at(0.01, -0.04, 0), b.grip + _at(-0.03, 0.06, 0),
    ]  # fmt: skip
    bar = tube(np.array(half), 0.011, CHROME, sides=8)
    grip = tube([b.grip + _at(0.012, -0.045, 0), b.grip + _at(-0.032, 0.065, 0)], 0.0165, TRIM, sides=8)
    lever = tube(
        [
            b.grip + _at(0.05, -0.09, -0.005),
            b.grip + _at(0.055, 0.0, -0.03),
            b.grip + _at(0.04, 0.05, -0.035),
        ],
        0.006,
        ALLOY,
        sides=6,
    )
    return [
        tube([b.head_high, b.stem + _at(-0.035, 0, 0.0), b.stem], 0.015, ALLOY, sides=8),
        both_sides(combine([bar, grip, lever])),
    ]


def _saddle(b: Bicycle) -> list[Mesh]:
    table = np.array(
        [
            (-0.05, 0.03, 0.10, -0.10),
            (-0.03, 0.07, 0.15, -0.12),
            (-0.01, 0.078, 0.16, -0.125),
            (0.0, 0.06, 0.14, -0.11),
        ]
    )
    pad = loft(rings(table, sides=20, rows=7), TRIM)
    v = pad.vertices.astype(np.float64)
    v[:, 1] *= np.clip(0.62 - 2.6 * v[:, 0], 0.32, 1.0)
    return [
        moved(
            replace(pad, vertices=v.astype(np.float32)),
            tuple(b.saddle),
        )
    ]


def _mudguard(centre: F64, radius: float, a0: float, a1: float) -> Mesh:
    a = np.linspace(a0, a1, 14)
    path = np.column_stack([np.cos(a), np.zeros(14), np.sin(a)]) * (radius + 0.022) + centre
    return tube(path, np.array([[0.004, 0.024]]).repeat(14, 0), TRIM, sides=6)
