"""A driver: what they see -> the acceleration and curvature they want. The body makes it so, within its limits."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pairforge.scenes.world import Instance, World
from pairforge.sensors.orders import Orders
from pairforge.sensors.traffic.commander import Commander, State, View
from pairforge.sensors.traffic.following import CarFollowing
from pairforge.sensors.traffic.neighbours import Neighbours, Obstacle
from pairforge.sensors.traffic.route import Route, bend_speed, pursuit_curvature

PLAN_S = 0.02
"""Drivers decide this often."""
SIDE_MARGIN_M = 0.25
SIGHT_M = 60.0
FORESIGHT_S = 2.6
CAUTIOUS_MPS2 = 2.5
"""Braking for somebody who may step into the way, as long as they are not about to."""
HARDEST_MPS2 = 8.0
CHANGE_S = 3.5
LAG_NS = 500_000_000
"""Steering aims this far ahead in time."""
FREE = Orders()


@dataclass(frozen=True)
class Command:
    """What a driver wants of the vehicle until the next plan: ``acceleration`` along it in m/s^2, and the
    ``curvature`` in 1/m (left positive) of the path of its body origin."""

    acceleration: float
    curvature: float


@dataclass(frozen=True)
class Aside:
    """Moving over from ``from_m`` left of the route to ``to_m`` within ``over_s``, with the least jerk."""

    start_ns: int = 0
    from_m: float = 0.0
    to_m: float = 0.0
    over_s: float = 1.0

    def at(self, time_ns: int) -> float:
        u = min(max((time_ns - self.start_ns) * 1e-9 / self.over_s, 0.0), 1.0)
        return self.from_m + (self.to_m - self.from_m) * u**3 * (10.0 + u * (6.0 * u - 15.0))


class Driver:
    """Follows its lane, keeps its distance, stops where told; obeys a commander where there is one."""

    def __init__(self, world: World, instance: Instance, commander: Commander | None = None) -> None:
        self._world, self._instance, self._commander = world, instance, commander
        shape = instance.shape
        self._route = _route(world, instance)
        self._law = CarFollowing()
        self._wanted = _wanted_speed(world, instance)
        self._front_m = shape.centre_m[0] + shape.size_m[0] / 2
        self._half_m = shape.size_m[1] / 2
        self._wheelbase = max(w.centre_m[0] for w in shape.wheels if w.steered) - min(
            w.centre_m[0] for w in shape.wheels
        )
        self._acceleration = 0.0
        self._aside, self._aside_m = Aside(), 0.0
        lane_id = instance.behaviour.get("lane_id")
        self._lane_id = lane_id if isinstance(lane_id, int) else None

    def start(self, state: State, neighbours: Neighbours) -> tuple[float, float]:
        """The speed in m/s to be under way with at time 0, and the curvature: cruising speed, or as fast as still
        allows for what stands ahead."""
        s, _ = self._route.locate(state.x, state.y)
        obstacle = self._ahead(s, neighbours)
        speed = min(self._wanted, bend_speed(self._route, s, self._wanted))
        room = max(0.0, obstacle.gap_m - self._law.standstill_m)
        speed = min(speed, obstacle.speed_mps + (2.0 * self._law.deceleration * room) ** 0.5)
        return speed, self._pursue(state, s, speed)

    def plan(self, state: State, neighbours: Neighbours, time_ns: int) -> Command:
        """What to do until the next plan, ``PLAN_S`` later."""
        s, lateral = self._route.locate(state.x, state.y)
        orders = self._orders(state, s, lateral, neighbours, time_ns)
        s = self._move_over(orders, state, s, lateral, time_ns)
        self._acceleration = _eased(self._acceleration, self._asked(orders, state.speed, s, neighbours))
        if state.speed + self._acceleration * PLAN_S <= 0.0:
            self._acceleration = -state.speed / PLAN_S
        curvature = orders.curvature_per_m
        if curvature is None:
            curvature = self._pursue(state, s, state.speed)
        return Command(self._acceleration, curvature)

    def _orders(self, state: State, s: float, lateral: float, neighbours: Neighbours, time_ns: int) -> Orders:
        if self._commander is None:
            return FREE
        view = View(
            time_ns=time_ns,
            instance=self._instance,
            state=state,
            route=self._route,
            s_m=s,
            lateral_m=lateral,
            lane_id=self._lane_id,
            neighbours=neighbours,
            world=self._world,
        )
        return self._commander.orders(view)

    def _move_over(self, orders: Orders, state: State, s: float, lateral: float, time_ns: int) -> float:
        """Starts to change lane or line when ordered to; the place along the lane that is followed then."""
        lane = next((k for k in self._world.lanes if k.lane_id == orders.lane_id), None)
        if lane is not None and lane.lane_id != self._lane_id:
            self._lane_id, self._route = lane.lane_id, Route(lane.centre_m)
            s, lateral = self._route.locate(state.x, state.y)
            self._aside = Aside(time_ns, lateral, 0.0, orders.over_s or CHANGE_S)
        to_m = 0.0 if orders.lateral_m is None else orders.lateral_m
        if to_m != self._aside.to_m:
            self._aside = Aside(time_ns, lateral, to_m, orders.over_s or CHANGE_S)
        self._aside_m = self._aside.at(time_ns + LAG_NS)
        return s

    def _asked(self, orders: Orders, speed: float, s: float, neighbours: Neighbours) -> float:
        """Acceleration asked for by the road, by who is ahead and by the orders."""
        if orders.acceleration_mps2 is not None:
            return float(np.clip(orders.acceleration_mps2, -HARDEST_MPS2, self._law.acceleration * 2.5))
        obstacle = self._ahead(s, neighbours)
        gap = float("inf") if "leaders" in orders.ignores else obstacle.gap_m
        wanted = self._wanted if orders.speed_mps is None else orders.speed_mps
        wanted = min(wanted, bend_speed(self._route, s, speed))
        following = self._law.follow(speed, wanted, gap, obstacle.speed_mps)
        if not obstacle.soon:
            following = max(following, -CAUTIOUS_MPS2)
        return min(following, self._stop(speed, s))

    def _ahead(self, s: float, neighbours: Neighbours) -> Obstacle:
        return neighbours.ahead(
            self._instance.instance_id,
            self._route,
            s + self._front_m,
            self._half_m + SIDE_MARGIN_M,
            SIGHT_M,
            self._aside_m,
            foresight_s=FORESIGHT_S,
        )

    def _stop(self, speed: float, s: float) -> float:
        """Braking for ``stop_at_s_m`` and for the end of the lane, whichever comes first."""
        marks = [self._route.length_m - self._front_m]
        at = self._instance.behaviour.get("stop_at_s_m")
        if isinstance(at, int | float):
            marks.append(float(at))
        return min(self._law.stop(speed, mark - s) for mark in marks)

    def _pursue(self, state: State, s: float, speed: float) -> float:
        ahead_m = float(np.clip(0.55 * speed, 1.3 * self._wheelbase, 12.0))
        ahead = self._route.tangent(s + ahead_m)
        x, y = state.x + self._aside_m * ahead[1], state.y - self._aside_m * ahead[0]
        return pursuit_curvature(self._route, x, y, state.yaw, ahead_m, s)


def _eased(before: float, asked: float) -> float:
    """The next acceleration: jerk is limited, more loosely for hard braking."""
    step = (25.0 if asked < -4.0 else 5.0) * PLAN_S
    return float(np.clip(asked, before - step, before + step))


def _wanted_speed(world: World, instance: Instance) -> float:
    speed = instance.behaviour.get("speed_mps")
    if isinstance(speed, int | float):
        return float(speed)
    limits = [
        lane.speed_limit_mps for lane in world.lanes if lane.lane_id == instance.behaviour.get("lane_id")
    ]
    return limits[0] if limits else 0.0


def _route(world: World, instance: Instance) -> Route:
    """The actor's lane, at its own offset; straight ahead when it has none."""
    lateral = instance.behaviour.get("lateral_m")
    for lane in world.lanes:
        if lane.lane_id == instance.behaviour.get("lane_id"):
            return Route(lane.centre_m, float(lateral) if isinstance(lateral, int | float) else 0.0)
    pose = instance.world_from_body
    return Route(np.stack([pose.position_m, pose.points([500.0, 0.0, 0.0])]))
