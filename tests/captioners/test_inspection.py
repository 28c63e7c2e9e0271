"""What is said of inspected parts: true of real worlds, silent on what is not seen, and every lie is caught."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace
from functools import cache
from typing import Any

import numpy as np
import pytest

from pairforge.captioners import facts_inspection as told_by
from pairforge.captioners.caption import write
from pairforge.captioners.facts import measure
from pairforge.datasets import claims_inspection as proved_by
from pairforge.datasets.claims import fact_findings, prove, repeated_facts
from pairforge.datasets.claims_scene import Proof
from pairforge.datasets.claims_text import caption_findings
from pairforge.pipeline import prepare
from pairforge.sample import Keyframe, SceneRecord
from pairforge.scenes.inspection import severity
from pairforge.scenes.library import inspection
from pairforge.scenes.spec import Camera, Scene
from pairforge.seeding import Stream
from tests.captioners.mutate import caption_mutations, fact_mutations
from tests.captioners.test_worlds import sensed

ABOUT = frozenset(("defect", "defect_size", "defect_severity", "defect_unseen", "defect_free", "verdict"))


@cache
def keyframe(
    name: str, seed: int, kind: str = "", more: str = "none", width_px: int = 960
) -> tuple[Keyframe, SceneRecord]:
    """A keyframe without a picture, measured and told; ``kind`` replaces the drawn defect, ``more`` the second."""
    scene: Scene = getattr(inspection, name)
    cameras = [
        replace(s, width_px=width_px, height_px=width_px * 9 // 16)
        for s in scene.sensors
        if isinstance(s, Camera)
    ]
    do: dict[str, Any] = {"part.params.defect": kind, "part.params.second_defect": more} if kind else {}
    do |= {"part.params.defect_size_mm": 9.0, "part.params.defect_depth_mm": 0.3} if kind else {}
    ready = prepare(replace(scene, sensors=cameras), seed, 0, do)
    frame = sensed(ready, 0)
    frame = replace(frame, facts=measure(frame, ready.record))
    kinds = ("short", "dense", "inspection")
    return replace(frame, captions=write(frame, ready.record, kinds, Stream(seed, "test"))), ready.record


def text_of(frame: Keyframe) -> str:
    return next(c.text for c in frame.captions if c.kind == "inspection")


@pytest.mark.parametrize("kind", severity.KINDS)
def test_every_kind_of_defect_is_told_truly(kind: str) -> None:
    frame, record = keyframe("PLATE", 3, kind)
    assert [str(f) for f in prove(frame, record)] == []
    own = record.extra["notes"]["1"]["defects"][0]
    told = [f for f in frame.facts if f.predicate == "defect"]
    assert len(told) == 1
    assert told[0].argument.startswith(f"{kind}|top face|")
    assert f"{own['severity']} {kind.replace('_', ' ')}" in text_of(frame)


def test_a_good_part_is_said_to_be_free_of_defects_and_no_other_is() -> None:
    frame, record = keyframe("PLATE", 3, "none")
    assert prove(frame, record) == []
    assert {f.predicate for f in frame.facts} & ABOUT == {"defect_free", "verdict"}
    assert "defect" in text_of(frame)
    other, other_record = keyframe("PLATE", 3, "scratch")
    lie = replace(next(f for f in frame.facts if f.predicate == "defect_free"), fact_id=1)
    assert fact_findings(Proof(other, other_record), lie, 1)


def test_a_defect_that_the_camera_does_not_show_is_out_of_view() -> None:
    frame, record = keyframe("PLATE", 3, "scratch")
    (defect,) = (p.part_id for p in record.parts if p.semantic == "defect")
    camera = next(iter(frame.cameras.values()))
    body = next(p.part_id for p in record.parts if p.name == "part.body")
    blind = replace(camera, part=np.where(camera.part == defect, np.uint16(body), camera.part))
    hidden = replace(frame, cameras={camera.sensor: blind}, facts=(), captions=())
    hidden = replace(hidden, facts=measure(hidden, record))
    hidden = replace(hidden, captions=write(hidden, record, ("inspection",), Stream(1)))
    assert prove(hidden, record) == []
    assert "one defect" in text_of(hidden).lower()
    assert "scratch" not in text_of(hidden)


def test_a_fact_that_is_left_out_is_missed() -> None:
    frame, record = keyframe("PLATE", 3, "dent")
    facts = tuple(f for f in frame.facts if not f.predicate.startswith("defect"))
    facts = tuple(replace(f, fact_id=k) for k, f in enumerate(facts, start=1))
    problems = [f.problem for f in prove(replace(frame, facts=facts, captions=()), record)]
    assert any("shows 1 defects" in p for p in problems)


@pytest.mark.parametrize("kind", ["scratch", "misprint"])
def test_every_altered_word_and_fact_is_caught(kind: str) -> None:
    frame, record = keyframe("PLATE", 3, kind, "dent")
    proof, missed, tried = Proof(frame, record), [], Counter[str]()
    for caption in (c for c in frame.captions if c.kind == "inspection"):
        for what, wrong in caption_mutations(caption):
            tried[what] += 1
            if not list(caption_findings(proof, wrong)):
                missed.append((what, wrong.text))
    ids = (*(r.instance_id for r in record.instances), 77)
    for place, fact in enumerate(frame.facts):
        for what, wrong_fact in fact_mutations(fact, ids) if fact.predicate in ABOUT else ():
            facts = (*frame.facts[:place], wrong_fact, *frame.facts[place + 1 :])
            tried[what] += 1
            if not fact_findings(proof, wrong_fact, place + 1) and not repeated_facts(facts):
                missed.append((what, str(wrong_fact)))
    assert missed == []
    assert sum(tried.values()) > 150


def test_the_rule_and_the_floors_are_the_same_three_times_over() -> None:
    assert dict(told_by.RULE_MM) == dict(severity.LIMITS_MM) == proved_by.GRADES
    for kind, (major, critical) in severity.LIMITS_MM.items():
        for size in (0.1, major, major + 0.01, critical, 3.0, 40.0):
            assert proved_by.grade_of(kind, size) == severity.severity(kind, size)
    assert told_by.MENTION_PX == proved_by.SPEAK_PX
    assert told_by.NOTICE_PX == proved_by.GLIMPSE_PX


@pytest.mark.slow
@pytest.mark.parametrize("name", ["BRACKET", "GEAR", "CASTING", "BOARD"])
def test_all_said_of_every_family_is_proved(name: str) -> None:
    for seed in (2, 4):
        frame, record = keyframe(name, seed, "", "none", 640)
        assert [str(f) for f in prove(frame, record)] == []
        assert any(f.predicate == "verdict" for f in frame.facts)
