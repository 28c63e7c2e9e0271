"""Ways for the robot arm's hand: points to be at, as motions of its joints."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

from pairforge.errors import SpecError
from pairforge.scenes.joints import JointMotion, Through
from pairforge.scenes.shapes.robot_arm import FOREARM_M, OPEN_M, SHOULDER_M, TOOL_M, UPPER_M


@dataclass(frozen=True)
class At:
    """At ``time_s`` the finger tips are at ``tip_m`` (x ahead, y left, z up, from the middle of the arm's base).

    The tool points down by ``pitch_deg`` (90: straight down) in the plane of the arm, turned about itself by
    ``roll_deg``; each finger is ``open_m`` from the middle.
    """

    time_s: float
    tip_m: tuple[float, float, float]
    open_m: float = 0.0
    pitch_deg: float = 90.0
    roll_deg: float = 0.0


def reach(at: At) -> dict[str, float]:
    """Joint -> rad or m that has the tips there, the elbow up. SpecError when it is out of reach.

    The arm turns at the waist to face the point; there it is two links in a plane, solved by the law of cosines.
    """
    x, y, z = at.tip_m
    pitch = math.radians(at.pitch_deg)
    ahead = math.hypot(x, y) - TOOL_M * math.cos(pitch)
    up = z + TOOL_M * math.sin(pitch) - SHOULDER_M
    distance = math.hypot(ahead, up)
    if not abs(UPPER_M - FOREARM_M) < distance < UPPER_M + FOREARM_M:
        raise SpecError(
            f"At(tip_m={at.tip_m}, pitch_deg={at.pitch_deg:g}): the wrist is {distance:.3f} m from the shoulder; "
            f"it reaches from {abs(UPPER_M - FOREARM_M):.3f} to {UPPER_M + FOREARM_M:.3f} m"
        )
    if not 0.0 <= at.open_m <= OPEN_M:
        raise SpecError(f"At(open_m={at.open_m:g}): it must lie in 0..{OPEN_M:g}")
    # Angles from straight up, positive towards ahead.
    to_wrist = math.atan2(ahead, up)
    at_shoulder = math.acos((UPPER_M**2 + distance**2 - FOREARM_M**2) / (2 * UPPER_M * distance))
    at_elbow = math.acos((UPPER_M**2 + FOREARM_M**2 - distance**2) / (2 * UPPER_M * FOREARM_M))
    shoulder = to_wrist - at_shoulder
    elbow = math.pi / 2 - at_elbow
    return {
        "waist": math.atan2(y, x),
        "shoulder": shoulder,
        "elbow": elbow,
        "wrist": pitch - shoulder - elbow,
        "tool": math.radians(at.roll_deg),
        "finger_left": at.open_m,
        "finger_right": at.open_m,
    }


def through(way: Sequence[At]) -> dict[str, JointMotion]:
    """The motions of all joints that take the hand along a way, at rest in every point of it."""
    points = [reach(at) for at in way]
    times = tuple(at.time_s for at in way)
    return {joint: Through(times_s=times, values=tuple(p[joint] for p in points)) for joint in points[0]}
