"""How a body's stored track bends around a keyframe: acceleration along its heading, and yaw rate."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pairforge.captioners.policy import APPROACH_NS, BEFORE_NS, DIFFERENCE_NS
from pairforge.frames import F64, rotation
from pairforge.sample import SceneRecord


@dataclass(frozen=True)
class Motion:
    """``acceleration`` m/s^2 along the heading, ``yaw_rate`` rad/s (left positive)."""

    acceleration: float
    yaw_rate: float


def motion_of(record: SceneRecord, instance_id: int, time_ns: int) -> Motion | None:
    """Central differences over 0.2 s each way; None for what never moves or where the track is too short."""
    track = record.instance_tracks.get(instance_id)
    if track is None:
        return None
    times = np.array([time_ns - DIFFERENCE_NS, time_ns, time_ns + DIFFERENCE_NS], dtype=np.int64)
    if times[0] < track.times_ns[0] or times[2] > track.times_ns[-1]:
        return None
    positions, quaternions = track.sample(times)
    x_axes = rotation(quaternions).apply([1.0, 0.0, 0.0])
    step_s = DIFFERENCE_NS / 1e9
    second = (positions[2] - 2 * positions[1] + positions[0]) / step_s**2
    heading = x_axes[1, :2] / max(float(np.linalg.norm(x_axes[1, :2])), 1e-9)
    yaw = np.arctan2(x_axes[:, 1], x_axes[:, 0])
    turn = (yaw[2] - yaw[0] + np.pi) % (2 * np.pi) - np.pi
    return Motion(float(second[:2] @ heading), float(turn / (2 * step_s)))


@dataclass(frozen=True, eq=False)
class Approach:
    """How a body came to a contact: ``centre`` (3,) of its box and ``velocity`` (3,) just before it."""

    centre: F64
    velocity: F64

    @property
    def speed(self) -> float:
        return float(np.linalg.norm(self.velocity))


def approach_of(record: SceneRecord, instance_id: int, contact_ns: int) -> Approach | None:
    """Box centre and mean velocity over 20 ms that end 5 ms before a contact; None where the track is too short."""
    track, centre_m = (
        record.instance_tracks.get(instance_id),
        np.asarray(record.instance(instance_id).centre_m),
    )
    if track is None:
        still: F64 = record.instance_poses[instance_id].points(centre_m)
        return Approach(still, np.zeros(3))
    end = contact_ns - BEFORE_NS
    if end - APPROACH_NS < track.times_ns[0]:
        return None
    before, here = (track.at(t).points(centre_m) for t in (end - APPROACH_NS, end))
    return Approach(here, (here - before) / (APPROACH_NS / 1e9))
