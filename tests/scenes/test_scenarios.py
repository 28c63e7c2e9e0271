"""The library's scenarios: what their names promise is measured of the simulated motion, over several seeds."""

from __future__ import annotations

from dataclasses import replace
from functools import cache
from itertools import pairwise

import numpy as np
import pytest

from pairforge.frames import F64
from pairforge.scenes.build import build
from pairforge.scenes.candidate import Candidate
from pairforge.scenes.concrete import ConcreteLane
from pairforge.scenes.library import scenarios
from pairforge.scenes.load import library_names
from pairforge.scenes.resolve import resolve
from pairforge.scenes.spec import Camera, Scene
from pairforge.scenes.street import Street
from pairforge.sensors.physics import simulate
from tests.plain_road import Run

pytestmark = pytest.mark.slow

SEEDS = (0, 1)
ROADSIDE = ("parked_right", "parked_left", "walker", "bystander", "oncoming")


def lean(scene: Scene) -> Scene:
    """The scenario without the street life around it and with a small camera: every other draw is the same."""
    essential = {a.name for a in scene.actors} - {*ROADSIDE}
    if scene.name == "scenarios.jaywalker":
        essential.add("walker")
    setting = scene.setting
    if isinstance(setting, Street):
        setting = replace(setting, building_density=0.0)
    return replace(
        scene,
        setting=setting,
        actors=[a for a in scene.actors if a.name in essential],
        sensors=[replace(s, width_px=320, height_px=180) for s in scene.sensors if isinstance(s, Camera)],
    )


@cache
def ran(name: str, seed: int) -> Run:
    """The first of five draws from ten times ``seed`` on in which the scenario comes about, simulated once."""
    scene = lean(getattr(scenarios, name))
    for k in range(5):
        candidate = Candidate(resolve(replace(scene, require=()), 10 * seed + k))
        if all(requirement.check(candidate) is None for requirement in scene.require):
            return Run(candidate.concrete, candidate.timeline)
    raise AssertionError(f"{name} comes about in none of five draws")


def keyframes(run: Run) -> list[int]:
    """Knots of the keyframes."""
    return [round(t / 1e7) for t in run.concrete.keyframe_times_ns]


def off_lane(run: Run, name: str, lane_id: int) -> F64:
    """(T,) metres between a body origin and the nearest of a lane's densely sampled points."""
    lane = next(lane for lane in run.concrete.lanes if lane.lane_id == lane_id)
    line = np.array(lane.centre_m)[:, :2]
    dense = np.concatenate([np.linspace(a, b, 40) for a, b in pairwise(line)])
    where = run.where(name)[:, None, :2]
    return np.asarray(np.linalg.norm(where - dense[None], axis=2).min(axis=1))


def lead(run: Run, front: str, rear: str) -> F64:
    """(T,) metres from the front of ``rear`` to the rear of ``front`` along the street, from origins and sizes."""
    shape = {i.name: i.shape for i in run.timeline.world.instances}
    back = shape[front].centre_m[0] - shape[front].size_m[0] / 2
    nose = shape[rear].centre_m[0] + shape[rear].size_m[0] / 2
    return np.asarray(along(run, front) + back - along(run, rear) - nose)


def along(run: Run, name: str) -> F64:
    """(T,) metres from the start of lane 0, whose bend is slight."""
    start = np.array(run.concrete.lanes[0].centre_m[0])[:2]
    return np.asarray(np.linalg.norm(run.where(name)[:, :2] - start, axis=1))


def fired(run: Run, rule: str) -> int:
    """The knot at which a rule fired."""
    return round(run.timeline.fired[rule] / 1e7)


def test_every_scenario_is_in_the_catalogue() -> None:
    names = [n for n in library_names() if n.startswith("scenarios.")]
    assert {n.split(".")[1].upper() for n in names} == {
        n for n, v in vars(scenarios).items() if isinstance(v, Scene) and not n.startswith("_")
    }
    for name in names:
        assert getattr(scenarios, name.split(".")[1].upper()).name == name


