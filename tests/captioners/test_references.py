"""Noun phrases: introduced once, told apart, resumed in as few words as lead back to them."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pairforge.captioners.caption import tell, write
from pairforge.captioners.facts import measure
from pairforge.captioners.languages.protocol import language
from pairforge.captioners.meanings import Mention, Message
from pairforge.captioners.references import Told, group, in_discourse, mentions_in, parked_row, refer, single
from pairforge.datasets.claims import prove
from pairforge.frames import look_at
from pairforge.seeding import Stream
from tests.captioners.hand_made import CAR, PERSON, VAN, HandScene, Thing, make, shoot, street
from tests.captioners.random_scenes import told


def said(mention: Mention) -> str:
    return language("en").phrase(mention, "")


def opened(scene: HandScene) -> Told:
    frame, record = told(scene, 1)
    return tell(frame, record, frame.facts)


def person(x: float, y: float, colour: str, speed: float = 0.0, noun: str = "pedestrian") -> Thing:
    return Thing(noun, noun, (x, y, 0.9), PERSON, colour, velocity=(speed, 0.0, 0.0))


def car(x: float, y: float, colour: str, noun: str = "hatchback", speed: float = 0.0) -> Thing:
    return Thing(noun, "car", (x, y, 0.75), CAR, colour, velocity=(speed, 0.0, 0.0))


def test_what_fog_hides_is_not_told_of_and_what_stands_before_it_is() -> None:
    near, far = car(12.0, -1.6, "red", speed=5.0), car(34.0, 1.6, "green", "sedan")
    frame, record = told(street([near, far]), 1)
    ids = {r.noun: r.instance_id for r in record.instances}
    sky = {**record.concrete["sky"], "fog_per_m": 0.1}
    foggy = replace(record, concrete={**record.concrete, "sky": sky})
    frame = replace(frame, facts=measure(frame, foggy), captions=())
    clear, hazy = tell(frame, record, frame.facts), tell(frame, foggy, frame.facts)
    # A tenth of the contrast is left at ln(10) / 0.1 = 23 m.
    assert {ids["hatchback"], ids["sedan"]} <= set(clear.visible)
    assert set(clear.visible) - set(hazy.visible) == hazy.lost == {ids["sedan"]}
    frame = replace(
        frame, captions=write(frame, foggy, ("tags", "short", "dense", "driving", "region"), Stream(1, "fog"))
    )
    assert frame.captions
    assert not {ids["sedan"]} & {i for c in frame.captions for p in c.phrases for i in p.instance_ids}
    assert prove(frame, foggy) == []
    seen_through = write(frame, record, ("region",), Stream(1, "clear"))
    found = [str(f) for f in prove(replace(frame, captions=seen_through), foggy)]
    assert any("names what fog or dust hides" in f for f in found), "the verifier has a rule of its own"
    assert not any("fog" in str(f) for f in prove(replace(frame, captions=seen_through), record))


def words_after(scene: Told, *ids: int) -> list[str]:
    """Phrases of a text that speaks of these things one after another."""
    messages = [Message("stirring", {"who": refer(scene, i)}) for i in ids]
    return [said(m) for m in mentions_in(in_discourse(scene, messages))]


@pytest.mark.parametrize("noun", ["pedestrian", "cyclist"])
def test_people_wear_their_colour(noun: str) -> None:
    scene = opened(street([person(12.0, -6.0, "red", noun=noun), person(15.0, 6.0, "red", noun=noun)]))
    alone = opened(street([person(12.0, -6.0, "red", noun=noun)]))
    one, two = single(alone, 2), group(scene, [2, 3])
    assert one is not None
    assert two is not None
    assert said(one) == f"a {noun} in red"
    assert said(two) == f"two {noun}s in red"


def test_a_thing_is_introduced_once_and_its_double_is_another() -> None:
    scene = opened(
        street(
            [car(14.0, -5.0, "blue"), car(22.0, 5.0, "white"), Thing("van", "van", (30, -5, 1.1), VAN, "red")]
        )
    )
    assert words_after(scene, 2, 4, 2) == ["a blue hatchback", "a red van", "the hatchback"]
    assert words_after(scene, 2, 3, 2, 3) == [
        "a blue hatchback",
        "a white hatchback",
        "the blue hatchback",
        "the white hatchback",
    ]


def test_two_alike_are_told_apart_by_distance() -> None:
    scene = opened(street([car(10.0, -5.0, "white"), car(30.0, 5.0, "white")]))
    found = [single(scene, i) for i in (2, 3)]
    assert [said(m) if m else "" for m in found] == [
        "the nearer of two white hatchbacks",
        "one of two white hatchbacks",
    ]


def test_the_last_of_a_kind_is_another() -> None:
    scene = opened(street([person(12.0, -2.0, "red", 1.2), person(16.0, -6.0, "red", 1.2)]))
    a = Mention((2,), form="a", qualities=("red",), word="pedestrian")
    messages = [Message("stirring", {"who": m}) for m in (a, single(scene, 3))]
    assert [said(m) for m in mentions_in(in_discourse(scene, messages))][1] == "another pedestrian in red"


def test_those_of_whom_it_is_true_are_counted() -> None:
    people = [person(12.0, -6.0, "red", 1.2), person(16.0, -6.0, "blue", 1.2), person(20.0, 6.0, "red")]
    scene = opened(street(people))
    walking = group(scene, [2, 3], apart_by=("moving",))
    assert walking is not None
    assert said(walking) == "two pedestrians"
    some = group(scene, [2, 3])
    assert some is not None
    assert said(some) == "two of three pedestrians"


def test_a_row_needs_three() -> None:
    cars = [car(10.0 + 6 * k, -5.0, c) for k, c in enumerate(("red", "blue", "white"))]
    scene = opened(street(cars))
    assert parked_row(scene, [2, 3]) is None
    row = parked_row(scene, [2, 3, 4])
    assert isinstance(row, Mention)
    assert said(row) == "parked hatchbacks"


def test_every_camera_has_a_short_caption_and_the_front_one_the_rest() -> None:
    scene = street([car(14.0, -5.0, "blue"), car(-14.0, 5.0, "red")])
    rows = [
        Thing("tree", "vegetation", (x, y, 3.0), (1.5, 1.5, 6.0))
        for y in (9.0, -9.0)
        for x in (-30, -20, 20, 30)
    ]
    scene = replace(scene, things=[*scene.things, *rows])
    frame, record = make(scene)
    back = shoot(replace(scene, camera=look_at((-2.2, -1.6, 1.5), (-12.0, -1.6, 1.3))))
    cameras = {**frame.cameras, "back": replace(back, sensor="back")}
    frame = replace(frame, cameras=cameras)
    frame = replace(frame, facts=measure(frame, record))
    frame = replace(frame, captions=write(frame, record, ("short", "dense", "driving"), Stream(2)))
    assert [str(f) for f in prove(frame, record)] == []
    assert [(c.kind, c.sensor) for c in frame.captions] == [
        ("short", "front"),
        ("short", "back"),
        ("dense", "front"),
        ("driving", "front"),
    ]
    shown = {int(i) for i in np.unique(back.instance)}
    assert {
        i for c in frame.captions if c.sensor == "back" for p in c.phrases for i in p.instance_ids
    } <= shown
