"""Bodies of panel vans, box trucks and buses: nearly upright sides, made by the same lofts and cuts as cars."""

from __future__ import annotations

from typing import Any

import numpy as np

from pairforge.scenes.shapes import vehicle_dressing as dress
from pairforge.scenes.shapes.meshing import both_sides, box, combine, cylinder, moved
from pairforge.scenes.shapes.vehicle_body import BodyPlan, greenhouse, lower_body
from pairforge.scenes.shapes.vehicle_materials import (
    ALLOY,
    CARGO,
    GLASS,
    GLOSS,
    HEADLIGHT,
    INDICATOR,
    REVERSE_LIGHT,
    SEAM,
    STEEL,
    TAIL_LIGHT,
    TRIM,
    UNDERSIDE,
)
from pairforge.scenes.shapes.vehicle_shell import carve, prism
from pairforge.scenes.world import Material, Mesh

Params = dict[str, Any]
Points = list[tuple[float, float]]


def rect(a0: float, a1: float, b0: float, b1: float) -> Points:
    """A rectangle from (a0, b0) to (a1, b1)."""
    return [(a0, b0), (a1, b0), (a1, b1), (a0, b1)]


def van_body(p: Params, paint: Material) -> Mesh:
    """A panel van: short hood, tall closed cargo body, rear doors with windows."""
    plan = _van_plan(p)
    front, rear, w = plan.front_x, plan.rear_x, plan.width / 2
    skin = dress.underside(lower_body(plan, paint))
    skin = _front_face(skin, plan, p["nose_m"], p["grille_m"])
    skin = dress.cladding(skin, plan, [], plan.clearance + 0.20)
    skin = dress.panel(skin, rect(-1, 2 * w, 0, plan.clearance + 0.26), TRIM, front=False, x_limit=rear + 0.3)
    r = p["wheel_radius_m"]
    for x in (0.0, p["wheelbase_m"]):
        skin = dress.wheel_arch(skin, plan, x, r + 0.01, r + 0.065)
    belt, top = plan.belt_z, plan.roof_edge_z
    cabin = greenhouse(plan, paint)
    glass_top = belt + p["glass_m"]
    cabin = dress.windscreen(cabin, plan, bottom=belt + 0.05, top=min(top - 0.03, glass_top + 0.12))
    door = plan.screen_base_x - p["door_m"] - 0.55
    cabin = dress.side_glass(
        cabin,
        [
            (door + 0.08, belt + 0.04),
            (plan.screen_x(belt) - 0.3, belt + 0.02),
            (plan.screen_x(glass_top) - 0.24, glass_top),
            (door + 0.08, glass_top + 0.02),
        ],
        [plan.screen_x(glass_top) - 0.12],
        trim=GLOSS,
    )
    if p["rear_windows"]:
        cabin = dress.panel(
            cabin,
            rect(0.06, 0.62 * w, belt + 0.12, belt + 0.62),
            GLASS,
            front=False,
            x_limit=rear + 0.5,
            depth_m=0.012,
        )
    skin, cabin = _van_seams(skin, cabin, plan, p, door)
    skin = dress.seam(skin, [(rear + 0.35, belt - 0.33), (front - 0.75, belt - 0.33)], 0.035)
    shell = dress.finished([skin, cabin])
    return combine([shell, *_van_fittings(plan, p, paint, door)])


def _van_plan(p: Params) -> BodyPlan:
    front, rear = p["wheelbase_m"] + p["front_overhang_m"], -p["rear_overhang_m"]
    belt, nose = p["belt_m"], p["nose_m"]
    cowl = front - p["hood_m"]
    return BodyPlan(
        rear_x=rear,
        front_x=front,
        width=p["width_m"],
        height=p["height_m"],
        clearance=p["clearance_m"],
        deck=(
            (rear, belt),
            (cowl - 0.4, belt),
            (cowl + 0.08, belt),
            (front - 0.3, nose + 0.1),
            (front, nose),
        ),
        belt_z=belt,
        screen_base_x=cowl,
        roof_front_x=cowl - p["screen_run_m"],
        roof_rear_x=rear + 0.09,
        rear_base_x=rear + 0.015,
        cabin_inset=0.012,
        tumblehome=0.11,
        roof_round=0.16,
        roof_crown=0.03,
        roof_arc=0.04,
        nose_taper=0.17,
        tail_taper=0.03,
        tail_retreat=0.0,
        nose_round=0.11,
        corner=0.12,
        screen_bow=0.14,
        rear_bow=0.01,
        shoulder=0.985,
    )


