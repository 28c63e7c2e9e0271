"""Cars: hatchback, sedan, suv and minivan, one body plan with different lines."""

from __future__ import annotations

from typing import Any

import numpy as np

from pairforge.scenes.shapes import vehicle_dressing as dress
from pairforge.scenes.shapes.meshing import both_sides, box, combine, cylinder, loft, moved
from pairforge.scenes.shapes.vehicle_body import BodyPlan, greenhouse, lower_body
from pairforge.scenes.shapes.vehicle_extras import load_bed, roof_sign, wheel_boxes
from pairforge.scenes.shapes.vehicle_materials import (
    ALLOY,
    CHROME,
    GLOSS,
    HEADLIGHT,
    INDICATOR,
    REVERSE_LIGHT,
    TAIL_LIGHT,
    TRIM,
)
from pairforge.scenes.world import Material, Mesh

Params = dict[str, Any]


def plan_of(p: Params) -> BodyPlan:
    """The lines of a car from its drawn proportions (fractions run along the overhangs and heights)."""
    front, rear = p["wheelbase_m"] + p["front_overhang_m"], -p["rear_overhang_m"]
    belt = p["belt_m"]
    cowl_x = front - p["hood_m"]
    nose = p["nose_m"]
    cowl = belt + 0.03
    deck_z, deck_x = p["deck_m"], rear + p["boot_m"]
    roof_front = cowl_x - p["screen_run_m"]
    roof_rear = deck_x + p["rear_run_m"]
    deck = (
        (rear, deck_z - 0.015),
        (rear + 0.1, deck_z),
        (max(deck_x, rear + 0.2), deck_z + 0.01),
        (cowl_x - 0.5, belt + 0.0),
        (cowl_x + 0.1, cowl),
        (front - 0.35, nose + 0.07),
        (front, nose),
    )
    return BodyPlan(
        rear_x=rear,
        front_x=front,
        width=p["width_m"],
        height=p["height_m"],
        clearance=p["clearance_m"],
        deck=deck,
        belt_z=belt,
        screen_base_x=cowl_x,
        roof_front_x=roof_front,
        roof_rear_x=roof_rear,
        rear_base_x=deck_x,
        tumblehome=p["tumblehome_m"],
        cabin_inset=0.065,
    )


def body(p: Params, paint: Material) -> Mesh:
    """The whole body of a car without its wheels."""
    plan = plan_of(p)
    skin = dress.underside(lower_body(plan, paint))
    skin = _faces(skin, plan, p)
    radius = p["wheel_radius_m"]
    arches = [(x, radius, radius + 0.05) for x in (0.0, p["wheelbase_m"])]
    sill = plan.clearance + (0.16 if p["cladding"] else 0.07)
    skin = dress.cladding(skin, plan, arches if p["cladding"] else [], sill)
    for x, z, r in arches:
        skin = dress.wheel_arch(skin, plan, x, z + 0.01, r)
    if p.get("bed"):
        skin = load_bed(skin, plan)
    cabin = greenhouse(plan, paint)
    skin, cabin = _sides(skin, cabin, plan, p)
    top = plan.roof_edge_z
    cabin = dress.windscreen(cabin, plan, bottom=plan.belt_z + 0.06, top=top - 0.01)
    cabin = dress.rear_window(cabin, plan, bottom=p["deck_m"] + 0.07, top=top - 0.02)
    return combine([dress.finished([skin, cabin]), *_fittings(plan, p, paint)])


