"""The verifier of text: silent on the truth, loud on every lie."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pytest

from pairforge.datasets.claims import fact_findings, prove, repeated_facts
from pairforge.datasets.claims_scene import Proof
from pairforge.datasets.claims_text import caption_findings
from pairforge.datasets.claims_words import plural_of
from pairforge.datasets.readers.english import read_phrase
from pairforge.datasets.readers.protocol import UnreadableError
from pairforge.sample import Keyframe, SceneRecord
from tests.captioners.mutate import caption_mutations, fact_mutations
from tests.captioners.random_scenes import (
    busy_street,
    busy_table,
    busy_yard,
    random_street,
    random_table,
    told,
)

SCENES = {
    "street": lambda: told(busy_street(), 1),
    "table": lambda: told(busy_table(), 2),
    "yard": lambda: told(busy_yard(), 4),
    "street 3": lambda: told(random_street(3, 240), 3),
    "table 5": lambda: told(random_table(5, 240), 5),
}


@pytest.fixture(scope="module", params=list(SCENES))
def scene(request: pytest.FixtureRequest) -> tuple[Keyframe, SceneRecord]:
    made: tuple[Keyframe, SceneRecord] = SCENES[request.param]()
    return made


def test_the_truth_passes(scene: tuple[Keyframe, SceneRecord]) -> None:
    assert prove(*scene) == []


def test_every_altered_caption_is_caught(scene: tuple[Keyframe, SceneRecord]) -> None:
    frame, record = scene
    proof = Proof(frame, record)
    tried, missed = Counter[str](), []
    for caption in frame.captions:
        for kind, wrong in caption_mutations(caption):
            tried[kind] += 1
            if not list(caption_findings(proof, wrong)):
                missed.append((kind, wrong.text))
    assert missed == []
    assert sum(tried.values()) >= 250
    assert len(tried) >= 18


def test_every_altered_fact_is_caught(scene: tuple[Keyframe, SceneRecord]) -> None:
    frame, record = scene
    ids, proof = tuple(r.instance_id for r in record.instances), Proof(frame, record)
    tried, missed, seen = Counter[str](), [], Counter[str]()
    for place, fact in enumerate(frame.facts):
        seen[fact.predicate] += 1
        if seen[fact.predicate] > 2:
            continue
        for kind, wrong in fact_mutations(fact, ids):
            facts = (*frame.facts[:place], wrong, *frame.facts[place + 1 :])
            tried[kind] += 1
            if not fact_findings(proof, wrong, place + 1) and not repeated_facts(facts):
                missed.append((kind, fact, wrong))
    assert missed == []
    assert sum(tried.values()) >= 100


def test_a_velocity_that_the_track_denies_is_caught(scene: tuple[Keyframe, SceneRecord]) -> None:
    frame, record = scene
    x, y, z = frame.boxes[-1].velocity_mps
    faster = replace(frame.boxes[-1], velocity_mps=(x + 1.5, y, z))
    findings = prove(replace(frame, boxes=(*frame.boxes[:-1], faster)), record)
    assert any("track" in f.problem for f in findings)


def test_a_finding_says_where_and_what(scene: tuple[Keyframe, SceneRecord]) -> None:
    frame, record = scene
    fact = next(f for f in frame.facts if f.predicate == "visible")
    wrong = replace(fact, value=(fact.value or 0.0) + 50, margin=(fact.margin or 0.0) + 50)
    facts = tuple(wrong if f is fact else f for f in frame.facts)
    finding = prove(replace(frame, facts=facts), record)[0]
    assert finding.fact_id == fact.fact_id
    assert "visible" in finding.where
    assert "value" in finding.problem
    assert str(fact.value)[:3] in finding.expected


@pytest.mark.parametrize(
    "words",
    [
        *("a orange cube", "an red cube", "two cube", "one cube", "a cubes", "1 cubes", "three of two cubes"),
        *(
            "the the cube",
            "a red blue cube",
            "a wooden red cube",
            "cube",
            "13 of 4 cubes",
            "a pedestrian in wooden",
        ),
    ],
)
def test_bad_english_is_not_read(words: str) -> None:
    with pytest.raises(UnreadableError):
        read_phrase(words, frozenset({"cube", "pedestrian"}))


@pytest.mark.parametrize(
    ("one", "many"), [("bus", "buses"), ("lamp post", "lamp posts"), ("SUV", "SUVs"), ("berry", "berries")]
)
def test_plurals(one: str, many: str) -> None:
    assert plural_of(one) == many
