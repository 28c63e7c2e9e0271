"""Do camera and LiDAR agree on what both see?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pairforge.datasets.finding import Problem
from pairforge.datasets.verify_view import CameraView, FrameView, SweepView
from pairforge.frames import F64, I64

Mask = NDArray[np.bool_]

SURFACE_TOLERANCE_M = 0.02
"""Between a point and the plane of a pixel that sees it."""
SAME_PLANE_SHARE = 0.004
"""Pixels show one plane when it passes so near to all of them, as a share of depth; at most the tolerance above."""
NEAR_PX = 1.5
"""Pixels whose centres lie this near to a point's image may see it."""
REFUTED_SHARE, REFUTED_LEAST = 0.005, 10
"""A sweep fails a picture when more than 10 points and 0.5 % of those compared are refuted."""
MIDST_SHARE, MIDST_LEAST = 0.8, 10
"""So many of the points amid pixels of their own part must agree: a part may hide a piece of itself."""
THICK_M = 0.5


@dataclass(frozen=True, eq=False)
class Sight:
    """What a camera says of the points in its image; all (M,).

    ``off_m``: distance to the nearest surface that a pixel of the point's part shows near it; ``agree``: it is within
    tolerance; ``midst``: all pixels around are of the point's part; ``refuted``: see ``compare``.
    """

    off_m: F64
    agree: Mask
    midst: Mask
    refuted: Mask


def lidar_on_depth(view: FrameView) -> Iterator[Problem]:
    """Points lie on what the camera sees, or where it cannot see, whatever moved in between."""
    for sweep in view.sweeps:
        for cam in view.cameras:
            sight = compare(view, sweep, cam)
            both = sight.agree | sight.refuted
            view.measured.add("lidar_to_depth_m", np.where(np.isfinite(sight.off_m), sight.off_m, 1e3)[both])
            count, wrong = int(both.sum()), int(sight.refuted.sum())
            if wrong > max(REFUTED_LEAST, REFUTED_SHARE * count):
                yield Problem(
                    cam.member("depth.npy"),
                    f"{wrong} of {count} {sweep.lidar.sensor} points that {cam.camera.sensor} should see lie "
                    "in front of or behind its surfaces",
                )
            own, agree = int(sight.midst.sum()), int((sight.midst & sight.agree).sum())
            if own >= MIDST_LEAST and agree < MIDST_SHARE * own:
                yield Problem(
                    cam.member("depth.npy"),
                    f"only {agree} of {own} {sweep.lidar.sensor} points amid their own part lie on the depth of "
                    f"{cam.camera.sensor}",
                )


def compare(view: FrameView, sweep: SweepView, cam: CameraView) -> Sight:
    """Each point against the planes that the pixels around it show.

    A point is refuted where the pixels around it show one plane, and it either lies in front of it by more than what
    could hide between pixels, or its ray came through that plane where the camera sees it whole. Any other point
    that does not agree is hidden from the camera, or lies on an edge: both see nothing in common.
    """
    k, camera_from_world = cam.camera.intrinsics, cam.camera.world_from_camera.inverse
    hits, origins = (camera_from_world.points(p) for p in sweep.carried(cam.camera.time_ns))
    hits[sweep.lidar.kind >= 2] = np.nan  # ghosts, stray light, and what stands behind glass
    inside, row, column, uv = _pixels(cam, hits, sweep.lidar.part, 2)
    point, origin, part = hits[inside], origins[inside], sweep.lidar.part[inside]
    off = _nearest(cam, point, part, row, column, uv)
    agree = off <= SURFACE_TOLERANCE_M
    normal, seen = cam.carried_normal[row, column], cam.carried_points[row, column]
    shown = cam.camera.part[row, column]
    height = _dot(normal, point - seen)
    solid = _solid(cam, row, column, seen, shown)
    own = shown == part
    hideable = SURFACE_TOLERANCE_M + NEAR_PX * k.depth_of(point) / k.fx
    front = solid & (height > hideable) & (own | _thick(view, sweep.lidar.instance[inside]))
    behind = (height < -SURFACE_TOLERANCE_M) & (own | (_still(view, shown) & _still(view, part)))
    through = behind & _came_through(cam, point, origin, normal, height, shown)
    midst = _midst(cam, row, column, part)
    return Sight(off, agree, midst, ~agree & (front | through))


