"""Light and colour of a picture. Brightness and contrast change no word; a hue turns what things are called, and is
proved again in the picture, or not said."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np

from pairforge.errors import SpecError
from pairforge.frames import F64
from pairforge.learning.augment.clip import Clip
from pairforge.learning.augment.labels import only_labels_held
from pairforge.learning.augment.paint import linear, named, recoloured, shown_colour, srgb
from pairforge.learning.augment.protocol import Transform, to_json
from pairforge.sample import CameraFrame, InstanceRow
from pairforge.scenes.colours import PALETTE, oklab
from pairforge.seeding import Stream

_LUMA = np.array([0.2126, 0.7152, 0.0722])
_OF_PAINT = ("albedo", "material")
"""Labels that a hue leaves out: they are of the scene's own materials, which no turned colour is one of."""


@dataclass(frozen=True)
class Tone:
    """Of every picture: linear light times ``brightness``, then each value's distance to the middle grey times
    ``contrast``, then hues turned by ``hue_deg`` about the grey axis of linear RGB."""

    brightness: float = 1.0
    contrast: float = 1.0
    hue_deg: float = 0.0

    NAME: ClassVar[str] = "tone"

    def __post_init__(self) -> None:
        if not (0.05 <= self.brightness <= 20.0 and 0.0 < self.contrast <= 4.0):
            raise SpecError(
                f"tone: brightness {self.brightness:g} or contrast {self.contrast:g} is out of range"
            )

    def __call__(self, clip: Clip) -> Clip:
        frames, record = clip.cameras(self._camera), clip.record
        if self.hue_deg:
            record = only_labels_held(record, frames[0].cameras)
            rows = (self._row(clip, frames, r) for r in record.instances)
            record = recoloured(record, {r.instance_id: (r.colour, r.colour_rgb) for r in rows})
        return clip.after(to_json(self), record, frames)

    def _camera(self, c: CameraFrame) -> CameraFrame:
        light = linear(c.rgb) * self.brightness
        if self.hue_deg:
            light = light @ turned(self.hue_deg).T
        toned = srgb(light)
        if self.contrast != 1.0:
            grey = toned.astype(np.float64) @ _LUMA
            middle = float(grey.mean())
            toned = np.clip(np.rint((toned - middle) * self.contrast + middle), 0, 255).astype(np.uint8)
        left = _OF_PAINT if self.hue_deg else ()
        return replace(c, rgb=toned, extra={n: a for n, a in c.extra.items() if n not in left})

    def _row(self, clip: Clip, frames: Any, row: InstanceRow) -> InstanceRow:
        """An instance in its new colour, named only where the name is as true of the picture as it was."""
        if not row.colour:
            return row
        rgb = np.clip(np.asarray(row.colour_rgb) @ turned(self.hue_deg).T, 0.0, 1.0)
        name, seen = named(rgb), shown_colour(frames, row.instance_id)
        told = name if name and fits(name, seen) else ""
        return replace(row, colour=told, colour_rgb=(float(rgb[0]), float(rgb[1]), float(rgb[2])))


def fits(name: str, seen: F64 | None) -> bool:
    """Whether a colour word is no worse a name of what pictures show (3,), linear, than any other of its kind: grey
    words are told apart by lightness, which depends on the light, so only their lack of hue is asked; None: nobody
    sees it."""
    if seen is None:
        return True
    own, shown = oklab(PALETTE[name]), oklab(seen)
    chroma, seen_chroma = (float(np.hypot(*v[1:])) for v in (own, shown))
    if chroma < 0.04:
        return seen_chroma < 0.06
    turn = np.degrees(np.arctan2(own[2], own[1]) - np.arctan2(shown[2], shown[1]))
    return seen_chroma > 0.02 and abs((float(turn) + 180.0) % 360.0 - 180.0) < 35.0


def turned(hue_deg: float) -> F64:
    """(3, 3): a turn of linear RGB about its grey axis (Rodrigues)."""
    angle = np.radians(hue_deg)
    axis = np.full(3, 1 / np.sqrt(3.0))
    cross = np.array([[0.0, -1.0, 1.0], [1.0, 0.0, -1.0], [-1.0, 1.0, 0.0]]) / np.sqrt(3.0)
    found: F64 = (
        np.cos(angle) * np.eye(3) + np.sin(angle) * cross + (1 - np.cos(angle)) * np.outer(axis, axis)
    )
    return found


@dataclass(frozen=True)
class RandomTone:
    """Brightness and contrast from 1 / (1 + share) to 1 + share, evenly in their logarithms; a hue of up to
    ``hue_deg`` either way."""

    brightness: float = 0.4
    contrast: float = 0.3
    hue_deg: float = 0.0

    def draw(self, clip: Clip, stream: Stream) -> Transform | None:
        def around(name: str, share: float) -> float:
            most = np.log1p(share)
            return float(np.exp((stream / name).rng().uniform(-most, most)))

        hue = float((stream / "hue_deg").rng().uniform(-self.hue_deg, self.hue_deg)) if self.hue_deg else 0.0
        return Tone(around("brightness", self.brightness), around("contrast", self.contrast), hue)
