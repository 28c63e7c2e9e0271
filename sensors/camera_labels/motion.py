"""Where the surface points of a shot's pixels are at another time, and whether the camera sees them there."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, I64, Intrinsics, rotation
from pairforge.scenes.world import World
from pairforge.sensors.camera_labels.shot import Shot
from pairforge.sensors.camera_view import CameraView
from pairforge.sensors.cones import Reach
from pairforge.sensors.mount import world_from_sensor_over
from pairforge.sensors.protocol import Sensing
from pairforge.sensors.ray_engine import RayEngine
from pairforge.sensors.rolling_view import RollingView, view_at
from pairforge.sensors.timeline import Timeline

HIDDEN, NOTHING = 1, 255
"""Values of masks that say what is hidden: 0 is seen, 255 has no surface."""

NEAR_M, NEAR_SHARE = 0.002, 5e-4
"""Something hides a point when it stands in front of it by more than 2 mm and 0.05 % of the distance."""

_AHEAD_M = 1e-6
"""Points nearer than this to a pinhole's plane have no image."""


def then(shot: Shot, time_ns: int) -> CameraView:
    """What the camera sees the world from in a frame of another time."""
    return view_at(shot.world, shot.at.timeline, shot.at.sensor, time_ns)


def landed(shot: Shot, view: CameraView) -> tuple[F64, F64]:
    """Where each pixel's surface point is in another frame: pixels (N, 2), and (N, 3) in the camera's axes when that
    row is exposed. nan, and anything, for what has no image there."""
    if shot.rolling is None and not isinstance(view, RollingView):
        points = _carried(shot, view).reshape(-1, 3)
        return _imaged(view.camera, points), points
    pixels = np.flatnonzero(shot.hit.ravel())
    carrier = np.where(_moves(shot), shot.hits.part, 0)[
        pixels
    ]  # 0: what never moves, in the world's own frame
    local = shot.local(pixels, carrier)
    uv, at = np.full((shot.hit.size, 2), np.nan), np.zeros((shot.hit.size, 3))
    for part_id in np.unique(carrier):
        own = np.flatnonzero(carrier == part_id)
        ends, points = view.image(int(part_id), local[own])
        if isinstance(view, RollingView):  # at the very time of the row whose rays are cast
            table, rows = view.rows_of(int(part_id)), _rows(view, ends)
            points = np.einsum("nij,nj->ni", table.turns[rows], local[own]) + table.offsets[rows]
        uv[pixels[own]], at[pixels[own]] = ends, points
    return uv, at


def _moves(shot: Shot) -> NDArray[np.bool_]:
    """(N,) whether a pixel shows a moving part."""
    return np.asarray(np.array([False, *(p.moves for p in shot.world.parts)])[shot.hits.part])


def _rows(view: CameraView, uv: F64) -> NDArray[np.int64]:
    """The rows of image positions (N, 2)."""
    rows = np.where(np.isfinite(uv[:, 1]), uv[:, 1], 0.0).astype(np.int64)
    return np.clip(rows, 0, view.camera.height_px - 1)


def _carried(shot: Shot, view: CameraView) -> F64:
    """(H, W, 3) each pixel's surface point, carried by its part to ``view``, in that view's camera axes; what has no
    surface is anywhere."""
    now = shot.hits.view
    turns = np.einsum("pij,pkj->pik", view.turns, now.turns)
    offsets = view.offsets - np.einsum("pij,pj->pi", turns, now.offsets)
    out = turned(shot.points, turns[0], offsets[0])
    moving = np.flatnonzero(_moves(shot))
    ids, own = shot.hits.part[moving], shot.points.reshape(-1, 3)[moving]
    out.reshape(-1, 3)[moving] = np.einsum("nij,nj->ni", turns[ids], own) + offsets[ids]
    return out


