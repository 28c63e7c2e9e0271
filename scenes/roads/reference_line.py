"""A road in its own coordinates: where (s, t) lies in the world, which lanes there are, and where they begin and end.

All functions take many s at once. An s before the road's start or beyond its end counts as that end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pairforge.frames import F64
from pairforge.scenes.roads.curves import along
from pairforge.scenes.roads.network import Cubic, LaneSection, Road
from pairforge.scenes.roads.piecewise import Piecewise


@dataclass(frozen=True, eq=False)
class OnRoad:
    """Points of a road's reference line, float64: ``s_m`` (N,), ``xyz_m`` (N, 3), ``heading`` (N,) radians from
    +x, ``curvature`` (N,) 1/m (left positive), ``slope`` (N,) rise per metre along s."""

    s_m: F64
    xyz_m: F64
    heading: F64
    curvature: F64
    slope: F64

    def beside(self, t_m: ArrayLike) -> F64:
        """The points (N, 3) that lie ``t_m`` (N,) or a number to the left: level with the line, as the road is."""
        t = np.broadcast_to(np.asarray(t_m, dtype=np.float64), self.s_m.shape)
        left = np.stack([-np.sin(self.heading), np.cos(self.heading), np.zeros_like(t)], axis=-1)
        return np.asarray(self.xyz_m + t[:, None] * left)


def line_at(road: Road, s_m: ArrayLike) -> OnRoad:
    """The reference line at ``s_m`` (N,) or a number: place, heading, curvature, slope."""
    s = np.clip(np.atleast_1d(np.asarray(s_m, dtype=np.float64)), 0.0, road.length_m)
    which = np.maximum(road.geometry_starts_m.searchsorted(s, side="right") - 1, 0)
    xyz, heading, curvature = np.zeros((len(s), 3)), np.zeros(len(s)), np.zeros(len(s))
    for index in sorted(set(which.tolist())):
        here, piece = which == index, road.geometries[index]
        on = along(piece, np.clip(s[here] - piece.s_m, 0.0, piece.length_m))
        xyz[here, :2], heading[here], curvature[here] = on
    xyz[:, 2] = road.height.at(s)
    return OnRoad(s, xyz, heading, curvature, road.height.derivative.at(s))


def points_at(road: Road, s_m: ArrayLike, t_m: ArrayLike) -> F64:
    """World points (N, 3) of road coordinates ``s_m`` (N,) and ``t_m`` (N,), t to the left of the line."""
    s, t = np.broadcast_arrays(np.atleast_1d(s_m), np.atleast_1d(t_m))
    return line_at(road, s).beside(t)


def cubics_at(cubics: Sequence[Cubic], s_m: ArrayLike, derivative: int = 0) -> F64:
    """A piecewise cubic, or a derivative of it, at ``s_m`` (N,) or a number; 0 if there are no pieces.

    Before the first piece its first value holds.
    """
    made = Piecewise.of(cubics)
    for _ in range(derivative):
        made = made.derivative
    return made.at(np.atleast_1d(np.asarray(s_m, dtype=np.float64)))


def section_at(road: Road, s_m: ArrayLike) -> NDArray[np.int64]:
    """Indices (N,) into ``road.sections`` at ``s_m``: at a boundary, the section that begins there."""
    starts = np.array([section.s_m for section in road.sections])
    s = np.atleast_1d(np.asarray(s_m, dtype=np.float64))
    return np.clip(np.searchsorted(starts, s, side="right") - 1, 0, None).astype(np.int64)


def section_span(road: Road, index: int) -> tuple[float, float]:
    """From which s to which s a section holds."""
    later = road.sections[index + 1 :]
    return road.sections[index].s_m, later[0].s_m if later else road.length_m


def lane_borders(road: Road, index: int, s_m: ArrayLike) -> dict[int, tuple[F64, F64]]:
    """For each lane id of section ``index``: t of its inner and of its outer edge at ``s_m``, each (N,) metres.

    Inner is the edge nearer to the reference line. The lane offset shifts all lanes alike.
    """
    section = road.sections[index]
    s = np.atleast_1d(np.asarray(s_m, dtype=np.float64))
    into = np.maximum(s - section.s_m, 0.0)
    middle = road.offset.at(s)
    borders: dict[int, tuple[F64, F64]] = {}
    for lanes, side in ((section.left, 1.0), (section.right, -1.0)):
        inner = middle
        for lane in lanes:
            outer = inner + side * lane.width.at(into)
            borders[lane.lane_id] = inner, outer
            inner = outer
    return borders


def lane_edges(road: Road, index: int, lane_id: int, s_m: F64) -> tuple[F64, F64]:
    """What ``lane_borders`` says of one lane, at ``s_m`` (N,), without asking those beyond it."""
    section = road.sections[index]
    into = np.maximum(s_m - section.s_m, 0.0)
    lanes, side = (section.left, 1.0) if lane_id > 0 else (section.right, -1.0)
    inner = road.offset.at(s_m)
    for lane in lanes:
        outer = inner + side * lane.width.at(into)
        if lane.lane_id == lane_id:
            return inner, outer
        inner = outer
    raise KeyError(lane_id)


def lane_centre(road: Road, index: int, lane_id: int, s_m: ArrayLike) -> F64:
    """World points (N, 3) of the middle of a lane of section ``index``, in the order of ``s_m``."""
    inner, outer = lane_edges(road, index, lane_id, np.atleast_1d(np.asarray(s_m, dtype=np.float64)))
    return points_at(road, s_m, (inner + outer) / 2)


def lane_ids(section: LaneSection) -> list[int]:
    """A section's lanes from the leftmost to the rightmost, without the reference line."""
    return [lane.lane_id for lane in (*reversed(section.left), *section.right)]
