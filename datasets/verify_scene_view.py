"""What a check of a whole scene looks at, with the lookups that many checks share."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from pairforge.datasets.measurements import Measurements
from pairforge.datasets.reader import Dataset
from pairforge.datasets.store import shard_path, table_path
from pairforge.frames import F64, I64, Pose, rotation, wxyz
from pairforge.sample import CameraFrame, Controls, Keyframe, Reading, SceneRecord
from pairforge.scenes.build import build
from pairforge.scenes.concrete import ConcreteScene, ConcreteSensor
from pairforge.scenes.taxonomy import BY_NAME
from pairforge.scenes.world import World

CLIP_KINDS = frozenset(("imu", "gnss", "wheel_odometry", "can_bus"))
"""Sensors whose readings are proved over all keyframes together: samples follow each other from one to the next."""


@dataclass(eq=False)
class SceneView:
    """A scene's record, with small thumbnails of its keyframes for checks across time; ``before``: each camera's last
    frame that was looked at; ``tracked``: of each camera, the part of each tracked point and its place in it."""

    dataset: Dataset
    index: int
    record: SceneRecord
    measured: Measurements = field(default_factory=Measurements)
    thumbnails: dict[str, dict[int, tuple[F64, NDArray[np.uint16]]]] = field(default_factory=dict)
    before: dict[str, CameraFrame] = field(default_factory=dict)
    readings: dict[str, dict[int, Reading]] = field(default_factory=dict)
    controls: dict[int, Controls] = field(default_factory=dict)
    tracked: dict[str, dict[int, tuple[int, F64]]] = field(default_factory=dict)

    def table(self, name: str) -> str:
        return table_path(name, self.dataset.scene(self.index).slug)

    @property
    def shard(self) -> str:
        return shard_path(self.dataset.scene(self.index).slug)

    @cached_property
    def concrete(self) -> ConcreteScene:
        return ConcreteScene.from_json(dict(self.record.concrete))

    @cached_property
    def world(self) -> World:
        """Everything that exists, built anew from the concrete scene."""
        return build(self.concrete)

    @cached_property
    def instance_of_part(self) -> NDArray[np.int64]:
        """(65536,) part id -> instance id; -1 for a part that does not exist, 0 for nothing and stuff."""
        found = np.full(1 << 16, -1, dtype=np.int64)
        found[0] = 0
        for p in self.record.parts:
            found[p.part_id] = p.instance_id
        return found

    @cached_property
    def semantic_of_part(self) -> NDArray[np.int64]:
        """(65536,) part id -> class id; -1 for a part that does not exist."""
        found = np.full(1 << 16, -1, dtype=np.int64)
        found[0] = 0
        for p in self.record.parts:
            found[p.part_id] = BY_NAME[p.semantic].semantic_id if p.semantic in BY_NAME else -1
        return found

    @cached_property
    def ids(self) -> frozenset[int]:
        return frozenset(i.instance_id for i in self.record.instances)

    @cached_property
    def ego_id(self) -> int:
        """0 when there is none."""
        return next((i.instance_id for i in self.record.instances if i.name == self.record.ego), 0)

    def mount_id(self, sensor: ConcreteSensor) -> int:
        """Instance that carries the sensor, itself or by one of its parts ("arm:hand"); 0 for the world."""
        carrier = (sensor.mount or "").partition(":")[0]
        return next((i.instance_id for i in self.record.instances if i.name == carrier), 0)

    def mount_part(self, sensor: ConcreteSensor) -> int:
        """The part that carries the sensor; 0 when it sits on a whole body, or on the world."""
        carrier, _, part = (sensor.mount or "").partition(":")
        name = f"{carrier}.{part}" if part else None
        return next((p.part_id for p in self.record.parts if p.name == name), 0)

    def world_from_sensor(self, sensor: ConcreteSensor, time_ns: int) -> Pose:
        """Where tracks and the concrete scene's mount say it is."""
        own = Pose.of(sensor.position_m, sensor.quaternion_wxyz)
        mount, part = self.mount_id(sensor), self.mount_part(sensor)
        if part:
            return self.record.world_from_part(part, time_ns) @ own
        return self.record.world_from_body(mount, time_ns) @ own if mount else own

    def world_from_sensor_over(self, sensor: ConcreteSensor, times_ns: I64) -> tuple[F64, Rotation]:
        """Positions (N, 3) and rotations of the sensor at each time."""
        own = Pose.of(sensor.position_m, sensor.quaternion_wxyz)
        unique, where = np.unique(times_ns, return_inverse=True)
        mount, part = self.mount_id(sensor), self.mount_part(sensor)
        tracks = self.record.part_tracks if part else self.record.instance_tracks
        track = tracks.get(part or mount)
        if track is None:
            carrier = (
                self.record.part_poses[part] if part else self.record.instance_poses.get(mount, Pose.of())
            )
            still = carrier @ own
            positions, turns = still.position_m[None], still.quaternion_wxyz[None]
            where = np.zeros_like(where)
        else:
            at, q = track.sample(unique)
            positions = at + np.asarray(rotation(q).apply(own.position_m))
            turns = wxyz(rotation(q) * rotation(own.quaternion_wxyz))
        return positions[where], rotation(turns[where])

    def sensor(self, name: str) -> ConcreteSensor | None:
        return next((s for s in self.concrete.sensors if s.name == name), None)

    def into(self, kind: str, number: int, times_ns: I64, points: F64) -> F64:
        """World points (N, 3), each at its own time, in the frame of a "part" or an "instance"."""
        track = (self.record.part_tracks if kind == "part" else self.record.instance_tracks).get(number)
        if track is None:
            poses = self.record.part_poses if kind == "part" else self.record.instance_poses
            return poses[number].inverse.points(points)
        unique, where = np.unique(times_ns, return_inverse=True)
        positions, quaternions = track.sample(unique)
        return np.asarray(rotation(quaternions[where]).inv().apply(points - positions[where]))

    def out_of(self, kind: str, number: int, times_ns: I64, points: F64) -> F64:
        """Points (N, 3) of the frame of a "part" or an "instance" in the world, each at its own time."""
        track = (self.record.part_tracks if kind == "part" else self.record.instance_tracks).get(number)
        if track is None:
            poses = self.record.part_poses if kind == "part" else self.record.instance_poses
            return poses[number].points(points)
        unique, where = np.unique(times_ns, return_inverse=True)
        positions, quaternions = track.sample(unique)
        return np.asarray(rotation(quaternions[where]).apply(points) + positions[where])

    def remember(self, frame: Keyframe) -> None:
        """Keep a keyframe's pictures and part maps at a small size, and what must be seen over a whole clip."""
        for name, reading in frame.readings.items():
            if reading.kind in CLIP_KINDS:
                self.readings.setdefault(name, {})[frame.frame_index] = reading
        if frame.controls is not None:
            self.controls[frame.frame_index] = frame.controls
        for name, camera in frame.cameras.items():
            step = max(1, camera.intrinsics.width_px // 160)
            grey = camera.rgb[::step, ::step].astype(np.float64)
            self.thumbnails.setdefault(name, {})[frame.frame_index] = (grey, camera.part[::step, ::step])
