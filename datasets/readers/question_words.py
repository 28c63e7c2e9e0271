"""What the words of English questions mean: kinds of things, verbs, sides. The verifier's own lexicon."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from pairforge.datasets.claims_words import COLOURS, MATERIAL_ADJECTIVE, WEARERS, plural_of, takes_an

_MATERIAL = {adjective: material for material, adjective in MATERIAL_ADJECTIVE.items()}
"""Adjective -> material as the tables have it."""
_DEEDS = {
    "brake": "braking",
    "speed up": "speeding_up",
    "come to a stop": "stopping",
    "change lanes": "lane_change",
    "turn at a junction": "turning",
    "cross the road": "crossing_road",
    "fall": "falling",
    "roll": "rolling",
    "get picked up": "picked_up",
}
_DEFECTS = ("burr", "chip", "crack", "dent", "misprint", "missing hole", "scratch", "stain")
WORDS: Mapping[str, Mapping[str, str]] = {
    "colour": {c: c for c in COLOURS},
    "material": {m: m for m in _MATERIAL.values()},
    "side": {"left": "left", "right": "right"},
    "air": {"rain": "rainy", "fog": "foggy", "snow": "snowy"},
    "deed": _DEEDS,
    "later": _DEEDS,
    "sided": {"change lanes": "lane_change", "turn": "turning"},
    "defect": {d: d.replace(" ", "_") for d in _DEFECTS},
}
"""Slot -> words of the text -> what a program has for them. Slots that are not here are said as they are."""


@dataclass(frozen=True)
class Kind:
    """Things of a kind, maybe of one colour or material; ``material`` as the tables name it."""

    word: str
    colour: str = ""
    material: str = ""

    def __str__(self) -> str:
        return " ".join(w for w in (self.colour, self.material, self.word) if w)


def kinds_of(words: str) -> frozenset[Kind]:
    """Every kind that a noun phrase without article may stand for: "orange box" is a box of that colour, or a noun.

    >>> sorted(str(k) for k in kinds_of("red wooden box"))
    ['red wood box', 'red wooden box', 'red wooden box']
    >>> kinds_of("cyclist in blue") == {Kind("cyclist", "blue")}
    True
    """
    noun, _, worn = words.rpartition(" in ")
    if noun in WEARERS and worn in COLOURS:
        return frozenset({Kind(noun, worn)})
    return frozenset(_kinds(words))


def _kinds(words: str) -> Iterator[Kind]:
    yield Kind(words)
    first, _, rest = words.partition(" ")
    if rest and first in _MATERIAL:
        yield Kind(rest, "", _MATERIAL[first])
    if rest and first in COLOURS and rest not in WEARERS:
        yield Kind(rest, first)
        second, _, last = rest.partition(" ")
        if last and second in _MATERIAL:
            yield Kind(last, first, _MATERIAL[second])


def kinds_of_many(words: str) -> frozenset[Kind]:
    """The same of a plural: "red boxes", "pedestrians in blue"."""
    plural, joint, worn = words.partition(" in ")
    *front, last = plural.split(" ")
    # Longest ending first; which of them English bends that way is asked of ``plural_of``.
    singulars = {
        last,
        *(last.removesuffix(e) + s for e, s in _ENDINGS if last.endswith(e)),
        *_ODD.get(last, ()),
    }
    return frozenset(
        kind
        for one in sorted(singulars)
        if plural_of(one) == last
        for kind in kinds_of(" ".join((*front, one)) + joint + worn)
    )


_ENDINGS = (("s", ""), ("es", ""), ("ies", "y"), ("ves", "f"), ("ves", "fe"))
_ODD = {"people": ("person",), "men": ("man",), "women": ("woman",), "children": ("child",)}


def rightly_articled(words: str) -> bool:
    """Whether "a" or "an" stands before these words as it should.

    >>> rightly_articled("an orange cup"), rightly_articled("a orange cup")
    (True, False)
    """
    article, _, rest = words.partition(" ")
    return article == ("an" if takes_an(rest) else "a")
