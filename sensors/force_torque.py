"""A force and torque sensor at a joint: how what hangs on the joint pulls and twists at it.

The truth is physics' own reaction at the joint (what its bearings and its motor pass on), so it holds weight,
acceleration and every touch of all that hangs on it. The reading adds a bias that a scene keeps, Gaussian noise, and
the stops of its range. At a joint that does not move it is a wrist sensor; at one that does, a joint torque sensor in
six axes.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np

from pairforge.arrays import ArraySpec
from pairforge.errors import SpecError, did_you_mean
from pairforge.frames import F64, Pose
from pairforge.sample import Reading
from pairforge.scenes.mounts import split_mount
from pairforge.scenes.spec import Device, Scene
from pairforge.scenes.world import Shape
from pairforge.sensors.joint_states import between
from pairforge.sensors.mount import mount_instance, world_from_sensor
from pairforge.sensors.protocol import Sensing, SensorModel


@dataclass(frozen=True, kw_only=True)
class ForceTorque(Device):
    """At the joint by which the part it is mounted on (``mount="arm:hand"``) hangs on the rest of the thing.

    Axes and origin are the sensor's own (``position_m`` and angles on that part). Forces are those of the part on
    what carries it: a weight that hangs pulls down. ``force_noise_n`` and ``torque_noise_nm`` are standard deviations
    of each axis and sample, ``force_bias_n`` and ``torque_bias_nm`` of the offsets that a scene keeps;
    ``force_range_n`` and ``torque_range_nm`` the most that an axis can read.
    """

    KIND: ClassVar[str] = "force_torque"
    BOUNDS: ClassVar[Mapping[str, tuple[float, float]]] = {
        "rate_hz": (0.1, 1000.0),
        "force_noise_n": (0.0, 1000.0),
        "torque_noise_nm": (0.0, 1000.0),
        "force_bias_n": (0.0, 1000.0),
        "torque_bias_nm": (0.0, 1000.0),
        "force_range_n": (1e-6, 1e6),
        "torque_range_nm": (1e-6, 1e6),
    }

    rate_hz: float = 100.0
    force_noise_n: float = 0.05
    torque_noise_nm: float = 0.002
    force_bias_n: float = 0.0
    torque_bias_nm: float = 0.0
    force_range_n: float = 200.0
    torque_range_nm: float = 10.0

    def check(self, scene: Scene) -> None:
        if not split_mount(self.mount or "")[1]:
            raise SpecError(
                f'ForceTorque "{self.name}" is mounted on {self.mount!r}; name the part behind the joint, as in '
                'mount="arm:hand"'
            )

    def settings_on(self, shape: Shape, part: str) -> dict[str, Any]:
        jointed = {link.part: link for link in shape.links if link.part and link.parent >= 0}
        if part not in jointed:
            raise SpecError(
                f'ForceTorque "{self.name}": part "{part}" hangs on no joint. {did_you_mean(part, jointed)}'
            )
        return {"joint": jointed[part].joint}


ARRAYS = (
    ArraySpec("times_ns", "npy", "int64", ("N",), "ns", "clock", "when each sample was taken"),
    ArraySpec(
        "force_n", "npy", "float64", ("N", 3), "N", "sensor", "as measured, of the part on its carrier"
    ),
    ArraySpec("torque_nm", "npy", "float64", ("N", 3), "N m", "sensor", "as measured, about the sensor"),
    ArraySpec("true_force_n", "npy", "float64", ("N", 3), "N", "sensor", "without noise, bias and stops"),
    ArraySpec("true_torque_nm", "npy", "float64", ("N", 3), "N m", "sensor", "without noise, bias and stops"),
)


def sense(at: Sensing) -> Reading:
    """All samples since the keyframe before."""
    s = at.sensor.settings
    times = at.sample_times_ns(float(s["rate_hz"]))
    force, torque = _wrench(at, times)
    noise, bias = (at.stream / "noise").rng(), (at.scene_stream / "bias").rng()
    readings: dict[str, F64] = {}
    for name, true, unit in (("force", force, "n"), ("torque", torque, "nm")):
        offset = float(s[f"{name}_bias_{unit}"]) * bias.standard_normal(3)
        spread = float(s[f"{name}_noise_{unit}"]) * noise.standard_normal(true.shape)
        most = float(s[f"{name}_range_{unit}"])
        readings |= {
            f"{name}_{unit}": np.clip(true + offset + spread, -most, most),
            f"true_{name}_{unit}": true,
        }
    return Reading(
        sensor=at.sensor.name,
        kind="force_torque",
        time_ns=at.time_ns,
        world_from_sensor=world_from_sensor(at.engine.world, at.timeline, at.sensor, at.time_ns),
        arrays={"times_ns": times, **readings},
    )


def _wrench(at: Sensing, times: Any) -> tuple[F64, F64]:
    """(N, 3) the true force and torque in the sensor's axes and about its origin; zero for what has no such joint."""
    carrier = mount_instance(at.engine.world, at.sensor)
    log = None if carrier is None else at.timeline.joints.get(carrier.instance_id)
    joint = at.sensor.settings.get("joint")
    if log is None or joint is None:
        return np.zeros((len(times), 3)), np.zeros((len(times), 3))
    told = -between(log.wrench[:, log.joints.index(joint)], at.timeline.times_ns, times)
    own = Pose.of(at.sensor.position_m, at.sensor.quaternion_wxyz)
    force, torque = told[:, :3], told[:, 3:] - np.cross(own.position_m, told[:, :3])
    return force @ own.rotation, torque @ own.rotation


FORCE_TORQUE = SensorModel(
    "force_torque",
    Reading,
    sense,
    ARRAYS,
    ForceTorque,
    "force and torque at a robot's joint",
)
