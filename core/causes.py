"""Why something happens: a scene is simulated again without what may be the cause, and lacks the effect.

Physics is deterministic, so that this is a proof and no guess: nothing else differs between the two runs.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace

import numpy as np

from pairforge.captioners.clip import Clip
from pairforge.captioners.happenings import happenings_of
from pairforge.errors import PairforgeError
from pairforge.frames import F64
from pairforge.record import scene_record
from pairforge.sample import Cause, Happening, SceneRecord
from pairforge.scenes.candidate import Candidate
from pairforge.scenes.concrete import ConcreteScene

EFFECTS = ("braking", "stopping", "lane_change", "moving_over", "falling")
MOST_RUNS = 3
"""Simulations spent on one scene."""
AWAY_M = 5000.0
NEAR_ROAD_M, NEAR_THINGS_M = 60.0, 0.6
BESIDE_M, ASIDE_M = 5.0, 20.0
"""Whoever drives has no cause for what they do further behind, nor further aside."""
SLACK_NS = 500_000_000
AS_LONG_NS = 3_000_000_000
"""The cause's own happening ends no longer before the effect begins."""
ONSET_NS = 200_000_000
FORESEEN = ("crossing_road", "cutting_in", "ran_red")
"""What a driver sees coming, and acts upon before it begins."""
RANK = (
    *("ran_red", "crossing_road", "cutting_in", "lane_change", "stopping", "braking", "starting"),
    *("moving_over", "hitting", "landing", "rolling", "falling"),
)
"""Of several that a cause does at the time, the first of these is named."""


def causes_of(concrete: ConcreteScene, record: SceneRecord) -> tuple[Cause, ...]:
    """The causes of a scene's happenings: with an ego, of what the ego does; else of what falls. At most
    ``MOST_RUNS`` things are taken away, one at a time, the nearest to an effect first."""
    effects = [h for h in record.happenings if h.kind in EFFECTS and _asked(record, h)]
    found: list[Cause] = []
    for subject in _suspects(record, effects):
        without = _without(concrete, record, subject)
        if without is not None:
            found += [c for e in effects if (c := _cause(record, without, e, subject)) is not None]
    return tuple(sorted(found, key=lambda c: (c.effect_id, c.cause_id, c.subject)))


def away(concrete: ConcreteScene, name: str) -> ConcreteScene:
    """The scene with a thing taken so far away, and still, that it plays no part; what speaks of it may go on so."""
    items = tuple(
        replace(
            item,
            position_m=(item.position_m[0] + AWAY_M, *item.position_m[1:]),
            motion="static",
            behaviour={},
        )
        if item.name == name
        else item
        for item in concrete.items
    )
    return replace(concrete, items=items)


def _asked(record: SceneRecord, effect: Happening) -> bool:
    return record.ego is None or record.instance(effect.subjects[0]).name == record.ego


def _suspects(record: SceneRecord, effects: Sequence[Happening]) -> list[int]:
    """Instances that may be why: near whoever does something as it begins; first those that do something themselves
    at the time, then those in a lane, then the nearest."""
    clip, nearest = Clip(record), dict[int, tuple[bool, bool, float]]()
    reach = NEAR_THINGS_M if record.ego is None else NEAR_ROAD_M
    for effect in effects:
        here = _centre(record, effect.subjects[0], effect.t0_ns)
        for row in record.instances:
            one = row.instance_id
            if one in effect.subjects or not _may_be_removed(clip, one):
                continue
            way = _centre(record, one, effect.t0_ns) - here
            apart = float(np.linalg.norm(way))
            if apart <= reach and (record.ego is None or _before(clip, effect, way)):
                idle = _own_happening(record, effect, one) is None
                aside = not (clip.ego_id and clip.lanes.holding((here + way)[:2]))
                nearest[one] = min((idle, aside, apart), nearest.get(one, (True, True, np.inf)))
    return sorted(nearest, key=lambda i: (nearest[i], i))[:MOST_RUNS]