def _faces(skin: Mesh, plan: BodyPlan, p: Params) -> Mesh:
    """Front and rear faces: grille, intake, lamps, bumper inserts."""
    w, nose, fx, rx = plan.width / 2, p["nose_m"], plan.front_x, plan.rear_x
    low = plan.clearance
    h = p["lamp_height_m"]
    g = p["grille_width"] * w
    z1 = nose - 0.10
    skin = dress.panel(
        skin, [(-1, z1 - p["grille_m"]), (0.85 * g, z1 - p["grille_m"]), (g, z1), (-1, z1)],
        GLOSS, front=True, x_limit=fx - 0.4, depth_m=0.025,
    )  # fmt: skip
    skin = dress.panel(
        skin, [(-1, low + 0.11), (0.62 * w, low + 0.11), (0.55 * w, low + 0.24), (-1, low + 0.24)],
        TRIM, front=True, x_limit=fx - 0.4, depth_m=0.02,
    )  # fmt: skip
    outer = 1.1 * w
    lamp = [(0.52 * w, z1 - h + 0.01), (outer, z1 - h + 0.035), (outer, z1 + 0.045), (0.5 * w, z1 + 0.0)]
    skin = dress.lamp(skin, lamp, GLOSS, front=True, reach=("x>", fx - 0.42))
    lens = dress.shrunk(lamp, 0.018)
    skin = dress.lamp(skin, lens, HEADLIGHT, front=True, reach=("x>", fx - 0.38), depth_m=0.001)
    amber = [(0.86 * w, z1 - h), (outer, z1 - h), (outer, z1 - h + 0.055), (0.86 * w, z1 - h + 0.055)]
    skin = dress.lamp(skin, amber, INDICATOR, front=True, reach=("x>", fx - 0.42), depth_m=0.001)
    skin = dress.panel(
        skin,
        [(-1, low), (1.2 * w, low), (1.2 * w, low + 0.15), (-1, low + 0.15)],
        TRIM,
        front=False,
        x_limit=rx + 0.4,
    )
    return _tail(skin, plan, p)


def _tail(skin: Mesh, plan: BodyPlan, p: Params) -> Mesh:
    w, rx, top = plan.width / 2, plan.rear_x, p["deck_m"] - 0.075
    outer, h = 1.1 * w, p["tail_height_m"]
    inner = p["tail_width"] * w
    red = [(inner, top - h + 0.02), (outer, top - h), (outer, top), (inner + 0.03, top - 0.005)]
    skin = dress.lamp(skin, red, TAIL_LIGHT, front=False, reach=("x<", rx + 0.32))
    mid = top - 0.62 * h
    amber = [(inner + 0.02, mid), (outer, mid), (outer, mid + 0.03), (inner + 0.02, mid + 0.03)]
    skin = dress.lamp(skin, amber, INDICATOR, front=False, reach=("x<", rx + 0.14), depth_m=0.001)
    white = [
        (inner + 0.02, mid - 0.045),
        (inner + 0.12, mid - 0.045),
        (inner + 0.12, mid - 0.005),
        (inner + 0.02, mid - 0.005),
    ]
    return dress.lamp(skin, white, REVERSE_LIGHT, front=False, reach=("x<", rx + 0.14), depth_m=0.001)


def daylight(plan: BodyPlan, p: Params) -> list[tuple[float, float]]:
    """The outline (x, z) of the side windows."""
    low, high = plan.belt_z + 0.045, plan.roof_edge_z - 0.025
    kick = p["belt_rise_m"]
    front_low, front_high = plan.screen_x(low) - 0.24, plan.screen_x(high) - 0.23
    back_low = plan.rear_glass_x(low + kick) + p["c_pillar_m"]
    back_high = plan.rear_glass_x(high) + p["c_pillar_m"] + p["c_lean_m"]
    return [(back_low, low + kick), (front_low, low), (front_high, high), (back_high, high - 0.02)]


