"""Where the surface points of a shot's pixels are at another time, and whether the camera sees them there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, Intrinsics
from pairforge.sensors.camera_labels.shot import Shot
from pairforge.sensors.camera_view import CameraView
from pairforge.sensors.cones import Reach
from pairforge.sensors.mount import world_from_sensor
from pairforge.sensors.ray_engine import RayEngine
from pairforge.sensors.ray_poses import part_poses

HIDDEN, NOTHING = 1, 255
"""Values of masks that say what is hidden: 0 is seen, 255 has no surface."""

NEAR_M, NEAR_SHARE = 0.002, 5e-4
"""Something hides a point when it stands in front of it by more than 2 mm and 0.05 % of the distance."""


def view_at(shot: Shot, time_ns: int, camera_ns: int | None = None) -> CameraView:
    """All parts where they are at ``time_ns``, seen from where the camera is at ``camera_ns`` (None: then too)."""
    at = shot.at
    pose = world_from_sensor(shot.world, at.timeline, at.sensor, time_ns if camera_ns is None else camera_ns)
    return CameraView(shot.world, shot.frame.intrinsics, pose, part_poses(at.timeline, time_ns))


def carried(shot: Shot, view: CameraView) -> F64:
    """(H, W, 3) each pixel's surface point, carried by its part to ``view``, in that view's camera axes; what has no
    surface is anywhere."""
    turns, offsets = between(shot.hits.view, view)
    out = turned(shot.points, turns[0], offsets[0])
    moving = moving_pixels(shot)
    ids = shot.frame.part.ravel()[moving]
    own = shot.points.reshape(-1, 3)[moving]
    out.reshape(-1, 3)[moving] = np.einsum("nij,nj->ni", turns[ids], own) + offsets[ids]
    return out


def turned(points: F64, turn: F64, offset: F64) -> F64:
    """Points (..., 3) through a rotation (3, 3) and a shift (3,); no BLAS: the same for any number of threads."""
    x, y, z = points[..., 0], points[..., 1], points[..., 2]
    out = np.empty_like(points)
    for k in range(3):
        out[..., k] = x * turn[k, 0] + y * turn[k, 1] + z * turn[k, 2] + offset[k]
    return out


def between(now: CameraView, then: CameraView) -> tuple[F64, F64]:
    """Of every part, row 0 the world: from the camera's frame of one view to that of another by way of the part's own
    frame; rotations (P + 1, 3, 3), offsets (P + 1, 3)."""
    turns = np.einsum("pij,pkj->pik", then.turns, now.turns)
    return turns, then.offsets - np.einsum("pij,pj->pi", turns, now.offsets)


def moving_pixels(shot: Shot) -> NDArray[np.intp]:
    """Flat indices of the pixels that show a moving part."""
    moves = np.array([False, *(p.moves for p in shot.world.parts)])
    return np.flatnonzero(moves[shot.frame.part.ravel()])


def imaged(camera: Intrinsics, xyz: F64) -> F64:
    """(..., 2) pixels of points (..., 3) in camera axes; nan for those that have no image."""
    ahead = np.isfinite(xyz).all(axis=-1)
    if camera.model in ("pinhole", "brown_conrady"):
        with np.errstate(invalid="ignore"):
            ahead &= xyz[..., 2] > 1e-6
    with np.errstate(invalid="ignore"):
        uv = camera.project(np.where(ahead[..., None], xyz, (0.0, 0.0, 1.0)))
    return np.where(ahead[..., None], uv, np.nan)


def inside(camera: Intrinsics, uv: F64) -> NDArray[np.bool_]:
    """(...) whether image positions (..., 2) lie within the image."""
    with np.errstate(invalid="ignore"):
        found = (uv >= 0).all(axis=-1) & (uv[..., 0] < camera.width_px) & (uv[..., 1] < camera.height_px)
    return np.asarray(found)


def hidden_at(shot: Shot, time_ns: int) -> NDArray[np.uint8]:
    """(H, W) 1 where a pixel's surface point is hidden, or outside the image, at another time; 0 where it is seen;
    255 where there is none. A ray is cast from the camera, as it is then, to the point, as it is then."""
    view = view_at(shot, time_ns)
    points = carried(shot, view).reshape(-1, 3)
    uv = imaged(view.camera, points)
    out = np.where(shot.hit, HIDDEN, NOTHING).astype(np.uint8)
    asked = np.flatnonzero(inside(view.camera, uv) & shot.hit.ravel())
    out.ravel()[asked] = hidden(shot.at.engine, view, points[asked], uv[asked])
    return out


def hidden(engine: RayEngine, view: CameraView, points: F64, uv: F64) -> NDArray[np.bool_]:
    """(N,) whether anything stands before points (N, 3) in the camera axes of a view, whose images are ``uv``."""
    length = np.sqrt(points[:, 0] ** 2 + points[:, 1] ** 2 + points[:, 2] ** 2)
    reach = points * np.maximum(1.0 - NEAR_SHARE - NEAR_M / np.maximum(length, 1e-9), 0.0)[:, None]
    found = engine.still.scene.any_hits(*_from_camera(view, 0, reach))
    open_points = np.flatnonzero(~found)
    tiles = _Tiles(view, uv[open_points])
    windows = view.windows(*engine.boxes)
    for part in engine.moving:
        if part.part_id in windows:
            rays = open_points[tiles.near(windows[part.part_id])]
            rays = rays[~found[rays]]
            found[rays] = engine.scene(part.mesh).any_hits(*_from_camera(view, part.part_id, reach[rays]))
    return found


def _from_camera(view: CameraView, part_id: int, reach: F64) -> tuple[F64, F64]:
    """Rays from the camera, of directions (N, 3) in its axes, in the frame of a part (0: the world's)."""
    back = view.turns[part_id].T
    origin = turned(-view.offsets[part_id], back, np.zeros(3))
    return np.broadcast_to(origin, reach.shape), turned(reach, back, np.zeros(3))


class _Tiles:
    """Image positions (N, 2) sorted by square tiles, so that those near a window are found without asking all."""

    def __init__(self, view: CameraView, uv: F64) -> None:
        k = view.camera
        self._size = max(16, -(-max(k.width_px, k.height_px) // 255))  # so that 16 bits number the tiles
        self._across, self._down = k.width_px // self._size + 1, k.height_px // self._size + 1
        column, row = (uv // self._size).astype(np.uint16).T
        tile = row * np.uint16(self._across) + column
        self._order = np.argsort(tile, kind="stable")
        self._start = np.searchsorted(tile[self._order], np.arange(self._across * self._down + 1))
        self._uv = uv

    def near(self, reach: Reach) -> NDArray[np.intp]:
        """Those that lie within half a pixel of the pixels of a window."""
        rows, columns = reach.window
        first = max(columns.start - 1, 0) // self._size
        last = min(columns.stop // self._size, self._across - 1)
        found = [
            self._order[self._start[r * self._across + first] : self._start[r * self._across + last + 1]]
            for r in range(
                max(rows.start - 1, 0) // self._size, min(rows.stop // self._size, self._down - 1) + 1
            )
        ]
        near = np.concatenate(found)
        u, v = self._uv[near].T
        within = (u >= columns.start - 0.5) & (u <= columns.stop + 0.5)
        within &= (v >= rows.start - 0.5) & (v <= rows.stop + 0.5)
        return np.asarray(near[within])
