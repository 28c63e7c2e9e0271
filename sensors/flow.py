"""Forward optical flow from the motion of parts and camera."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, Intrinsics
from pairforge.scenes.world import World
from pairforge.sensors.camera_view import CameraView

_AHEAD_M = 1e-6
"""Points that end nearer than this to the camera's plane have no flow."""


def forward_flow(
    world: World,
    depth: NDArray[np.float32],
    part: NDArray[np.uint16],
    now: CameraView,
    later: CameraView,
) -> NDArray[np.float32]:
    """(H, W, 2) float32 pixels by which each pixel's surface point moves from ``now`` to ``later``.

    The point stays on its part, so the flow is exact for rigid parts; it may end hidden or outside the image. nan
    where nothing is hit or the point ends where the camera's model does not reach (behind a pinhole). Under a rolling
    shutter it leads from where the point is at its row's time to where it shows in the later frame, at the time of
    the row in which it shows there.
    """
    if not (now.straight and later.straight):
        return _bent_flow(world, depth, part, now, later)
    k = now.camera
    u, v = np.arange(k.width_px) + 0.5, (np.arange(k.height_px) + 0.5)[:, None]
    x, y = (u - k.cx) / k.fx, (v - k.cy) / k.fy
    turns, offsets = _later_from_now(now, later)
    flow = np.empty((*part.shape, 2), dtype=np.float32)
    moving = _moving_pixels(world, part)
    with np.errstate(invalid="ignore"):  # infinite depth ends as nan, which says "nothing hit"
        ended = _ends(x, y, depth.astype(np.float64), turns[0], offsets[0])
        flow[..., 0], flow[..., 1] = _shift(k, ended, u, v)
        if len(moving):
            rows, columns = np.divmod(moving, k.width_px)
            ids = part.ravel()[moving]
            z = depth.ravel()[moving].astype(np.float64)
            ended = _ends(x[columns], y[rows, 0], z, np.moveaxis(turns[ids], 0, 2), offsets[ids].T)
            shift = _shift(k, ended, u[columns], v[rows, 0])
            flow.reshape(-1, 2)[moving] = np.stack(shift, axis=1)
    flow[part == 0] = np.nan
    return flow


def _bent_flow(
    world: World, depth: NDArray[np.float32], part: NDArray[np.uint16], now: CameraView, later: CameraView
) -> NDArray[np.float32]:
    """``forward_flow`` of any camera and shutter: each point by way of its part's own frame."""
    k, moving = now.camera, np.zeros(part.size, dtype=np.bool_)
    moving[_moving_pixels(world, part)] = True
    flow = np.full((part.size, 2), np.nan, dtype=np.float32)
    carrier = np.where(moving, part.ravel(), 0)  # 0: what never moves, in the world's own frame
    for part_id in np.unique(carrier):
        pixels = np.flatnonzero((carrier == part_id) & (part.ravel() > 0))
        rows, columns = np.divmod(pixels, k.width_px)
        rays = now.rays_through(int(part_id), rows, columns)
        points = rays[:, :3] + depth.ravel()[pixels, None].astype(np.float64) * rays[:, 3:]
        ends, _ = later.image(int(part_id), points)
        flow[pixels] = k.shift(np.stack([columns, rows], axis=1) + 0.5, ends)
    return flow.reshape(*part.shape, 2)


def _later_from_now(now: CameraView, later: CameraView) -> tuple[F64, F64]:
    """Of every part, row 0 the world: from the camera's frame now to the camera's frame later by way of the part's
    own frame; rotations (P + 1, 3, 3), offsets (P + 1, 3)."""
    turns = np.einsum("pij,pkj->pik", later.turns, now.turns)
    return turns, later.offsets - np.einsum("pij,pj->pi", turns, now.offsets)


def _moving_pixels(world: World, part: NDArray[np.uint16]) -> NDArray[np.intp]:
    """Flat indices of the pixels that show a moving part."""
    moves = np.array([False, *(p.moves for p in world.parts)])
    return np.flatnonzero(moves[part.ravel()])


def _ends(x: F64, y: F64, depth: F64, turn: F64, offset: F64) -> tuple[F64, F64, F64]:
    """Where points ``depth (x, y, 1)`` come to; ``turn`` (3, 3, ...) and ``offset`` (3, ...)."""
    p, q, r = (depth * (turn[i, 0] * x + (turn[i, 1] * y + turn[i, 2])) + offset[i] for i in range(3))
    return p, q, r


def _shift(k: Intrinsics, ended: tuple[F64, F64, F64], u: F64, v: F64) -> tuple[F64, F64]:
    x, y, z = ended
    per_depth = 1.0 / np.where(z > _AHEAD_M, z, np.nan)
    return k.fx * x * per_depth + (k.cx - u), k.fy * y * per_depth + (k.cy - v)
