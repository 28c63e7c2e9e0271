"""The preview renderer's shutter and aperture: when and from where each sample of a picture is taken.

Light is gathered at a handful of instants, evenly spaced over the whole of a frame. A row takes part in those within
its own exposure, or in the one nearest to its middle when none is: so a rolling shutter is as fine as the instants.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, Pose, Track
from pairforge.renderers.protocol import ShutterTimes, ThinLens, View

BLUR_SAMPLES = {"draft": 3, "standard": 6, "high": 12}
"""Instants within one row's exposure."""
ROLLING_SAMPLES = {"draft": 8, "standard": 16, "high": 24}
"""Instants over the read-out, at least."""
MOST = 48
LENS_SAMPLES = 24
_NS = 1e9


@dataclass(frozen=True, eq=False)
class Take:
    """One sample of some rows: where everything is then; how far aside (pixels) its rays go; its number of ``of``."""

    rows: slice
    world_from_camera: Pose
    part_poses: dict[int, Pose]
    aside_px: tuple[float, float]
    number: int
    of: int


def takes(view: View, quality: str) -> Iterator[Take]:
    """All samples of a view with a shutter or a lens, in order of time."""
    height = view.intrinsics.height_px
    if view.shutter is None or len(view.instants) < 2:
        for k in range(LENS_SAMPLES):
            poses = dict(view.part_poses)
            yield Take(slice(0, height), view.world_from_camera, poses, _aside(k, quality), k, LENS_SAMPLES)
        return
    times = sample_times(view.shutter, height, quality)
    first, last = rows_of(view.shutter, height, times)
    motion = _Motion(view)
    for k, t in enumerate(times):
        if last[k] > first[k]:
            camera, parts = motion.at(float(t))
            yield Take(slice(int(first[k]), int(last[k])), camera, parts, _aside(k, quality), k, len(times))


def sample_times(shutter: ShutterTimes, height: int, quality: str) -> F64:
    """Offsets (T,) in seconds from the frame's time stamp, the mid-points of equal spans."""
    span = shutter.readout_s * (1 - 1 / height) + shutter.exposure_s
    count = BLUR_SAMPLES[quality] if shutter.exposure_s > 0 else 1
    if shutter.readout_s > 0:
        by_blur = math.ceil(count * span / shutter.exposure_s) if shutter.exposure_s > 0 else 1
        count = min(max(by_blur, ROLLING_SAMPLES[quality]), MOST)
    return np.asarray(((np.arange(count) + 0.5) / count - 0.5) * span)


def rows_of(shutter: ShutterTimes, height: int, times: F64) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """The first row, and the one past the last, that each instant (T,) takes part in."""
    middle = ((np.arange(height) + 0.5) / height - 0.5) * shutter.readout_s
    near = np.abs(times[:, None] - middle)
    part = near <= shutter.exposure_s / 2
    lone = ~part.any(axis=0)
    part[near.argmin(axis=0)[lone], np.flatnonzero(lone)] = True
    first = np.where(part.any(axis=1), part.argmax(axis=1), 0)
    last = np.where(part.any(axis=1), height - part[:, ::-1].argmax(axis=1), 0)
    return first.astype(np.int64), last.astype(np.int64)


def aperture(lens: ThinLens, take: Take, pixels: NDArray[np.intp]) -> F64:
    """Points (n, 2) of the aperture in metres for these pixels: a spiral over the samples, turned pixel by pixel."""
    radius = lens.focal_length_mm / lens.f_number / 2000.0 * math.sqrt((take.number + 0.5) / take.of)
    # Steps of the golden angle; pixels turn by the low digits of a multiple of their number, a cheap hash.
    turn = take.number * 2.399963 + (pixels * 7_919 % 1_009) * (2 * np.pi / 1_009)
    return np.stack([radius * np.cos(turn), radius * np.sin(turn)], axis=1)


def _aside(number: int, quality: str) -> tuple[float, float]:
    """Within half a pixel of its centre: the additive sequence of M. Roberts (2018), "R2"."""
    if quality == "draft":
        return 0.0, 0.0
    return (0.5 + number * 0.7548776662) % 1.0 - 0.5, (0.5 + number * 0.5698402910) % 1.0 - 0.5


class _Motion:
    """Camera and parts between a view's instants."""

    def __init__(self, view: View) -> None:
        self._view = view
        times = np.array([round(i.offset_s * _NS) for i in view.instants], dtype=np.int64)
        self._camera = _track(times, [i.world_from_camera for i in view.instants])
        self._parts = {
            k: _track(times, [i.part_poses.get(k, pose) for i in view.instants])
            for k, pose in view.part_poses.items()
        }

    def at(self, offset_s: float) -> tuple[Pose, dict[int, Pose]]:
        first, last = self._camera.times_ns[[0, -1]]
        ns = int(np.clip(round(offset_s * _NS), first, last))
        return self._camera.at(ns), {k: track.at(ns) for k, track in self._parts.items()}


def _track(times_ns: NDArray[np.int64], poses: list[Pose]) -> Track:
    return Track(
        times_ns, np.stack([p.position_m for p in poses]), np.stack([p.quaternion_wxyz for p in poses])
    )
