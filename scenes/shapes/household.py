"""Things of the house: cup, basket, crate, potted plant, lamp, clock, picture frame, plank."""

from __future__ import annotations

import numpy as np

from pairforge.frames import Pose
from pairforge.scenes.shapes.cookware import BEECH, OLIVE_WOOD, STEEL
from pairforge.scenes.shapes.groceries import LIFT_M
from pairforge.scenes.shapes.making import curve, made, shell, thing, turned, weighed
from pairforge.scenes.shapes.meshing import (
    box,
    combine,
    cylinder,
    ellipsoid,
    fan,
    grid,
    moved,
    revolve,
    tube,
)
from pairforge.scenes.shapes.meshing import (
    turned as rotated,
)
from pairforge.scenes.shapes.primitives import Params
from pairforge.scenes.shapes.solids import (
    box_collider,
    disc_collider,
    hull_collider,
    rings,
    rounded_box,
    wall_colliders,
)
from pairforge.scenes.shapes.substances import SUBSTANCES, substance
from pairforge.scenes.shapes.tableware import GLAZE, LABEL
from pairforge.scenes.world import Collider, Material, Mesh, Shape
from pairforge.seeding import Stream

WICKER = Material("wicker", (0.40, 0.245, 0.115), "plain", roughness=0.75, lidar_reflectivity=0.5)
TERRACOTTA = Material("terracotta", (0.43, 0.155, 0.075), "plaster", roughness=0.85, lidar_reflectivity=0.45)
POTTING_SOIL = Material(
    "potting_soil", (0.035, 0.023, 0.015), "asphalt", roughness=1.0, lidar_reflectivity=0.15
)
LEAF = Material("house_leaf", (0.055, 0.165, 0.035), "leaves", roughness=0.45, lidar_reflectivity=0.5)
LINEN = Material("linen", (0.66, 0.60, 0.49), "fabric", roughness=0.95, lidar_reflectivity=0.65, scale_m=0.02)
BLACK = Material("satin_black", (0.02, 0.02, 0.021), roughness=0.4, lidar_reflectivity=0.07)
CLOCK_RED = Material("clock_red", (0.5, 0.02, 0.015), roughness=0.4, lidar_reflectivity=0.4)
MOUNT = Material("mount", (0.77, 0.75, 0.70), roughness=0.9, lidar_reflectivity=0.75)
PINE = Material("pine", (0.52, 0.35, 0.19), "wood", roughness=0.6, lidar_reflectivity=0.55, scale_m=0.3)


def _build_cup(params: Params, paint: Material | None) -> Shape:
    """A tea cup: flared, low, a small ear."""
    clay = paint or GLAZE
    outline = [(0.022, 0.0), (0.025, 0.004), (0.036, 0.022), (0.043, 0.045), (0.047, 0.064)]
    body = shell(curve(outline, 20), 0.0028, 0.006, clay, foot_m=0.0015)
    bow = np.linspace(-np.pi / 2, np.pi / 2, 17)
    ear = np.stack(
        [0.040 + 0.003 * np.sin(bow) + 0.024 * np.cos(bow) ** 0.7, 0 * bow, 0.038 + 0.017 * np.sin(bow)],
        axis=1,
    )
    handle = tube(ear, np.tile([0.0033, 0.0045], (17, 1)), clay, sides=12)
    walls = wall_colliders([(0.025, 0.003), (0.036, 0.022), (0.047, 0.064)], 0.005)
    colliders = [
        disc_collider(0.024, 0.0, 0.006),
        *walls,
        box_collider((0.022, 0.010, 0.036), (0.056, 0.0, 0.038)),
    ]
    return made([body, handle], colliders, substance(paint, "ceramic"), float(params["size_m"]))


