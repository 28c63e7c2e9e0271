"""The true state of what carries it: pose, velocity, acceleration and turn rate, without any noise.

The reference that estimates are measured against. Position and rotation are the carrier's track (``frames.Track``),
carried to where the sensor sits; velocity and acceleration are physics' own of the carrier's origin.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

import numpy as np
from scipy.spatial.transform import Rotation

from pairforge.arrays import ArraySpec
from pairforge.frames import F64, I64, wxyz
from pairforge.sample import Reading
from pairforge.scenes.spec import Device
from pairforge.sensors.mount import mount_instance, world_from_sensor, world_from_sensor_over
from pairforge.sensors.protocol import Sensing, SensorModel


@dataclass(frozen=True, kw_only=True)
class EgoState(Device):
    """Ground truth of its mount, ``rate_hz`` times a second."""

    KIND: ClassVar[str] = "ego_state"
    BOUNDS: ClassVar[Mapping[str, tuple[float, float]]] = {"rate_hz": (0.1, 1000.0)}

    rate_hz: float = 100.0


ARRAYS = (
    ArraySpec("times_ns", "npy", "int64", ("N",), "ns", "clock", "when each sample was taken"),
    ArraySpec("position_m", "npy", "float64", ("N", 3), "m", "world", "of the sensor"),
    ArraySpec("quaternion_wxyz", "npy", "float64", ("N", 4), "1", "world", "world from sensor"),
    ArraySpec("velocity_mps", "npy", "float64", ("N", 3), "m/s", "world", "of the carrier's origin"),
    ArraySpec("acceleration_mps2", "npy", "float64", ("N", 3), "m/s^2", "world", "of the carrier's origin"),
)


def sense(at: Sensing) -> Reading:
    """All states since the keyframe before."""
    world, timeline = at.engine.world, at.timeline
    times = at.sample_times_ns(float(at.sensor.settings["rate_hz"]))
    positions, turns = world_from_sensor_over(world, timeline, at.sensor, times)
    carrier = mount_instance(world, at.sensor)
    own = 0 if carrier is None else carrier.instance_id
    return Reading(
        sensor=at.sensor.name,
        kind="ego_state",
        time_ns=at.time_ns,
        world_from_sensor=world_from_sensor(world, timeline, at.sensor, at.time_ns),
        arrays={
            "times_ns": times,
            "position_m": positions,
            "quaternion_wxyz": wxyz(Rotation.from_matrix(turns)).reshape(-1, 4),
            "velocity_mps": _over(timeline.velocities.get(own), timeline.times_ns, times),
            "acceleration_mps2": _over(timeline.accelerations.get(own), timeline.times_ns, times),
        },
    )


def _over(table: F64 | None, knots_ns: I64, times_ns: I64) -> F64:
    """(N, 3) a table of the timeline at times (N,), linear between knots; 0 for what never moves."""
    if table is None:
        return np.zeros((len(times_ns), 3))
    knots, x = ((t - knots_ns[0]).astype(np.float64) for t in (knots_ns, times_ns))
    return np.stack([np.interp(x, knots, table[:, k]) for k in range(3)], axis=1)


EGO_STATE = SensorModel(
    "ego_state", Reading, "world_from_sensor", sense, ARRAYS, EgoState, "the true motion of its mount"
)
