"""What one camera shows: visible, partly hidden and by what, cut off where, on which side, on which ground."""

from __future__ import annotations

from collections import Counter

import numpy as np
from numpy.typing import NDArray

from pairforge.captioners import policy
from pairforge.captioners.facts_list import FactList, Scene, member
from pairforge.captioners.view import Eye, Mask
from pairforge.sample import Box2D
from pairforge.scenes.taxonomy import CLASSES


def image_facts(scene: Scene, sensor: str, found: FactList) -> None:
    """Tells ``scene`` what this camera shows and adds its facts."""
    eye = scene.eyes[sensor]
    visible, unsure = [], []
    for instance_id, mask in eye.masks.items():
        if instance_id == scene.ego_id:
            continue
        box = eye.boxes.get(instance_id)
        showing = 1.0 if box is None else mask.px / max(box.solo_px, 1)
        if mask.px >= policy.MENTION_PX and showing >= policy.MENTION_FRACTION:
            visible.append(instance_id)
        elif mask.px >= policy.NOTICE_PX:
            unsure.append(instance_id)
    scene.saw(sensor, tuple(visible), tuple(unsure))
    for instance_id in visible:
        _seen(eye, sensor, eye.masks[instance_id], found)
    for instance_id in visible:
        box = eye.boxes.get(instance_id)
        if box is not None:
            _hidden(scene, sensor, eye.masks[instance_id], box, found)
            _cut_off(eye, sensor, box, found)
            if scene.facing(sensor, instance_id, policy.SIDES_DEG):
                _side(eye, sensor, eye.masks[instance_id], found)
            _ground(eye, sensor, eye.masks[instance_id], found)
    _scenery(scene, sensor, found)


def _seen(eye: Eye, sensor: str, mask: Mask, found: FactList) -> None:
    found.add(
        "visible",
        mask.instance_id,
        sensor=sensor,
        value=mask.px,
        unit="px",
        threshold=policy.MENTION_PX,
        evidence=(member(sensor, "instance"), "boxes2d"),
    )


def _hidden(scene: Scene, sensor: str, mask: Mask, box: Box2D, found: FactList) -> None:
    occlusion = 1.0 - mask.px / max(box.solo_px, 1)
    if occlusion < policy.PARTLY_HIDDEN:
        return
    found.add(
        "partly_hidden",
        mask.instance_id,
        sensor=sensor,
        value=occlusion,
        unit="share",
        threshold=policy.PARTLY_HIDDEN,
        evidence=(member(sensor, "instance"), "boxes2d"),
    )
    eye = scene.eyes[sensor]
    pairs = occluding_pairs(eye, mask)
    total = sum(pairs.values())
    if total < policy.COVER_PAIRS:
        return
    cover, most = max(pairs.items(), key=lambda item: (item[1], -item[0]))
    if cover in scene.visible[sensor] and most / total >= policy.COVER_SHARE:
        found.add(
            "hidden_behind",
            mask.instance_id,
            cover,
            sensor=sensor,
            value=most / total,
            unit="share",
            threshold=policy.COVER_SHARE,
            evidence=(member(sensor, "instance"), member(sensor, "depth", "npy")),
        )


def occluding_pairs(eye: Eye, mask: Mask) -> Counter[int]:
    """Instance id -> neighbouring pixel pairs where it lies in front of the masked thing's silhouette."""
    x0, y0, x1, y1 = mask.box
    window = np.s_[max(y0 - 1, 0) : y1 + 1, max(x0 - 1, 0) : x1 + 1]
    ids, depth = eye.camera.instance[window], eye.camera.depth[window].astype(np.float64)
    pairs: Counter[int] = Counter()
    for here, there in ((np.s_[:, :-1], np.s_[:, 1:]), (np.s_[:-1, :], np.s_[1:, :])):
        for a, b in ((here, there), (there, here)):
            _count_pairs(ids[a], depth[a], ids[b], depth[b], mask.instance_id, pairs)
    return pairs


