"""Tables of arrays that share their rows: how to take some rows, and put tables one after another."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import fields
from typing import Any, Self

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import I64


class Columns:
    """Base of dataclasses whose fields are all arrays (N, ...) of the same N rows."""

    def take(self, rows: NDArray[np.bool_] | I64) -> Self:
        """Those of ``rows``, a mask (N,) or indices."""
        return type(self)(**{name: column[rows] for name, column in self._columns()})

    @classmethod
    def joined(cls, several: Sequence[Self]) -> Self:
        """One after another."""
        names = [f.name for f in fields(cls)]  # type: ignore[arg-type]  # subclasses are dataclasses
        return cls(**{name: np.concatenate([getattr(one, name) for one in several]) for name in names})

    def _columns(self) -> list[tuple[str, Any]]:
        return [(f.name, getattr(self, f.name)) for f in fields(self)]  # type: ignore[arg-type]  # subclasses are dataclasses