def _front_face(skin: Mesh, plan: BodyPlan, nose: float, grille: float) -> Mesh:
    """Grille, intake and tall lamps of a commercial vehicle."""
    w, fx, low = plan.width / 2, plan.front_x, plan.clearance
    top = nose - 0.08
    skin = dress.panel(
        skin, rect(-1, 0.52 * w, top - grille, top), TRIM, front=True, x_limit=fx - 0.4, depth_m=0.025
    )
    skin = dress.panel(skin, rect(-1, 2 * w, 0, low + 0.24), TRIM, front=True, x_limit=fx - 0.35)
    lamp = [(0.60 * w, top - 0.2), (1.1 * w, top - 0.2), (1.1 * w, top + 0.10), (0.62 * w, top + 0.02)]
    skin = dress.lamp(skin, lamp, HEADLIGHT, front=True, reach=("x>", fx - 0.42))
    amber = rect(0.84 * w, 1.1 * w, top - 0.2, top - 0.12)
    return dress.lamp(skin, amber, INDICATOR, front=True, reach=("x>", fx - 0.42), depth_m=0.001)


def _van_seams(skin: Mesh, cabin: Mesh, plan: BodyPlan, p: Params, door: float) -> tuple[Mesh, Mesh]:
    belt, sill, top = plan.belt_z, plan.clearance + 0.16, plan.roof_edge_z - 0.06
    front_door = p["wheelbase_m"] - p["wheel_radius_m"] - 0.12
    slide = door - 1.15
    for x in (door, slide):
        skin = dress.seam(skin, [(x, sill), (x, belt + 0.05)], 0.012)
        cabin = dress.seam(cabin, [(x, belt - 0.15), (x, top)], 0.012)
    skin = dress.seam(skin, [(front_door, sill), (front_door + 0.03, belt)], 0.012)
    skin = dress.seam(skin, [(slide, sill), (front_door, sill)], 0.012)
    cabin = dress.seam(cabin, [(slide, top), (door, top)], 0.012)
    return skin, cabin


def _van_fittings(plan: BodyPlan, p: Params, paint: Material, door: float) -> list[Mesh]:
    w, rx, fx, belt, top = plan.width / 2, plan.rear_x, plan.front_x, plan.belt_z, plan.roof_edge_z
    out = [
        dress.mirror(
            plan.screen_x(belt + 0.1) - 0.36, plan.cabin_half_width(belt) - 0.02, belt + 0.12, TRIM, 1.45
        )
    ]
    out.append(dress.handle(door + 0.17, w - 0.008, belt - 0.17, TRIM))
    out.append(dress.handle(door - 0.16, w - 0.008, belt - 0.17, TRIM))
    low = plan.clearance + 0.3
    seam_h = top - 0.12 - low
    out.append(box((0.012, 0.014, seam_h), SEAM, (rx - 0.002, 0, low + seam_h / 2)))
    out.append(box((0.03, 0.05, 0.16), TRIM, (rx - 0.012, -0.1, belt - 0.1)))
    lamps = [
        box((0.10, 0.10, 0.22), TAIL_LIGHT, (rx + 0.035, 0, 0.16), bevel_m=0.015),
        box((0.10, 0.10, 0.09), INDICATOR, (rx + 0.035, 0, 0.0), bevel_m=0.012),
        box((0.10, 0.10, 0.09), REVERSE_LIGHT, (rx + 0.035, 0, -0.095), bevel_m=0.012),
    ]
    out.append(both_sides(moved(combine(lamps), (0, 0.905 * w, belt - 0.28))))
    hinge = box((0.03, 0.03, 0.11), TRIM)
    for z in (low + 0.25, belt + 0.25, top - 0.25):
        x = plan.rear_glass_x(z) if z > belt else rx
        out.append(both_sides(moved(hinge, (x + 0.008, plan.cabin_half_width(max(z, belt)) - 0.16, z))))
    out.append(dress.plate(rx - 0.002, low + 0.15, front=False))
    out.append(dress.plate(fx - 0.005, plan.clearance + 0.33, front=True))
    out.append(box((0.05, 1.5 * w, 0.05), TRIM, (rx - 0.03, 0, plan.clearance + 0.22)))
    out.append(box((0.03, 0.3, 0.03), TAIL_LIGHT, (rx + 0.02, 0, top + 0.02)))
    bars = [
        box((0.03, 0.98 * w, 0.02), STEEL, (fx - 0.03, 0, p["nose_m"] - 0.08 - p["grille_m"] * k))
        for k in (0.33, 0.66)
    ]
    return [*out, *bars]


