"""relation: a thing on the other side."""

from __future__ import annotations

from pairforge.captioners.contrasts.axis import Axis, Base, Side
from pairforge.captioners.contrasts.protocol import Saying
from pairforge.captioners.contrasts.sayings import shared
from pairforge.captioners.meanings import Message
from pairforge.frames import F64

_ALONG = 0.8
"""A draw moves a thing in a direction when this share of its movement is along it."""
_LEAST_M = 0.25
MOST_PROBED = 6
PAIRS = (("left_of", "right_of"), ("in_front_of", "behind"))


class Relation:
    name = "relation"
    needs = 'two things in view, one placed by draws such as "<thing>.place.x_m" or "<thing>.place.side"'

    def axes(self, base: Base) -> list[Axis]:
        sides = [a for t in base.seen if (a := _other_side(base, t)) is not None]
        return [*sides, *(a for t in base.seen[:MOST_PROBED] for a in _across(base, t))]

    def sayings(self, one: Side, other: Side, axis: Axis) -> list[Saying]:
        found = []
        name = axis.things[0]
        for rival in sorted(r.name for r in one.record.instances if r.name != name):
            found += _flipped(one, other, name, rival)
        return [*found, *shared(one, other, axis.things[:1])]


def _other_side(base: Base, thing: str) -> Axis | None:
    """Things whose place names a side."""
    draw = f"{thing}.place.side"
    own = base.draws.get(draw)
    if own not in ("left", "right"):
        return None
    return Axis((draw,), ((own,), ("left" if own == "right" else "right",)), (thing,))


def _across(base: Base, thing: str) -> list[Axis]:
    """Moved across the view to as far beyond each other thing as it stood before it."""
    _, right, _ = base.side.camera_axes
    return moved_past(base, thing, right, _LEAST_M)


def moved_past(base: Base, thing: str, direction: F64, least_m: float) -> list[Axis]:
    """Moved along a level unit vector (2,) of the world to as far beyond each other thing, ``least_m`` off or more,
    as it stood before it, by each of its places' draws that moves it so."""
    bodies, here = base.side.bodies, base.side.id_of(thing)
    rivals = [i for t in base.seen if t != thing and (i := base.side.id_of(t)) in bodies]
    if here not in bodies:
        return []
    found: list[Axis] = []
    for draw in base.places(thing):
        way = base.towards(thing, draw, 0.05)
        if way is None or abs(float(way @ direction)) < _ALONG * max(float((way @ way) ** 0.5), 1e-9):
            continue
        offs = [
            float((bodies[here].centre - bodies[i].centre)[:2] @ direction) for i in rivals if i is not None
        ]
        steps = [-2.0 * off / float(way @ direction) for off in offs if abs(off) >= least_m]
        moved = [float(base.draws[draw]) + step for step in steps if base.shows(thing, way * step)]
        fit = [(v,) for v in moved if base.probe({draw: v}) is not None]
        if fit:
            found.append(Axis((draw,), ((base.draws[draw],), *fit), (thing,)))
    return found


def _flipped(one: Side, other: Side, name: str, rival: str) -> list[Saying]:
    """Each pair of opposite relations of which one world has this, the other that."""
    said = [(side, side.named(name), side.named(rival)) for side in (one, other)]
    if any(a is None or b is None for _, a, b in said):
        return []
    found = []
    for pair in PAIRS:
        holds = [which(side, name, rival, pair) for side in (one, other)]
        if all(holds) and holds[0] != holds[1]:
            first, second = (
                Message(p, {"who": a, "other": b}) for p, (_, a, b) in zip(holds, said, strict=True)
            )
            found.append((first, second))
    return found


def which(side: Side, name: str, rival: str, pair: tuple[str, str]) -> str:
    """The predicate of the pair that holds of the one to the other; "" where neither does."""
    ids = (side.id_of(name), side.id_of(rival))
    for predicate, reverse in (pair, pair[::-1]):
        if any(f.subjects == ids for f in side.told.all(predicate)):
            return predicate
        if any(f.subjects == ids[::-1] for f in side.told.all(reverse)):
            return predicate
    return ""
