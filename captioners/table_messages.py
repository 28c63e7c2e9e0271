"""What there is to say of small things on a table, one message at a time."""

from __future__ import annotations

from pairforge.captioners.realise import Mention, Mentions, Message, Slot
from pairforge.captioners.references import Told, again, alike, group, others, single
from pairforge.captioners.road_messages import hidden, measure_words, mention, named_in
from pairforge.sample import Fact

_MOST_NAMED, _SALIENT = 5, 3


def _table(told: Told, said: bool = False) -> Mention | None:
    ids = [i for i in told.visible if told.record.instance(i).semantic == "table"]
    if len(ids) != 1:
        return None
    return again(told, ids[0]) if said else single(told, ids[0])


def _tables(told: Told) -> set[int]:
    return {i for i in told.visible if told.record.instance(i).semantic == "table"}


def _things(told: Told) -> list[int]:
    return [i for i in told.visible if told.record.instance(i).semantic == "object"]


def _listed(told: Told, ids: list[int]) -> Mention | Mentions | None:
    """Named one by one while few, else by number."""
    many = alike(told, ids) if ids else None
    if many is not None and len(many.members) <= _MOST_NAMED:
        return many
    salient = [i for i in sorted(ids, key=lambda i: (-(told.px(i)), i)) if single(told, i) is not None][
        :_SALIENT
    ]
    named, rest = alike(told, sorted(salient)), [i for i in ids if i not in salient]
    last = others(told, rest) if rest else None
    if named is not None and last is not None:
        return Mentions((*named.members, last))
    return group(told, ids) if len(ids) > 1 else None


def _resting(told: Told) -> tuple[Mention | None, list[int], list[Fact]]:
    table, ids, facts = _table(told), [], []
    for instance_id in _things(told):
        still = told.of("at_rest", instance_id)
        on = [
            f for f in told.every("on_top_of", instance_id) if table and f.subjects[1] in table.instance_ids
        ]
        if still is not None and on:
            ids.append(instance_id)
            facts += [still, on[0]]
    return table, ids, facts


def rest(told: Told) -> list[Message]:
    """What rests on the table, and what sits on top of something else."""
    table, ids, facts = _resting(told)
    things = _listed(told, ids)
    messages = []
    if things is not None and table is not None:
        messages.append(Message("rest", {"things": things, "table": table}, tuple(f.fact_id for f in facts)))
    said = named_in(messages)
    for fact in told.all("on_top_of"):
        one, under = fact.subjects
        if told.record.instance(under).semantic == "table":
            continue
        who = single(told, one)
        below = (again(told, under) if under in said else None) or single(told, under)
        if who is not None and below is not None:
            messages.append(Message("stacked", {"who": who, "under": below}, (fact.fact_id,)))
    return messages


def motion(told: Told, said: set[int]) -> list[Message]:
    """What falls, what has just hit something, what is still moving; ``said`` has been named before."""
    messages, moving = [], []
    for fact in told.all("falling"):
        height, who = (
            told.of("height_above", fact.subjects[0]),
            single(told, fact.subjects[0], apart_by=("falling",)),
        )
        table = _table(told, bool(said & _tables(told)))
        if who is not None and height is not None and table is not None:
            slots: dict[str, Slot] = {"who": who, "height": measure_words(height), "table": table}
            messages.append(Message("falling", slots, (fact.fact_id, height.fact_id)))
            said = said | named_in(messages)
    for fact in told.all("just_hit"):
        one = fact.subjects[0]
        who, other = (
            (again(told, one) if one in said else None) or single(told, one),
            again(told, fact.subjects[1]),
        )
        if who is not None and other is not None:
            messages.append(Message("just_hit", {"who": who, "other": other}, (fact.fact_id,)))
    hit = named_in(messages)
    moving = [f for f in told.all("stirring") if f.subjects[0] not in hit]
    things = _listed(told, [f.subjects[0] for f in moving])
    if things is not None:
        messages.append(Message("stirring", {"who": things}, tuple(f.fact_id for f in moving)))
    return messages[:3]


def lying(told: Told, said: set[int]) -> list[Message]:
    """What lies on its side."""
    facts = [f for f in told.all("on_its_side") if f.subjects[0] in told.visible]
    mentions = [(again(told, f.subjects[0]) if f.subjects[0] in said else None) for f in facts]
    pairs = [(f, m or single(told, f.subjects[0])) for f, m in zip(facts, mentions, strict=True)]
    named = [(f, m) for f, m in pairs if m is not None][:3]
    if not named:
        return []
    who = Mentions(tuple(m for _, m in named))
    return [Message("on_its_side", {"who": who}, tuple(f.fact_id for f, _ in named))]


def relations(told: Told, said: set[int], limit: int) -> list[Message]:
    """Who hides whom, then how neighbours stand to each other, each thing told of at most twice."""
    messages = hidden(told, said)[:1]
    used: dict[int, int] = {}
    for predicate in ("in_front_of", "left_of", "behind", "right_of"):
        for fact in sorted(told.all(predicate), key=lambda f: (f.margin or 0.0, f.fact_id)):
            if len(messages) >= max(limit, 1):
                return messages
            one, other = fact.subjects
            if max(used.get(one, 0), used.get(other, 0)) >= 1 or not {one, other} <= set(_things(told)):
                continue
            who, than = mention(told, one, said), mention(told, other, said)
            if who is not None and than is not None:
                used[one] = used[other] = 1
                messages.append(Message(predicate, {"who": who, "other": than}, (fact.fact_id,)))
                break
    return messages


def short(told: Told) -> list[Message]:
    """The things on the table and what is falling, in one sentence."""
    table, ids, facts = _resting(told)
    things = _listed(told, ids)
    fallers = [f for f in told.all("falling") if f.subjects[0] in _things(told)]
    falling = _listed(told, [f.subjects[0] for f in fallers])
    facts += fallers if falling is not None else []
    if table is None or (things is None and falling is None):
        return []
    if things is None:
        facts = [f for f in facts if f.predicate == "falling"]
    slots: dict[str, Slot] = {"things": things, "falling": falling, "table": table}
    return [Message("table_short", slots, tuple(f.fact_id for f in facts))]
