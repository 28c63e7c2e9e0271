"""What fills the air: extinction coefficients that cameras and LiDARs share, in 1/m.

Beer-Lambert's law takes a beam down to exp(-extinction * distance). Rain and snow follow ITU-R Recommendation
P.1814 (2007), section 3, which gives specific attenuation in dB/km from the rate in mm/h: rain 1.58 R^0.63, dry
snow a S^1.38 with a = 5.42e-5 lambda_nm + 5.496. The rain law is also what drops of Marshall and Palmer's size
distribution (1948) block by geometrical optics, which a test integrates.
"""

from __future__ import annotations

import math

from pairforge.scenes.world import Sky

_DB_KM = math.log(10.0) / 10.0 / 1000.0
"""1/m of a specific attenuation of 1 dB/km."""
_WAVELENGTH_NM = 905.0

SEEN_CONTRAST = 0.05
"""Contrast at which a dark thing is lost: meteorological optical range is the distance of a transmittance of 5 %."""


def rain_per_m(rain_mm_h: float) -> float:
    """Extinction of falling rain."""
    return 1.58 * math.pow(rain_mm_h, 0.63) * _DB_KM


def snow_per_m(snow_mm_h: float) -> float:
    """Extinction of falling dry snow, its rate as water."""
    return (5.42e-5 * _WAVELENGTH_NM + 5.4958776) * math.pow(snow_mm_h, 1.38) * _DB_KM


def extinction_per_m(sky: Sky) -> float:
    """Extinction of the air of a world: fog, dust, rain and snow together."""
    return sky.fog_per_m + sky.dust_per_m + rain_per_m(sky.rain_mm_h) + snow_per_m(sky.snow_mm_h)


def visibility_m(sky: Sky) -> float:
    """Meteorological optical range: how far a beam keeps 5 % of its light; inf in clear air."""
    extinction = extinction_per_m(sky)
    return -math.log(SEEN_CONTRAST) / extinction if extinction > 0.0 else math.inf
