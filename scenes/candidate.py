"""A drawn scene up for judgement: built, simulated and looked at only as far as a requirement asks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

from pairforge.scenes.build import build
from pairforge.scenes.concrete import ConcreteScene
from pairforge.scenes.world import World

if TYPE_CHECKING:
    from pairforge.sensors.timeline import Timeline


@dataclass(frozen=True)
class Candidate:
    """What a requirement may look at."""

    concrete: ConcreteScene

    @cached_property
    def world(self) -> World:
        return build(self.concrete)

    @cached_property
    def timeline(self) -> Timeline:
        from pairforge.sensors.physics import simulate

        return simulate(self.world, self.concrete)
