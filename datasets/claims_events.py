"""Facts about happenings at a keyframe. That the happenings themselves are true is proved once a scene."""

from __future__ import annotations

from pairforge.datasets import claims_policy as policy
from pairforge.datasets.claims_checks import Derived, check, need
from pairforge.datasets.claims_scene import Proof
from pairforge.sample import Fact


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
