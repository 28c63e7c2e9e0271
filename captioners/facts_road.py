"""Traffic around the ego: where in the lanes, how far, how fast, closing or not."""

from __future__ import annotations

import numpy as np

from pairforge.captioners import policy
from pairforge.captioners.facts_list import FactList, Scene
from pairforge.captioners.lanes import LanePlace, Way, clear_of_lanes_m
from pairforge.captioners.motion import Motion, motion_of
from pairforge.captioners.nouns import KMH, METRES, ROAD_USERS, SECONDS, VEHICLES, rounded
from pairforge.captioners.view import Body, footprint_gap

ON_FOOT = ("pedestrian", "animal")


def road_facts(scene: Scene, found: FactList) -> None:
    """Facts about every road user near the ego that is seen or hit."""
    assert scene.ego_id is not None
    ego = scene.bodies[scene.ego_id]
    ways = scene.ways
    leads: list[tuple[float, Body]] = []
    for body in scene.others:
        if body.row.semantic not in ROAD_USERS | {"animal"} or body.instance_id not in scene.told:
            continue
        gap = footprint_gap(ego.footprint, body.footprint)
        _distance(ego, body, gap, found)
        _motion(body, found)
        _roadside(ego, body, found)
        _crossing(scene, ego, body, found)
        if _lane(scene, ego, body, ways, found) == "ahead":
            leads.append((gap, body))
    if not leads:
        _clear(scene, ego, ways, found)
    else:
        gap, lead = min(leads, key=lambda item: (item[0], item[1].instance_id))
        found.add("lead", lead.instance_id, frame="ego", value=gap, unit="m", evidence=("boxes3d", "scenes"))
        _closing(ego, lead, gap, found)
        _slowing(motion_of(scene.record, lead.instance_id, scene.frame.time_ns), lead, found)


def _clear(scene: Scene, ego: Body, ways: list[Way], found: FactList) -> None:
    """Our lane is clear: nothing boxed, seen or not, stands within its width for some metres ahead, on any way."""
    if not ways:
        return
    gaps = [policy.LANE_LOOK_M]
    for body in scene.others:
        if any(_stands_in(way, body) for way in ways):
            gaps.append(footprint_gap(ego.footprint, body.footprint))
    if min(gaps) >= policy.LANE_CLEAR_M:
        found.add(
            "lane_clear",
            ego.instance_id,
            argument=f"{policy.LANE_CLEAR_M:.0f}",
            frame="ego",
            value=min(gaps),
            unit="m",
            threshold=policy.LANE_CLEAR_M,
            evidence=("boxes3d", "scenes"),
        )


def _stands_in(way: Way, body: Body) -> bool:
    """Whether any of a body's footprint is in the way, ahead."""
    width = way.width_m(way.place(body.centre[:2]).along_m)
    corners = [way.place(xy) for xy in body.footprint]
    left = [c.left_m for c in corners]
    inside = min(left) <= width / 2 and max(left) >= -width / 2
    return inside and any(way.ahead(c) for c in corners)


def _distance(ego: Body, body: Body, gap: float, found: FactList) -> None:
    spoken, tolerance = rounded(gap, METRES)
    found.add_rounded(
        "distance",
        body.instance_id,
        ego.instance_id,
        value=gap,
        spoken=spoken,
        tolerance=tolerance,
        unit="m",
        frame="ego",
        evidence=("boxes3d",),
    )


def _motion(body: Body, found: FactList) -> None:
    speed = float(np.linalg.norm(body.velocity[:2]))
    if speed <= policy.STILL_MPS:
        found.add(
            "still",
            body.instance_id,
            frame="world",
            value=speed,
            unit="m/s",
            threshold=policy.STILL_MPS,
            at_most=True,
            evidence=("boxes3d", "trajectories"),
        )
    elif speed >= policy.MOVING_MPS:
        found.add(
            "moving",
            body.instance_id,
            frame="world",
            value=speed,
            unit="m/s",
            threshold=policy.MOVING_MPS,
            evidence=("boxes3d", "trajectories"),
        )
        spoken, tolerance = rounded(speed * 3.6, KMH)
        found.add_rounded(
            "speed",
            body.instance_id,
            value=speed * 3.6,
            spoken=spoken,
            tolerance=tolerance,
            unit="km/h",
            frame="world",
            evidence=("boxes3d", "trajectories"),
        )


def _roadside(ego: Body, body: Body, found: FactList) -> None:
    """Left or right of the ego's own axis, for what is ahead."""
    offset = body.centre[:2] - ego.centre[:2]
    ahead = float(offset @ ego.forward)
    left = float(ego.forward[0] * offset[1] - ego.forward[1] * offset[0])
    if ahead > 0.0 and abs(left) >= policy.ROADSIDE_M:
        found.add(
            "roadside",
            body.instance_id,
            argument="left" if left > 0 else "right",
            frame="ego",
            value=abs(left),
            unit="m",
            threshold=policy.ROADSIDE_M,
            evidence=("boxes3d",),
        )


