"""Least squares of a navigation fix: how errors of ranges become errors of position, and what covariance is reported.

Linear about the truth: with ranges of 20,000 km an error of 100 m bends the answer by 0.3 mm (Kaplan and Hegarty,
Understanding GPS/GNSS, 2017, chapters 11 and 9).
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, I64

FEWEST = 4
_OUTLIER = 4.0
_WORST = 1e4
"""Condition number of a geometry that gives no fix."""


@dataclass(frozen=True, eq=False)
class Fix:
    """``error`` (3,) of the answer and the ``covariance`` (3, 3) that the receiver reports; ``used`` (S,) satellites;
    ``dop`` horizontal, vertical and position dilution of precision. All nan, and nothing used, without a fix."""

    error: F64
    covariance: F64
    used: NDArray[np.bool_]
    dop: tuple[float, float, float]

    @staticmethod
    def none(satellites: int) -> Fix:
        nothing = np.zeros(satellites, np.bool_)
        return Fix(np.full(3, np.nan), np.full((3, 3), np.nan), nothing, (np.nan, np.nan, np.nan))

    def among(self, satellites: int, of: I64) -> Fix:
        """The same, its satellites as the rows ``of`` a longer list."""
        used = np.zeros(satellites, np.bool_)
        used[of] = self.used
        return replace(self, used=used)


def solve(towards: F64, errors: F64, sigmas: F64) -> Fix | None:
    """The fix from satellites in directions ``towards`` (S, 3) whose ranges (or their rates) have ``errors`` (S,)
    and, as the receiver takes it, standard deviations ``sigmas`` (S,). None with fewer than four, or all alike.

    While more than five are left, the satellite with the largest normalised residual is dropped if that exceeds 4
    (Baarda's data snooping); then the covariance is swollen by the residuals' variance factor when that is above 1.
    """
    used = np.ones(len(towards), np.bool_)
    while used.sum() >= FEWEST:
        h, w = _design(towards[used]), 1.0 / sigmas[used] ** 2
        if np.linalg.cond(h) > _WORST:
            return None
        inverse = np.linalg.inv(h.T @ (h * w[:, None]))
        state = inverse @ h.T @ (w * errors[used])
        left = errors[used] - h @ state
        spread = sigmas[used] ** 2 - np.einsum("si,ij,sj->s", h, inverse, h)
        # A residual that the others cannot check (its spread is 0) says nothing.
        checked = spread > 1e-9 * sigmas[used] ** 2
        size = np.where(checked, np.abs(left) / np.sqrt(np.maximum(spread, 1e-30)), 0.0)
        freedom = int(used.sum()) - FEWEST
        if freedom > 1 and size.max() > _OUTLIER:
            used[np.flatnonzero(used)[int(size.argmax())]] = False
            continue
        swollen = max(1.0, float(left @ (left * w)) / freedom) if freedom else 1.0
        east, north, up, _ = np.diag(np.linalg.inv(h.T @ h))
        dop = float(np.sqrt(east + north)), float(np.sqrt(up)), float(np.sqrt(east + north + up))
        return Fix(state[:3], inverse[:3, :3] * swollen, used, dop)
    return None


def _design(towards: F64) -> F64:
    return np.column_stack([-towards, np.ones(len(towards))])
