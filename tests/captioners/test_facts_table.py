"""Who struck whom, what leans and what is in the air, on tables whose truth is plain arithmetic."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pairforge.datasets.claims import prove
from pairforge.sample import Contact, Keyframe, SceneRecord
from tests.captioners.hand_made import NOW_NS, TABLE_TOP_M, HandScene, Thing, on_table, tabletop
from tests.captioners.random_scenes import told

SOON_NS = NOW_NS + 50_000_000


def facts_of(scene: HandScene) -> tuple[Keyframe, SceneRecord, dict[str, list[tuple[int, ...]]]]:
    frame, record = told(scene, 1)
    assert [str(f) for f in prove(frame, record)] == []
    found: dict[str, list[tuple[int, ...]]] = {}
    for fact in frame.facts:
        found.setdefault(fact.predicate, []).append(fact.subjects)
    return frame, record, found


def dropped_on_a_box(t1_ns: int, velocity: tuple[float, float, float] = (0.0, 0.0, -2.0)) -> HandScene:
    """A box at rest (2) and a ball (3) that came down on it 100 ms ago."""
    box = on_table("box", "red", 0.0, 0.0, 0.15, "metal")
    ball = on_table("ball", "yellow", 0.0, 0.0, 0.08, lift=0.16, velocity=velocity)
    return tabletop([box, ball], contacts=[Contact(2, 3, NOW_NS - 100_000_000, t1_ns, 4.0)])


@pytest.mark.parametrize("order", [(2, 3), (3, 2)])
def test_what_falls_is_what_lands(order: tuple[int, int]) -> None:
    scene = dropped_on_a_box(SOON_NS)
    contact = replace(scene.contacts[-1], instance_a=order[0], instance_b=order[1])
    frame, _, found = facts_of(replace(scene, contacts=(*scene.contacts[:-1], contact)))
    assert found["just_landed"] == [(3, 2)]
    assert "just_hit" not in found
    dense = next(c.text for c in frame.captions if c.kind == "dense")
    assert "yellow ball" in dense
    assert "the ball landed" in dense.lower() or "ball has just" in dense or "ball landed" in dense
    assert "box has just" not in dense


def test_what_has_come_off_again_has_hit() -> None:
    _, _, found = facts_of(dropped_on_a_box(NOW_NS - 60_000_000))
    assert found["just_hit"] == [(3, 2)]
    assert "just_landed" not in found


def test_a_knock_from_the_side_is_a_bump_by_the_faster() -> None:
    slow, fast = (
        on_table("box", "red", 0.1, 0.0),
        on_table("ball", "blue", 0.0, 0.0, velocity=(1.0, 0.0, 0.0)),
    )
    scene = tabletop([slow, fast], contacts=[Contact(2, 3, NOW_NS - 50_000_000, SOON_NS, 4.0)])
    assert facts_of(scene)[2]["just_bumped"] == [(3, 2)]


def test_nothing_is_said_of_two_that_meet_as_fast() -> None:
    one = on_table("box", "red", 0.1, 0.0, velocity=(-1.0, 0.0, 0.0))
    two = on_table("ball", "blue", 0.0, 0.0, velocity=(1.0, 0.0, 0.0))
    scene = tabletop([one, two], contacts=[Contact(2, 3, NOW_NS - 50_000_000, SOON_NS, 4.0)])
    assert not {"just_bumped", "just_hit", "just_landed"} & set(facts_of(scene)[2])


def test_what_settles_has_not_struck_the_table() -> None:
    bowl = on_table("bowl", "red", 0.0, 0.0, velocity=(0.0, 0.0, -0.05))
    scene = tabletop([bowl])
    again = Contact(1, 2, NOW_NS - 100_000_000, SOON_NS, 5.0)
    assert "just_landed" not in facts_of(replace(scene, contacts=(again,)))[2]


def test_landings_on_one_thing_are_told_in_one_sentence() -> None:
    things = [
        on_table(n, c, x, 0.0, velocity=(0, 0, -1.5))
        for n, c, x in (("mug", "red", -0.2), ("can", "blue", 0.2))
    ]
    scene = tabletop(things)
    fresh = tuple(Contact(1, k, NOW_NS - 90_000_000, SOON_NS, 5.0) for k in (2, 3))
    frame, _, found = facts_of(replace(scene, contacts=fresh))
    assert found["just_landed"] == [(2, 1), (3, 1)]
    dense = next(c for c in frame.captions if c.kind == "dense")
    landed = {f.fact_id for f in frame.facts if f.predicate == "just_landed"}
    assert any(landed <= set(s.fact_ids) for s in dense.statements)


def test_in_the_air_without_falling() -> None:
    ball = on_table("ball", "yellow", 0.0, 0.0, lift=0.3)
    frame, _, found = facts_of(tabletop([on_table("mug", "red", 0.2, 0.2), ball]))
    assert found["airborne"] == [(3,)]
    assert "falling" not in found
    assert any("in the air" in c.text for c in frame.captions if c.kind == "short")


def test_an_upright_book_does_not_lean() -> None:
    book = Thing("book", "object", (0.0, 0.0, TABLE_TOP_M + 0.1), (0.15, 0.03, 0.2), "red")
    scene = tabletop([book, on_table("bowl", "blue", 0.0, 0.1)])
    both = replace(scene, contacts=(*scene.contacts, Contact(2, 3, 0, SOON_NS, 5.0)))
    assert "leans_on" not in facts_of(both)[2]
