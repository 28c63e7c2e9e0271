"""How things stand to each other for the viewer of one camera, with dead bands."""

from __future__ import annotations

from itertools import combinations

from pairforge.captioners import policy
from pairforge.captioners.facts_list import FactList, Scene, member
from pairforge.captioners.nouns import noun_of
from pairforge.captioners.view import Body, footprint_gap


def relation_facts(scene: Scene, sensor: str, found: FactList) -> None:
    """left_of/right_of by mask columns, in_front_of/behind by depth, nearest and largest of a noun."""
    masks = scene.eyes[sensor].masks
    boxed = [i for i in scene.visible[sensor] if i in scene.bodies and _relatable(scene, i)]
    largest = sorted(boxed, key=lambda i: (-masks[i].px, i))[: policy.RELATED_LIMIT]
    spans = {i: _depth_span(scene, sensor, scene.bodies[i]) for i in largest}
    for a, b in combinations(sorted(largest), 2):
        if all(scene.facing(sensor, i, policy.SIDES_DEG) for i in (a, b)):
            _beside(scene, sensor, a, b, found)
        if all(scene.facing(sensor, i, policy.AHEAD_DEG) for i in (a, b)):
            _in_depth(scene, sensor, a, b, spans, found)
    by_noun: dict[str, list[int]] = {}
    for instance_id in boxed:
        by_noun.setdefault(noun_of(scene.record.instance(instance_id)), []).append(instance_id)
    for noun, ids in sorted(by_noun.items()):
        if len(ids) > 1 and not any(noun_of(scene.record.instance(i)) == noun for i in scene.unsure[sensor]):
            _nearest(scene, sensor, noun, ids, found)
            _largest(scene, sensor, noun, ids, found)


def viewed(scene: Scene, sensor: str, a: int, b: int) -> dict[str, float]:
    """What a camera's viewer may say of ``a`` beside or before ``b``, as left_of, right_of, in_front_of and behind
    do, but of things with a front too: word -> how many times its threshold it reaches."""
    eye, found = scene.eyes[sensor], dict[str, float]()
    if not {a, b} <= set(scene.visible[sensor]):
        return found
    if all(scene.facing(sensor, i, policy.SIDES_DEG) for i in (a, b)):
        one, two = eye.masks[a], eye.masks[b]
        least = max(policy.BESIDE_SHARE * eye.width, min(m.box[2] - m.box[0] for m in (one, two)) / 2)
        if abs(one.col - two.col) >= least:
            found["left_of" if one.col < two.col else "right_of"] = abs(one.col - two.col) / least
    if all(scene.facing(sensor, i, policy.AHEAD_DEG) for i in (a, b)):
        spans = [_depth_span(scene, sensor, scene.bodies[i]) for i in (a, b)]
        (near, _), (far, _) = sorted(spans)
        least = (spans[0][1] + spans[1][1]) / 2 + policy.DEPTH_SHARE * abs(near)
        if far - near >= least:
            found["in_front_of" if spans[0][0] < spans[1][0] else "behind"] = (far - near) / least
    return found


def _relatable(scene: Scene, instance_id: int) -> bool:
    return scene.record.instance(instance_id).semantic != "table"


def _beside(scene: Scene, sensor: str, a: int, b: int, found: FactList) -> None:
    eye = scene.eyes[sensor]
    left, right = sorted((eye.masks[a], eye.masks[b]), key=lambda m: m.col)
    narrower = min(m.box[2] - m.box[0] for m in (left, right))
    value, threshold = right.col - left.col, max(policy.BESIDE_SHARE * eye.width, narrower / 2)
    if value < threshold:
        return
    for predicate, one, other in (("left_of", left, right), ("right_of", right, left)):
        found.add(
            predicate,
            one.instance_id,
            other.instance_id,
            frame="viewer",
            sensor=sensor,
            value=value,
            unit="px",
            threshold=threshold,
            evidence=(member(sensor, "instance"),),
        )


def _depth_span(scene: Scene, sensor: str, body: Body) -> tuple[float, float]:
    """(centre, extent) in metres of the body's box along the camera's level forward direction."""
    forward = scene.eyes[sensor].camera.world_from_camera.rotation[:2, 2]
    forward = forward / max(float((forward @ forward) ** 0.5), 1e-9)
    eye_xy = scene.eyes[sensor].camera.world_from_camera.position_m[:2]
    along = (body.corners[:, :2] - eye_xy) @ forward
    return float((body.centre[:2] - eye_xy) @ forward), float(along.max() - along.min())


def _in_depth(
    scene: Scene, sensor: str, a: int, b: int, spans: dict[int, tuple[float, float]], found: FactList
) -> None:
    near, far = sorted((a, b), key=lambda i: spans[i][0])
    value = spans[far][0] - spans[near][0]
    threshold = (spans[near][1] + spans[far][1]) / 2 + policy.DEPTH_SHARE * abs(spans[near][0])
    if value < threshold:
        return
    for predicate, one, other in (("in_front_of", near, far), ("behind", far, near)):
        # Of a thing with a face of its own, "in front of" might mean before its face: say nothing.
        if not scene.record.instance(other).has_front:
            found.add(
                predicate,
                one,
                other,
                frame="viewer",
                sensor=sensor,
                value=value,
                unit="m",
                threshold=threshold,
                evidence=("boxes3d", "sensors"),
            )


def distance_to(scene: Scene, sensor: str, body: Body) -> float:
    """Metres to the ego's outline on the ground, or from the camera to the box centre when there is no ego."""
    ego = scene.bodies.get(scene.ego_id) if scene.ego_id is not None else None
    if ego is not None:
        return footprint_gap(ego.footprint, body.footprint)
    offset = body.centre - scene.eyes[sensor].camera.world_from_camera.position_m
    return float((offset @ offset) ** 0.5)


def _nearest(scene: Scene, sensor: str, noun: str, ids: list[int], found: FactList) -> None:
    ranked = sorted((distance_to(scene, sensor, scene.bodies[i]), i) for i in ids)
    (first, nearest), (second, _) = ranked[:2]
    floor = policy.NEAREST_ROAD_M if scene.ego_id is not None else policy.NEAREST_TABLE_M
    threshold = max(floor, policy.NEAREST_SHARE * first)
    if second - first >= threshold:
        found.add(
            "nearest",
            nearest,
            argument=noun,
            frame="ego" if scene.ego_id is not None else "viewer",
            sensor=sensor,
            value=second - first,
            unit="m",
            threshold=threshold,
            evidence=("boxes3d", "sensors"),
        )


def _largest(scene: Scene, sensor: str, noun: str, ids: list[int], found: FactList) -> None:
    ranked = sorted(((max(scene.bodies[i].size), i) for i in ids), reverse=True)
    (first, largest), (second, _) = ranked[:2]
    if scene.ego_id is None and first / second >= policy.LARGEST_RATIO:
        found.add(
            "largest",
            largest,
            argument=noun,
            sensor=sensor,
            value=first / second,
            unit="ratio",
            threshold=policy.LARGEST_RATIO,
            evidence=("boxes3d",),
        )
