"""Small worlds for the radar's tests, of things whose echoes have closed forms, and a radar to look at them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import trimesh

from pairforge.frames import F64, Pose
from pairforge.sample import Reading
from pairforge.scenes.aim import settings_of
from pairforge.scenes.concrete import ConcreteSensor
from pairforge.scenes.draws import Draws
from pairforge.scenes.world import Material, Mesh, Shape, ShapePart, Sky, World
from pairforge.seeding import Stream
from pairforge.sensors.protocol import Sensing
from pairforge.sensors.radar import Radar
from pairforge.sensors.radar_frame import echoes, home_of, radar_frame
from pairforge.sensors.radar_model import RadarModel
from pairforge.sensors.radar_paths import Paths
from pairforge.sensors.ray_engine import RayEngine
from tests.worlds import Thing, gliding_timeline, make_concrete, make_world

AT_NS = 500_000_000
STEEL = Material("steel", (0.5, 0.5, 0.5), "metal", metallic=1.0)
LAWN = Material("lawn", (0.1, 0.2, 0.1), "grass")


def shape(vertices: Any, faces: Any, material: Material, smooth: bool = False) -> Shape:
    v, f = np.asarray(vertices, np.float32), np.asarray(faces, np.int32)
    mesh = Mesh(v, f, np.zeros(len(f), np.uint8), (material,), np.full(len(f), smooth))
    size, middle = np.ptp(v, axis=0), (v.min(axis=0) + v.max(axis=0)) / 2
    three = [tuple(float(x) for x in a) for a in (size, middle)]
    return Shape((ShapePart("body", mesh, Pose.of()),), three[0], three[1], 1.0)  # type: ignore[arg-type]


def ball(radius_m: float, material: Material = STEEL) -> Shape:
    """A sphere about the body's origin."""
    made = trimesh.creation.icosphere(subdivisions=5, radius=radius_m)
    return shape(made.vertices, made.faces, material, smooth=True)


def wall(width_m: float, height_m: float, material: Material = STEEL) -> Shape:
    """A plate across x, its middle at the body's origin."""
    w, h = width_m / 2, height_m / 2
    return shape([[0, -w, -h], [0, w, -h], [0, w, h], [0, -w, h]], [[0, 2, 1], [0, 3, 2]], material)


def side_wall(length_m: float, height_m: float, material: Material = STEEL) -> Shape:
    """A plate along x that faces right, one lower edge at the body's origin."""
    corners = [[0, 0, 0], [length_m, 0, 0], [length_m, 0, height_m], [0, 0, height_m]]
    return shape(corners, [[0, 1, 2], [0, 2, 3]], material)


def trihedral(leg_m: float, material: Material = STEEL) -> Shape:
    """Three right triangles that meet at the body's origin, open towards -x."""
    axis = np.array([-1.0, 0.0, 0.0])
    legs = []
    for k in range(3):
        angle = 2 * np.pi * k / 3
        aside = np.array([0.0, np.cos(angle), np.sin(angle)])
        legs.append(leg_m * (axis / np.sqrt(3) + aside * np.sqrt(2 / 3)))
    return shape([[0, 0, 0], *legs], [[0, 1, 2], [0, 2, 3], [0, 3, 1]], material)


def radar(
    mount: str | None = None, at_m: tuple[float, float, float] = (0.0, 0.0, 0.0), **spec: Any
) -> ConcreteSensor:
    settings = settings_of(Radar(name="front", **spec), Draws(Stream(1)))
    return ConcreteSensor("front", "radar", mount, at_m, (1.0, 0.0, 0.0, 0.0), settings)


def asked(
    world: World, sensor: ConcreteSensor, velocity_mps: Sequence[float] = (0.0, 0.0, 0.0), seed: int = 1
) -> Sensing:
    timeline = gliding_timeline(world, velocity_mps)
    stream = Stream(seed, "radar")
    concrete = make_concrete([], sensors=(sensor,))
    return Sensing(RayEngine(world), timeline, concrete, sensor, AT_NS, AT_NS - 10**8, stream, stream)


def seen(things: Sequence[Thing], sensor: ConcreteSensor, sky: Sky | None = None, **asking: Any) -> Reading:
    return radar_frame(asked(make_world(things, sky=sky), sensor, **asking))


def heard(
    things: Sequence[Thing], sensor: ConcreteSensor, sky: Sky | None = None, **asking: Any
) -> tuple[Paths, F64]:
    """Paths of a frame and their power over the noise."""
    question, model = asked(make_world(things, sky=sky), sensor, **asking), RadarModel.of(sensor)
    return echoes(question, model, home_of(question, model))


def rcs_m2(paths: Paths) -> float:
    """What the radar equation makes of all direct echoes together."""
    return float(np.sum(4.0 * np.pi * paths.link * paths.range_m**4))
