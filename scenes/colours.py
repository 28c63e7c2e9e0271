"""Colour names and what they look like: linear RGB, well separated, so that a name is a fact one can check."""

from __future__ import annotations

from typing import Any, TypeVar

import numpy as np
from numpy.typing import ArrayLike, NDArray

from pairforge.errors import SpecError, did_you_mean
from pairforge.scenes.world import Rgb

Floats = TypeVar("Floats", bound=np.floating[Any])

PALETTE: dict[str, Rgb] = {
    "black": (0.010, 0.010, 0.011),
    "white": (0.780, 0.780, 0.760),
    "silver": (0.400, 0.425, 0.450),
    "grey": (0.130, 0.135, 0.140),
    "red": (0.480, 0.012, 0.010),
    "blue": (0.012, 0.085, 0.520),
    "green": (0.015, 0.230, 0.035),
    "yellow": (0.800, 0.530, 0.010),
    "orange": (0.750, 0.170, 0.008),
    "brown": (0.110, 0.040, 0.014),
    "beige": (0.620, 0.440, 0.230),
    "navy": (0.006, 0.013, 0.085),
    "purple": (0.150, 0.016, 0.300),
    "pink": (0.780, 0.230, 0.360),
    "cyan": (0.020, 0.480, 0.560),
}
"""Name -> linear RGB reflectance in 0..1."""

# Ottosson, "A perceptual color space for image processing" (2020): linear sRGB -> cone response -> Oklab.
_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ]
)
_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ]
)


def colour_rgb(name: str) -> Rgb:
    """Linear RGB of a palette name; SpecError with a suggestion when there is none."""
    try:
        return PALETTE[name]
    except KeyError:
        raise SpecError(f'unknown colour "{name}". {did_you_mean(name, PALETTE)}') from None


def linear_of(srgb: NDArray[Floats]) -> NDArray[Floats]:
    """Linear light 0..1 of sRGB values 0..1 (IEC 61966-2-1), of any shape."""
    out: NDArray[Floats] = np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
    return out


def oklab(linear_rgb: ArrayLike) -> NDArray[np.float64]:
    """Oklab coordinates (..., 3) of linear RGB (..., 3); Euclidean distance there is close to what eyes see."""
    rgb = np.clip(np.asarray(linear_rgb, dtype=np.float64), 0.0, None)
    out: NDArray[np.float64] = np.cbrt(rgb @ _CONES.T) @ _LAB.T
    return out


def nearest_colour(linear_rgb: ArrayLike) -> str:
    """The palette name closest to a linear RGB colour, as eyes see it."""
    names = list(PALETTE)
    distance = np.linalg.norm(oklab([PALETTE[n] for n in names]) - oklab(linear_rgb), axis=1)
    return names[int(np.argmin(distance))]
