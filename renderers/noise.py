"""Seamless noise images, the same for the same stream; the grain of skies and surfaces."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from pairforge.frames import F64
from pairforge.seeding import Stream


def smoothstep(low: float, high: float, x: ArrayLike) -> F64:
    """0 below ``low``, 1 above ``high``, smooth between."""
    t = np.clip((np.asarray(x, dtype=np.float64) - low) / (high - low), 0.0, 1.0)
    return np.asarray(t * t * (3.0 - 2.0 * t))


def fractal_noise(
    size: int, stream: Stream, falloff: float = 1.0, lowest: float = 1.0, highest: float = 1e9
) -> F64:
    """(size, size) seamless noise of mean 0 and deviation 1, amplitude ~ frequency^-(falloff + 1): the
    larger ``falloff`` the smoother. ``lowest`` and ``highest`` bound its waves per image."""
    frequency = np.hypot(np.fft.fftfreq(size)[:, None], np.fft.rfftfreq(size)[None, :]) * size
    keep = (frequency >= lowest) & (frequency <= highest)
    amplitude = np.where(keep, np.maximum(frequency, 1.0) ** -(falloff + 1.0), 0.0)
    white = np.fft.rfft2(stream.rng().standard_normal((size, size)))
    out = np.fft.irfft2(white * amplitude, s=(size, size))
    return np.asarray((out - out.mean()) / max(float(out.std()), 1e-12))


def cloud_noise(size: int, stream: Stream) -> F64:
    """(size, size) seamless noise in 0..1 with billowing, cauliflower edges."""
    broad = fractal_noise(size, stream / "broad", 1.0, lowest=2)
    billow = -np.abs(fractal_noise(size, stream / "billow", 0.85, lowest=5))
    out = broad + 0.9 * billow
    low, high = np.quantile(out, [0.001, 0.999])
    return np.asarray(np.clip((out - low) / (high - low), 0.0, 1.0))
