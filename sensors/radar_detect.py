"""What stands out of the noise: thresholds that follow it (CFAR), peaks, and where in its cells each peak lies.

Each cell is compared with ``REFERENCES`` others of its Doppler and beam, nearer and farther, every second one (Hann
makes direct neighbours alike) and none within ``GUARD``. Cell averaging takes their mean: false_alarm is then
(1 + T / N)^-N (Finn and Johnson, 1968). Ordered statistics takes their k-th smallest, which a second target or the
edge of a wall does not lift: false_alarm is the product of (N - i) / (N - i + T) for i < k (Rohling, 1983).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from itertools import product

import numpy as np
from numpy.typing import NDArray
from scipy.optimize import brentq

from pairforge.frames import F64, I64
from pairforge.sensors.radar_model import SIDE_LOBES_DB, RadarModel
from pairforge.sensors.radar_signal import C64, F32, hann

REFERENCES, GUARD = 16, 4
_RANK = 12
_SIDE = 10.0 ** (-(SIDE_LOBES_DB - 6.0) / 10.0)
_FINE = 8
"""Directions tried to either side of a peak's beam, a beam apart in all."""


@cache
def factor(cfar: str, false_alarm: float) -> float:
    """T: a cell must have this many times its references' mean, or k-th smallest."""
    if cfar == "ca":
        return float(REFERENCES * (false_alarm ** (-1.0 / REFERENCES) - 1.0))
    return float(brentq(lambda t: np.log(tail(cfar, t)) - np.log(false_alarm), 1e-9, 1e6))


def tail(cfar: str, ratio: F64 | float) -> F64:
    """(N,) the chance that a cell of noise has at least ``ratio`` (N,) times its references."""
    t = np.asarray(ratio, dtype=np.float64)
    if cfar == "ca":
        return np.asarray((1.0 + t / REFERENCES) ** -REFERENCES)
    left = REFERENCES - np.arange(_RANK)[:, *([None] * t.ndim)]
    return np.asarray(np.prod(left / (left + t), axis=0))


