"""What a lens and the air make of bright lamps by night: halos, the same over either renderer's picture."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter

from pairforge.renderers.darkness import lamps_on
from pairforge.scenes.air import extinction_per_m
from pairforge.scenes.world import Sky

_BRIGHT = 0.75
"""Linear level from which light spills over."""
_HALOS = ((0.006, 0.5), (0.02, 0.35), (0.07, 0.18))
"""Deviation as a share of the picture's height, and strength."""
_THICK_PER_M = 0.02


def with_glare(rgb: NDArray[np.uint8], sky: Sky) -> NDArray[np.uint8]:
    """The picture (H, W, 3) uint8 with halos about its brightest spots, wider in thick air; by day as it is."""
    if not lamps_on(sky):
        return rgb
    linear = (rgb.astype(np.float32) / 255.0) ** 2.2
    spills = np.maximum(linear - _BRIGHT, 0.0) * (1.0 / (1.0 - _BRIGHT))
    thick = 1.0 + 2.0 * min(extinction_per_m(sky) / _THICK_PER_M, 1.5)
    for share, strength in _HALOS:
        sigma = share * rgb.shape[0]
        linear = linear + thick * strength * gaussian_filter(spills, (sigma, sigma, 0), mode="constant")
    out: NDArray[np.uint8] = np.rint(255.0 * np.clip(linear, 0.0, 1.0) ** (1 / 2.2)).astype(np.uint8)
    return out
