"""Scenes with neither a road nor a table are told of too, and things on things are not left out."""

from __future__ import annotations

import math
from dataclasses import replace

import pytest

from pairforge.captioners.facts import measure
from pairforge.datasets.claims import prove
from pairforge.sample import Contact, Keyframe, SceneRecord
from pairforge.scenes.taxonomy import BY_NAME
from tests.captioners.hand_made import (
    CAR,
    NOW_NS,
    HandScene,
    Thing,
    make,
    on_table,
    outdoors,
    standing,
    street,
    tabletop,
)
from tests.captioners.random_scenes import busy_yard, told

SOON_NS = NOW_NS + 50_000_000


def said(scene: HandScene, seed: int = 1) -> tuple[Keyframe, SceneRecord, dict[str, str]]:
    """The keyframe and its captions by kind, each proved."""
    frame, record = told(scene, seed)
    assert [str(f) for f in prove(frame, record)] == []
    return frame, record, {c.kind: c.text.lower() for c in frame.captions}


@pytest.mark.parametrize("seed", range(8))
def test_a_yard_is_told_of_in_every_phrasing(seed: int) -> None:
    texts = said(busy_yard(), seed)[2]
    for text in (texts["short"], texts["dense"]):
        for words in ("red rubber box", "blue ball", "yellow metal cylinder", "orange can", "two green"):
            assert words in text
        assert "on the ground" in text
        assert "fall" in text


@pytest.mark.parametrize(
    ("noun", "semantic"), [("bench", "street_furniture"), ("table", "table"), ("ball", "object")]
)
def test_one_thing_is_enough(noun: str, semantic: str) -> None:
    texts = said(outdoors([standing(noun, "", 0.0, 0.0, 0.8, semantic=semantic)]))[2]
    assert f"a {noun}" in texts["short"]
    assert f"a {noun}" in texts["dense"]


def test_people_and_cars_without_an_ego_are_listed_and_not_laid_on_the_ground() -> None:
    things = [
        Thing("pedestrian", "pedestrian", (0.0, 1.0, 0.875), (0.5, 0.5, 1.75), "blue"),
        Thing("sedan", "car", (3.0, -1.0, 0.75), (4.2, 1.8, 1.5), "red"),
    ]
    short = said(outdoors(things))[2]["short"]
    assert "a pedestrian in blue and a red sedan" in short
    assert "ground" not in short


def test_where_nothing_bears_a_thing_nothing_is_said_of_it() -> None:
    scene = outdoors([standing("ball", "red", 0.0, 0.0, lift=0.3)])
    frame, _, texts = said(scene)
    assert "on_ground" not in {f.predicate for f in frame.facts}
    assert "a red ball" in texts["short"]
    assert "ground" not in texts["short"]


def test_a_floor_between_walls_is_called_a_floor() -> None:
    frame, record = make(outdoors([standing("ball", "red", 0.0, 0.0)]))
    camera = frame.cameras["front"]
    semantic = camera.semantic.copy()
    semantic[:8] = BY_NAME["wall"].semantic_id
    walled = replace(frame, cameras={"front": replace(camera, semantic=semantic)})
    facts = measure(walled, record)
    assert [f.argument for f in facts if f.predicate == "on_ground"] == ["floor"]
    assert prove(replace(walled, facts=facts), record) == []
    assert any("on_ground" in f.where for f in prove(replace(frame, facts=facts), record))


@pytest.mark.parametrize("seed", range(4))
def test_what_lies_on_another_thing_is_on_the_table_too(seed: int) -> None:
    plate = on_table("plate", "white", 0.0, 0.0, 0.1)
    apple = on_table("apple", "red", 0.0, 0.0, 0.08, lift=0.1)
    scene = tabletop([plate, apple], contacts=[Contact(2, 3, 0, SOON_NS, 2.0)])
    frame, _, texts = said(scene, seed)
    assert [f.subjects for f in frame.facts if f.predicate == "upon"] == [(2, 1), (3, 1)]
    assert "a white plate and a red apple" in texts["short"]


def test_a_thing_that_nothing_joins_to_the_table_is_not_on_it() -> None:
    apple = on_table("apple", "red", 0.0, 0.0, 0.08, lift=0.1)
    frame, record, _ = said(tabletop([on_table("plate", "white", 0.0, 0.0), apple]))
    upon = [f for f in frame.facts if f.predicate == "upon"]
    assert [f.subjects for f in upon] == [(2, 1)]
    lie = tuple(replace(f, subjects=(3, 1)) if f is upon[0] else f for f in frame.facts)
    assert any("upon" in f.where for f in prove(replace(frame, facts=lie, captions=()), record))


def test_who_is_beside_us_already_is_not_said_to_come() -> None:
    def texts(x: float) -> str:
        sedan = Thing("sedan", "car", (x, 1.6, 0.75), CAR, "red", yaw=math.pi, velocity=(-8.0, 0.0, 0.0))
        frame, _, said_of = said(street([sedan]))
        assert "oncoming" in {f.predicate for f in frame.facts}
        return said_of["driving"]

    assert "a red sedan" in texts(20.0)
    assert "sedan" not in texts(4.6)
