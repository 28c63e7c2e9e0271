"""Animals walk as bodies do: on the ground, at the speed they are told, their feet hardly sliding."""

from __future__ import annotations

import numpy as np
import pytest

from pairforge.scenes.build import build
from pairforge.scenes.placement import At
from pairforge.scenes.resolve import resolve
from pairforge.scenes.settings import Empty
from pairforge.scenes.shapes.animals import SPECIES
from pairforge.scenes.spec import Actor, Behaviour, Camera, Scene
from pairforge.sensors.physics import simulate


@pytest.mark.slow
@pytest.mark.parametrize("species", SPECIES)
def test_it_walks_ahead_with_a_sole_on_the_ground(species: str):
    actor = Actor(
        name="animal",
        shape=species,
        place=At((0.0, 0.0, 0.0)),
        behaviour=Behaviour(kind="walk", speed_mps=1.0),
    )
    eye = Camera(name="eye", look_at="animal", distance_m=3.0)
    concrete = resolve(Scene(name="walk", setting=Empty(), actors=[actor], sensors=[eye], duration_s=2.0), 3)
    world = build(concrete)
    timeline = simulate(world, concrete)
    (animal,) = world.instances
    start, end = (
        timeline.world_from_body(animal.instance_id, t).position_m for t in (500_000_000, 2_500_000_000)
    )
    assert end[0] - start[0] == pytest.approx(2.0, abs=0.15)
    assert abs(end[1] - start[1]) < 0.02
    for time_ns in range(1_000_000_000, 2_000_000_000, 130_000_000):
        lowest = min(
            timeline.world_from_part(i, time_ns).points(world.part(i).mesh.vertices)[:, 2].min()
            for i in animal.part_ids
        )
        assert abs(lowest) < 0.015


def test_no_two_are_alike_unless_asked():
    from pairforge.scenes.families import family
    from pairforge.seeding import Stream

    dog = family("dog")
    sizes = {dog.build(dog.draw(Stream(k)), None).size_m for k in range(6)}
    assert len(sizes) == 6
    assert np.ptp([s[2] for s in sizes]) > 0.05
