"""Lanes and rules, derived once more: shapely for lanes, the concrete scene's own lane graph for what rules there."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import shapely

from pairforge.datasets import claims_policy as policy
from pairforge.datasets.claims_checks import Derived, check, need, need_sure
from pairforge.datasets.claims_lanes import on_lane, tracks
from pairforge.datasets.claims_road import spoken
from pairforge.datasets.claims_scene import F64, Proof, Solid
from pairforge.sample import Fact

VEHICLES = ("car", "van", "truck", "bus")
RIDING = (*VEHICLES, "cyclist")
Place = tuple[int, float, float, F64]
"""Of a lane (by its place in the record) and a point: metres between, metres along it, and the lane's direction."""


def graph_row(proof: Proof, k: int) -> Mapping[str, Any]:
    """What the concrete scene says of a lane; refutes where it knows nothing of it."""
    wanted = proof.record.lanes[k][0]
    found = [row for row in proof.record.concrete.get("lanes", ()) if row["lane_id"] == wanted]
    need(len(found) == 1, f"the concrete scene has no lane {wanted}")
    row: Mapping[str, Any] = found[0]
    return row


def road_user(proof: Proof, fact: Fact, kinds: tuple[str, ...], ego_too: bool = False) -> Solid:
    """The first subject: of one of these classes, noticed by some sensor, or the ego where it may be."""
    need(len(fact.subjects) >= 1 and proof.ego is not None, f"subjects {fact.subjects}")
    one = fact.subjects[0]
    need(one in proof.solids, f"instance {one} has no box")
    need(one in proof.noticed if one != proof.ego else ego_too, f"instance {one} is not to be told of")
    body = proof.solids[one]
    need(one == proof.ego or body.row.semantic in kinds, f"a {body.row.semantic}")
    return body


def lane_places(proof: Proof, xy: F64) -> list[Place]:
    """Of every lane, where a point is beside it."""
    here, found = shapely.Point(xy), []
    for k, (_, _, line) in enumerate(proof.record.lanes):
        string = shapely.LineString(line[:, :2])
        along = float(string.project(here))
        corners = np.asarray(string.coords)
        pieces = shapely.linestrings(np.stack([corners[:-1], corners[1:]], axis=1))
        nearest = int(np.argmin(shapely.distance(pieces, here)))
        step = corners[nearest + 1] - corners[nearest]
        found.append((k, float(string.distance(here)), along, np.asarray(step / np.hypot(*step))))
    return found


def limit_of(proof: Proof, k: int) -> float:
    """How far off a lane's middle still counts as in it."""
    return float(proof.record.lanes[k][1]) / 2 - policy.LANE_MARGIN_M


def lanes_holding(proof: Proof, body: Solid) -> list[Place]:
    """The lanes that a body is in; refutes where it is in none."""
    found = [p for p in lane_places(proof, body.centre[:2]) if p[1] <= limit_of(proof, p[0])]
    need(bool(found), "it is in no lane")
    return found


@check("in_lane")
def _in_lane(proof: Proof, fact: Fact) -> Derived:
    body = road_user(proof, fact, RIDING)
    need(fact.subjects[1:] == (proof.ego,), "of the ego alone")
    held, ways = lanes_holding(proof, body), tracks(proof)
    need(bool(ways), "there is no telling which lane is ours")
    words = set()
    for way in ways:
        here = way.at(body.centre[:2])
        need(0.0 <= here.along <= way.own + policy.LANE_LOOK_M, "it is too far along")
        width = way.width(here.along)
        for _, _, _, direction in held:
            words.add(_word(float(direction @ np.array(here.direction)), here.left, width))
    need(len(words) == 1 and "" not in words, f"its lane is {sorted(words)}")
    k, off, _, _ = max(held, key=lambda p: p[1] - limit_of(proof, p[0]))
    return Derived(off, limit_of(proof, k), True, "m", words.pop(), "ego")


def _word(cosine: float, left: float, width: float) -> str:
    if cosine >= policy.ALIGNED_COS and abs(left) <= width / 2 - policy.LANE_MARGIN_M:
        return "ours"
    if (
        cosine >= policy.ALIGNED_COS
        and policy.BESIDE_LEAST * width <= abs(left) <= policy.BESIDE_MOST * width
    ):
        return "left" if left > 0 else "right"
    if cosine <= -policy.ALIGNED_COS and policy.BESIDE_LEAST * width <= left <= policy.ONCOMING_MOST * width:
        return "oncoming"
    return ""


@check("wrong_way")
def _wrong_way(proof: Proof, fact: Fact) -> Derived:
    body = road_user(proof, fact, RIDING, ego_too=True)
    need(body.ground_speed >= policy.MOVING_MPS, "it hardly moves")
    way = body.velocity[:2] / body.ground_speed
    cosines = [float(direction @ way) for _, _, _, direction in lanes_holding(proof, body)]
    return Derived(-max(cosines), policy.WRONG_WAY_COS, unit="cosine", frame="world")


