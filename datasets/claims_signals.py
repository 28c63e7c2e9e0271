"""Lights, lines and the right of way, derived once more: lamps by stored poses, programmes by their switches."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

import numpy as np
import shapely

from pairforge.datasets import claims_policy as policy
from pairforge.datasets.claims_checks import Derived, check, need, shot_of
from pairforge.datasets.claims_lanes import Track, on_lane, tracks, tracks_of
from pairforge.datasets.claims_road import METRES, nearest_step, spoken
from pairforge.datasets.claims_scene import F64, Proof, Solid
from pairforge.datasets.claims_traffic import RIDING, graph_row, road_user
from pairforge.sample import Fact, SceneRecord

_GLOWING = {frozenset(["red"]): "red", frozenset(["yellow"]): "yellow", frozenset(["green"]): "green"}
_GLOWING |= {frozenset(["red", "yellow"]): "red_yellow"}
_DARK_M = 0.02


def _switches(behaviour: Mapping[str, Any]) -> tuple[list[tuple[float, str]], float]:
    """When within its cycle a light takes on which state, and how long the cycle is; equal neighbours are one."""
    at, starts = 0.0, list[tuple[float, str]]()
    for state, seconds in behaviour["programme"]:
        if not starts or starts[-1][1] != state:
            starts.append((at, state))
        at += float(seconds)
    if len(starts) > 1 and starts[0][1] == starts[-1][1]:
        del starts[0]
    return starts, at


def state_at(behaviour: Mapping[str, Any], time_s: float) -> tuple[str, float]:
    """A light's state, and seconds to its nearest switch, before or after."""
    starts, cycle = _switches(behaviour)
    into = (time_s + float(behaviour.get("offset_s", 0.0))) % cycle
    before = [s for s in starts if s[0] <= into]
    state = (before or starts)[-1][1]
    if len(starts) == 1:
        return state, cycle
    gaps = [abs(into - start) for start, _ in starts]
    return state, min(min(gap, cycle - gap) for gap in gaps)


def light_of(record: SceneRecord, name: str | None) -> tuple[int, Mapping[str, Any]] | None:
    """A signal's instance id and behaviour, by its name; None where there is none of that name."""
    for item in record.concrete.get("items", ()):
        if name and item["name"] == name and item["motion"] == "signal":
            ids = [r.instance_id for r in record.instances if r.name == name]
            return (ids[0], item["behaviour"]) if ids else None
    return None


@check("signal_shows")
def _shows(proof: Proof, fact: Fact) -> Derived:
    shot = shot_of(proof, fact)
    need(len(fact.subjects) == 1, f"subjects {fact.subjects}")
    light, row = fact.subjects[0], proof.row(fact.subjects[0])
    known = light_of(proof.record, row.name)
    need(row.semantic == "traffic_light" and known is not None, f"a {row.semantic}")
    lamps = {p.part_id: p.name.rsplit(".glow_", 1)[1] for p in proof.record.parts if p.instance_id == light
             and ".glow_" in p.name and ".glow_walk_" not in p.name}  # fmt: skip
    px = {colour: int((shot.camera.part == part).sum()) for part, colour in lamps.items()}
    seen = frozenset(colour for colour, n in px.items() if n > 0)
    state = _GLOWING.get(seen, "")
    need(state != "", f"lamps {sorted(seen)} show")
    lit = frozenset(colour for part, colour in lamps.items() if _out(proof, part))
    need(lit == seen, f"lamps {sorted(lit)} are lit")
    _, steady = state_at(known[1] if known else {}, proof.frame.time_ns * 1e-9)
    need(steady >= policy.STEADY_S, "it is just switching")
    return Derived(min(px[c] for c in seen), policy.LAMP_PX, unit="px", argument=state)


def _out(proof: Proof, part_id: int) -> bool:
    """Whether a lamp stands before its lens, further out than where it is when dark: the least of all its places."""
    track = proof.record.part_tracks[part_id]
    now = proof.record.world_from_part(part_id, proof.frame.time_ns).position_m
    owner = proof.record.parts[part_id - 1].instance_id
    out = proof.record.instance_poses[owner].rotation @ np.array([1.0, 0.0, 0.0])
    home = proof.record.instance_poses[owner].position_m
    return bool((now - home) @ out > _DARK_M) and len(track.times_ns) > 0


def _front(way: Track, body: Solid) -> float:
    tip = body.centre[:2] + body.heading * body.half[0]
    return way.at(tip).along


def gate_of(proof: Proof, ways: list[Track], body: Solid) -> tuple[int, float]:
    """The lane (its place in the record) at whose end a body must heed something next, and metres from its front;
    refutes where its ways do not agree."""
    need(bool(ways), "there is no telling its lane")
    found = []
    for way in ways:
        front, begin = _front(way, body), 0.0
        for k, end in zip(way.chain, way.ends, strict=True):
            row = graph_row(proof, k)
            if row["stop_m"] is not None or row["signal"] is not None:
                line = end if row["stop_m"] is None else begin + float(row["stop_m"])
                if line >= front - policy.OVER_LINE_M:
                    found.append((k, line - front))
                    break
            begin = end
    need(len(found) == len(ways) and len({k for k, _ in found}) == 1, "its ways lead to different lines")
    need(found[0][1] <= policy.GATE_M, f"the line is {found[0][1]:.0f} m away")
    return found[0]


def _own_gate(proof: Proof, fact: Fact, last: bool = False) -> tuple[int, float]:
    need(proof.ego is not None and fact.subjects[-1 if last else 0] == proof.ego, "of the ego alone")
    return gate_of(proof, tracks(proof), proof.solids[proof.ego or 0])