def _pixels(
    cam: CameraView, points: F64, part: NDArray[np.uint16], margin: int
) -> tuple[Mask, I64, I64, F64]:
    """Which points (N, 3) of parts fall ``margin`` pixels inside the image; rows, columns (M,), places (M, 2)."""
    h, w = cam.hit.shape
    inside = cam.camera.intrinsics.depth_of(points) > 0.1
    uv = np.full((len(points), 2), -1.0)
    uv[inside] = cam.image(points[inside], part[inside])
    with np.errstate(invalid="ignore"):
        inside &= (uv >= margin).all(axis=1) & (uv[:, 0] < w - margin) & (uv[:, 1] < h - margin)
    uv = uv[inside]
    return inside, uv[:, 1].astype(np.int64), uv[:, 0].astype(np.int64), uv


def _nearest(cam: CameraView, point: F64, part: NDArray[np.uint16], row: I64, column: I64, uv: F64) -> F64:
    """(M,) distance to the nearest plane of a pixel of the point's part within 1.5 px; inf: there is none."""
    best = np.full(len(point), np.inf)
    for down in range(-2, 3):
        for right in range(-2, 3):
            r, c = row + down, column + right
            near = np.hypot(c + 0.5 - uv[:, 0], r + 0.5 - uv[:, 1]) <= NEAR_PX
            at = np.flatnonzero(near & cam.hit[r, c] & (cam.camera.part[r, c] == part))
            r, c = r[at], c[at]
            off = np.abs(_dot(cam.carried_normal[r, c], point[at] - cam.carried_points[r, c]))
            best[at] = np.minimum(best[at], off)
    return best


def _around(row: I64, column: I64) -> tuple[I64, I64]:
    """(9, M) rows and columns of the 3 x 3 pixels about each."""
    down, right = np.mgrid[-1:2, -1:2].reshape(2, 9, 1)
    return row + down, column + right


def _midst(cam: CameraView, row: I64, column: I64, part: NDArray[np.uint16]) -> Mask:
    r, c = _around(row, column)
    return np.asarray((cam.hit[r, c] & (cam.camera.part[r, c] == part)).all(axis=0))


def _solid(cam: CameraView, row: I64, column: I64, point: F64, part: NDArray[np.uint16]) -> Mask:
    """(M,) whether all 3 x 3 pixels show ``part`` on planes through ``point``."""
    near = np.minimum(SURFACE_TOLERANCE_M, SAME_PLANE_SHARE * cam.camera.intrinsics.depth_of(point))
    r, c = _around(row, column)
    height = np.einsum("kmj,kmj->km", cam.carried_normal[r, c], point - cam.carried_points[r, c])
    own = cam.hit[r, c] & (cam.camera.part[r, c] == part)
    return np.asarray((own & (np.abs(height) <= near)).all(axis=0))


def _came_through(
    cam: CameraView, point: F64, origin: F64, normal: F64, height: F64, shown: NDArray[np.uint16]
) -> Mask:
    """(M,) whether the ray from ``origin`` met the plane (``normal``, ``height`` of the point over it) of the part
    ``shown`` at a place where the camera sees that part on that plane."""
    rise = _dot(normal, origin - point)
    crosses = (rise > 1e-3) & (height < 0) & (height + rise > 0)
    share = np.where(crosses, -height / np.where(crosses, rise, 1.0), 0.0)
    met = point + share[:, None] * (origin - point)
    inside, row, column, _ = _pixels(cam, met, shown, 1)
    found = np.zeros(len(point), dtype=bool)
    found[inside] = _solid(cam, row, column, met[inside], shown[inside])
    return found & crosses


def _still(view: FrameView, part: NDArray[np.uint16]) -> Mask:
    moving = np.zeros(1 << 16, dtype=bool)
    moving[list(view.record.part_tracks)] = True
    return ~moving[part]


def _thick(view: FrameView, instance: NDArray[np.uint16]) -> Mask:
    """Which points belong to an instance at least half a metre wide each way."""
    wide = np.zeros(1 << 16, dtype=bool)
    for r in view.record.instances:
        wide[r.instance_id] = min(r.size_m) >= THICK_M
    return wide[instance]


def _dot(a: F64, b: F64) -> F64:
    return np.asarray(np.einsum("nk,nk->n", a, b))


CHECKS = (lidar_on_depth,)