def turned(points: F64, turn: F64, offset: F64) -> F64:
    """Points (..., 3) through a rotation (3, 3) and a shift (3,); no BLAS: the same for any number of threads."""
    x, y, z = points[..., 0], points[..., 1], points[..., 2]
    out = np.empty_like(points)
    for k in range(3):
        out[..., k] = x * turn[k, 0] + y * turn[k, 1] + z * turn[k, 2] + offset[k]
    return out


def _imaged(camera: Intrinsics, xyz: F64) -> F64:
    """(N, 2) pixels of points (N, 3) in camera axes; nan for those that have no image."""
    if not camera.is_pinhole:
        return camera.project(xyz)
    ahead = xyz[:, 2] > _AHEAD_M
    uv = camera.project(np.where(ahead[:, None], xyz, 1.0))
    return np.where(ahead[:, None], uv, np.nan)


def inside(camera: Intrinsics, uv: F64) -> NDArray[np.bool_]:
    """(...) whether image positions (..., 2) lie within the image."""
    with np.errstate(invalid="ignore"):
        found = (uv >= 0).all(axis=-1) & (uv[..., 0] < camera.width_px) & (uv[..., 1] < camera.height_px)
    return np.asarray(found)


def hidden_at(shot: Shot, time_ns: int) -> NDArray[np.uint8]:
    """(H, W) 1 where a pixel's surface point is hidden, or outside the image, at another time; 0 where it is seen;
    255 where there is none. A ray is cast from the camera, as it is then, to the point, as it is then."""
    view = then(shot, time_ns)
    uv, points = landed(shot, view)
    out = np.where(shot.hit, HIDDEN, NOTHING).astype(np.uint8)
    asked = np.flatnonzero(inside(view.camera, uv) & shot.hit.ravel())
    out.ravel()[asked] = hidden(shot.at.engine, view, points[asked], uv[asked])
    return out


def hidden(engine: RayEngine, view: CameraView, points: F64, uv: F64) -> NDArray[np.bool_]:
    """(N,) whether anything stands before points (N, 3) in the camera axes of a view, whose images are ``uv``."""
    length = np.maximum(np.sqrt(np.einsum("ni,ni->n", points, points)), 1e-9)
    reach = points * np.maximum(1.0 - near_m(points) / length, 0.0)[:, None]
    rows = _rows(view, uv)
    found = engine.still.scene.any_hits(*_from_camera(view, 0, reach, rows))
    open_points = np.flatnonzero(~found)
    tiles = _Tiles(view, uv[open_points])
    windows = view.windows(*engine.boxes)
    for part in engine.moving:
        if part.part_id in windows:
            rays = open_points[tiles.near(windows[part.part_id])]
            rays = rays[~found[rays]]
            o, d = _from_camera(view, part.part_id, reach[rays], rows[rays])
            found[rays] = engine.scene(part.mesh).any_hits(o, d)
    return found


def _from_camera(view: CameraView, part_id: int, reach: F64, rows: NDArray[np.int64]) -> tuple[F64, F64]:
    """Rays from the camera, of directions (N, 3) in its axes, in the frame of a part (0: the world's), each at the
    time of its row."""
    if isinstance(view, RollingView):
        table = view.rows_of(part_id)
        origins = -np.einsum("hij,hi->hj", table.turns, table.offsets)
        return origins[rows], np.einsum("nij,ni->nj", table.turns[rows], reach)
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


@dataclass(frozen=True, eq=False)
class Sight:
    """How a camera sees N given points in a frame.

    ``uv`` (N, 2) pixels, nan for none; ``xyz`` (N, 3) in the camera's axes and ``world`` (N, 3), at the time at
    which they are seen. ``gap_m`` (N,): how far before the point the ray to it first meets anything, below 0 where it
    meets nothing; ``instance`` (N,): which instance that is.
    """

    uv: F64
    xyz: F64
    world: F64
    gap_m: F64
    instance: NDArray[np.int64]