def _build_basket(params: Params, paint: Material | None) -> Shape:
    """Woven: rods that wave in and out of upright stakes, a thick rim, an open top."""
    low, high, h, layers, stakes = 0.088, 0.122, 0.10 * float(params["height_ratio"]), 13, 22
    cane = paint or WICKER
    a = np.linspace(0.0, 2 * np.pi, 133)
    pieces: list[Mesh] = []
    for k in range(layers):
        z = 0.006 + (h - 0.012) * k / (layers - 1)
        r = low + (high - low) * (z / h) ** 0.8 + 0.0030 * np.sin(stakes / 2 * a + np.pi * k)
        path = np.stack([r * np.cos(a), r * np.sin(a), z + 0 * a], axis=1)
        pieces.append(tube(path, 0.0036, cane, sides=6))
    for k in range(stakes):
        t = 2 * np.pi * k / stakes
        ends = [
            [(low - 0.001) * np.cos(t), (low - 0.001) * np.sin(t), 0.003],
            [high * np.cos(t), high * np.sin(t), h - 0.002],
        ]
        pieces.append(tube(ends, 0.0028, cane, sides=6))
    for offset in (0.0, np.pi):
        r = high + 0.002 + 0.0035 * np.cos(14 * a + offset)
        path = np.stack([r * np.cos(a), r * np.sin(a), h + 0.0035 * np.sin(14 * a + offset)], axis=1)
        pieces.append(tube(path, 0.0042, cane, sides=6))
    pieces.append(turned([(0, 0.0), (low, 0.0), (low, 0.007), (0, 0.007)], 0.001, cane))
    colliders = [
        disc_collider(low, 0.0, 0.008),
        *wall_colliders([(low + 0.004, 0.002), (high + 0.005, h)], 0.009, count=14),
    ]
    return weighed(pieces, colliders, SUBSTANCES["wood"], float(params["size_m"]), 0.35)


def _build_crate(params: Params, paint: Material | None) -> Shape:
    """An open box of slats."""
    x = 0.30
    y, h, slat = x * float(params["width_ratio"]), 0.13, 0.008
    wood = paint or PINE
    pieces = [rounded_box((x - 0.01, y - 0.01, slat), 0.001, wood, (0.0, 0.0, slat / 2 + 0.002))]
    for z in (0.026, 0.066, 0.106):
        for sign in (-1.0, 1.0):
            pieces.append(rounded_box((x, slat, 0.034), 0.0012, wood, (0.0, sign * (y / 2 - slat / 2), z)))
            pieces.append(
                rounded_box((slat, y - 2 * slat, 0.034), 0.0012, wood, (sign * (x / 2 - slat / 2), 0.0, z))
            )
    posts = [(sx * (x / 2 - 0.017), sy * (y / 2 - 0.017)) for sx in (-1, 1) for sy in (-1, 1)]
    pieces += [rounded_box((0.018, 0.018, h), 0.001, wood, (*p, h / 2)) for p in posts]
    colliders = [box_collider((x, y, slat + 0.002), (0.0, 0.0, (slat + 0.002) / 2))]
    for sign in (-1.0, 1.0):
        colliders.append(box_collider((x, 0.012, h), (0.0, sign * (y / 2 - 0.006), h / 2)))
        colliders.append(box_collider((0.012, y, h), (sign * (x / 2 - 0.006), 0.0, h / 2)))
    return made(pieces, colliders, SUBSTANCES["wood"], float(params["size_m"]))


def _blade(length_m: float, width_m: float, droop: float, material: Material) -> Mesh:
    """A leaf (both its faces) that grows along +x and bends down towards its tip."""
    s = np.linspace(0.0, 1.0, 8)
    along = length_m * s
    rise = length_m * (0.55 * s - droop * s**2)
    half = width_m / 2 * np.sin(np.pi * s**0.8) + 0.0006
    rows = [np.stack([along, k * half, rise + 0.16 * width_m * abs(k)], axis=1) for k in (1.0, 0.0, -1.0)]
    points = np.stack(rows, axis=1)
    return combine([grid(points, material), grid(points[:, ::-1] - np.array([0, 0, 0.0004]), material)])


