"""add_remove: a thing there, or gone."""

from __future__ import annotations

from dataclasses import replace

from pairforge.captioners.contrasts.axis import Axis, Base, Side
from pairforge.captioners.contrasts.protocol import Saying
from pairforge.captioners.meanings import Mention, Mentions, Message
from pairforge.captioners.references import alike
from pairforge.captioners.scene_messages import boxed

_MOST_NAMED = 6


class Presence:
    name = "add_remove"
    needs = 'a thing that the spec counts, of which there may be one more or one fewer, as the draw "<thing>.count"'

    def axes(self, base: Base) -> list[Axis]:
        return gone(base)

    def sayings(self, one: Side, other: Side, axis: Axis) -> list[Saying]:
        everything = (_everything(one), _everything(other))
        found: list[Saying] = []
        if everything[0] is not None and everything[1] is not None:
            first, second = (Message("nothing_but", {"things": m}) for m in everything)
            found.append((first, second))
        found += there_or_not(one, other, axis.things[0]) or _one_of_many(one, other, axis.things[0])
        return found


def gone(base: Base) -> list[Axis]:
    """One fewer of each counted thing, or none at all (one more where there is none)."""
    found = []
    for thing in (*base.scene.props, *base.scene.actors):
        own = base.draws.get(f"{thing.name}.count")
        if isinstance(own, int):
            others = (own - 1, 0) if own else (1,)
            values = tuple((v,) for v in dict.fromkeys((own, *others)))
            found.append(Axis((f"{thing.name}.count",), values, (thing.name,)))
    return found


def _everything(side: Side) -> Mentions | None:
    """All that is in view by name; None where something has none, or there is too much."""
    ids = boxed(side.told)
    said = alike(side.told, ids) if ids and not side.told.unsure else None
    return said if said is not None and len(said.members) <= _MOST_NAMED else None


def there_or_not(one: Side, other: Side, name: str) -> list[Saying]:
    """ "There is a pedestrian", "there is no pedestrian", where the last of a kind went."""
    found: list[Saying] = []
    for here, gone_there, swapped in ((one, other, False), (other, one, True)):
        present = _named(here, {name, f"{name}_0"})
        if present is None or any(present.word in gone_there.told.words(i) for i in gone_there.told.visible):
            continue
        found.append(_pair(replace(present, qualities=()), swapped))
    return found


def _one_of_many(one: Side, other: Side, name: str) -> list[Saying]:
    """ "There is a pedestrian in red", "there is no pedestrian in red", where others of the kind are left."""
    of_name = [{r.name for r in s.record.instances if r.name.startswith(f"{name}_")} for s in (one, other)]
    found: list[Saying] = []
    for k, (here, gone_there) in enumerate(((one, other), (other, one))):
        present = _named(here, of_name[k] - of_name[1 - k])
        if present is None or not present.qualities:
            continue
        if not any(gone_there.told.fits(i, present.qualities, present.word) for i in gone_there.told.visible):
            found.append(_pair(present, bool(k)))
    return found


def _named(side: Side, names: set[str]) -> Mention | None:
    return next((m for r in side.record.instances if r.name in names and (m := side.named(r.name))), None)


def _pair(present: Mention, swapped: bool) -> Saying:
    """That there is such a thing, and that there is none; the other way round if ``swapped``."""
    nothing = replace(present, instance_ids=(0,), fact_ids=(), form="none")
    pair = (Message("presence", {"thing": present}), Message("presence", {"thing": nothing}))
    return pair[::-1] if swapped else pair
