"""Where the surface points of a shot's pixels are at another time, and whether the camera sees them there."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, Intrinsics
from pairforge.sensors.camera_labels.shot import Shot
from pairforge.sensors.camera_view import CameraView
from pairforge.sensors.mount import world_from_sensor
from pairforge.sensors.ray_poses import part_poses

HIDDEN, NOTHING = 1, 255
"""Values of masks that say what is hidden: 0 is seen, 255 has no surface."""

NEAR_M, NEAR_SHARE = 0.002, 5e-4
"""Something hides a point when it stands in front of it by more than 2 mm and 0.05 % of the distance."""


def view_at(shot: Shot, time_ns: int, camera_ns: int | None = None) -> CameraView:
    """All parts where they are at ``time_ns``, seen from where the camera is at ``camera_ns`` (None: then too)."""
    at = shot.at
    pose = world_from_sensor(shot.world, at.timeline, at.sensor, time_ns if camera_ns is None else camera_ns)
    return CameraView(shot.world, shot.frame.intrinsics, pose, part_poses(at.timeline, time_ns))


def carried(shot: Shot, view: CameraView) -> F64:
    """(H, W, 3) each pixel's surface point, carried by its part to ``view``, in that view's camera axes; nan for
    nothing."""
    turns, offsets = between(shot.hits.view, view)
    points = np.where(shot.hit[..., None], shot.points, np.nan)
    out: F64 = np.einsum("hwj,ij->hwi", points, turns[0]) + offsets[0]
    moving = moving_pixels(shot)
    ids = shot.frame.part.ravel()[moving]
    own = points.reshape(-1, 3)[moving]
    out.reshape(-1, 3)[moving] = np.einsum("nij,nj->ni", turns[ids], own) + offsets[ids]
    return out


def between(now: CameraView, then: CameraView) -> tuple[F64, F64]:
    """Of every part, row 0 the world: from the camera's frame of one view to that of another by way of the part's own
    frame; rotations (P + 1, 3, 3), offsets (P + 1, 3)."""
    turns = np.einsum("pij,pkj->pik", then.turns, now.turns)
    return turns, then.offsets - np.einsum("pij,pj->pi", turns, now.offsets)


def moving_pixels(shot: Shot) -> NDArray[np.intp]:
    """Flat indices of the pixels that show a moving part."""
    moves = np.array([False, *(p.moves for p in shot.world.parts)])
    return np.flatnonzero(moves[shot.frame.part.ravel()])


def imaged(camera: Intrinsics, xyz: F64) -> F64:
    """(..., 2) pixels of points (..., 3) in camera axes; nan for those that have no image."""
    ahead = np.isfinite(xyz).all(axis=-1)
    if camera.model in ("pinhole", "brown_conrady"):
        with np.errstate(invalid="ignore"):
            ahead &= xyz[..., 2] > 1e-6
    with np.errstate(invalid="ignore"):
        uv = camera.project(np.where(ahead[..., None], xyz, (0.0, 0.0, 1.0)))
    return np.where(ahead[..., None], uv, np.nan)


def inside(camera: Intrinsics, uv: F64) -> NDArray[np.bool_]:
    """(...) whether image positions (..., 2) lie within the image."""
    with np.errstate(invalid="ignore"):
        found = (uv >= 0).all(axis=-1) & (uv[..., 0] < camera.width_px) & (uv[..., 1] < camera.height_px)
    return np.asarray(found)


def hidden_at(shot: Shot, time_ns: int) -> NDArray[np.uint8]:
    """(H, W) 1 where a pixel's surface point is hidden, or outside the image, at another time; 0 where it is seen;
    255 where there is none. A ray is cast from the camera, as it is then, to the point, as it is then."""
    view = view_at(shot, time_ns)
    points = carried(shot, view)
    out = np.where(shot.hit, HIDDEN, NOTHING).astype(np.uint8)
    asked = np.flatnonzero(inside(view.camera, imaged(view.camera, points)).ravel() & shot.hit.ravel())
    pose = world_from_sensor(shot.world, shot.at.timeline, shot.at.sensor, time_ns)
    directions = np.einsum("nj,ij->ni", points.reshape(-1, 3)[asked], pose.rotation)
    length = np.sqrt(np.einsum("ni,ni->n", directions, directions))
    short = np.maximum(1.0 - NEAR_SHARE - NEAR_M / np.maximum(length, 1e-9), 0.0)
    origins = np.broadcast_to(pose.position_m, directions.shape)
    poses = part_poses(shot.at.timeline, time_ns)
    out.ravel()[asked] = shot.at.engine.occluded(origins, directions, short, poses)
    return out
