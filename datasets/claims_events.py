"""Facts about happenings at a keyframe. That the happenings themselves are true is proved once a scene."""

from __future__ import annotations

from pairforge.datasets import claims_policy as policy
from pairforge.datasets.claims_checks import Derived, check, need
from pairforge.datasets.claims_scene import Proof
from pairforge.sample import Fact


@check("caused_by")
def _caused_by(proof: Proof, fact: Fact) -> Derived:
    need(len(fact.subjects) == 2, f"subjects {fact.subjects}")
    for i in fact.subjects:
        need(i == proof.ego or i in proof.noticed, f"no sensor notices instance {i}")
    kind, _, why = fact.argument.partition("|")
    now, by_id = proof.frame.time_ns, {h.happening_id: h for h in proof.record.happenings}
    for cause in proof.record.causes:
        effect = by_id.get(cause.effect_id)
        if effect is None or (effect.kind, effect.subjects[0], cause.subject) != (kind, *fact.subjects):
            continue
        named = by_id[cause.cause_id].kind if cause.cause_id in by_id else "presence"
        lately = effect.t0_ns <= now <= effect.t1_ns + policy.JUST_ENDED_S * 1e9
        if lately and named == why and effect.t0_ns == fact.t0_ns:
            without = cause.value_without
            return Derived(
                without, cause.threshold, True, cause.unit, fact.argument, "world", t0_ns=effect.t0_ns
            )
    need(False, "no such cause is on record")
    raise AssertionError


@check("under_way", "just_ended")
def _of_a_happening(proof: Proof, fact: Fact) -> Derived:
    need(bool(fact.subjects), "of nobody")
    one, now = fact.subjects[0], proof.frame.time_ns
    need(one == proof.ego or one in proof.noticed, f"no sensor notices instance {one}")
    kind, _, argument = fact.argument.partition("|")
    same = [
        h
        for h in proof.record.happenings
        if (h.kind, h.argument, h.subjects, h.t0_ns) == (kind, argument, fact.subjects, fact.t0_ns)
    ]
    if fact.predicate == "under_way":
        live = [h for h in same if h.t0_ns <= now <= h.t1_ns]
        need(len(live) == 1, f"{kind} is not under way")
        return Derived(
            (now - live[0].t0_ns) / 1e9,
            0.0,
            unit="s",
            argument=fact.argument,
            frame="world",
            t0_ns=live[0].t0_ns,
        )
    over = [h for h in same if h.t1_ns < now]
    need(len(over) == 1, f"{kind} has not ended")
    return Derived(
        (now - over[0].t1_ns) / 1e9,
        policy.JUST_ENDED_S,
        True,
        "s",
        fact.argument,
        "world",
        t0_ns=over[0].t0_ns,
    )
