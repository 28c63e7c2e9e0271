"""What every language does: noun phrases, lists, measures, and the filters that its templates use."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, Protocol

from pairforge.captioners.meanings import Measure, Mention
from pairforge.registry import Registry


class Language(Protocol):
    """Words for meanings. It makes no draw and reads no fact.

    ``code``: its tag ("en") and the folder of its templates. ``joint``: what stands between two sentences.
    ``ourselves``: how sentences about us begin, of which no two follow each other where there is another way.
    ``filters``: functions for templates beside ``does`` and ``verb``; a mention reaches them as ``Spoken``, anything
    else as the slot holds it.
    """

    code: str
    joint: str
    ourselves: tuple[str, ...]
    filters: Mapping[str, Callable[..., Any]]

    def knows(self, word: str) -> bool:
        """Whether it has a word for a noun; things without one are called by their class."""
        ...

    def phrase(self, mention: Mention, case: str) -> str:
        """The words of a mention; ``case`` is "" for the subject's, else whatever the language's filters ask for."""
        ...

    def listed(self, phrases: Sequence[str]) -> str:
        """Two or more phrases as one: "a, b and c"."""
        ...

    def measure(self, measure: Measure) -> str:
        """A number with its unit: "2.5 metres"."""
        ...

    def capitalised(self, text: str) -> str:
        """A sentence's beginning as the script wants it (``text`` begins with a letter)."""
        ...


LANGUAGES = Registry(
    "language",
    {
        "en": "pairforge.captioners.languages.english:English",
        "de": "pairforge.captioners.languages.german:German",
        "es": "pairforge.captioners.languages.spanish:Spanish",
        "zh": "pairforge.captioners.languages.chinese:Chinese",
    },
)


@cache
def language(code: str) -> Language:
    """The language of that code; SpecError with a suggestion when there is none."""
    made: Language = LANGUAGES.load(code)()
    return made


def codes() -> tuple[str, ...]:
    return LANGUAGES.names()
