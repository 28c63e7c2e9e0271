"""Inertial measurement unit: specific force and turn rate at its lever arm, with the errors of its datasheet.

A sample is the mean over the interval that ends at its time stamp, as units that count increments give it: the turn
rate is the rotation from start to end over dt, the specific force is the gain of velocity less gravity over dt, in
the axes of the interval's middle (half that rotation from its start). So the noise-free case integrates exactly:

    R' = R exp(w dt),  v' = v + R exp(w dt / 2) f dt - g dt,  p' = p + (v + v') dt / 2
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar

import numpy as np
from scipy.spatial.transform import Rotation

from pairforge.arrays import ArraySpec
from pairforge.frames import F64, I64, wxyz
from pairforge.sample import Reading
from pairforge.scenes.distributions import NormalVector, Value
from pairforge.scenes.draws import Draws
from pairforge.scenes.spec import Device
from pairforge.sensors.imu_errors import Triad, biases
from pairforge.sensors.mount import world_from_sensor
from pairforge.sensors.protocol import Sensing, SensorModel
from pairforge.sensors.smooth_motion import SmoothMotion

_MOST = 1e6


@dataclass(frozen=True, kw_only=True)
class Imu(Device):
    """Gyroscope and accelerometer, ``rate_hz`` samples a second.

    ``_noise``: density of white noise. ``_bias_instability``: the floor of the Allan deviation. ``_bias_walk``:
    random walk of the bias. ``_turn_on_bias``, ``_scale`` and ``_misalignment`` (a share of the other axes' signal)
    are standard deviations of constants drawn once a scene. What exceeds ``_range`` is cut; ``_resolution`` is the
    least step. A 0 switches any of them off (of a range: no limit). Defaults are those of an automotive MEMS unit of
    the kind of Bosch's BMI088, its turn-on bias calibrated to a third.
    """

    KIND: ClassVar[str] = "imu"
    BOUNDS: ClassVar[Mapping[str, tuple[float, float]]] = {
        "rate_hz": (1.0, 1000.0),
        "gyro_noise_deg_s_sqrt_hz": (0.0, 10.0),
        "gyro_bias_instability_deg_h": (0.0, _MOST),
        "gyro_bias_walk_deg_h_sqrt_h": (0.0, _MOST),
        "gyro_turn_on_bias_deg_s": (0.0, 100.0),
        "gyro_scale": (0.0, 0.5),
        "gyro_misalignment": (0.0, 0.5),
        "gyro_g_sensitivity_deg_s_g": (0.0, 10.0),
        "gyro_range_deg_s": (0.0, _MOST),
        "gyro_resolution_deg_s": (0.0, 100.0),
        "accelerometer_noise_mps2_sqrt_hz": (0.0, 10.0),
        "accelerometer_bias_instability_mps2": (0.0, 10.0),
        "accelerometer_bias_walk_mps2_sqrt_s": (0.0, 10.0),
        "accelerometer_turn_on_bias_mps2": (0.0, 100.0),
        "accelerometer_scale": (0.0, 0.5),
        "accelerometer_misalignment": (0.0, 0.5),
        "accelerometer_range_mps2": (0.0, _MOST),
        "accelerometer_resolution_mps2": (0.0, 10.0),
        "bias_correlation_s": (0.1, _MOST),
    }

    rate_hz: float = 100.0
    gyro_noise_deg_s_sqrt_hz: Value[float] = 0.014
    gyro_bias_instability_deg_h: Value[float] = 2.0
    gyro_bias_walk_deg_h_sqrt_h: Value[float] = 5.0
    gyro_turn_on_bias_deg_s: Value[float] = 0.3
    gyro_scale: Value[float] = 0.003
    gyro_misalignment: Value[float] = 0.002
    gyro_g_sensitivity_deg_s_g: Value[float] = 0.0
    gyro_range_deg_s: Value[float] = 500.0
    gyro_resolution_deg_s: Value[float] = 0.0153
    accelerometer_noise_mps2_sqrt_hz: Value[float] = 0.0017
    accelerometer_bias_instability_mps2: Value[float] = 0.0003
    accelerometer_bias_walk_mps2_sqrt_s: Value[float] = 0.00002
    accelerometer_turn_on_bias_mps2: Value[float] = 0.06
    accelerometer_scale: Value[float] = 0.002
    accelerometer_misalignment: Value[float] = 0.002
    accelerometer_range_mps2: Value[float] = 235.4
    accelerometer_resolution_mps2: Value[float] = 0.0072
    bias_correlation_s: Value[float] = 100.0

    def settings(self, draw: Draws) -> dict[str, Any]:
        """The datasheet's figures, and the constant errors drawn by them: a draw each."""
        said = super().settings(draw)
        return {
            **said,
            "gyro_bias_deg_s": draw("gyro_bias_deg_s", NormalVector(said["gyro_turn_on_bias_deg_s"])),
            "gyro_scale_error": draw("gyro_scale_error", NormalVector(said["gyro_scale"])),
            "gyro_axis_error": draw("gyro_axis_error", NormalVector(said["gyro_misalignment"], 6)),
            "gyro_g_error_deg_s_g": draw(
                "gyro_g_error_deg_s_g", NormalVector(said["gyro_g_sensitivity_deg_s_g"], 9)
            ),
            "accelerometer_bias_mps2": draw(
                "accelerometer_bias_mps2", NormalVector(said["accelerometer_turn_on_bias_mps2"])
            ),
            "accelerometer_scale_error": draw(
                "accelerometer_scale_error", NormalVector(said["accelerometer_scale"])
            ),
            "accelerometer_axis_error": draw(
                "accelerometer_axis_error", NormalVector(said["accelerometer_misalignment"], 6)
            ),
        }


ARRAYS = (
    ArraySpec("times_ns", "npy", "int64", ("N",), "ns", "clock", "end of the interval that a sample is the mean of"),
    ArraySpec("specific_force_mps2", "npy", "float64", ("N", 3), "m/s^2", "sensor", "as measured"),
    ArraySpec("turn_rate_radps", "npy", "float64", ("N", 3), "rad/s", "sensor", "as measured"),
    ArraySpec("true_specific_force_mps2", "npy", "float64", ("N", 3), "m/s^2", "sensor", "without any error"),
    ArraySpec("true_turn_rate_radps", "npy", "float64", ("N", 3), "rad/s", "sensor", "without any error"),
    ArraySpec("accelerometer_bias_mps2", "npy", "float64", ("N", 3), "m/s^2", "sensor", "turn-on and drift"),
    ArraySpec("gyro_bias_radps", "npy", "float64", ("N", 3), "rad/s", "sensor", "turn-on and drift"),
    ArraySpec("position_m", "npy", "float64", ("N", 3), "m", "world", "true, of the sensor at the time stamp"),
    ArraySpec("quaternion_wxyz", "npy", "float64", ("N", 4), "1", "world", "true, world from sensor"),
    ArraySpec("velocity_mps", "npy", "float64", ("N", 3), "m/s", "world", "true, of the sensor"),
)  # fmt: skip


def sense(at: Sensing) -> Reading:
    """All samples since the keyframe before."""
    s, rate = at.sensor.settings, float(at.sensor.settings["rate_hz"])
    times = at.sample_times_ns(rate)
    starts = _starts(times, rate)
    motion = SmoothMotion.of(at.engine.world, at.timeline, at.sensor, at.since_ns, at.time_ns)
    force, turn = increments(motion, starts, times, at.engine.world.gravity_mps2)
    last = round(at.time_ns * rate / 1e9) + 1
    first = round(int(times[0]) * rate / 1e9) if len(times) else 0
    drift = biases(s, last, 1.0 / rate, at.scene_stream)[first : first + len(times)]
    gyro_bias = np.radians(np.asarray(s["gyro_bias_deg_s"])) + drift[:, :3]
    force_bias = np.asarray(s["accelerometer_bias_mps2"]) + drift[:, 3:]
    gyro, accelerometer = Triad.gyroscope(s), Triad.accelerometer(s)
    g_error = np.radians(np.reshape(s["gyro_g_error_deg_s_g"], (3, 3))) / 9.80665
    return Reading(
        sensor=at.sensor.name,
        kind="imu",
        time_ns=at.time_ns,
        world_from_sensor=world_from_sensor(at.engine.world, at.timeline, at.sensor, at.time_ns),
        arrays={
            "times_ns": times,
            "specific_force_mps2": accelerometer.measured(
                force, force_bias, rate, at.stream / "accelerometer"
            ),
            "turn_rate_radps": gyro.measured(turn, gyro_bias + force @ g_error.T, rate, at.stream / "gyro"),
            "true_specific_force_mps2": force,
            "true_turn_rate_radps": turn,
            "accelerometer_bias_mps2": force_bias,
            "gyro_bias_radps": gyro_bias,
            "position_m": motion.positions(times),
            "quaternion_wxyz": wxyz(motion.rotations(times)).reshape(-1, 4),
            "velocity_mps": motion.velocities(times),
        },
    )


def increments(motion: SmoothMotion, starts_ns: I64, ends_ns: I64, gravity_mps2: float) -> tuple[F64, F64]:
    """Mean specific force and mean turn rate (N, 3) over intervals, in sensor axes: see the module's head."""
    if not len(ends_ns):
        return np.zeros((0, 3)), np.zeros((0, 3))
    dt = ((ends_ns - starts_ns) * 1e-9)[:, None]
    begin, end = motion.rotations(starts_ns), motion.rotations(ends_ns)
    angle = np.asarray((begin.inv() * end).as_rotvec(), dtype=np.float64)
    gain = (motion.velocities(ends_ns) - motion.velocities(starts_ns)) / dt + [0.0, 0.0, gravity_mps2]
    middle = begin * Rotation.from_rotvec(angle / 2.0)
    return np.asarray(middle.inv().apply(gain), dtype=np.float64), angle / dt


def _starts(times_ns: I64, rate_hz: float) -> I64:
    """The time stamp of the sample before each."""
    k = np.rint(times_ns * (rate_hz / 1e9)) - 1.0
    before: I64 = np.rint(k * (1e9 / rate_hz)).astype(np.int64)
    return before


IMU = SensorModel(
    "imu",
    Reading,
    sense,
    ARRAYS,
    Imu,
    "specific force and turn rate, with the unit's errors",
)
