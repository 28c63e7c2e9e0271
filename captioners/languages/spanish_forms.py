"""How Spanish words bend: gender, number, articles, numbers and units. What no kept library does stands here."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache
from typing import Literal

from babel.units import format_unit
from num2words import num2words

from pairforge.captioners.languages import spanish_words as words
from pairforge.captioners.nouns import WEARERS

_UNITS: Mapping[str, tuple[str, Literal["short", "long"]]] = {
    "m": ("length-meter", "long"),
    "cm": ("length-centimeter", "long"),
    "s": ("duration-second", "long"),
    "mm": ("length-millimeter", "short"),
    "km/h": ("speed-kilometer-per-hour", "short"),
}
_STRESSED_A = re.compile(r"(?:alma|ala|agua|asa|arma|área|ancla|hacha)\b")
"""Feminine nouns before which "la" and "una" become "el" and "un"."""


def bent(stem: str, gender: str, masculine: str = "o", feminine: str = "a") -> str:
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
