"""Drops and flakes in the picture: drawn over what any renderer made, by depth, from named draws.

Sizes follow Marshall and Palmer (1948) for rain and Gunn and Marshall (1958) for snow, fall speeds Atlas, Srivastava
and Sekhon (1973) for rain; each particle is blurred along its way relative to the camera while the shutter is open
and covers as much of the picture as its section does. Those too many to draw, small or far, are the haze of
``air.extinction_per_m``. A drop shows its surroundings, mostly the bright ones (Garg and Nayar, "Vision and rain",
2007). Labels know nothing of particles: depth, masks and boxes are of what is solid.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from pairforge.frames import F64, Intrinsics
from pairforge.renderers.darkness import lamps_on
from pairforge.sample import CameraFrame
from pairforge.scenes.world import Sky
from pairforge.seeding import Stream

F32 = NDArray[np.float32]

_MOST = 40_000
_NEAR_M, _RAIN_M, _SNOW_M = 0.45, 10.0, 14.0
_LEAST_RAIN_MM, _LEAST_SNOW_MM = 0.7, 0.25
_SHUTTER_S, _NIGHT_SHUTTER_S = 1 / 200, 1 / 60
_FLUFF = 4.0
"""A flake is as many times wider than the drop that it melts to."""
_FOCUS_M, _APERTURE = 8.0, 0.0022
_SHOWN_RAIN, _SHOWN_SNOW, _SHOWN_BY_NIGHT = 6.0, 1.8, 0.5
"""How much more than their section particles cover: a drop's caustics and a camera's sharpening make it stand out."""
_WIND_MPS = 1.5
_MOST_STEPS = 48


@dataclass(frozen=True, eq=False)
class _Particles:
    """Centres (N, 3) in the camera's frame, velocities against the camera (N, 3), diameters in metres (N,)."""

    at: F64
    velocity: F64
    size: F64


def with_particles(
    rgb: NDArray[np.uint8], camera: CameraFrame, sky: Sky, stream: Stream
) -> NDArray[np.uint8]:
    """The picture (H, W, 3) uint8 with what falls before what is solid; the same one where nothing falls."""
    out = rgb
    for kind, rate, shown in (("rain", sky.rain_mm_h, _SHOWN_RAIN), ("snow", sky.snow_mm_h, _SHOWN_SNOW)):
        if rate > 0.0:
            particles = _drawn(kind, rate, camera, stream / kind)
            shutter = _NIGHT_SHUTTER_S if lamps_on(sky) else _SHUTTER_S
            shown *= _SHOWN_BY_NIGHT if lamps_on(sky) else 1.0
            cover, nearness = _splatted(particles, camera, shutter, stream / kind / "splat")
            alpha = 1.0 - np.exp(-shown * cover)
            out = _blended(out, alpha, nearness, kind, sky)
    return out


def _drawn(kind: str, rate: float, camera: CameraFrame, stream: Stream) -> _Particles:
    """Particles in a frustum a tenth wider than the picture, or in the cone of all that a bent lens sees."""
    k = camera.intrinsics
    far = _RAIN_M if kind == "rain" else _SNOW_M
    tall, wide = 1.2 * k.height_px / k.fy, 1.2 * k.width_px / k.fx
    volume = (tall * wide if k.is_pinhole else 2 * np.pi * (1 - _widest(k))) * (far**3 - _NEAR_M**3) / 3.0
    if kind == "rain":
        many, slope, least = 8000.0, 4.1 * rate**-0.21, _LEAST_RAIN_MM
    else:
        many, slope, least = 3800.0 * rate**-0.87, 2.55 * rate**-0.48, _LEAST_SNOW_MM
    least = max(least, float(np.log(max(many * volume / (slope * _MOST), 1e-9)) / slope))
    expected = many / slope * np.exp(-slope * least) * volume
    rng = stream.rng()
    count = int(min(rng.poisson(expected), 2 * _MOST))
    melted = least + rng.exponential(1.0 / slope, count)
    depth = (_NEAR_M**3 + rng.random(count) * (far**3 - _NEAR_M**3)) ** (1 / 3)
    size = melted * 1e-3 * (1.0 if kind == "rain" else _FLUFF)
    if not k.is_pinhole:
        ahead, turn = 1 - rng.random(count) * (1 - _widest(k)), 2 * np.pi * rng.random(count)
        aside = np.sqrt(1 - ahead**2)
        at = depth[:, None] * np.stack([aside * np.cos(turn), aside * np.sin(turn), ahead], axis=1)
        return _Particles(at, _velocities(kind, melted, camera, stream / "wind"), size)
    column, row = (rng.random((2, count)) - 0.5) * [[wide], [tall]]
    centre = [(k.width_px / 2 - k.cx) / k.fx, (k.height_px / 2 - k.cy) / k.fy]
    at = np.stack([(column + centre[0]) * depth, (row + centre[1]) * depth, depth], axis=1)
    return _Particles(at, _velocities(kind, melted, camera, stream / "wind"), size)


def _widest(k: Intrinsics) -> float:
    """The least cosine between the axis and the ray of any pixel."""
    return float(np.nanmin(k.rays()[..., 2]))


