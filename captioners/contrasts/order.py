"""order: which of two things came down first."""

from __future__ import annotations

from pairforge.captioners.contrasts.axis import Axis, Base, Side
from pairforge.captioners.contrasts.protocol import Saying
from pairforge.captioners.meanings import Message

_LEAST_M, _APART_M = 0.15, 0.6
"""Nothing is dropped from lower, where it would not be seen to fall; and two fall from heights so far apart."""


class Order:
    name = "order"
    needs = 'two things in view dropped from different heights, as the draws "<thing>.place.height_m"'

    def axes(self, base: Base) -> list[Axis]:
        heights = {t: float(base.draws[d]) for t in base.seen if (d := f"{t}.place.height_m") in base.draws}
        found = []
        for thing, own in heights.items():
            draw = f"{thing}.place.height_m"
            others = [h for t, h in heights.items() if t != thing and h >= _LEAST_M]
            near = [h + s * _APART_M * f for h in others for s in (1, -1) for f in (1.0, 1.3)]
            values = [(v,) for v in near if v >= _LEAST_M and base.probe({draw: v}) is not None]
            if values and own >= _LEAST_M:
                found.append(Axis((draw,), ((base.draws[draw],), *values), (thing,)))
        return found

    def sayings(self, one: Side, other: Side, axis: Axis) -> list[Saying]:
        name, found = axis.things[0], list[Saying]()
        for rival in (r.name for r in one.record.instances if r.name != name and r.moves):
            named = [(s.named(name), s.named(rival)) for s in (one, other)]
            if any(m is None for pair in named for m in pair):
                continue
            slots = [{"first": a, "second": b} for a, b in named]
            swapped = [{"first": b, "second": a} for a, b in named]
            for first, second in ((slots[0], swapped[1]), (swapped[0], slots[1])):
                found.append((Message("landed_before", first), Message("landed_before", second)))
        return found
