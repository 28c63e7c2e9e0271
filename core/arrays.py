"""What an array on disk is: shape, dtype, unit and frame, said once by whoever makes it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Literal

import numpy as np

Dim = int | str
"""H image rows, W image columns, N points or samples; any other letter some number, one for all arrays of a frame."""


@dataclass(frozen=True)
class ArraySpec:
    """One array of a sensor's frame: ``<key>.<sensor>.<name>.<extension>`` in the shard.

    ``optional``: it is there only when the sensor was asked for it, and then in the frame's ``extra``.
    """

    name: str
    extension: Literal["png", "npy"]
    dtype: str
    shape: tuple[Dim, ...]
    unit: str
    frame: str
    description: str
    optional: bool = False

    @property
    def suffix(self) -> str:
        return f"{self.name}.{self.extension}"

    @property
    def numpy_dtype(self) -> np.dtype[Any]:
        """Little-endian, whatever the machine."""
        return np.dtype(self.dtype).newbyteorder("<")
