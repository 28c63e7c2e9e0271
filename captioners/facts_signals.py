"""Lights and lines: what a lamp shows to a camera, what rules our lane, who waits at red, who must let whom go."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pairforge.captioners import policy
from pairforge.captioners.facts_list import FactList, Scene, member
from pairforge.captioners.lane_map import Gate, LaneMap, steady_s
from pairforge.captioners.lanes import Way, place_on_lane, places_on_lane
from pairforge.captioners.nouns import METRES, VEHICLES, rounded
from pairforge.captioners.view import Body

LIT = {"red": {"red"}, "yellow": {"yellow"}, "green": {"green"}, "red_yellow": {"red", "yellow"}}
_GO = ("green", "yellow", "off")
_RIDING = VEHICLES | {"cyclist"}


def signal_facts(scene: Scene, found: FactList) -> None:
    """Facts about traffic lights in the cameras' part images, and about lines and the right of way on the ground."""
    for sensor in scene.eyes:
        _shows(scene, sensor, found)
    if scene.ego_id is None or not scene.lane_map.graph or not any(scene.lane_map.graph):
        return
    ego = scene.bodies[scene.ego_id]
    gate = common_gate(scene.lane_map, scene.ways, ego)
    if gate is not None:
        _rules(scene, ego, gate, found)
    near = [
        b
        for b in scene.others
        if b.row.semantic in _RIDING
        and b.instance_id in scene.told
        and float(np.linalg.norm(b.centre[:2] - ego.centre[:2])) <= 2 * policy.GATE_M
    ]
    for body in (ego, *near):
        _waits_at_red(scene, body, found)
    _right_of_way(scene, ego, near, found)


def _shows(scene: Scene, sensor: str, found: FactList) -> None:
    """The state of every light whose lit lamps, and no other, show in a camera."""
    lights = dict(scene.lane_map.lights.values())
    if not lights or not lights.keys() & scene.eyes[sensor].masks.keys():
        return
    part = scene.eyes[sensor].camera.part
    px = np.bincount(part.ravel(), minlength=len(scene.record.parts) + 1)
    shown: dict[int, dict[str, int]] = {}
    for row in scene.record.parts:
        glow = row.name.rpartition(".glow_")[2] if ".glow_" in row.name else ""
        if row.instance_id in lights and glow in ("red", "yellow", "green") and px[row.part_id]:
            shown.setdefault(row.instance_id, {})[glow] = int(px[row.part_id])
    now = scene.frame.time_ns * 1e-9
    for light, lamps in sorted(shown.items()):
        state = lights[light].at(now)[0]
        if lamps.keys() == LIT.get(state) and steady_s(lights[light], now) >= policy.STEADY_S:
            least = min(lamps.values())
            if least >= policy.LAMP_PX:
                found.add(
                    "signal_shows",
                    light,
                    argument=state,
                    sensor=sensor,
                    value=least,
                    unit="px",
                    threshold=policy.LAMP_PX,
                    evidence=(member(sensor, "part"), "parts", "scenes"),
                )


def front_m(way: Way, body: Body) -> float:
    """How far along a way the middle of a body's front is."""
    return way.place(body.centre[:2] + body.forward * body.size[0] / 2).along_m


def common_gate(lanes: LaneMap, ways: list[Way], body: Body) -> tuple[Gate, float] | None:
    """The next gate of a body's way and metres from its front to the line, where all its ways have the same."""
    gates = [(lanes.gate(way, front_m(way, body)), front_m(way, body)) for way in ways]
    found = [(gate, gate.line_m - front) for gate, front in gates if gate is not None]
    if not found or len(found) < len(gates) or len({gate.k for gate, _ in found}) > 1:
        return None
    return found[0] if found[0][1] <= policy.GATE_M else None


def _rules(scene: Scene, ego: Body, gate: tuple[Gate, float], found: FactList) -> None:
    """The line ahead of us, and what rules there: a light and its state, or a stop sign."""
    row, to_line = scene.lane_map.graph[gate[0].k], gate[1]
    spoken, tolerance = rounded(max(to_line, 0.0), METRES)
    found.add_rounded(
        "stop_line",
        ego.instance_id,
        value=max(to_line, 0.0),
        spoken=spoken,
        tolerance=tolerance,
        unit="m",
        frame="ego",
        evidence=("boxes3d", "scenes"),
    )
    light = scene.lane_map.light_at(gate[0].k, scene.frame.time_ns)
    if light is not None and light[2] >= policy.STEADY_S:
        found.add(
            "signal_state",
            light[0],
            ego.instance_id,
            argument=light[1],
            frame="ego",
            value=light[2],
            unit="s",
            threshold=policy.STEADY_S,
            evidence=("scenes",),
        )
    if row.get("must_stop") and (light is None or light[1] == "off"):
        found.add(
            "must_stop",
            ego.instance_id,
            frame="ego",
            value=to_line,
            unit="m",
            threshold=policy.GATE_M,
            at_most=True,
            evidence=("boxes3d", "scenes"),
        )


