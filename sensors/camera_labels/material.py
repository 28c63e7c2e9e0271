"""What each pixel's surface is made of."""

from __future__ import annotations

from typing import TYPE_CHECKING

from pairforge.arrays import ArraySpec
from pairforge.sensors.camera_labels.protocol import Arrays, CameraLabel

if TYPE_CHECKING:
    from pairforge.sensors.camera_labels.shot import Shot

_ARRAYS = (
    ArraySpec(
        "material",
        "png",
        "uint16",
        ("H", "W"),
        "id",
        "image",
        'row of the scene\'s extra["materials"], counted from 1; 0: nothing hit',
        optional=True,
    ),
)


def make(shot: Shot) -> Arrays:
    """(H, W) uint16: 1 + the index in ``World.materials``."""
    return {"material": shot.material}


MATERIAL = CameraLabel("material", "material of each pixel's surface, named per scene", _ARRAYS, make)
