"""Surfaces: where a setting lets things stand. A rectangle (floor, table top) or a strip along a line (pavement,
parking). Lanes are ``ConcreteLane``; placements treat them as strips too."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np

from pairforge.errors import SpecError
from pairforge.frames import F64, Pose
from pairforge.scenes.concrete import ConcreteLane

Side = Literal["left", "right"]


@dataclass(frozen=True)
class Rectangle:
    """A level rectangle: ``centre_m`` (x, y, z) is on the surface, ``size_m`` (along its x, along its y)."""

    name: str
    centre_m: tuple[float, float, float]
    size_m: tuple[float, float]
    yaw: float = 0.0

    @property
    def pose(self) -> Pose:
        """``world_from_surface``: origin at the centre, z up."""
        return Pose.of(self.centre_m, yaw=self.yaw)

    @property
    def middle(self) -> F64:
        return np.asarray(self.centre_m, dtype=np.float64)

    def over(self, point: F64) -> bool:
        """Whether a point (3,) of the world is straight above or below it."""
        x, y, _ = np.abs(self.pose.inverse.points(point))
        return bool(x <= self.size_m[0] / 2 and y <= self.size_m[1] / 2)


@dataclass(frozen=True)
class Strip:
    """A band of ``width_m`` along ``centre_m`` ((x, y, z), …), whose direction is the heading of what stands there.

    ``kind`` is "pavement", "parking" or "lane"; ``side`` is "left" or "right" of the road seen along its +s.
    """

    name: str
    kind: str
    side: str
    centre_m: tuple[tuple[float, float, float], ...]
    width_m: float

    @staticmethod
    def of_lane(lane: ConcreteLane) -> Strip:
        return Strip(f"lane_{lane.lane_id}", "lane", "", lane.centre_m, lane.width_m)

    @property
    def length_m(self) -> float:
        return float(_arc_m(self._line)[-1])

    @property
    def middle(self) -> F64:
        return self.pose(self.length_m / 2).position_m

    @property
    def _line(self) -> F64:
        return np.asarray(self.centre_m, dtype=np.float64)

    def pose(self, s_m: float, lateral_m: float = 0.0) -> Pose:
        """The pose ``s_m`` along the line and ``lateral_m`` to its left, heading along it; SpecError beyond it."""
        line = self._line
        arc = _arc_m(line)
        if not 0.0 <= s_m <= arc[-1]:
            raise SpecError(f'"{self.name}" is {arc[-1]:.1f} m long; s_m = {s_m:.2f} m lies beyond its ends')
        i = min(int(np.searchsorted(arc, s_m, side="right")) - 1, len(line) - 2)
        step = line[i + 1] - line[i]
        here = line[i] + step * ((s_m - arc[i]) / (arc[i + 1] - arc[i]))
        yaw = float(np.arctan2(step[1], step[0]))
        left = np.array([-np.sin(yaw), np.cos(yaw), 0.0])
        return Pose.of(here + left * lateral_m, yaw=yaw)

    def pitched(self, s_m: float, lateral_m: float = 0.0) -> Pose:
        """``pose``, nose up or down as the line climbs or falls there; SpecError beyond it."""
        here = self.pose(s_m, lateral_m)
        line, arc = self._line, _arc_m(self._line)
        i = min(int(np.searchsorted(arc, s_m, side="right")) - 1, len(line) - 2)
        step = line[i + 1] - line[i]
        pitch = float(np.arctan2(step[2], np.hypot(step[0], step[1])))
        if pitch == 0.0:
            return here
        # A turn about y by a positive angle puts the nose (x) down.
        return here @ Pose.of(quaternion_wxyz=(float(np.cos(pitch / 2)), 0.0, -float(np.sin(pitch / 2)), 0.0))

    def stops_m(self, from_m: float, to_m: float) -> list[float]:
        """Distances from ``from_m`` to ``to_m`` along the line, with every corner between them."""
        between = [float(s) for s in _arc_m(self._line) if from_m < s < to_m]
        return [from_m, *between, to_m]

    def path(self, s_m: float, lateral_m: float, ahead: bool) -> F64:
        """Way points (N, 3) from ``s_m`` to the end of the line, or back to its start, ``lateral_m`` to its left.

        On the inside of a bend that is tighter than ``lateral_m`` that line doubles back: those points are left out.
        """
        stops = self.stops_m(s_m, self.length_m) if ahead else self.stops_m(0.0, s_m)[::-1]
        poses = [self.pose(s, lateral_m) for s in stops]
        points = [poses[0].position_m]
        for pose in poses[1:]:
            heading = pose.vectors([1.0 if ahead else -1.0, 0.0, 0.0])
            if (pose.position_m - points[-1]) @ heading > 0.0:
                points.append(pose.position_m)
        return np.stack(points if len(points) > 1 else [points[0], poses[-1].position_m])


Surface = Rectangle | Strip


@dataclass(frozen=True)
class RoadStretch:
    """A part of a road, from s to s: the lanes along it and those against it, each from the kerb inwards."""

    from_m: float
    to_m: float
    along: tuple[int, ...]
    against: tuple[int, ...]


@dataclass(frozen=True)
class NamedRoad:
    """A road that placements name: its stretches by ascending s, and which of its ends meet a junction."""

    name: str
    length_m: float
    stretches: tuple[RoadStretch, ...]
    starts_at_junction: bool = False
    ends_at_junction: bool = False

    def at(self, s_m: float) -> RoadStretch:
        """The stretch at ``s_m``; SpecError beyond the road."""
        if not 0.0 <= s_m <= self.length_m:
            raise SpecError(
                f'road "{self.name}" is {self.length_m:.1f} m long; {s_m:.2f} m lies beyond its ends'
            )
        return next(part for part in reversed(self.stretches) if part.from_m <= s_m)


def _arc_m(line: F64) -> F64:
    """Distances (N,) along the line's points (N, 3)."""
    steps = np.linalg.norm(np.diff(line, axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(steps)])
