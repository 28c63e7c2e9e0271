"""Class and instance in one picture, coded as COCO's panoptic PNGs are."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pairforge.arrays import ArraySpec
from pairforge.sensors.camera_labels.protocol import Arrays, CameraLabel

if TYPE_CHECKING:
    from pairforge.sensors.camera_labels.shot import Shot

_ARRAYS = (
    ArraySpec(
        "panoptic",
        "png",
        "uint8",
        ("H", "W", 3),
        "id",
        "image",
        "segment id R + 256 G + 65536 B = instance + 65536 class; 0: sky or nothing",
        optional=True,
    ),
)


def make(shot: Shot) -> Arrays:
    """(H, W, 3) uint8: instance id, low byte and high byte, then class id. All stuff of a class is one segment."""
    instance = shot.frame.instance
    return {
        "panoptic": np.stack([instance & 0xFF, instance >> 8, shot.frame.semantic], axis=-1).astype(np.uint8)
    }


PANOPTIC = CameraLabel("panoptic", "class and instance as a COCO panoptic PNG", _ARRAYS, make)
