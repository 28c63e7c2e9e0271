"""The pixels of an event camera: each remembers a log intensity and fires when its own has moved away far enough.

After Lichtsteiner, Posch and Delbruck, "A 128x128 120 dB 15 us latency asynchronous temporal contrast vision sensor"
(2008); noise as in Hu, Liu and Delbruck, "v2e: from video frames to realistic DVS events" (2021).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, I64

SIGNAL, LEAK, SHOT, HOT = 0, 1, 2, 3
"""Why a pixel fired: a change of brightness, or one of the noises."""

DIMMED = 0.75
"""Shot noise falls by this share from a dark pixel to one at white."""


@dataclass(frozen=True, eq=False)
class Events:
    """N events in order of time: ``time_ns`` (N,) float64, ``pixel`` (N,) index y * W + x, ``polarity`` (N,) +1 or
    -1, ``kind`` (N,)."""

    time_ns: F64
    pixel: I64
    polarity: I64
    kind: I64

    @staticmethod
    def joined(several: Sequence[Events]) -> Events:
        """All of them, in order of time, then pixel."""
        columns = [
            np.concatenate([getattr(e, name) for e in several])
            for name in ("time_ns", "pixel", "polarity", "kind")
        ]
        order = np.lexsort((columns[3], columns[1], columns[0]))
        return Events(*(c[order] for c in columns))

    def only(self, keep: NDArray[np.bool_]) -> Events:
        """Those that ``keep`` (N,) says."""
        return Events(self.time_ns[keep], self.pixel[keep], self.polarity[keep], self.kind[keep])


class Pixels:
    """N pixels whose memory starts at the log intensity ``log`` (N,), with thresholds ``on``, ``off`` (N,) above 0.

    A pixel that fires is blind for ``refractory_ns``, and then remembers the log intensity of that moment.
    """

    def __init__(self, log: F64, on: F64, off: F64, refractory_ns: float) -> None:
        self._on, self._off, self._refractory_ns = on, off, refractory_ns
        self._memory = log.copy()
        self._blind_until: F64 = np.full(len(log), -np.inf)

    def segment(self, t0: float, t1: float, before: F64, after: F64) -> Events:
        """Events in (t0, t1], ns, while the log intensity goes straight from ``before`` to ``after`` (N,)."""
        slope = (after - before) / (t1 - t0)
        found: list[Events] = []
        active = np.arange(len(before), dtype=np.int64)
        while len(active):
            active = self._awake(active, t0, t1, before, slope)
            up = slope[active] > 0.0
            goal = self._memory[active] + np.where(up, self._on[active], -self._off[active])
            with np.errstate(divide="ignore", invalid="ignore"):
                when = t0 + (goal - before[active]) / slope[active]
            when = np.maximum(when, np.maximum(t0, self._blind_until[active]))
            past = np.where(up, after[active] >= goal, after[active] <= goal) & (slope[active] != 0.0)
            fired = past & (when <= t1)
            active, when, up, goal = active[fired], when[fired], up[fired], goal[fired]
            polarity = np.where(up, 1, -1).astype(np.int64)
            found.append(Events(when, active, polarity, np.full(len(active), SIGNAL, np.int64)))
            self._memory[active] = goal
            if self._refractory_ns > 0.0:
                self._blind_until[active] = when + self._refractory_ns
                self._memory[active] = np.nan
        return Events.joined(found) if found else Events(*(np.zeros(0), *(np.zeros(0, np.int64),) * 3))

    def _awake(self, active: I64, t0: float, t1: float, before: F64, slope: F64) -> I64:
        """Those that see within the segment; who wakes in it remembers what it then sees."""
        active = active[self._blind_until[active] < t1]
        waking = active[np.isnan(self._memory[active])]
        self._memory[waking] = before[waking] + slope[waking] * (self._blind_until[waking] - t0)
        return active


def noise(
    rng: np.random.Generator, start_ns: float, stop_ns: float, rates_hz: F64, polarity: int, kind: int
) -> Events:
    """Events at random times in (start, stop]: a Poisson process with its own rate in each pixel (N,), of one
    ``polarity``, or of either at random when 0."""
    counts = rng.poisson(rates_hz * (stop_ns - start_ns) * 1e-9)
    pixel = np.repeat(np.arange(len(rates_hz), dtype=np.int64), counts)
    when = stop_ns - rng.random(len(pixel)) * (stop_ns - start_ns)
    signs = np.where(rng.random(len(pixel)) < 0.5, -1, 1) if polarity == 0 else np.full(len(pixel), polarity)
    joined = Events(when, pixel, signs.astype(np.int64), np.full(len(pixel), kind, np.int64))
    return Events.joined([joined])


def rested(events: Events, refractory_ns: float) -> Events:
    """Without the noise that comes too soon before or after another event of its pixel: signal is kept, of two noises
    the first."""
    while True:
        order = np.lexsort((events.time_ns, events.pixel))
        pixel, when, kind = events.pixel[order], events.time_ns[order], events.kind[order]
        close = (pixel[1:] == pixel[:-1]) & (np.diff(when) < refractory_ns)
        second = kind[1:] != SIGNAL
        drop = np.zeros(len(order), dtype=np.bool_)
        drop[1:] |= close & second
        drop[:-1] |= close & ~second & (kind[:-1] != SIGNAL)
        # Of a run of noises that are all close, every other one: the rest is looked at again.
        drop[1:] &= ~(drop[:-1] & (kind[:-1] != SIGNAL) & second)
        if not drop.any():
            return events
        keep = np.ones(len(order), dtype=np.bool_)
        keep[order] = ~drop
        events = events.only(keep)
