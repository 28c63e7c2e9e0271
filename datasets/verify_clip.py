"""A sensor's readings over a whole clip, one after another: what inertial, position and vehicle checks look at."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from pairforge.datasets.finding import Problem
from pairforge.datasets.store import sensor_slug
from pairforge.datasets.verify_scene_view import SceneView
from pairforge.frames import F64, I64
from pairforge.sample import Reading
from pairforge.scenes.concrete import ConcreteSensor

KNOT_S = 0.01
"""Tracks are linear between knots this far apart; whatever moves smoothly bends off them by |a| KNOT_S^2 / 8."""
GRAVITY = 9.81


@dataclass(eq=False)
class Clip:
    """All readings of one sensor, in the order of their keyframes."""

    scene: SceneView
    sensor: ConcreteSensor
    frames: tuple[int, ...]
    readings: tuple[Reading, ...]

    @property
    def settings(self) -> dict[str, Any]:
        return self.sensor.settings

    def all(self, name: str) -> NDArray[Any]:
        """An array of all keyframes, end to end."""
        return np.concatenate([r.arrays[name] for r in self.readings])

    def first(self, name: str) -> NDArray[Any]:
        """An array that is the same at every keyframe."""
        return self.readings[0].arrays[name]

    @cached_property
    def times_ns(self) -> I64:
        return self.all("times_ns")

    @cached_property
    def frame_of(self) -> I64:
        """(N,) the keyframe that each sample is stored with."""
        counts = [len(r.arrays["times_ns"]) for r in self.readings]
        return np.repeat(np.array(self.frames, np.int64), counts)

    @cached_property
    def placed(self) -> tuple[F64, Rotation]:
        """Where tracks and mount have the sensor at every sample: (N, 3) and N rotations."""
        return self.scene.world_from_sensor_over(self.sensor, self.times_ns)

    def problem(self, array: str, wrong: NDArray[np.bool_], what: str) -> Iterator[Problem]:
        """One for all samples that are ``wrong`` (N,), at the keyframe of the first of them."""
        if wrong.any():
            first = int(np.flatnonzero(wrong)[0])
            yield self.blame(array, int(self.frame_of[first]), f"{int(wrong.sum())} samples {what}")

    def blame(self, array: str, frame: int, what: str) -> Problem:
        key = f"{self.scene.index:06d}-{frame:06d}"
        member = f"{self.scene.shard}:{key}.{sensor_slug(self.sensor.name)}.{array}"
        return Problem(member, f"{self.sensor.name}: {what}", frame)


def clips(scene: SceneView, kind: str) -> Iterator[Clip]:
    """Those of a kind that have any sample."""
    for name, readings in sorted(scene.readings.items()):
        sensor = scene.sensor(name)
        if sensor is None or sensor.kind != kind:
            continue
        frames = tuple(sorted(readings))
        clip = Clip(scene, sensor, frames, tuple(readings[k] for k in frames))
        if len(clip.times_ns):
            yield clip


def due_times_ns(scene: SceneView, rate_hz: float) -> I64:
    """When a sensor of that rate must have sampled: round(k 1e9 / rate) from a keyframe period before the first
    keyframe (or the clock's start) to the last."""
    times = scene.concrete.keyframe_times_ns
    since = max(times[0] - round(1e9 / scene.concrete.keyframe_rate_hz), 0)
    k = np.arange(np.floor(since * rate_hz / 1e9), np.ceil(times[-1] * rate_hz / 1e9) + 1.0)
    due: I64 = np.rint(k * (1e9 / rate_hz)).astype(np.int64)
    return due[(due > since) & (due <= times[-1])]


def sample_clock(scene: SceneView) -> Iterator[Problem]:
    """Not a sample is missing, doubled or late, from before the first keyframe to the last."""
    for kind in ("imu", "gnss", "wheel_odometry"):
        for clip in clips(scene, kind):
            due = due_times_ns(scene, float(clip.settings["rate_hz"]))
            if len(clip.frames) == len(scene.concrete.keyframe_times_ns) and not np.array_equal(
                clip.times_ns, due
            ):
                same = min(len(due), len(clip.times_ns))
                off = np.flatnonzero(clip.times_ns[:same] != due[:same])
                at = int(off[0]) if len(off) else same - 1
                yield clip.blame(
                    "times_ns.npy",
                    int(clip.frame_of[at]),
                    f"samples are not those of {clip.settings['rate_hz']:g} Hz",
                )


CHECKS = (sample_clock,)
