"""Are the normals those of the surfaces that the depth shows?

Three witnesses, from plain to deep: a normal is a unit vector that faces the camera; where nothing bends, it is the
plane of the depths around it; and where neighbours share it, some neighbour lies in its plane.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import binary_erosion

from pairforge.datasets.finding import Problem
from pairforge.datasets.vectors import largest, length
from pairforge.datasets.verify_camera import pixels
from pairforge.datasets.verify_view import CameraView, FrameView
from pairforge.frames import F64

Mask = NDArray[np.bool_]
Window = tuple[slice, slice]

LENGTH_TOLERANCE = 5e-3
FLAT_BEND = 1e-3
"""Radians by which the depths around a pixel of a flat surface may bend: what float32 depths allow."""
FLAT_TOLERANCE = 0.02
"""Radians between a flat pixel's normal and the plane of its depths."""
CURVED_BEND, CURVED_TOLERANCE, CURVED_FACING = 0.3, 0.05, 0.15
"""The same where a surface bends smoothly over 3 x 3 pixels and is not seen edge on (cosine): there, rows of windows
can look like a slope."""
SAME_NORMAL = 1.5e-3
"""Components of float16 normals of one plane."""
STEP_TOLERANCE = 4e-3
"""Sine of the angle between a plane and the step to a neighbouring pixel's point in it."""
WINDOW_PX, WINDOW_REFUTED = 8, 20
FRAME_SHARE, FRAME_LEAST = 0.02, 500
"""A picture fails when more than 20 pixels of any 8 x 8 are refuted, or 2 % of at least 500 pixels tested."""


def normals(view: FrameView) -> Iterator[Problem]:
    """Normals are unit vectors that face the camera, zero where nothing is, and fit the depth."""
    for cam in view.cameras:
        long = length(cam.normal)
        member = "normal.npy"
        wrong = cam.hit & ~(np.abs(long - 1) <= LENGTH_TOLERANCE)
        yield from pixels(cam, member, wrong, "have a normal that is no unit vector")
        nothing = ~np.isfinite(cam.camera.depth)
        yield from pixels(cam, member, nothing & (long != 0), "have a normal where nothing is")
        away = np.einsum("hwk,hwk->hw", cam.normal, cam.rays) > LENGTH_TOLERANCE
        yield from pixels(cam, member, cam.hit & away, "have a normal that faces away from the camera")
        shared = _sharing(cam) >= 3
        yield from _refuted(cam, *by_depth(cam, shared), "have a normal that their depths refute")
        yield from _refuted(
            cam, *by_steps(cam, shared), "share a normal in whose plane none of their neighbours lies"
        )


def by_depth(cam: CameraView, shared: Mask) -> tuple[Mask, Mask]:
    """(H, W) pixels whose depths tell their normal, and those of them that have another.

    The inverse depth of a plane is linear in the image: its slopes across a pixel give the plane, its second
    differences how much the surface bends there. Where it bends but the normal is ``shared`` all around, these may
    be the fronts of steps as wide as a pixel, which are left to ``by_steps``.
    """
    if not cam.straight:
        return _by_points(cam, shared)
    k, inner = cam.camera.intrinsics, np.s_[1:-1, 1:-1]
    inverse = np.zeros(cam.hit.shape)
    inverse[cam.hit] = 1.0 / cam.camera.depth[cam.hit].astype(np.float64)
    here, x, y = inverse[inner], cam.rays[..., 0][inner], cam.rays[..., 1][inner]
    left, right, up, down = inverse[1:-1, :-2], inverse[1:-1, 2:], inverse[:-2, 1:-1], inverse[2:, 1:-1]
    slope_x, slope_y = (right - left) / 2 * k.fx, (down - up) / 2 * k.fy
    plane = np.stack([slope_x, slope_y, here - slope_x * x - slope_y * y], axis=-1)
    size = np.maximum(length(plane), 1e-12)
    bend_x = np.abs(left + right - 2 * here) * k.fx * np.sqrt(1 + x * x)
    bend_y = np.abs(up + down - 2 * here) * k.fy * np.sqrt(1 + y * y)
    bend = np.where(_alike(cam)[inner], (bend_x + bend_y) / size, np.inf)
    facing = here / size / np.sqrt(1 + x * x + y * y)
    off = length(cam.normal[inner] + plane / size[..., None])
    flat = bend <= FLAT_BEND
    smooth = binary_erosion(bend <= CURVED_BEND, np.ones((3, 3)))
    curved = smooth & ~flat & ~shared[inner] & (facing >= CURVED_FACING)
    limit = np.where(flat, FLAT_TOLERANCE, CURVED_TOLERANCE + bend)
    return np.pad(flat | curved, 1), np.pad((flat | curved) & ~(off <= limit), 1)


