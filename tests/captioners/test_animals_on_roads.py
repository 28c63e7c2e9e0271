"""A dog that walks across the road is told as somebody who crosses, in every language, and proved."""

from __future__ import annotations

from dataclasses import replace

import pytest

from pairforge.captioners.caption import write
from pairforge.captioners.facts import measure
from pairforge.datasets.claims import prove
from pairforge.seeding import Stream
from tests.captioners.hand_made import Thing, make, street

DOG = Thing("dog", "animal", (12.0, -2.0, 0.4), (1.0, 0.4, 0.8), "brown", velocity=(0.0, 1.2, 0.0))


@pytest.mark.parametrize("language", ["en", "de", "es", "zh"])
def test_a_dog_that_crosses_is_told_of(language: str) -> None:
    frame, record = make(street([DOG]))
    frame = replace(frame, facts=measure(frame, record))
    captions = write(frame, record, ("short", "dense", "driving"), Stream(1), (language,))
    frame = replace(frame, captions=captions)
    assert [str(f) for f in prove(frame, record)] == []
    crossing = {f.fact_id for f in frame.facts if f.predicate == "crossing" and f.subjects == (2,)}
    assert crossing
    told = [c.kind for c in captions if any(crossing & set(s.fact_ids) for s in c.statements)]
    assert {"dense", "driving"} <= set(told)


def test_a_dog_by_the_road_has_a_distance_and_no_lane() -> None:
    frame, record = make(street([replace(DOG, centre=(12.0, -5.0, 0.4), velocity=(0.0, 0.0, 0.0))]))
    facts = measure(frame, record)
    frame = replace(frame, facts=facts)
    assert [str(f) for f in prove(frame, record)] == []
    own = {f.predicate for f in facts if f.subjects[:1] == (2,)}
    assert {"distance", "still", "roadside"} <= own
    assert not {"in_lane", "parked", "oncoming"} & own
