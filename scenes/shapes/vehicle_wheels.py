"""Road wheels: tyre, rim, spokes, hub and brake disc, in the wheel's own frame (axle along y, outside at +y)."""

from __future__ import annotations

import numpy as np

from pairforge.scenes.shapes.meshing import combine, cylinder, loft, revolve, turned
from pairforge.scenes.shapes.vehicle_materials import ALLOY, CHROME, DARK_ALLOY, SEAM, STEEL, TYRE
from pairforge.scenes.world import Material, Mesh

_FINISH: dict[str, Material] = {"alloy": ALLOY, "dark": DARK_ALLOY, "steel": STEEL}


def wheel(
    radius_m: float, width_m: float, *, rim: str = "five", finish: str = "alloy", rim_ratio: float = 0.69
) -> Mesh:
    """A wheel about the origin whose outer face looks to +y; its tyre touches exactly ``radius_m``."""
    metal = _FINISH[finish]
    r = radius_m * rim_ratio
    pieces = [_tyre(radius_m, r, width_m), _barrel(r, width_m, metal)]
    pieces.append(_disc(r, width_m) if rim == "steel" else _spokes(r, width_m, rim, metal))
    hub = cylinder(0.16 * r, 0.05, metal, top_radius_m=0.13 * r, axis="y", segments=12)
    pieces.append(_shifted(hub, 0.5 * width_m - 0.045))
    pieces.append(_shifted(cylinder(0.075 * r, 0.02, CHROME, axis="y", segments=10), 0.5 * width_m - 0.016))
    return combine(pieces)


def _tyre(radius: float, rim: float, width: float) -> Mesh:
    h = width / 2
    side = radius - rim
    profile = [
        (rim, -0.86 * h),
        (rim + 0.35 * side, -h),
        (rim + 0.72 * side, -0.97 * h),
        (radius - 0.012, -0.82 * h),
        (radius, -0.6 * h),
        (radius, 0.6 * h),
        (radius - 0.012, 0.82 * h),
        (rim + 0.72 * side, 0.97 * h),
        (rim + 0.35 * side, h),
        (rim, 0.86 * h),
    ]
    return revolve(profile, TYRE, segments=28, axis="y")


def _barrel(rim: float, width: float, metal: Material) -> Mesh:
    """The lip one sees, and the dark well behind the spokes."""
    h = width / 2
    lip = revolve(
        [(rim, 0.86 * h), (0.985 * rim, 0.9 * h), (0.93 * rim, 0.84 * h), (0.9 * rim, 0.5 * h)],
        metal,
        segments=32,
        axis="y",
    )
    well = revolve(
        [(0.9 * rim, 0.5 * h), (0.88 * rim, 0.0), (0.0, 0.0)], SEAM, segments=24, axis="y", smooth=False
    )
    brake = _shifted(cylinder(0.62 * rim, 0.02, STEEL, axis="y", segments=24), 0.14 * h)
    back = revolve([(0.0, -0.6 * h), (rim, -0.86 * h)], SEAM, segments=24, axis="y", smooth=False)
    return combine([lip, well, brake, back])


def _disc(rim: float, width: float) -> Mesh:
    """A pressed-steel wheel, dished, with a ring of ventilation holes suggested by dark plugs."""
    h = width / 2
    dish = revolve(
        [
            (0.93 * rim, 0.5 * h),
            (0.75 * rim, 0.55 * h),
            (0.5 * rim, 0.78 * h),
            (0.2 * rim, 0.8 * h),
            (0.0, 0.8 * h),
        ],
        STEEL,
        segments=32,
        axis="y",
    )
    hole = cylinder(0.075 * rim, 0.03, SEAM, axis="y", segments=8)
    angles = np.arange(8) * (np.pi / 4)
    holes = [
        _shifted(turned(_shifted_x(hole, 0.68 * rim), "y", float(a)), 0.5 * width / 2 + 0.012) for a in angles
    ]
    return combine([dish, *holes])


def _spokes(rim: float, width: float, style: str, metal: Material) -> Mesh:
    count, root, tip, twin = {"five": (5, 0.13, 0.17, False), "multi": (10, 0.055, 0.06, False)}.get(
        style, (5, 0.05, 0.06, True)
    )
    h = width / 2
    radial = np.linspace(0.1, 0.95, 5) * rim
    half = np.linspace(root, tip, 5) * rim
    front = h * np.array([0.74, 0.8, 0.82, 0.8, 0.72])
    rings = [
        [(r, f, w), (r, f - 0.25 * h, w), (r, f - 0.25 * h, -w), (r, f, -w)]
        for r, w, f in zip(radial, half, front, strict=True)
    ]
    spoke = loft(rings, metal, smooth=False)
    offsets = (-0.14, 0.14) if twin else (0.0,)
    angles = [2 * np.pi * k / count + o for k in range(count) for o in offsets]
    return combine([turned(spoke, "y", float(a)) for a in angles])


def _shifted(m: Mesh, y: float) -> Mesh:
    return Mesh(m.vertices + np.array([0, y, 0], np.float32), m.faces, m.face_material, m.materials, m.smooth)


def _shifted_x(m: Mesh, x: float) -> Mesh:
    return Mesh(m.vertices + np.array([x, 0, 0], np.float32), m.faces, m.face_material, m.materials, m.smooth)