def _build_potted_plant(params: Params, paint: Material | None) -> Shape:
    r, h = 0.052, 0.088
    clay = paint or TERRACOTTA
    outline = [(0.036, 0.0), (0.038, 0.002), (0.048, h - 0.026), (r + 0.003, h - 0.024), (r + 0.004, h)]
    pot = shell(np.asarray(outline), 0.005, 0.006, clay)
    soil = turned(
        [(0, h - 0.016), (0.047, h - 0.016), (0.047, h - 0.012), (0, h - 0.008)], 0.001, POTTING_SOIL
    )
    rng = Stream(0, f"potted_plant/{params['habit']}").rng()
    count, broad = int(float(params["leaves"])), params["habit"] != "grassy"
    pieces = [pot, soil]
    for k in range(count):
        turn = 2 * np.pi * (k * 0.381966 + 0.02 * rng.standard_normal())
        lift = 0.15 + 1.05 * (k / count)
        length = (0.105 if broad else 0.15) * (0.75 + 0.4 * rng.random()) * float(params["leaf_ratio"])
        leaf = _blade(length, length * (0.42 if broad else 0.10), 0.55 + 0.25 * rng.random(), LEAF)
        stem = 0.055 * (k / count) + 0.015
        posed = Pose.of((0.010 * np.cos(turn), 0.010 * np.sin(turn), h - 0.012 + stem), yaw=turn)
        pieces.append(moved(rotated(leaf, "y", -0.9 * (lift - 0.5)), posed))
        foot = [0.004 * np.cos(turn), 0.004 * np.sin(turn), h - 0.012]
        top = [0.011 * np.cos(turn), 0.011 * np.sin(turn), h - 0.010 + stem]
        pieces.append(tube([foot, top], [0.0018, 0.0014], LEAF, sides=6))
    colliders = [
        hull_collider(rings([(0.038, 0.0), (0.050, h - 0.026), (r + 0.004, h)])),
        disc_collider(0.030, h, h + 0.09),
    ]
    return weighed(pieces, colliders, SUBSTANCES["ceramic"], float(params["size_m"]), 0.9)


def _build_lamp(params: Params, paint: Material | None) -> Shape:
    """A table lamp: a turned foot, a brass stem, a linen shade."""
    base, h = paint or GLAZE, 0.42
    outline = curve(
        [
            (0.0, 0.0),
            (0.062, 0.0),
            (0.066, 0.006),
            (0.040, 0.05),
            (0.058, 0.10),
            (0.050, 0.15),
            (0.014, 0.20),
            (0.0, 0.203),
        ],
        40,
    )
    foot = revolve(outline, base, segments=48)
    stem = moved(cylinder(0.005, 0.10, STEEL), (0.0, 0.0, 0.24))
    low, high = 0.115 * float(params["shade_ratio"]), 0.075
    shade = turned(
        [(low, 0.235), (high, h), (high - 0.002, h), (low - 0.002, 0.235), (low, 0.235)], 0.0, LINEN
    )
    bulb = moved(ellipsoid((0.026, 0.026, 0.034), LABEL), (0.0, 0.0, 0.305))
    spider = [box((2 * high - 0.004, 0.002, 0.002), STEEL, (0.0, 0.0, h - 0.012))]
    colliders = [
        hull_collider(rings([(0.066, 0.0), (0.060, 0.10), (0.014, 0.20)])),
        hull_collider(rings([(low, 0.235), (high, h)])),
    ]
    return weighed(
        [foot, stem, shade, bulb, *spider],
        colliders,
        substance(paint, "ceramic"),
        float(params["size_m"]),
        1.3,
    )


