"""How each pixel's surface point moves in the world, in three dimensions."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pairforge.arrays import ArraySpec
from pairforge.frames import F64, rotation
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
    """(H, W, 3) float32 metres: the motion in the world over flow_dt, from when the pixel's row was exposed, turned
    into the camera's axes of that moment.

    What does not move has exactly 0, however the camera moves.
    """
    part, dt_ns = shot.hits.part, shot.frame.flow_dt_ns
    out = np.where(shot.hit[..., None], np.float32(0), np.float32(np.nan)).repeat(3, axis=-1)
    tracked = np.zeros(len(shot.world.parts) + 1, dtype=np.bool_)
    tracked[list(shot.at.timeline.parts)] = True
    for part_id in np.unique(part[tracked[part]]):
        own = np.flatnonzero(part == part_id)
        moved = _moved(shot, int(part_id), shot.local(own), own // shot.shape[1], dt_ns)
        out.reshape(-1, 3)[own] = moved
    return {"scene_flow": out}


def _moved(shot: Shot, part_id: int, local: F64, rows: NDArray[np.int64], dt_ns: int) -> F64:
    """(M, 3) what points (M, 3) of a part move by, in the axes of the camera when their rows were exposed."""
    track, view = shot.at.timeline.parts[part_id], shot.rolling
    times = np.array([shot.frame.time_ns]) if view is None else view.times_ns
    to_camera = shot.hits.view.turns[0][None] if view is None else view.rows_of(0).turns
    (p0, q0), (p1, q1) = track.sample(times), track.sample(times + dt_ns)
    r0, r1 = rotation(q0).as_matrix(), rotation(q1).as_matrix()
    turn = np.einsum("hij,hjk->hik", to_camera, r1 - r0)
    shift = np.einsum("hij,hj->hi", to_camera, p1 - p0)
    if view is None:
        return np.asarray(np.einsum("ij,nj->ni", turn[0], local) + shift[0])
    return np.asarray(np.einsum("nij,nj->ni", turn[rows], local) + shift[rows])


SCENE_FLOW = CameraLabel("scene_flow", "3D motion of each pixel's surface point", _ARRAYS, make)
