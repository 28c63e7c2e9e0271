"""Captions of hand-made scenes are true, provable and fluent."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pairforge.captioners.caption import write
from pairforge.captioners.facts import measure
from pairforge.datasets.claims import prove
from pairforge.errors import SpecError
from pairforge.sample import Keyframe, SceneRecord
from pairforge.seeding import Stream
from tests.captioners.random_scenes import random_street, random_table, told

KINDS = ("short", "dense", "driving")


@pytest.mark.parametrize("seed", range(60))
def test_every_claim_about_a_random_street_is_proved(seed: int) -> None:
    frame, record = told(random_street(seed), seed)
    assert [str(f) for f in prove(frame, record)] == []
    assert {c.kind for c in frame.captions} == set(KINDS)


@pytest.mark.parametrize("seed", range(60))
def test_every_claim_about_a_random_table_is_proved(seed: int) -> None:
    frame, record = told(random_table(seed), seed)
    assert [str(f) for f in prove(frame, record)] == []


def test_an_unknown_kind_names_the_known_ones(street: tuple[Keyframe, SceneRecord]) -> None:
    with pytest.raises(SpecError, match='Did you mean "dense"'):
        write(*street, ["dens"], Stream(0))


def test_the_same_stream_writes_the_same_words(street: tuple[Keyframe, SceneRecord]) -> None:
    frame, record = street
    once, twice = (write(frame, record, KINDS, Stream(3, "a")) for _ in range(2))
    assert once == twice
    texts = {write(frame, record, KINDS, Stream(s, "a"))[1].text for s in range(12)}
    assert len(texts) > 4


def test_a_still_empty_camera_says_only_what_is_there(street: tuple[Keyframe, SceneRecord]) -> None:
    frame, record = street
    camera = frame.cameras["front"]
    empty = replace(camera, instance=np.zeros_like(camera.instance), boxes=())
    bare = replace(frame, cameras={"front": empty}, facts=(), captions=())
    bare = replace(bare, facts=measure(bare, record))
    bare = replace(bare, captions=write(bare, record, KINDS, Stream(1)))
    assert prove(bare, record) == []
    assert "car" not in bare.captions[0].text
