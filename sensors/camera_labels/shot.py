"""What a label is asked about: one camera frame, what each of its pixels hit, and the world around that moment."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64
from pairforge.sample import CameraFrame
from pairforge.scenes.world import World
from pairforge.sensors.camera_labels.protocol import LABELS
from pairforge.sensors.pixels import PixelHits
from pairforge.sensors.protocol import Sensing


@dataclass(frozen=True, eq=False)
class Shot:
    """One camera frame about to get its labels. ``frame`` has all that every camera gives."""

    at: Sensing
    frame: CameraFrame
    hits: PixelHits

    @property
    def world(self) -> World:
        return self.at.engine.world

    @property
    def shape(self) -> tuple[int, int]:
        """Rows and columns."""
        return self.frame.intrinsics.height_px, self.frame.intrinsics.width_px

    @cached_property
    def hit(self) -> NDArray[np.bool_]:
        """(H, W) whether anything is there."""
        return np.asarray(self.frame.part > 0)

    @cached_property
    def rays(self) -> F64:
        """(H, W, 3) directions through the pixels, in camera axes, in the unit of ``hits.distance``."""
        return self.frame.intrinsics.depth_rays()


def with_labels(at: Sensing, frame: CameraFrame, hits: PixelHits) -> CameraFrame:
    """The frame with all labels that its camera asks for."""
    names = at.sensor.settings.get("labels", ())
    if not names:
        return frame
    shot = Shot(at, frame, hits)
    extra = {name: array for label in names for name, array in LABELS.load(label).make(shot).items()}
    return replace(frame, extra={**frame.extra, **extra})
