"""Lengths of many short vectors. NumPy reduces a last axis of two or three numbers one row at a time; adding whole
components up takes a tenth of that."""

from __future__ import annotations

from functools import reduce
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64


def largest(vectors: NDArray[Any]) -> F64:
    """(...,) of (..., K): the greatest size of any component; nan where one is nan.

    >>> largest(np.array([[3.0, -4.0], [0.0, 1.0]])).tolist()
    [4.0, 1.0]
    """
    parts = (np.abs(vectors[..., k]) for k in range(vectors.shape[-1]))
    return np.asarray(reduce(np.maximum, parts))


def length(vectors: NDArray[Any]) -> F64:
    """(...,) of (..., K): Euclidean lengths.

    >>> length(np.array([[3.0, -4.0], [0.0, 1.0]])).tolist()
    [5.0, 1.0]
    """
    parts = (np.square(vectors[..., k], dtype=np.float64) for k in range(vectors.shape[-1]))
    return np.asarray(np.sqrt(reduce(np.add, parts)))
