"""Which pixels may show a box, for cameras of any model: cones around boxes against cones around tiles of pixels."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, Intrinsics

Window = tuple[slice, slice]
"""Rows and columns of a rectangle of pixels."""

TILE_PX = 16
_TOGETHER = 1 << 21
"""Pairs of a part and a tile that are compared at once: ten thousand parts in a large picture are 300 million."""
_HAIR = 1e-6
"""Radians by which cones are too wide."""
_WIDE = np.radians(89.0)
"""A box in a cone through its corners need not lie in it when the cone is wider: no more than a half-space."""


@dataclass(frozen=True)
class Reach:
    """Where a part may show: the pixels, and the least and greatest depth in metres at which it may."""

    window: Window
    nearest_m: float
    farthest_m: float


@dataclass(frozen=True, eq=False)
class Cones:
    """Around boxes (P,) from a camera: unit axes (P, 3), half angles (P,) in radians, least and most depth (P,)."""

    axes: F64
    angles: F64
    nearest: F64
    farthest: F64


@dataclass(frozen=True, eq=False)
class Tiles:
    """Around the rays of TILE_PX x TILE_PX pixels: unit axes (R, C, 3), half angles (R, C), -inf where none see."""

    axes: F64
    angles: F64


@lru_cache(maxsize=8)
def pixel_tiles(camera: Intrinsics) -> Tiles:
    """The tiles of all of a camera's pixels."""
    rays = camera.rays()
    rays = rays / np.linalg.norm(rays, axis=-1, keepdims=True)
    pad = [(0, -n % TILE_PX) for n in rays.shape[:2]]
    rays = np.pad(rays, [*pad, (0, 0)], constant_values=np.nan)
    rows, columns = (n // TILE_PX for n in rays.shape[:2])
    tiles = (
        rays.reshape(rows, TILE_PX, columns, TILE_PX, 3)
        .transpose(0, 2, 1, 3, 4)
        .reshape(rows, columns, -1, 3)
    )
    seen = np.isfinite(tiles[..., 0])
    axes = np.where(seen[..., None], tiles, 0.0).sum(axis=2)
    length = np.linalg.norm(axes, axis=-1, keepdims=True)
    axes = np.where(length > 1e-3, axes / np.maximum(length, 1e-3), [0.0, 0.0, 1.0])
    cosine = np.where(seen, np.einsum("rcnk,rck->rcn", tiles, axes), 1.0).min(axis=2)
    angles = np.where(length[..., 0] > 1e-3, np.arccos(cosine.clip(-1.0, 1.0)) + _HAIR, np.pi)
    return Tiles(axes, np.where(seen.any(axis=2), angles, -np.inf))


def box_cones(camera: Intrinsics, corners: F64) -> Cones:
    """Of boxes with these corners (P, 8, 3) in the camera's frame: the narrower of the cones around the corners and
    around the sphere about them."""
    centre = corners.mean(axis=1)
    radius = np.linalg.norm(corners - centre[:, None], axis=2).max(axis=1, initial=0.0)
    away = np.linalg.norm(centre, axis=1)
    axes = centre / np.maximum(away, 1e-12)[:, None]
    length = np.linalg.norm(corners, axis=2)
    cosine = np.einsum("pkj,pj->pk", corners, axes) / np.maximum(length, 1e-12)
    corner = np.arccos(cosine.min(axis=1, initial=1.0).clip(-1.0, 1.0))
    outside = away > radius
    sphere = np.where(outside, np.arcsin(np.minimum(radius / np.maximum(away, 1e-12), 1.0)), np.pi)
    angles = np.minimum(sphere, np.where(corner < _WIDE, corner, np.pi)) + _HAIR
    depth = camera.depth_of(corners)
    # A box may come nearer than its corners, in range; in z only its corners are extreme.
    near = depth.min(axis=1, initial=np.inf) if camera.z_depth else away - radius
    return Cones(axes, angles, np.maximum(near, 0.0), depth.max(axis=1, initial=-np.inf))


def joined(first: Cones, last: Cones, moved_m: F64) -> Cones:
    """Around boxes on their short way from one place to another, their corners moving by up to ``moved_m`` (P,)."""
    apart = np.arccos(np.einsum("pj,pj->p", first.axes, last.axes).clip(-1.0, 1.0))
    angles = np.maximum(first.angles, last.angles) + apart
    nearest = np.maximum(np.minimum(first.nearest, last.nearest) - moved_m, 0.0)
    return Cones(
        first.axes,
        np.where(angles < _WIDE, angles, np.pi),
        nearest,
        np.maximum(first.farthest, last.farthest) + moved_m,
    )


def reaches(
    camera: Intrinsics, part_ids: NDArray[np.int64], bands: Sequence[Cones], tiles: Tiles
) -> dict[int, Reach]:
    """Where each part (P,) may show; parts that cannot are missing. ``bands``: the cones for each row of tiles, or
    one for all."""
    axes = np.stack([b.axes for b in bands], axis=1)
    angles = np.stack([b.angles for b in bands], axis=1)
    nearest = np.min([b.nearest for b in bands], axis=0)
    farthest = np.max([b.farthest for b in bands], axis=0)
    found = {}
    together = max(1, _TOGETHER // tiles.angles.size)
    for first in range(0, len(axes), together):
        some = slice(first, first + together)
        in_rows, in_columns = _touched(axes[some], angles[some], tiles)
        for k in np.flatnonzero(in_rows.any(axis=1) & (farthest[some] > 0.0)):
            rows, columns = np.flatnonzero(in_rows[k]), np.flatnonzero(in_columns[k])
            window = (_pixels(rows, camera.height_px), _pixels(columns, camera.width_px))
            k += first
            found[int(part_ids[k])] = Reach(window, float(nearest[k]), float(farthest[k]))
    return found


def _touched(axes: F64, angles: F64, tiles: Tiles) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Which rows (P, R) and columns (P, C) of tiles cones meet: axes (P, B, 3), angles (P, B), B being 1 or R."""
    limit = tiles.angles[None] + angles[:, :, None]
    cosine = np.einsum("prk,rck->prc", np.broadcast_to(axes, (len(axes), len(tiles.axes), 3)), tiles.axes)
    touched = (cosine >= np.cos(np.clip(limit, 0.0, np.pi))) & np.isfinite(tiles.angles)
    return touched.any(axis=2), touched.any(axis=1)


def _pixels(tiles: NDArray[np.intp], most: int) -> slice:
    return slice(int(tiles[0]) * TILE_PX, min((int(tiles[-1]) + 1) * TILE_PX, most))
