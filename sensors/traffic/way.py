"""A way: the lanes that a driver is going to drive, as one line with what stands along it.

A change of lane, a swerve, a start from the kerb are ways too: their line leaves from where one is and blends into
the lane smoothly.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np

from pairforge.sensors.traffic.lanes import LaneGraph
from pairforge.sensors.traffic.route import Route

BEHIND_M = 25.0
"""What is kept of a way behind the place where a new one starts."""


@dataclass(frozen=True)
class Span:
    """The stretch of a way that is a lane's: from ``start_s`` (which may lie before the way starts) to ``end_s``."""

    lane_id: int
    start_s: float
    end_s: float


@dataclass(frozen=True)
class Gate:
    """Where one may have to wait before a junction: the front stops at ``line_s``; the junction's lane ``onto``
    goes from ``onto_s`` to ``beyond_s``. ``signal`` names the light, ``must_stop`` is a stop sign's."""

    line_s: float
    onto: int
    onto_s: float
    beyond_s: float
    signal: str | None
    must_stop: bool


@dataclass(frozen=True)
class Crossing:
    """Where people cross the way: between ``from_s`` and ``to_s``; one waits with the front at ``line_s``."""

    lane_id: int
    line_s: float
    from_s: float
    to_s: float


class Way:
    """``route``: the line to follow; ``spans`` of lanes, ``gates`` and ``crossings`` in the order they come.

    ``settled_s``: where a blend ends and the way keeps to its lane.
    """

    def __init__(self, graph: LaneGraph, route: Route, spans: Sequence[Span], settled_s: float = 0.0) -> None:
        self.route = route
        self.spans = tuple(spans)
        self.settled_s = settled_s
        self.gates = tuple(_gates(graph, self.spans))
        self.crossings = tuple(_crossings(graph, self.spans))

    def lane_at(self, s: float) -> int | None:
        """The lane that holds the place ``s`` along the way (the first before, the last after it)."""
        for span in self.spans:
            if s < span.end_s:
                return span.lane_id
        return self.spans[-1].lane_id if self.spans else None


def along(graph: LaneGraph, lane_ids: Sequence[int], lateral_m: float = 0.0, reverse: bool = False) -> Way:
    """The way over lanes that follow each other, ``lateral_m`` left of their centre lines; ``reverse``: against
    their traffic (one lane)."""
    lines = [np.asarray(graph.lane(k).centre_m, dtype=np.float64)[:, :2] for k in lane_ids]
    points, ends = [lines[0][:1]], []
    for line in lines:
        last = points[-1][-1]
        fresh = line[1:] if np.linalg.norm(line[0] - last) < 0.05 else line
        points.append(fresh)
        ends.append(sum(len(p) for p in points) - 1)
    line = np.concatenate(points)
    keep = np.concatenate([[True], np.linalg.norm(np.diff(line, axis=0), axis=1) > 1e-6])
    index = np.cumsum(keep) - 1
    line = line[keep]
    if reverse:
        return Way(graph, Route(line[::-1], lateral_m), ())
    route = Route(line, lateral_m)
    s = [0.0, *(float(route.s[min(index[e], len(route.s) - 1)]) for e in ends)]
    spans = [Span(k, a, b) for k, a, b in zip(lane_ids, s[:-1], s[1:], strict=True)]
    return Way(graph, route, spans)


def blended(graph: LaneGraph, way: Way, s: float, d: float, slope: float, length_m: float) -> Way:
    """The way, entered from ``d`` metres left of it at ``s``, over ``length_m`` along it.

    The offset is a quintic that starts at ``d`` with ``slope`` (its rate of change along the way) and ends on the way
    with neither slope nor curvature: the smoothest line between two lanes (Takahashi et al. 1989).
    """
    base = way.route
    first, last = max(0.0, s - BEHIND_M), max(base.length_m, s + length_m + 1.0)
    inside = np.linspace(s, s + length_m, max(8, int(length_m) + 1))
    marks = base.s[(base.s > s + length_m + 0.5) & (base.s < last - 1e-6)]
    before = base.s[(base.s > first + 1e-6) & (base.s < s - 0.5)]
    stations = np.concatenate([[first] if first < s - 0.5 else [], before, inside, marks, [last]])
    u = np.clip((stations - s) / length_m, 0.0, 1.0)
    # Its second derivative is that of ``calm_length_m``.
    offset = d * (1 - u**3 * (10 - 15 * u + 6 * u**2)) + slope * length_m * u * (
        1 - u**2 * (6 - 8 * u + 3 * u**2)
    )
    at, ahead = base.points_at(stations), base.tangents_at(stations)
    points = at + offset[:, None] * np.stack([-ahead[:, 1], ahead[:, 0]], axis=1)
    route = Route(points)
    # Repeated points are dropped from a route, so arc lengths are measured on the points themselves.
    arc = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(points, axis=0), axis=1))])

    def moved(at_s: float) -> float:
        return float(np.interp(at_s, stations, arc)) if at_s >= first else float(at_s - first)

    spans = [Span(p.lane_id, moved(p.start_s), moved(p.end_s)) for p in way.spans if p.end_s > first]
    return Way(graph, route, spans, settled_s=moved(s + length_m))


def calm_length_m(d: float, slope: float, length_m: float, most_curvature: float) -> float:
    """The length, ``length_m`` or more, over which ``blended`` bends by ``most_curvature`` (1/m) at most."""
    u = np.linspace(0.0, 1.0, 33)
    by_offset, by_slope = -60 * u + 180 * u**2 - 120 * u**3, -36 * u + 96 * u**2 - 60 * u**3
    while np.abs(d * by_offset / length_m + slope * by_slope).max() > most_curvature * length_m:
        length_m *= 1.02
    return length_m


def _gates(graph: LaneGraph, spans: Sequence[Span]) -> list[Gate]:
    found = []
    for here, there in pairwise(spans):
        lane, onto = graph.lane(here.lane_id), graph.lane(there.lane_id)
        if lane.signal is None and not onto.yields_to and not lane.must_stop:
            continue
        line = here.end_s - 0.4 if lane.stop_m is None else here.start_s + lane.stop_m
        found.append(Gate(line, there.lane_id, there.start_s, there.end_s, lane.signal, lane.must_stop))
    if spans and (lane := graph.lane(spans[-1].lane_id)).signal is not None and lane.stop_m is not None:
        # A light amid a road, as for people who cross.
        last = spans[-1]
        line = last.start_s + lane.stop_m
        found.append(Gate(line, last.lane_id, line, last.end_s, lane.signal, lane.must_stop))
    return found


def _crossings(graph: LaneGraph, spans: Sequence[Span]) -> list[Crossing]:
    found = []
    for span in spans:
        lane = graph.lane(span.lane_id)
        for start, end in lane.crossings_m:
            stop = (
                lane.stop_m if lane.stop_m is not None and start - 5.0 < lane.stop_m < start else start - 1.0
            )
            found.append(
                Crossing(span.lane_id, span.start_s + stop, span.start_s + start, span.start_s + end)
            )
    return found
