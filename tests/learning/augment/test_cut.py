"""A shorter clip: numbered from 0, with its own happenings, and still true."""

from __future__ import annotations

import numpy as np
import pytest

from pairforge.errors import SpecError
from pairforge.learning.augment.clip import AugmentError
from pairforge.learning.augment.cut import Cut, RandomCut
from pairforge.learning.augment.proof import faults
from pairforge.learning.augment.protocol import Augment
from pairforge.seeding import Stream
from tests.learning.augment.clips import clip, one


def test_the_middle_of_a_clip_is_a_clip_of_its_own_that_verifies() -> None:
    before = clip("drop")
    after = Augment([Cut(1, 2)])(before, Stream(1))
    assert [f.frame_index for f in after.frames] == [0, 1]
    assert [f.time_ns for f in after.frames] == [f.time_ns for f in before.frames[1:3]]
    for x, y in zip(before.frames[1:3], after.frames, strict=True):
        for name, camera in x.cameras.items():
            assert np.array_equal(camera.rgb, y.cameras[name].rgb)
    assert faults(after) == []


def test_what_begins_after_the_last_keyframe_is_not_told() -> None:
    before = clip("drop")
    after, end = Cut(0, 2)(before), before.frames[1].time_ns
    early = [(h.kind, h.subjects, h.t0_ns) for h in before.record.happenings if h.t0_ns <= end]
    assert 0 < len(early) < len(before.record.happenings)
    assert [(h.kind, h.subjects, h.t0_ns) for h in after.record.happenings] == early
    ids = {0, *(h.happening_id for h in after.record.happenings)}
    assert all({c.cause_id, c.effect_id} <= ids for c in after.record.causes)


def test_only_a_whole_clip_can_be_cut_and_not_beyond_its_end() -> None:
    with pytest.raises(AugmentError, match="give it whole"):
        Cut(0, 1)(one("drop"))
    with pytest.raises(SpecError, match="keyframes 3 to 4 of a clip of 4"):
        Cut(3, 2)(clip("drop"))
    assert RandomCut(2).draw(one("drop"), Stream(1)) is None
    assert RandomCut(4).draw(clip("drop"), Stream(1)) is None


def test_every_place_is_drawn() -> None:
    found = [RandomCut(2).draw(clip("drop"), Stream(k)) for k in range(40)]
    assert set(found) == {Cut(0, 2), Cut(1, 2), Cut(2, 2)}
