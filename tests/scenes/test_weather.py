"""Weather: the sun of a place and hour against published positions, what follows from what falls, shift by name."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import quad

from pairforge.errors import SpecError
from pairforge.scenes.air import extinction_per_m, rain_per_m, snow_per_m, visibility_m
from pairforge.scenes.conditions import CLEAR, CONDITIONS, NIGHT, RAIN, SNOW
from pairforge.scenes.distributions import Uniform
from pairforge.scenes.library.driving import STREET
from pairforge.scenes.overrides import overrides
from pairforge.scenes.resolve import resolve
from pairforge.scenes.spec import Scene, Weather
from pairforge.scenes.sun import sun_position_deg
from pairforge.scenes.world import Sky

EMPTY = Scene(name="t")


def sky(weather: Weather, do: dict[str, float] | None = None) -> Sky:
    return resolve(replace(EMPTY, weather=weather), 3, do).sky


def test_the_sun_stands_where_the_solar_position_algorithm_says() -> None:
    """The worked example of Reda and Andreas, NREL/TP-560-34302 (2003), table A5.1: 17 October 2003, 12:30:30 local
    time (UTC - 7) at 39.742476 N, 105.1786 W: zenith 50.11162, azimuth 194.34024 degrees."""
    elevation, azimuth = sun_position_deg(39.742476, -105.1786, 290.0, 12 + 30.5 / 60, -7.0, 0.0, 2003)
    assert elevation == pytest.approx(90.0 - 50.11162, abs=0.01)
    assert -azimuth % 360.0 == pytest.approx(194.34024, abs=0.01)


@pytest.mark.parametrize(("day", "declination"), [(79.0, 0.0), (172.0, 23.44), (265.0, 0.0), (355.0, -23.44)])
def test_the_sun_culminates_at_the_height_of_the_season(day: float, declination: float) -> None:
    """Culmination is 90 degrees - latitude + declination; declinations of equinoxes and solstices are known."""
    heights = [sun_position_deg(50.0, 0.0, day, h)[0] for h in np.arange(11.5, 12.5, 0.05)]
    assert max(heights) == pytest.approx(40.0 + declination, abs=0.4)


def test_the_sun_rises_in_the_east_and_x_may_point_elsewhere() -> None:
    _, morning = sun_position_deg(48.0, 0.0, 79.0, 6.5)
    _, evening = sun_position_deg(48.0, 0.0, 79.0, 17.5)
    # World +x is east.
    assert math.cos(math.radians(morning)) > 0.95
    assert math.cos(math.radians(evening)) < -0.95
    _, turned = sun_position_deg(48.0, 0.0, 79.0, 6.5, x_bearing_deg=180.0)
    assert (turned - morning) % 360 == pytest.approx(90.0)


def test_an_hour_sets_the_sun_as_draws_that_do_can_replace() -> None:
    weather = Weather(hour=Uniform(20.0, 23.0), day_of_year=15.0, latitude_deg=48.0)
    concrete = resolve(replace(EMPTY, weather=weather), 5)
    assert concrete.sky.sun_elevation < math.radians(-20)
    assert concrete.sky.sun_strength == 0.0
    assert concrete.draws["weather.sun_elevation_deg"] is None  # it follows from the hour
    noon = resolve(replace(EMPTY, weather=weather), 5, do={"weather.hour": 12.0})
    assert noon.sky.sun_elevation == pytest.approx(math.radians(90 - 48 - 21.2), abs=0.01)
    assert noon.draws == {**concrete.draws, "weather.hour": 12.0}
    lit = resolve(replace(EMPTY, weather=weather), 5, do={"weather.sun_elevation_deg": 30.0}).sky
    assert lit.sun_elevation == pytest.approx(math.radians(30.0))
    assert lit.sun_strength > 0.5


def test_rain_wets_the_ground_and_closes_the_sky_unless_told_otherwise() -> None:
    wet = sky(Weather(rain_mm_h=10.0))
    assert wet.wetness > 0.95
    assert wet.cloudiness > 0.99
    assert wet.sun_strength < 0.15
    assert sky(Weather(rain_mm_h=10.0, wetness=0.1)).wetness == 0.1
    dry = sky(Weather())
    assert (dry.wetness, dry.snow_cover, dry.cloudiness) == (0.0, 0.0, 0.1)
    white = sky(Weather(snow_mm_h=2.0))
    assert white.snow_cover > 0.8
    assert white.wetness == 0.0
    assert sky(Weather(dust_per_m=0.02)).sun_strength < 0.5 * dry.sun_strength


def test_more_rain_by_do_changes_the_weather_and_nothing_else() -> None:
    base = resolve(STREET, 4)
    twin = resolve(STREET, 4, do={"weather.rain_mm_h": 20.0})
    assert twin.items == base.items
    assert twin.sensors == base.sensors
    assert twin.lanes == base.lanes
    changed = {k for k in base.draws.keys() | twin.draws.keys() if base.draws.get(k) != twin.draws.get(k)}
    assert changed == {"weather.rain_mm_h"}
    assert twin.sky.wetness > 0.99 > base.sky.wetness
    assert resolve(STREET, 4, do={"weather.rain_mm_h": 20.0, "weather.wetness": 0.25}).sky.wetness == 0.25
    assert twin.sky.sun_azimuth == base.sky.sun_azimuth


def test_every_condition_is_one_line_away_and_keeps_the_scene() -> None:
    for name, weather in CONDITIONS.items():
        by_name, by_value = overrides(STREET, {"weather": name}), replace(STREET, weather=weather)
        assert by_name == by_value
        concrete = resolve(by_value, 4)
        assert concrete.items == resolve(STREET, 4).items, name
    assert [CONDITIONS[n] for n in ("night", "rain", "snow")] == [NIGHT, RAIN, SNOW]
    assert resolve(replace(STREET, weather=CLEAR), 4).sky.sun_azimuth == resolve(STREET, 4).sky.sun_azimuth
    with pytest.raises(SpecError, match='Did you mean "rain"'):
        overrides(STREET, {"weather": "rains"})
    with pytest.raises(SpecError, match=r"weather.hour is 25; it must lie in 0..24"):
        sky(Weather(hour=25.0))


@pytest.mark.parametrize("rate", [1.0, 5.0, 25.0, 100.0])
def test_rain_dims_as_marshall_and_palmers_drops_do(rate: float) -> None:
    """Drops of diameter D block twice their section (geometrical optics): N(D) = 8000 exp(-4.1 R^-0.21 D) /m^3/mm."""
    per_m3 = quad(lambda d: 8000 * math.exp(-4.1 * rate**-0.21 * d) * 2 * math.pi / 4 * d * d, 0, 30)[0]
    assert rain_per_m(rate) == pytest.approx(per_m3 * 1e-6, rel=0.03)


def test_the_air_thickens_with_what_falls_and_sight_shortens() -> None:
    assert visibility_m(Sky()) == math.inf
    mist = Sky(fog_per_m=0.01, dust_per_m=0.02, rain_mm_h=10.0, snow_mm_h=2.0)
    assert extinction_per_m(mist) == pytest.approx(0.03 + rain_per_m(10.0) + snow_per_m(2.0))
    assert visibility_m(Sky(fog_per_m=0.03)) == pytest.approx(99.86, abs=0.01)
    # Heavy snow, 2.5 mm/h of water or more, hides what is beyond some hundred metres.
    assert 300.0 < visibility_m(Sky(snow_mm_h=2.5)) < 1000.0
