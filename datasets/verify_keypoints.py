"""Are keypoints where shapes and tracks put them, inside their boxes, and on what is seen of their thing?"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from pairforge.datasets.finding import Problem
from pairforge.datasets.verify_labels import labelled
from pairforge.datasets.verify_view import CameraView, FrameView
from pairforge.frames import F64
from pairforge.sample import InstanceRow
from pairforge.scenes.keypoints import SKELETONS, Keypoint

PROJECTED_PX, PLACED_M = 0.02, 1e-3
BOX_M = 0.05
MASK_PX, MASK_M = 2.5, 0.04
"""A seen keypoint lies so near to its instance's mask: pixels, and metres more (contacts are on the ground)."""
GAP_M = 0.02
"""What the pixels around a keypoint show is compared within so much, and the size of a pixel at its depth."""
REFUTED_SHARE, REFUTED_LEAST = 0.05, 2
"""Keypoints of a picture whose visibility the pixels around them may contradict: beside an edge, neither sees the
other."""


@dataclass(frozen=True, eq=False)
class Named:
    """One labelled keypoint: where it is stored, what it is of, and what is said of it."""

    row: int
    column: int
    owner: InstanceRow
    point: Keypoint
    uv: F64
    state: int
    xyz: F64

    def __str__(self) -> str:
        return f"{self.point.name} of instance {self.owner.instance_id}"


def keypoints(view: FrameView) -> Iterator[Problem]:
    """Each keypoint is its part's, inside its box, at its place in the image, and seen or hidden as depth says."""
    for cam in labelled(view, "keypoints_instance", "keypoints_kind", "keypoints", "keypoints_xyz"):
        member = cam.member("keypoints.npy")
        yield from (Problem(member, text) for text in _rows(view, cam))
        refuted, labelled_points = [], 0
        for named in _named(view, cam):
            yield from (Problem(member, f"{named}: {text}") for text in _placed(view, cam, named))
            if named.state:
                labelled_points += 1
                refuted += [f"{named} {text}" for text in _refuted(cam, named)]
                if named.state == 2:
                    yield from (Problem(member, f"{named}: {text}") for text in _on_mask(view, cam, named))
        view.measured.add(
            "keypoint_visibility_refuted_share", np.array([len(refuted) / max(labelled_points, 1)])
        )
        if len(refuted) > max(REFUTED_LEAST, REFUTED_SHARE * labelled_points):
            yield Problem(member, f"{len(refuted)} of {labelled_points} are refuted by depth; {refuted[0]}")


def _rows(view: FrameView, cam: CameraView) -> Iterator[str]:
    extra, world = cam.camera.extra, view.scene.world
    due = [b.instance_id for b in cam.camera.boxes if world.instance(b.instance_id).shape.keypoints]
    have = [int(i) for i in extra["keypoints_instance"]]
    if have != due:
        yield f"they are of {have}, those in view that have any are {due}"
    image, xyz = extra["keypoints"], extra["keypoints_xyz"]
    if not np.isin(image[..., 2], (0, 1, 2)).all():
        yield "a visibility is neither 0, 1 nor 2"
    if image[image[..., 2] == 0].any():
        yield "one that is not labelled has a place in the image"
    if not np.isfinite(xyz[image[..., 2] > 0]).all():
        yield "one that is labelled has no place in space"
    for k, i in enumerate(have):
        if not (i in view.scene.ids and extra["keypoints_kind"][k] < len(SKELETONS)):
            yield f"row {k} is of an instance or a kind that is not"
            continue
        skeleton = SKELETONS[extra["keypoints_kind"][k]]
        names = {p.name for p in world.instance(i).shape.keypoints}
        strange = [
            n
            for n, v in zip(skeleton.keypoints, np.isfinite(xyz[k, :, 0]), strict=False)
            if v != (n in names)
        ]
        if strange or not names <= set(skeleton.keypoints):
            yield f"instance {i} is told to be a {skeleton.name}, and to have {strange} or lack them"


