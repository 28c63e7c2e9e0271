"""Somebody on foot: keeps to a path, steps aside for others, waits at the kerb until it is safe to cross."""

from __future__ import annotations

import math

import numpy as np

from pairforge.scenes.world import Instance
from pairforge.sensors.friction import grip
from pairforge.sensors.orders import Orders
from pairforge.sensors.traffic.board import Board
from pairforge.sensors.traffic.commander import Commander, State, View
from pairforge.sensors.traffic.crossings import Pedestrian
from pairforge.sensors.traffic.driver import Command
from pairforge.sensors.traffic.following import CarFollowing, mindful
from pairforge.sensors.traffic.neighbours import Neighbours, sidestep
from pairforge.sensors.traffic.route import Route

PLAN_S = 0.04
WALKING = CarFollowing(acceleration=1.2, deceleration=1.2, hardest=3.0, headway_s=0.5, standstill_m=0.5)
PASS_FROM_M, SIDESTEP_M = 4.5, 0.75
"""People start to step aside this far from somebody in their way, and no further than this."""
SIGHT_M = 25.0
AHEAD_M = 0.8
FREE = Orders()


class Walker:
    """Decides how fast and which way to walk; obeys a commander if any."""

    def __init__(self, board: Board, instance: Instance, commander: Commander | None = None) -> None:
        self._law = mindful(WALKING, grip(board.world))
        self._board, self._instance, self._commander = board, instance, commander
        self._route = _path(instance)
        self._wanted = _wanted_mps(instance)
        self._crossing = Pedestrian(board, instance.instance_id, self._route, self._wanted)
        self._half_m = instance.shape.size_m[1] / 2
        self._front_m = instance.shape.centre_m[0] + instance.shape.size_m[0] / 2
        self._lateral = self._s = 0.0
        self._orders = FREE

    def start(self, state: State, neighbours: Neighbours) -> tuple[float, float]:
        """The speed in m/s to walk at from time 0, and no curvature."""
        self._s, offset = self._route.locate(state.x, state.y)
        orders = self._told(state, offset, neighbours, 0)
        wanted = self._wanted if orders.speed_mps is None else orders.speed_mps
        if wanted == 0.0:
            return 0.0, 0.0
        gap, _ = self._ahead(neighbours, offset)
        room = min(gap - self._law.standstill_m, self._crossing.room_m(self._s + self._front_m, 0.0, 0))
        return min(wanted, (2.0 * self._law.deceleration * max(room, 0.0)) ** 0.5), 0.0

    def plan(self, state: State, neighbours: Neighbours, time_ns: int) -> Command:
        """What to do until the next plan, ``PLAN_S`` later; the curvature is left to the feet."""
        self._s, offset = self._route.locate(state.x, state.y)
        orders = self._told(state, offset, neighbours, time_ns)
        wanted = self._wanted if orders.speed_mps is None else orders.speed_mps
        if wanted == 0.0 and state.speed == 0.0:
            self._crossing.rest()
            return Command(0.0, 0.0)
        front = self._s + self._front_m
        self._step_aside(neighbours, front)
        gap, leader = self._ahead(neighbours, offset)
        if "leaders" in orders.ignores:
            gap = math.inf
        asked = min(
            self._law.follow(state.speed, wanted, gap, leader),
            self._law.stop(state.speed, self._end_s() - self._s),
        )
        room = self._crossing.room_m(front, state.speed, time_ns, orders.ignores)
        if room < math.inf:
            asked = min(asked, self._law.hold(state.speed, room))
        if orders.acceleration_mps2 is not None:
            asked = max(orders.acceleration_mps2, -self._law.hardest)
        return Command(asked, 0.0)

    def heading(self, state: State) -> float:
        """Radians from +x towards the path a little ahead."""
        reach = self._s + AHEAD_M
        (to_x, to_y), (along_x, along_y) = self._route.at(reach), self._route.tangent(reach)
        to_x, to_y = to_x - self._lateral * along_y, to_y + self._lateral * along_x
        return math.atan2(to_y - state.y, to_x - state.x)

    def _told(self, state: State, offset: float, neighbours: Neighbours, time_ns: int) -> Orders:
        if self._commander is None:
            return FREE
        view = View(
            time_ns=time_ns,
            instance=self._instance,
            state=state,
            route=self._route,
            s_m=self._s,
            lateral_m=offset,
            lane_id=None,
            neighbours=neighbours,
            world=self._board.world,
        )
        return self._commander.orders(view)

    def _step_aside(self, neighbours: Neighbours, front: float) -> None:
        near = neighbours.ahead(
            self._instance.instance_id, self._route, front, self._half_m + 0.1, PASS_FROM_M
        )
        aside = sidestep(near, self._half_m + 0.2, SIDESTEP_M)
        self._lateral += min(max(aside - self._lateral, -0.5 * PLAN_S), 0.5 * PLAN_S)

    def _ahead(self, neighbours: Neighbours, offset: float) -> tuple[float, float]:
        """Gap to and speed of who is in the way."""
        near = neighbours.ahead(
            self._instance.instance_id,
            self._route,
            self._s + self._front_m,
            self._half_m + 0.05,
            SIGHT_M,
            offset,
        )
        return near.gap_m, near.speed_mps

    def _end_s(self) -> float:
        at = self._instance.behaviour.get("stop_at_s_m")
        return min(self._route.length_m, float(at)) if isinstance(at, int | float) else self._route.length_m


def _wanted_mps(instance: Instance) -> float:
    if instance.behaviour.get("kind") in ("stand", "park"):
        return 0.0
    speed = instance.behaviour.get("speed_mps")
    return float(speed) if isinstance(speed, int | float) else 0.0


def _path(instance: Instance) -> Route:
    """Its own path, else straight ahead."""
    path = instance.behaviour.get("path")
    if isinstance(path, list | tuple) and len(path) >= 2:
        return Route(np.asarray(path, dtype=np.float64))
    pose = instance.world_from_body
    return Route(np.stack([pose.position_m, pose.points([500.0, 0.0, 0.0])]))