def _before(clip: Clip, effect: Happening, way: F64) -> bool:
    """Whether something lies before, or just beside, somebody who drives, and not far to the side."""
    mover = clip.movers[effect.subjects[0]]
    forward = mover.forward[int(np.argmin(np.abs(mover.times_ns - effect.t0_ns)))]
    ahead, left = float(forward @ way[:2]), float(forward[0] * way[1] - forward[1] * way[0])
    return ahead >= -BESIDE_M and abs(left) <= ASIDE_M


def _may_be_removed(clip: Clip, one: int) -> bool:
    """Whether it is a thing that acts or lies about: on the road what moves or is in a lane, else any object."""
    row = clip.record.instance(one)
    if clip.ego_id is None:
        return row.semantic == "object"
    if one == clip.ego_id or row.semantic in (
        "building",
        "vegetation",
        "pole",
        "traffic_sign",
        "traffic_light",
    ):
        return False
    if one in clip.movers:
        return True
    return bool(clip.lanes.holding(_centre(clip.record, one, 0)[:2]))


def _centre(record: SceneRecord, one: int, time_ns: int) -> F64:
    return record.world_from_body(one, time_ns).points(record.instance(one).centre_m)


def _without(concrete: ConcreteScene, record: SceneRecord, subject: int) -> SceneRecord | None:
    """The scene simulated again without an instance, with its happenings; None where that cannot be simulated."""
    candidate = Candidate(away(concrete, record.instance(subject).name))
    try:
        made = scene_record(record.scene_index, candidate.concrete, candidate.world, candidate.timeline)
    except PairforgeError:
        return None
    return replace(made, happenings=happenings_of(made))


def _cause(record: SceneRecord, without: SceneRecord, effect: Happening, subject: int) -> Cause | None:
    """The cause, where the other run lacks the effect: nothing of the kind at about the time, and too little of it at
    the very time."""
    again = [
        h
        for h in without.happenings
        if (h.kind, h.subjects, h.argument) == (effect.kind, effect.subjects, effect.argument)
        and h.t0_ns <= effect.t1_ns + SLACK_NS
        and h.t1_ns >= effect.t0_ns - SLACK_NS
    ]
    value = amount(without, effect)
    if again or value >= effect.threshold:
        return None
    own = _own_happening(record, effect, subject)
    return Cause(
        effect.happening_id,
        0 if own is None else own.happening_id,
        subject,
        record.instance(subject).name,
        effect.value,
        value,
        effect.unit,
        effect.threshold,
        effect.threshold - value,
    )


def amount(record: SceneRecord, effect: Happening) -> float:
    """How much of an effect comes about in a record between its times: speed lost, time stood, metres sideways
    (from the heading at its beginning) or metres dropped."""
    mover = Clip(record).movers.get(effect.subjects[0])
    if mover is None:
        return 0.0
    a, b = (int(np.argmin(np.abs(mover.times_ns - t))) for t in (effect.t0_ns, effect.t1_ns))
    if effect.kind == "braking":
        return max(0.0, float(mover.speed[a] - mover.speed[b]))
    if effect.kind == "stopping":
        end = int(np.argmin(np.abs(mover.times_ns - (effect.t1_ns + round(effect.value * 1e9)))))
        stood = np.count_nonzero(mover.speed[b : end + 1] <= 0.15)
        return float(stood * mover.step_ns) * 1e-9
    way = mover.centres[b] - mover.centres[a]
    if effect.kind == "falling":
        return max(0.0, -float(way[2]))
    left = float(mover.forward[a, 0] * way[1] - mover.forward[a, 1] * way[0])
    return max(0.0, left if effect.argument == "left" else -left)


def _own_happening(record: SceneRecord, effect: Happening, subject: int) -> Happening | None:
    """What the cause does at the time: the most telling that has begun, or that one sees coming."""
    return min(
        _at_the_time(record, effect, subject), key=lambda h: (RANK.index(h.kind), -h.t0_ns), default=None
    )


def _at_the_time(record: SceneRecord, effect: Happening, subject: int) -> Iterator[Happening]:
    for h in record.happenings:
        if h.subjects[0] != subject or h.kind not in RANK:
            continue
        latest = effect.t1_ns if h.kind in FORESEEN else effect.t0_ns + ONSET_NS
        if h.t0_ns <= latest and h.t1_ns >= effect.t0_ns - AS_LONG_NS:
            yield h
