"""The whole of each thing in view, as if nothing stood before it."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pairforge.arrays import ArraySpec
from pairforge.sensors.camera_labels.protocol import Arrays, CameraLabel

if TYPE_CHECKING:
    from pairforge.sensors.camera_labels.shot import Shot

_ARRAYS = (
    ArraySpec("amodal_ids", "npy", "uint16", ("A",), "id", "image", "instances with a 2D box", optional=True),
    ArraySpec(
        "amodal_runs", "npy", "int32", ("A",), "1", "image", "how many runs each mask has", optional=True
    ),
    ArraySpec(
        "amodal_counts",
        "npy",
        "uint32",
        ("R",),
        "px",
        "image",
        "lengths of the runs of all masks, one mask after the other: COCO's uncompressed RLE",
        optional=True,
    ),
)


def make(shot: Shot) -> Arrays:
    """The mask of each instance that has a 2D box: all of it inside the image, hidden parts too.

    Run lengths as COCO counts them: down the columns, one after another, first a run (perhaps of none) outside.
    """
    ids = [box.instance_id for box in shot.frame.boxes]
    runs = [run_lengths(shot.solo(k)) for k in ids]
    return {
        "amodal_ids": np.array(ids, dtype=np.uint16),
        "amodal_runs": np.array([len(r) for r in runs], dtype=np.int32),
        "amodal_counts": np.concatenate([np.zeros(0, np.uint32), *runs]),
    }


def run_lengths(mask: NDArray[np.bool_]) -> NDArray[np.uint32]:
    """(R,) run lengths of a mask (H, W) along its columns, in turns outside and inside, beginning outside."""
    columns = np.flatnonzero(mask.any(axis=0))
    if not len(columns):
        return np.array([mask.size], dtype=np.uint32)
    first, last = int(columns[0]), int(columns[-1]) + 1
    flat = np.ascontiguousarray(mask[:, first:last].T).ravel()
    changes = np.flatnonzero(flat[1:] != flat[:-1]) + 1
    if flat[0]:
        changes = np.insert(changes, 0, 0)
    ends = np.concatenate([[0], changes + first * mask.shape[0], [mask.size]])
    lengths = np.diff(ends)
    return (lengths if lengths[-1] else lengths[:-1]).astype(np.uint32)


AMODAL = CameraLabel("amodal", "masks of whole things, hidden parts too", _ARRAYS, make)
