"""Which lanes a driver drives: the route told, the lane of each stretch that serves it, and what comes after."""

from __future__ import annotations

from collections.abc import Sequence

from pairforge.scenes.world import Instance
from pairforge.sensors.traffic.lanes import LaneGraph, legs

PIECE_M = 20.0
REACH_M = 1500.0
"""Without a plan one goes straight on for this far."""


class Itinerary:
    """The stretches still to drive, and which lanes of each lead on to the next."""

    def __init__(self, graph: LaneGraph, route: Sequence[int]) -> None:
        self._graph = graph
        self._legs = legs(graph, route)
        self._at = 0

    @staticmethod
    def of(graph: LaneGraph, instance: Instance) -> Itinerary | None:
        """What an instance's behaviour says: its route, else straight on from its lane; None without a lane."""
        lane_id = instance.behaviour.get("lane_id")
        if not isinstance(lane_id, int) or lane_id not in graph:
            return None
        told = instance.behaviour.get("route")
        route = [int(k) for k in told] if isinstance(told, list | tuple) else []
        route = [k for k in route if k in graph] or [lane_id]
        if route[0] != lane_id:
            route.insert(0, lane_id)
        return Itinerary(graph, _extended(graph, route))

    def goals(self, lane_id: int) -> tuple[int, ...]:
        """The lanes beside ``lane_id`` from which the next stretch can be reached; all when there is none."""
        k = self._leg(lane_id)
        if k is None or k + 1 >= len(self._legs):
            return self._graph.side_by_side(lane_id)
        return tuple(n for n in self._legs[k] if set(self._graph.lane(n).successors) & set(self._legs[k + 1]))

    def from_lane(self, lane_id: int) -> tuple[int, ...]:
        """The lanes to drive, from one of now: those that serve the route while they can, straight on after."""
        k = self._leg(lane_id)
        ids = [lane_id]
        if k is not None:
            self._at = k
            for leg in self._legs[k + 1 :]:
                options = [n for n in self._graph.lane(ids[-1]).successors if n in leg]
                if not options:
                    break
                # Of several lanes the one that keeps the way open longest serves best; ties go by id.
                ids.append(max(options, key=lambda n: (self._serves(n), -n)))
        return tuple(_extended(self._graph, ids))

    def _serves(self, lane_id: int) -> bool:
        return lane_id in self.goals(lane_id)

    def _leg(self, lane_id: int) -> int | None:
        for k in range(self._at, len(self._legs)):
            if lane_id in self._legs[k]:
                return k
        return None


def _extended(graph: LaneGraph, route: Sequence[int]) -> list[int]:
    """The route, and straight on from its end until it is ``REACH_M`` long."""
    ids = list(route)
    length = sum(graph.length_m(k) for k in ids)
    roads = [k for k in ids if _is_road(graph, k)]
    heading = graph.end_heading(roads[-1] if roads else ids[0])
    while length < REACH_M and (onward := graph.onward(ids[-1], heading)) is not None:
        ids.append(onward)
        length += graph.length_m(onward)
        if _is_road(graph, onward):
            heading = graph.end_heading(onward)
    return ids


def _is_road(graph: LaneGraph, lane_id: int) -> bool:
    """Whether a lane is more than a piece of a junction or between those of one roundabout."""
    return graph.lane(lane_id).junction is None and graph.length_m(lane_id) > PIECE_M
