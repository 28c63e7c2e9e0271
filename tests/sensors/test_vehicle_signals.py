"""Encoders, reckoned paths and bus signals of wheels that roll, lock and slip by closed forms, and of real ones."""

from __future__ import annotations

from dataclasses import replace
from functools import cache

import cantools
import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from pairforge.errors import SpecError
from pairforge.frames import F64, Pose, Track, wxyz
from pairforge.scenes.build import build
from pairforge.scenes.resolve import resolve
from pairforge.scenes.scripts import After, Brake, When
from pairforge.scenes.spec import Device, Weather
from pairforge.scenes.world import World
from pairforge.seeding import Stream
from pairforge.sensors.can_bus import CanBus
from pairforge.sensors.can_messages import INDEX, MESSAGES, SIGNALS, dbc, series
from pairforge.sensors.ego_state import EgoState
from pairforge.sensors.physics import simulate
from pairforge.sensors.protocol import SENSORS, Sensing
from pairforge.sensors.ray_engine import RayEngine
from pairforge.sensors.timeline import Timeline
from pairforge.sensors.wheel_odometry import WheelOdometry
from tests.plain_road import car, road
from tests.sensors.motions import about_z, concrete_sensor
from tests.worlds import FLOOR, Thing, car_shape, make_concrete, make_world

EXACT = WheelOdometry(
    name="odo",
    mount="car",
    ticks_per_turn=100_000,
    radius_error=0.0,
    steering_offset_deg=0.0,
    steering_noise_deg=0.0,
)
CAR = Thing("car", car_shape(), semantic="car", motion="vehicle")
RADIUS_M, BASE_M, TRACK_M = 0.32, 2.6, 1.5


def rolling(world: World, speed: float, curvature: float, roll: float = 1.0, end_s: float = 3.0) -> Timeline:
    """The car of ``tests.worlds`` along an arc, every wheel turning ``roll`` times as fast as it should."""
    times = np.arange(round(end_s * 100) + 1, dtype=np.int64) * 10_000_000
    t = times * 1e-9
    yaw = speed * curvature * t
    body = arc(speed, curvature, t)
    tracks, parts = {}, {}
    (instance,) = (i for i in world.instances if i.name == "car")
    tracks[instance.instance_id] = Track(times, body, wxyz(about_z(yaw)))
    for part_id, piece in zip(instance.part_ids, instance.shape.parts, strict=True):
        at = piece.body_from_part.position_m
        turn = about_z(yaw)
        if piece.name.startswith("wheel"):
            aside, ahead = at[0] * curvature, 1.0 - at[1] * curvature
            heading = np.arctan2(aside, ahead) if at[0] > 1.0 else 0.0
            spin = (
                roll * speed * np.hypot(aside, ahead) * t / RADIUS_M
                if at[0] > 1.0
                else roll * speed * ahead * t / RADIUS_M
            )
            turn = (
                turn
                * about_z(0.0 * t + heading)
                * Rotation.from_rotvec(spin[:, None] * np.array([0.0, 1.0, 0.0]))
            )
        parts[part_id] = Track(times, body + about_z(yaw).apply(at), wxyz(turn))
    controls = np.tile([0.3, 0.2, np.arctan(curvature * BASE_M), speed], (len(times), 1))
    zero = np.zeros((len(times), 3))
    own = instance.instance_id
    return Timeline(world, times, parts, tracks, {own: zero}, {own: zero}, {own: controls})


def arc(speed: float, curvature: float, t: F64) -> F64:
    if curvature == 0.0:
        return np.stack([speed * t, 0 * t, 0 * t], 1)
    yaw = speed * curvature * t
    return np.stack([np.sin(yaw), 1.0 - np.cos(yaw), 0 * t], 1) / curvature


def sense(world: World, motion: Timeline, spec: Device, until_s: float = 2.0) -> dict[str, F64]:
    sensor = concrete_sensor(spec)
    concrete = make_concrete([FLOOR, CAR], sensors=(sensor,))
    streams = Stream(5, "frame"), Stream(5, "scene")
    asked = Sensing(RayEngine(world), motion, concrete, sensor, round(until_s * 1e9), 0, *streams)
    return dict(SENSORS.load(sensor.kind).sense(asked).arrays)


