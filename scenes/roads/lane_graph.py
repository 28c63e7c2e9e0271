"""A road network -> its lane graph: sampled centre lines on the true elevation, what follows what, who yields.

Lanes are numbered from 0 by road id, then section, then right lanes -1, -2, … and left lanes 1, 2, …; only driving
and biking lanes are lanes of the graph (people walk and cars park on the setting's strips).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
from scipy.ndimage import minimum_filter1d

from pairforge.frames import F64
from pairforge.scenes.concrete import ConcreteLane
from pairforge.scenes.roads.conflicts import yielding
from pairforge.scenes.roads.network import LaneSection, Road, RoadLane, RoadNetwork, RoadSignal
from pairforge.scenes.roads.reference_line import lane_borders, lane_edges, line_at, section_span

KINDS = ("driving", "biking")
END_STEP_M = 0.1
"""The first and the last chord of a lane are this short, so that they point as the lane does there."""
RULED_WITHIN_M = 40.0
"""A light or sign rules the end of a lane that it stands at most this far before."""
BEFORE_CROSSING_M = 1.0
STOPPING = ("light", "stop", "give_way")
Key = tuple[int, int, int]
"""(road id, section, OpenDRIVE lane id)"""


@dataclass(frozen=True, eq=False)
class LaneGraph:
    """The lanes, and which lane of which road each one is."""

    lanes: tuple[ConcreteLane, ...]
    keys: tuple[Key, ...]

    def lane_at(self, road_id: int, section: int, lane_id: int) -> int | None:
        """The lane's number, or None when it is none of the graph's."""
        key = (road_id, section, lane_id)
        return self.keys.index(key) if key in self.keys else None


def signal_name(signal_id: int) -> str:
    """What the item of a traffic light of the network is called."""
    return f"light_{signal_id}"


def lane_graph(network: RoadNetwork) -> LaneGraph:
    """All lanes of a network with their graph. Links to roads or lanes that are not there lead nowhere."""
    keys = tuple(_keys(network))
    number = {key: k for k, key in enumerate(keys)}
    roads = {road.road_id: road for road in network.roads}
    lanes = [_lane(roads[key[0]], key, number) for key in keys]
    linked = [
        replace(lane, successors=tuple(_successors(network, roads, key, number)))
        for lane, key in zip(lanes, keys, strict=True)
    ]
    ruled = yielding(network, linked, [key[0] for key in keys])
    return LaneGraph(
        tuple(_stopping(ruled, lane, roads[key[0]], key) for lane, key in zip(ruled, keys, strict=True)), keys
    )


def _keys(network: RoadNetwork) -> Iterator[Key]:
    for road in network.roads:
        for index, section in enumerate(road.sections):
            for lane in (*section.right, *section.left):
                if lane.kind in KINDS:
                    yield road.road_id, index, lane.lane_id


def _find(section: LaneSection, lane_id: int) -> RoadLane | None:
    return next((lane for lane in (*section.left, *section.right) if lane.lane_id == lane_id), None)


def stations(road: Road, index: int, finest_m: float = 1.0, coarsest_m: float = 5.0) -> F64:
    """s (N,) along a section: closer where the road bends or its slope changes, both ends included."""
    start, end = section_span(road, index)
    if end - start <= 4 * END_STEP_M:
        return np.array([start, end])
    fine = np.linspace(start, end, max(3, int(np.ceil((end - start) / 0.5)) + 1))
    line = line_at(road, fine)
    bend = np.abs(line.curvature) + np.abs(np.gradient(line.slope, fine))
    widths = np.array([edge for pair in lane_borders(road, index, fine).values() for edge in pair])
    if widths.size:
        bend = bend + np.abs(np.gradient(np.gradient(widths, fine, axis=1), fine, axis=1)).max(axis=0)
    step = np.clip(np.sqrt(0.03 / np.maximum(bend, 1e-9)), finest_m, coarsest_m)
    # Steps as dense as the tightest place within the coarsest step asks for.
    step = minimum_filter1d(step, 2 * int(coarsest_m / 0.5) + 1, mode="nearest")
    count = np.concatenate([[0.0], np.cumsum(np.diff(fine) * 2 / (step[1:] + step[:-1]))])
    inside = np.interp(np.linspace(0.0, count[-1], max(2, int(np.ceil(count[-1])) + 1)), count, fine)[1:-1]
    inside = inside[(inside > start + 2 * END_STEP_M) & (inside < end - 2 * END_STEP_M)]
    return np.concatenate([[start, start + END_STEP_M], inside, [end - END_STEP_M, end]])


def _lane(road: Road, key: Key, number: dict[Key, int]) -> ConcreteLane:
    """The lane by itself: everything but what follows it and whom it yields to."""
    _, index, lane_id = key
    section = road.sections[index]
    own = _find(section, lane_id)
    assert own is not None
    s = stations(road, index)
    inner, outer = lane_edges(road, index, lane_id, s)
    centre = line_at(road, s).beside((inner + outer) / 2)
    forward = lane_id < 0
    if not forward:
        s, centre = s[::-1], centre[::-1]
    limit = own.speed_limit_mps if own.speed_limit_mps is not None else road.speed_limit_mps
    left, right, opposing = _beside(section, key, number)
    line = _light(road, index, forward)
    return ConcreteLane(
        lane_id=number[key],
        centre_m=tuple((float(x), float(y), float(z)) for x, y, z in centre),
        width_m=_width(np.abs(outer - inner), road.junction is not None),
        speed_limit_mps=float(limit),
        kind=own.kind,
        left=None if road.junction is not None else left,
        right=None if road.junction is not None else right,
        opposing=opposing,
        junction=road.junction,
        turn="" if road.junction is None else _turn(centre),
        signal=None if line is None or line.kind != "light" else signal_name(line.signal_id),
        stop_m=None if line is None else _along(s, centre, line.s_m),
        crossings_m=_crossings(road, s, centre),
        must_stop=line is not None and line.kind == "stop",
    )


def _width(widths: F64, in_junction: bool) -> float:
    """One width for a lane: its least across a junction, its usual one on a road, where a lane may taper away."""
    return float(widths.min() if in_junction else np.median(widths))


def _along(s: F64, centre: F64, at_s: float) -> float:
    """How far along a lane's centre line (N, 3), sampled at ``s`` (N,), the road's ``at_s`` is."""
    arc = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(centre, axis=0), axis=1))])
    order = np.argsort(s)
    return float(np.interp(at_s, s[order], arc[order]))


def _crossings(road: Road, s: F64, centre: F64) -> tuple[tuple[float, float], ...]:
    found = []
    for walk in road.crosswalks:
        low, high = walk.s_m - walk.length_m / 2, walk.s_m + walk.length_m / 2
        if s.min() <= walk.s_m <= s.max():
            a, b = sorted((_along(s, centre, low), _along(s, centre, high)))
            found.append((a, b))
    return tuple(sorted(found))


def _turn(centre: F64) -> str:
    """Which way a lane through a junction goes: by more than 30 degrees it turns."""
    a, b = centre[1, :2] - centre[0, :2], centre[-1, :2] - centre[-2, :2]
    angle = float(np.arctan2(a[0] * b[1] - a[1] * b[0], a @ b))
    return "straight" if abs(angle) <= np.pi / 6 else "left" if angle > 0 else "right"


def _beside(
    section: LaneSection, key: Key, number: dict[Key, int]
) -> tuple[int | None, int | None, int | None]:
    """Lanes that one may change into on the left (inwards) and right (outwards), and the opposing one."""
    road_id, index, lane_id = key
    side = 1 if lane_id > 0 else -1

    def found(other: int) -> int | None:
        return number.get((road_id, index, other))

    inner = None if abs(lane_id) == 1 else lane_id - side
    left = None if inner is None or not _crossable(section, inner, outwards=False) else found(inner)
    right = found(lane_id + side) if _crossable(section, lane_id, outwards=True) else None
    return left, right, found(-lane_id) if abs(lane_id) == 1 else None


def _crossable(section: LaneSection, inner_id: int, outwards: bool) -> bool:
    """Whether the line on the outer edge of a lane may be crossed; of a double one the nearer line counts."""
    lane = _find(section, inner_id)
    if lane is None:
        return False
    nearer = lane.marking.split("_")[0 if outwards else -1]
    return nearer != "solid"


def _light(road: Road, index: int, forward: bool) -> RoadSignal | None:
    """The light, or else the sign, at which the traffic of a section stops."""
    start, end = section_span(road, index)
    ours = [
        signal
        for signal in road.signals
        if signal.kind in STOPPING
        and signal.orientation in ("both", "+" if forward else "-")
        and start - 1e-6 <= signal.s_m <= end + 1e-6
        and abs((end if forward else start) - signal.s_m) <= RULED_WITHIN_M
    ]
    return min(ours, key=lambda signal: (STOPPING.index(signal.kind), signal.signal_id), default=None)


def _successors(
    network: RoadNetwork, roads: dict[int, Road], key: Key, number: dict[Key, int]
) -> Iterator[int]:
    """Lanes that go on where this one ends, in ascending order."""
    road_id, index, lane_id = key
    road, forward = roads[road_id], lane_id < 0
    own = _find(road.sections[index], lane_id)
    assert own is not None
    onward = index + (1 if forward else -1)
    next_id = own.successor if forward else own.predecessor
    found: set[int | None] = set()
    if 0 <= onward < len(road.sections):
        found.add(None if next_id is None else number.get((road_id, onward, next_id)))
    else:
        link = road.successor if forward else road.predecessor
        if link is not None and link.kind == "road" and next_id is not None:
            found.add(_entered(roads, link.element_id, link.contact or "start", next_id, number))
        elif link is not None and link.kind == "junction":
            for junction in network.junctions:
                if junction.junction_id == link.element_id:
                    found |= {
                        _entered(roads, c.connecting, c.contact, to, number)
                        for c in junction.connections
                        if c.incoming == road_id
                        for here, to in c.lane_links
                        if here == lane_id
                    }
    yield from sorted(lane for lane in found if lane is not None)


def _entered(
    roads: dict[int, Road], road_id: int, contact: str, lane_id: int, number: dict[Key, int]
) -> int | None:
    """The lane of a road that one drives into at its start (a right lane) or its end (a left one)."""
    road = roads.get(road_id)
    if road is None or (lane_id < 0) != (contact == "start"):
        return None
    return number.get((road_id, 0 if contact == "start" else len(road.sections) - 1, lane_id))


def _stopping(lanes: tuple[ConcreteLane, ...], lane: ConcreteLane, road: Road, key: Key) -> ConcreteLane:
    """A lane without light or sign whose traffic must yield stops before the crossing at its end, or at its end."""
    if lane.stop_m is not None or lane.junction is not None:
        return lane
    if not any(lanes[k].yields_to for k in lane.successors):
        return lane
    length = length_m(lane)
    near = [a for a, b in lane.crossings_m if length - b < 12.0]
    return replace(lane, stop_m=max(0.0, min(near) - BEFORE_CROSSING_M if near else length - 0.4))


def length_m(lane: ConcreteLane) -> float:
    """Along its centre line."""
    return float(np.linalg.norm(np.diff(np.asarray(lane.centre_m), axis=0), axis=1).sum())
