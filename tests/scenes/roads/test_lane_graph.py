"""The lane graph is a road to drive on: ends meet, neighbours are neighbours, and somebody always goes first."""

from __future__ import annotations

from functools import lru_cache

import numpy as np
import pytest

from pairforge.errors import SpecError
from pairforge.frames import F64
from pairforge.scenes.concrete import ConcreteLane
from pairforge.scenes.draws import Draws
from pairforge.scenes.roads.crossroads import Crossroads
from pairforge.scenes.roads.lane_graph import LaneGraph, lane_graph, length_m
from pairforge.scenes.roads.network import RoadNetwork
from pairforge.scenes.roads.routes import lanes_ahead, onward, predecessors, route
from pairforge.seeding import Stream


@lru_cache(maxsize=16)
def _network(control: str, arms: int = 4, lanes: int = 1, seed: int = 1, skew: float = 0.0) -> RoadNetwork:
    spec = Crossroads(arms=arms, lanes=lanes, control=control, skew_deg=skew)
    return spec.lay(Draws(Stream(seed), path="setting"))


@lru_cache(maxsize=16)
def _graph(control: str, arms: int = 4, lanes: int = 1, seed: int = 1, skew: float = 0.0) -> LaneGraph:
    return lane_graph(_network(control, arms, lanes, seed, skew))


def _line(lane: ConcreteLane) -> F64:
    return np.array(lane.centre_m)


def assert_ends_meet(lanes: tuple[ConcreteLane, ...]) -> None:
    """Each successor starts where its lane ends, within 1 cm and 1 degree."""
    for lane in lanes:
        for k in lane.successors:
            here, there = _line(lane), _line(lanes[k])
            assert np.linalg.norm(here[-1] - there[0]) < 0.01, (lane.lane_id, k)
            a, b = here[-1] - here[-2], there[1] - there[0]
            angle = np.degrees(np.arccos(np.clip(a @ b / np.linalg.norm(a) / np.linalg.norm(b), -1, 1)))
            assert angle < 1.0, (lane.lane_id, k, angle)


@pytest.mark.parametrize("seed", range(4))
@pytest.mark.parametrize(("arms", "lanes"), [(3, 1), (4, 1), (4, 2)])
def test_where_a_lane_ends_its_successors_begin_and_point_the_same_way(
    arms: int, lanes: int, seed: int
) -> None:
    graph = lane_graph(Crossroads(arms=arms, lanes=lanes, rise_m=4.0).lay(Draws(Stream(seed))))
    assert_ends_meet(graph.lanes)
    inside = [lane for lane in graph.lanes if lane.junction is not None]
    assert all(len(lane.successors) == 1 and lane.turn for lane in inside)
    # Every lane that comes in leads on, every lane that goes out ends at the world's edge.
    outside = [lane for lane in graph.lanes if lane.junction is None]
    assert sum(bool(lane.successors) for lane in outside) == arms * lanes


def test_two_lanes_each_way_are_neighbours_and_keep_right() -> None:
    graph = _graph("signals", lanes=2)
    for lane in graph.lanes:
        if lane.junction is not None:
            assert lane.left is None
            assert lane.right is None
            continue
        for other_id, sign in ((lane.left, 1.0), (lane.right, -1.0), (lane.opposing, 1.0)):
            if other_id is None:
                continue
            here, ahead = _line(lane)[0], _line(lane)[1] - _line(lane)[0]
            other = _line(graph.lanes[other_id])
            nearest = other[np.argmin(np.linalg.norm(other - here, axis=1))] - here
            assert sign * (ahead[0] * nearest[1] - ahead[1] * nearest[0]) > 0
            assert 2.6 < np.linalg.norm(nearest) < 5.5
        assert lane.left is None or graph.lanes[lane.left].right == lane.lane_id
        assert lane.right is None or graph.lanes[lane.right].left == lane.lane_id
        assert lane.opposing is None or graph.lanes[lane.opposing].opposing == lane.lane_id


def _way(graph: LaneGraph, network: RoadNetwork, start: str, end: str) -> ConcreteLane:
    """The lane across the junction from the road of one name to that of another."""
    names = {road.road_id: road.name for road in network.roads}
    for lane in graph.lanes:
        if lane.junction is not None:
            (before,) = predecessors(graph.lanes)[lane.lane_id]
            if (names[graph.keys[before][0]], names[graph.keys[lane.successors[0]][0]]) == (start, end):
                return lane
    raise AssertionError((start, end))


