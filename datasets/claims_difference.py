"""In what two texts differ, as their readers read them: which kind of contrast they are, whatever they are called."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

from pairforge.datasets.claims_truth import Read
from pairforge.datasets.claims_words import COLOURS, MATERIALS
from pairforge.datasets.readers.protocol import Noun
from pairforge.sample import Caption

_BESIDE = frozenset({"left_of", "right_of", "in_front_of", "behind"})
_SIDED = frozenset({"side", "roadside", "crossing", "heading_for_road", "entering_lane"})
_MEASURED = frozenset(
    {"camera_distance", "distance", "height_above", "time_to_collision", "speed", "ego_speed", "lidar_hits"}
)
_MOVING = frozenset(
    [
        *("falling", "on_ground", "upon", "at_rest", "stirring", "airborne", "moving", "still", "slowing"),
        *(
            "closing",
            "pulling_away",
            "same_speed",
            "ego_still",
            "ego_speed",
            "ego_braking",
            "ego_accelerating",
        ),
        *(
            "crossing",
            "heading_for_road",
            "lead",
            "oncoming",
            "ego_turning",
            "ego_moving_over",
            "entering_lane",
        ),
    ]
)


def aspects(one: Sequence[Read], other: Sequence[Read]) -> frozenset[str]:
    """Of two texts: "colour", "material", "word" and "count" of their noun phrases, "swapped" colours, "negation",
    "only", "relation", "role", "motion", "magnitude", "weather", "order", "frame"."""
    return frozenset({*_of_phrases(_nouns(one), _nouns(other)), *_of_claims(_claims(one), _claims(other))})


@dataclass(frozen=True)
class Shape:
    """What a kind's texts must differ in (one of ``some``), and what they may not differ in."""

    some: frozenset[str]
    never: frozenset[str] = frozenset()


_PLAIN = frozenset({"negation", "only", "swapped"})
SHAPES: Mapping[str, Shape] = {
    "attribute": Shape(frozenset({"colour"}), _PLAIN | {"material", "word"}),
    "material": Shape(frozenset({"material"}), _PLAIN | {"colour", "word"}),
    "object": Shape(frozenset({"word"}), _PLAIN),
    "count": Shape(frozenset({"count"}), _PLAIN),
    "relation": Shape(frozenset({"relation"}), frozenset({"negation", "only"})),
    "add_remove": Shape(frozenset({"only", "negation"})),
    "negation": Shape(frozenset({"negation"})),
    "weather": Shape(frozenset({"weather"})),
    "magnitude": Shape(frozenset({"magnitude"}), frozenset({"negation", "only"})),
    "motion": Shape(frozenset({"motion"}), frozenset({"negation", "only"})),
    "order": Shape(frozenset({"order"})),
    "frame": Shape(frozenset({"frame"})),
    "role": Shape(
        frozenset({"role"}), frozenset({"negation", "only", "swapped", "colour", "material", "word", "count"})
    ),
    "swap": Shape(frozenset({"swapped"}), frozenset({"negation", "only"})),
}


def is_of(kind: str, found: frozenset[str]) -> bool:
    """Whether two texts that differ in ``found`` are a contrast of that kind."""
    shape = SHAPES[kind]
    return bool(found & shape.some) and not found & shape.never


def same_claim(text: Caption, read: Sequence[Read], other: Caption, read_other: Sequence[Read]) -> bool:
    """Whether ``other`` says what ``text`` says: its first sentences make the same claims of the same things under
    the same nouns, with the same adjectives or fewer. Sentences after them may say more."""
    if len(read_other) < len(read) or any(
        len(c.phrases) != len(_nouns(r)) for c, r in ((text, read), (other, read_other))
    ):
        return False
    links = iter(p.instance_ids for p in text.phrases)
    links_other = iter(p.instance_ids for p in other.phrases)
    for one, two in zip(read, read_other[: len(read)], strict=True):
        things, worn = _linked(one, [next(links) for _ in one[0]])
        things_other, worn_other = _linked(two, [next(links_other) for _ in two[0]])
        if things != things_other or any(not worn_other[k] <= worn[k] for k in worn):
            return False
    return True


Linked = tuple[object, ...]


