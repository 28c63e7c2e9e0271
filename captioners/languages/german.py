"""German: gender, cases, the endings that follow from them, and verbs that stand second."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal

from pairforge.captioners.languages.german_endings import (
    DEFINITE,
    INDEFINITE,
    ONE_OF,
    PRONOUN,
    Case,
    Declension,
    adjective,
    case_of,
    dative_plural,
    form,
    fused,
)
from pairforge.captioners.languages.german_flaws import flaw
from pairforge.captioners.languages.german_street import (
    aloft,
    besides,
    hour_and_sky,
    lined,
    mood,
    on_street,
    sides,
    surface,
    tags,
    with_these,
)
from pairforge.captioners.languages.german_words import (
    ACTS,
    COLOURS,
    COMPOUNDING,
    DAYS,
    EFFECTS,
    ENDS,
    GROUNDS,
    MATERIALS,
    MOODS,
    NEXT,
    NOUNS,
    PARTICIPLES,
    PARTS,
    PLACES,
    SHELF_STEMS,
    SIDE_STEMS,
    SIDES,
    SKIES,
    SUBORDINATE,
    THEN,
    WEARERS,
)
from pairforge.captioners.meanings import Flaw, Measure, Mention, Mentions
from pairforge.captioners.realise import Spoken

_UNITS: dict[str, tuple[str, Literal["long", "short"]]] = {
    "m": ("length-meter", "long"),
    "cm": ("length-centimeter", "long"),
    "mm": ("length-millimeter", "short"),
    "s": ("duration-second", "long"),
    "km/h": ("speed-kilometer-per-hour", "short"),
}
"""Unit -> its name in the CLDR, and how long it is written."""


LIGHTS = {"red": "Rot", "yellow": "Gelb", "green": "Grün", "red_yellow": "Rot und Gelb"}


class German:
    """See ``protocol.Language``. A mention's case is "", "acc" or "dat", with a preposition that may fuse with its
    article behind a blank: "dat in"."""

    code = "de"
    joint = " "
    ourselves = ("Wir ", "Unser")

    @property
    def filters(self) -> Mapping[str, Callable[..., Any]]:
        return {
            "acc": lambda who: _behind("", who, "acc"),
            "dat": lambda who: _behind("", who, "dat"),
            "past": past,
            "doing": lambda what, side, ongoing: f"wir {_effect(what, side, ongoing)[0]}",
            "so": lambda what, side, ongoing: _effect(what, side, ongoing)[1],
            "that": that,
            "acting": lambda act, ongoing: ACTS[act][0 if ongoing else 1],
            "im": lambda who: _behind("in", who, "dat"),
            "ins": lambda who: _behind("in", who, "acc"),
            "am": lambda who: _behind("an", who, "dat"),
            "vom": lambda who: _behind("von", who, "dat"),
            "zum": lambda who: _behind("zu", who, "dat"),
            "ans": lambda who: _behind("an", who, "acc"),
            "which": which,
            "side": lambda side: SIDES[side],
            "bend": lambda side: SIDES[side].capitalize() + "kurve",
            "edge": lambda side: adjective(SIDE_STEMS[side], "weak", "m", "dat"),
            "row_side": lambda side, case="": adjective(SIDE_STEMS[side], "weak", "f", case_of(case)),
            "ground": lambda ground: GROUNDS[ground],
            "place": lambda street: PLACES[street.place],
            "hand": lambda side: SIDES[side].capitalize().removesuffix("s") + "en",
            "shelf": shelf,
            "next": lambda what, speed: NEXT[what].format(speed),
            "then": lambda what, speed: THEN[what].format(speed),
            "day": lambda time: DAYS[time],
            "sky": lambda weather: SKIES[weather],
            "sky_mood": lambda weather: MOODS[weather],
            "row": lambda things: ", ".join(things.each),
            "tags": tags,
            "light": lambda state: LIGHTS[state],
            "faults": faults,
            "flaw": self.flaw,
            "hour_and_sky": hour_and_sky,
            "lined": lined,
            "mood": mood,
            "on_street": on_street,
            "surface": surface,
            "sides": sides,
            "besides": besides,
            "with_these": with_these,
            "aloft": aloft,
        }

    def knows(self, word: str) -> bool:
        return word in NOUNS

    def phrase(self, mention: Mention, case: str) -> str:
        name, _, preposition = case.partition(" ")
        said = _phrase(mention, case_of(name))
        article, _, rest = said.partition(" ")
        together = fused(preposition, article)
        return f"{together} {rest}" if together else said

    def listed(self, phrases: Sequence[str]) -> str:
        from babel.lists import format_list

        return format_list(phrases, locale="de")

    def measure(self, measure: Measure) -> str:
        return measured(measure.spoken, measure.unit)

    def flaw(self, found: Flaw) -> str:
        """As the object of a sentence."""
        return flaw(found, measured(found.size_mm, "mm") if found.size_mm else "", "acc")

    def capitalised(self, text: str) -> str:
        return text[:1].upper() + text[1:]


@lru_cache(maxsize=1024)
def measured(spoken: str, unit: str) -> str:
    """ "2.5", "m" -> "2,5 Meter"."""
    from babel.units import format_unit

    name, length = _UNITS[unit]
    return format_unit(float(spoken), name, length, locale="de")


@lru_cache(maxsize=256)
def number(count: int) -> str:
    """Counts to twelve in words, then digits; one has its ending elsewhere."""
    from num2words import num2words

    return str(num2words(count, lang="de")) if 0 <= count <= 12 else str(count)


def past(who: Spoken | None, when: str | None, singular: str, plural: str, *, late: bool = False) -> str:
    """Subject and verb of what happened in the clip: "zu Beginn bremste ein Bus", ``late`` "ein Bus bremste zu
    Beginn"; we when there is nobody."""
    subject, does = ("wir", plural) if who is None else (str(who), plural if who.plural else singular)
    if when is None:
        return f"{subject} {does}"
    return f"{subject} {does} {PARTS[when]}" if late else f"{PARTS[when]} {does} {subject}"


