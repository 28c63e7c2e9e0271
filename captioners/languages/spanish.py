"""Spanish, as spoken in Spain: gender and number, contractions, and where Spanish says "hay" or "está"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from functools import lru_cache
from typing import Any, Literal

from babel.lists import format_list
from babel.units import format_unit
from num2words import num2words

from pairforge.captioners.languages import spanish_words as words
from pairforge.captioners.meanings import Flaw, Measure, Mention, Mentions, Street
from pairforge.captioners.nouns import WEARERS
from pairforge.captioners.realise import Spoken

_DEFINITE = frozenset({"the", "nearest", "one_of", "some_of", "it"})
"""Forms of which Spanish says that they are there ("está"), not that there are some ("hay")."""
_UNITS: Mapping[str, tuple[str, Literal["short", "long"]]] = {
    "m": ("length-meter", "long"),
    "cm": ("length-centimeter", "long"),
    "s": ("duration-second", "long"),
    "mm": ("length-millimeter", "short"),
    "km/h": ("speed-kilometer-per-hour", "short"),
}
_PRONOUNS = {
    "nom": {"m": "este", "f": "esta"},
    "acc": {"m": "lo", "f": "la"},
    "prep": {"m": "él", "f": "ella"},
    "dat": {"m": "le", "f": "le"},
}
_STRESSED_A = re.compile(r"(?:alma|ala|agua|asa|arma|área|ancla|hacha)\b")
"""Feminine nouns before which "la" and "una" become "el" and "un"."""


class Spanish:
    """See ``protocol.Language``. A case is "de" or "a", where the preposition melts into an article, or that of a
    pronoun ("acc": lo)."""

    code = "es"
    joint = " "

    @property
    def filters(self) -> Mapping[str, Callable[..., Any]]:
        return {
            "agree": agree,
            "hay": there,
            "denied": denied,
            "de": lambda who: _after(who, "de"),
            "a": lambda who: _after(who, "a"),
            "object": direct,
            **{case: _pronoun(case) for case in _PRONOUNS},
            "clitic": clitic,
            "number": number,
            "defects": lambda count: f"{number(count)} {'defecto' if count == 1 else 'defectos'}",
            "side": lambda side: words.SIDES[side],
            "lado": lambda side: words.PLACES[side],
            "sides": sides,
            "ground": lambda ground: words.GROUNDS[ground],
            "shelf": shelf,
            "place": lambda street: words.STREETS[street.place],
            "lined": lined,
            "surface": lambda street: words.SURFACES.get(street.ground, ""),
            "mood": mood,
            "opening": opening,
            "on_street": on_street,
            "day": day,
            "flaw": flaw,
            "row": lambda things: ", ".join(things.each),
            "tags": tags,
        }

    def knows(self, word: str) -> bool:
        return word in words.MASCULINE or word in words.FEMININE

    def phrase(self, mention: Mention, case: str) -> str:
        if mention.form == "it":
            return _PRONOUNS[case or "nom"][gender_of(mention.word)]
        said = _singular(mention)
        if case in ("de", "a") and said.startswith("el "):
            return ("d" if case == "de" else "a") + said.removeprefix("e" if case == "a" else "")
        return said

    def listed(self, phrases: Sequence[str]) -> str:
        said = str(format_list(list(phrases), locale=self.code))
        return re.sub(r" y (?=\W*h?i(?!e))", " e ", said, flags=re.IGNORECASE)

    def measure(self, measure: Measure) -> str:
        return amount(measure.spoken, measure.unit)

    def capitalised(self, text: str) -> str:
        return text[:1].upper() + text[1:]


def _singular(mention: Mention) -> str:
    """A noun phrase with its article or number."""
    gender = gender_of(mention.word)
    said = described(mention.qualities, mention.word)
    many = described(mention.qualities, mention.word, plural=True)
    every = f"{_bent('l', gender, 'os', 'as')} {number(mention.total)} {many}"
    match mention.form:
        case "tag":
            return noun(mention.word)
        case "none":
            return f"{_bent('ning', gender, 'ún', 'una')} {said}"
        case "another":
            return f"{_bent('otr', gender)} {said}"
        case "the":
            return f"{article(gender, said)} {said}"
        case "nearest":
            return f"{article(gender, '')} más {_bent('cercan', gender)} de {every}"
        case "one_of":
            return f"{_bent('un', gender)} de {every}"
        case "at_least":
            return f"al menos {number(mention.count)} {many}"
        case "some_of":
            return f"{number(mention.count)} de {every}"
        case "row":
            return many
        case "others":
            if mention.count == 1:
                return f"{_bent('otr', gender)} {said}"
            return f"{_bent('otr', gender)}s {number(mention.count)} {many}"
        case "count":
            return f"{number(mention.count)} {many}"
    return f"{article(gender, said, 'un', 'una')} {said}"


def _bent(stem: str, gender: str, masculine: str = "o", feminine: str = "a") -> str:
    return stem + (masculine if gender == "m" else feminine)


def article(gender: str, before: str, masculine: str = "el", feminine: str = "la") -> str:
    """ "el" or "la" (or "un", "una"), which before a stressed a is masculine even of feminine nouns: "el alma"."""
    return masculine if gender == "m" or _STRESSED_A.match(before) else feminine


def gender_of(word: str) -> str:
    """ "m" or "f" of a noun's key."""
    return "f" if word in words.FEMININE else "m"