def bus_body(p: Params, paint: Material) -> Mesh:
    """A city bus: one box with a tall windscreen, a band of windows, and two doors on the right."""
    plan = _bus_plan(p)
    skin = dress.underside(lower_body(plan, paint))
    r, w = p["wheel_radius_m"], plan.width / 2
    for x in (0.0, p["wheelbase_m"]):
        skin = dress.wheel_arch(skin, plan, x, r + 0.01, r + 0.08)
    skin = dress.cladding(skin, plan, [], plan.clearance + 0.12)
    fx, rx, low = plan.front_x, plan.rear_x, plan.clearance
    lamp = [(0.58 * w, low + 0.30), (1.1 * w, low + 0.30), (1.1 * w, low + 0.50), (0.6 * w, low + 0.46)]
    skin = dress.lamp(skin, lamp, HEADLIGHT, front=True, reach=("x>", fx - 0.4))
    skin = dress.panel(
        skin, rect(-1, 0.5 * w, low + 0.12, low + 0.26), TRIM, front=True, x_limit=fx - 0.4, depth_m=0.02
    )
    red = rect(0.80 * w, 1.1 * w, low + 0.30, low + 0.62)
    skin = dress.lamp(skin, red, TAIL_LIGHT, front=False, reach=("x<", rx + 0.2))
    skin = dress.lamp(
        skin, rect(0.80 * w, 1.1 * w, low + 0.62, low + 0.72), INDICATOR, front=False, reach=("x<", rx + 0.2)
    )
    skin = dress.panel(
        skin,
        rect(-1, 0.6 * w, low + 0.34, plan.belt_z - 0.2),
        TRIM,
        front=False,
        x_limit=rx + 0.4,
        depth_m=0.015,
    )
    cabin = _bus_glass(greenhouse(plan, paint), plan, p)
    for x in np.arange(rx + 1.2, fx - 1.2, 1.25):
        skin = dress.seam(skin, [(float(x), low + 0.15), (float(x), plan.belt_z)], 0.008)
    shell = dress.finished([skin, cabin])
    for x in p["doors_x"]:
        shell = _bus_door(shell, plan, x)
    return combine([shell, *_bus_fittings(plan, p, paint)])


def _bus_plan(p: Params) -> BodyPlan:
    front, rear, belt = p["wheelbase_m"] + p["front_overhang_m"], -p["rear_overhang_m"], p["belt_m"]
    return BodyPlan(
        rear_x=rear, front_x=front, width=p["width_m"], height=p["height_m"], clearance=p["clearance_m"],
        deck=((rear, belt), (front, belt)), belt_z=belt,
        screen_base_x=front - 0.03, roof_front_x=front - 0.17, roof_rear_x=rear + 0.06, rear_base_x=rear + 0.02,
        cabin_inset=0.006, tumblehome=0.04, roof_round=0.20, roof_crown=0.05, roof_arc=0.015,
        nose_taper=0.05, tail_taper=0.03, nose_retreat=0.0, tail_retreat=0.0, nose_round=0.09, taper_m=0.5,
        corner=0.22, screen_bow=0.10, rear_bow=0.03, shoulder=0.995,
    )  # fmt: skip


