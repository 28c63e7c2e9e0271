"""What stands on pavements: lamp posts, benches, bins, bollards, planters, cones, bus shelters.

Front is +x: a lamp's arm, a bench's seat and a shelter's open side point that way.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from pairforge.scenes import materials as m
from pairforge.scenes.families import ShapeFamily
from pairforge.scenes.shapes.modelling import Modeller, box_collider, post_collider, whole
from pairforge.scenes.world import Material, Shape
from pairforge.seeding import Stream


def build_lamp_post(params: dict[str, Any], paint: Material | None = None) -> Shape:
    """A tapered mast with a bent arm over the road and a flat lantern."""
    height, reach = params["height_m"], params["reach_m"]
    metal = m.IRON_GREEN if params["style"] == "green" else m.GALVANISED
    pole = Modeller()
    pole.tube([(0, 0, 0), (0, 0, 0.9)], [0.1, 0.095], metal, sides=12)
    pole.tube([(0, 0, 0.9), (0, 0, height - 0.6)], [0.07, 0.05], metal, sides=12)
    t = np.linspace(0, np.pi / 2, 7)
    bend = np.stack([0.6 * (1 - np.cos(t)), 0 * t, height - 0.6 + 0.6 * np.sin(t)], axis=1)
    arm = np.concatenate([bend, [[reach, 0, height + 0.06]]])
    pole.tube(arm, np.linspace(0.05, 0.035, len(arm)), metal, sides=10)
    lantern = [(-0.12, -0.02), (0.12, -0.02), (0.09, 0.07), (-0.09, 0.07)]
    pole.prism([(y, height + 0.06 + z) for y, z in lantern], reach - 0.1, reach + 0.62, "x", metal)
    pole.box((reach, -0.09, height + 0.02), (reach + 0.55, 0.09, height + 0.045), m.LAMP_GLASS)
    return whole({"pole": pole}, 0.0, [post_collider(0.1, height)])


def draw_lamp_post(stream: Stream) -> dict[str, Any]:
    rng = stream.rng()
    return {
        "height_m": float(rng.choice([6.5, 7.5])),
        "reach_m": float(rng.choice([1.2, 1.6])),
        "style": str(rng.choice(["steel", "green"])),
    }


LAMP_POST = ShapeFamily("lamp_post", "pole", "lamp post", draw_lamp_post, build_lamp_post, has_front=True)


def _bench(params: dict[str, Any], paint: Material | None = None) -> Shape:
    """Slats on two cast legs."""
    half = params["length_m"] / 2
    bench = Modeller()
    seat = np.arange(5) * 0.1 - 0.2
    bench.boxes([(x, -half, 0.43) for x in seat], [(x + 0.08, half, 0.465) for x in seat], m.BENCH_WOOD)
    back = [(-0.27 - 0.02 * k, 0.58 + 0.12 * k) for k in range(3)]
    bench.boxes(
        [(x, -half, z) for x, z in back], [(x + 0.035, half, z + 0.09) for x, z in back], m.BENCH_WOOD
    )
    for y in (-half + 0.2, half - 0.26):
        low = [(0.16, y, 0.0), (-0.24, y, 0.0), (-0.24, y, 0.38), (-0.3, y, 0.43)]
        high = [
            (0.22, y + 0.06, 0.43),
            (-0.18, y + 0.06, 0.43),
            (0.22, y + 0.06, 0.43),
            (-0.25, y + 0.06, 0.93),
        ]
        bench.boxes(low, high, m.IRON_BLACK)
    return whole({"bench": bench}, 40.0, [box_collider((-0.32, -half, 0.0), (0.3, half, 0.47))])


def _bench_draw(stream: Stream) -> dict[str, Any]:
    return {"length_m": float(stream.rng().choice([1.5, 1.8]))}


BENCH = ShapeFamily("bench", "street_furniture", "bench", _bench_draw, _bench, has_front=True)


def _bin(params: dict[str, Any], paint: Material | None = None) -> Shape:
    """A round litter bin under a lid."""
    r, h = params["radius_m"], params["height_m"]
    body = Modeller()
    shell = m.IRON_GREEN if params["style"] == "green" else m.IRON_BLACK
    body.tube([(0, 0, 0.0), (0, 0, 0.05)], r * 0.8, shell, sides=18)
    body.tube([(0, 0, 0.05), (0, 0, h - 0.22)], [r * 0.94, r], shell, sides=18)
    for k in range(4):
        a = np.pi / 4 + k * np.pi / 2
        x, y = 0.9 * r * np.cos(a), 0.9 * r * np.sin(a)
        body.tube([(x, y, h - 0.22), (x, y, h - 0.05)], 0.02, shell, sides=6)
    body.tube(
        [(0, 0, h - 0.05), (0, 0, h), (0, 0, h + 0.05)], [r * 1.05, r * 1.05, r * 0.35], shell, sides=18
    )
    body.tube([(0, 0, h - 0.4), (0, 0, h - 0.34)], r * 1.02, m.GALVANISED, sides=18)
    return whole({"bin": body}, 30.0, [post_collider(r, h)])


def _bin_draw(stream: Stream) -> dict[str, Any]:
    return {"radius_m": 0.26, "height_m": 1.0, "style": str(stream.rng().choice(["green", "black"]))}


LITTER_BIN = ShapeFamily("litter_bin", "street_furniture", "litter bin", _bin_draw, _bin)


def _bollard(params: dict[str, Any], paint: Material | None = None) -> Shape:
    h = params["height_m"]
    post = Modeller()
    post.tube([(0, 0, 0), (0, 0, 0.12)], 0.085, m.IRON_BLACK, sides=14)
    post.tube([(0, 0, 0.12), (0, 0, h - 0.12)], [0.065, 0.055], m.IRON_BLACK, sides=14)
    post.tube([(0, 0, h - 0.12), (0, 0, h - 0.04), (0, 0, h)], [0.075, 0.075, 0.03], m.IRON_BLACK, sides=14)
    post.tube([(0, 0, h - 0.3), (0, 0, h - 0.22)], 0.064, m.SIGN_WHITE, sides=14)
    return whole({"post": post}, 25.0, [post_collider(0.085, h)])


def _bollard_draw(stream: Stream) -> dict[str, Any]:
    return {"height_m": float(stream.rng().choice([0.9, 1.0]))}


BOLLARD = ShapeFamily("bollard", "street_furniture", "bollard", _bollard_draw, _bollard)


def _cone(params: dict[str, Any], paint: Material | None = None) -> Shape:
    h = params["height_m"]
    cone = Modeller()
    cone.box((-0.19, -0.19, 0.0), (0.19, 0.19, 0.035), m.RUBBER)
    bands = ((0.035, 0.4, m.CONE_ORANGE), (0.4, 0.62, m.SIGN_WHITE), (0.62, 0.98, m.CONE_ORANGE))
    for low, high, material in bands:
        z0, z1 = (low * h if low > 0.1 else 0.035), high * h
        cone.tube(
            [(0, 0, z0), (0, 0, z1)], [0.15 * (1 - z0 / h) + 0.02, 0.15 * (1 - z1 / h) + 0.02], material, 18
        )
    return whole({"cone": cone}, 3.0, [post_collider(0.17, h)])


def _cone_draw(stream: Stream) -> dict[str, Any]:
    return {"height_m": float(stream.rng().choice([0.5, 0.75]))}


TRAFFIC_CONE = ShapeFamily("traffic_cone", "street_furniture", "traffic cone", _cone_draw, _cone)


def _shelter(params: dict[str, Any], paint: Material | None = None) -> Shape:
    """A bus shelter: glass back and end, a roof, a seat; open towards +x."""
    half, deep, h = params["length_m"] / 2, 1.5, 2.4
    frame, glass = Modeller(), Modeller()
    posts = [(x, y) for y in (-half, -half / 3, half / 3, half - 0.06) for x in ((-deep / 2),)]
    posts += [(deep / 2 - 0.06, -half), (deep / 2 - 0.06, half - 0.06)]
    frame.boxes([(x, y, 0.0) for x, y in posts], [(x + 0.06, y + 0.06, h) for x, y in posts], m.IRON_BLACK)
    frame.box((-deep / 2 - 0.1, -half - 0.1, h), (deep / 2 + 0.15, half + 0.1, h + 0.1), m.IRON_BLACK)
    frame.box((-deep / 2 + 0.12, -half + 0.4, 0.44), (-deep / 2 + 0.48, half - 0.4, 0.5), m.BENCH_WOOD)
    for y in (-half + 0.7, half - 0.76):
        frame.box((-deep / 2 + 0.26, y, 0.0), (-deep / 2 + 0.32, y + 0.06, 0.44), m.IRON_BLACK)
    glass.box(
        (-deep / 2 + 0.02, -half + 0.08, 0.25), (-deep / 2 + 0.035, half - 0.08, h - 0.15), m.CLEAR_GLASS
    )
    glass.box((-deep / 2 + 0.1, -half + 0.02, 0.25), (deep / 2 - 0.1, -half + 0.035, h - 0.15), m.CLEAR_GLASS)
    frame.box((-deep / 2 + 0.2, half - 0.09, 0.4), (deep / 2 - 0.15, half, 2.2), m.SIGN_BLUE)
    frame.box((-deep / 2 + 0.28, half - 0.1, 0.5), (deep / 2 - 0.23, half - 0.09, 2.1), m.SIGN_WHITE)
    return whole(
        {"frame": frame, "glass": glass},
        400.0,
        [
            box_collider((-deep / 2, -half, 0.0), (-deep / 2 + 0.06, half, h)),
            box_collider((-deep / 2, half - 0.1, 0.0), (deep / 2, half, h)),
            box_collider((-deep / 2, -half, 0.0), (deep / 2, -half + 0.06, h)),
        ],
    )


def _shelter_draw(stream: Stream) -> dict[str, Any]:
    return {"length_m": float(stream.rng().choice([3.6, 4.2]))}


BUS_SHELTER = ShapeFamily(
    "bus_shelter", "street_furniture", "bus shelter", _shelter_draw, _shelter, has_front=True
)
