"""Wheel odometry: what encoders on the wheels count, and the path that a vehicle believes it has driven.

Wheels turn as the simulated tyres let them, so they slip under hard brakes and on snow, and the path drifts by it.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

import numpy as np

from pairforge.arrays import ArraySpec
from pairforge.errors import SpecError
from pairforge.frames import F64, Pose
from pairforge.sample import Reading
from pairforge.scenes.distributions import Normal, NormalVector, Value
from pairforge.scenes.draws import Draws
from pairforge.scenes.spec import Device, Scene
from pairforge.scenes.typecheck import label
from pairforge.sensors.mount import mount_instance, world_from_sensor
from pairforge.sensors.protocol import Sensing, SensorModel
from pairforge.sensors.wheels import Wheels, body_motion, is_actor

MOST_WHEELS = 16
"""Wheels that have a radius error of their own."""


@dataclass(frozen=True, kw_only=True)
class WheelOdometry(Device):
    """Encoders of ``ticks_per_turn`` on every wheel of its vehicle, read ``rate_hz`` times a second.

    ``radius_error`` (share, a wheel) and ``steering_offset_deg`` are standard deviations of constants drawn once a
    scene; ``steering_noise_deg`` is white. Yaw comes from "steering" (the bicycle model) or from the "wheels"
    (right against left of the axle that does not steer). The path begins at the true pose at the clock's start.
    """

    KIND: ClassVar[str] = "wheel_odometry"
    BOUNDS: ClassVar[Mapping[str, tuple[float, float]]] = {
        "rate_hz": (1.0, 1000.0),
        "ticks_per_turn": (1, 1_000_000),
        "radius_error": (0.0, 0.2),
        "steering_offset_deg": (0.0, 10.0),
        "steering_noise_deg": (0.0, 10.0),
    }

    rate_hz: float = 50.0
    ticks_per_turn: int = 96
    radius_error: Value[float] = 0.003
    steering_offset_deg: Value[float] = 0.1
    steering_noise_deg: Value[float] = 0.05
    yaw_from: Literal["steering", "wheels"] = "steering"

    def check(self, scene: Scene) -> None:
        """It must ride on an actor."""
        if not is_actor(self.mount, scene):
            raise SpecError(
                f"{label(self)}: it counts the turns of wheels, so its mount must be a vehicle among the actors, "
                f"not {self.mount!r}"
            )

    def settings(self, draw: Draws) -> dict[str, Any]:
        """What it is, and the constant errors drawn by it."""
        said = super().settings(draw)
        spread = float(said["steering_offset_deg"])
        offset = draw("steering_error_deg", Normal(0.0, spread) if spread > 0.0 else 0.0)
        errors = draw("radius_errors", NormalVector(float(said["radius_error"]), MOST_WHEELS))
        return {**said, "steering_error_deg": offset, "radius_errors": errors}


ARRAYS = (
    ArraySpec("times_ns", "npy", "int64", ("N",), "ns", "clock", "when the encoders were read"),
    ArraySpec(
        "ticks", "npy", "int64", ("N", "K"), "1", "", "counted since the clock's start, forwards positive"
    ),
    ArraySpec(
        "wheel_speed_radps", "npy", "float64", ("N", "K"), "rad/s", "", "by the ticks since the last reading"
    ),
    ArraySpec(
        "steering_rad",
        "npy",
        "float64",
        ("N",),
        "rad",
        "body",
        "of the middle of the front axle, as measured",
    ),
    ArraySpec(
        "path", "npy", "float64", ("N", 3), "m, m, rad", "world", "x, y and yaw that the vehicle believes in"
    ),
    ArraySpec("true_wheel_speed_radps", "npy", "float64", ("N", "K"), "rad/s", "", "without any error"),
    ArraySpec("true_steering_rad", "npy", "float64", ("N",), "rad", "body", "without any error"),
    ArraySpec(
        "ground_speed_mps",
        "npy",
        "float64",
        ("N", "K"),
        "m/s",
        "",
        "of each hub along where its wheel points",
    ),
    ArraySpec(
        "slip", "npy", "float64", ("N", "K"), "1", "", "(rim - ground) / the larger: -1 locked, 1 spinning"
    ),
    ArraySpec("wheel_part", "npy", "int64", ("K",), "id", "", "part that each wheel is"),
    ArraySpec("wheel_centre_m", "npy", "float64", ("K", 3), "m", "body", "of each wheel"),
    ArraySpec("wheel_radius_m", "npy", "float64", ("K",), "m", "", "true radius"),
    ArraySpec(
        "believed_radius_m", "npy", "float64", ("K",), "m", "", "radius that the path is reckoned with"
    ),
    ArraySpec("steered", "npy", "int64", ("K",), "1", "", "whether it steers"),
)


def sense(at: Sensing) -> Reading:
    """All readings since the keyframe before."""
    s, rate = at.sensor.settings, float(at.sensor.settings["rate_hz"])
    carrier = mount_instance(at.engine.world, at.sensor)
    wheels = Wheels.of(at.timeline, carrier)
    times = at.sample_times_ns(rate)
    body = body_motion(at.timeline, carrier, at.since_ns, at.time_ns)
    begun = np.rint(np.arange(round(at.time_ns * rate / 1e9) + 1) * (1e9 / rate)).astype(np.int64)
    begun = begun[begun <= at.time_ns]
    ticks = np.floor(wheels.turned(begun) * (int(s["ticks_per_turn"]) / (2 * np.pi))).astype(np.int64)
    noise = at.scene_stream.rng().normal(0.0, 1.0, len(begun)) * float(s["steering_noise_deg"])
    steering = wheels.steering(begun) + np.radians(noise + float(s["steering_error_deg"]))
    believed = wheels.radius_m * (1.0 + np.asarray(s["radius_errors"])[np.arange(wheels.count) % MOST_WHEELS])
    angles = ticks * (2 * np.pi / int(s["ticks_per_turn"]))
    path = reckoned(wheels, angles * believed, steering, str(s["yaw_from"]), _start(at, begun[0]))
    own = slice(len(begun) - len(times), None)
    speed = (
        np.diff(angles, axis=0, prepend=angles[:1]) / (np.diff(begun, prepend=begun[0] - 1) * 1e-9)[:, None]
    )
    rates, ground = wheels.rates(times), wheels.ground_speeds(body, times)
    return Reading(
        sensor=at.sensor.name,
        kind="wheel_odometry",
        time_ns=at.time_ns,
        world_from_sensor=world_from_sensor(at.engine.world, at.timeline, at.sensor, at.time_ns),
        arrays={
            "times_ns": times,
            "ticks": ticks[own],
            "wheel_speed_radps": speed[own],
            "steering_rad": steering[own],
            "path": path[own],
            "true_wheel_speed_radps": rates,
            "true_steering_rad": wheels.steering(times),
            "ground_speed_mps": ground,
            "slip": wheels.slips(rates, ground),
            "wheel_part": wheels.part,
            "wheel_centre_m": wheels.centre_m,
            "wheel_radius_m": wheels.radius_m,
            "believed_radius_m": believed,
            "steered": wheels.steered,
        },
    )


def reckoned(wheels: Wheels, rolled_m: F64, steering: F64, yaw_from: str, start: Pose) -> F64:
    """(N, 3) x, y and yaw of the body's origin from metres rolled (N, K) and steering angles (N,), by arcs about the
    axle that does not steer."""
    if not wheels.count:
        x, y, _ = start.position_m
        return np.tile([x, y, start.yaw], (len(steering), 1))
    step = np.diff(rolled_m[:, wheels.rear], axis=0, prepend=rolled_m[:1, wheels.rear])
    y = wheels.centre_m[wheels.rear, 1]
    if yaw_from == "wheels" and np.ptp(y) > 0.0:
        turn = -(step @ (y - y.mean())) / ((y - y.mean()) @ (y - y.mean()))
    elif wheels.wheelbase_m > 0.0:
        turn = step.mean(axis=1) * np.tan(steering) / wheels.wheelbase_m
    else:
        turn = np.zeros(len(step))
    yaw = start.yaw + np.cumsum(turn)
    middle = yaw - turn / 2.0
    ahead = step.mean(axis=1)
    axle = float(wheels.centre_m[wheels.rear, 0].mean())
    x0, y0, _ = start.points([axle, 0.0, 0.0])
    x = x0 + np.cumsum(ahead * np.cos(middle)) - axle * np.cos(yaw)
    return np.stack([x, y0 + np.cumsum(ahead * np.sin(middle)) - axle * np.sin(yaw), yaw], axis=1)


def _start(at: Sensing, time_ns: int) -> Pose:
    """The carrier's pose when the clock starts."""
    carrier = mount_instance(at.engine.world, at.sensor)
    return Pose.of() if carrier is None else at.timeline.world_from_body(carrier.instance_id, int(time_ns))


WHEEL_ODOMETRY = SensorModel(
    "wheel_odometry",
    Reading,
    sense,
    ARRAYS,
    WheelOdometry,
    "encoder ticks of every wheel, and the path reckoned from them",
)
