"""Spanish, as spoken in Spain: gender and number, contractions, and where Spanish says "hay" or "está"."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from babel.lists import format_list

from pairforge.captioners.languages import spanish_words as words
from pairforge.captioners.languages.spanish_flaws import flaw
from pairforge.captioners.languages.spanish_forms import (
    amount,
    article,
    bent,
    described,
    gender_of,
    inflected,
    number,
)
from pairforge.captioners.languages.spanish_street import (
    acting,
    day,
    effect,
    lined,
    made_to,
    mood,
    on_street,
    opening,
    shelf,
    sides,
    tags,
)
from pairforge.captioners.meanings import Measure, Mention, Mentions
from pairforge.captioners.nouns import WEARERS
from pairforge.captioners.realise import Spoken

_DEFINITE = frozenset({"the", "nearest", "one_of", "some_of", "it"})
"""Forms of which Spanish says that they are there ("está"), not that there are some ("hay")."""
_PRONOUNS = {
    "nom": {"m": "este", "f": "esta"},
    "acc": {"m": "lo", "f": "la"},
    "prep": {"m": "él", "f": "ella"},
    "dat": {"m": "le", "f": "le"},
}


LIGHTS = {"red": "rojo", "yellow": "ámbar", "green": "verde", "red_yellow": "rojo y ámbar"}


class Spanish:
    """See ``protocol.Language``. A case is "de" or "a", where the preposition melts into an article, or that of a
    pronoun ("acc": lo)."""

    code = "es"
    joint = " "
    ourselves = ("Nos ", "Nuestr")

    @property
    def filters(self) -> Mapping[str, Callable[..., Any]]:
        return {
            "agree": agree,
            "did": did,
            "at_time": lambda part: {"start": "Al principio, ", "end": "Hacia el final, "}[part],
            "towards": lambda part: {"start": " al principio", "end": " hacia el final"}[part],
            "hay": there,
            "at": placed,
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
            "effect": effect,
            "made_to": made_to,
            "acting": acting,
            "light": lambda state: LIGHTS[state],
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
    every = f"{bent('l', gender, 'os', 'as')} {number(mention.total)} {many}"
    match mention.form:
        case "tag":
            return words.FEMININE.get(mention.word) or words.MASCULINE[mention.word]
        case "none":
            return f"{bent('ning', gender, 'ún', 'una')} {said}"
        case "another":
            return f"{bent('otr', gender)} {said}"
        case "the":
            return f"{article(gender, said)} {said}"
        case "nearest":
            return f"{article(gender, '')} más {bent('cercan', gender)} de {every}"
        case "one_of":
            return f"{bent('un', gender)} de {every}"
        case "at_least":
            return f"al menos {number(mention.count)} {many}"
        case "some_of":
            return f"{number(mention.count)} de {every}"
        case "row":
            return many
        case "others":
            if mention.count == 1:
                return f"{bent('otr', gender)} {said}"
            return f"{bent('otr', gender)}s {number(mention.count)} {many}"
        case "count":
            return f"{number(mention.count)} {many}"
    return f"{article(gender, said, 'un', 'una')} {said}"


def _members(who: Spoken) -> tuple[Mention, ...]:
    return who.meant.members if isinstance(who.meant, Mentions) else (who.meant,)


def _is_person(mention: Mention) -> bool:
    return mention.word in WEARERS


def agree(who: Spoken, adjective: str) -> str:
    """An adjective or participle in agreement: many of both genders are masculine."""
    gender = "f" if all(gender_of(m.word) == "f" for m in _members(who)) else "m"
    return inflected(adjective, gender, who.plural)


def did(who: Spoken | None, one: str, many: str, we: str) -> str:
    """Somebody with what he did; without anybody it was us."""
    return we if who is None else f"{who} {many if who.plural else one}"


def there(who: Spoken) -> str:
    """ "hay" before what is not known yet, "está" or "están" before what is."""
    if not any(m.form in _DEFINITE for m in _members(who)):
        return "hay"
    return "están" if who.plural else "está"


def placed(who: Spoken) -> str:
    """Somebody with the verb of being somewhere: "hay una pera", but "la pera está" once it is known."""
    return f"hay {who}" if there(who) == "hay" else f"{who} {there(who)}"


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
