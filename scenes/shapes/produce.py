"""Fruit, vegetables and bread: pear, orange, lemon, carrot, tomato, loaf."""

from __future__ import annotations

import numpy as np

from pairforge.frames import F64
from pairforge.scenes.shapes.making import curve, made, thing
from pairforge.scenes.shapes.meshing import combine, creased, grid, loft, moved, revolve, scaled, tube, turned
from pairforge.scenes.shapes.primitives import Params
from pairforge.scenes.shapes.solids import hull_collider
from pairforge.scenes.shapes.substances import SUBSTANCES
from pairforge.scenes.shapes.tableware import STALK
from pairforge.scenes.world import Material, Mesh, Shape

ZEST = Material(
    "orange_zest", (0.78, 0.235, 0.012), "citrus", roughness=0.42, coat=0.15, lidar_reflectivity=0.6
)
LEMON_ZEST = Material(
    "lemon_zest", (0.80, 0.60, 0.035), "citrus", roughness=0.42, coat=0.15, lidar_reflectivity=0.65
)
PEARS = {
    "green": Material("green_pear", (0.30, 0.38, 0.045), "fruit", roughness=0.45, lidar_reflectivity=0.55),
    "golden": Material("golden_pear", (0.50, 0.36, 0.06), "fruit", roughness=0.48, lidar_reflectivity=0.55),
    "russet": Material("russet_pear", (0.27, 0.15, 0.05), "fruit", roughness=0.6, lidar_reflectivity=0.45),
}
TOMATO_SKIN = Material(
    "tomato_skin", (0.56, 0.030, 0.012), "plain", roughness=0.16, coat=0.4, lidar_reflectivity=0.5
)
CARROT_SKIN = Material("carrot_skin", (0.72, 0.19, 0.015), "fruit", roughness=0.55, lidar_reflectivity=0.55)
GREENS = Material("greens", (0.06, 0.16, 0.02), "leaves", roughness=0.6, lidar_reflectivity=0.5)
CRUST = Material("crust", (0.40, 0.185, 0.055), "crust", roughness=0.75, lidar_reflectivity=0.5)
CRUMB = Material("crumb", (0.66, 0.50, 0.29), "crust", roughness=0.9, lidar_reflectivity=0.65)


def _round_body(profile: F64, material: Material) -> Mesh:
    """A closed fruit of a profile (N, 2) from its foot to its crown."""
    line = np.asarray(profile, dtype=np.float64)
    line[[0, -1], 0] = 0.0
    return revolve(line, material, segments=48)


def _hull(mesh: Mesh, every: int = 7) -> F64:
    """A thinned cloud of the mesh's points, its extremes kept, for a hull collider."""
    v = mesh.vertices.astype(np.float64)
    ends = [int(f(v[:, k])) for k in range(3) for f in (np.argmin, np.argmax)]
    return np.concatenate([v[::every], v[ends]])


def _build_pear(params: Params, paint: Material | None) -> Shape:
    neck = 0.0155 * float(params["neck_ratio"])
    profile = curve(
        [
            (0.0, 0.004),
            (0.012, 0.0005),
            (0.031, 0.014),
            (0.0355, 0.031),
            (0.030, 0.050),
            (neck + 0.003, 0.070),
            (neck, 0.083),
            (0.009, 0.0915),
            (0.0, 0.0910),
        ],
        36,
    )
    flesh = _round_body(profile, paint or PEARS[str(params["kind"])])
    stalk = tube(
        [[0, 0, 0.089], [0.001, 0, 0.099], [0.006, 0, 0.110]], [0.0013, 0.0012, 0.0020], STALK, sides=8
    )
    return made([flesh, stalk], [hull_collider(_hull(flesh))], SUBSTANCES["fruit"], float(params["size_m"]))


