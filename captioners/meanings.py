"""What a sentence is made of before it has words: things meant, measures, the street, a defect. No language here.

Every string is a key ("left", "night", "hatchback", "second shelf from the bottom"), which happens to be English; a
language (``captioners/languages``) turns keys into its own words.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

GROUPS = frozenset({"count", "at_least", "some_of", "row", "others"})
"""Forms of a mention that name several things without introducing each."""


@dataclass(frozen=True)
class Mention:
    """A noun phrase to be: the instances it names and the facts that its words will state.

    ``form``: how it picks them out:
    "a" (a blue van), "another", "the", "nearest" (the nearer of two blue vans), "one_of" (one of two blue
    vans), "count" (two blue vans), "at_least", "some_of" (two of five vans), "row" (parked vans), "others" (four
    other vans), "it" (a pronoun for the thing that the sentence before was about), "unseen" ("a van", that no camera
    shows), "tag" (a bare noun, for all of its kind) or "known" (to be decided by what has been said).
    ``qualities`` are adjectives (colour, material, "parked"), ``word`` the noun; ``total`` is how many there are, of
    which these are one or some.
    """

    instance_ids: tuple[int, ...]
    fact_ids: tuple[int, ...] = ()
    form: str = "count"
    qualities: tuple[str, ...] = ()
    word: str = ""
    total: int = 0

    @property
    def count(self) -> int:
        return len(self.instance_ids)

    @property
    def plural(self) -> bool:
        return self.form in GROUPS and self.count > 1


@dataclass(frozen=True)
class Mentions:
    """Several noun phrases in a row: "a mug, two cubes and a ball"."""

    members: tuple[Mention, ...]

    @property
    def plural(self) -> bool:
        return len(self.members) > 1 or self.members[0].plural

    @property
    def fact_ids(self) -> tuple[int, ...]:
        return tuple(f for m in self.members for f in m.fact_ids)


@dataclass(frozen=True)
class Measure:
    """A number as it is spoken ("2.5", decimal point) and its unit ("m", "cm", "s", "km/h")."""

    spoken: str
    unit: str


@dataclass(frozen=True)
class Street:
    """What we are on and in what light. Each is a key, empty when there is nothing to say: ``weather`` ("sunny",
    "low sun", "cloudy", "overcast", "foggy", "rainy", "snowy", "dusty"), ``time`` ("night", "twilight"), ``ground``
    ("wet", "snow-covered"), ``lined`` (of "trees", "buildings"), ``place`` ("street", "road", "motorway")."""

    weather: str
    time: str
    ground: str
    lined: tuple[str, ...]
    place: str


@dataclass(frozen=True)
class Flaw:
    """A defect of an inspected part: ``kind`` ("missing_hole"), ``face`` and ``near`` as the inspection calls them,
    ``size_mm`` as spoken and ``grade`` ("minor", "major", "critical"), empty when unknown."""

    kind: str
    face: str
    near: str
    size_mm: str = ""
    grade: str = ""


Slot = Mention | Mentions | Measure | Street | Flaw | int | str | None


@dataclass(frozen=True)
class Message:
    """One sentence to be said: the template's name, what fills it, and the facts it states beside its mentions'."""

    template: str
    slots: Mapping[str, Slot] = field(default_factory=dict)
    fact_ids: tuple[int, ...] = ()

    @property
    def all_fact_ids(self) -> tuple[int, ...]:
        """Own facts and those of the mentions, ascending, once each."""
        mentioned = [f for s in self.slots.values() if isinstance(s, Mention | Mentions) for f in s.fact_ids]
        return tuple(sorted({*self.fact_ids, *mentioned}))
