"""A world's light as arrays for Blender: reckoned where there is time for it, in the worker or ahead of it."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64
from pairforge.renderers.blender_sky import daylight
from pairforge.renderers.darkness import raised
from pairforge.renderers.lamps import Beam, metered
from pairforge.scenes.world import Sky

F32 = NDArray[np.float32]

_COARSER = 4
"""How much, each way, the sky is coarser that lights and is mirrored: 0.7 degrees a pixel, 512 around the horizon."""


@dataclass(frozen=True, eq=False)
class Backdrop:
    """``gain`` is the factor by which all light is raised, so that a night's faint radiances lie where clamps and
    denoiser expect radiances to lie. ``sky`` and ``coarse`` (H, W, 3), raised by it, are the sky as the camera sees
    it, and the same light for all that lights or is mirrored: equirectangular, row 0 straight up, centre +x.
    ``sun`` (3,) irradiance across its rays and ``haze`` (3,) radiance are not raised; ``to_sun`` (3,) unit.
    ``level`` is the light on level ground that a camera exposes for."""

    sky: F32
    coarse: F32
    sun: F64
    to_sun: F64
    haze: F64
    level: float
    gain: float


def backdrop(sky: Sky, beams: tuple[Beam, ...], width_px: int = 2048) -> Backdrop:
    """The light of a world whose lamps send out ``beams``."""
    day = daylight(sky, width_px)
    level = metered(sky, day.horizontal, beams)
    gain = raised(level)
    fine, coarse = _raised(day.image, gain), _raised(_coarse(day.image), gain)
    return Backdrop(fine, coarse, day.sun, day.to_sun, day.haze, level, gain)


def _raised(radiance: F64, gain: float) -> F32:
    # Row by row in float64: the whole of it would take 50 MB.
    return np.multiply(radiance, gain, out=np.empty(radiance.shape, np.float32), casting="same_kind")


def _coarse(radiance: F64) -> F64:
    """Means of squares of pixels: few enough to stay in a core's cache, since rays leave every way."""
    rows, columns = radiance.shape[:2]
    squares = radiance.reshape(rows // _COARSER, _COARSER, columns // _COARSER, _COARSER, 3)
    return np.asarray(squares.mean((1, 3)))
