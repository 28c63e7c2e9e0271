"""The schema of facts: what is measured obeys it, what is proved is in it, and what breaks it is named."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pairforge.datasets import claims  # noqa: F401  (registers the checks)
from pairforge.datasets.claims_checks import CHECKS
from pairforge.datasets.fact_docs import page
from pairforge.datasets.fact_schema import GROUPS, PREDICATES, faults
from pairforge.sample import Fact
from tests.captioners.hand_made import HandScene
from tests.captioners.random_scenes import busy_street, busy_yard, random_street, random_table, told

DOCS = Path(__file__).parents[2] / "docs" / "captions.md"


def test_every_predicate_that_can_be_proved_has_a_row_and_the_other_way_round() -> None:
    assert set(PREDICATES) == set(CHECKS)
    assert {p.group for p in PREDICATES.values()} <= set(GROUPS)


@pytest.mark.parametrize(
    "scene",
    [busy_yard(), *(make(k, 160) for k in range(4) for make in (random_street, random_table))],
    ids=lambda s: str(len(s.things)),
)
def test_every_measured_fact_obeys_its_row(scene: HandScene) -> None:
    frame, _ = told(scene, 1)
    assert frame.facts
    assert [(f, list(faults(f, frame.time_ns))) for f in frame.facts if list(faults(f, frame.time_ns))] == []


def test_what_breaks_the_schema_is_named() -> None:
    frame, _ = told(busy_street(), 1)
    facts = {f.predicate: f for f in frame.facts}
    seen, far, side = facts["visible"], facts["distance"], facts["roadside"]

    def told_of(fact: Fact) -> str:
        return "; ".join(faults(fact, frame.time_ns))

    assert "there is no predicate" in told_of(replace(seen, predicate="gleaming"))
    assert "it takes thing, ego" in told_of(replace(far, subjects=far.subjects[:1]))
    assert "repeat" in told_of(replace(far, subjects=(far.subjects[0],) * 2))
    assert "none of ('left', 'right')" in told_of(replace(side, argument="above"))
    assert "frame" in told_of(replace(side, frame="viewer"))
    assert "unit" in told_of(replace(far, unit="cm"))
    assert "names no sensor" in told_of(replace(seen, sensor=""))
    assert "but is of the world" in told_of(replace(far, sensor=seen.sensor))
    assert "least is due" in told_of(replace(seen, threshold=None))
    assert "does not follow" in told_of(replace(seen, margin=(seen.margin or 0.0) + 1.0))
    assert "is no number" in told_of(replace(far, argument="near"))
    assert "no instant" in told_of(replace(seen, t0_ns=seen.t0_ns - 1))
    assert "not at the keyframe's" in told_of(replace(seen, t0_ns=0, t1_ns=0))
    assert "no evidence" in told_of(replace(seen, evidence=()))


def test_the_page_shows_the_schema() -> None:
    text = DOCS.read_text(encoding="utf-8")
    assert page(text) == text, "run: python -m pairforge.datasets.fact_docs docs/captions.md"
