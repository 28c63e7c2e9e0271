"""Rest: what is inside something else, hangs in the air or fell through is found, and nothing else is."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pairforge.pipeline import scene_seed
from pairforge.scenes.build import build
from pairforge.scenes.load import load_scene
from pairforge.scenes.resolve import resolve
from pairforge.sensors.physics import simulate
from pairforge.sensors.rest import Rest, rest
from tests.worlds import FLOOR, Thing, ball_shape, box_shape, make_concrete, make_world


def stand(*things: Thing) -> Rest:
    things = (FLOOR, *things)
    concrete = make_concrete(things, duration_s=1.0)
    return rest(simulate(make_world(things), concrete), concrete)


def box(name: str, x: float, z: float, size_m: float = 0.4, motion: str = "static") -> Thing:
    return Thing(name, box_shape(size_m, "red"), (x, 0.0, z), motion=motion)


def test_things_on_the_ground_and_on_each_other_are_in_order() -> None:
    found = stand(box("low", 0.0, 0.0), box("high", 0.0, 0.4, motion="dynamic"), box("beside", 0.5, 0.0))
    assert found.deepest_m < 0.002
    assert found.floating() == {}
    assert found.fallen == ()
    assert found.moving == ()
    assert set(found.gaps_m) == {1, 2, 3}


def test_a_thing_inside_another_is_found_with_its_depth() -> None:
    found = stand(box("a", 0.0, 0.0), box("b", 0.37, 0.0))
    (overlap,) = [o for o in found.overlaps if o.a != 0]
    assert (overlap.a, overlap.b) == (1, 2)
    assert overlap.depth_m == pytest.approx(0.03, abs=0.002)
    assert found.deepest_m == overlap.depth_m


@pytest.mark.parametrize("gap_m", [0.005, 0.02, 0.3])
def test_what_hangs_in_the_air_is_found(gap_m: float) -> None:
    found = stand(box("a", 0.0, gap_m))
    assert found.gaps_m[1] == pytest.approx(min(gap_m, 0.05), abs=0.003)
    assert (1 in found.floating()) is (gap_m > 0.01)
    assert found.fallen == ()


def test_what_is_set_into_the_ground_is_borne_by_it() -> None:
    found = stand(box("post", 0.0, -0.1))
    assert found.floating() == {}
    assert found.deepest_m == 0.0


def test_what_lies_outside_the_ground_has_fallen() -> None:
    found = stand(box("lost", 30.0, -1.5))
    assert found.fallen == (1,)


def test_what_moves_is_not_judged_for_floating() -> None:
    ball = Thing("ball", ball_shape(0.3, "white"), (0.0, 0.0, 4.0), motion="dynamic")
    found = stand(ball)
    assert found.moving == (1,)
    assert found.gaps_m == {}


@pytest.mark.parametrize("index", [0, 1])
def test_a_tabletop_comes_to_rest_in_order(index: int) -> None:
    concrete = resolve(load_scene("tabletop.drop").scene, scene_seed(7, index))
    found = rest(simulate(build(concrete), concrete), concrete)
    assert found.deepest_m < 0.01
    assert found.floating() == {}
    assert found.fallen == ()
    assert np.isfinite(list(found.gaps_m.values())).all()


@pytest.mark.slow
def test_no_furniture_of_a_street_stands_in_another() -> None:
    concrete = resolve(load_scene("driving.street").scene, scene_seed(7, 0))
    concrete = replace(concrete, duration_s=0.5)
    found = rest(simulate(build(concrete), concrete), concrete)
    assert found.deepest_m < 0.01
    assert found.floating() == {}


@pytest.mark.slow
def test_what_a_gripper_holds_does_not_float() -> None:
    scene = load_scene("robot.pick").scene
    concrete = resolve(scene, 5)
    timeline = simulate(build(concrete), concrete)
    block = next(i.instance_id for i in timeline.world.instances if i.name == "block")
    lifted_m = np.ptp(timeline.bodies[block].positions_m[:, 2])
    assert lifted_m > 0.05
    for when in concrete.keyframe_times_ns:
        stands = rest(timeline, concrete, when)
        assert block not in stands.floating()
        assert stands.deepest_m < 0.01
