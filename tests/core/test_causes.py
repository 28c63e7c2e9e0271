"""Causes on a bare road, by real physics: who brakes for whom, and what is no cause; and forged ones found out."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest

from pairforge.captioners.happenings import happenings_of
from pairforge.causes import away, causes_of
from pairforge.datasets.verify_causes import causes as problems_of
from pairforge.record import scene_record
from pairforge.sample import Cause, SceneRecord
from pairforge.scenes.candidate import Candidate
from pairforge.scenes.concrete import ConcreteScene
from pairforge.scenes.resolve import resolve
from pairforge.scenes.scripts import After, Brake, KeepLane, When
from tests.plain_road import car, road

pytestmark = pytest.mark.slow


def told(concrete: ConcreteScene) -> SceneRecord:
    made = Candidate(concrete)
    record = scene_record(0, concrete, made.world, made.timeline)
    return replace(record, happenings=happenings_of(record))


@pytest.fixture(scope="module")
def scene() -> ConcreteScene:
    """We follow somebody who brakes to a halt, another drives beside us, and one stands far behind."""
    brakes = [When(After(1.0), Brake(mps2=6.0))]
    actors = (
        car("ego", 0, 60.0, speed_mps=12.0, script=[When(After(0.0), KeepLane())]),
        car("leader", 0, 85.0, speed_mps=12.0, script=brakes),
        car("beside", 2, 70.0, speed_mps=12.0, script=[When(After(0.0), KeepLane())]),
        car("behind", 0, 20.0, kind="park"),
    )
    return replace(resolve(road(*actors, seconds=5.0), 3), causes=True)


@pytest.fixture(scope="module")
def record(scene: ConcreteScene) -> SceneRecord:
    made = told(scene)
    return replace(made, causes=causes_of(scene, made))


def problems(scene: ConcreteScene, record: SceneRecord) -> list[str]:
    view = SimpleNamespace(record=record, concrete=scene, table=lambda name: f"tables/{name}")
    return [p.message for p in problems_of(view)]  # type: ignore[arg-type]


def test_we_brake_because_the_one_ahead_brakes_and_for_nobody_else(
    scene: ConcreteScene, record: SceneRecord
) -> None:
    by_id = {h.happening_id: h for h in record.happenings}
    assert record.causes
    assert {c.item for c in record.causes} == {"leader"}
    (braking,) = [c for c in record.causes if by_id[c.effect_id].kind == "braking"]
    assert by_id[braking.cause_id].kind == "braking"
    assert by_id[braking.cause_id].subjects == (braking.subject,)
    assert braking.value > 5.0
    assert braking.value_without == pytest.approx(0.0, abs=0.3)
    assert problems(scene, record) == []


def test_what_is_taken_away_keeps_its_id_and_leaves_everything_else(scene: ConcreteScene) -> None:
    without = away(scene, "leader")
    assert [i.name for i in without.items] == [i.name for i in scene.items]
    changed = [a.name for a, b in zip(scene.items, without.items, strict=True) if a != b]
    assert changed == ["leader"]


def forged(cause: Cause, record: SceneRecord) -> dict[str, Cause]:
    ids = {r.name: r.instance_id for r in record.instances}
    beside = {"subject": ids["beside"], "item": "beside", "cause_id": 0}
    return {
        "comes about all the same": replace(cause, **beside),  # type: ignore[arg-type]
        "is not": replace(cause, item="beside"),
        "no such happening": replace(cause, effect_id=99),
        "does not follow": replace(cause, margin=cause.margin + 0.1),
        "not those of the effect": replace(cause, value=cause.value + 1.0),
        "is none of its own": replace(cause, cause_id=99),
        "of it is left": replace(cause, value_without=0.4, margin=cause.threshold - 0.4),
    }


def test_forged_causes_are_named(scene: ConcreteScene, record: SceneRecord) -> None:
    by_id = {h.happening_id: h for h in record.happenings}
    cause = next(c for c in record.causes if by_id[c.effect_id].kind == "braking")
    for message, wrong in forged(cause, record).items():
        found = problems(scene, replace(record, causes=(wrong,)))
        assert any(message in text for text in found), (message, found)


def test_a_scene_that_does_not_ask_has_none_and_costs_nothing(scene: ConcreteScene, tmp_path: Path) -> None:
    from pairforge.pipeline import stage
    from pairforge.stopwatch import Stopwatch

    watch = Stopwatch()
    assert stage(replace(scene, causes=False), 0, watch).record.causes == ()
    assert "causes" not in watch.seconds
