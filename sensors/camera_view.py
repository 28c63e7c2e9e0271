"""Where every part of a world is, seen from one camera at one instant; pixel windows and rays into part frames.

``rolling_view.py`` is the same for a camera whose rows have each their own instant.
"""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, Intrinsics, Pose, rotation
from pairforge.scenes.world import World
from pairforge.sensors.bounds import BOX_EDGES
from pairforge.sensors.cones import Reach, Window, box_cones, pixel_tiles, reaches

F32 = NDArray[np.float32]
I64 = NDArray[np.int64]

_NEAREST_M = 1e-6
"""Rays start in the camera's plane: what lies behind this is never met."""
_BLIND = np.array([0.0, 0.0, 1e9, 0.0, 0.0, 1.0])
"""The ray of a pixel that sees nothing: high above everything, upwards."""


class CameraView:
    """A camera, and ``camera_from_part`` of all parts: ``turns`` (P + 1, 3, 3) and ``offsets`` (P + 1, 3), row 0
    for the world itself.

    ``straight``: whether the images of straight edges are straight.
    """

    def __init__(
        self, world: World, camera: Intrinsics, world_from_camera: Pose, poses: Mapping[int, Pose]
    ) -> None:
        self.camera = camera
        self.straight: bool = camera.is_pinhole
        resting = [
            poses.get(p.part_id, p.world_from_part) if p.moves else p.world_from_part for p in world.parts
        ]
        quaternions = np.array([(1.0, 0.0, 0.0, 0.0), *(p.quaternion_wxyz for p in resting)])
        positions = np.array([(0.0, 0.0, 0.0), *(p.position_m for p in resting)])
        back = world_from_camera.rotation.T
        # einsum without BLAS: the same bits for any number of threads.
        self.turns: F64 = np.einsum("ij,pjk->pik", back, rotation(quaternions).as_matrix())
        self.offsets: F64 = np.einsum("ij,pj->pi", back, positions - world_from_camera.position_m)

    def points(self, part_id: int, xyz: F64) -> F64:
        """Points (N, 3) of a part's frame (0: the world's) in the camera's."""
        return np.asarray(
            np.einsum("nj,ij->ni", xyz, self.turns[part_id]) + self.offsets[part_id], dtype=np.float64
        )

    def image(self, part_id: int, xyz: F64) -> tuple[F64, F64]:
        """Pixels (N, 2) in which points (N, 3) of a part's frame are seen (nan: nowhere), and they themselves (N, 3)
        in the camera's frame then."""
        at = self.points(part_id, xyz)
        return self.camera.project(at), at

    def windows(self, part_ids: NDArray[np.int64], corners: F64) -> dict[int, Reach]:
        """Where rays may meet parts (P,) whose boxes have these ``corners`` (P, 8, 3); parts that cannot be seen are
        missing."""
        if not self.camera.is_pinhole:
            at = np.einsum("pij,pkj->pki", self.turns[part_ids], corners) + self.offsets[part_ids][:, None]
            return reaches(self.camera, part_ids, [box_cones(self.camera, at)], pixel_tiles(self.camera))
        return self._pinhole_windows(part_ids, corners)

    def _pinhole_windows(self, part_ids: NDArray[np.int64], corners: F64) -> dict[int, Reach]:
        at = np.einsum("pij,pkj->pki", self.turns[part_ids], corners) + self.offsets[part_ids][:, None]
        # The box cut at the near plane is the hull of its corners ahead and of where its edges cross the plane.
        a, b = at[:, BOX_EDGES[:, 0]], at[:, BOX_EDGES[:, 1]]
        crosses = (a[..., 2] >= _NEAREST_M) != (b[..., 2] >= _NEAREST_M)
        share = (_NEAREST_M - a[..., 2]) / np.where(crosses, b[..., 2] - a[..., 2], 1.0)
        points = np.concatenate([at, a + share[..., None] * (b - a)], axis=1)
        ahead = np.concatenate([at[..., 2] >= _NEAREST_M, crosses], axis=1)
        uv = self.camera.project(np.where(ahead[..., None], points, 1.0))
        low = np.where(ahead[..., None], uv, np.inf).min(axis=1)
        high = np.where(ahead[..., None], uv, -np.inf).max(axis=1)
        nearest = np.where(crosses.any(axis=1), 0.0, at[..., 2].min(axis=1))
        # A pixel counts if its centre lies between low and high, with a hair to spare.
        last_px = (self.camera.width_px - 1, self.camera.height_px - 1)
        first = np.ceil(np.clip(low - 0.51, 0.0, 1e6)).astype(int)
        last = np.floor(np.clip(high - 0.49, -1.0, last_px)).astype(int)
        seen = np.flatnonzero(ahead.any(axis=1) & (first <= last).all(axis=1))
        farthest = at[..., 2].max(axis=1)
        return {
            int(part_ids[k]): Reach(
                (slice(int(first[k, 1]), int(last[k, 1]) + 1), slice(int(first[k, 0]), int(last[k, 0]) + 1)),
                float(nearest[k]),
                float(farthest[k]),
            )
            for k in seen
        }

    def rays(self, part_id: int, window: Window) -> F32:
        """Rays (h * w, 6) float32 through the centres of a window's pixels, row by row, in a part's frame (0: the
        world's): origin, and a direction whose length is one metre of depth."""
        k, (rows, columns) = self.camera, window
        if not k.is_pinhole:
            return all_rays(self, part_id, window)
        turn = self.turns[part_id]
        across = ((np.arange(columns.start, columns.stop) + 0.5 - k.cx) / k.fx)[:, None] * turn[0] + turn[2]
        down = ((np.arange(rows.start, rows.stop) + 0.5 - k.cy) / k.fy)[:, None] * turn[1]
        out = np.empty((len(down), len(across), 6), dtype=np.float32)
        origin = -np.einsum("ij,i->j", turn, self.offsets[part_id])
        for axis in range(3):
            out[..., axis] = origin[axis]
            out[..., 3 + axis] = across[:, axis] + down[:, axis, None]  # summed in float64, rounded once
        return out.reshape(-1, 6)

    def rays_through(self, part_id: int, rows: I64, columns: I64) -> F64:
        """As ``rays``, but (N, 6) float64 through the pixels at these rows and columns (N,)."""
        turn = self.turns[part_id]
        ahead = self.camera.depth_rays()[rows, columns]
        origin = -np.einsum("ij,i->j", turn, self.offsets[part_id])
        return led_astray(np.broadcast_to(origin, ahead.shape), np.einsum("ij,ni->nj", turn, ahead))

    def turned(self, part_id: int, normals: F32, rows: I64) -> F32:
        """Vectors (N, 3) float32 of a part's frame in the camera's, seen in these rows (N,)."""
        return turned(normals, self.turns[part_id])


def turned(normals: F32, turn: F64) -> F32:
    """Vectors (N, 3) float32 through a rotation (3, 3), or each its own (N, 3, 3); without BLAS, so the same for any
    number of threads."""
    r = turn.astype(np.float32)
    x, y, z = (np.ascontiguousarray(normals[:, k]) for k in range(3))
    out = np.empty_like(normals)
    for k in range(3):
        out[:, k] = x * r[..., k, 0] + y * r[..., k, 1] + z * r[..., k, 2]
    return out


def all_rays(view: CameraView, part_id: int, window: Window) -> F32:
    """``CameraView.rays`` by way of ``rays_through``."""
    rows, columns = np.mgrid[window]
    return view.rays_through(part_id, rows.ravel(), columns.ravel()).astype(np.float32)


def led_astray(origins: F64, directions: F64) -> F64:
    """Rays (N, 6), those without a direction led astray."""
    rays = np.concatenate([origins, directions], axis=1)
    rays[np.isnan(directions[:, 0])] = _BLIND
    return rays
