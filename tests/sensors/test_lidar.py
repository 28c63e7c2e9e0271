"""The spinning LiDAR: time, motion, noise and intensity against closed forms."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pairforge.errors import SpecError
from pairforge.sample import LidarFrame
from pairforge.scenes.concrete import ConcreteSensor
from pairforge.scenes.world import Sky, World
from pairforge.seeding import Stream
from pairforge.sensors.boxes import boxes3d
from pairforge.sensors.lidar import sweep
from pairforge.sensors.lidar_model import LidarModel
from pairforge.sensors.ray_engine import RayEngine
from pairforge.sensors.timeline import Timeline
from tests.worlds import FLOOR, Thing, box_shape, car_shape, gliding_timeline, lidar, make_world, small_world

AT_NS = 500_000_000
STREAM = Stream(11, "lidar")


def take(world: World, sensor: ConcreteSensor, timeline: Timeline | None = None) -> LidarFrame:
    return sweep(RayEngine(world), timeline or gliding_timeline(world), sensor, AT_NS, STREAM)


def ground(sky: Sky | None = None) -> World:
    return make_world([FLOOR], sky=sky)


def test_a_sweep_ends_at_the_keyframe_and_lasts_one_revolution() -> None:
    model = LidarModel.of(lidar(columns=90))
    times = model.column_times_ns(AT_NS)
    assert times[-1] == AT_NS
    assert times[0] > AT_NS - 50_000_000
    steps = np.diff(times)
    assert steps.min() >= 50_000_000 // 90
    assert steps.max() <= 50_000_000 // 90 + 1


def test_the_head_turns_clockwise_from_behind() -> None:
    d = LidarModel.of(lidar(columns=360)).directions()
    azimuth = np.degrees(np.arctan2(d[:, 0, 1], d[:, 0, 0]))
    assert azimuth[89] == pytest.approx(90.0)  # left after a quarter
    assert azimuth[179] == pytest.approx(0.0, abs=1e-9)  # ahead after half
    assert azimuth[269] == pytest.approx(-90.0)
    assert (d[0, 1:, 2] > d[0, :-1, 2]).all()  # ring 0 is the lowest


def test_ranges_to_the_ground_by_hand() -> None:
    frame = take(ground(), lidar((0.0, 0.0, 1.2), columns=60))
    elevation = np.radians(np.linspace(-30.0, 10.0, 8))[frame.ring]
    np.testing.assert_allclose(frame.range_m, 1.2 / np.sin(-elevation), rtol=1e-5)
    np.testing.assert_allclose(frame.points[:, 2], -1.2, atol=1e-4)
    assert (frame.range_m <= 60.0).all()
    assert (np.diff(frame.times_ns) >= 0).all()


def test_nothing_beyond_the_maximum_range() -> None:
    sensor = lidar()
    near = replace(sensor, settings={**sensor.settings, "max_range_m": 3.0})
    everything, clipped = take(ground(), sensor), take(ground(), near)
    assert clipped.range_m.max() <= 3.0
    assert 0 < len(clipped.points) == (everything.range_m <= 3.0).sum()


def test_deskewed_points_of_still_things_stand_where_the_things_do() -> None:
    """The ego drives at 20 m/s; the box ahead is not smeared, though every raw point saw it from elsewhere."""
    things = [
        Thing("ego", car_shape(), motion="vehicle", semantic="car"),
        Thing("box", box_shape(2.0, "blue"), (30.0, 0.5, 0.0)),
    ]
    world = make_world(things)
    sensor = lidar((0.0, 0.0, 2.0), mount="ego", beams=16, columns=720)
    timeline = gliding_timeline(world, (20.0, 0.0, 0.0))
    frame = take(world, sensor, timeline)
    on_box = frame.instance == 2
    assert on_box.sum() > 3
    in_world = frame.world_from_lidar.points(frame.deskewed[on_box].astype(float))
    front = in_world[:, 2] < 1.85
    np.testing.assert_allclose(in_world[front, 0], 29.0, atol=1e-3)
    fired = (AT_NS - frame.times_ns[on_box]) * 1e-9 * 20.0
    np.testing.assert_allclose(
        frame.points[on_box, 0] - frame.deskewed[on_box, 0], fired, atol=2e-3
    )  # further off when it was fired


def test_moving_things_are_met_where_they_were_when_the_beam_passed() -> None:
    world = make_world([Thing("box", box_shape(2.0, "blue"), (10.0, 0.0, 0.0), motion="dynamic")])
    timeline = gliding_timeline(world, (10.0, 0.0, 0.0))
    frame = take(world, lidar((0.0, 0.0, 1.0), beams=8, columns=720), timeline)
    in_world = frame.world_from_lidar.points(frame.deskewed.astype(float))
    face = 9.0 + 10.0 * frame.times_ns * 1e-9
    front = np.abs(in_world[:, 2] - 1.0) < 0.85
    inner = front & (np.abs(in_world[:, 1]) < 0.85)
    assert inner.sum() > 10
    np.testing.assert_allclose(in_world[inner, 0], face[inner], atol=1e-3)


def test_a_sensor_that_turns_sees_each_column_from_its_own_heading() -> None:
    world = make_world([FLOOR, Thing("ego", car_shape(), motion="vehicle", semantic="car")])
    sensor = replace(lidar((0.0, 0.0, 2.5), mount="ego"), quaternion_wxyz=(0.5**0.5, 0.0, 0.0, 0.5**0.5))
    frame = take(world, sensor)
    world_points = frame.world_from_lidar.points(frame.points.astype(float))
    assert np.abs(world_points[frame.instance == 0, 2]).max() < 1e-3
    np.testing.assert_allclose(frame.world_from_lidar.yaw, np.pi / 2)


def test_range_noise_is_gaussian_with_the_stated_deviation() -> None:
    clean = take(ground(), lidar(columns=900))
    noisy = take(ground(), lidar(columns=900, range_noise_m=0.05))
    error = noisy.range_m.astype(float) - clean.range_m.astype(float)
    n = len(error)
    assert n > 4000
    assert abs(error.mean()) < 4 * 0.05 / np.sqrt(n)
    assert abs(error.std() / 0.05 - 1) < 4 / np.sqrt(2 * n)
    assert abs(np.mean((error / 0.05) ** 3)) < 4 * np.sqrt(15 / n)
    np.testing.assert_array_equal(noisy.deskewed, clean.deskewed)  # the truth carries no noise
    np.testing.assert_allclose(np.linalg.norm(noisy.points, axis=1), noisy.range_m, rtol=1e-5)


def test_dropout_loses_the_stated_share_and_shifts_no_other_draw() -> None:
    whole = take(ground(), lidar(columns=900, range_noise_m=0.05))
    holed = take(ground(), lidar(columns=900, range_noise_m=0.05, dropout=0.1))
    n = len(whole.points)
    assert abs(1 - len(holed.points) / n - 0.1) < 4 * np.sqrt(0.09 / n)
    key = {
        (int(t), int(r)): float(x) for t, r, x in zip(whole.times_ns, whole.ring, whole.range_m, strict=True)
    }
    kept = zip(holed.times_ns, holed.ring, holed.range_m, strict=True)
    assert all(key[int(t), int(r)] == float(x) for t, r, x in kept)


def test_noise_of_a_ray_does_not_depend_on_what_other_rays_meet() -> None:
    sensor = lidar(columns=180, range_noise_m=0.05)
    bare = take(ground(), sensor)
    more = take(make_world([FLOOR, Thing("box", box_shape(1.0, "red"), (5.0, 0.0, 0.0))]), sensor)
    before = {
        (int(t), int(r)): float(x) for t, r, x in zip(bare.times_ns, bare.ring, bare.range_m, strict=True)
    }
    floor = more.instance == 0
    rows = list(zip(more.times_ns[floor], more.ring[floor], more.range_m[floor], strict=True))
    assert len(rows) > 300
    assert all(before[int(t), int(r)] == float(x) for t, r, x in rows)


def test_intensity_is_lamberts_cosine_dimmed_by_fog() -> None:
    clear, foggy = take(ground(), lidar()), take(ground(Sky(fog_per_m=0.02)), lidar())
    np.testing.assert_allclose(clear.intensity, 0.3 * 1.2 / clear.range_m, rtol=1e-4)
    solid = foggy.kind == 0
    expected = 0.3 * 1.2 / foggy.range_m * np.exp(-0.04 * foggy.range_m)
    np.testing.assert_allclose(foggy.intensity[solid], expected[solid], rtol=1e-4)
    assert solid.all()
    assert len(foggy.points) == len(clear.points)


def test_the_same_stream_gives_the_same_sweep_and_another_one_another() -> None:
    engine, world = RayEngine(small_world()), small_world()
    timeline, sensor = gliding_timeline(world), lidar(range_noise_m=0.02, dropout=0.05)
    a, b = (sweep(engine, timeline, sensor, AT_NS, STREAM) for _ in range(2))
    np.testing.assert_array_equal(a.points, b.points)
    other = sweep(engine, timeline, sensor, AT_NS, Stream(12, "lidar"))
    assert a.points.shape != other.points.shape or not np.array_equal(a.points, other.points)


def test_a_sweep_before_the_clock_starts_is_refused_with_a_remedy() -> None:
    world = small_world()
    with pytest.raises(SpecError, match=r"warm_up_s to at least 0\.05"):
        sweep(RayEngine(world), gliding_timeline(world), lidar(), 10_000_000, STREAM)


def test_returns_are_counted_in_the_boxes() -> None:
    world = small_world()
    timeline = gliding_timeline(world)
    frame = take(world, lidar(columns=360))
    for box in boxes3d(world, timeline, AT_NS, {}, {"top": frame}, None):
        assert box.lidar_points == (frame.instance == box.instance_id).sum()
