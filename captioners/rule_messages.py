"""What there is to say of rules and of grips: lights, who waits, who goes first, who is where they must not be."""

from __future__ import annotations

from collections.abc import Iterator

from pairforge.captioners.meanings import Mention, Message
from pairforge.captioners.references import Told, refer, single
from pairforge.sample import Fact


def rules(told: Told) -> list[Message]:
    """The most pressing first: danger, what we must do, what the light of our lane shows, who crosses by right."""
    found = [*_of_one(told, "wrong_way", "wrong_way"), *_of_one(told, "stalled", "stalled")]
    return [*found, *_right_of_way(told), *_light(told), *_of_one(told, "on_crossing", "on_crossing")]


def _of_one(told: Told, predicate: str, template: str) -> Iterator[Message]:
    """Of others than ourselves: the first of whom it is true that can be named."""
    for fact in told.all(predicate):
        who = _named(told, fact.subjects[0], predicate)
        if who is not None:
            yield Message(template, {"who": who}, (fact.fact_id,))
            return


def _named(told: Told, instance_id: int, predicate: str = "") -> Mention | None:
    if instance_id not in told.visible:
        return None
    return single(told, instance_id, apart_by=(predicate,) if predicate else ())


def _ego(told: Told) -> int:
    return next((r.instance_id for r in told.record.instances if r.name == told.record.ego), 0)


def _right_of_way(told: Told) -> Iterator[Message]:
    """Whom we must let go first; else who must let us."""
    ego = _ego(told)
    ours = [f for f in told.all("must_yield_to") if f.subjects[0] == ego]
    theirs = [f for f in told.all("must_yield_to") if f.subjects[1] == ego]
    for template, facts, place in (("give_way", ours, 1), ("gives_way", theirs, 0)):
        for fact in facts:
            who = _named(told, fact.subjects[place])
            if who is not None:
                yield Message(template, {"who": who}, (fact.fact_id,))
                return


def _light(told: Told) -> Iterator[Message]:
    """What the light of our lane shows in this picture, and that we wait there; else who else waits at one."""
    shown = {f.subjects[0]: f for f in told.all("signal_shows")}
    for fact in told.all("waits_at_red"):
        light = shown.get(fact.subjects[1])
        if light is not None and light.argument == "red":
            yield from _waiting(told, fact, light)
            return
    for state in told.all("signal_state"):
        light = shown.get(state.subjects[0])
        who = None if light is None else _named(told, light.subjects[0], "signal_shows")
        if light is not None and who is not None:
            yield Message("signal", {"who": who, "state": light.argument}, (light.fact_id,))
            return


def _waiting(told: Told, fact: Fact, light: Fact) -> Iterator[Message]:
    other, ours = _named(told, fact.subjects[1]), fact.subjects[0] == _ego(told)
    who = None if ours else _named(told, fact.subjects[0])
    if other is not None and (ours or who is not None):
        yield Message("waits_at_red", {"who": who, "other": other}, (fact.fact_id, light.fact_id))


def grips(told: Told) -> list[Message]:
    """What a robot holds."""
    messages = []
    for fact in told.all("under_way"):
        if fact.argument == "held":
            who, other = (refer(told, i) if i in told.visible else None for i in fact.subjects)
            if who is not None and other is not None:
                messages.append(Message("holding", {"who": who, "other": other}, (fact.fact_id,)))
    return messages
