"""What a part is photographed in: a bent sheet to stand on, luminous panels, a steel rule. Stuff, without ids."""

from __future__ import annotations

from typing import Any

import numpy as np

from pairforge.frames import Pose
from pairforge.scenes.families import ShapeFamily
from pairforge.scenes.inspection.finishes import INK_BLACK, metal
from pairforge.scenes.inspection.lettering import line
from pairforge.scenes.inspection.workshop import Finish, Workshop, bevelled, cut, prism, rectangle
from pairforge.scenes.shapes.meshing import box, combine, grid, moved
from pairforge.scenes.world import Collider, Material, Mesh, Shape, ShapePart
from pairforge.seeding import Stream

SHEETS: dict[str, Material] = {
    "white": Material("sheet_white", (0.62, 0.62, 0.61), "plain", 0.85, lidar_reflectivity=0.75),
    "grey": Material("sheet_grey", (0.19, 0.19, 0.195), "plain", 0.85, lidar_reflectivity=0.35),
    "black": Material("sheet_black", (0.022, 0.022, 0.024), "plain", 0.8, lidar_reflectivity=0.06),
    "blue": Material("sheet_blue", (0.035, 0.10, 0.23), "plain", 0.85, lidar_reflectivity=0.25),
    "green mat": Material("sheet_green", (0.012, 0.085, 0.055), "moulded", 0.7, lidar_reflectivity=0.25),
    "wood": Material("sheet_wood", (0.42, 0.27, 0.14), "wood", 0.6, lidar_reflectivity=0.5, scale_m=0.1),
}
LIGHTS = ("two panels", "ring", "bars", "one panel")
_HOUSING = Material("lamp_housing", (0.03, 0.03, 0.032), "plain", 0.6, lidar_reflectivity=0.1)
_FLOOR = Material("studio_floor", (0.74, 0.735, 0.72), "plain", 0.8, lidar_reflectivity=0.7)
"""A pale floor far below: it is what polished metal mirrors at a slant, and what exposure is metered by."""
_RULE = metal("steel_rule", (0.58, 0.58, 0.575), "brushed", 0.3)
_HALF_M, _SWEEP_M, _WALL_M = 0.55, 0.14, 0.5


def _sheet(params: dict[str, Any], paint: Material | None) -> Shape:
    """Level at z = 0, rising behind (+y) in a quarter turn."""
    arc = np.linspace(0.0, np.pi / 2, 17)
    y = np.concatenate([[-_HALF_M], 0.28 + _SWEEP_M * np.sin(arc), [0.28 + _SWEEP_M]])
    z = np.concatenate([[0.0], _SWEEP_M * (1 - np.cos(arc)), [_WALL_M]])
    rows = np.stack([np.stack([np.full(len(y), x), y, z], axis=1) for x in (-_HALF_M, _HALF_M)])
    top = combine(
        [
            grid(rows, paint or SHEETS[str(params["colour"])], smooth=True),
            box((24.0, 24.0, 0.1), _FLOOR, (0.0, 0.0, -0.85)),
        ]
    )
    slab = ((2 * _HALF_M, _HALF_M + 0.28, 0.05), (0.0, (0.28 - _HALF_M) / 2, -0.025))
    size, centre = (
        (2 * _HALF_M, _HALF_M + 0.28 + _SWEEP_M, _WALL_M),
        (0.0, (0.28 + _SWEEP_M - _HALF_M) / 2, _WALL_M / 2),
    )
    return Shape(
        parts=(ShapePart("sheet", top, Pose.of()),),
        size_m=size,
        centre_m=centre,
        mass_kg=0.0,
        colliders=(Collider("box", Pose.of(slab[1]), slab[0]),),
        friction=0.9,
        restitution=0.3,
    )


def _panel(width_m: float, depth_m: float, at: tuple[float, float, float], glow: Material) -> Mesh:
    """A luminous rectangle that faces the origin, in its housing."""
    face = box((width_m, depth_m, 0.004), glow, (0.0, 0.0, 0.002))
    back = box((width_m + 0.02, depth_m + 0.02, 0.02), _HOUSING, (0.0, 0.0, -0.0105), bevel_m=0.003)
    toward = -np.asarray(at) / np.linalg.norm(at)
    side = np.cross([0.0, 0.0, 1.0], toward)
    side = side / np.linalg.norm(side) if np.linalg.norm(side) > 1e-6 else np.array([1.0, 0.0, 0.0])
    matrix = np.eye(4)
    matrix[:3, :3] = np.column_stack([side, np.cross(toward, side), toward])
    matrix[:3, 3] = at
    return moved(combine([face, back]), Pose.from_matrix(matrix))


