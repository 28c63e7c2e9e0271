"""A keyframe late in a long scene is made by the same work as an early one."""

import pytest

from benchmarks.counting import instructions, rays
from benchmarks.endurance import long_scene
from pairforge.pipeline import Stage, keyframes, stage
from pairforge.renderers.raycast import RaycastRenderer
from pairforge.scenes.resolve import resolve


@pytest.mark.slow
def test_the_two_thousandth_keyframe_takes_no_more_steps_and_rays_than_the_hundredth() -> None:
    ready = stage(resolve(long_scene(2001), seed=7), 0)
    work(ready, (99,))
    (steps, cast), (late_steps, late_cast) = work(ready, (100, 101, 102)), work(ready, (1998, 1999, 2000))
    assert late_cast == cast
    assert late_steps < 1.02 * steps  # words are drawn, and some need a little more


def work(ready: Stage, ks: tuple[int, ...]) -> tuple[int, int]:
    with instructions() as done, rays() as cast:
        frames = list(keyframes(ready, RaycastRenderer(), "draft", only=ks))
    assert all(frame.facts and frame.captions for frame in frames)
    return done["instructions"], cast["rays"]
