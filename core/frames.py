"""Rigid transforms, named so that neighbours match: ``camera_from_world @ world_from_body``.

World: right-handed, Z up, metres. Ego and bodies: x forward, y left, z up, origin on the ground (vehicles: under
the rear axle). Camera: OpenCV, x right, y down, z forward. Quaternions are wxyz everywhere.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from typing import Any

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.spatial.transform import Rotation, Slerp

from pairforge.camera_models import LensModel, lens_model

F64 = NDArray[np.float64]
I64 = NDArray[np.int64]

CAMERA_AXES_IN_BODY: F64 = np.array([[0.0, 0.0, 1.0], [-1.0, 0.0, 0.0], [0.0, -1.0, 0.0]])
"""Columns: the camera's x (right), y (down), z (forward) in a body of x forward, y left, z up."""


def rotation(quaternions_wxyz: ArrayLike) -> Rotation:
    """scipy rotation(s) from wxyz, shape (4,) or (N, 4)."""
    return Rotation.from_quat(np.asarray(quaternions_wxyz, dtype=np.float64)[..., [1, 2, 3, 0]])


def triple(v: F64) -> tuple[float, float, float]:
    """A vector (3,) as plain numbers."""
    return float(v[0]), float(v[1]), float(v[2])


def wrapped(angle: float) -> float:
    """The same angle (rad) in [-pi, pi).

    >>> wrapped(3.5 * math.pi) == -0.5 * math.pi
    True
    """
    return (angle + math.pi) % (2.0 * math.pi) - math.pi


def times(a: Rotation, b: Rotation) -> Rotation:
    """``a * b`` of scipy rotations, one or N each, to the last bit; for hundreds of them six times as fast."""
    return Rotation.from_quat(np.stack(_product(a.as_quat().T, b.as_quat().T), axis=-1))


def _product(a: Any, b: Any) -> tuple[Any, Any, Any, Any]:
    """x, y, z, w of a product of quaternions xyzw, numbers or arrays alike, reckoned in scipy's order."""
    (ax, ay, az, aw), (bx, by, bz, bw) = a, b
    return (
        aw * bx + bw * ax + (ay * bz - az * by),
        aw * by + bw * ay + (az * bx - ax * bz),
        aw * bz + bw * az + (ax * by - ay * bx),
        aw * bw - ax * bx - ay * by - az * bz,
    )


def _unit(quaternion_wxyz: F64) -> tuple[float, float, float, float]:
    """(x, y, z, w) of length 1."""
    w, x, y, z = quaternion_wxyz.tolist()
    length = math.sqrt(x * x + y * y + z * z + w * w)
    if length == 0.0:
        raise ValueError("a rotation cannot be a quaternion of zeros")
    return x / length, y / length, z / length, w / length


def _turn(x: float, y: float, z: float, w: float) -> F64:
    """The (3, 3) matrix of a unit quaternion.

    What scipy does, in its order and so to the last bit, at a quarter of the time: a scene asks thousands of times
    for one rotation, and scipy's checks are most of what one costs.
    """
    xx, yy, zz, ww = x * x, y * y, z * z, w * w
    xy, zw, xz, yw, yz, xw = x * y, z * w, x * z, y * w, y * z, x * w
    rows = (
        (xx - yy - zz + ww, 2 * (xy - zw), 2 * (xz + yw)),
        (2 * (xy + zw), -xx + yy - zz + ww, 2 * (yz - xw)),
        (2 * (xz - yw), 2 * (yz + xw), -xx - yy + zz + ww),
    )
    return np.array(rows)


def _upright(x: float, y: float, z: float, w: float) -> F64:
    """wxyz with w >= 0."""
    return np.array((-w, -x, -y, -z) if w < 0.0 else (w, x, y, z))


def wxyz(rot: Rotation) -> F64:
    """Quaternion(s) wxyz with w >= 0, shape (4,) or (N, 4)."""
    q = np.asarray(rot.as_quat(), dtype=np.float64)[..., [3, 0, 1, 2]]
    return np.where(q[..., :1] < 0.0, -q, q)


