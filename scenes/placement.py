"""Placements: where a thing stands, said by relation. Order-free: a placement may name a prop that comes later.

Every field takes a value or a distribution and is the named draw "<thing>.place.<field>". Gaps and overlaps are
measured between real extents. A placement whose draw does not fit (it overlaps, or hangs over an edge) is drawn again.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from pairforge.scenes.distributions import Quaternion, Uniform, UnitQuaternion, Value, Vector


def _any_yaw() -> Value[float]:
    return Uniform(0.0, 360.0)


class Placement:
    """Base of all placements."""

    def references(self) -> tuple[str, ...]:
        """Names of the things this one is placed by; they are placed first."""
        return ()


@dataclass(frozen=True)
class At(Placement):
    """Body origin at a point of the world, heading ``yaw_deg`` from +x towards +y."""

    position_m: Value[Vector]
    yaw_deg: Value[float] = 0.0


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


@dataclass(frozen=True)
class Anywhere(Placement):
    """Anywhere it fits on the setting's first rectangle (the floor)."""

    yaw_deg: Value[float] = field(default_factory=_any_yaw)


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


@dataclass(frozen=True)
class _Beside(Placement):
    """``gap_m`` between the two extents; ``offset_m`` shifts along the other axis; ``yaw_deg`` from the reference's."""

    what: str
    gap_m: Value[float] = 0.1
    offset_m: Value[float] = 0.0
    yaw_deg: Value[float] = 0.0

    def references(self) -> tuple[str, ...]:
        return (self.what,)


class LeftOf(_Beside):
    """To the left (+y) of a thing, in its own frame if it has a front, else in the world's (x forward)."""


class RightOf(_Beside):
    """To the right (-y) of a thing."""


class InFrontOf(_Beside):
    """In front (+x) of a thing."""


class Behind(_Beside):
    """Behind (-x) a thing."""


@dataclass(frozen=True)
class OnLane(Placement):
    """Body origin ``s_m`` along the centre line of a lane, ``lateral_m`` to its left, heading along it.

    ``s_m`` None: anywhere along. ``lateral_m`` None: the middle (cyclists: the right edge).
    """

    lane: Value[int]
    s_m: Value[float] | None = None
    lateral_m: Value[float] | None = None


@dataclass(frozen=True)
class Parked(Placement):
    """In the parking strip on a ``side`` ("left", "right") of the road, its middle at ``s_m`` along it."""

    side: Value[str]
    s_m: Value[float] | None = None
    lateral_m: Value[float] = 0.0
    yaw_deg: Value[float] = 0.0


@dataclass(frozen=True)
class OnPavement(Placement):
    """On the pavement on a ``side`` of the road, ``s_m`` along it; ``yaw_deg`` 0 heads along it, 180 against."""

    side: Value[str]
    s_m: Value[float] | None = None
    lateral_m: Value[float] | None = None
    yaw_deg: Value[float] = 0.0
