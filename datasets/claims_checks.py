"""What each predicate means, derived once more: given a fact's subjects, the value and threshold it must have."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pairforge.datasets import claims_policy as policy
from pairforge.datasets.claims_palette import colour_distances
from pairforge.datasets.claims_scene import Proof, Shot, matrix_of
from pairforge.sample import Fact


@dataclass(frozen=True)
class Derived:
    """What the fact must say. ``at_most``: the value must stay below the threshold rather than reach it;
    ``exact``: a rounded number, whose threshold is its tolerance; ``t0_ns``, ``t1_ns``: its time, the keyframe's
    when None."""

    value: float | None = None
    threshold: float | None = None
    at_most: bool = False
    unit: str = ""
    argument: str = ""
    frame: str = ""
    exact: bool = False
    t0_ns: int | None = None
    t1_ns: int | None = None


class RefutedError(ValueError):
    """The fact does not hold at all; the message says what was found."""


Check = Callable[[Proof, Fact], Derived]
CHECKS: dict[str, Check] = {}


def check(*predicates: str) -> Callable[[Check], Check]:
    """Registers the derivation of predicates."""

    def register(function: Check) -> Check:
        for predicate in predicates:
            CHECKS[predicate] = function
        return function

    return register


def need(truth: bool, found: str) -> None:
    """Refutes unless ``truth``."""
    if not truth:
        raise RefutedError(found)


def shot_of(proof: Proof, fact: Fact) -> Shot:
    need(fact.sensor in proof.shots, f"there is no camera {fact.sensor!r}")
    return proof.shots[fact.sensor]


def need_sure(proof: Proof, fact: Fact, count: int) -> None:
    """Refutes unless the fact has so many different subjects, all to be mentioned in its camera."""
    shot_of(proof, fact)
    need(len(fact.subjects) == count == len(set(fact.subjects)), f"subjects {fact.subjects}")
    for i in fact.subjects:
        need(proof.shown[fact.sensor].get(i) == "sure", f"instance {i} is not in view of {fact.sensor}")


def need_ahead(proof: Proof, fact: Fact, within_deg: float) -> None:
    """Refutes unless all subjects lie so near to where a wide camera looks, each in half of its image."""
    for i in fact.subjects:
        off = proof.off_view_deg(fact.sensor, i) if i in proof.solids else 0.0
        need(off <= within_deg, f"instance {i} is {off:.0f} degrees off the view of {fact.sensor}")
        shot = shot_of(proof, fact)
        wide = not shot.camera.intrinsics.z_depth
        need(not wide or shot.columns(i) <= shot.camera.instance.shape[1] / 2, f"instance {i} goes around")


@check("visible")
def _visible(proof: Proof, fact: Fact) -> Derived:
    need_sure(proof, fact, 1)
    return Derived(shot_of(proof, fact).px(fact.subjects[0]), policy.MENTION_PX, unit="px")


@check("partly_hidden")
def _partly_hidden(proof: Proof, fact: Fact) -> Derived:
    need_sure(proof, fact, 1)
    need(fact.subjects[0] in shot_of(proof, fact).rows, "no 2D box")
    return Derived(shot_of(proof, fact).hidden_share(fact.subjects[0]), policy.PARTLY_HIDDEN, unit="share")


@check("hidden_behind")
def _hidden_behind(proof: Proof, fact: Fact) -> Derived:
    need_sure(proof, fact, 2)
    one, cover = fact.subjects
    shot = shot_of(proof, fact)
    need(shot.hidden_share(one) >= policy.PARTLY_HIDDEN, "it is hardly hidden")
    covers = _covers(shot, one)
    need(covers.size >= policy.COVER_PAIRS, "too short a silhouette")
    return Derived(float((covers == cover).mean()), policy.COVER_SHARE, unit="share")


def _covers(shot: Shot, instance_id: int) -> NDArray[np.int64]:
    """Ids of the pixels beside the mask that are nearer than the mask's own pixel, one entry a pair."""
    ids = np.pad(shot.camera.instance.astype(np.int64), 1, constant_values=-1)
    depth = np.pad(shot.camera.depth.astype(np.float64), 1, constant_values=np.inf)
    rows, columns = (a + 1 for a in shot.pixels[instance_id])
    own, found = depth[rows, columns], []
    limit = own - policy.COVER_GAP_M - policy.COVER_GAP_SHARE * own
    for down, right in ((0, 1), (0, -1), (1, 0), (-1, 0)):
        beside = ids[rows + down, columns + right]
        nearer = (beside != instance_id) & (depth[rows + down, columns + right] < limit)
        found.append(beside[nearer])
    return np.concatenate(found)


