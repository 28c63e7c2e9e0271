"""Where the moving parts are for a batch of rays: at one instant, or at each ray's own time."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from pairforge.frames import F64, I64, Pose, Track, rotation, times, wxyz
from pairforge.scenes.world import Part
from pairforge.sensors.timeline import Timeline

BLOCK = 32
"""Consecutive rays that are culled together; a column of a 32-beam LiDAR is one block."""

_AHEAD = 96
"""Knots kept ready beyond those asked for: 0.4 s at 240 Hz."""


def part_poses(timeline: Timeline, time_ns: int) -> dict[int, Pose]:
    """World poses of all moving parts at one time stamp: ``timeline.world_from_part`` of each, all at once."""
    parts = [p for p in timeline.world.parts if p.moves]
    tracked = [p for p in parts if p.part_id in timeline.parts]
    poses = {p.part_id: p.world_from_part for p in parts if p.part_id not in timeline.parts}
    if tracked:
        which = np.arange(len(tracked))
        sampler = PartTracks(tracked, timeline, ahead=0).between(time_ns, time_ns)
        positions, turns = sampler.at(which, np.full(len(tracked), time_ns))
        quaternions = wxyz(turns)
        poses |= {p.part_id: Pose(positions[i], quaternions[i]) for i, p in enumerate(tracked)}
    return poses


class RayPoses(Protocol):
    """What the ray engine asks about P moving parts. A pair is a part and a block of rays, or a part and one ray."""

    def swept(self, centres_m: F64, radii_m: F64) -> tuple[F64, F64]:
        """World spheres (P, 3), (P,) that hold a sphere (P, 3), (P,) in each part's frame while any ray is cast."""

    def frames(self, part: I64, block: I64, reaches_m: F64) -> Frames:
        """Where ``part`` (n,) is in the middle of the times of ``block`` (n,), to float32. ``reaches_m`` (P,): how
        far each part reaches from its own origin."""

    def placed(self, part: I64, ray: I64) -> tuple[F64, F64, I64]:
        """world_from_part of ``part`` (n,) for ``ray`` (n,), exactly: rotations (U, 3, 3) and positions (U, 3) of
        each distinct one, and which of those (n,) is a pair's."""


@dataclass(frozen=True, eq=False)
class Frames:
    """world_from_part of n pairs: rotations (n, 3, 3), positions (n, 3); no point of the part is farther than
    ``room_m`` (n,) from where these put it."""

    turns: F64
    positions: F64
    room_m: F64


class StillPoses:
    """Every part at one pose; parts without one stand at rest."""

    def __init__(self, parts: Sequence[Part], poses: Mapping[int, Pose]) -> None:
        chosen = [poses.get(p.part_id, p.world_from_part) for p in parts]
        quaternions = np.array([p.quaternion_wxyz for p in chosen]).reshape(-1, 4)
        self._turns = rotation(quaternions).as_matrix() if chosen else np.zeros((0, 3, 3))
        self._positions = np.array([p.position_m for p in chosen]).reshape(-1, 3)

    def swept(self, centres_m: F64, radii_m: F64) -> tuple[F64, F64]:
        return self._positions + np.einsum("pij,pj->pi", self._turns, centres_m), radii_m

    def frames(self, part: I64, block: I64, reaches_m: F64) -> Frames:
        return Frames(self._turns[part], self._positions[part], np.zeros(len(part)))

    def placed(self, part: I64, ray: I64) -> tuple[F64, F64, I64]:
        return self._turns, self._positions, part


class TimedPoses:
    """Each ray at its own time (N,) int64 ns."""

    def __init__(self, tracks: PartTracks, times_ns: I64) -> None:
        self._tracks = tracks
        times = np.asarray(times_ns, dtype=np.int64)
        self._times, self._when = _distinct(times)
        earliest, latest = _spans(times)
        self._middle = (earliest + latest) // 2
        self._half = (latest - earliest) / 2 + 1.0 * (latest > earliest)

    @cached_property
    def _sampler(self) -> _Sampler:
        return self._tracks.between(int(self._times[0]), int(self._times[-1]))

    def swept(self, centres_m: F64, radii_m: F64) -> tuple[F64, F64]:
        return self._sampler.swept(centres_m, radii_m)

    def frames(self, part: I64, block: I64, reaches_m: F64) -> Frames:
        turns, positions = self._sampler.near(part, self._middle[block])
        half = self._half[block]
        if not half.any():  # as in columns of a LiDAR and rows of a camera
            return Frames(turns, positions, half)
        speed, spin = self._sampler.paces
        room = speed[part] * half + np.minimum(spin[part] * half, 2.0) * reaches_m[part]
        return Frames(turns, positions, room)

    def placed(self, part: I64, ray: I64) -> tuple[F64, F64, I64]:
        """Each distinct (part, time) is interpolated once, all in one go."""
        key = part * len(self._times) + self._when[ray]
        wanted = np.zeros((int(part.max(initial=-1)) + 1) * len(self._times), dtype=np.bool_)
        wanted[key] = True
        distinct = np.flatnonzero(wanted)
        place = np.empty(len(wanted), np.int64)
        place[distinct] = np.arange(len(distinct))
        which, when = np.divmod(distinct, len(self._times))
        positions, turned = self._sampler.at(which, self._times[when])
        turns = turned.as_matrix()
        for k in sorted(self._tracks.at_rest.keys() & set(which.tolist())):
            turns[which == k], positions[which == k] = (
                self._tracks.at_rest[k].rotation,
                self._tracks.at_rest[k].position_m,
            )
        return turns, positions, place[key]


