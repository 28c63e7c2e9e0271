"""Two views of one sample that belong together, and which pixel of the one is which of the other.

What contrastive and dense self-supervision ask for. The map is exact: depth lifts a pixel into the world, the other
camera's calibration takes it down again, and where something stands between, or the picture ends, there is none.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pairforge.errors import SpecError
from pairforge.frames import F64
from pairforge.learning.augment.clip import Clip
from pairforge.learning.augment.protocol import Augment, RandomTransform, Transform
from pairforge.learning.augment.world_map import WorldMap
from pairforge.sample import CameraFrame
from pairforge.seeding import Stream

_TIED_SHARE, _TIED_M = 0.01, 0.01
"""A point is what a pixel shows when both are as far away, give or take so much."""


@dataclass(frozen=True, eq=False)
class TwoViews:
    """Two clips made of one, each told anew. ``uv`` (H, W, 2) float32: where the first camera's pixels lie in the
    second's picture; nan where it does not see them."""

    first: Clip
    second: Clip
    cameras: tuple[str, str]
    uv: NDArray[np.float32]

    @property
    def overlap(self) -> float:
        """The share of the first view's pixels that the second one sees."""
        return float(np.isfinite(self.uv[..., 0]).mean())


def two_views(
    clip: Clip,
    first: Sequence[Transform | RandomTransform],
    second: Sequence[Transform | RandomTransform],
    stream: Stream,
    camera: str = "",
) -> TwoViews:
    """A clip of one keyframe through two series of transforms, seen by one camera (the first by name)."""
    name = camera or min(clip.frame.cameras)
    a, b = Augment(first)(clip, stream / "first"), Augment(second)(clip, stream / "second")
    names = _named(a, name), _named(b, name)
    return TwoViews(a, b, names, pixel_map(a, names[0], b, names[1]))


def two_cameras(clip: Clip, first: str, second: str) -> TwoViews:
    """Two cameras of one keyframe."""
    return TwoViews(clip, clip, (first, second), pixel_map(clip, first, clip, second))


def pixel_map(a: Clip, camera_a: str, b: Clip, camera_b: str) -> NDArray[np.float32]:
    """(H, W, 2) float32: where the pixels of ``a``'s camera lie in ``b``'s, in pixels; nan where they are
    hidden there,
    outside, or show nothing. Both are made of one keyframe; SpecError where their cameras' times differ, and things
    may have moved."""
    here, there = a.frame.cameras[camera_a], b.frame.cameras[camera_b]
    if here.time_ns != there.time_ns:
        raise SpecError(
            f"{camera_a} and {camera_b} took their pictures {abs(here.time_ns - there.time_ns)} ns apart: things may "
            "have moved. Take cameras of one time stamp."
        )
    rows, columns = np.nonzero(np.isfinite(here.depth) & (here.part > 0))
    points = here.intrinsics.depth_rays()[rows, columns] * here.depth[rows, columns, None].astype(np.float64)
    between = _world_of(b) @ np.linalg.inv(_world_of(a))
    world = here.world_from_camera.points(points) @ between[:3, :3].T + between[:3, 3]
    uv = np.full((*here.part.shape, 2), np.nan, dtype=np.float32)
    found, seen = _found(there, here.part[rows, columns], there.world_from_camera.inverse.points(world))
    uv[rows[seen], columns[seen]] = found[seen]
    return uv


def _found(c: CameraFrame, part: NDArray[np.uint16], points: F64) -> tuple[F64, NDArray[np.bool_]]:
    """Where points (N, 3) in a camera's axes, each of a part, are in its picture, and whether they show there."""
    uv = c.intrinsics.project(points)
    height, width = c.part.shape
    with np.errstate(invalid="ignore"):
        inside = (uv >= 0.0).all(axis=1) & (uv[:, 0] < width) & (uv[:, 1] < height)
    u, v = (np.where(inside, np.nan_to_num(uv[:, k]), 0.0).astype(np.int64) for k in (0, 1))
    away = c.intrinsics.depth_of(points)
    # Beside an edge-on surface the pixel's own centre is further off; its steps in depth say how much.
    with np.errstate(invalid="ignore"):
        off = np.abs(c.depth[v, u] - away)
    tied = off <= _TIED_M + _TIED_SHARE * away + _step(c)[v, u]
    return uv, inside & tied & (c.part[v, u] == part)


def _step(c: CameraFrame) -> F64:
    """(H, W) by how much depth changes within a pixel, by its plane."""
    rays = np.nan_to_num(c.intrinsics.depth_rays())
    normal = c.normal.astype(np.float64)
    facing = np.abs(np.einsum("hwk,hwk->hw", normal, rays))
    slope = np.hypot(normal[..., 0] / c.intrinsics.fx, normal[..., 1] / c.intrinsics.fy)
    depth = np.where(np.isfinite(c.depth), c.depth, 0.0)
    return np.asarray(depth * np.minimum(slope / np.maximum(facing, 1e-6), 0.2))


def _world_of(clip: Clip) -> F64:
    """(4, 4): the clip's world from the one that it was made of."""
    whole = np.eye(4)
    for done in clip.history:
        if done["transform"] in ("flip", "turn_world"):
            how = WorldMap(done["transform"] == "flip", done.get("yaw", 0.0), done.get("scale", 1.0))
            step = np.eye(4)
            step[:3, :3] = how.points(np.eye(3)).T
            whole = step @ whole
    return whole


def _named(clip: Clip, camera: str) -> str:
    """What a camera is called after flips."""
    for done in clip.history:
        camera = WorldMap(mirror=done["transform"] == "flip").name(camera)
    return camera
