"""Predicates of small things under gravity, derived once more."""

from __future__ import annotations

import numpy as np

from pairforge.datasets import claims_policy as policy
from pairforge.datasets.claims_checks import Derived, check, need
from pairforge.datasets.claims_road import spoken
from pairforge.datasets.claims_scene import F64, Proof, Solid, matrix_of
from pairforge.datasets.claims_words import FLAT_FACED, WITH_BASE
from pairforge.sample import Fact


def _thing(proof: Proof, fact: Fact, subjects: int = 1) -> Solid:
    need(len(fact.subjects) == subjects, f"subjects {fact.subjects}")
    for i in fact.subjects:
        need(i in proof.solids and i in proof.seen_anywhere, f"instance {i} is not in view")
    need(proof.ego is None and proof.row(fact.subjects[0]).semantic == "object", "not a small thing")
    return proof.solids[fact.subjects[0]]


def touches(proof: Proof, instance_id: int) -> set[int]:
    """What it is in contact with now, give or take the slack."""
    now, slack = proof.frame.time_ns, policy.CONTACT_SLACK_NS
    found = set()
    for contact in proof.record.contacts:
        pair = {contact.instance_a, contact.instance_b}
        if instance_id in pair and contact.t0_ns - slack <= now <= contact.t1_ns + slack:
            found |= pair - {instance_id}
    return found


@check("falling")
def _falling(proof: Proof, fact: Fact) -> Derived:
    body = _thing(proof, fact)
    need(not touches(proof, fact.subjects[0]), "it touches something")
    return Derived(-float(body.velocity[2]), policy.FALLING_MPS, unit="m/s", frame="world")


@check("at_rest")
def _at_rest(proof: Proof, fact: Fact) -> Derived:
    body = _thing(proof, fact)
    need(bool(touches(proof, fact.subjects[0])), "it touches nothing")
    return Derived(float(np.linalg.norm(body.velocity)), policy.RESTING_MPS, True, "m/s", frame="world")


@check("stirring")
def _stirring(proof: Proof, fact: Fact) -> Derived:
    body = _thing(proof, fact)
    need(bool(touches(proof, fact.subjects[0])), "it touches nothing")
    return Derived(float(np.linalg.norm(body.velocity)), policy.STIRRING_MPS, unit="m/s", frame="world")


def over(body: Solid, under: Solid) -> bool:
    """Whether a body's centre lies above the other's base rectangle, in the other's own axes."""
    local = under.turn.T @ (body.centre - under.centre)
    return bool((np.abs(local[:2]) <= under.half[:2]).all())


@check("on_top_of")
def _on_top_of(proof: Proof, fact: Fact) -> Derived:
    body, under = _thing(proof, fact, 2), proof.solids[fact.subjects[1]]
    need(fact.subjects[1] in touches(proof, fact.subjects[0]), "they do not touch")
    top, low, high = under.corners[:, 2].max(), body.corners[:, 2].min(), body.corners[:, 2].max()
    need(abs(under.turn[2, 2]) >= policy.ALIGNED_COS and over(body, under), "it is not above it")
    need(float(body.centre[2]) > top, "its centre is not above it")
    return Derived(float(top - low), float(max(0.02, (high - low) / 4)), True, "m", frame="world")


@check("height_above")
def _height_above(proof: Proof, fact: Fact) -> Derived:
    body, table = _thing(proof, fact, 2), proof.solids[fact.subjects[1]]
    need(table.row.semantic == "table", f"a {table.row.semantic}")
    need(not touches(proof, fact.subjects[0]) and over(body, table), "it is not in the air above it")
    height = float(body.corners[:, 2].min() - table.corners[:, 2].max()) * 100
    need(height >= 2.0, f"{height:.1f} cm")
    return spoken(height, 1.0 if height < 20 else 5.0, "cm", "world")


@check("on_its_side")
def _on_its_side(proof: Proof, fact: Fact) -> Derived:
    body = _thing(proof, fact)
    need(proof.names(fact.subjects[0])[0] in WITH_BASE, "it has no base to stand on")
    need(bool(touches(proof, fact.subjects[0])), "it touches nothing")
    need(float(np.linalg.norm(body.velocity)) <= policy.RESTING_MPS, "it moves")
    lean = float(np.degrees(np.arcsin(np.clip(abs(body.turn[2, 2]), 0.0, 1.0))))
    return Derived(90.0 - lean, policy.LYING_DEG, unit="deg", frame="world")


