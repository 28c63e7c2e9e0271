"""Does each effect that is said to have a cause fail to come about when the scene is simulated without it?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from pairforge.datasets.claims_clip import Path, Story
from pairforge.datasets.claims_happenings import all_that_happens
from pairforge.datasets.finding import Problem
from pairforge.datasets.verify_scene_view import SceneView
from pairforge.sample import Cause, Happening, SceneRecord
from pairforge.scenes.build import build
from pairforge.scenes.concrete import ConcreteScene

_SLACK_NS, _FAR_M = 500_000_000, 5000.0
_FORESEEN = ("crossing_road", "cutting_in", "ran_red")
_TOLERANCE = 1e-3


def causes(scene: SceneView) -> Iterator[Problem]:
    """Each cause: well formed, and true when simulated again from the stored concrete scene without it."""
    table, runs = scene.table("causes"), dict[int, SceneRecord]()
    by_id = {h.happening_id: h for h in scene.record.happenings}
    for cause in scene.record.causes:
        for message in _formed(scene.record, cause, by_id):
            yield Problem(table, f"cause of happening {cause.effect_id}: {message}")
            break
        else:
            if cause.subject not in runs:
                runs[cause.subject] = _run_without(scene, cause)
            for message in _absent(runs[cause.subject], cause, by_id[cause.effect_id]):
                yield Problem(table, f"cause of happening {cause.effect_id}: {message}")
    if scene.record.causes and not scene.concrete.causes:
        yield Problem(table, "the concrete scene asks for no causes")


def _formed(record: SceneRecord, cause: Cause, by_id: dict[int, Happening]) -> Iterator[str]:
    effect = by_id.get(cause.effect_id)
    if effect is None:
        yield "there is no such happening"
        return
    if not 1 <= cause.subject <= len(record.instances) or record.instance(cause.subject).name != cause.item:
        yield f'instance {cause.subject} is not "{cause.item}"'
    if cause.subject in effect.subjects:
        yield "it is its own cause"
    if (cause.value, cause.unit, cause.threshold) != (effect.value, effect.unit, effect.threshold):
        yield "its numbers are not those of the effect"
    if abs(cause.threshold - cause.value_without - cause.margin) > 1e-9 or cause.margin < 0.0:
        yield f"its margin {cause.margin:g} does not follow"
    own = by_id.get(cause.cause_id)
    if cause.cause_id and (own is None or own.subjects[0] != cause.subject):
        yield f"happening {cause.cause_id} is none of its own"
    elif own is not None:
        latest = effect.t1_ns if own.kind in _FORESEEN else effect.t0_ns + 200_000_000
        if own.t0_ns > latest or own.t1_ns < effect.t0_ns - 3_000_000_000:
            yield f"happening {cause.cause_id} ({own.kind}) is not at the time"


def _run_without(scene: SceneView, cause: Cause) -> SceneRecord:
    """What the stored scene gives without the item, as tracks and contacts."""
    from pairforge.sensors.physics import simulate  # PyBullet, for scenes with causes alone

    stored: ConcreteScene = scene.concrete
    items = []
    for item in stored.items:
        if item.name == cause.item:
            x, y, z = item.position_m
            item = replace(item, position_m=(x + _FAR_M, y, z), motion="static", behaviour={})
        items.append(item)
    concrete = replace(stored, items=tuple(items))
    timeline = simulate(build(concrete), concrete)
    still = {
        i: t.at(int(t.times_ns[0]))
        for i, t in scene.record.instance_tracks.items()
        if i not in timeline.bodies
    }
    return replace(
        scene.record,
        instance_tracks=timeline.bodies,
        instance_poses={**scene.record.instance_poses, **still},
        contacts=timeline.contacts,
        happenings=(),
        causes=(),
    )


def _absent(without: SceneRecord, cause: Cause, effect: Happening) -> Iterator[str]:
    for kind, subjects, argument, t0, t1, *_ in all_that_happens(without):
        alike = (kind, subjects, argument) == (effect.kind, effect.subjects, effect.argument)
        if alike and t0 <= effect.t1_ns + _SLACK_NS and t1 >= effect.t0_ns - _SLACK_NS:
            yield f'without "{cause.item}" it comes about all the same, at {t0 * 1e-9:.2f} s'
    left = _left_of_it(Story(without), effect)
    if abs(left - cause.value_without) > _TOLERANCE * max(1.0, left):
        yield f'without "{cause.item}" {left:.3f} {cause.unit} of it is left, not {cause.value_without:.3f}'


def _left_of_it(story: Story, effect: Happening) -> float:
    """Speed lost, seconds stood, metres sideways or dropped, between the effect's two times."""
    if effect.subjects[0] not in story.paths:
        return 0.0
    p = story.paths[effect.subjects[0]]
    a, b = (_knot(p, t) for t in (effect.t0_ns, effect.t1_ns))
    if effect.kind == "braking":
        return float(max(p.ground_speed[a] - p.ground_speed[b], 0.0))
    if effect.kind == "stopping":
        end = _knot(p, effect.t1_ns + round(effect.value * 1e9))
        stood = sum(v <= 0.15 for v in p.ground_speed[b : end + 1].tolist())
        return float(stood) * float(np.median(np.diff(p.t)))
    if effect.kind == "falling":
        return float(max(p.centre[a, 2] - p.centre[b, 2], 0.0))
    aside = ((p.place[b] - p.place[a]) / p.nose[a]).imag
    return max(float(aside if effect.argument == "left" else -aside), 0.0)


def _knot(p: Path, t_ns: int) -> int:
    return int(np.argmin(np.abs(p.t - (t_ns - p.start_ns) * 1e-9)))


CHECKS = (causes,)
