"""A camera whose rows are exposed one after another: each row sees everything where it is at the row's own time."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, I64, Pose, rotation
from pairforge.scenes.concrete import ConcreteSensor, intrinsics_of
from pairforge.scenes.optics import row_times_ns
from pairforge.scenes.world import World
from pairforge.sensors.camera_view import F32, CameraView, all_rays, led_astray, turned
from pairforge.sensors.cones import TILE_PX, Cones, Reach, Window, box_cones, joined, pixel_tiles, reaches
from pairforge.sensors.mount import world_from_sensor, world_from_sensor_over
from pairforge.sensors.ray_poses import part_poses
from pairforge.sensors.timeline import Timeline

_ROUNDS, _CLOSE_PX = 12, 1e-9
"""A point's row sets the time, which sets the row: repeated until it stays."""


def view_at(world: World, timeline: Timeline, sensor: ConcreteSensor, time_ns: int) -> CameraView:
    """What a camera sees the world from in the frame of that time stamp, its shutter rolling or not."""
    readout_s = float(sensor.settings.get("shutter", {}).get("readout_s", 0.0))
    if readout_s > 0.0:
        return RollingView(world, timeline, sensor, time_ns, readout_s)
    pose = world_from_sensor(world, timeline, sensor, time_ns)
    return CameraView(world, intrinsics_of(sensor), pose, part_poses(timeline, time_ns))


@dataclass(frozen=True, eq=False)
class _Rows:
    """``camera_from_part`` at each row's time: turns (H, 3, 3), offsets (H, 3)."""

    turns: F64
    offsets: F64


class RollingView(CameraView):
    """``turns`` and ``offsets`` are those at the middle of the frame; above and below the image, the first and the
    last row's time holds."""

    def __init__(
        self, world: World, timeline: Timeline, sensor: ConcreteSensor, time_ns: int, readout_s: float
    ) -> None:
        camera = intrinsics_of(sensor)
        pose = world_from_sensor(world, timeline, sensor, time_ns)
        super().__init__(world, camera, pose, part_poses(timeline, time_ns))
        self.straight = False
        self.times_ns: I64 = row_times_ns(time_ns, readout_s, camera.height_px)
        self._world, self._timeline = world, timeline
        self._eyes, self._heads = world_from_sensor_over(world, timeline, sensor, self.times_ns)
        self._found: dict[int, _Rows] = {}

    def rows_of(self, part_id: int) -> _Rows:
        """Where a part (0: the world) is, for each row."""
        if part_id not in self._found:
            track = self._timeline.parts.get(part_id)
            if part_id and track is not None:
                at, quaternions = track.sample(self.times_ns)
                turn = rotation(quaternions).as_matrix()
            else:
                pose = self._world.part(part_id).world_from_part if part_id else Pose.of()
                at, turn = pose.position_m[None], pose.rotation[None]
            turns = np.einsum("hji,hjk->hik", self._heads, np.broadcast_to(turn, (len(self._heads), 3, 3)))
            offsets = np.einsum("hji,hj->hi", self._heads, at - self._eyes)
            self._found[part_id] = _Rows(turns, offsets)
        return self._found[part_id]

    def image(self, part_id: int, xyz: F64) -> tuple[F64, F64]:
        table, last = self.rows_of(part_id), self.camera.height_px - 1
        row = np.full(len(xyz), last / 2)
        for _ in range(_ROUNDS):
            k = np.minimum(row.astype(np.int64), max(last - 1, 0))
            share = (row - k)[:, None]
            first = _placed(table, k, xyz)
            at = first + share * (_placed(table, np.minimum(k + 1, last), xyz) - first)
            uv = self.camera.project(at)
            after = np.where(np.isfinite(uv[:, 1]), np.clip(uv[:, 1] - 0.5, 0.0, last), row)
            moved = np.abs(after - row).max(initial=0.0)
            row = after
            if moved < _CLOSE_PX:
                break
        return uv, at

    def windows(self, part_ids: NDArray[np.int64], corners: F64) -> dict[int, Reach]:
        """As ``CameraView.windows``; found for each row of tiles by the times of its first and its last row."""
        starts = np.arange(0, self.camera.height_px, TILE_PX)
        ends = np.minimum(starts + TILE_PX, self.camera.height_px) - 1
        bands = []
        for start, end in zip(starts, ends, strict=True):
            first, last = self._corners(part_ids, corners, start), self._corners(part_ids, corners, end)
            bands.append(self._band(first, last))
        return reaches(self.camera, part_ids, bands, pixel_tiles(self.camera))

    def rays(self, part_id: int, window: Window) -> F32:
        return all_rays(self, part_id, window)

    def rays_through(self, part_id: int, rows: I64, columns: I64) -> F64:
        table = self.rows_of(part_id)
        origins = -np.einsum("hij,hi->hj", table.turns, table.offsets)
        ahead = self.camera.depth_rays()[rows, columns]
        return led_astray(origins[rows], np.einsum("nij,ni->nj", table.turns[rows], ahead))

    def turned(self, part_id: int, normals: F32, rows: I64) -> F32:
        return turned(normals, self.rows_of(part_id).turns[rows])

    def _corners(self, part_ids: NDArray[np.int64], corners: F64, row: int) -> F64:
        """Box corners (P, 8, 3) in the camera's frame at one row's time."""
        tables = [self.rows_of(int(k)) for k in part_ids]
        turns = np.array([t.turns[row] for t in tables]).reshape(-1, 3, 3)
        offsets = np.array([t.offsets[row] for t in tables]).reshape(-1, 3)
        return np.asarray(np.einsum("pij,pkj->pki", turns, corners) + offsets[:, None])

    def _band(self, first: F64, last: F64) -> Cones:
        moved = np.linalg.norm(last - first, axis=2).max(axis=1, initial=0.0)
        return joined(box_cones(self.camera, first), box_cones(self.camera, last), moved)


def _placed(table: _Rows, rows: I64, xyz: F64) -> F64:
    return np.asarray(np.einsum("nij,nj->ni", table.turns[rows], xyz) + table.offsets[rows])
