"""Words for things: what a noun is a kind of, articles, plurals, numbers and distances in words."""

from __future__ import annotations

from functools import cache, lru_cache
from typing import TYPE_CHECKING, Any

from pairforge.sample import InstanceRow

if TYPE_CHECKING:
    import inflect

CLASS_WORD = {
    "car": "car",
    "van": "van",
    "truck": "truck",
    "bus": "bus",
    "cyclist": "cyclist",
    "pedestrian": "pedestrian",
    "bicycle": "bicycle",
    "object": "object",
    "table": "table",
    "building": "building",
    "vegetation": "tree",
    "pole": "post",
    "traffic_sign": "sign",
    "traffic_light": "traffic light",
    "animal": "animal",
    "shelf": "shelf",
}
"""What an instance of a semantic class may always be called (street furniture only by its own noun)."""

VEHICLES = frozenset({"car", "van", "truck", "bus"})
ROAD_USERS = VEHICLES | {"cyclist", "pedestrian"}

MATERIAL_WORD = {
    "plastic": "plastic",
    "metal": "metal",
    "rubber": "rubber",
    "wood": "wooden",
    "glass": "glass",
    "ceramic": "ceramic",
    "fabric": "fabric",
    "leather": "leather",
    "stone": "stone",
    "paper": "paper",
}


PLAIN_SOLIDS = frozenset(
    {"ball", "block", "box", "capsule", "cone", "cube", "cylinder", "pyramid", "ring", "sphere"}
)
"""Shapes of which the material is worth a word; that a mug is ceramic goes without saying."""

WEARERS = frozenset({"pedestrian", "cyclist"})
"""People: their colour is what they wear, "a pedestrian in blue"."""

ON_FOOT = frozenset({"pedestrian", "animal", "dog", "cat", "horse", "cow", "sheep", "deer"})
"""Who sets off and stops on legs."""

TILTABLE = frozenset({"block", "book", "box", "cube", "plate"})
"""Things with flat faces, of which it can be seen that they lean."""

STANDING = frozenset(
    {
        *("can", "mug", "cup", "bottle", "glass", "jug", "jar", "tin", "vase", "carafe", "wine glass"),
        *("milk carton", "kettle", "teapot"),
    }
)
"""Things with a base, of which it is worth saying that they lie on their side."""


VESSELS = frozenset({"basket", "bowl", "crate", "cup", "glass", "mug", "pan", "pot"})
"""Things with a mouth, that others may be in."""


@cache
def _english() -> inflect.engine:
    """Imported by the first who needs it, without typeguard: rewriting inflect's methods to check the types they are
    given takes two CPU seconds in each process, and we give them none but strings."""
    import typeguard

    kept = typeguard.typechecked
    typeguard.typechecked = _unchecked  # type: ignore[assignment]
    try:
        import inflect
    finally:
        typeguard.typechecked = kept
    return inflect.engine()


def _unchecked(method: Any) -> Any:
    return method


def noun_of(row: InstanceRow) -> str:
    """The most specific thing to call an instance."""
    return row.noun or CLASS_WORD.get(row.semantic, row.family.replace("_", " "))


def words_for(row: InstanceRow) -> tuple[str, ...]:
    """Everything an instance may be called, the most specific first, without repeats."""
    return words_of(noun_of(row), row.semantic)


@lru_cache(maxsize=4096)
def words_of(noun: str, semantic: str) -> tuple[str, ...]:
    """The same by its most specific noun and its class."""
    words = [noun]
    if semantic in CLASS_WORD:
        words.append(CLASS_WORD[semantic])
    if semantic in VEHICLES:
        words.append("vehicle")
    return tuple(dict.fromkeys(words))


def material_word(material: str) -> str:
    """The adjective of a material name such as "wood" or "metal_red"; "" when there is none to speak of."""
    for piece in material.replace("-", "_").split("_"):
        if piece in MATERIAL_WORD:
            return MATERIAL_WORD[piece]
    return ""


@lru_cache(maxsize=4096)
def plural(noun: str) -> str:
    """ "lamp post" -> "lamp posts", "bus" -> "buses"."""
    # inflect shouts back at initials: "SUV" would become "SUVS".
    return f"{noun}s" if noun[-1:].isupper() else str(_english().plural_noun(noun))


@lru_cache(maxsize=4096)
def article(words: str) -> str:
    """ "a" or "an", as the sound of the next word wants."""
    first = words.split(" ", 1)[0]
    # Initials are spelt out, by the sound of their first letter's name; inflect takes short ones for words.
    if len(first) > 1 and first.isupper():
        return "an" if first[0] in "AEFHILMNORSX" else "a"
    return str(_english().a(words)).split(" ", 1)[0]


@lru_cache(maxsize=256)
def number(count: int) -> str:
    """Counts to twelve in words, then digits."""
    return str(_english().number_to_words(str(count))) if 0 <= count <= 12 else str(count)


def rounded(value: float, steps: tuple[tuple[float, float], ...]) -> tuple[float, float]:
    """(spoken value, tolerance): ``steps`` lists (up to, step); the last step serves everything above."""
    step = next((step for limit, step in steps if value < limit), steps[-1][1])
    return round(value / step) * step, step / 2


METRES = ((3.0, 0.5), (30.0, 1.0), (float("inf"), 5.0))
CENTIMETRES = ((20.0, 1.0), (float("inf"), 5.0))
KMH = ((float("inf"), 1.0),)
SECONDS = ((5.0, 0.5), (float("inf"), 1.0))


def unit_word(spoken: str, unit: str) -> str:
    """The unit's name in agreement: ("1", "m") -> "metre"."""
    one = {"m": "metre", "cm": "centimetre", "s": "second"}
    if unit == "km/h":
        return unit
    return one[unit] if spoken == "1" else one[unit] + "s"
