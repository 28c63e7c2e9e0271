"""Do the two cameras of a stereo pair see one world? Disparity is focal length times baseline over depth.

A pixel of the left image at z-depth z shows a point that lies ``fx * baseline_m / z`` columns further left in the
right image, in the same row. There the right camera's own depth is the same, unless something hides the point.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairforge.datasets.finding import Problem
from pairforge.datasets.verify_camera import pixels
from pairforge.datasets.verify_view import CameraView, FrameView
from pairforge.frames import F64
from pairforge.scenes.concrete import ConcreteSensor

POSE_TOLERANCE_M = 1e-6
DISPARITY_SHARE = 1e-6
DEPTH_TOLERANCE_PX = 0.05
"""By which the disparities of both depths may differ where the right image shows one surface around the point."""
DISAGREE_SHARE, DISAGREE_LEAST = 0.01, 50
"""A pair fails when more than 50 pixels and 1 % of those that both see disagree."""
SMOOTH_SHARE = 0.02
"""Neighbouring pixels of one part show one surface when their depths differ by less than this share."""


def rectified(view: FrameView) -> Iterator[Problem]:
    """The right camera is the left one, moved along its rows by the baseline."""
    for left, right, baseline_m in _pairs(view):
        a, b = left.camera, right.camera
        if a.intrinsics != b.intrinsics:
            yield Problem(view.scene.table("sensors"), f"{a.sensor} and {b.sensor} have other intrinsics")
        moved = a.world_from_camera.inverse @ b.world_from_camera
        off = float(np.abs(moved.position_m - [baseline_m, 0.0, 0.0]).max())
        turn = float(np.abs(moved.rotation - np.eye(3)).max())
        if not max(off, turn) <= POSE_TOLERANCE_M or a.time_ns != b.time_ns:
            yield Problem(
                view.scene.table("sensors"),
                f"{b.sensor} is not {a.sensor} {baseline_m:g} m to the right: {off:.2g} m, {turn:.2g} rad, "
                f"{b.time_ns - a.time_ns} ns off",
            )


def disparities(view: FrameView) -> Iterator[Problem]:
    """Stored disparity is focal length times baseline over depth."""
    for cam in view.cameras:
        eye, stored = _eye(view.scene.sensor(cam.camera.sensor)), cam.camera.extra.get("disparity")
        if eye is None or stored is None:
            continue
        due = _disparity(cam, float(eye["baseline_m"]))
        wrong = ~(np.abs(stored.astype(np.float64) - due) <= DISPARITY_SHARE * due)
        yield from pixels(cam, "disparity.npy", wrong, "have a disparity that is not fx * baseline / depth")


def stereo_depth(view: FrameView) -> Iterator[Problem]:
    """Both depths of a pair agree wherever both cameras see the same surface."""
    for left, right, baseline_m in _pairs(view):
        compared, off, hidden = compare(left, right, baseline_m)
        view.measured.add("stereo_disparity_error_px", off[compared])
        view.measured.add("stereo_hidden_share", np.array([hidden.sum() / max(int(left.hit.sum()), 1)]))
        wrong = compared & ~(off <= DEPTH_TOLERANCE_PX)
        count, of = int(wrong.sum()), int(compared.sum())
        if count > max(DISAGREE_LEAST, DISAGREE_SHARE * of):
            row, column = (int(x) for x in np.argwhere(wrong)[0])
            yield Problem(
                right.member("depth.npy"),
                f"{count} of {of} pixels that {left.camera.sensor} and {right.camera.sensor} both see disagree by "
                f"more than {DEPTH_TOLERANCE_PX} px of disparity, the first at row {row}, column {column}",
            )


def compare(
    left: CameraView, right: CameraView, baseline_m: float
) -> tuple[NDArray[np.bool_], F64, NDArray[np.bool_]]:
    """Of the left image's pixels (H, W): which are compared, by how many pixels of disparity the depths differ, and
    which are hidden from the right camera behind something nearer.

    The right depth is read between the two pixels around the point, where both are of the point's part and one
    surface: inverse depths of a plane are linear along a row.
    """
    shape = left.hit.shape
    disparity = _disparity(left, baseline_m)
    at = np.arange(shape[1]) - disparity
    first = np.floor(at).astype(np.int64)
    inside = left.hit & (first >= 0) & (first + 1 < shape[1])
    first = np.where(inside, first, 0)
    rows = np.arange(shape[0])[:, None]
    own, inverse = np.where(left.hit, left.camera.part, 0), _inverse(right)
    a, b = inverse[rows, first], inverse[rows, np.minimum(first + 1, shape[1] - 1)]
    same = (right.camera.part[rows, first] == own) & (
        right.camera.part[rows, np.minimum(first + 1, shape[1] - 1)] == own
    )
    smooth = np.abs(a - b) <= SMOOTH_SHARE * np.maximum(a, b)
    share = at - first
    found = (a * (1 - share) + b * share) * _scale(right, baseline_m)
    off = np.abs(found - disparity)
    nearer = np.minimum(a, b) * _scale(right, baseline_m) > disparity * (1 + SMOOTH_SHARE)
    hidden = inside & nearer
    return inside & same & smooth & ~hidden, off, hidden


def _pairs(view: FrameView) -> Iterator[tuple[CameraView, CameraView, float]]:
    cameras = {cam.camera.sensor: cam for cam in view.cameras}
    for name, cam in cameras.items():
        eye = _eye(view.scene.sensor(name))
        if eye is not None and not eye["right"] and eye["other"] in cameras:
            yield cam, cameras[eye["other"]], float(eye["baseline_m"])


def _eye(sensor: ConcreteSensor | None) -> Mapping[str, Any] | None:
    return None if sensor is None else sensor.settings.get("stereo")


def _scale(cam: CameraView, baseline_m: float) -> float:
    return cam.camera.intrinsics.fx * baseline_m


def _inverse(cam: CameraView) -> F64:
    with np.errstate(divide="ignore"):
        return np.asarray(np.where(cam.hit, 1.0 / cam.camera.depth.astype(np.float64), 0.0))


def _disparity(cam: CameraView, baseline_m: float) -> F64:
    return _scale(cam, baseline_m) * _inverse(cam)


CHECKS = (rectified, disparities, stereo_depth)
