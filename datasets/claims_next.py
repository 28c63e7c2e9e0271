"""What the ego is said to do next, derived from poses along the stored track."""

from __future__ import annotations

import numpy as np

from pairforge.datasets import claims_policy as policy
from pairforge.datasets.claims_checks import Derived, check, need
from pairforge.datasets.claims_road import spoken
from pairforge.datasets.claims_scene import Proof, matrix_of
from pairforge.sample import Fact


def _speeds(proof: Proof, fact: Fact) -> tuple[float, float]:
    """The ego's speed at the keyframe and at the end of the fact's time, in m/s."""
    ego = proof.ego
    need(ego is not None and fact.subjects == (ego,), f"{fact.subjects} is not the ego")
    assert ego is not None
    now, then = proof.frame.time_ns, proof.frame.time_ns + policy.NEXT_NS
    track = proof.record.instance_tracks.get(ego)
    need(track is not None and int(track.times_ns[-1]) >= then, "the clip ends before")
    moved = proof.pose(ego, then)[0] - proof.pose(ego, then - policy.NEXT_STEP_NS)[0]
    need((fact.t0_ns, fact.t1_ns) == (now, then), f"it is about {fact.t0_ns}..{fact.t1_ns}")
    return proof.solids[ego].ground_speed, float(np.hypot(moved[0], moved[1]) * 1e9 / policy.NEXT_STEP_NS)


@check("ego_next")
def _ego_next(proof: Proof, fact: Fact) -> Derived:
    now, then = _speeds(proof, fact)
    stands, drives = now <= policy.STILL_MPS, now >= policy.MOVING_MPS
    need(stands == (fact.argument == "set_off") and stands != drives, f"now at {now:.2f} m/s")
    limit, change = policy.NEXT_CHANGE_MPS, then - now
    if fact.argument == "set_off":
        return _told(fact, then, policy.MOVING_MPS, False)
    if fact.argument == "stop":
        return _told(fact, then, policy.STILL_MPS, True)
    need(then > policy.STILL_MPS, "it stops")
    if fact.argument == "keep":
        return _told(fact, abs(change), policy.NEXT_SAME_MPS, True)
    return _told(fact, change if fact.argument == "speed_up" else -change, limit, False)


def _told(fact: Fact, value: float, threshold: float, at_most: bool) -> Derived:
    return Derived(
        value, threshold, at_most, "m/s", fact.argument, "world", t0_ns=fact.t0_ns, t1_ns=fact.t1_ns
    )


@check("ego_next_speed")
def _ego_next_speed(proof: Proof, fact: Fact) -> Derived:
    now, then = _speeds(proof, fact)
    need(abs(then - now) >= policy.NEXT_CHANGE_MPS or now <= policy.STILL_MPS, "it hardly changes")
    said = spoken(then * 3.6, 1.0, "km/h", "world")
    return Derived(
        said.value,
        said.threshold,
        False,
        "km/h",
        said.argument,
        "world",
        exact=True,
        t0_ns=fact.t0_ns,
        t1_ns=fact.t1_ns,
    )


@check("ego_next_turn")
def _ego_next_turn(proof: Proof, fact: Fact) -> Derived:
    _speeds(proof, fact)
    axes = [matrix_of(proof.pose(fact.subjects[0], t)[1])[:2, 0] for t in (fact.t0_ns, fact.t1_ns)]
    turned = float(np.arctan2(axes[1][1], axes[1][0]) - np.arctan2(axes[0][1], axes[0][0]))
    turned = (turned + np.pi) % (2 * np.pi) - np.pi
    side = "left" if turned > 0 else "right"
    return Derived(
        abs(turned),
        policy.NEXT_TURN_RAD,
        unit="rad",
        argument=side,
        frame="ego",
        t0_ns=fact.t0_ns,
        t1_ns=fact.t1_ns,
    )
