"""Placements of things that bear on each other: in a vessel, on top, across a gap, side by side along a shelf.

``Inside``, ``Atop`` and ``Across`` lower a thing until it all but touches what is below, colliders against colliders,
so that it starts at rest or nearly so; physics settles the rest. What is piled on one thing is one pile: its members
are fitted to each other exactly, all else keeps its distance as ever.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np

from pairforge.errors import SpecError
from pairforge.frames import F64, Pose
from pairforge.scenes.distributions import Quaternion, Uniform, Value
from pairforge.scenes.draws import Draws
from pairforge.scenes.footprint import Body
from pairforge.scenes.placement import Placement
from pairforge.scenes.resting import lowered
from pairforge.scenes.stage import Spot, Stage
from pairforge.scenes.world import Shape

SUNK = 0.25
"""A thing is inside when at least this share of its height, or of the vessel's if that is less, is below the rim."""


def _any_yaw() -> Value[float]:
    return Uniform(0.0, 360.0)


@dataclass(frozen=True)
class Inside(Placement):
    """In a vessel (bowl, mug, pot, basket, crate, …), let down from its mouth onto what is in it already.

    ``x_m`` and ``y_m`` from the vessel's own axis, in its frame; None: anywhere about the middle. ``height_m`` above
    where it would touch: 0 lays it there, more drops it. ``orientation`` None: upright, at ``yaw_deg``.
    """

    what: str
    x_m: Value[float] | None = None
    y_m: Value[float] | None = None
    height_m: Value[float] = 0.0
    yaw_deg: Value[float] = field(default_factory=_any_yaw)
    orientation: Value[Quaternion] | None = None

    def references(self) -> tuple[str, ...]:
        return (self.what,)

    def propose(self, draw: Draws, stage: Stage, shape: Shape) -> Spot:
        vessel = stage.body(self.what)
        around = 0.25 * min(vessel.shape.size_m[:2])
        x = draw("x_m", Uniform(-around, around) if self.x_m is None else self.x_m)
        y = draw("y_m", Uniform(-around, around) if self.y_m is None else self.y_m)
        turned = _turned(draw, vessel, self.yaw_deg, self.orientation)
        foot = vessel.pose.points([x, y, 0.0])
        rest = _on_pile(stage, shape, Pose.of(foot, turned.quaternion_wxyz), (self.what,))
        spot = rest if rest.refused else _sunk(rest, shape, vessel)
        height_m = float(draw("height_m", self.height_m))
        if height_m < 0.0:
            raise SpecError(f"{draw.path}.height_m is {height_m:g}; it must be 0 or more")
        lifted = Pose(spot.pose.position_m + np.array([0.0, 0.0, height_m]), spot.pose.quaternion_wxyz)
        return replace(spot, pose=lifted)


@dataclass(frozen=True)
class Atop(Placement):
    """On top of a thing, ``x_m`` and ``y_m`` off its middle in its own frame; it may hang over, and topple.

    ``orientation`` None: upright, at ``yaw_deg`` from its heading.
    """

    what: str
    x_m: Value[float] = 0.0
    y_m: Value[float] = 0.0
    yaw_deg: Value[float] = field(default_factory=_any_yaw)
    orientation: Value[Quaternion] | None = None

    def references(self) -> tuple[str, ...]:
        return (self.what,)

    def propose(self, draw: Draws, stage: Stage, shape: Shape) -> Spot:
        below = stage.body(self.what)
        turned = _turned(draw, below, self.yaw_deg, self.orientation)
        middle = np.array(below.shape.centre_m) + np.array(
            [draw("x_m", self.x_m), draw("y_m", self.y_m), 0.0]
        )
        at = below.pose.points(middle) - turned.vectors([*shape.centre_m[:2], 0.0])
        return _on_pile(stage, shape, Pose.of(at, turned.quaternion_wxyz), (self.what,))


