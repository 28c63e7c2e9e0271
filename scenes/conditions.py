"""Weather by name: one line shifts the distribution of any scene, ``replace(STREET, weather=RAIN)``.

On the command line ``--set weather=rain``. All leave the sun's azimuth to the same draw, so a seed keeps its sun.
"""

from __future__ import annotations

from collections.abc import Mapping

from pairforge.errors import SpecError, did_you_mean
from pairforge.scenes.distributions import Uniform
from pairforge.scenes.spec import Weather

CLEAR = Weather(cloudiness=0.1)
OVERCAST = Weather(cloudiness=0.95)
FOG = Weather(cloudiness=0.8, fog_per_m=Uniform(0.02, 0.035), wetness=0.3)
RAIN = Weather(rain_mm_h=Uniform(6.0, 15.0))
SNOW = Weather(snow_mm_h=Uniform(1.5, 3.0), snow_cover=Uniform(0.8, 0.95))
DUST = Weather(dust_per_m=Uniform(0.015, 0.025))
DUSK = Weather(sun_elevation_deg=Uniform(-5.0, -2.5), cloudiness=0.3)
NIGHT = Weather(sun_elevation_deg=Uniform(-40.0, -15.0), cloudiness=0.3)
RAINY_NIGHT = Weather(sun_elevation_deg=Uniform(-40.0, -15.0), rain_mm_h=Uniform(4.0, 10.0))

CONDITIONS: Mapping[str, Weather] = {
    "clear": CLEAR,
    "overcast": OVERCAST,
    "fog": FOG,
    "rain": RAIN,
    "snow": SNOW,
    "dust": DUST,
    "dusk": DUSK,
    "night": NIGHT,
    "rainy_night": RAINY_NIGHT,
}


def condition(name: str) -> Weather:
    """The weather of that name; SpecError with a suggestion when there is none."""
    try:
        return CONDITIONS[name]
    except KeyError:
        raise SpecError(f'unknown weather "{name}". {did_you_mean(name, CONDITIONS)}') from None
