"""Predicates of things in, on and across others, derived once more."""

from __future__ import annotations

import numpy as np

from pairforge.datasets import claims_policy as policy
from pairforge.datasets.claims_checks import Derived, check, need
from pairforge.datasets.claims_scene import Proof, Solid
from pairforge.datasets.claims_table import over, touches
from pairforge.datasets.claims_words import HOLLOW
from pairforge.sample import Fact

_FURNITURE = frozenset({"table", "shelf", "furniture"})


def _small(proof: Proof, fact: Fact, subjects: int) -> Solid:
    need(len(fact.subjects) == subjects == len(set(fact.subjects)), f"subjects {fact.subjects}")
    need(proof.ego is None, "we are on a road")
    for i in fact.subjects:
        need(i in proof.solids and i in proof.seen_anywhere, f"instance {i} is not in view")
    need(proof.row(fact.subjects[0]).semantic == "object", "not a small thing")
    return proof.solids[fact.subjects[0]]


def _is_furniture(proof: Proof, instance_id: int) -> bool:
    return instance_id in proof.solids and proof.row(instance_id).semantic in _FURNITURE


def _component(proof: Proof, instance_id: int) -> set[int]:
    """What it hangs together with by contacts; furniture and the static world end a chain, and are part of it."""
    members = {instance_id}
    while True:
        open_ends = {
            i for i in members if i == instance_id or (i in proof.solids and not _is_furniture(proof, i))
        }
        more = set().union(*(touches(proof, i) for i in open_ends)) - members
        if not more:
            return members - {instance_id}
        members |= more


def _heights(solid: Solid) -> tuple[float, float]:
    z = solid.corners[:, 2]
    return float(z.min()), float(z.max())


@check("inside")
def _inside(proof: Proof, fact: Fact) -> Derived:
    body, vessel = _small(proof, fact, 2), proof.solids[fact.subjects[1]]
    need(proof.names(fact.subjects[1])[0] in HOLLOW, "nothing goes into that")
    beside = touches(proof, fact.subjects[0])
    need(0 not in beside and not any(_is_furniture(proof, i) for i in beside), "it lies beside it")
    need(fact.subjects[1] in _component(proof, fact.subjects[0]), "nothing joins them")
    need(float(vessel.turn[2, 2]) >= policy.ALIGNED_COS, "it does not stand upright")
    x, y = (vessel.turn.T @ (body.centre - vessel.centre))[:2] / (2 * policy.MOUTH_SHARE * vessel.half[:2])
    need(float(np.hypot(x, y)) <= 1.0, "it is not over its mouth")
    (low, high), (foot, rim) = _heights(body), _heights(vessel)
    need(low > foot, "it reaches below it")
    return Derived(rim - low, policy.SUNK_SHARE * min(high - low, rim - foot), unit="m", frame="world")


@check("on_shelf")
def _on_shelf(proof: Proof, fact: Fact) -> Derived:
    body = _small(proof, fact, 1)
    boards = {i: s for i, s in proof.solids.items() if proof.row(i).semantic == "shelf"}
    mine = sorted(boards.keys() & _component(proof, fact.subjects[0]))
    need(len(mine) == 1, f"shelves {mine} bear it")
    board = boards[mine[0]]
    need(over(body, board), "it is not over that shelf")
    level = _heights(board)[1]
    tops = [_heights(s)[1] for s in boards.values() if over(s, board)]
    higher, lower = sum(t > level for t in tops), sum(t < level for t in tops)
    need(higher + lower > 0, "there is one shelf alone")
    return Derived(
        float(body.centre[2]) - level, 0.0, unit="m", argument=_named(higher, lower), frame="world"
    )


def _named(higher: int, lower: int) -> str:
    """A shelf by how many are above and below it."""
    if higher == 0 or lower == 0:
        return "top shelf" if higher == 0 else "bottom shelf"
    if higher == lower:
        return "middle shelf"
    nth = {1: "second", 2: "third", 3: "fourth", 4: "fifth"}[min(higher, lower)]
    return f"{nth} shelf from the {'top' if higher < lower else 'bottom'}"


@check("across")
def _across(proof: Proof, fact: Fact) -> Derived:
    body = _small(proof, fact, 3)
    long = int(np.argmax(body.half[:2]))
    (low, high), spans = _heights(body), []
    slack = max(policy.GROUND_M, policy.SLOPE_SHARE * (high - low))
    for i in fact.subjects[1:]:
        end = proof.solids[i]
        need(i in touches(proof, fact.subjects[0]), f"it does not touch instance {i}")
        need(proof.row(i).semantic == "object", f"a {proof.row(i).semantic}")
        top = _heights(end)[1]
        need(top < high and top - low <= slack, f"it does not lie on instance {i}")
        spans.append(float(body.turn[:, long] @ (end.centre - body.centre)) / (2 * float(body.half[long])))
    need(np.sign(spans[0]) == -np.sign(spans[1]), "both are on one side of its middle")
    return Derived(min(map(abs, spans)), policy.SPAN_SHARE, unit="share", frame="world")


@check("fallen_off")
def _fallen_off(proof: Proof, fact: Fact) -> Derived:
    body, table = _small(proof, fact, 2), fact.subjects[1]
    need(proof.row(table).semantic == "table", f"a {proof.row(table).semantic}")
    need(table not in touches(proof, fact.subjects[0]), "it touches it still")
    ended = [
        c.t1_ns
        for c in proof.record.contacts
        if {c.instance_a, c.instance_b} == set(fact.subjects) and c.t1_ns < proof.frame.time_ns
    ]
    need(bool(ended), "it never lay there")
    return Derived(
        _heights(proof.solids[table])[1] - _heights(body)[1], policy.FALLEN_M, unit="m", frame="world"
    )
