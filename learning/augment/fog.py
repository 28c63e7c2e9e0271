"""Fog put into a picture by its own depths: Koschmieder's law, and the sky that says so."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import ClassVar

import numpy as np

from pairforge.errors import SpecError
from pairforge.frames import F64
from pairforge.learning.augment.clip import AugmentError, Clip, with_sensors
from pairforge.learning.augment.paint import linear, srgb
from pairforge.learning.augment.protocol import Transform, to_json
from pairforge.sample import CameraFrame, SceneRecord
from pairforge.seeding import Stream

_SKY_M = 4000.0
"""How far light comes through the air where nothing is hit."""
_FILLED = ("fog_per_m", "dust_per_m", "rain_mm_h", "snow_mm_h")
_AIR_SHARE = 0.02
_NIGHT_RAD = 0.0


@dataclass(frozen=True)
class Fog:
    """Extinction of ``per_m`` added to the air: light from a surface at range r comes through by exp(-per_m r), the
    rest is the air's own, of the brightness that the picture's far and bright parts have. Sensors that measure by
    light or sound are left out, for what they would have measured cannot be told from what they did."""

    per_m: float

    NAME: ClassVar[str] = "fog"

    def __post_init__(self) -> None:
        if not 0.0 < self.per_m <= 1.0:
            raise SpecError(f"fog: {self.per_m:g} per metre is not in 0..1")

    def __call__(self, clip: Clip) -> Clip:
        if reason := unfit(clip.record):
            raise AugmentError(f"fog: {reason}")
        kept = {n for f in clip.frames for n in f.cameras}
        frames = [
            replace(f, lidars={}, readings={}, sweeps={n: s for n, s in f.sweeps.items() if n in kept})
            for f in clip.frames
        ]
        gone = sorted({n for f in clip.frames for n in (*f.lidars, *f.readings)})
        record = with_sensors(clip.record, lambda s: None if s["name"] in gone else s)
        sky = {**record.concrete["sky"]}
        sky["fog_per_m"] = float(sky["fog_per_m"]) + self.per_m
        extra = {**record.extra, "left_out": gone} if gone else record.extra
        record = replace(record, concrete={**record.concrete, "sky": sky}, extra=extra)
        seen = Clip(record, tuple(frames))
        return clip.after(to_json(self), record, seen.cameras(self._camera))

    def _camera(self, c: CameraFrame) -> CameraFrame:
        through = np.exp(-self.per_m * np.where(np.isfinite(c.depth), ranges_m(c), _SKY_M))[..., None]
        light = linear(c.rgb)
        return replace(c, rgb=srgb(light * through + air_light(c, light) * (1.0 - through)))


def unfit(record: SceneRecord) -> str:
    """Why fog cannot be put into a scene's pictures; "" when it can."""
    sky = record.concrete["sky"]
    if any(float(sky[name]) > 0.0 for name in _FILLED):
        return "the air holds something already"
    if float(sky["sun_elevation"]) <= _NIGHT_RAD:
        return "by night fog glows around lamps, which a picture's depths do not tell"
    return ""


def ranges_m(c: CameraFrame) -> F64:
    """(H, W) Euclidean metres to what is seen; inf for nothing."""
    rays = np.nan_to_num(c.intrinsics.depth_rays())
    return np.asarray(c.depth.astype(np.float64) * np.linalg.norm(rays, axis=-1))


def air_light(c: CameraFrame, light: F64) -> F64:
    """(3,) the air's own light: a grey as bright as the brighter half of the sky, or of the picture without one."""
    sky = (
        light[~np.isfinite(c.depth)] if (~np.isfinite(c.depth)).mean() > _AIR_SHARE else light.reshape(-1, 3)
    )
    return np.full(3, float(np.quantile(sky.mean(axis=-1), 0.75)))


@dataclass(frozen=True)
class RandomFog:
    """From ``least`` to ``most`` per metre, evenly in the logarithm, with a probability; never where unfit."""

    least: float = 0.012
    most: float = 0.05
    chance: float = 0.3

    def draw(self, clip: Clip, stream: Stream) -> Transform | None:
        if (stream / "whether").rng().random() >= self.chance or unfit(clip.record):
            return None
        low, high = np.log(self.least), np.log(self.most)
        return Fog(float(np.exp((stream / "per_m").rng().uniform(low, high))))
