"""Points that keep to their surfaces over a whole clip, with whether each is seen."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pairforge.arrays import ArraySpec
from pairforge.frames import F64, Intrinsics
from pairforge.scenes.concrete import frame_times_ns, intrinsics_of
from pairforge.sensors.camera_labels.protocol import Arrays, CameraLabel

if TYPE_CHECKING:
    from pairforge.sensors.camera_labels.motion import Sight
    from pairforge.sensors.camera_labels.shot import Shot
    from pairforge.sensors.protocol import Sensing

ACROSS = 16
"""Cells across the image; they are square, so a 16:9 image has 144 of them."""

_ARRAYS = (
    ArraySpec(
        "track_ids",
        "npy",
        "int32",
        ("T",),
        "id",
        "",
        "names a point over the clip: keyframe it was chosen at * cells + cell",
        optional=True,
    ),
    ArraySpec("track_part", "npy", "uint16", ("T",), "id", "", "part that carries the point", optional=True),
    ArraySpec(
        "track_uv",
        "npy",
        "float32",
        ("T", 2),
        "px",
        "image",
        "where it is; nan: it has no image",
        optional=True,
    ),
    ArraySpec(
        "track_visible", "npy", "uint8", ("T",), "1", "image", "1: seen; 0: hidden or outside", optional=True
    ),
    ArraySpec("track_xyz", "npy", "float64", ("T", 3), "m", "world", "where it is", optional=True),
)


@dataclass(frozen=True, eq=False)
class Points:
    """Points fixed in parts: ids (T,), parts (T,), and (T, 3) in the parts' frames."""

    ids: NDArray[np.int64]
    part: NDArray[np.int64]
    local: F64


def make(shot: Shot) -> Arrays:
    """All points chosen at this keyframe or before it, in order of their ids, seen or not.

    At the first keyframe one point is chosen in each square cell of the image, on the surface seen through a pixel
    drawn in it; at each later one likewise in those cells in which no point is seen any more. A point is seen when no
    more than a hair stands before it (``motion.near_m``).
    """
    chosen = _chosen_until(shot.at)
    seen, clear = _seen(shot.at, chosen, shot.frame.time_ns)
    return {
        "track_ids": chosen.ids.astype(np.int32),
        "track_part": chosen.part.astype(np.uint16),
        "track_uv": seen.uv.astype(np.float32),
        "track_visible": clear.astype(np.uint8),
        "track_xyz": seen.world,
    }


def _chosen_until(at: Sensing) -> Points:
    none = np.zeros(0, np.int64)
    points = Points(none, none, np.zeros((0, 3)))
    for k in range(len(at.concrete.keyframe_times_ns)):
        time_ns = frame_times_ns(at.concrete, at.sensor, k)[-1]
        if time_ns > at.time_ns:
            break
        points = _topped_up(at, points, k, time_ns)
    return points


def _topped_up(at: Sensing, points: Points, k: int, time_ns: int) -> Points:
    """With what keyframe ``k`` adds."""
    from pairforge.sensors.camera_labels.motion import through  # as in flows

    camera = intrinsics_of(at.sensor)
    rows, columns = _drawn(camera, (at.scene_stream / "tracks" / k).rng())
    seen, clear = _seen(at, points, time_ns)
    empty = np.ones(len(rows), dtype=np.bool_)
    empty[_cells(camera, seen.uv[clear])] = False
    wanted = np.flatnonzero(empty)
    part, local = through(at, rows[wanted], columns[wanted], time_ns)
    hit = part > 0
    return Points(
        np.concatenate([points.ids, k * len(rows) + wanted[hit]]),
        np.concatenate([points.part, part[hit]]),
        np.concatenate([points.local, local[hit]]),
    )


def _seen(at: Sensing, points: Points, time_ns: int) -> tuple[Sight, NDArray[np.bool_]]:
    """Where points are in a frame, and (T,) whether they are seen there."""
    from pairforge.sensors.camera_labels.motion import inside, near_m, sight

    seen = sight(at, points.part, points.local, time_ns)
    return seen, inside(intrinsics_of(at.sensor), seen.uv) & (seen.gap_m <= near_m(seen.xyz))


def _down(camera: Intrinsics) -> int:
    """Rows of cells."""
    return max(round(camera.height_px * ACROSS / camera.width_px), 1)


def _cells(camera: Intrinsics, uv: F64) -> NDArray[np.int64]:
    """(N,) cells of image positions (N, 2), which are inside the image."""
    cell = (uv * [ACROSS / camera.width_px, _down(camera) / camera.height_px]).astype(np.int64)
    return np.asarray(cell[:, 1] * ACROSS + cell[:, 0])


def _drawn(camera: Intrinsics, rng: np.random.Generator) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Row and column of a pixel in each cell, row by row."""
    down = _down(camera)
    share = rng.random((2, down, ACROSS))
    rows = (np.arange(down)[:, None] + share[0]) * camera.height_px / down
    columns = (np.arange(ACROSS) + share[1]) * camera.width_px / ACROSS
    return (
        np.minimum(rows.astype(np.int64).ravel(), camera.height_px - 1),
        np.minimum(columns.astype(np.int64).ravel(), camera.width_px - 1),
    )


TRACKS = CameraLabel("tracks", "points that keep to their surfaces over a clip, seen or not", _ARRAYS, make)
