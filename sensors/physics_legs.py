"""Legs that bend: who steps up or down a kerb lifts one foot over its edge, not the whole figure."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from scipy.ndimage import maximum_filter1d, uniform_filter1d

from pairforge.frames import F64, Track
from pairforge.scenes.gait import Local, limb_poses, lowest
from pairforge.scenes.world import Shape
from pairforge.sensors.ground import ExactGround
from pairforge.sensors.physics_gait import (
    STEP_KNOTS,
    clearance,
    footing,
    step_up,
    sunk,
)

STEP_M, DEEPEST_M = 0.02, 0.3
"""One foot stands lower than the body by so much, at least and at most, on a step down."""
LOGGED_RISE_M = 0.2
"""Legs of who is replayed rise over kerbs by so much at most, and so stay in the box."""
FOLDED_SHARE = 0.45
"""A foot is lifted until it is this share of the leg's length from the hip, and no further."""


@dataclass(frozen=True, eq=False)
class Leg:
    """Part names of a leg, and its bones (2,), x ahead and z up, as they hang at rest: hip to knee, knee to ankle."""

    thigh: str
    shin: str
    foot: str
    upper: F64
    lower: F64


def legs(shape: Shape) -> Iterator[Leg]:
    """Every chain of three limbs that hangs from the body: thigh, shin, foot."""
    limbs = {limb.part: limb for limb in shape.limbs}
    rest = {piece.name: piece.body_from_part.position_m[[0, 2]] for piece in shape.parts}
    for foot, limb in limbs.items():
        shin = limbs.get(limb.parent)
        thigh = limbs.get(shin.parent) if shin is not None else None
        if shin is not None and thigh is not None and not thigh.parent:
            yield Leg(
                thigh.part,
                shin.part,
                foot,
                rest[shin.part] - rest[thigh.part],
                rest[foot] - rest[shin.part],
            )


def stepping(
    shape: Shape, phase: F64, swing: F64, body: Track, slopes: F64, ground: ExactGround
) -> tuple[Local, F64]:
    """part name -> body_from_part of somebody on foot over T phases, standing on what is under their feet; and how
    much higher than on level ground (T,) metres that has the figure over its body's origin.

    ``slopes`` (T,) is how the ground rises ahead of the body, whose origin the physics keeps on it.
    """
    local = limb_poses(shape, phase, swing, phase)
    even = -lowest(shape, local, slopes)
    sloped = _evened(even + lowest(shape, local, 0.0 * slopes)) if slopes.any() else 0.0 * slopes
    lift = even - lowered(shape, local, body, even, slopes, ground)
    if bends := bends_over(shape, local, body, lift, ground):
        local = limb_poses(shape, phase, swing, phase, bends)
    # What bending left: figures without legs to bend, and steps too high for them.
    lift += step_up(shape, local, body, lift, ground)
    return _lifted(local, lift), lift - even + sloped


def following(shape: Shape, phase: F64, swing: F64, body: Track, ground: ExactGround) -> Local:
    """``stepping`` of somebody whose origin is where a log has it: legs bend over a kerb, and no more, for a
    figure that rose or sank with what is under its feet would leave the log's box."""
    local = limb_poses(shape, phase, swing, phase)
    lift = -lowest(shape, local, np.zeros(len(phase)))
    if bends := bends_over(shape, local, body, lift, ground, LOGGED_RISE_M):
        local = limb_poses(shape, phase, swing, phase, bends)
    return _lifted(local, lift)


def _lifted(local: Local, lift: F64) -> Local:
    up = lift[:, None] * [0.0, 0.0, 1.0]
    return {name: (position + up, turned) for name, (position, turned) in local.items()}


def lowered(shape: Shape, local: Local, body: Track, lift: F64, slopes: F64, ground: ExactGround) -> F64:
    """(T,) metres by which to lower the figure to the lower of what is under its feet: the other leg bends.

    ``slopes`` (T,) is how the ground rises ahead; what it leaves over is no step.
    """
    body_m = body.positions_m[:, 2]
    under = np.full(len(lift), np.inf)
    for leg in legs(shape):
        ahead = local[leg.foot][0][:, 0]
        under = np.minimum(under, footing(shape, leg.foot, local, body, lift, ground) - slopes * ahead)
    below = body_m - under
    # Knots near to where one foot stands low, and the ground under it, without the jumps from foot to foot.
    if not (below > STEP_M).any():
        return np.zeros(len(lift))
    near = maximum_filter1d((below > STEP_M).astype(np.float64), 2 * STEP_KNOTS + 1, mode="nearest")
    return _evened(near) * np.clip(body_m - _evened(np.maximum(under, body_m - DEEPEST_M)), 0.0, DEEPEST_M)


def _evened(values: F64) -> F64:
    for _ in range(2):
        values = uniform_filter1d(values, STEP_KNOTS + 1, mode="nearest")
    return values


def bends_over(
    shape: Shape, local: Local, body: Track, lift: F64, ground: ExactGround, most_m: float = np.inf
) -> dict[str, F64]:
    """part name -> (T,) radians by which limbs turn further so that no foot is inside a kerb, raised by ``most_m`` at
    most; empty where none is."""
    bends: dict[str, F64] = {}
    for leg in legs(shape):
        rise = np.minimum(clearance(sunk(shape, (leg.shin, leg.foot), local, body, lift, ground)), most_m)
        if rise.any():
            bends |= bent(leg, local, rise)
    return bends


def bent(leg: Leg, local: Local, rise: F64) -> dict[str, F64]:
    """part name -> (T,) radians more that lift the ankle by ``rise`` (T,) metres; the foot keeps its pitch.

    Two bones by the law of cosines, the knee on the side that it is on in the stride. What turns is the difference to
    the same solution without a rise, so that a leg which need not rise moves as it would.
    """
    hip, knee, ankle = (local[name][0][:, [0, 2]] for name in (leg.thigh, leg.shin, leg.foot))
    reach, thigh = ankle - hip, knee - hip
    ahead = 1.0 if float((reach[:, 0] * thigh[:, 1] - reach[:, 1] * thigh[:, 0]).sum()) >= 0.0 else -1.0
    before = _angles(leg, reach, ahead)
    after = _angles(leg, reach + rise[:, None] * [0.0, 1.0], ahead)
    upper, lower = after[0] - before[0], after[1] - before[1]
    return {leg.thigh: upper, leg.shin: lower - upper, leg.foot: -lower}


def _angles(leg: Leg, reach: F64, ahead: float) -> tuple[F64, F64]:
    """(T,) directions of thigh and shin whose ankle is at ``reach`` (T, 2) from the hip, radians backwards from
    straight down; ``ahead``: 1 for a knee before the line from hip to ankle, -1 for one behind it."""
    a, b = float(np.hypot(*leg.upper)), float(np.hypot(*leg.lower))
    span = np.clip(np.hypot(reach[:, 0], reach[:, 1]), FOLDED_SHARE * (a + b), 0.99999 * (a + b))
    towards = np.arctan2(-reach[:, 0], -reach[:, 1])
    at_hip = np.arccos(np.clip((a * a + span**2 - b * b) / (2 * a * span), -1.0, 1.0))
    at_ankle = np.arccos(np.clip((b * b + span**2 - a * a) / (2 * b * span), -1.0, 1.0))
    return towards - ahead * at_hip, towards + ahead * at_ankle
