"""Lanes and rules: who drives in which lane, against it, stands in it; speed limits; people at crossings; cones."""

from __future__ import annotations

import numpy as np

from pairforge.captioners import policy
from pairforge.captioners.facts_list import FactList, Scene
from pairforge.captioners.lane_map import LaneSpot
from pairforge.captioners.nouns import VEHICLES
from pairforge.captioners.view import Body
from pairforge.frames import F64

_RIDING = VEHICLES | {"cyclist"}
_LANES = ("boxes3d", "scenes")


def traffic_facts(scene: Scene, found: FactList) -> None:
    """Facts of every vehicle, cyclist and person near the ego that is seen or hit, and of the ego itself."""
    if scene.ego_id is None or not scene.record.lanes:
        return
    ego = scene.bodies[scene.ego_id]
    _limits(scene, ego, found)
    _wrong_way(ego, scene.lane_map.holding(ego.centre[:2]), found)
    for body in scene.others:
        if body.instance_id not in scene.told:
            continue
        if body.row.semantic in _RIDING:
            spots = scene.lane_map.holding(body.centre[:2])
            _in_lane(scene, ego, body, spots, found)
            _wrong_way(body, spots, found)
            _stalled(scene, body, spots, found)
            _over_limit(scene, body, spots, found)
        elif body.row.semantic == "pedestrian":
            _at_crossing(scene, body, found)
    _cones(scene, found)


def _in_lane(scene: Scene, ego: Body, body: Body, spots: list[LaneSpot], found: FactList) -> None:
    """ours, the next one to the left or right, or one of the other direction: as all lanes and ways agree."""
    words = {_beside(scene, way_k, body, spot) for way_k in range(len(scene.ways)) for spot in spots}
    word = next(iter(words)) if len(words) == 1 else ""
    if word:
        worst = max(spots, key=lambda s: (s.off_m - s.limit_m, -s.k))
        found.add(
            "in_lane",
            body.instance_id,
            ego.instance_id,
            argument=word,
            frame="ego",
            value=worst.off_m,
            unit="m",
            threshold=worst.limit_m,
            at_most=True,
            evidence=_LANES,
        )


def _beside(scene: Scene, way_k: int, body: Body, spot: LaneSpot) -> str:
    way = scene.ways[way_k]
    place = way.place(body.centre[:2])
    if not 0.0 <= place.along_m <= way.own_m + policy.LANE_LOOK_M:
        return ""
    width, cos = way.width_m(place.along_m), float(spot.forward @ place.forward)
    beside = place.left_m / width
    if cos >= policy.ALIGNED_COS:
        if abs(place.left_m) <= width / 2 - policy.LANE_MARGIN_M:
            return "ours"
        if policy.BESIDE_LEAST <= abs(beside) <= policy.BESIDE_MOST:
            return "left" if beside > 0 else "right"
    if cos <= -policy.ALIGNED_COS and policy.BESIDE_LEAST <= beside <= policy.ONCOMING_MOST:
        return "oncoming"
    return ""


def _wrong_way(body: Body, spots: list[LaneSpot], found: FactList) -> None:
    """Moves against every lane that it is in."""
    speed = float(np.linalg.norm(body.velocity[:2]))
    if not spots or speed < policy.MOVING_MPS:
        return
    against = -max(float(spot.forward @ body.velocity[:2]) for spot in spots) / speed
    if against >= policy.WRONG_WAY_COS:
        found.add(
            "wrong_way",
            body.instance_id,
            frame="world",
            value=against,
            unit="cosine",
            threshold=policy.WRONG_WAY_COS,
            evidence=(*_LANES, "trajectories"),
        )


def _stalled(scene: Scene, body: Body, spots: list[LaneSpot], found: FactList) -> None:
    """A vehicle that never moves, in a lane, with neither a queue nor a line before it to wait at."""
    if body.row.semantic not in VEHICLES or not spots:
        return
    track = scene.record.instance_tracks.get(body.instance_id)
    moved = 0.0
    if track is not None:
        moved = float(np.linalg.norm(track.positions_m[:, :2] - track.positions_m[0, :2], axis=1).max())
    if moved <= policy.STALLED_M and not any(_waits(scene, body, spot) for spot in spots):
        found.add(
            "stalled",
            body.instance_id,
            frame="world",
            value=moved,
            unit="m",
            threshold=policy.STALLED_M,
            at_most=True,
            evidence=(*_LANES, "trajectories"),
        )