def _citrus(nipple_m: float, long_ratio: float, material: Material) -> Mesh:
    t = np.linspace(-np.pi / 2, np.pi / 2, 34)
    r, z = 0.036 * np.cos(t), 0.036 * long_ratio * np.sin(t)
    z = z + nipple_m * np.exp(-((r / 0.008) ** 2)) * np.sign(z)
    if nipple_m == 0.0:
        z = z - 0.0022 * np.exp(-((r / 0.006) ** 2)) * np.sign(z)
    return _round_body(np.stack([r, z], axis=1), material)


def _build_orange(params: Params, paint: Material | None) -> Shape:
    peel = _citrus(0.0, float(params["long_ratio"]), paint or ZEST)
    navel = moved(
        scaled(_citrus(0.0, 0.3, STALK), (0.06, 0.06, 0.06)), (0.0, 0.0, 0.0335 * float(params["long_ratio"]))
    )
    return made([peel, navel], [hull_collider(_hull(peel))], SUBSTANCES["fruit"], float(params["size_m"]))


def _build_lemon(params: Params, paint: Material | None) -> Shape:
    """Lies on its side, its length along x."""
    peel = turned(_citrus(0.006, float(params["long_ratio"]), paint or LEMON_ZEST), "y", np.pi / 2)
    return made([peel], [hull_collider(_hull(peel))], SUBSTANCES["fruit"], float(params["size_m"]))


def _build_tomato(params: Params, paint: Material | None) -> Shape:
    lobes, flat = 5, float(params["flat_ratio"])
    t = np.linspace(-np.pi / 2, np.pi / 2, 28)
    a = np.arange(60) * (2 * np.pi / 60)
    r, z = 0.037 * np.cos(t) ** 0.85, 0.037 * flat * np.sin(t)
    dip = 0.009 * np.exp(-((r / 0.012) ** 2)) * (z > 0)
    rib = 1.0 + 0.035 * np.cos(lobes * a)[None, :] * np.clip(np.sin(t), 0, 1)[:, None]
    rows = np.stack(
        [
            r[:, None] * np.cos(a) * rib,
            r[:, None] * np.sin(a) * rib,
            np.broadcast_to((z - dip)[:, None], (28, 60)),
        ],
        axis=-1,
    )
    flesh = grid(rows[::-1], paint or TOMATO_SKIN, closed=True)
    crown = 0.037 * flat - 0.0085
    leaves = []
    for k in range(lobes):
        s = np.linspace(0.0, 1.0, 5)
        middle = np.stack([0.003 + 0.020 * s, 0 * s, crown + 0.009 * np.sin(2.2 * s)], axis=1)
        width = np.stack([0 * s, 0.0032 * (1 - s) * (0.6 + s), 0 * s], axis=1)
        leaf = np.stack([middle + width, middle + np.array([0, 0, 0.0009]), middle - width], axis=1)
        leaves.append(
            turned(combine([grid(leaf, GREENS), grid(leaf[:, ::-1], GREENS)]), "z", 2 * np.pi * k / lobes)
        )
    stalk = tube(
        [[0, 0, crown - 0.003], [0, 0, crown + 0.006], [0.002, 0, crown + 0.011]], 0.0013, GREENS, sides=8
    )
    cloud = hull_collider(_hull(flesh, 5))
    return made([flesh, *leaves, stalk], [cloud], SUBSTANCES["fruit"], float(params["size_m"]))


def _build_carrot(params: Params, paint: Material | None) -> Shape:
    """Lies along x, its tip towards -x, with cut stalks at the other end."""
    t = np.linspace(0.0, 1.0, 46)
    thick = 0.0155 * float(params["thick_ratio"])
    radii = (
        thick
        * np.clip(t / 0.16, 0, 1) ** 0.55
        * (0.42 + 0.58 * t**0.7)
        * np.clip((1.02 - t) / 0.05, 0, 1) ** 0.4
    )
    ripple = 1.0 + 0.012 * np.sin(97.0 * t) + 0.010 * np.sin(41.0 * t + 1.0)
    bend = 0.006 * np.sin(2.4 * t) * float(params["bend"])
    path = np.stack([0.17 * (t - 0.5), bend, thick + 0 * t], axis=1)
    root = tube(path, np.maximum(radii * ripple, 0.0006), paint or CARROT_SKIN, sides=18)
    end = path[-1]
    stalks = []
    for k, (y, z) in enumerate(((-0.005, 0.003), (0.002, 0.006), (0.006, -0.001), (-0.001, -0.003))):
        far = end + np.array([0.020 + 0.004 * (k % 3), 1.6 * y, 1.4 * z])
        stalks.append(
            tube(
                [end + np.array([-0.004, y * 0.4, z * 0.4]), (end + far) / 2, far],
                [0.0024, 0.0019, 0.0014],
                GREENS,
                sides=7,
            )
        )
    body = hull_collider(_hull(root, 5))
    return made([root, *stalks], [body], SUBSTANCES["fruit"], float(params["size_m"]))


