"""The verifier's own lexicon: colours, materials, numbers, plurals and articles, learnt from no template."""

from __future__ import annotations

COLOURS = frozenset(
    [
        "black",
        "white",
        "silver",
        "grey",
        "red",
        "blue",
        "green",
        "yellow",
        "orange",
        "brown",
        "beige",
        "navy",
        "purple",
        "pink",
        "cyan",
    ]
)
MATERIALS = frozenset(
    ["plastic", "metal", "rubber", "wooden", "glass", "ceramic", "fabric", "leather", "stone", "paper"]
)
_NUMBERS = [
    "zero",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
]

CLASS_NOUN = {
    "car": ("car", "vehicle"),
    "van": ("van", "vehicle"),
    "truck": ("truck", "vehicle"),
    "bus": ("bus", "vehicle"),
    "cyclist": ("cyclist",),
    "pedestrian": ("pedestrian",),
    "bicycle": ("bicycle",),
    "object": ("object",),
    "table": ("table",),
    "building": ("building",),
    "vegetation": ("tree",),
    "pole": ("post",),
    "traffic_sign": ("sign",),
    "traffic_light": ("traffic light",),
    "animal": ("animal",),
    "shelf": ("shelf",),
}
"""Semantic class -> what its things may be called beside their own noun."""

MATERIAL_ADJECTIVE = {m: m for m in sorted(MATERIALS - {"wooden"})} | {"wood": "wooden"}


WEARERS = frozenset({"pedestrian", "cyclist"})
"""People, whose colour is what they have on: "in blue"."""
WITH_BASE = frozenset(
    [
        *("can", "mug", "cup", "bottle", "glass", "jug", "jar", "wine glass", "carafe", "vase", "tin"),
        *("kettle", "teapot", "milk carton"),
    ]
)
"""Things that can be said to lie on their side."""
HOLLOW = frozenset(["mug", "cup", "glass", "bowl", "pot", "pan", "basket", "crate"])
"""Things that others can be said to be in."""
FLAT_FACED = frozenset(["cube", "block", "box", "book", "plate"])
"""Things that can be said to lean."""


def count_of(word: str) -> int | None:
    """ "three" -> 3, "14" -> 14, None for what is no number. Up to twelve only words count."""
    if word in _NUMBERS:
        return _NUMBERS.index(word)
    return int(word) if word.isdigit() and word.isascii() and int(word) > 12 and word[0] != "0" else None


def plural_of(noun: str) -> str:
    """English plural by ending; the last word of a compound bends."""
    *front, last = noun.split(" ")
    irregular = {"person": "people", "man": "men", "woman": "women", "child": "children"}
    irregular |= {"deer": "deer", "sheep": "sheep"}
    if last in irregular:
        last = irregular[last]
    elif last in ("knife", "loaf", "shelf", "leaf"):
        last = last.removesuffix("fe").removesuffix("f") + "ves"
    elif last in ("tomato", "potato") or last.endswith(("s", "x", "ch", "sh", "z")):
        last += "es"
    elif last.endswith("y") and last[-2:-1] not in "aeiou":
        last = last[:-1] + "ies"
    else:
        last += "s"
    return " ".join((*front, last))


def singular_of(plural: str, nouns: frozenset[str]) -> str | None:
    """Which known noun has that plural; None when none has."""
    return next((n for n in sorted(nouns) if plural_of(n) == plural), None)


def takes_an(words: str) -> bool:
    """Whether "an" goes before these words, by the sound they start with."""
    first = words.split(" ")[0]
    if first.isupper() and first.isalpha():
        return first[0] in "AEFHILMNORSX"
    if first.startswith(("uni", "use", "eu", "one")):
        return False
    return first[:1] in tuple("aeiou") or first.startswith("hour")
