"""The image box of a whole object: its own triangles projected, clipped at the camera's plane."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, Intrinsics, Pose
from pairforge.scenes.world import Instance, World

NEAR_M = 0.01
"""Geometry nearer than this to the camera's plane is cut off before it is projected."""


@dataclass(frozen=True)
class Outline:
    """A box (x_min, y_min, x_max, y_max) in pixels."""

    box: tuple[float, float, float, float]

    @property
    def area(self) -> float:
        x0, y0, x1, y1 = self.box
        return max(x1 - x0, 0.0) * max(y1 - y0, 0.0)

    @property
    def pixels(self) -> tuple[slice, slice]:
        """Rows and columns of the pixels the box touches; it must lie inside the image."""
        x0, y0, x1, y1 = self.box
        return slice(int(np.floor(y0)), int(np.ceil(y1))), slice(int(np.floor(x0)), int(np.ceil(x1)))

    def joined(self, box: tuple[float, float, float, float]) -> Outline:
        """The smallest box around both: a mask's pixels reach half a pixel past the edge they show."""
        a = self.box
        return Outline((min(a[0], box[0]), min(a[1], box[1]), max(a[2], box[2]), max(a[3], box[3])))


def inside_image(full: Outline, camera: Intrinsics) -> Outline:
    """The part of a box inside the image."""
    x = np.clip([full.box[0], full.box[2]], 0.0, camera.width_px)
    y = np.clip([full.box[1], full.box[3]], 0.0, camera.height_px)
    return Outline((float(x[0]), float(y[0]), float(x[1]), float(y[1])))


def outline(
    world: World, instance: Instance, camera: Intrinsics, world_from_camera: Pose, poses: Mapping[int, Pose]
) -> Outline:
    """The box around all of an instance's geometry in front of the camera, seen or not, past the image's edges.

    All of it must not lie behind the camera (ValueError from numpy then).
    """
    camera_from_world = world_from_camera.inverse
    corners = []
    for part_id in instance.part_ids:
        part = world.part(part_id)
        pose = poses.get(part_id, part.world_from_part) if part.moves else part.world_from_part
        xyz = (camera_from_world @ pose).points(part.mesh.vertices)
        corners.append(camera.project(_in_front(xyz, part.mesh.faces)))
    uv = np.concatenate(corners)
    low, high = uv.min(axis=0), uv.max(axis=0)
    return Outline((float(low[0]), float(low[1]), float(high[0]), float(high[1])))


def _in_front(xyz: F64, faces: NDArray[np.int32]) -> F64:
    """Corners (K, 3) of the triangles cut at z = NEAR_M."""
    touched = np.zeros(len(xyz), dtype=np.bool_)
    touched[faces] = True
    used = np.flatnonzero(touched)
    ahead = xyz[:, 2] >= NEAR_M
    if ahead[used].all():
        return xyz[used]
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    a, b = xyz[edges[:, 0]], xyz[edges[:, 1]]
    crossing = ahead[edges[:, 0]] != ahead[edges[:, 1]]
    a, b = a[crossing], b[crossing]
    s = (NEAR_M - a[:, 2]) / (b[:, 2] - a[:, 2])
    return np.concatenate([xyz[used[ahead[used]]], a + s[:, None] * (b - a)])