def _bus_glass(cabin: Mesh, plan: BodyPlan, p: Params) -> Mesh:
    low = plan.belt_z + 0.12
    high = min(low + p["glass_m"], plan.roof_edge_z - 0.06)
    w = plan.width / 2
    cabin = dress.windscreen(cabin, plan, bottom=plan.belt_z + 0.02, top=high + 0.02, pillar=0.10)
    cabin = dress.panel(
        cabin,
        rect(-1, 0.62 * w, high + 0.08, plan.roof_edge_z - 0.02),
        GLOSS,
        front=True,
        x_limit=0.0,
        depth_m=0.01,
    )
    cabin = dress.panel(
        cabin, rect(-1, 0.84 * w, low + 0.25, high), GLASS, front=False, x_limit=0.0, depth_m=0.012
    )
    a, b = plan.rear_x + 0.45, plan.front_x - 0.45
    posts = [float(x) for x in np.arange(a + p["pane_m"], b - 0.4, p["pane_m"])]
    return dress.side_glass(cabin, rect(a, b, low, high), posts, trim=GLOSS)


def _bus_door(shell: Mesh, plan: BodyPlan, x: float) -> Mesh:
    """Two glazed leaves on the right side, from the step to the top of the windows."""
    low, high = plan.clearance + 0.10, plan.belt_z + 1.05
    frame = prism("y", rect(x - 0.62, x + 0.62, low, high), ("y<", 0.0))
    shell = carve(
        shell, frame, facing=(0, -1, 0), material=TRIM, depth_m=0.03, direction=(0, 1, 0), wall=SEAM
    )
    for side in (-0.31, 0.31):
        leaf = prism("y", rect(x + side - 0.25, x + side + 0.25, low + 0.1, high - 0.08), ("y<", 0.0))
        shell = carve(shell, leaf, facing=(0, -1, 0), material=GLASS)
    return shell


def _bus_fittings(plan: BodyPlan, p: Params, paint: Material) -> list[Mesh]:
    w, fx, rx, low, top = plan.width / 2, plan.front_x, plan.rear_x, plan.clearance, plan.roof_edge_z
    arm = box((0.34, 0.05, 0.05), TRIM, (0.12, 0, 0.02))
    glass = box((0.10, 0.22, 0.36), TRIM, (0.24, 0, -0.16), bevel_m=0.02)
    out = [both_sides(moved(combine([arm, glass]), (fx - 0.16, w - 0.08, top - 0.22)))]
    out.append(box((3.2, 0.62 * plan.width, 0.2), paint, (0.2 * fx, 0, plan.height + 0.05), bevel_m=0.06))
    out += [dress.plate(fx + 0.0, low + 0.19, front=True), dress.plate(rx - 0.002, low + 0.22, front=False)]
    wiper = box((0.02, 0.9, 0.025), TRIM, (fx - 0.005, 0.45, plan.belt_z + 0.12))
    out.append(wiper)
    return out


