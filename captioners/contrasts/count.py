"""count: more or fewer of a kind."""

from __future__ import annotations

from pairforge.captioners.contrasts.axis import Axis, Base, Side
from pairforge.captioners.contrasts.protocol import Saying
from pairforge.captioners.contrasts.sayings import both, shared
from pairforge.captioners.meanings import Mention
from pairforge.captioners.references import group
from pairforge.scenes.distributions import Integer

LEAST, MOST = 2, 5
""" "A cone" is true of two as well: counts are told from two on."""


class Count:
    name = "count"
    needs = 'things that the spec counts, as the draw "<thing>.count"'

    def axes(self, base: Base) -> list[Axis]:
        found = []
        for thing in (*base.scene.props, *base.scene.actors):
            draw = f"{thing.name}.count"
            own = base.draws.get(draw)
            if not isinstance(own, int):
                continue
            if isinstance(thing.count, Integer) and thing.count.low == thing.count.high:
                continue  # it may be there or not, but is one of its kind
            low, high = (
                (thing.count.low, thing.count.high)
                if isinstance(thing.count, Integer)
                else (own - 1, own + 1)
            )
            values = {own, *range(max(LEAST, low), min(MOST, max(high, LEAST + 1)) + 1)}
            kept = tuple((v,) for v in sorted(values) if LEAST <= v <= MOST)
            if len(kept) > 1:
                found.append(Axis((draw,), kept, (thing.name,)))
        return found

    def sayings(self, one: Side, other: Side, axis: Axis) -> list[Saying]:
        a, b = (_all(side, axis.things[0]) for side in (one, other))
        said = both(one, other, a, b) if a is not None and b is not None else []
        return [*said, *shared(one, other)]


def _all(side: Side, name: str) -> Mention | None:
    """ "three cones": every one of that name, by number."""
    ids = [r.instance_id for r in side.record.instances if r.name.startswith(f"{name}_")]
    if len(ids) < LEAST or not set(ids) <= set(side.told.visible):
        return None
    mention = group(side.told, ids)
    return mention if mention is not None and mention.form == "count" else None