def _lights(params: dict[str, Any], paint: Material | None) -> Shape:
    warm = float(params["warmth"])
    colour = (1.0, 0.97 - 0.10 * warm, 0.93 - 0.30 * warm)
    kind, power = str(params["layout"]), float(params["power_w_m2"])
    glow = Material(
        f"glow_{warm:g}_{power:g}", colour, "emissive", 0.5, emission_w_m2=power, lidar_reflectivity=0.7
    )
    if kind == "ring":
        angle = np.linspace(0, 2 * np.pi, 49)
        inner, outer = (
            np.column_stack([r * np.cos(angle), r * np.sin(angle), np.full(49, 0.40)]) for r in (0.10, 0.18)
        )
        made = combine(
            [
                grid(np.stack([outer, inner]), glow, smooth=False),
                moved(
                    grid(np.stack([inner * [1, 1, 1.01], outer * [1, 1, 1.01]]), _HOUSING, smooth=False),
                    (0, 0, 0),
                ),
            ]
        )
    elif kind == "bars":
        made = combine(
            [_panel(0.42, 0.05, (0.0, y, z), glow) for y, z in ((-0.30, 0.34), (0.22, 0.36), (0.0, 0.46))]
        )
    elif kind == "one panel":
        made = _panel(0.36, 0.28, (-0.30, 0.02, 0.36), glow)
    else:
        made = combine([_panel(0.24, 0.30, (x, -0.02, 0.32), glow) for x in (-0.38, 0.38)])
    low, high = made.vertices.min(axis=0).astype(float), made.vertices.max(axis=0).astype(float)
    size, centre = (high - low).tolist(), ((high + low) / 2).tolist()
    return Shape(
        (ShapePart("panels", made, Pose.of()),),
        (size[0], size[1], size[2]),
        (centre[0], centre[1], centre[2]),
        0.0,
        colliders=(Collider("box", Pose.of((0.0, 0.0, 3.0)), (0.01, 0.01, 0.01)),),
    )


def _rule(params: dict[str, Any], paint: Material | None) -> Shape:
    """A steel rule of 150 mm: a line a millimetre, longer ones at five and ten, numbers in centimetres."""
    shop = Workshop()
    blank = shop.tool(bevelled(rectangle(156, 19, 2.0), 0.0, 0.9, 0.12), Finish.of(_RULE))
    marks = [
        prism(rectangle(0.16, 3.2 + 1.5 * (k % 5 == 0) + 1.6 * (k % 10 == 0)), 0.88, 2.0).translate(
            (k - 75.0, -9.4 + (3.2 + 1.5 * (k % 5 == 0) + 1.6 * (k % 10 == 0)) / 2, 0.0)
        )
        for k in range(151)
    ]
    text = [prism(line(str(k), 3.0), 0.88, 2.0).translate((10.0 * k - 75.0, 0.2, 0.0)) for k in range(1, 15)]
    solid = cut(blank, [shop.tool(m, INK_BLACK) for m in (*marks, *text)])
    made = shop.mesh([solid])
    assert made is not None
    size = (0.156, 0.019, 0.0009)
    return Shape(
        (ShapePart("rule", made, Pose.of()),),
        size,
        (0.0, 0.0, 0.00045),
        0.0,
        colliders=(Collider("box", Pose.of((0.0, 0.0, 0.00045)), size),),
    )


def _draw_sheet(stream: Stream) -> dict[str, Any]:
    return {"colour": str(stream.rng().choice(list(SHEETS)))}


def _draw_lights(stream: Stream) -> dict[str, Any]:
    rng = stream.rng()
    return {
        "layout": str(rng.choice(LIGHTS)),
        "warmth": round(float(rng.uniform(0.0, 0.6)), 2),
        "power_w_m2": round(float(rng.uniform(38.0, 70.0)), 1),
    }


SHEET = ShapeFamily("inspection_sheet", "floor", "sheet", _draw_sheet, _sheet, stuff=True)
PANELS = ShapeFamily("inspection_lights", "wall", "light", _draw_lights, _lights, stuff=True)
RULE = ShapeFamily("steel_rule", "floor", "rule", lambda stream: {"length_mm": 150}, _rule, stuff=True)