def _distinct(times: I64) -> tuple[I64, NDArray[np.intp]]:
    """Distinct times, ascending, and which of them each is. Sorts one of each run of equal times: rows, columns."""
    first = np.flatnonzero(np.diff(times, prepend=times[:1] - 1))
    distinct, which = np.unique(times[first], return_inverse=True)
    return distinct, np.repeat(which, np.diff(first, append=len(times)))


def _spans(times: I64) -> tuple[I64, I64]:
    """The earliest and the latest time of each block (B,)."""
    starts = np.arange(0, len(times), BLOCK)
    if not len(times) or (times[1:] >= times[:-1]).all():
        return times[starts], times[np.minimum(starts + BLOCK, len(times)) - 1]
    return np.minimum.reduceat(times, starts), np.maximum.reduceat(times, starts)


def _at_rest(part: Part, knots_ns: I64) -> Track:
    pose, n = part.world_from_part, len(knots_ns)
    return Track(
        knots_ns, np.broadcast_to(pose.position_m, (n, 3)), np.broadcast_to(pose.quaternion_wxyz, (n, 4))
    )


class PartTracks:
    """Where ``parts`` are in a timeline, ready for batches of rays at ever new times."""

    def __init__(self, parts: Sequence[Part], timeline: Timeline, ahead: int = _AHEAD) -> None:
        self.timeline, self._ahead = timeline, ahead
        self.at_rest = {k: p.world_from_part for k, p in enumerate(parts) if p.part_id not in timeline.parts}
        knots = timeline.times_ns
        self._tracks = [timeline.parts.get(p.part_id) or _at_rest(p, knots) for p in parts]
        self._first, self._last = 0, 0
        self._positions, self._quaternions = np.zeros((0, 0, 3)), np.zeros((0, 0, 4))
        self._unit = self._quaternions

    def between(self, first: int, last: int) -> _Sampler:
        """What samples all tracks from time ``first`` to ``last``. Raises ValueError outside the tracks."""
        knots = self.timeline.times_ns
        if first < knots[0] or last > knots[-1]:
            self._tracks[0].sample(np.array([first, last]))  # raises the track's own error
        a = max(int(np.searchsorted(knots, first, side="left")) - 1, 0)
        b = min(max(int(np.searchsorted(knots, last, side="left")), a + 1) + 1, len(knots))
        if a < self._first or b > self._last:
            self._gather(a, b)
        here = slice(a - self._first, b - self._first)
        return _Sampler(knots[a:b], self._positions[:, here], self._quaternions[:, here], self._unit[:, here])

    def _gather(self, a: int, b: int) -> None:
        """Lays hundreds of short pieces end to end, with room after, for the next rays are mostly a little later."""
        knots = self.timeline.times_ns
        self._first, self._last = a, min(b + self._ahead, len(knots))
        here, shape = slice(a, self._last), (len(self._tracks), self._last - a)
        self._positions = np.concatenate([t.positions_m[here] for t in self._tracks]).reshape(*shape, 3)
        q = np.concatenate([t.quaternions_wxyz[here] for t in self._tracks])
        self._quaternions = q.reshape(*shape, 4)
        self._unit = (q / np.linalg.norm(q, axis=1, keepdims=True)).reshape(*shape, 4)


