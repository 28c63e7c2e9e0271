"""Echoes and noise in cells of range, Doppler and antenna, as two Fourier transforms over a train of chirps give.

Every path is one tone: over a chirp by its range, over the train by its range rate, along the antennas by where it
comes from. Windowed after Hann, a tone fills five cells of range and of Doppler; what it leaks beyond is left out
(31 dB down and falling). Amplitudes of paths add with their phases: many in one cell fade as Swerling's first case
has it, one alone does not. Stop and hop: no path changes its cell within a frame.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy import fft, sparse

from pairforge.frames import F64
from pairforge.seeding import Stream
from pairforge.sensors.radar_model import HANN_NOISE, RadarModel
from pairforge.sensors.radar_paths import Paths

C64 = NDArray[np.complex64]
F32 = NDArray[np.float32]

_REACH = 2
"""A tone is laid into the nearest cell and this many to either side."""
_FAINT = 3e-3
"""Paths with less than this share of a beam cell's noise are left out."""


def hann(offset: F64) -> F64:
    """Amplitude that a tone leaves in a cell ``offset`` cells away, 1 at 0 (the transform of the Hann window)."""
    x = np.asarray(offset, dtype=np.float64)
    one = np.isclose(np.abs(x), 1.0)
    safe = np.where(one, 0.0, x)
    return np.where(one, 0.5, np.sinc(safe) / (1.0 - safe**2))


def audible(paths: Paths, snr: F64, model: RadarModel) -> NDArray[np.bool_]:
    """(N,) paths that are within reach and not lost in the noise."""
    low, high = model.reach_m
    return np.asarray((snr > _FAINT) & (paths.range_m >= low) & (paths.range_m <= high))


def cube(paths: Paths, snr: F64, model: RadarModel, stream: Stream) -> C64:
    """(range, Doppler, rows * channels) amplitudes; the noise of a beam's cell (``beams``) has power 1.

    ``snr`` (N,) is each path's peak power in a beam cell. Doppler cell d stands for range rate d cells, wrapped.
    """
    shape = (model.range_cells, model.chirps)
    noise = _noise(shape, model.rows * model.channels, stream / "noise")
    noise *= np.float32(np.sqrt(model.channel_noise / 2.0))
    if not len(paths):
        return noise
    at_range = paths.range_m / model.range_cell_m
    at_rate = paths.rate_mps / model.doppler_cell_mps
    near_r, near_d = np.rint(at_range).astype(np.int64), np.rint(at_rate).astype(np.int64)
    steps = np.arange(-_REACH, _REACH + 1)
    r, d = near_r[:, None] + steps, near_d[:, None] + steps
    weight = hann(r - at_range[:, None])[:, :, None] * hann(d - at_rate[:, None])[:, None, :]
    inside = np.broadcast_to(((r >= 0) & (r < shape[0]))[:, :, None], weight.shape)
    cell = r[:, :, None] * shape[1] + (d % shape[1])[:, None, :]
    column = np.broadcast_to(np.arange(len(paths))[:, None, None], weight.shape)
    lay = sparse.csr_matrix(
        (weight[inside].astype(np.float32), (cell[inside], column[inside])),
        shape=(shape[0] * shape[1], len(paths)),
    )
    filled = np.flatnonzero(np.diff(lay.indptr))
    noise.reshape(-1, noise.shape[2])[filled] += lay[filled] @ _tones(paths, snr, model)
    return noise


def _tones(paths: Paths, snr: F64, model: RadarModel) -> C64:
    """(N, rows * channels) each path's amplitude at each antenna."""
    amplitude = np.sqrt(snr) * np.exp(1j * paths.phase)
    along = np.exp(_turn(model.spacing) * paths.arrival[:, 1, None] * np.arange(model.channels))
    up = np.exp(_turn(model.spacing) * paths.arrival[:, 2, None] * np.arange(model.rows))
    every = amplitude[:, None, None] * up[:, :, None] * along[:, None, :]
    return np.asarray(every.reshape(len(paths), -1), dtype=np.complex64)


def _turn(spacing: float) -> complex:
    return 2j * np.pi * spacing


def _noise(shape: tuple[int, int], channels: int, stream: Stream) -> C64:
    """White noise of power 2 a channel after both Hann windows, which make neighbouring cells alike."""
    draws = stream.rng().standard_normal((*shape, channels, 2), dtype=np.float32)
    white: C64 = draws.view(np.complex64)[..., 0]
    padded = np.concatenate([white[-1:], white, white[:1]], axis=0)
    white += 0.5 * (padded[:-2] + padded[2:])
    padded = np.concatenate([white[:, -1:], white, white[:, :1]], axis=1)
    white += 0.5 * (padded[:, :-2] + padded[:, 2:])
    white /= np.float32(HANN_NOISE)
    return white


def beams(cells: C64, model: RadarModel) -> F32:
    """(range, Doppler, beams) power of the rows together in each beam; noise alone has mean 1."""
    rows = cells.reshape(*cells.shape[:2], model.rows, model.channels)
    together = rows[:, :, 0] if model.rows == 1 else rows.mean(axis=2)
    tapered = together * model.taper.astype(np.float32)
    turned = fft.fft(tapered, n=model.beams, axis=2, overwrite_x=True)
    return np.asarray(turned.real**2 + turned.imag**2, dtype=np.float32)


def map_db(cells: C64, model: RadarModel) -> F32:
    """(range, Doppler) mean power of the antennas over their noise, dB; Doppler ascends from the most negative."""
    power = np.mean(cells.real**2 + cells.imag**2, axis=2) / model.channel_noise
    return np.asarray(10.0 * np.log10(np.fft.fftshift(power, axes=1)), dtype=np.float32)
