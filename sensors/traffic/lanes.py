"""The lane graph as drivers know it: what follows a lane, what runs beside it, where two lanes meet."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pairforge.frames import F64, wrapped
from pairforge.scenes.world import Lane
from pairforge.sensors.traffic.route import SIDEWAYS_MPS2, Route

STEP_M = 0.5
"""Lanes are compared point by point this far apart."""


@dataclass(frozen=True)
class Zone:
    """Where two lanes meet: from ``a_in`` to ``a_out`` along the first and ``b_in`` to ``b_out`` along the second,
    metres."""

    a_in: float
    a_out: float
    b_in: float
    b_out: float


class LaneGraph:
    """All lanes of a world by id."""

    def __init__(self, lanes: Sequence[Lane]) -> None:
        self._lanes = {lane.lane_id: lane for lane in lanes}
        self.ids = tuple(sorted(self._lanes))
        self._length = {k: _length(self._lanes[k].centre_m) for k in self.ids}
        before: dict[int, list[int]] = {k: [] for k in self.ids}
        for k in self.ids:
            for onward in self._lanes[k].successors:
                if onward in before:
                    before[onward].append(k)
        self._before = {k: tuple(v) for k, v in before.items()}
        self._zones: dict[tuple[int, int, float], Zone | None] = {}
        self._calm: dict[int, float] = {}
        self._meeting: dict[int, tuple[int, ...]] = {}

    def __contains__(self, lane_id: object) -> bool:
        return lane_id in self._lanes

    def lane(self, lane_id: int) -> Lane:
        return self._lanes[lane_id]

    def length_m(self, lane_id: int) -> float:
        return self._length[lane_id]

    def calm_mps(self, lane_id: int) -> float:
        """The speed at which the lane's sharpest bend is driven in comfort."""
        if lane_id not in self._calm:
            self._calm[lane_id] = Route(self._lanes[lane_id].centre_m).calm_speed(
                0.0, 1e4, SIDEWAYS_MPS2, 0.0
            )
        return self._calm[lane_id]

    def before(self, lane_id: int) -> tuple[int, ...]:
        """The lanes that lead into a lane, in ascending order."""
        return self._before[lane_id]

    def onward(self, lane_id: int, heading: float) -> int | None:
        """Where one goes on without a plan: the way that ends nearest to ``heading`` (radians); None at an end.

        With the heading at which one came to a junction that leads straight over it, over a roundabout too."""
        options = [k for k in self._lanes[lane_id].successors if k in self._lanes]
        return min(
            options, key=lambda k: (round(abs(wrapped(self.end_heading(k) - heading)), 3), k), default=None
        )

    def end_heading(self, lane_id: int) -> float:
        """Radians from +x in which the lane ends."""
        centre = self._lanes[lane_id].centre_m
        dx, dy = (float(v) for v in (centre[-1] - centre[-2])[:2])
        return math.atan2(dy, dx)

    def side_by_side(self, lane_id: int) -> tuple[int, ...]:
        """The lane and those of the same direction that one can change into from it, from left to right."""
        found = [lane_id]
        while (left := self._lanes[found[0]].left) is not None and left in self._lanes and left not in found:
            found.insert(0, left)
        while (
            (right := self._lanes[found[-1]].right) is not None
            and right in self._lanes
            and right not in found
        ):
            found.append(right)
        return tuple(found)

    def junction_lanes(self, junction: int) -> tuple[int, ...]:
        return tuple(k for k in self.ids if self._lanes[k].junction == junction)

    def meeting(self, lane_id: int) -> tuple[int, ...]:
        """Lanes of the same junction whose traffic meets that of this one, those from the same lane left out."""
        if lane_id not in self._meeting:
            lane = self._lanes[lane_id]
            others = () if lane.junction is None else self.junction_lanes(lane.junction)
            mine = set(self.before(lane_id))
            self._meeting[lane_id] = tuple(
                k
                for k in others
                if k != lane_id and not mine & set(self.before(k)) and self.zone(lane_id, k) is not None
            )
        return self._meeting[lane_id]

    def zone(self, a: int, b: int, apart_m: float = 2.5) -> Zone | None:
        """Where the centre lines of two lanes come closer than ``apart_m``; None where they never do."""
        key = (a, b, round(2.0 * apart_m) / 2.0)
        if key not in self._zones:
            self._zones[key] = _zone(self._lanes[a].centre_m, self._lanes[b].centre_m, key[2])
        return self._zones[key]


def legs(graph: LaneGraph, route: Sequence[int]) -> tuple[tuple[int, ...], ...]:
    """For each stretch of a route the lanes that serve it; lanes of the route that lie side by side are one stretch.

    Inside a junction those are the lanes that turn the same way, from and to the same roads.
    """
    stretches: list[tuple[int, ...]] = []
    steps: list[int] = []
    for lane_id in route:
        beside = graph.side_by_side(lane_id)
        if stretches and lane_id in stretches[-1] and lane_id != steps[-1]:
            steps[-1] = lane_id
            continue
        stretches.append(beside)
        steps.append(lane_id)
    for k, lane_id in enumerate(steps):
        if graph.lane(lane_id).junction is not None:
            sources = stretches[k - 1] if k else ()
            targets = stretches[k + 1] if k + 1 < len(steps) else ()
            stretches[k] = _alike(graph, lane_id, sources, targets)
    return tuple(stretches)


def _alike(graph: LaneGraph, lane_id: int, sources: Sequence[int], targets: Sequence[int]) -> tuple[int, ...]:
    lane = graph.lane(lane_id)
    assert lane.junction is not None
    return tuple(
        k
        for k in graph.junction_lanes(lane.junction)
        if k == lane_id
        or (
            graph.lane(k).turn == lane.turn
            and set(graph.before(k)) & set(sources)
            and set(graph.lane(k).successors) & set(targets)
        )
    )


def _length(centre_m: F64) -> float:
    return float(np.linalg.norm(np.diff(centre_m[:, :2], axis=0), axis=1).sum())


def _sampled(centre_m: F64) -> tuple[F64, F64]:
    """Arc lengths (N,) and points (N, 2) every ``STEP_M``."""
    s = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(centre_m[:, :2], axis=0), axis=1))])
    at = np.linspace(0.0, s[-1], max(2, int(s[-1] / STEP_M) + 2))
    return at, np.stack([np.interp(at, s, centre_m[:, k]) for k in (0, 1)], axis=1)


def _zone(a: F64, b: F64, apart_m: float) -> Zone | None:
    (sa, pa), (sb, pb) = _sampled(a), _sampled(b)
    close = ((pa[:, None] - pb[None]) ** 2).sum(axis=2) < apart_m**2
    if not close.any():
        return None
    on_a, on_b = sa[close.any(axis=1)], sb[close.any(axis=0)]
    return Zone(float(on_a[0]), float(on_a[-1]), float(on_b[0]), float(on_b[-1]))