@check("cut_off")
def _cut_off(proof: Proof, fact: Fact) -> Derived:
    need_sure(proof, fact, 1)
    shot = shot_of(proof, fact)
    x0, y0, x1, y1 = shot.rows[fact.subjects[0]].full_box
    height, width = shot.camera.instance.shape
    inside = max(0.0, min(x1, width) - max(x0, 0)) * max(0.0, min(y1, height) - max(y0, 0))
    truncation = 1.0 - inside / ((x1 - x0) * (y1 - y0))
    over = {"left": -x0, "right": x1 - width}
    side = max(over, key=lambda s: over[s])
    need(over[side] >= 0.1 * (x1 - x0) and min(over.values()) <= 0, "no side edge cuts it")
    return Derived(truncation, policy.TRUNCATED, unit="share", argument=side, frame="viewer")


@check("side")
def _side(proof: Proof, fact: Fact) -> Derived:
    need_sure(proof, fact, 1)
    shot = shot_of(proof, fact)
    need_ahead(proof, fact, policy.SIDES_DEG)
    place = shot.mean_column(fact.subjects[0]) / shot.camera.instance.shape[1]
    left = place < 0.5
    threshold = policy.LEFT_SHARE if left else policy.RIGHT_SHARE
    return Derived(place, threshold, left, "image width", "left" if left else "right", "viewer")


@check("stands_on")
def _stands_on(proof: Proof, fact: Fact) -> Derived:
    need_sure(proof, fact, 1)
    shot = shot_of(proof, fact)
    rows, columns = shot.pixels[fact.subjects[0]]
    lowest = int(rows.max())
    feet = columns[rows == lowest]
    patch = shot.camera.semantic[lowest + 1 : lowest + 1 + policy.SURFACE_ROWS, feet.min() : feet.max() + 1]
    need(patch.shape[0] == policy.SURFACE_ROWS, "its feet are at the image's edge")
    # Semantic ids: 1 road, 2 lane marking, 4 pavement.
    ids = {"road": (1, 2), "pavement": (4,)}.get(fact.argument)
    need(ids is not None, f"unknown ground {fact.argument!r}")
    share = float(np.isin(patch, ids or ()).mean())
    return Derived(share, policy.SURFACE_SHARE, unit="share", argument=fact.argument)


@check("scenery")
def _scenery(proof: Proof, fact: Fact) -> Derived:
    shot = shot_of(proof, fact)
    semantic = {"trees": "vegetation", "buildings": "building"}.get(fact.argument)
    need(semantic is not None, f"unknown scenery {fact.argument!r}")
    ids = [
        i
        for i in sorted(shot.pixels)
        if proof.row(i).semantic == semantic and shot.px(i) >= policy.SCENERY_PX
    ]
    need(tuple(ids) == fact.subjects, f"they are {ids}")
    return Derived(len(ids), policy.SCENERY_COUNT, argument=fact.argument)


@check("category")
def _category(proof: Proof, fact: Fact) -> Derived:
    names = proof.names(fact.subjects[0])
    need(fact.argument in names, f"it is a {names[0]}")
    return Derived(argument=fact.argument)


@check("colour")
def _colour(proof: Proof, fact: Fact) -> Derived:
    row = proof.row(fact.subjects[0])
    distances = colour_distances(row.colour_rgb)
    nearest, runner_up = sorted(distances, key=lambda n: distances[n])[:2]
    need(nearest == fact.argument == row.colour, f"it is {nearest}")
    return Derived(distances[nearest], distances[runner_up], True, "Oklab", nearest)


@check("material")
def _material(proof: Proof, fact: Fact) -> Derived:
    material = proof.material(fact.subjects[0])
    need(material != "" and material == fact.argument, f"it is {material or 'of no named material'}")
    return Derived(argument=material)


@check("count", "at_least")
def _count(proof: Proof, fact: Fact) -> Derived:
    shot_of(proof, fact)
    quality, _, word = fact.argument.partition("|")
    members = tuple(members_of(proof, fact.sensor, quality, word))
    need(members == fact.subjects and len(members) > 0, f"they are {members}")
    blurred = [i for i, s in proof.shown[fact.sensor].items() if s == "unsure" and word in proof.names(i)]
    need(bool(blurred) == (fact.predicate == "at_least"), f"hardly visible: {sorted(blurred)}")
    return Derived(len(members), 1.0, argument=fact.argument)


def members_of(proof: Proof, sensor: str, quality: str, word: str) -> list[int]:
    """Every thing in view, sure and boxed, that "quality word" fits."""
    key = (sensor, quality, word)
    if key not in proof.fitting:
        proof.fitting[key] = [
            i
            for i in proof.sure(sensor)
            if i in proof.boxed and word in proof.names(i) and has_quality(proof, i, quality)
        ]
    return list(proof.fitting[key])


def has_quality(proof: Proof, instance_id: int, quality: str) -> bool:
    """Whether a colour, a material, "parked" or "" is true of an instance."""
    from pairforge.datasets.claims_road import is_parked  # it imports this module

    if quality == "parked":
        return is_parked(proof, instance_id)
    if instance_id not in proof.looks:
        row = proof.row(instance_id)
        distances = colour_distances(row.colour_rgb)
        told = row.colour in distances and min(distances, key=lambda n: distances[n]) == row.colour
        proof.looks[instance_id] = row.colour if told else "", proof.material(instance_id)
    return quality == "" or quality in proof.looks[instance_id]


