"""Piecewise cubics, made ready to be asked often: an elevation, a lane offset, a lane's width."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from pairforge.frames import F64

# The network's own data know their piecewise cubics, so this import waits.
if TYPE_CHECKING:
    from pairforge.scenes.roads.network import Cubic


@dataclass(frozen=True, eq=False)
class Piecewise:
    """``table`` (P, 4) of coefficients, lowest power first, of the cubics that begin at ``starts_m`` (P,)."""

    starts_m: F64
    table: F64

    @staticmethod
    def of(cubics: Sequence[Cubic]) -> Piecewise:
        table = np.array([[c.a, c.b, c.c, c.d] for c in cubics], dtype=np.float64).reshape(-1, 4)
        return Piecewise(np.array([c.s_m for c in cubics], dtype=np.float64), table)

    @cached_property
    def derivative(self) -> Piecewise:
        """By s."""
        lowered = np.zeros_like(self.table)
        lowered[:, :3] = self.table[:, 1:] * np.arange(1, 4)
        return Piecewise(self.starts_m, lowered)

    def at(self, s_m: F64) -> F64:
        """Values (N,) at ``s_m`` (N,); 0 if there are no pieces. Before the first piece its first value holds."""
        if not len(self.table):
            return np.zeros(s_m.shape)
        if len(self.table) == 1:
            (a, b, c, d), start = self.table[0], self.starts_m[0]
        else:
            which = np.maximum(self.starts_m.searchsorted(s_m, side="right") - 1, 0)
            (a, b, c, d), start = self.table[which].T, self.starts_m[which]
        ds = np.maximum(s_m - start, 0.0)
        return np.asarray(a + ds * (b + ds * (c + ds * d)))