def _named(view: FrameView, cam: CameraView) -> Iterator[Named]:
    extra = cam.camera.extra
    for k, i in enumerate(extra["keypoints_instance"]):
        if int(i) not in view.scene.ids or extra["keypoints_kind"][k] >= len(SKELETONS):
            continue
        order = SKELETONS[extra["keypoints_kind"][k]].keypoints
        for point in view.scene.world.instance(int(i)).shape.keypoints:
            if point.name in order:
                c = order.index(point.name)
                u, v, state = extra["keypoints"][k, c].astype(np.float64)
                xyz = extra["keypoints_xyz"][k, c].astype(np.float64)
                yield Named(k, c, view.record.instance(int(i)), point, np.array([u, v]), int(state), xyz)


def _placed(view: FrameView, cam: CameraView, named: Named) -> Iterator[str]:
    """Where the shape, the part's track and the camera's calibration put it."""
    if not np.isfinite(named.xyz).all():
        return
    world = view.scene.world
    instance = world.instance(named.owner.instance_id)
    part = instance.part_ids[[p.name for p in instance.shape.parts].index(named.point.part)]
    uv, at, times = cam.arrival(part, np.array(named.point.at_m))
    off = float(np.linalg.norm(named.xyz - at))
    view.measured.add("keypoint_error_m", np.array([off]))
    if off > PLACED_M + 1e-5 * float(np.linalg.norm(at)):
        yield f"it is {off:.3g} m from where its part's track has it"
    h, w = cam.hit.shape
    within = bool(np.isfinite(uv).all() and (uv >= 0).all() and uv[0] < w and uv[1] < h)
    edge = bool(np.isfinite(uv).all() and np.minimum(uv, [w, h] - uv).min() > PROJECTED_PX)
    if within != (named.state > 0) and (edge or not within):
        yield f"its visibility is {named.state}, but its point is {'inside' if within else 'outside'} the image"
    elif named.state and float(np.abs(named.uv - uv).max()) > PROJECTED_PX:
        yield f"it is {float(np.abs(named.uv - uv).max()):.3g} px from where it projects to"
    body = view.scene.into("instance", named.owner.instance_id, times, cam.in_world(times, named.xyz[None]))
    out = np.abs(body[0] - named.owner.centre_m) - np.array(named.owner.size_m) / 2
    view.measured.add("keypoint_outside_box_m", np.array([max(float(out.max()), 0.0)]))
    if (out > BOX_M).any():
        yield f"it is {float(out.max()):.2f} m outside its instance's box"


def _on_mask(view: FrameView, cam: CameraView, named: Named) -> Iterator[str]:
    away, px_m = _to_mask(cam, named), float(np.linalg.norm(named.xyz)) / cam.camera.intrinsics.fx
    view.measured.add("keypoint_to_mask_px", np.array([away]))
    if away > MASK_PX + MASK_M / px_m:
        yield f"it is told to be seen, {away:.1f} px from its instance's mask"


def _refuted(cam: CameraView, named: Named) -> Iterator[str]:
    """The pixels around one that is seen show its own instance no farther before it than it may lie inside, or
    nothing before it; around one that is hidden, something else before it, or its own instance farther before it."""
    h, w = cam.hit.shape
    row, column = min(int(named.uv[1]), h - 1), min(int(named.uv[0]), w - 1)
    near = slice(max(row - 1, 0), row + 2), slice(max(column - 1, 0), column + 2)
    far = float(np.linalg.norm(named.xyz))
    shown = np.where(cam.hit[near], np.linalg.norm(cam.points_camera[near], axis=-1), np.inf)
    gap, own = far - shown, cam.camera.instance[near] == named.owner.instance_id
    slack, depth_m = GAP_M + far / cam.camera.intrinsics.fx, named.point.depth_m
    if named.state == 2 and not ((own & (gap <= depth_m + slack)) | (gap <= slack)).any():
        yield f"is told to be seen, {float(gap.min()):.2f} m behind all that shows there"
    if named.state == 1 and not ((~own & (gap > 0)) | (own & (gap > 0.9 * depth_m))).any():
        yield "is told to be hidden, but nothing stands before it"


def _to_mask(cam: CameraView, named: Named) -> float:
    """Pixels from a keypoint to the nearest pixel of its instance, edge to edge."""
    rows, columns = np.nonzero(cam.camera.instance == named.owner.instance_id)
    if not len(rows):
        return float(np.inf)
    off = np.maximum(np.abs(np.stack([columns, rows], axis=1) + 0.5 - named.uv) - 0.5, 0.0)
    return float(np.linalg.norm(off, axis=1).min())


CHECKS = (keypoints,)
