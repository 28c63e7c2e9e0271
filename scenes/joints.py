"""How the joints of an articulated thing move: what a spec says of each, and where that has it at any time.

A joint's value is radians, or metres where it slides; time counts from the start of the simulation. Joints that a
spec does not name are held where they are posed.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np

from pairforge.errors import SpecError, did_you_mean
from pairforge.frames import F64, Pose
from pairforge.scenes.distributions import Value
from pairforge.scenes.draws import Draws
from pairforge.scenes.typecheck import Checked
from pairforge.scenes.world import Shape, ShapeLink

Json = dict[str, Any]
SWEEP_S = 0.05


@dataclass(frozen=True, kw_only=True)
class JointMotion(Checked):
    """Base of what a joint can be told."""

    def compiled(self, draw: Draws) -> Json:
        """The motion as JSON, every value a draw below the joint's name."""
        raise NotImplementedError


@dataclass(frozen=True, kw_only=True)
class Hold(JointMotion):
    """Stays at a value."""

    at: Value[float] = 0.0

    def compiled(self, draw: Draws) -> Json:
        return {"kind": "hold", "at": float(draw("at", self.at))}


@dataclass(frozen=True, kw_only=True)
class Swing(JointMotion):
    """Swings to and fro: ``centre + amplitude sin(2 pi t / period_s + phase)``."""

    amplitude: Value[float]
    period_s: Value[float]
    centre: Value[float] = 0.0
    phase: Value[float] = 0.0

    def compiled(self, draw: Draws) -> Json:
        period_s = float(draw("period_s", self.period_s))
        if not period_s >= 0.1:
            raise SpecError(f"Swing(period_s={period_s:g}): a swing takes at least 0.1 s")
        return {
            "kind": "swing",
            "centre": float(draw("centre", self.centre)),
            "amplitude": float(draw("amplitude", self.amplitude)),
            "period_s": period_s,
            "phase": float(draw("phase", self.phase)),
        }


@dataclass(frozen=True, kw_only=True)
class Through(JointMotion):
    """Goes through ``values`` at ``times_s``, easing in and out of each; before and after it stays."""

    times_s: tuple[float, ...]
    values: tuple[Value[float], ...]

    def compiled(self, draw: Draws) -> Json:
        times = self.times_s
        if len(times) != len(self.values) or not times or any(b <= a for a, b in pairwise(times)):
            raise SpecError(
                f"Through(times_s={times!r}): give as many times as values, in ascending order; there are "
                f"{len(self.values)} values"
            )
        values = [float(draw(f"value_{k}", value)) for k, value in enumerate(self.values)]
        return {"kind": "through", "times_s": list(times), "values": values}


def compiled_joints(motions: Mapping[str, JointMotion], shape: Shape, draw: Draws, who: str) -> Json:
    """joint name -> motion as JSON. SpecError for a joint that the shape lacks, or a value beyond its limits."""
    joints = {link.joint: link for link in shape.links if link.moves}
    told: Json = {}
    for name, motion in motions.items():
        if name not in joints:
            raise SpecError(
                f'{who} moves joint "{name}", which its shape does not have. {did_you_mean(name, joints)}'
            )
        told[name] = motion.compiled(draw.under(name))
        low, high = _span(told[name])
        link = joints[name]
        if link.kind != "continuous" and (low < link.lower - 1e-9 or high > link.upper + 1e-9):
            raise SpecError(
                f'{who}: joint "{name}" would go from {low:.4g} to {high:.4g}; its limits are {link.lower:.4g} to '
                f"{link.upper:.4g}"
            )
    return told


def target(motion: Mapping[str, Any], time_s: float) -> float:
    """Where a motion has its joint at a time.

    >>> target({"kind": "through", "times_s": [1.0, 2.0], "values": [0.0, 1.0]}, 1.5)
    0.5
    """
    if motion["kind"] == "hold":
        return float(motion["at"])
    if motion["kind"] == "swing":
        angle = 2.0 * math.pi * time_s / motion["period_s"] + motion["phase"]
        return float(motion["centre"] + motion["amplitude"] * math.sin(angle))
    times, values = motion["times_s"], motion["values"]
    after = next((k for k, t in enumerate(times) if t > time_s), None)
    if after is None or after == 0:
        return float(values[-1 if after is None else 0])
    share = (time_s - times[after - 1]) / (times[after] - times[after - 1])
    eased = share * share * (3.0 - 2.0 * share)
    return float(values[after - 1] + eased * (values[after] - values[after - 1]))


def body_from_links(links: Sequence[ShapeLink], positions: Mapping[str, float]) -> list[Pose]:
    """Poses of all links in the body frame, joints at ``positions`` (missing: as posed)."""
    poses: list[Pose] = []
    for link in links:
        parent = poses[link.parent] if link.parent >= 0 else Pose.of()
        at = positions.get(link.joint, link.position)
        poses.append(parent @ link.parent_from_joint @ joint_pose(link, at))
    return poses


def joint_pose(link: ShapeLink, at: float) -> Pose:
    """What a joint at a value adds: a turn about its axis, or a slide along it."""
    axis = np.asarray(link.axis)
    if link.kind == "prismatic":
        return Pose.of(axis * at)
    if not link.moves:
        return Pose.of()
    return Pose.of(quaternion_wxyz=(math.cos(at / 2), *(math.sin(at / 2) * axis)))


def swept_box(shape: Shape, joints: Mapping[str, Any], seconds: float) -> tuple[F64, F64]:
    """Size and centre (3,) of the upright box in the body frame that holds every pose of a scene."""
    low, high = np.full(3, np.inf), np.full(3, -np.inf)
    for time_s in np.arange(0.0, seconds + SWEEP_S, SWEEP_S):
        at = {name: target(motion, float(time_s)) for name, motion in joints.items()}
        lowest, highest = box_at(shape, body_from_links(shape.links, at))
        low, high = np.minimum(low, lowest), np.maximum(high, highest)
    return high - low, (high + low) / 2


def box_at(shape: Shape, poses: Sequence[Pose]) -> tuple[F64, F64]:
    """Lowest and highest corner (3,) in the body frame of all parts, their links at ``poses``."""
    by_part = {link.part: pose for link, pose in zip(shape.links, poses, strict=True) if link.part}
    clouds = [
        by_part.get(piece.name, piece.body_from_part).points(piece.mesh.vertices) for piece in shape.parts
    ]
    points = np.concatenate(clouds)
    return points.min(axis=0), points.max(axis=0)


def _span(motion: Mapping[str, Any]) -> tuple[float, float]:
    if motion["kind"] == "hold":
        return motion["at"], motion["at"]
    if motion["kind"] == "swing":
        reach = abs(motion["amplitude"])
        return motion["centre"] - reach, motion["centre"] + reach
    return min(motion["values"]), max(motion["values"])
