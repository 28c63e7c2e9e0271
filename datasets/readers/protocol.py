"""What a reader of a language gives: the noun phrases and the claims of a sentence, or that it cannot be read.

A reader accounts for every word by a grammar of its own, checks agreement (article, gender, number, case) and turns
words into keys: English nouns and adjectives, "left", "night", "14". What the keys claim of the world is the same in
every language and is proved elsewhere (``claims_text``).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Protocol

from pairforge.registry import Registry

Key = tuple[str, tuple[int, ...], str]
"""A claim: predicate, subjects, argument."""


class UnreadableError(ValueError):
    """The words are not such as the grammar knows; the message says which."""


@dataclass(frozen=True)
class Noun:
    """A parsed noun phrase. ``start``: "a", "the", "nearest_of", "it", "count", "one_of", "some_of", "at_least",
    "another", "others", "row", "none", "tag" (a bare noun, where there is no sentence); ``qualities`` and ``word``
    are keys, ``count`` and ``total`` its numbers; ``grammar`` is what a language remembers (a pronoun's gender)."""

    start: str
    qualities: tuple[str, ...] = ()
    word: str = ""
    count: int = 1
    total: int = 1
    grammar: str = ""

    @property
    def plural(self) -> bool:
        return self.start in ("count", "some_of", "at_least", "others", "row")


@dataclass(frozen=True)
class Sentence:
    """What a sentence claims beside its noun phrases: ``claims`` of (predicate, slots, argument); ``slots`` maps
    a letter to the places (indices) of its phrases in the sentence."""

    claims: tuple[tuple[str, tuple[str, ...], str], ...]
    slots: Mapping[str, tuple[int, ...]] = field(default_factory=dict)


class Reader(Protocol):
    """``code``: the language's tag; ``joint``: what stands between two sentences. It may be made with sentences that
    it shall know beside its own."""

    code: str
    joint: str

    def read(
        self, text: str, spans: Sequence[tuple[int, int]], nouns: frozenset[str]
    ) -> tuple[tuple[Noun, ...], Sentence]:
        """A sentence whose phrases lie at ``spans`` (offsets in it, in order, apart from each other), which may name
        things by ``nouns`` (keys). Raises UnreadableError."""
        ...

    def pronoun_fits(self, pronoun: Noun, topic: Noun) -> bool:
        """Whether a pronoun (start "it") agrees with the noun phrase it stands for."""
        ...


READERS = Registry(
    "language",
    {
        "en": "pairforge.datasets.readers.english:EnglishReader",
        "de": "pairforge.datasets.readers.german:GermanReader",
        "es": "pairforge.datasets.readers.spanish:SpanishReader",
        "zh": "pairforge.datasets.readers.chinese:ChineseReader",
    },
)


@cache
def reader(code: str, more: tuple[tuple[str, tuple[str, ...]], ...] = ()) -> Reader:
    """The reader of that language, which knows ``more`` sentences (pattern, claims) beside its own; SpecError with a
    suggestion when there is none."""
    made: Reader = READERS.load(code)(more) if more else READERS.load(code)()
    return made
