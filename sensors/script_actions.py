"""Actions of a script, as ``scenes.scripts`` defines them: each gives its share of the orders while it lasts."""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import replace

import numpy as np

from pairforge.errors import SimulationError
from pairforge.scenes.concrete import Json
from pairforge.sensors.orders import Orders
from pairforge.sensors.script_sight import Sight

COMFORTABLE_MPS2 = 2.2
LETTING_GO_S = 0.6
"""Braking fades over about this time as the speed wanted is reached."""
WALKERS_STOP_MPS2 = 1.2
GAIN_MPS2 = 1.5
"""What a driver who overtakes accelerates by, as far as its decision to start is concerned."""
WITHOUT_LANE_M = 3.3
"""How far out one moves to overtake where there are no lanes."""
CLEARANCE_S, CLEARANCE_M = 1.5, 10.0
"""Kept between the end of overtaking and whoever comes the other way."""


class Doing(ABC):
    """An action under way. Made at the moment its rule fires, from the compiled action."""

    def __init__(self, action: Json, sight: Sight) -> None:  # noqa: B027 (most have something to do here)
        """Reads the action."""

    @abstractmethod
    def orders(self, sight: Sight, so_far: Orders) -> Orders:
        """The orders with this action's share in them."""


class Wait(Doing):
    """What a walker does until told to walk."""

    def __init__(self) -> None:
        pass

    def orders(self, sight: Sight, so_far: Orders) -> Orders:
        return replace(so_far, speed_mps=0.0)


class KeepLane(Doing):
    """``KeepLane``, and what a scripted driver does until told to move over: it changes lane only for its turns."""

    def __init__(self, action: Json | None = None, sight: Sight | None = None) -> None:
        pass

    def orders(self, sight: Sight, so_far: Orders) -> Orders:
        return replace(so_far, lane_id=sight.view.lane_id)


class Go(Doing):
    """``Speed``."""

    def __init__(self, action: Json, sight: Sight) -> None:
        self._mps = action["mps"]

    def orders(self, sight: Sight, so_far: Orders) -> Orders:
        return replace(so_far, speed_mps=self._mps)


class SlowDown(Doing):
    """``Brake`` and ``Stop``."""

    def __init__(self, action: Json, sight: Sight) -> None:
        self._mps2, self._to_mps = action.get("mps2", COMFORTABLE_MPS2), action.get("to_mps", 0.0)
        self._done = False

    def orders(self, sight: Sight, so_far: Orders) -> Orders:
        above = sight.view.state.speed - self._to_mps
        self._done = self._done or above <= 0.05
        fading = above / LETTING_GO_S if self._to_mps else self._mps2
        forced = None if self._done else -min(self._mps2, fading)
        return replace(so_far, speed_mps=self._to_mps, acceleration_mps2=forced)


class SetOut(Doing):
    """``Walk``."""

    def __init__(self, action: Json, sight: Sight) -> None:
        self._mps = _own_mps(sight) if action["mps"] is None else float(action["mps"])
        self._until_s = None if action["for_m"] is None else sight.view.s_m + action["for_m"]

    def orders(self, sight: Sight, so_far: Orders) -> Orders:
        stopping_m = sight.view.state.speed**2 / (2 * WALKERS_STOP_MPS2)
        there = self._until_s is not None and sight.view.s_m >= self._until_s - stopping_m
        return replace(so_far, speed_mps=0.0 if there else self._mps)


class Sideways(Doing):
    """``Swerve``: out, and back if told so."""

    def __init__(self, action: Json, sight: Sight) -> None:
        self._to_m, self._over_s = action["lateral_m"], action["over_s"]
        back_s = action["back_after_s"]
        self._until_s = None if back_s is None else sight.time_s + self._over_s + back_s

    def orders(self, sight: Sight, so_far: Orders) -> Orders:
        back = self._until_s is not None and sight.time_s >= self._until_s
        return replace(so_far, lateral_m=0.0 if back else self._to_m, over_s=self._over_s)


class LaneChange(Doing):
    """``ChangeLane``."""

    def __init__(self, action: Json, sight: Sight) -> None:
        self._to, self._over_s = _lane_id(sight, action["to"]), action["over_s"]

    def orders(self, sight: Sight, so_far: Orders) -> Orders:
        return replace(so_far, lane_id=self._to, over_s=self._over_s)


