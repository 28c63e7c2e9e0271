"""Allen's relations: each of the thirteen, their inverses, and silence in the dead band."""

from __future__ import annotations

from itertools import combinations

import pytest

from pairforge.intervals import INVERSE, RELATIONS, SAME_NS, allen

S = 1_000_000_000
PLAIN = {
    "before": ((0, 1), (2, 3)),
    "meets": ((0, 1), (1, 3)),
    "overlaps": ((0, 2), (1, 3)),
    "starts": ((0, 1), (0, 3)),
    "during": ((1, 2), (0, 3)),
    "finishes": ((2, 3), (0, 3)),
    "equals": ((0, 3), (0, 3)),
}


def at(span: tuple[int, int]) -> tuple[int, int]:
    return span[0] * S, span[1] * S


@pytest.mark.parametrize("relation", list(PLAIN))
def test_each_relation_and_its_inverse(relation: str) -> None:
    one, other = (at(span) for span in PLAIN[relation])
    assert allen(one, other) == (
        relation,
        SAME_NS if relation not in ("before", "overlaps", "during") else S - 2 * SAME_NS,
    )
    assert (allen(other, one) or ("",))[0] == INVERSE[relation]


def test_of_two_intervals_just_one_of_the_thirteen_holds() -> None:
    spans = [at(span) for span in combinations(range(5), 2)]
    found = {(allen(a, b) or ("",))[0] for a in spans for b in spans}
    assert found == set(RELATIONS)
    assert len(RELATIONS) == 13


def test_between_the_same_and_apart_nothing_is_said() -> None:
    assert allen((0, S), (S + SAME_NS, 3 * S)) == ("meets", 0)
    assert allen((0, S), (S + SAME_NS + 1, 3 * S)) is None
    assert allen((0, S), (S + 2 * SAME_NS, 3 * S)) == ("before", 0)
