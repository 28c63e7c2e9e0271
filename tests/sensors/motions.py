"""Motions with closed forms, as timelines of one box called "cart": what inertial sensors must read is then known."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from pairforge.frames import F64, Pose, Track, wxyz
from pairforge.scenes.aim import settings_of
from pairforge.scenes.concrete import ConcreteSensor
from pairforge.scenes.draws import Draws
from pairforge.scenes.spec import Device
from pairforge.scenes.world import World
from pairforge.seeding import Stream
from pairforge.sensors.protocol import SENSORS, Sensing
from pairforge.sensors.ray_engine import RayEngine
from pairforge.sensors.timeline import Timeline
from tests.worlds import FLOOR, Thing, box_shape, make_concrete, make_world

CART = Thing("cart", box_shape(0.4, "grey"), motion="dynamic")


def cart_world() -> World:
    return make_world([FLOOR, CART])


def timeline(
    world: World, position: Callable[[F64], F64], turn: Callable[[F64], Rotation], end_s: float = 3.0
) -> Timeline:
    """``position`` (T,) -> (T, 3) m and ``turn`` (T,) -> T rotations, sampled at knots of 10 ms."""
    times = np.arange(round(end_s * 100) + 1, dtype=np.int64) * 10_000_000
    t = times * 1e-9
    track = Track(times, position(t), wxyz(turn(t)))
    cart = next(i for i in world.instances if i.name == "cart")
    own = dict.fromkeys(cart.part_ids, track)
    speed = np.gradient(track.positions_m, t, axis=0)
    return Timeline(
        world, times, own, {cart.instance_id: track}, {cart.instance_id: speed}, {cart.instance_id: 0 * speed}
    )


def about_z(angles: F64) -> Rotation:
    """N rotations by radians (N,)."""
    return Rotation.from_rotvec(angles[:, None] * np.array([0.0, 0.0, 1.0]))


def upright(t: F64) -> Rotation:
    return about_z(0.0 * t)


def concrete_sensor(spec: Device, seed: int = 3) -> ConcreteSensor:
    """The spec drawn, at a plain position and Euler angles."""
    angles = [spec.yaw_deg, -spec.pitch_deg, spec.roll_deg]  # type: ignore[operator]
    turn = wxyz(Rotation.from_euler("ZYX", angles, degrees=True))
    pose = Pose.of(spec.position_m, turn)  # type: ignore[arg-type]
    settings = settings_of(spec, Draws(Stream(seed)))
    return ConcreteSensor(
        spec.name,
        spec.KIND,
        spec.mount,
        tuple(pose.position_m.tolist()),
        tuple(pose.quaternion_wxyz.tolist()),
        settings,
    )


def sensed(
    world: World,
    motion: Timeline,
    sensor: ConcreteSensor,
    until_s: float = 2.0,
    since_s: float = 0.0,
    seed: int = 5,
    **concrete: Any,
) -> dict[str, Any]:
    """The arrays of the sensor over (since, until]."""
    asked = Sensing(
        RayEngine(world),
        motion,
        make_concrete([FLOOR, CART], sensors=(sensor,), **concrete),
        sensor,
        round(until_s * 1e9),
        round(since_s * 1e9),
        Stream(seed, "frame"),
        Stream(seed, "scene"),
    )
    return dict(SENSORS.load(sensor.kind).sense(asked).arrays)