def _count_pairs(
    ids: NDArray[np.uint16],
    depth: NDArray[np.float64],
    next_ids: NDArray[np.uint16],
    next_depth: NDArray[np.float64],
    instance_id: int,
    pairs: Counter[int],
) -> None:
    edge = (ids == instance_id) & (next_ids != instance_id)
    gap = policy.COVER_GAP_M + policy.COVER_GAP_SHARE * depth[edge]
    nearer = next_depth[edge] < depth[edge] - gap
    covers, counts = np.unique(next_ids[edge][nearer], return_counts=True)
    for cover, count in zip(covers.tolist(), counts.tolist(), strict=True):
        pairs[cover] += count


def _cut_off(eye: Eye, sensor: str, box: Box2D, found: FactList) -> None:
    if box.truncation < policy.TRUNCATED:
        return
    x0, _, x1, _ = box.full_box
    left, right = max(0.0, -x0), max(0.0, x1 - eye.width)
    if max(left, right) < 0.1 * (x1 - x0) or min(left, right) > 0.0:
        return
    found.add(
        "cut_off",
        box.instance_id,
        argument="left" if left > right else "right",
        frame="viewer",
        sensor=sensor,
        value=box.truncation,
        unit="share",
        threshold=policy.TRUNCATED,
        evidence=("boxes2d",),
    )


def _side(eye: Eye, sensor: str, mask: Mask, found: FactList) -> None:
    place, side = mask.col / eye.width, ""
    if place <= policy.LEFT_SHARE:
        side, threshold = "left", policy.LEFT_SHARE
    elif place >= policy.RIGHT_SHARE:
        side, threshold = "right", policy.RIGHT_SHARE
    if side:
        found.add(
            "side",
            mask.instance_id,
            argument=side,
            frame="viewer",
            sensor=sensor,
            value=place,
            unit="image width",
            threshold=threshold,
            at_most=side == "left",
            evidence=(member(sensor, "instance"),),
        )


_GROUND = {c.semantic_id: c.name for c in CLASSES if c.name in ("pavement", "road")} | {
    c.semantic_id: "road" for c in CLASSES if c.name == "lane_marking"
}


def _ground(eye: Eye, sensor: str, mask: Mask, found: FactList) -> None:
    """Which ground lies in the pixels just below the feet, for what stands wholly inside the image."""
    x0, _, x1, y1 = mask.box
    if y1 + policy.SURFACE_ROWS > eye.height:
        return
    feet = np.flatnonzero(eye.camera.instance[y1 - 1, x0:x1] == mask.instance_id) + x0
    below = eye.camera.semantic[y1 : y1 + policy.SURFACE_ROWS, feet[0] : feet[-1] + 1].ravel()
    shares: Counter[str] = Counter(_GROUND.get(int(s), "") for s in below)
    for ground in ("pavement", "road"):
        share = shares[ground] / below.size
        if share >= policy.SURFACE_SHARE:
            found.add(
                "stands_on",
                mask.instance_id,
                argument=ground,
                sensor=sensor,
                value=share,
                unit="share",
                threshold=policy.SURFACE_SHARE,
                evidence=(member(sensor, "instance"), member(sensor, "semantic")),
            )


def _scenery(scene: Scene, sensor: str, found: FactList) -> None:
    masks = scene.eyes[sensor].masks
    for semantic, word in (("vegetation", "trees"), ("building", "buildings")):
        ids = [
            i
            for i, mask in masks.items()
            if scene.record.instance(i).semantic == semantic and mask.px >= policy.SCENERY_PX
        ]
        if len(ids) >= policy.SCENERY_COUNT:
            found.add(
                "scenery",
                *ids,
                argument=word,
                sensor=sensor,
                value=len(ids),
                threshold=policy.SCENERY_COUNT,
                evidence=(member(sensor, "instance"), "instances"),
            )
