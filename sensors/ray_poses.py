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

    def spheres(self, part: Part, centre_m: F64, radius_m: float) -> tuple[F64, F64]:
        """World spheres that hold a sphere of the part's frame while a block's rays are cast: centres
        (B or 1, 3), radii (B or 1,)."""

    def placed(self, parts: Sequence[Part], rays: Sequence[I64]) -> list[tuple[F64, F64]]:
        """world_from_part of each part for its rays (n,): rotations (n or 1, 3, 3), positions (n or 1, 3)."""


class StillPoses:
    """Every part at one pose; parts without one stand at rest."""

    def __init__(self, parts: Sequence[Part], poses: Mapping[int, Pose]) -> None:
        chosen = [poses.get(p.part_id, p.world_from_part) for p in parts]
        quaternions = np.array([p.quaternion_wxyz for p in chosen]).reshape(-1, 4)
        turns = rotation(quaternions).as_matrix() if chosen else np.zeros((0, 3, 3))
        self._where = {p.part_id: (turns[k : k + 1], chosen[k].position_m[None]) for k, p in enumerate(parts)}

    def spheres(self, part: Part, centre_m: F64, radius_m: float) -> tuple[F64, F64]:
        turn, position = self._where[part.part_id]
        return position + turn[0] @ centre_m, np.array([radius_m])

    def placed(self, parts: Sequence[Part], rays: Sequence[I64]) -> list[tuple[F64, F64]]:
        return [self._where[p.part_id] for p in parts]


class TimedPoses:
    """Each ray at its own time (N,) int64 ns."""

    def __init__(self, timeline: Timeline, times_ns: I64) -> None:
        self._timeline = timeline
        times = np.asarray(times_ns, dtype=np.int64)
        self._times, self._which = np.unique(times, return_inverse=True)
        starts = np.arange(0, len(times), BLOCK)
        self._earliest = np.minimum.reduceat(times, starts) if len(times) else times
        self._latest = np.maximum.reduceat(times, starts) if len(times) else times

    def spheres(self, part: Part, centre_m: F64, radius_m: float) -> tuple[F64, F64]:
        track = self._timeline.parts.get(part.part_id)
        if track is None or not len(self._times):
            return part.world_from_part.points(centre_m)[None], np.array([radius_m])
        return _swept_spheres(track, centre_m, radius_m, self._earliest, self._latest)

    def placed(self, parts: Sequence[Part], rays: Sequence[I64]) -> list[tuple[F64, F64]]:
        """Each distinct (part, time) is interpolated once, all in one go."""
        tracks = self._timeline.parts
        out = [(p.world_from_part.rotation[None], p.world_from_part.position_m[None]) for p in parts]
        tracked = [k for k, p in enumerate(parts) if p.part_id in tracks]
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
        k = np.clip(np.searchsorted(self._knots, times_ns, side="left") - 1, 0, max(len(self._knots) - 2, 0))
        after = np.minimum(k + 1, len(self._knots) - 1)
        span = np.maximum(self._knots[after] - self._knots[k], 1)
        s = ((times_ns - self._knots[k]) / span)[:, None]
        p0, p1 = self._positions[which, k], self._positions[which, after]
        start = rotation(self._quaternions[which, k])
        step = (start.inv() * rotation(self._quaternions[which, after])).as_rotvec()
        return p0 + s * (p1 - p0), start * Rotation.from_rotvec(s * step)


def _swept_spheres(track: Track, centre: F64, radius: float, earliest: I64, latest: I64) -> tuple[F64, F64]:
    """Spheres that hold a part's sphere from ``earliest`` to ``latest`` (B,): centred at mid-time, grown by the
    fastest speed and by the whole turn between the knots of the batch, so nothing is ever culled wrongly."""
    start, end = int(earliest.min()), int(latest.max())
    if start < track.times_ns[0] or end > track.times_ns[-1]:
        track.sample(np.array([start, end]))  # raises the track's own error
    a = max(int(np.searchsorted(track.times_ns, start, side="right")) - 1, 0)
    b = int(np.searchsorted(track.times_ns, end, side="left")) + 1
    knots, p, q = track.times_ns[a:b], track.positions_m[a:b], track.quaternions_wxyz[a:b]
    middle = (earliest + latest) // 2
    x, at = (knots - knots[0]).astype(np.float64), (middle - knots[0]).astype(np.float64)
    centres = np.stack([np.interp(at, x, p[:, k]) for k in range(3)], axis=1)
    centres += rotation(q[len(q) // 2]).apply(centre)
    if len(knots) == 1:
        return centres, np.full(len(middle), radius)
    speed = float((np.linalg.norm(np.diff(p, axis=0), axis=1) / np.diff(x)).max())
    overlap = np.abs((q[1:] * q[:-1]).sum(axis=1)).clip(0.0, 1.0)
    turn = float(2.0 * np.arccos(overlap).sum())
    grown = radius + float(np.linalg.norm(centre)) * min(turn, 2.0)
    return centres, grown + speed * ((latest - earliest) / 2 + 1)
