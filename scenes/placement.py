"""Placements: where a thing stands, said by relation. Order-free: a placement may name a prop that comes later.

Every field takes a value or a distribution and is the named draw "<thing>.place.<field>". Gaps and overlaps are
measured between real extents. A draw that does not fit (it overlaps, or hangs over an edge) is made again.

To add one, subclass ``Placement`` as a frozen dataclass and write ``propose``.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass, field
from typing import ClassVar, Literal

import numpy as np

from pairforge.errors import SpecError
from pairforge.frames import F64, Pose
from pairforge.scenes.distributions import Quaternion, Uniform, UnitQuaternion, Value, Vector
from pairforge.scenes.draws import Draws
from pairforge.scenes.footprint import Body, reach_m
from pairforge.scenes.stage import Spot, Stage
from pairforge.scenes.surfaces import Rectangle, Strip
from pairforge.scenes.typecheck import Checked
from pairforge.scenes.world import Shape


def _any_yaw() -> Value[float]:
    return Uniform(0.0, 360.0)


class Placement(Checked, ABC):
    """Base of all placements."""

    EXAMPLE = 'On("table")'

    def references(self) -> tuple[str, ...]:
        """Names of the surfaces or things this one is placed by; things are placed first."""
        return ()

    @abstractmethod
    def propose(self, draw: Draws, stage: Stage, shape: Shape) -> Spot:
        """A spot for the shape; whether it fits there is for the stage to say."""


@dataclass(frozen=True)
class At(Placement):
    """Body origin at a point of the world, heading ``yaw_deg`` from +x towards +y."""

    position_m: Value[Vector]
    yaw_deg: Value[float] = 0.0

    def propose(self, draw: Draws, stage: Stage, shape: Shape) -> Spot:
        yaw = np.radians(draw("yaw_deg", self.yaw_deg))
        return _spot(Pose.of(draw("position_m", self.position_m), yaw=yaw))


@dataclass(frozen=True)
class Exactly(Placement):
    """At a pose of the world, whatever it overlaps, as things of a log stand: ``of`` says what of it is there, its
    body's origin or the centre of its box."""

    position_m: Value[Vector]
    quaternion_wxyz: Value[Quaternion] = (1.0, 0.0, 0.0, 0.0)
    of: Literal["body", "box"] = "body"

    def propose(self, draw: Draws, stage: Stage, shape: Shape) -> Spot:
        quaternion = np.asarray(draw("quaternion_wxyz", self.quaternion_wxyz), dtype=np.float64)
        if not np.isclose(np.linalg.norm(quaternion), 1.0, atol=1e-6):
            raise SpecError(f"quaternion_wxyz {quaternion.tolist()} is not a unit quaternion (w, x, y, z)")
        pose = Pose.of(draw("position_m", self.position_m), quaternion)
        if self.of == "box":
            pose = pose @ Pose.of(shape.centre_m).inverse
        return Spot(pose, granted=True)


@dataclass(frozen=True)
class On(Placement):
    """Standing on a surface of the setting, or on top of a prop.

    ``x_m`` and ``y_m`` are measured from the surface's centre along its axes; None: anywhere it fits.
    """

    what: str
    x_m: Value[float] | None = None
    y_m: Value[float] | None = None
    yaw_deg: Value[float] = field(default_factory=_any_yaw)

    def references(self) -> tuple[str, ...]:
        return (self.what,)

    def propose(self, draw: Draws, stage: Stage, shape: Shape) -> Spot:
        return _standing(draw, stage.rectangle(self.what), shape, self.x_m, self.y_m, self.yaw_deg)


@dataclass(frozen=True)
class Anywhere(Placement):
    """Anywhere it fits on the setting's first rectangle (the floor)."""

    yaw_deg: Value[float] = field(default_factory=_any_yaw)

    def propose(self, draw: Draws, stage: Stage, shape: Shape) -> Spot:
        return _standing(draw, stage.ground(), shape, None, None, self.yaw_deg)


@dataclass(frozen=True)
class Above(Placement):
    """In the air ``height_m`` over a surface or a prop's top (to its lowest point), to be dropped."""

    what: str
    height_m: Value[float] = 0.3
    x_m: Value[float] | None = None
    y_m: Value[float] | None = None
    orientation: Value[Quaternion] = field(default_factory=UnitQuaternion)

    def references(self) -> tuple[str, ...]:
        return (self.what,)

    def propose(self, draw: Draws, stage: Stage, shape: Shape) -> Spot:
        below = stage.rectangle(self.what)
        quaternion = np.asarray(draw("orientation", self.orientation), dtype=np.float64)
        if not np.isclose(np.linalg.norm(quaternion), 1.0, atol=1e-6):
            raise SpecError(f"orientation {quaternion.tolist()} is not a unit quaternion (w, x, y, z)")
        turned = Pose.of(quaternion_wxyz=quaternion)
        lowest = float(Body("", shape, turned).points[:, 2].min())
        point = _point(draw, below, self.x_m, self.y_m)
        up = np.array([0.0, 0.0, _not_below_zero(draw, "height_m", self.height_m) - lowest])
        return _spot(Pose.of(point + up, quaternion), below)


