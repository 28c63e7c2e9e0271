"""The laws of driving against closed forms: the gap one keeps, when a change of lane pays, when it is safe."""

from __future__ import annotations

import numpy as np
import pytest

from pairforge.sensors.physics import simulate
from pairforge.sensors.traffic.board import seconds_to
from pairforge.sensors.traffic.following import CarFollowing
from pairforge.sensors.traffic.lane_change import Follower, Leader, Mobil, Sides
from pairforge.sensors.traffic.lanes import LaneGraph, legs
from pairforge.sensors.traffic.route import Route
from pairforge.sensors.traffic.way import along, blended, calm_length_m
from tests.sensors.networks import LIMIT_MPS, car, crossroads, scene, two_lanes

LAW = CarFollowing()
FREE = Sides(None, None)


@pytest.mark.parametrize("speed", [3.0, 6.0, 9.0])
def test_behind_a_steady_leader_the_gap_settles_where_the_model_says(speed: float) -> None:
    """s = (s0 + v T) / sqrt(1 - (v / v0)^4) in equilibrium (Treiber, Hennecke, Helbing 2000, eq. 10)."""
    gap, own, wanted = 40.0, speed, 12.0
    for _ in range(20_000):
        own += LAW.follow(own, wanted, gap, speed) * 0.02
        gap += (speed - own) * 0.02
    expected = (LAW.standstill_m + speed * LAW.headway_s) / np.sqrt(1.0 - (speed / wanted) ** 4)
    assert gap == pytest.approx(expected, rel=0.02)
    assert own == pytest.approx(speed, abs=0.01)


def slow_ahead(gap_m: float) -> Sides:
    return Sides(Leader(gap_m, 6.0), None)


def test_a_slow_leader_makes_a_free_lane_worth_changing_to_and_a_far_one_does_not() -> None:
    mobil = Mobil()
    near = mobil.gain(LAW, 10.0, 12.0, 4.2, slow_ahead(15.0), FREE)
    far = mobil.gain(LAW, 10.0, 12.0, 4.2, slow_ahead(150.0), FREE)
    free, there = 1.6 * (1 - (10 / 12) ** 4), 2.0 + 10.0 * 1.2 + 10.0 * 4.0 / (2.0 * (1.6 * 2.2) ** 0.5)
    assert near == pytest.approx(free - (free - 1.6 * (there / 15.0) ** 2))
    assert mobil.wants(near, to_right=False)
    assert not mobil.wants(far, to_right=False)


def test_politeness_forgoes_what_costs_others_more() -> None:
    there = Sides(None, Follower(12.0, 11.0, 12.0))
    selfish = Mobil(politeness=0.0).gain(LAW, 10.0, 12.0, 4.2, slow_ahead(40.0), there)
    polite = Mobil(politeness=1.0).gain(LAW, 10.0, 12.0, 4.2, slow_ahead(40.0), there)
    behind = LAW.raw(11.0, 12.0, 12.0, 10.0) - LAW.raw(11.0, 12.0, float("inf"), 0.0)
    assert polite - selfish == pytest.approx(behind)
    assert Mobil().wants(selfish, to_right=False)
    assert not Mobil().wants(polite, to_right=False)


@pytest.mark.parametrize(
    ("gap_m", "speed", "safe"), [(8.0, 16.0, False), (40.0, 12.0, True), (-1.0, 10.0, False)]
)
def test_nobody_behind_is_made_to_brake_harder_than_is_safe(gap_m: float, speed: float, safe: bool) -> None:
    there = Sides(None, Follower(gap_m, speed, speed))
    braking = -LAW.raw(speed, speed, gap_m, 10.0)
    assert Mobil().is_safe(LAW, 10.0, there) is safe
    assert gap_m < 0.0 or (braking <= 3.0) is safe


def test_one_keeps_to_the_right_when_nothing_speaks_for_the_left() -> None:
    assert Mobil().wants(0.0, to_right=True)
    assert not Mobil().wants(0.0, to_right=False)


def test_times_to_cover_a_distance_are_those_of_uniform_acceleration() -> None:
    assert seconds_to(50.0, 10.0, 0.0, 10.0) == pytest.approx(5.0)
    assert seconds_to(8.0, 0.0, 1.0, 100.0) == pytest.approx(4.0)
    assert seconds_to(2.0 + 30.0, 0.0, 1.0, 2.0) == pytest.approx(2.0 + 15.0)


