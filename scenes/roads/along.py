"""A lane's edge as a line that meshes and street furniture follow: distance along the road, metres to its left."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from pairforge.frames import F64
from pairforge.scenes.roads.area import mesh_stations
from pairforge.scenes.roads.network import Road
from pairforge.scenes.roads.reference_line import lane_borders, line_at, section_span


@dataclass(frozen=True)
class AlongLane:
    """The ``inner`` or ``outer`` edge of a lane of a section (lane 0: the reference line). ``s_m`` counts from the
    road's start; laterals are metres to the left of the edge."""

    road: Road
    index: int
    lane_id: int = 0
    edge: Literal["inner", "outer"] = "inner"

    @property
    def start_m(self) -> float:
        return section_span(self.road, self.index)[0]

    @property
    def length_m(self) -> float:
        """Where it ends: s, not counted from ``start_m``."""
        return section_span(self.road, self.index)[1]

    def edge_t(self, s_m: ArrayLike) -> F64:
        """t (N,) of the edge."""
        s = np.asarray(s_m, dtype=np.float64).ravel()
        if self.lane_id == 0:
            return np.asarray(self._borders(s))
        inner, outer = lane_borders(self.road, self.index, s)[self.lane_id]
        return inner if self.edge == "inner" else outer

    def _borders(self, s: F64) -> F64:
        borders = lane_borders(self.road, self.index, s)
        middle = borders.get(-1) or borders.get(1)
        return middle[0] if middle is not None else np.zeros(len(s))

    def width(self, s_m: ArrayLike) -> F64:
        """Width (N,) of the lane."""
        inner, outer = lane_borders(self.road, self.index, np.asarray(s_m, dtype=np.float64).ravel())[
            self.lane_id
        ]
        return np.asarray(np.abs(outer - inner))

    def points(self, s_m: ArrayLike, lateral_m: ArrayLike = 0.0, z_m: ArrayLike = 0.0) -> F64:
        """Points (..., 3) ``lateral_m`` left of the edge and ``z_m`` above the road."""
        s, lateral, z = np.broadcast_arrays(
            np.asarray(s_m, dtype=np.float64), np.asarray(lateral_m, dtype=np.float64), np.asarray(z_m)
        )
        out = line_at(self.road, s.ravel()).beside(self.edge_t(s) + lateral.ravel())
        out[:, 2] += z.ravel()
        return out.reshape(*s.shape, 3)

    def heading(self, s_m: float) -> float:
        """Radians from +x, of the road's reference line."""
        return float(line_at(self.road, s_m).heading[0])

    def stations(self, start_m: float, stop_m: float, step_m: float = 2.0) -> F64:
        """The mesh's own stations between two s, and both: neighbours along one road share all their corners."""
        own = mesh_stations(self.road, self.index)
        inside = own[(own > start_m + 1e-6) & (own < stop_m - 1e-6)]
        return np.concatenate([[start_m], inside, [stop_m]])