@check("left_of", "right_of")
def _beside(proof: Proof, fact: Fact) -> Derived:
    need_sure(proof, fact, 2)
    shot = shot_of(proof, fact)
    need_ahead(proof, fact, policy.SIDES_DEG)
    one, other = fact.subjects
    ahead = shot.mean_column(other) - shot.mean_column(one)
    narrower = min(shot.columns(one), shot.columns(other))
    threshold = max(policy.BESIDE_SHARE * shot.camera.instance.shape[1], narrower / 2)
    return Derived(ahead if fact.predicate == "left_of" else -ahead, threshold, unit="px", frame="viewer")


@check("in_front_of", "behind")
def _in_depth(proof: Proof, fact: Fact) -> Derived:
    need_sure(proof, fact, 2)
    need_ahead(proof, fact, policy.AHEAD_DEG)
    one, other = fact.subjects
    need(not proof.row(other).has_front, f"a {proof.names(other)[0]} has a front of its own")
    (z, extent), (z2, extent2) = proof.depth_span(fact.sensor, one), proof.depth_span(fact.sensor, other)
    value = z2 - z if fact.predicate == "in_front_of" else z - z2
    threshold = (extent + extent2) / 2 + policy.DEPTH_SHARE * abs(min(z, z2))
    return Derived(value, threshold, unit="m", frame="viewer")


@check("nearest")
def _nearest(proof: Proof, fact: Fact) -> Derived:
    need_sure(proof, fact, 1)
    rivals, one = _rivals(proof, fact), fact.subjects[0]
    eye = proof.shots[fact.sensor].camera.world_from_camera.position_m

    def away(i: int) -> float:
        if proof.ego is not None:
            return proof.gap(proof.ego, i)
        return float(np.linalg.norm(proof.solids[i].centre - eye))

    second = min(away(i) for i in rivals)
    floor = policy.NEAREST_ROAD_M if proof.ego is not None else policy.NEAREST_TABLE_M
    frame = "ego" if proof.ego is not None else "viewer"
    threshold = max(floor, policy.NEAREST_SHARE * away(one))
    return Derived(second - away(one), threshold, unit="m", argument=fact.argument, frame=frame)


def _rivals(proof: Proof, fact: Fact) -> list[int]:
    """The others in view of the same noun; refutes when there are none or a hardly visible one."""
    noun = proof.names(fact.subjects[0])[0]
    need(noun == fact.argument, f"it is a {noun}")
    same = [i for i in proof.shown[fact.sensor] if proof.names(i)[0] == noun and i != fact.subjects[0]]
    need(bool(same) and all(proof.shown[fact.sensor][i] == "sure" for i in same), f"rivals {same}")
    return [i for i in same if i in proof.solids]


@check("largest")
def _largest(proof: Proof, fact: Fact) -> Derived:
    need_sure(proof, fact, 1)
    extents = {i: float(proof.solids[i].half.max()) for i in (*_rivals(proof, fact), fact.subjects[0])}
    own = extents.pop(fact.subjects[0])
    return Derived(own / max(extents.values()), policy.LARGEST_RATIO, unit="ratio", argument=fact.argument)


@check("lidar_hits")
def _lidar_hits(proof: Proof, fact: Fact) -> Derived:
    need(fact.sensor in proof.returns, f"there is no LiDAR {fact.sensor!r}")
    found = proof.returns[fact.sensor].get(fact.subjects[0], 0)
    return Derived(found, policy.LIDAR_RETURNS, unit="returns")


@check("unseen")
def _unseen(proof: Proof, fact: Fact) -> Derived:
    shot, one = shot_of(proof, fact), fact.subjects[0]
    need(one not in shot.pixels, f"the camera sees {shot.px(one)} px of it")
    need(one in proof.solids, "no 3D box")
    solid, camera = proof.solids[one], shot.camera
    grid = np.array([[x, y, z] for x in (-0.9, 0, 0.9) for y in (-0.9, 0, 0.9) for z in (-0.9, 0, 0.9)])
    world = solid.centre + (grid * solid.half) @ solid.turn.T
    lens = camera.intrinsics
    seen_from = (world - camera.world_from_camera.position_m) @ matrix_of(
        camera.world_from_camera.quaternion_wxyz
    )
    away = lens.depth_of(seen_from)
    need(bool((away >= 0.5).all()), "it is not ahead of the camera")
    if lens.is_pinhole:
        homogeneous = seen_from @ lens.matrix.T
        uv = homogeneous[:, :2] / homogeneous[:, 2:]
    else:
        uv = lens.project(seen_from)
    need(bool(np.isfinite(uv).all()), "it is not in the image")
    columns, rows = np.floor(uv).astype(int).T
    height, width = camera.depth.shape
    need(
        bool(((columns >= 0) & (columns < width) & (rows >= 0) & (rows < height)).all()),
        "it is not in the image",
    )
    share = float((camera.depth[rows, columns] < away).mean())
    return Derived(share, policy.HIDDEN_SHARE, unit="share")