def _by_points(cam: CameraView, shared: Mask) -> tuple[Mask, Mask]:
    """``by_depth`` of any camera: four points around a pixel of a plane span it, and the pixel's own lies in it."""
    p, inner = cam.carried_points, np.s_[1:-1, 1:-1]
    here, around = p[inner], (p[1:-1, :-2], p[1:-1, 2:], p[:-2, 1:-1], p[2:, 1:-1])
    left, right, up, down = around
    plane = np.cross(right - left, down - up)
    size = np.maximum(length(plane), 1e-300)[..., None]
    plane = plane / size
    plane *= -np.sign(_dot(plane, here))[..., None]
    steps = [side - here for side in around]
    lengths = [np.maximum(length(step), 1e-12) for step in steps]
    bends = [np.abs(_dot(plane, step)) / far for step, far in zip(steps, lengths, strict=True)]
    # Float32 depths leave the points this uncertain, as an angle between them.
    blur = 2e-7 * length(here) / np.minimum.reduce(lengths)
    bend = np.where(_alike(cam)[inner], np.add.reduce(bends), np.inf)
    facing = np.abs(_dot(plane, here)) / np.maximum(length(here), 1e-12)
    off = length(cam.carried_normal[inner] - plane)
    flat = (bend <= FLAT_BEND) & (blur <= FLAT_BEND)
    smooth = binary_erosion(bend <= CURVED_BEND, np.ones((3, 3)))
    curved = smooth & ~flat & ~shared[inner] & (facing >= CURVED_FACING)
    limit = np.where(flat, FLAT_TOLERANCE, CURVED_TOLERANCE + bend)
    return np.pad(flat | curved, 1), np.pad((flat | curved) & ~(off <= limit), 1)


def _alike(cam: CameraView) -> Mask:
    """(H, W) pixels whose four neighbours are of their part."""
    part, found = cam.camera.part, cam.hit.copy()
    found[[0, -1]] = found[:, [0, -1]] = False
    for a, b in ((np.s_[1:], np.s_[:-1]), (np.s_[:, 1:], np.s_[:, :-1])):
        same = part[a] == part[b]
        found[a] &= same
        found[b] &= same
    return found


def by_steps(cam: CameraView, shared: Mask) -> tuple[Mask, Mask]:
    """(H, W) pixels that share their normal with their neighbours, and those of them from which no step to any of
    the eight neighbours stays within both pixels' surfaces.

    A step stays within a surface that is flat, bulges or dips evenly when it leads to the same side of both planes.
    """
    joined = np.zeros(cam.hit.shape, dtype=bool)
    for a, b in _neighbours(cam.hit.shape, ((0, 1), (1, 0), (1, 1), (1, -1))):
        same = cam.hit[a] & (cam.camera.part[a] == cam.camera.part[b])
        step = cam.carried_points[b] - cam.carried_points[a]
        rise, fall = _dot(cam.carried_normal[a], step), -_dot(cam.carried_normal[b], step)
        depth = cam.camera.intrinsics.depth_of(cam.carried_points[a])
        slack = STEP_TOLERANCE * np.sqrt(_dot(step, step)) + 2e-6 * depth
        fits = same & ((np.maximum(rise, fall) <= slack) | (np.minimum(rise, fall) >= -slack))
        joined[a] |= fits
        joined[b] |= fits
    return shared, shared & ~joined


def _sharing(cam: CameraView) -> NDArray[np.int8]:
    """(H, W) how many of the four neighbours are of the pixel's part and have its normal."""
    count = np.zeros(cam.hit.shape, dtype=np.int8)
    for a, b in _neighbours(cam.hit.shape, ((0, 1), (1, 0))):
        same = cam.hit[a] & (cam.camera.part[a] == cam.camera.part[b])
        same &= largest(cam.carried_normal[a] - cam.carried_normal[b]) <= SAME_NORMAL
        count[a] += same
        count[b] += same
    return count


def _neighbours(shape: tuple[int, ...], ways: Iterable[tuple[int, int]]) -> Iterator[tuple[Window, Window]]:
    """For each way (down, right): the windows of all pixels that have such a neighbour, and of the neighbours."""
    for down, right in ways:
        a = (slice(0, shape[0] - down), slice(max(0, -right), shape[1] - max(0, right)))
        yield a, (slice(down, None), slice(max(0, right), shape[1] + min(0, right)))


def _dot(a: F64, b: F64) -> F64:
    return np.asarray(np.einsum("hwk,hwk->hw", a, b))


def _refuted(cam: CameraView, tested: Mask, refuted: Mask, what: str) -> Iterator[Problem]:
    count, of = int(refuted.sum()), int(tested.sum())
    if not count:
        return
    windows = _windows(refuted)
    worst = int(windows.max())
    if worst > WINDOW_REFUTED or (of >= FRAME_LEAST and count > FRAME_SHARE * of):
        row, column = (int(v) for v in np.unravel_index(windows.argmax(), windows.shape))
        place = f"{worst} of them in the {WINDOW_PX} x {WINDOW_PX} from row {row}, column {column}"
        yield Problem(cam.member("normal.npy"), f"{count} of {of} pixels tested {what}, {place}")


def _windows(mask: Mask) -> NDArray[np.int64]:
    """(H', W') how many pixels are True in the 8 x 8 that starts at each pixel."""
    sums = np.pad(mask.astype(np.int64).cumsum(axis=0).cumsum(axis=1), ((1, 0), (1, 0)))
    h, w = min(WINDOW_PX, mask.shape[0]), min(WINDOW_PX, mask.shape[1])
    return np.asarray(sums[h:, w:] - sums[:-h, w:] - sums[h:, :-w] + sums[:-h, :-w])


CHECKS = (normals,)
