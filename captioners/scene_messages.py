"""What there is to say of things in the open, with neither a road nor one table to tell them by."""

from __future__ import annotations

from pairforge.captioners import table_messages as table
from pairforge.captioners.meanings import Mentions, Message, Slot
from pairforge.captioners.references import Told, alike, mentions_in, single
from pairforge.sample import Fact
from pairforge.scenes.taxonomy import BY_NAME

_MOST_NAMED = 6


def boxed(told: Told) -> list[int]:
    """What may be spoken of: every boxed thing in view."""
    return [i for i in told.visible if BY_NAME[told.record.instance(i).semantic].boxed]


def _listed(told: Told, ids: list[int]) -> Mentions | None:
    """All by name if they are few, else the six that fill the picture most; things without a name are left out."""
    if not ids:
        return None
    whole = alike(told, ids)
    if whole is not None and len(whole.members) <= _MOST_NAMED:
        return whole
    some = alike(told, ids, partly=True)
    if some is None:
        return None
    biggest = sorted(some.members, key=lambda m: -max(told.px(i) for i in m.instance_ids))[:_MOST_NAMED]
    return Mentions(tuple(m for m in some.members if m in biggest))


def _ids(said: Mentions | None) -> list[int]:
    return [i for m in said.members for i in m.instance_ids] if said is not None else []


def _standing(told: Told, ids: list[int]) -> list[Fact]:
    """The facts that all of these are on the ground; none unless they all are. Where parts are inspected it goes
    without saying."""
    if told.all("verdict"):
        return []
    facts = [f for i in ids if (f := told.of("on_ground", i)) is not None]
    return facts if len(facts) == len(ids) else []


def _falling(told: Told) -> list[Fact]:
    return [f for f in told.all("falling") if f.subjects[0] in told.visible]


def _stack(told: Told) -> Fact | None:
    """The one thing on top of another that can be said with two names."""
    pairs = [f for f in told.all("on_top_of") if set(f.subjects) <= set(told.visible)]
    if len(pairs) != 1:
        return None
    named = [single(told, i) for i in pairs[0].subjects]
    return pairs[0] if all(m is not None and m.form == "a" for m in named) else None


def short(told: Told) -> list[Message]:
    """The things in view, on the ground where they all are, and what falls, in one sentence."""
    fallers = _falling(told)
    still = [i for i in boxed(told) if i not in {f.subjects[0] for f in fallers}]
    falling, stack = _listed(told, [f.subjects[0] for f in fallers]), _stack(told)
    rest = [i for i in still if stack is None or i not in stack.subjects]
    things = _listed(told, rest)
    standing = _standing(told, _ids(things))
    slots: dict[str, Slot] = {
        "ground": standing[0].argument if standing else None,
        "falling": falling,
    }
    facts = [*standing, *(f for f in fallers if f.subjects[0] in _ids(falling))]
    if stack is not None:
        slots |= {
            "rest": things,
            "who": single(told, stack.subjects[0]),
            "under": single(told, stack.subjects[1]),
        }
        return [Message("scene_short_stack", slots, (stack.fact_id, *(f.fact_id for f in facts)))]
    if things is None and falling is None:
        return []
    return [Message("scene_short", slots | {"things": things}, tuple(f.fact_id for f in facts))]


def dense(told: Told) -> list[Message]:
    """What stands about, what else is in view, what falls, strikes, stirs, lies on its side, and how they stand."""
    events = [*_fallers(told), *table.motion(told)]
    busy = {i for m in mentions_in(events) for i in m.instance_ids}
    messages = on_ground(told)
    placed = {i for m in mentions_in(messages) for i in m.instance_ids}
    stacked = table.stacked(told)
    placed |= busy | {i for m in mentions_in(stacked) for i in m.instance_ids}
    seen = _listed(told, [i for i in boxed(told) if i not in placed])
    if seen is not None:
        messages.append(Message("in_view", {"things": seen}))
    messages += [*stacked, *events, *table.lying(told)]
    return [*messages[:6], *table.relations(told, messages, max(1, 7 - len(messages)))][:7]


def on_ground(told: Told) -> list[Message]:
    """What is on the ground, or on the floor."""
    facts = {f.subjects[0]: f for f in told.all("on_ground") if f.subjects[0] in boxed(told)}
    things = _listed(told, [i for i in told.visible if i in facts])
    if things is None or told.all("verdict"):
        return []
    stated = [facts[i] for i in _ids(things)]
    slots: dict[str, Slot] = {"things": things, "ground": stated[0].argument}
    return [Message("on_ground", slots, tuple(f.fact_id for f in stated))]


def _fallers(told: Told) -> list[Message]:
    facts = {f.subjects[0]: f for f in _falling(told)}
    who = _listed(told, sorted(facts))
    if who is None:
        return []
    return [Message("falling_free", {"who": who}, tuple(facts[i].fact_id for i in _ids(who)))]