def _build_clock(params: Params, paint: Material | None) -> Shape:
    """A round clock on two feet, its face towards +x."""
    r, deep = 0.065, 0.042
    case = paint or BLACK
    rim = [(0, -deep / 2), (r - 0.006, -deep / 2), (r, -deep / 2 + 0.006), (r, deep / 2 - 0.003)]
    rim += [(r - 0.004, deep / 2), (r - 0.007, deep / 2 - 0.004), (0, deep / 2 - 0.004)]
    middle = r + 0.012
    pieces = [moved(rotated(turned(rim, 0.0015, case), "y", np.pi / 2), (0.0, 0.0, middle))]
    face = deep / 2 - 0.0038
    a = np.arange(48) * (2 * np.pi / 48)
    dial = np.stack([np.full(48, face), 0.056 * np.cos(a), middle + 0.056 * np.sin(a)], axis=1)
    pieces.append(fan(dial, MOUNT))
    for k in range(12):
        long = 0.010 if k % 3 == 0 else 0.005
        tick = box((LIFT_M, 0.0022, long), BLACK, (0.0, 0.0, 0.050 - long / 2))
        pieces.append(moved(rotated(tick, "x", -2 * np.pi * k / 12), (face + LIFT_M, 0.0, middle)))
    minutes = float(params["minutes"])
    for turn, long, wide, lift in ((minutes / 720, 0.028, 0.0040, 2), (minutes / 60, 0.042, 0.0026, 3)):
        hand = box((LIFT_M, wide, long), BLACK, (0.0, 0.0, long / 2 - 0.005))
        pieces.append(moved(rotated(hand, "x", -2 * np.pi * turn), (face + lift * LIFT_M, 0.0, middle)))
    hub = moved(cylinder(0.0035, 0.002, CLOCK_RED, axis="x"), (face + 4 * LIFT_M, 0.0, middle))
    feet = [
        tube([[0.0, s * 0.040, 0.004], [0.0, s * 0.034, 0.034]], [0.006, 0.0045], STEEL, sides=10)
        for s in (-1, 1)
    ]
    tips = [moved(ellipsoid((0.007, 0.007, 0.004), BLACK), (0.0, s * 0.040, 0.004)) for s in (-1, 1)]
    colliders = [
        _upright_disc(r, deep, middle),
        box_collider((0.034, 0.094, 0.030), (0.0, 0.0, 0.015)),
    ]
    return weighed(
        [*pieces, hub, *feet, *tips], colliders, SUBSTANCES["metal"], float(params["size_m"]), 0.35
    )


def _upright_disc(radius_m: float, deep_m: float, height_m: float) -> Collider:
    """A cylinder about the x axis, its middle at a height."""
    quarter = (float(np.sqrt(0.5)), 0.0, float(np.sqrt(0.5)), 0.0)
    return Collider("cylinder", Pose.of((0.0, 0.0, height_m), quarter), (radius_m, deep_m))


_SKIES = {
    "dawn": ((0.72, 0.36, 0.20), (0.70, 0.52, 0.30), (0.16, 0.10, 0.14)),
    "noon": ((0.22, 0.42, 0.66), (0.74, 0.66, 0.34), (0.08, 0.19, 0.07)),
    "dusk": ((0.16, 0.12, 0.32), (0.74, 0.46, 0.16), (0.03, 0.04, 0.09)),
    "snow": ((0.52, 0.60, 0.68), (0.78, 0.78, 0.74), (0.62, 0.66, 0.72)),
}


