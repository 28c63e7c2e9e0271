"""Defects of inspected parts read from Spanish."""

from __future__ import annotations

import re

from pairforge.datasets.readers import spanish_words as words

_FLAW = re.compile(
    rf"(?P<article>una?) (?P<noun>{'|'.join(words.FLAWS)})(?: (?P<grade>{'|'.join(words.GRADES)}))?"
    r"(?P<rest> de taladro| de impresión)?(?: de (?P<size>[0-9]+(?:,5)?) mm de (?P<how>ancho|largo))?"
    r" en (?P<face>[^,]+)(?:, (?P<at>cerca|en el lugar|en)(?P<of> del?)? (?P<near>.+))?"
)


def read_flaw(predicate: str, said: str) -> str | None:
    """The argument of a claim about a defect told in words; None when they do not make that claim, or "?", which no
    fact has, where they are no Spanish."""
    found = _FLAW.fullmatch(said)
    if found is None:
        return "?"
    gender, kind, rest = words.FLAWS[found["noun"]]
    bent = {"crítico": "m", "crítica": "f"}.get(found["grade"] or "", gender)
    wide = "ancho" if kind in words.WIDE else "largo"
    if (found["article"] == "un") != (gender == "m") or bent != gender or (found["rest"] or "") != rest:
        return "?"
    if found["size"] and (found["how"] != wide or found["size"] == "0"):
        return "?"
    place = _place(kind, found["face"], found["at"], (found["of"] or "").strip(), found["near"])
    if place is None or predicate == "defect":
        return place or "?"
    if predicate == "defect_size":
        return f"{place}|{found['size'].replace(',', '.')}" if found["size"] else None
    return f"{place}|{words.GRADES[found['grade']]}" if found["grade"] else None


def _place(kind: str, face: str, at: str | None, of: str, near: str | None) -> str | None:
    """ "scratch|top face|slot"; None when the words are wrong."""
    if face == "un diente" or face.startswith("el diente "):
        tooth = "" if face == "un diente" else _feature(face)
        return None if near or tooth is None else f"{kind}|tooth|{tooth}"
    on = words.FACES.get(face) or _quoted(face)
    if on is None or near is None:
        return f"{kind}|{on}|" if on else None
    if (at, bool(of)) != {"missing_hole": ("en el lugar", True), "misprint": ("en", False)}.get(
        kind, ("cerca", True)
    ):
        return None
    if of and near.startswith("el "):
        return None
    name = _feature(f"el {near}" if of == "del" else near)
    return f"{kind}|{on}|{name}" if name else None


def _feature(said: str) -> str | None:
    if said in words.FEATURES:
        return words.FEATURES[said]
    if hour := re.fullmatch(r"el agujero de las ([0-9]+)", said):
        return f"{hour[1]} o'clock hole"
    if counted := re.fullmatch(r"(.+) ([0-9]+)", said):
        return f"{words.NUMBERED[counted[1]]} {counted[2]}" if counted[1] in words.NUMBERED else None
    return said if re.fullmatch(r"[A-Z]+[0-9]+", said) else _quoted(said)


def _quoted(said: str) -> str | None:
    found = re.fullmatch(r"«(.+)»", said)
    return found[1] if found else None
