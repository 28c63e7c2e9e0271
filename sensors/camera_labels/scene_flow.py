"""How each pixel's surface point moves in the world, in three dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from pairforge.arrays import ArraySpec
from pairforge.sensors.camera_labels.protocol import Arrays, CameraLabel

if TYPE_CHECKING:
    from pairforge.sensors.camera_labels.shot import Shot

_ARRAYS = (
    ArraySpec(
        "scene_flow",
        "npy",
        "float32",
        ("H", "W", 3),
        "m",
        "camera at time_ns",
        "the point's motion in the world until time + flow_dt, ego motion not included; nan: none",
        optional=True,
    ),
)


def make(shot: Shot) -> Arrays:
    """(H, W, 3) float32 metres: the motion in the world over flow_dt, turned into the camera's axes at ``time_ns``.

    What does not move has exactly 0, however the camera moves.
    """
    from pairforge.sensors.camera_labels.motion import between, moving_pixels, view_at

    now, later = shot.frame.time_ns, shot.frame.time_ns + shot.frame.flow_dt_ns
    turns, offsets = between(shot.hits.view, view_at(shot, later, camera_ns=now))
    out = np.where(shot.hit[..., None], np.float32(0), np.float32(np.nan)).repeat(3, axis=-1)
    moving = moving_pixels(shot)
    ids, points = shot.frame.part.ravel()[moving], shot.points.reshape(-1, 3)[moving]
    out.reshape(-1, 3)[moving] = np.einsum("nij,nj->ni", turns[ids], points) + offsets[ids] - points
    return {"scene_flow": out}


SCENE_FLOW = CameraLabel("scene_flow", "3D motion of each pixel's surface point", _ARRAYS, make)
