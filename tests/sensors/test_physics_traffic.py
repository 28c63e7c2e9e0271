"""Vehicles, walkers and cyclists: they follow, keep their distance, stop, and nothing slides, sinks or floats."""

from __future__ import annotations

from functools import cache

import numpy as np
import pytest

from pairforge.frames import F64, Pose, rotation
from pairforge.scenes.world import Lane
from pairforge.sensors.physics import simulate
from pairforge.sensors.timeline import Timeline
from tests.worlds import (
    FLOOR,
    Thing,
    car_shape,
    curved_lane,
    make_concrete,
    make_world,
    person_shape,
    straight_lane,
)


def car(name: str = "ego", x: float = 0.0, y: float = 0.0, **behaviour: object) -> Thing:
    return Thing(
        name,
        car_shape(),
        (x, y, 0.0),
        semantic="car",
        noun="car",
        motion="vehicle",
        behaviour={"kind": "drive", "lane_id": 1, **behaviour},
    )


def person(name: str, x: float, y: float, motion: str = "walker", **behaviour: object) -> Thing:
    return Thing(
        name,
        person_shape(),
        (x, y, 0.0),
        semantic="pedestrian",
        noun="person",
        motion=motion,
        behaviour=behaviour,
    )


def run(lane: Lane, *things: Thing, seconds: float) -> Timeline:
    things = (FLOOR, *things)
    return simulate(make_world(things, [lane]), make_concrete(things, [lane], duration_s=seconds))


def aside(timeline: Timeline, instance: int, lane: Lane) -> float:
    """The largest distance from the lane's polyline, by brute force over dense points."""
    dense = np.concatenate(
        [np.linspace(a, b, 50) for a, b in zip(lane.centre_m[:-1], lane.centre_m[1:], strict=True)]
    )
    track = timeline.bodies[instance].positions_m[:, None, :2]
    return float(np.linalg.norm(track - dense[None, :, :2], axis=2).min(axis=1).max())


def axes(timeline: Timeline, instance: int) -> tuple[F64, F64]:
    """Speed along and across the body (T,), (T,)."""
    turn = rotation(timeline.bodies[instance].quaternions_wxyz)
    velocity = timeline.velocities[instance]
    ahead, left = turn.apply([1.0, 0.0, 0.0]), turn.apply([0.0, 1.0, 0.0])
    return (velocity * ahead).sum(axis=1), (velocity * left).sum(axis=1)


@cache
def straight() -> tuple[Timeline, Lane]:
    lane = straight_lane()
    return run(lane, car(speed_mps=10.0), seconds=3.0), lane


@cache
def bend() -> tuple[Timeline, Lane]:
    lane = curved_lane(radius_m=30.0)
    return run(lane, car(speed_mps=8.0), seconds=5.0), lane


@pytest.mark.parametrize("drive", [straight, bend])
def test_a_vehicle_keeps_to_its_lane_on_its_wheels(drive: object) -> None:
    timeline, lane = drive()  # type: ignore[operator]
    _, across = axes(timeline, 1)
    assert aside(timeline, 1, lane) < 0.3
    assert np.abs(across).max() < 0.1
    assert np.abs(timeline.bodies[1].positions_m[:, 2]).max() < 0.02
    tilt = rotation(timeline.bodies[1].quaternions_wxyz).apply([0.0, 0.0, 1.0])[:, 2]
    assert tilt.min() > np.cos(np.radians(1.0))
    assert timeline.contacts == ()


def test_it_cruises_from_the_first_knot_on() -> None:
    along, _ = axes(straight()[0], 1)
    assert along == pytest.approx(10.0, abs=0.02)


@pytest.mark.parametrize("drive", [straight, bend])
def test_wheels_turn_as_far_as_they_roll(drive: object) -> None:
    timeline, _ = drive()  # type: ignore[operator]
    world = timeline.world
    instance = world.instance(1)
    wheels = {w.part: w for w in instance.shape.wheels}
    for part_id in instance.part_ids:
        part = world.part(part_id)
        if part.name not in wheels:
            continue
        track, radius = timeline.parts[part_id], wheels[part.name].radius_m
        turn = rotation(track.quaternions_wxyz)
        axle = turn.apply([0.0, 1.0, 0.0])[:-1]
        spin = ((turn[1:] * turn[:-1].inv()).as_rotvec() * axle).sum(axis=1) / 0.01
        centre = np.diff(track.positions_m, axis=0) / 0.01
        forward = np.cross(axle, [0.0, 0.0, 1.0])
        rolled = (centre * forward).sum(axis=1)
        assert np.abs(spin * radius - rolled).max() < 0.15
        assert track.positions_m[:, 2] == pytest.approx(radius, abs=0.005)


def test_front_wheels_steer_into_the_bend_and_the_controls_say_so() -> None:
    timeline, _ = bend()
    controls = timeline.controls_at(1, 3_000_000_000)
    assert controls is not None
    assert controls.steering == pytest.approx(np.arctan(2.6 / 30.0), rel=0.1)
    assert controls.speed_mps == pytest.approx(axes(timeline, 1)[0][300], abs=1e-6)
    assert timeline.controls_at(1, 500_000_000).steering == pytest.approx(0.0, abs=0.02)  # type: ignore[union-attr]


