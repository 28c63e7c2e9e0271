"""Endings that no library has: articles, adjectives and pronouns by gender, number and case; datives; contractions.

Cases are "nom", "acc" and "dat"; gender is "m", "f", "n", or "p" for the plural of all three. No genitive: phrases do
without.
"""

from __future__ import annotations

from typing import Literal, cast

Case = Literal["nom", "acc", "dat"]
CASES: tuple[Case, ...] = ("nom", "acc", "dat")
_BY_CASE = dict[str, tuple[str, str, str]]

INDEFINITE: _BY_CASE = {
    "m": ("ein", "einen", "einem"),
    "f": ("eine", "eine", "einer"),
    "n": ("ein", "ein", "einem"),
}
DEFINITE: _BY_CASE = {
    "m": ("der", "den", "dem"),
    "f": ("die", "die", "der"),
    "n": ("das", "das", "dem"),
    "p": ("die", "die", "den"),
}
ONE_OF: _BY_CASE = {
    "m": ("einer", "einen", "einem"),
    "f": ("eine", "eine", "einer"),
    "n": ("eines", "eines", "einem"),
}
PRONOUN: _BY_CASE = {
    "m": ("er", "ihn", "ihm"),
    "f": ("sie", "sie", "ihr"),
    "n": ("es", "es", "ihm"),
    "p": ("sie", "sie", "ihnen"),
}
_MIXED: _BY_CASE = {
    "m": ("er", "en", "en"),
    "f": ("e", "e", "en"),
    "n": ("es", "es", "en"),
}
_WEAK: _BY_CASE = {
    "m": ("e", "en", "en"),
    "f": ("e", "e", "en"),
    "n": ("e", "e", "en"),
    "p": ("en", "en", "en"),
}
_STRONG: _BY_CASE = {
    "m": ("er", "en", "em"),
    "f": ("e", "e", "er"),
    "n": ("es", "es", "em"),
    "p": ("e", "e", "en"),
}
_DECLENSIONS = {"mixed": _MIXED, "weak": _WEAK, "strong": _STRONG}
Declension = Literal["mixed", "weak", "strong"]
"""After "ein", after "der", without an article."""

_FUSED = {
    ("in", "dem"): "im",
    ("in", "das"): "ins",
    ("an", "dem"): "am",
    ("von", "dem"): "vom",
    ("zu", "dem"): "zum",
    ("zu", "der"): "zur",
    ("an", "das"): "ans",
}


def form(table: _BY_CASE, gender: str, case: Case) -> str:
    """An article or pronoun."""
    return table[gender][CASES.index(case)]


def adjective(stem: str, declension: Declension, gender: str, case: Case) -> str:
    """ "rot" -> "roter", "rotes", "roten"."""
    return stem + form(_DECLENSIONS[declension], gender, case)


def dative_plural(many: str) -> str:
    """ "Tische" -> "Tischen"; what ends in n or s stays."""
    return many if many.endswith(("n", "s")) else many + "n"


def fused(preposition: str, article: str) -> str:
    """ "in", "dem" -> "im"; "" for what stays two words."""
    return _FUSED.get((preposition, article), "")


def case_of(name: str) -> Case:
    """A case by its name, the nominative by ""."""
    return cast(Case, name or "nom")
