"""What a check looks at of one keyframe: its cameras and sweeps, with the lookups that many checks share."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from pairforge.datasets.measurements import Measurements
from pairforge.datasets.store import member_prefix, sensor_slug
from pairforge.datasets.verify_rows import RowPoses, grouped, readout_s
from pairforge.datasets.verify_scene_view import SceneView
from pairforge.frames import F64, I64, Pose
from pairforge.sample import CameraFrame, Keyframe, LidarFrame, Reading, SceneRecord
from pairforge.scenes.concrete import ConcreteSensor


@dataclass(eq=False)
class FrameView:
    """One keyframe within its scene, with the bytes it was read from."""

    scene: SceneView
    frame: Keyframe
    measured: Measurements
    stored: Mapping[str, bytes] = field(default_factory=dict)
    sweep: int = 0
    _poses: dict[tuple[int, int], Pose] = field(default_factory=dict)

    @property
    def record(self) -> SceneRecord:
        return self.scene.record

    def member(self, sensor: str, array: str) -> str:
        """``shards/x.tar:key.sensor.array``."""
        return f"{self.scene.shard}:{member_prefix(self.frame.key, sensor_slug(sensor), self.sweep)}{array}"

    def between(self) -> Iterator[FrameView]:
        """The sweeps since the keyframe before, one view a number, as if each were a keyframe."""
        most = max(map(len, self.frame.sweeps.values()), default=0)
        for n in range(most):
            held = {name: frames[n] for name, frames in self.frame.sweeps.items() if n < len(frames)}
            only = replace(
                self.frame,
                cameras={name: f for name, f in held.items() if isinstance(f, CameraFrame)},
                lidars={name: f for name, f in held.items() if isinstance(f, LidarFrame)},
                readings={name: f for name, f in held.items() if isinstance(f, Reading)},
                sweeps={},
            )
            yield FrameView(self.scene, only, self.measured, sweep=n + 1)

    @cached_property
    def cameras(self) -> tuple[CameraView, ...]:
        return tuple(CameraView(self, camera) for camera in self.frame.cameras.values())

    @cached_property
    def sweeps(self) -> tuple[SweepView, ...]:
        """The sweeps of known LiDARs that have points."""
        known = ((x, self.scene.sensor(x.sensor)) for x in self.frame.lidars.values())
        return tuple(SweepView(self, x, s) for x, s in known if s is not None and len(x.points))

    def world_from_part(self, part_id: int, time_ns: int) -> Pose:
        """The stored pose, looked up once."""
        pose = self._poses.get((part_id, time_ns))
        if pose is None:
            pose = self._poses[part_id, time_ns] = self.record.world_from_part(part_id, time_ns)
        return pose


@dataclass(eq=False)
class CameraView:
    """One camera picture with its surface points."""

    view: FrameView
    camera: CameraFrame

    @cached_property
    def rays(self) -> F64:
        """(H, W, 3) through pixel centres in camera axes, a depth of one long; nan where a pixel sees nothing."""
        return self.camera.intrinsics.depth_rays()

    @cached_property
    def normal(self) -> F64:
        """(H, W, 3) the stored normals as float64."""
        return self.camera.normal.astype(np.float64)

    @cached_property
    def straight(self) -> bool:
        """A pinhole all of whose rows are exposed at once."""
        return self.camera.intrinsics.is_pinhole and self.rows is None

    @cached_property
    def rows(self) -> RowPoses | None:
        """Where everything is at each row's time; None for a global shutter."""
        return self._rows(self.camera.time_ns)

    @cached_property
    def rows_next(self) -> RowPoses | None:
        """The same of the frame that flow leads to."""
        return self._rows(self.camera.time_ns + self.camera.flow_dt_ns)

    def _rows(self, time_ns: int) -> RowPoses | None:
        scene = self.view.scene
        sensor = scene.sensor(self.camera.sensor)
        readout = readout_s(sensor)
        if sensor is None or readout <= 0.0:
            return None

        def eyes(times_ns: I64) -> tuple[F64, F64]:
            at, turn = scene.world_from_sensor_over(sensor, times_ns)
            return at, np.asarray(turn.as_matrix())

        return RowPoses(scene.record, eyes, self.camera.intrinsics, time_ns, readout)

    @cached_property
    def hit(self) -> NDArray[np.bool_]:
        """(H, W): something is there, by depth and part alike."""
        known = self.view.scene.instance_of_part[self.camera.part] >= 0
        seen = np.isfinite(self.camera.depth) & (self.camera.depth > 0)
        return np.asarray(known & seen & (self.camera.part > 0) & np.isfinite(self.rays[..., 0]))

    @cached_property
    def points_camera(self) -> F64:
        """(H, W, 3) surface points in camera axes when their rows were exposed; 0 where nothing is hit."""
        depth = np.where(self.hit, self.camera.depth, 0.0).astype(np.float64)
        rays = np.where(self.hit[..., None], self.rays, 0.0)
        return np.asarray(rays * depth[..., None])

    @cached_property
    def readout_s(self) -> float:
        """From the first row's exposure to the last's; 0 for a global shutter."""
        return readout_s(self.view.scene.sensor(self.camera.sensor))

    @cached_property
    def centres(self) -> F64:
        """(H, W, 2) the pixels' centres."""
        h, w = self.hit.shape
        u, v = np.meshgrid(np.arange(w) + 0.5, np.arange(h) + 0.5)
        return np.stack([u, v], axis=-1)

    @cached_property
    def local(self) -> F64:
        """(H, W, 3) surface points in the frames of the parts they lie on; 0 where nothing is hit."""
        out = np.zeros_like(self.points_camera)
        times = self._row_times(self.camera.time_ns, self.centres[self.hit][:, 1])
        world = self._world_from_camera(times, self.points_camera[self.hit])
        part, local = self.camera.part[self.hit], np.empty_like(world)
        for part_id in np.unique(part):
            own = part == part_id
            local[own] = self.view.scene.into("part", int(part_id), times[own], world[own])
        out[self.hit] = local
        return out

    def arrivals(self, dt_ns: int) -> tuple[F64, F64]:
        """Where the surface points are ``dt_ns`` after their picture: (H, W, 2) pixels, nan for none; (H, W, 3) in
        the axes of the camera when that row is exposed.

        Under a rolling shutter the row says when, and when says the row: repeated until both stay.
        """
        time_ns, hit, scene = self.camera.time_ns + dt_ns, self.hit, self.view.scene
        part, local = self.camera.part[hit], self.local[hit]
        v = np.full(len(part), self.hit.shape[0] / 2)
        uv = np.full((len(part), 2), np.nan)
        for _ in range(8 if self.readout_s else 1):
            times = self._row_times(time_ns, np.where(np.isfinite(v), v, 0.0))
            world = np.empty_like(local)
            for part_id in np.unique(part):
                own = part == part_id
                world[own] = scene.out_of("part", int(part_id), times[own], local[own])
            at = self._into_camera(times, world)
            uv = self._imaged(at)
            v = uv[:, 1]
        pixels, points = np.full((*hit.shape, 2), np.nan), np.full((*hit.shape, 3), np.nan)
        pixels[hit], points[hit] = uv, at
        return pixels, points

    def arrival(self, part_id: int, local: F64) -> tuple[F64, F64, I64]:
        """One point (3,) of a part in this picture: pixel (2,), nan for none; (3,) in the camera's axes when that row
        is exposed, and when that is (1,)."""
        v, scene = np.full(1, self.hit.shape[0] / 2), self.view.scene
        for _ in range(8 if self.readout_s else 1):
            times = self._row_times(self.camera.time_ns, np.where(np.isfinite(v), v, 0.0))
            at = self._into_camera(times, scene.out_of("part", part_id, times, local[None]))
            uv = self._imaged(at)
            v = uv[:, 1]
        return uv[0], at[0], times

    def times_at(self, uv: F64) -> I64:
        """(N,) when the rows of image positions (N, 2) are exposed."""
        return self._row_times(self.camera.time_ns, np.where(np.isfinite(uv[:, 1]), uv[:, 1], 0.0))

    def in_world(self, times_ns: I64, points: F64) -> F64:
        """Points (N, 3) in the camera's axes at their times, in the world."""
        return self._world_from_camera(times_ns, points)

    def in_camera(self, times_ns: I64, points: F64) -> F64:
        """World points (N, 3) in the camera's axes at their times."""
        return self._into_camera(times_ns, points)

    def image_of(self, times_ns: I64, points: F64) -> F64:
        """(N, 2) pixels of world points (N, 3) at their times; nan for none."""
        return self._imaged(self._into_camera(times_ns, points))

    def shift(self, dt_ns: int) -> F64:
        """(H, W, 3) how the surface points move in the world by ``dt_ns`` after their row was exposed, in the axes of
        the camera when it was; 0 where nothing is hit."""
        times = self._row_times(self.camera.time_ns, self.centres[self.hit][:, 1])
        part, local = self.camera.part[self.hit], self.local[self.hit]
        moved = np.zeros_like(local)
        for part_id in np.unique(part):
            if int(part_id) in self.view.record.part_tracks:
                own = part == part_id
                ends = [
                    self.view.scene.out_of("part", int(part_id), times[own] + d, local[own])
                    for d in (0, dt_ns)
                ]
                moved[own] = ends[1] - ends[0]
        out = np.zeros_like(self.points_camera)
        out[self.hit] = self._turns(times).inv().apply(moved) if len(moved) else moved
        return out

    def _row_times(self, time_ns: int, v: F64) -> I64:
        """When rows at heights ``v`` (N,) of the image are exposed; beyond its edges, as the last row is."""
        h = self.hit.shape[0]
        late = (np.clip(v, 0.5, h - 0.5) / h - 0.5) * self.readout_s
        return np.asarray(time_ns + np.rint(late * 1e9).astype(np.int64))

    def _placed(self, times_ns: I64) -> tuple[F64, Rotation]:
        sensor = self.view.scene.sensor(self.camera.sensor)
        assert sensor is not None
        return self.view.scene.world_from_sensor_over(sensor, times_ns)

    def _turns(self, times_ns: I64) -> Rotation:
        return self._placed(times_ns)[1]

    def _world_from_camera(self, times_ns: I64, points: F64) -> F64:
        if not len(points):
            return points
        positions, turns = self._placed(times_ns)
        return np.asarray(turns.apply(points) + positions)

    def _into_camera(self, times_ns: I64, points: F64) -> F64:
        if not len(points):
            return points
        positions, turns = self._placed(times_ns)
        return np.asarray(turns.inv().apply(points - positions))

    def _imaged(self, points: F64) -> F64:
        k = self.camera.intrinsics
        ahead = points[:, 2] > 1e-6 if k.is_pinhole else np.ones(len(points), dtype=bool)
        return np.where(ahead[:, None], k.project(np.where(ahead[:, None], points, 1.0)), np.nan)

    @cached_property
    def carried_points(self) -> F64:
        """(H, W, 3) surface points in camera axes at the frame's time stamp, to which their parts have carried them
        from when their rows were exposed; 0 where nothing is hit."""
        if self.rows is None:
            return self.points_camera
        points = self.points_camera.copy()
        for part_id, rows, columns, local in self._locals(points):
            pose = self._camera_from_part(part_id)
            points[rows, columns] = pose.points(local)
        return points

    @cached_property
    def carried_normal(self) -> F64:
        """(H, W, 3) the stored normals, carried as ``carried_points`` are."""
        if self.rows is None:
            return self.normal
        normal = self.normal.copy()
        for part_id, rows, columns in self._shown():
            turns, _ = self.rows.camera_from("part", part_id)
            local = np.einsum("nji,nj->ni", turns[rows], normal[rows, columns])
            normal[rows, columns] = self._camera_from_part(part_id).vectors(local)
        return normal

    def image(self, points: F64, parts: NDArray[np.uint16]) -> F64:
        """Pixels (M, 2) in which points (M, 3) in camera axes at the frame's time stamp, that ride on ``parts``,
        show; nan for nowhere."""
        if self.rows is None:
            return self.camera.intrinsics.project(points)
        uv = np.empty((len(points), 2))
        for part_id, own in grouped(parts):
            local = self._camera_from_part(part_id).inverse.points(points[own])
            uv[own] = self.rows.image("part", part_id, local)[0]
        return uv

    def _shown(self) -> Iterator[tuple[int, NDArray[np.intp], NDArray[np.intp]]]:
        """Each part that is hit, and the rows and columns of its pixels."""
        places = np.flatnonzero(self.hit)
        for part_id, own in grouped(self.camera.part.ravel()[places]):
            yield part_id, *np.divmod(places[own], self.hit.shape[1])

    def _locals(self, points: F64) -> Iterator[tuple[int, NDArray[np.intp], NDArray[np.intp], F64]]:
        """Under a rolling shutter: the points of each part in its own frame."""
        if self.rows is not None:
            for part_id, rows, columns in self._shown():
                yield part_id, rows, columns, self.rows.local(part_id, rows, points[rows, columns])

    def _camera_from_part(self, part_id: int) -> Pose:
        """At the frame's time stamp; part 0 is the world."""
        camera_from_world = self.camera.world_from_camera.inverse
        if not part_id:
            return camera_from_world
        return camera_from_world @ self.view.world_from_part(part_id, self.camera.time_ns)

    def member(self, array: str) -> str:
        return self.view.member(self.camera.sensor, array)