def _crossing(scene: Scene, ego: Body, body: Body, found: FactList) -> None:
    """Someone on foot who walks across the lanes ahead of us, or towards them."""
    lanes, speed = scene.record.lanes, float(np.linalg.norm(body.velocity[:2]))
    if not lanes or body.row.semantic not in ON_FOOT or speed < policy.MOVING_MPS:
        return
    way, offset = body.velocity[:2] / speed, body.centre[:2] - ego.centre[:2]
    left = np.array([-ego.forward[1], ego.forward[0]])
    if float(offset @ ego.forward) <= 0.0 or abs(float(way @ ego.forward)) > policy.CROSSING_COS:
        return
    beside = clear_of_lanes_m(lanes, body.centre[:2])
    come_from = "right" if float(way @ left) > 0 else "left"
    stands = "left" if float(offset @ left) > 0 else "right"
    if beside <= -policy.CROSSING_M:
        predicate, value, threshold = "crossing", -beside, policy.CROSSING_M
    elif policy.CROSSING_M <= beside <= policy.KERB_M and come_from == stands:
        predicate, value, threshold = "heading_for_road", beside, policy.KERB_M
    else:
        return
    found.add(
        predicate,
        body.instance_id,
        argument=come_from,
        frame="ego",
        value=value,
        unit="m",
        threshold=threshold,
        at_most=predicate == "heading_for_road",
        evidence=("boxes3d", "scenes"),
    )


def _lane(scene: Scene, ego: Body, body: Body, ways: list[Way], found: FactList) -> str:
    """Adds which lane a vehicle or cyclist is in; returns "ahead", "oncoming", "parked" or ""."""
    lanes = scene.record.lanes
    if not lanes or body.row.semantic in ON_FOOT:
        return ""
    speed = float(np.linalg.norm(body.velocity[:2]))
    inside = clear_of_lanes_m(lanes, body.centre[:2])
    if body.row.semantic in VEHICLES and speed <= policy.STILL_MPS and inside > policy.OFF_LANE_M:
        found.add(
            "parked",
            body.instance_id,
            frame="world",
            value=inside,
            unit="m",
            threshold=policy.OFF_LANE_M,
            evidence=("boxes3d", "scenes"),
        )
        return "parked"
    verdicts = [_ahead(way, body) for way in ways]
    if verdicts and all(v is not None for v in verdicts):
        place, limit = max((v for v in verdicts if v is not None), key=lambda v: (abs(v[0].left_m), v[1]))
        if all(float(body.forward @ v[0].forward) >= policy.ALIGNED_COS for v in verdicts if v is not None):
            found.add(
                "same_lane_ahead",
                body.instance_id,
                frame="ego",
                value=abs(place.left_m),
                unit="m",
                threshold=limit,
                at_most=True,
                evidence=("boxes3d", "scenes"),
            )
            return "ahead"
    if any(v is not None for v in verdicts):
        return ""
    facing = float(body.forward @ ego.forward)
    moving = speed >= policy.MOVING_MPS
    offset = float((body.centre[:2] - ego.centre[:2]) @ ego.forward)
    if moving and facing <= -policy.ALIGNED_COS and offset > 0.0:
        found.add(
            "oncoming",
            body.instance_id,
            frame="ego",
            value=-facing,
            unit="cosine",
            threshold=policy.ALIGNED_COS,
            evidence=("boxes3d",),
        )
        return "oncoming"
    return ""


def _ahead(way: Way, body: Body) -> tuple[LanePlace, float] | None:
    """Where a body is on a way, and how far from its middle it may be, if it is ahead in it."""
    place = way.place(body.centre[:2])
    limit = way.width_m(place.along_m) / 2 - policy.LANE_MARGIN_M
    return (place, limit) if way.ahead(place) and abs(place.left_m) <= limit else None


def _closing(ego: Body, lead: Body, gap: float, found: FactList) -> None:
    """Relative speed along the ego's axis, and the time until the gap is gone at that speed."""
    closing = float((ego.velocity[:2] - lead.velocity[:2]) @ ego.forward)
    subjects = (lead.instance_id, ego.instance_id)
    evidence = ("boxes3d", "trajectories")
    if closing >= policy.CLOSING_MPS:
        found.add(
            "closing",
            *subjects,
            frame="ego",
            value=closing,
            unit="m/s",
            threshold=policy.CLOSING_MPS,
            evidence=evidence,
        )
        if gap / closing <= policy.TTC_LIMIT_S and gap > 0.0:
            spoken, tolerance = rounded(gap / closing, SECONDS)
            found.add_rounded(
                "time_to_collision",
                *subjects,
                value=gap / closing,
                spoken=spoken,
                tolerance=tolerance,
                unit="s",
                frame="ego",
                evidence=evidence,
            )
    elif closing <= -policy.CLOSING_MPS:
        found.add(
            "pulling_away",
            *subjects,
            frame="ego",
            value=-closing,
            unit="m/s",
            threshold=policy.CLOSING_MPS,
            evidence=evidence,
        )
    elif abs(closing) <= policy.SAME_SPEED_MPS and min(ego.speed, lead.speed) >= policy.MOVING_MPS:
        found.add(
            "same_speed",
            *subjects,
            frame="ego",
            value=abs(closing),
            unit="m/s",
            threshold=policy.SAME_SPEED_MPS,
            at_most=True,
            evidence=evidence,
        )


def _slowing(motion: Motion | None, lead: Body, found: FactList) -> None:
    if motion is not None and motion.acceleration <= -policy.SLOWING_MPS2 and lead.speed >= policy.MOVING_MPS:
        found.add(
            "slowing",
            lead.instance_id,
            frame="world",
            value=-motion.acceleration,
            unit="m/s^2",
            threshold=policy.SLOWING_MPS2,
            evidence=("trajectories",),
        )
