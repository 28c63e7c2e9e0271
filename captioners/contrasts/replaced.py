"""object: another kind of thing in the same place."""

from __future__ import annotations

from pairforge.captioners import policy
from pairforge.captioners.contrasts.axis import Axis, Base, Side
from pairforge.captioners.contrasts.protocol import Saying
from pairforge.captioners.contrasts.sayings import about, shared

ALIKE: tuple[tuple[str, ...], ...] = (
    ("box", "sphere", "cylinder", "cone"),
    ("mug", "can", "bottle", "bowl", "apple"),
    ("cup", "teapot", "jar", "vase", "tin", "loaf"),
    ("hatchback", "sedan", "suv", "estate", "pickup", "van"),
    ("dog", "cat"),
    ("orange", "lemon", "pear", "tomato"),
    ("pot", "pan", "kettle", "toaster"),
)
"""Shapes that may stand in for each other where the spec gives no choice."""


class Replaced:
    name = "object"
    needs = 'a thing in view whose shape has others to stand in for it, as the draw "<thing>.shape"'

    def axes(self, base: Base) -> list[Axis]:
        found = []
        for thing in base.shown(policy.SHAPE_PX):
            own = str(base.draws[f"{thing}.shape"])
            others = base.options(thing, "shape") or next((g for g in ALIKE if own in g), ())
            values = tuple(dict.fromkeys((own, *others)))
            if len(values) > 1:
                found.append(Axis((f"{thing}.shape",), tuple((v,) for v in values), (thing,)))
        return found

    def sayings(self, one: Side, other: Side, axis: Axis) -> list[Saying]:
        return [*about(one, other, axis.things[0]), *shared(one, other, axis.things[:1])]
