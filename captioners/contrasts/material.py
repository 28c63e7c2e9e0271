"""material: a plain solid made of something else."""

from __future__ import annotations

from pairforge.captioners import policy
from pairforge.captioners.contrasts.axis import Axis, Base, Side
from pairforge.captioners.contrasts.protocol import Saying
from pairforge.captioners.contrasts.sayings import about, shared
from pairforge.captioners.nouns import PLAIN_SOLIDS
from pairforge.scenes.families import family

_LOOKS = ("wood", "metal", "plastic")
"""Materials of which each looks like none of the others. Rubber and plastic differ in gloss alone, which a small
picture does not show."""
_ALIKE = {"rubber": "plastic"}
_FINE, _GRAIN_PX = frozenset({"wood", "plastic", "rubber"}), 900
"""Materials that differ in grain alone, and how many pixels of a thing it takes to show."""


class MaterialKind:
    name = "material"
    needs = 'a plain solid in view (box, ball, …) with the draw "<thing>.material"'

    def axes(self, base: Base) -> list[Axis]:
        found = []
        for thing in base.shown(policy.SHAPE_PX):
            own = base.draws.get(f"{thing}.material")
            if not isinstance(own, str) or not _is_plain(base, thing):
                continue
            others = base.options(thing, "material") or family(base.item(thing).family).materials
            looks = [m for m in _LOOKS if m in others and m != _ALIKE.get(own, own)]
            if looks:
                found.append(Axis((f"{thing}.material",), ((own,), *((v,) for v in looks)), (thing,)))
        return found

    def sayings(self, one: Side, other: Side, axis: Axis) -> list[Saying]:
        thing = axis.things[0]
        looks = {_look(side, thing) for side in (one, other)}
        fine = looks <= _FINE and min(_px(side, thing) for side in (one, other)) < _GRAIN_PX
        return [] if fine else [*about(one, other, thing), *shared(one, other, [thing])]


def _is_plain(base: Base, thing: str) -> bool:
    one = base.side.id_of(thing)
    return one is not None and bool(PLAIN_SOLIDS & set(base.side.told.words(one)))


def _look(side: Side, thing: str) -> str:
    one = side.id_of(thing)
    return side.record.instance(one).material if one is not None else ""


def _px(side: Side, thing: str) -> float:
    one = side.id_of(thing)
    return side.told.px(one) if one is not None else 0.0
