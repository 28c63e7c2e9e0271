"""Reads German: words -> claims, with the agreement of article, adjective and noun and the case that verbs ask for.

Nothing here is shared with the templates or with whatever library makes them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence

from pairforge.datasets.readers.german_flaws import CLAIMS as FLAW_CLAIMS
from pairforge.datasets.readers.german_flaws import read_flaw
from pairforge.datasets.readers.german_grammar import NUMBERS, SENTENCES
from pairforge.datasets.readers.german_phrases import read_phrase
from pairforge.datasets.readers.german_words import (
    ACTS,
    EFFECTS,
    GROUNDS,
    LINES,
    NOUNS,
    PLACES,
    SHELF_ENDS,
    SHELVES,
    SIDES,
    SKY,
    SKY_CLAUSES,
    TAGS,
    TIMES,
    count_of,
)
from pairforge.datasets.readers.patterns import Grammar, Row, uncapitalised
from pairforge.datasets.readers.protocol import Noun, Sentence, UnreadableError
from pairforge.datasets.readers.tags import read_tags

_FUSED = {
    "im": ("in", "dem"),
    "ins": ("in", "das"),
    "am": ("an", "dem"),
    "vom": ("von", "dem"),
    "zum": ("zu", "dem"),
    "zur": ("zu", "der"),
    "ans": ("an", "das"),
}
"""A preposition and the article of the phrase behind it in one word, which belongs to the phrase."""
_APART = re.compile(r"\b(?:in dem|in das|an dem|von dem|zu dem|zu der|an das)\b", re.IGNORECASE)


class GermanReader:
    """See ``protocol.Reader``."""

    code = "de"
    joint = " "

    def __init__(self, more: Sequence[Row] = ()) -> None:
        self._grammar = _GRAMMAR.plus(more) if more else _GRAMMAR

    def read(
        self, text: str, spans: Sequence[tuple[int, int]], nouns: frozenset[str]
    ) -> tuple[tuple[Noun, ...], Sentence]:
        if not text.endswith("."):
            tags = tuple(Noun("tag", (), _tag(text[a:b], nouns)) for a, b in spans)
            return tags, read_tags(text, spans, TAGS, ", ")
        _no_loose_articles(text, spans)
        text, spans = _apart(text, spans)
        read = [read_phrase(uncapitalised(text[a:b]) if a == 0 else text[a:b], nouns) for a, b in spans]
        sentence = self._grammar.read(text, spans, [phrase.features for phrase in read])
        return tuple(phrase.noun for phrase in read), sentence

    def pronoun_fits(self, pronoun: Noun, topic: Noun) -> bool:
        """By gender; no sentence here takes up several things at once."""
        return not topic.plural and topic.grammar in pronoun.grammar


def _tag(words: str, nouns: frozenset[str]) -> str:
    found = next((key for key in sorted(nouns & NOUNS.keys()) if NOUNS[key][1] == words), None)
    if found is None:
        raise UnreadableError(f"no tag: {words!r}")
    return found


def _no_loose_articles(text: str, spans: Sequence[tuple[int, int]]) -> None:
    """Nobody says "in dem Korb" of a basket that is known."""
    for start, _ in spans:
        before = max(text.rfind(" ", 0, max(start - 1, 0)), -1) + 1
        if _APART.match(text, before):
            raise UnreadableError(f"two words that are one: {text[before : start + 4]!r}")


def _apart(text: str, spans: Sequence[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """ "vom Tisch" -> "von dem Tisch", of which "dem Tisch" is the phrase."""
    made, at, moved = "", 0, []
    for start, end in spans:
        made += text[at:start]
        first, _, rest = text[start:end].partition(" ")
        two = _FUSED.get(first.lower())
        if two is not None and rest:
            preposition = two[0].capitalize() if first[0].isupper() else two[0]
            made += f"{preposition} "
            words = f"{two[1]} {rest}"
        else:
            words = text[start:end]
        moved.append((len(made), len(made) + len(words)))
        made, at = made + words, end
    return made + text[at:], moved


def _causes(predicate: str, words: str) -> str:
    """ "lane_change|left" of "wechseln die Spur nach links"; with "+langsamer wird" the cause behind a stroke."""
    said, _, act = words.partition("+")
    kind = next(kind for piece, kind in EFFECTS.items() if piece in said)
    if predicate == "caused_by":
        return f"{kind}|{next((k for k, forms in ACTS.items() if act in forms), 'presence')}"
    side = re.search(r"nach (links|rechts)", said)
    return f"{kind}|{SIDES[side[1]]}" if side else kind


_KEYS = {**GROUNDS, **PLACES, **SIDES, **SKY, **SKY_CLAUSES, **TIMES}


def _arguments(predicate: str, words: str) -> Iterable[str]:
    """The bare number of "2,5 Meter", the weather of "im Regen", each of "Bäume und Häuser"; else the key."""
    if predicate in FLAW_CLAIMS:
        spoken = read_flaw(predicate, words)
        return () if spoken is None else (spoken,)
    if predicate == "defect_unseen":
        return ("1" if words in ("ein", "einen") else str(count_of(words)),)
    if predicate == "scenery":
        return [LINES[line[:1].upper() + line[1:]] for line in words.split(" und ")]
    if predicate == "on_shelf":
        _, which, _, *end = words.split(" ")
        return (" ".join([SHELVES[which], "shelf", *([SHELF_ENDS[" ".join(end)]] if end else [])]),)
    if predicate in ("under_way", "just_ended", "caused_by"):
        return (_causes(predicate, words),)
    found = re.fullmatch(r"(\d+(?:,\d)?) [A-Za-z/]+", words)
    return (found.group(1).replace(",", ".") if found else _KEYS.get(words, words),)


_GRAMMAR = Grammar(SENTENCES, numbers=NUMBERS, comma=", ", last=" und ", arguments=_arguments)