def truck_body(p: Params, paint: Material, cargo: Material) -> Mesh:
    """A cab-over box truck: cab, frame, cargo box, side guards, rear lamps."""
    plan = _cab_plan(p)
    w, fx, low, r = plan.width / 2, plan.front_x, plan.clearance, p["wheel_radius_m"]
    skin = dress.underside(lower_body(plan, paint))
    skin = dress.wheel_arch(skin, plan, p["wheelbase_m"], r + 0.01, r + 0.09)
    skin = dress.panel(skin, rect(-1, 2 * w, 0, low + 0.18), TRIM, front=True, x_limit=fx - 0.5)
    skin = dress.panel(
        skin,
        rect(-1, 0.62 * w, low + 0.52, plan.belt_z - 0.08),
        GLOSS,
        front=True,
        x_limit=fx - 0.5,
        depth_m=0.03,
    )
    lamp = rect(0.60 * w, 1.1 * w, low + 0.22, low + 0.42)
    skin = dress.lamp(skin, lamp, HEADLIGHT, front=True, reach=("x>", fx - 0.3))
    amber = rect(0.88 * w, 1.1 * w, low + 0.42, low + 0.50)
    skin = dress.lamp(skin, amber, INDICATOR, front=True, reach=("x>", fx - 0.3))
    cabin = greenhouse(plan, paint)
    belt, high = plan.belt_z, plan.belt_z + p["glass_m"]
    cabin = dress.windscreen(cabin, plan, bottom=belt + 0.04, top=high, pillar=0.09)
    back = plan.rear_x + 0.5
    outline = [(back, belt + 0.05), (fx - 0.32, belt - 0.02 + 0.03), (fx - 0.42, high), (back, high)]
    cabin = dress.side_glass(cabin, outline, [], trim=GLOSS)
    for x in (back - 0.08, fx - 0.24):
        skin = dress.seam(skin, [(x, low + 0.5 if x < fx - 0.5 else low + 0.25), (x, belt + 0.1)], 0.014)
        cabin = dress.seam(cabin, [(x, belt - 0.1), (x - (0.1 if x > fx - 0.5 else 0), high + 0.08)], 0.014)
    shell = dress.finished([skin, cabin])
    return combine([shell, *_cab_fittings(plan, p), *_chassis(plan, p), *_cargo(plan, p, cargo)])


def _cab_plan(p: Params) -> BodyPlan:
    front, rear, belt = (
        p["wheelbase_m"] + p["front_overhang_m"],
        p["wheelbase_m"] - p["cab_behind_m"],
        p["belt_m"],
    )
    return BodyPlan(
        rear_x=rear, front_x=front, width=p["cab_width_m"], height=p["cab_height_m"], clearance=p["clearance_m"],
        deck=((rear, belt), (front, belt)), belt_z=belt,
        screen_base_x=front - 0.05, roof_front_x=front - 0.26, roof_rear_x=rear + 0.05, rear_base_x=rear + 0.02,
        cabin_inset=0.01, tumblehome=0.07, roof_round=0.16, roof_crown=0.05, roof_arc=0.06,
        nose_taper=0.06, tail_taper=0.0, nose_retreat=0.0, tail_retreat=0.0, nose_round=0.10, taper_m=0.6,
        corner=0.18, screen_bow=0.10, rear_bow=0.0, shoulder=0.99,
    )  # fmt: skip


def _cab_fittings(plan: BodyPlan, p: Params) -> list[Mesh]:
    w, fx, belt = plan.width / 2, plan.front_x, plan.belt_z
    arm = both_sides(box((0.05, 0.24, 0.05), TRIM, (fx - 0.24, w + 0.06, belt + 0.62)))
    mirror = both_sides(box((0.12, 0.22, 0.44), TRIM, (fx - 0.22, w + 0.15, belt + 0.40), bevel_m=0.025))
    glass = both_sides(box((0.01, 0.18, 0.38), GLASS, (fx - 0.283, w + 0.15, belt + 0.40)))
    step = both_sides(box((0.42, 0.16, 0.05), TRIM, (fx - 0.42, w - 0.1, plan.clearance + 0.06)))
    handle = dress.handle(plan.rear_x + 0.56, w - 0.008, belt - 0.16, TRIM)
    bars = [box((0.03, 1.1 * w, 0.03), STEEL, (fx - 0.02, 0, belt - 0.2 - 0.14 * k)) for k in range(3)]
    return [arm, mirror, glass, step, handle, dress.plate(fx + 0.0, plan.clearance + 0.1, front=True), *bars]


