"""Forward optical flow from the motion of parts and camera."""

from __future__ import annotations

from collections.abc import Mapping

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, Intrinsics, Pose
from pairforge.scenes.world import World

At = tuple[Pose, Mapping[int, Pose]]
"""One instant: world_from_camera, and the moving parts' world_from_part."""


def forward_flow(
    world: World,
    camera: Intrinsics,
    depth: NDArray[np.float32],
    part: NDArray[np.uint16],
    now: At,
    later: At,
) -> NDArray[np.float32]:
    """(H, W, 2) float32 pixels by which each pixel's surface point moves from ``now`` to ``later``.

    The point stays on its part, so the flow is exact for rigid parts; it may end hidden or outside the image. nan
    where nothing is hit or the point ends behind the camera.
    """
    seen = part > 0
    ids = part[seen]
    rays = camera.rays()[seen]
    moved = _carried(world, ids, rays * depth[seen][:, None].astype(np.float64), now, later)
    ahead = moved[:, 2] > 1e-6
    target = camera.project(np.where(ahead[:, None], moved, 1.0))
    rows, columns = np.nonzero(seen)
    shift = target - np.stack([columns + 0.5, rows + 0.5], axis=1)
    shift[~ahead] = np.nan
    flow = np.full((*part.shape, 2), np.nan, dtype=np.float32)
    flow[seen] = shift
    return flow


def _carried(world: World, ids: NDArray[np.uint16], xyz: F64, now: At, later: At) -> F64:
    """Camera-frame points (N, 3) of these parts ``now``, in the camera's frame ``later``."""
    out = (later[0].inverse @ now[0]).points(xyz)
    steps = np.zeros((len(world.parts) + 1, 3, 4))
    moves = np.zeros(len(steps), dtype=np.bool_)
    for part_id in np.flatnonzero(np.bincount(ids, minlength=1)).tolist():
        if world.part(part_id).moves:
            later_from_now = later[1][part_id] @ now[1][part_id].inverse
            steps[part_id] = (later[0].inverse @ later_from_now @ now[0]).matrix[:3]
            moves[part_id] = True
    moving = np.flatnonzero(moves[ids])
    step = steps[ids[moving]]
    out[moving] = np.einsum("nij,nj->ni", step[:, :, :3], xyz[moving]) + step[:, :, 3]
    return out
