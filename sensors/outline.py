"""The image box of a whole object: its own triangles projected, clipped at the camera's plane."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pairforge.frames import F64, Intrinsics
from pairforge.sensors.bent_outline import NEAR_M, bounding_points
from pairforge.sensors.bounds import MeshBounds
from pairforge.sensors.camera_view import CameraView


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


def outline(view: CameraView, parts: Sequence[tuple[int, MeshBounds]]) -> Outline | None:
    """The box around all geometry of some parts in front of the camera, seen or not, past the image's edges; None
    where none of it is in front of the camera, or of what its model reaches.
    """
    if not view.straight:
        return around(bounding_points(view, parts))
    front = [_in_front(view, part_id, bounds) for part_id, bounds in parts]
    return around(view.camera.project(np.concatenate(front)))


def around(uv: F64) -> Outline | None:
    """The box around image points (N, 2); None for no points."""
    if not len(uv):
        return None
    low, high = uv.min(axis=0), uv.max(axis=0)
    return Outline((float(low[0]), float(low[1]), float(high[0]), float(high[1])))


def _in_front(view: CameraView, part_id: int, bounds: MeshBounds) -> F64:
    """Points (K, 3) in the camera's frame that bound a part's triangles, those cut at z = NEAR_M."""
    hull = view.points(part_id, bounds.hull)
    if (hull[:, 2] >= NEAR_M).all():
        return hull
    # A hull that is cut has other corners than what is cut of the triangles inside it: take those themselves.
    mesh = bounds.mesh
    xyz = view.points(part_id, mesh.vertices.astype(np.float64))
    ahead = xyz[:, 2] >= NEAR_M
    faces = mesh.faces
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    crossing = ahead[edges[:, 0]] != ahead[edges[:, 1]]
    a, b = xyz[edges[crossing, 0]], xyz[edges[crossing, 1]]
    s = (NEAR_M - a[:, 2]) / (b[:, 2] - a[:, 2])
    used = np.unique(faces)
    return np.concatenate([xyz[used[ahead[used]]], a + s[:, None] * (b - a)])
