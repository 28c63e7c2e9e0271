"""People and drivers at crossings: who waits for whom, and nobody is touched."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pairforge.scenes.world import Lane
from pairforge.sensors.physics import simulate
from pairforge.sensors.timeline import Timeline
from tests.sensors.networks import LIMIT_MPS, car, lane, lights, scene, straight
from tests.worlds import Thing, person_shape

AT_M = 60.0


def road(marked: bool, signal: str | None = None) -> list[Lane]:
    """One lane along +x; people cross it at x = 60."""
    line = straight(np.array([0.0, 0.0]), np.array([200.0, 0.0]))
    across = ((AT_M - 1.6, AT_M + 1.6),) if marked else ()
    return [lane(0, line, crossings_m=across, signal=signal, stop_m=AT_M - 3.0 if signal else None)]


def crosser(from_y: float = -4.5, **behaviour: object) -> Thing:
    path = [[AT_M, from_y, 0.0], [AT_M, -from_y + 4.0, 0.0]]
    half = float(np.sqrt(0.5))
    told = {"kind": "walk", "speed_mps": 1.4, "path": path, **behaviour}
    return Thing(
        "crosser",
        person_shape(),
        (AT_M, from_y, 0.0),
        (half, 0.0, 0.0, half),
        semantic="pedestrian",
        noun="person",
        motion="walker",
        behaviour=told,
    )


def run(lanes: list[Lane], things: list[Thing], seconds: float) -> Timeline:
    return simulate(*scene(lanes, things, seconds))


def on_lane(timeline: Timeline, instance: int) -> np.ndarray:
    return np.abs(timeline.bodies[instance].positions_m[:, 1]) < 1.75


def at_crossing(timeline: Timeline, instance: int) -> np.ndarray:
    x = timeline.bodies[instance].positions_m[:, 0]
    return (x + 3.4 > AT_M - 1.0) & (x - 0.8 < AT_M + 1.0)


def test_at_a_marked_crossing_the_driver_waits_for_who_crosses() -> None:
    lanes = road(marked=True)
    timeline = run(lanes, [car("a", lanes, 0, 15.0, speed_mps=9.0), crosser()], 11.0)
    assert timeline.contacts == ()
    walked, passed = int(np.argmax(on_lane(timeline, 2))), int(np.argmax(at_crossing(timeline, 1)))
    assert 0 < walked < passed
    assert not (on_lane(timeline, 2) & at_crossing(timeline, 1)).any()
    assert timeline.velocities[1][-1, 0] > 4.0, "and drives on afterwards"


def test_without_a_crossing_who_walks_waits_for_the_gap() -> None:
    lanes = road(marked=False)
    timeline = run(lanes, [car("a", lanes, 0, 15.0, speed_mps=9.0), crosser()], 10.0)
    assert timeline.contacts == ()
    assert timeline.velocities[1][:500, 0].min() > 8.0, "the driver need not slow down"
    walked, passed = int(np.argmax(on_lane(timeline, 2))), int(np.argmax(at_crossing(timeline, 1)))
    assert 0 < passed < walked


@pytest.mark.parametrize(("state", "walks"), [("green", False), ("red", True)])
def test_at_lights_people_go_while_traffic_has_red(state: str, walks: bool) -> None:
    lanes = road(marked=True, signal="light")
    things = [car("a", lanes, 0, 15.0, speed_mps=8.0), crosser(), *lights({"light": [[state, 60.0]]})]
    timeline = run(lanes, things, 8.0)
    assert timeline.contacts == ()
    assert bool(on_lane(timeline, 2).any()) is walks
    assert bool(at_crossing(timeline, 1).any()) is not walks


def test_a_cyclist_stops_for_people_and_at_red_too() -> None:
    lanes = road(marked=True, signal="light")
    rider = replace(
        crosser(),
        name="rider",
        position_m=(30.0, 0.0, 0.0),
        quaternion_wxyz=(1.0, 0.0, 0.0, 0.0),
        motion="cyclist",
        behaviour={"kind": "cycle", "speed_mps": 5.0, "lane_id": 0},
    )
    timeline = run(lanes, [rider, *lights({"light": [["red", 60.0]]})], 9.0)
    x = timeline.bodies[1].positions_m[:, 0]
    assert AT_M - 6.0 < x[-1] < AT_M - 3.0 + 0.3
    assert np.linalg.norm(timeline.velocities[1][-1]) < 0.1


def test_nobody_is_held_up_by_who_stands_at_the_kerb() -> None:
    lanes = road(marked=True)
    waits = crosser(from_y=-2.6, kind="stand", speed_mps=0.0)
    timeline = run(lanes, [car("a", lanes, 0, 15.0, speed_mps=9.0), waits], 7.0)
    assert timeline.bodies[1].positions_m[-1, 0] > AT_M + 5.0
    assert LIMIT_MPS > 9.0
