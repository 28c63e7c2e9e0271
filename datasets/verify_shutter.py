"""Do the rows of a rolling shutter show moving things where their tracks have them at each row's own time?

The surface points of moving parts, carried by their tracks from when their rows were exposed into the parts' own
frames, must lie on the triangles that the stored concrete scene builds. Carried from the frame's time stamp instead,
they must not where rows are late and things are fast: that is measured as well, to show that the proof can fail.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pairforge.datasets.finding import Problem
from pairforge.datasets.verify_view import CameraView, FrameView
from pairforge.frames import F64
from pairforge.open3d import o3d
from pairforge.scenes.world import Mesh

SURFACE_M, SURFACE_SHARE = 2e-3, 2e-5
"""Points lie so near to their part's triangles: metres, and share of the distance to the camera."""
SAMPLE = 400
"""Pixels of moving parts a picture that are looked up, evenly spread."""


def rolling_rows(view: FrameView) -> Iterator[Problem]:
    """Moving parts show where they are at each row's time."""
    for cam in view.cameras:
        if cam.rows is None or not view.record.part_tracks:
            continue
        pixels = _moving(view, cam)
        if not len(pixels):
            continue
        off, unrolled = _off_m(view, cam, pixels)
        view.measured.add("rolling_row_error_m", off)
        view.measured.add("rolling_row_error_if_all_at_once_m", unrolled)
        far = np.linalg.norm(cam.points_camera.reshape(-1, 3)[pixels], axis=1)
        wrong = ~(off <= SURFACE_M + SURFACE_SHARE * far)
        if wrong.any():
            row, column = divmod(int(pixels[wrong][0]), cam.hit.shape[1])
            yield Problem(
                cam.member("depth.npy"),
                f"{int(wrong.sum())} of {len(pixels)} pixels of moving parts lie up to {off[wrong].max():.3g} m off "
                f"their shapes at their rows' times, the first at row {row}, column {column}",
            )


def _moving(view: FrameView, cam: CameraView) -> NDArray[np.int64]:
    moves = np.zeros(1 << 16, dtype=bool)
    moves[list(view.record.part_tracks)] = True
    pixels = np.flatnonzero(cam.hit.ravel() & moves[cam.camera.part.ravel()])
    if len(pixels) > SAMPLE:
        pixels = pixels[np.linspace(0, len(pixels) - 1, SAMPLE).astype(int)]
    return pixels.astype(np.int64)


def _off_m(view: FrameView, cam: CameraView, pixels: NDArray[np.int64]) -> tuple[F64, F64]:
    """(N,) metres between pixels' points and their parts' triangles: at their rows' times, and as if all rows had
    been exposed at the frame's time stamp."""
    assert cam.rows is not None
    parts, points = cam.camera.part.ravel()[pixels], cam.points_camera.reshape(-1, 3)[pixels]
    off, unrolled = np.empty(len(pixels)), np.empty(len(pixels))
    for part_id in np.unique(parts):
        own = np.flatnonzero(parts == part_id)
        mesh = view.scene.world.part(int(part_id)).mesh
        local = cam.rows.local(int(part_id), pixels[own] // cam.hit.shape[1], points[own])
        off[own] = _to_triangles(mesh, local)
        now = cam.camera.world_from_camera.inverse @ view.world_from_part(int(part_id), cam.camera.time_ns)
        unrolled[own] = _to_triangles(mesh, now.inverse.points(points[own]))
    return off, unrolled


def _to_triangles(mesh: Mesh, points: F64) -> F64:
    scene = o3d.t.geometry.RaycastingScene(nthreads=1)
    scene.add_triangles(
        o3d.core.Tensor.from_numpy(np.ascontiguousarray(mesh.vertices, dtype=np.float32)),
        o3d.core.Tensor.from_numpy(np.ascontiguousarray(mesh.faces, dtype=np.uint32)),
    )
    found = scene.compute_distance(o3d.core.Tensor.from_numpy(points.astype(np.float32)))
    return np.asarray(found.numpy(), dtype=np.float64)


CHECKS = (rolling_rows,)
