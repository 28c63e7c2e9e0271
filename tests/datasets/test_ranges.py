"""Numbers kept as ranges are the same numbers."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pairforge.datasets.ranges import Ranges

numbers = st.sets(st.integers(0, 60))


@given(numbers, numbers)
def test_they_behave_as_the_sets_they_stand_for(a: set[int], b: set[int]) -> None:
    ranges = Ranges.of(a)
    assert list(ranges) == sorted(a)
    assert len(ranges) == len(a)
    assert [n for n in range(-2, 63) if n in ranges] == sorted(a)
    assert list(ranges | b) == sorted(a | b)
    assert Ranges.of(a) == Ranges.of(sorted(a, reverse=True))
    assert Ranges(ranges.pairs) == ranges


def test_a_million_in_a_row_take_one_pair() -> None:
    assert Ranges.of(range(1_000_000)).pairs == ((0, 999_999),)
    assert (Ranges.of(range(10)) | range(10, 20)).pairs == ((0, 19),)
    assert not Ranges.of(range(0))


@pytest.mark.parametrize("pairs", [((3, 1),), ((0, 4), (5, 6)), ((4, 5), (0, 1)), ((0, 4), (3, 6))])
def test_pairs_out_of_order_are_refused(pairs: tuple[tuple[int, int], ...]) -> None:
    with pytest.raises(ValueError, match="range"):
        Ranges(pairs)
