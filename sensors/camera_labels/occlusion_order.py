"""Who hides whom in an image."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pairforge.arrays import ArraySpec
from pairforge.sensors.camera_labels.protocol import Arrays, CameraLabel

if TYPE_CHECKING:
    from pairforge.sensors.camera_labels.shot import Shot

_ARRAYS = (
    ArraySpec(
        "occlusion_order",
        "npy",
        "int32",
        ("M", 3),
        "id, id, px",
        "image",
        "instance in front (0: stuff), instance behind, pixels of the one behind where the one in front shows",
        optional=True,
    ),
)


def make(shot: Shot) -> Arrays:
    """(M, 3) int32, by the one behind, then the one in front. Behind are the instances that have a 2D box; their
    rows add up to ``solo_px - visible_px``. In front is what the picture shows there: the nearest of all."""
    rows = []
    for box in shot.frame.boxes:
        shown = shot.frame.instance[shot.solo(box.instance_id)]
        pixels = np.bincount(shown[shown != box.instance_id])
        rows += [(front, box.instance_id, pixels[front]) for front in np.flatnonzero(pixels)]
    return {"occlusion_order": np.array(rows, dtype=np.int32).reshape(-1, 3)}


OCCLUSION_ORDER = CameraLabel("occlusion_order", "which instance hides which, and how much", _ARRAYS, make)
