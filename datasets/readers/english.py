"""Reads English: words -> claims, by a grammar of its own that accounts for every word.

Phrases are parsed first and leave a token each; what remains of a sentence must match one of ``SENTENCES`` whole.
Nothing here is shared with the templates: a text that a template can say and this grammar cannot is a finding.
"""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence

from pairforge.datasets.claims_inspection import CLAIMS as FLAW_CLAIMS
from pairforge.datasets.claims_inspection import read_flaw
from pairforge.datasets.claims_words import COLOURS, MATERIALS, WEARERS, count_of, singular_of, takes_an
from pairforge.datasets.readers.english_grammar import SENTENCES, compile_sentence
from pairforge.datasets.readers.protocol import Noun, Sentence, UnreadableError


class EnglishReader:
    """See ``protocol.Reader``."""

    code = "en"
    joint = " "

    def read(
        self, text: str, spans: Sequence[tuple[int, int]], nouns: frozenset[str]
    ) -> tuple[tuple[Noun, ...], Sentence]:
        read = []
        for start, end in spans:
            words = text[start:end]
            if start == 0:
                if not words[:1].isupper():
                    raise UnreadableError(f"no capital letter: {words!r}")
                words = words[:1].lower() + words[1:]
            read.append(read_phrase(words, nouns))
        return tuple(read), read_sentence(text, spans, [n.plural for n in read])

    def pronoun_fits(self, pronoun: Noun, topic: Noun) -> bool:
        return True


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


_COMPILED: tuple[tuple[re.Pattern[str], tuple[str, ...]], ...] = tuple(
    (compile_sentence(pattern), claims) for pattern, claims in SENTENCES
)
_LIST = re.compile(r"(@\d+[sp])((?:, @\d+[sp])*) and (@\d+[sp])")


def read_sentence(text: str, spans: Sequence[tuple[int, int]], plurals: Sequence[bool]) -> Sentence:
    """Matches a sentence whose phrases lie at ``spans`` (offsets in it, in order); raises UnreadableError."""
    skeleton, at = "", 0
    for k, (start, end) in enumerate(spans):
        skeleton += text[at:start] + f"@{k}{'p' if plurals[k] else 's'}"
        at = end
    skeleton += text[at:]
    if not spans or spans[0][0] > 0:
        if not skeleton[:1].isupper():
            raise UnreadableError(f"no capital letter: {text!r}")
        skeleton = skeleton[:1].lower() + skeleton[1:]
    skeleton, lists = _fold_lists(skeleton)
    for pattern, claims in _COMPILED:
        found = pattern.fullmatch(skeleton)
        if found:
            return _claims(found, claims, lists)
    raise UnreadableError(f"no sentence I know: {text!r}")


def _fold_lists(skeleton: str) -> tuple[str, dict[str, tuple[int, ...]]]:
    """ "@0s, @1p and @2s" -> "@0p" that stands for all three."""
    lists: dict[str, tuple[int, ...]] = {}

    def fold(found: re.Match[str]) -> str:
        members = tuple(int(n) for n in re.findall(r"@(\d+)", found.group(0)))
        lists[str(members[0])] = members
        return f"@{members[0]}p"

    return _LIST.sub(fold, skeleton), lists


def _claims(found: re.Match[str], claims: Sequence[str], lists: Mapping[str, tuple[int, ...]]) -> Sentence:
    groups = found.groupdict()
    slots = {}
    for letter in "ABCD":
        token = re.search(r"@(\d+)", groups.get(letter) or "")
        if token:
            slots[letter] = lists.get(token.group(1), (int(token.group(1)),))
    made = []
    for claim in claims:
        said = claim.split(" ")
        condition = next((w[1:] for w in said if w[0] == "?"), None)
        if condition is not None and not groups.get(condition):
            continue
        source = next((w for w in said[1:] if w[0] in "$="), "")
        argument = groups.get(source[1:]) if source[:1] == "$" else source[1:]
        subjects = tuple(w for w in said[1:] if w[0] not in "?$=")
        if argument is None or any(w in "ABCD" and w not in slots for w in subjects):
            continue
        if said[0] in FLAW_CLAIMS:
            spoken = read_flaw(said[0], argument)
            made += [(said[0], subjects, spoken)] if spoken is not None else []
            continue
        if said[0] == "defect_unseen":
            argument = str(count_of(argument))
        for one in argument.split(" and ") if source[:1] == "$" else (argument,):
            made.append((said[0], subjects, _number(one)))
    return Sentence(tuple(made), slots)


_WEATHER = {
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


def _number(argument: str) -> str:
    """The bare number of "14 metres", the weather of "in fog"; anything else as it is."""
    if argument in _WEATHER:
        return _WEATHER[argument]
    found = re.fullmatch(r"(\d+(?:\.\d)?) [a-z/]+", argument)
    return found.group(1) if found else argument
