"""Where a sensor is: its own pose on whatever carries it, a body or one part of it."""

from __future__ import annotations

import numpy as np

from pairforge.errors import SpecError, did_you_mean
from pairforge.frames import F64, I64, Pose, Track, rotation
from pairforge.scenes.concrete import ConcreteSensor
from pairforge.scenes.mounts import part_index, split_mount
from pairforge.scenes.world import Instance, World
from pairforge.sensors.timeline import Timeline


def mount_instance(world: World, sensor: ConcreteSensor) -> Instance | None:
    """The instance that carries the sensor; None for the world. SpecError when there is no such thing."""
    if sensor.mount is None:
        return None
    name = split_mount(sensor.mount)[0]
    for instance in world.instances:
        if instance.name == name:
            return instance
    known = did_you_mean(name, [i.name for i in world.instances])
    raise SpecError(f'sensor "{sensor.name}" is mounted on "{name}", which is not in the scene. {known}')


def mount_part(world: World, sensor: ConcreteSensor) -> int:
    """The id of the part that the sensor is mounted on; 0 when it is on a whole body, or on the world."""
    carrier, part = mount_instance(world, sensor), split_mount(sensor.mount or "")[1]
    if carrier is None or not part:
        return 0
    return carrier.part_ids[part_index(carrier.shape, part, f'sensor "{sensor.name}"')]


def world_from_sensor(world: World, timeline: Timeline, sensor: ConcreteSensor, time_ns: int) -> Pose:
    """The sensor's pose at a time stamp."""
    mount_from_sensor = Pose.of(sensor.position_m, sensor.quaternion_wxyz)
    carrier, part = mount_instance(world, sensor), mount_part(world, sensor)
    if carrier is None:
        return mount_from_sensor
    if part:
        return timeline.world_from_part(part, time_ns) @ mount_from_sensor
    return timeline.world_from_body(carrier.instance_id, time_ns) @ mount_from_sensor


def world_from_sensor_over(
    world: World, timeline: Timeline, sensor: ConcreteSensor, times_ns: I64
) -> tuple[F64, F64]:
    """The sensor's poses at time stamps (N,): positions (N, 3) and rotation matrices (N, 3, 3)."""
    mount_from_sensor = Pose.of(sensor.position_m, sensor.quaternion_wxyz)
    track = carrying_track(world, timeline, sensor)
    if track is None:
        fixed = world_from_sensor(world, timeline, sensor, int(timeline.times_ns[0]))
        n = len(times_ns)
        return np.tile(fixed.position_m, (n, 1)), np.tile(fixed.rotation, (n, 1, 1))
    positions, quaternions = track.sample(times_ns)
    turn = rotation(quaternions).as_matrix()
    return positions + turn @ mount_from_sensor.position_m, turn @ mount_from_sensor.rotation


def carrying_track(world: World, timeline: Timeline, sensor: ConcreteSensor) -> Track | None:
    """That of what carries the sensor; None for what never moves."""
    carrier, part = mount_instance(world, sensor), mount_part(world, sensor)
    if part:
        return timeline.parts.get(part)
    return None if carrier is None else timeline.bodies.get(carrier.instance_id)