@dataclass(frozen=True, eq=False)
class Pose:
    """A rigid transform ``a_from_b``: position (3,) metres and quaternion (4,) wxyz, both float64."""

    position_m: F64
    quaternion_wxyz: F64

    @staticmethod
    def of(
        position_m: Sequence[float] | F64 = (0.0, 0.0, 0.0),
        quaternion_wxyz: Sequence[float] | F64 = (1.0, 0.0, 0.0, 0.0),
        *,
        yaw: float | None = None,
    ) -> Pose:
        """From plain numbers; ``yaw`` in radians about +z replaces the quaternion."""
        if yaw is not None:
            quaternion_wxyz = (np.cos(yaw / 2), 0.0, 0.0, np.sin(yaw / 2))
        q = np.asarray(quaternion_wxyz, dtype=np.float64)
        return Pose(np.asarray(position_m, dtype=np.float64), q / np.linalg.norm(q))

    @staticmethod
    def from_matrix(matrix: F64) -> Pose:
        """From a (4, 4) rigid matrix."""
        return Pose(
            np.array(matrix[:3, 3], dtype=np.float64), wxyz(Rotation.from_matrix(np.asarray(matrix)[:3, :3]))
        )

    @property
    def rotation(self) -> F64:
        """The (3, 3) rotation matrix."""
        return _turn(*_unit(self.quaternion_wxyz))

    @property
    def matrix(self) -> F64:
        """The (4, 4) matrix."""
        m = np.eye(4)
        m[:3, :3] = self.rotation
        m[:3, 3] = self.position_m
        return m

    @property
    def yaw(self) -> float:
        """Heading in radians about +z of the x axis."""
        x = self.rotation[:, 0]
        return float(np.arctan2(x[1], x[0]))

    @property
    def inverse(self) -> Pose:
        x, y, z, w = _unit(self.quaternion_wxyz)
        back = -x, -y, -z, w
        return Pose(-np.einsum("jk,k->j", _turn(*back), self.position_m), _upright(*back))

    def __matmul__(self, other: Pose) -> Pose:
        unit = _unit(self.quaternion_wxyz)
        x, y, z, w = _product(unit, _unit(other.quaternion_wxyz))
        # einsum adds in the order in which scipy does; a product by BLAS may not.
        carried = np.einsum("jk,k->j", _turn(*unit), other.position_m)
        return Pose(carried + self.position_m, _upright(*_unit(np.array((w, x, y, z)))))

    def points(self, xyz: ArrayLike) -> F64:
        """Transforms points (..., 3)."""
        return np.asarray(xyz, dtype=np.float64) @ self.rotation.T + self.position_m

    def vectors(self, xyz: ArrayLike) -> F64:
        """Rotates vectors (..., 3)."""
        return np.asarray(xyz, dtype=np.float64) @ self.rotation.T


def look_at(eye_m: ArrayLike, target_m: ArrayLike) -> Pose:
    """``world_from_camera`` (OpenCV axes) of a camera at ``eye_m`` facing ``target_m``, its x axis level."""
    eye = np.asarray(eye_m, dtype=np.float64)
    forward = np.asarray(target_m, dtype=np.float64) - eye
    forward = forward / np.linalg.norm(forward)
    up = np.array([0.0, 0.0, 1.0]) if abs(forward[2]) < 0.999 else np.array([0.0, 1.0, 0.0])
    right = np.cross(forward, up)
    right /= np.linalg.norm(right)
    m = np.eye(4)
    m[:3, :3] = np.stack([right, np.cross(forward, right), forward], axis=1)
    m[:3, 3] = eye
    return Pose.from_matrix(m)


