"""What the ego does: its speed, speeding up, braking, turning."""

from __future__ import annotations

import numpy as np

from pairforge.captioners import policy
from pairforge.captioners.facts_lane_change import lane_bends
from pairforge.captioners.facts_list import FactList, Scene
from pairforge.captioners.motion import motion_of
from pairforge.captioners.nouns import KMH, rounded


def ego_facts(scene: Scene, found: FactList) -> None:
    """Facts whose first subject is the ego, from its stored box, track and controls."""
    assert scene.ego_id is not None
    ego, evidence = scene.bodies[scene.ego_id], ("boxes3d", "trajectories")
    speed = float(np.linalg.norm(ego.velocity[:2]))
    if speed <= policy.STILL_MPS:
        found.add(
            "ego_still",
            scene.ego_id,
            frame="world",
            value=speed,
            unit="m/s",
            threshold=policy.STILL_MPS,
            at_most=True,
            evidence=evidence,
        )
    elif speed >= policy.MOVING_MPS:
        spoken, tolerance = rounded(speed * 3.6, KMH)
        found.add_rounded(
            "ego_speed",
            scene.ego_id,
            value=speed * 3.6,
            spoken=spoken,
            tolerance=tolerance,
            unit="km/h",
            frame="world",
            evidence=evidence,
        )
        _ego_motion(scene, scene.ego_id, found)


def _ego_motion(scene: Scene, ego_id: int, found: FactList) -> None:
    motion = motion_of(scene.record, ego_id, scene.frame.time_ns)
    if motion is None:
        return
    controls, along = scene.frame.controls, motion.acceleration
    braking = controls is not None and controls.brake >= policy.BRAKE_PEDAL
    said = ""
    if along >= policy.SPEEDING_UP_MPS2 and not braking:
        said, value, threshold = "ego_accelerating", along, policy.SPEEDING_UP_MPS2
    elif along <= -policy.SLOWING_MPS2 and braking:
        said, value, threshold = "ego_braking", -along, policy.SLOWING_MPS2
    if said:
        found.add(
            said,
            ego_id,
            frame="world",
            value=value,
            unit="m/s^2",
            threshold=threshold,
            evidence=("trajectories", "frames"),
        )
    turns = abs(motion.yaw_rate) >= policy.YAW_RATE_RADPS
    if turns and lane_bends(scene, scene.bodies[ego_id], motion.yaw_rate):
        found.add(
            "ego_turning",
            ego_id,
            argument="left" if motion.yaw_rate > 0 else "right",
            frame="ego",
            value=abs(motion.yaw_rate),
            unit="rad/s",
            threshold=policy.YAW_RATE_RADPS,
            evidence=("trajectories", "scenes"),
        )
