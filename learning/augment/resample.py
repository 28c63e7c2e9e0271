"""A picture seen through other pixels of the same camera's place: scaled, or rolled about the optical axis.

Ids are those of the old pixel that a new pixel's ray falls into. Depth is where that ray meets the plane of the
surface that the old pixel shows, so it stays exact on everything flat; flow follows from depth and tracks.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pairforge.frames import F64, I64, Intrinsics
from pairforge.learning.augment.boxes import Bounds, Reboxing
from pairforge.learning.augment.clip import AugmentError
from pairforge.learning.augment.labels import MASKS, carried
from pairforge.sample import CameraFrame, SceneRecord

_FACING = 1e-3
"""Cosine below which a surface is seen too nearly edge on for its plane to be followed."""
_FURTHER = 3.0
"""A ray that would meet a plane so many times further away than its pixel's own has passed over its end."""
_NEXT = ((0, 0), (1, 0), (0, 1), (1, 1), (-1, 0), (0, -1), (1, -1), (-1, 1), (-1, -1))
"""A pixel and those around it, those on the side of the ray first."""
_MARGIN_M = 0.03
"""What may reach out of boxes."""
_KEPT = ("albedo", "panoptic")
"""Not material: half a pixel away another triangle may lie, and that label is held to its triangle."""


def resampled(
    record: SceneRecord,
    c: CameraFrame,
    k: Intrinsics,
    old_from_new: F64,
    picture: Image.Image,
    full: tuple[float, float] | None,
) -> CameraFrame:
    """``c`` through intrinsics ``k`` of its own model, its axes turned by ``old_from_new`` (3, 3).

    ``record`` is that of the new camera; ``picture`` the new pixels; ``full``: what the axes of a box are scaled by,
    None where boxes turn.
    """
    rays = k.depth_rays()
    rows, columns, depth = _met(record, c, rays, np.asarray(rays @ old_from_new.T))

    def taken(array: NDArray[Any]) -> NDArray[Any]:
        return array[rows, columns]

    new = replace(
        c,
        intrinsics=k,
        rgb=np.asarray(picture, dtype=np.uint8),
        depth=depth,
        normal=(taken(c.normal).astype(np.float64) @ old_from_new).astype(np.float16),
        part=taken(c.part),
        instance=taken(c.instance),
        semantic=taken(c.semantic),
        extra=carried(c, taken, _KEPT, taken if set(MASKS) <= c.extra.keys() else None),
    )
    new = replace(new, flow=flow_of(record, new))
    if not c.boxes:
        return new

    def scaled(box: Bounds) -> Bounds:
        x, y = full or (1.0, 1.0)
        return box[0] * x, box[1] * y, box[2] * x, box[3] * y

    boxing = Reboxing(record, c, new, scaled if full is not None else None, exact=False)
    return replace(new, boxes=boxing.boxes())


def _met(record: SceneRecord, c: CameraFrame, rays: F64, seen: F64) -> tuple[I64, I64, NDArray[np.float32]]:
    """Row and column (h, w) of the old pixel whose surface each new ray meets, and the depth along it. The rays
    (h, w, 3) are given in the axes of ``c``'s pose, which is the new one, and as ``seen`` in those of its pixels.

    That is the pixel into which the ray falls; but a ray that would leave the box of the thing which that pixel shows
    passes it by, and meets what the next pixel on its side shows.
    """
    height, width = c.part.shape
    uv = c.intrinsics.project(np.where(np.isfinite(seen), seen, [0.0, 0.0, 1.0]))
    u, v = (np.clip(np.nan_to_num(uv[..., i]), 0.0, n - 1e-6) for i, n in ((0, width), (1, height)))
    columns, rows = np.floor(u).astype(np.int64), np.floor(v).astype(np.int64)
    toward_x, toward_y = np.where(u - columns < 0.5, -1, 1), np.where(v - rows < 0.5, -1, 1)
    nearest, tight = (rows.copy(), columns.copy()), _around(c)
    depth, lost = _depth(c, seen, rows, columns, tight), np.ones(rows.shape, np.bool_)
    # First planes are followed half a pixel past what shows of them, as at the picture's edge they must be; what then
    # meets nothing within its box is held to what shows.
    for bounds in (_beyond(c, tight), tight):
        for x, y in _NEXT:
            at = np.nonzero(lost)
            r = np.clip(nearest[0][at] + y * toward_y[at], 0, height - 1)
            q = np.clip(nearest[1][at] + x * toward_x[at], 0, width - 1)
            other = _depth(c, seen[at], r, q, bounds)
            fits = ~_outside(record, c, rays[at], r, q, other)
            own = tuple(i[fits] for i in at)
            rows[own], columns[own], depth[own] = r[fits], q[fits], other[fits]
            lost[own] = False
    return rows, columns, depth


