"""Light of the sky for the preview renderer: the same image as Blender's, as lookups."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

from pairforge.frames import F64
from pairforge.renderers.blender_sky import Daylight, daylight
from pairforge.scenes.air import extinction_per_m
from pairforge.scenes.world import Sky

F32 = NDArray[np.float32]

_SUN_RADIUS = 0.0075
"""Of the visible disc, in radians: a camera's glare makes the sun look larger than its 0.0047."""


class Light:
    """Radiance of the sky, irradiance of a surface, and the sun's beam."""

    def __init__(self, sky: Sky, width_px: int = 1024) -> None:
        self.day: Daylight = daylight(sky, width_px=width_px)
        self.to_sun: F32 = self.day.to_sun.astype(np.float32)
        self.sun: F32 = self.day.sun.astype(np.float32)
        self.air_per_m = extinction_per_m(sky)
        self.haze: F32 = np.asarray(self.day.haze, np.float32)
        self._image = np.ascontiguousarray(np.moveaxis(self.day.image, 2, 0), dtype=np.float32)
        self._blurred = np.stack([gaussian_filter(c, (6, 9), mode=("nearest", "wrap")) for c in self._image])
        self._harmonics = _irradiance_harmonics(self.day.image)

    def sky(self, directions: F32) -> F32:
        """Radiance (N, 3) seen along unit directions (N, 3), with the sun's disc."""
        out = self._look_up(self._image, directions)
        off = np.arccos(np.clip(directions @ self.to_sun, -1.0, 1.0)) / _SUN_RADIUS
        disc = np.clip(1.5 - off, 0.0, 1.0) + 0.02 * np.exp(-0.12 * off)
        clear = np.float32(np.exp(-self.air_per_m * 300.0))
        return np.asarray(out + disc[:, None] * self.sun * (8.0 * clear), dtype=np.float32)

    def reflected(self, directions: F32) -> F32:
        """Radiance (N, 3) of the slightly blurred sky, without the sun."""
        return self._look_up(self._blurred, directions)

    def irradiance(self, normals: F32) -> F32:
        """(N, 3) from the whole sky and the ground on surfaces with unit normals (N, 3), without the sun."""
        return np.asarray(np.maximum(_basis(normals) @ self._harmonics, 0.0), dtype=np.float32)

    def through_air(self, radiance: F32, range_m: F32) -> F32:
        """Beer-Lambert: radiance (N, 3) from ``range_m`` (N,) away, dimmed and veiled by the air."""
        if self.air_per_m <= 0.0:
            return radiance
        clear = np.exp(-self.air_per_m * range_m)[:, None].astype(np.float32)
        return np.asarray(radiance * clear + self.haze * (1 - clear), dtype=np.float32)

    def _look_up(self, image: F32, directions: F32) -> F32:
        rows, columns = image.shape[1:]
        elevation = np.arcsin(np.clip(directions[:, 2], -1.0, 1.0))
        azimuth = np.arctan2(directions[:, 1], directions[:, 0])
        row = np.clip((0.5 - elevation / np.pi) * rows - 0.5, 0, rows - 1)
        column = (0.5 - azimuth / (2 * np.pi)) * columns - 0.5
        at = np.stack([row, column])
        out = np.stack([map_coordinates(c, at, order=1, mode="grid-wrap") for c in image], axis=1)
        return np.asarray(out, dtype=np.float32)


@lru_cache(maxsize=8)
def light_of(sky: Sky, width_px: int = 1024) -> Light:
    """The light of a sky, kept for the next worlds under the same one: it takes longer than a small picture."""
    return Light(sky, width_px)


def _basis(n: NDArray[Any]) -> Any:
    """Real spherical harmonics of degree 0..2 at unit vectors (..., 3), without their constants."""
    x, y, z = n[..., 0], n[..., 1], n[..., 2]
    one = np.ones_like(x)
    return np.stack([one, y, z, x, x * y, y * z, 3 * z * z - 1, x * z, x * x - y * y], axis=-1)


def _irradiance_harmonics(image: NDArray[Any]) -> F32:
    """(9, 3) irradiance coefficients of an environment (H, W, 3): Ramamoorthi and Hanrahan, "An efficient
    representation for irradiance environment maps" (2001)."""
    step = max(image.shape[0] // 64, 1)
    image = image[step // 2 :: step, step // 2 :: step].astype(np.float64)
    rows, columns = image.shape[:2]
    elevation = (0.5 - (np.arange(rows) + 0.5) / rows)[:, None] * np.pi
    azimuth = (0.5 - (np.arange(columns) + 0.5) / columns)[None, :] * 2 * np.pi
    flat = np.cos(elevation)
    up = np.broadcast_to(np.sin(elevation), (rows, columns))
    n: F64 = np.stack([flat * np.cos(azimuth), flat * np.sin(azimuth), up], axis=-1)
    solid_angle = np.broadcast_to(flat * (np.pi / rows) * (2 * np.pi / columns), (rows, columns))
    norm = np.array([0.282095, *[0.488603] * 3, 1.092548, 1.092548, 0.315392, 1.092548, 0.546274])
    cosine_lobe = np.array([np.pi, *[2 * np.pi / 3] * 3, *[np.pi / 4] * 5])
    weights = _basis(n) * solid_angle[..., None]
    return np.asarray(
        np.einsum("hwk,hwc->kc", weights, image) * (norm**2 * cosine_lobe)[:, None], dtype=np.float32
    )