def _waits_at_red(scene: Scene, body: Body, found: FactList) -> None:
    """Stands, first at the line of its lane, whose light is red."""
    if float(np.linalg.norm(body.velocity[:2])) > policy.STILL_MPS:
        return
    gate = common_gate(scene.lane_map, scene.ways_of(body), body)
    if gate is None or gate[1] > policy.AT_LINE_M:
        return
    light = scene.lane_map.light_at(gate[0].k, scene.frame.time_ns)
    if light is not None and light[1] in ("red", "red_yellow") and light[2] >= policy.STEADY_S:
        found.add(
            "waits_at_red",
            body.instance_id,
            light[0],
            frame="world",
            value=gate[1],
            unit="m",
            threshold=policy.AT_LINE_M,
            at_most=True,
            evidence=("boxes3d", "scenes", "trajectories"),
        )


@dataclass(frozen=True)
class _Turn:
    """A lane over a junction (its place in the record) that somebody may take, and metres from their front to it."""

    k: int
    entry_m: float


def _right_of_way(scene: Scene, ego: Body, near: list[Body], found: FactList) -> None:
    """Who must let whom go first, us or another, by every way over the junction that either may take."""
    ours = _over_junction(scene, ego)
    if not ours:
        return
    meetings = dict[tuple[int, int], tuple[float, float] | None]()
    for body in near:
        theirs = _over_junction(scene, body)
        _yields(scene, (ego, ours), (body, theirs), meetings, found)
        _yields(scene, (body, theirs), (ego, ours), meetings, found)


def _yields(
    scene: Scene,
    yielder: tuple[Body, list[_Turn]],
    other: tuple[Body, list[_Turn]],
    meetings: dict[tuple[int, int], tuple[float, float] | None],
    found: FactList,
) -> None:
    (one, mine), (two, theirs) = yielder, other
    pairs = [(a.k, b.k) for a in mine for b in theirs]
    if not pairs or not all(_goes_first(scene.lane_map, b, a) for a, b in pairs):
        return
    for pair in pairs:
        if pair not in meetings:
            meetings[pair] = _meeting(scene.lane_map, *pair)
        if not _ahead_of_both(scene.lane_map, pair, meetings[pair], one, two):
            return
    found.add(
        "must_yield_to",
        one.instance_id,
        two.instance_id,
        frame="world",
        value=max(turn.entry_m for turn in mine),
        unit="m",
        threshold=policy.GATE_M,
        at_most=True,
        evidence=("boxes3d", "scenes", "trajectories"),
    )


def _goes_first(lanes: LaneMap, b: int, a: int) -> bool:
    return lanes.graph[b].get("lane_id") in (lanes.graph[a].get("yields_to") or ())


def _over_junction(scene: Scene, body: Body) -> list[_Turn]:
    """The lanes over the junction ahead, or under it, that a body may take; none where its light holds it."""
    seen: dict[int, _Turn] = {}
    for way in scene.ways_of(body):
        front, start = front_m(way, body), 0.0
        before: int | None = None
        for k, end in zip(way.chain, way.ends_m.tolist(), strict=True):
            if scene.lane_map.graph[k].get("junction") is not None and end > front:
                if k not in seen and start - front <= policy.GATE_M and not _strays(scene, body, k):
                    held = None if before is None else scene.lane_map.light_at(before, scene.frame.time_ns)
                    if held is not None and (held[1] not in _GO or held[2] < policy.STEADY_S):
                        return []
                    seen[k] = _Turn(k, start - front)
                break
            start, before = end, k
    return list(seen.values())


def _strays(scene: Scene, body: Body, k: int) -> bool:
    """Whether the stored track, from now on, leaves the middle of a lane while beside it."""
    track, line = scene.record.instance_tracks.get(body.instance_id), scene.lane_map.lanes[k][2]
    if track is None:
        return False
    later = track.positions_m[np.searchsorted(track.times_ns, scene.frame.time_ns) :][::20, :2]
    along, left = places_on_lane(line, later)
    beside = (along >= 0.0) & (along <= scene.lane_map.lengths_m[k])
    return bool((beside & (np.abs(left) > policy.YIELD_STRAY_M)).any())


def _meeting(lanes: LaneMap, a: int, b: int) -> tuple[float, float] | None:
    """How far along two lanes the first place is, of the first one, where they come close; None where they do not."""
    one, two = lanes.lanes[a][2], lanes.lanes[b][2]
    near = policy.YIELD_NEAR * min(lanes.lanes[a][1], lanes.lanes[b][1])
    edge = np.linalg.norm(np.diff(one[:, :2], axis=0), axis=1)
    at, steps = np.concatenate([[0.0], np.cumsum(edge)]), np.arange(0.0, edge.sum(), policy.YIELD_STEP_M)
    points = np.stack([np.interp(steps, at, one[:, c]) for c in (0, 1)], axis=1)
    along, left = places_on_lane(two, points)
    close = np.flatnonzero(np.abs(left) < near)
    return (float(steps[close[0]]), float(along[close[0]])) if len(close) else None


def _ahead_of_both(
    lanes: LaneMap, pair: tuple[int, int], meeting: tuple[float, float] | None, one: Body, two: Body
) -> bool:
    """Whether a meeting place is still before the one's front, and not yet behind the other's rear."""
    if meeting is None:
        return False
    front = place_on_lane(lanes.lanes[pair[0]][2], one.centre[:2] + one.forward * one.size[0] / 2).along_m
    rear = place_on_lane(lanes.lanes[pair[1]][2], two.centre[:2] - two.forward * two.size[0] / 2).along_m
    return front + policy.YIELD_STEP_M < meeting[0] and rear + policy.YIELD_STEP_M < meeting[1]
