"""What all road settings share: a network becomes a world with land, buildings, trees, lamps, signs and lights."""

# ruff: noqa: RUF009 (distributions are frozen, so they may stand as defaults)

from __future__ import annotations

from abc import abstractmethod
from dataclasses import dataclass
from typing import Any

import numpy as np

from pairforge.errors import SpecError
from pairforge.scenes.distributions import Integer, Uniform, Value
from pairforge.scenes.draws import Draws
from pairforge.scenes.roads.area import RoadArea
from pairforge.scenes.roads.dressing import dressed
from pairforge.scenes.roads.lane_graph import lane_graph
from pairforge.scenes.roads.named import named_roads
from pairforge.scenes.roads.network import RoadNetwork
from pairforge.scenes.roads.strips import strips
from pairforge.scenes.settings import Setting, SettingPlan


def checked(draw: Draws, spec: Any, name: str, low: float, high: float) -> float:
    """The number drawn for a field; SpecError when it lies outside of ``low``..``high``."""
    value = float(draw(name, getattr(spec, name)))
    if not low <= value <= high:
        raise SpecError(f"{type(spec).__name__}({name}={value:g}): give {low:g} to {high:g}")
    return value


@dataclass(frozen=True, kw_only=True)
class RoadSetting(Setting):
    """A setting made of a road network.

    ``town``: pavements have buildings behind them, else the land is open, with trees. ``building_density`` 0..1 is
    the share of lots that are built on, ``paint_wear`` 0..1 how far markings have worn.
    """

    town: Value[bool] = True
    building_density: Value[float] = Uniform(0.75, 1.0)
    tree_spacing_m: Value[float] = Uniform(11.0, 22.0)
    paint_wear: Value[float] = Uniform(0.1, 0.6)

    @abstractmethod
    def lay(self, draw: Draws) -> RoadNetwork:
        """The roads; every random choice is made through ``draw``."""

    def barriers(self, network: RoadNetwork) -> list[list[float]]:
        """Concrete barriers along roads: [road id, t, from s, to s] of each."""
        return []

    def corner_m(self, draw: Draws) -> float:
        """Radius of the kerbs at junctions."""
        return 7.0

    def expand(self, draw: Draws) -> SettingPlan:
        network = self.lay(draw)
        town = draw("town", self.town)
        density = checked(draw, self, "building_density", 0.0, 1.0)
        spacing_m = checked(draw, self, "tree_spacing_m", 4.0, 200.0)
        wear = checked(draw, self, "paint_wear", 0.0, 1.0)
        area, graph = RoadArea(network, self.corner_m(draw)), lane_graph(network)
        dressing = dressed(draw, area, town, density, spacing_m)
        seed = draw.under("paint")("seed", Integer(0, 999_999))
        road = draw.item(
            "road",
            "road_network",
            params={
                "network": network.to_json(),
                "town": town,
                "corner_radius_m": area.radius_m,
                "wear": wear,
                "wear_seed": seed,
                "barriers": self.barriers(network),
                **dressing.params,
            },
        )
        middle = area.whole.convex_hull.centroid
        x0, y0, x1, y1 = area.whole.bounds
        reach_m = float(np.hypot(x1 - x0, y1 - y0)) / 2
        horizon = draw.item(
            "horizon",
            "horizon",
            position_m=(middle.x, middle.y, area.elevation.low_m - (0.0 if town else 0.06)),
            params={"radius_m": max(700.0, 2.0 * (reach_m + 60.0))},
        )
        return SettingPlan(
            (horizon, road, *dressing.items),
            tuple(strips(network)),
            graph.lanes,
            named_roads(network, graph),
        )
