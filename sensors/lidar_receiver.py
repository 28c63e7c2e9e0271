"""What a receiver makes of echoes: which it detects, how far off it says they are, and how strong.

With amplitude s in standard deviations of the noise and n drawn from the normal distribution, an echo is detected
when ``s + n`` passes the threshold (a matched filter before a comparator: Skolnik, Introduction to Radar Systems,
2001, section 2.5), and the leading edge is timed within ``rise / s`` (the same, section 6.3). An echo's own noise n
is also in the intensity that is reported.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, I64
from pairforge.seeding import Stream
from pairforge.sensors.air import AIR, AIR_THRESHOLD, SURFACE, least_power, survives
from pairforge.sensors.lidar_echoes import Echoes
from pairforge.sensors.lidar_model import LidarModel, ReceiverModel


@dataclass(frozen=True, eq=False)
class Measured:
    """Of E echoes: which were ``detected``; ranges and intensities 0..1 as reported."""

    detected: NDArray[np.bool_]
    range_m: F64
    intensity: NDArray[np.float32]


def measured(
    echoes: Echoes, model: LidarModel, extinction_per_m: float, grid: tuple[int, int], stream: Stream
) -> Measured:
    """Echoes of rays on a grid of firings and beams, as the device has them. Draws are made a ray and a place among
    its echoes: "range_noise" and "detection", so a ray's noise does not depend on other rays."""
    range_noise = _draws(echoes, grid, stream / "range_noise")
    clear = echoes.power * np.pi * np.square(echoes.range_m)
    if model.receiver is None:
        strays = model.range_noise_m * range_noise
        found = _without_receiver(echoes, clear, model, extinction_per_m)
        intensity = np.clip(clear, 0.0, 1.0)
        return Measured(found, np.maximum(echoes.range_m + strays, 1e-3), intensity.astype(np.float32))
    receiver = model.receiver
    s = snr(echoes, receiver)
    n = _draws(echoes, grid, stream / "detection")
    amplitude = np.maximum(s + n, 0.0)
    range_m = echoes.range_m + range_deviation(s, receiver, model.range_noise_m) * range_noise
    if receiver.quantum_m > 0.0:
        range_m = np.round(range_m / receiver.quantum_m) * receiver.quantum_m
    heard = amplitude / np.maximum(s, 1e-12)
    return Measured(
        s + n > receiver.threshold, np.maximum(range_m, 1e-3), _intensity(echoes, clear, heard, receiver)
    )


def snr(echoes: Echoes, receiver: ReceiverModel) -> F64:
    """(E,) signal-to-noise ratios. An echo of the air is long and ragged, and counts for that much less."""
    least = least_power(receiver.reach_m)
    power = np.where(echoes.kind == AIR, echoes.power / AIR_THRESHOLD, echoes.power)
    return np.asarray(power / least * receiver.reach_snr)


def range_deviation(ratio: F64, receiver: ReceiverModel, range_noise_m: float) -> F64:
    """(E,) standard deviations in metres; nothing detected is taken for weaker than half the threshold."""
    weak = receiver.rise_m / np.maximum(ratio, receiver.threshold / 2.0)
    return np.asarray(np.hypot(range_noise_m, weak))


def _without_receiver(
    echoes: Echoes, clear: F64, model: LidarModel, extinction_per_m: float
) -> NDArray[np.bool_]:
    """As the plain model has it: in clear air all that is straight ahead is seen, however weak. What comes by panes
    or mirrors, or is stray, must be as strong as the device is rated for."""
    least = least_power(model.max_range_m)
    reflectance = clear * np.exp(2.0 * extinction_per_m * echoes.range_m)
    ahead = survives(reflectance, echoes.range_m, extinction_per_m, model.max_range_m)
    strong = echoes.power >= np.where(echoes.kind == AIR, AIR_THRESHOLD, 1.0) * least
    return np.asarray(np.where(echoes.kind == SURFACE, ahead, strong))


def _intensity(echoes: Echoes, clear: F64, heard: F64, receiver: ReceiverModel) -> NDArray[np.float32]:
    strength = clear if receiver.intensity == "calibrated" else echoes.power * np.pi * receiver.reference_m**2
    share = np.clip(strength * heard / receiver.full_scale, 0.0, 1.0)
    if receiver.bits is not None:
        steps = 2**receiver.bits - 1
        share = np.round(share * steps) / steps
    return np.asarray(share.astype(np.float32))


def _draws(echoes: Echoes, grid: tuple[int, int], stream: Stream) -> F64:
    """(E,) standard normal, one a ray and a place among its echoes."""
    rank: I64 = echoes.rank
    out = np.empty(len(rank))
    for place in range(int(rank.max(initial=-1)) + 1):
        rng = (stream / place if place else stream).rng()
        own = rank == place
        out[own] = rng.standard_normal(grid).ravel()[echoes.ray[own]]
    return out