@dataclass(frozen=True)
class _Beside(Placement):
    """``gap_m`` between the two extents; ``offset_m`` shifts along the other axis, ``yaw_deg`` from its heading."""

    what: str
    gap_m: Value[float] = 0.1
    offset_m: Value[float] = 0.0
    yaw_deg: Value[float] = 0.0
    _direction: ClassVar[tuple[float, float]]

    def references(self) -> tuple[str, ...]:
        return (self.what,)

    def propose(self, draw: Draws, stage: Stage, shape: Shape) -> Spot:
        other = stage.body(self.what)
        heading = other.pose.yaw if stage.has_front(self.what) else 0.0
        frame = Pose.of(yaw=heading)
        along = frame.vectors([*self._direction, 0.0])
        across = frame.vectors([abs(self._direction[1]), abs(self._direction[0]), 0.0])
        turned = Pose.of(yaw=heading + np.radians(draw("yaw_deg", self.yaw_deg)))
        mine = Body("", shape, turned).points
        middle = other.pose.points(other.shape.centre_m)
        shift = (
            reach_m(other.points - middle, along)
            + _not_below_zero(draw, "gap_m", self.gap_m)
            + reach_m(-mine, along)
        )
        foot = turned.vectors(shape.centre_m)
        side = float((middle - foot) @ across) + draw("offset_m", self.offset_m)
        position = along * (float(middle @ along) + shift) + across * side
        position[2] = other.points[:, 2].min() - mine[:, 2].min()
        return _spot(Pose.of(position, turned.quaternion_wxyz), stage.under(self.what))


class LeftOf(_Beside):
    """To the left (+y) of a thing, in its own frame if it has a front, else in the world's (x forward)."""

    _direction = (0.0, 1.0)


class RightOf(_Beside):
    """To the right (-y) of a thing."""

    _direction = (0.0, -1.0)


class InFrontOf(_Beside):
    """In front (+x) of a thing."""

    _direction = (1.0, 0.0)


class Behind(_Beside):
    """Behind (-x) a thing."""

    _direction = (-1.0, 0.0)


@dataclass(frozen=True)
class OnLane(Placement):
    """Body origin ``s_m`` along the centre line of a lane, ``lateral_m`` to its left, heading along it.

    ``s_m`` None: anywhere along it.
    """

    lane: Value[int]
    s_m: Value[float] | None = None
    lateral_m: Value[float] = 0.0

    def propose(self, draw: Draws, stage: Stage, shape: Shape) -> Spot:
        lane_id = draw("lane", self.lane)
        strip = stage.lane(lane_id)
        s_m, lateral_m = _along(draw, strip, self.s_m), draw("lateral_m", self.lateral_m)
        return _spot(strip.pitched(s_m, lateral_m), None, lane_id=lane_id, s_m=s_m, lateral_m=lateral_m)


@dataclass(frozen=True)
class OnRoad(Placement):
    """On a road of the setting by its name, ``s_m`` along it, heading as its traffic does.

    ``lane`` counts from the kerb (0) inwards, among those along the road or, with ``against``, those the other way.
    """

    road: Value[str]
    s_m: Value[float]
    lane: Value[int] = 0
    against: Value[bool] = False
    lateral_m: Value[float] = 0.0

    def propose(self, draw: Draws, stage: Stage, shape: Shape) -> Spot:
        road = stage.road(draw("road", self.road))
        s_m, against = draw("s_m", self.s_m), draw("against", self.against)
        part = road.at(s_m)
        lanes = part.against if against else part.along
        lane_id = _nth_lane(road.name, lanes, draw("lane", self.lane), "against" if against else "along")
        share = (s_m - part.from_m) / (part.to_m - part.from_m)
        strip = stage.lane(lane_id)
        along_m = strip.length_m * (1.0 - share if against else share)
        return _in_lane(draw, strip, lane_id, along_m, self.lateral_m)


@dataclass(frozen=True)
class _AtJunction(Placement):
    """``lane`` counts from the kerb (0) inwards."""

    road: Value[str]
    distance_m: Value[float]
    lane: Value[int] = 0
    lateral_m: Value[float] = 0.0
    _incoming: ClassVar[bool]

    def propose(self, draw: Draws, stage: Stage, shape: Shape) -> Spot:
        road = stage.road(draw("road", self.road))
        distance_m, k = draw("distance_m", self.distance_m), draw("lane", self.lane)
        if not (road.starts_at_junction or road.ends_at_junction):
            raise SpecError(f'road "{road.name}" meets no junction; say where with OnRoad or OnLane')
        at_start = road.starts_at_junction
        part = road.at(distance_m if at_start else road.length_m - distance_m)
        lanes = part.against if at_start == self._incoming else part.along
        way = "to the junction" if self._incoming else "away from it"
        lane_id = _nth_lane(road.name, lanes, k, way)
        strip = stage.lane(lane_id)
        near = part.from_m if at_start else road.length_m - part.to_m
        inside = min(max(distance_m - near, 0.0), strip.length_m)
        along_m = strip.length_m - inside if self._incoming else inside
        return _in_lane(draw, strip, lane_id, along_m, self.lateral_m)


