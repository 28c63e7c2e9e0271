"""What is wrong with an inertial unit: constant errors of its axes, white noise, and biases that wander.

Terms and units are those of Allan-variance practice (IEEE Std 952-1997, annex C): N the density of white noise (slope
-1/2), B the bias instability (the floor), K the random walk of the bias (slope +1/2). The floor is made by a
first-order Gauss-Markov process of correlation time T, whose Allan deviation has its top, 0.618 sigma, at 1.89 T.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.signal import lfilter

from pairforge.frames import F64
from pairforge.seeding import Stream

GAUSS_MARKOV_TOP = 0.618
"""Largest Allan deviation of a Gauss-Markov process over its standard deviation (IEEE Std 952, C.1.1.5)."""


@dataclass(frozen=True, eq=False)
class Triad:
    """Three like sensors: ``matrix`` (3, 3) what each axis gives of the true signal, ``noise`` density in
    unit/sqrt(Hz), ``limit`` and ``step`` in the unit (0: none)."""

    matrix: F64
    noise: float
    limit: float
    step: float

    @staticmethod
    def gyroscope(s: Mapping[str, Any]) -> Triad:
        """That of an IMU's settings, in rad/s."""
        said = (s["gyro_noise_deg_s_sqrt_hz"], s["gyro_range_deg_s"], s["gyro_resolution_deg_s"])
        noise, limit, step = (float(np.radians(x)) for x in said)
        return Triad(axes(s["gyro_scale_error"], s["gyro_axis_error"]), noise, limit, step)

    @staticmethod
    def accelerometer(s: Mapping[str, Any]) -> Triad:
        """That of an IMU's settings, in m/s^2."""
        return Triad(
            axes(s["accelerometer_scale_error"], s["accelerometer_axis_error"]),
            float(s["accelerometer_noise_mps2_sqrt_hz"]),
            float(s["accelerometer_range_mps2"]),
            float(s["accelerometer_resolution_mps2"]),
        )

    def measured(self, true: F64, bias: F64, rate_hz: float, stream: Stream) -> F64:
        """(N, 3) samples: M true + bias + white noise of N sqrt(rate), rounded to steps, cut to the range."""
        white = stream.rng().normal(0.0, 1.0, true.shape) * (self.noise * np.sqrt(rate_hz))
        out = true @ self.matrix.T + bias + white
        if self.step > 0.0:
            out = np.rint(out / self.step) * self.step
        return np.asarray(
            np.clip(out, -self.limit, self.limit) if self.limit > 0.0 else out, dtype=np.float64
        )


def axes(scale: Any, across: Any) -> F64:
    """I + scale (3,) on the diagonal + the six others, by rows."""
    matrix = np.diag(1.0 + np.asarray(scale, dtype=np.float64))
    matrix[~np.eye(3, dtype=np.bool_)] = across
    return matrix


def biases(s: Mapping[str, Any], samples: int, dt: float, stream: Stream) -> F64:
    """(samples, 6) drift of the biases from the clock's start on: gyroscope (rad/s), then accelerometer (m/s^2).

    Drawn sample by sample from one stream, so that a longer run begins like a shorter one.
    """
    floor = [np.radians(s["gyro_bias_instability_deg_h"]) / 3600.0] * 3
    floor += [s["accelerometer_bias_instability_mps2"]] * 3
    walk = [
        np.radians(s["gyro_bias_walk_deg_h_sqrt_h"]) / 3600.0 / 60.0
    ] * 3  # deg/h/sqrt(h) as rad/s/sqrt(s)
    walk += [s["accelerometer_bias_walk_mps2_sqrt_s"]] * 3
    white = stream.rng().normal(0.0, 1.0, (samples, 12))
    kept = float(np.exp(-dt / float(s["bias_correlation_s"])))
    fed = white[:, :6] * np.sqrt(1.0 - kept * kept)
    fed[:1] = white[:1, :6]  # it has run for long when the clock starts
    markov = lfilter([1.0], [1.0, -kept], fed, axis=0) * (np.asarray(floor) / GAUSS_MARKOV_TOP)
    walked = np.cumsum(white[:, 6:], axis=0) * (np.asarray(walk) * np.sqrt(dt))
    return np.asarray(markov + walked, dtype=np.float64)
