"""Traffic lights: a post or a mast arm, heads of three lenses under visors, and a head for people who cross.

The lights look along +x. An arm reaches towards -y: over the road, for a light that stands on the right of the
traffic it rules. A lamp that burns is a glowing disc before its dark lens; one that does not waits inside the
housing, where neither a camera nor a laser finds it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import numpy as np

from pairforge.frames import F64, Pose
from pairforge.scenes import materials as m
from pairforge.scenes.families import ShapeFamily
from pairforge.scenes.shapes.modelling import Modeller, box_collider, post_collider, whole
from pairforge.scenes.world import Lamp, Material, Shape, ShapePart
from pairforge.seeding import Stream

GLOW_W_M2 = 10.0
"""About as bright as sunlit white, so that the colour stays: much more and every picture shows white discs."""
_DEPTH_M = 0.2
_TRAVEL_M = 0.055
"""From inside the housing to just before the lens."""
_LENSES = {
    "red": Material("lens_red", (0.075, 0.004, 0.004), roughness=0.15, coat=0.5, lidar_reflectivity=0.15),
    "yellow": Material("lens_yellow", (0.09, 0.045, 0.004), roughness=0.15, coat=0.5, lidar_reflectivity=0.2),
    "green": Material("lens_green", (0.004, 0.06, 0.03), roughness=0.15, coat=0.5, lidar_reflectivity=0.12),
}
_GLOWS = {
    "red": Material("glow_red", (1.0, 0.03, 0.015), emission_w_m2=GLOW_W_M2, lidar_reflectivity=0.15),
    "yellow": Material("glow_yellow", (1.0, 0.42, 0.01), emission_w_m2=GLOW_W_M2, lidar_reflectivity=0.2),
    "green": Material("glow_green", (0.03, 1.0, 0.38), emission_w_m2=GLOW_W_M2, lidar_reflectivity=0.12),
}
_HOUSINGS = {
    "black": m.IRON_BLACK,
    "green": m.IRON_GREEN,
    "yellow": Material("housing_yellow", (0.62, 0.36, 0.01), roughness=0.45, lidar_reflectivity=0.6),
}
_LIT_IN = {"red": ("red", "red_yellow"), "yellow": ("yellow", "red_yellow"), "green": ("green",)}
_PEOPLE_LIT_IN = {"red": ("green", "yellow", "red_yellow"), "green": ("red",)}
"""Who crosses before this light may go while its traffic may not."""
_MAN = ((-0.2, -0.8), (0.2, -0.8), (0.28, 0.32), (-0.28, 0.32))


@dataclass(frozen=True)
class _Head:
    """Lenses from top to bottom: the middle of the front face of the topmost, and where it looks."""

    colours: tuple[str, ...]
    top_m: tuple[float, float, float]
    yaw: float
    radius_m: float
    for_people: bool = False

    @property
    def pitch_m(self) -> float:
        """From one lens to the next below."""
        return 2.0 * self.radius_m + 0.06

    def front(self, k: int) -> Pose:
        """body_from_front of lens k: x outwards, z up."""
        x, y, z = self.top_m
        return Pose.of((x, y, z - k * self.pitch_m), yaw=self.yaw)


def _heads(params: dict[str, Any]) -> tuple[_Head, ...]:
    """The heads: one on the post, one under the arm, one across the road."""
    radius, height, lift = params["lens_m"] / 2, params["height_m"], params["lens_m"] / 2 + 0.05
    colours = ("red", "yellow", "green")
    before = 0.06 + _DEPTH_M
    heads = [_Head(colours, (before, 0.0, height - lift), 0.0, radius)]
    if params["reach_m"] > 0.0:
        heads.append(_Head(colours, (before, -params["reach_m"], params["arm_m"] + 0.35), 0.0, radius))
    if params["pedestrian"]:
        heads.append(_Head(("red", "green"), (0.0, -before, 2.75), -np.pi / 2, 0.1, for_people=True))
    return tuple(heads)


def _build(params: dict[str, Any], paint: Material | None = None) -> Shape:
    heads = _heads(params)
    housing = Modeller()
    for head in heads:
        _house(housing, head, _HOUSINGS[params["housing"]], params["backplate"] and not head.for_people)
    shape = whole(
        {"pole": _pole(params), "head": housing},
        90.0,
        [post_collider(0.08, params["height_m"]), *_arm_colliders(params)],
        {"pole": "pole"},
    )
    lamps = tuple(_lamps(heads))
    glows = tuple(_glow_part(lamp, heads, params["lit"]) for lamp in lamps)
    return replace(shape, parts=(*shape.parts, *glows), lamps=lamps)


def _pole(params: dict[str, Any]) -> Modeller:
    metal = m.IRON_BLACK if params["pole"] == "black" else m.GALVANISED
    pole = Modeller()
    top, reach, arm = params["height_m"], params["reach_m"], params["arm_m"]
    pole.tube([(0, 0, 0), (0, 0, 0.6)], [0.085, 0.08], metal, sides=14)
    if reach <= 0.0:
        pole.tube([(0, 0, 0.6), (0, 0, top)], [0.06, 0.055], metal, sides=14)
        return pole
    t = np.linspace(0.0, np.pi / 2, 6)
    bend = np.stack([0 * t, -0.5 * (1 - np.cos(t)), arm - 0.5 + 0.5 * np.sin(t)], axis=1)
    path = np.concatenate([[(0, 0, 0.6)], bend, [(0, -reach - 0.2, arm + 0.03 * reach)]])
    pole.tube(path, np.linspace(0.08, 0.045, len(path)), metal, sides=14)
    return pole


def _arm_colliders(params: dict[str, Any]) -> list[Any]:
    reach, arm = params["reach_m"], params["arm_m"]
    if reach <= 0.0:
        return []
    return [
        post_collider(0.08, arm),
        box_collider((-0.06, -reach - 0.2, arm - 0.1), (0.06, 0.0, arm + 0.2)),
    ]


def _house(model: Modeller, head: _Head, material: Material, backplate: bool) -> None:
    """A closed box with a bracket, dark lenses and visors."""
    r, n = head.radius_m, len(head.colours)
    high, low = r + 0.05, -(n - 1) * head.pitch_m - r - 0.05
    piece = Modeller()
    piece.box((-_DEPTH_M, -r - 0.045, low), (0.0, r + 0.045, high), material)
    for z in (high - 0.15, low + 0.12):
        piece.box((-_DEPTH_M - 0.08, -0.025, z), (-_DEPTH_M, 0.025, z + 0.04), material)
    if backplate:
        piece.box((-0.03, -r - 0.14, low - 0.1), (-0.022, r + 0.14, high + 0.1), m.IRON_BLACK)
        piece.box((-0.0219, -r - 0.14, low - 0.1), (-0.0215, -r - 0.115, high + 0.1), m.SIGN_WHITE)
        piece.box((-0.0219, r + 0.115, low - 0.1), (-0.0215, r + 0.14, high + 0.1), m.SIGN_WHITE)
    model.put(piece.mesh(), head.front(0))
    for k, colour in enumerate(head.colours):
        lens = Modeller()
        lens.prism(_circle(r), 0.0, 0.008, "x", _LENSES[colour])
        _visor(lens, r + 0.012, 1.5 * r, material)
        model.put(lens.mesh(), head.front(k))


def _circle(radius: float, sides: int = 32) -> F64:
    angle = 2 * np.pi * np.arange(sides) / sides
    return np.asarray(np.stack([np.cos(angle), np.sin(angle)], axis=1) * radius, dtype=np.float64)


def _visor(model: Modeller, radius: float, length: float, material: Material) -> None:
    """A hood of sheet metal around the upper two thirds of a lens, cut back towards its ends."""
    angle = np.radians(np.linspace(-32.0, 212.0, 15))
    reach = length * (0.45 + 0.55 * np.clip(np.sin(angle) + 0.5, 0.0, 1.0))
    rings = {}
    for name, r in (("in", radius), ("out", radius + 0.005)):
        ring = np.stack([0 * angle, r * np.cos(angle), r * np.sin(angle)], axis=1)
        rings[name] = ring, ring + np.stack([reach, 0 * angle, 0 * angle], axis=1)
    (a, a1), (b, b1) = rings["in"], rings["out"]

    def strip(p: F64, q: F64) -> F64:
        return np.asarray(np.stack([p[:-1], q[:-1], q[1:], p[1:]], axis=1), dtype=np.float64)

    model.quads(np.concatenate([strip(b, b1), strip(a1, a), strip(b1, a1), strip(a, b)]), material)
    ends = [[b[0], a[0], a1[0], b1[0]], [a[-1], b[-1], b1[-1], a1[-1]]]
    model.quads(ends, material)


def _lamps(heads: tuple[_Head, ...]) -> Iterator[Lamp]:
    """One lamp a colour for all heads that look the same way."""
    for head in heads:
        if head.for_people or head is heads[0]:
            for colour in head.colours:
                who, when = ("walk_", _PEOPLE_LIT_IN) if head.for_people else ("", _LIT_IN)
                out = Pose.of(yaw=head.yaw)
                lit = Pose.of(out.vectors([_TRAVEL_M, 0.0, 0.0]))
                yield Lamp(f"glow_{who}{colour}", when[colour], Pose.of(), lit)


def _glow_part(lamp: Lamp, heads: tuple[_Head, ...], state: str) -> ShapePart:
    """The glowing discs of one lamp, in the body frame when dark."""
    people, colour = lamp.part.startswith("glow_walk_"), lamp.part.rpartition("_")[2]
    model = Modeller()
    for head in heads:
        if head.for_people == people:
            disc = Modeller()
            r = 0.94 * head.radius_m
            inside, front = 0.01 - _TRAVEL_M, 0.018 - _TRAVEL_M
            if people:
                figure = np.array(_MAN) * r
                disc.prism(figure, inside, front, "x", _GLOWS[colour])
                disc.prism(
                    _circle(0.24 * r, 14) + np.array([0.0, 0.58 * r]), inside, front, "x", _GLOWS[colour]
                )
            else:
                disc.tube(
                    [(inside, 0, 0), (inside + 0.004, 0, 0), (front, 0, 0)],
                    [r, r, 0.8 * r],
                    _GLOWS[colour],
                    sides=32,
                )
            model.put(disc.mesh(), head.front(head.colours.index(colour)))
    return ShapePart(lamp.part, model.mesh(), lamp.pose(state))


def _draw(stream: Stream) -> dict[str, Any]:
    rng = stream.rng()
    return {
        "height_m": round(float(rng.uniform(3.3, 3.7)), 2),
        "reach_m": float(rng.choice([0.0, 0.0, 3.5, 4.5])),
        "arm_m": round(float(rng.uniform(5.6, 6.0)), 2),
        "lens_m": float(rng.choice([0.2, 0.3])),
        "housing": str(rng.choice(["black", "black", "green", "yellow"])),
        "pole": str(rng.choice(["galvanised", "black"])),
        "backplate": bool(rng.random() < 0.5),
        "pedestrian": bool(rng.random() < 0.4),
        "lit": str(rng.choice(["red", "green"])),
    }


TRAFFIC_LIGHT = ShapeFamily("traffic_light", "traffic_light", "traffic light", _draw, _build, has_front=True)
