"""Reads Chinese: words -> claims, by a grammar of its own that accounts for every character.

What agrees in Chinese is checked: a noun has its measure word, two is 两, 的 stands after a colour before a noun of
one syllable, 有 brings in only what is new, and riders ride where walkers walk. Nothing here is shared with the
templates.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from functools import lru_cache

from pairforge.datasets.readers.chinese_grammar import GRAMMAR
from pairforge.datasets.readers.chinese_rows import of_things
from pairforge.datasets.readers.chinese_words import (
    COLOUR_KEYS,
    MATERIAL_KEYS,
    MEASURES,
    NOUN_KEYS,
    ON_FOOT,
    RIDER,
    TAGS,
    count_of,
    fits_before,
)
from pairforge.datasets.readers.patterns import Row
from pairforge.datasets.readers.protocol import Noun, Sentence, UnreadableError
from pairforge.datasets.readers.tags import read_tags

_NUMBER = r"[一两三四五六七八九]|十[一二]?|[0-9]+"
_MEASURE = "|".join(sorted(set(MEASURES.values())))
_AMONG = rf"(?P<total>{_NUMBER})(?P<measure>{_MEASURE})(?P<rest>.+)中"
_STARTS: tuple[tuple[str, str], ...] = (
    (rf"{_AMONG}(?P<degree>较近|最近)的一(?P<again>{_MEASURE})", "nearest_of"),
    (rf"{_AMONG}的一(?P<again>{_MEASURE})", "one_of"),
    (rf"{_AMONG}的(?P<count>{_NUMBER})(?P<again>{_MEASURE})", "some_of"),
    (rf"另外(?P<count>{_NUMBER})(?P<measure>{_MEASURE})(?P<rest>.+)", "others"),
    (rf"另一(?P<measure>{_MEASURE})(?P<rest>.+)", "another"),
    (r"任何(?P<rest>.+)", "none"),
    (rf"(?:一排|多(?P<measure>{_MEASURE}))(?P<rest>停放的.+)", "row"),
    (rf"至少(?P<count>{_NUMBER})(?P<measure>{_MEASURE})(?P<rest>.+)", "at_least"),
    (rf"一(?P<measure>{_MEASURE})(?P<rest>.+)", "a"),
    (rf"(?P<count>{_NUMBER})(?P<measure>{_MEASURE})(?P<rest>.+)", "count"),
    (r"(?P<rest>.+)", "the"),
)
"""The first that fits; a noun with nothing before it is known."""
_COMPILED = tuple((re.compile(pattern), start) for pattern, start in _STARTS)
_COLOUR = "|".join(COLOUR_KEYS)
_WORN = re.compile(rf"穿(?P<colour>{_COLOUR})衣服的(?P<noun>.+)")
_PLAIN = re.compile(rf"(?P<colour>{_COLOUR})?(?P<de>的)?(?P<noun>.+)")
_NEW = frozenset({"a", "another", "count", "at_least", "others", "row"})


class ChineseReader:
    """See ``protocol.Reader``."""

    code = "zh"
    joint = ""

    def __init__(self, more: Sequence[Row] = ()) -> None:
        self._grammar = GRAMMAR.plus([(of_things(p), claims) for p, claims in more]) if more else GRAMMAR

    def read(
        self, text: str, spans: Sequence[tuple[int, int]], nouns: frozenset[str]
    ) -> tuple[tuple[Noun, ...], Sentence]:
        if not text.endswith("。"):
            tags = tuple(Noun("tag", (), _noun(text[start:end], nouns)) for start, end in spans)
            return tags, read_tags(text, spans, TAGS, "、")
        read = tuple(read_phrase(text[start:end], nouns) for start, end in spans)
        return read, self._grammar.read(text, spans, [features(n) for n in read])

    def pronoun_fits(self, pronoun: Noun, topic: Noun) -> bool:
        """它 stands for things, 对方 for people."""
        return (pronoun.grammar == "person") == (topic.word in (ON_FOOT, RIDER))


def features(noun: Noun) -> str:
    """What sentences ask of a phrase: "s" or "p" for how many, "z" for none at all and "y" for anything else, "n" of
    what is new, "x" of all but what is known, "c" a rider, "w" a walker, "d" neither; "b" may ride, "f" walk."""
    if noun.start == "none":
        return "sz"
    who = {RIDER: "cb", ON_FOOT: "wf"}.get(noun.word, "dbf")
    news = "" if noun.start == "the" else "nx" if noun.start in _NEW else "x"
    return f"{'p' if noun.plural else 's'}y{who}{news}"


@lru_cache(maxsize=1 << 15)
def read_phrase(words: str, nouns: frozenset[str]) -> Noun:
    """Parses a noun phrase; raises UnreadableError."""
    if words in ("它", "对方"):
        return Noun("it", grammar="thing" if words == "它" else "person")
    tried = ((start, pattern.fullmatch(words)) for pattern, start in _COMPILED)
    start, parts = next(((start, found.groupdict()) for start, found in tried if found), ("", {}))
    if not start:
        raise UnreadableError(f"no noun phrase: {words!r}")
    qualities, word = _qualities_and_noun(parts["rest"], nouns)
    for measure in (parts.get("measure"), parts.get("again")):
        if measure is not None and measure != MEASURES[word]:
            raise UnreadableError(f"wrong measure word: {words!r}")
    count, total = count_of(parts.get("count") or "一"), count_of(parts.get("total") or "一")
    if count is None or total is None:
        raise UnreadableError(f"no number: {words!r}")
    if (start in ("count", "at_least", "some_of", "others") and count < (1 if start == "some_of" else 2)) or (
        start in ("one_of", "nearest_of", "some_of") and total <= count
    ):
        raise UnreadableError(f"an impossible number: {words!r}")
    if start == "nearest_of" and (parts["degree"] == "较近") != (total == 2):
        raise UnreadableError(f"较近 of two, 最近 of more: {words!r}")
    return Noun(start, qualities, word, count, total)


def _qualities_and_noun(rest: str, nouns: frozenset[str]) -> tuple[tuple[str, ...], str]:
    said = rest.removeprefix("停放的")
    qualities = ("parked",) if said != rest else ()
    if worn := _WORN.fullmatch(said):
        word = _noun(worn["noun"], nouns)
        if word not in (ON_FOOT, RIDER):
            raise UnreadableError(f"only people wear clothes: {rest!r}")
        return (*qualities, COLOUR_KEYS[worn["colour"]]), word
    found = _PLAIN.fullmatch(said)
    if found is None:
        raise UnreadableError(f"no noun: {rest!r}")
    colour, noun = found["colour"], found["noun"]
    material = "" if noun in NOUN_KEYS else next((m for m in _materials(noun)), "")
    noun = noun.removeprefix(material)
    word = _noun(_whole(noun) if material else noun, nouns)
    if colour and word in (ON_FOOT, RIDER):
        raise UnreadableError(f"people wear their colours: {rest!r}")
    if bool(found["de"]) != bool(colour and not material and len(noun) == 1):
        raise UnreadableError(f"的 out of place: {rest!r}")
    if material and not fits_before(material, noun):
        raise UnreadableError(f"another form of the material is due: {rest!r}")
    more = [COLOUR_KEYS[colour]] if colour else []
    return (*qualities, *more, *([MATERIAL_KEYS[material]] if material else [])), word


def _materials(noun: str) -> list[str]:
    """Materials that it may begin with, such that a noun is left."""
    return [m for m in MATERIAL_KEYS if noun.startswith(m) and _whole(noun.removeprefix(m)) in NOUN_KEYS]


def _whole(noun: str) -> str:
    """ "盒" of 木盒 as the noun that it is alone, 盒子."""
    return f"{noun}子" if len(noun) == 1 and f"{noun}子" in NOUN_KEYS else noun


def _noun(words: str, nouns: frozenset[str]) -> str:
    word = NOUN_KEYS.get(words)
    if word is None or word not in nouns:
        raise UnreadableError(f"unknown noun {words!r}")
    return word
