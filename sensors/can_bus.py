"""A vehicle's bus: steering wheel, pedals, gear, speeds and yaw rate as its control units tell each other.

Each signal has its own cycle, step and exact time stamp. Raw frames are there too; ``can_messages.dbc()`` reads them.
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
from pairforge.scenes.distributions import Normal, Value
from pairforge.scenes.draws import Draws
from pairforge.scenes.spec import Device, Scene
from pairforge.scenes.typecheck import label
from pairforge.sensors.can_messages import INDEX, MESSAGES, Message, payload
from pairforge.sensors.imu import increments
from pairforge.sensors.mount import mount_instance, world_from_sensor
from pairforge.sensors.protocol import Sensing, SensorModel
from pairforge.sensors.smooth_motion import SmoothMotion
from pairforge.sensors.wheels import Wheels, body_motion, is_actor

SHIFTS_KMH = (15.0, 30.0, 50.0, 70.0, 90.0)
"""Above each of these the next gear is in: the world has no gearbox, so speed alone says which."""
BRAKE_LIGHT_PERCENT = 1.0
_STEERING_MS = 10
_KMH = 3.6


@dataclass(frozen=True, kw_only=True)
class CanBus(Device):
    """The bus of its vehicle; ``position_m`` is where the yaw rate and acceleration cluster sits.

    ``steering_ratio``: steering wheel over road wheel. ``speed_error`` (share) and ``yaw_rate_offset_deg_s`` are
    standard deviations of constants drawn once a scene; ``yaw_rate_noise_deg_s`` and ``acceleration_noise_mps2`` are
    white, a sample.
    """

    KIND: ClassVar[str] = "can_bus"
    BOUNDS: ClassVar[Mapping[str, tuple[float, float]]] = {
        "steering_ratio": (1.0, 50.0),
        "speed_error": (0.0, 0.2),
        "yaw_rate_offset_deg_s": (0.0, 10.0),
        "yaw_rate_noise_deg_s": (0.0, 10.0),
        "acceleration_noise_mps2": (0.0, 10.0),
    }

    steering_ratio: Value[float] = 15.5
    speed_error: Value[float] = 0.003
    yaw_rate_offset_deg_s: Value[float] = 0.1
    yaw_rate_noise_deg_s: Value[float] = 0.05
    acceleration_noise_mps2: Value[float] = 0.03

    def check(self, scene: Scene) -> None:
        """It must ride on an actor."""
        if not is_actor(self.mount, scene):
            raise SpecError(
                f"{label(self)}: a bus needs a vehicle: its mount must be one of the actors, not {self.mount!r}"
            )

    def settings(self, draw: Draws) -> dict[str, Any]:
        """What it is, and the constant errors drawn by it."""
        said = super().settings(draw)
        for name, spread in (
            ("speed_scale_error", float(said["speed_error"])),
            ("yaw_rate_error_deg_s", float(said["yaw_rate_offset_deg_s"])),
        ):
            said[name] = draw(name, Normal(0.0, spread) if spread > 0.0 else 0.0)
        return said


ARRAYS = (
    ArraySpec("times_ns", "npy", "int64", ("N",), "ns", "clock", "when each signal was sampled and sent"),
    ArraySpec("signal", "npy", "uint8", ("N",), "id", "", "which: place in can_messages.SIGNALS"),
    ArraySpec(
        "value", "npy", "float64", ("N",), "as the signal's", "", "as sent: with errors, in whole steps"
    ),
    ArraySpec("true_value", "npy", "float64", ("N",), "as the signal's", "", "without error or step"),
    ArraySpec("frame_times_ns", "npy", "int64", ("M",), "ns", "clock", "of each frame on the bus"),
    ArraySpec("frame_id", "npy", "uint16", ("M",), "id", "", "identifier of each frame"),
    ArraySpec(
        "frame_data", "npy", "uint8", ("M", 8), "1", "", "its bytes; can_messages.dbc() tells the layout"
    ),
)


def sense(at: Sensing) -> Reading:
    """All signals and frames since the keyframe before."""
    vehicle = _Vehicle.of(at)
    rows: list[tuple[I64, int, F64, F64]] = []
    frames: list[tuple[I64, int, Any]] = []
    for message in MESSAGES:
        times = at.sample_times_ns(1000.0 / message.period_ms)
        truth = vehicle.signals(message, times)
        raw = {}
        for s in message.signals:
            if s.name in truth:
                sent = _erred(at, s.name, truth[s.name])
                raw[s.name] = s.quantised(sent)
                rows.append((times, INDEX[s.name], raw[s.name] * s.step, truth[s.name]))
        if raw:
            frames.append((times, message.frame_id, payload(message, raw, len(times))))
    t = np.concatenate([np.zeros(0, np.int64), *(r[0] for r in rows)])
    which = np.concatenate([np.zeros(0, np.uint8), *(np.full(len(r[0]), r[1], np.uint8) for r in rows)])
    order = np.lexsort((which, t))
    sent_at = np.concatenate([np.zeros(0, np.int64), *(f[0] for f in frames)])
    ids = np.concatenate([np.zeros(0, np.uint16), *(np.full(len(f[0]), f[1], np.uint16) for f in frames)])
    turn = np.lexsort((ids, sent_at))  # the lower identifier wins the bus
    return Reading(
        sensor=at.sensor.name,
        kind="can_bus",
        time_ns=at.time_ns,
        world_from_sensor=world_from_sensor(at.engine.world, at.timeline, at.sensor, at.time_ns),
        arrays={
            "times_ns": t[order],
            "signal": which[order],
            "value": np.concatenate([np.zeros(0), *(r[2] for r in rows)])[order],
            "true_value": np.concatenate([np.zeros(0), *(r[3] for r in rows)])[order],
            "frame_times_ns": sent_at[turn],
            "frame_id": ids[turn],
            "frame_data": np.concatenate([np.zeros((0, 8), np.uint8), *(f[2] for f in frames)])[turn],
        },
    )


def _erred(at: Sensing, name: str, true: F64) -> F64:
    """What the control unit that sends a signal has measured."""
    s, white = at.sensor.settings, (at.stream / name).rng().normal(0.0, 1.0, len(true))
    if name == "speed_kmh":
        return true * (1.0 + float(s["speed_scale_error"]))
    if name == "yaw_rate_deg_s":
        return true + float(s["yaw_rate_error_deg_s"]) + white * float(s["yaw_rate_noise_deg_s"])
    if name.endswith("acceleration_mps2"):
        return np.asarray(true + white * float(s["acceleration_noise_mps2"]))
    return true


@dataclass(frozen=True, eq=False)
class _Vehicle:
    """The truth of every signal; what a carrier does not have is not sent."""

    at: Sensing
    controls: F64 | None
    wheels: Wheels
    body: SmoothMotion
    cluster: SmoothMotion

    @staticmethod
    def of(at: Sensing) -> _Vehicle:
        world, timeline = at.engine.world, at.timeline
        carrier = mount_instance(world, at.sensor)
        return _Vehicle(
            at,
            None if carrier is None else timeline.controls.get(carrier.instance_id),
            Wheels.of(timeline, carrier),
            body_motion(timeline, carrier, at.since_ns, at.time_ns),
            SmoothMotion.of(world, timeline, at.sensor, at.since_ns, at.time_ns),
        )

    def signals(self, message: Message, times_ns: I64) -> dict[str, F64]:
        """Signal name -> (N,) in the signal's unit."""
        found: dict[str, F64] = getattr(self, f"_{message.name}")(times_ns)
        return found

    def _steering(self, times_ns: I64) -> dict[str, F64]:
        if not self.wheels.count:
            return {}
        ratio = np.degrees(float(self.at.sensor.settings["steering_ratio"]))
        before = np.maximum(times_ns - _STEERING_MS * 1_000_000, 0)
        angle, earlier = (self.wheels.steering(t) * ratio for t in (times_ns, before))
        seconds = np.maximum((times_ns - before) * 1e-9, 1e-9)
        return {
            "steering_wheel_angle_deg": angle,
            "steering_wheel_rate_deg_s": (angle - earlier) / seconds,
        }

    def _motion(self, times_ns: I64) -> dict[str, F64]:
        period_ns = next(m.period_ms for m in MESSAGES if m.name == "motion") * 1_000_000
        force, turn = increments(
            self.cluster, times_ns - period_ns, times_ns, self.at.engine.world.gravity_mps2
        )
        return {
            "speed_kmh": self._ahead_mps(times_ns) * _KMH,
            "yaw_rate_deg_s": np.degrees(turn[:, 2]),
            "longitudinal_acceleration_mps2": force[:, 0],
            "lateral_acceleration_mps2": force[:, 1],
        }

    def _wheel_speeds(self, times_ns: I64) -> dict[str, F64]:
        if not self.wheels.count:
            return {}
        rim = self.wheels.rates(times_ns) * self.wheels.radius_m * _KMH
        x, y = self.wheels.centre_m[:, 0], self.wheels.centre_m[:, 1]
        corners = {"fl": x + y, "fr": x - y, "rl": y - x, "rr": -y - x}
        return {f"wheel_speed_{name}_kmh": rim[:, int(np.argmax(at))] for name, at in corners.items()}

    def _pedals(self, times_ns: I64) -> dict[str, F64]:
        if self.controls is None:
            return {}
        knots = (self.at.timeline.times_ns - self.at.timeline.times_ns[0]).astype(np.float64)
        x = (times_ns - self.at.timeline.times_ns[0]).astype(np.float64)
        throttle, brake = (100.0 * np.interp(x, knots, self.controls[:, k]) for k in (0, 1))
        return {"throttle_percent": throttle, "brake_percent": brake}

    def _gearbox(self, times_ns: I64) -> dict[str, F64]:
        if not self.wheels.count:
            return {}
        kmh = self._ahead_mps(times_ns) * _KMH
        gear = 1.0 + np.searchsorted(SHIFTS_KMH, kmh, side="right")
        return {"gear": np.where(kmh < -0.5, -1.0, gear)}

    def _lights(self, times_ns: I64) -> dict[str, F64]:
        pedals = self._pedals(times_ns)
        if not pedals:
            return {}
        return {"brake_light": (pedals["brake_percent"] > BRAKE_LIGHT_PERCENT).astype(np.float64)}

    def _ahead_mps(self, times_ns: I64) -> F64:
        """(N,) of the body's origin along its x axis."""
        ahead = self.body.rotations(times_ns).apply([1.0, 0.0, 0.0])
        return np.asarray(np.einsum("nk,nk->n", ahead, self.body.velocities(times_ns)), dtype=np.float64)


CAN_BUS = SensorModel(
    "can_bus",
    Reading,
    sense,
    ARRAYS,
    CanBus,
    "steering, pedals, speeds and lights as on its bus",
)
