"""How far a thing may be lowered until it touches what lies below: the way into a bowl or onto a heap.

Both are seen as height maps over one grid, of their colliders, since these are what will touch: the thing from below,
what bears it from above.
"""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import ConvexHull

from pairforge.frames import F64, Pose
from pairforge.scenes.footprint import Body, collider_points
from pairforge.scenes.world import Shape

I32 = NDArray[np.int32]

GRID = 96
"""Cells along the longer side of the thing's outline."""
FAR_M = 50.0
CLEARANCE_M = 0.001
"""What is left between the two: maps have cells, and a thing that starts inside another is flung out."""


def lowered(body: Body, below: Sequence[Body], floor_m: float | None = None) -> Pose:
    """The body's pose moved straight down, or up, until it all but touches the others, or the level of the floor.

    ValueError when there is nothing below it.
    """
    xy = _grid(body)
    low = _heights([body], xy, upward=True)
    top = _heights(below, xy, upward=False)
    if floor_m is not None:
        top = np.maximum(top, floor_m)
    gap = low - top
    gap = gap[np.isfinite(gap)]
    if not len(gap):
        raise ValueError("there is nothing below")
    down = np.array([0.0, 0.0, float(gap.min()) - CLEARANCE_M])
    return Pose(body.pose.position_m - down, body.pose.quaternion_wxyz)


def _grid(body: Body) -> F64:
    """Cell centres (N, 2) over the body's outline."""
    points = np.concatenate([np.asarray(s.outline.bounds).reshape(2, 2) for s in body.solids])
    low, high = points.min(axis=0), points.max(axis=0)
    step = float((high - low).max()) / GRID
    x, y = (np.arange(low[k] + step / 4, high[k], step) for k in (0, 1))
    cells: F64 = np.stack(np.meshgrid(x, y, indexing="ij"), axis=-1).reshape(-1, 2)
    return cells


def _heights(bodies: Sequence[Body], xy: F64, upward: bool) -> F64:
    """(N,) height of the first surface met from far below (``upward``) or far above; infinite where there is none."""
    from pairforge.sensors.ray_scene import TriangleScene  # sensors read worlds, which scenes build

    meshes = [_triangles(body) for body in bodies]
    if not meshes:
        return np.full(len(xy), -np.inf)
    counts = np.cumsum([0, *(len(v) for v, _ in meshes[:-1])])
    vertices = np.concatenate([v for v, _ in meshes])
    faces = np.concatenate([f + n for (_, f), n in zip(meshes, counts, strict=True)])
    middle = float(vertices[:, 2].mean())
    sign = 1.0 if upward else -1.0
    rays = np.zeros((len(xy), 6), dtype=np.float32)
    rays[:, :2], rays[:, 2], rays[:, 5] = xy, -sign * FAR_M, sign
    scene = TriangleScene((vertices - [0.0, 0.0, middle]).astype(np.float32), faces.astype(np.int32))
    distance = scene.cast(rays)[0].astype(np.float64)
    return np.where(np.isfinite(distance), middle - sign * FAR_M + sign * distance, sign * np.inf)


def _triangles(body: Body) -> tuple[F64, I32]:
    """Vertices (V, 3) in the world and faces (F, 3) of the hulls of its colliders; of its meshes if it has none."""
    vertices, faces = _hulls(body.shape)
    return body.pose.points(vertices), faces


@lru_cache(maxsize=256)
def _hulls(shape: Shape) -> tuple[F64, I32]:
    """The same in the body frame. Windings do not matter to rays."""
    clouds = [collider_points(c) for c in shape.colliders if c.kind != "mesh"]
    pieces = [(cloud, ConvexHull(cloud).simplices) for cloud in clouds] or [
        (p.body_from_part.points(p.mesh.vertices), p.mesh.faces) for p in shape.parts
    ]
    counts = np.cumsum([0, *(len(v) for v, _ in pieces[:-1])])
    faces = [np.asarray(f) + n for (_, f), n in zip(pieces, counts, strict=True)]
    return np.concatenate([v for v, _ in pieces]), np.concatenate(faces).astype(np.int32)
