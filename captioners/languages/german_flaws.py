"""Defects of inspected parts in German: kinds, faces and the places on them."""

from __future__ import annotations

import re
from functools import cache

from pairforge.captioners.languages.german_endings import DEFINITE, INDEFINITE, Case, adjective, form, fused
from pairforge.captioners.meanings import Flaw

_KINDS = {
    "scratch": ("m", "", "Kratzer"),
    "dent": ("f", "", "Delle"),
    "crack": ("m", "", "Riss"),
    "burr": ("m", "", "Grat"),
    "missing_hole": ("f", "fehlend", "Bohrung"),
    "stain": ("m", "", "Fleck"),
    "chip": ("f", "", "Absplitterung"),
    "misprint": ("m", "", "Fehldruck"),
}
"""Kind -> gender, stem of an adjective that belongs to it, noun."""
_WIDE = frozenset({"dent", "stain", "missing_hole", "misprint"})
"""Kinds whose size is a width; the others have a length."""
_GRADES = {"minor": "leicht", "major": "erheblich", "critical": "kritisch"}

_SPOTS = {
    "top face": ("f", "", "Oberseite"),
    "machined top face": ("f", "bearbeitet", "Oberseite"),
    "component side": ("f", "", "Bestückungsseite"),
    "base flange": ("m", "waagerecht", "Schenkel"),
    "upright flange": ("m", "senkrecht", "Schenkel"),
    "flange": ("m", "", "Flansch"),
    "shoulder": ("f", "", "Schulter"),
    "rim": ("m", "", "Zahnkranz"),
    "side face": ("f", "", "Stirnseite"),
    "web": ("m", "", "Steg"),
    "tooth": ("m", "", "Zahn"),
    "bore": ("f", "groß", "Bohrung"),
    "bend": ("f", "", "Biegekante"),
    "middle": ("f", "", "Mitte"),
    "keyway": ("f", "", "Passfedernut"),
    "logo": ("n", "", "Logo"),
    "brand": ("m", "", "Markennamen"),
    "lot number": ("f", "", "Chargennummer"),
    "part number": ("f", "", "Teilenummer"),
    "serial number": ("f", "", "Seriennummer"),
    "slot": ("n", "", "Langloch"),
    "hole": ("f", "", "Bohrung"),
    "mounting hole": ("f", "", "Befestigungsbohrung"),
    "bolt hole": ("f", "", "Schraubenbohrung"),
    "screw hole": ("f", "", "Gewindebohrung"),
    "window": ("n", "", "Fenster"),
}
"""Face or feature -> gender, stem of its adjective, noun in the dative. "Upper left" and the like go before."""
_WHERE = {
    "upper": "ober",
    "lower": "unter",
    "middle": "mittler",
    "front": "vorder",
    "rear": "hinter",
    "left": "link",
    "right": "recht",
}


_NAMED = re.compile(r"[A-Z]\d+")
"""Components of a board are called so in every language."""


@cache
def _parts(spot: str) -> tuple[str, str, str] | None:
    """Gender, adjectives' stems joined by blanks, noun with what follows it; None for an unknown spot."""
    words = spot.split(" ")
    stems, after = [], ""
    if words[-1].isdigit():
        after = f" {words.pop()}"
    if words[1:2] == ["o'clock"]:
        after = f" auf {words[0]} Uhr"
        words = words[2:]
    while len(words) > 1 and words[0] in _WHERE and " ".join(words) not in _SPOTS:
        stems.append(_WHERE[words.pop(0)])
    gender, own, noun = _SPOTS.get(" ".join(words), ("", "", ""))
    return (gender, " ".join((*stems, own)).strip(), noun + after) if noun else None


def flaw(found: Flaw, size: str, case: Case) -> str:
    """ "einen leichten, 8 mm langen Kratzer auf der Oberseite nahe der oberen linken Bohrung"; ``size``: the
    length with its unit, "" when unknown."""
    gender, own, noun = _KINDS[found.kind]
    words = [adjective(_GRADES[found.grade], "mixed", gender, case)] if found.grade else []
    if size:
        sized = f"{size} {adjective('groß' if found.kind in _WIDE else 'lang', 'mixed', gender, case)}"
        words = [f"{words[0]},", sized] if words else [sized]
    words += [adjective(own, "mixed", gender, case)] if own else []
    return " ".join((form(INDEFINITE, gender, case), *words, noun)) + _place(found)


def _place(found: Flaw) -> str:
    near = found.near
    if found.face == "tooth":
        return f" an {_named(near)}" if near.startswith("tooth") else " an einem Zahn"
    where = f" {_at('auf', found.face)}"
    if not near:
        return where
    if found.kind == "misprint":
        return f"{where} {_at('in', near)}"
    if found.kind == "missing_hole":
        return f"{where} {_in_place_of(near)}"
    return f"{where} {_at('nahe', near)}"


def _in_place_of(spot: str) -> str:
    """The genitive, which feminine nouns alone share with the dative, else "anstelle von"."""
    parts = None if spot[-1:].isdigit() else _parts(spot)
    return _at("anstelle", spot) if parts and parts[0] == "f" else f"anstelle {_at('von', spot)}"


def _named(spot: str) -> str:
    """What has a number is a name and has no article: "Zahn 5", "R12"."""
    parts = _parts(spot)
    return parts[2] if parts else spot


def _at(preposition: str, spot: str) -> str:
    """A preposition with a spot in the dative: "auf der Oberseite", "im Logo", "nahe R12"."""
    parts = None if spot[-1:].isdigit() else _parts(spot)
    if parts is None:
        return f"{preposition} {_named(spot)}"
    gender, stems, noun = parts
    words = [adjective(stem, "weak", gender, "dat") for stem in stems.split()] + [noun]
    article = form(DEFINITE, gender, "dat")
    return " ".join([fused(preposition, article) or f"{preposition} {article}", *words])
