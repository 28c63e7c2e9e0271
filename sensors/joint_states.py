"""What a robot's encoders and motors say of its joints: position, velocity and effort.

Encoders count: positions are rounded to their resolution, with Gaussian noise before that. Velocity and effort carry
Gaussian noise. The joints are those that move, in the order of the shape's links; the concrete scene's settings name
them ("joints"). Between knots of physics (10 ms) all three are linear.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pairforge.arrays import ArraySpec
from pairforge.errors import SpecError
from pairforge.frames import F64, I64
from pairforge.sample import Reading
from pairforge.scenes.spec import Device, Scene
from pairforge.scenes.world import Shape
from pairforge.sensors.mount import mount_instance, world_from_sensor
from pairforge.sensors.protocol import Sensing, SensorModel
from pairforge.sensors.timeline import JointLog


@dataclass(frozen=True, kw_only=True)
class JointStates(Device):
    """Every joint of the articulated thing that it is mounted on, ``rate_hz`` times a second.

    ``resolution_rad`` and ``resolution_m``: the step of the encoders of joints that turn and that slide (0: none);
    the default is 17 bits a turn. ``position_noise``, ``velocity_noise``, ``effort_noise``: standard deviations in
    rad, rad/s and N m, for joints that slide in m, m/s and N.
    """

    KIND: ClassVar[str] = "joint_states"
    BOUNDS: ClassVar[Mapping[str, tuple[float, float]]] = {
        "rate_hz": (0.1, 1000.0),
        "resolution_rad": (0.0, 1.0),
        "resolution_m": (0.0, 1.0),
        "position_noise": (0.0, 1.0),
        "velocity_noise": (0.0, 10.0),
        "effort_noise": (0.0, 1000.0),
    }

    rate_hz: float = 100.0
    resolution_rad: float = 2 * np.pi / 2**17
    resolution_m: float = 1e-5
    position_noise: float = 0.0
    velocity_noise: float = 0.002
    effort_noise: float = 0.05

    def check(self, scene: Scene) -> None:
        if self.mount is None:
            raise SpecError(f'JointStates "{self.name}" has no mount; name the thing whose joints it reads')

    def settings_on(self, shape: Shape, part: str) -> dict[str, Any]:
        moving = [link for link in shape.links if link.moves]
        if not moving:
            raise SpecError(f'JointStates "{self.name}" is mounted on "{self.mount}", which has no joints')
        return {"joints": [link.joint for link in moving]}


ARRAYS = (
    ArraySpec("times_ns", "npy", "int64", ("N",), "ns", "clock", "when each sample was taken"),
    ArraySpec("position", "npy", "float64", ("N", "K"), "rad or m", "joint", "as the encoders say"),
    ArraySpec("velocity", "npy", "float64", ("N", "K"), "rad/s or m/s", "joint", "as measured"),
    ArraySpec("effort", "npy", "float64", ("N", "K"), "N m or N", "joint", "of the motor, as measured"),
)


def sense(at: Sensing) -> Reading:
    """All samples since the keyframe before. A thing that holds no joints gives K = 0."""
    s, carrier = at.sensor.settings, mount_instance(at.engine.world, at.sensor)
    times = at.sample_times_ns(float(s["rate_hz"]))
    log = None if carrier is None else at.timeline.joints.get(carrier.instance_id)
    slides = _slides(carrier.shape if carrier else None, s.get("joints", []))
    true = [_over(log, name, s.get("joints", []), at.timeline.times_ns, times) for name in _STATES]
    rng = (at.stream / "noise").rng()
    noisy = [
        value + float(s[f"{name}_noise"]) * rng.standard_normal(value.shape)
        for name, value in zip(_STATES, true, strict=True)
    ]
    step = np.where(slides, float(s["resolution_m"]), float(s["resolution_rad"]))
    position = np.where(step > 0.0, np.rint(noisy[0] / np.where(step > 0.0, step, 1.0)) * step, noisy[0])
    return Reading(
        sensor=at.sensor.name,
        kind="joint_states",
        time_ns=at.time_ns,
        world_from_sensor=world_from_sensor(at.engine.world, at.timeline, at.sensor, at.time_ns),
        arrays={"times_ns": times, "position": position, "velocity": noisy[1], "effort": noisy[2]},
    )


_STATES = ("position", "velocity", "effort")


def _slides(shape: Shape | None, joints: list[str]) -> np.ndarray[Any, np.dtype[np.bool_]]:
    kinds = {link.joint: link.kind for link in shape.links} if shape else {}
    return np.array([kinds[joint] == "prismatic" for joint in joints], dtype=np.bool_)


def _over(log: JointLog | None, state: str, joints: list[str], knots_ns: I64, times_ns: I64) -> F64:
    """(N, K) one state of the named joints at times (N,); a joint that is told nothing all its life stays at 0."""
    if log is None:
        return np.zeros((len(times_ns), len(joints)))
    return between(getattr(log, state)[:, [log.joints.index(j) for j in joints]], knots_ns, times_ns)


def between(table: F64, knots_ns: I64, times_ns: I64) -> F64:
    """(N, K) a table (T, K) over knots at times (N,), linear in between."""
    knots, x = ((t - knots_ns[0]).astype(np.float64) for t in (knots_ns, times_ns))
    columns = [np.interp(x, knots, table[:, k]) for k in range(table.shape[1])]
    return np.stack(columns, axis=1) if columns else np.zeros((len(times_ns), 0))


JOINT_STATES = SensorModel(
    "joint_states",
    Reading,
    sense,
    ARRAYS,
    JointStates,
    "encoders and motors of a robot's joints",
)