@check("airborne")
def _airborne(proof: Proof, fact: Fact) -> Derived:
    body = _thing(proof, fact)
    tables = [i for i in proof.solids if proof.row(i).semantic == "table" and i in proof.seen_anywhere]
    need(len(tables) == 1, f"{len(tables)} tables")
    need(not touches(proof, fact.subjects[0]), "it touches something")
    need(over(body, proof.solids[tables[0]]), "it is not above the table")
    height = float(body.corners[:, 2].min() - proof.solids[tables[0]].corners[:, 2].max()) * 100
    return Derived(height, policy.AIRBORNE_CM, unit="cm", frame="world")


@check("leans_on")
def _leans_on(proof: Proof, fact: Fact) -> Derived:
    body, under = _thing(proof, fact, 2), proof.solids[fact.subjects[1]]
    need(proof.names(fact.subjects[0])[0] in FLAT_FACED, "no face to lean with")
    need(under.row.semantic not in ("table", "shelf"), "a table or a shelf")
    need(fact.subjects[1] in touches(proof, fact.subjects[0]), "they do not touch")
    need(len(touches(proof, fact.subjects[0])) > 1, "nothing else holds it")
    need(float(np.linalg.norm(body.velocity)) <= policy.STIRRING_MPS, "it moves")
    up = body.turn[:, 2]
    tilt = float(np.degrees(np.arctan2(np.hypot(up[0], up[1]), abs(up[2]))))
    need(tilt <= policy.PROPPED_MOST_DEG, f"tilted {tilt:.0f} degrees")
    return Derived(tilt, policy.PROPPED_DEG, unit="deg", frame="world")


def _arrival(proof: Proof, instance_id: int, contact_ns: int) -> tuple[F64, F64]:
    """Box centre and velocity just before a contact, from the stored track."""
    end = contact_ns - policy.BEFORE_NS
    track = proof.record.instance_tracks.get(instance_id)
    need(track is None or end - policy.APPROACH_NS >= int(track.times_ns[0]), "the track begins too late")
    places = []
    for t in (end - policy.APPROACH_NS, end):
        position, quaternion = proof.pose(instance_id, t)
        places.append(position + matrix_of(quaternion) @ np.array(proof.row(instance_id).centre_m))
    return places[1], (places[1] - places[0]) / (policy.APPROACH_NS * 1e-9)


@check("just_hit", "just_landed", "just_bumped")
def _strike(proof: Proof, fact: Fact) -> Derived:
    need(len(fact.subjects) == 2 and set(fact.subjects) <= proof.seen_anywhere, f"subjects {fact.subjects}")
    now = proof.frame.time_ns
    between = [c for c in proof.record.contacts if {c.instance_a, c.instance_b} == set(fact.subjects)]
    fresh = [c for c in between if 0 <= now - c.t0_ns <= policy.JUST_NS and c.t0_ns == fact.t0_ns]
    need(bool(fresh) and fresh[0].peak_force_n >= policy.HIT_FORCE_N, "no such contact has just begun")
    earlier = [c for c in between if c.t0_ns < fact.t0_ns and c.t1_ns > now - 2 * policy.JUST_NS]
    need(not earlier, "they were in contact before")
    (high, v), (low, w) = (_arrival(proof, i, fact.t0_ns) for i in fact.subjects)
    lead = float(np.linalg.norm(v) - np.linalg.norm(w))
    need(lead >= policy.STRIKER_LEAD_MPS, "the other was as fast")
    relative = v - w
    speed = float(np.sqrt((relative**2).sum()))
    steep = -float(relative[2]) / speed
    if fact.predicate == "just_bumped":
        need(abs(steep) <= policy.SIDE_SHARE, "it came from above or below")
        return Derived(speed, policy.BUMP_MPS, unit="m/s", frame="world", t0_ns=fact.t0_ns)
    need(steep >= policy.DOWN_SHARE and high[2] > low[2], "it did not come from above")
    on_it = fact.subjects[1] in touches(proof, fact.subjects[0])
    need(on_it == (fact.predicate == "just_landed"), "it is on it still" if on_it else "it is off again")
    return Derived(speed, policy.STRIKE_MPS, unit="m/s", frame="world", t0_ns=fact.t0_ns)