@pytest.mark.parametrize(
    ("control", "one", "other", "who"),
    [
        # From the south going straight on, the right is the east.
        ("right_before_left", ("south", "north"), ("east", "west"), "one"),
        ("right_before_left", ("south", "north"), ("west", "east"), "other"),
        ("right_before_left", ("south", "west"), ("north", "south"), "one"),
        ("right_before_left", ("south", "east"), ("west", "east"), "other"),
        ("right_before_left", ("south", "east"), ("north", "south"), "nobody"),
        ("priority", ("south", "north"), ("west", "east"), "one"),
        ("priority", ("south", "north"), ("east", "west"), "one"),
        ("priority", ("east", "south"), ("west", "east"), "one"),
        ("priority", ("south", "west"), ("north", "south"), "one"),
        # Lights keep crossing traffic apart, but not those who turn left before oncoming traffic.
        ("signals", ("south", "north"), ("west", "east"), "nobody"),
        ("signals", ("south", "west"), ("north", "south"), "one"),
        ("signals", ("south", "west"), ("north", "west"), "one"),
    ],
)
def test_who_goes_first_is_what_the_highway_code_says(
    control: str, one: tuple[str, str], other: tuple[str, str], who: str
) -> None:
    graph, network = _graph(control), _network(control)
    a, b = _way(graph, network, *one), _way(graph, network, *other)
    assert (b.lane_id in a.yields_to) == (who == "one")
    assert (a.lane_id in b.yields_to) == (who == "other")


@pytest.mark.parametrize("control", ["signals", "priority", "right_before_left"])
@pytest.mark.parametrize("arms", [3, 4])
def test_nobody_waits_for_one_who_waits_for_him(control: str, arms: int) -> None:
    graph = _graph(control, arms)
    for lane in graph.lanes:
        for other in lane.yields_to:
            assert lane.lane_id not in graph.lanes[other].yields_to
            assert graph.lanes[other].junction == lane.junction is not None


def test_lights_rule_the_lanes_that_come_in_and_one_stops_before_the_crossing() -> None:
    graph = _graph("signals")
    for lane in graph.lanes:
        if lane.successors and lane.junction is None:
            assert lane.signal is not None
            assert lane.signal.startswith("light_")
            assert lane.stop_m is not None
            (crossing,) = lane.crossings_m
            assert 0.5 < crossing[0] - lane.stop_m < 2.0
            assert length_m(lane) - crossing[1] < 3.0
        else:
            assert lane.signal is None
            assert lane.stop_m is None
    assert len({lane.signal for lane in graph.lanes if lane.signal}) == 4


def test_a_route_turns_as_told_and_its_line_has_no_gap() -> None:
    graph, network = _graph("priority"), _network("priority")
    names = {road.road_id: road.name for road in network.roads}
    start = next(
        lane.lane_id
        for lane, key in zip(graph.lanes, graph.keys, strict=True)
        if names[key[0]] == "south" and lane.successors
    )
    ends = {}
    for turn in ("left", "straight", "right"):
        way = lanes_ahead(graph.lanes, start, 200.0, [turn])
        ends[turn] = names[graph.keys[way[-1]][0]]
        assert route(graph.lanes, start, way[-1]) == way
        by_id = {lane.lane_id: lane for lane in graph.lanes}
        line = np.concatenate([by_id[k].centre_m for k in way])
        assert np.linalg.norm(np.diff(line, axis=0), axis=1).max() < 6.0
    assert ends == {"left": "west", "straight": "north", "right": "east"}
    assert onward(graph.lanes, way[-1]) is None
    assert route(graph.lanes, way[-1], start) is None
    with pytest.raises(SpecError, match="no lane 99"):
        route(graph.lanes, start, 99)


def test_a_change_of_lane_is_a_way_too() -> None:
    graph = _graph("signals", lanes=2)
    inner = next(x for x in graph.lanes if x.successors and x.junction is None and x.right is not None)
    outer = graph.lanes[inner.right or 0]
    goal = next(k for k in outer.successors if graph.lanes[k].turn == "right")
    assert route(graph.lanes, inner.lane_id, goal) == (inner.lane_id, outer.lane_id, goal)
    assert route(graph.lanes, inner.lane_id, goal, changes=False) is None


def test_a_lane_follows_its_road_up_and_down() -> None:
    network = Crossroads(rise_m=6.0).lay(Draws(Stream(5)))
    graph = lane_graph(network)
    heights = np.concatenate([_line(lane)[:, 2] for lane in graph.lanes])
    assert np.ptp(heights) > 2.0
    for lane in graph.lanes:
        steps = np.diff(_line(lane), axis=0)
        assert np.abs(steps[:, 2] / np.linalg.norm(steps[:, :2], axis=1)).max() < 0.2
