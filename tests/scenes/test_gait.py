"""3D boxes of who walks: they hold every limb at every stride, tightly, and traffic minds none of it."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from pairforge.scenes.build import build
from pairforge.scenes.families import family
from pairforge.scenes.gait import body_box
from pairforge.scenes.placement import At
from pairforge.scenes.resolve import resolve
from pairforge.scenes.settings import Empty
from pairforge.scenes.spec import Actor, Behaviour, Camera, Scene
from pairforge.scenes.world import Instance, Shape
from pairforge.seeding import Stream
from pairforge.sensors.physics import simulate
from pairforge.sensors.timeline import Timeline
from pairforge.sensors.traffic.neighbours import Neighbours
from tests.worlds import outside_box_m

WALK = ("pedestrian", "dog", "horse", "cow")


def of(name: str, kind: str, y_m: float) -> Actor:
    return Actor(name=f"{kind}_{name}", shape=name, place=At((0.0, y_m, 0.0)), behaviour=Behaviour(kind=kind))


@cache
def walked() -> Timeline:
    """All of them walking, and one person who stands, for longer than the slowest of them takes for a stride."""
    actors = [of(name, "walk", 2.5 * k - 5.0) for k, name in enumerate(WALK)]
    eye = Camera(name="eye", position_m=(-5.0, 0.0, 1.5), look_at=(0.0, 0.0, 1.0))
    scene = Scene(
        name="walk",
        setting=Empty(),
        actors=[*actors, of("pedestrian", "stand", -7.5)],
        sensors=[eye],
        duration_s=2.5,
    )
    concrete = resolve(scene, 3)
    return simulate(build(concrete), concrete)


def called(name: str) -> Instance:
    return next(i for i in walked().world.instances if i.name == name)


@pytest.mark.parametrize("name", [f"walk_{name}" for name in WALK])
def test_no_vertex_leaves_the_box_while_walking_and_the_box_is_filled(name: str) -> None:
    outside = outside_box_m(walked(), called(name).instance_id)
    assert outside.max() < 0.002
    assert outside.max() > -0.02, "some limb comes up to a face"


def test_a_walker_is_no_taller_or_wider_for_the_stride() -> None:
    walker = called("walk_pedestrian")
    assert walker.size_m[2] == pytest.approx(walker.shape.size_m[2], abs=0.004)
    assert walker.size_m[1] == walker.shape.size_m[1]
    assert 0.45 < walker.size_m[0] / walker.size_m[2] < 0.6
    assert walker.centre_m[2] == pytest.approx(walker.size_m[2] / 2, abs=1e-6), "the box stands on the ground"


def test_who_stands_has_the_box_of_the_figure_at_rest() -> None:
    stands = called("stand_pedestrian")
    assert (stands.size_m, stands.centre_m) == (stands.shape.size_m, stands.shape.centre_m)
    assert outside_box_m(walked(), stands.instance_id).max() < 1e-6


def test_traffic_keeps_clear_of_the_figure_at_rest_not_of_its_stride() -> None:
    world = walked().world
    walker = called("walk_pedestrian")
    corners = Neighbours(world).outline(walker)
    assert np.linalg.norm(corners[0] - corners[1]) == pytest.approx(walker.shape.size_m[0])
    assert walker.shape.size_m[0] < walker.size_m[0] - 0.2


def test_pedals_turn_within_the_box_of_the_bicycle() -> None:
    kind = family("cyclist")
    shape: Shape = kind.build(kind.draw(Stream(5)), None)
    assert body_box(shape, "cyclist") == (shape.size_m, shape.centre_m)
