"""motion: falling or lying, driving or standing, braking or going on."""

from __future__ import annotations

from pairforge.captioners.contrasts.axis import Axis, Base, Side
from pairforge.captioners.contrasts.protocol import Saying
from pairforge.captioners.contrasts.sayings import grounded, on_ground, shared
from pairforge.captioners.meanings import Message
from pairforge.scenes.script_rules import rule_names
from pairforge.scenes.scripts import Either
from pairforge.scenes.spec import Actor

_HIGH_M, _LOW_M = (1.4, 1.7, 2.0), (0.0, 0.1)
"""Heights from which a thing is still falling, and from which it has come down, half a second after it was let go."""
_NEVER_S = 1000.0


class MotionKind:
    name = "motion"
    needs = (
        'a thing dropped from "<thing>.place.height_m", or an actor with "<actor>.behaviour.speed_mps" or a script '
        'that waits for "….when.seconds" or does one thing or another, as "….either" says'
    )

    def axes(self, base: Base) -> list[Axis]:
        found = []
        for draw, own in base.draws.items():
            thing, _, field = draw.partition(".")
            if thing not in {i.name for i in base.concrete.items}:
                continue
            if field.startswith("behaviour.") and field.endswith(".either"):
                found += _other_actions(base, thing, draw)
            if not isinstance(own, float):
                continue
            if field == "place.height_m":
                heights = ((v,) for v in (*_HIGH_M, *_LOW_M))
                found.append(Axis((draw,), ((own,), *heights), (thing,)))
            elif field == "behaviour.speed_mps" and own > 0.0:
                found.append(Axis((draw,), ((own,), (0.0,)), (thing,)))
            elif field.startswith("behaviour.") and field.endswith(".when.seconds") and own > 0.0:
                found.append(Axis((draw,), ((own,), (own + _NEVER_S,)), (thing,)))
        return found

    def sayings(self, one: Side, other: Side, axis: Axis) -> list[Saying]:
        doing = _ours if axis.things[0] == "ego" else _doing
        first, second = doing(one, axis.things[0]), doing(other, axis.things[0])
        own: list[Saying] = []
        if first is not None and second is not None and first.template != second.template:
            own.append((first, second))
        return [*own, *shared(one, other, axis.things[:1])]


def _doing(side: Side, name: str) -> Message | None:
    """That a thing is falling, or that it is on the ground."""
    who, one = side.named(name), side.id_of(name)
    if who is None or one is None:
        return None
    if side.told.of("falling", one) is not None:
        return Message("falling_free", {"who": who})
    ground = grounded(side, who)
    return on_ground(who, ground) if ground else None


def _ours(side: Side, name: str) -> Message | None:
    """That we brake, or that we move over; None where we do neither or both."""
    braking, moving = side.told.all("ego_braking"), side.told.all("ego_moving_over")
    if braking and not moving:
        return Message("ego_braking", {}, (braking[0].fact_id,))
    if moving and not braking:
        return Message("ego_moving_over", {"side": moving[0].argument}, (moving[0].fact_id,))
    return None


def _other_actions(base: Base, thing: str, draw: str) -> list[Axis]:
    """What else an ``Either`` of an actor's script might have it do."""
    actor = base.prop(thing)
    script = actor.behaviour.script if isinstance(actor, Actor) and actor.behaviour is not None else ()
    rule = draw.removeprefix(f"{thing}.behaviour.").removesuffix(".either")
    for name, when in zip(rule_names(script), script, strict=True):
        options = next((a.names for a in when.actions if isinstance(a, Either)), ())
        if name == rule and options:
            own = base.draws[draw]
            return [Axis((draw,), ((own,), *((o,) for o in options if o != own)), (thing,))]
    return []