@pytest.mark.parametrize("yaw_from", ["steering", "wheels"])
@pytest.mark.parametrize("curvature", [0.0, 0.05, -0.08])
def test_rolling_wheels_bring_the_path_back_to_the_arc(curvature: float, yaw_from: str) -> None:
    world = make_world([FLOOR, CAR])
    a = sense(world, rolling(world, 8.0, curvature), replace(EXACT, yaw_from=yaw_from))
    t = a["times_ns"] * 1e-9
    np.testing.assert_allclose(a["path"][:, :2], arc(8.0, curvature, t)[:, :2], atol=5e-3)
    np.testing.assert_allclose(a["path"][:, 2], 8.0 * curvature * t, atol=1e-3)
    np.testing.assert_allclose(a["slip"], 0.0, atol=1e-6)
    np.testing.assert_allclose(a["true_steering_rad"], np.arctan(curvature * BASE_M), atol=1e-3)
    sides = a["wheel_centre_m"][:, 1]
    rear = a["steered"] == 0
    due = 8.0 * (1.0 - sides * curvature)  # inner wheels of a bend are slower
    np.testing.assert_allclose(
        (a["true_wheel_speed_radps"] * RADIUS_M)[:, rear], np.tile(due[rear], (len(t), 1)), atol=1e-6
    )


@pytest.mark.parametrize(("roll", "slip"), [(0.0, -1.0), (0.9, -0.1), (1.25, 0.2)])
def test_slip_is_the_share_by_which_rims_are_slower_or_faster_than_the_ground(
    roll: float, slip: float
) -> None:
    world = make_world([FLOOR, CAR])
    a = sense(world, rolling(world, 10.0, 0.0, roll), EXACT)
    np.testing.assert_allclose(a["slip"], slip, atol=1e-6)
    np.testing.assert_allclose(a["ground_speed_mps"], 10.0, atol=1e-6)
    np.testing.assert_allclose(a["path"][:, 0], roll * 10.0 * a["times_ns"] * 1e-9, atol=1e-3)


def test_ticks_are_whole_and_errors_of_radius_and_steering_bend_the_path_as_they_should() -> None:
    world = make_world([FLOOR, CAR])
    motion = rolling(world, 10.0, 0.0)
    coarse = sense(world, motion, replace(EXACT, ticks_per_turn=48))
    turns = 10.0 * coarse["times_ns"] * 1e-9 / RADIUS_M / (2 * np.pi)
    np.testing.assert_array_equal(
        coarse["ticks"], np.floor(turns * 48 + 1e-9).astype(np.int64)[:, None].repeat(4, 1)
    )
    spec = replace(EXACT, radius_error=0.02, steering_offset_deg=1.0)
    s = concrete_sensor(spec).settings
    a = sense(world, motion, spec)
    np.testing.assert_allclose(a["believed_radius_m"], RADIUS_M * (1 + np.array(s["radius_errors"][:4])))
    mean = 1 + np.mean(s["radius_errors"][2:4])
    bend = np.tan(np.radians(s["steering_error_deg"])) / BASE_M
    np.testing.assert_allclose(a["path"][-1, 2], 20.0 * mean * bend, rtol=1e-3)


def test_what_has_no_wheels_is_refused_by_the_spec() -> None:
    scene = road(car("ego", 0, 40.0))
    for spec in (EXACT, CanBus(name="can", mount="nobody"), CanBus(name="can")):
        with pytest.raises(SpecError, match="actors"):
            spec.check(scene)
    for mount in ("ego", "ego_0"):
        replace(EXACT, mount=mount).check(scene)


def test_bus_signals_have_their_own_cycles_steps_and_values() -> None:
    world = make_world([FLOOR, CAR])
    spec = CanBus(
        name="can", mount="car", speed_error=0.0, yaw_rate_offset_deg_s=0.0, yaw_rate_noise_deg_s=0.0,
        acceleration_noise_mps2=0.0, steering_ratio=15.0,
    )  # fmt: skip
    a = sense(world, rolling(world, 10.0, 0.05), spec)

    def of(name: str) -> tuple[F64, F64]:
        return series(a["times_ns"], a["signal"], a["value"], name)

    for name, due, step in (
        ("steering_wheel_angle_deg", 15.0 * np.degrees(np.arctan(0.05 * BASE_M)), 0.1),
        ("speed_kmh", 36.0, 0.01),
        ("yaw_rate_deg_s", np.degrees(0.5), 0.01),
        ("lateral_acceleration_mps2", 5.0, 0.01),
        ("longitudinal_acceleration_mps2", 0.0, 0.01),
        ("wheel_speed_rl_kmh", 36.0 * (1 - 0.05 * TRACK_M / 2), 0.02),
        ("wheel_speed_rr_kmh", 36.0 * (1 + 0.05 * TRACK_M / 2), 0.02),
        ("throttle_percent", 30.0, 0.5),
        ("brake_percent", 20.0, 0.5),
        ("gear", 3.0, 1.0),
        ("brake_light", 1.0, 1.0),
    ):
        times, values = of(name)
        message = next(m for m in MESSAGES if any(s.name == name for s in m.signals))
        assert (np.diff(times) == message.period_ms * 1_000_000).all()
        assert np.abs(values - due).max() <= step / 2 + 0.02 * step + (0.02 if "angle" in name else 0.0), name
    assert set(a["signal"].tolist()) == set(range(len(SIGNALS)))