def test_a_blend_leaves_from_where_one_is_and_arrives_level_and_straight() -> None:
    graph = LaneGraph(two_lanes())
    way = blended(graph, along(graph, [1]), 100.0, -3.5, 0.0, 40.0)
    s, d = Route(along(graph, [1]).route.points).project(way.route.points)
    assert d[np.abs(s - 90.0) < 5.0] == pytest.approx(-3.5, abs=1e-6)
    assert d[s > 140.5] == pytest.approx(0.0, abs=1e-6)
    assert way.lane_at(way.settled_s) == 1
    # The quintic's largest curvature is 5.77 d / L^2.
    bends = np.abs(way.route.curvatures(np.arange(20.0, 70.0, 0.5), span_m=1.0))
    assert bends.max() == pytest.approx(5.77 * 3.5 / 40.0**2, rel=0.05)


@pytest.mark.parametrize(("d", "slope"), [(-3.5, 0.0), (3.5, 0.0), (-3.5, 0.2), (3.5, 0.2), (0.1, -0.3)])
def test_a_calm_blend_is_as_short_as_its_bends_may_be(d: float, slope: float) -> None:
    graph, most = LaneGraph(two_lanes()), 0.02
    length_m = calm_length_m(d, slope, 10.0, most)
    way = blended(graph, along(graph, [1]), 60.0, d, slope, length_m)
    x, y = way.route.points[(way.route.s > 25.0) & (way.route.s < 25.5 + length_m)].T
    # The second derivative along the lane, by differences of the points.
    bends = np.abs(np.gradient(np.gradient(y, x), x))[2:-2]
    assert 0.85 * most < bends.max() < 1.02 * most
    assert calm_length_m(d, slope, 300.0, most) == 300.0, "never shorter than asked"


def test_a_route_names_the_lanes_that_serve_it() -> None:
    graph = LaneGraph(crossroads("right"))
    assert legs(graph, [0, 12, 6]) == ((0,), (12,), (6,))
    assert LaneGraph(two_lanes()).side_by_side(0) == (1, 0)


def test_a_driver_overtakes_a_slow_one_on_the_left_and_returns() -> None:
    lanes = two_lanes()
    slow, fast = car("slow", lanes, 0, 60.0, speed_mps=4.0), car("fast", lanes, 0, 20.0, speed_mps=LIMIT_MPS)
    timeline = simulate(*scene(lanes, [slow, fast], 16.0))
    y, x = timeline.bodies[2].positions_m[:, 1], timeline.bodies[2].positions_m[:, 0]
    assert timeline.contacts == ()
    assert y.max() == pytest.approx(3.5, abs=0.3)
    assert abs(y[-1]) < 0.5, "it keeps right again"
    assert x[-1] > timeline.bodies[1].positions_m[-1, 0] + 8.0
    moving = np.flatnonzero((y > 0.2) & (y < 3.3))
    assert 2.0 < (moving[moving < y.argmax()].size * 0.01) < 5.0
    assert np.abs(timeline.accelerations[2][:, 1]).max() < 3.0


def test_nobody_changes_into_somebody_beside() -> None:
    lanes = two_lanes()
    things = [
        car("slow", lanes, 0, 60.0, speed_mps=4.0),
        car("fast", lanes, 0, 30.0, speed_mps=9.0),
        car("beside", lanes, 1, 28.0, speed_mps=9.0),
        car("behind", lanes, 1, 14.0, speed_mps=9.0),
    ]
    timeline = simulate(*scene(lanes, things, 7.0))
    assert timeline.contacts == ()
    y = timeline.bodies[2].positions_m[:, 1]
    # By the time it moves over, the others have gone by.
    began = int(np.argmax(y > 0.3)) if (y > 0.3).any() else None
    if began is not None:
        assert timeline.bodies[4].positions_m[began, 0] > timeline.bodies[2].positions_m[began, 0] + 4.2


def test_who_pulls_out_waits_for_a_gap() -> None:
    lanes = two_lanes()[:1]
    lanes = [type(lanes[0])(0, lanes[0].centre_m, 3.5, LIMIT_MPS)]
    leaves = car("leaves", lanes, 0, 60.0, kind="pull_out", starts_at_s=1.0, speed_mps=8.0)
    leaves = type(leaves)(**{**leaves.__dict__, "position_m": (60.0, -2.7, 0.0)})
    passes = car("passes", lanes, 0, 30.0, speed_mps=9.0)
    timeline = simulate(*scene(lanes, [leaves, passes], 9.0))
    assert timeline.contacts == ()
    moves = int(np.argmax(np.linalg.norm(timeline.velocities[1], axis=1) > 0.2))
    assert timeline.times_ns[moves] > 1_000_000_000
    assert timeline.bodies[2].positions_m[moves, 0] > 60.0, "it lets the other pass"
    assert abs(timeline.bodies[1].positions_m[-1, 1]) < 0.2
    assert timeline.velocities[1][-1, 0] > 4.0
