"""People who cross: when somebody on foot may step out, and where a driver waits for them.

The one rule on both sides: at a marked crossing without a light drivers let those who claim it; anywhere else people
wait for a gap; where lights rule, people go while the traffic across has red.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pairforge.sensors.traffic.board import STANDING_MPS, Board, Presence, Walk, seconds_to
from pairforge.sensors.traffic.lanes import LaneGraph
from pairforge.sensors.traffic.route import Route
from pairforge.sensors.traffic.way import Crossing

YIELDING_MPS2 = 3.2
"""The braking above which a driver does not stop for somebody who only claims the crossing."""
TRUSTED_MPS2 = 1.8
"""The braking that people trust a driver to do for them."""
CLEAR_S = 1.0
KERB_M = 0.45
"""People wait this far before the outermost lane."""
SAMPLE_M = 0.2


@dataclass(frozen=True)
class Over:
    """One lane under a walker's path: walked from ``in_s`` to ``out_s``, at ``lane_s`` along the lane. ``marked``:
    on a crossing of the lane."""

    lane_id: int
    in_s: float
    out_s: float
    lane_s: float
    marked: bool


@dataclass(frozen=True)
class Passage:
    """Lanes that are crossed in one go, from kerb to kerb along the path."""

    in_s: float
    out_s: float
    lanes: tuple[Over, ...]


def passages(graph: LaneGraph, path: Route) -> tuple[Passage, ...]:
    """What a path crosses, in order; lanes less than a metre apart are crossed in one go."""
    at = np.arange(0.0, path.length_m + SAMPLE_M, SAMPLE_M)
    points = path.points_at(np.minimum(at, path.length_m))
    found: list[Over] = []
    for lane_id in graph.ids:
        lane = graph.lane(lane_id)
        if lane.kind not in ("driving", "biking"):
            continue
        centre = lane.centre_m[:, :2]
        low, high = centre.min(axis=0) - lane.width_m, centre.max(axis=0) + lane.width_m
        if not ((points > low) & (points < high)).all(axis=1).any():
            continue
        line = Route(centre)
        s, d = line.project(points)
        on = (np.abs(d) < lane.width_m / 2) & (s >= 0.0) & (s <= line.length_m)
        for first, last in _runs(on):
            lane_s = float(s[first : last + 1].mean())
            marked = any(a - 1.0 <= lane_s <= b + 1.0 for a, b in lane.crossings_m)
            along_it = abs(float(s[last] - s[first])) > 2.0 * lane.width_m
            if not along_it:
                found.append(Over(lane_id, float(at[first]), float(at[last]) + SAMPLE_M, lane_s, marked))
    return _joined(sorted(found, key=lambda o: (o.in_s, o.lane_id)))


def _runs(on: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> list[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[False], on, [False]]).astype(np.int8)))
    return [(int(a), int(b) - 1) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _joined(lanes: list[Over]) -> tuple[Passage, ...]:
    groups: list[list[Over]] = []
    for lane in lanes:
        if groups and lane.in_s < max(o.out_s for o in groups[-1]) + 1.0:
            groups[-1].append(lane)
        else:
            groups.append([lane])
    return tuple(Passage(g[0].in_s, max(o.out_s for o in g), tuple(g)) for g in groups)


class Pedestrian:
    """Decides for one walker whether to step out."""

    def __init__(self, board: Board, instance_id: int, path: Route, pace_mps: float) -> None:
        self._board, self._pace = board, max(pace_mps, 0.3)
        self.passages = passages(board.graph, path)
        self._row = Walk(instance_id, {})
        if self.passages:
            board.walks[instance_id] = self._row

    def room_m(
        self, front_s: float, speed: float, time_ns: int, ignores: frozenset[str] = frozenset()
    ) -> float:
        """Metres that the walker may still go; inf when nothing holds them. Tells everybody what they mean to do."""
        ahead = next((p for p in self.passages if p.out_s > front_s - 0.5), None)
        row = self._row
        row.speed = speed
        row.lanes = {}
        row.claims = row.on_road = False
        if ahead is None:
            return float("inf")
        to_kerb = ahead.in_s - KERB_M - front_s
        row.on_road = to_kerb < -0.1
        if to_kerb < 2.5:
            row.lanes = {o.lane_id: (o.lane_s, o.in_s - front_s, o.out_s - front_s) for o in ahead.lanes}
        if row.on_road or "priority" in ignores:
            row.claims = True
            return float("inf")
        if to_kerb > 2.5:
            return float("inf")
        if not self._their_phase(ahead, front_s, time_ns) and "signals" not in ignores:
            return max(to_kerb, 0.0)
        row.claims = any(o.marked for o in ahead.lanes)
        if all(self._safe(over, front_s, time_ns) for over in ahead.lanes):
            return float("inf")
        return max(to_kerb, 0.0)

    def rest(self) -> None:
        """They stand, and mean to."""
        self._row.lanes, self._row.claims, self._row.on_road = {}, False, False

    def _their_phase(self, ahead: Passage, front_s: float, time_ns: int) -> bool:
        """Whether no light lets traffic drive over the passage before they are through."""
        for over in ahead.lanes:
            lane = self._board.graph.lane(over.lane_id)
            if lane.signal is None or lane.stop_m is None or lane.stop_m > over.lane_s or not over.marked:
                continue
            state, left_s = self._board.signal(lane.signal, time_ns)
            if state in ("green", "yellow", "red_yellow"):
                return False
            if state == "red" and left_s < (over.out_s - front_s) / self._pace:
                return False
        return True

    def _safe(self, over: Over, front_s: float, time_ns: int) -> bool:
        """Whether nobody who drives that lane gets in the way, or has to brake hard."""
        comes, leaves = (over.in_s - front_s) / self._pace, (over.out_s - front_s) / self._pace + CLEAR_S
        for other, to_start in self._board.coming(over.lane_id, self._row.instance_id, 100.0):
            to_us = to_start + over.lane_s - 1.0
            if to_us + other.length_m + 1.5 < 0.0:
                continue
            if self._board.held(other, other.front_s + to_us, time_ns, leaves):
                continue
            arrives = seconds_to(to_us, other.speed, max(other.acceleration, 0.3), max(other.wanted, 1.0))
            passed = (to_us + other.length_m + 1.5) / other.speed if other.speed > 1.0 else float("inf")
            if arrives > leaves or passed < comes:
                continue
            stops = other.speed**2 / (2.0 * max(to_us - 1.0, 0.1)) < TRUSTED_MPS2
            if over.marked and other.lawful and to_us > 0.3 and (stops or other.speed < STANDING_MPS):
                continue
            return False
        return True


def hold_m(board: Board, me: Presence, crossing: Crossing, time_ns: int, needs_s: float) -> float | None:
    """Metres that the front may still go before a crossing that somebody claims; None when nobody does.

    ``needs_s``: in how many seconds one would have passed it.
    """
    if crossing.from_s + 0.3 < me.front_s:
        return None
    room = crossing.line_s - me.front_s
    for walk in board.walks.values():
        where = walk.lanes.get(crossing.lane_id)
        if where is None or not walk.claims:
            continue
        span = next((p for p in me.way.spans if p.lane_id == crossing.lane_id), None)
        if span is None or not crossing.from_s - 1.0 <= span.start_s + where[0] <= crossing.to_s + 1.0:
            continue
        _, comes_m, leaves_m = where
        if leaves_m < -0.2:
            continue
        pace = max(walk.speed, 1.0)
        if walk.on_road and comes_m / pace > needs_s + 1.0:
            continue  # they come to our lane only once we are gone
        stopping = me.speed**2 / (2.0 * max(room, 0.1))
        if stopping > (2.0 * YIELDING_MPS2 if walk.on_road else YIELDING_MPS2):
            continue
        return max(room, 0.0)
    return None