class _Sampler:
    """M tracks on K knots: positions (M, K, 3), quaternions (M, K, 4) as they are and of length 1."""

    def __init__(self, knots_ns: I64, positions: F64, quaternions: F64, unit: F64) -> None:
        self._knots, self._positions, self._quaternions, self._unit = knots_ns, positions, quaternions, unit

    def at(self, which: NDArray[np.intp], times_ns: I64) -> tuple[F64, Rotation]:
        """Track ``which[i]`` at ``times_ns[i]``: positions (n, 3) linear, rotations slerped, as ``Track.sample``."""
        k, after, share = self._between(times_ns)
        s = share[:, None]
        p0, p1 = self._positions[which, k], self._positions[which, after]
        start = rotation(self._quaternions[which, k])
        step = times(start.inv(), rotation(self._quaternions[which, after])).as_rotvec()
        return p0 + s * (p1 - p0), times(start, Rotation.from_rotvec(s * step))

    def near(self, which: NDArray[np.intp], times_ns: I64) -> tuple[F64, F64]:
        """Much like ``at``, in a fifth of the time: rotation matrices and positions, not to the last bit."""
        k, after, share = self._between(times_ns)
        s = share[:, None]
        p0, p1 = self._positions[which, k], self._positions[which, after]
        q0, q1 = self._unit[which, k], self._unit[which, after]
        cosine = np.einsum("ni,ni->n", q0, q1)[:, None]
        angle = np.arccos(np.minimum(np.abs(cosine), 1.0))
        sine = np.sin(angle)
        small = sine < 1e-6
        sine[small] = 1.0
        a = np.where(small, 1.0 - s, np.sin((1.0 - s) * angle) / sine)
        b = np.where(small, s, np.sin(s * angle) / sine)
        return _matrices(a * q0 + np.copysign(b, cosine) * q1), p0 + s * (p1 - p0)

    def swept(self, centres: F64, radii: F64) -> tuple[F64, F64]:
        """Spheres (M, 3), (M,) that hold each track's own over the whole span."""
        at_knots = self._positions + _turned(self._unit, centres[:, None])
        low, high = at_knots.min(axis=1), at_knots.max(axis=1)
        middle = (low + high) / 2
        away = np.linalg.norm(at_knots - middle[:, None], axis=2).max(axis=1)
        # Between knots the centre leaves the chord by no more than the arc's sagitta.
        sagitta = np.linalg.norm(centres, axis=1) * np.minimum(
            self._steps.max(axis=1, initial=0.0) ** 2 / 8, 2.0
        )
        return middle, radii + away + sagitta

    @cached_property
    def paces(self) -> tuple[F64, F64]:
        """The fastest m/ns and rad/ns (M,) of each track."""
        if len(self._knots) == 1:
            return np.zeros(len(self._positions)), np.zeros(len(self._positions))
        lasts = np.diff(self._knots)
        moves = np.linalg.norm(np.diff(self._positions, axis=1), axis=2)
        return (moves / lasts).max(axis=1), (self._steps / lasts).max(axis=1)

    @cached_property
    def _steps(self) -> F64:
        """(M, K - 1) rad turned from knot to knot."""
        q = self._unit
        return np.asarray(2.0 * np.arccos(np.abs((q[:, 1:] * q[:, :-1]).sum(axis=2)).clip(0.0, 1.0)))

    def _between(self, times_ns: I64) -> tuple[NDArray[np.intp], NDArray[np.intp], F64]:
        """The knots before and after times (n,), and how far between them."""
        k = np.clip(np.searchsorted(self._knots, times_ns, side="left") - 1, 0, max(len(self._knots) - 2, 0))
        after = np.minimum(k + 1, len(self._knots) - 1)
        span = np.maximum(self._knots[after] - self._knots[k], 1)
        return k, after, (times_ns - self._knots[k]) / span


def _turned(q: F64, v: F64) -> F64:
    """Vectors (..., 3) turned by unit quaternions (..., 4)."""
    w, x, y, z = np.moveaxis(q, -1, 0)
    a, b, c = np.moveaxis(v, -1, 0)
    # v + 2 r x (r x v + w v), r the quaternion's vector part
    i, j, k = y * c - z * b + w * a, z * a - x * c + w * b, x * b - y * a + w * c
    return np.stack([a + 2 * (y * k - z * j), b + 2 * (z * i - x * k), c + 2 * (x * j - y * i)], axis=-1)


def _matrices(q: F64) -> F64:
    """(n, 3, 3) of unit quaternions (n, 4)."""
    w, x, y, z = q.T
    out = np.empty((len(q), 3, 3))
    out[:, 0, 0], out[:, 1, 1], out[:, 2, 2] = (
        1 - 2 * (y * y + z * z),
        1 - 2 * (x * x + z * z),
        1 - 2 * (x * x + y * y),
    )
    out[:, 0, 1], out[:, 1, 0] = 2 * (x * y - w * z), 2 * (x * y + w * z)
    out[:, 0, 2], out[:, 2, 0] = 2 * (x * z + w * y), 2 * (x * z - w * y)
    out[:, 1, 2], out[:, 2, 1] = 2 * (y * z - w * x), 2 * (y * z + w * x)
    return out