def sight(at: Sensing, parts: NDArray[Any], local: F64, time_ns: int) -> Sight:
    """How the camera sees points (N, 3) in the frames of ``parts`` (N,), in its frame of ``time_ns``."""
    world, timeline = at.engine.world, at.timeline
    view = view_at(world, timeline, at.sensor, time_ns)
    uv, xyz = np.full((len(local), 2), np.nan), np.zeros((len(local), 3))
    for part_id in np.unique(parts):
        own = np.flatnonzero(parts == part_id)
        uv[own], xyz[own] = view.image(int(part_id), local[own])
    if view.camera.is_pinhole:
        uv[xyz[:, 2] <= _AHEAD_M] = np.nan
    times = _times(view, uv, time_ns)
    eyes, heads = world_from_sensor_over(world, timeline, at.sensor, times)
    if isinstance(view, RollingView):  # exactly when it is seen, between the rows' own times
        for part_id in np.unique(parts):
            own = np.flatnonzero(parts == part_id)
            placed = _placed(world, timeline, int(part_id), local[own], times[own])
            xyz[own] = np.einsum("nij,ni->nj", heads[own], placed - eyes[own])
    directions = np.einsum("nij,nj->ni", heads, xyz)
    hits = at.engine.cast_over(eyes, directions, times, timeline)
    length = np.sqrt(np.einsum("ni,ni->n", xyz, xyz))
    with np.errstate(invalid="ignore"):
        gap = np.where(np.isfinite(hits.distance), (1.0 - hits.distance.astype(np.float64)) * length, -1.0)
    return Sight(uv, xyz, eyes + directions, gap, world.instance_of_part[hits.part].astype(np.int64))


def _times(view: CameraView, uv: F64, time_ns: int) -> I64:
    """(N,) when image positions (N, 2) are exposed."""
    if not isinstance(view, RollingView):
        return np.full(len(uv), time_ns)
    v, start = np.where(np.isfinite(uv[:, 1]), uv[:, 1], 0.0), int(view.times_ns[0])
    late = np.interp(v - 0.5, np.arange(len(view.times_ns)), (view.times_ns - start).astype(np.float64))
    return np.asarray(start + np.rint(late).astype(np.int64))


def _placed(world: World, timeline: Timeline, part_id: int, local: F64, times_ns: I64) -> F64:
    """Points (N, 3) of a part in the world, each at its own time."""
    track = timeline.parts.get(part_id)
    if track is None:
        return world.part(part_id).world_from_part.points(local)
    positions, quaternions = track.sample(times_ns)
    return np.asarray(rotation(quaternions).apply(local) + positions)


def through(
    at: Sensing, rows: NDArray[np.int64], columns: NDArray[np.int64], time_ns: int
) -> tuple[NDArray[np.int64], F64]:
    """What shows through pixels (N,) in the camera's frame of ``time_ns``: part ids (N,), 0 for none, and the surface
    points (N, 3) in those parts' frames."""
    world, timeline = at.engine.world, at.timeline
    view = view_at(world, timeline, at.sensor, time_ns)
    times = view.times_ns[rows] if isinstance(view, RollingView) else np.full(len(rows), time_ns)
    rays = view.rays_through(0, rows, columns)
    hits = at.engine.cast_over(rays[:, :3], rays[:, 3:], times, timeline)
    part = hits.part.astype(np.int64)
    distance = np.where(part > 0, hits.distance, 0.0).astype(np.float64)
    points = rays[:, :3] + distance[:, None] * rays[:, 3:]
    local = np.zeros_like(points)
    for part_id in np.unique(part[part > 0]):
        own = np.flatnonzero(part == part_id)
        track = timeline.parts.get(int(part_id))
        if track is None:
            local[own] = world.part(int(part_id)).world_from_part.inverse.points(points[own])
        else:
            positions, quaternions = track.sample(times[own])
            local[own] = rotation(quaternions).inv().apply(points[own] - positions)
    return part, local


def near_m(xyz: F64) -> F64:
    """(N,) how near before points (N, 3) in camera axes something may stand without hiding them."""
    return np.asarray(NEAR_M + NEAR_SHARE * np.sqrt(np.einsum("ni,ni->n", xyz, xyz)))
