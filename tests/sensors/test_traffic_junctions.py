"""Traffic at junctions: red means stop, priority goes first, nobody touches anybody, nobody waits for ever."""

from __future__ import annotations

import numpy as np
import pytest

from pairforge.sensors.physics import simulate
from pairforge.sensors.timeline import Timeline
from tests.sensors.networks import arms, around, car, crossroads, lights, roundabout, scene, traffic
from tests.worlds import Thing

FRONT_M = 3.4
"""From the body origin of the test car to its front bumper."""


def run(lanes: list, things: list[Thing], seconds: float) -> Timeline:
    return simulate(*scene(lanes, things, seconds))


def enters_s(timeline: Timeline, instance: int, box_m: float = 9.0) -> float:
    """When the front bumper first comes within ``box_m`` of the middle in both axes; inf if never."""
    track = timeline.bodies[instance]
    yaw = 2.0 * np.arctan2(track.quaternions_wxyz[:, 3], track.quaternions_wxyz[:, 0])
    front = track.positions_m[:, :2] + FRONT_M * np.stack([np.cos(yaw), np.sin(yaw)], axis=1)
    inside = np.flatnonzero((np.abs(front) < box_m - 0.5).all(axis=1))
    return float(timeline.times_ns[inside[0]] * 1e-9) if len(inside) else float("inf")


def test_red_means_stop_before_the_line_and_green_means_go() -> None:
    lanes = crossroads("signal")
    programme = {"light_0": [["red", 7.0], ["green", 60.0]], "light_1": [["red", 99.0]]}
    things = [car("a", lanes, 0, 60.0, route=[0, 12, 6]), car("b", lanes, 1, 70.0, route=[1, 23, 7])]
    timeline = run(lanes, [*things, *lights(programme)], 10.0)
    red = timeline.times_ns < 7_000_000_000
    bumper = timeline.bodies[1].positions_m[:, 0] - FRONT_M
    assert bumper[red].min() > 10.0 - 0.3, "the line of lane 0 lies at x = 10"
    assert bumper[red][-1] < 12.0, "and one stops close to it"
    assert 7.0 < enters_s(timeline, 1) < 10.0
    assert enters_s(timeline, 2) == float("inf")


@pytest.mark.parametrize(("at_m", "stops"), [(14.0, False), (45.0, True)])
def test_yellow_stops_only_who_can_stop_in_comfort(at_m: float, stops: bool) -> None:
    lanes = crossroads("signal")
    programme = {"light_0": [["yellow", 3.0], ["red", 90.0]], "light_1": [["red", 99.0]]}
    timeline = run(
        lanes, [car("a", lanes, 0, 110.0 - FRONT_M - at_m, speed_mps=11.0), *lights(programme)], 5.0
    )
    assert (enters_s(timeline, 1) == float("inf")) is stops
    assert timeline.accelerations[1][:, 0].max() < 3.6


@pytest.mark.parametrize(
    ("control", "first", "second"),
    [
        ("priority", (0, 12), (1, 23)),  # straight over the main road goes before straight from the side road
        ("stop", (0, 12), (1, 23)),
        ("right", (1, 23), (0, 12)),  # north comes from the right of who comes from the east
        ("right", (0, 12), (3, 41)),
        ("priority", (2, 30), (0, 13)),  # straight on before the oncoming left turn
    ],
)
def test_who_has_priority_goes_first(control: str, first: tuple[int, int], second: tuple[int, int]) -> None:
    lanes = crossroads(control)
    things = [
        car(f"car_{arm}", lanes, arm, 70.0, speed_mps=9.0, route=[arm, way, 4 + way % 10])
        for arm, way in (first, second)
    ]
    timeline = run(lanes, things, 9.0)
    assert enters_s(timeline, 1, 5.0) < enters_s(timeline, 2, 5.0)
    along = timeline.velocities[1][timeline.times_ns < 5_000_000_000]
    assert np.linalg.norm(along, axis=1).min() > 7.5, "who has priority need not slow down"
    assert timeline.contacts == ()


def test_a_stop_sign_asks_for_a_halt_even_of_who_is_alone() -> None:
    lanes = crossroads("stop")
    timeline = run(lanes, [car("a", lanes, 1, 80.0, speed_mps=9.0)], 9.0)
    speed, before = np.linalg.norm(timeline.velocities[1], axis=1), timeline.bodies[1].positions_m[:, 1] > 9.0
    assert speed[before].min() < 0.1
    assert enters_s(timeline, 1) < 9.0


@pytest.mark.slow
@pytest.mark.parametrize("control", ["signal", "priority", "right", "roundabout"])
def test_lawful_traffic_flows_without_touching(control: str) -> None:
    lanes, things = traffic(control, 3, cars=8)
    # Round the island everybody slows down, and all eight are through after some 26 s.
    seconds = 20.0 if control == "roundabout" else 16.0
    timeline = run(lanes, [*things, *(lights() if control == "signal" else [])], seconds)
    assert timeline.contacts == ()
    outs = [arms()[int(thing.behaviour["route"][-1]) - 4] for thing in things]
    last = [timeline.bodies[k + 1].positions_m[-1, :2] for k in range(len(things))]
    assert sum(bool(at @ out > 14.0) for at, out in zip(last, outs, strict=True)) >= 3


def test_a_roundabout_is_entered_behind_who_drives_on_it() -> None:
    lanes = roundabout()
    on_ring = car("ring", lanes, 33, 6.0, speed_mps=6.0, route=around(3, 2)[2:])
    waits = car("waits", lanes, 0, 64.0, speed_mps=8.0, route=around(0, 2))
    timeline = run(lanes, [on_ring, waits], 9.0)
    assert timeline.contacts == ()
    radius = np.linalg.norm(timeline.bodies[2].positions_m[:, :2], axis=1)
    assert radius.min() < 18.0, "it gets in"
    gap = np.linalg.norm(timeline.bodies[1].positions_m - timeline.bodies[2].positions_m, axis=1)
    assert gap.min() > 5.0
