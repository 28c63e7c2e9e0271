"""What is wrong with the ranges to satellites: noise, atmosphere, orbits, and detours that nobody knows of."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.signal import lfilter

from pairforge.frames import F64, I64
from pairforge.seeding import Stream
from pairforge.sensors.gnss_paths import DIRECT, LEAVES, MIRRORED, Paths

RTK_NEEDS = 6
"""Satellites in plain sight for which integer ambiguities are taken to be resolved."""


@dataclass(frozen=True, eq=False)
class Ranges:
    """Of N x K: true errors of ranges (m) and of their rates (m/s), the standard deviations that the receiver takes
    them to have, and which a fix may rest on (``eligible``); ``rtk`` (N,) whether by carrier phase."""

    error: F64
    sigma: F64
    rate_error: F64
    rate_sigma: F64
    eligible: NDArray[np.bool_]
    rtk: NDArray[np.bool_]


def ranges(
    s: Mapping[str, Any],
    times_ns: I64,
    elevation: F64,
    paths: Paths,
    mistaken_mps: F64,
    stream: Stream,
    scene_stream: Stream,
) -> Ranges:
    """Errors of every signal. What comes by a detour is longer by it; to the receiver it is but a weak signal."""
    shape = paths.kind.shape
    straight_up = 1.0 / np.sin(np.maximum(elevation, np.radians(2.0)))
    leaves = np.where(paths.kind == LEAVES, float(s["leaves_factor"]), 1.0) * straight_up
    white = stream.rng().normal(0.0, 1.0, (3, *shape))
    slow, orbit = _slow(s, times_ns, shape[1], scene_stream)
    rtk = (paths.kind == DIRECT).sum(axis=1) >= (RTK_NEEDS if s["mode"] == "rtk" else shape[1] + 1)
    code = _Terms(s["code_noise_m"], s["atmosphere_m"], s["orbit_m"])
    carrier = _Terms(s["carrier_noise_m"], s["rtk_residual_m"], 0.0)
    by = [t.combined(w, slow, orbit, leaves, straight_up) for t, w in ((code, white[0]), (carrier, white[1]))]
    phase = rtk[:, None]
    doppler = float(s["doppler_noise_mps"]) * leaves
    weak = np.where(paths.kind == MIRRORED, float(s["mirrored_factor"]), 1.0)
    return Ranges(
        error=np.where(phase, by[1][0], by[0][0] + paths.extra_m),
        sigma=np.where(phase, by[1][1], by[0][1] * weak),
        rate_error=white[2] * doppler + mistaken_mps,
        rate_sigma=doppler * weak,
        eligible=np.where(phase, paths.kind == DIRECT, paths.kind >= DIRECT),
        rtk=rtk,
    )


@dataclass(frozen=True)
class _Terms:
    """Standard deviations in m at the zenith."""

    noise_m: float
    slow_m: float
    orbit_m: float

    def combined(self, white: F64, slow: F64, orbit: F64, leaves: F64, straight_up: F64) -> tuple[F64, F64]:
        """(N, K) errors from standard normal ones, and their standard deviations."""
        error = self.noise_m * leaves * white + self.slow_m * straight_up * slow + self.orbit_m * orbit
        variance = (self.noise_m * leaves) ** 2 + (self.slow_m * straight_up) ** 2 + self.orbit_m**2
        return np.asarray(error), np.sqrt(variance)


def _slow(s: Mapping[str, Any], times_ns: I64, satellites: int, scene_stream: Stream) -> tuple[F64, F64]:
    """(N, K) standard normal Gauss-Markov processes, one a satellite, drawn from the clock's start on, and (K,)
    standard normal constants: the same whichever keyframes are asked for."""
    rate = float(s["rate_hz"])
    k = np.rint(times_ns * (rate / 1e9)).astype(np.int64)
    white = (scene_stream / "atmosphere").rng().normal(0.0, 1.0, (int(k.max(initial=-1)) + 1, satellites))
    kept = float(np.exp(-1.0 / (rate * float(s["atmosphere_correlation_s"]))))
    fed = white * np.sqrt(1.0 - kept * kept)
    fed[:1] = white[:1]
    slow = np.asarray(lfilter([1.0], [1.0, -kept], fed, axis=0), dtype=np.float64)
    return slow[k], (scene_stream / "orbits").rng().normal(0.0, 1.0, satellites)
