"""What fog hides is neither named by a question nor counted on by its answer."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pairforge.captioners.facts import measure
from pairforge.captioners.haze import lost_in_air
from pairforge.captioners.questions.ask import ask
from pairforge.captioners.questions.registry import chosen
from pairforge.datasets.sql import Tables
from pairforge.datasets.verify_questions import Judge
from tests.captioners.hand_made import CAR, PERSON, Thing, street
from tests.captioners.questions.hand_dataset import HandDataset
from tests.captioners.random_scenes import told

NEAR, FAR = 12.0, 34.0
FOG_PER_M = 0.1
"""A tenth of the contrast is left at ln(10) / 0.1 = 23 m."""


def car(x: float, y: float, colour: str, noun: str) -> Thing:
    return Thing(noun, "car", (x, y, 0.75), CAR, colour, velocity=(5.0, 0.0, 0.0))


class Street(HandDataset):
    """Two cars and a walker near by, a car and another walker far off, in air of some thickness."""

    def __init__(self, fog_per_m: float) -> None:
        walkers = [
            Thing(
                "pedestrian",
                "pedestrian",
                (x, -5.0 if x == NEAR else 4.2, 0.9),
                PERSON,
                colour,
                velocity=(1.0, 0.0, 0.0),
            )
            for x, colour in ((NEAR, "red"), (FAR, "blue"))
        ]
        cars = [car(NEAR, -1.6, "red", "hatchback"), car(NEAR, 6.0, "white", "SUV")]
        frame, record = told(street([*cars, car(FAR, 1.6, "green", "sedan"), *walkers]), 0)
        sky = {**record.concrete["sky"], "fog_per_m": fog_per_m}
        record = replace(record, scene_index=0, concrete={**record.concrete, "sky": sky})
        frame = replace(frame, scene_index=0, frame_index=0, captions=())
        self.held = {0: (replace(frame, facts=measure(frame, record)), record)}

    @property
    def lost(self) -> frozenset[int]:
        ((frame, record),) = self.held.values()
        (camera,) = frame.cameras.values()
        return lost_in_air(camera, record)


@pytest.fixture(scope="module")
def clear() -> Street:
    return Street(0.0)


@pytest.fixture(scope="module")
def foggy() -> Street:
    return Street(FOG_PER_M)


def test_fog_withholds_questions_about_what_it_hides(clear: Street, foggy: Street) -> None:
    assert not clear.lost
    assert len(foggy.lost) == 2
    asked = [ask(world, chosen(), seed=3, per_frame=60) for world in (clear, foggy)]
    named = [{i for q in own for p in q.phrases for i in p.instance_ids} for own in asked]
    assert named[0] & foggy.lost, "the same things are asked about in clear air"
    assert named[1], "what stands near by is asked about in fog"
    assert not named[1] & foggy.lost
    assert any(q.family == "counting.of_kind" for q in asked[0])
    assert not any(q.family == "counting.of_kind" for q in asked[1]), "one of each kind is hidden"
    with Tables.of(foggy, [0]) as tables:
        judge = Judge(tables)
        assert {q.question: m for q in asked[1] if (m := list(judge.problems(q)))} == {}


def test_questions_of_clear_air_are_refuted_in_fog(clear: Street, foggy: Street) -> None:
    """By the verifier's own rule: the messages of what asks again do not count."""
    found: dict[str, list[str]] = {}
    with Tables.of(foggy, [0]) as tables:
        judge = Judge(tables)
        for q in ask(clear, chosen(), seed=3, per_frame=60):
            found[q.question] = [m for m in judge.problems(q) if "fog or dust" in m]
            ids = {i for p in q.phrases for i in p.instance_ids}
            assert any("names what fog" in m for m in found[q.question]) == bool(ids & foggy.lost), q.question
            if q.family == "counting.of_kind":
                assert any("rests on" in m for m in found[q.question]), q.question
    assert sum(not messages for messages in found.values()) > 10, "what is near is as it was"
