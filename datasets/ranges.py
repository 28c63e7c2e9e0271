"""Sets of scene numbers as ranges: a million in a row take no more room than two."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass
from itertools import accumulate


@dataclass(frozen=True)
class Ranges(Collection[int]):
    """Numbers in rising order, kept as (first, last) pairs that neither touch nor overlap.

    >>> Ranges.of([3, 1, 2, 7]).pairs
    ((1, 3), (7, 7))
    >>> list(Ranges.of(range(2)) | [5]), 5 in Ranges.of([4, 6])
    ([0, 1, 5], False)
    """

    pairs: tuple[tuple[int, int], ...] = ()

    def __post_init__(self) -> None:
        if any(first > last for first, last in self.pairs):
            raise ValueError("a range ends before it begins")
        if any(a[1] + 1 >= b[0] for a, b in zip(self.pairs, self.pairs[1:], strict=False)):
            raise ValueError("ranges overlap, touch or are out of order")

    @classmethod
    def of(cls, numbers: Iterable[int]) -> Ranges:
        """Whatever numbers, in whatever order, once each."""
        if isinstance(numbers, Ranges):
            return numbers
        if isinstance(numbers, range) and numbers.step == 1:
            return cls(((numbers.start, numbers.stop - 1),) if numbers else ())
        pairs: list[tuple[int, int]] = []
        for n in sorted({*numbers}):
            if pairs and pairs[-1][1] == n - 1:
                pairs[-1] = (pairs[-1][0], n)
            else:
                pairs.append((n, n))
        return cls(tuple(pairs))

    def __or__(self, other: Iterable[int]) -> Ranges:
        more = Ranges.of(other)
        joined: list[tuple[int, int]] = []
        for first, last in sorted((*self.pairs, *more.pairs)):
            if joined and first <= joined[-1][1] + 1:
                joined[-1] = (joined[-1][0], max(last, joined[-1][1]))
            else:
                joined.append((first, last))
        return Ranges(tuple(joined))

    def __contains__(self, number: object) -> bool:
        if not isinstance(number, int):
            return False
        at = bisect_right(self.pairs, (number, number)) - 1
        near = self.pairs[max(at, 0) : at + 2]
        return any(first <= number <= last for first, last in near)

    def __iter__(self) -> Iterator[int]:
        for first, last in self.pairs:
            yield from range(first, last + 1)

    def __len__(self) -> int:
        *_, total = accumulate((last - first + 1 for first, last in self.pairs), initial=0)
        return total
