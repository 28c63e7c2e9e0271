"""attribute: a thing of another colour."""

from __future__ import annotations

import numpy as np

from pairforge.captioners import policy
from pairforge.captioners.contrasts.axis import Axis, Base, Side
from pairforge.captioners.contrasts.protocol import Saying
from pairforge.captioners.contrasts.sayings import about, shared
from pairforge.scenes.colours import PALETTE, oklab
from pairforge.scenes.families import family

APART = 0.18
"""Oklab distance from which two colours are told apart at a glance: grey and silver are not."""


class Attribute:
    name = "attribute"
    needs = 'a thing in view with a colour, as the draw "<thing>.colour" gives it'

    def axes(self, base: Base) -> list[Axis]:
        found = []
        for thing in base.shown(policy.COLOUR_PX):
            own = base.draws.get(f"{thing}.colour")
            if not isinstance(own, str):
                continue
            others = base.options(thing, "colour") or family(base.item(thing).family).colours
            values = distinct([own, *others])
            if len(values) > 1:
                found.append(Axis((f"{thing}.colour",), tuple((v,) for v in values), (thing,)))
        return found

    def sayings(self, one: Side, other: Side, axis: Axis) -> list[Saying]:
        return [*about(one, other, axis.things[0]), *shared(one, other, axis.things[:1])]


def distinct(colours: list[str]) -> list[str]:
    """Those that are far from all before them."""
    kept: list[str] = []
    for name in colours:
        if all(_apart(name, other) >= APART for other in kept):
            kept.append(name)
    return kept


def _apart(a: str, b: str) -> float:
    return float(np.linalg.norm(oklab(PALETTE[a]) - oklab(PALETTE[b])))
