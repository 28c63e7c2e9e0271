"""Ways through a lane graph: from one lane to another, and what lies ahead of a place. Pure functions of the lanes.

They take anything with the fields of ``ConcreteLane``, so ``world.Lane`` serves as well; lanes stand at the index of
their id.
"""

from __future__ import annotations

import heapq
from collections.abc import Sequence
from typing import Any, Protocol

import numpy as np

from pairforge.errors import SpecError


class GraphLane(Protocol):
    """What the functions here read of a lane."""

    @property
    def lane_id(self) -> int: ...
    @property
    def centre_m(self) -> Any: ...
    @property
    def successors(self) -> tuple[int, ...]: ...
    @property
    def left(self) -> int | None: ...
    @property
    def right(self) -> int | None: ...
    @property
    def turn(self) -> str: ...


CHANGE_M = 30.0
"""A change of lane counts as this much longer a way."""


def length_m(lane: GraphLane) -> float:
    """Along its centre line."""
    return float(np.linalg.norm(np.diff(np.asarray(lane.centre_m, dtype=np.float64), axis=0), axis=1).sum())


def predecessors(lanes: Sequence[GraphLane]) -> dict[int, tuple[int, ...]]:
    """Lane id -> the lanes that lead into it, in ascending order."""
    found: dict[int, list[int]] = {lane.lane_id: [] for lane in lanes}
    for lane in lanes:
        for onward in lane.successors:
            found[onward].append(lane.lane_id)
    return {lane_id: tuple(sorted(before)) for lane_id, before in found.items()}


def route(lanes: Sequence[GraphLane], start: int, goal: int, changes: bool = True) -> tuple[int, ...] | None:
    """The shortest way (lane ids, both ends included) by Dijkstra's rule, or None when there is none.

    With ``changes`` one may also go over to the lane on the left or right. SpecError for a lane that is not there.
    """
    by_id = {lane.lane_id: lane for lane in lanes}
    for lane_id in (start, goal):
        if lane_id not in by_id:
            raise SpecError(
                f"there is no lane {lane_id}. Lanes: {', '.join(map(str, sorted(by_id))) or 'none'}."
            )
    lengths = {lane_id: length_m(lane) for lane_id, lane in by_id.items()}
    queue: list[tuple[float, int, tuple[int, ...]]] = [(0.0, start, (start,))]
    done: set[int] = set()
    while queue:
        cost, here, way = heapq.heappop(queue)
        if here == goal:
            return way
        if here in done:
            continue
        done.add(here)
        lane = by_id[here]
        onward = [(cost + lengths[here], n) for n in lane.successors]
        if changes:
            onward += [(cost + CHANGE_M, n) for n in (lane.left, lane.right) if n is not None]
        for more, lane_id in onward:
            if lane_id in by_id and lane_id not in done:
                heapq.heappush(queue, (more, lane_id, (*way, lane_id)))
    return None


def onward(lanes: Sequence[GraphLane], lane_id: int, turn: str = "straight") -> int | None:
    """The successor that turns that way; without one the one that goes straight, then the first; None at an end."""
    by_id = {lane.lane_id: lane for lane in lanes}
    options = [by_id[k] for k in by_id[lane_id].successors if k in by_id]
    for wanted in (turn, "straight", ""):
        for option in options:
            if option.turn == wanted:
                return option.lane_id
    return options[0].lane_id if options else None


def lanes_ahead(
    lanes: Sequence[GraphLane], lane_id: int, reach_m: float, turns: Sequence[str] = ()
) -> tuple[int, ...]:
    """Lane ids from ``lane_id`` on until they are ``reach_m`` long together (or the road ends), itself included.

    ``turns`` ("left", "straight", "right") says which way at each junction to come; straight on afterwards.
    """
    by_id = {lane.lane_id: lane for lane in lanes}
    way, covered, left = [lane_id], length_m(by_id[lane_id]), list(turns)
    while covered < reach_m:
        options = [by_id[k] for k in by_id[way[-1]].successors if k in by_id]
        fork = any(option.turn for option in options)
        following = onward(lanes, way[-1], left.pop(0) if fork and left else "straight")
        if following is None:
            break
        way.append(following)
        covered += length_m(by_id[following])
    return tuple(way)
