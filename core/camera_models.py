"""How lenses bend rays: between directions in camera axes and image points in units of the focal length.

A model's ``image`` takes directions (..., 3) (any length) to points (..., 2), ``directions`` the points back to unit
directions; pixels are ``fx * x + cx``, ``fy * y + cy``. Both give nan outside the domain in which the model is one to
one. Formulas and the order of coefficients are those of OpenCV's ``cv2.projectPoints`` and ``cv2.fisheye``, from
Brown, "Close-range camera calibration" (1971), and Kannala & Brandt, "A generic camera model and calibration method
for conventional, wide-angle, and fish-eye lenses" (2006).
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

F64 = NDArray[np.float64]

_CLOSE = 1e-13
"""Newton's steps end when they are shorter than this; image points and angles are of the order of 1."""
_STEPS = 60
_TABLE = 4097
_WIDEST = 1e4
"""Undistorted radii up to this are looked at where a distortion never folds back: 89.994 degrees off the axis."""


class LensModel(Protocol):
    """What every model can do."""

    def image(self, xyz: F64) -> F64:
        """Image points (..., 2) of directions (..., 3)."""

    def directions(self, points: F64) -> F64:
        """Unit directions (..., 3) of image points (..., 2)."""


@lru_cache(maxsize=64)
def lens_model(model: str, distortion: tuple[float, ...], circle_deg: float = 360.0) -> LensModel:
    """The model of that name; ``circle_deg`` is for "kannala_brandt" alone. Raises ValueError."""
    if model == "brown_conrady":
        return BrownConrady(distortion)
    if model == "kannala_brandt":
        return KannalaBrandt(distortion, circle_deg)
    if model == "equirectangular":
        return Equirectangular()
    if model == "pinhole":
        return BrownConrady((0.0, 0.0, 0.0, 0.0))
    raise ValueError(
        f'there is no camera model "{model}"; use pinhole, brown_conrady, kannala_brandt or equirectangular'
    )


