"""Sentences that came with a dataset: what patterns may hold, so that reading is safe and proves something."""

from __future__ import annotations

import re
from collections.abc import Iterator, Sequence

from pairforge.datasets.claims_words import COLOURS, MATERIALS
from pairforge.datasets.fact_schema import PREDICATES
from pairforge.datasets.readers.patterns import Row
from pairforge.errors import did_you_mean

MOST_PATTERN = 400
_PHRASES = "ABCDEF"
_FORBIDDEN = re.compile(r"[*+\\^#]|\((?!\?(?:P<[a-z_0-9]+>|:))|(?<!\()\?")
"""No repetition, no escapes and no group but (?P<name>…) and (?:…): a match takes linear time."""


_LETTER = re.compile(r"\{(?:[^{}]* )?([A-F])(?:/\w+)?(?: [^{}]*)?\}")
_GROUP = re.compile(r"\(\?P<([a-z_0-9]+)>[^()]*\)|(?<!P)<([a-z_0-9]+)>")
"""Words that may vary: (?P<side>left|right), <distance>."""
_TELLING = frozenset(
    {*COLOURS, *MATERIALS, "left", "right", "behind", "parked", "no", "not", "none", "never"}
)
"""English words of which each is a claim."""
_WORD = re.compile(r"[a-z]+")


def faults(row: object) -> Iterator[str]:
    """What is wrong with a row of (pattern, claims): its shape, its pattern, claims that are none, or words that may
    change while what it claims does not."""
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
    yield from _unclaimed(pattern, claims)


def _unclaimed(pattern: str, claims: Sequence[str]) -> Iterator[str]:
    """Where a lie could hide: claims of a phrase or a group that the pattern has not, which are never made, and words
    that no claim depends on."""
    said = [word for claim in claims for word in claim.split(" ")[1:]]
    letters = set(_LETTER.findall(pattern))
    varying = {found[1] or found[2]: found[0] for found in _GROUP.finditer(pattern)}
    used = {name for word in said if word[0] in "$?" for name in word[1:].split("+")}
    for word in said:
        if word in _PHRASES and word not in letters:
            yield f"the pattern {pattern[:60]!r} has no phrase {{{word}}}, of which it claims something"
    for name in sorted(used - varying.keys()):
        yield f'the pattern {pattern[:60]!r} has no words called "{name}", which its claims rest on'
    for name in sorted(varying.keys() - used):
        yield f'the pattern {pattern[:60]!r} may say anything for "{name}": no claim depends on it'
    spoken = " ".join((*claims, *varying.values())).replace("_", " ")
    for word in _WORD.findall(_LETTER.sub(" ", _GROUP.sub(" ", pattern))):
        if word in _TELLING and word not in _WORD.findall(spoken):
            yield f'the pattern {pattern[:60]!r} says "{word}", and no claim does'


def rows_of(stored: object) -> tuple[Row, ...]:
    """Stored rows that are sound; ValueError names the first that is not."""
    if not isinstance(stored, list | tuple):
        raise ValueError(f"{stored!r} is no list of sentences")
    for row in stored:
        for fault in faults(row):
            raise ValueError(fault)
    return tuple((row[0], tuple(row[1])) for row in stored)
