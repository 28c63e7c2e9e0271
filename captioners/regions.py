"""The region captions: one for each of the most salient things, about it alone."""

from __future__ import annotations

from pairforge.captioners import road_messages as road
from pairforge.captioners import room_messages as rooms
from pairforge.captioners import table_messages as table
from pairforge.captioners.inspection import InspectionCaptioner
from pairforge.captioners.meanings import Mention, Mentions, Message, Slot
from pairforge.captioners.references import Told, single
from pairforge.captioners.salience import graph, ranked

_MOST = 8
_BESIDE = ("left_of", "right_of", "in_front_of", "behind")


class RegionCaptioner:
    """What a thing does or how it stands to another, where there is such a thing to say; else where it is in the
    picture, how far away, and what hides it.

    The first phrase of each caption that stands for one instance names the thing, whose box is in ``boxes2d``.
    """

    kind = "region"
    every_camera = True

    def messages(self, told: Told) -> list[Message]:
        return [message for group in self.groups(told) for message in group]

    def groups(self, told: Told) -> list[list[Message]]:
        """One message a thing, the most salient first."""
        about = _about(told)
        found = []
        for one in ranked(told)[:_MOST]:
            who = single(told, one)
            if one in about:
                found.append([about[one]])
            elif who is not None and who.form != "one_of":
                found.append([_region(told, who)])
        return found


def _region(told: Told, who: Mention) -> Message:
    one = who.instance_ids[0]
    side, gap, cut = (told.of(p, one) for p in ("side", "distance", "cut_off"))
    hidden = told.of("hidden_behind", one) if told.of("partly_hidden", one) else None
    cover = single(told, hidden.subjects[1]) if hidden else None
    facts = [f for f in (side, gap, cut) if f is not None]
    if cover is not None and hidden is not None and (partly := told.of("partly_hidden", one)) is not None:
        facts += [hidden, partly]
    slots: dict[str, Slot] = {
        "who": who,
        "side": side.argument if side else None,
        "gap": road.measured(gap) if gap else None,
        "cover": cover,
        "cut": cut.argument if cut else None,
    }
    return Message("region", slots, tuple(f.fact_id for f in facts))


def _about(told: Told) -> dict[int, Message]:
    """The most telling message about each thing, of those that are about it alone."""
    if told.record.ego is not None:
        said = [*road.crossing(told), *road.entering(told), *road.lead(told)[:1], *road.oncoming(told)]
        said += [*road.people(told), *road.parked(told)]
    else:
        said = [*rooms.insides(told), *table.stacked(told), *table.lying(told)]
        said += [*InspectionCaptioner().messages(told), *_on_shelves(told), *_related(told), *_resting(told)]
    found: dict[int, Message] = {}
    for message in said:
        who = message.slots.get("who") or message.slots.get("things")
        named = who.members if isinstance(who, Mentions) else (who,)
        if len(named) == 1 and isinstance(named[0], Mention) and named[0].count == 1:
            found.setdefault(named[0].instance_ids[0], message)
    return found


def _on_shelves(told: Told) -> list[Message]:
    """Each thing of a shelf that can be told from all others."""
    facts = [f for f in told.all("on_shelf") if f.subjects[0] in told.visible]
    pairs = [(f, single(told, f.subjects[0], apart_by=("on_shelf",))) for f in facts]
    return [
        Message("shelf_row", {"things": Mentions((who,)), "shelf": fact.argument}, (fact.fact_id,))
        for fact, who in pairs
        if who is not None and who.form == "a"
    ]


def _resting(told: Told) -> list[Message]:
    """What rests on the one table and nothing else."""
    on, messages = table.table_of(told), []
    for fact in told.all("at_rest") if on is not None else ():
        one = fact.subjects[0]
        under = [f for f in told.every("on_top_of", one) if f.subjects[1:] == on.instance_ids] if on else []
        who = single(told, one)
        if under and who is not None and who.form == "a" and one in told.visible:
            facts = (fact.fact_id, under[0].fact_id)
            messages.append(Message("rest", {"things": Mentions((who,)), "table": on}, facts))
    return messages


def _related(told: Told) -> list[Message]:
    """How things stand to each other, by the edges of the pruned scene graph."""
    messages = []
    for fact in graph(told, _MOST).edges:
        if fact.predicate not in _BESIDE or not table.on_one_level(told, fact):
            continue
        who, other = (single(told, i) for i in fact.subjects)
        if all(m is not None and m.form == "a" for m in (who, other)):
            messages.append(Message(fact.predicate, {"who": who, "other": other}, (fact.fact_id,)))
    return messages
