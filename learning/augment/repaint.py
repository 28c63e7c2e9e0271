"""One thing in another colour, in its own pixels alone: what "make the car blue" asks for."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64
from pairforge.learning.augment.clip import AugmentError, Clip
from pairforge.learning.augment.labels import only_labels_held
from pairforge.learning.augment.paint import linear, recoloured, srgb
from pairforge.learning.augment.protocol import to_json
from pairforge.learning.augment.tone import fits
from pairforge.sample import CameraFrame, InstanceRow, SceneRecord
from pairforge.scenes.colours import PALETTE, colour_rgb, oklab

_SAME = 0.02
"""Linear colours this near in each channel are one paint."""
_NEAR_DEG = 40.0
_CHROMA = 0.03
_LEAST_SHARE = 0.15
"""Less of a thing's pixels in its paint than this, and the colour of a thing is not that of its paint."""


@dataclass(frozen=True)
class Repaint:
    """The instance in a colour of the palette. Only pixels of its paint change: by the label ``material`` where the
    camera has it, else by their hue, which needs a paint that has one. Shading is kept: a pixel's light over the old
    paint's is put on the new one, and what is brighter than paint can be stays white. The
    label ``material`` is left out of what comes of it: the scene's list has no such paint."""

    instance_id: int
    colour: str

    NAME: ClassVar[str] = "repaint"

    def __call__(self, clip: Clip) -> Clip:
        rgb, row = colour_rgb(self.colour), clip.record.instance(self.instance_id)
        if row.colour not in PALETTE:
            raise AugmentError(f'repaint: "{row.name}" has no colour of its own that could be replaced')
        frames = clip.cameras(lambda c: self._camera(clip.record, row, c))
        self._prove(clip, frames, row)
        record = recoloured(clip.record, {self.instance_id: (self.colour, rgb)})
        return clip.after(to_json(self), only_labels_held(record, frames[0].cameras), frames)

    def _camera(self, record: SceneRecord, row: InstanceRow, c: CameraFrame) -> CameraFrame:
        painted = paint_mask(record, row, c)
        extra = {n: a for n, a in c.extra.items() if n != "material"}
        if not painted.any():
            return replace(c, extra=extra)
        old, new = np.asarray(row.colour_rgb), np.asarray(colour_rgb(self.colour))
        rgb, pixels = c.rgb.copy(), linear(c.rgb[painted])
        shade = np.minimum((pixels @ old) / (old @ old), 1.0 / max(float(old.max()), 1e-3))
        gloss = np.clip(pixels - shade[:, None] * old, 0.0, None).min(axis=1)
        rgb[painted] = srgb(shade[:, None] * new + gloss[:, None])
        if "albedo" in extra:
            extra["albedo"] = extra["albedo"].copy()
            extra["albedo"][painted] = srgb(new)
        return replace(c, rgb=rgb, extra=extra)

    def _prove(self, clip: Clip, frames: Any, row: InstanceRow) -> None:
        """That pictures show the new colour where they showed the old one."""
        pixels = [
            linear(f.cameras[n].rgb[paint_mask(clip.record, row, before.cameras[n])])
            for before, f in zip(clip.frames, frames, strict=True)
            for n in f.cameras
        ]
        shown: F64 = np.concatenate([np.zeros((0, 3)), *pixels])
        if len(shown) and not fits(self.colour, np.median(shown, axis=0)):
            raise AugmentError(
                f'repaint: in this light "{row.name}" would not look {self.colour}; choose another colour'
            )


def paint_mask(record: SceneRecord, row: InstanceRow, c: CameraFrame) -> NDArray[np.bool_]:
    """(H, W) pixels of an instance that show its paint. AugmentError where that cannot be told."""
    own: NDArray[np.bool_] = c.instance == row.instance_id
    if not own.any():
        return own
    if "material" in c.extra:
        ids = [m["material_id"] for m in record.extra.get("materials", ()) if _is(m["colour_rgb"], row)]
        painted: NDArray[np.bool_] = own & np.isin(c.extra["material"], ids)
    else:
        painted = own & _hued(c, row)
    if painted.sum() < _LEAST_SHARE * own.sum():
        raise AugmentError(
            f'repaint: too little of "{row.name}" in {c.sensor} shows its {row.colour} paint. Ask the camera for the '
            'label "material"'
        )
    return painted


def _is(rgb: Any, row: InstanceRow) -> bool:
    return bool(np.abs(np.asarray(rgb) - row.colour_rgb).max() <= _SAME)


def _hued(c: CameraFrame, row: InstanceRow) -> NDArray[np.bool_]:
    """(H, W) pixels with the hue of the instance's paint."""
    paint = oklab(row.colour_rgb)
    if float(np.hypot(paint[1], paint[2])) < 2 * _CHROMA:
        raise AugmentError(
            f'repaint: "{row.name}" is {row.colour}, which has no hue to be told by. Ask the camera for the label '
            '"material"'
        )
    lab = oklab(linear(c.rgb))
    turn = np.degrees(np.arctan2(lab[..., 2], lab[..., 1]) - np.arctan2(paint[2], paint[1]))
    near = np.abs((turn + 180.0) % 360.0 - 180.0) <= _NEAR_DEG
    return np.asarray(near & (np.hypot(lab[..., 1], lab[..., 2]) >= _CHROMA))
