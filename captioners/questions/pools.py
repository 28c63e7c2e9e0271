"""What wrong answers and plausible absences are drawn from."""

from __future__ import annotations

from collections.abc import Iterable

from pairforge.captioners.questions.kinds import alike, near
from pairforge.scenes.colours import PALETTE

ROAD = ("bus", "car", "cyclist", "pedestrian", "truck", "van")
STREET = ("bench", "bollard", "bus shelter", "litter bin", "traffic cone")
TABLE = (
    *(
        "apple",
        "ball",
        "banana",
        "book",
        "bottle",
        "bowl",
        "box",
        "can",
        "cone",
        "cup",
        "cylinder",
        "jar",
        "mug",
    ),
    *("orange", "pear", "plate", "vase", "lemon", "tomato"),
)
MATERIALS = ("ceramic", "glass", "metal", "paper", "plastic", "rubber", "wood")
WEATHER = ("sunny", "cloudy", "overcast", "rainy", "foggy", "snowy", "dusty")


def colours(colour: str) -> tuple[str, ...]:
    """Colours that nobody could take for this one."""
    return tuple(c for c in PALETTE if c != colour and c not in near(colour))


def nouns(noun: str, around: Iterable[str]) -> tuple[str, ...]:
    """Other nouns of its world, those around first, no look-alikes."""
    pool = ROAD if noun in ROAD else STREET if noun in STREET else TABLE
    others = dict.fromkeys((*sorted(set(around) & {*pool, *STREET} if noun in ROAD else set(around)), *pool))
    return tuple(n for n in others if n != noun and n not in alike(noun) and not n.endswith(f" {noun}"))
