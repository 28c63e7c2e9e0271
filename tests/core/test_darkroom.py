"""Pictures are asked for ahead of time, but no further than agreed, and only where a sensor needs them."""

from __future__ import annotations

import threading
from dataclasses import dataclass, field, replace

import numpy as np
import pytest
from numpy.typing import NDArray

from pairforge.darkroom import Darkroom, foresee
from pairforge.errors import RenderError
from pairforge.pipeline import AHEAD, Stage, keyframes, stage
from pairforge.renderers.protocol import Quality, View
from pairforge.renderers.raycast import RaycastRenderer
from pairforge.scenes.resolve import resolve
from pairforge.scenes.spec import Lidar
from pairforge.scenes.world import World
from pairforge.stopwatch import Stopwatch
from tests.farm.tiny_spec import TINY


def ready(**changes: object) -> Stage:
    return stage(resolve(replace(TINY, **{"keyframe_rate_hz": 5.0, **changes}), seed=3), 0)


@dataclass
class Counting:
    """Black pictures; how many were taken, and a gate that each waits for."""

    name: str = "counting"
    opened: int = 0
    taken: int = 0
    gate: threading.Event = field(default_factory=threading.Event)

    def open(self, world: World, quality: Quality) -> None:
        self.opened += 1

    def render(self, view: View) -> NDArray[np.uint8]:
        assert self.gate.wait(30)
        self.taken += 1
        return np.zeros((view.intrinsics.height_px, view.intrinsics.width_px, 3), np.uint8)

    def close(self) -> None:
        pass


@dataclass
class Broken(Counting):
    def open(self, world: World, quality: Quality) -> None:
        raise RenderError("there is no light")


@pytest.fixture(scope="module")
def drop() -> Stage:
    return ready()


def test_each_keyframe_gets_its_own_picture_in_order(drop: Stage) -> None:
    by_one = [next(keyframes(drop, RaycastRenderer(), "draft", only=(k,))) for k in range(5)]
    for k, frame in enumerate(keyframes(drop, RaycastRenderer(), "draft")):
        assert frame.frame_index == k
        for name, camera in frame.cameras.items():
            np.testing.assert_array_equal(camera.rgb, by_one[k].cameras[name].rgb)
            np.testing.assert_array_equal(camera.depth, by_one[k].cameras[name].depth)
        assert frame.facts == by_one[k].facts


def test_no_more_is_pictured_ahead_than_agreed(drop: Stage) -> None:
    renderer = Counting()
    renderer.gate.set()
    cameras = sum(s.kind == "camera" for s in drop.concrete.sensors)
    for k, _ in enumerate(keyframes(drop, renderer, "draft")):
        assert renderer.taken <= cameras * (k + AHEAD)
    assert renderer.taken == cameras * 5
    assert renderer.opened == 1


def test_leaving_early_takes_no_further_pictures(drop: Stage) -> None:
    renderer = Counting()
    renderer.gate.set()
    frames = keyframes(drop, renderer, "draft")
    next(frames)
    frames.close()
    assert renderer.taken < 5 * sum(s.kind == "camera" for s in drop.concrete.sensors)


def test_a_world_that_does_not_open_says_why(drop: Stage) -> None:
    with pytest.raises(RenderError, match="no light"):
        list(keyframes(drop, Broken(), "draft"))


def test_a_world_of_lidars_alone_needs_no_renderer() -> None:
    blind = ready(sensors=(Lidar(name="mast", position_m=(0.0, 0.0, 2.0)),))
    frames = list(keyframes(blind, Broken(), "draft"))
    assert len(frames) == 5
    assert all(len(f.lidars["mast"].points) > 0 for f in frames)


@dataclass
class Prophet(Counting):
    """Opens only what was foreseen."""

    seen: object = None

    def open(self, world: World, quality: Quality) -> None:
        raise AssertionError("it was foreseen")

    @staticmethod
    def foresee(world: World) -> World:
        return world

    def open_foreseen(self, foreseen: World, quality: Quality) -> None:
        self.seen = foreseen


def test_what_was_foreseen_of_a_world_is_what_is_opened(drop: Stage) -> None:
    prophet = Prophet()
    with Darkroom(prophet, "draft", Stopwatch()) as room:
        room.open(drop.world, ["camera"], Prophet.foresee(drop.world))
    assert prophet.seen is drop.world


def test_nothing_is_foreseen_where_no_picture_is_asked_for_or_the_renderer_knows_no_way(drop: Stage) -> None:
    watch = Stopwatch()
    assert foresee("blender", drop.world, ["lidar"], watch) is None
    assert foresee("raycast", drop.world, ["camera"], watch) is None
    assert not watch.seconds