def _build_picture_frame(params: Params, paint: Material | None) -> Shape:
    """A framed landscape that leans back on a strut, its picture towards +x."""
    y, bar = 0.21, 0.016
    z = y * float(params["height_ratio"])
    wood = paint or OLIVE_WOOD
    pieces = [box((0.006, y - 0.004, z - 0.004), BLACK, (-0.004, 0.0, z / 2))]
    for sign in (-1.0, 1.0):
        pieces.append(rounded_box((0.016, bar, z), 0.003, wood, (0.0, sign * (y - bar) / 2, z / 2)))
        pieces.append(
            rounded_box((0.016, y - 2 * bar, bar), 0.003, wood, (0.0, 0.0, z / 2 + sign * (z - bar) / 2))
        )
    sky, sun, hill = (
        Material(f"painted_{k}", c, roughness=0.8, lidar_reflectivity=0.4)
        for k, c in zip(("sky", "sun", "hill"), _SKIES[str(params["scene"])], strict=True)
    )
    wide, high = y - 2 * bar - 0.036, z - 2 * bar - 0.036
    front = 0.0005
    pieces.append(
        _flat(
            front,
            [(-y / 2 + bar, bar), (y / 2 - bar, bar), (y / 2 - bar, z - bar), (-y / 2 + bar, z - bar)],
            MOUNT,
        )
    )
    low, top = z / 2 - high / 2, z / 2 + high / 2
    pieces.append(
        _flat(front + LIFT_M, [(-wide / 2, low), (wide / 2, low), (wide / 2, top), (-wide / 2, top)], sky)
    )
    a = np.arange(28) * (2 * np.pi / 28)
    pieces.append(
        _flat(
            front + 2 * LIFT_M,
            np.stack([0.18 * wide + 0.12 * wide * np.cos(a), top - 0.3 * high + 0.12 * wide * np.sin(a)], 1),
            sun,
        )
    )
    x = np.linspace(-wide / 2, wide / 2, 21)
    ridge = low + high * (0.34 + 0.10 * np.sin(9.0 * x / wide + 0.6) + 0.05 * np.sin(21.0 * x / wide))
    for (x0, h0), (x1, h1) in zip(
        zip(x[:-1], ridge[:-1], strict=True), zip(x[1:], ridge[1:], strict=True), strict=True
    ):
        pieces.append(_flat(front + 3 * LIFT_M, [(x0, low), (x1, low), (x1, h1), (x0, h0)], hill))
    strut = rounded_box((0.004, 0.040, z * 0.58), 0.0015, BLACK, (0.0, 0.0, z * 0.29))
    lean = 0.17
    whole = [rotated(p, "y", -lean) for p in pieces]
    back = moved(rotated(strut, "y", 0.20), (-0.078 * z / 0.25, 0.0, 0.0))
    reach = z * np.sin(lean)
    corners = [(sx, sy * y / 2, 0.0) for sx in (-0.006, 0.010) for sy in (-1, 1)]
    corners += [(sx - reach, sy * y / 2, z * np.cos(lean)) for sx in (-0.006, 0.008) for sy in (-1, 1)]
    prop = box_collider((0.012, 0.04, 0.02), (-0.078 * z / 0.25, 0.0, 0.010))
    return weighed(
        [*whole, back], [hull_collider(corners), prop], SUBSTANCES["wood"], float(params["size_m"]), 0.45
    )


def _flat(x_m: float, points_yz: object, material: Material) -> Mesh:
    flat = np.asarray(points_yz, dtype=np.float64)
    return fan(np.column_stack([np.full(len(flat), x_m), flat]), material)


def _build_plank(params: Params, paint: Material | None) -> Shape:
    """Lies along x."""
    x, y, z = 0.5, 0.5 * float(params["width_ratio"]), 0.018
    body = rounded_box(
        (x, y, z), 0.002, paint or (BEECH if params["timber"] == "beech" else PINE), (0.0, 0.0, z / 2)
    )
    return made(
        [body], [box_collider((x, y, z), (0.0, 0.0, z / 2))], SUBSTANCES["wood"], float(params["size_m"])
    )


_GLAZES = ("white", "red", "blue", "green", "yellow", "cyan", "orange", "pink")
CUP = thing("cup", {"size_m": (0.095, 0.115)}, _build_cup, _GLAZES, ("ceramic",))
BASKET = thing("basket", {"size_m": (0.24, 0.30), "height_ratio": (0.8, 1.15)}, _build_basket)
CRATE = thing("crate", {"size_m": (0.27, 0.34), "width_ratio": (0.68, 0.85)}, _build_crate, (), ("wood",))
POTTED_PLANT = thing(
    "potted_plant",
    {"size_m": (0.24, 0.34), "leaves": (18.0, 30.0), "leaf_ratio": (0.85, 1.2)},
    _build_potted_plant,
    choices={"habit": ("grassy", "leafy", "bushy")},
    noun="plant",
)
LAMP = thing("lamp", {"size_m": (0.36, 0.46), "shade_ratio": (0.9, 1.15)}, _build_lamp, _GLAZES, ("ceramic",))
CLOCK = thing(
    "clock",
    {"size_m": (0.13, 0.17), "minutes": (0.0, 720.0)},
    _build_clock,
    ("black", "red", "white", "cyan", "silver"),
    ("plastic",),
)
PICTURE_FRAME = thing(
    "picture_frame",
    {"size_m": (0.19, 0.28), "height_ratio": (1.1, 1.35)},
    _build_picture_frame,
    choices={"scene": sorted(_SKIES)},
    noun="picture",
)
PLANK = thing(
    "plank",
    {"size_m": (0.42, 0.56), "width_ratio": (0.18, 0.28)},
    _build_plank,
    (),
    ("wood",),
    choices={"timber": ("beech", "pine")},
)
