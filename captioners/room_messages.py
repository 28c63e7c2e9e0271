"""What there is to say of things in vessels, on shelves, in towers and across gaps, one message at a time."""

from __future__ import annotations

from pairforge.captioners.meanings import GROUPS, Mention, Mentions, Message, Slot
from pairforge.captioners.references import Told, alike, group, refer
from pairforge.sample import Fact

_MOST_NAMED = 5


def insides(told: Told) -> list[Message]:
    """What is in which vessel, the things of one vessel told together."""
    vessels: dict[int, dict[int, Fact]] = {}
    for fact in told.all("inside"):
        if set(fact.subjects) <= set(told.visible):
            vessels.setdefault(fact.subjects[1], {})[fact.subjects[0]] = fact
    messages = []
    for vessel, facts in vessels.items():
        holder, things = refer(told, vessel), alike(told, facts, partly=True)
        if holder is not None and things is not None:
            said = [i for m in things.members for i in m.instance_ids]
            slots: dict[str, Slot] = {"who": things, "vessel": holder}
            messages.append(Message("inside", slots, tuple(facts[i].fact_id for i in said)))
    return messages


def fullest(told: Told) -> Message | None:
    """What is in the vessel that holds most, if it can be named at once."""
    held = [
        m for m in insides(told) if isinstance(m.slots["vessel"], Mention) and m.slots["vessel"].form == "a"
    ]
    return max(held, key=lambda m: (len(m.fact_ids), -m.fact_ids[0]), default=None)


def contained(told: Told) -> set[tuple[int, ...]]:
    """Pairs (thing, vessel) of which "in" is the word, not "on"."""
    return {f.subjects for f in told.all("inside")}


def within(told: Told, landing: Fact) -> Fact | None:
    """The fact that what landed on a thing is in it."""
    return next(
        (f for f in told.every("inside", landing.subjects[0]) if f.subjects == landing.subjects), None
    )


def spans(told: Told) -> list[Message]:
    """What lies from one thing to another."""
    messages = []
    for fact in told.all("across"):
        who, one, other = (refer(told, i) for i in fact.subjects)
        if who is not None and one is not None and other is not None:
            messages.append(Message("across", {"who": who, "one": one, "other": other}, (fact.fact_id,)))
    return messages


def towers(told: Told, pairs: list[Fact]) -> tuple[list[Message], list[Fact]]:
    """Three things on each other in one sentence, and the facts of ``pairs`` that remain to be told.

    ``pairs`` are facts that one thing is on top of another.
    """
    below = {f.subjects[0]: f for f in pairs}
    messages: list[Message] = []
    used: set[int] = set()
    for fact in pairs:
        under = below.get(fact.subjects[1])
        if under is None or {fact.fact_id, under.fact_id} & used:
            continue
        who, middle, foot = (refer(told, i) for i in (*fact.subjects, under.subjects[1]))
        if who is not None and middle is not None and foot is not None:
            slots: dict[str, Slot] = {"who": who, "middle": middle, "under": foot}
            messages.append(Message("tower", slots, (fact.fact_id, under.fact_id)))
            used |= {fact.fact_id, under.fact_id}
    return messages, [f for f in pairs if f.fact_id not in used]


def fallen(told: Told, table: Mention | None) -> list[Message]:
    """What has fallen off the table."""
    facts = [f for f in told.all("fallen_off") if f.subjects[0] in told.visible]
    pairs = [(f, refer(told, f.subjects[0])) for f in facts]
    named = [(f, m) for f, m in pairs if m is not None][:3]
    if table is None or not named:
        return []
    slots: dict[str, Slot] = {"who": Mentions(tuple(m for _, m in named)), "table": table}
    return [Message("fallen_off", slots, tuple(f.fact_id for f, _ in named))]


def shelves(told: Told) -> list[tuple[str, Mentions, tuple[int, ...]]]:
    """(which shelf, what stands there, the facts that say so), the fullest of the picture first."""
    places: dict[str, list[int]] = {}
    for fact in told.all("on_shelf"):
        if fact.subjects[0] in told.visible:
            places.setdefault(fact.argument, []).append(fact.subjects[0])
    rows = []
    for shelf, ids in places.items():
        things = _row(told, ids)
        if things is not None:
            said = [i for m in things.members for i in m.instance_ids]
            facts = tuple(f.fact_id for i in said if (f := told.of("on_shelf", i)) is not None)
            rows.append((shelf, things, facts))
    return sorted(rows, key=lambda r: (-sum(told.px(i) for m in r[1].members for i in m.instance_ids), r[0]))


def _row(told: Told, ids: list[int]) -> Mentions | None:
    """Things of one shelf by their nouns, those that no words tell from others left out."""
    kinds: dict[str, list[int]] = {}
    for one in ids:
        kinds.setdefault(told.words(one)[0], []).append(one)
    members = [group(told, kind, apart_by=("on_shelf",)) for kind in kinds.values()]
    sure = [m for m in members if m is not None and (m.form == "a" or m.form in GROUPS)]
    sure.sort(key=lambda m: -sum(told.px(i) for i in m.instance_ids))
    return Mentions(tuple(sure[:_MOST_NAMED])) if sure else None


def shelf_rows(told: Told) -> list[Message]:
    """One sentence a shelf."""
    return [
        Message("shelf_row", {"things": things, "shelf": shelf}, facts)
        for shelf, things, facts in shelves(told)
    ]


def shelf_short(told: Told) -> list[Message]:
    """What is on the fullest shelf, and on the next."""
    rows = shelves(told)[:2]
    if not rows:
        return []
    (shelf, things, facts), *rest = rows
    slots: dict[str, Slot] = {"things": things, "shelf": shelf, "more": None, "other": None}
    if rest:
        slots |= {"more": rest[0][1], "other": rest[0][0]}
        facts = (*facts, *rest[0][2])
    return [Message("shelf_short", slots, facts)]
