"""What there is to say of small things on a table, one message at a time."""

from __future__ import annotations

from pairforge.captioners import room_messages as rooms
from pairforge.captioners.meanings import Mention, Mentions, Message, Slot
from pairforge.captioners.references import Told, alike, group, mentions_in, others, refer, single
from pairforge.captioners.road_messages import hidden, measured
from pairforge.sample import Fact

_MOST_NAMED, _SALIENT = 6, 4
_STRIKES = ("just_landed", "just_hit", "just_bumped")


def table_of(told: Told) -> Mention | None:
    ids = [i for i in told.visible if told.record.instance(i).semantic == "table"]
    return single(told, ids[0]) if len(ids) == 1 else None


def _things(told: Told) -> list[int]:
    return [i for i in told.visible if told.record.instance(i).semantic == "object"]


def _listed(told: Told, ids: list[int]) -> Mention | Mentions | None:
    """Named one by one while few, else by number."""
    many = alike(told, ids) if ids else None
    if many is not None and len(many.members) <= _MOST_NAMED:
        return many
    by_size = [(i, single(told, i)) for i in sorted(ids, key=lambda i: (-(told.px(i)), i))]
    # Where one of the largest is but "one of two red cans", those are told that have a name to themselves.
    for apart in (False, True):
        salient = [i for i, m in by_size if m is not None and (m.form == "a" or not apart)][:_SALIENT]
        named, rest = alike(told, sorted(salient)), [i for i in ids if i not in salient]
        last = others(told, rest) if rest else None
        if named is not None and last is not None:
            return Mentions((*named.members, last))
    return group(told, ids) if len(ids) > 1 else None


def _leaning(told: Told) -> set[int]:
    return {f.subjects[0] for p in ("leans_on", "on_top_of") for f in told.all(p) if not _is_table(told, f)}


def _is_table(told: Told, fact: Fact) -> bool:
    return len(fact.subjects) > 1 and told.record.instance(fact.subjects[1]).semantic in ("table", "shelf")


def _on_table(told: Told, state: str = "") -> tuple[list[int], list[Fact]]:
    """What is on the table, on other things too, and the facts; with ``state``, that of which it is true and that
    touches no other."""
    ids: list[int] = []
    facts: list[Fact] = []
    for instance_id in _things(told):
        stated = told.of(state, instance_id) if state else None
        on = [f for f in told.every("on_top_of" if state else "upon", instance_id) if _is_table(told, f)]
        if on and (not state or (stated and instance_id not in _leaning(told))):
            ids.append(instance_id)
            facts += [on[0], *([stated] if stated else [])]
    return ids, facts


def held(told: Told) -> list[Message]:
    """What rests on the table, what lies on top of or leans on something else."""
    table, (ids, facts) = table_of(told), _on_table(told, "at_rest")
    things, messages = _listed(told, ids), []
    if things is not None and table is not None:
        messages.append(Message("rest", {"things": things, "table": table}, tuple(f.fact_id for f in facts)))
    return [*messages, *stacked(told)]


def stacked(told: Told) -> list[Message]:
    """What is in, across, on top of or leans on something other than the table."""
    within = rooms.contained(told)
    on_top = [f for f in told.all("on_top_of") if not _is_table(told, f) and f.subjects not in within]
    high, on_top = rooms.towers(told, on_top)
    messages = [*rooms.insides(told), *rooms.spans(told), *high]
    for template, facts in (("stacked", on_top), ("leans_on", told.all("leans_on"))):
        for fact in facts:
            who, under = (refer(told, i) for i in fact.subjects)
            if not _is_table(told, fact) and who is not None and under is not None:
                messages.append(Message(template, {"who": who, "under": under}, (fact.fact_id,)))
    return messages


def motion(told: Told) -> list[Message]:
    """What is in the air, what has just landed on or struck something, what is still moving."""
    messages = _falling(told)
    struck = _struck(told)
    messages += struck
    quiet = {i for m in mentions_in(struck) for i in m.instance_ids}
    moving = [
        f for f in told.all("stirring") if f.subjects[0] not in quiet and f.subjects[0] in _things(told)
    ]
    things = _listed(told, [f.subjects[0] for f in moving])
    if things is not None:
        messages.append(Message("stirring", {"who": things}, tuple(f.fact_id for f in moving)))
    return messages[:4]


def _falling(told: Told) -> list[Message]:
    """Everything in the air with its height: fallers two by two, then the highest of the others."""
    table, messages = table_of(told), []
    if table is None:
        return []
    found: list[tuple[Fact, Fact, Mention]] = []
    for fact in told.all("falling"):
        height, who = told.of("height_above", fact.subjects[0]), refer(told, fact.subjects[0])
        if height is not None and who is not None:
            found.append((fact, height, who))
    found.sort(key=lambda f: (-(f[1].value or 0.0), f[0].fact_id))
    while found:
        first, *found = found
        facts = [first[0].fact_id, first[1].fact_id]
        slots: dict[str, Slot] = {"who": first[2], "height": measured(first[1]), "table": table}
        if found:
            second, *found = found
            facts += [second[0].fact_id, second[1].fact_id]
            slots |= {"other": second[2], "height2": measured(second[1])}
        messages.append(Message("falling_two" if "other" in slots else "falling", slots, tuple(facts)))
    falling = {f.subjects[0] for f in told.all("falling")}
    for fact in [f for f in told.all("airborne") if f.subjects[0] not in falling][:1]:
        height, who = told.of("height_above", fact.subjects[0]), refer(told, fact.subjects[0])
        if height is not None and who is not None:
            slots = {"who": who, "height": measured(height), "table": table}
            messages.append(Message("airborne", slots, (fact.fact_id, height.fact_id)))
    return messages