def noun(word: str) -> str:
    return words.FEMININE.get(word) or words.MASCULINE[word]


@lru_cache(maxsize=4096)
def described(qualities: Sequence[str], word: str, *, plural: bool = False) -> str:
    """ "furgoneta blanca", "cubos rojos de goma"; people wear their colour: "peatón vestido de verde"."""
    gender, said = gender_of(word), plural_of(noun(word)) if plural else noun(word)
    if word in WEARERS and qualities:
        return f"{said} {inflected('vestido', gender, plural)} de {words.COLOURS[qualities[0]]}"
    for quality in qualities:
        if quality in words.COLOURS:
            said += f" {inflected(words.COLOURS[quality], gender, plural)}"
        elif quality == "parked":
            said += f" {inflected('aparcado', gender, plural)}"
        else:
            said += f" de {words.MATERIALS[quality]}"
    return said


def inflected(adjective: str, gender: str, plural: bool) -> str:
    """An adjective's form: "rojo" -> "rojas", "azul" -> "azules", "rosa" as it is."""
    if adjective in words.INVARIABLE:
        return adjective
    if gender == "f" and adjective.endswith("o"):
        adjective = adjective[:-1] + "a"
    return plural_of(adjective) if plural else adjective


_BARE = str.maketrans("áéíóú", "aeiou")


def plural_of(said: str) -> str:
    """Plural by ending, of a noun and its adjectives up to a preposition: "cono de tráfico" -> "conos de tráfico"."""
    if said in words.PLURALS:
        return words.PLURALS[said]
    head, preposition, rest = said.partition(" de ")
    return " ".join(_plural_word(w) for w in head.split(" ")) + preposition + rest


def _plural_word(word: str) -> str:
    if word[-1] in "aeiouáéó":
        return word + "s"
    if word.endswith("z"):
        return word[:-1] + "ces"
    if word[-2] in "áéíóú":
        # The stress of "camión" falls on the same vowel without an accent in "camiones".
        return word[:-2] + word[-2].translate(_BARE) + word[-1] + "es"
    return word + "es"


@lru_cache(maxsize=256)
def number(count: int) -> str:
    """Counts to twelve in words, then digits."""
    return "un" if count == 1 else str(num2words(count, lang="es")) if 0 <= count <= 12 else str(count)


@lru_cache(maxsize=4096)
def amount(spoken: str, unit: str) -> str:
    """ "2,5 metros", "30 km/h"."""
    name, length = _UNITS[unit]
    said = format_unit(float(spoken), name, length=length, locale="es")
    return str(said).replace("\N{NO-BREAK SPACE}", " ")


def _members(who: Spoken) -> tuple[Mention, ...]:
    return who.meant.members if isinstance(who.meant, Mentions) else (who.meant,)


def _is_person(mention: Mention) -> bool:
    return mention.word in WEARERS


def agree(who: Spoken, adjective: str) -> str:
    """An adjective or participle in agreement: many of both genders are masculine."""
    gender = "f" if all(gender_of(m.word) == "f" for m in _members(who)) else "m"
    return inflected(adjective, gender, who.plural)


def there(who: Spoken) -> str:
    """ "hay" before what is not known yet, "está" or "están" before what is."""
    if not any(m.form in _DEFINITE for m in _members(who)):
        return "hay"
    return "están" if who.plural else "está"


def denied(who: Spoken) -> str:
    """ "no" before the verb of what there is none of: "no hay ningún peatón"."""
    return "no" if any(m.form == "none" for m in _members(who)) else ""


def _after(who: Spoken, preposition: str) -> str:
    """A phrase after "de" or "a", which melt into "del" and "al" before "el"."""
    first, *rest = _members(who)
    said = Spoken(first, who.tongue, preposition)
    melts = who.tongue.phrase(first, preposition) != who.tongue.phrase(first, "")
    told = str(said) if melts else f"{preposition} {Spoken(first, who.tongue)}"
    return who.tongue.listed([told, *(str(Spoken(m, who.tongue)) for m in rest)]) if rest else told


def direct(who: Spoken) -> str:
    """A direct object: people take "a"."""
    said = [
        _after(Spoken(m, who.tongue), "a") if _is_person(m) else str(Spoken(m, who.tongue))
        for m in _members(who)
    ]
    return said[0] if len(said) == 1 else who.tongue.listed(said)