def _outside(
    record: SceneRecord, c: CameraFrame, rays: F64, rows: I64, columns: I64, depth: NDArray[np.float32]
) -> NDArray[np.bool_]:
    """(…) whether the points at these depths lie outside the boxes of the instances that those pixels show."""
    ids = c.instance[rows, columns]
    out = np.zeros(ids.shape, np.bool_)
    for instance_id in np.unique(ids[ids > 0]):
        own, row = ids == instance_id, record.instance(int(instance_id))
        pose = record.world_from_body(int(instance_id), c.time_ns).inverse @ c.world_from_camera
        local = pose.points(rays[own] * depth[own, None].astype(np.float64)) - row.centre_m
        reach = np.asarray(row.size_m) / 2 + _MARGIN_M
        out[own] = (np.abs(local) > reach).any(axis=-1)
    return out


def _depth(
    c: CameraFrame, seen: F64, rows: I64, columns: I64, bounds: tuple[F64, F64]
) -> NDArray[np.float32]:
    """(…) depths along the new rays ``seen`` (…, 3), given in the old axes, a depth of one long: on the planes that
    the old pixels show; on things, within ``bounds`` (H, W)."""
    depth = c.depth[rows, columns].astype(np.float64)
    hit = np.isfinite(depth)
    own = c.intrinsics.depth_rays()[rows, columns] * np.where(hit, depth, 1.0)[..., None]
    normal = c.normal[rows, columns].astype(np.float64)
    facing = np.einsum("...k,...k->...", normal, seen)
    length, away = np.linalg.norm(seen, axis=-1), np.linalg.norm(own, axis=-1)
    edge_on = np.abs(facing) < _FACING * length
    plane = np.einsum("...k,...k->...", normal, own) / np.where(edge_on, 1.0, facing)
    wild = edge_on | (plane <= 0.0) | (plane * length > _FURTHER * away)
    nearest, farthest = (bound[rows, columns] for bound in bounds)
    thing = c.instance[rows, columns] > 0
    out = np.where(wild, away / length, plane)
    out = np.where(thing, np.clip(out, nearest, farthest), out)
    return np.where(hit, out, np.inf).astype(np.float32)


def _around(c: CameraFrame) -> tuple[F64, F64]:
    """(H, W) the least and the greatest depth of a pixel's part in the 3 x 3 pixels around it: a new ray
    beside an edge
    may not follow the plane past it."""
    low, high = (np.full(c.depth.shape, v) for v in (np.inf, -np.inf))
    height, width = c.depth.shape
    part, depth = np.pad(c.part, 1), np.pad(c.depth.astype(np.float64), 1)
    for y in range(3):
        for x in range(3):
            same = part[y : y + height, x : x + width] == c.part
            near = depth[y : y + height, x : x + width]
            low = np.where(same & (near < low), near, low)
            high = np.where(same & (near > high), near, high)
    return low, high


def _beyond(c: CameraFrame, around: tuple[F64, F64]) -> tuple[F64, F64]:
    """``around``, as far to the other side of each pixel's own depth too."""
    low, high = around
    with np.errstate(invalid="ignore"):
        return np.fmin(low, 2.0 * c.depth - high), np.fmax(high, 2.0 * c.depth - low)


def flow_of(record: SceneRecord, c: CameraFrame) -> NDArray[np.float32]:
    """Where each pixel's surface point goes, by its part, until ``time_ns + flow_dt_ns``; nan for none."""
    flow = np.full((*c.part.shape, 2), np.nan, dtype=np.float32)
    rows, columns = np.nonzero((c.part > 0) & np.isfinite(c.depth))
    points = c.intrinsics.depth_rays()[rows, columns] * c.depth[rows, columns, None].astype(np.float64)
    parts, later = c.part[rows, columns], c.time_ns + c.flow_dt_ns
    back = c.world_from_camera_next.inverse
    ended = (back @ c.world_from_camera).points(points)
    for part_id in np.unique(parts):
        if int(part_id) in record.part_tracks:
            try:
                step = record.world_from_part(int(part_id), later)
            except ValueError as error:
                raise AugmentError(f"flow at {c.time_ns} ns cannot be known: {error}") from None
            own = parts == part_id
            now = record.world_from_part(int(part_id), c.time_ns)
            ended[own] = (back @ step @ now.inverse @ c.world_from_camera).points(points[own])
    ahead = ended[:, 2] > 1e-6 if c.intrinsics.z_depth else np.ones(len(ended), np.bool_)
    ends = np.full((len(ended), 2), np.nan)
    ends[ahead] = c.intrinsics.project(ended[ahead])
    flow[rows, columns] = c.intrinsics.shift(np.stack([columns, rows], axis=1) + 0.5, ends)
    return flow