def test_cantools_reads_the_raw_frames_as_the_signals_say() -> None:
    world = make_world([FLOOR, CAR])
    a = sense(world, rolling(world, 10.0, -0.03), CanBus(name="can", mount="car"))
    bus = cantools.database.load_string(dbc(), "dbc")
    said = {(int(t), int(k)): v for t, k, v in zip(a["times_ns"], a["signal"], a["value"], strict=True)}
    for t, i, data in zip(a["frame_times_ns"], a["frame_id"], a["frame_data"], strict=True):
        for name, value in bus.decode_message(int(i), bytes(data.tolist())).items():
            assert said.pop((int(t), INDEX[name])) == pytest.approx(value, abs=1e-9)
    assert not said


def test_the_ego_state_is_that_of_the_point_where_it_sits() -> None:
    world = make_world([FLOOR, CAR])
    a = sense(
        world,
        rolling(world, 10.0, 0.05),
        EgoState(name="truth", mount="car", position_m=(2.0, 0.0, 1.0), yaw_deg=90.0),
    )
    t = a["times_ns"] * 1e-9
    yaw = 0.5 * t
    ahead, aside = (
        np.stack([np.cos(yaw), np.sin(yaw), 0 * yaw], 1),
        np.stack([-np.sin(yaw), np.cos(yaw), 0 * yaw], 1),
    )
    np.testing.assert_allclose(a["velocity_mps"], 10.0 * ahead + 1.0 * aside, atol=1e-5)
    np.testing.assert_allclose(a["acceleration_mps2"], 5.0 * aside - 0.5 * ahead, atol=1e-2)
    np.testing.assert_allclose(a["turn_rate_radps"], np.tile([0.0, 0.0, 0.5], (len(t), 1)), atol=1e-6)


@cache
def braking(snow: float) -> tuple[World, Timeline]:
    script = [When(After(1.0), Brake(mps2=7.0), called="brakes")]
    scene = replace(
        road(car("ego", 0, 40.0, kind="drive", speed_mps=11.0, script=script), seconds=2.5),
        weather=Weather(snow_cover=snow),
    )
    concrete = resolve(scene, 3)
    world = build(concrete)
    return world, simulate(world, concrete)


@pytest.mark.slow
def test_hard_brakes_slip_on_snow_and_hold_on_a_dry_road() -> None:
    slips = []
    for snow in (1.0, 0.0):
        world, motion = braking(snow)
        a = sense(world, motion, replace(EXACT, mount="ego"))
        rolls, brakes = a["times_ns"] < 900_000_000, a["times_ns"] > 1_300_000_000
        assert np.abs(a["slip"][rolls & (a["times_ns"] > 300_000_000)]).max() < 0.01
        slips.append(float(np.median(a["slip"][brakes])))
        own = next(i.instance_id for i in world.instances if i.name == "ego")
        x = motion.bodies[own].sample(a["times_ns"])[0][:, 0]
        short = (x[-1] - x[0]) - (a["path"][-1, 0] - a["path"][0, 0])
        assert short > 0.3 if snow else abs(short) < 0.3  # wheels that slip count less than was driven
    assert -0.12 < slips[0] < -0.04
    assert abs(slips[1]) < 0.04


def test_the_velocities_of_physics_are_the_slopes_of_its_tracks() -> None:
    """Bullet's velocity at a step is that of the step behind: 2.5 ms of acceleration late, and no more."""
    world, motion = braking(0.0)
    own = next(i.instance_id for i in world.instances if i.name == "ego")
    t = motion.times_ns * 1e-9
    slope = np.gradient(motion.bodies[own].positions_m, t, axis=0)
    bend = np.gradient(slope, t, axis=0)
    late = motion.velocities[own] - (slope - 0.0025 * bend)
    assert np.abs(late[5:-5]).max() < 0.05
    assert np.sqrt((late[5:-5] ** 2).mean()) < 0.005
    change = np.cumsum(motion.accelerations[own][5:-5], axis=0) * 0.01
    gained = motion.velocities[own][5:-5] - motion.velocities[own][5]
    assert np.abs(change[100:] - gained[100:]).max() < 0.3


def test_a_pose_helper_of_these_tests_is_right() -> None:
    world = make_world([FLOOR, CAR])
    motion = rolling(world, 8.0, 0.05)
    own = next(i for i in world.instances if i.name == "car")
    assert isinstance(motion.world_from_body(own.instance_id, 0), Pose)
    step = np.linalg.norm(np.diff(motion.bodies[own.instance_id].positions_m, axis=0), axis=1)
    np.testing.assert_allclose(step, 0.08, rtol=1e-5)
