"""Where things are for the ego, and for things with a front of their own; and whether a viewer would say the same."""

from __future__ import annotations

import math
from itertools import permutations

import numpy as np

from pairforge.captioners import policy
from pairforge.captioners.facts_list import FactList, Scene
from pairforge.captioners.facts_relations import viewed
from pairforge.captioners.nouns import KMH, ROAD_USERS, rounded
from pairforge.captioners.view import Body

EIGHTHS = (
    *("ahead", "ahead on the left", "left", "behind on the left"),
    *("behind", "behind on the right", "right", "ahead on the right"),
)
_SIDES = (("ahead_of", 0.0), ("on_left_of", 90.0), ("to_rear_of", 180.0), ("on_right_of", -90.0))
_AS_SEEN = {
    "ahead_of": ("in_front_of", "behind"),
    "to_rear_of": ("behind", "in_front_of"),
    "on_left_of": ("left_of", "right_of"),
    "on_right_of": ("right_of", "left_of"),
}


def frame_facts(scene: Scene, found: FactList) -> None:
    """Bearings and closing speeds of road users from the ego; sides of things with a front among what is in view."""
    if scene.ego_id is not None:
        ego = scene.bodies[scene.ego_id]
        for body in scene.others:
            if body.row.semantic in ROAD_USERS | {"animal"} and body.instance_id in scene.told:
                _bearing(ego, body, found)
                _closing_speed(ego, body, found)
    related = sorted({i for sensor in scene.eyes for i in _related(scene, sensor)})
    for a, b in permutations(related, 2):
        if scene.record.instance(b).has_front:
            _own_side(scene.bodies[a], scene.bodies[b], found)
    for sensor in scene.eyes:
        _as_seen(scene, sensor, found)


def _related(scene: Scene, sensor: str) -> list[int]:
    """The largest things in view, as for the viewer's relations."""
    masks = scene.eyes[sensor].masks
    boxed = [
        i for i in scene.visible[sensor] if i in scene.bodies and scene.bodies[i].row.semantic != "table"
    ]
    return sorted(boxed, key=lambda i: (-masks[i].px, i))[: policy.RELATED_LIMIT]


def _off_deg(angle: float, middle: float) -> float:
    return abs((angle - middle + 180.0) % 360.0 - 180.0)


def _angle_deg(here: Body, there: Body) -> float:
    """Level angle of the way from one body's centre to another's, left of its heading."""
    to = there.centre[:2] - here.centre[:2]
    fx, fy = here.forward
    return math.degrees(math.atan2(fx * to[1] - fy * to[0], fx * to[0] + fy * to[1]))


def _bearing(ego: Body, body: Body, found: FactList) -> None:
    angle = _angle_deg(ego, body)
    word, off = min(((w, _off_deg(angle, 45.0 * k)) for k, w in enumerate(EIGHTHS)), key=lambda item: item[1])
    if off <= policy.BEARING_DEG:
        found.add(
            "bearing",
            body.instance_id,
            ego.instance_id,
            argument=word,
            frame="ego",
            value=off,
            unit="deg",
            threshold=policy.BEARING_DEG,
            at_most=True,
            evidence=("boxes3d",),
        )


def _closing_speed(ego: Body, body: Body, found: FactList) -> None:
    """How fast the way between the two centres grows shorter."""
    to = body.centre[:2] - ego.centre[:2]
    speed = float((ego.velocity[:2] - body.velocity[:2]) @ to) / max(float(np.linalg.norm(to)), 1e-9)
    if speed >= policy.CLOSING_MPS:
        spoken, tolerance = rounded(speed * 3.6, KMH)
        found.add_rounded(
            "closing_speed",
            body.instance_id,
            ego.instance_id,
            value=speed * 3.6,
            spoken=spoken,
            tolerance=tolerance,
            unit="km/h",
            frame="ego",
            evidence=("boxes3d", "trajectories"),
        )


def _own_side(body: Body, other: Body, found: FactList) -> None:
    """On which side of the other, in the other's own sense: beyond that side, within an angle of its middle."""
    to = body.centre[:2] - other.centre[:2]
    if float(np.linalg.norm(to)) > policy.FRONT_REACH_M:
        return
    angle = _angle_deg(other, body)
    for predicate, middle in _SIDES:
        off = _off_deg(angle, middle)
        if off <= policy.FRONT_DEG and _beyond(body, other, math.radians(middle)):
            found.add(
                predicate,
                body.instance_id,
                other.instance_id,
                frame="intrinsic",
                value=off,
                unit="deg",
                threshold=policy.FRONT_DEG,
                at_most=True,
                evidence=("boxes3d", "instances"),
            )


def _beyond(body: Body, other: Body, turn: float) -> bool:
    """Whether all of a body's outline lies beyond all of the other's, in a direction of the other's own."""
    fx, fy = other.forward
    way = np.array([fx * math.cos(turn) - fy * math.sin(turn), fy * math.cos(turn) + fx * math.sin(turn)])
    return float((body.footprint @ way).min() - (other.footprint @ way).max()) >= policy.FRONT_GAP_M


def _as_seen(scene: Scene, sensor: str, found: FactList) -> None:
    """Whether this camera's viewer, by image and depth, would use the same word for a side, or the opposite one."""
    own = [f for f in found.facts if f.predicate in _AS_SEEN]
    for fact in own:
        a, b = fact.subjects
        seen = viewed(scene, sensor, a, b)
        for predicate, word in zip(
            ("same_in_view", "opposite_in_view"), _AS_SEEN[fact.predicate], strict=True
        ):
            if word in seen:
                found.add(
                    predicate,
                    a,
                    b,
                    argument=fact.predicate,
                    frame="viewer",
                    sensor=sensor,
                    value=seen[word],
                    unit="ratio",
                    threshold=1.0,
                    evidence=("boxes3d", "instances", "sensors"),
                )
