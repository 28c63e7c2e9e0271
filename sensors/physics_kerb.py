"""The kerb ahead of somebody on foot: how fast to rise so as to be on top of it in time."""

from __future__ import annotations

from collections.abc import Sequence

from pairforge.scenes.world import Shape
from pairforge.sensors.physics_bodies import bottom_m, colliders_of
from pairforge.sensors.physics_ground import Ground

KERB_M = (0.03, 0.3)
"""What rises by so much over the slope underfoot is stepped on; less is the ground's own roughness, more a wall."""
APART_M = 0.06
STEP_M = 0.3
"""People start to rise so far before their body would touch what they step on."""


def roundness_m(shape: Shape) -> float:
    """How far the body reaches ahead of its origin where it stands: the radius of what its weight is on."""
    lowest = min(colliders_of(shape), key=bottom_m)
    if lowest.points is not None:
        return float(lowest.body_from_collider.points(lowest.points)[:, 0].max())
    return float(lowest.size_m[0]) / (2.0 if lowest.kind == "box" else 1.0)


def feelers_m(round_m: float) -> list[float]:
    """Distances ahead at which to feel for a kerb, nearest first."""
    return [APART_M * k for k in range(1, round((round_m + STEP_M) / APART_M) + 1)]


def climb_mps(
    z_m: float,
    speed: float,
    slope: float,
    here: Ground,
    ahead: Sequence[Ground | None],
    round_m: float,
    plan_s: float,
) -> float | None:
    """The least vertical velocity over the next ``plan_s`` of a body at height ``z_m`` and ``speed`` > 0; None where
    nothing is to be stepped on.

    The body rises in a straight line to the height of the nearest step, to be there half its ``round_m`` before it,
    while its round underside is still clear of the edge; and then stays that high until it stands on it. ``ahead``
    is what the feelers found, ``here`` the ground underfoot, which rises by ``slope`` ahead.
    """
    for distance, ground in zip(feelers_m(round_m), ahead, strict=True):
        if ground is None:
            continue
        step = ground.height_m - here.height_m - slope * distance
        if KERB_M[0] < step < KERB_M[1]:
            # The edge lies between this feeler and the one before.
            left_s = (distance - APART_M - round_m / 2) / speed
            return (ground.height_m - slope * distance - z_m) / max(left_s, plan_s)
    return None
