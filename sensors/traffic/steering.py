"""The line a driver steers along: its lane, a lane it changes into, an offset it is told, out of a bay."""

from __future__ import annotations

import math

import numpy as np

from pairforge.frames import wrapped
from pairforge.scenes.taxonomy import CLASSES
from pairforge.scenes.world import Instance
from pairforge.sensors.friction import grip
from pairforge.sensors.orders import Orders
from pairforge.sensors.traffic.board import Board, Presence
from pairforge.sensors.traffic.commander import State
from pairforge.sensors.traffic.following import CarFollowing
from pairforge.sensors.traffic.itinerary import Itinerary
from pairforge.sensors.traffic.lane_change import Follower, Leader, Mobil, Sides
from pairforge.sensors.traffic.neighbours import Neighbours
from pairforge.sensors.traffic.route import Route
from pairforge.sensors.traffic.way import Way, along, blended, calm_length_m

CHANGE_S = 4.0
"""A change of lane takes this long, and at least ``SHORTEST_M``."""
SHORTEST_M = 12.0
BRISK_MPS2 = {"truck": 2.6, "bus": 3.4, "van": 4.5}
BRISK_CAR_MPS2, BRISK_SHARE = 6.0, 0.6
"""Nor is anybody in such a hurry that it would take more than so much sideways, bends of the road included: three
quarters of what tips a lorry or a bus over, and no more than this share of the grip."""
CONSIDER_NS = 400_000_000
SETTLE_NS = 5_000_000_000
"""Nobody changes again by choice for so long."""
NEAR_GATE_M = 40.0
"""No change by choice this near before a junction."""
PLAN_AHEAD_M = 150.0
"""A lane that does not serve the route is left alone this far before it ends."""
GAP_S = 4.5
"""Who pulls out leaves everybody behind at least this much time."""


