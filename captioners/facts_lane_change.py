"""Who leaves a lane: ourselves moving over, others coming into our lane; and whether the lane itself bends."""

from __future__ import annotations

import numpy as np

from pairforge.captioners import policy
from pairforge.captioners.facts_list import FactList, Scene
from pairforge.captioners.lanes import Way
from pairforge.captioners.motion import motion_of
from pairforge.captioners.nouns import VEHICLES
from pairforge.captioners.view import Body


def lane_change_facts(scene: Scene, found: FactList) -> None:
    """Facts about sideways motion over lanes, from stored poses, velocities and the lanes of the record. Where lanes
    overlap, every way that we may be on must say the same."""
    if scene.ego_id is None or not scene.record.lanes:
        return
    ego = scene.bodies[scene.ego_id]
    ways = scene.ways
    if not ways:
        return
    motion = motion_of(scene.record, scene.ego_id, scene.frame.time_ns)
    # Who turns at a junction goes across lanes too, but does not move over.
    if motion is not None and abs(motion.yaw_rate) <= policy.TURNING_RADPS:
        _moving_over(ego, ways, found)
    for body in scene.others:
        if body.row.semantic in VEHICLES and body.instance_id in scene.told:
            _entering(body, ways, found)


def _moving_over(ego: Body, ways: list[Way], found: FactList) -> None:
    """We drive along the lanes, and sideways over them."""
    speeds = [_sideways(ego, way) for way in ways]
    least = min(abs(v) for v in speeds)
    if least < policy.SIDEWAYS_MPS or len({v > 0 for v in speeds}) > 1:
        return
    found.add(
        "ego_moving_over",
        ego.instance_id,
        argument="left" if speeds[0] > 0 else "right",
        frame="ego",
        value=least,
        unit="m/s",
        threshold=policy.SIDEWAYS_MPS,
        evidence=("boxes3d", "scenes", "trajectories"),
    )


def _sideways(ego: Body, way: Way) -> float:
    """How fast we go to the left over a way; 0 when we do not drive along it."""
    forward = way.place(ego.centre[:2]).forward
    forward = forward if float(forward @ ego.forward) > 0.0 else -forward
    if float(forward @ ego.forward) < policy.ALIGNED_COS:
        return 0.0
    return float(forward[0] * ego.velocity[1] - forward[1] * ego.velocity[0])


def _entering(body: Body, ways: list[Way], found: FactList) -> None:
    """A vehicle ahead beside our lane that comes towards its middle."""
    speeds = [_inwards(body, way) for way in ways]
    least = min(speed for speed, _ in speeds)
    if least >= policy.SIDEWAYS_MPS and len({side for _, side in speeds}) == 1:
        found.add(
            "entering_lane",
            body.instance_id,
            argument=speeds[0][1],
            frame="ego",
            value=least,
            unit="m/s",
            threshold=policy.SIDEWAYS_MPS,
            evidence=("boxes3d", "scenes", "trajectories"),
        )


def _inwards(body: Body, way: Way) -> tuple[float, str]:
    """How fast a vehicle beside a way comes towards its middle, and from which side; 0 when it is not beside it."""
    place = way.place(body.centre[:2])
    side, width = "left" if place.left_m > 0 else "right", way.width_m(place.along_m)
    beside = width / 2 - policy.LANE_MARGIN_M < abs(place.left_m) <= policy.BESIDE_SHARE_OF_LANE * width
    if not beside or not way.ahead(place) or float(body.forward @ place.forward) < policy.ALIGNED_COS:
        return 0.0, side
    sideways = float(place.forward[0] * body.velocity[1] - place.forward[1] * body.velocity[0])
    return -sideways if place.left_m > 0 else sideways, side


def lane_bends(scene: Scene, ego: Body, yaw_rate: float) -> bool:
    """Whether every way that we may be on turns as we do; where there are no lanes our own turning must do."""
    if not scene.record.lanes:
        return True
    ways = scene.ways
    return bool(ways) and all(_bends(way, ego, yaw_rate) for way in ways)


def _bends(way: Way, ego: Body, yaw_rate: float) -> bool:
    step = policy.BEND_M * ego.forward
    a, b = (way.place(ego.centre[:2] + k * step).forward for k in (-1.0, 1.0))
    turned = float(np.arctan2(a[0] * b[1] - a[1] * b[0], a @ b)) / (2.0 * policy.BEND_M)
    speed = float(np.linalg.norm(ego.velocity[:2]))
    along = 1.0 if float(a @ ego.forward) > 0.0 else -1.0
    return bool(along * turned * speed * np.sign(yaw_rate) >= policy.BEND_SHARE * abs(yaw_rate))
