"""Any road network as a setting."""

from __future__ import annotations

from dataclasses import dataclass

from pairforge.errors import SpecError
from pairforge.scenes.draws import Draws
from pairforge.scenes.roads.network import RoadNetwork
from pairforge.scenes.roads.setting import RoadSetting


@dataclass(frozen=True, kw_only=True)
class Roads(RoadSetting):
    """A ``network`` of one's own, as it is: placements name its roads by their names (or "road_<id>").

    ``corner_radius_m``: of the kerbs between arms of its junctions.
    """

    network: RoadNetwork
    corner_radius_m: float = 7.0

    def lay(self, draw: Draws) -> RoadNetwork:
        if not self.network.roads:
            raise SpecError("Roads(network=...) has no roads; a setting needs at least one")
        return self.network

    def corner_m(self, draw: Draws) -> float:
        return self.corner_radius_m
