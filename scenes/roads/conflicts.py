"""Who yields to whom inside junctions: by priorities, by lights, else right before left, oncoming before turning."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import shapely

from pairforge.scenes.concrete import ConcreteLane
from pairforge.scenes.roads.network import Controller, Junction, RoadNetwork
from pairforge.scenes.signals import Programme

NEAR = 0.6
"""Two ways conflict where their centre lines come closer than this share of the narrower one's width."""


def yielding(
    network: RoadNetwork, lanes: Sequence[ConcreteLane], road_of: Sequence[int]
) -> tuple[ConcreteLane, ...]:
    """The lanes with their ``yields_to``. ``road_of``: the road id of each lane, in order of lane ids."""
    junctions = {junction.junction_id: junction for junction in network.junctions}
    inside: dict[int, list[ConcreteLane]] = defaultdict(list)
    for lane in lanes:
        if lane.junction in junctions and lane.junction is not None:
            inside[lane.junction].append(lane)
    before = _before(lanes)
    yields: dict[int, set[int]] = defaultdict(set)
    for junction_id, ways in sorted(inside.items()):
        ruled = _Rules(network, junctions[junction_id], lanes, road_of, before)
        for k, a in enumerate(ways):
            for b in ways[k + 1 :]:
                if ruled.same_arm(a, b) or not conflict(a, b):
                    continue
                last = ruled.who_yields(a, b)
                if last is not None:
                    yields[last.lane_id].add(a.lane_id if last is b else b.lane_id)
    return tuple(replace(lane, yields_to=tuple(sorted(yields[lane.lane_id]))) for lane in lanes)


def _before(lanes: Sequence[ConcreteLane]) -> dict[int, ConcreteLane]:
    """Lane id -> the lane that leads into it (the first of several)."""
    found: dict[int, ConcreteLane] = {}
    for lane in lanes:
        for onward in lane.successors:
            found.setdefault(onward, lane)
    return found


def conflict(a: ConcreteLane, b: ConcreteLane) -> bool:
    """Whether traffic on two lanes of a junction gets in each other's way."""
    one, two = (shapely.LineString(np.asarray(lane.centre_m)[:, :2]) for lane in (a, b))
    return bool(one.distance(two) < NEAR * min(a.width_m, b.width_m))


class _Rules:
    """Decides for one junction."""

    def __init__(
        self,
        network: RoadNetwork,
        junction: Junction,
        lanes: Sequence[ConcreteLane],
        road_of: Sequence[int],
        before: dict[int, ConcreteLane],
    ) -> None:
        self._first = set(junction.priorities)
        self._road_of, self._before = road_of, before
        self._controller = {s.signal_id: s.controller for road in network.roads for s in road.signals}
        self._programmes = {c.controller_id: c for c in network.controllers}

    def same_arm(self, a: ConcreteLane, b: ConcreteLane) -> bool:
        """Lanes of one arm go apart; they never meet."""
        one, two = self._before.get(a.lane_id), self._before.get(b.lane_id)
        if one is None or two is None:
            return a.centre_m[0] == b.centre_m[0]
        return self._road_of[one.lane_id] == self._road_of[two.lane_id]

    def who_yields(self, a: ConcreteLane, b: ConcreteLane) -> ConcreteLane | None:
        """The lane whose traffic waits, or None when lights keep the two apart."""
        if self._kept_apart(a, b):
            return None
        for first, other in ((a, b), (b, a)):
            if any((x, y) in self._first for x in self._roads(first) for y in self._roads(other)):
                return other
        ahead_a, ahead_b = _heading(a), _heading(b)
        turn = float(np.arctan2(np.sin(ahead_b - ahead_a), np.cos(ahead_b - ahead_a)))
        if abs(turn) > 0.75 * np.pi or abs(turn) < 0.25 * np.pi:
            return _turning_yields(a, b)
        # Who heads to our left comes from our right, and goes first.
        return a if turn > 0 else b

    def _roads(self, lane: ConcreteLane) -> list[int]:
        """The connecting road and the incoming one."""
        incoming = self._before.get(lane.lane_id)
        own = [self._road_of[lane.lane_id]]
        return own if incoming is None else [*own, self._road_of[incoming.lane_id]]

    def _kept_apart(self, a: ConcreteLane, b: ConcreteLane) -> bool:
        """Whether lights never let both go at once."""
        one, two = (self._programme(lane) for lane in (a, b))
        return one is not None and two is not None and not _together(one, two)

    def _programme(self, lane: ConcreteLane) -> Controller | None:
        incoming = self._before.get(lane.lane_id)
        if incoming is None or incoming.signal is None:
            return None
        controller = self._controller.get(int(incoming.signal.rsplit("_", 1)[1]))
        return None if controller is None else self._programmes.get(controller)


def _together(a: Controller, b: Controller) -> bool:
    """Whether there is a time at which both are green or yellow, looked for every 0.5 s of a common cycle."""
    one, two = Programme(a.phases, a.offset_s), Programme(b.phases, b.offset_s)
    go = ("green", "yellow")
    times = np.arange(0.25, 4 * max(one.cycle_s, two.cycle_s), 0.5)
    return any(one.at(float(t))[0] in go and two.at(float(t))[0] in go for t in times)


def _turning_yields(a: ConcreteLane, b: ConcreteLane) -> ConcreteLane:
    """Left turns wait for all others, right turns for straight traffic; of equals the one of the higher id."""
    rank = {"straight": 0, "right": 1, "left": 2}
    return max((a, b), key=lambda lane: (rank.get(lane.turn, 0), lane.lane_id))


def _heading(lane: ConcreteLane) -> float:
    """Radians from +x, where the lane starts."""
    (x0, y0, _), (x1, y1, _) = lane.centre_m[:2]
    return float(np.arctan2(y1 - y0, x1 - x0))