@pytest.mark.parametrize("seed", SEEDS)
def test_the_cutter_ends_in_our_lane_close_ahead(seed: int) -> None:
    run = ran("CUT_IN", seed)
    k, end = fired(run, "cutter.cut_in"), keyframes(run)[-1]
    wanted = run.concrete.draws["cutter.behaviour.cut_in.when.by_m"]
    assert lead(run, "cutter", "ego")[k] == pytest.approx(wanted, abs=0.5)
    assert off_lane(run, "cutter", 2)[k] < 0.3
    assert off_lane(run, "cutter", 0)[end] < 0.6
    assert off_lane(run, "ego", 0)[: end + 1].max() < 0.4
    assert 0.0 < lead(run, "cutter", "ego")[end] < 14.0
    assert not run.touched()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_leader_brakes_as_hard_as_drawn_and_we_stop_behind_it(seed: int) -> None:
    run = ran("HARD_BRAKE", seed)
    k, mps2 = fired(run, "leader.brakes"), run.concrete.draws["leader.behaviour.brakes.brake.mps2"]
    speed = run.speed("leader")
    assert (speed[k + 60] - speed[k + 110]) / 0.5 == pytest.approx(mps2, abs=1.0)
    assert speed[-1] < 0.1
    assert lead(run, "leader", "ego").min() > 0.3
    assert run.speed("ego")[-1] < run.speed("ego")[k] - 3.0
    assert not run.touched()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_jaywalker_is_hidden_by_the_van_until_he_steps_out_and_crosses_unhurt(seed: int) -> None:
    run = ran("JAYWALKER", seed)
    k = fired(run, "walker.steps_out")
    candidate = Candidate(run.concrete)
    assert candidate.visible_px("walker", "CAM_FRONT", k * 10_000_000) == 0
    # It is the van that hides him: without it he would be in plain view.
    bare = replace(run.concrete, items=tuple(i for i in run.concrete.items if i.name != "van"))
    assert Candidate(bare).visible_px("walker", "CAM_FRONT", k * 10_000_000) > 8
    seen = [t for t in run.concrete.keyframe_times_ns if t > run.timeline.fired["walker.steps_out"]]
    assert max(candidate.visible_px("walker", "CAM_FRONT", t) for t in seen) > 50
    where = run.where("walker")
    assert np.ptp(where[:k, :2], axis=0).max() < 0.03
    assert off_lane(run, "walker", 0)[k:].min() < 1.0
    assert not any("walker" in pair for pair in run.touched())


@pytest.mark.parametrize("seed", SEEDS)
def test_we_go_round_the_stalled_car(seed: int) -> None:
    run = ran("STALLED", seed)
    assert np.ptp(run.where("stalled")[:, :2], axis=0).max() < 0.02
    assert lead(run, "ego", "stalled")[keyframes(run)[-1]] > 0.0
    assert off_lane(run, "ego", 0).max() > 2.0
    assert not run.touched()


@pytest.mark.parametrize("seed", SEEDS)
def test_we_leave_the_lane_that_cones_close_before_them(seed: int) -> None:
    run = ran("CONSTRUCTION", seed)
    end = keyframes(run)[-1]
    cones = [np.array(i.position_m) for i in run.concrete.items if i.name.startswith("cone_")]
    assert len(cones) == 11
    assert off_lane(run, "ego", 0)[fired(run, "ego.moves_over")] < 0.3
    assert off_lane(run, "ego", 2)[end] < 0.5
    nearest = min(np.linalg.norm(run.where("ego")[:, None] - np.array(cones)[None], axis=2).min(axis=0))
    assert nearest > 0.9
    assert run.speed("ego").min() > 4.0
    assert not run.touched()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_cyclist_comes_at_us_in_our_lane_and_we_swerve(seed: int) -> None:
    run = ran("WRONG_WAY", seed)
    velocity = run.timeline.velocities
    ids = {i.name: i.instance_id for i in run.timeline.world.instances}
    assert (velocity[ids["cyclist"]][10] @ velocity[ids["ego"]][10]) < 0.0
    width = run.concrete.lanes[0].width_m
    meeting = int(np.abs(lead(run, "cyclist", "ego")).argmin())
    assert off_lane(run, "cyclist", 0)[:meeting].max() < width / 2
    aside = off_lane(run, "ego", 0)
    assert aside[fired(run, "ego.gives_way")] < 0.3
    assert aside[meeting - 50 : meeting + 50].max() > 0.6
    assert not run.touched()