def _waits(scene: Scene, body: Body, spot: LaneSpot) -> bool:
    row = scene.lane_map.graph[spot.k]
    if not row or row.get("junction") is not None:
        return True
    if row.get("stop_m") is not None and row["stop_m"] - spot.along_m <= policy.STALLED_LINE_M:
        return True
    for other in scene.others:
        if other.instance_id == body.instance_id or other.row.semantic not in _RIDING:
            continue
        offset = other.centre[:2] - body.centre[:2]
        ahead = float(offset @ spot.forward) - (other.size[0] + body.size[0]) / 2
        if 0.0 <= ahead <= policy.STALLED_AHEAD_M:
            there = scene.lane_map.nearest(other.centre[:2])[spot.k]
            if there.off_m <= scene.lane_map.lanes[spot.k][1] / 2:
                return True
    return False


def _limits(scene: Scene, ego: Body, found: FactList) -> None:
    """The limit of the ego's lane, where all that it may be in have the same, and whether the ego keeps it."""
    rows = [scene.lane_map.graph[way.chain[0]] for way in scene.ways]
    limits = {float(row["speed_limit_mps"]) for row in rows if "speed_limit_mps" in row}
    if len(limits) != 1 or not all(rows):
        return
    limit = limits.pop() * 3.6
    found.add_rounded(
        "speed_limit",
        ego.instance_id,
        value=limit,
        spoken=round(limit / 5.0) * 5.0,
        tolerance=2.5,
        unit="km/h",
        frame="world",
        evidence=("scenes",),
    )
    speed = float(np.linalg.norm(ego.velocity[:2]))
    over, evidence = speed * 3.6 - limit, (*_LANES, "trajectories")
    if over >= policy.OVER_KMH:
        found.add(
            "over_limit",
            ego.instance_id,
            frame="world",
            value=over,
            unit="km/h",
            threshold=policy.OVER_KMH,
            evidence=evidence,
        )
    elif over <= 0.0 and speed >= policy.MOVING_MPS:
        found.add(
            "within_limit",
            ego.instance_id,
            frame="world",
            value=over,
            unit="km/h",
            threshold=0.0,
            at_most=True,
            evidence=evidence,
        )


def _over_limit(scene: Scene, body: Body, spots: list[LaneSpot], found: FactList) -> None:
    """Faster than every lane that it is in allows."""
    rows = [scene.lane_map.graph[spot.k] for spot in spots]
    if not rows or body.row.semantic == "cyclist" or not all("speed_limit_mps" in row for row in rows):
        return
    limit = max(float(row["speed_limit_mps"]) for row in rows)
    over = (float(np.linalg.norm(body.velocity[:2])) - limit) * 3.6
    if over >= policy.OVER_KMH:
        found.add(
            "over_limit",
            body.instance_id,
            frame="world",
            value=over,
            unit="km/h",
            threshold=policy.OVER_KMH,
            evidence=(*_LANES, "trajectories"),
        )


def _at_crossing(scene: Scene, body: Body, found: FactList) -> None:
    """Somebody on foot on a marked crossing, or close beside the lanes where one is."""
    lanes = scene.lane_map.lanes
    clear = [spot.off_m - lanes[spot.k][1] / 2 for spot in scene.lane_map.nearest(body.centre[:2])]
    marked = [
        gap
        for spot, gap in zip(scene.lane_map.nearest(body.centre[:2]), clear, strict=True)
        if any(a <= spot.along_m <= b for a, b in scene.lane_map.graph[spot.k].get("crossings_m", ()))
    ]
    if not marked:
        return
    inside, beside = -min(marked), min(marked)
    if inside >= policy.CROSSING_M:
        found.add(
            "on_crossing",
            body.instance_id,
            frame="world",
            value=inside,
            unit="m",
            threshold=policy.CROSSING_M,
            evidence=_LANES,
        )
    elif min(clear) >= policy.CROSSING_M and beside <= policy.CROSSING_SIDE_M:
        found.add(
            "at_crossing",
            body.instance_id,
            frame="world",
            value=beside,
            unit="m",
            threshold=policy.CROSSING_SIDE_M,
            at_most=True,
            evidence=_LANES,
        )


def _cones(scene: Scene, found: FactList) -> None:
    """Traffic cones that stand in our lane ahead, on any way that we may be on, as one camera shows them."""
    for sensor in scene.eyes:
        ids = [
            i
            for i in scene.visible[sensor]
            if scene.record.instance(i).family == "traffic_cone"
            and _in_our_way(scene, scene.bodies[i].centre)
        ]
        if len(ids) >= policy.CONES:
            found.add(
                "cones_ahead",
                *ids,
                frame="ego",
                sensor=sensor,
                value=len(ids),
                threshold=policy.CONES,
                evidence=(*_LANES, "instances"),
            )


def _in_our_way(scene: Scene, centre: F64) -> bool:
    places = [(way, way.place(centre[:2])) for way in scene.ways]
    return bool(places) and all(
        abs(p.left_m) <= way.width_m(p.along_m) / 2 and way.own_m < p.along_m <= way.own_m + policy.GATE_M
        for way, p in places
    )