def references(power: F32, cells: tuple[I64, I64, I64], cfar: str) -> F64:
    """(N,) what each cell (range, Doppler, beam) is compared with. At the ends of the range the cells that are
    missing on one side are taken from farther on the other."""
    steps = GUARD + 2 * np.arange(REFERENCES // 2)
    r, count = cells[0][:, None], power.shape[0]
    far = steps + steps[-1] - steps[0] + 2
    below = np.where(r - steps >= 0, r - steps, r + far)
    above = np.where(r + steps < count, r + steps, r - far)
    rows = np.clip(np.concatenate([below, above], axis=1), 0, count - 1)
    found = power[rows, cells[1][:, None], cells[2][:, None]].astype(np.float64)
    if cfar == "ca":
        return np.asarray(found.mean(axis=1))
    return np.asarray(np.partition(found, _RANK - 1, axis=1)[:, _RANK - 1])


@dataclass(frozen=True, eq=False)
class Peaks:
    """N peaks: their cells (range, Doppler, beam), fractional ``range_cell`` and ``doppler_cell``, sines of azimuth
    ``across`` and elevation ``up`` (0 with one row), ``snr`` over the receiver's noise, and the chance
    ``false_alarm`` that noise alone would stand out so."""

    cells: tuple[I64, I64, I64]
    range_cell: F64
    doppler_cell: F64
    across: F64
    up: F64
    snr: F64
    false_alarm: F64

    def of(self, which: I64) -> Peaks:
        """Those of ``which``."""
        rest = (self.range_cell, self.doppler_cell, self.across, self.up, self.snr, self.false_alarm)
        return Peaks(_of(self.cells, which), *(a[which] for a in rest))


def peaks(cells: C64, power: F32, model: RadarModel) -> Peaks:
    """The detections of a frame, strongest first: ``power`` is ``radar_signal.beams`` of ``cells``."""
    t = factor(model.cfar, model.false_alarm)
    where = _maxima(power, 0.25 * t)
    where = _of(where, ~_side_lobes(power, where))
    ratio = power[where] / references(power, where, model.cfar)
    where, ratio = _of(where, ratio > t), ratio[ratio > t]
    across, up, snr = _directions(cells, where, model)
    off_r, off_d = _offset(power, where, 0), _offset(power, where, 1)
    snr = snr / (hann(off_r) * hann(off_d)) ** 2
    best = np.argsort(-snr, kind="stable")[: model.max_detections]
    return Peaks(
        _of(where, best),
        (where[0] + off_r)[best],
        (where[1] + off_d)[best],
        across[best],
        up[best],
        snr[best],
        tail(model.cfar, ratio[best]),
    )


def _of(where: tuple[I64, I64, I64], which: NDArray[np.bool_] | I64) -> tuple[I64, I64, I64]:
    r, d, b = (w[which] for w in where)
    return r, d, b


def _maxima(power: F32, floor: float) -> tuple[I64, I64, I64]:
    """Cells above ``floor`` that none of their 26 neighbours passes; Doppler and beams go round."""
    r, d, b = np.unravel_index(np.flatnonzero(power.ravel() > floor), power.shape)
    alive = (r > 0) & (r < power.shape[0] - 1)
    r, d, b = r[alive], d[alive], b[alive]
    for i, j, k in product((-1, 0, 1), repeat=3):
        if (i, j, k) == (0, 0, 0):
            continue
        own = power[r, d, b]
        other = power[r + i, (d + j) % power.shape[1], (b + k) % power.shape[2]]
        # Of equals the first in order of storage stays.
        keep = own > other if (i, j, k) < (0, 0, 0) else own >= other
        r, d, b = r[keep], d[keep], b[keep]
    return r, d, b


def _side_lobes(power: F32, where: tuple[I64, I64, I64]) -> NDArray[np.bool_]:
    """(N,) peaks so far below another beam's of the same range and Doppler that they may be its side lobe."""
    r, d, b = where
    strongest = power.max(axis=2)
    most = np.zeros(len(r), dtype=np.float32)
    for i, j in product((-1, 0, 1), repeat=2):
        most = np.maximum(most, strongest[r + i, (d + j) % power.shape[1]])
    return np.asarray(power[r, d, b] < most * _SIDE)


def _offset(power: F32, where: tuple[I64, I64, I64], axis: int) -> F64:
    """(N,) how far the tone lies from the middle of its cell along range or Doppler, -0.5..0.5: of two neighbouring
    cells of a Hann window with amplitudes 1 and a, it is (2 a - 1) / (1 + a) towards the second."""
    r, d, b = where
    step = np.array([1, 0]) if axis == 0 else np.array([0, 1])
    own = np.sqrt(power[r, d, b].astype(np.float64))
    up = np.sqrt(power[r + step[0], (d + step[1]) % power.shape[1], b].astype(np.float64))
    down = np.sqrt(power[r - step[0], (d - step[1]) % power.shape[1], b].astype(np.float64))
    side = np.maximum(up, down) / own
    return np.asarray(np.clip((2.0 * side - 1.0) / (1.0 + side), 0.0, 0.5) * np.where(up >= down, 1.0, -1.0))


def _directions(cells: C64, where: tuple[I64, I64, I64], model: RadarModel) -> tuple[F64, F64, F64]:
    """Sines of azimuth and elevation (N,), and the power (N,) of the beam turned exactly there."""
    r, d, b = where
    rows = cells[r, d].reshape(len(r), model.rows, model.channels).astype(np.complex128)
    step = 1.0 / (model.beams * model.spacing)
    middle = np.where(b < (model.beams + 1) // 2, b, b - model.beams) * step
    tries = middle[:, None] + np.arange(-_FINE, _FINE + 1) * step / _FINE
    phase = np.exp(-2j * np.pi * model.spacing * tries[:, :, None] * np.arange(model.channels))
    beam = np.einsum("nrc,ntc->nrt", rows * model.taper, phase)
    power = np.abs(beam.mean(axis=1)) ** 2
    best = np.clip(power.argmax(axis=1), 1, 2 * _FINE - 1)
    at = np.arange(len(r))
    low, top, high = (np.log(power[at, best + k]) for k in (-1, 0, 1))
    shift = np.clip(0.5 * (low - high) / np.minimum(low - 2.0 * top + high, -1e-12), -1.0, 1.0)
    across = tries[at, best] + shift * step / _FINE
    span = 1.0 / model.spacing
    across = (across + span / 2.0) % span - span / 2.0
    exact = np.exp(-2j * np.pi * model.spacing * across[:, None] * np.arange(model.channels))
    each_row = np.einsum("nrc,nc->nr", rows * model.taper, exact)
    turn = np.angle(np.sum(each_row[:, 1:] * each_row[:, :-1].conj(), axis=1))
    up = turn / (2.0 * np.pi * model.spacing)
    steer = np.exp(-2j * np.pi * model.spacing * up[:, None] * np.arange(model.rows))
    return across, up, np.asarray(np.abs(np.mean(each_row * steer, axis=1)) ** 2)
