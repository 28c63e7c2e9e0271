"""What a camera's chip and processor make of the light that reaches it: the same over either renderer's picture.

Light is the renderer's display-referred picture, linearised by the sRGB curve: 1 is the picture's white. The steps:
vignetting and exposure, photoelectrons with shot noise, a well that is full at white, read noise, the converter,
white balance, the sRGB curve, JPEG. Noise model: EMVA Standard 1288, release 4.0, section 2, with a system gain of
(2^bits - 1) / full_well_e steps per electron and no dark current.
"""

from __future__ import annotations

import io
from functools import cache

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pairforge.frames import F64, Intrinsics
from pairforge.scenes.colours import linear_of
from pairforge.scenes.optics import Imager
from pairforge.seeding import Stream

U8 = NDArray[np.uint8]
I32 = NDArray[np.int32]


def developed(rgb: U8, imager: Imager, camera: Intrinsics, stream: Stream) -> U8:
    """The picture (H, W, 3) uint8 sRGB as that imager gives it. All its fields must be drawn: plain numbers."""
    light = linear(rgb) * lens_shade(imager, camera)[..., None]
    out = processed(converted(light, imager, stream), imager)
    return out if imager.jpeg_quality is None else through_jpeg(out, int(_number(imager.jpeg_quality)))


def linear(rgb: U8) -> F64:
    """Light 0..1 of sRGB pixels (IEC 61966-2-1)."""
    return _decoding()[rgb]


def lens_shade(imager: Imager, camera: Intrinsics) -> F64:
    """(H, W) the share of light that each pixel is left: cos^4 of an angle whose tangent grows with the distance from
    the principal point and which leaves ``1 - vignetting`` in the farthest corner."""
    across = np.arange(camera.width_px) + 0.5 - camera.cx
    down = np.arange(camera.height_px) + 0.5 - camera.cy
    squared = across**2 + down[:, None] ** 2
    corner = max(squared[0, 0], squared[0, -1], squared[-1, 0], squared[-1, -1])
    steepest = 1.0 / np.sqrt(1.0 - _number(imager.vignetting)) - 1.0
    shade: F64 = (1.0 + steepest * squared / max(corner, 1e-12)) ** -2.0
    return shade


def converted(light: F64, imager: Imager, stream: Stream) -> I32:
    """Steps of the converter, of the shape of ``light``: 0 is black and 2^bits - 1 white. They go below 0 where read
    noise does, since a real chip adds a pedestal there and takes it off later."""
    rng, full, top = stream.rng(), _number(imager.full_well_e), 2**imager.bits - 1
    electrons = light * (full * 2.0 ** _number(imager.exposure_ev))
    caught = np.minimum(rng.poisson(electrons), full)
    read = caught + rng.normal(0.0, 1.0, light.shape) * _number(imager.read_noise_e)
    steps: I32 = np.minimum(np.rint(read * (top / full)), top).astype(np.int32)
    return steps


def processed(steps: I32, imager: Imager) -> U8:
    """sRGB pixels (H, W, 3) of the converter's steps (H, W, 3): white balance, then the sRGB curve."""
    top = 2**imager.bits - 1
    gains = imager.white_balance
    assert isinstance(gains, tuple)
    shares = np.arange(top + 1) / top
    curves = np.stack([_encoded(np.minimum(shares * gain, 1.0)) for gain in gains])
    at = np.clip(steps, 0, top)
    return np.stack([curves[k][at[..., k]] for k in range(3)], axis=-1)


def through_jpeg(rgb: U8, quality: int) -> U8:
    """The picture as Pillow reads it back from its own JPEG of that quality."""
    file = io.BytesIO()
    Image.fromarray(rgb).save(file, "JPEG", quality=quality)
    with Image.open(file) as image:
        return np.array(image.convert("RGB"))


@cache
def _decoding() -> F64:
    return linear_of(np.arange(256) / 255.0)


def _encoded(light: F64) -> U8:
    curved = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    pixels: U8 = np.rint(255.0 * curved).astype(np.uint8)
    return pixels


def _number(value: object) -> float:
    assert isinstance(value, int | float)
    return float(value)
