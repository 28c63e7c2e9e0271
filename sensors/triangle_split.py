"""Long triangles cut into short ones, so that their boxes in a ray tree hold less air.

A street's ground and terrain are few, long and slanted triangles whose boxes overlap everything above them; rays
then test them all. Halving their long edges is the classic remedy ("early split clipping", M. Ernst and G. Greiner,
2007) where the tree builder, as Open3D's, makes no spatial splits of its own.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64


@dataclass(frozen=True, eq=False)
class Split:
    """Pieces of triangles: corners (S, 3, 3), the triangle each was cut from (S,), and the barycentric (u, v) of
    each corner in that triangle (S, 3, 2)."""

    corners: F64
    source: NDArray[np.int64]
    uv: F64


def long_triangles(corners: F64, longest_m: float) -> NDArray[np.bool_]:
    """(T,) which triangles (T, 3, 3) have an edge longer than this."""
    return np.asarray(_edges(corners).max(axis=1, initial=0.0) > longest_m)


def split(corners: F64, longest_m: float) -> Split:
    """Triangles (T, 3, 3) with edges halved until none is longer than ``longest_m``.

    An edge is cut at the same points whichever triangle it belongs to, so neighbours still join without a gap.
    """
    uv = np.broadcast_to(np.array([[0.0, 0.0], [1.0, 0.0], [0.0, 1.0]]), (len(corners), 3, 2))
    todo = np.concatenate([corners, uv], axis=2)
    source = np.arange(len(corners))
    done, sources = [todo[:0]], [source[:0]]
    while len(todo):
        edges = _edges(todo[..., :3])
        short = edges.max(axis=1) <= longest_m
        done.append(todo[short])
        sources.append(source[short])
        todo, source, first = todo[~short], source[~short], edges[~short].argmax(axis=1)
        rows = np.arange(len(todo))
        a, b, c = (todo[rows, (first + k) % 3] for k in range(3))
        middle = (a + b) / 2
        todo = np.concatenate([np.stack([a, middle, c], axis=1), np.stack([middle, b, c], axis=1)])
        source = np.concatenate([source, source])
    pieces = np.concatenate(done)
    return Split(pieces[..., :3], np.concatenate(sources), pieces[..., 3:])


def _edges(corners: F64) -> F64:
    """(T, 3) lengths of the edges from corner k to corner k + 1."""
    return np.asarray(np.linalg.norm(corners - np.roll(corners, -1, axis=1), axis=2), dtype=np.float64)
