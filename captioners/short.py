"""The short caption: one sentence, the few most salient things."""

from __future__ import annotations

from pairforge.captioners import road_messages as road
from pairforge.captioners import room_messages as rooms
from pairforge.captioners import scene_messages as scene
from pairforge.captioners import table_messages as table
from pairforge.captioners.meanings import Mention, Mentions, Message, Slot
from pairforge.captioners.references import Told, group, others, parked_row, single


class ShortCaptioner:
    """A street with who crosses it, its lead vehicle, people and parked cars; or the things on a table."""

    kind = "short"
    every_camera = True

    def messages(self, told: Told) -> list[Message]:
        if told.record.ego is not None:
            return [_street(told)]
        return table.short(told) or rooms.shelf_short(told) or scene.short(told)


def _street(told: Told) -> Message:
    street, stated = road.street_of(told)
    facts = list(stated)
    template = "street_short"
    own: dict[str, Slot] = {}
    crossing = [f for f in told.all("crossing") if f.subjects[0] in told.visible and told.forward]
    ahead = next((f for f in told.all("lead") if f.subjects[0] in told.visible and told.forward), None)
    side = crossing[0].argument if crossing else ""
    who = (
        group(told, [f.subjects[0] for f in crossing if f.argument == side], apart_by=("crossing",))
        if crossing
        else None
    )
    leader = single(told, ahead.subjects[0], apart_by=("lead",)) if ahead and who is None else None
    if who is not None:
        template, own, facts = (
            "street_short_crossing",
            {"who": who, "side": side},
            [*facts, *(f.fact_id for f in crossing if f.subjects[0] in who.instance_ids)],
        )
    elif ahead is not None and leader is not None:
        motion = told.of("moving", ahead.subjects[0]) or told.of("still", ahead.subjects[0])
        facts += [ahead.fact_id, *([motion.fact_id] if motion else [])]
        template, own = (
            "street_short_lead",
            {"lead": leader, "doing": motion.predicate if motion else None},
        )
    used = {i for m in own.values() if isinstance(m, Mention) for i in m.instance_ids}
    people = [m for s in ("pedestrian", "cyclist") if (m := _all(told, s, used)) is not None]
    parked, where, more = _parked(told)
    slots: dict[str, Slot] = {
        **own,
        "street": street,
        "people": Mentions(tuple(people)) if people else None,
        "parked": parked,
        "where": where,
    }
    return Message(template, slots, (*facts, *more))


def _parked(told: Told) -> tuple[Mention | None, str | None, list[int]]:
    """Parked vehicles, where they stand, and the facts that say so."""
    sides: dict[str, list[int]] = {}
    for fact in told.all("parked"):
        one, beside = fact.subjects[0], told.of("roadside", fact.subjects[0])
        if one in told.visible and beside is not None:
            sides.setdefault(beside.argument, []).append(one)
    everyone = sorted(i for ids in sides.values() for i in ids)
    where = "both" if len(sides) == 2 else next(iter(sides), None)
    row = parked_row(told, everyone)
    whole = row or (
        group(told, everyone, quality="parked") if len(everyone) == 2 and len(sides) == 1 else None
    )
    if whole is None or not told.forward:
        return None, None, []
    facts = [f.fact_id for i in everyone for p in ("parked", "roadside") if (f := told.of(p, i)) is not None]
    return whole, where, facts


def _all(told: Told, semantic: str, used: set[int]) -> Mention | None:
    """All people of a class but those named already: "two pedestrians", "another pedestrian"."""
    everyone = [i for i in told.visible if told.record.instance(i).semantic == semantic]
    ids = [i for i in everyone if i not in used and told.of("lead", i) is None]
    if not ids or used & set(everyone) == set():
        return group(told, ids) if ids else None
    unsure = any(told.record.instance(i).semantic == semantic for i in told.unsure)
    return None if unsure else others(told, ids)
