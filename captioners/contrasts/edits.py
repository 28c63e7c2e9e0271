"""Sentences with one thing said otherwise: a colour, a noun, a number, a side, who to whom, a distance, the weather.

They are proposals: whether one is false of the keyframe, whoever uses it has to prove.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import chain

from pairforge.captioners.contrasts.attribute import distinct
from pairforge.captioners.contrasts.axis import Side
from pairforge.captioners.meanings import Measure, Mention, Mentions, Message, Slot, Street
from pairforge.captioners.nouns import MATERIAL_WORD
from pairforge.scenes.colours import PALETTE

_OPPOSITE = {"left_of": "right_of", "right_of": "left_of", "in_front_of": "behind", "behind": "in_front_of"}
_OTHER_SIDE = {"left": "right", "right": "left"}
_LOOKS = ("wood", "metal", "plastic")
_SKIES = ("sunny", "overcast", "foggy", "rainy")
_FORMS = ("a", "count")

Edit = tuple[str, Message]
"""The kind of contrast that it makes with what it was made from, and the changed sentence."""


def edits(side: Side, message: Message) -> Iterator[Edit]:
    """Every way to say one thing of a sentence otherwise, in a fixed order."""
    yield from _relations(message)
    for name, slot in message.slots.items():
        for kind, changed in _slot(side, name, slot):
            yield kind, replace(message, slots={**message.slots, name: changed})


def _relations(message: Message) -> Iterator[Edit]:
    if message.template not in _OPPOSITE:
        return
    yield "relation", replace(message, template=_OPPOSITE[message.template])
    who, other = message.slots["who"], message.slots["other"]
    yield "role", replace(message, slots={**message.slots, "who": other, "other": who})


def _slot(side: Side, name: str, slot: Slot) -> Iterator[tuple[str, Slot]]:
    if isinstance(slot, Mention):
        yield from _mention(side, slot)
    elif isinstance(slot, Mentions):
        for k, member in enumerate(slot.members):
            for kind, changed in _mention(side, member):
                yield kind, Mentions((*slot.members[:k], changed, *slot.members[k + 1 :]))
    elif isinstance(slot, Measure) and slot.unit == "m":
        for factor in (2.0, 0.5):
            yield "magnitude", replace(slot, spoken=f"{max(1.0, round(float(slot.spoken) * factor)):.0f}")
    elif isinstance(slot, Street) and slot.weather in _SKIES and not slot.time:
        for weather in _SKIES:
            if weather != slot.weather:
                yield "weather", replace(slot, weather=weather)
    elif name == "side" and isinstance(slot, str) and slot in _OTHER_SIDE:
        yield "relation", _OTHER_SIDE[slot]


def _mention(side: Side, mention: Mention) -> Iterator[tuple[str, Mention]]:
    if mention.form not in _FORMS:
        return
    rows = [side.record.instance(i) for i in mention.instance_ids]
    worn = sorted(
        {r.colour for r in side.record.instances if r.semantic == rows[0].semantic and r.colour in PALETTE}
    )
    for quality in mention.qualities:
        others: list[str] = []
        if quality in PALETTE:
            others = distinct([quality, *worn])[1:]
        elif quality in MATERIAL_WORD:
            others = [m for m in _LOOKS if m != quality]
        for other in others:
            qualities = tuple(other if q == quality else q for q in mention.qualities)
            yield ("attribute" if quality in PALETTE else "material"), replace(mention, qualities=qualities)
    alike = (side.told.words(r.instance_id) for r in side.record.instances if r.semantic == rows[0].semantic)
    own = set(chain.from_iterable(side.told.words(i) for i in mention.instance_ids))
    for word in sorted({words[0] for words in alike if words} - own):
        yield "object", replace(mention, word=word)
    if mention.form == "count":
        spare = next(
            (r.instance_id for r in side.record.instances if r.instance_id not in mention.instance_ids), None
        )
        if mention.count > 2:
            yield "count", replace(mention, instance_ids=mention.instance_ids[:-1])
        if spare is not None:
            yield "count", replace(mention, instance_ids=tuple(sorted((*mention.instance_ids, spare))))
