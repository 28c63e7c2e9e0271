"""Predicates of what bears a thing, derived once more."""

from __future__ import annotations

import numpy as np

from pairforge.datasets import claims_policy as policy
from pairforge.datasets.claims_checks import Derived, check, need, shot_of
from pairforge.datasets.claims_scene import Proof
from pairforge.datasets.claims_table import over, touches
from pairforge.sample import Fact
from pairforge.scenes.taxonomy import BY_NAME


def _pixels(proof: Proof, fact: Fact, *names: str) -> int:
    counts = np.bincount(shot_of(proof, fact).camera.semantic.ravel(), minlength=256)
    return int(sum(counts[BY_NAME[name].semantic_id] for name in names))


@check("on_ground")
def _on_ground(proof: Proof, fact: Fact) -> Derived:
    need(len(fact.subjects) == 1, f"subjects {fact.subjects}")
    (one,) = fact.subjects
    need(fact.sensor in proof.shots and one in proof.sure(fact.sensor), "it is not in view")
    need(proof.row(one).semantic in ("object", "street_furniture", "table"), "it has no standing")
    need(proof.ego is None, "we are on a road")
    shows = _pixels(proof, fact, "floor", "terrain", "road", "pavement")
    need(shows >= policy.SCENERY_PX, "no ground in view")
    word = "floor" if _pixels(proof, fact, "wall") >= policy.SCENERY_PX else "ground"
    heights, touched = proof.solids[one].corners[:, 2], touches(proof, one)
    fixed = one not in proof.record.instance_tracks and not touched
    need(fixed or 0 in touched, "nothing says that it stands on the ground")
    slack = float(np.ptp(heights)) / 4 if 0 in touched else 0.0
    low = abs(float(heights.min()))
    return Derived(low, max(policy.GROUND_M, slack), True, "m", argument=word, frame="world")


@check("upon")
def _upon(proof: Proof, fact: Fact) -> Derived:
    need(len(fact.subjects) == 2 and set(fact.subjects) <= set(proof.solids), f"subjects {fact.subjects}")
    one, table = fact.subjects
    need(set(fact.subjects) <= proof.seen_anywhere, "it is not in view")
    need(proof.ego is None and proof.row(one).semantic == "object", "not a small thing")
    need(proof.row(table).semantic == "table", f"a {proof.row(table).semantic}")
    joined, before = {one}, set[int]()
    while joined != before:
        before = set(joined)
        joined |= {j for i in before - {table} for j in touches(proof, i) if j != 0}
    need(table in joined, "nothing joins it to the table")
    body, top = proof.solids[one], float(proof.solids[table].corners[:, 2].max())
    need(over(body, proof.solids[table]), "it is not over the table")
    return Derived(float(body.centre[2]) - top, 0.0, unit="m", frame="world")