class Pass(Doing):
    """``Overtake``: waits for room, moves out, passes, comes back."""

    def __init__(self, action: Json, sight: Sight) -> None:
        self._name, self._gap_m, self._over_s = action["name"], action["gap_m"], action["over_s"]
        self._mps = _own_mps(sight) if action["mps"] is None else float(action["mps"])
        self._aside_m = WITHOUT_LANE_M if sight.lane is None else sight.lane.width_m
        self._out = self._back = False

    def orders(self, sight: Sight, so_far: Orders) -> Orders:
        self._out = self._out or self._free(sight)
        if not self._out:
            return so_far
        self._back = self._back or sight.lead_m(sight.me, self._name, sight.heading(sight.me)) >= self._gap_m
        if self._back:
            return replace(so_far, lateral_m=0.0, over_s=self._over_s)
        faster = so_far.speed_mps if so_far.speed_mps is not None else self._mps
        ignores = so_far.ignores | {"leaders"}
        return replace(
            so_far, speed_mps=faster, lateral_m=self._aside_m, over_s=self._over_s, ignores=ignores
        )

    def _free(self, sight: Sight) -> bool:
        """Whether the lane on the left stays free until one is back."""
        view = sight.view
        behind = sight.lead_m(self._name, sight.me, sight.heading(sight.me))
        extent = sum(sight.ground.instances[n].bulk[0][0] for n in (self._name, sight.me))
        slow = float(np.linalg.norm(sight.velocity(self._name)))
        takes_s = (
            passing_s(view.state.speed, self._mps, slow, max(behind, 0.0) + extent + self._gap_m)
            + self._over_s
        )
        reaches_m = max(self._mps, view.state.speed) * takes_s + CLEARANCE_M
        outlines = view.neighbours.footprints
        s, d = view.route.project(outlines.reshape(-1, 2))
        s, d = s.reshape(-1, 5), d.reshape(-1, 5)
        half = view.instance.bulk[0][1] / 2
        in_way = (d.max(axis=1) > self._aside_m - half) & (d.min(axis=1) < self._aside_m + half)
        along = np.array([view.route.tangent(float(x)) for x in s[:, 4]])
        speed = np.einsum("nk,nk->n", view.neighbours.velocities, along)
        now, later = s.min(axis=1) - view.s_m, s.min(axis=1) - view.s_m + speed * (takes_s + CLEARANCE_S)
        ahead = in_way & (now > 0.0) & (later < reaches_m)
        return not bool(ahead.any())


class Heedless(Doing):
    """``Ignore`` and ``RunRedLight``."""

    def __init__(self, action: Json, sight: Sight) -> None:
        self._what = frozenset(action.get("what", ("signals", "priority")))

    def orders(self, sight: Sight, so_far: Orders) -> Orders:
        return replace(so_far, ignores=so_far.ignores | self._what)


DOINGS: dict[str, type[Doing]] = {
    "speed": Go,
    "brake": SlowDown,
    "stop": SlowDown,
    "walk": SetOut,
    "keep_lane": KeepLane,
    "swerve": Sideways,
    "change_lane": LaneChange,
    "overtake": Pass,
    "ignore": Heedless,
    "run_red_light": Heedless,
}
"""What carries an action out. Each is made with the compiled action and the sight of that moment."""


def passing_s(speed: float, wanted: float, other: float, distance_m: float) -> float:
    """Seconds to gain ``distance_m`` on somebody at ``other`` m/s, speeding up from ``speed`` to ``wanted``; all but
    for ever when that is no faster."""
    wanted = max(wanted, speed)
    if wanted <= other + 0.1:
        return 1e6
    gaining_s = (wanted - speed) / GAIN_MPS2
    gained = ((speed + wanted) / 2 - other) * gaining_s
    return gaining_s + max(distance_m - gained, 0.0) / (wanted - other)


def _own_mps(sight: Sight) -> float:
    own = sight.view.instance.behaviour.get("speed_mps")
    return float(own) if isinstance(own, int | float) else 0.0


def _lane_id(sight: Sight, to: str | int) -> int:
    """The lane meant by "left", "right" or an id. Raises SimulationError where there is none."""
    if isinstance(to, int):
        return to
    lane = sight.lane
    found = None if lane is None else lane.left if to == "left" else lane.right
    if found is None:
        raise SimulationError(
            f'"{sight.me}" is to change to the lane on its {to} at {sight.time_s:.2f} s, but lane '
            f"{sight.view.lane_id} has none there. Let it change earlier or later, or name a lane by its id."
        )
    return found
