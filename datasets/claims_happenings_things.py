"""Falls, hits, rolls, rest and grips, found again."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from pairforge.datasets import claims_policy as policy
from pairforge.datasets.claims_clip import F64, Bools, Derived, Path, Story, spells
from pairforge.sample import Contact


def of_things(story: Story) -> Iterator[Derived]:
    """All of them, of every free object."""
    free = [i for i, p in story.paths.items() if p.row.semantic == "object" and i not in story.robots()]
    for i in free:
        p, touched = story.paths[i], story.touched(i)
        yield from _falls(p, touched)
        yield from _rolls(p, touched)
        yield from _rests(p, touched)
        yield from _grips(story, i)
    for contact in story.record.contacts:
        if {contact.instance_a, contact.instance_b} & set(free):
            yield from _hits(story, contact)


def _falls(p: Path, touched: Bools) -> Iterator[Derived]:
    for a, b in spells(~touched & (-p.velocity[:, 2] >= 0.5), p.t):
        drop = float(p.centre[a, 2] - p.centre[b, 2])
        yield "falling", (p.row.instance_id,), "", p.ns(a), p.ns(b), drop, 0.03


def _rolls(p: Path, touched: Bools) -> Iterator[Derived]:
    if not (touched & (p.ground_speed >= 0.1)).any():
        return
    with np.errstate(divide="ignore", invalid="ignore"):
        share = p.tipping * min(p.row.size_m) / 2 / p.ground_speed
    mask = touched & (p.ground_speed >= 0.1) & (share >= 0.5) & (share <= 1.6)
    step = float(np.median(np.diff(p.t)))
    for a, b in spells(mask, p.t, 0.1):
        turned = float(np.rad2deg(np.sum(p.tipping[a : b + 1]) * step))
        yield "rolling", (p.row.instance_id,), "", p.ns(a), p.ns(b), turned, 45.0


def _rests(p: Path, touched: Bools) -> Iterator[Derived]:
    speed = np.sqrt((p.velocity**2).sum(axis=1))
    stirred = begun = last = None
    for k in range(len(p.t)):
        if speed[k] >= 0.1:
            if begun is not None and stirred is not None and last is not None:
                rested = float(p.t[last] - p.t[begun])
                yield "coming_to_rest", (p.row.instance_id,), "", p.ns(stirred), p.ns(begun), rested, 0.3
            stirred, begun = k, None
        elif speed[k] <= 0.02 and touched[k]:
            begun = k if begun is None and stirred is not None else begun
            last = k
    if begun is not None and stirred is not None and last is not None:
        rested = float(p.t[last] - p.t[begun])
        yield "coming_to_rest", (p.row.instance_id,), "", p.ns(stirred), p.ns(begun), rested, 0.3


def _hits(story: Story, contact: Contact) -> Iterator[Derived]:
    a, b = contact.instance_a, contact.instance_b
    together = [c for c in story.record.contacts if {c.instance_a, c.instance_b} == {a, b}]
    lately = [c for c in together if c.t0_ns < contact.t0_ns < c.t1_ns + 200_000_000]
    if 0 in (a, b) or lately or contact.peak_force_n < policy.HIT_FORCE_N:
        return
    arrivals = [_arrival(story, i, contact.t0_ns) for i in (a, b)]
    if arrivals[0] is None or arrivals[1] is None:
        return
    (one, v), (other, w) = arrivals[0], arrivals[1]
    if np.linalg.norm(v) < np.linalg.norm(w):
        a, b, one, v, other, w = b, a, other, w, one, v
    speed = float(np.linalg.norm(v - w))
    if speed <= 0.0 or np.linalg.norm(v) - np.linalg.norm(w) < policy.STRIKER_LEAD_MPS:
        return
    steep = float((w - v)[2]) / speed
    span = contact.t0_ns, contact.t1_ns
    if steep >= policy.DOWN_SHARE and one[2] > other[2]:
        yield "landing", (a, b), "", *span, speed, policy.STRIKE_MPS
    elif abs(steep) <= policy.SIDE_SHARE:
        yield "hitting", (a, b), "", *span, speed, policy.BUMP_MPS


def _arrival(story: Story, i: int, t_ns: int) -> tuple[F64, F64] | None:
    """Where a body's centre is 5 ms before a contact, and its mean velocity over the 20 ms before that."""
    if i not in story.paths:
        still = story.record.instance_poses[i].points(story.record.instance(i).centre_m)
        return np.asarray(still), np.zeros(3)
    track, row = story.record.instance_tracks[i], story.record.instance(i)
    late = t_ns - policy.BEFORE_NS
    if late - policy.APPROACH_NS < int(track.times_ns[0]):
        return None
    places = [track.at(t).points(row.centre_m) for t in (late - policy.APPROACH_NS, late)]
    return places[1], (places[1] - places[0]) / (policy.APPROACH_NS * 1e-9)


def _grips(story: Story, i: int) -> Iterator[Derived]:
    p = story.paths[i]
    for contact in story.record.contacts:
        pair = {contact.instance_a, contact.instance_b}
        robot = (pair - {i}) & story.robots() if i in pair else frozenset[int]()
        if not robot:
            continue
        (holder,) = robot
        ns = np.array([p.ns(k) for k in range(len(p.t))])
        alone = ~story.touched(i, without=holder) & (ns >= contact.t0_ns) & (ns <= contact.t1_ns)
        held = [(p.ns(a), p.ns(b)) for a, b in spells(alone, p.t) if p.ns(b) - p.ns(a) >= 200_000_000]
        for t0, t1 in held:
            yield "held", (i, holder), "", t0, t1, (t1 - t0) * 1e-9, 0.2
        if held:
            yield "picked_up", (i, holder), "", contact.t0_ns, held[0][0], contact.peak_force_n, 0.2
            if contact.t1_ns < int(ns[-1]):
                yield "released", (i, holder), "", held[-1][1], contact.t1_ns, contact.peak_force_n, 0.2
