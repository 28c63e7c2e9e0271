"""Defects of inspected parts, and where on a part they are, in Spanish."""

from __future__ import annotations

import re

from pairforge.captioners.languages import spanish_words as words
from pairforge.captioners.languages.spanish_forms import amount, bent, inflected
from pairforge.captioners.meanings import Flaw


def flaw(found: Flaw) -> str:
    """ "un arañazo leve de 8 mm de largo en la cara superior, cerca del agujero superior izquierdo"."""
    gender, said, rest = words.FLAWS[found.kind]
    told = [bent("un", gender, "", "a"), said]
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