class Line:
    """``way`` is what is steered along now, ``lanes`` the way over lanes that it blends into; ``parked``: still
    waiting at the kerb."""

    def __init__(self, board: Board, instance: Instance, law: CarFollowing, changes: bool) -> None:
        self._board, self._law, self._mobil = board, law, Mobil()
        self._instance = instance
        brisk = BRISK_MPS2.get(CLASSES[instance.semantic_id].name, BRISK_CAR_MPS2)
        self._brisk_mps2 = min(brisk, BRISK_SHARE * grip(board.world))
        behaviour = instance.behaviour
        self.parked = behaviour.get("kind") == "pull_out"
        self._sets_out_ns = round(_number(behaviour.get("starts_at_s")) * 1e9)
        self._lateral = 0.0 if self.parked else _number(behaviour.get("lateral_m"))
        self._usual_lateral = self._lateral
        self._itinerary = Itinerary.of(board.graph, instance)
        self._changes = changes
        self._told: int | None = None
        self._changed_ns = 0
        pose = instance.world_from_body
        if self._itinerary is None:
            straight = Route(np.stack([pose.position_m, pose.points([500.0, 0.0, 0.0])]))
            self.lanes = Way(board.graph, straight, ())
        else:
            lane_id = int(behaviour["lane_id"])  # type: ignore[call-overload]  # its schema was checked
            self.lanes = along(board.graph, self._itinerary.from_lane(lane_id), self._lateral)
        self.way = self.lanes
        x, y = float(pose.position_m[0]), float(pose.position_m[1])
        self._s, _ = self.way.route.locate(x, y)
        self._lanes_s = self.start_s = self._s
        stop = behaviour.get("stop_at_s_m")
        self._stop_s = float(stop) if isinstance(stop, int | float) else None
        self._stop_point = None if self._stop_s is None else self.way.route.at(self._stop_s)
        if self.parked:
            _, d = self.way.route.locate(x, y)
            self.way = (
                along(board.graph, self._itinerary.from_lane(lane_id), d) if self._itinerary else self.way
            )

    def place(self, state: State) -> float:
        """Arc length along the way."""
        self._s, _ = self.way.route.near(state.x, state.y, self._s)
        return self._s

    def lane_place(self, state: State) -> tuple[float, float]:
        """Arc length along the lanes, and the offset to their left."""
        s, d = self.lanes.route.near(state.x, state.y, self._lanes_s)
        self._lanes_s = s
        return s, d

    def end_m(self, me: Presence) -> float:
        """Metres left before one must have stopped: at the end of the way, where told, before a lane that ends."""
        left = self.way.route.length_m - me.front_s
        if self._stop_s is not None:
            left = min(left, self._stop_s - me.s)
        return left

    def choose(
        self, me: Presence, state: State, orders: Orders, neighbours: Neighbours, time_ns: int
    ) -> bool:
        """Takes another line when ordered to, when the route asks for it or when it pays; True if it did."""
        if self.parked:
            return time_ns >= self._sets_out_ns and self._pull_out(me, state, neighbours, time_ns)
        lane_id = me.way.lane_at(me.s)
        told, lateral = orders.lane_id, self._usual_lateral if orders.lateral_m is None else orders.lateral_m
        elsewhere = told is not None and told != self._told and told in self._board.graph and told != lane_id
        self._told = told
        if elsewhere or lateral != self._lateral:
            self._lateral = lateral
            return self._into(told if elsewhere else lane_id, me, state, orders.over_s or CHANGE_S, time_ns)
        due = (time_ns + me.instance_id * 20_000_000) % CONSIDER_NS == 0
        away = told is not None and told != lane_id
        if not due or away or lane_id is None or me.s < me.way.settled_s:
            return False
        if self._by_route(lane_id, me, state, neighbours, time_ns):
            return True
        return self._changes and told is None and self._by_choice(lane_id, me, state, neighbours, time_ns)

    def _into(self, lane_id: int | None, me: Presence, state: State, over_s: float, time_ns: int) -> bool:
        """Blends over into a lane (None: the line that one follows off all lanes) at the present offset."""
        graph = self._board.graph
        if lane_id is None or self._itinerary is None:
            lanes = Way(graph, Route(self.lanes.route.points), ())
            target = Way(graph, Route(self.lanes.route.points, self._lateral), ())
        else:
            ids = self._itinerary.from_lane(lane_id)
            against = self._against(lane_id, state)
            ids = ids[:1] if against else ids
            lanes = along(graph, ids, reverse=against)
            target = along(graph, ids, self._lateral, reverse=against)
        s, d = target.route.locate(state.x, state.y)
        ahead = target.route.tangent(s)
        slope = math.tan(np.clip(wrapped(state.yaw - math.atan2(ahead[1], ahead[0])), -0.6, 0.6))
        length = max(over_s * state.speed, SHORTEST_M if abs(d) > 1.0 else 8.0)
        length = self._calm_length_m(target.route, s, d, slope, length, state.speed)
        self.lanes = lanes
        self.way = blended(graph, target, s, d, slope, length)
        self._s, _ = self.way.route.locate(state.x, state.y)
        self._lanes_s, _ = lanes.route.locate(state.x, state.y)
        if self._stop_point is not None:
            self._stop_s = self.way.route.locate(*self._stop_point.tolist())[0]
        self._changed_ns = time_ns
        return True

    def _calm_length_m(
        self, route: Route, s: float, d: float, slope: float, length_m: float, speed: float
    ) -> float:
        """``length_m``, or as much more as the vehicle and the road ask for at this speed."""
        most = self._brisk_mps2 / max(speed, 1.0) ** 2
        bend = float(np.abs(route.curvatures(np.linspace(s, s + length_m, 9))).max())
        return calm_length_m(d, slope, length_m, max(most - bend, most / 2))

    def _against(self, lane_id: int, state: State) -> bool:
        """Whether a lane's traffic comes towards us."""
        route = Route(self._board.graph.lane(lane_id).centre_m)
        s, _ = route.locate(state.x, state.y)
        ahead = route.tangent(s)
        return bool(ahead[0] * math.cos(state.yaw) + ahead[1] * math.sin(state.yaw) < 0.0)

    def _by_route(
        self, lane_id: int, me: Presence, state: State, neighbours: Neighbours, time_ns: int
    ) -> bool:
        """Changes towards a lane that leads where the route goes, as soon as it is safe."""
        assert self._itinerary is not None
        goals = self._itinerary.goals(lane_id)
        if lane_id in goals or not goals or self._board.graph.lane(lane_id).junction is not None:
            return False
        beside = self._board.graph.side_by_side(lane_id)
        here = beside.index(lane_id)
        goal = min(
            (k for k in goals if k in beside), key=lambda k: (abs(beside.index(k) - here), k), default=None
        )
        left_m = self._left_m(lane_id, me)
        if goal is None or left_m > 250.0 or left_m < 3.0:
            return False
        target = beside[here + (1 if beside.index(goal) > here else -1)]
        limit = 3.0 if left_m > 80.0 else 4.0
        if not self._mobil.is_safe(self._law, me.speed, self._sides(target, me, state, neighbours), limit):
            return False
        return self._into(target, me, state, CHANGE_S, time_ns)

    def _by_choice(
        self, lane_id: int, me: Presence, state: State, neighbours: Neighbours, time_ns: int
    ) -> bool:
        """Changes where MOBIL finds it worth while."""
        lane = self._board.graph.lane(lane_id)
        if me.speed < 3.0 or lane.junction is not None or time_ns - self._changed_ns < SETTLE_NS:
            return False
        gate = me.gate()
        if gate is not None and gate.line_s - me.front_s < NEAR_GATE_M:
            return False
        assert self._itinerary is not None
        goals, left_m = self._itinerary.goals(lane_id), self._left_m(lane_id, me)
        here: Sides | None = None
        best: tuple[float, int] | None = None
        for target, to_right in ((lane.left, False), (lane.right, True)):
            if target is None or target not in self._board.graph:
                continue
            if left_m < 3.0 * SHORTEST_M or (target not in goals and left_m < PLAN_AHEAD_M):
                continue
            here = here or self._sides(lane_id, me, state, neighbours)
            there = self._sides(target, me, state, neighbours)
            gain = self._mobil.gain(self._law, me.speed, me.wanted, me.length_m, here, there)
            if not self._mobil.wants(gain, to_right) or not self._mobil.is_safe(self._law, me.speed, there):
                continue
            if best is None or gain > best[0]:
                best = gain, target
        return best is not None and self._into(best[1], me, state, CHANGE_S, time_ns)

    def _left_m(self, lane_id: int, me: Presence) -> float:
        """Metres from the front to where the lane ends; for ever where nothing follows but the end of the world."""
        for span in me.way.spans:
            if span.lane_id == lane_id and span.end_s > me.s:
                return span.end_s - me.front_s
        return float("inf")

    def _sides(self, lane_id: int, me: Presence, state: State, neighbours: Neighbours) -> Sides:
        """Who would be ahead and behind on a lane beside."""
        graph, board = self._board.graph, self._board
        assert self._itinerary is not None
        ids = self._itinerary.from_lane(lane_id)[:3]
        back = graph.before(lane_id)[:1]
        way = along(graph, (*back, *ids))
        s, _ = way.route.locate(state.x, state.y)
        joining = frozenset(
            other.instance_id
            for other in board.drivers.values()
            if other.s < other.way.settled_s and other.way.lane_at(other.s) == lane_id
        )
        half = graph.lane(lane_id).width_m / 2 - 0.15
        ahead, behind = neighbours.sides(me.instance_id, way.route, s, half, (80.0, 60.0), joining)
        leader = None if ahead is None else Leader(ahead[1] - s - me.front_m, max(ahead[2], 0.0))
        if behind is None:
            return Sides(leader, None)
        other = board.drivers.get(behind[0])
        speed = max(behind[2], 0.0)
        wanted = speed if other is None else other.wanted
        return Sides(leader, Follower(s - me.rear_m - behind[1], speed, wanted))

    def _pull_out(self, me: Presence, state: State, neighbours: Neighbours, time_ns: int) -> bool:
        """Leaves the kerb once nobody on the lane would have to brake for it."""
        if (time_ns + me.instance_id * 20_000_000) % (CONSIDER_NS // 2) != 0 or self._itinerary is None:
            return False
        lane_id = self.lanes.spans[0].lane_id
        there = self._sides(lane_id, me, state, neighbours)
        behind, ahead = there.follower, there.leader
        if ahead is not None and ahead.gap_m < 6.0 and ahead.speed < 3.0:
            return False
        if behind is not None and (behind.gap_m < 4.0 or behind.gap_m < GAP_S * behind.speed):
            return False
        self.parked = False
        self._into(lane_id, me, state, 0.0, time_ns)
        return True


def _number(value: object) -> float:
    return float(value) if isinstance(value, int | float) else 0.0
