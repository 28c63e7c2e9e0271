"""Upright 3D boxes of everything that has them, with how well each was sensed."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np

from pairforge.frames import triple
from pairforge.sample import Box3D, CameraFrame, LidarFrame
from pairforge.scenes.world import Instance, World
from pairforge.sensors.labels import boxed_instances
from pairforge.sensors.timeline import Timeline


def boxes3d(
    world: World,
    timeline: Timeline,
    time_ns: int,
    cameras: Mapping[str, CameraFrame],
    lidars: Mapping[str, LidarFrame],
    ego: str | None,
) -> tuple[Box3D, ...]:
    """Boxes of all boxed-class instances but the ego, in order of their ids, sensed or not."""
    size = len(world.instances) + 1
    pixels = np.zeros(size, dtype=np.int64)
    for camera in cameras.values():
        pixels = np.maximum(pixels, np.bincount(camera.instance.ravel(), minlength=size))
    points = np.zeros(size, dtype=np.int64)
    for lidar in lidars.values():
        points += np.bincount(lidar.touched, minlength=size)
    return tuple(
        _box(timeline, i, time_ns, int(points[i.instance_id]), int(pixels[i.instance_id]))
        for i in boxed_instances(world)
        if i.name != ego
    )


def _box(timeline: Timeline, instance: Instance, time_ns: int, points: int, pixels: int) -> Box3D:
    number = instance.instance_id
    pose = timeline.world_from_body(number, time_ns)
    w, x, y, z = (float(v) for v in pose.quaternion_wxyz)
    size_m, centre_m = instance.size_m, instance.centre_m
    if instance.behaviour.get("motion") == "jointed":
        size_m, centre_m = _tight(timeline, instance, time_ns)
    return Box3D(
        instance_id=number,
        centre_m=triple(pose.points(centre_m)),
        size_m=size_m,
        quaternion_wxyz=(w, x, y, z),
        velocity_mps=triple(timeline.velocity(number, time_ns)),
        acceleration_mps2=triple(timeline.acceleration(number, time_ns)),
        lidar_points=points,
        visible_px=pixels,
    )


def _tight(
    timeline: Timeline, instance: Instance, time_ns: int
) -> tuple[tuple[float, float, float], tuple[float, float, float]]:
    """Size and centre in the body frame of what the parts of a jointed thing fill just now."""
    body_from_world = timeline.world_from_body(instance.instance_id, time_ns).inverse
    points = np.concatenate(
        [
            (body_from_world @ timeline.world_from_part(part_id, time_ns)).points(piece.mesh.vertices)
            for part_id, piece in zip(instance.part_ids, instance.shape.parts, strict=True)
        ]
    )
    low, high = points.min(axis=0), points.max(axis=0)
    return triple(high - low), triple((high + low) / 2)
