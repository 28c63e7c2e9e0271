"""frame: on whose left? What a thing had on its own right it has on its own left when turned about."""

from __future__ import annotations

from pairforge.captioners.contrasts.axis import Axis, Base, Side
from pairforge.captioners.contrasts.protocol import Saying
from pairforge.captioners.meanings import Message
from pairforge.scenes.families import family


class FrameOfReference:
    name = "frame"
    needs = (
        'a thing in view with a front (an animal, a vehicle, a person) and the draw "<thing>.place.yaw_deg"'
    )

    def axes(self, base: Base) -> list[Axis]:
        found = []
        for thing in base.seen:
            draw = f"{thing}.place.yaw_deg"
            own = base.draws.get(draw)
            if isinstance(own, float) and family(base.item(thing).family).has_front:
                turned = tuple(((own + turn) % 360.0,) for turn in (90.0, 180.0, 270.0))
                found.append(Axis((draw,), ((own,), *turned), (thing,)))
        return found

    def sayings(self, one: Side, other: Side, axis: Axis) -> list[Saying]:
        name, found = axis.things[0], []
        for rival in (r.name for r in one.record.instances if r.name != name):
            said = [(s.named(name), s.named(rival)) for s in (one, other)]
            if any(m is None for pair in said for m in pair):
                continue
            for first in ("left", "right"):
                sides = (first, "right" if first == "left" else "left")
                messages = [
                    Message("own_side", {"whose": whose, "who": who, "side": side})
                    for (whose, who), side in zip(said, sides, strict=True)
                ]
                found.append((messages[0], messages[1]))
        return found
