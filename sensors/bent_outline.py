"""Points that bound the image of a whole object where straight edges are not seen straight.

On a face the image has no extreme inside, only on its edges; an edge may bulge past its ends, so those that could
reach out furthest are followed in small steps. Where an edge leaves what the camera's model reaches, its last point
inside is found by halving.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64
from pairforge.sensors.bounds import MeshBounds
from pairforge.sensors.camera_view import CameraView

NEAR_M = 0.01
"""Geometry nearer than this to the camera's plane is cut off, where depth is along the axis."""
_BULGE = 0.6
"""An edge bulges past its ends by less than this share of the distance between them."""
_STEPS, _HALVINGS = 32, 24


def bounding_points(view: CameraView, parts: Sequence[tuple[int, MeshBounds]]) -> F64:
    """Image points (K, 2) whose box is that of all geometry of some parts that the camera's model reaches."""
    found = [np.zeros((0, 2))]
    for part_id, bounds in parts:
        uv = _image(view, part_id, bounds.used)
        ends = uv[bounds.edges]
        known = uv[np.isfinite(uv[:, 0])]
        found += [known, *_along(view, part_id, bounds, ends, known), _poles(view, part_id, bounds)]
    return np.concatenate(found)


def _image(view: CameraView, part_id: int, xyz: F64) -> F64:
    uv, at = view.image(part_id, xyz)
    if view.camera.z_depth:
        uv[~(at[:, 2] >= NEAR_M)] = np.nan
    return uv


def _along(view: CameraView, part_id: int, bounds: MeshBounds, ends: F64, known: F64) -> list[F64]:
    """Image points on the edges (E, 2 ends, 2) that may reach out past the ``known`` ones."""
    seen = np.isfinite(ends[..., 0])
    chosen = ~seen.all(axis=1)
    if len(known):
        middle, half = ends.mean(axis=1), np.abs(ends[:, 1] - ends[:, 0]) / 2
        reach = half + _BULGE * np.linalg.norm(ends[:, 1] - ends[:, 0], axis=1)[:, None]
        with np.errstate(invalid="ignore"):
            chosen |= ((middle + reach > known.max(axis=0)) | (middle - reach < known.min(axis=0))).any(
                axis=1
            )
    a, b = (bounds.used[bounds.edges[chosen, k]] for k in (0, 1))
    share = np.linspace(0.0, 1.0, _STEPS + 1)
    points = a[:, None] + share[:, None] * (b - a)[:, None]
    uv = _image(view, part_id, points.reshape(-1, 3)).reshape(*points.shape[:2], 2)
    inside = np.isfinite(uv[..., 0])
    return [uv[inside], _where_they_leave(view, part_id, points, inside)]


def _where_they_leave(view: CameraView, part_id: int, points: F64, inside: NDArray[np.bool_]) -> F64:
    """Image points (K, 2) at which edges, given by points (E, S, 3), pass out of what the model reaches."""
    edge, step = np.nonzero(inside[:, :-1] != inside[:, 1:])
    if not len(edge):
        return np.zeros((0, 2))
    first = inside[edge, step][:, None]
    low = np.where(first, points[edge, step], points[edge, step + 1])
    high = np.where(first, points[edge, step + 1], points[edge, step])
    for _ in range(_HALVINGS):
        middle = (low + high) / 2
        reached = np.isfinite(_image(view, part_id, middle)[:, :1])
        low, high = np.where(reached, middle, low), np.where(reached, high, middle)
    uv = _image(view, part_id, low)
    return np.asarray(uv[np.isfinite(uv[:, 0])])


def _poles(view: CameraView, part_id: int, bounds: MeshBounds) -> F64:
    """Image points (K, 2) of all longitudes, where the part covers a pole of an equirectangular image."""
    k = view.camera
    if k.model != "equirectangular":
        return np.zeros((0, 2))
    _, at = view.image(part_id, bounds.mesh.vertices.astype(np.float64))
    corners = at[bounds.mesh.faces]
    found = [np.zeros((0, 2))]
    for sign in (-1.0, 1.0):
        if _met(corners, np.array([0.0, sign, 0.0])):
            v = k.cy + sign * k.fy * np.pi / 2
            found.append(np.array([[k.cx - k.fx * np.pi, v], [k.cx + k.fx * np.pi, v]]))
    return np.concatenate(found)


def _met(corners: F64, direction: F64) -> bool:
    """Whether a ray from the origin meets any of the triangles (F, 3, 3)."""
    a, b, c = (corners[:, k] for k in range(3))
    sides = [np.cross(p, q) @ direction for p, q in ((a, b), (b, c), (c, a))]
    same = np.all([s >= 0 for s in sides], axis=0) | np.all([s <= 0 for s in sides], axis=0)
    normal = np.cross(b - a, c - a)
    lean = normal @ direction
    ahead = np.einsum("fk,fk->f", normal, a) * lean > 0
    return bool((same & ahead).any())
