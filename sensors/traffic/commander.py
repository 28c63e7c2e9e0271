"""Who gives a driver orders: a script or a policy, asked at every plan."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Protocol

from pairforge.scenes.world import Instance, World
from pairforge.sensors.orders import Orders
from pairforge.sensors.traffic.neighbours import Neighbours
from pairforge.sensors.traffic.route import Route


@dataclass(frozen=True)
class State:
    """A road user now: body origin (``x``, ``y``) metres and ``yaw`` radians in the world, ``speed`` ahead in m/s."""

    x: float
    y: float
    yaw: float
    speed: float


@dataclass(frozen=True, eq=False)
class View:
    """What a commander may look at when it is asked: the whole truth, no sensor.

    ``s_m`` and ``lateral_m`` are the driver's own place along its ``route``, ``lane_id`` the lane it drives in
    (None without one).
    """

    time_ns: int
    instance: Instance
    state: State
    route: Route
    s_m: float
    lateral_m: float
    lane_id: int | None
    neighbours: Neighbours
    world: World


class Commander(Protocol):
    """Gives orders; called once a plan (every 20 ms), in the order of the world's instances."""

    def orders(self, view: View) -> Orders: ...