@dataclass(frozen=True)
class Intrinsics:
    """How a camera's pixels and rays belong together. Pixel (0, 0) has its centre at (0.5, 0.5).

    ``model``: "pinhole", "brown_conrady", "kannala_brandt" or "equirectangular", with its ``distortion`` coefficients
    (see ``scenes.optics.DISTORTION_TERMS`` and ``camera_models``). ``fx``, ``fy`` are pixels per unit of the model's
    image: of the plane z = 1, or per radian for the last two. ``circle_deg``: the full angle of the cone of light
    that a fisheye lets in (360: no limit).

    Depth is z-depth for pinhole and brown_conrady, and the range (Euclidean) for the two that may look behind.
    """

    width_px: int
    height_px: int
    fx: float
    fy: float
    cx: float
    cy: float
    model: str = "pinhole"
    distortion: tuple[float, ...] = ()
    circle_deg: float = 360.0

    @staticmethod
    def from_fov(width_px: int, height_px: int, horizontal_fov_deg: float) -> Intrinsics:
        f = width_px / 2 / float(np.tan(np.radians(horizontal_fov_deg) / 2))
        return Intrinsics(width_px, height_px, f, f, width_px / 2, height_px / 2)

    @property
    def matrix(self) -> F64:
        return np.array([[self.fx, 0.0, self.cx], [0.0, self.fy, self.cy], [0.0, 0.0, 1.0]])

    @property
    def is_pinhole(self) -> bool:
        return self.model == "pinhole"

    @property
    def z_depth(self) -> bool:
        """Whether depth is along the optical axis; else it is the range from the camera."""
        return self.model in ("pinhole", "brown_conrady")

    def rays(self) -> F64:
        """Directions (H, W, 3) through pixel centres in camera axes: of a pinhole with z = 1, of any other model of
        length 1, and nan where a pixel sees nothing. Not to be written to."""
        if not self.is_pinhole:
            return _all_rays(self)
        u = (np.arange(self.width_px) + 0.5 - self.cx) / self.fx
        v = (np.arange(self.height_px) + 0.5 - self.cy) / self.fy
        out = np.ones((self.height_px, self.width_px, 3))
        out[..., 0] = u[None, :]
        out[..., 1] = v[:, None]
        return out

    def rays_at(self, pixels: ArrayLike) -> F64:
        """Directions (..., 3), as those of ``rays``, of any image positions (..., 2) in pixels."""
        p = np.asarray(pixels, dtype=np.float64)
        points = np.stack([(p[..., 0] - self.cx) / self.fx, (p[..., 1] - self.cy) / self.fy], axis=-1)
        if self.is_pinhole:
            return np.concatenate([points, np.ones_like(points[..., :1])], axis=-1)
        return self._lens.directions(points)

    def depth_rays(self) -> F64:
        """Directions (H, W, 3) that, times a pixel's depth, give the point it sees; nan where it sees nothing."""
        return _z_rays(self) if self.model == "brown_conrady" else self.rays()

    def depth_of(self, xyz_camera: ArrayLike) -> F64:
        """Depth (...) of camera-frame points (..., 3): z, or the range where ``z_depth`` is not so."""
        p = np.asarray(xyz_camera, dtype=np.float64)
        if self.z_depth:
            return np.asarray(p[..., 2])
        return np.asarray(np.sqrt((p * p).sum(axis=-1)))

    def project(self, xyz_camera: ArrayLike) -> F64:
        """Image positions (..., 2) in pixels of camera-frame points (..., 3), inside the image or out; nan where the
        model does not reach: behind a pinhole, past where a distortion folds back, outside a fisheye's circle."""
        p = np.asarray(xyz_camera, dtype=np.float64)
        if self.is_pinhole:
            z = np.where(p[..., 2] > 0.0, p[..., 2], np.nan)
            return np.stack([self.fx * p[..., 0] / z + self.cx, self.fy * p[..., 1] / z + self.cy], axis=-1)
        return self._lens.image(p) * [self.fx, self.fy] + [self.cx, self.cy]

    def shift(self, start_px: ArrayLike, end_px: ArrayLike) -> F64:
        """``end - start`` (..., 2) in pixels; around an equirectangular image by the shorter way."""
        gap = np.asarray(end_px, dtype=np.float64) - np.asarray(start_px, dtype=np.float64)
        if self.model == "equirectangular":
            turn = 2 * np.pi * self.fx
            gap[..., 0] -= turn * np.round(gap[..., 0] / turn)
        return gap

    @property
    def _lens(self) -> LensModel:
        return lens_model(self.model, self.distortion, self.circle_deg)


