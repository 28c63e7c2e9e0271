"""A scene's whole time, opened for measuring: speeds, turns and touches of every body at every knot of its track."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray

from pairforge.captioners.lane_map import LaneMap
from pairforge.frames import F64, I64, Track, rotation
from pairforge.sample import Contact, InstanceRow, SceneRecord

SPEED_NS, CHANGE_NS = 50_000_000, 100_000_000
"""Speeds are of the way over this long before and after; their changes, and turns, likewise over the other."""
Mask = NDArray[np.bool_]


@dataclass(frozen=True, eq=False)
class Mover:
    """One tracked body: all arrays over its knots (T,)."""

    row: InstanceRow
    track: Track

    @property
    def times_ns(self) -> I64:
        return self.track.times_ns

    @cached_property
    def step_ns(self) -> int:
        return int(np.median(np.diff(self.times_ns)))

    @cached_property
    def turns(self) -> F64:
        """(T, 3, 3) world from body."""
        return np.asarray(rotation(self.track.quaternions_wxyz).as_matrix(), dtype=np.float64)

    @cached_property
    def centres(self) -> F64:
        """(T, 3) of the box."""
        return np.asarray(self.track.positions_m + self.turns @ np.asarray(self.row.centre_m))

    @cached_property
    def forward(self) -> F64:
        """(T, 2) unit headings on the ground."""
        flat = self.turns[:, :2, 0]
        unit: F64 = flat / np.maximum(np.linalg.norm(flat, axis=1), 1e-9)[:, None]
        return unit

    @cached_property
    def velocity(self) -> F64:
        """(T, 3) m/s of the box's centre."""
        return self._rate(self.centres, SPEED_NS)

    @cached_property
    def speed(self) -> F64:
        """(T,) m/s on the ground."""
        return np.asarray(np.linalg.norm(self.velocity[:, :2], axis=1))

    @cached_property
    def acceleration(self) -> F64:
        """(T,) m/s^2: how ground speed changes."""
        return self._rate(self.speed, CHANGE_NS)

    @cached_property
    def heading(self) -> F64:
        """(T,) rad, unwrapped."""
        return np.unwrap(np.arctan2(self.forward[:, 1], self.forward[:, 0]))

    @cached_property
    def yaw_rate(self) -> F64:
        """(T,) rad/s, left positive."""
        return self._rate(self.heading, CHANGE_NS)

    @cached_property
    def fronts(self) -> F64:
        """(T, 2) the middle of its front on the ground."""
        return np.asarray(self.centres[:, :2] + self.forward * self.row.size_m[0] / 2)

    @cached_property
    def rears(self) -> F64:
        """(T, 2) the middle of its rear on the ground."""
        return np.asarray(self.centres[:, :2] - self.forward * self.row.size_m[0] / 2)

    def _rate(self, values: F64, over_ns: int) -> F64:
        """Central differences, one-sided at the ends."""
        n, last = max(1, round(over_ns / self.step_ns)), len(values) - 1
        k = np.arange(len(values))
        a, b = np.maximum(k - n, 0), np.minimum(k + n, last)
        seconds = (self.times_ns[b] - self.times_ns[a]) * 1e-9
        return np.asarray((values[b] - values[a]) / (seconds if values.ndim == 1 else seconds[:, None]))


@dataclass(frozen=True, eq=False)
class Clip:
    """A scene's record, with its movers and lanes."""

    record: SceneRecord

    @cached_property
    def movers(self) -> dict[int, Mover]:
        """Instance id -> body, of everything with a track, by id."""
        return {i: Mover(self.record.instance(i), t) for i, t in sorted(self.record.instance_tracks.items())}

    @cached_property
    def lanes(self) -> LaneMap:
        return LaneMap.of(self.record)

    @cached_property
    def ego_id(self) -> int | None:
        return next((r.instance_id for r in self.record.instances if r.name == self.record.ego), None)

    @cached_property
    def fingered(self) -> frozenset[int]:
        """Ids of what has fingers."""
        return frozenset(p.instance_id for p in self.record.parts if "finger" in p.name)

    @cached_property
    def touches(self) -> Mapping[int, tuple[Contact, ...]]:
        """Instance id -> its contacts, in order of time."""
        found: dict[int, list[Contact]] = {}
        for contact in sorted(self.record.contacts, key=lambda c: (c.t0_ns, c.t1_ns)):
            for i in sorted({contact.instance_a, contact.instance_b}):
                found.setdefault(i, []).append(contact)
        return {i: tuple(contacts) for i, contacts in found.items()}

    def touching(self, one: int, but: int | None = None) -> Mask:
        """At which knots a body touches anything (other than ``but``)."""
        times = self.movers[one].times_ns
        mask = np.zeros(len(times), dtype=bool)
        for contact in self.touches.get(one, ()):
            if but is None or but not in (contact.instance_a, contact.instance_b):
                mask[
                    np.searchsorted(times, contact.t0_ns) : np.searchsorted(times, contact.t1_ns, "right")
                ] = True
        return mask


def runs(mask: Mask) -> Iterator[tuple[int, int]]:
    """First and last knot of every stretch where it holds."""
    edges = np.flatnonzero(np.diff(np.concatenate([[False], mask, [False]]).astype(np.int8)))
    for a, b in zip(edges[::2], edges[1::2], strict=True):
        yield int(a), int(b) - 1


def bridged(mask: Mask, knots: int) -> Mask:
    """The mask with gaps of at most so many knots between two stretches closed."""
    found, last = mask.copy(), -1
    for a, b in runs(mask):
        if last >= 0 and a - last - 1 <= knots:
            found[last:a] = True
        last = b
    return found
