"""negation: there is such a thing, or there is none."""

from __future__ import annotations

from dataclasses import replace

from pairforge.captioners.contrasts.attribute import Attribute
from pairforge.captioners.contrasts.axis import Axis, Base, Side
from pairforge.captioners.contrasts.presence import gone, there_or_not
from pairforge.captioners.contrasts.protocol import Saying
from pairforge.captioners.contrasts.replaced import Replaced
from pairforge.captioners.meanings import Message


class Negation:
    name = "negation"
    needs = "a thing in view of which the colour, the shape or the number can be changed"

    def axes(self, base: Base) -> list[Axis]:
        return [*Attribute().axes(base), *Replaced().axes(base), *gone(base)]

    def sayings(self, one: Side, other: Side, axis: Axis) -> list[Saying]:
        name = axis.things[0]
        found: list[Saying] = []
        for here, swapped in ((one, False), (other, True)):
            thing = here.named(name)
            if thing is None:
                continue
            pair = (
                Message("presence", {"thing": thing}),
                Message("presence", {"thing": replace(thing, instance_ids=(0,), fact_ids=(), form="none")}),
            )
            found.append(pair[::-1] if swapped else pair)
        return [*found, *there_or_not(one, other, name)]
