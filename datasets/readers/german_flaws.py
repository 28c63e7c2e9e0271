"""Defects of inspected parts read back from German."""

from __future__ import annotations

import re

_KINDS: dict[str, tuple[str, str, str]] = {
    "scratch": ("m", "Kratzer", "lang"),
    "dent": ("f", "Delle", "groß"),
    "crack": ("m", "Riss", "lang"),
    "burr": ("m", "Grat", "lang"),
    "missing_hole": ("f", "fehlende Bohrung", "groß"),
    "stain": ("m", "Fleck", "groß"),
    "chip": ("f", "Absplitterung", "lang"),
    "misprint": ("m", "Fehldruck", "groß"),
}
"""Kind -> gender, its words in the accusative, which way it is measured."""
_GRADES = {"leicht": "minor", "erheblich": "major", "kritisch": "critical"}
_FACES = {
    "der Oberseite": "top face",
    "der bearbeiteten Oberseite": "machined top face",
    "der Bestückungsseite": "component side",
    "dem waagerechten Schenkel": "base flange",
    "dem senkrechten Schenkel": "upright flange",
    "dem Flansch": "flange",
    "der Schulter": "shoulder",
    "dem Zahnkranz": "rim",
    "der Stirnseite": "side face",
    "dem Steg": "web",
}
_SPOTS = {
    "der großen Bohrung": "bore",
    "der Biegekante": "bend",
    "der Mitte": "middle",
    "der Passfedernut": "keyway",
    "dem Logo": "logo",
    "dem Markennamen": "brand",
    "der Chargennummer": "lot number",
    "der Teilenummer": "part number",
    "der Seriennummer": "serial number",
    "dem Langloch": "slot",
    "der Bohrung": "hole",
    "der Befestigungsbohrung": "mounting hole",
    "der Schraubenbohrung": "bolt hole",
}
_BESIDE = {
    "oberen": "upper",
    "unteren": "lower",
    "mittleren": "middle",
    "vorderen": "front",
    "hinteren": "rear",
    "linken": "left",
    "rechten": "right",
}
_NUMBERED = {"Zahn": "tooth", "Fenster": "window", "Gewindebohrung": "screw hole"}


def _pattern(kind: str) -> re.Pattern[str]:
    gender, noun, measured = _KINDS[kind]
    article, end = ("einen", "en") if gender == "m" else ("eine", "e")
    grade = rf"(?:(?P<grade>{'|'.join(_GRADES)}){end}(?:, (?=[0-9])| (?![0-9])))?"
    size = rf"(?:(?P<size>[1-9][0-9]*(?:,5)?|0,5) mm {measured}{end} )?"
    return re.compile(rf"{article} {grade}{size}{noun} (?P<where>.+)")


_FLAWS = {kind: _pattern(kind) for kind in _KINDS}
CLAIMS = ("defect", "defect_size", "defect_severity")


def read_flaw(predicate: str, words: str) -> str | None:
    """The argument of a claim about a defect told in words; None when they do not make that claim, or are no German
    that this grammar knows (then "?", which no fact has)."""
    for kind, pattern in _FLAWS.items():
        found = pattern.fullmatch(words)
        place = _place(kind, found["where"]) if found else None
        if found and place is not None:
            if predicate == "defect":
                return f"{kind}|{place}"
            size = found["size"]
            last = (
                size and size.replace(",", ".") if predicate == "defect_size" else _GRADES.get(found["grade"])
            )
            return f"{kind}|{place}|{last}" if last else None
    return "?"


def _place(kind: str, words: str) -> str | None:
    """ "top face|upper left hole" of "auf der Oberseite nahe der oberen linken Bohrung"."""
    if words == "an einem Zahn":
        return "tooth|"
    tooth = re.fullmatch(r"an Zahn ([1-9][0-9]*)", words)
    if tooth:
        return f"tooth|tooth {tooth[1]}"
    for german, face in _FACES.items():
        if words == f"auf {german}":
            return f"{face}|"
        if words.startswith(f"auf {german} "):
            near = _near(kind, words.removeprefix(f"auf {german} "))
            return f"{face}|{near}" if near else None
    return None


def _near(kind: str, words: str) -> str | None:
    words = re.sub(r"^im ", "in dem ", words)
    if kind == "missing_hole":
        # "Anstelle der Bohrung": the genitive of feminines, which looks like their dative; else "von".
        found = re.fullmatch(r"anstelle (von )?(.+)", re.sub(r" vom ", " von dem ", words))
        agrees = found is not None and bool(found[1]) != found[2].startswith("der ")
        return _spot(found[2]) if found and agrees else None
    start = "in " if kind == "misprint" else "nahe "
    return _spot(words.removeprefix(start)) if words.startswith(start) else None


def _spot(words: str) -> str | None:
    """A place by its name or by article, sides and noun."""
    numbered = re.fullmatch(r"(\w+) ([1-9][0-9]*)", words)
    if numbered:
        return f"{_NUMBERED[numbered[1]]} {numbered[2]}" if numbered[1] in _NUMBERED else None
    if re.fullmatch(r"[A-Z][0-9]+", words):
        return words
    clock = re.fullmatch(r"der Bohrung auf ([1-9][0-9]?) Uhr", words)
    if clock:
        return f"{clock[1]} o'clock hole"
    article, *rest = words.split(" ")
    sides: list[str] = []
    while rest and rest[0] in _BESIDE:
        sides.append(_BESIDE[rest.pop(0)])
    spot = _SPOTS.get(" ".join((article, *rest)))
    return " ".join((*sides, spot)) if spot else None
