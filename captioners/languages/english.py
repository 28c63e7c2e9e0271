"""English."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import TYPE_CHECKING, Any

from pairforge.captioners.meanings import Flaw, Measure, Mention, Street
from pairforge.captioners.nouns import WEARERS, article, number, plural, unit_word

if TYPE_CHECKING:
    from pairforge.captioners.realise import Spoken

_MOOD = {
    "sunny": "in sunshine",
    "low sun": "in low sun",
    "cloudy": "under a cloudy sky",
    "overcast": "under an overcast sky",
    "foggy": "in fog",
    "rainy": "in rain",
    "snowy": "in falling snow",
    "dusty": "in dusty air",
}
_NO_ADJECTIVE = ("", "low sun", "snowy")
"""A snowy street would be one that snow lies on."""
_LIGHTS = {"red": "red", "yellow": "amber", "green": "green", "red_yellow": "red and amber"}
_SURFACE = {"wet": "wet", "snow-covered": "covered with snow"}
_ACROSS = frozenset({"dent", "stain", "missing_hole", "misprint"})
"""Kinds of defect whose size is a width; the others have a length."""
_AT = {"missing_hole": "in place of", "misprint": "in"}


_EFFECTS = {
    "braking": ("are braking", "braked", "brake"),
    "stopping": ("are stopping", "stopped", "stop"),
    "lane_change": ("are changing lanes", "changed lanes", "change lanes"),
    "moving_over": ("are moving over", "moved over", "move over"),
}
_ACTS = {
    "presence": "",
    "crossing_road": " crossing the road",
    "cutting_in": " cutting in",
    "ran_red": " running a red light",
    "lane_change": " changing lanes",
    "moving_over": " moving over",
    "stopping": " coming to a stop",
    "braking": " slowing down",
    "starting": " setting off",
    "turning": " turning",
}


class English:
    """See ``protocol.Language``."""

    code = "en"
    joint = " "
    ourselves = ("We ", "Our ")

    @property
    def filters(self) -> Mapping[str, Callable[..., Any]]:
        return {
            "article": article,
            "number": number,
            "adjective": adjective,
            "mood": mood,
            "hour": hour,
            "day": day,
            "lined": lined,
            "surface": lambda street: _SURFACE.get(street.ground, ""),
            "on_street": on_street,
            "sides": sides,
            "own": own,
            "flaw": flaw,
            "row": row,
            "effect": effect,
            "made_to": made_to,
            "acting": lambda act: _ACTS[act],
            "at_time": lambda part: {"start": "At the start, ", "end": "Towards the end, "}[part],
            "towards": lambda part: {"start": " at the start", "end": " towards the end"}[part],
            "tags": tags,
            "light": lambda state: _LIGHTS[state],
        }

    def knows(self, word: str) -> bool:
        return True

    def phrase(self, mention: Mention, case: str) -> str:
        said = described(mention.qualities, mention.word)
        many = described(mention.qualities, plural(mention.word), mention.word) if mention.word else ""
        count, total = number(mention.count), number(mention.total)
        match mention.form:
            case "it":
                return "it"
            case "none":
                return f"no {said}"
            case "another":
                return f"another {said}"
            case "tag":
                return mention.word
            case "the":
                return f"the {said}"
            case "nearest":
                return f"the {'nearer' if mention.total == 2 else 'nearest'} of {total} {many}"
            case "one_of":
                return f"one of {total} {many}"
            case "at_least":
                return f"at least {count} {many}"
            case "some_of":
                return f"{count} of {total} {many}"
            case "row":
                return many
            case "others":
                return f"another {said}" if mention.count == 1 else f"{count} other {many}"
            case "count":
                return f"{count} {many}"
        return f"{article(said)} {said}"

    def listed(self, phrases: Sequence[str]) -> str:
        return phrases[0] if len(phrases) == 1 else f"{', '.join(phrases[:-1])} and {phrases[-1]}"

    def measure(self, measure: Measure) -> str:
        return f"{measure.spoken} {unit_word(measure.spoken, measure.unit)}"

    def capitalised(self, text: str) -> str:
        return text[:1].upper() + text[1:]


def described(qualities: Sequence[str], words: str, noun: str = "") -> str:
    """ "blue hatchback"; people wear their colour: "pedestrian in blue"."""
    if (noun or words) in WEARERS and qualities:
        return f"{words} in {qualities[0]}"
    return " ".join((*qualities, words))


def adjective(street: Street) -> str:
    """The weather as an adjective, where it has one."""
    return "" if street.weather in _NO_ADJECTIVE else street.weather


def hour(street: Street) -> str:
    return f"at {street.time}" if street.time else ""


def mood(street: Street, *, after_adjective: bool = False) -> str:
    """Weather and time behind the noun: "in rain at night"; the weather is left out where an adjective told it."""
    weather = "" if after_adjective and adjective(street) else _MOOD.get(street.weather, "")
    return " ".join(words for words in (weather, hour(street)) if words)


def lined(street: Street) -> str:
    return " and ".join(street.lined)


def day(street: Street) -> str:
    """How a sentence begins that goes on with "street" or the like."""
    told = street.weather if street.weather != "low sun" else ""
    if street.time == "twilight":
        return f"It is twilight on {article(told or street.place)} {told}".rstrip()
    if street.time:
        return f"It is {article(told)} {told} night on a" if told else "It is night on a"
    if told:
        return f"It is {article(told)} {told} day on a"
    return "The sun is low over a" if street.weather else "This is a"


def on_street(street: Street) -> str:
    """ "a sunny and wet street lined with trees"."""
    adjectives = " and ".join(w for w in (adjective(street), street.ground) if w)
    words = f"{adjectives} {street.place}" if adjectives else street.place
    words += f" lined with {lined(street)}" if street.lined else ""
    after = mood(street, after_adjective=True)
    words += f" {after}" if after else ""
    return f"{article(words)} {words}"


def sides(side: str) -> str:
    """ "left" -> "on the left", "both" -> "on both sides"."""
    return "on both sides" if side == "both" else f"on the {side}"


def own(whose: Any) -> str:
    """ "its own", of people and groups "their own"."""
    return "their own" if whose.plural or whose.word in WEARERS else "its own"


def effect(what: str, side: str | None, ongoing: bool) -> str:
    """ "are changing lanes to the left", "braked"."""
    return _EFFECTS[what][0 if ongoing else 1] + (f" to the {side}" if side else "")


def made_to(what: str, side: str | None) -> str:
    """ "change lanes to the left"."""
    return _EFFECTS[what][2] + (f" to the {side}" if side else "")


def row(things: Spoken) -> str:
    """ "van, pedestrian, bus"."""
    return ", ".join(things.each)


def tags(street: Street) -> str:
    """Everything known of a street by single words: "street, sunny, trees"."""
    words = (street.place, street.weather, street.time, street.ground, *street.lined)
    return ", ".join(w for w in words if w)


def flaw(found: Flaw) -> str:
    """ "a major scratch, 8 mm long, on the top face near the upper left hole"."""
    noun = found.kind.replace("_", " ")
    words = f"{found.grade} {noun}" if found.grade else noun
    told = f"{article(words)} {words}"
    if found.size_mm:
        told += f", {found.size_mm} mm {'across' if found.kind in _ACROSS else 'long'},"
    return told + _where(found)


def _where(found: Flaw) -> str:
    """What ends in a number is a name ("tooth 5", "R12") and has no article."""
    near = found.near
    named = near if near[-1:].isdigit() else f"the {near}"
    if found.face == "tooth":
        return f" on {named}" if near.startswith("tooth") else " on a tooth"
    return f" on the {found.face}" + (f" {_AT.get(found.kind, 'near')} {named}" if near else "")
