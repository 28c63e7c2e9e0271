"""Weather -> the sky that renderers, sensors and sentences share."""

from __future__ import annotations

import math

from pairforge.errors import SpecError
from pairforge.scenes.distributions import Uniform, Value
from pairforge.scenes.draws import Draws
from pairforge.scenes.spec import Weather
from pairforge.scenes.sun import sun_position_deg
from pairforge.scenes.world import Sky

_DUST_LAYER_M = 80.0
"""How thick the layer of dust is that the sun shines through, straight down."""


def sky(weather: Weather, draw: Draws) -> Sky:
    """Draws the weather; clouds take up to nine tenths of the sun's beam. SpecError when out of range.

    What the weather leaves open follows from the rest: the sun from place and time, the wet ground from rain, lying
    snow from falling snow: such a draw is recorded as None, and ``do`` can still set it. Rain and snow bring their
    own clouds.
    """
    elevation_deg, azimuth_deg = _sun_deg(weather, draw)
    rain = _within(draw, "rain_mm_h", weather.rain_mm_h, 0.0, 200.0)
    snow = _within(draw, "snow_mm_h", weather.snow_mm_h, 0.0, 50.0)
    dust = _within(draw, "dust_per_m", weather.dust_per_m, 0.0, math.inf)
    own_clouds = _within(draw, "cloudiness", weather.cloudiness, 0.0, 1.0)
    clouds = max(own_clouds, 1.0 - math.exp(-2.0 * rain), 1.0 - math.exp(-5.0 * snow))
    return Sky(
        sun_elevation=math.radians(elevation_deg),
        sun_azimuth=math.radians(azimuth_deg),
        sun_strength=_beam(elevation_deg, clouds, dust),
        sky_strength=1.0,
        cloudiness=clouds,
        fog_per_m=_within(draw, "fog_per_m", weather.fog_per_m, 0.0, math.inf),
        wetness=_following(draw, "wetness", weather.wetness, _wet_by(rain), (0.0, 1.0)),
        rain_mm_h=rain,
        snow_mm_h=snow,
        snow_cover=_following(draw, "snow_cover", weather.snow_cover, _white_by(snow), (0.0, 1.0)),
        dust_per_m=dust,
    )


def _sun_deg(weather: Weather, draw: Draws) -> tuple[float, float]:
    """Elevation and azimuth: given, or those of the place at the hour; a draw each either way."""
    if weather.hour is not None:
        offset = weather.utc_offset_h
        high, around = sun_position_deg(
            hour=_within(draw, "hour", weather.hour, 0.0, 24.0),
            day_of_year=_within(draw, "day_of_year", weather.day_of_year, 1.0, 366.0),
            latitude_deg=_within(draw, "latitude_deg", weather.latitude_deg, -90.0, 90.0),
            longitude_deg=_within(draw, "longitude_deg", weather.longitude_deg, -180.0, 180.0),
            utc_offset_h=None if offset is None else _within(draw, "utc_offset_h", offset, -12.0, 14.0),
            x_bearing_deg=_within(draw, "x_bearing_deg", weather.x_bearing_deg, -360.0, 360.0),
        )
        elevation = _following(draw, "sun_elevation_deg", None, high, (-90.0, 90.0))
        return elevation, _following(draw, "sun_azimuth_deg", None, around, (-math.inf, math.inf))
    free = _or(weather.sun_elevation_deg, Uniform(25.0, 60.0))
    azimuth = _or(weather.sun_azimuth_deg, Uniform(0.0, 360.0))
    return _within(draw, "sun_elevation_deg", free, -90.0, 90.0), float(draw("sun_azimuth_deg", azimuth))


def _beam(elevation_deg: float, clouds: float, dust_per_m: float) -> float:
    """Relative strength of the sun's beam."""
    if elevation_deg <= 0.0:
        return 0.0
    path_m = _DUST_LAYER_M / max(math.sin(math.radians(elevation_deg)), 0.05)
    return (1.0 - 0.9 * clouds) * math.exp(-dust_per_m * path_m)


def _wet_by(rain_mm_h: float) -> float:
    """Rain of 1 mm/h wets the ground, of 4 mm/h fills its puddles."""
    return round(1.0 - math.exp(-rain_mm_h), 4)


def _white_by(snow_mm_h: float) -> float:
    """Falling snow has lain down for an hour or so."""
    return round(0.9 * (1.0 - math.exp(-1.5 * snow_mm_h)), 4)


def _or(given: Value[float] | None, else_: Value[float]) -> Value[float]:
    return else_ if given is None else given


def _following(
    draw: Draws, name: str, given: Value[float] | None, otherwise: float, span: tuple[float, float]
) -> float:
    """A value that follows from others unless the author, or ``do``, gives one: the draw itself is then None."""
    got: float | None = draw(name, given)
    if got is None:
        return otherwise
    return _within_span(name, float(got), *span)


def _within(draw: Draws, name: str, value: Value[float], low: float, high: float) -> float:
    return _within_span(name, float(draw(name, value)), low, high)


def _within_span(name: str, got: float, low: float, high: float) -> float:
    if not low <= got <= high:
        raise SpecError(f"weather.{name} is {got:g}; it must lie in {low:g}..{high:g}")
    return got
