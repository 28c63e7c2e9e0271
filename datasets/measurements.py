"""Figures gathered over millions of pixels and points, in bounded memory and mergeable between processes."""

from __future__ import annotations

from typing import Any

import numpy as np
from numpy.typing import NDArray

BINS_PER_DECADE = 200
"""Quantiles are told within 0.6 %."""
_LEAST, _DECADES = 1e-12, 18


class Measurements:
    """A histogram of logarithms a name; values below 1e-12 count as 0."""

    def __init__(self) -> None:
        self._counts: dict[str, NDArray[np.int64]] = {}

    def add(self, name: str, values: NDArray[Any]) -> None:
        """Count finite values >= 0, of any shape."""
        found = np.asarray(values, dtype=np.float64).ravel()
        with np.errstate(divide="ignore"):
            place = np.log10(np.maximum(found[np.isfinite(found)], 0.0) / _LEAST) * BINS_PER_DECADE
        bins = np.clip(place, -1, BINS_PER_DECADE * _DECADES - 1).astype(np.int64) + 1
        self._counts[name] = self._of(name) + np.bincount(bins, minlength=BINS_PER_DECADE * _DECADES + 1)

    def merge(self, other: Measurements) -> None:
        for name, counts in other._counts.items():
            self._counts[name] = self._of(name) + counts

    def __getstate__(self) -> dict[str, Any]:
        """Filled bins alone: a scene fills few of thousands."""
        filled = {name: np.flatnonzero(counts) for name, counts in self._counts.items()}
        return {name: (bins, self._counts[name][bins]) for name, bins in filled.items()}

    def __setstate__(self, state: dict[str, Any]) -> None:
        self._counts = {}
        for name, (bins, counts) in state.items():
            self._counts[name] = self._of(name)
            self._counts[name][bins] = counts

    def quantiles(self) -> dict[str, float]:
        """Median and 99.9th percentile of each."""
        found = {}
        for name, counts in sorted(self._counts.items()):
            if counts.sum():
                found[f"{name}_median"] = _quantile(counts, 0.5)
                found[f"{name}_p999"] = _quantile(counts, 0.999)
        return found

    def _of(self, name: str) -> NDArray[np.int64]:
        return self._counts.get(name, np.zeros(BINS_PER_DECADE * _DECADES + 1, dtype=np.int64))


def _quantile(counts: NDArray[np.int64], share: float) -> float:
    k = int(np.searchsorted(np.cumsum(counts), share * counts.sum()))
    return 0.0 if k == 0 else float(_LEAST * 10 ** ((k - 0.5) / BINS_PER_DECADE))
