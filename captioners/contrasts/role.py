"""role: who is where to whom. "The van is in front of the car", "the car is in front of the van": the same words."""

from __future__ import annotations

from pairforge.captioners.contrasts.axis import Axis, Base, Side
from pairforge.captioners.contrasts.protocol import Saying
from pairforge.captioners.contrasts.relation import MOST_PROBED, PAIRS, Relation, moved_past, which
from pairforge.captioners.meanings import Message

_LEAST_M = 0.5


class Role:
    name = "role"
    needs = 'two things in view, one placed by draws such as "<thing>.place.x_m", to be moved past the other'

    def axes(self, base: Base) -> list[Axis]:
        return [*Relation().axes(base), *(a for t in base.seen[:MOST_PROBED] for a in _beyond(base, t))]

    def sayings(self, one: Side, other: Side, axis: Axis) -> list[Saying]:
        name, found = axis.things[0], list[Saying]()
        for rival in sorted(r.name for r in one.record.instances if r.name != name):
            said = [(s.named(name), s.named(rival)) for s in (one, other)]
            if any(m is None for pair in said for m in pair):
                continue
            for pair in PAIRS:
                if not (which(one, name, rival, pair) and which(other, name, rival, pair)):
                    continue
                for predicate in pair:
                    # Each world's own mentions; which of the two orders holds where, the proof tells.
                    (a, b), (c, d) = said
                    found += [
                        (
                            Message(predicate, {"who": a, "other": b}),
                            Message(predicate, {"who": d, "other": c}),
                        ),
                        (
                            Message(predicate, {"who": b, "other": a}),
                            Message(predicate, {"who": c, "other": d}),
                        ),
                    ]
        return found


def _beyond(base: Base, thing: str) -> list[Axis]:
    """Moved along the view to as far behind each other thing as it stood before it, or the other way round."""
    _, _, forward = base.side.camera_axes
    return moved_past(base, thing, forward, _LEAST_M)