@check("stop_line")
def _stop_line(proof: Proof, fact: Fact) -> Derived:
    need(len(fact.subjects) == 1, f"subjects {fact.subjects}")
    metres = max(_own_gate(proof, fact)[1], 0.0)
    return spoken(metres, nearest_step(metres, METRES), "m", "ego")


@check("signal_state")
def _signal_state(proof: Proof, fact: Fact) -> Derived:
    need(len(fact.subjects) == 2, f"subjects {fact.subjects}")
    k, _ = _own_gate(proof, fact, last=True)
    known = light_of(proof.record, graph_row(proof, k)["signal"])
    need(known is not None and known[0] == fact.subjects[0], "another light rules our lane, or none")
    state, steady = state_at(known[1] if known else {}, proof.frame.time_ns * 1e-9)
    return Derived(steady, policy.STEADY_S, unit="s", argument=state, frame="ego")


@check("must_stop")
def _must_stop(proof: Proof, fact: Fact) -> Derived:
    need(len(fact.subjects) == 1, f"subjects {fact.subjects}")
    k, metres = _own_gate(proof, fact)
    row = graph_row(proof, k)
    known = light_of(proof.record, row["signal"])
    off = known is None or state_at(known[1], proof.frame.time_ns * 1e-9)[0] == "off"
    need(bool(row["must_stop"]) and off, "no stop sign rules there")
    return Derived(metres, policy.GATE_M, True, "m", frame="ego")


@check("waits_at_red")
def _waits_at_red(proof: Proof, fact: Fact) -> Derived:
    body = road_user(proof, fact, RIDING, ego_too=True)
    need(len(fact.subjects) == 2 and body.ground_speed <= policy.STILL_MPS, "it moves")
    k, metres = gate_of(proof, tracks_of(proof, body), body)
    known = light_of(proof.record, graph_row(proof, k)["signal"])
    need(known is not None and known[0] == fact.subjects[1], "another light rules its lane, or none")
    state, steady = state_at(known[1] if known else {}, proof.frame.time_ns * 1e-9)
    need(state in ("red", "red_yellow") and steady >= policy.STEADY_S, f"the light is {state}")
    return Derived(metres, policy.AT_LINE_M, True, "m", frame="world")


@check("must_yield_to")
def _must_yield_to(proof: Proof, fact: Fact) -> Derived:
    need(len(fact.subjects) == 2 and proof.ego in fact.subjects, f"subjects {fact.subjects}")
    for i in fact.subjects:
        need(
            i in proof.solids and (i == proof.ego or i in proof.noticed), f"instance {i} is not to be told of"
        )
        need(i == proof.ego or proof.solids[i].row.semantic in RIDING, "no road user in a lane")
    one, other = (proof.solids[i] for i in fact.subjects)
    mine, theirs = dict(_junction_lanes(proof, one)), dict(_junction_lanes(proof, other))
    need(bool(mine) and bool(theirs), "one of them comes to no junction")
    for a in mine:
        for b in theirs:
            first = proof.record.lanes[b][0] in graph_row(proof, a)["yields_to"]
            need(first and _still_to_meet(proof, a, one, b, other), "the one need not let the other go")
    return Derived(max(mine.values()), policy.GATE_M, True, "m", frame="world")


def _junction_lanes(proof: Proof, body: Solid) -> Iterator[tuple[int, float]]:
    """Lanes over the next junction, by each way that the track does not leave, and metres to their start; a red light
    before one refutes."""
    found: dict[int, float] = {}
    for way in tracks_of(proof, body):
        front = _front(way, body)
        begins = (0.0, *way.ends[:-1])
        ahead = [n for n, k in enumerate(way.chain) if graph_row(proof, k)["junction"] is not None
                 and way.ends[n] > front]  # fmt: skip
        if not ahead:
            continue
        n = ahead[0]
        if begins[n] - front > policy.GATE_M or _left_later(proof, body, way.chain[n]):
            continue
        if n > 0:
            known = light_of(proof.record, graph_row(proof, way.chain[n - 1])["signal"])
            if known is not None:
                state, steady = state_at(known[1], proof.frame.time_ns * 1e-9)
                free = state in ("green", "yellow", "off") and steady >= policy.STEADY_S
                need(free, f"a light holds instance {body.row.instance_id}")
        found.setdefault(way.chain[n], begins[n] - front)
    yield from found.items()


def _left_later(proof: Proof, body: Solid, k: int) -> bool:
    """Whether the body's track, from now on, strays from a lane where it runs beside it."""
    track = proof.record.instance_tracks.get(body.row.instance_id)
    if track is None:
        return False
    line = proof.record.lanes[k][2]
    length = shapely.LineString(line[:, :2]).length
    for xyz in track.positions_m[np.searchsorted(track.times_ns, proof.frame.time_ns) :][::20]:
        here = on_lane(line, xyz[:2])
        if 0.0 <= here.along <= length and abs(here.left) > policy.YIELD_STRAY_M:
            return True
    return False


def _still_to_meet(proof: Proof, a: int, one: Solid, b: int, other: Solid) -> bool:
    """Whether the first place where the two lanes come close lies before the one's front and the other's rear."""
    first, second = (proof.record.lanes[k] for k in (a, b))
    string = shapely.LineString(first[2][:, :2])
    for along in np.arange(0.0, string.length, policy.YIELD_STEP_M):
        xy: F64 = np.array(string.interpolate(along).coords[0])
        there = on_lane(second[2], xy)
        if abs(there.left) < policy.YIELD_NEAR * min(first[1], second[1]):
            front = on_lane(first[2], one.centre[:2] + one.heading * one.half[0]).along
            rear = on_lane(second[2], other.centre[:2] - other.heading * other.half[0]).along
            return bool(front < along and rear < there.along)
    return False
