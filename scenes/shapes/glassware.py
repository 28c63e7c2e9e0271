"""Transparent things: glass, wine glass, jar, glass bottle; and vases, of glass or of clay.

The walls are closed and of their real thickness, so that light meets every surface it would meet.
"""

from __future__ import annotations

import numpy as np

from pairforge.scenes.shapes.making import SEGMENTS, curve, made, shell, thing, turned
from pairforge.scenes.shapes.meshing import creased, revolve
from pairforge.scenes.shapes.primitives import Params
from pairforge.scenes.shapes.solids import disc_collider, hull_collider, rings, wall_colliders
from pairforge.scenes.shapes.substances import SUBSTANCES, substance
from pairforge.scenes.shapes.tableware import GLAZE, LABEL
from pairforge.scenes.world import Material, Mesh, Shape

FLINT = Material(
    "flint_glass",
    (0.93, 0.97, 0.955),
    "glass",
    roughness=0.01,
    transmission=1.0,
    ior=1.5,
    lidar_reflectivity=0.05,
)
BRASS = Material("brass", (0.62, 0.42, 0.16), "metal", roughness=0.3, metallic=1.0, lidar_reflectivity=0.55)
TINPLATE = Material(
    "tinplate", (0.58, 0.585, 0.59), "metal", roughness=0.28, metallic=1.0, lidar_reflectivity=0.6
)
LIDS = {
    "brass": BRASS,
    "tinplate": TINPLATE,
    "red": Material("red_lid", (0.42, 0.02, 0.015), roughness=0.35, lidar_reflectivity=0.4),
}
FILLS = {
    "honey": Material("honey", (0.55, 0.24, 0.02), roughness=0.15, lidar_reflectivity=0.4),
    "jam": Material("jam", (0.26, 0.012, 0.02), roughness=0.2, lidar_reflectivity=0.2),
    "olives": Material("olives", (0.11, 0.12, 0.025), "leaves", roughness=0.4, lidar_reflectivity=0.3),
    "rice": Material("rice", (0.72, 0.68, 0.58), "concrete", roughness=0.8, lidar_reflectivity=0.7),
    "lentils": Material("lentils", (0.45, 0.17, 0.04), "asphalt", roughness=0.8, lidar_reflectivity=0.5),
    "coffee": Material("coffee", (0.05, 0.022, 0.010), "asphalt", roughness=0.7, lidar_reflectivity=0.15),
}
CORK = Material("cork", (0.40, 0.24, 0.12), "concrete", roughness=0.9, lidar_reflectivity=0.5)


def _build_glass(params: Params, paint: Material | None) -> Shape:
    """A tumbler: thick foot, straight flared wall."""
    foot, rim, h = 0.028 * float(params["foot_ratio"]), 0.037, 0.110
    outer = curve([(foot, 0.0), (foot + 0.001, 0.004), (foot + 0.003, 0.03), (rim, h)], 14)
    cup = shell(outer, 0.0019, 0.010, paint or FLINT, foot_m=0.0015)
    colliders = [disc_collider(foot, 0.0, 0.010), *wall_colliders([(foot + 0.002, 0.004), (rim, h)], 0.004)]
    return made([cup], colliders, SUBSTANCES["glass"], float(params["size_m"]))


def _build_wine_glass(params: Params, paint: Material | None) -> Shape:
    belly = 0.040 * float(params["belly_ratio"])
    outer = curve(
        [
            (0.034, 0.0),
            (0.0345, 0.0012),
            (0.014, 0.005),
            (0.0042, 0.014),
            (0.0036, 0.045),
            (0.0042, 0.076),
            (0.013, 0.088),
            (belly, 0.122),
            (belly - 0.001, 0.142),
            (0.031, 0.190),
        ],
        52,
    )
    bowl = outer[outer[:, 1] > 0.092][::-1] - [0.0013, 0.0]
    profile = np.vstack(
        [[(0.0, 0.0)], outer, [(0.0304, 0.1906)], bowl, [(bowl[-1, 0] * 0.5, 0.0895), (0, 0.0885)]]
    )
    glass = creased(revolve(profile, paint or FLINT, segments=SEGMENTS), 50.0)
    walls = [(0.014, 0.088), (belly, 0.122), (belly - 0.002, 0.150), (0.031, 0.190)]
    colliders = [
        disc_collider(0.034, 0.0, 0.003),
        disc_collider(0.005, 0.003, 0.088),
        *wall_colliders(walls, 0.0035),
    ]
    return made([glass], colliders, SUBSTANCES["glass"], float(params["size_m"]))


def _lid(radius_m: float, low_m: float, high_m: float, material: Material) -> Mesh:
    profile = [
        (0, low_m),
        (radius_m - 0.002, low_m),
        (radius_m, low_m + 0.001),
        (radius_m, high_m),
        (0, high_m),
    ]
    return turned(profile, [0, 0.0005, 0.0005, 0.0015, 0], material)


