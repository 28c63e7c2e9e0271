"""A driver: what they see -> the acceleration and curvature they want. The body makes it so, within its limits."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from pairforge.scenes.world import Instance
from pairforge.sensors.friction import grip
from pairforge.sensors.orders import Orders
from pairforge.sensors.traffic.board import Board, Presence
from pairforge.sensors.traffic.commander import Commander, State, View
from pairforge.sensors.traffic.crossings import hold_m
from pairforge.sensors.traffic.following import CYCLING, CarFollowing, mindful
from pairforge.sensors.traffic.junctions import INCHING_MPS, Judge
from pairforge.sensors.traffic.neighbours import Neighbours, Obstacle
from pairforge.sensors.traffic.route import SIDEWAYS_MPS2, pursuit_curvature
from pairforge.sensors.traffic.steering import Line

PLAN_S = 0.02
"""Drivers decide this often."""
CAUTIOUS_MPS2 = 2.5
"""Braking for somebody who may step into the way, as long as they are not about to."""
HARDEST_MPS2 = 8.0
EASY_MPS2 = 1.5
"""Drivers come down to the speed of a bend at this rate."""
FREE = Orders()
ANYTHING = float("inf")


@dataclass(frozen=True)
class Style:
    """How somebody drives. ``plan_s`` between decisions, ``margin_m`` kept free at either side, ``sight_m`` ahead,
    ``foresight_s``: who crosses counts where they will be this much later; ``changes``: whether they change lanes."""

    law: CarFollowing = field(default_factory=CarFollowing)
    plan_s: float = PLAN_S
    margin_m: float = 0.25
    sight_m: float = 60.0
    foresight_s: float = 2.6
    changes: bool = True


CAR = Style()
BICYCLE = Style(CYCLING, plan_s=0.04, margin_m=0.05, sight_m=25.0, foresight_s=1.2, changes=False)


@dataclass(frozen=True)
class Command:
    """What a driver wants of the vehicle until the next plan: ``acceleration`` along it in m/s^2, and the
    ``curvature`` in 1/m (left positive) of the path of its body origin."""

    acceleration: float
    curvature: float


class Driver:
    """Follows a route over lanes, keeps distance, heeds lights, priority and people; obeys a commander if any."""

    def __init__(
        self, board: Board, instance: Instance, commander: Commander | None = None, style: Style = CAR
    ) -> None:
        self._board, self._instance, self._commander = board, instance, commander
        self._grip = grip(board.world)
        self.style = style = replace(style, law=mindful(style.law, self._grip))
        shape = instance.shape
        front_m = shape.centre_m[0] + shape.size_m[0] / 2
        axles = [w.centre_m[0] for w in shape.wheels] or [0.0, 1.0]
        self._wheelbase = max(max(axles) - min(axles), 0.5)
        # Who is told what to do changes lanes when told to, and by choice never.
        self.line = Line(board, instance, style.law, style.changes and commander is None)
        self._me = Presence(
            instance.instance_id,
            self.line.way,
            front_m,
            shape.size_m[0] - front_m,
            shape.size_m[1],
            s=self.line.start_s,
            speed=_wanted_speed(board, instance),
            wanted=_wanted_speed(board, instance),
        )
        board.join(self._me)
        self._usual = self._me.wanted
        self._judge = Judge(board, self._me)
        self._acceleration = 0.0
        self._waits = False

    def start(self, state: State, neighbours: Neighbours) -> tuple[float, float]:
        """The speed in m/s to be under way with at time 0, and the curvature: cruising speed, or as fast as still
        allows for what stands ahead."""
        self._look(state, neighbours, FREE, 0)
        if self.line.parked:
            return 0.0, 0.0
        law, s = self.style.law, self._me.s
        obstacle = self._ahead(neighbours)
        speed = min(self._me.wanted, self._calm(s))
        room = max(0.0, obstacle.gap_m - law.standstill_m)
        speed = min(speed, obstacle.speed_mps + (2.0 * law.deceleration * room) ** 0.5)
        self._me.speed = speed
        rooms = (self._room(FREE, obstacle, 0), self._end_m())
        speed = min(speed, *((2.0 * law.deceleration * max(0.0, r - 0.3)) ** 0.5 for r in rooms))
        self._me.speed = speed
        return speed, self._pursue(state, speed)

    def plan(self, state: State, neighbours: Neighbours, time_ns: int) -> Command:
        """What to do until the next plan, ``style.plan_s`` later."""
        orders = self._orders(state, neighbours, time_ns)
        self._look(state, neighbours, orders, time_ns)
        self._acceleration = self._eased(self._asked(orders, state.speed, neighbours, time_ns))
        if state.speed + self._acceleration * self.style.plan_s <= 0.0:
            self._acceleration = -state.speed / self.style.plan_s
        self._me.acceleration = self._acceleration
        curvature = orders.curvature_per_m
        if curvature is None:
            curvature = self._pursue(state, state.speed)
        return Command(self._acceleration, curvature)

    def heading(self, state: State, ahead_m: float = 2.0) -> float:
        """Radians from +x of the straight way to the line a little ahead, for who steers by where they look."""
        to = self.line.way.route.at(self._me.s + ahead_m)
        return float(np.arctan2(to[1] - state.y, to[0] - state.x))

    def _look(self, state: State, neighbours: Neighbours, orders: Orders, time_ns: int) -> None:
        """Where they are on their way, and on which way; tells the board."""
        me = self._me
        me.lawful = not orders.ignores
        me.wanted = self._usual if orders.speed_mps is None else orders.speed_mps
        me.stands(state.speed, time_ns)
        me.s = self.line.place(state)
        if self.line.choose(me, state, orders, neighbours, time_ns):
            me.way = self.line.way
            me.s = self.line.place(state)
        neighbours.keeps_lane(me.instance_id, me.lawful and bool(me.way.spans))

    def _orders(self, state: State, neighbours: Neighbours, time_ns: int) -> Orders:
        if self._commander is None:
            return FREE
        s, lateral = self.line.lane_place(state)
        view = View(
            time_ns=time_ns,
            instance=self._instance,
            state=state,
            route=self.line.lanes.route,
            s_m=s,
            lateral_m=lateral,
            lane_id=self.line.lanes.lane_at(s),
            neighbours=neighbours,
            world=self._board.world,
        )
        return self._commander.orders(view)

    def _asked(self, orders: Orders, speed: float, neighbours: Neighbours, time_ns: int) -> float:
        """Acceleration asked for by the road, by who is ahead, by the rules and by the orders."""
        law = self.style.law
        if orders.acceleration_mps2 is not None:
            return float(np.clip(orders.acceleration_mps2, -HARDEST_MPS2, law.acceleration * 2.5))
        if self.line.parked:
            return 0.0
        obstacle = self._ahead(neighbours)
        calm = self._calm(self._me.s)
        gap = ANYTHING if "leaders" in orders.ignores else obstacle.gap_m
        following = law.follow(speed, min(self._me.wanted, calm), gap, obstacle.speed_mps)
        if not obstacle.soon:
            following = max(following, -CAUTIOUS_MPS2)
        asked = [following, law.hold(speed, self._end_m())]
        if speed > calm:
            asked.append(max((calm - speed) / 0.4, -1.5 * law.deceleration))
        room = self._room(orders, obstacle, time_ns)
        if room < ANYTHING:
            asked.append(law.hold(speed, room - 0.3))
        if self._judge.inching:
            asked.append((INCHING_MPS - speed) / 0.5)
        return min(asked)

    def _room(self, orders: Orders, obstacle: Obstacle, time_ns: int) -> float:
        """Metres that lights, priority and people on crossings leave to the front."""
        me, ignores = self._me, orders.ignores
        slow = obstacle.gap_m if obstacle.speed_mps < 1.5 else ANYTHING
        room = self._judge.room_m(time_ns, slow, ignores)
        self._waits = room < ANYTHING
        if "crossings" in ignores or "people" in ignores:
            return room
        for crossing in me.way.crossings:
            ahead = crossing.from_s - me.front_s
            if ahead > 50.0:
                break
            needs = (crossing.to_s - me.rear_s) / max(me.speed, 1.0)
            held = hold_m(self._board, me, crossing, time_ns, needs)
            if held is not None:
                return min(room, held)
        return room

    def _ahead(self, neighbours: Neighbours) -> Obstacle:
        return neighbours.ahead(
            self._me.instance_id,
            self.line.way.route,
            self._me.front_s,
            self._me.width_m / 2 + self.style.margin_m,
            self.style.sight_m,
            foresight_s=self.style.foresight_s,
            waiting=self._waits,
        )

    def _end_m(self) -> float:
        """Metres that the front (or, for ``stop_at_s_m``, the origin) may go before it must have stopped."""
        return self.line.end_m(self._me)

    def _calm(self, s: float, reach_m: float = 60.0) -> float:
        """The highest speed from which bends ahead are driven in comfort."""
        return self.line.way.route.calm_speed(
            s, reach_m, min(SIDEWAYS_MPS2, 0.4 * self._grip), min(EASY_MPS2, self.style.law.deceleration)
        )

    def _pursue(self, state: State, speed: float) -> float:
        ahead_m = float(np.clip(0.55 * speed, 1.3 * self._wheelbase, 12.0))
        return pursuit_curvature(self.line.way.route, state.x, state.y, state.yaw, ahead_m, self._me.s)

    def _eased(self, asked: float) -> float:
        """The next acceleration: jerk is limited, more loosely for hard braking."""
        before, step = self._acceleration, (25.0 if asked < -4.0 else 5.0) * self.style.plan_s
        return float(np.clip(asked, before - step, before + step))


def _wanted_speed(board: Board, instance: Instance) -> float:
    speed, lane_id = instance.behaviour.get("speed_mps"), instance.behaviour.get("lane_id")
    if isinstance(speed, int | float):
        return float(speed)
    return (
        board.graph.lane(lane_id).speed_limit_mps
        if isinstance(lane_id, int) and lane_id in board.graph
        else 0.0
    )
