"""What road users show each other: where they drive and mean to go, who waits, who walks across; and the lights.

It stands for eye contact, indicators and body language. Everybody writes their own row and reads all; rows stand
in the order of the world's instances, so that nothing depends on chance.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pairforge.scenes.signals import Programme
from pairforge.scenes.world import World
from pairforge.sensors.traffic.lanes import LaneGraph
from pairforge.sensors.traffic.way import Gate, Way

STANDING_MPS = 0.3
FAR_S = 1e6


@dataclass
class Presence:
    """A driver or rider on lanes: body origin at ``s`` along ``way``, ``front_m`` and ``rear_m`` of the body ahead of
    and behind it, ``width_m``; ``speed``, ``acceleration``, and the speed ``wanted``.

    ``granted``: the junction lane that they have decided to drive over; ``waits_ns``: since when they stand at a gate
    that is theirs to wait at; ``stood_ns``: since when they stand. ``lawful`` is False for one who heeds no rules.
    """

    instance_id: int
    way: Way
    front_m: float
    rear_m: float
    width_m: float
    s: float = 0.0
    speed: float = 0.0
    acceleration: float = 0.0
    wanted: float = 0.0
    granted: int | None = None
    waits_ns: int | None = None
    stood_ns: int | None = None
    lawful: bool = True

    @property
    def front_s(self) -> float:
        return self.s + self.front_m

    @property
    def rear_s(self) -> float:
        return self.s - self.rear_m

    @property
    def length_m(self) -> float:
        return self.front_m + self.rear_m

    def stands(self, speed: float, time_ns: int) -> None:
        """Notes the speed, and since when it is none."""
        self.speed = speed
        if speed > STANDING_MPS:
            self.stood_ns = None
        elif self.stood_ns is None:
            self.stood_ns = time_ns

    def stood_s(self, time_ns: int) -> float:
        return 0.0 if self.stood_ns is None else (time_ns - self.stood_ns) * 1e-9

    def gate(self) -> Gate | None:
        """The gate next ahead, until the front has passed its line."""
        for gate in self.way.gates:
            if gate.line_s > self.front_s - 0.3:
                return gate
        return None


@dataclass
class Walk:
    """Somebody on foot who crosses or means to: lane id -> (lane_s, in_m, out_m), where along the lane, and how far
    they have yet to walk to come into it and to be out of it again.

    ``claims``: whether it is their turn and drivers must let them; ``on_road``: already between the kerbs.
    """

    instance_id: int
    lanes: dict[int, tuple[float, float, float]]
    speed: float = 0.0
    claims: bool = False
    on_road: bool = False


class Board:
    """The lanes, the lights and everybody's row."""

    def __init__(self, world: World) -> None:
        self.world = world
        self.graph = LaneGraph(world.lanes)
        self._programmes = {
            i.name: Programme.of(i.behaviour) for i in world.instances if "programme" in i.behaviour
        }
        self.drivers: dict[int, Presence] = {}
        self.walks: dict[int, Walk] = {}

    def join(self, presence: Presence) -> None:
        """Adds a driver; called in the order of the world's instances."""
        self.drivers[presence.instance_id] = presence

    def signal(self, name: str | None, time_ns: int) -> tuple[str, float]:
        """What a light shows and the seconds until it changes; ("off", for ever) where there is none."""
        programme = self._programmes.get(name or "")
        return ("off", FAR_S) if programme is None else programme.at(time_ns * 1e-9)

    def coming(self, lane_id: int, but: int, within_m: float = 120.0) -> Iterator[tuple[Presence, float]]:
        """Drivers on a lane or going to drive it within ``within_m``, and how far the lane's start lies ahead of
        their front (negative: past it); ``but`` is left out."""
        for other in self.drivers.values():
            if other.instance_id == but:
                continue
            for span in other.way.spans:
                if span.lane_id == lane_id and span.end_s > other.rear_s:
                    if span.start_s - other.front_s < within_m:
                        yield other, span.start_s - other.front_s
                    break

    def head_of_queue(self, other: Presence) -> Presence:
        """Who stands first on the lane that ``other`` is on: nearest to its end, or ``other`` itself."""
        lane_id = other.way.lane_at(other.s)
        first, least = other, _left_m(other, lane_id)
        for one in self.drivers.values():
            if one.way.lane_at(one.s) == lane_id and _left_m(one, lane_id) < least:
                first, least = one, _left_m(one, lane_id)
        return first

    def held(self, other: Presence, before_s: float, time_ns: int, for_s: float) -> bool:
        """Whether a light keeps a driver from going past ``before_s`` along their way for the next ``for_s``."""
        for gate in other.way.gates:
            if gate.line_s < other.front_s - 0.5:
                continue
            if gate.line_s > before_s or not other.lawful:
                return False
            if gate.signal is not None:
                state, left_s = self.signal(gate.signal, time_ns)
                if state == "red" and left_s > for_s:
                    return True
                if state == "red" and other.speed < STANDING_MPS and left_s > 0.5 * for_s:
                    return True
                if state == "yellow" and other.granted != gate.onto:
                    return True
        return False


def _left_m(who: Presence, lane_id: int | None) -> float:
    """Metres from their front to the end of the lane they are on."""
    ends = [p.end_s for p in who.way.spans if p.lane_id == lane_id and p.end_s > who.s]
    return ends[0] - who.front_s if ends else FAR_S


def seconds_to(distance_m: float, speed: float, acceleration: float, most: float) -> float:
    """Seconds to cover a distance from ``speed`` at ``acceleration`` (>= 0) up to ``most``; ``FAR_S`` if never."""
    if distance_m <= 0.0:
        return 0.0
    most = max(most, speed)
    if acceleration < 1e-3:
        return distance_m / speed if speed > 1e-3 else FAR_S
    gain_m = (most * most - speed * speed) / (2.0 * acceleration)
    if distance_m <= gain_m:
        return float((np.sqrt(speed * speed + 2.0 * acceleration * distance_m) - speed) / acceleration)
    return (most - speed) / acceleration + (distance_m - gain_m) / most
