"""The true state of what carries it: pose, velocity, acceleration and turn rate, without any noise.

The reference that estimates are measured against, all of it of the point where the sensor sits. Position and rotation
are the carrier's track (``frames.Track``); velocity, acceleration and turn rate are those of the smooth motion
through its knots, that inertial units feel too (``smooth_motion``).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import ClassVar

from scipy.spatial.transform import Rotation

from pairforge.arrays import ArraySpec
from pairforge.frames import wxyz
from pairforge.sample import Reading
from pairforge.scenes.spec import Device
from pairforge.sensors.mount import world_from_sensor, world_from_sensor_over
from pairforge.sensors.protocol import Sensing, SensorModel
from pairforge.sensors.smooth_motion import SmoothMotion


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
    ArraySpec("velocity_mps", "npy", "float64", ("N", 3), "m/s", "world", "of the sensor"),
    ArraySpec("acceleration_mps2", "npy", "float64", ("N", 3), "m/s^2", "world", "of the sensor"),
    ArraySpec("turn_rate_radps", "npy", "float64", ("N", 3), "rad/s", "sensor", "of the sensor"),
)


def sense(at: Sensing) -> Reading:
    """All states since the keyframe before."""
    world, timeline = at.engine.world, at.timeline
    times = at.sample_times_ns(float(at.sensor.settings["rate_hz"]))
    positions, turns = world_from_sensor_over(world, timeline, at.sensor, times)
    motion = SmoothMotion.of(world, timeline, at.sensor, at.since_ns, at.time_ns)
    return Reading(
        sensor=at.sensor.name,
        kind="ego_state",
        time_ns=at.time_ns,
        world_from_sensor=world_from_sensor(world, timeline, at.sensor, at.time_ns),
        arrays={
            "times_ns": times,
            "position_m": positions,
            "quaternion_wxyz": wxyz(Rotation.from_matrix(turns)).reshape(-1, 4),
            "velocity_mps": motion.velocities(times),
            "acceleration_mps2": motion.accelerations(times),
            "turn_rate_radps": motion.turn_rates(times),
        },
    )


EGO_STATE = SensorModel("ego_state", Reading, sense, ARRAYS, EgoState, "the true motion of its mount")
