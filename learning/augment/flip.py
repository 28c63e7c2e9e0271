"""Left and right exchanged: the picture, and the world that it shows.

Where the picture holds writing, a dial, or traffic that keeps to the right, the mirrored world is not one that there
is, and a flip is refused.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

import numpy as np

from pairforge.learning.augment.clip import AugmentError, Clip
from pairforge.learning.augment.protocol import Transform, to_json
from pairforge.learning.augment.world_map import WorldMap, mapped
from pairforge.sample import SceneRecord
from pairforge.seeding import Stream

LETTERED = frozenset(
    (
        *("standing_book", "cereal_box", "packet", "milk_carton", "tin"),
        *("building", "traffic_sign", "street_name", "taxi"),
        *("machined_plate", "sheet_bracket", "spur_gear", "cast_housing", "bottle_closure"),
        *("circuit_board", "inspection_sheet", "steel_rule"),
    )
)
"""Families with letters or figures on them."""
HANDED = {**dict.fromkeys(sorted(LETTERED), "writing"), "clock": "a dial"}


@dataclass(frozen=True)
class Flip:
    """A mirrored world. ``handed`` lets it be though it holds what is never seen mirrored: for learners of geometry
    alone."""

    handed: bool = False

    NAME: ClassVar[str] = "flip"

    def __call__(self, clip: Clip) -> Clip:
        if not self.handed and (reason := forbidden(clip)):
            raise AugmentError(
                f"a flip of scene {clip.record.scene} would be untrue: {reason}. Leave such scenes as they are "
                "(RandomFlip does), or use Flip(handed=True) where neither words nor signs are learnt from."
            )
        return mapped(clip, WorldMap(mirror=True), to_json(self))


@dataclass(frozen=True)
class RandomFlip:
    """A flip with a probability; never of what must not be flipped."""

    chance: float = 0.5
    handed: bool = False

    def draw(self, clip: Clip, stream: Stream) -> Transform | None:
        flips = stream.rng().random() < self.chance
        return Flip(self.handed) if flips and (self.handed or not forbidden(clip)) else None


def forbidden(clip: Clip) -> str:
    """Why a clip must not be flipped; "" where it may be. What no camera shows is no hindrance."""
    if clip.record.lanes:
        return "its traffic keeps to the right, and would keep to the left"
    seen = {int(i) for f in clip.frames for c in f.cameras.values() for i in np.unique(c.part)}
    for name, family in sorted(_families(clip.record, seen)):
        if ":" in family:
            return f'"{name}" is an imported asset, which may bear writing'
        if family in HANDED:
            return f'{HANDED[family]} on "{name}" (a {family.replace("_", " ")}) would be mirrored'
    return ""


def _families(record: SceneRecord, parts: set[int]) -> set[tuple[str, str]]:
    """(name, family) of the items that these parts belong to, of stuff too."""
    families = {item["name"]: item["family"] for item in record.concrete.get("items", ())}
    names = {p.name.partition(".")[0] for p in record.parts if p.part_id in parts}
    return {(n, families[n]) for n in names if n in families}