def _build_jar(params: Params, paint: Material | None) -> Shape:
    """A screw-top jar with something in it; closed, so nothing else goes in."""
    r, h, neck = 0.040 * float(params["width_ratio"]), 0.115, 0.031
    outer = [(r - 0.004, 0.0), (r, 0.004), (r, h - 0.035), (r - 0.002, h - 0.028), (neck, h - 0.018)]
    smooth = np.vstack([curve(outer, 26), [(neck, h - 0.004)]])
    glass = shell(smooth, 0.0022, 0.005, paint or FLINT, foot_m=0.001)
    level = 0.005 + (h - 0.034) * float(params["fill_ratio"])
    inside = r - 0.0028
    fill = turned([(0, 0.0056), (inside, 0.0056), (inside, level), (0, level)], 0.002, FILLS[params["fill"]])
    lid = _lid(neck + 0.003, h - 0.016, h, LIDS[params["lid"]])
    pieces = [glass, fill, lid]
    if params["label"] == "paper":
        band = [(r + 0.0003, 0.030), (r + 0.0003, 0.066)]
        pieces.append(revolve(band, LABEL, segments=SEGMENTS))
    outline = [(r, 0.0), (r, h - 0.034), (neck + 0.003, h - 0.016), (neck + 0.003, h)]
    return made(pieces, [hull_collider(rings(outline))], SUBSTANCES["glass"], float(params["size_m"]), 0.6)


def _build_glass_bottle(params: Params, paint: Material | None) -> Shape:
    """Wine or oil: a long neck, a cork or a cap, a paper label."""
    r, h, neck = 0.037, 0.300, 0.0140
    shoulder = h * float(params["shoulder_ratio"])
    outer = curve(
        [
            (r - 0.004, 0.0),
            (r, 0.005),
            (r, shoulder * 0.6),
            (r, shoulder),
            (r * 0.72, shoulder + 0.028),
            (neck + 0.001, shoulder + 0.055),
            (neck, h - 0.022),
        ],
        40,
    )
    ringed = np.vstack([outer, [(neck + 0.002, h - 0.020), (neck + 0.002, h - 0.010), (neck, h - 0.006)]])
    glass = shell(ringed, 0.0028, 0.006, paint or FLINT, foot_m=0.004)
    cork = turned([(0, h - 0.03), (0.0105, h - 0.03), (0.0112, h), (0, h)], [0, 0, 0.001, 0], CORK)
    low = 0.055
    band = [(r + 0.0004, low), (r + 0.0004, min(low + 0.085, shoulder - 0.01))]
    label = revolve(band, LABEL, segments=SEGMENTS)
    outline = [(r, 0.0), (r, shoulder), (0.8 * r, shoulder + 0.022), (neck + 0.003, shoulder + 0.055)]
    outline += [(neck + 0.003, h)]
    colliders = [hull_collider(rings(outline))]
    return made([glass, cork, label], colliders, SUBSTANCES["glass"], float(params["size_m"]), 1.6)


_VASES = {
    "tall": [(0.034, 0.0), (0.036, 0.004), (0.046, 0.05), (0.050, 0.10), (0.036, 0.19), (0.040, 0.230)],
    "round": [(0.036, 0.0), (0.045, 0.008), (0.074, 0.06), (0.070, 0.11), (0.034, 0.15), (0.042, 0.175)],
    "flared": [(0.038, 0.0), (0.038, 0.006), (0.034, 0.06), (0.036, 0.12), (0.050, 0.19), (0.066, 0.225)],
}


def _build_vase(params: Params, paint: Material | None) -> Shape:
    outline = _VASES[str(params["form"])]
    vessel = shell(curve(outline, 30), 0.004, 0.008, paint or GLAZE, foot_m=0.002)
    colliders = [disc_collider(0.034, 0.0, 0.008), *wall_colliders(outline[1:], 0.006)]
    return made([vessel], colliders, substance(paint, "ceramic"), float(params["size_m"]))


def _build_carafe(params: Params, paint: Material | None) -> Shape:
    """Clear and empty, with a lip."""
    outline = [(0.040, 0.0), (0.046, 0.006), (0.048, 0.05), (0.040, 0.12), (0.024, 0.175), (0.029, 0.215)]
    outer = curve(outline, 34)
    vessel = shell(outer, 0.0024, 0.006, paint or FLINT, foot_m=0.001)
    colliders = [disc_collider(0.044, 0.0, 0.006), *wall_colliders(outline[1:], 0.005)]
    return made([vessel], colliders, SUBSTANCES["glass"], float(params["size_m"]))


GLASS = thing(
    "glass", {"size_m": (0.10, 0.14), "foot_ratio": (0.95, 1.15)}, _build_glass, materials=("glass",)
)
WINE_GLASS = thing(
    "wine_glass",
    {"size_m": (0.18, 0.22), "belly_ratio": (0.9, 1.12)},
    _build_wine_glass,
    materials=("glass",),
)
JAR = thing(
    "jar",
    {"size_m": (0.10, 0.15), "width_ratio": (0.85, 1.1), "fill_ratio": (0.6, 0.97)},
    _build_jar,
    materials=("glass",),
    choices={"fill": sorted(FILLS), "lid": sorted(LIDS), "label": ("paper", "none")},
)
GLASS_BOTTLE = thing(
    "glass_bottle",
    {"size_m": (0.25, 0.31), "shoulder_ratio": (0.56, 0.68)},
    _build_glass_bottle,
    ("green", "brown", "blue"),
    ("glass",),
    noun="bottle",
)
VASE = thing(
    "vase",
    {"size_m": (0.18, 0.27)},
    _build_vase,
    ("white", "blue", "green", "orange", "grey", "pink"),
    ("ceramic",),
    choices={"form": sorted(_VASES)},
)
CARAFE = thing("carafe", {"size_m": (0.20, 0.26)}, _build_carafe, materials=("glass",))
