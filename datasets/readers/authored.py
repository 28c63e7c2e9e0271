"""Sentences that came with a dataset: what patterns may hold, so that reading is safe and proves something."""

from __future__ import annotations

import re
from collections.abc import Iterator

from pairforge.datasets.fact_schema import PREDICATES
from pairforge.datasets.readers.patterns import Row
from pairforge.errors import did_you_mean

MOST_PATTERN = 400
_FORBIDDEN = re.compile(r"[*+\\^#]|\((?!\?(?:P<[a-z_0-9]+>|:))|(?<!\()\?")
"""No repetition, no escapes and no group but (?P<name>…) and (?:…): a match takes linear time."""


def faults(row: object) -> Iterator[str]:
    """What is wrong with a row of (pattern, claims): its shape, its pattern, or claims that are none."""
    if not (isinstance(row, list | tuple) and len(row) == 2 and isinstance(row[0], str)):
        yield f"{row!r} is no pair of a pattern and its claims"
        return
    pattern, claims = row
    if len(pattern) > MOST_PATTERN or _FORBIDDEN.search(pattern):
        yield (
            f"the pattern {pattern[:60]!r} is too long or repeats something; it may hold words, {{A}}, {{A is|are}}, "
            "[what may be left out], (?P<name>this|that) and <distance>"
        )
    if (
        not isinstance(claims, list | tuple)
        or not claims
        or not all(isinstance(c, str) and c for c in claims)
    ):
        yield f"the pattern {pattern[:60]!r} claims nothing; a sentence that claims nothing proves nothing"
        return
    for claim in claims:
        predicate = claim.split(" ")[0]
        if predicate not in PREDICATES:
            yield f'unknown predicate "{predicate}". {did_you_mean(predicate, PREDICATES)}'


def rows_of(stored: object) -> tuple[Row, ...]:
    """Stored rows that are sound; ValueError names the first that is not."""
    if not isinstance(stored, list | tuple):
        raise ValueError(f"{stored!r} is no list of sentences")
    for row in stored:
        for fault in faults(row):
            raise ValueError(fault)
    return tuple((row[0], tuple(row[1])) for row in stored)