@pytest.mark.parametrize("seed", SEEDS)
def test_we_overtake_and_come_back_ahead(seed: int) -> None:
    run = ran("OVERTAKING", seed)
    end = keyframes(run)[-1]
    ahead = lead(run, "ego", "slow")
    assert ahead[0] < -5.0
    assert ahead[end] > 2.0
    aside = off_lane(run, "ego", 0)
    abreast = np.abs(along(run, "ego") - along(run, "slow")) < 2.0
    assert aside[abreast].min() > 2.0
    assert aside[end] < 0.8
    assert not run.touched()


@pytest.mark.parametrize("seed", SEEDS)
def test_we_let_the_first_pass_and_turn_left_before_the_second(seed: int) -> None:
    run = ran("LEFT_TURN", seed)
    ego, coming = run.where("ego")[:, :2], run.concrete.items
    start = {i.name: np.array(i.position_m)[:2] for i in coming}
    north = start["first"] - start["ego"]
    north /= np.linalg.norm(north)
    aside = (ego - ego[0]) @ np.array([-north[1], north[0]])
    assert aside[-1] > 5.0, "we end well to the left"
    assert light(run, "ego", 0.0) == light(run, "first", 0.0) == "green"
    # The oncoming lane's middle: where the first car drives straight through.
    path = run.where("first")[:, :2]
    gap = np.linalg.norm(ego[:, None] - path[None], axis=2)
    crossing = int(gap.min(axis=1).argmin())
    point = ego[crossing]
    first_there = int(np.linalg.norm(path - point, axis=1).argmin())
    assert first_there < crossing, "the first has gone by"
    left_m = (run.where("second")[crossing, :2] - point) @ north
    assert 8.0 < left_m < 90.0, "the second is still to come"
    assert run.speed("second")[crossing] > 5.0
    assert not run.touched()


@pytest.mark.parametrize("seed", SEEDS)
def test_the_runner_passes_his_line_while_his_light_is_red_and_ours_green(seed: int) -> None:
    run = ran("RED_LIGHT", seed)
    lane = lane_of(run, "runner")
    line = np.array(lane.centre_m)[:, :2]
    assert lane.stop_m is not None
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    arc = np.concatenate([[0.0], np.cumsum(steps)])
    stop = np.array([np.interp(lane.stop_m, arc, line[:, k]) for k in (0, 1)])
    ahead = line[-1] - line[-2]
    ahead /= np.linalg.norm(ahead)
    shape = next(i.shape for i in run.timeline.world.instances if i.name == "runner")
    nose = run.where("runner")[:, :2] @ ahead + shape.centre_m[0] + shape.size_m[0] / 2
    passes = int(np.argmax(nose >= stop @ ahead))
    assert 100 < passes < keyframes(run)[-1]
    assert light(run, "runner", passes * 0.01) == "red"
    assert light(run, "ego", passes * 0.01) == "green"
    assert run.speed("runner")[passes] > 8.0
    assert not run.touched()


def lane_of(run: Run, name: str) -> ConcreteLane:
    lane_id = next(i.behaviour["lane_id"] for i in run.concrete.items if i.name == name)
    return next(lane for lane in run.concrete.lanes if lane.lane_id == lane_id)


def light(run: Run, name: str, time_s: float) -> str:
    """What the light of the lane that somebody started on shows, worked out from its programme in milliseconds."""
    signal = lane_of(run, name).signal
    told = next(i.behaviour for i in run.concrete.items if i.name == signal)
    shown = [state for state, seconds in told["programme"] for _ in range(round(seconds * 1000))]
    return str(shown[round((time_s + told["offset_s"]) * 1000) % len(shown)])


def test_a_drawn_gap_decides_how_close_the_cut_is() -> None:
    scene = lean(scenarios.CUT_IN)
    near, far = (resolve(scene, 0, do={"cutter.behaviour.cut_in.when.by_m": by_m}) for by_m in (2.0, 8.0))
    runs = [Run(c, simulate(build(c), c)) for c in (near, far)]
    crossing = [int(np.argmax(off_lane(r, "cutter", 2) > r.concrete.lanes[0].width_m / 2)) for r in runs]
    leads = [float(lead(r, "cutter", "ego")[k]) for r, k in zip(runs, crossing, strict=True)]
    assert leads[1] - leads[0] > 3.0
