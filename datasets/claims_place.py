"""Proof of what we are said to be on, from the stored lanes, instances and concrete scene."""

from __future__ import annotations

import shapely

from pairforge.datasets import claims_policy as policy
from pairforge.datasets.claims_checks import Derived, check, need
from pairforge.datasets.claims_scene import Proof
from pairforge.sample import Fact


@check("place")
def _place(proof: Proof, fact: Fact) -> Derived:
    lanes = proof.record.lanes
    need(len(lanes) > 0 and not fact.subjects, "there is no road")
    fast = _fast_mps(proof)
    if fact.argument == "motorway":
        return Derived(fast, policy.MOTORWAY_MPS, unit="m/s", argument="motorway", frame="world")
    need(fast < policy.MOTORWAY_MPS, "it is a motorway")
    houses = len([row for row in proof.record.instances if row.semantic == "building"])
    if fact.argument == "street":
        return Derived(float(houses), float(policy.STREET_BUILDINGS), argument="street", frame="world")
    need(fact.argument == "road", f"unknown place {fact.argument!r}")
    need(houses < policy.STREET_BUILDINGS, "it is a street")
    return Derived(float(len(lanes)), 1.0, argument="road", frame="world")


def _fast_mps(proof: Proof) -> float:
    """What may be driven where the ego is, on a carriageway of several lanes alone."""
    if proof.ego is None:
        return 0.0
    here = shapely.Point(proof.solids[proof.ego].centre[:2])
    edges = [
        (shapely.LineString(line[:, :2]).distance(here) - width / 2, i)
        for i, width, line in proof.record.lanes
    ]
    ours = min(edges, key=lambda pair: pair[0])[1]
    for lane in proof.record.concrete.get("lanes", []):
        beside = {lane.get("left"), lane.get("right")} - {None}
        if lane.get("lane_id") == ours and beside and lane.get("opposing") is None:
            return float(lane["speed_limit_mps"])
    return 0.0
