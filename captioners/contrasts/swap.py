"""swap: two things exchange their colours. Two draws are changed: no single one could."""

from __future__ import annotations

from itertools import combinations

from pairforge.captioners import policy
from pairforge.captioners.contrasts.attribute import distinct
from pairforge.captioners.contrasts.axis import Axis, Base, Side
from pairforge.captioners.contrasts.protocol import Saying
from pairforge.captioners.contrasts.sayings import shared
from pairforge.captioners.meanings import Mentions, Message
from pairforge.scenes.families import family


class Swap:
    name = "swap"
    needs = 'two things in view, of different kinds and colours, with the draws "<thing>.colour"'

    def axes(self, base: Base) -> list[Axis]:
        found = []
        for one, other in combinations(base.shown(policy.COLOUR_PX), 2):
            draws = (f"{one}.colour", f"{other}.colour")
            a, b = (base.draws.get(d) for d in draws)
            may = all(v in _allowed(base, t) for v, t in ((a, other), (b, one)))
            shapes = {base.draws[f"{t}.shape"] for t in (one, other)}
            if (
                isinstance(a, str)
                and isinstance(b, str)
                and len(distinct([a, b])) == 2
                and len(shapes) == 2
                and may
            ):
                found.append(Axis(draws, ((a, b), (b, a)), (one, other)))
        return found

    def sayings(self, one: Side, other: Side, axis: Axis) -> list[Saying]:
        said = [[side.named(t) for t in axis.things] for side in (one, other)]
        if any(m is None for pair in said for m in pair):
            return []
        pairs = [Mentions(tuple(m for m in pair if m is not None)) for pair in said]
        found: list[Saying] = [
            (Message("presence", {"thing": pairs[0]}), Message("presence", {"thing": pairs[1]})),
        ]
        return [*found, *shared(one, other, axis.things)]


def _allowed(base: Base, thing: str) -> tuple[str, ...]:
    """Colours that a thing may have: nobody believes in a blue dog."""
    options: tuple[str, ...] = base.options(thing, "colour")
    return options or family(base.item(thing).family).colours
