"""The short caption: one sentence, the few most salient things."""

from __future__ import annotations

from pairforge.captioners import road_messages as road
from pairforge.captioners import table_messages as table
from pairforge.captioners.realise import Mention, Mentions, Message, Slot
from pairforge.captioners.references import Told, group, single


class ShortCaptioner:
    """A street with its lead vehicle, parked cars and people; or the things on a table."""

    kind = "short"

    def messages(self, told: Told) -> list[Message]:
        return table.short(told) if told.record.ego is None else [_street(told)]


def _street(told: Told) -> Message:
    base = road.setting(told)
    facts, members = list(base.fact_ids), []
    ahead = next((f for f in told.all("lead") if f.subjects[0] in told.visible), None)
    leader = single(told, ahead.subjects[0], apart_by=("lead",)) if ahead else None
    if ahead is not None and leader is not None:
        facts.append(ahead.fact_id)
    for mention in (_parked(told), _all(told, "cyclist"), _all(told, "pedestrian")):
        if mention is not None:
            members.append(mention)
    parked = members[0] if members and "parked" in members[0].words else None
    if parked is not None:
        facts += [f.fact_id for i in parked.instance_ids if (f := told.of("parked", i)) is not None]
    slots: dict[str, Slot] = {
        **base.slots,
        "lead": leader,
        "others": Mentions(tuple(members[:3])) if members else None,
    }
    return Message("street_short", slots, tuple(facts))


def _parked(told: Told) -> Mention | None:
    ids = [f.subjects[0] for f in told.all("parked") if f.subjects[0] in told.visible]
    return group(told, ids, quality="parked") if len(ids) > 1 else None


def _all(told: Told, semantic: str) -> Mention | None:
    ids = [i for i in told.visible if told.record.instance(i).semantic == semantic]
    ids = [i for i in ids if told.of("lead", i) is None]
    return group(told, ids) if ids else None
