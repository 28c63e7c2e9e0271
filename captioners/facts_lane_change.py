"""Who leaves a lane: ourselves moving over, others coming into our lane; and whether the lane itself bends."""

from __future__ import annotations

import numpy as np

from pairforge.captioners import policy
from pairforge.captioners.facts_list import FactList, Scene
from pairforge.captioners.facts_road import LanePlace, place_on_lane
from pairforge.captioners.nouns import VEHICLES
from pairforge.captioners.view import Body


def lane_change_facts(scene: Scene, found: FactList) -> None:
    """Facts about sideways motion over lanes, from stored poses, velocities and the lanes of the record."""
    if scene.ego_id is None or not scene.record.lanes:
        return
    ego = scene.bodies[scene.ego_id]
    _, width, line = min(
        scene.record.lanes, key=lambda lane: abs(place_on_lane(lane[2], ego.centre[:2]).left_m)
    )
    own = place_on_lane(line, ego.centre[:2])
    _moving_over(ego, own, found)
    hit = {int(i) for lidar in scene.frame.lidars.values() for i in np.unique(lidar.instance)}
    for body in scene.others:
        if body.row.semantic in VEHICLES and body.instance_id in scene.seen | hit:
            _entering(body, place_on_lane(line, body.centre[:2]), own, width, found)


def _moving_over(ego: Body, own: LanePlace, found: FactList) -> None:
    """We drive along the lanes, and sideways over them."""
    way = own.forward if float(own.forward @ ego.forward) > 0.0 else -own.forward
    sideways = float(way[0] * ego.velocity[1] - way[1] * ego.velocity[0])
    if float(way @ ego.forward) < policy.ALIGNED_COS or abs(sideways) < policy.SIDEWAYS_MPS:
        return
    found.add(
        "ego_moving_over",
        ego.instance_id,
        argument="left" if sideways > 0 else "right",
        frame="ego",
        value=abs(sideways),
        unit="m/s",
        threshold=policy.SIDEWAYS_MPS,
        evidence=("boxes3d", "scenes", "trajectories"),
    )


def _entering(body: Body, place: LanePlace, own: LanePlace, width: float, found: FactList) -> None:
    """A vehicle ahead beside our lane that comes towards its middle."""
    beside = abs(place.left_m)
    if not width / 2 - policy.LANE_MARGIN_M < beside <= policy.BESIDE_SHARE_OF_LANE * width:
        return
    if place.along_m <= own.along_m or float(body.forward @ place.forward) < policy.ALIGNED_COS:
        return
    sideways = float(place.forward[0] * body.velocity[1] - place.forward[1] * body.velocity[0])
    towards = -sideways if place.left_m > 0 else sideways
    if towards >= policy.SIDEWAYS_MPS:
        found.add(
            "entering_lane",
            body.instance_id,
            argument="left" if place.left_m > 0 else "right",
            frame="ego",
            value=towards,
            unit="m/s",
            threshold=policy.SIDEWAYS_MPS,
            evidence=("boxes3d", "scenes", "trajectories"),
        )


def lane_bends(scene: Scene, ego: Body, yaw_rate: float) -> bool:
    """Whether the nearest lane turns as we do; where there are no lanes our own turning must do."""
    if not scene.record.lanes:
        return True
    lines = [line for _, _, line in scene.record.lanes]
    line = min(lines, key=lambda line: abs(place_on_lane(line, ego.centre[:2]).left_m))
    step = policy.BEND_M * ego.forward
    a, b = (place_on_lane(line, ego.centre[:2] + k * step).forward for k in (-1.0, 1.0))
    turned = float(np.arctan2(a[0] * b[1] - a[1] * b[0], a @ b)) / (2.0 * policy.BEND_M)
    speed = float(np.linalg.norm(ego.velocity[:2]))
    along = 1.0 if float(a @ ego.forward) > 0.0 else -1.0
    return bool(along * turned * speed * np.sign(yaw_rate) >= policy.BEND_SHARE * abs(yaw_rate))
