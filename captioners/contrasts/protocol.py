"""What every kind of contrast does; the registry names them all."""

from __future__ import annotations

from functools import cache
from typing import Protocol

from pairforge.captioners.contrasts.axis import Axis, Base, Side
from pairforge.captioners.meanings import Message
from pairforge.registry import Registry

Saying = tuple[Message, Message]
"""What may be said of two worlds: true of the one and false of the other, each way. Same template or sisters, so that
only what differs differs."""


class Kind(Protocol):
    """``name``: what it is called; ``needs``: what a scene must have for it, as an error says it. It makes no draw:
    which axis, values and words are taken is drawn by whoever calls it."""

    name: str
    needs: str

    def axes(self, base: Base) -> list[Axis]:
        """Every way to change one draw (or as many as it takes) of this scene; empty where the kind does not fit."""
        ...

    def sayings(self, one: Side, other: Side, axis: Axis) -> list[Saying]:
        """What tells the two worlds apart. Each is proved before it is used: a kind may propose too much."""
        ...


KINDS = Registry(
    "kind of contrast",
    {
        "attribute": "pairforge.captioners.contrasts.attribute:Attribute",
        "material": "pairforge.captioners.contrasts.material:MaterialKind",
        "object": "pairforge.captioners.contrasts.replaced:Replaced",
        "count": "pairforge.captioners.contrasts.count:Count",
        "relation": "pairforge.captioners.contrasts.relation:Relation",
        "add_remove": "pairforge.captioners.contrasts.presence:Presence",
        "negation": "pairforge.captioners.contrasts.negation:Negation",
        "weather": "pairforge.captioners.contrasts.weather:WeatherKind",
        "magnitude": "pairforge.captioners.contrasts.magnitude:Magnitude",
        "motion": "pairforge.captioners.contrasts.motion:MotionKind",
        "order": "pairforge.captioners.contrasts.order:Order",
        "frame": "pairforge.captioners.contrasts.frame:FrameOfReference",
        "swap": "pairforge.captioners.contrasts.swap:Swap",
        "role": "pairforge.captioners.contrasts.role:Role",
    },
)


@cache
def kind(name: str) -> Kind:
    """The kind of that name; SpecError with a suggestion when there is none."""
    made: Kind = KINDS.load(name)()
    return made


def names() -> tuple[str, ...]:
    """In the order of the registry, which is that of the docs."""
    return tuple(KINDS.rows)
