"""Rays through the centres of all pixels of one camera at one instant, on the exact geometry.

As ``RayEngine.cast``, but rays of a pinhole are a sum of two vectors, a part can only show inside the rectangle its
box projects to, and what a moving part would show alone is known once its rectangle is cast.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import Intrinsics, Pose
from pairforge.sensors.camera_view import F32, CameraView
from pairforge.sensors.cones import Reach
from pairforge.sensors.ray_engine import RayEngine

U16 = NDArray[np.uint16]
I32 = NDArray[np.int32]

_ROWS = 96
"""Pixel rows cast at once: small enough for the rays and the answers to stay in cache."""


@dataclass(frozen=True, eq=False)
class PixelHits:
    """First surfaces through all H * W pixel centres, row by row.

    distance (N,) float32 depth in metres (``Intrinsics.depth_of``), inf for none. part (N,) uint16, 0 for none.
    triangle (N,) int32 within the part's mesh, -1 for none. normal (N, 3) float32 unit geometric normal in camera
    axes (at the pixel row's own time), facing the camera, 0 for none. ``reach``: where parts may show; those that
    cannot are missing. ``alone``: moving part id -> (h, w) which pixels of its window it would fill, were it alone;
    those that stand behind all else are missing.
    """

    distance: F32
    part: U16
    triangle: I32
    normal: F32
    view: CameraView
    reach: Mapping[int, Reach]
    alone: Mapping[int, NDArray[np.bool_]]


def cast_pixels(
    engine: RayEngine, camera: Intrinsics, world_from_camera: Pose, poses: Mapping[int, Pose]
) -> PixelHits:
    """First hits through all pixel centres, moving parts at ``poses[part_id]`` (at rest when absent)."""
    return cast_view(engine, CameraView(engine.world, camera, world_from_camera, poses))


def cast_view(engine: RayEngine, view: CameraView) -> PixelHits:
    """First hits through all pixel centres of a view."""
    camera = view.camera
    shape = (camera.height_px, camera.width_px)
    depth, part = np.empty(shape, dtype=np.float32), np.empty(shape, dtype=np.uint16)
    triangle, normal = np.empty(shape, dtype=np.int32), np.empty((*shape, 3), dtype=np.float32)
    for top in range(0, shape[0], _ROWS):
        rows = slice(top, min(top + _ROWS, shape[0]))
        t, row, n, _ = engine.still.scene.cast(view.rays(0, (rows, slice(0, shape[1]))))
        depth[rows] = t.reshape(-1, shape[1])
        part[rows] = engine.still.part[row].reshape(-1, shape[1])
        triangle[rows] = engine.still.triangle[row].reshape(-1, shape[1])
        normal[rows] = view.turned(0, n, np.repeat(np.arange(*rows.indices(shape[0])), shape[1])).reshape(
            -1, shape[1], 3
        )
    reach = view.windows(*engine.boxes)
    alone = _cast_moving(engine, view, reach, depth, part, triangle, normal)
    _face_camera(normal, camera)
    return PixelHits(depth.ravel(), part.ravel(), triangle.ravel(), normal.reshape(-1, 3), view, reach, alone)


def _cast_moving(
    engine: RayEngine,
    view: CameraView,
    reach: Mapping[int, Reach],
    depth: F32,
    part: U16,
    triangle: I32,
    normal: F32,
) -> dict[int, NDArray[np.bool_]]:
    """Puts the moving parts into the picture, in order of their ids: among equals the lowest wins."""
    alone = {}
    for piece in engine.moving:
        k = piece.part_id
        if k not in reach:
            continue
        window = reach[k].window
        before = depth[window]
        if reach[k].nearest_m > before.max():
            continue
        t, row, n, _ = engine.scene(piece.mesh).cast(view.rays(k, window))
        t, row = t.reshape(before.shape), row.reshape(before.shape)
        alone[k] = np.isfinite(t)
        won = t < before
        before[won] = t[won]
        part[window][won] = k
        triangle[window][won] = row[won]
        normal[window][won] = view.turned(k, n[won.ravel()], np.nonzero(won)[0] + window[0].start)
    return alone


def _face_camera(normal: F32, camera: Intrinsics) -> None:
    """Turns normals (H, W, 3) in camera axes, in place, to face the camera."""
    if not camera.is_pinhole:
        away = np.einsum("hwk,hwk->hw", normal, camera.rays()) > 0
        normal *= np.where(away, np.float32(-1), np.float32(1))[..., None]
        return
    u = ((np.arange(camera.width_px) + 0.5 - camera.cx) / camera.fx).astype(np.float32)
    v = ((np.arange(camera.height_px) + 0.5 - camera.cy) / camera.fy).astype(np.float32)
    away = normal[..., 0] * u + normal[..., 1] * v[:, None] + normal[..., 2] > 0
    normal *= np.where(away, np.float32(-1), np.float32(1))[..., None]