@dataclass(frozen=True)
class BrownConrady:
    """k1 k2 p1 p2 [k3 [k4 k5 k6]]: radial (the last three divide) and tangential distortion of a pinhole's image.

    Its domain ends where the radial part stops growing, and where the whole map turns over (by tangential terms).
    """

    distortion: tuple[float, ...]

    @property
    def _terms(self) -> tuple[float, ...]:
        k1, k2, p1, p2, k3, k4, k5, k6 = (*self.distortion, 0.0, 0.0, 0.0, 0.0)[:8]
        return k1, k2, p1, p2, k3, k4, k5, k6

    @property
    def radius(self) -> float:
        """The undistorted radius at which the radial part stops growing; inf if it never does."""
        return _brown_fold(self.distortion)

    def image(self, xyz: F64) -> F64:
        z = np.where(xyz[..., 2] > 0, xyz[..., 2], np.nan)
        x, y = xyz[..., 0] / z, xyz[..., 1] / z
        u, v, _, turned = self._bent(x, y)
        inside = (np.hypot(x, y) < self.radius) & (turned > 0)
        return np.stack([np.where(inside, u, np.nan), np.where(inside, v, np.nan)], axis=-1)

    def directions(self, points: F64) -> F64:
        flat = points.reshape(-1, 2)
        x, y = np.full(len(flat), np.nan), np.full(len(flat), np.nan)
        guess = self._unbent_radially(np.hypot(flat[:, 0], flat[:, 1]))
        todo = np.flatnonzero(np.isfinite(guess))
        scale = guess[todo] / np.maximum(np.hypot(flat[todo, 0], flat[todo, 1]), 1e-300)
        x[todo], y[todo] = flat[todo, 0] * scale, flat[todo, 1] * scale
        self._newton(flat, x, y, todo)
        length = np.sqrt(x * x + y * y + 1.0)
        unit: F64 = np.stack([x / length, y / length, 1.0 / length], axis=-1)
        return unit.reshape(*points.shape[:-1], 3)

    def _newton(self, flat: F64, x: F64, y: F64, todo: NDArray[np.intp]) -> None:
        """Brings x, y (N,) in place to where their image is ``flat`` (N, 2); nan where that is nowhere."""
        for _ in range(_STEPS):
            u, v, (xx, xy, yy), turned = self._bent(x[todo], y[todo])
            du, dv = u - flat[todo, 0], v - flat[todo, 1]
            with np.errstate(divide="ignore", invalid="ignore"):
                sx, sy = (yy * du - xy * dv) / turned, (xx * dv - xy * du) / turned
            long = np.hypot(sx, sy)
            # A step is at most a tenth of where one stands, so that none jumps over a fold.
            most = 0.1 * (np.hypot(x[todo], y[todo]) + 0.1)
            held = np.where(long > most, most / np.maximum(long, 1e-300), 1.0)
            x[todo] -= held * sx
            y[todo] -= held * sy
            todo = todo[~(long < _CLOSE * (1 + np.hypot(x[todo], y[todo])))]
            if not len(todo):
                break
        u, v, _, turned = self._bent(x, y)
        with np.errstate(invalid="ignore"):
            off = np.hypot(u - flat[:, 0], v - flat[:, 1]) > 1e-11 * (1 + np.hypot(flat[:, 0], flat[:, 1]))
            lost = off | ~(np.hypot(x, y) < self.radius) | ~(turned > 0)
        x[lost], y[lost] = np.nan, np.nan

    def _unbent_radially(self, radii: F64) -> F64:
        """Undistorted radii (N,) that the radial part alone takes to ``radii``; nan far outside its reach."""
        _, _, p1, p2, *_ = self._terms
        top = min(self.radius, _WIDEST)
        knots = np.tan(np.linspace(0.0, np.arctan(top), _TABLE))
        images = knots * self._radial(knots * knots)[0]
        images[-1] = max(images[-1], images[-2])
        slack = 3.0 * (abs(p1) + abs(p2)) * min(top * top, 100.0) + 1e-9
        found = np.interp(radii, images, knots)
        return np.where(radii <= images[-1] + slack, found, np.nan)

    def _radial(self, s: F64) -> tuple[F64, F64]:
        """The radial factor at squared radii, and its derivative by them."""
        k1, k2, _, _, k3, k4, k5, k6 = self._terms
        over, under = 1 + s * (k1 + s * (k2 + s * k3)), 1 + s * (k4 + s * (k5 + s * k6))
        d_over, d_under = k1 + s * (2 * k2 + s * 3 * k3), k4 + s * (2 * k5 + s * 3 * k6)
        with np.errstate(divide="ignore", invalid="ignore"):
            return over / under, (d_over * under - over * d_under) / (under * under)

    def _bent(self, x: F64, y: F64) -> tuple[F64, F64, tuple[F64, F64, F64], F64]:
        """Distorted points, the (symmetric) derivatives (xx, xy, yy) and their determinant."""
        _, _, p1, p2, *_ = self._terms
        s = x * x + y * y
        f, df = self._radial(s)
        u = x * f + 2 * p1 * x * y + p2 * (s + 2 * x * x)
        v = y * f + p1 * (s + 2 * y * y) + 2 * p2 * x * y
        xx = f + 2 * x * x * df + 2 * p1 * y + 6 * p2 * x
        yy = f + 2 * y * y * df + 6 * p1 * y + 2 * p2 * x
        xy = 2 * x * y * df + 2 * p1 * x + 2 * p2 * y
        return u, v, (xx, xy, yy), xx * yy - xy * xy


