"""The colour of each pixel's surface itself, without any light."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from pairforge.arrays import ArraySpec
from pairforge.frames import F64
from pairforge.scenes.colours import linear_of
from pairforge.sensors.camera_labels.protocol import Arrays, CameraLabel

if TYPE_CHECKING:
    from pairforge.sensors.camera_labels.shot import Shot

_ARRAYS = (
    ArraySpec(
        "albedo",
        "png",
        "uint8",
        ("H", "W", 3),
        "sRGB",
        "image",
        "base colour of the surface; procedural patterns: their mean; 0: nothing hit",
        optional=True,
    ),
)


def make(shot: Shot) -> Arrays:
    """(H, W, 3) uint8 sRGB-coded base colour: the material's, times its texture where it has a picture on it.

    Procedural patterns (bricks, grain, dirt) vary about their base colour in the rendered picture alone.
    """
    materials = shot.world.materials
    colours = np.array([(0.0, 0.0, 0.0), *(m.colour for m in materials)])
    out = coded(colours)[shot.material]
    for k, material in enumerate(materials, start=1):
        if material.texture is not None:
            own = np.flatnonzero(shot.material.ravel() == k)
            linear = colours[k] * _texels(material.texture.pixels, shot.texture_points(own))
            out.reshape(-1, 3)[own] = coded(linear)
    return {"albedo": out}


def coded(linear: F64) -> NDArray[np.uint8]:
    """Linear values 0..1 as 8-bit sRGB (IEC 61966-2-1)."""
    x = np.clip(linear, 0.0, 1.0)
    srgb = np.where(x <= 0.0031308, 12.92 * x, 1.055 * np.power(x, 1 / 2.4) - 0.055)
    return np.asarray(np.rint(255 * srgb).astype(np.uint8))


def _texels(pixels: NDArray[np.uint8], uv: F64) -> F64:
    """Linear RGB (N, 3) of a picture (h, w, 3) that repeats, row 0 at v = 1, between its four nearest pixels."""
    decoded = linear_of(np.arange(256) / 255)
    h, w = pixels.shape[:2]
    x, y = uv[:, 0] * w - 0.5, (1.0 - uv[:, 1]) * h - 0.5
    left, top = np.floor(x), np.floor(y)
    out = np.zeros((len(uv), 3))
    for down in (0, 1):
        for right in (0, 1):
            weight = np.abs(1 - right - (x - left)) * np.abs(1 - down - (y - top))
            rows, columns = (top + down).astype(int) % h, (left + right).astype(int) % w
            out += weight[:, None] * decoded[pixels[rows, columns]]
    return out


ALBEDO = CameraLabel("albedo", "base colour of each pixel's surface", _ARRAYS, make)
