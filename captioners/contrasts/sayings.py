"""Sentences that several kinds say of two worlds, and what both worlds' own captions say differently."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from pairforge.captioners.contrasts.axis import Side
from pairforge.captioners.contrasts.protocol import Saying
from pairforge.captioners.meanings import Mention, Mentions, Message, Slot
from pairforge.captioners.protocol import captioner
from pairforge.captioners.references import in_discourse

_SISTERS = (
    frozenset({"left_of", "right_of"}),
    frozenset({"in_front_of", "behind"}),
    frozenset({"lead_moving", "lead_slowing", "lead_still"}),
    frozenset({"pedestrian_moving", "pedestrian_still"}),
    frozenset({"cyclist_moving", "cyclist_still"}),
    frozenset({"falling_free", "on_ground"}),
)
"""Templates that say opposite things of the same slots."""
_MOST_SHARED = 6


def about(one: Side, other: Side, name: str) -> list[Saying]:
    """What names one thing in both worlds: that it is in view, and that it is on the ground."""
    a, b = one.named(name), other.named(name)
    if a is None or b is None:
        return []
    return both(one, other, a, b)


def both(one: Side, other: Side, a: Mention, b: Mention) -> list[Saying]:
    """That ``a`` is there in the one world, ``b`` in the other."""
    found: list[Saying] = [(Message("presence", {"thing": a}), Message("presence", {"thing": b}))]
    stands = [grounded(side, m) for side, m in ((one, a), (other, b))]
    if all(stands) and stands[0] == stands[1]:
        found.append((on_ground(a, stands[0]), on_ground(b, stands[1])))
    return found


def grounded(side: Side, mention: Mention) -> str:
    """ "ground" or "floor" where all that is named stands on it, else ""."""
    facts = [side.told.of("on_ground", i) for i in mention.instance_ids]
    words = {f.argument if f is not None else "" for f in facts}
    return words.pop() if len(words) == 1 else ""


def on_ground(mention: Mention, ground: str) -> Message:
    return Message("on_ground", {"things": mention, "ground": ground})


def shared(one: Side, other: Side, things: Sequence[str] = ()) -> list[Saying]:
    """Sentences that both worlds' own captions hold in one form but in different words; those that name all of
    ``things``, by their names in the scene."""
    there = _naming(other, things)
    found: list[Saying] = []
    for message in _naming(one, things):
        for rival in there:
            if kindred(message, rival) and meaning(message) != meaning(rival):
                found.append((message, rival))
                break
    return list({repr((a.template, b.template, a.slots, b.slots)): (a, b) for a, b in found}.values())[
        :_MOST_SHARED
    ]


def _naming(side: Side, things: Sequence[str]) -> list[Message]:
    ids = {side.id_of(t) for t in things}
    return [m for m in alone(side) if ids <= {i for x in mentions_of(m) for i in x.instance_ids}]


def alone(side: Side) -> list[Message]:
    """Every sentence of the keyframe's captions, each as if it stood alone."""
    return list(_own(side))


def _own(side: Side) -> Iterator[Message]:
    kinds = [k for k in ("short", "dense", "driving") if k != "driving" or side.record.ego is not None]
    for name in kinds:
        for message in captioner(name).messages(side.told):
            alone = in_discourse(side.told, [message])
            if alone and not any(m.form in ("it", "known", "unseen") for m in mentions_of(alone[0])):
                yield alone[0]


def mentions_of(message: Message) -> list[Mention]:
    slots = [s for s in message.slots.values() if isinstance(s, Mention | Mentions)]
    return [m for s in slots for m in (s.members if isinstance(s, Mentions) else (s,))]


def kindred(a: Message, b: Message) -> bool:
    """Whether two sentences have one form: template or sister, the same slots filled, as many phrases alike."""
    sisters = a.template == b.template or any({a.template, b.template} <= s for s in _SISTERS)
    return (
        sisters
        and a.slots.keys() == b.slots.keys()
        and all(_form(a.slots[k]) == _form(b.slots[k]) for k in a.slots)
    )


def meaning(message: Message) -> list[object]:
    """What it says, whatever the numbers of things and facts in that world."""
    worded = [(m.form, m.qualities, m.word, m.total, m.count) for m in mentions_of(message)]
    others = [(k, s) for k, s in message.slots.items() if not isinstance(s, Mention | Mentions)]
    return [message.template, worded, others]


def _form(slot: Slot) -> object:
    if isinstance(slot, Mention):
        return (slot.form, slot.plural)
    if isinstance(slot, Mentions):
        return tuple((m.form, m.plural) for m in slot.members)
    return type(slot)
