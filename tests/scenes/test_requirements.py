from __future__ import annotations

from dataclasses import replace

import pytest

from pairforge.errors import RequirementError, SpecError
from pairforge.scenes.distributions import Integer, Uniform
from pairforge.scenes.placement import At, On
from pairforge.scenes.requirements import Apart, AtRest, Count, Holds, Requirement, Visible
from pairforge.scenes.resolve import resolve
from pairforge.scenes.settings import Empty
from pairforge.scenes.spec import Camera, Prop, Scene

BOX = Prop(name="box", shape="box", size_m=0.3, place=At((0.0, 0.0, 0.0)))
SCENE = Scene(
    name="s",
    setting=Empty(size_m=4.0),
    props=[BOX],
    sensors=[Camera(name="front", look_at="floor", distance_m=2.0, width_px=32, height_px=32)],
    duration_s=0.5,
    warm_up_s=0.25,
    max_redraws=3,
)


def test_what_is_seen_and_at_rest_passes() -> None:
    scene = replace(SCENE, require=[Visible("box", at_least_px=5, camera="front"), AtRest("box")])
    assert resolve(scene, 0).attempt == 0


@pytest.mark.parametrize(
    "requirement",
    [
        Visible("box", at_least_px=2000),
        Count("box", at_least=2),
        Holds(lambda candidate: candidate.world.gravity_mps2 > 10, "gravity is strong"),
    ],
)
def test_what_never_holds_is_named_and_counted(requirement: Requirement) -> None:
    with pytest.raises(RequirementError) as caught:
        resolve(replace(SCENE, require=[requirement]), 0)
    assert repr(requirement) in str(caught.value)
    assert "(4 times, at last because" in str(caught.value)


def test_a_scene_is_redrawn_until_things_are_far_enough_apart() -> None:
    other = Prop(name="other", shape="box", size_m=0.1, place=On("floor", x_m=Uniform(0.3, 1.8), y_m=0.0))
    scene = replace(SCENE.plus(other), require=[Apart("box", "other", 1.0)], max_redraws=60)
    drawn = [resolve(scene, seed) for seed in range(4)]
    assert all(c.draws["other.place.x_m"] > 1.1 for c in drawn)
    assert max(c.attempt for c in drawn) > 0


def test_count_sees_drawn_counts() -> None:
    crowd = Prop(name="ball", shape="sphere", count=Integer(0, 3))
    scene = replace(SCENE.plus(crowd), require=[Count("sphere", at_least=3)], max_redraws=60)
    assert resolve(scene, 1).draws["ball.count"] == 3


def test_a_requirement_on_nobody_is_a_misspelling() -> None:
    with pytest.raises(SpecError, match=r'speaks of "boxx", which is not in the scene. Did you mean "box"'):
        resolve(replace(SCENE, require=[Visible("boxx")]), 0)
