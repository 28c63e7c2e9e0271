"""The clip caption: what happened from the first keyframe to the last, told at the last."""

from __future__ import annotations

from pairforge.captioners import road_messages as road
from pairforge.captioners.meanings import Mention, Message, Slot
from pairforge.captioners.references import Told, refer
from pairforge.captioners.room_messages import within
from pairforge.captioners.salience import salience
from pairforge.sample import Fact

_MOST = 6
WORTH = {
    **dict.fromkeys(("ran_red", "cutting_in", "picked_up", "released", "hitting"), 4.0),
    **dict.fromkeys(("crossing_road", "stopping", "overtaking", "landing", "lane_change"), 3.0),
    **dict.fromkeys(("turning", "starting", "falling", "braking", "held"), 2.0),
    **dict.fromkeys(("speeding_up", "rolling", "coming_to_rest"), 1.0),
    "passing_by": 0.5,
}
"""How much a kind of happening asks to be told."""


class ClipCaptioner:
    """The street, then the six happenings most worth telling, in order of time. Nothing where nothing happened, or
    before the clip is over; who has left the picture by then is not named."""

    kind = "clip"
    every_camera = False

    def messages(self, told: Told) -> list[Message]:
        cutters = {f.subjects[0] for f in told.all("happened") if f.argument.startswith("cutting_in")}
        taken = {f.subjects for f in told.all("happened") if f.argument == "picked_up"}
        facts = [f for f in told.all("happened") if not (_changes(f) and f.subjects[0] in cutters)]
        # Who sets off gets faster, which goes without saying.
        facts = [f for f in facts if f.argument != "speeding_up" or not _sets_off(told, f)]
        # What has been picked up is held, which goes without saying.
        facts = [f for f in facts if f.argument != "held" or f.subjects not in taken]
        said = [(f, m) for f in facts if (m := _clause(told, f)) is not None]
        best = sorted(said, key=lambda s: (-_worth(told, s[0]), s[0].t0_ns, s[0].fact_id))[:_MOST]
        best.sort(key=lambda s: (s[0].t0_ns, s[0].fact_id))
        first = [road.setting(told)] if best and told.record.ego is not None else []
        return [*first, *(message for _, message in best)]


def _changes(fact: Fact) -> bool:
    return fact.argument.startswith("lane_change")


def _sets_off(told: Told, faster: Fact) -> bool:
    """Whether somebody gets faster by setting off."""
    return any(
        f.argument == "starting" and f.t0_ns <= faster.t1_ns and faster.t0_ns <= f.t1_ns
        for f in told.every("happened", faster.subjects[0])
    )


def _worth(told: Told, fact: Fact) -> float:
    """Ours counts for more, as does what happens to what draws the eye."""
    ours = told.record.instance(fact.subjects[0]).name == told.record.ego
    return WORTH.get(fact.argument.partition("|")[0], 0.0) + (
        2.0 if ours else salience(told, fact.subjects[0]) / 4
    )


def _clause(told: Told, fact: Fact) -> Message | None:
    """One sentence; None when somebody in it has no name here."""
    kind, _, side = fact.argument.partition("|")
    slots: dict[str, Slot] = {"who": None, "other": None, "side": side or None, "when": None}
    for slot, one in zip(("who", "other"), fact.subjects, strict=False):
        if told.record.instance(one).name == told.record.ego:
            continue
        named = refer(told, one)
        if not isinstance(named, Mention):
            return None
        slots[slot] = named
    when = next((f for f in told.every("happened_when", fact.subjects[0]) if _same(f, fact)), None)
    if when is not None:
        slots["when"] = when.argument.rpartition("@")[2]
    stated = [fact.fact_id, *((when.fact_id,) if when else ())]
    if kind == "landing" and (held := within(told, fact)) is not None:
        return Message("clip_landing_in", slots, (*stated, held.fact_id))
    return Message(f"clip_{kind}", slots, tuple(stated))


def _same(when: Fact, fact: Fact) -> bool:
    return when.subjects == fact.subjects and when.argument.rpartition("@")[0] == fact.argument
