"""The world turned about the vertical and scaled, all sensors together: what detectors on points call global
rotation and scaling. Pictures stay as they are, for cameras turn along; depths and distances are scaled, and
told so."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from pairforge.errors import SpecError
from pairforge.learning.augment.clip import Clip
from pairforge.learning.augment.protocol import Transform, to_json
from pairforge.learning.augment.world_map import WorldMap, mapped
from pairforge.seeding import Stream

SCALES = (0.8, 1.25)


@dataclass(frozen=True)
class TurnWorld:
    """By ``yaw`` radians about the world's z, then by ``scale``."""

    yaw: float = 0.0
    scale: float = 1.0

    NAME: ClassVar[str] = "turn_world"

    def __post_init__(self) -> None:
        if not SCALES[0] <= self.scale <= SCALES[1]:
            raise SpecError(
                f"turn_world: scale {self.scale:g} is not within {SCALES[0]} to {SCALES[1]}: things "
                f"would be of no size "
                "that there is"
            )

    def __call__(self, clip: Clip) -> Clip:
        return mapped(clip, WorldMap(yaw=self.yaw, scale=self.scale), to_json(self))


@dataclass(frozen=True)
class RandomTurnWorld:
    """Any yaw up to ``most_deg`` either way, and a scale within ``share`` of 1."""

    most_deg: float = 45.0
    share: float = 0.05

    def draw(self, clip: Clip, stream: Stream) -> Transform | None:
        yaw = float((stream / "yaw").rng().uniform(-1.0, 1.0) * np.radians(self.most_deg))
        scale = float((stream / "scale").rng().uniform(1.0 - self.share, 1.0 + self.share))
        return TurnWorld(yaw, scale if self.share else 1.0)