@dataclass(frozen=True)
class Across(Placement):
    """Bridging two things: its length (x) along the line from ``a`` to ``b``, its middle over the gap."""

    a: str
    b: str
    shift_m: Value[float] = 0.0
    yaw_deg: Value[float] = 0.0

    def references(self) -> tuple[str, ...]:
        return (self.a, self.b)

    def propose(self, draw: Draws, stage: Stage, shape: Shape) -> Spot:
        one, other = (b.pose.points(b.shape.centre_m) for b in (stage.body(self.a), stage.body(self.b)))
        along = other - one
        yaw = float(np.arctan2(along[1], along[0]))
        turned = Pose.of(yaw=yaw + np.radians(draw("yaw_deg", self.yaw_deg)))
        middle = (one + other) / 2 + turned.vectors([draw("shift_m", self.shift_m), 0.0, 0.0])
        at = middle - turned.vectors([*shape.centre_m[:2], 0.0])
        return _on_pile(stage, shape, Pose.of(at, turned.quaternion_wxyz), (self.a, self.b))


@dataclass(frozen=True)
class InRow(Placement):
    """Standing in a row along a surface, from its left end to its right as seen from its front (its +x side).

    The first begins ``gap_m`` from the left end, others ``gap_m`` after ``after``. ``inset_m`` from the front edge;
    ``yaw_deg`` from facing the front.
    """

    what: str
    after: str | None = None
    gap_m: Value[float] = 0.004
    inset_m: Value[float] = 0.03
    yaw_deg: Value[float] = 0.0

    def references(self) -> tuple[str, ...]:
        return (self.what,) if self.after is None else (self.what, self.after)

    def propose(self, draw: Draws, stage: Stage, shape: Shape) -> Spot:
        surface = stage.rectangle(self.what)
        upright = Pose.of(yaw=surface.yaw + float(np.radians(draw("yaw_deg", self.yaw_deg))))
        mine = surface.pose.inverse.vectors(Body("", shape, upright).points)
        # Seen from its front (looking along -x), the surface's own -y is on the left.
        start = -surface.size_m[1] / 2
        if self.after is not None:
            start = float(surface.pose.inverse.points(stage.body(self.after).points)[:, 1].max())
        x = surface.size_m[0] / 2 - draw("inset_m", self.inset_m) - float(mine[:, 0].max())
        y = start + draw("gap_m", self.gap_m) - float(mine[:, 1].min())
        at = surface.pose.points([x, y, -float(mine[:, 2].min())])
        return Spot(Pose.of(at, upright.quaternion_wxyz), surface)


def _turned(draw: Draws, below: Body, yaw_deg: Value[float], orientation: Value[Quaternion] | None) -> Pose:
    if orientation is None:
        return Pose.of(yaw=below.pose.yaw + float(np.radians(draw("yaw_deg", yaw_deg))))
    quaternion = np.asarray(draw("orientation", orientation), dtype=np.float64)
    if not np.isclose(np.linalg.norm(quaternion), 1.0, atol=1e-6):
        raise SpecError(f"orientation {quaternion.tolist()} is not a unit quaternion (w, x, y, z)")
    return Pose.of(quaternion_wxyz=quaternion)


def _on_pile(stage: Stage, shape: Shape, above: Pose, on: tuple[str, ...]) -> Spot:
    """The shape lowered from far above onto these things and what is piled on them."""
    members = stage.pile(on)
    try:
        rest = lowered(Body("", shape, above), [stage.body(name) for name in members])
    except ValueError:
        return Spot(above, refused=f'is not over "{on[0]}"')
    return Spot(rest, None, {}, frozenset(members), pile=frozenset(members))


def _sunk(spot: Spot, shape: Shape, vessel: Body) -> Spot:
    """The spot, refused unless the thing there is within the vessel."""
    points: F64 = Body("", shape, spot.pose).points
    rim, low = float(vessel.points[:, 2].max()), float(points[:, 2].min())
    high = float(points[:, 2].max())
    enough = SUNK * min(high - low, rim - float(vessel.points[:, 2].min()))
    if rim - low >= enough:
        return spot
    return replace(spot, refused=f'does not go into "{vessel.name}"')