class Approaching(_AtJunction):
    """Driving towards the junction on the road of that name, ``distance_m`` before it."""

    _incoming = True


class Leaving(_AtJunction):
    """Driving away from the junction on the road of that name, ``distance_m`` behind it."""

    _incoming = False


@dataclass(frozen=True)
class Parked(Placement):
    """In the parking strip on a ``side`` ("left", "right") of the road, its middle at ``s_m`` along it."""

    side: Value[str]
    s_m: Value[float] | None = None
    lateral_m: Value[float] = 0.0
    yaw_deg: Value[float] = 0.0

    def propose(self, draw: Draws, stage: Stage, shape: Shape) -> Spot:
        strip = stage.strip("parking", draw("side", self.side))
        middle = strip.pose(_along(draw, strip, self.s_m), draw("lateral_m", self.lateral_m))
        turned = middle @ Pose.of(yaw=np.radians(draw("yaw_deg", self.yaw_deg)))
        return _spot(turned @ Pose.of((-shape.centre_m[0], -shape.centre_m[1], 0.0)))


@dataclass(frozen=True)
class OnPavement(Placement):
    """On the pavement on a ``side`` of the road, ``s_m`` along it and ``lateral_m`` from its middle (to the left of
    its direction); ``yaw_deg`` 0 heads along it, 180 against. None: anywhere on it."""

    side: Value[str]
    s_m: Value[float] | None = None
    lateral_m: Value[float] | None = None
    yaw_deg: Value[float] = 0.0

    def propose(self, draw: Draws, stage: Stage, shape: Shape) -> Spot:
        strip = stage.strip("pavement", draw("side", self.side))
        s_m = _along(draw, strip, self.s_m)
        room = 0.35 * strip.width_m
        lateral_m = draw("lateral_m", Uniform(-room, room) if self.lateral_m is None else self.lateral_m)
        yaw_deg = draw("yaw_deg", self.yaw_deg)
        ahead = bool(np.cos(np.radians(yaw_deg)) >= 0.0)
        pose = strip.pose(s_m, lateral_m) @ Pose.of(yaw=np.radians(yaw_deg))
        return _spot(pose, None, path=_lists(strip.path(s_m, lateral_m, ahead)))


def _nth_lane(road: str, lanes: tuple[int, ...], k: int, way: str) -> int:
    if not 0 <= k < len(lanes):
        raise SpecError(
            f'road "{road}" has {len(lanes)} lanes {way}; lane {k} is not one of 0..{len(lanes) - 1}'
        )
    return lanes[k]


def _in_lane(draw: Draws, strip: Strip, lane_id: int, s_m: float, lateral: Value[float]) -> Spot:
    lateral_m = draw("lateral_m", lateral)
    pose = strip.pitched(s_m, lateral_m)
    return _spot(pose, None, lane_id=lane_id, s_m=s_m, lateral_m=lateral_m)


def _not_below_zero(draw: Draws, name: str, value: Value[float]) -> float:
    drawn = float(draw(name, value))
    if drawn < 0.0:
        raise SpecError(f"{draw.path}.{name} is {drawn:g}; it must be 0 or more")
    return drawn


def _spot(pose: Pose, on: Rectangle | None = None, **facts: object) -> Spot:
    return Spot(pose, on, facts)


def _standing(
    draw: Draws,
    surface: Rectangle,
    shape: Shape,
    x_m: Value[float] | None,
    y_m: Value[float] | None,
    yaw_deg: Value[float],
) -> Spot:
    """Upright on a rectangle, the lowest point of the mesh touching it."""
    point = _point(draw, surface, x_m, y_m)
    upright = Pose.of(yaw=surface.yaw + float(np.radians(draw("yaw_deg", yaw_deg))))
    point[2] -= Body("", shape, upright).points[:, 2].min()
    return _spot(Pose.of(point, upright.quaternion_wxyz), surface)


def _point(draw: Draws, surface: Rectangle, x_m: Value[float] | None, y_m: Value[float] | None) -> F64:
    """A point (3,) of the rectangle, drawn over all of it: no matter what will stand there, the draw is the same."""
    length, width = surface.size_m
    x = draw("x_m", Uniform(-length / 2, length / 2) if x_m is None else x_m)
    y = draw("y_m", Uniform(-width / 2, width / 2) if y_m is None else y_m)
    return surface.pose.points([x, y, 0.0])


def _along(draw: Draws, strip: Strip, s_m: Value[float] | None) -> float:
    return float(draw("s_m", Uniform(0.0, strip.length_m) if s_m is None else s_m))


def _lists(points: F64) -> list[list[float]]:
    return [[float(v) for v in point] for point in points]
