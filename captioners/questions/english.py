"""How English says kinds, things and answers: the filters of its templates."""

from __future__ import annotations

from functools import cache

from pairforge.captioners.nouns import article, number, plural
from pairforge.captioners.questions.kinds import PEOPLE, Kind, Thing
from pairforge.captioners.questions.marks import marked
from pairforge.captioners.questions.query import Scalar

_ADJECTIVE = {"wood": "wooden"}
_SUBSTANCE = {"wooden": "wood"}
UNITS = {
    "m": ("metre", "metres"),
    "cm": ("centimetre", "centimetres"),
    "mm": ("millimetre", "millimetres"),
    "s": ("second", "seconds"),
}


def described(kind: Kind, several: bool = False) -> str:
    """The words without an article: "red metal ball", "pedestrians in blue"."""
    noun = plural(kind.word) if several else kind.word
    before = [kind.colour] if kind.colour and kind.word not in PEOPLE else []
    before += [_ADJECTIVE.get(kind.material, kind.material)] if kind.material else []
    after = f" in {kind.colour}" if kind.colour and kind.word in PEOPLE else ""
    return " ".join((*before, noun)) + after


def the(thing: Thing) -> str:
    """ "the red mug", marked as naming its instance."""
    return marked(f"the {described(thing.kind)}", (thing.instance_id,))


def name(thing: Thing) -> str:
    """The same without a mark, for answers and options."""
    return f"the {described(thing.kind)}"


def a(kind: Kind) -> str:
    """ "an orange cup"."""
    said = described(kind)
    return f"{article(said)} {said}"


def many(kind: Kind) -> str:
    """ "orange cups"."""
    return described(kind, several=True)


def substance(material: str) -> str:
    """ "wood" of what is wooden."""
    return _SUBSTANCE.get(material, material)


@cache
def measure(value: float, unit: str) -> str:
    """ "1 metre", "2.5 seconds", "30 km/h"."""
    said = f"{value:.1f}".removesuffix(".0")
    one, several = UNITS.get(unit, (unit, unit))
    return f"{said} {one if said == '1' else several}"


def indefinite(noun: str) -> str:
    """ "a scratch"."""
    return f"{article(noun)} {noun}"


def answer(value: Scalar, unit: str = "") -> str:
    """What a program gave, in words: "yes", "3", "4.5 seconds", "red"."""
    if isinstance(value, bool):
        return "yes" if value else "no"
    if unit:
        return measure(float(value), unit)
    return str(value)


FILTERS = {
    "the": the,
    "a": a,
    "many": many,
    "indefinite": indefinite,
    "number": number,
    "substance": substance,
}
