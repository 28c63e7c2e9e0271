"""Settings: where a scene happens: the ground, the fixed things, and surfaces and lanes to stand on.

To write one, subclass ``Setting`` as a frozen keyword-only dataclass whose fields are values or distributions, and
write ``expand``: read each field through ``draw`` so that it becomes the named draw "setting.<field>".

    @dataclass(frozen=True, kw_only=True)
    class Room(Setting):
        width_m: Value[float] = Uniform(3.0, 5.0)

        def expand(self, draw: Draws) -> SettingPlan:
            width_m = draw("width_m", self.width_m)
            floor = draw.item("floor", "floor", position_m=(0, 0, 0), size_m=width_m)
            return SettingPlan(items=(floor,), surfaces=(Rectangle("floor", (0, 0, 0), (width_m, width_m)),))
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from pairforge.errors import SpecError
from pairforge.scenes.concrete import ConcreteItem, ConcreteLane
from pairforge.scenes.distributions import Value
from pairforge.scenes.draws import Draws
from pairforge.scenes.surfaces import NamedRoad, Rectangle, Surface
from pairforge.scenes.typecheck import Checked


@dataclass(frozen=True)
class SettingPlan:
    """What a setting puts into the world. Items need unique names; ``surfaces`` are what placements name.

    ``On(name)`` finds a surface by name; ``Parked(side)`` and ``OnPavement(side)`` a ``Strip`` by kind and side;
    ``OnLane(lane_id)`` a lane; ``OnRoad``, ``Approaching`` and ``Leaving`` find one of ``roads`` by name.
    """

    items: tuple[ConcreteItem, ...] = ()
    surfaces: tuple[Surface, ...] = ()
    lanes: tuple[ConcreteLane, ...] = ()
    roads: tuple[NamedRoad, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Setting(Checked, ABC):
    """Base of all settings."""

    EXAMPLE = "Empty(size_m=12.0)"

    @abstractmethod
    def expand(self, draw: Draws) -> SettingPlan:
        """The plan; every random choice is made through ``draw``."""


@dataclass(frozen=True, kw_only=True)
class Empty(Setting):
    """A level floor of ``size_m`` by ``size_m`` at height 0, and nothing else."""

    size_m: Value[float] = 20.0

    def expand(self, draw: Draws) -> SettingPlan:
        size_m = draw("size_m", self.size_m)
        if not 0.1 <= size_m <= 1e4:
            raise SpecError(f"Empty(size_m={size_m:g}): a floor is 0.1 to 10000 m wide")
        floor = draw.item("floor", "floor", size_m=size_m)
        return SettingPlan(items=(floor,), surfaces=(Rectangle("floor", (0.0, 0.0, 0.0), (size_m, size_m)),))
