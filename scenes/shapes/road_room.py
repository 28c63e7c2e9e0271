"""Where along and across a road its pieces have room: asphalt under kerbs, stretches, lines that nothing cuts."""

from __future__ import annotations

from typing import Any

import numpy as np
import shapely
from shapely.geometry import LineString
from shapely.ops import linemerge

from pairforge.frames import F64
from pairforge.scenes.roads.area import PAVED
from pairforge.scenes.roads.lane_graph import STOPPING
from pairforge.scenes.roads.network import Road, RoadLane
from pairforge.scenes.roads.reference_line import lane_borders, section_span

WIDEN_M = 0.03
"""Asphalt reaches so far under its kerbs and verges."""


def room_beside(lane: RoadLane, borders: dict[int, tuple[F64, F64]]) -> F64:
    """How far (N,) the asphalt beside a lane may reach under it: not at all under asphalt."""
    inner, outer = borders[lane.lane_id]
    if lane.kind in PAVED:
        return np.zeros(len(inner))
    return np.asarray(np.clip(np.abs(outer - inner) / 2 - 0.001, 0.0, WIDEN_M))


def runs(keep: np.ndarray[tuple[int, ...], np.dtype[np.bool_]]) -> list[slice]:
    """Slices of the stretches where ``keep`` holds, each with the point before and after it."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], keep, [False]]).astype(np.int8)))
    return [
        slice(max(int(a) - 1, 0), min(int(b) + 1, len(keep)))
        for a, b in zip(edges[::2], edges[1::2], strict=True)
        if min(int(b) + 1, len(keep)) - max(int(a) - 1, 0) > 1
    ]


def lines_of(shape: Any) -> list[LineString]:
    """The longest lines that its pieces make together."""
    parts = [p for p in shapely.get_parts(shape) if isinstance(p, LineString) and p.length > 1e-6]
    if not parts:
        return []
    merged = linemerge(parts)
    return [p for p in shapely.get_parts(merged) if isinstance(p, LineString)]


def section_at(road: Road, s: float) -> int:
    """The index of the lane section at ``s``."""
    return max(k for k in range(len(road.sections)) if road.sections[k].s_m <= s + 1e-9)


def paved_edges(road: Road, s: float) -> tuple[float, float]:
    """The outermost t of the asphalt at ``s``: on the right, on the left."""
    index = section_at(road, s)
    section, borders = road.sections[index], lane_borders(road, index, s)
    edges = [
        float(edge[0])
        for lane in (*section.left, *section.right)
        if lane.kind in PAVED
        for edge in borders[lane.lane_id]
    ]
    return min(edges), max(edges)


def free_spans(road: Road, index: int) -> list[tuple[float, float]]:
    """Where lines run: not over crossings, nor between a crossing and the junction just behind it, nor past a line at
    which one stops."""
    start, stop = section_span(road, index)
    blocked = []
    for walk in road.crosswalks:
        low, high = walk.s_m - walk.length_m / 2 - 0.4, walk.s_m + walk.length_m / 2 + 0.4
        blocked.append((0.0 if low < 8.0 else low, road.length_m if high > road.length_m - 8.0 else high))
    for signal in road.signals:
        if signal.kind in STOPPING and signal.s_m < 10.0:
            blocked.append((0.0, signal.s_m))
        elif signal.kind in STOPPING and signal.s_m > road.length_m - 10.0:
            blocked.append((signal.s_m, road.length_m))
    spans, at = [], start
    for low, high in sorted(blocked):
        if low > at:
            spans.append((at, min(low, stop)))
        at = max(at, high)
    if at < stop:
        spans.append((at, stop))
    return [(a, b) for a, b in spans if b - a > 0.3]
