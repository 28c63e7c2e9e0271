"""How far left each pixel's surface point shows in the other image of a rectified stereo pair."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pairforge.arrays import ArraySpec
from pairforge.sensors.camera_labels.protocol import Arrays, CameraLabel

if TYPE_CHECKING:
    from pairforge.sensors.camera_labels.shot import Shot

_ARRAYS = (
    ArraySpec(
        "disparity",
        "npy",
        "float32",
        ("H", "W"),
        "px",
        "image",
        "columns by which the point lies further left in the right image than in the left; 0: nothing hit, "
        "nan: no stereo camera",
        optional=True,
    ),
)


def make(shot: Shot) -> Arrays:
    """(H, W) float32 pixels: fx * baseline / z, in both cameras of a pair, whether the other one sees it or not."""
    eye, depth = shot.at.sensor.settings.get("stereo"), shot.frame.depth.astype(np.float64)
    if eye is None:
        return {"disparity": np.full(shot.shape, np.nan, dtype=np.float32)}
    return {"disparity": (shot.frame.intrinsics.fx * eye["baseline_m"] / depth).astype(np.float32)}


DISPARITY = CameraLabel("disparity", "Columns between the images of a point in a stereo pair", _ARRAYS, make)
