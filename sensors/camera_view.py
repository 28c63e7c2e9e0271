"""Where every part of a world is, seen from one camera at one instant; pixel windows and rays into part frames."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, Intrinsics, Pose, rotation
from pairforge.scenes.world import World
from pairforge.sensors.bounds import BOX_EDGES, MeshBounds

F32 = NDArray[np.float32]
Window = tuple[slice, slice]
"""Rows and columns of a rectangle of pixels."""

_NEAREST_M = 1e-6
"""Rays start in the camera's plane: what lies behind this is never met."""


class CameraView:
    """A camera, and ``camera_from_part`` of all parts: ``turns`` (P + 1, 3, 3) and ``offsets`` (P + 1, 3), row 0
    for the world itself."""

    def __init__(
        self, world: World, camera: Intrinsics, world_from_camera: Pose, poses: Mapping[int, Pose]
    ) -> None:
        self.camera = camera
        resting = [poses.get(p.part_id, p.world_from_part) if p.moves else p.world_from_part for p in world.parts]
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

    def windows(self, part_ids: Sequence[int], bounds: Sequence[MeshBounds]) -> list[tuple[Window, float] | None]:
        """For each part the pixels whose rays may meet it and the least depth at which they may; None for none."""
        if not part_ids:
            return []
        ids = np.asarray(part_ids)
        corners = np.einsum("pij,pkj->pki", self.turns[ids], np.stack([b.corners for b in bounds]))
        corners += self.offsets[ids][:, None]
        # The box cut at the near plane is the hull of its corners ahead and of where its edges cross the plane.
        a, b = corners[:, BOX_EDGES[:, 0]], corners[:, BOX_EDGES[:, 1]]
        crosses = (a[..., 2] >= _NEAREST_M) != (b[..., 2] >= _NEAREST_M)
        share = (_NEAREST_M - a[..., 2]) / np.where(crosses, b[..., 2] - a[..., 2], 1.0)
        points = np.concatenate([corners, a + share[..., None] * (b - a)], axis=1)
        ahead = np.concatenate([corners[..., 2] >= _NEAREST_M, crosses], axis=1)
        uv = self.camera.project(np.where(ahead[..., None], points, 1.0))
        low = np.where(ahead[..., None], uv, np.inf).min(axis=1)
        high = np.where(ahead[..., None], uv, -np.inf).max(axis=1)
        nearest = np.where(ahead, points[..., 2], np.inf).min(axis=1)
        nearest[nearest <= _NEAREST_M * 1.001] = 0.0
        return [
            _window(self.camera, low[k], high[k], float(nearest[k])) if ahead[k].any() else None
            for k in range(len(ids))
        ]

    def rays(self, part_id: int, window: Window) -> F32:
        """Rays (h * w, 6) float32 through the centres of a window's pixels, row by row, in a part's frame (0: the
        world's): origin, and a direction whose length is one metre of z-depth."""
        k, (rows, columns) = self.camera, window
        turn = self.turns[part_id]
        across = ((np.arange(columns.start, columns.stop) + 0.5 - k.cx) / k.fx)[:, None] * turn[0] + turn[2]
        down = ((np.arange(rows.start, rows.stop) + 0.5 - k.cy) / k.fy)[:, None] * turn[1]
        out = np.empty((len(down), len(across), 6), dtype=np.float32)
        out[..., :3] = -np.einsum("ij,i->j", turn, self.offsets[part_id])
        np.add(across[None], down[:, None], out=out[..., 3:], casting="same_kind")
        return out.reshape(-1, 6)


def _window(camera: Intrinsics, low: F64, high: F64, nearest_m: float) -> tuple[Window, float] | None:
    """Pixels whose centres lie between ``low`` and ``high`` (2,), with a hair to spare."""
    first = np.ceil(np.clip(low - 0.51, 0.0, 1e6)).astype(int)
    last = np.floor(np.clip(high - 0.49, -1.0, (camera.width_px - 1, camera.height_px - 1))).astype(int)
    if (first > last).any():
        return None
    return (slice(int(first[1]), int(last[1]) + 1), slice(int(first[0]), int(last[0]) + 1)), nearest_m
