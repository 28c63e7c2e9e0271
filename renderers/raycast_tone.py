"""From radiance to sRGB: exposure and tone curve of the preview renderer."""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray

F32 = NDArray[np.float32]

_WHITE_GROUND = 0.86
"""Exposed level of a white ground in open daylight."""
_ADAPTATION = 0.85
"""How far the camera makes up for less light: 1 would show dusk as bright as noon."""
_NIGHT, _NIGHT_LIFT = 0.005, 0.75
"""By night the curve's toe would swallow what lamps do not reach; Blender's own tone is softer there."""
_NOON = 4.6


def exposure(level: float, lit: bool = False) -> float:
    """Factor from radiance to exposed level, where level ground gets that much light (``lamps.metered``); ``lit`` by
    lamps."""
    lift = max(_NIGHT / level, 1.0) ** _NIGHT_LIFT if lit else 1.0
    relative = level / _NOON / lift
    return float(_WHITE_GROUND * np.pi / _NOON / relative**_ADAPTATION)


def developed(radiance: F32, factor: float) -> F32:
    """sRGB values 0..1, shape (N, 3), of radiance (N, 3): a filmic curve after K. Narkowicz, "ACES filmic tone
    mapping curve" (2016), then the sRGB transfer function of IEC 61966-2-1."""
    x = radiance * np.float32(factor * 1.25)
    x = np.clip(x * (2.51 * x + 0.03) / (x * (2.43 * x + 0.59) + 0.14), 0.0, 1.0)
    curved = np.where(x <= 0.0031308, 12.92 * x, 1.055 * np.maximum(x, 1e-6) ** (1 / 2.4) - 0.055)
    return np.asarray(curved, dtype=np.float32)