def test_it_halts_where_told_without_harsh_braking() -> None:
    timeline = run(straight_lane(), car(speed_mps=10.0, stop_at_s_m=42.0), seconds=6.5)
    along, _ = axes(timeline, 1)
    # The lane starts at x = -10.
    assert timeline.bodies[1].positions_m[-1, 0] == pytest.approx(32.0, abs=0.3)
    assert abs(along[-1]) < 0.05
    assert along.min() > -0.05
    assert timeline.accelerations[1][:, 0].min() > -4.0
    assert max(timeline.controls[1][:, 1]) > 0.1
    assert (timeline.controls[1][:, 0] * timeline.controls[1][:, 1] == 0.0).all()


def test_it_stops_behind_a_standing_car_and_follows_a_moving_one() -> None:
    parked = Thing("parked", car_shape("blue"), (40.0, 0.0, 0.0), semantic="car", noun="car")
    timeline = run(straight_lane(), car(speed_mps=10.0), parked, seconds=8.0)
    bumper = timeline.bodies[1].positions_m[:, 0] + 1.3 + 2.1
    assert abs(axes(timeline, 1)[0][-1]) < 0.1
    assert 1.0 < 40.0 + 1.3 - 2.1 - bumper[-1] < 4.0
    slow = car("slow", 25.0, speed_mps=4.0)
    timeline = run(straight_lane(), car(speed_mps=10.0), slow, seconds=6.0)
    gap = timeline.bodies[2].positions_m[:, 0] - timeline.bodies[1].positions_m[:, 0] - 4.2
    assert gap.min() > 2.0
    assert timeline.accelerations[1][:, 0].min() > -8.0
    assert timeline.contacts == ()


def test_a_pedestrian_in_the_lane_is_not_run_over() -> None:
    timeline = run(straight_lane(), car(speed_mps=9.0), person("p", 30.0, 0.0, kind="stand"), seconds=6.5)
    assert timeline.contacts == ()
    assert timeline.bodies[1].positions_m[-1, 0] + 3.4 < 29.5
    assert np.linalg.norm(timeline.bodies[2].positions_m[-1] - [30.0, 0.0, 0.0]) < 0.01


def soles(timeline: Timeline, instance: int) -> F64:
    """Height of the lowest vertex of any part at every tenth knot."""
    world = timeline.world
    heights = []
    for part_id in world.instance(instance).part_ids:
        track, vertices = timeline.parts[part_id], world.part(part_id).mesh.vertices
        heights.append(
            [
                Pose(track.positions_m[k], track.quaternions_wxyz[k]).points(vertices)[:, 2].min()
                for k in range(0, len(timeline.times_ns), 10)
            ]
        )
    return np.min(heights, axis=0)


def test_a_walker_walks_its_path_with_a_sole_on_the_ground() -> None:
    path = [[0, 0, 0], [4, 0, 0], [4, 4, 0]]
    timeline = run(
        straight_lane(y_m=20.0), person("p", 0.0, 0.0, kind="walk", speed_mps=1.4, path=path), seconds=7.0
    )
    track = timeline.bodies[1]
    assert np.linalg.norm(track.positions_m[-1, :2] - [4.0, 4.0]) < 0.3
    assert Pose(track.positions_m[-1], track.quaternions_wxyz[-1]).yaw == pytest.approx(np.pi / 2, abs=0.05)
    assert np.abs(soles(timeline, 1)).max() < 0.005
    speed = np.linalg.norm(timeline.velocities[1][:250], axis=1)
    assert speed == pytest.approx(1.4, abs=0.05)


def test_legs_swing_once_a_stride_and_hang_when_standing() -> None:
    walking = person("p", 0.0, 0.0, kind="walk", speed_mps=1.4, path=[[0, 0, 0], [30, 0, 0]])
    timeline = run(straight_lane(y_m=20.0), walking, person("q", 0.0, 5.0, kind="stand"), seconds=2.0)
    world = timeline.world
    leg = timeline.parts[world.instance(1).part_ids[1]]
    pitch = rotation(leg.quaternions_wxyz).as_rotvec()[:, 1]
    # Stride 1.4 m at 1.4 m/s: the angle repeats every second, and swings by half a radian.
    assert pitch[:100] == pytest.approx(pitch[100:200], abs=0.02)
    assert pitch.max() == pytest.approx(0.5, abs=0.02)
    still = timeline.parts[world.instance(2).part_ids[1]]
    assert np.abs(rotation(still.quaternions_wxyz).as_rotvec()).max() < 1e-3


def test_people_pass_each_other_instead_of_colliding() -> None:
    there = person("a", 0.0, 0.0, kind="walk", speed_mps=1.3, path=[[0, 0, 0], [12, 0, 0]])
    back = Thing(
        "b",
        person_shape(),
        (9.0, 0.1, 0.0),
        (0.0, 0.0, 0.0, 1.0),
        semantic="pedestrian",
        motion="walker",
        behaviour={"kind": "walk", "speed_mps": 1.2, "path": [[9, 0.1, 0], [-5, 0.1, 0]]},
    )
    timeline = run(straight_lane(y_m=20.0), there, back, seconds=6.0)
    assert timeline.contacts == ()
    assert timeline.bodies[1].positions_m[-1, 0] > 6.0
    assert timeline.bodies[2].positions_m[-1, 0] < 3.0


def test_a_cyclist_rides_the_edge_of_its_lane() -> None:
    rider = person("c", 0.0, -1.0, motion="cyclist", kind="cycle", speed_mps=4.0, lane_id=1, lateral_m=-1.0)
    timeline = run(straight_lane(), rider, seconds=3.0)
    assert timeline.bodies[1].positions_m[:, 1] == pytest.approx(-1.0, abs=0.02)
    assert timeline.bodies[1].positions_m[-1, 0] == pytest.approx(
        4.0 * timeline.times_ns[-1] * 1e-9, rel=0.01
    )