@lru_cache(maxsize=8)
def _all_rays(camera: Intrinsics) -> F64:
    """``rays`` of a bent model, computed once a camera."""
    u, v = np.arange(camera.width_px) + 0.5, np.arange(camera.height_px) + 0.5
    found = camera.rays_at(np.stack(np.meshgrid(u, v), axis=-1))
    found.setflags(write=False)
    return found


@lru_cache(maxsize=8)
def _z_rays(camera: Intrinsics) -> F64:
    found: F64 = _all_rays(camera) / _all_rays(camera)[..., 2:]
    found.setflags(write=False)
    return found


def compose(position_a: F64, turn_a: Rotation, position_b: F64, turn_b: Rotation) -> tuple[F64, Rotation]:
    """``a_from_b @ b_from_c`` for (T, 3) positions (or (3,)) and rotations of one or T."""
    return np.asarray(turn_a.apply(position_b), dtype=np.float64) + position_a, times(turn_a, turn_b)


def about(axis: int, angles: F64) -> Rotation:
    """T rotations by ``angles`` (T,) radians about the local x (0), y (1) or z (2) axis."""
    vectors = np.zeros((len(angles), 3))
    vectors[:, axis] = angles
    return Rotation.from_rotvec(vectors)


_POSES_KEPT = 64


@dataclass(frozen=True, eq=False)
class Track:
    """A moving frame ``world_from_x``: knots (T,) int64 ns, positions (T, 3), quaternions (T, 4) wxyz.

    Between knots positions are linear and rotations slerp; this interpolant *is* the truth that every sensor
    and label uses. Outside the knots a query raises ValueError.
    """

    times_ns: I64
    positions_m: F64
    quaternions_wxyz: F64

    def at(self, time_ns: int) -> Pose:
        """The pose at one time stamp; the latest are kept, since a keyframe asks for them again and again."""
        if (pose := self._poses.get(time_ns)) is None:
            p, q = self.sample(np.array([time_ns], dtype=np.int64))
            if len(self._poses) >= _POSES_KEPT:
                self._poses.clear()
            pose = self._poses[time_ns] = Pose(p[0], q[0])
        return pose

    @cached_property
    def _poses(self) -> dict[int, Pose]:
        return {}

    def sample(self, times_ns: I64) -> tuple[F64, F64]:
        """Positions (N, 3) and quaternions (N, 4) wxyz at times (N,)."""
        t = np.asarray(times_ns, dtype=np.int64)
        if t.size and (t.min() < self.times_ns[0] or t.max() > self.times_ns[-1]):
            raise ValueError(
                f"time {int(t.min())}..{int(t.max())} ns is outside the track "
                f"{int(self.times_ns[0])}..{int(self.times_ns[-1])} ns"
            )
        # Subtract the first knot in integers before going to float: nanoseconds since an epoch exceed 2**53.
        knots = (self.times_ns - self.times_ns[0]).astype(np.float64)
        x = (t - self.times_ns[0]).astype(np.float64)
        near = self._knots_around(t)  # the interpolant is local: the same numbers, without the whole track
        knots, p, q = knots[near], self.positions_m[near], self.quaternions_wxyz[near]
        positions = np.stack([np.interp(x, knots, p[:, k]) for k in range(3)], axis=1)
        if len(knots) == 1:
            return positions, np.tile(wxyz(rotation(q)), (len(x), 1))
        return positions, wxyz(Slerp(knots, rotation(q))(x))

    def _knots_around(self, t: I64) -> slice:
        if not t.size:
            return slice(None)
        first = max(int(np.searchsorted(self.times_ns, t.min(), side="left")) - 1, 0)
        last = int(np.searchsorted(self.times_ns, t.max(), side="left"))
        return slice(first, max(last, first + 1) + 1)
