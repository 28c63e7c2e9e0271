"""Radial velocity against walls, riders and mirrors that move as closed forms say."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from pairforge.scenes.world import Sky
from pairforge.sensors.air import AIR, GHOST
from tests.sensors.lidar_worlds import AT_NS, MIRROR, SURFACES, WHITE, azimuth, eye, take, wall
from tests.worlds import Thing, box_shape, gliding_timeline, make_world

STILL = {"velocity_noise_mps": 0.0}


def test_a_wall_that_comes_nearer_has_the_cosine_of_its_speed() -> None:
    world = make_world([wall("door", WHITE, 12.0, motion="dynamic")])
    frame = take(world, eye(doppler=STILL), gliding_timeline(world, (-7.0, 0.0, 0.0)))
    assert len(frame.points) > 50
    np.testing.assert_allclose(frame.extra["velocity_true_mps"], -7.0 * np.cos(azimuth(frame)), atol=1e-5)
    np.testing.assert_array_equal(frame.extra["velocity_mps"], frame.extra["velocity_true_mps"])


def test_a_sensor_that_drives_sees_still_walls_come() -> None:
    ego = Thing("ego", box_shape(0.2, "grey"), (0.0, 0.0, -5.0), motion="vehicle")
    world = make_world([ego, wall("wall", WHITE, 30.0)])
    sensor = replace(eye(doppler=STILL), mount="ego", position_m=(0.0, 0.0, 5.0))
    frame = take(world, sensor, gliding_timeline(world, (9.0, 2.0, 0.0)))
    a = azimuth(frame)
    want = -(9.0 * np.cos(a) + 2.0 * np.sin(a))
    np.testing.assert_allclose(frame.extra["velocity_true_mps"], want, atol=1e-4)


def test_things_that_move_along_with_the_sensor_stand_still() -> None:
    ego = Thing("ego", box_shape(0.2, "grey"), (0.0, 0.0, -5.0), motion="vehicle")
    world = make_world([ego, wall("truck", WHITE, 12.0, wide_m=3.0, motion="dynamic")])
    sensor = replace(eye(doppler=STILL), mount="ego", position_m=(0.0, 0.0, 5.0))
    frame = take(world, sensor, gliding_timeline(world, (15.0, 0.0, 0.0)))
    assert len(frame.points) > 5
    np.testing.assert_allclose(frame.extra["velocity_true_mps"], 0.0, atol=1e-5)


def test_a_ghost_moves_as_the_mirror_image_does() -> None:
    """The box glides at (3, -5); its image in a mirror at 45 degrees at (-5, 3) turned about: by the method of
    images, and its radial velocity is the image's along the ray."""
    mirror = wall("mirror", MIRROR, 6.0, wide_m=5.0, yaw=np.pi / 4)
    box = Thing("box", box_shape(3.0, "white"), (5.0, -9.0, -1.5), motion="dynamic")
    world = make_world([mirror, box])
    velocity = np.array([3.0, -5.0, 0.0])
    frame = take(
        world, eye(columns=3600, doppler=STILL, surfaces=SURFACES), gliding_timeline(world, velocity)
    )
    ghost = frame.kind == GHOST
    assert ghost.sum() > 20
    normal = np.array([1.0, 1.0, 0.0]) / np.sqrt(2)
    image = velocity - 2 * (velocity @ normal) * normal
    a = azimuth(frame)[ghost]
    want = image[0] * np.cos(a) + image[1] * np.sin(a)
    np.testing.assert_allclose(frame.extra["velocity_true_mps"][ghost], want, atol=1e-4)


def test_a_mirror_that_moves_moves_ghosts_twice_as_fast() -> None:
    """A mirror driven at the sensor shows the sensor's own still surroundings coming at twice its speed."""
    mirror = wall("mirror", MIRROR, 10.0, wide_m=2.0, motion="dynamic")
    behind = wall("behind", WHITE, -5.0)
    world = make_world([mirror, behind])
    frame = take(
        world, eye(columns=720, doppler=STILL, surfaces=SURFACES), gliding_timeline(world, (-4.0, 0.0, 0.0))
    )
    ghost = frame.kind == GHOST
    assert ghost.sum() > 10
    want = -8.0 * np.cos(azimuth(frame)[ghost])
    np.testing.assert_allclose(frame.extra["velocity_true_mps"][ghost], want, atol=1e-4)


def test_measured_velocities_have_the_stated_noise() -> None:
    world = make_world([wall("wall", WHITE, 12.0)])
    sensor = eye(columns=18_000, doppler={"velocity_noise_mps": 0.08})
    frame = take(world, sensor)
    error = frame.extra["velocity_mps"].astype(float) - frame.extra["velocity_true_mps"]
    n = len(error)
    assert n > 5000
    assert abs(error.std() / 0.08 - 1) < 4.5 / np.sqrt(2 * n)
    assert abs(error.mean()) < 4.5 * 0.08 / np.sqrt(n)


def test_the_air_is_still_and_says_so() -> None:
    world = make_world([wall("wall", WHITE, 40.0)], sky=Sky(fog_per_m=0.06))
    frame = take(world, eye(doppler=STILL))
    air = frame.kind == AIR
    assert air.sum() > 50
    np.testing.assert_allclose(frame.extra["velocity_true_mps"][air], 0.0, atol=1e-9)
    assert frame.times_ns.max() == AT_NS or frame.times_ns.max() < AT_NS
