"""A sweep as if taken at one instant: measured points, carried there by the motion of the LiDAR and of things."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairforge.datasets.exporters.protocol import Option
from pairforge.frames import F64, Pose, Track, rotation
from pairforge.sample import LidarFrame, SceneRecord
from pairforge.scenes.mounts import split_mount

POINTS = Option(
    "aligned",
    "measured points carried to the frame's time by the motion of the ego and of what they hit; by the ego's alone; "
    "as fired; or exact hits without noise, carried by the ego's",
    ("aligned", "carried", "fired", "exact"),
)
"""The option that chooses among the four."""
_SURFACES = (0, 4)  # of LidarFrame.kind: all else is not where it seems


def points_of(
    sweep: LidarFrame, record: SceneRecord, calibration: dict[str, Any], which: str
) -> NDArray[np.float32]:
    """The sweep's points (N, 3), metres, in the sensor's frame: of ``sweep.time_ns``, or (``"fired"``) of the moment
    each was fired. ``calibration``: the sensor's row of that table."""
    if which == "fired" or not len(sweep.points):
        return sweep.points
    if which == "exact":
        return sweep.deskewed
    xyz = _in_world(sweep, record, calibration)
    if which == "aligned":
        _carry_with_things(xyz, sweep, record)
    return sweep.world_from_lidar.inverse.points(xyz).astype(np.float32)


def _in_world(sweep: LidarFrame, record: SceneRecord, calibration: dict[str, Any]) -> F64:
    """Points (N, 3) where they were measured, in the world."""
    track = _carrier(record, calibration["mount"])
    if track is None:
        return sweep.world_from_lidar.points(sweep.points)
    mount_from_sensor = Pose.of(calibration["position_m"], calibration["quaternion_wxyz"])
    positions, quaternions = track.sample(sweep.times_ns)
    turned: F64 = rotation(quaternions).apply(mount_from_sensor.points(sweep.points))
    return turned + positions


def _carry_with_things(xyz: F64, sweep: LidarFrame, record: SceneRecord) -> None:
    """Move world points (N, 3) by what the part that they lie on moves from their time to the sweep's."""
    moving = np.where(np.isin(sweep.kind, _SURFACES), sweep.part, 0)
    for part in np.unique(moving):
        track = record.part_tracks.get(int(part))
        if track is None:
            continue
        own = np.flatnonzero(moving == part)
        positions, quaternions = track.sample(sweep.times_ns[own])
        on_part = rotation(quaternions).inv().apply(xyz[own] - positions)
        xyz[own] = track.at(sweep.time_ns).points(on_part)


def _carrier(record: SceneRecord, mount: str | None) -> Track | None:
    """The track of the body or part that bears a sensor; None when it never moves."""
    if mount is None:
        return None
    name, part = split_mount(mount)
    number = next(i.instance_id for i in record.instances if i.name == name)
    if not part:
        return record.instance_tracks.get(number)
    return next(
        (
            record.part_tracks.get(p.part_id)
            for p in record.parts
            if (p.instance_id, p.name) == (number, part)
        ),
        None,
    )
