"""What is said to have happened in the clip, looked up among the stored happenings, which are proved once a scene."""

from __future__ import annotations

from pairforge.datasets import claims_policy as policy
from pairforge.datasets.claims_checks import Derived, check, need
from pairforge.datasets.claims_scene import Proof
from pairforge.sample import Fact, Happening

_AT_ONCE = frozenset({"landing", "hitting"})


def _the_one(proof: Proof, fact: Fact, said: str) -> Happening:
    """The single happening of that kind, argument and those subjects; the clip must be over."""
    need(bool(fact.subjects), "of nobody")
    need(fact.subjects[0] == proof.ego or fact.subjects[0] in proof.noticed, "no sensor notices it")
    need(_last_of(proof) == proof.frame.frame_index, "the clip is not over")
    found = [
        h
        for h in proof.record.happenings
        if h.subjects == fact.subjects and "|".join(w for w in (h.kind, h.argument) if w) == said
    ]
    need(len(found) == 1, f"{said} happened {len(found)} times")
    need(found[0].t0_ns <= proof.frame.time_ns, "it has not begun")
    return found[0]


def _last_of(proof: Proof) -> int:
    concrete = proof.record.concrete
    last = round(float(concrete.get("duration_s", 0.0)) * float(concrete.get("keyframe_rate_hz", 0.0))) - 1
    need(last > 0, "there is no clip")
    return last


@check("happened")
def _happened(proof: Proof, fact: Fact) -> Derived:
    one = _the_one(proof, fact, fact.argument)
    seconds = (proof.frame.time_ns - one.t0_ns) / 1e9
    return Derived(seconds, 0.0, unit="s", argument=fact.argument, frame="world", t0_ns=one.t0_ns)


@check("happened_when")
def _happened_when(proof: Proof, fact: Fact) -> Derived:
    said, _, part = fact.argument.partition("@")
    need(part in ("start", "end"), f"no part of a clip: {part!r}")
    one = _the_one(proof, fact, said)
    long_ns = _last_of(proof) * 1e9 / float(proof.record.concrete["keyframe_rate_hz"])
    # What lands has landed once it touches; the contact may last for the rest of the clip.
    into_it = 0.0 if one.kind in _AT_ONCE else (one.t1_ns - one.t0_ns) / 2
    share = 1.0 - (proof.frame.time_ns - one.t0_ns - into_it) / round(long_ns)
    limit = policy.CLIP_START if part == "start" else policy.CLIP_END
    return Derived(share, limit, part == "start", "share", fact.argument, "world", t0_ns=one.t0_ns)
