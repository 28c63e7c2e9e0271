"""order: which of two things came down first. Two draws are changed: with one alone there is no moment at which both
pictures show it, for what does not change lands at the same time in both worlds."""

from __future__ import annotations

from itertools import combinations

from pairforge.captioners.contrasts.axis import Axis, Base, Side
from pairforge.captioners.contrasts.protocol import Saying
from pairforge.captioners.meanings import Message

_LOW_M, _HIGH_M = 0.35, 1.5
"""Heights from which a thing has come down, and is still falling, half a second after it was let go."""
_LEAST_M, _APART_M = 0.15, 0.6
"""Nothing is dropped from lower, where it would not be seen to fall; and two fall from heights so far apart."""


class Order:
    name = "order"
    needs = 'two things in view dropped from different heights, as the draws "<thing>.place.height_m"'

    def axes(self, base: Base) -> list[Axis]:
        heights = {t: float(base.draws[d]) for t in base.seen if (d := f"{t}.place.height_m") in base.draws}
        found = []
        for one, other in combinations(heights, 2):
            draws = (f"{one}.place.height_m", f"{other}.place.height_m")
            own = (heights[one], heights[other])
            tried = [own[::-1], (_LOW_M, _HIGH_M), (_HIGH_M, _LOW_M)]
            if min(own) < _LEAST_M or abs(own[0] - own[1]) < _APART_M:
                continue
            values = [v for v in tried if base.probe(dict(zip(draws, v, strict=True))) is not None]
            if values:
                found.append(Axis(draws, (own, *values), (one, other)))
        return found

    def sayings(self, one: Side, other: Side, axis: Axis) -> list[Saying]:
        firsts = [_down(side, axis.things) for side in (one, other)]
        if firsts[0] == firsts[1] or not all(firsts):
            return []
        said = [[side.named(t) for t in axis.things] for side in (one, other)]
        if any(m is None for pair in said for m in pair):
            return []
        ordered = [
            pair if first == axis.things[0] else pair[::-1] for pair, first in zip(said, firsts, strict=True)
        ]
        slots = [{"first": first, "second": second} for first, second in ordered]
        return [(Message("landed_before", slots[0]), Message("landed_before", slots[1]))]


def _down(side: Side, things: tuple[str, ...]) -> str:
    """The one of two things that is down while the other still falls, so that the picture shows it; "" if none is."""
    ids = [(t, side.id_of(t)) for t in things]
    falling = {t for t, i in ids if i is not None and side.told.of("falling", i) is not None}
    down = {t for t, i in ids if i is not None and side.told.of("on_ground", i) is not None}
    return down.pop() if len(down) == len(falling) == 1 and not down & falling else ""
