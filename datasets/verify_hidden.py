"""Do whole masks, and who hides whom, agree with the visible masks, the boxes and the depth?"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from pairforge.datasets.finding import Problem
from pairforge.datasets.verify_labels import labelled
from pairforge.datasets.verify_view import CameraView, FrameView
from pairforge.frames import F64

FRONT_M = 0.05
"""Whatever hides a thing is no farther than the thing's farthest corner, and this."""

Mask = NDArray[np.bool_]


def whole_masks(view: FrameView) -> Iterator[Problem]:
    """A whole mask holds the visible one, is as large as the box says, and is the visible one where nothing hides."""
    for cam in labelled(view, "amodal_ids", "amodal_runs", "amodal_counts"):
        boxes = {b.instance_id: b for b in cam.camera.boxes}
        try:
            masks = decoded_masks(cam)
        except ValueError as error:
            yield Problem(cam.member("amodal_counts.npy"), str(error))
            continue
        if list(masks) != list(boxes):
            yield Problem(
                cam.member("amodal_ids.npy"), f"it is of {list(masks)}, the 2D boxes of {list(boxes)}"
            )
        for i in sorted(masks.keys() & boxes.keys()):
            mask, box, visible = masks[i], boxes[i], cam.camera.instance == i
            member = cam.member("amodal_counts.npy")
            lost = int((visible & ~mask).sum())
            if lost:
                yield Problem(member, f"instance {i}: {lost} pixels that are seen are not in its whole mask")
            if int(mask.sum()) != box.solo_px:
                yield Problem(member, f"instance {i}: {int(mask.sum())} pixels, solo_px says {box.solo_px}")
            outside = _outside(mask, box.full_box)
            if outside:
                yield Problem(member, f"instance {i}: {outside} pixels lie outside its full box")
            shown = np.where(mask & ~visible, cam.points_camera[..., 2], 0.0)
            far = int((shown > _farthest_m(view, cam, i)).sum()) + int((mask & ~visible & ~cam.hit).sum())
            if far:
                yield Problem(
                    member, f"instance {i}: {far} pixels are not its own, but what shows there lies behind it"
                )


def decoded_masks(cam: CameraView) -> dict[int, Mask]:
    """Instance id -> mask (H, W), from the run lengths. ValueError for runs that do not fill the image."""
    extra = cam.camera.extra
    ids, runs = extra["amodal_ids"], extra["amodal_runs"].astype(np.int64)
    counts = extra["amodal_counts"].astype(np.int64)
    if int(runs.sum()) != len(counts):
        raise ValueError(f"{len(counts)} runs are stored, amodal_runs counts {int(runs.sum())}")
    h, w = cam.hit.shape
    found = {}
    for i, own in zip(ids, np.split(counts, np.cumsum(runs)[:-1]), strict=True) if len(ids) else ():
        if int(own.sum()) != h * w:
            raise ValueError(f"instance {int(i)}: its runs cover {int(own.sum())} of {h * w} pixels")
        found[int(i)] = np.repeat(np.arange(len(own)) % 2 == 1, own).reshape(w, h).T
    return found


def _outside(mask: Mask, box: tuple[float, float, float, float]) -> int:
    """How many pixels of a mask do not touch a box, with a pixel to spare."""
    rows, columns = np.nonzero(mask)
    x0, y0, x1, y1 = box
    inside = (columns + 1 >= x0 - 1) & (columns <= x1 + 1) & (rows + 1 >= y0 - 1) & (rows <= y1 + 1)
    return int((~inside).sum())


def _farthest_m(view: FrameView, cam: CameraView, instance_id: int) -> float:
    """z of the farthest corner of an instance's box, in the camera's axes, and its margin."""
    row = view.record.instance(instance_id)
    corners = (np.indices((2, 2, 2)).reshape(3, 8).T - 0.5) * np.array(row.size_m) + np.array(row.centre_m)
    camera_from_body = cam.camera.world_from_camera.inverse @ view.record.world_from_body(
        instance_id, cam.camera.time_ns
    )
    z: F64 = camera_from_body.points(corners)[:, 2]
    return float(z.max()) + FRONT_M


def occlusion_order(view: FrameView) -> Iterator[Problem]:
    """Who hides whom: the pixels of each thing that others hide add up to what its box lacks, and are where masks
    and picture say."""
    for cam in labelled(view, "occlusion_order"):
        rows = cam.camera.extra["occlusion_order"].astype(np.int64)
        member = cam.member("occlusion_order.npy")
        boxes = {b.instance_id: b for b in cam.camera.boxes}
        pairs = [(int(a), int(b)) for a, b, _ in rows]
        if len(set(pairs)) != len(pairs) or any(a == b for a, b in pairs) or (rows[:, 2] <= 0).any():
            yield Problem(member, "a pair is there twice, hides itself, or hides nothing")
        for behind in sorted({b for _, b in pairs} - set(boxes)):
            yield Problem(member, f"instance {behind} is hidden, but has no 2D box")
        for i, box in boxes.items():
            hidden = int(rows[rows[:, 1] == i, 2].sum())
            if hidden != box.solo_px - box.visible_px:
                yield Problem(
                    member,
                    f"instance {i}: {hidden} pixels are hidden, its box lacks {box.solo_px - box.visible_px}",
                )
        if "amodal_counts" in cam.camera.extra:
            yield from _order_by_masks(cam, rows, member)


def _order_by_masks(cam: CameraView, rows: NDArray[np.int64], member: str) -> Iterator[Problem]:
    try:
        masks = decoded_masks(cam)
    except ValueError:
        return  # whole_masks tells of it
    told = {(int(a), int(b)): int(n) for a, b, n in rows}
    for behind, mask in masks.items():
        shown = cam.camera.instance[mask & (cam.camera.instance != behind)]
        due = {(int(a), behind): int(n) for a, n in zip(*np.unique(shown, return_counts=True), strict=True)}
        have = {pair: n for pair, n in told.items() if pair[1] == behind}
        if due != have:
            yield Problem(member, f"instance {behind} is hidden by {have}, masks and picture say {due}")


CHECKS = (whole_masks, occlusion_order)