def _pronoun(case: str) -> Callable[[Spoken], Spoken]:
    return lambda who: who.cased(case)


def clitic(who: Spoken) -> str:
    """ "lo", "la", "los" or "las" for what the sentence has named."""
    return agree(who, "lo")


def sides(side: str) -> str:
    """ "left" -> "a la izquierda", "both" -> "a ambos lados"."""
    return "a ambos lados" if side == "both" else f"a la {words.SIDES[side]}"


def shelf(name: str) -> str:
    """ "second shelf from the bottom" -> "el segundo estante desde abajo"."""
    which, _, end = name.partition(" shelf")
    if which in words.SHELVES:
        return f"el estante {words.SHELVES[which]}"
    return f"el {words.ORDINALS[which]} estante desde {'abajo' if end.endswith('bottom') else 'arriba'}"


def lined(street: Street) -> str:
    return str(format_list([words.LINED[x] for x in street.lined], locale="es"))


def mood(street: Street) -> str:
    """Weather and time as they follow a noun: " en un día soleado", ", de noche y bajo la lluvia"."""
    told = " y ".join(x for x in (words.HOURS.get(street.time), words.MOODS.get(street.weather)) if x)
    if not told:
        return ""
    return f", {told}" if street.time else f" {told}"


def opening(street: Street) -> str:
    """How a sentence begins that tells weather and time first: "es de noche y está lloviendo en una"."""
    hour = {"night": "es de noche", "twilight": "es la hora del crepúsculo"}.get(street.time, "")
    sky = words.SKIES.get(street.weather, "")
    if not hour and not sky:
        return "esta es una"
    return " y ".join(x for x in (hour, sky) if x) + (" una" if sky else " en una")


def day(weather: str, time: str) -> str:
    """What a day or a night is like: "lluvioso", "lluviosa"."""
    said = words.DAYS[weather]
    return said if said.startswith("de ") else inflected(said, "f" if time == "night" else "m", False)


def on_street(street: Street) -> str:
    """ "una calle mojada y bordeada de árboles en un día soleado"."""
    told = [words.SURFACES.get(street.ground), f"bordeada de {lined(street)}" if street.lined else None]
    return " ".join(["una", words.STREETS[street.place], " y ".join(x for x in told if x)]).strip() + mood(
        street
    )


def tags(street: Street) -> str:
    """Everything known of a street by single words: "calle, soleado, árboles"."""
    told = [words.STREETS[street.place]]
    told += [words.TAGS[x] for x in (street.weather, street.time, street.ground) if x]
    return ", ".join([*told, *(words.LINED[x] for x in street.lined)])


def flaw(found: Flaw) -> str:
    """ "un arañazo leve de 8 mm de largo en la cara superior, cerca del agujero superior izquierdo"."""
    gender, said, rest = words.FLAWS[found.kind]
    told = [_bent("un", gender, "", "a"), said]
    told += [inflected(words.GRADES[found.grade], gender, False)] if found.grade else []
    told += [rest] if rest else []
    if found.size_mm:
        told.append(
            f"de {amount(found.size_mm, 'mm')} de {'ancho' if found.kind in words.ACROSS else 'largo'}"
        )
    return " ".join(told) + _where(found)


_AT = {"missing_hole": "en el lugar de", "misprint": "en"}


def _where(found: Flaw) -> str:
    if found.face == "tooth":
        return f" en {feature(found.near)}" if found.near.startswith("tooth") else " en un diente"
    on = f" en {words.FACES.get(found.face) or _quoted(found.face)}"
    if not found.near:
        return on
    near = f"{_AT.get(found.kind, 'cerca de')} {feature(found.near)}"
    return f"{on}, {near.replace(' de el ', ' del ')}"


def feature(name: str) -> str:
    """A place on a part: "upper left hole" -> "el agujero superior izquierdo", "R12" as it is."""
    if name in words.FEATURES:
        return words.FEATURES[name]
    if found := re.fullmatch(r"([a-z ]+?) (\d+)", name):
        return f"{words.NUMBERED[found[1]]} {found[2]}" if found[1] in words.NUMBERED else _quoted(name)
    if found := re.fullmatch(r"(\d+) o'clock hole", name):
        return f"el agujero de las {found[1]}"
    for hole, said in words.HOLES.items():
        places = name.removesuffix(hole).split()
        if name.endswith(hole) and all(p in words.PLACES for p in places):
            # Spanish puts "central" first: "central izquierdo", "central superior".
            places.sort(key=lambda p: p != "middle")
            return " ".join([said, *(words.PLACES[p] for p in places)])
    return name if name[-1:].isdigit() else _quoted(name)


def _quoted(name: str) -> str:
    """A name that no word is known for, as it is written on the part's drawing."""
    return f"«{name}»"
