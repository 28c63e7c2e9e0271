"""Policies at work: way points followed, and the user's own controllers called with a view of their own."""

from __future__ import annotations

import math
import traceback
from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

import numpy as np
from scipy.interpolate import PchipInterpolator

from pairforge.errors import SimulationError, SpecError
from pairforge.frames import F64
from pairforge.scenes.concrete import Json
from pairforge.scenes.reference import Source, load, source_of
from pairforge.scenes.signals import Programme
from pairforge.scenes.taxonomy import CLASSES
from pairforge.scenes.world import World
from pairforge.sensors.orders import Orders
from pairforge.sensors.traffic.commander import View
from pairforge.sensors.traffic.route import Route, pursuit_curvature

COMFORTABLE_MPS2 = 2.2
CATCH_UP, CALM_DOWN = 1.0, 2.0
"""Acceleration for each metre behind (1/s^2) and each m/s too slow (1/s)."""
HEEDS = frozenset({"leaders", "signals", "priority", "crossings", "people"})
_LIMITS = {
    "speed_mps": (0.0, 70.0),
    "acceleration_mps2": (-12.0, 8.0),
    "lateral_m": (-50.0, 50.0),
    "over_s": (0.1, 60.0),
    "curvature_per_m": (-1.0, 1.0),
}


class Follower:
    """Follows way points: on their path, and on it where the clock says."""

    def __init__(
        self, policy: Json, world: World, start: tuple[float, float, float], lane_id: int | None
    ) -> None:
        """``start``: (x, y, yaw) of the body origin at time 0."""
        points = np.asarray(policy["points"], dtype=np.float64)
        xy = _in_world(policy["frame"], points[:, 1:], world, start, lane_id)
        times = points[:, 0]
        if times[0] > 0.0:
            times, xy = np.concatenate([[0.0], times]), np.vstack([start[:2], xy])
        self._end_s = float(times[-1])
        moments = np.arange(0.0, self._end_s + 1e-9, 0.05)
        path = np.asarray(PchipInterpolator(times, xy)(np.append(moments, self._end_s)), dtype=np.float64)
        self._moments = np.append(moments, self._end_s)
        self._travelled = np.concatenate([[0.0], np.cumsum(np.linalg.norm(np.diff(path, axis=0), axis=1))])
        self._route = Route(path)

    def orders(self, view: View) -> Orders:
        now, state = view.time_ns * 1e-9, view.state
        s, _ = self._route.locate(state.x, state.y)
        reach = float(np.clip(0.5 * state.speed, 2.5, 10.0))
        curvature = pursuit_curvature(self._route, state.x, state.y, state.yaw, reach, s)
        if now >= self._end_s:
            braking = -COMFORTABLE_MPS2 if state.speed > 0.02 else None
            return Orders(speed_mps=0.0, acceleration_mps2=braking, curvature_per_m=curvature)
        due, later = (float(np.interp(t, self._moments, self._travelled)) for t in (now, now + 0.1))
        wanted = (later - due) / 0.1
        asked = CATCH_UP * (due - s) + CALM_DOWN * (wanted - state.speed)
        return Orders(acceleration_mps2=asked, curvature_per_m=curvature)


def _in_world(
    frame: str, points: F64, world: World, start: tuple[float, float, float], lane_id: int | None
) -> F64:
    """Points (N, 2) of a frame of ``scenes.policies.Waypoints`` in the world."""
    if frame == "world":
        return points
    if frame == "start":
        x, y, yaw = start
        c, s = math.cos(yaw), math.sin(yaw)
        return np.asarray(points @ np.array([[c, s], [-s, c]]) + [x, y], dtype=np.float64)
    route = Route(next(lane.centre_m for lane in world.lanes if lane.lane_id == lane_id))
    placed = []
    for s_m, left_m in points:
        ahead = route.tangent(float(s_m))
        placed.append(route.at(float(s_m)) + left_m * np.array([-ahead[1], ahead[0]]))
    return np.array(placed)


@dataclass(frozen=True)
class Seen:
    """Another road user or thing as a controller sees it: middle of its outline, heading, velocity, size, class."""

    x_m: float
    y_m: float
    yaw: float
    velocity_mps: tuple[float, float]
    length_m: float
    width_m: float
    kind: str


@dataclass(frozen=True)
class Situation:
    """What a controller is told at each plan. Metres, seconds, radians; the world's frame.

    ``x_m``, ``y_m``, ``yaw``, ``speed_mps``: the body origin's. ``s_m`` and ``lateral_m``: along its lane and to the
    left of its middle. ``bend_per_m``: the lane's curvature here, left positive. ``signal`` shows ("" without one).
    ``others``: name -> what is seen there. ``params``: as the scene gives them.
    """

    time_s: float
    name: str
    x_m: float
    y_m: float
    yaw: float
    speed_mps: float
    lane_id: int | None
    s_m: float
    lateral_m: float
    lane_width_m: float
    lane_length_m: float
    speed_limit_mps: float
    bend_per_m: float
    signal: str
    others: Mapping[str, Seen]
    params: Mapping[str, Any]


