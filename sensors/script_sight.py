"""What a script sees: outlines, headings and speeds of the things it names, now and a moment ago."""

from __future__ import annotations

from collections import defaultdict, deque
from dataclasses import dataclass

import numpy as np
from shapely.geometry import Polygon

from pairforge.errors import SimulationError
from pairforge.frames import F64
from pairforge.scenes.signals import Programme
from pairforge.scenes.world import Lane, World
from pairforge.sensors.traffic.commander import View
from pairforge.sensors.traffic.route import Route

MOMENT_S = 0.2
"""Braking is judged over this long."""
MOVING_MPS, STANDING_MPS = 0.3, 0.1


class Past:
    """What has been seen of things so far: their speeds over the last moment, whether they have moved or stood."""

    def __init__(self) -> None:
        self._speeds: dict[str, deque[tuple[float, float]]] = defaultdict(deque)
        self._moved: set[str] = set()
        self._stood: set[str] = set()

    def see(self, name: str, time_s: float, speed: float) -> None:
        speeds = self._speeds[name]
        speeds.append((time_s, speed))
        while time_s - speeds[0][0] > MOMENT_S + 1e-9:
            speeds.popleft()
        if speed > MOVING_MPS:
            self._moved.add(name)
        if speed < STANDING_MPS:
            self._stood.add(name)

    def started(self, name: str) -> bool:
        """It moves now and has stood before."""
        return name in self._stood and self._speeds[name][-1][1] > MOVING_MPS

    def stopped(self, name: str) -> bool:
        """It stands now and has moved before."""
        return name in self._moved and self._speeds[name][-1][1] < STANDING_MPS

    def braking_mps2(self, name: str) -> float:
        """How fast it has slowed down over the last moment; 0 until a moment has passed."""
        if not self._speeds[name]:
            return 0.0
        (t0, v0), (t1, v1) = self._speeds[name][0], self._speeds[name][-1]
        return (v0 - v1) / (t1 - t0) if t1 - t0 > 0.5 * MOMENT_S else 0.0


class Ground:
    """What stays as it is: instances by name and lanes as routes, made when first asked for."""

    def __init__(self, world: World) -> None:
        self.instances = {instance.name: instance for instance in world.instances}
        self.lanes = {lane.lane_id: lane for lane in world.lanes}
        self._routes: dict[int, Route] = {}

    def route(self, lane_id: int) -> Route:
        if lane_id not in self._routes:
            self._routes[lane_id] = Route(self.lanes[lane_id].centre_m)
        return self._routes[lane_id]


@dataclass(frozen=True, eq=False)
class Sight:
    """One look at the world: what conditions and actions may ask."""

    view: View
    ground: Ground
    past: Past

    @property
    def time_s(self) -> float:
        return self.view.time_ns * 1e-9

    @property
    def me(self) -> str:
        return self.view.instance.name

    @property
    def lane(self) -> Lane | None:
        """The lane I drive in."""
        return None if self.view.lane_id is None else self.ground.lanes[self.view.lane_id]

    def outline(self, name: str) -> F64:
        """Corners and centre (5, 2) of a thing's outline on the ground: front left, rear left, rear right, front
        right, centre."""
        return self.view.neighbours.outline(self.ground.instances[name])

    def velocity(self, name: str) -> F64:
        """(2,) m/s."""
        return self.view.neighbours.velocity(self.ground.instances[name])

    def heading(self, name: str) -> F64:
        """Unit vector (2,) of where its front points."""
        corners = self.outline(name)
        ahead = corners[0] + corners[3] - corners[1] - corners[2]
        return np.asarray(ahead / np.linalg.norm(ahead), dtype=np.float64)

    def gap_m(self, name: str) -> float:
        """The ground between my outline and another; 0 where they overlap."""
        mine, other = Polygon(self.outline(self.me)[:4]), Polygon(self.outline(name)[:4])
        return float(mine.distance(other))

    def lead_m(self, front: str, rear: str, along: F64) -> float:
        """How far the rear of ``front`` is ahead of the front of ``rear`` in a direction (2,)."""
        return float((self.outline(front)[:4] @ along).min() - (self.outline(rear)[:4] @ along).max())

    def front_s_m(self, name: str) -> float:
        """How far the front of a thing is along the lane that it set out on; SimulationError without one."""
        lane_id = self.ground.instances[name].behaviour.get("lane_id")
        if not isinstance(lane_id, int):
            raise SimulationError(
                f'the script of "{self.me}" waits for "{name}" to pass a point of its lane, but it has no lane. '
                "Wait for something else, or place it OnLane."
            )
        front = (self.outline(name)[0] + self.outline(name)[3]) / 2
        return self.ground.route(lane_id).locate(float(front[0]), float(front[1]))[0]

    def signal(self, name: str | None) -> str:
        """What a light shows, or the one that rules my lane; "off" where none does."""
        if name is None:
            name = None if self.lane is None else self.lane.signal
        if name is None or "programme" not in self.ground.instances[name].behaviour:
            return "off"
        return Programme.of(self.ground.instances[name].behaviour).at(self.time_s)[0]