def _linked(sentence: Read, links: Sequence[tuple[int, ...]]) -> tuple[object, dict[Linked, Counter[str]]]:
    """What a sentence claims of which things, in no order; and what adjectives each of its things has."""
    nouns, said = sentence
    names: list[Linked] = [
        (i, n.word, n.start == "none", n.count, n.total, n.plural) for i, n in zip(links, nouns, strict=True)
    ]
    worn: dict[Linked, Counter[str]] = {}
    for name, noun in zip(names, nouns, strict=True):
        worn.setdefault(name, Counter()).update(noun.qualities)
    claims = Counter(
        (predicate, argument, tuple(names[p] for letter in letters for p in said.slots.get(letter, ())))
        for predicate, letters, argument in said.claims
    )
    return (Counter(names), claims), worn


def _nouns(text: Sequence[Read]) -> list[Noun]:
    return [n for nouns, _ in text for n in nouns]


def _of_phrases(one: list[Noun], other: list[Noun]) -> Iterator[str]:
    if sum(n.start == "none" for n in one) != sum(n.start == "none" for n in other):
        yield "negation"
    if Counter(map(_said, one)) == Counter(map(_said, other)):
        return
    if _swapped(one, other):
        yield "swapped"
        return
    if len(one) != len(other):
        yield "count"
        return
    for a, b in zip(one, other, strict=True):
        for name, words in (("colour", COLOURS), ("material", MATERIALS)):
            if set(a.qualities) & words != set(b.qualities) & words:
                yield name
        if a.word != b.word:
            yield "word"
        if (a.count, a.plural, a.total) != (b.count, b.plural, b.total):
            yield "count"


def _said(noun: Noun) -> tuple[object, ...]:
    return noun.qualities, noun.word, noun.count, noun.total, noun.plural


def _swapped(one: list[Noun], other: list[Noun]) -> bool:
    """Whether the same words and the same colours are joined in another way."""
    words = [Counter(n.word for n in side) for side in (one, other)]
    colours = [Counter(q for n in side for q in n.qualities if q in COLOURS) for side in (one, other)]
    joined = [
        Counter((n.word, *(q for q in n.qualities if q in COLOURS)) for n in side) for side in (one, other)
    ]
    return words[0] == words[1] and colours[0] == colours[1] and joined[0] != joined[1]


def _claims(text: Sequence[Read]) -> list[tuple[str, str, tuple[tuple[object, ...], ...]]]:
    """(predicate, argument, what it is said of) of every claim."""
    return [
        (
            predicate,
            argument,
            tuple(_said(nouns[p]) for letter in letters for p in sentence.slots.get(letter, ())),
        )
        for nouns, sentence in text
        for predicate, letters, argument in sentence.claims
    ]


Claims = list[tuple[str, str, tuple[tuple[object, ...], ...]]]


def _of_claims(one: Claims, other: Claims) -> Iterator[str]:
    names = [{p for p, _, _ in side} for side in (one, other)]

    def differ(predicates: frozenset[str]) -> bool:
        sides = [sorted(repr((p, a)) for p, a, _ in side if p in predicates) for side in (one, other)]
        return sides[0] != sides[1]

    if all("only" in n for n in names):
        yield "only"
    if all(n & _BESIDE for n in names) and [c for c in one if c[0] in _BESIDE] != [
        c for c in other if c[0] in _BESIDE
    ]:
        yield "relation"
    if _roles(one, other):
        yield "role"
    if differ(_SIDED):
        yield "relation"
    if all(n & _MEASURED for n in names) and differ(_MEASURED):
        yield "magnitude"
    if names[0] & _MOVING != names[1] & _MOVING:
        yield "motion"
    if all("weather" in n for n in names) and differ(frozenset({"weather"})):
        yield "weather"
    for aspect, predicate in (("order", "landed_before"), ("frame", "own_side")):
        sides = [[c for c in side if c[0] == predicate] for side in (one, other)]
        if all(sides) and sides[0] != sides[1]:
            yield aspect


def _roles(one: Claims, other: Claims) -> bool:
    """Whether the same relations hold of the same things, who and to whom exchanged."""
    sides = [[c for c in side if c[0] in _BESIDE] for side in (one, other)]
    turned = [(p, a, things[::-1]) for p, a, things in sides[0]]
    return bool(sides[0]) and sides[0] != sides[1] and Counter(turned) == Counter(sides[1])