class UserController:
    """Calls the user's function; turns whatever goes wrong in it into a SimulationError with file, line, remedy."""

    def __init__(self, policy: Json, world: World, name: str) -> None:
        self._reference, self._params, self._name = policy["function"], policy["params"], name
        self._source = self._unchanged(policy["sha256"])
        self._world = world
        self._lanes = {lane.lane_id: lane for lane in world.lanes}
        self._signals = {i.name: i.behaviour for i in world.instances if "programme" in i.behaviour}
        self._function = self._made()

    def orders(self, view: View) -> Orders:
        situation = self._situation(view)
        try:
            given = self._function(situation)
        except (Exception, SystemExit) as error:
            raise self._failure(error, situation.time_s) from None
        return self._checked(given, situation.time_s)

    def _unchanged(self, sha256: str) -> Source:
        try:
            source = source_of(self._reference)
        except SpecError as error:
            raise SimulationError(str(error)) from None
        if source.sha256 != sha256:
            raise SimulationError(
                f'controller "{self._reference}" of "{self._name}": {source.path} has changed since this scene was '
                f"drawn (sha256 {source.sha256[:12]}…, then {sha256[:12]}…). Restore it, or draw the scene again."
            )
        return source

    def _made(self) -> Callable[[Situation], Any]:
        try:
            found = load(self._source)
            made = found() if isinstance(found, type) else found
        except (Exception, SystemExit) as error:
            raise self._failure(error, None) from None
        if not callable(made):
            raise SimulationError(
                f'controller "{self._reference}" of "{self._name}" is a {type(made).__name__}; it must be a function '
                "of one argument (a Situation), or a class whose instances can be called so."
            )
        function: Callable[[Situation], Any] = made
        return function

    def _failure(self, error: BaseException, time_s: float | None) -> SimulationError:
        lines = [
            f.lineno
            for f in traceback.extract_tb(error.__traceback__)
            if f.filename == str(self._source.path)
        ]
        where = f"{self._source.path}:{lines[-1]}" if lines else str(self._source.path)
        when = "when it was loaded" if time_s is None else f"at {time_s:.2f} s"
        return SimulationError(
            f'{where}: controller "{self._reference}" of "{self._name}" raised {type(error).__name__} {when}: '
            f"{error}. Mend it there; it takes a Situation and returns Orders or None."
        )

    def _checked(self, given: Any, time_s: float) -> Orders:
        who = f'controller "{self._reference}" of "{self._name}" returned'
        if given is None:
            return Orders()
        if not isinstance(given, Orders):
            raise SimulationError(
                f"{who} {given!r:.80} at {time_s:.2f} s; it must return pairforge.sensors.orders.Orders or None."
            )
        for name, (low, high) in _LIMITS.items():
            value = getattr(given, name)
            if value is None:
                continue
            number = isinstance(value, int | float | np.floating) and not isinstance(value, bool)
            if not number or not low <= value <= high:
                raise SimulationError(
                    f"{who} {name}={value!r} at {time_s:.2f} s; it must be a number in {low:g}..{high:g}, or None."
                )
        if given.lane_id is not None and given.lane_id not in self._lanes:
            known = ", ".join(map(str, self._lanes)) or "none"
            raise SimulationError(f"{who} lane_id={given.lane_id!r} at {time_s:.2f} s. Lanes: {known}.")
        if unknown := sorted(set(given.ignores) - HEEDS):
            raise SimulationError(
                f'{who} ignores "{unknown[0]}" at {time_s:.2f} s; one can ignore {", ".join(sorted(HEEDS))}.'
            )
        return Orders(**{f.name: _plain(getattr(given, f.name)) for f in fields(Orders)})

    def _situation(self, view: View) -> Situation:
        lane = None if view.lane_id is None else self._lanes[view.lane_id]
        state, time_s = view.state, view.time_ns * 1e-9
        lit = None if lane is None or lane.signal is None else self._signals.get(lane.signal)
        return Situation(
            time_s=time_s,
            name=view.instance.name,
            x_m=state.x,
            y_m=state.y,
            yaw=state.yaw,
            speed_mps=state.speed,
            lane_id=view.lane_id,
            s_m=view.s_m,
            lateral_m=view.lateral_m,
            lane_width_m=0.0 if lane is None else lane.width_m,
            lane_length_m=view.route.length_m,
            speed_limit_mps=math.inf if lane is None else lane.speed_limit_mps,
            bend_per_m=view.route.curvature(view.s_m),
            signal="" if lit is None else Programme.of(lit).at(time_s)[0],
            others=self._others(view),
            params=dict(self._params),
        )

    def _others(self, view: View) -> dict[str, Seen]:
        others = {}
        for instance in self._world.instances:
            kind = CLASSES[instance.semantic_id]
            if instance.name == self._name or not (instance.moves or kind.boxed):
                continue
            corners = view.neighbours.outline(instance)
            ahead = corners[0] - corners[1]
            vx, vy = view.neighbours.velocity(instance)
            others[instance.name] = Seen(
                x_m=float(corners[4, 0]),
                y_m=float(corners[4, 1]),
                yaw=math.atan2(ahead[1], ahead[0]),
                velocity_mps=(float(vx), float(vy)),
                length_m=instance.bulk[0][0],
                width_m=instance.bulk[0][1],
                kind=kind.name,
            )
        return others


def _plain(value: Any) -> Any:
    """A number of numpy's as Python's own."""
    return value.item() if isinstance(value, np.generic) else value
