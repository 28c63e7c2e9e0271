"""Traffic lights: exactly the lamps of the state can be seen, in every modality, and they switch when told."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

import numpy as np
import pytest

from pairforge.errors import SpecError
from pairforge.scenes.build import build
from pairforge.scenes.concrete import ConcreteScene
from pairforge.scenes.draws import Draws
from pairforge.scenes.families import family
from pairforge.scenes.resolve import resolve
from pairforge.scenes.settings import Setting, SettingPlan
from pairforge.scenes.signals import STATES, Programme, signal_item
from pairforge.scenes.spec import Scene
from pairforge.scenes.surfaces import Rectangle
from pairforge.scenes.world import World
from pairforge.seeding import Stream
from pairforge.sensors.physics import simulate
from pairforge.sensors.ray_engine import RayEngine
from pairforge.sensors.ray_poses import part_poses
from pairforge.sensors.timeline import Timeline

PHASES = (("green", 0.5), ("yellow", 0.3), ("red", 0.455), ("red_yellow", 0.2), ("off", 0.3))


@dataclass(frozen=True, kw_only=True)
class _Corner(Setting):
    """One light that looks to -x, with an arm and a head for people."""

    def expand(self, draw: Draws) -> SettingPlan:
        floor = draw.item("floor", "floor", size_m=30.0)
        light = signal_item(
            draw,
            "light",
            Programme(PHASES),
            position_m=(0.0, 0.0, 0.0),
            yaw=np.pi,
            params={"reach_m": 3.5, "pedestrian": True, "lens_m": 0.3},
        )
        return SettingPlan((floor, light), (Rectangle("floor", (0.0, 0.0, 0.0), (30.0, 30.0)),))


@cache
def _run() -> tuple[ConcreteScene, World, Timeline]:
    concrete = resolve(Scene(name="s", setting=_Corner(), duration_s=2.0, warm_up_s=0.0), seed=1)
    world = build(concrete)
    return concrete, world, simulate(world, concrete)


def _seen(time_s: float, direction: tuple[float, float, float]) -> set[str]:
    """Names of the parts that a dense parallel beam along ``direction`` meets."""
    _, world, timeline = _run()
    side = np.linspace(-4.5, 4.5, 600)
    a, b = np.meshgrid(side, np.linspace(2.0, 7.0, 350))
    across = np.array([-direction[1], direction[0], 0.0])
    origins = a.reshape(-1, 1) * across + b.reshape(-1, 1) * [0.0, 0.0, 1.0] - 10.0 * np.array(direction)
    hits = RayEngine(world).cast(
        origins, np.tile(direction, (len(origins), 1)), part_poses(timeline, round(time_s * 1e9))
    )
    return {world.part(int(k)).name.removeprefix("light.") for k in np.unique(hits.part) if k}


@pytest.mark.parametrize(
    ("time_s", "drivers", "people"),
    [
        (0.25, {"glow_green"}, {"glow_walk_red"}),
        (0.65, {"glow_yellow"}, {"glow_walk_red"}),
        (1.0, {"glow_red"}, {"glow_walk_green"}),
        (1.4, {"glow_red", "glow_yellow"}, {"glow_walk_red"}),
        (1.6, set(), set()),
    ],
)
def test_one_sees_the_lamps_of_the_state_and_no_other(
    time_s: float, drivers: set[str], people: set[str]
) -> None:
    ahead = {n for n in _seen(time_s, (1.0, 0.0, 0.0)) if n.startswith("glow")}
    assert {n for n in ahead if "walk" not in n} == drivers
    # Turned by pi, the light's own -y is the world's +y.
    assert {n for n in _seen(time_s, (0.0, -1.0, 0.0)) if n.startswith("glow")} >= people
    behind = {n for n in _seen(time_s, (-1.0, 0.0, 0.0)) if n.startswith("glow")}
    assert behind <= people, "of the lamps only those for people may be seen from there, edge on"


def test_a_lamp_switches_within_one_knot_of_its_change_and_never_else() -> None:
    _, world, timeline = _run()
    red = next(p for p in world.parts if p.name == "light.glow_red")
    assert red.moves
    moved = np.flatnonzero(np.diff(timeline.parts[red.part_id].positions_m[:, 0]))
    changes = timeline.times_ns[moved + 1] * 1e-9
    # Lit from 0.8 s to 1.455 s: it goes at the first knot (10 ms) from then on.
    assert changes == pytest.approx([0.8, 1.46])


def test_the_light_itself_stands_and_only_its_lamps_have_tracks() -> None:
    _, world, timeline = _run()
    light = next(i for i in world.instances if i.name == "light")
    assert not light.moves
    assert light.instance_id not in timeline.bodies
    assert {world.part(k).name for k in timeline.parts} == {
        f"light.{lamp.part}" for lamp in light.shape.lamps
    }


def test_phases_are_draws_of_their_own() -> None:
    scene = Scene(name="s", setting=_Corner(), duration_s=1.0)
    usual, twin = resolve(scene, seed=1), resolve(scene, seed=1, do={"setting.light.phase_0_s": 2.0})
    light = next(i for i in twin.items if i.name == "light")
    assert light.behaviour["programme"][0] == ["green", 2.0]
    assert {k for k in usual.draws if usual.draws[k] != twin.draws[k]} == {"setting.light.phase_0_s"}


def test_a_wrong_programme_is_refused_with_a_remedy() -> None:
    with pytest.raises(SpecError, match=r'state "gren"\. Did you mean "green"'):
        Programme((("gren", 1.0),))


def test_every_state_lights_what_it_says_even_on_a_light_that_no_programme_runs() -> None:
    kind = family("traffic_light")
    params: dict[str, Any] = {**kind.draw(Stream(3)), "pedestrian": False}
    for state in STATES:
        shape = kind.build({**params, "lit": state}, None)
        out = {
            lamp.part.removeprefix("glow_")
            for lamp in shape.lamps
            for part in shape.parts
            if part.name == lamp.part and part.body_from_part.position_m[0] > 0.0
        }
        assert out == set({"off": (), "red_yellow": ("red", "yellow")}.get(state, (state,)))
