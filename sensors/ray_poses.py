"""Where the moving parts are for a batch of rays: at one instant, or at each ray's own time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from pairforge.frames import F64, I64, Pose, Track, rotation, wxyz
from pairforge.scenes.world import Part
from pairforge.sensors.timeline import Timeline

BLOCK = 32
"""Consecutive rays that are culled together; a column of a 32-beam LiDAR is one block."""

_NO_TURN, _NO_PLACE = np.zeros((0, 3, 3)), np.zeros((0, 3))


def part_poses(timeline: Timeline, time_ns: int) -> dict[int, Pose]:
    """World poses of all moving parts at one time stamp: ``timeline.world_from_part`` of each, all at once."""
    parts = [p for p in timeline.world.parts if p.moves]
    tracked = [p.part_id for p in parts if p.part_id in timeline.parts]
    poses = {p.part_id: p.world_from_part for p in parts if p.part_id not in timeline.parts}
    if tracked:
        which = np.arange(len(tracked))
        sampler = _Sampler([timeline.parts[k] for k in tracked], timeline.times_ns, time_ns, time_ns)
        positions, turns = sampler.at(which, np.full(len(tracked), time_ns))
        quaternions = wxyz(turns)
        poses |= {k: Pose(positions[i], quaternions[i]) for i, k in enumerate(tracked)}
    return poses


class RayPoses(Protocol):
    """What the ray engine asks about moving parts. B blocks of rays; a leading 1 stands for "the same for all"."""

    def spheres(self, centres_m: F64, radii_m: F64) -> tuple[F64, F64]:
        """World spheres that hold a sphere (P, 3), (P,) in each moving part's frame while a block's rays are cast:
        centres (P, B or 1, 3), radii (P, B or 1)."""

    def placed(self, parts: Sequence[Part], rays: Sequence[I64]) -> list[tuple[F64, F64]]:
        """world_from_part of each part for its rays (n,): rotations (n or 1, 3, 3), positions (n or 1, 3)."""


class StillPoses:
    """Every part at one pose; parts without one stand at rest."""

    def __init__(self, parts: Sequence[Part], poses: Mapping[int, Pose]) -> None:
        chosen = [poses.get(p.part_id, p.world_from_part) for p in parts]
        quaternions = np.array([p.quaternion_wxyz for p in chosen]).reshape(-1, 4)
        self._turns = rotation(quaternions).as_matrix() if chosen else np.zeros((0, 3, 3))
        self._positions = np.array([p.position_m for p in chosen]).reshape(-1, 3)
        self._row = {p.part_id: slice(k, k + 1) for k, p in enumerate(parts)}

    def spheres(self, centres_m: F64, radii_m: F64) -> tuple[F64, F64]:
        moved = self._positions + np.einsum("pij,pj->pi", self._turns, centres_m)
        return moved[:, None], radii_m[:, None]

    def placed(self, parts: Sequence[Part], rays: Sequence[I64]) -> list[tuple[F64, F64]]:
        rows = [self._row[p.part_id] for p in parts]
        return [(self._turns[k], self._positions[k]) for k in rows]


class TimedPoses:
    """Each ray at its own time (N,) int64 ns."""

    def __init__(self, parts: Sequence[Part], timeline: Timeline, times_ns: I64) -> None:
        self._parts, self._timeline = parts, timeline
        times = np.asarray(times_ns, dtype=np.int64)
        self._times, self._which = np.unique(times, return_inverse=True)
        starts = np.arange(0, len(times), BLOCK)
        self._earliest = np.minimum.reduceat(times, starts) if len(times) else times
        self._latest = np.maximum.reduceat(times, starts) if len(times) else times

    def spheres(self, centres_m: F64, radii_m: F64) -> tuple[F64, F64]:
        blocks = len(self._earliest)
        centres = np.empty((len(self._parts), blocks, 3))
        radii = np.repeat(radii_m[:, None], blocks, axis=1)
        tracked = [k for k, p in enumerate(self._parts) if p.part_id in self._timeline.parts]
        for k in sorted(set(range(len(self._parts))) - set(tracked)):
            centres[k] = self._parts[k].world_from_part.points(centres_m[k])
        if tracked and blocks:
            tracks = [self._timeline.parts[self._parts[k].part_id] for k in tracked]
            span = int(self._times[0]), int(self._times[-1])
            sampler = _Sampler(tracks, self._timeline.times_ns, *span)
            centres[tracked], radii[tracked] = sampler.swept_spheres(
                centres_m[tracked], radii_m[tracked], self._earliest, self._latest
            )
        return centres, radii

    def placed(self, parts: Sequence[Part], rays: Sequence[I64]) -> list[tuple[F64, F64]]:
        """Each distinct (part, time) is interpolated once, all in one go."""
        tracks = self._timeline.parts
        tracked = [k for k, p in enumerate(parts) if p.part_id in tracks]
        out = [(_NO_TURN, _NO_PLACE)] * len(parts)
        for k in sorted(set(range(len(parts))) - set(tracked)):
            rest = parts[k].world_from_part
            out[k] = rest.rotation[None], rest.position_m[None]
        if not tracked:
            return out
        wanted = np.zeros((len(tracked), len(self._times)), dtype=np.bool_)
        for row, k in enumerate(tracked):
            wanted[row, self._which[rays[k]]] = True
        place = np.cumsum(wanted.ravel()).reshape(wanted.shape) - 1
        which, when = np.nonzero(wanted)
        first, last = int(self._times[0]), int(self._times[-1])
        sampler = _Sampler([tracks[parts[k].part_id] for k in tracked], self._timeline.times_ns, first, last)
        positions, turned = sampler.at(which, self._times[when])
        turns = turned.as_matrix()
        for row, k in enumerate(tracked):
            mine = place[row, self._which[rays[k]]]
            out[k] = turns[mine], positions[mine]
        return out


class _Sampler:
    """Many tracks on the same knots, cut to the time span first..last."""

    def __init__(self, tracks: Sequence[Track], knots_ns: I64, first: int, last: int) -> None:
        if first < knots_ns[0] or last > knots_ns[-1]:
            tracks[0].sample(np.array([first, last]))  # raises the track's own error
        a = max(int(np.searchsorted(knots_ns, first, side="left")) - 1, 0)
        b = max(int(np.searchsorted(knots_ns, last, side="left")), a + 1) + 1
        self._knots = knots_ns[a:b]
        self._positions = np.stack([t.positions_m[a:b] for t in tracks])
        self._quaternions = np.stack([t.quaternions_wxyz[a:b] for t in tracks])

    def at(self, which: NDArray[np.intp], times_ns: I64) -> tuple[F64, Rotation]:
        """Track ``which[i]`` at ``times_ns[i]``: positions (n, 3) linear, rotations slerped, as ``Track.sample``."""
        k, after, share = self._between(times_ns)
        s = share[:, None]
        p0, p1 = self._positions[which, k], self._positions[which, after]
        start = rotation(self._quaternions[which, k])
        step = (start.inv() * rotation(self._quaternions[which, after])).as_rotvec()
        return p0 + s * (p1 - p0), start * Rotation.from_rotvec(s * step)

    def swept_spheres(self, centres: F64, radii: F64, earliest: I64, latest: I64) -> tuple[F64, F64]:
        """Spheres (M, B, 3), (M, B) that hold each track's own (M, 3), (M,) from ``earliest`` to ``latest`` (B,):
        centred at mid-time, grown by the fastest speed and by the whole turn between the knots of the span."""
        middle = (earliest + latest) // 2
        k, after, s = self._between(middle)
        p, q = self._positions, self._quaternions
        out = p[:, k] + s[:, None] * (p[:, after] - p[:, k])
        out += rotation(q[:, q.shape[1] // 2]).apply(centres)[:, None]
        if len(self._knots) == 1:
            return out, np.repeat(radii[:, None], len(middle), axis=1)
        speed = (np.linalg.norm(np.diff(p, axis=1), axis=2) / np.diff(self._knots)).max(axis=1)
        overlap = np.abs((q[:, 1:] * q[:, :-1]).sum(axis=2)).clip(0.0, 1.0)
        turn = np.minimum(2.0 * np.arccos(overlap).sum(axis=1), 2.0)
        grown = radii + np.linalg.norm(centres, axis=1) * turn
        return out, grown[:, None] + speed[:, None] * ((latest - earliest) / 2 + 1)

    def _between(self, times_ns: I64) -> tuple[NDArray[np.intp], NDArray[np.intp], F64]:
        """The knots before and after times (n,), and how far between them."""
        k = np.clip(np.searchsorted(self._knots, times_ns, side="left") - 1, 0, max(len(self._knots) - 2, 0))
        after = np.minimum(k + 1, len(self._knots) - 1)
        span = np.maximum(self._knots[after] - self._knots[k], 1)
        return k, after, (times_ns - self._knots[k]) / span
