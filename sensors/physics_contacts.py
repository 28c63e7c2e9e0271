"""Who touched whom, from when to when, and how hard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pairforge.sample import Contact

JOIN_NS = 30_000_000
"""Touches of one pair closer together than this are one contact: a resting box flickers between steps."""

Pair = tuple[int, int]


class ContactRecorder:
    """Collects touching pairs step by step.

    ``instance_of``: (PyBullet body, link) or (body, None) -> instance id; a link that is missing falls back on its
    body, and a pair with an unknown body, or of one instance with itself, is ignored. ``ignored`` links (wheels)
    and the ground below ``upright`` instances (walkers, cyclists) say nothing.
    """

    def __init__(
        self,
        instance_of: Mapping[int, int],
        wheel_links: Mapping[int, frozenset[int]],
        grounded: frozenset[int],
    ) -> None:
        self._instance_of = instance_of
        self._wheels = wheel_links
        self._grounded = grounded
        self._open: dict[Pair, list[float]] = {}
        self._closed: list[Contact] = []

    def step(self, time_ns: int, points: Sequence[Any]) -> None:
        """Takes PyBullet's contact points of the step that ended at ``time_ns``."""
        for pair, force in self._touching(points).items():
            interval = self._open.get(pair)
            if interval is not None and time_ns - interval[1] > JOIN_NS:
                self._close(pair, interval)
                interval = None
            if interval is None:
                self._open[pair] = [time_ns, time_ns, force]
            else:
                interval[1] = time_ns
                interval[2] = max(interval[2], force)

    def contacts(self) -> tuple[Contact, ...]:
        """All contacts so far, ordered by start and pair."""
        for pair, interval in self._open.items():
            self._close(pair, interval)
        self._open = {}
        return tuple(sorted(self._closed, key=lambda c: (c.t0_ns, c.instance_a, c.instance_b, c.t1_ns)))

    def _touching(self, points: Sequence[Any]) -> dict[Pair, float]:
        """Summed normal force in newtons of each touching pair."""
        forces: dict[Pair, float] = {}
        none: frozenset[int] = frozenset()
        for point in points:
            body_a, body_b, link_a, link_b, force = point[1], point[2], point[3], point[4], point[9]
            if (
                force <= 0.0
                or link_a in self._wheels.get(body_a, none)
                or link_b in self._wheels.get(body_b, none)
            ):
                continue
            a, b = self._instance_of[body_a], self._instance_of[body_b]
            if a == b or (a == 0 and b in self._grounded) or (b == 0 and a in self._grounded):
                continue
            pair = (min(a, b), max(a, b))
            forces[pair] = forces.get(pair, 0.0) + force
        return forces

    def _close(self, pair: Pair, interval: list[float]) -> None:
        self._closed.append(Contact(pair[0], pair[1], int(interval[0]), int(interval[1]), float(interval[2])))
