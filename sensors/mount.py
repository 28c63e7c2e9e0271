"""Where a sensor is: its own pose on whatever carries it."""

from __future__ import annotations

import numpy as np

from pairforge.errors import SpecError, did_you_mean
from pairforge.frames import F64, I64, Pose, rotation
from pairforge.scenes.concrete import ConcreteSensor
from pairforge.scenes.world import Instance, World
from pairforge.sensors.timeline import Timeline


def mount_instance(world: World, sensor: ConcreteSensor) -> Instance | None:
    """The instance that carries the sensor; None for the world. SpecError when there is no such thing."""
    if sensor.mount is None:
        return None
    for instance in world.instances:
        if instance.name == sensor.mount:
            return instance
    known = did_you_mean(sensor.mount, [i.name for i in world.instances])
    raise SpecError(
        f'sensor "{sensor.name}" is mounted on "{sensor.mount}", which is not in the scene. {known}'
    )


def world_from_sensor(world: World, timeline: Timeline, sensor: ConcreteSensor, time_ns: int) -> Pose:
    """The sensor's pose at a time stamp."""
    mount_from_sensor = Pose.of(sensor.position_m, sensor.quaternion_wxyz)
    carrier = mount_instance(world, sensor)
    if carrier is None:
        return mount_from_sensor
    return timeline.world_from_body(carrier.instance_id, time_ns) @ mount_from_sensor


def world_from_sensor_over(
    world: World, timeline: Timeline, sensor: ConcreteSensor, times_ns: I64
) -> tuple[F64, F64]:
    """The sensor's poses at time stamps (N,): positions (N, 3) and rotation matrices (N, 3, 3)."""
    mount_from_sensor = Pose.of(sensor.position_m, sensor.quaternion_wxyz)
    carrier = mount_instance(world, sensor)
    track = None if carrier is None else timeline.bodies.get(carrier.instance_id)
    if track is None:
        fixed = mount_from_sensor if carrier is None else carrier.world_from_body @ mount_from_sensor
        n = len(times_ns)
        return np.tile(fixed.position_m, (n, 1)), np.tile(fixed.rotation, (n, 1, 1))
    positions, quaternions = track.sample(times_ns)
    turn = rotation(quaternions).as_matrix()
    return positions + turn @ mount_from_sensor.position_m, turn @ mount_from_sensor.rotation
