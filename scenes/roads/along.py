"""A lane's edge as a line that meshes and street furniture follow: distance along the road, metres to its left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import ArrayLike

from pairforge.frames import F64
from pairforge.scenes.roads.area import mesh_stations
from pairforge.scenes.roads.curves import pointwise
from pairforge.scenes.roads.network import Road
from pairforge.scenes.roads.reference_line import lane_edges, line_at, section_span


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
            return self._middle_t(s)
        inner, outer = lane_edges(self.road, self.index, self.lane_id, s)
        return inner if self.edge == "inner" else outer

    def _middle_t(self, s: F64) -> F64:
        """Where the innermost lanes begin."""
        section = self.road.sections[self.index]
        beside = any(abs(lane.lane_id) == 1 for lane in (*section.left, *section.right))
        return self.road.offset.at(s) if beside else np.zeros(len(s))

    def width(self, s_m: ArrayLike) -> F64:
        """Width (N,) of the lane."""
        s = np.asarray(s_m, dtype=np.float64).ravel()
        inner, outer = lane_edges(self.road, self.index, self.lane_id, s)
        return np.asarray(np.abs(outer - inner))

    def points(self, s_m: ArrayLike, lateral_m: ArrayLike = 0.0, z_m: ArrayLike = 0.0) -> F64:
        """Points (..., 3) ``lateral_m`` left of the edge and ``z_m`` above the road."""
        s, lateral, z = np.broadcast_arrays(
            np.asarray(s_m, dtype=np.float64), np.asarray(lateral_m, dtype=np.float64), np.asarray(z_m)
        )
        out = line_at(self.road, s.ravel()).beside(self.edge_t(s) + lateral.ravel())
        out[:, 2] += z.ravel()
        return out.reshape(*s.shape, 3)

    def points_of(self, groups: Sequence[tuple[F64, F64]], z_m: float = 0.0) -> list[F64]:
        """Points (N, 3) of each group of s (N,) and laterals (N,): asked for together, or group by group where that
        would round them otherwise."""
        if not groups or not all(pointwise(piece) for piece in self.road.geometries):
            return [self.points(s, lateral, z_m) for s, lateral in groups]
        s, lateral = (np.concatenate(part) for part in zip(*groups, strict=True))
        together = self.points(s, lateral, z_m)
        return np.split(together, np.cumsum([len(s) for s, _ in groups])[:-1])

    def heading(self, s_m: float) -> float:
        """Radians from +x, of the road's reference line."""
        return float(line_at(self.road, s_m).heading[0])

    def stations(self, start_m: float, stop_m: float, step_m: float = 2.0) -> F64:
        """The mesh's own stations between two s, and both: neighbours along one road share all their corners."""
        own = mesh_stations(self.road, self.index)
        inside = own[(own > start_m + 1e-6) & (own < stop_m - 1e-6)]
        return np.concatenate([[start_m], inside, [stop_m]])
