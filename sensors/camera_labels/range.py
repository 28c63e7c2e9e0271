"""How far each pixel's surface is from the camera, along the pixel's own ray."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pairforge.arrays import ArraySpec
from pairforge.sensors.camera_labels.protocol import Arrays, CameraLabel

if TYPE_CHECKING:
    from pairforge.sensors.camera_labels.shot import Shot

_ARRAYS = (
    ArraySpec(
        "range",
        "npy",
        "float32",
        ("H", "W"),
        "m",
        "camera",
        "Euclidean range; inf: nothing hit",
        optional=True,
    ),
)


def make(shot: Shot) -> Arrays:
    """(H, W) float32 metres; depth times the length of the ray."""
    x, y, z = np.moveaxis(shot.points, -1, 0)
    length = np.sqrt(x * x + y * y + z * z)
    return {"range": np.where(shot.hit, length, np.inf).astype(np.float32)}


RANGE = CameraLabel("range", "Euclidean distance to each pixel's surface", _ARRAYS, make)