@dataclass(frozen=True)
class KannalaBrandt:
    """k1 k2 k3 k4: image radius = theta + k1 theta^3 + k2 theta^5 + k3 theta^7 + k4 theta^9, theta off the axis.

    Its domain ends where that stops growing, at theta = pi at the latest, and at the edge of the lens's own cone of
    ``circle_deg`` (full angle).
    """

    distortion: tuple[float, ...]
    circle_deg: float = 360.0

    @property
    def angle(self) -> float:
        """The greatest theta, radians."""
        return min(_kannala_fold(self.distortion), float(np.radians(self.circle_deg) / 2))

    def radius(self, theta: F64) -> F64:
        """Image radii of angles off the axis."""
        return self._bent(theta)[0]

    def image(self, xyz: F64) -> F64:
        across = np.hypot(xyz[..., 0], xyz[..., 1])
        theta = np.arctan2(across, xyz[..., 2])
        bent = np.where(theta <= self.angle, self.radius(theta), np.nan)
        with np.errstate(divide="ignore", invalid="ignore"):
            scale = np.where(
                across > 0, bent / np.where(across > 0, across, 1.0), np.where(theta > 1, np.nan, 0.0)
            )
        return np.stack([xyz[..., 0] * scale, xyz[..., 1] * scale], axis=-1)

    def directions(self, points: F64) -> F64:
        far = np.hypot(points[..., 0], points[..., 1])
        theta = self._unbent(far.ravel()).reshape(far.shape)
        scale = np.sin(theta) / np.where(far > 0, far, 1.0)
        return np.stack([points[..., 0] * scale, points[..., 1] * scale, np.cos(theta)], axis=-1)

    def _unbent(self, radii: F64) -> F64:
        """Angles (N,) of image radii (N,), nan beyond the domain: Newton's steps, kept between two knots."""
        knots = np.linspace(0.0, self.angle, _TABLE)
        images = self.radius(knots)
        inside = radii <= images[-1]
        at = np.clip(np.searchsorted(images, radii), 1, _TABLE - 1)
        low, high = knots[at - 1], knots[at]
        theta = np.interp(radii, images, knots)
        for _ in range(_STEPS):
            bent, slope = self._bent(theta)
            above = bent > radii
            low, high = np.where(above, low, theta), np.where(above, theta, high)
            with np.errstate(divide="ignore", invalid="ignore"):
                step = theta - (bent - radii) / slope
            after = np.where((step >= low) & (step <= high), step, (low + high) / 2)
            moved = np.abs(after - theta)[inside].max(initial=0.0)
            theta = after
            if moved < _CLOSE:
                break
        return np.where(inside, theta, np.nan)

    def _bent(self, theta: F64) -> tuple[F64, F64]:
        k1, k2, k3, k4 = self.distortion
        t = theta * theta
        slope = 1.0 + t * (3 * k1 + t * (5 * k2 + t * (7 * k3 + t * 9 * k4)))
        return theta * (1.0 + t * (k1 + t * (k2 + t * (k3 + t * k4)))), np.asarray(slope, dtype=np.float64)


@dataclass(frozen=True)
class Equirectangular:
    """Longitude (from straight ahead, right positive) along x, latitude (down positive) along y, in radians."""

    def image(self, xyz: F64) -> F64:
        flat = np.hypot(xyz[..., 0], xyz[..., 2])
        return np.stack([np.arctan2(xyz[..., 0], xyz[..., 2]), np.arctan2(xyz[..., 1], flat)], axis=-1)

    def directions(self, points: F64) -> F64:
        hair = 1e-12
        inside = (np.abs(points[..., 0]) <= np.pi + hair) & (np.abs(points[..., 1]) <= np.pi / 2 + hair)
        lon, lat = (np.where(inside, points[..., k], np.nan) for k in (0, 1))
        flat = np.cos(lat)
        return np.stack([np.sin(lon) * flat, np.sin(lat), np.cos(lon) * flat], axis=-1)


@lru_cache(maxsize=64)
def _brown_fold(distortion: tuple[float, ...]) -> float:
    k1, k2, _, _, k3, k4, k5, k6 = (*distortion, 0.0, 0.0, 0.0, 0.0)[:8]
    over, under = np.array([1.0, k1, k2, k3]), np.array([1.0, k4, k5, k6])
    power = 2.0 * np.arange(4)
    # d/dr of r over(s)/under(s), s = r^2, has the sign of over under + 2 s (over' under - over under'); the radial
    # part also ends where it is divided by 0.
    turn = np.convolve(power * over, under) - np.convolve(over, power * under)
    growth = np.convolve(over, under) + turn
    return float(np.sqrt(min(_first_root(growth), _first_root(under))))


@lru_cache(maxsize=64)
def _kannala_fold(distortion: tuple[float, ...]) -> float:
    growth = np.array([1.0, *(k * (2 * i + 3) for i, k in enumerate(distortion))])
    return min(float(np.sqrt(_first_root(growth))), float(np.pi))


def _first_root(rising: F64) -> float:
    """The least positive real root of a polynomial (its coefficients from the lowest power up), inf for none."""
    roots = np.roots(rising[::-1])
    real = roots[np.abs(np.imag(roots)) < 1e-9 * (1 + np.abs(roots))].real
    return float(real[real > 0].min(initial=np.inf))
