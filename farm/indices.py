"""Scene numbers as ranges: a hundred thousand of them in one pair of integers."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from functools import cached_property
from itertools import accumulate
from typing import overload

from pairforge.errors import SpecError

Ranges = tuple[tuple[int, int], ...]
"""Disjoint, rising (first, last) pairs, both ends belonging to them."""


@dataclass(frozen=True)
class Indices(Sequence[int]):
    """The numbers in ``ranges``, in order, by arithmetic.

    >>> few = Indices(((0, 2), (10, 11)))
    >>> len(few), few[3], list(few[1:4]), 10 in few, 3 in few
    (5, 10, [1, 2, 10], True, False)
    """

    ranges: Ranges

    @cached_property
    def _starts(self) -> list[int]:
        """How many numbers stand before each range, and in all."""
        return [0, *accumulate(last - first + 1 for first, last in self.ranges)]

    def __len__(self) -> int:
        return self._starts[-1]

    @overload
    def __getitem__(self, at: int) -> int: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[int, ...]: ...
    def __getitem__(self, at: int | slice) -> int | tuple[int, ...]:
        if isinstance(at, slice):
            return tuple(self[k] for k in range(*at.indices(len(self))))
        k = at + len(self) if at < 0 else at
        if not 0 <= k < len(self):
            raise IndexError(at)
        row = bisect_right(self._starts, k) - 1
        return self.ranges[row][0] + k - self._starts[row]

    def index(self, number: int, start: int = 0, stop: int | None = None) -> int:
        """Where ``number`` stands; ValueError when it does not."""
        if number not in self:
            raise ValueError(f"{number} is not in {self.ranges}")
        row = bisect_right(self.ranges, (number, float("inf"))) - 1
        return self._starts[row] + number - self.ranges[row][0]

    def __contains__(self, number: object) -> bool:
        if not isinstance(number, int):
            return False
        row = bisect_right(self.ranges, (number, float("inf"))) - 1
        return row >= 0 and self.ranges[row][0] <= number <= self.ranges[row][1]


def ranges_of(numbers: Iterable[int]) -> Ranges:
    """The ranges of these numbers, whatever their order and repetitions.

    >>> ranges_of([3, 0, 1, 9, 1])
    ((0, 1), (3, 3), (9, 9))
    """
    found: list[tuple[int, int]] = []
    for number in sorted({*numbers}):
        if found and number == found[-1][1] + 1:
            found[-1] = (found[-1][0], number)
        else:
            found.append((number, number))
    return tuple(found)


def read_ranges(text: str) -> Ranges:
    """Ranges as written on a command line; SpecError for text that is none.

    >>> read_ranges("0-99,200,100")
    ((0, 100), (200, 200))
    """
    pairs = []
    for part in text.split(","):
        first, dash, last = part.strip().partition("-")
        if not (first.isdecimal() and (last.isdecimal() if dash else True)):
            raise SpecError(f'"{text}" is no list of scene numbers, as in 0,3 or 0-99,200')
        pairs.append((int(first), int(last) if dash else int(first)))
        if pairs[-1][1] < pairs[-1][0]:
            raise SpecError(
                f'"{part.strip()}" ends before it begins; write it as {pairs[-1][1]}-{pairs[-1][0]}'
            )
    return _joined(pairs)


def _joined(pairs: Iterable[tuple[int, int]]) -> Ranges:
    found: list[tuple[int, int]] = []
    for first, last in sorted(pairs):
        if found and first <= found[-1][1] + 1:
            found[-1] = (found[-1][0], max(found[-1][1], last))
        else:
            found.append((first, last))
    return tuple(found)


def told(numbers: Iterable[int], most: int = 12) -> str:
    """Numbers for a person to read, ranges joined.

    >>> told([0, 1, 2, 7])
    '0-2, 7'
    """
    ranges = ranges_of(numbers)
    shown = [f"{a}" if a == b else f"{a}-{b}" for a, b in ranges[:most]]
    return ", ".join(shown) + (f", and {len(ranges) - most} more ranges" if len(ranges) > most else "")
