"""Reads Spanish: words -> claims, by a grammar of its own that accounts for every word and every agreement.

A phrase leaves a token whose features are its number (s, p), gender (m, f), whether it is of people (h; walkers w,
cyclists c) or things (t), and whether it is definite (d, i; z where there is none of them); a pronoun's are its
number, gender and case (n: este, a: lo, o: él, l: le), as far as its form tells. Sentences then hold verbs,
participles, "hay" and "a" to them. Nothing here is shared with the templates.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

from pairforge.datasets.readers import spanish_words as words
from pairforge.datasets.readers.patterns import Grammar, Row, uncapitalised
from pairforge.datasets.readers.protocol import Noun, Sentence, UnreadableError
from pairforge.datasets.readers.spanish_flaws import read_flaw
from pairforge.datasets.readers.spanish_forms import rows
from pairforge.datasets.readers.spanish_grammar import NUMBERS, SENTENCES
from pairforge.datasets.readers.tags import read_tags

_PRONOUNS = {
    "este": "smn", "esta": "sfn", "lo": "sma", "la": "sfa",
    "él": "smo", "ella": "sfo", "le": "smfl",
}  # fmt: skip


class SpanishReader:
    """See ``protocol.Reader``."""

    code = "es"
    joint = " "

    def __init__(self, more: Sequence[Row] = ()) -> None:
        told = [row for pattern, claims in more for row in rows(claims, pattern)]
        self._grammar = _GRAMMAR.plus(told) if told else _GRAMMAR

    def read(
        self, text: str, spans: Sequence[tuple[int, int]], nouns: frozenset[str]
    ) -> tuple[tuple[Noun, ...], Sentence]:
        if not text.endswith("."):
            read = tuple(_tag(text[a:b], nouns) for a, b in spans)
            return read, read_tags(text, spans, words.TAGS, ", ")
        text, spans = _unmelted(text, spans)
        read = tuple(read_phrase(uncapitalised(text[a:b]) if a == 0 else text[a:b], nouns) for a, b in spans)
        return read, self._grammar.read(text, spans, [n.grammar for n in read])

    def pronoun_fits(self, pronoun: Noun, topic: Noun) -> bool:
        return not topic.plural and (topic.start == "it" or words.NOUNS[topic.word][0] in pronoun.grammar)


def _unmelted(text: str, spans: Sequence[tuple[int, int]]) -> tuple[str, list[tuple[int, int]]]:
    """ "detrás [del coche]" as "detrás de [el coche]"; UnreadableError where they should have melted and did not."""
    made, moved, at = "", [], 0
    for start, end in spans:
        made += text[at:start]
        said = text[start:end]
        if said.startswith("el ") and re.search(r"\b(?:de|a) $", made):
            raise UnreadableError(f"a preposition that should melt into {said!r}")
        if melted := re.match(r"(del|al(?! menos )) ", said):
            made += "de " if melted[1] == "del" else "a "
            said = "el " + said[melted.end() :]
        moved.append((len(made), len(made) + len(said)))
        made += said
        at = end
    return made + text[at:], moved


_STARTS: tuple[tuple[str, str], ...] = (
    (r"(?P<det>ningún|ninguna) (?P<one>.+)", "none"),
    (r"(?P<det>otro|otra) (?P<one>.+)", "another"),
    (
        r"(?P<det>el|la) más (?P<near>cercan[oa]) de (?P<every>los|las) (?P<total>\w+) (?P<many>.+)",
        "nearest_of",
    ),
    (r"(?P<det>uno|una) de (?P<every>los|las) (?P<total>\w+) (?P<many>.+)", "one_of"),
    (r"(?P<count>\w+) de (?P<every>los|las) (?P<total>\w+) (?P<many>.+)", "some_of"),
    (r"al menos (?P<count>\w+) (?P<many>.+)", "at_least"),
    (r"(?P<every>otros|otras) (?P<count>\w+) (?P<many>.+)", "others"),
    (r"(?P<det>el|la) (?P<one>.+)", "the"),
    (r"(?P<det>un|una) (?P<one>.+)", "a"),
    (rf"(?P<count>{'|'.join(words.NUMBERS[2:])}|[0-9]+) (?P<many>.+)", "count"),
    (r"(?P<many>.+ aparcad[oa]s)", "row"),
)
_GENDER = {
    **dict.fromkeys(("ningún", "otro", "el", "cercano", "uno", "un", "los", "otros"), "m"),
    **dict.fromkeys(("ninguna", "otra", "la", "cercana", "una", "las", "otras"), "f"),
}
_DEFINITE = ("the", "nearest_of", "one_of", "some_of")


@lru_cache(maxsize=1 << 15)
def read_phrase(said: str, nouns: frozenset[str]) -> Noun:
    """Parses a noun phrase, its first letter in lower case; raises UnreadableError."""
    if said in _PRONOUNS:
        return Noun("it", grammar=_PRONOUNS[said])
    tried = ((start, re.fullmatch(pattern, said)) for pattern, start in _STARTS)
    start, parts = next(((start, found.groupdict()) for start, found in tried if found), ("", {}))
    if not start:
        raise UnreadableError(f"no noun phrase: {said!r}")
    plural = "many" in parts
    qualities, word = _described(parts["many" if plural else "one"], nouns, "p" if plural else "s")
    gender = words.NOUNS[word][0]
    for part in ("det", "near", "every"):
        if parts.get(part) and _GENDER[parts[part]] != gender:
            raise UnreadableError(f"wrong gender: {said!r}")
    count, total = _number(parts.get("count")), _number(parts.get("total"))
    if (start in ("count", "at_least", "some_of", "others") and count < 2) or (
        start in ("one_of", "nearest_of", "some_of") and total <= count
    ):
        raise UnreadableError(f"an impossible number: {said!r}")
    number = "p" if start in ("count", "at_least", "some_of", "others", "row") else "s"
    known = "z" if start == "none" else "d" if start in _DEFINITE else "i"
    who = {"pedestrian": "hw", "cyclist": "hc"}.get(word, "t")
    return Noun(start, qualities, word, count, total, f"{number}{gender}{who}{known}")


def _tag(said: str, nouns: frozenset[str]) -> Noun:
    word = next((n for n in sorted(nouns) if n in words.NOUNS and words.NOUNS[n][1] == said), "")
    if not word:
        raise UnreadableError(f"no tag: {said!r}")
    return Noun("tag", (), word)


def _number(said: str | None) -> int:
    if said is None:
        return 1
    if said in words.NUMBERS:
        return words.NUMBERS.index(said)
    if re.fullmatch("[1-9][0-9]+", said) and int(said) > 12:
        return int(said)
    raise UnreadableError(f"no number: {said!r}")


def _described(said: str, nouns: frozenset[str], number: str) -> tuple[tuple[str, ...], str]:
    """Qualities and noun of "furgonetas blancas", which must agree in number and gender."""
    forms = {words.NOUNS[n][1 if number == "s" else 2]: n for n in sorted(nouns) if n in words.NOUNS}
    noun = max((f for f in forms if f"{said} ".startswith(f"{f} ")), key=len, default="")
    if not noun:
        raise UnreadableError(f"unknown noun {said!r}")
    word, rest = forms[noun], said[len(noun) :]
    agrees = number + words.NOUNS[word][0]
    ending = {"sm": "o", "sf": "a", "pm": "os", "pf": "as"}[agrees]
    if rest == f" aparcad{ending}":
        return ("parked",), word
    worn = f" vestid{ending} de " if word in words.PEOPLE else " "
    for colour, told in words.COLOURS.items():
        shown = f"{worn}{told['sm' if word in words.PEOPLE else agrees]}"
        if f"{rest} ".startswith(f"{shown} "):
            made = _made_of(rest[len(shown) :])
            if made is not None:
                return (colour, *made), word
    made = _made_of(rest)
    if made is None:
        raise UnreadableError(f"wrong words beside {noun!r}: {said!r}")
    return made, word


def _made_of(rest: str) -> tuple[str, ...] | None:
    if not rest:
        return ()
    material = words.MATERIALS.get(rest.removeprefix(" de ")) if rest.startswith(" de ") else None
    return (material,) if material else None


def _joined(features: Sequence[str]) -> str:
    """A list is many, feminine or of people when all are, and known when one is."""
    gender = "f" if all("f" in f for f in features) else "m"
    who = "h" if all("h" in f for f in features) else "t"
    return "p" + gender + who + ("d" if any("d" in f for f in features) else "i")


def _arguments(predicate: str, said: str) -> Iterable[str]:
    """The keys of "2,5 metros", "bajo la niebla", "árboles y edificios", "el estante superior", a defect."""
    if predicate in ("defect", "defect_size", "defect_severity"):
        spoken = read_flaw(predicate, said)
        return () if spoken is None else (spoken,)
    if predicate == "defect_unseen":
        return (str(_number(said)),)
    if predicate == "scenery":
        return [words.SCENERY[x] for x in said.split(" y ")]
    if predicate in ("under_way", "just_ended", "caused_by"):
        does, _, act = said.partition("+")
        does, _, side = does.partition(" hacia la ")
        kind = words.EFFECTS[does]
        if predicate == "caused_by":
            return (f"{kind}|{words.ACTS[act] if act else 'presence'}",)
        return (f"{kind}|{words.KEYS[side]}" if side else kind,)
    if predicate == "on_shelf":
        return (words.SHELVES.get(said, "?"),)
    found = re.fullmatch(r"(\d+(?:,\d)?)(?: metros?| centímetros?| segundos?| km/h)", said)
    return (found[1].replace(",", ".") if found else words.KEYS.get(said, said),)


_GRAMMAR = Grammar(SENTENCES, numbers=NUMBERS, comma=", ", last=" y ", arguments=_arguments, joined=_joined)
