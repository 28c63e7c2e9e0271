"""Which rays may meet what: blocks of rays against spheres, then each ray against boxes.

Every test leaves room for rounding, so that nothing that is met is ever left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, I64
from pairforge.sensors.ray_poses import BLOCK, Frames

F32 = NDArray[np.float32]

_ROOM_M, _ROOM = 1e-3, 4e-6
"""Room for float32 in every test: metres, and a share of distances and directions."""
_TOGETHER = 4096
"""Pairs of a part and a block whose rays are tested at once: few enough to stay in cache."""


@dataclass(frozen=True, eq=False)
class Near:
    """Rays that may meet boxes: of m of them the pair (m,) of block and box, the ray (m,), and its unit direction in
    the box's axes (3, m), in order of pairs, then rays. ``origin`` (n, 3) of each pair's block in the box's frame,
    from which its rays start within ``stray_m`` (n,)."""

    pair: I64
    ray: I64
    units: F32
    origin: F64
    stray_m: F64


class Blocks:
    """Each BLOCK consecutive rays, with their bounds: origin ball, cone and flat slab of directions, farthest reach.

    Rays are origins (N, 3), directions (N, 3) and ``within`` (N,), the length in directions beyond which nothing
    is looked for. A column of a LiDAR is a wide cone but a thin slab, as is a row of an image.
    """

    def __init__(self, origins: F64, directions: F64, within: F32) -> None:
        self._count = len(origins)
        self._units = _lanes(directions)
        length = np.sqrt(_dot(self._units, self._units))
        self._units /= length
        self._reaches = _lanes(within[:, None])[0] * length
        self._origin = origins[::BLOCK]
        self._offsets = _lanes(origins, self._origin)
        self._spread = np.sqrt(_dot(self._offsets, self._offsets).max(axis=1)).astype(np.float64)
        self._axis = _unit(self._units.sum(axis=2, dtype=np.float64).T)
        self._flat = _unit(np.cross(self._units[:, :, 0].T, self._units[:, :, -1].T).astype(np.float64))
        # By the chord: near the axis its cosine says too little in float32.
        off = self._units - self._axis.T.astype(np.float32)[:, :, None]
        chord = np.sqrt(_dot(off, off).max(axis=1)).astype(np.float64)
        angle = 2.0 * np.arcsin(np.minimum(chord / 2, 1.0)) + _ROOM
        self._cos, self._sin = np.cos(angle), np.sin(angle)
        tilt = _dot(self._flat.T.astype(np.float32)[:, :, None], self._units)
        self._thick = np.abs(tilt).max(axis=1) + _ROOM
        self._reach = self._reaches.max(axis=1).astype(np.float64)

    def all_near(self, centres: F64, radii: F64) -> tuple[I64, I64]:
        """Which spheres (M, 3), (M,) the rays of which blocks may meet: (n,) and (n,), in order of spheres."""
        middle = self._origin.mean(axis=0)
        c, o = centres - middle, self._origin - middle
        squared, from_flat = (o * o).sum(axis=1), np.einsum("bi,bi->b", o, self._flat)
        meets = np.empty((len(c), len(o)), np.bool_)
        for s in _slices(len(o), max(BLOCK, 32 * _TOGETHER // max(len(c), 1))):
            away = c @ (-2.0 * o[s].T)
            away += (c * c).sum(axis=1)[:, None]
            away += squared[s]
            away = np.sqrt(np.maximum(away, 0.0, out=away), out=away)
            tilt = c @ self._flat[s].T
            tilt -= from_flat[s]
            room = away * _ROOM
            room += radii[:, None]
            room += self._spread[s] + _ROOM_M
            np.less_equal(away - room, self._reach[s], out=meets[:, s])
            away += room
            away *= self._thick[s]
            away += room
            meets[:, s] &= np.abs(tilt, out=tilt) <= away
        body, block = np.nonzero(meets)
        near = self.near_spheres(block, centres[body], radii[body])
        return body[near], block[near]

    def near_spheres(self, block: I64, centres: F64, radii: F64) -> NDArray[np.bool_]:
        """(n,) whether the rays of ``block`` (n,) may meet a sphere (n, 3), (n,)."""
        to = centres - np.take(self._origin, block, axis=0)
        along = np.einsum("ni,ni->n", to, np.take(self._axis, block, axis=0))
        tilt = np.einsum("ni,ni->n", to, np.take(self._flat, block, axis=0))
        squared = np.einsum("ni,ni->n", to, to)
        away, across = np.sqrt(squared), np.sqrt(np.maximum(squared - along * along, 0.0))
        room = radii + self._spread[block] + _ROOM_M + _ROOM * away
        # Distance from the cone's mantle: the part of the way there along the mantle's outward normal.
        meets = across * self._cos[block] - along * self._sin[block] <= room
        meets &= np.abs(tilt) <= room + self._thick[block] * (away + room)
        meets &= away - room <= self._reach[block]
        return np.asarray(meets, dtype=np.bool_)

    def rays_near(self, block: I64, frames: Frames, centre: F64, half: F64) -> Near:
        """Which rays may meet a box within reach, for n pairs of a block and a box: half sides ``half`` (n, 3) around
        ``centre`` (n, 3) in ``frames``."""
        at = np.einsum("nij,ni->nj", frames.turns, self._origin[block] - frames.positions)
        room = frames.room_m[:, None] + _ROOM_M + _ROOM * np.abs(centre - at).sum(axis=1, keepdims=True)
        turns = np.ascontiguousarray(frames.turns.transpose(2, 1, 0), dtype=np.float32)
        to, sides = (centre - at).astype(np.float32).T, (half + room).astype(np.float32).T
        pairs, rays, units = [np.zeros(0, np.int64)], [np.zeros(0, np.int64)], [np.zeros((3, 0), np.float32)]
        for s in _slices(len(block), _TOGETHER):
            local, meets = self._box_met(block[s], turns[:, :, s, None], to[:, s, None], sides[:, s, None])
            meets[block[s] == len(self._origin) - 1, self._count - (len(self._origin) - 1) * BLOCK :] = False
            flat = np.flatnonzero(meets)
            pair = flat // BLOCK + s.start
            pairs.append(pair)
            rays.append(block[pair] * BLOCK + flat % BLOCK)
            units.append(np.take(local.reshape(3, -1), flat, axis=1))
        stray = frames.room_m + self._spread[block]
        return Near(np.concatenate(pairs), np.concatenate(rays), np.concatenate(units, axis=1), at, stray)

    def _box_met(self, block: I64, turns: F32, to: F32, half: F32) -> tuple[F32, NDArray[np.bool_]]:
        """Directions (3, n, BLOCK) in the axes of boxes ``to`` (3, n, 1) from their blocks' origins, and which rays
        (n, BLOCK) meet them. ``turns`` (3, 3, n, 1): first the box's axis, then the world's."""
        units = np.take(self._units, block, axis=1)
        first = np.zeros(units.shape[1:], np.float32)
        last = self._reaches[block] * np.float32(1 + _ROOM) + np.float32(_ROOM_M)
        apart = self._offsets[:, block] if self._spread[block].any() else None
        local = np.empty_like(units)
        for axis in range(3):
            local[axis] = _dot(turns[axis], units)
            inverse = 1.0 / (local[axis] + np.float32(1e-20))
            middle = to[axis] * inverse if apart is None else (to[axis] - _dot(turns[axis], apart)) * inverse
            deep = np.abs(inverse, out=inverse)
            deep *= half[axis]
            np.maximum(first, middle - deep, out=first)
            np.minimum(last, np.add(middle, deep, out=middle), out=last)
        return local, np.asarray(~(first > last), dtype=np.bool_)


def _dot(a: F32, b: F32) -> F32:
    """Of vectors whose axis comes first."""
    out = np.asarray(a[0] * b[0])
    out += a[1] * b[1]
    out += a[2] * b[2]
    return out


def _lanes(values: F64 | F32, base: F64 | None = None) -> F32:
    """(C, B, BLOCK) float32 of (N, C), the last repeated to fill the last block; less a block's ``base`` (B, C)."""
    n, columns = values.shape
    blocks = -(-n // BLOCK)
    out = np.empty((columns, blocks, BLOCK), np.float32)
    whole = n // BLOCK
    lanes = values[: whole * BLOCK].reshape(whole, BLOCK, columns)
    for k in range(columns):
        if base is None:
            out[k, :whole] = lanes[:, :, k]
        else:
            np.subtract(lanes[:, :, k], base[:whole, None, k], out=out[k, :whole], casting="same_kind")
    if whole < blocks:
        rest = values[whole * BLOCK :]
        rest = rest[np.minimum(np.arange(BLOCK), len(rest) - 1)]
        out[:, whole] = (rest if base is None else rest - base[whole]).T
    return out


def _slices(n: int, step: int) -> Iterator[slice]:
    return (slice(k, min(k + step, n)) for k in range(0, n, step))


def _unit(v: F64) -> F64:
    return np.asarray(v / np.maximum(np.linalg.norm(v, axis=1, keepdims=True), 1e-12), dtype=np.float64)