def _sides(skin: Mesh, cabin: Mesh, plan: BodyPlan, p: Params) -> tuple[Mesh, Mesh]:
    """Windows, door seams and handles' seams of one side."""
    outline = daylight(plan, p)
    post = p["b_pillar_x"] * p["wheelbase_m"]
    rear_door = 0.16 * p["wheelbase_m"] + 0.12
    posts = [post] + ([rear_door] if p["doors"] == 5 else [])
    cabin = dress.side_glass(cabin, outline, posts, trim=CHROME if p["chrome"] else GLOSS)
    belt, sill = plan.belt_z + 0.06, plan.clearance + 0.17
    front_door = p["wheelbase_m"] - p["wheel_radius_m"] - 0.13
    skin = dress.seam(
        skin, [(front_door - 0.02, sill), (front_door + 0.02, belt - 0.25), (front_door - 0.06, belt)]
    )
    skin = dress.seam(skin, [(post, sill), (post, belt)])
    rear_edge = [
        (0.40 + 0.55 * (p["wheel_radius_m"] - 0.3), sill),
        (0.40, sill + 0.12),
        (0.2, belt - 0.3),
        (rear_door - 0.06, belt),
    ]
    if p["doors"] == 5:
        skin = dress.seam(skin, rear_edge)
        cabin = dress.seam(cabin, [(rear_door - 0.06, belt - 0.1), (rear_door - 0.06, outline[0][1])])
    skin = dress.seam(skin, [(rear_edge[0][0] if p["doors"] == 5 else post, sill), (front_door - 0.02, sill)])
    return skin, cabin


def _fittings(plan: BodyPlan, p: Params, paint: Material) -> list[Mesh]:
    """Everything hung on the body."""
    belt, w = plan.belt_z, plan.width / 2
    fx, rx = plan.front_x, plan.rear_x
    mirror_x = plan.screen_x(belt + 0.05) - 0.42
    out = [dress.mirror(mirror_x, plan.cabin_half_width(belt) - 0.02, belt + 0.03, paint)]
    post = p["b_pillar_x"] * p["wheelbase_m"]
    handle_z = belt - 0.13
    knob = CHROME if p["chrome"] else paint
    out.append(dress.handle(post + 0.17, w - 0.012, handle_z, knob))
    if p["doors"] == 5:
        out.append(dress.handle(0.42, w - 0.012, handle_z, knob))
    out.append(dress.plate(fx - 0.012, plan.clearance + 0.32, front=True))
    out.append(dress.plate(rx + 0.004 + p["plate_in_m"], p["plate_z_m"], front=False))
    for k in range(p["grille_bars"]):
        z = p["nose_m"] - 0.10 - p["grille_m"] * (k + 1) / (p["grille_bars"] + 1)
        bar = box(
            (0.03, 1.6 * p["grille_width"] * w, 0.012), CHROME if p["chrome"] else TRIM, (fx - 0.045, 0, z)
        )
        out.append(bar)
    out.append(
        moved(cylinder(0.035, 0.012, CHROME, axis="x", segments=16), (fx - 0.02, 0, p["nose_m"] - 0.145))
    )
    out.append(
        box(
            (0.03, 0.28, 0.02),
            TAIL_LIGHT,
            (plan.rear_glass_x(plan.roof_edge_z) + 0.02, 0, plan.roof_edge_z + 0.012),
        )
    )
    out.append(
        moved(
            cylinder(0.03, 0.12, ALLOY, axis="x", segments=12),
            (rx + 0.06, 0.42 * plan.width, plan.clearance + 0.06),
        )
    )
    if p["rails"]:
        out.append(_rails(plan))
    if p.get("bed"):
        out.append(wheel_boxes(plan, p["wheel_radius_m"]))
    if p.get("roof_sign"):
        x = plan.roof_front_x - 0.35 * (plan.roof_front_x - plan.roof_rear_x)
        out.append(roof_sign(p["roof_sign"], x, plan.height - 0.02))
    return out


def _rails(plan: BodyPlan) -> Mesh:
    y, z = plan.cabin_half_width(plan.roof_edge_z) - 0.10, plan.height - 0.03
    a, b = plan.roof_rear_x + 0.35, plan.roof_front_x - 0.3
    xs = np.linspace(a, b, 7)
    u = np.linspace(-1, 1, 7)
    rings = [
        [(x, y - 0.018, zz), (x, y + 0.018, zz), (x, y + 0.018, zz + 0.03), (x, y - 0.018, zz + 0.03)]
        for x, zz in zip(xs, z - 0.05 * np.abs(u) ** 6 - 0.02, strict=True)
    ]
    left = loft(rings, ALLOY, smooth=False)
    return both_sides(left)
