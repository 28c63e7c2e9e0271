"""Log intensities between two rendered pictures: along the motion of what is seen, by the exact geometry.

A pixel at an instant in between looks at a point; that point, carried by the tracks to the instants of the two
pictures, is looked up in both. Where it is hidden in one, the other counts alone; in both, the pixel's own values are
blended. Steps are so small that little moves by more than a pixel in one, after the adaptive sampling of Rebecq,
Gehrig and Scaramuzza, "ESIM: an open event camera simulator" (2018).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import maximum_filter, minimum_filter

from pairforge.frames import F64, Intrinsics, Pose
from pairforge.scenes.concrete import ConcreteSensor, intrinsics_of
from pairforge.sensors.mount import world_from_sensor
from pairforge.sensors.pixels import cast_pixels
from pairforge.sensors.ray_engine import RayEngine
from pairforge.sensors.ray_poses import part_poses
from pairforge.sensors.timeline import Timeline

STEP_PX = 1.0
MOST_STEPS = 24
FASTEST = 99.5
"""Percentile of the pixels' motions that a step must not exceed."""
SAME_DEPTH = 0.02
"""Share of its depth by which a carried point may miss the surface seen there and still be taken for it."""
BESIDE_EDGE = 0.02
FAR_M = 1e5
"""Where the sky is."""


@dataclass(frozen=True, eq=False)
class Instant:
    """What the camera looks at at one time: ``depth`` (H, W) float64 (``FAR_M``: the sky) and ``part`` (H, W)."""

    engine: RayEngine
    time_ns: int
    camera: Intrinsics
    pose: Pose
    poses: Mapping[int, Pose]

    @staticmethod
    def of(engine: RayEngine, timeline: Timeline, sensor: ConcreteSensor, time_ns: int) -> Instant:
        pose = world_from_sensor(engine.world, timeline, sensor, time_ns)
        return Instant(engine, time_ns, intrinsics_of(sensor), pose, part_poses(timeline, time_ns))

    @cached_property
    def _hits(self) -> tuple[F64, NDArray[np.uint16]]:
        hits = cast_pixels(self.engine, self.camera, self.pose, self.poses)
        shape = (self.camera.height_px, self.camera.width_px)
        return np.where(hits.part > 0, hits.distance, FAR_M).reshape(shape).astype(
            np.float64
        ), hits.part.reshape(shape)

    @property
    def depth(self) -> F64:
        return self._hits[0]

    @property
    def part(self) -> NDArray[np.uint16]:
        return self._hits[1]

    @cached_property
    def mixed(self) -> NDArray[np.bool_]:
        """(H, W) pixels with another part or depth beside them."""
        near, far = minimum_filter(self.depth, 3), maximum_filter(self.depth, 3)
        other = minimum_filter(self.part, 3) != maximum_filter(self.part, 3)
        return np.asarray(other | (far - near > 2 * SAME_DEPTH * near))

    @property
    def instance(self) -> NDArray[np.uint16]:
        """(H, W) instance ids."""
        return self.engine.world.instance_of_part[self.part]

    def carried(self, other: Instant) -> F64:
        """(H, W, 3) where the points seen now are at ``other``, in its camera's axes."""
        points = self.camera.rays() * self.depth[..., None]
        out = (other.pose.inverse @ self.pose).points(points)
        for part_id in np.unique(self.part):
            if int(part_id) in self.poses:
                own = self.part == part_id
                there = other.pose.inverse @ other.poses[int(part_id)]
                out[own] = (there @ (self.pose.inverse @ self.poses[int(part_id)]).inverse).points(
                    points[own]
                )
        return out


def steps_between(first: Instant, last: Instant) -> int:
    """Into how many steps the time between two pictures is cut."""
    there = first.carried(last)
    ahead = there[..., 2] > 1e-6
    rows, columns = np.nonzero(ahead)
    moved = first.camera.project(there[ahead]) - np.stack([columns, rows], axis=1) - 0.5
    length = np.linalg.norm(moved, axis=1) if len(moved) else np.zeros(1)
    return int(np.clip(np.ceil(np.percentile(length, FASTEST) / STEP_PX), 1, MOST_STEPS))


def between(now: Instant, first: Instant, last: Instant, before: F64, after: F64) -> F64:
    """(H, W) log intensity at ``now``, between two pictures of log intensity (H, W)."""
    share = (now.time_ns - first.time_ns) / (last.time_ns - first.time_ns)
    total, weight = np.zeros(before.shape), np.zeros(before.shape)
    for picture, at, own in ((before, first, 1.0 - share), (after, last, share)):
        value, trust = _looked_up(picture, now.carried(at), at)
        total += own * trust * value
        weight += own * trust
    blended = (1.0 - share) * before + share * after
    return np.where(weight > 0.0, total / np.maximum(weight, 1e-12), blended)


def _looked_up(picture: F64, points: F64, at: Instant) -> tuple[F64, F64]:
    """(H, W) values of a picture at points (H, W, 3) in its camera's axes, and how far they are to be trusted: not at
    all where the point is hidden, little beside an edge, where the picture's pixels hold some of what is beside."""
    height, width = picture.shape
    z = points[..., 2]
    where = at.camera.project(np.where(z[..., None] > 1e-6, points, 1.0)) - 0.5
    x, y = where[..., 0], where[..., 1]
    seen = (z > 1e-6) & (x > -0.5) & (x < width - 0.5) & (y > -0.5) & (y < height - 0.5)
    x, y = np.where(seen, x, 0.0), np.where(seen, y, 0.0)
    row, column = np.rint(y).astype(np.intp), np.rint(x).astype(np.intp)
    seen &= np.abs(at.depth[row, column] - z) < SAME_DEPTH * z
    return _bilinear(picture, x, y), np.where(seen, np.where(at.mixed[row, column], BESIDE_EDGE, 1.0), 0.0)


def _bilinear(picture: F64, x: F64, y: F64) -> F64:
    height, width = picture.shape
    x, y = np.clip(x, 0.0, width - 1.0), np.clip(y, 0.0, height - 1.0)
    left, top = np.floor(x).astype(np.intp), np.floor(y).astype(np.intp)
    right, below = np.minimum(left + 1, width - 1), np.minimum(top + 1, height - 1)
    u, v = x - left, y - top
    upper = picture[top, left] * (1 - u) + picture[top, right] * u
    lower = picture[below, left] * (1 - u) + picture[below, right] * u
    return np.asarray(upper * (1 - v) + lower * v, dtype=np.float64)