@dataclass(eq=False)
class SweepView:
    """One LiDAR sweep with its points in the world."""

    view: FrameView
    lidar: LidarFrame
    sensor: ConcreteSensor
    _carried: dict[int, tuple[F64, F64]] = field(default_factory=dict)

    @cached_property
    def world(self) -> F64:
        """(N, 3) the noise-free hits, where they were when hit."""
        return self.lidar.world_from_lidar.points(self.lidar.deskewed)

    @cached_property
    def source(self) -> F64:
        """(N, 3) where in the world light turned back: ``world``, but for ghosts and stray light."""
        found = self.lidar.extra.get("source")
        return self.world if found is None else self.lidar.world_from_lidar.points(found)

    @cached_property
    def fired_from(self) -> tuple[F64, Rotation]:
        """Positions (N, 3) and rotations of the sensor when each ray was fired, by track and mount."""
        return self.view.scene.world_from_sensor_over(self.sensor, self.lidar.times_ns)

    def carried(self, time_ns: int) -> tuple[F64, F64]:
        """(N, 3) the hits, and (N, 3) where their rays came from, as the tracks of the parts that were hit have
        carried both to ``time_ns``."""
        if time_ns not in self._carried:
            hits, origins = self.world.copy(), self.fired_from[0].copy()
            for i in np.unique(self.lidar.part):
                if int(i) in self.view.record.part_tracks:
                    own = self.lidar.part == i
                    ends = np.concatenate([hits[own], origins[own]])
                    local = self.view.scene.into("part", int(i), np.tile(self.lidar.times_ns[own], 2), ends)
                    hits[own], origins[own] = np.split(
                        self.view.world_from_part(int(i), time_ns).points(local), 2
                    )
            self._carried[time_ns] = hits, origins
        return self._carried[time_ns]

    def member(self, array: str) -> str:
        return self.view.member(self.lidar.sensor, array)
