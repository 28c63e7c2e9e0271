"""What LiDAR touches, and what it touches that a camera cannot see."""

from __future__ import annotations

import numpy as np

from pairforge.captioners import policy
from pairforge.captioners.facts_list import FactList, Scene, member
from pairforge.captioners.view import Body
from pairforge.frames import F64


def lidar_facts(scene: Scene, found: FactList) -> None:
    """Returns on every boxed thing, and those of them that a camera misses because something is in the way."""
    for name in sorted(scene.frame.lidars):
        ids, counts = np.unique(scene.frame.lidars[name].touched, return_counts=True)
        for instance_id, count in zip(ids.tolist(), counts.tolist(), strict=True):
            body = scene.bodies.get(instance_id)
            if body is None or instance_id == scene.ego_id or count < policy.LIDAR_RETURNS:
                continue
            found.add(
                "lidar_hits",
                instance_id,
                sensor=name,
                value=count,
                unit="returns",
                threshold=policy.LIDAR_RETURNS,
                evidence=(member(name, "instance", "npy"),),
            )
            for camera in scene.eyes:
                _unseen(scene, camera, body, found)


def _unseen(scene: Scene, camera: str, body: Body, found: FactList) -> None:
    """Not one pixel shows, although its box lies in the image behind nearer surfaces."""
    eye = scene.eyes[camera]
    if body.instance_id in eye.masks:
        return
    pose, lens = eye.camera.world_from_camera, eye.camera.intrinsics
    local = (_samples(body) - pose.position_m) @ pose.rotation
    away, uv = lens.depth_of(local), lens.project(local)
    if (away < 0.5).any() or not np.isfinite(uv).all():
        return
    pixels = np.floor(uv).astype(np.int64)
    inside = ((pixels >= 0) & (pixels < [eye.width, eye.height])).all(axis=1)
    if not inside.all():
        return
    covered = eye.camera.depth[pixels[:, 1], pixels[:, 0]] < away
    share = float(covered.mean())
    if share >= policy.HIDDEN_SHARE:
        found.add(
            "unseen",
            body.instance_id,
            sensor=camera,
            value=share,
            unit="share",
            threshold=policy.HIDDEN_SHARE,
            evidence=(member(camera, "instance"), member(camera, "depth", "npy"), "boxes3d"),
        )


def _samples(body: Body) -> F64:
    """(27, 3) points of a 3 x 3 x 3 grid through nine tenths of the box, in the world."""
    steps = np.array([-0.45, 0.0, 0.45])
    grid = np.stack(np.meshgrid(steps, steps, steps, indexing="ij"), axis=-1).reshape(-1, 3)
    return np.asarray(body.centre + (grid * np.asarray(body.size)) @ body.rotation.T)