def _effect(what: str, side: str | None, ongoing: str | None) -> tuple[str, str]:
    """What we do, behind "wir" and around it: "halten an", "halten wir an"."""
    verb, rest = EFFECTS[what][:2] if ongoing else EFFECTS[what][2:]
    rest = rest.format(_whither(side)).strip()
    return f"{verb} {rest}".strip(), f"{verb} wir {rest}".strip()


def that(what: str, side: str | None, ongoing: str | None) -> str:
    """ "wir die Spur nach links wechseln"."""
    words = SUBORDINATE[what][0 if ongoing else 1].format(_whither(side))
    return f"wir {words.strip()}"


def _whither(side: str | None) -> str:
    return f" nach {SIDES[side]}" if side else ""


def _behind(preposition: str, who: Spoken | None, case: Case) -> str:
    """A phrase behind its preposition, if any; where that and the article are one word, the phrase has both. We,
    when there is nobody."""
    if who is None:
        return f"{preposition} uns".lstrip()
    mention = who.meant.members[0] if isinstance(who.meant, Mentions) else who.meant
    alone = isinstance(who.meant, Mention) or len(who.meant.members) == 1
    if alone and mention.form in ("the", "nearest"):
        article = form(DEFINITE, _gender(mention.word), case)
        if fused(preposition, article):
            return str(who.cased(f"{case} {preposition}"))
    return f"{preposition} {who.cased(case)}".lstrip()


def which(who: Spoken, case: str = "") -> str:
    """The relative pronoun, which in these cases looks like the article."""
    return form(DEFINITE, "p" if who.plural else _gender(who.word), case_of(case))


def _gender(word: str) -> str:
    return NOUNS[word][0] if word in NOUNS else "n"


def _phrase(mention: Mention, case: Case) -> str:
    gender, word = _gender(mention.word), mention.word
    if mention.form == "it":
        return form(PRONOUN, gender, case)
    count, total = number(mention.count), number(mention.total)
    match mention.form:
        case "another":
            return _with_article(mention, case, "weiter")
        case "none":
            return "k" + _with_article(mention, case)
        case "tag":
            return NOUNS[word][1]
        case "the":
            return (
                f"{form(DEFINITE, gender, case)} {described(mention.qualities, word, 'weak', gender, case)}"
            )
        case "nearest":
            which = adjective("näher" if mention.total == 2 else "nächstgelegen", "weak", gender, case)
            return f"{form(DEFINITE, gender, case)} {which} von {total} {_many(mention, 'dat')}"
        case "one_of":
            return f"{form(ONE_OF, gender, case)} von {total} {_many(mention, 'dat')}"
        case "at_least":
            return f"mindestens {count} {_many(mention, case)}"
        case "some_of":
            return f"{count} von {total} {_many(mention, 'dat')}"
        case "row":
            return _many(mention, case)
        case "others":
            if mention.count == 1:
                return _with_article(mention, case, "weiter")
            return f"{count} {adjective('weiter', 'strong', 'p', case)} {_many(mention, case)}"
        case "count":
            return f"{count} {_many(mention, case)}"
    return _with_article(mention, case)


def _with_article(mention: Mention, case: Case, *stems: str) -> str:
    gender = _gender(mention.word)
    words = [form(INDEFINITE, gender, case), *(adjective(s, "mixed", gender, case) for s in stems)]
    return " ".join([*words, described(mention.qualities, mention.word, "mixed", gender, case)])


def _many(mention: Mention, case: Case) -> str:
    return described(mention.qualities, mention.word, "strong", "p", case)


def described(qualities: Sequence[str], word: str, declension: Declension, gender: str, case: Case) -> str:
    """Adjectives and noun: "rote Holzwürfel", "Fußgänger in Grün", "Arbeitsplatte aus Holz"."""
    _, one, many = NOUNS[word]
    noun, after, stems = one if gender != "p" else many, "", []
    if gender == "p" and case == "dat":
        noun = dative_plural(noun)
    for quality in qualities:
        if quality in MATERIALS:
            material = MATERIALS[quality]
            if word in COMPOUNDING:
                noun = material + noun.lower()
            else:
                after = f" aus {material}"
        elif quality in COLOURS and word in WEARERS:
            after = f" in {COLOURS[quality][1]}"
        else:
            stems.append(COLOURS[quality][0] if quality in COLOURS else PARTICIPLES[quality])
    return " ".join([*(adjective(s, declension, gender, case) for s in stems), noun]) + after


def shelf(key: str, case: str = "dat") -> str:
    """ "second shelf from the bottom" -> "dem zweiten Regalbrett von unten"."""
    which, _, end = key.partition(" shelf")
    of_case = case_of(case)
    words = [form(DEFINITE, "n", of_case), adjective(SHELF_STEMS[which], "weak", "n", of_case), "Regalbrett"]
    return " ".join(words) + (f" von {ENDS[end.removeprefix(' from the ')]}" if end else "")


def faults(count: int, case: str = "") -> str:
    """ "ein Fehler", "einen Fehler", "zwei Fehler"; plain noun and cases that have no ending of their own."""
    return f"{number(count) if count > 1 else form(INDEFINITE, 'm', case_of(case))} Fehler"
