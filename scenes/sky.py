"""Weather -> the sky that renderers, sensors and sentences share."""

from __future__ import annotations

import math

from pairforge.errors import SpecError
from pairforge.scenes.distributions import Value
from pairforge.scenes.draws import Draws
from pairforge.scenes.spec import Weather
from pairforge.scenes.world import Sky


def sky(weather: Weather, draw: Draws) -> Sky:
    """Draws the weather; clouds take up to nine tenths of the sun's beam. SpecError when out of range."""
    elevation_deg = _within(draw, "sun_elevation_deg", weather.sun_elevation_deg, -90.0, 90.0)
    azimuth_deg = draw("sun_azimuth_deg", weather.sun_azimuth_deg)
    cloudiness = _within(draw, "cloudiness", weather.cloudiness, 0.0, 1.0)
    return Sky(
        sun_elevation=math.radians(elevation_deg),
        sun_azimuth=math.radians(azimuth_deg),
        sun_strength=(1.0 - 0.9 * cloudiness) if elevation_deg > 0 else 0.0,
        sky_strength=1.0,
        cloudiness=cloudiness,
        fog_per_m=_within(draw, "fog_per_m", weather.fog_per_m, 0.0, math.inf),
        wetness=_within(draw, "wetness", weather.wetness, 0.0, 1.0),
        rain_mm_h=_within(draw, "rain_mm_h", weather.rain_mm_h, 0.0, 200.0),
        snow_mm_h=_within(draw, "snow_mm_h", weather.snow_mm_h, 0.0, 50.0),
        snow_cover=_within(draw, "snow_cover", weather.snow_cover, 0.0, 1.0),
        dust_per_m=_within(draw, "dust_per_m", weather.dust_per_m, 0.0, math.inf),
    )


def _within(draw: Draws, name: str, value: Value[float], low: float, high: float) -> float:
    got = float(draw(name, value))
    if not low <= got <= high:
        raise SpecError(f"weather.{name} is {got:g}; it must lie in {low:g}..{high:g}")
    return got
