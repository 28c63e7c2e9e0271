"""Fewer returns of a LiDAR, and noisier ones: as if the same sweep had been taken by a worse device."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pairforge.errors import SpecError
from pairforge.learning.augment.clip import Clip, with_sensors
from pairforge.learning.augment.protocol import Transform, to_json
from pairforge.sample import Keyframe, LidarFrame
from pairforge.seeding import Stream


@dataclass(frozen=True)
class Points:
    """Each ray is lost with chance ``drop``, all its returns with it; the ranges of those left get ``jitter_m`` of
    normal noise along their rays. ``seed`` and ``path`` name the stream of both draws. Noise-free truth stays; the
    sensor's settings tell the larger noise and dropout."""

    drop: float
    jitter_m: float
    seed: int
    path: str

    NAME: ClassVar[str] = "points"

    def __post_init__(self) -> None:
        if not (0.0 <= self.drop < 1.0 and 0.0 <= self.jitter_m <= 1.0):
            raise SpecError(f"points: drop {self.drop:g} or jitter_m {self.jitter_m:g} is out of range")

    def __call__(self, clip: Clip) -> Clip:
        def device(sensor: dict[str, Any]) -> dict[str, Any]:
            s = sensor["settings"]
            if sensor["kind"] == "lidar":
                s["range_noise_m"] = math.hypot(float(s["range_noise_m"]), self.jitter_m)
                s["dropout"] = 1.0 - (1.0 - float(s["dropout"])) * (1.0 - self.drop)
            return sensor

        return clip.after(to_json(self), with_sensors(clip.record, device), clip.lidars(self._lidar))

    def _lidar(self, frame: Keyframe, x: LidarFrame) -> LidarFrame:
        stream = Stream(self.seed, self.path) / frame.frame_index / x.sensor / x.time_ns
        rays, which = np.unique(np.stack([x.times_ns, x.ring.astype(np.int64)]), axis=1, return_inverse=True)
        kept = (stream / "drop").rng().random(rays.shape[1])[which.ravel()] >= self.drop
        thin = _some(x, kept)
        noise = (stream / "jitter").rng().normal(0.0, 1.0, len(kept))[kept].clip(-4.0, 4.0) * self.jitter_m
        away = np.maximum(thin.range_m + noise, 0.05)
        longer = (away / np.maximum(thin.range_m.astype(np.float64), 1e-6))[:, None]
        return replace(
            thin,
            range_m=away.astype(np.float32),
            points=(thin.points.astype(np.float64) * longer).astype(np.float32),
        )


def _some(x: LidarFrame, kept: NDArray[np.bool_]) -> LidarFrame:
    """The returns of a sweep for which ``kept`` (N,) is true."""
    names = ("points", "deskewed", "times_ns", "range_m", "intensity", "ring", "instance", "part", "semantic")
    arrays = {n: getattr(x, n)[kept] for n in (*names, "kind")}
    return replace(x, **arrays, extra={n: a[kept] for n, a in x.extra.items()})


@dataclass(frozen=True)
class RandomPoints:
    """Up to ``drop`` of the rays lost, up to ``jitter_m`` of noise."""

    drop: float = 0.3
    jitter_m: float = 0.02

    def draw(self, clip: Clip, stream: Stream) -> Transform | None:
        if not any(f.lidars for f in clip.frames):
            return None
        rng, draws = (stream / "how").rng(), stream / "points"
        return Points(
            float(rng.uniform(0.0, self.drop)), float(rng.uniform(0.0, self.jitter_m)), draws.seed, draws.path
        )
