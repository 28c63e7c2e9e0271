"""Reads English: words -> claims, by a grammar of its own that accounts for every word.

Phrases are parsed first and leave a token each; what remains of a sentence must match one of ``SENTENCES`` whole.
Nothing here is shared with the templates: a text that a template can say and this grammar cannot is a finding.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from pairforge.datasets.claims_inspection import CLAIMS as FLAW_CLAIMS
from pairforge.datasets.claims_inspection import read_flaw
from pairforge.datasets.claims_words import COLOURS, MATERIALS, WEARERS, count_of, singular_of, takes_an
from pairforge.datasets.readers.english_grammar import NUMBERS, SENTENCES
from pairforge.datasets.readers.patterns import Grammar, Row, uncapitalised
from pairforge.datasets.readers.protocol import Noun, Sentence, UnreadableError
from pairforge.datasets.readers.tags import read_tags


class EnglishReader:
    """See ``protocol.Reader``."""

    code = "en"
    joint = " "

    def __init__(self, more: Sequence[Row] = ()) -> None:
        self._grammar = _GRAMMAR.plus(more) if more else _GRAMMAR

    def read(
        self, text: str, spans: Sequence[tuple[int, int]], nouns: frozenset[str]
    ) -> tuple[tuple[Noun, ...], Sentence]:
        if not text.endswith("."):
            if strange := next((text[a:b] for a, b in spans if text[a:b] not in nouns), None):
                raise UnreadableError(f"no tag: {strange!r}")
            return tuple(Noun("tag", (), text[a:b]) for a, b in spans), read_tags(text, spans, _TAGS, ", ")
        read = []
        for start, end in spans:
            words = text[start:end]
            read.append(read_phrase(uncapitalised(words) if start == 0 else words, nouns))
        return tuple(read), self._grammar.read(text, spans, [_features(n.plural) for n in read])

    def pronoun_fits(self, pronoun: Noun, topic: Noun) -> bool:
        return True


_TAGS = {
    **{w: ("place", w) for w in ("street", "road", "motorway")},
    **{w: ("scenery", w) for w in ("trees", "buildings")},
    **{
        w: ("weather", w)
        for w in (
            *("sunny", "low sun", "cloudy", "overcast", "foggy", "rainy", "snowy", "dusty"),
            *("night", "twilight", "wet", "snow-covered"),
        )
    },
}
"""Tags that are no nouns of things, and what they claim."""

_STARTS: tuple[tuple[str, str], ...] = (
    (r"(?P<article>an)other (?P<rest>.+)", "another"),
    (r"the (?P<degree>nearer|nearest) of (?P<total>\w+) (?P<rest>.+)", "nearest_of"),
    (r"the (?P<rest>.+)", "the"),
    (r"no (?P<rest>.+)", "none"),
    (r"(?P<article>an?) (?P<rest>.+)", "a"),
    (r"one of (?P<total>\w+) (?P<rest>.+)", "one_of"),
    (r"(?P<count>\w+) other (?P<rest>.+)", "others"),
    (r"at least (?P<count>\w+) (?P<rest>.+)", "at_least"),
    (r"(?P<count>\w+) of (?P<total>\w+) (?P<rest>.+)", "some_of"),
    (r"(?P<rest>parked .+)", "row"),
    (r"(?P<count>\w+) (?P<rest>.+)", "count"),
)


@lru_cache(maxsize=1 << 15)
def read_phrase(words: str, nouns: frozenset[str]) -> Noun:
    """Parses a noun phrase, its first letter in lower case; raises UnreadableError."""
    if words == "it":
        return Noun("it")
    tried = ((start, re.fullmatch(pattern, words)) for pattern, start in _STARTS)
    start, parts = next(((start, found.groupdict()) for start, found in tried if found), ("", {}))
    if not start:
        raise UnreadableError(f"no noun phrase: {words!r}")
    if start == "a" and (parts["article"] == "an") != takes_an(parts["rest"]):
        raise UnreadableError(f"wrong article: {words!r}")
    plural = start in ("one_of", "nearest_of", "at_least", "some_of", "count", "others", "row")
    qualities, word = _qualities_and_noun(parts["rest"], nouns, plural)
    count, total = count_of(parts.get("count") or "one"), count_of(parts.get("total") or "one")
    if count is None or total is None:
        raise UnreadableError(f"no number: {words!r}")
    if (start in ("count", "at_least", "some_of", "others") and count < (1 if start == "some_of" else 2)) or (
        start in ("one_of", "nearest_of", "some_of") and total <= count
    ):
        raise UnreadableError(f"an impossible number: {words!r}")
    if start == "nearest_of" and (parts["degree"] == "nearer") != (total == 2):
        raise UnreadableError(f"nearer of two, nearest of more: {words!r}")
    return Noun(start, qualities, word, count, total)


def _qualities_and_noun(rest: str, nouns: frozenset[str], plural: bool) -> tuple[tuple[str, ...], str]:
    worn = re.fullmatch(r"(\w+) in (\w+)", rest)
    if worn and worn.group(2) in COLOURS:
        word = singular_of(worn.group(1), nouns) if plural else worn.group(1)
        if word in WEARERS & nouns:
            return (worn.group(2),), str(word)
    words, qualities, order = rest.split(" "), [], 0
    lexicons = (("parked",), COLOURS, MATERIALS)
    while len(words) > 1 and " ".join(words) not in nouns:
        place = next((k for k in range(order, len(lexicons)) if words[0] in lexicons[k]), None)
        if place is None:
            break
        qualities.append(words.pop(0))
        order = place + 1
    said = " ".join(words)
    word = singular_of(said, nouns) if plural else (said if said in nouns else None)
    if word is None:
        raise UnreadableError(f"unknown noun {said!r}")
    if word in WEARERS and set(qualities) & COLOURS:
        raise UnreadableError(f"people wear their colours: {rest!r}")
    return tuple(qualities), word


def _features(plural: bool) -> str:
    """Of a phrase: its number, and that of a list that it begins."""
    return "pm" if plural else "so"


_KEYS = {
    "in sunshine": "sunny",
    "in low sun": "low sun",
    "low": "low sun",
    "under a cloudy sky": "cloudy",
    "under an overcast sky": "overcast",
    "in fog": "foggy",
    "in rain": "rainy",
    "in falling snow": "snowy",
    "in dusty air": "dusty",
    "at night": "night",
    "at twilight": "twilight",
}


_DOES = {
    "braking": ("are braking", "braked", "brake"),
    "stopping": ("are stopping", "stopped", "stop"),
    "lane_change": ("are changing lanes", "changed lanes", "change lanes"),
    "moving_over": ("are moving over", "moved over", "move over"),
}
"""What we do, have done, and are made to do."""
_ACTS = {
    "": "presence",
    "crossing the road": "crossing_road",
    "cutting in": "cutting_in",
    "running a red light": "ran_red",
    "changing lanes": "lane_change",
    "moving over": "moving_over",
    "coming to a stop": "stopping",
    "slowing down": "braking",
    "setting off": "starting",
    "turning": "turning",
}


def _causes(predicate: str, words: str) -> Iterable[str]:
    """What "are braking" claims, or "are braking+crossing the road"."""
    said, _, act = words.partition("+")
    does, _, side = said.partition(" to the ")
    kind, form = next((kind, forms.index(does)) for kind, forms in _DOES.items() if does in forms)
    if predicate == "caused_by":
        return (f"{kind}|{_ACTS[act.strip()]}",)
    if form == (1 if predicate == "under_way" else 0):
        return ()
    return (f"{kind}|{side}" if side else kind,)


def _arguments(predicate: str, words: str) -> Iterable[str]:
    """The bare number of "14 metres", the weather of "in fog", each of "trees and buildings"; else the words."""
    if predicate in FLAW_CLAIMS:
        spoken = read_flaw(predicate, words)
        return () if spoken is None else (spoken,)
    if predicate == "defect_unseen":
        return (str(count_of(words)),)
    if predicate in ("under_way", "just_ended", "caused_by"):
        return _causes(predicate, words)
    if predicate == "scenery":
        return words.split(" and ")
    found = re.fullmatch(r"(\d+(?:\.\d)?) [a-z/]+", words)
    return (found.group(1) if found else _KEYS.get(words, words),)


_GRAMMAR = Grammar(
    SENTENCES, numbers=NUMBERS, comma=", ", last=" and ", arguments=_arguments, joined=lambda f: "p" + f[0][1]
)
