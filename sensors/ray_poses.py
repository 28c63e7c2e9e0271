"""Where the moving parts are for a batch of rays: at one instant, or at each ray's own time."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

import numpy as np

from pairforge.frames import F64, I64, Pose, Track, rotation
from pairforge.scenes.world import Part
from pairforge.sensors.timeline import Timeline

BLOCK = 32
"""Consecutive rays that are culled together; a column of a 32-beam LiDAR is one block."""


def part_poses(timeline: Timeline, time_ns: int) -> dict[int, Pose]:
    """World poses of all moving parts at one time stamp."""
    return {p.part_id: timeline.world_from_part(p.part_id, time_ns) for p in timeline.world.parts if p.moves}


class RayPoses(Protocol):
    """What the ray engine asks about moving parts. B blocks of rays; a leading 1 stands for "the same for all"."""

    def spheres(self, part: Part, centre_m: F64, radius_m: float) -> tuple[F64, F64]:
        """World spheres that hold a sphere of the part's frame while a block's rays are cast: centres
        (B or 1, 3), radii (B or 1,)."""

    def placed(self, part: Part, rays: I64) -> tuple[F64, F64]:
        """world_from_part for these rays (n,): rotations (n or 1, 3, 3), positions (n or 1, 3)."""


class StillPoses:
    """Every part at one pose; parts without one stand at rest."""

    def __init__(self, poses: Mapping[int, Pose]) -> None:
        self._poses = poses

    def spheres(self, part: Part, centre_m: F64, radius_m: float) -> tuple[F64, F64]:
        return self._pose(part).points(centre_m)[None], np.array([radius_m])

    def placed(self, part: Part, rays: I64) -> tuple[F64, F64]:
        pose = self._pose(part)
        return pose.rotation[None], pose.position_m[None]

    def _pose(self, part: Part) -> Pose:
        return self._poses.get(part.part_id, part.world_from_part)


class TimedPoses:
    """Each ray at its own time (N,) int64 ns."""

    def __init__(self, timeline: Timeline, times_ns: I64) -> None:
        self._tracks = timeline.parts
        times = np.asarray(times_ns, dtype=np.int64)
        self._times, self._which = np.unique(times, return_inverse=True)
        starts = np.arange(0, len(times), BLOCK)
        self._earliest = np.minimum.reduceat(times, starts) if len(times) else times
        self._latest = np.maximum.reduceat(times, starts) if len(times) else times

    def spheres(self, part: Part, centre_m: F64, radius_m: float) -> tuple[F64, F64]:
        track = self._tracks.get(part.part_id)
        if track is None or not len(self._times):
            return part.world_from_part.points(centre_m)[None], np.array([radius_m])
        return _swept_spheres(track, centre_m, radius_m, self._earliest, self._latest)

    def placed(self, part: Part, rays: I64) -> tuple[F64, F64]:
        track = self._tracks.get(part.part_id)
        if track is None:
            return part.world_from_part.rotation[None], part.world_from_part.position_m[None]
        used, back = np.unique(self._which[rays], return_inverse=True)
        positions, quaternions = track.sample(self._times[used])
        return rotation(quaternions).as_matrix()[back], positions[back]


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
