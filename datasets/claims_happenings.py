"""Finds everything that happens in a scene again, from its tracks and contacts, and compares with what is stored."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

import numpy as np

from pairforge.datasets.claims_clip import DRIVES, F64, WALKS, Derived, Path, Story, spells
from pairforge.datasets.claims_happenings_lanes import of_lanes
from pairforge.datasets.claims_happenings_things import of_things
from pairforge.datasets.happening_schema import KINDS, happening_faults
from pairforge.datasets.schema import TABLES
from pairforge.sample import Happening, SceneRecord

SLACK_NS = 20_000_000
_FIRST_NS = 500_000_000


def scene_findings(record: SceneRecord) -> list[str]:
    """What does not hold of a scene's happenings: badly formed, unproved, left out, out of order."""
    return differences(record.happenings, all_that_happens(record))


def differences(happenings: Sequence[Happening], all_of_them: Iterable[Derived]) -> list[str]:
    """The same, once it is known what happens."""
    problems = [f"happening {h.happening_id} ({h.kind}): {m}" for h in happenings for m in _badly_formed(h)]
    order = [(h.t0_ns, h.t1_ns) for h in happenings]
    if [h.happening_id for h in happenings] != list(range(1, len(order) + 1)) or order != sorted(order):
        problems.append("happenings are not numbered in order of time")
    derived = list(all_of_them)
    for h in happenings:
        match = next((d for d in derived if _same(h, d)), None)
        if match is None:
            problems.append(
                f"happening {h.happening_id} ({_told(h)}) does not come about{_nearest(h, derived)}"
            )
        else:
            derived.remove(match)
    problems += [f"{d[0]} of {d[1]} at {d[3] * 1e-9:.2f} s is left out" for d in derived]
    return problems


def _badly_formed(h: Happening) -> Iterator[str]:
    yield from happening_faults(h)
    if not set(h.evidence) <= set(TABLES):
        yield f"names no such evidence: {h.evidence}"


def _told(h: Happening) -> str:
    return f"{h.kind} of {h.subjects}, {h.t0_ns * 1e-9:.2f}..{h.t1_ns * 1e-9:.2f} s"


def _same(h: Happening, d: Derived) -> bool:
    kind, subjects, argument, t0, t1, value, threshold = d
    near = abs(h.t0_ns - t0) <= SLACK_NS and abs(h.t1_ns - t1) <= SLACK_NS
    alike = abs(h.value - value) <= 1e-3 + 1e-3 * abs(value) and abs(h.threshold - threshold) <= 1e-6
    return (h.kind, h.subjects, h.argument) == (kind, subjects, argument) and near and alike


def _nearest(h: Happening, derived: list[Derived]) -> str:
    of_kind = [d for d in derived if d[:2] == (h.kind, h.subjects)]
    return f": found {of_kind[0]}" if of_kind else ""


def all_that_happens(record: SceneRecord) -> Iterator[Derived]:
    """Every happening that reaches into the keyframes, as its kind is defined."""
    story = Story(record)
    found = [*_of_road(story), *of_lanes(story)] if story.ego is not None else list(of_things(story))
    begin, end = _keyframes(record)
    for d in found:
        row = KINDS[d[0]]
        holds = d[5] >= d[6] if row.value == "least" else d[5] <= d[6]
        if holds and d[4] >= begin - _FIRST_NS and d[3] <= end:
            yield d


def _keyframes(record: SceneRecord) -> tuple[float, float]:
    c = record.concrete
    if "keyframe_rate_hz" not in c:
        return -np.inf, np.inf
    begin = round(c["warm_up_s"] * 1e9)
    return begin, begin + round(
        (round(c["duration_s"] * c["keyframe_rate_hz"]) - 1) * 1e9 / c["keyframe_rate_hz"]
    )


def _of_road(story: Story) -> Iterator[Derived]:
    drivers = [p for p in story.paths.values() if p.row.semantic in DRIVES]
    for p in drivers:
        yield from _speed_changes(p)
        yield from _turns(p)
    for p in story.paths.values():
        if p.row.semantic in (*DRIVES, *WALKS):
            yield from _halts(p)
    for p in drivers:
        for q in drivers:
            if p is not q:
                yield from _overtakes(p, q)
    if story.ego in story.paths:
        yield from _passes(story, story.paths[story.ego])


