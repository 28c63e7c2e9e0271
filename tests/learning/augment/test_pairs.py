"""Texts beside pictures that they were not written for: how many are wrong is known, since the world is."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest
from scipy.stats import binomtest

from pairforge.datasets.reader import Dataset
from pairforge.errors import SpecError
from pairforge.learning.pairs import LoosePair, loose_pairs, noise_of
from pairforge.seeding import Stream


@pytest.fixture(scope="module")
def pairs(sides: Path) -> list[LoosePair]:
    return list(loose_pairs(Dataset(sides), stream=Stream(1)))


def test_a_text_is_never_refuted_before_its_own_picture_nor_while_nothing_moves(
    pairs: list[LoosePair],
) -> None:
    for kind in ("own", "next_moment", "same_clip", "other_camera"):
        verdicts = [p.verdict for p in pairs if p.kind == kind]
        assert "refuted" not in verdicts
        assert "true" in verdicts


def test_what_is_said_of_left_and_right_is_refuted_before_the_mirrored_world(pairs: list[LoosePair]) -> None:
    sided = [
        p for p in pairs if p.kind == "other_scene" and any(w in p.caption.text for w in ("left", "right"))
    ]
    assert sided
    assert {p.verdict for p in sided} == {"refuted"}
    assert all(p.text_key != p.picture_key for p in sided)


def test_pairs_join_what_their_kind_says(pairs: list[LoosePair]) -> None:
    for p in pairs:
        text, picture = (k.rpartition("-")[0] for k in (p.text_key, p.picture_key))
        assert (text != picture) == (p.kind == "other_scene")
        assert (p.text_key == p.picture_key) == (p.kind in ("own", "other_camera"))
        assert (p.sensor != p.caption.sensor) == (p.kind == "other_camera")


def test_the_interval_of_noise_is_the_exact_binomial_one(pairs: list[LoosePair]) -> None:
    some = pairs[0]
    made = [replace(some, kind="own", verdict=v) for v in ["refuted"] * 3 + ["true"] * 9 + ["open"] * 8]
    made += [replace(some, kind="same_clip", verdict="refuted")] * 4
    made += [replace(some, kind="other_scene", verdict="true")] * 5
    for found, bad in zip(noise_of(made), (3, 4, 0), strict=True):
        exact = binomtest(bad, found.pairs).proportion_ci(0.95, "exact")
        assert (found.refuted_least, found.refuted_most) == pytest.approx((exact.low, exact.high))
        assert found.refuted == bad / found.pairs
    assert (noise_of(made)[0].true, noise_of(made)[0].open) == (0.45, 0.4)


def test_an_unknown_kind_is_named(sides: Path) -> None:
    with pytest.raises(SpecError, match='Did you mean "other_scene"'):
        next(loose_pairs(Dataset(sides), kinds=("other_scen",)))
