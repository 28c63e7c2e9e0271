"""German noun phrases, parsed with the cases that their endings allow."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

from pairforge.datasets.readers.german_words import (
    COLOUR_STEMS,
    MATERIALS,
    NOUNS,
    WORN,
    count_of,
    in_dative,
)
from pairforge.datasets.readers.protocol import Noun, UnreadableError

CASES = "nad"
"""Nominative, accusative, dative: the letters of features, beside "s" or "p", the gender "m", "f" or "u", and "w" and
"r" for what may walk and ride."""

# For each case of CASES, one form; the genders are the keys. Taken from the paradigms of any school grammar.
_EIN = {"m": "ein einen einem", "f": "eine eine einer", "u": "ein ein einem"}
_KEIN = {gender: " ".join("k" + form for form in forms.split()) for gender, forms in _EIN.items()}
_DER = {"m": "der den dem", "f": "die die der", "u": "das das dem"}
_EINER = {"m": "einer einen einem", "f": "eine eine einer", "u": "eines eines einem"}
_AFTER_EIN = {"m": "er en en", "f": "e e en", "u": "es es en"}
_AFTER_DER = {"m": "e en en", "f": "e e en", "u": "e e en"}
_BARE_PLURAL = "e e en"
_PRONOUNS = {
    "er": ("m", "n"),
    "ihn": ("m", "a"),
    "ihm": ("mu", "d"),
    "sie": ("f", "na"),
    "ihr": ("f", "d"),
    "es": ("u", "na"),
}
_WEARERS = frozenset({"pedestrian", "cyclist"})
_SHORT = frozenset(
    [
        *("ball", "block", "bottle", "bowl", "box", "capsule", "carafe", "chair", "cone", "crate", "cube"),
        *(
            "cup",
            "cylinder",
            "bench",
            "jug",
            "lamp",
            "mug",
            "plate",
            "pot",
            "pyramid",
            "ring",
            "table",
            "vase",
        ),
    ]
)
"""What may be joined with its material in one word."""


@dataclass(frozen=True)
class Phrase:
    """A noun phrase: what it names, and its features for sentences ("sna" and a gender)."""

    noun: Noun
    features: str


@dataclass(frozen=True)
class _Head:
    """A reading of the noun: its key, gender and material."""

    word: str
    gender: str
    material: tuple[str, ...] = ()


@lru_cache(maxsize=1 << 15)
def read_phrase(words: str, nouns: frozenset[str]) -> Phrase:
    """Parses a noun phrase that may name things by ``nouns``, its first letter in lower case; raises
    UnreadableError."""
    if words in _PRONOUNS:
        genders, cases = _PRONOUNS[words]
        return Phrase(Noun("it", grammar=genders), "s" + cases)
    first, _, rest = words.partition(" ")
    several = re.fullmatch(
        r"(?:(?P<least>mindestens) )?(?P<count>\S+)(?: von (?P<total>\S+))? (?P<rest>.+)", words
    )
    if first == "geparkte" or first == "geparkten":
        return _plural("row", words, nouns)
    if several and count_of(several["count"]) is not None:
        return _several(several, nouns)
    for table, endings, start in (
        (_EIN, _AFTER_EIN, "a"),
        (_KEIN, _AFTER_EIN, "none"),
        (_DER, _AFTER_DER, "the"),
    ):
        if any(first in forms.split() for forms in table.values()) and not re.match(r"(\S+ )?von ", rest):
            return _singular(start, first, rest, table, endings, nouns)
    chosen = re.fullmatch(r"(?P<article>\S+)(?: (?P<degree>\S+))? von (?P<total>\S+) (?P<rest>.+)", words)
    if chosen:
        return _one_of(chosen, nouns)
    raise UnreadableError(f"no noun phrase: {words!r}")


def _singular(
    start: str, article: str, rest: str, table: dict[str, str], endings: dict[str, str], nouns: frozenset[str]
) -> Phrase:
    adjectives, heads, worn = _split(rest, nouns, plural=False)
    for head in heads:
        forms, ends = table[head.gender].split(), endings[head.gender].split()
        said = ""
        found: tuple[str, tuple[str, ...]] = (start, ())
        for case, form, end in zip(CASES, forms, ends, strict=True):
            bent = _bent(adjectives, end) if form == article else None
            if bent is not None:
                said, found = said + case, bent if bent[0] else (start, bent[1])
        if said:
            kind, stems = found
            if kind == "another" and start != "a":
                break
            qualities = _qualities(stems, head, worn)
            return Phrase(Noun(kind, qualities, head.word, grammar=head.gender), f"s{said}{_also(head)}")
    raise UnreadableError(f"article, ending and noun do not agree: {article} {rest!r}")


def _plural(
    start: str, rest: str, nouns: frozenset[str], count: int = 1, total: int = 1, only: str = CASES
) -> Phrase:
    """Without an article; ``only``: the cases in which it may stand."""
    adjectives, heads, worn = _split(rest, nouns, plural=True)
    for head in heads:
        _, _, many = NOUNS[head.word]
        many = _joined(many, head)
        said = ""
        found: tuple[str, tuple[str, ...]] = ("", ())
        for case, end in zip(CASES, _BARE_PLURAL.split(), strict=True):
            bent = _bent(adjectives, end)
            noun = in_dative(many) if case == "d" else many
            if case in only and bent is not None and rest.split(" ")[len(adjectives)] == noun:
                said, found = said + case, bent
        if said:
            kind = {"another": "others"}.get(found[0], start)
            if kind != start and start != "count":
                break
            qualities = _qualities(found[1], head, worn)
            if (start == "row") != (qualities == ("parked",)) and start == "row":
                break
            return Phrase(
                Noun(kind, qualities, head.word, count, total, head.gender), f"p{said}{_also(head)}"
            )
    raise UnreadableError(f"number, ending and noun do not agree: {rest!r}")


def _several(found: re.Match[str], nouns: frozenset[str]) -> Phrase:
    count, total = count_of(found["count"]), count_of(found["total"] or "zwei")
    if count is None or total is None or (found["total"] and (found["least"] or total <= count)):
        raise UnreadableError(f"an impossible number: {found.group()!r}")
    if found["total"]:
        read = _plural("some_of", found["rest"], nouns, count, total, "d")
        return Phrase(read.noun, read.features.replace("pd", "pnad", 1))
    return _plural("at_least" if found["least"] else "count", found["rest"], nouns, count)


def _one_of(found: re.Match[str], nouns: frozenset[str]) -> Phrase:
    """ "einer von drei weißen Lieferwagen", "der nähere von zwei weißen Lieferwagen"."""
    total, degree = count_of(found["total"]), found["degree"]
    if total is None or (degree is not None and degree.startswith("näher") != (total == 2)):
        raise UnreadableError(f"nearer of two, nearest of more: {found.group()!r}")
    read = _plural("nearest_of" if degree else "one_of", found["rest"], nouns, 1, total, "d")
    gender = read.noun.grammar
    table, ends = (_DER, _AFTER_DER[gender].split()) if degree else (_EINER, ["", "", ""])
    cases = ""
    for case, form, end in zip(CASES, table[gender].split(), ends, strict=True):
        fits = degree is None or degree in (f"näher{end}", f"nächstgelegen{end}")
        cases += case if form == found["article"] and fits else ""
    if not cases:
        raise UnreadableError(f"article and noun do not agree: {found.group()!r}")
    return Phrase(read.noun, read.features.replace("pd", f"s{cases}", 1))


def _also(head: _Head) -> str:
    """Gender, and how it may move: people on foot ride nothing."""
    return head.gender + {"pedestrian": "w", "cyclist": "r"}.get(head.word, "wr")


def _split(rest: str, nouns: frozenset[str], *, plural: bool) -> tuple[list[str], list[_Head], str]:
    """Adjectives (lower case), readings of the noun, and what is worn ("" for nothing)."""
    words = rest.split(" ")
    adjectives = []
    while words and words[0][:1].islower():
        adjectives.append(words.pop(0))
    if not words:
        raise UnreadableError(f"no noun: {rest!r}")
    noun, after = words[0], words[1:]
    worn = ""
    made_of: tuple[str, ...] = ()
    if len(after) == 2 and after[0] == "in" and after[1] in WORN:
        worn = after[1]
    elif len(after) == 2 and after[0] == "aus" and after[1] in MATERIALS:
        made_of = (MATERIALS[after[1]],)
    elif after:
        raise UnreadableError(f"what follows the noun: {rest!r}")
    heads = [h for h in _heads(noun, nouns, made_of, plural) if bool(worn) <= (h.word in _WEARERS)]
    if not heads:
        raise UnreadableError(f"unknown noun {noun!r}")
    return adjectives, heads, worn


def _heads(noun: str, nouns: frozenset[str], made_of: tuple[str, ...], plural: bool) -> Iterator[_Head]:
    for word in sorted(nouns & NOUNS.keys()):
        gender, one, many = NOUNS[word]
        forms = {many, in_dative(many)} if plural else {one}
        if noun in forms and not (made_of and word in _SHORT):
            yield _Head(word, gender, made_of)
        for german, material in MATERIALS.items():
            if word in _SHORT and not made_of and noun in {german + form.lower() for form in forms}:
                yield _Head(word, gender, (material,))


def _joined(noun: str, head: _Head) -> str:
    """The noun with its material in front, where it stands so."""
    if head.word not in _SHORT or not head.material:
        return noun
    return next(german for german, key in MATERIALS.items() if key == head.material[0]) + noun.lower()


def _bent(adjectives: list[str], ending: str) -> tuple[str, tuple[str, ...]] | None:
    """("another" where "weiter" goes first, the other stems), if all end so; else None."""
    if not all(a.endswith(ending) for a in adjectives):
        return None
    stems = [a.removesuffix(ending) for a in adjectives]
    if stems[:1] == ["weiter"]:
        return "another", tuple(stems[1:])
    return "", tuple(stems)


def _qualities(stems: tuple[str, ...], head: _Head, worn: str) -> tuple[str, ...]:
    """Parked, then colour, then material, each at most once."""
    keys = [COLOUR_STEMS.get(s, "parked" if s == "geparkt" else "") for s in stems]
    colours = [k for k in keys if k and k != "parked"]
    in_order = keys == sorted(keys, key=lambda k: k != "parked") and keys.count("parked") < 2
    if "" in keys or len(colours) > 1 or not in_order:
        raise UnreadableError(f"no adjectives: {stems}")
    if colours and head.word in _WEARERS:
        raise UnreadableError(f"people wear their colours: {colours}")
    return (*keys, *((WORN[worn],) if worn else ()), *head.material)
