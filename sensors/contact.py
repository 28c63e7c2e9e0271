"""A skin that feels touch: what touches the thing or the part it is on, how hard, and where.

Forces are physics' own, the mean over each knot (10 ms) of what PyBullet's solver pressed the two parts apart with
and rubbed them along each other. A sample holds the touches of the knot that it ends.
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
from pairforge.sensors.mount import mount_instance, mount_part, world_from_sensor
from pairforge.sensors.protocol import Sensing, SensorModel
from pairforge.sensors.timeline import Touches

KNOT_HZ = 100.0
"""Physics writes contact forces down so often; a sensor is not faster."""


@dataclass(frozen=True, kw_only=True)
class ContactSensor(Device):
    """On a thing (all of it) or on one part of an articulated one (``mount="arm:finger_left"``).

    ``threshold_n``: the least normal force that it feels. ``force_noise``: standard deviation of a reading as a share
    of it.
    """

    KIND: ClassVar[str] = "contact"
    BOUNDS: ClassVar[Mapping[str, tuple[float, float]]] = {
        "rate_hz": (0.1, KNOT_HZ),
        "threshold_n": (0.0, 1e6),
        "force_noise": (0.0, 1.0),
    }

    rate_hz: float = 100.0
    threshold_n: float = 0.02
    force_noise: float = 0.0

    def check(self, scene: Scene) -> None:
        if self.mount is None:
            raise SpecError(f'ContactSensor "{self.name}" has no mount; name the thing that feels')


ARRAYS = (
    ArraySpec("times_ns", "npy", "int64", ("N",), "ns", "clock", "when each sample was taken"),
    ArraySpec(
        "force_n", "npy", "float64", ("N", 3), "N", "world", "sum of all touches on the mount, measured"
    ),
    ArraySpec("touch_sample", "npy", "int64", ("K",), "id", "", "index into times_ns of each touch"),
    ArraySpec(
        "touch_part", "npy", "uint16", ("K",), "id", "", "part of the mount touched; 0: not known which"
    ),
    ArraySpec("other_instance", "npy", "uint16", ("K",), "id", "", "what touches it; 0: stuff"),
    ArraySpec("other_part", "npy", "uint16", ("K",), "id", "", "its part; 0: stuff, or not known which"),
    ArraySpec("normal_force_n", "npy", "float64", ("K",), "N", "", "sum of normal forces, as measured"),
    ArraySpec("touch_force_n", "npy", "float64", ("K", 3), "N", "world", "on the mount: normal and friction"),
    ArraySpec("friction_n", "npy", "float64", ("K", 3), "N", "world", "the share of friction in it"),
    ArraySpec("point_m", "npy", "float64", ("K", 3), "m", "world", "where, weighted by normal force"),
)


def sense(at: Sensing) -> Reading:
    """All samples since the keyframe before."""
    s = at.sensor.settings
    times = at.sample_times_ns(float(s["rate_hz"]))
    carrier = mount_instance(at.engine.world, at.sensor)
    touches, part = at.timeline.touches, mount_part(at.engine.world, at.sensor)
    # The knot that a sample ends is the last one that is not after it.
    knots = np.searchsorted(at.timeline.times_ns, times, side="right") - 1
    arrays = _felt(touches or Touches.none(), carrier.instance_id if carrier else 0, part, knots)
    noise = 1.0 + float(s["force_noise"]) * (at.stream / "noise").rng().standard_normal(
        len(arrays["touch_sample"])
    )
    for name in ("normal_force_n", "touch_force_n", "friction_n"):
        arrays[name] = arrays[name] * (noise if arrays[name].ndim == 1 else noise[:, None])
    strong = arrays["normal_force_n"] >= float(s["threshold_n"])
    arrays = {name: a[strong] for name, a in arrays.items()}
    total = np.zeros((len(times), 3))
    np.add.at(total, arrays["touch_sample"], arrays["touch_force_n"])
    return Reading(
        sensor=at.sensor.name,
        kind="contact",
        time_ns=at.time_ns,
        world_from_sensor=world_from_sensor(at.engine.world, at.timeline, at.sensor, at.time_ns),
        arrays={"times_ns": times, "force_n": total, **arrays},
    )


def _felt(touches: Touches, own: int, part: int, knots: I64) -> dict[str, Any]:
    """The touches of an instance (of one ``part``, or all when 0) at samples that end ``knots`` (N,)."""
    sample, row = _pairs(knots, touches.knot)
    own_side = touches.instance[row] == own
    mine, first = own_side.any(axis=1), np.where(own_side[:, 0], 0, 1)
    mine &= (part == 0) | (_pick(touches.part[row], first) == part)
    sample, row, first = sample[mine], row[mine], first[mine]
    sign: F64 = np.where(first == 0, 1.0, -1.0)[:, None]
    return {
        "touch_sample": sample,
        "touch_part": _pick(touches.part[row], first).astype(np.uint16),
        "other_instance": _pick(touches.instance[row], 1 - first).astype(np.uint16),
        "other_part": _pick(touches.part[row], 1 - first).astype(np.uint16),
        "normal_force_n": touches.normal_n[row],
        "touch_force_n": sign * touches.force_n[row],
        "friction_n": sign * touches.friction_n[row],
        "point_m": touches.point_m[row],
    }


def _pairs(knots: I64, knot_of_touch: I64) -> tuple[I64, I64]:
    """Sample and touch (M,), (M,) of every touch that belongs to a sample, in order."""
    start = np.searchsorted(knot_of_touch, knots, side="left")
    stop = np.searchsorted(knot_of_touch, knots, side="right")
    rows = [np.arange(a, b, dtype=np.int64) for a, b in zip(start, stop, strict=True)]
    sample = np.repeat(np.arange(len(knots), dtype=np.int64), stop - start)
    return sample, np.concatenate([np.zeros(0, np.int64), *rows])


def _pick(pair: I64, which: I64) -> I64:
    """(M,) one column each of (M, 2)."""
    found: I64 = pair[np.arange(len(pair)), which]
    return found


CONTACT = SensorModel("contact", Reading, sense, ARRAYS, ContactSensor, "touch: who, how hard and where")