def _speed_changes(p: Path) -> Iterator[Derived]:
    change, me = p.rate(p.ground_speed, 0.1), (p.row.instance_id,)
    for kind, sign, least in (("braking", -1, 1.0), ("speeding_up", 1, 0.8)):
        for a, b in spells(sign * change >= least, p.t, 0.3):
            yield kind, me, "", p.ns(a), p.ns(b), sign * float(p.ground_speed[b] - p.ground_speed[a]), 1.5


def _turns(p: Path) -> Iterator[Derived]:
    rate = p.rate(p.bearing, 0.1)
    for side, sign in (("left", 1), ("right", -1)):
        for a, b in spells((sign * rate >= 0.06) & (p.ground_speed >= 0.7), p.t, 0.3):
            degrees = float(np.rad2deg(sign * (p.bearing[b] - p.bearing[a])))
            yield "turning", (p.row.instance_id,), side, p.ns(a), p.ns(b), degrees, 25.0


def _halts(p: Path) -> Iterator[Derived]:
    """Walks over the knots, remembering when it first stood, last stood and last moved."""
    me = (p.row.instance_id,)
    first_stood = last_stood = last_moved = None
    pending: tuple[int, int] | None = None
    for k, v in enumerate(p.ground_speed):
        if v <= 0.15:
            if first_stood is None:
                first_stood = k
                pending = None if last_moved is None else (last_moved, k)
            last_stood = k
        elif v >= 0.7:
            if first_stood is not None and last_stood is not None:
                stood = float(p.t[last_stood] - p.t[first_stood])
                if pending:
                    yield "stopping", me, "", p.ns(pending[0]), p.ns(pending[1]), stood, 0.3
                yield "starting", me, "", p.ns(last_stood), p.ns(k), stood, 0.3
                first_stood = pending = None
            last_moved = k
    if pending and last_stood is not None:
        stood = float(p.t[last_stood] - p.t[pending[1]])
        yield "stopping", me, "", p.ns(pending[0]), p.ns(pending[1]), stood, 0.3


def _sweeps(along: F64, half: float) -> Iterator[tuple[int, int, int]]:
    """From the last knot at or below -half to the first at or above half, with the first from 0 on between."""
    low = None
    for k, d in enumerate(along):
        if d <= -half:
            low = k
        elif d >= half and low is not None:
            middle = next(j for j in range(low + 1, k + 1) if along[j] >= 0.0)
            if k > low + 1:
                yield low, k, middle
            low = None


def _overtakes(p: Path, q: Path) -> Iterator[Derived]:
    way = (p.place - q.place) / q.nose
    half = (p.row.size_m[0] + q.row.size_m[0]) / 2
    aligned = (p.nose / q.nose).real >= 0.9
    good = aligned & (q.ground_speed >= 0.7) & (np.abs(way.imag) <= 6.0)
    for a, b, m in _sweeps(way.real, half):
        if good[a : b + 1].all():
            ids = (p.row.instance_id, q.row.instance_id)
            yield "overtaking", ids, "", p.ns(a), p.ns(b), abs(float(way.imag[m])), 6.0


def _passes(story: Story, ego: Path) -> Iterator[Derived]:
    for row in story.record.instances:
        i = row.instance_id
        if i == story.ego or row.semantic not in (*DRIVES, *WALKS):
            continue
        if i in story.paths:
            q = story.paths[i]
            place = q.place
            good = ((ego.nose / q.nose).real <= -0.9) | (q.ground_speed <= 0.15)
            good |= row.semantic in WALKS
        else:
            centre = story.record.instance_poses[i].points(row.centre_m)
            place, good = np.full(len(ego.t), complex(centre[0], centre[1])), np.full(len(ego.t), True)
        way = (ego.place - place) / ego.nose
        for a, b, m in _sweeps(way.real, (ego.row.size_m[0] + row.size_m[0]) / 2):
            if good[a : b + 1].all():
                yield (
                    "passing_by",
                    (story.ego or 0, i),
                    "",
                    ego.ns(a),
                    ego.ns(b),
                    abs(float(way.imag[m])),
                    10.0,
                )
