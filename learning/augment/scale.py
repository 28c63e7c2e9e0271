"""A picture at another size: intrinsics exact, ids by the nearest pixel, colours averaged."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any, ClassVar

import numpy as np
from PIL import Image

from pairforge.errors import SpecError
from pairforge.learning.augment.clip import Clip, with_sensors
from pairforge.learning.augment.labels import only_labels_held
from pairforge.learning.augment.protocol import Transform, to_json
from pairforge.learning.augment.resample import resampled
from pairforge.sample import CameraFrame, SceneRecord
from pairforge.seeding import Stream


@dataclass(frozen=True)
class Scale:
    """Of each camera named, its new width and height in pixels."""

    sizes: Mapping[str, tuple[int, int]] = field(default_factory=dict)

    NAME: ClassVar[str] = "scale"

    def __call__(self, clip: Clip) -> Clip:
        for name, size in self.sizes.items():
            if any(name not in f.cameras for f in clip.frames) or min(size) < 1:
                raise SpecError(f'scale: no camera "{name}", or {tuple(size)} is no size')
        record = with_sensors(clip.record, self._sensor)
        frames = clip.cameras(lambda c: self._camera(record, c))
        return clip.after(to_json(self), only_labels_held(record, frames[0].cameras), frames)

    def _camera(self, record: SceneRecord, c: CameraFrame) -> CameraFrame:
        if c.sensor not in self.sizes:
            return c
        width, height = self.sizes[c.sensor]
        k = c.intrinsics
        x, y = width / k.width_px, height / k.height_px
        scaled = replace(
            k, width_px=width, height_px=height, fx=k.fx * x, fy=k.fy * y, cx=k.cx * x, cy=k.cy * y
        )
        picture = Image.fromarray(c.rgb).resize((width, height), Image.Resampling.BILINEAR)
        return resampled(record, c, scaled, np.eye(3), picture, (x, y))

    def _sensor(self, sensor: dict[str, Any]) -> dict[str, Any]:
        if sensor["name"] in self.sizes:
            width, height = self.sizes[sensor["name"]]
            s = sensor["settings"]
            x, y = width / s["width_px"], height / s["height_px"]
            s |= {"width_px": width, "height_px": height, "fx": s["fx"] * x, "fy": s["fy"] * y}
            s |= {"cx": s["cx"] * x, "cy": s["cy"] * y}
        return sensor


@dataclass(frozen=True)
class RandomScale:
    """All cameras by one factor, drawn evenly from the logarithms of least to most."""

    factor: tuple[float, float] = (0.5, 1.0)

    def draw(self, clip: Clip, stream: Stream) -> Transform | None:
        low, high = np.log(self.factor)
        factor = float(np.exp(stream.rng().uniform(low, high)))
        views = clip.frames[0].cameras
        sizes = {
            n: (
                max(round(views[n].intrinsics.width_px * factor), 1),
                max(round(views[n].intrinsics.height_px * factor), 1),
            )
            for n in sorted(views)
        }
        return Scale(sizes)


@dataclass(frozen=True)
class Resize:
    """Every camera to one size, whatever it was: what a batch asks for."""

    width_px: int
    height_px: int

    def draw(self, clip: Clip, stream: Stream) -> Transform | None:
        return Scale(dict.fromkeys(sorted(clip.frames[0].cameras), (self.width_px, self.height_px)))
