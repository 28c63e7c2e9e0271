"""Camera labels beyond those that every camera gives: which of them a transform of the picture can carry."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairforge.learning.augment.clip import with_sensors
from pairforge.sample import CameraFrame, SceneRecord

Image = NDArray[Any]
PIXEL_LABELS = (
    *("albedo", "material", "panoptic", "range", "nocs", "scene_flow", "disparity"),
    *("backward_flow", "flow_occluded", "backward_flow_occluded"),
)
"""Labels whose array has the label's name and one row and column a pixel."""
MASKS = ("amodal_ids", "amodal_runs", "amodal_counts")


def carried(
    camera: CameraFrame,
    pixels: Callable[[Image], Image],
    kept: tuple[str, ...] = PIXEL_LABELS,
    whole: Callable[[Image], Image] | None = None,
) -> dict[str, Image]:
    """The extra arrays of a camera whose pixels are moved by ``pixels`` ((H, W, …) to (h, w, …)): the ``kept``
    ones of
    PIXEL_LABELS, and, with ``whole``, the amodal masks moved by it. All others are left out."""
    found = {name: pixels(a) for name, a in camera.extra.items() if name in PIXEL_LABELS and name in kept}
    if whole is not None and set(MASKS) <= camera.extra.keys():
        found |= _encoded({k: whole(m) for k, m in amodal_masks(camera).items()})
    return found


def amodal_masks(camera: CameraFrame) -> dict[int, NDArray[np.bool_]]:
    """Instance id -> its whole mask (H, W), hidden parts too; {} where the camera has no such label."""
    if not set(MASKS) <= camera.extra.keys():
        return {}
    ids, runs, counts = (camera.extra[name] for name in MASKS)
    shape, ends = camera.instance.shape, np.cumsum(runs)
    found = {}
    for k, (end, many) in enumerate(zip(ends, runs, strict=True)):
        lengths = counts[end - many : end].astype(np.int64)
        flat = np.repeat(np.arange(many) % 2 == 1, lengths)
        found[int(ids[k])] = flat.reshape(shape, order="F")
    return found


def _encoded(masks: Mapping[int, NDArray[np.bool_]]) -> dict[str, Image]:
    """COCO's uncompressed run lengths of the masks that hold anything."""
    some = {k: m for k, m in masks.items() if m.any()}
    runs = [_runs(m) for m in some.values()]
    return {
        "amodal_ids": np.array(list(some), dtype=np.uint16),
        "amodal_runs": np.array([len(r) for r in runs], dtype=np.int32),
        "amodal_counts": np.concatenate([np.zeros(0, np.uint32), *runs]),
    }


def _runs(mask: NDArray[np.bool_]) -> NDArray[np.uint32]:
    flat = mask.ravel(order="F")
    edges = np.flatnonzero(np.diff(flat)) + 1
    lengths = np.diff(np.concatenate([[0], edges, [flat.size]]))
    runs: NDArray[np.uint32] = np.concatenate([[0], lengths] if flat[0] else [lengths]).astype(np.uint32)
    return runs


def only_labels_held(record: SceneRecord, frames: Mapping[str, CameraFrame]) -> SceneRecord:
    """The record whose cameras ask for no label that their frames do not hold any more."""

    def asked(sensor: dict[str, Any]) -> dict[str, Any]:
        frame, labels = frames.get(sensor["name"]), sensor["settings"].get("labels")
        if frame is not None and labels:
            held = {n for n in labels if n in frame.extra or f"{n}_ids" in frame.extra}
            sensor["settings"]["labels"] = [name for name in labels if name in held]
            if not sensor["settings"]["labels"]:
                del sensor["settings"]["labels"]
        return sensor

    return with_sensors(record, asked)
