"""magnitude: nearer or farther."""

from __future__ import annotations

import numpy as np

from pairforge.captioners.contrasts.axis import Axis, Base, Side
from pairforge.captioners.contrasts.protocol import Saying
from pairforge.captioners.contrasts.sayings import shared
from pairforge.captioners.meanings import Measure, Message
from pairforge.captioners.nouns import METRES, rounded

_ALONG = 0.8
_FACTORS = (0.5, 0.66, 1.5, 2.0)
_MOST_PROBED = 5


class Magnitude:
    name = "magnitude"
    needs = 'a thing in view that a draw such as "<thing>.place.x_m" moves to or from the camera'

    def axes(self, base: Base) -> list[Axis]:
        found = []
        eye, _, forward = base.side.camera_axes
        for thing in base.seen[:_MOST_PROBED]:
            here = base.side.id_of(thing)
            if here is None or here not in base.side.bodies:
                continue
            away = float((base.side.bodies[here].centre - eye)[:2] @ forward)
            for draw in base.places(thing):
                way = base.towards(thing, draw, 0.05)
                if way is None or abs(float(way @ forward)) < _ALONG * max(float((way @ way) ** 0.5), 1e-9):
                    continue
                steps = [away * (f - 1.0) / float(way @ forward) for f in _FACTORS]
                moved = [float(base.draws[draw]) + s for s in steps if base.shows(thing, way * s)]
                values = [(base.draws[draw],), *((v,) for v in moved if base.probe({draw: v}) is not None)]
                if len(values) > 1:
                    found.append(Axis((draw,), tuple(values), (thing,)))
        return found

    def sayings(self, one: Side, other: Side, axis: Axis) -> list[Saying]:
        said = [_away(side, axis.things[0]) for side in (one, other)]
        own: list[Saying] = [(said[0], said[1])] if said[0] is not None and said[1] is not None else []
        return [*own, *shared(one, other, axis.things[:1])]


def _away(side: Side, name: str) -> Message | None:
    """How far a thing is from the camera, level, to the middle of its box."""
    who, one = side.named(name), side.id_of(name)
    if who is None or one is None or one not in side.bodies or side.record.ego is not None:
        return None  # on the road distances are told from our own car, by its own sentences
    eye, _, _ = side.camera_axes
    spoken, _ = rounded(float(np.linalg.norm((side.bodies[one].centre - eye)[:2])), METRES)
    return Message("camera_distance", {"who": who, "gap": Measure(f"{spoken:.1f}".removesuffix(".0"), "m")})
