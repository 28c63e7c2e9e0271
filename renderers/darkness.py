"""How dark it is, and what that switches on: twilight, sky glow, lamps, headlights.

One unit of radiance or irradiance, as the sun lamp has them, is ``LUX`` lux: a sun at 60 degrees gives level ground
100,000 lux and about 5.4 units.
"""

from __future__ import annotations

import math

import numpy as np

from pairforge.scenes.air import visibility_m
from pairforge.scenes.world import Sky

LUX = 18500.0

_ALTITUDE_DEG = (-18.0, -12.0, -6.0, -5.0, -0.8, 0.0, 5.0, 10.0)
_ILLUMINANCE_LUX = (6.51e-4, 8.31e-3, 3.40, 10.8, 453.0, 732.0, 4760.0, 10900.0)
"""Light on level ground under a clear sky by the sun's altitude: RCA Electro-Optics Handbook (1974), table 6-2."""
_GLOW_LUX = 0.7
"""A bright town's own light scattered back by a clear night sky, and a moon's; clouds send back some four times as
much."""
_LAMPS_ON_RAD = math.radians(1.0)
_STREET_LUX, _HEADLIGHT_LUX, _LEAST_LUX = 10.5, 2.4, 1.6
"""What a camera meters by night: a lit street, a road in headlights, and the least that it makes up for."""
_DIM_M, _DIM = 700.0, 0.3
"""Headlights go on when sight is shorter than the first; light on level ground below the second is raised to it."""


def twilight_lux(sun_elevation: float) -> float:
    """Light of the clear sky on level ground; the sun's own included while it is up."""
    degrees = math.degrees(sun_elevation)
    return float(np.exp(np.interp(degrees, _ALTITUDE_DEG, np.log(_ILLUMINANCE_LUX))))


def glow(sky: Sky) -> float:
    """Irradiance of level ground from a town's sky by night, in units."""
    return _GLOW_LUX * (1.0 + 3.0 * sky.cloudiness) / LUX


def lamps_on(sky: Sky) -> bool:
    """Whether street lamps and lit windows show: from sunset on."""
    return sky.sun_elevation < _LAMPS_ON_RAD


def headlights_on(sky: Sky) -> bool:
    """Whether drivers have their lights on: from sunset on, in rain, in snow, and where they see less than 700 m."""
    falls = sky.rain_mm_h > 0.2 or sky.snow_mm_h > 0.1
    return lamps_on(sky) or falls or visibility_m(sky) < _DIM_M


def level(sky: Sky, horizontal: float, street_lamps: bool, headlights: bool) -> float:
    """The light that a camera exposes for, in units: the sky's on level ground, by night that of lamps."""
    if not lamps_on(sky):
        return max(horizontal, 1e-3)
    lux = _STREET_LUX if street_lamps else _HEADLIGHT_LUX if headlights else 0.0
    return max(horizontal + lux / LUX, _LEAST_LUX / LUX)


def gloom(sky: Sky) -> float:
    """Stops by which a camera that meters a bright closed sky leaves a rainy street darker; none by night."""
    return 0.0 if lamps_on(sky) else 0.5 * (1.0 - math.exp(-sky.rain_mm_h))


def raised(level: float) -> float:
    """The factor that raises a metered level to what a dim day has; 1 in daylight.

    Lamps seen by a camera are as bright in the picture by dusk as in deep night: their radiances are given for raised
    light."""
    return max(_DIM / level, 1.0)