def _chassis(plan: BodyPlan, p: Params) -> list[Mesh]:
    rear, r, w = -p["rear_overhang_m"], p["wheel_radius_m"], p["width_m"] / 2
    rail_z = p["box_floor_m"] - 0.16
    length = plan.front_x - 0.4 - rear
    rail = both_sides(box((length, 0.09, 0.24), UNDERSIDE, (rear + length / 2, 0.42, rail_z)))
    axle = moved(cylinder(0.09, 2 * w - 0.5, UNDERSIDE, axis="y", segments=12), (0, 0, r))
    a, b = r + 0.25, plan.rear_x - r * 0.2
    guard = both_sides(
        combine([box((b - a, 0.03, 0.09), ALLOY, ((a + b) / 2, w - 0.06, z)) for z in (0.55, 0.78)])
    )
    tank = moved(cylinder(0.26, 0.8, STEEL, axis="x", segments=20, bevel_m=0.03), (b - 0.5, w - 0.36, 0.66))
    fender = both_sides(box((2 * r + 0.25, 0.5, 0.03), TRIM, (0, w - 0.28, 2 * r + 0.045)))
    flap = both_sides(box((0.02, 0.5, 0.42), TRIM, (-r - 0.16, w - 0.28, 2 * r - 0.22)))
    bumper = box((0.08, 2 * w - 0.16, 0.11), STEEL, (rear + 0.06, 0, 0.52))
    lamps = combine(
        [
            box((0.05, 0.16, 0.12), TAIL_LIGHT, (rear + 0.03, w - 0.18, 0.70), bevel_m=0.01),
            box((0.05, 0.10, 0.12), INDICATOR, (rear + 0.03, w - 0.32, 0.70), bevel_m=0.01),
            box((0.05, 0.08, 0.12), REVERSE_LIGHT, (rear + 0.03, w - 0.42, 0.70), bevel_m=0.01),
            box((0.04, 0.5, 0.16), TRIM, (rear + 0.05, w - 0.30, 0.70)),
            box((0.06, 0.06, 0.3), UNDERSIDE, (rear + 0.07, 0.42, 0.66)),
        ]
    )
    return [
        rail,
        axle,
        guard,
        tank,
        fender,
        flap,
        bumper,
        both_sides(lamps),
        dress.plate(rear + 0.01, 0.66, front=False),
    ]


def _cargo(plan: BodyPlan, p: Params, cargo: Material) -> list[Mesh]:
    """The box with its metal corner posts, rear doors, and marker strips."""
    rear, front, w = -p["rear_overhang_m"], plan.rear_x - 0.12, p["width_m"] / 2
    z0, z1 = p["box_floor_m"], p["height_m"]
    length, mid = front - rear, (front + rear) / 2
    out = [box((length, 2 * w, z1 - z0), cargo, (mid, 0, (z0 + z1) / 2), bevel_m=0.02)]
    for x in (rear + 0.035, front - 0.035):
        out.append(both_sides(box((0.08, 0.03, z1 - z0 + 0.004), ALLOY, (x, w - 0.012, (z0 + z1) / 2))))
    for z in (z0 + 0.05, z1 - 0.04):
        out.append(both_sides(box((length, 0.02, 0.1 if z < 2 else 0.06), ALLOY, (mid, w - 0.007, z))))
        out.append(box((0.02, 2 * w, 0.1 if z < 2 else 0.06), ALLOY, (rear + 0.007, 0, z)))
    out.append(box((0.012, 0.016, z1 - z0 - 0.15), SEAM, (rear - 0.001, 0, (z0 + z1) / 2)))
    bar = moved(cylinder(0.018, z1 - z0 - 0.1, STEEL, segments=8), (rear - 0.03, 0, (z0 + z1) / 2))
    for y in (0.22, 0.85 * w):
        out.append(both_sides(moved(bar, (0, y, 0))))
    hinge = box((0.03, 0.1, 0.07), STEEL)
    for z in np.linspace(z0 + 0.25, z1 - 0.25, 4):
        out.append(both_sides(moved(hinge, (rear - 0.012, w - 0.06, float(z)))))
    marker = box((0.02, 0.02, 0.05), INDICATOR)
    for x in np.linspace(rear + 0.5, front - 0.5, 4):
        out.append(both_sides(moved(marker, (float(x), w + 0.002, z0 + 0.05))))
    return out


CARGO_FINISH: dict[str, Material] = {"white": CARGO, "aluminium": ALLOY}