def _build_loaf(params: Params, paint: Material | None) -> Shape:
    """A long loaf along x, slashed across its crown."""
    count, sides = 57, 40
    s = np.linspace(-1.0, 1.0, count)
    a = np.arange(sides) * (2 * np.pi / sides)
    half_y, high = 0.055 * float(params["width_ratio"]), 0.088
    end = np.clip(1.0 - np.abs(s) ** 5, 0.0, 1.0) ** 0.45
    slashes = np.exp(
        -(((s[:, None] - np.linspace(-0.6, 0.6, 4)[None, :] - 0.10 * np.sin(a)[:, None, None]) / 0.035) ** 2)
    ).sum(-1)
    cut = slashes.T * np.clip(np.sin(a), 0, 1)[None, :] ** 2 * (np.abs(s) < 0.8)[:, None]
    y = half_y * end[:, None] * np.sign(np.cos(a)) * np.abs(np.cos(a)) ** 0.75 * (1 - 0.02 * cut)
    rise = np.where(np.sin(a) > 0, np.abs(np.sin(a)) ** 0.8, -(np.abs(np.sin(a)) ** 0.35))
    z = 0.5 * high * (0.25 + 0.75 * end[:, None]) * (1.0 + rise)
    z = z - 0.009 * cut
    rings = np.stack([np.broadcast_to((0.135 * s)[:, None], (count, sides)), y, z], axis=-1)
    # Sections wind counter-clockwise seen from +x: y to the right of z.
    bread = creased(loft(rings, paint or CRUST), 60.0)
    pale = cut[:-1, :] > 0.55
    slots = np.zeros(len(bread.faces), np.uint8)
    centres = bread.vertices[bread.faces].mean(axis=1)
    row = np.clip(((centres[:, 0] / 0.135 + 1) / 2 * (count - 1)).astype(int), 0, count - 2)
    column = (
        np.round(
            np.arctan2(centres[:, 2] / high - 0.5, centres[:, 1] / half_y / 2) / (2 * np.pi) * sides
        ).astype(int)
    ) % sides
    slots[pale[row, column]] = 1
    bread = Mesh(bread.vertices, bread.faces, slots, (paint or CRUST, CRUMB), bread.smooth)
    return made([bread], [hull_collider(_hull(bread, 9))], SUBSTANCES["fruit"], float(params["size_m"]), 0.35)


PEAR = thing(
    "pear", {"size_m": (0.10, 0.125), "neck_ratio": (0.85, 1.2)}, _build_pear, choices={"kind": sorted(PEARS)}
)
ORANGE = thing("orange", {"size_m": (0.070, 0.088), "long_ratio": (0.92, 1.0)}, _build_orange)
LEMON = thing("lemon", {"size_m": (0.082, 0.105), "long_ratio": (1.18, 1.4)}, _build_lemon)
TOMATO = thing("tomato", {"size_m": (0.060, 0.085), "flat_ratio": (0.75, 0.92)}, _build_tomato)
CARROT = thing(
    "carrot", {"size_m": (0.17, 0.22), "thick_ratio": (0.85, 1.25), "bend": (-1.0, 1.0)}, _build_carrot
)
LOAF = thing("loaf", {"size_m": (0.24, 0.31), "width_ratio": (0.9, 1.15)}, _build_loaf)
