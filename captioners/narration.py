"""The narration of a drive: what we do, why, what matters around us, and what we do next."""

from __future__ import annotations

from pairforge.captioners import road_messages as road
from pairforge.captioners.meanings import Message, Slot
from pairforge.captioners.references import Told, refer
from pairforge.sample import Fact

EFFECTS = frozenset({"braking", "stopping", "lane_change", "moving_over"})
ACTS = frozenset(
    {
        *("presence", "crossing_road", "cutting_in", "ran_red", "lane_change", "moving_over", "stopping"),
        *("braking", "starting", "turning"),
    }
)
"""What languages have words for."""


class NarrationCaptioner:
    """At most six sentences; only with an ego. Nothing is said of what comes where the clip ends before."""

    kind = "narration"
    every_camera = False

    def messages(self, told: Told) -> list[Message]:
        if told.record.ego is None:
            return []
        around = [*road.crossing(told)[:1], *road.entering(told)[:1], *road.lead(told)]
        why = reasons(told)
        if any(m.slots["what"] == "braking" and m.slots["ongoing"] for m in why[:1]):
            around = [_without_braking(m, told) for m in around]
        braking_told = any(m.slots.get("braking") for m in around)
        braking_told = braking_told or any(m.slots["what"] == "braking" for m in why[:1])
        first = [*road.ego(told, braking_told), *road.moving_over(told)]
        return [*first, *why[:1], *around[: 3 - len(why[:1])], *coming(told)]


def _without_braking(message: Message, told: Told) -> Message:
    """The same without "and we are braking", which has been told with its reason."""
    if not message.slots.get("braking"):
        return message
    braking = {f.fact_id for f in told.all("ego_braking")}
    kept = tuple(i for i in message.fact_ids if i not in braking)
    return Message(message.template, {**message.slots, "braking": None}, kept)


def reasons(told: Told) -> list[Message]:
    """Why we do what we do or have just done, where it is proved: what is still going on first."""
    messages = []
    for fact in told.all("caused_by"):
        effect, act = fact.argument.split("|")
        who = refer(told, fact.subjects[1])
        doing = next(
            (
                f
                for p in ("under_way", "just_ended")
                for f in told.every(p, fact.subjects[0])
                if _is(f, fact, effect)
            ),
            None,
        )
        if who is None or doing is None or effect not in EFFECTS or act not in ACTS:
            continue
        ongoing = doing.predicate == "under_way"
        slots: dict[str, Slot] = {
            "what": effect,
            "side": doing.argument.partition("|")[2] or None,
            "ongoing": "yes" if ongoing else None,
            "who": who,
            "act": act,
            "now": "yes" if ongoing and _still(told, fact.subjects[1], act) else None,
        }
        messages.append(Message("why", slots, (fact.fact_id, doing.fact_id)))
    return sorted(messages, key=lambda m: (m.slots["ongoing"] is None, m.fact_ids))


def _still(told: Told, cause: int, act: str) -> bool:
    """Whether somebody is still at what made us do it."""
    return any(f.argument.partition("|")[0] == act for f in told.every("under_way", cause))


def _is(event: Fact, cause: Fact, effect: str) -> bool:
    """Whether an event of the ego is the effect of a cause: of that kind, and begun at that time."""
    return event.argument.partition("|")[0] == effect and event.t0_ns == cause.t0_ns


def coming(told: Told) -> list[Message]:
    """What we do within the next two seconds."""
    what, speed, turn = (told.all(p)[:1] for p in ("ego_next", "ego_next_speed", "ego_next_turn"))
    if not what and not turn:
        return []
    slots: dict[str, Slot] = {
        "what": what[0].argument if what else None,
        "speed": road.measured(speed[0]) if speed else None,
        "turn": turn[0].argument if turn else None,
    }
    return [Message("next", slots, tuple(f.fact_id for f in (*what, *speed, *turn)))]
