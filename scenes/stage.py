"""The stage: what stands where so far, and whether one more thing fits. Placements ask it; ``resolve`` fills it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

import numpy as np
from shapely import MultiPoint, Polygon

from pairforge.errors import SpecError, did_you_mean
from pairforge.frames import F64, Pose
from pairforge.scenes.concrete import ConcreteLane
from pairforge.scenes.footprint import Body
from pairforge.scenes.neighbours import Neighbours
from pairforge.scenes.settings import SettingPlan
from pairforge.scenes.surfaces import NamedRoad, Rectangle, Strip
from pairforge.scenes.world import Shape

EDGE_M = 1e-9


class MisfitError(Exception):
    """A thing or a sensor fits nowhere in this draw of the scene; its text says why."""


@dataclass(frozen=True, eq=False)
class Spot:
    """A proposed place: the pose, the level rectangle it must not hang over, and what the behaviour must know.

    ``cleared`` names things it was fitted to exactly, with no margin to keep; ``refused`` says why it is no place
    after all; ``pile`` names what it rests on, directly or not; ``granted``: it stands there whatever it overlaps."""

    pose: Pose
    on: Rectangle | None = None
    facts: dict[str, Any] = field(default_factory=dict)
    cleared: frozenset[str] = frozenset()
    refused: str = ""
    pile: frozenset[str] = frozenset()
    granted: bool = False


class Stage:
    """Surfaces and lanes of the setting, and the bodies placed so far."""

    def __init__(self, plan: SettingPlan, standing: Iterable[Body] = ()) -> None:
        self._plan = plan
        self._bodies: dict[str, Body] = {body.name: body for body in standing}
        self._neighbours = Neighbours(self._bodies.values())
        self._spots: dict[str, Spot] = {}
        self._has_front: dict[str, bool] = {}

    def place(self, body: Body, spot: Spot, has_front: bool) -> None:
        self._bodies[body.name] = body
        self._neighbours.add(body)
        self._spots[body.name] = spot
        self._has_front[body.name] = has_front

    def conflict(self, body: Body, spot: Spot, margin_m: float) -> str | None:
        """Why the body does not fit there, or None."""
        if spot.granted:
            return None
        if spot.refused:
            return spot.refused
        if spot.on is not None and not _contains(spot.on, body):
            below = spot.on.name
            remedy = f'; Atop("{below}") lets it stick out' if below in self._bodies else ""
            return f'hangs over the edge of "{below}"{remedy}'
        for other in self._neighbours.near(body, margin_m):
            if other.name not in spot.cleared and body.overlaps(other, margin_m):
                return f'overlaps "{other.name}"'
        return None

    def inside(self, point: F64) -> str | None:
        """Where a point (3,) is that no eye should be: in a body, or under a rectangle of the setting; else None."""
        for body in self._bodies.values():
            if body.contains(point):
                return f'is inside "{body.name}"'
        for surface in self._plan.surfaces:
            if isinstance(surface, Rectangle) and surface.over(point) and point[2] < surface.centre_m[2]:
                return f'is below "{surface.name}"'
        return None

    def body(self, name: str) -> Body:
        try:
            return self._bodies[name]
        except KeyError:
            raise SpecError(
                f'nothing called "{name}" is placed. {did_you_mean(name, self._bodies)}'
            ) from None

    @property
    def shapes(self) -> tuple[Shape, ...]:
        """Those of all bodies, in the order they were placed."""
        return tuple(body.shape for body in self._bodies.values())

    def has_front(self, name: str) -> bool:
        return self._has_front.get(name, False)

    def pile(self, on: tuple[str, ...]) -> tuple[str, ...]:
        """These things, what is piled on them so far and what they are piled on, in the order they were placed."""
        joined = set(on)
        for name in on:
            joined |= self._spots[name].pile if name in self._spots else frozenset()
        joined |= {name for name, spot in self._spots.items() if spot.pile & joined}
        for name in on:
            self.body(name)
        return tuple(name for name in self._bodies if name in joined)

    def under(self, name: str) -> Rectangle | None:
        """The rectangle that a placed thing stands on."""
        spot = self._spots.get(name)
        return None if spot is None else spot.on

    def rectangle(self, name: str) -> Rectangle:
        """A level rectangle: a surface of the setting by name, or the top of a placed thing's box."""
        for surface in self._plan.surfaces:
            if surface.name == name:
                if isinstance(surface, Rectangle):
                    return surface
                raise SpecError(f'"{name}" is a strip, not a rectangle; use OnPavement or Parked')
        return top_of(self.body(name))

    def middle(self, name: str) -> F64:
        """The point (3,) to look at: the middle of a surface, or of a placed thing's box."""
        for surface in self._plan.surfaces:
            if surface.name == name:
                return surface.middle
        body = self.body(name)
        return body.pose.points(body.shape.centre_m)

    def ground(self) -> Rectangle:
        """The setting's first rectangle."""
        for surface in self._plan.surfaces:
            if isinstance(surface, Rectangle):
                return surface
        raise SpecError("the setting has no floor for Anywhere(); say where, as in OnPavement or On")

    def strip(self, kind: str, side: str) -> Strip:
        """The first strip of a kind on a side; SpecError names the sides there are."""
        strips = [s for s in self._plan.surfaces if isinstance(s, Strip) and s.kind == kind]
        for strip in strips:
            if strip.side == side:
                return strip
        known = did_you_mean(side, [s.side for s in strips])
        raise SpecError(f'the setting has no {kind} on the side "{side}". {known}')

    def lane(self, lane_id: int) -> Strip:
        for lane in self._plan.lanes:
            if lane.lane_id == lane_id:
                return Strip.of_lane(lane)
        if not self._plan.lanes:
            raise SpecError(f"OnLane({lane_id}): the setting has no lanes; take one with a road, as Street()")
        known = ", ".join(str(lane.lane_id) for lane in self._plan.lanes)
        raise SpecError(f"the setting has no lane {lane_id}. Lanes: {known}.")

    @property
    def lanes(self) -> dict[int, ConcreteLane]:
        """The setting's lanes by id."""
        return {lane.lane_id: lane for lane in self._plan.lanes}

    def road(self, name: str) -> NamedRoad:
        """The road of that name; SpecError names the roads there are."""
        for road in self._plan.roads:
            if road.name == name:
                return road
        raise SpecError(
            f'the setting has no road "{name}". {did_you_mean(name, [r.name for r in self._plan.roads])}'
        )

    def speed_limit_mps(self, lane_id: int) -> float:
        return next(lane.speed_limit_mps for lane in self._plan.lanes if lane.lane_id == lane_id)


def top_of(body: Body) -> Rectangle:
    """The top face of a body's box, in its own heading."""
    size, centre = body.shape.size_m, body.shape.centre_m
    x, y, z = body.pose.points([centre[0], centre[1], centre[2] + size[2] / 2])
    return Rectangle(body.name, (float(x), float(y), float(z)), (size[0], size[1]), body.pose.yaw)


def _contains(rectangle: Rectangle, body: Body) -> bool:
    half = np.asarray(rectangle.size_m) / 2 + EDGE_M
    corners = [(x, y, 0.0) for x, y in ((-half[0], -half[1]), (half[0], -half[1]), half, (-half[0], half[1]))]
    area = Polygon(rectangle.pose.points(corners)[:, :2])
    foot = MultiPoint([p for s in body.solids for p in s.outline.convex_hull.boundary.coords])
    return bool(area.covers(foot))
