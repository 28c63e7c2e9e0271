"""A scene's whole time, opened for proving: bodies by interpolation in time, touches as intervals."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache, cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation, Slerp

from pairforge.sample import InstanceRow, SceneRecord

F64 = NDArray[np.float64]
Bools = NDArray[np.bool_]
Derived = tuple[str, tuple[int, ...], str, int, int, float, float]
"""kind, subjects, argument, t0_ns, t1_ns, value, threshold."""
DRIVES = ("car", "van", "truck", "bus", "cyclist")
WALKS = ("pedestrian", "animal")


@dataclass(frozen=True, eq=False)
class Path:
    """One body over time, at the knots of its track; a still body at the knots that it is given."""

    row: InstanceRow
    t: F64
    """(T,) seconds since the first knot."""
    start_ns: int
    centre: F64
    axes: Rotation

    @staticmethod
    def of(record: SceneRecord, i: int) -> Path:
        track, row = record.instance_tracks[i], record.instance(i)
        axes = Rotation.from_quat(np.roll(track.quaternions_wxyz, -1, axis=1))
        t = (track.times_ns - track.times_ns[0]).astype(np.float64) * 1e-9
        return Path(row, t, int(track.times_ns[0]), track.positions_m + axes.apply(row.centre_m), axes)

    def ns(self, k: int) -> int:
        return self.start_ns + round(float(self.t[k]) * 1e9)

    def rate(self, values: F64, half_s: float) -> F64:
        """Change of values over a window about each knot, cut at the ends of the track."""
        late, early = np.minimum(self.t + half_s, self.t[-1]), np.maximum(self.t - half_s, 0.0)
        columns = values.reshape(len(values), -1).T
        up = [np.interp(late, self.t, c) - np.interp(early, self.t, c) for c in columns]
        made: F64 = (np.stack(up, axis=1) / (late - early)[:, None]).reshape(values.shape)
        return made

    @cached_property
    def velocity(self) -> F64:
        return self.rate(self.centre, 0.05)

    @cached_property
    def ground_speed(self) -> F64:
        made: F64 = np.hypot(self.velocity[:, 0], self.velocity[:, 1])
        return made

    @cached_property
    def nose(self) -> NDArray[np.complex128]:
        """(T,) level headings as unit complex numbers."""
        ahead = self.axes.apply([1.0, 0.0, 0.0])
        way = ahead[:, 0] + 1j * ahead[:, 1]
        return np.asarray(way / np.abs(way))

    @cached_property
    def place(self) -> NDArray[np.complex128]:
        return np.asarray(self.centre[:, 0] + 1j * self.centre[:, 1])

    @cached_property
    def bearing(self) -> F64:
        """(T,) rad of the heading, without jumps: the sum of its small turns."""
        steps = np.angle(self.nose[1:] / self.nose[:-1])
        made: F64 = np.concatenate([[0.0], np.cumsum(steps)]) + np.angle(self.nose[0])
        return made

    @cached_property
    def tipping(self) -> F64:
        """(T,) rad/s about level axes, over 50 ms to either side."""
        late, early = np.minimum(self.t + 0.05, self.t[-1]), np.maximum(self.t - 0.05, 0.0)
        between = Slerp(self.t, self.axes)
        turn = (between(late) * between(early).inv()).as_rotvec()
        return np.asarray(np.hypot(turn[:, 0], turn[:, 1]) / (late - early))


@dataclass(frozen=True, eq=False)
class Story:
    """A record with its bodies."""

    record: SceneRecord

    @cached_property
    def paths(self) -> dict[int, Path]:
        return {i: Path.of(self.record, i) for i in sorted(self.record.instance_tracks)}

    @cached_property
    def ego(self) -> int | None:
        named = [r.instance_id for r in self.record.instances if r.name == self.record.ego]
        return named[0] if named else None

    def touched(self, i: int, without: int = -1) -> Bools:
        """At which knots something (but ``without``) touches a body."""
        path = self.paths[i]
        ns = np.array([path.ns(k) for k in range(len(path.t))])
        spans = [
            (c.t0_ns, c.t1_ns)
            for c in self.record.contacts
            if i in (c.instance_a, c.instance_b) and without not in (c.instance_a, c.instance_b)
        ]
        return np.array([any(a <= t <= b for a, b in spans) for t in ns], dtype=bool) if spans else ns < ns[0]

    @cache  # noqa: B019  (it lives as long as the story)
    def robots(self) -> frozenset[int]:
        """Bodies with fingers."""
        return frozenset(p.instance_id for p in self.record.parts if "finger" in p.name)


def spells(mask: Sequence[bool] | NDArray[Any], t: F64, bridge_s: float = 0.0) -> Iterator[tuple[int, int]]:
    """First and last index of each stretch of truth; pauses shorter than ``bridge_s`` do not part them."""
    found: list[list[int]] = []
    step = float(np.median(np.diff(t))) if len(t) > 1 else 0.0
    for k, held in enumerate(mask):
        if not held:
            continue
        last = found[-1][1] if found else -2
        bridged = bridge_s > 0.0 and last >= 0 and float(t[k] - t[last]) <= bridge_s + 1.5 * step - 1e-9
        if last == k - 1 or bridged:
            found[-1][1] = k
        else:
            found.append([k, k])
    yield from ((a, b) for a, b in found)
