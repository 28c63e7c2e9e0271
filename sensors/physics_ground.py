"""What lies under a point: height and slope of everything that never moves, by rays in the running client."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from pairforge.sensors.bullet import pybullet as p

_STATIC_GROUP = 2
"""Bullet's own collision group of bodies without mass."""
_REACH_M = 0.6


@dataclass(frozen=True)
class Ground:
    """``height_m`` of the ground in the world, and its upward ``normal`` (3,)."""

    height_m: float
    normal: tuple[float, float, float]


def ground_below(client: int, points: Sequence[Sequence[float]]) -> list[Ground | None]:
    """The ground within 0.6 m above or below each point (x, y, z); None where there is none."""
    tops = [[x, y, z + _REACH_M] for x, y, z in points]
    ends = [[x, y, z - _REACH_M] for x, y, z in points]
    hits = p.rayTestBatch(tops, ends, collisionFilterMask=_STATIC_GROUP, physicsClientId=client)
    return [Ground(hit[3][2], hit[4]) if hit[0] >= 0 and hit[4][2] > 0.3 else None for hit in hits]