def _struck(told: Told) -> list[Message]:
    """Landings, hits and bumps; those on one thing are told together."""
    messages = []
    for predicate in _STRIKES:
        targets: dict[int, list[Fact]] = {}
        for fact in told.all(predicate):
            if fact.subjects[0] in _things(told):
                targets.setdefault(fact.subjects[1], []).append(fact)
        for target, facts in targets.items():
            within = [f for f in facts if predicate == "just_landed" and rooms.within(told, f) is not None]
            messages += _strikes(told, predicate, target, [f for f in facts if f not in within])
            messages += _strikes(told, "just_landed_in", target, within)
    return messages


def _strikes(told: Told, template: str, target: int, facts: list[Fact]) -> list[Message]:
    """What struck one thing, and for what landed in it, that it is in it."""
    other = refer(told, target)
    pairs = [(f, refer(told, f.subjects[0])) for f in facts]
    named = [(f, m) for f, m in pairs if m is not None][:_SALIENT]
    if other is None or not named:
        return []
    stated = [f.fact_id for f, _ in named]
    if template == "just_landed_in":
        stated += [held.fact_id for f, _ in named if (held := rooms.within(told, f)) is not None]
    who = Mentions(tuple(m for _, m in named))
    return [Message(template, {"who": who, "other": other}, tuple(stated))]


def lying(told: Told) -> list[Message]:
    """What lies on its side."""
    facts = [f for f in told.all("on_its_side") if f.subjects[0] in told.visible]
    pairs = [(f, refer(told, f.subjects[0])) for f in facts]
    named = [(f, m) for f, m in pairs if m is not None][:3]
    if not named:
        return []
    who = Mentions(tuple(m for _, m in named))
    return [Message("on_its_side", {"who": who}, tuple(f.fact_id for f, _ in named))]


def relations(told: Told, before: list[Message], limit: int) -> list[Message]:
    """Who hides whom, then how neighbours stand to each other, each once; first what has not been told of."""
    messages = hidden(told)[:1]
    used = {i: 1 for m in mentions_in(messages) for i in m.instance_ids}
    told_of = {i for m in mentions_in([*before, *messages]) for i in m.instance_ids}
    last = ""
    for fact in sorted(
        _neighbours(told), key=lambda f: (f.subjects[0] in told_of, f.value or 0.0, f.fact_id)
    ):
        one, other = fact.subjects
        if len(messages) >= limit:
            break
        if max(used.get(one, 0), used.get(other, 0)) >= 1 or fact.predicate == last:
            continue
        who, than = refer(told, one), refer(told, other)
        if who is not None and than is not None:
            used[one] = used[other] = 1
            last = fact.predicate
            messages.append(Message(fact.predicate, {"who": who, "other": than}, (fact.fact_id,)))
    return messages[:limit]


def _neighbours(told: Told) -> list[Fact]:
    """Relations between two things on the table that stand to each other in one way alone: beside, or before."""
    low = set(_things(told)) - {f.subjects[0] for p in ("airborne", "falling") for f in told.all(p)}
    low -= _leaning(told)
    beside = {frozenset(f.subjects) for p in ("left_of", "right_of") for f in told.all(p)}
    deep = {frozenset(f.subjects) for p in ("in_front_of", "behind") for f in told.all(p)}
    found = [f for p in ("left_of", "right_of", "in_front_of", "behind") for f in told.all(p)]
    both = beside & deep
    return [
        f
        for f in found
        if set(f.subjects) <= low and frozenset(f.subjects) not in both and on_one_level(told, f)
    ]


def on_one_level(told: Told, fact: Fact) -> bool:
    """Whether two things are not known to be on two shelves: what is on another one is above or below it."""
    shelves = {f.argument for one in fact.subjects if (f := told.of("on_shelf", one)) is not None}
    return len(shelves) < 2


def short(told: Told) -> list[Message]:
    """The things on the table and what is in the air, in one sentence."""
    table, (ids, facts) = table_of(told), _on_table(told)
    fallers = [f for f in told.all("falling") if f.subjects[0] in _things(told)]
    flyers = [f for f in told.all("airborne") if f.subjects[0] not in {x.subjects[0] for x in fallers}]
    things, falling, flying = (
        _listed(told, i) for i in (ids, [f.subjects[0] for f in fallers], [f.subjects[0] for f in flyers])
    )
    if table is None or (things is None and falling is None and flying is None):
        return []
    held = rooms.fullest(told)
    if held is not None and falling is None and flying is None:
        return [_with_vessel(told, held, table)]
    stated = [*(facts if things else []), *(fallers if falling else [])]
    stated += flyers if flying else []
    slots: dict[str, Slot] = {"things": things, "falling": falling, "flying": flying, "table": table}
    return [Message("table_short", slots, tuple(f.fact_id for f in stated))]


def _with_vessel(told: Told, held: Message, table: Mention) -> Message:
    """What is in the one vessel, and what else is on the table."""
    inside = {i for m in mentions_in([held]) for i in m.instance_ids}
    ids, facts = _on_table(told)
    rest = sorted((i for i in ids if i not in inside), key=lambda i: (-told.px(i), i))
    # "And four others" would have to count what is in the vessel, which is on the table too.
    things = alike(told, sorted(rest[:_SALIENT]), partly=True) if rest else None
    named = {i for m in things.members for i in m.instance_ids} if things else set()
    stated = [f.fact_id for f in facts if f.subjects[0] in named and f.predicate == "upon"]
    slots: dict[str, Slot] = {**held.slots, "things": things, "table": table if things else None}
    return Message("table_short_inside", slots, (*held.fact_ids, *stated))