def _velocities(kind: str, melted_mm: F64, camera: CameraFrame, stream: Stream) -> F64:
    """(N, 3) against the camera, in its frame."""
    rng = stream.rng()
    fall = 9.65 - 10.3 * np.exp(-0.6 * melted_mm) if kind == "rain" else 0.9 + 0.3 * melted_mm
    wind = np.array([*rng.normal(0.0, _WIND_MPS, 2), 0.0])
    own = rng.normal(0.0, 0.15 if kind == "rain" else 0.45, (len(melted_mm), 3))
    world = wind + own - fall[:, None] * [0.0, 0.0, 1.0]
    here, later = camera.world_from_camera, camera.world_from_camera_next
    moves = (later.position_m - here.position_m) / max(camera.flow_dt_ns * 1e-9, 1e-6)
    return np.asarray(here.inverse.vectors(world - moves))


def _splatted(p: _Particles, camera: CameraFrame, shutter_s: float, stream: Stream) -> tuple[F32, F32]:
    """(H, W) covered area in pixels, and how near what covers is (0 far, 1 near)."""
    k = camera.intrinsics
    ends = [p.at + s * shutter_s * p.velocity for s in (-0.5, 0.5)]
    kept = np.minimum(*(k.depth_of(end) for end in ends)) > 0.2
    if not k.is_pinhole:
        streak = np.abs(k.project(ends[1]) - k.project(ends[0])).max(axis=1)
        kept &= streak < k.width_px / 4  # nan, or around behind: neither is a streak
    (a, b), size = (end[kept] for end in ends), p.size[kept]
    depth = k.depth_of(a)
    width = size * k.fx / depth
    blur = _APERTURE * k.fx * np.abs(1.0 / depth - 1.0 / _FOCUS_M)
    spread = np.sqrt(width**2 + blur**2 + 0.35)
    long = np.hypot(*(k.project(b) - k.project(a)).T)
    steps = np.clip(np.ceil(1.3 * long + 1) * np.ceil(spread), 1, _MOST_STEPS * 8).astype(np.int64)
    which = np.repeat(np.arange(len(size)), steps)
    rng = stream.rng()
    along, turn, out = rng.random((3, len(which)))
    point = a[which] + along[:, None] * (b - a)[which]
    uv = k.project(point)
    radius = 0.5 * spread[which] * np.sqrt(out)
    uv = uv + np.stack([radius * np.cos(2 * np.pi * turn), radius * np.sin(2 * np.pi * turn)], axis=1)
    share = (np.pi / 4 * width**2 / steps)[which]
    known = np.isfinite(uv).all(axis=1)
    return _deposited(uv[known], k.depth_of(point)[known], share[known], camera)


def _deposited(uv: F64, depth: F64, share: F64, camera: CameraFrame) -> tuple[F32, F32]:
    """Each sample's area given to the four pixels about it, unless something solid is nearer."""
    h, w = camera.depth.shape
    # Nothing shows in a pixel that sees nothing.
    solid = np.where(np.isnan(camera.intrinsics.rays()[..., 0]), 0.0, camera.depth)
    corner = np.floor(uv - 0.5).astype(np.int64)
    inside = uv - 0.5 - corner
    total, near = np.zeros(h * w), np.zeros(h * w)
    for dx in (0, 1):
        for dy in (0, 1):
            x, y = corner[:, 0] + dx, corner[:, 1] + dy
            weight = share * np.abs(1 - dx - inside[:, 0]) * np.abs(1 - dy - inside[:, 1])
            ok = (x >= 0) & (y >= 0) & (x < w) & (y < h)
            at = np.flatnonzero(ok)
            at = at[depth[at] < solid[y[at], x[at]]]
            pixel = y[at] * w + x[at]
            total += np.bincount(pixel, weight[at], minlength=h * w)
            near += np.bincount(pixel, weight[at] / (1.0 + depth[at]), minlength=h * w)
    nearness = near / np.maximum(total, 1e-12)
    return total.reshape(h, w).astype(np.float32), nearness.reshape(h, w).astype(np.float32)


def _blended(rgb: NDArray[np.uint8], alpha: F32, nearness: F32, kind: str, sky: Sky) -> NDArray[np.uint8]:
    """Particles over the picture, in linear light: they show what is bright around them, grey against the sky."""
    linear = (rgb.astype(np.float32) / 255.0) ** 2.2
    around = gaussian_filter(linear, (rgb.shape[0] / 10, rgb.shape[0] / 10, 0), mode="nearest")
    bright = np.quantile(linear.reshape(-1, 3), 0.9, axis=0).astype(np.float32)
    colour = 0.35 * around + (0.5 if kind == "rain" else 0.42) * bright
    if lamps_on(sky):
        # Our own headlights light what is near.
        colour = 1.6 * around + 0.15 * bright + 0.5 * nearness[..., None] ** 1.5
    out = linear * (1 - alpha[..., None]) + colour * alpha[..., None]
    shown: NDArray[np.uint8] = np.rint(255.0 * np.clip(out, 0.0, 1.0) ** (1 / 2.2)).astype(np.uint8)
    return shown