@check("stalled")
def _stalled(proof: Proof, fact: Fact) -> Derived:
    body = road_user(proof, fact, VEHICLES)
    track = proof.record.instance_tracks.get(fact.subjects[0])
    spread = 0.0
    if track is not None:
        spread = float(np.hypot(*(track.positions_m[:, :2] - track.positions_m[0, :2]).T).max())
    for k, _, along, direction in lanes_holding(proof, body):
        row = graph_row(proof, k)
        need(row["junction"] is None, "it stands in a junction")
        stop = row["stop_m"]
        need(stop is None or stop - along > policy.STALLED_LINE_M, "it may wait at a line")
        for i, other in proof.solids.items():
            if i == fact.subjects[0] or i == proof.ego or other.row.semantic not in RIDING:
                continue
            ahead = float((other.centre - body.centre)[:2] @ direction) - other.half[0] - body.half[0]
            if 0.0 <= ahead <= policy.STALLED_AHEAD_M:
                off = shapely.LineString(proof.record.lanes[k][2][:, :2]).distance(
                    shapely.Point(other.centre[:2])
                )
                need(off > proof.record.lanes[k][1] / 2, "it may stand in a queue")
    return Derived(spread, policy.STALLED_M, True, "m", frame="world")


def _own_limit_kmh(proof: Proof) -> float:
    ways = tracks(proof)
    need(bool(ways), "there is no telling which lane is ours")
    limits = {float(graph_row(proof, way.chain[0])["speed_limit_mps"]) for way in ways}
    need(len(limits) == 1, f"limits {sorted(limits)}")
    return limits.pop() * 3.6


def _the_ego(proof: Proof, fact: Fact) -> Solid:
    need(proof.ego is not None and fact.subjects == (proof.ego,), f"{fact.subjects} is not the ego")
    return proof.solids[proof.ego or 0]


@check("speed_limit")
def _speed_limit(proof: Proof, fact: Fact) -> Derived:
    _the_ego(proof, fact)
    return spoken(_own_limit_kmh(proof), 5.0, "km/h", "world")


@check("within_limit")
def _within_limit(proof: Proof, fact: Fact) -> Derived:
    ego = _the_ego(proof, fact)
    need(ego.ground_speed >= policy.MOVING_MPS, "we hardly move")
    return Derived(ego.ground_speed * 3.6 - _own_limit_kmh(proof), 0.0, True, "km/h", frame="world")


@check("over_limit")
def _over_limit(proof: Proof, fact: Fact) -> Derived:
    body = road_user(proof, fact, VEHICLES, ego_too=True)
    if fact.subjects == (proof.ego,):
        limit = _own_limit_kmh(proof)
    else:
        held = lanes_holding(proof, body)
        limit = 3.6 * max(float(graph_row(proof, k)["speed_limit_mps"]) for k, *_ in held)
    return Derived(body.ground_speed * 3.6 - limit, policy.OVER_KMH, unit="km/h", frame="world")


@check("on_crossing", "at_crossing")
def _people_at_crossings(proof: Proof, fact: Fact) -> Derived:
    body = road_user(proof, fact, ("pedestrian",))
    gaps, marked = [], []
    for k, off, along, _ in lane_places(proof, body.centre[:2]):
        gap = off - float(proof.record.lanes[k][1]) / 2
        gaps.append(gap)
        if any(start <= along <= end for start, end in graph_row(proof, k)["crossings_m"]):
            marked.append(gap)
    need(bool(marked), "no crossing is marked there")
    if fact.predicate == "on_crossing":
        return Derived(-min(marked), policy.CROSSING_M, unit="m", frame="world")
    need(min(gaps) >= policy.CROSSING_M, "it is in a lane, or at its very edge")
    return Derived(min(marked), policy.CROSSING_SIDE_M, True, "m", frame="world")


@check("cones_ahead")
def _cones(proof: Proof, fact: Fact) -> Derived:
    need_sure(proof, fact, len(fact.subjects))
    need(proof.ego is not None, "there is no ego")
    found = [i for i in proof.sure(fact.sensor) if _cone_in_our_way(proof, i)]
    need(list(fact.subjects) == found, f"cones in our lane are {found}")
    return Derived(len(found), policy.CONES, frame="ego")


def _cone_in_our_way(proof: Proof, one: int) -> bool:
    if proof.row(one).family != "traffic_cone" or one not in proof.solids:
        return False
    places = [(way, on_lane(way.line, proof.solids[one].centre[:2])) for way in tracks(proof)]
    return bool(places) and all(
        way.own < p.along <= way.own + policy.GATE_M and abs(p.left) <= way.width(p.along) / 2
        for way, p in places
    )
