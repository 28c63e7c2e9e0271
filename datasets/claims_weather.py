"""Proof of what is said of light and weather, from the stored sky alone."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from pairforge.datasets import claims_policy as policy
from pairforge.datasets.claims_checks import Derived, check, need
from pairforge.datasets.claims_scene import Proof
from pairforge.sample import Fact

Sky = Mapping[str, Any]


@check("weather")
def _weather(proof: Proof, fact: Fact) -> Derived:
    sky = proof.record.concrete.get("sky")
    need(bool(sky) and len(proof.record.lanes) > 0 and not fact.subjects, "no open sky")
    assert sky is not None
    need(fact.argument in _WORDS, f"unknown weather {fact.argument!r}")
    return _WORDS[fact.argument](sky, fact.argument)


def _number(sky: Sky, name: str) -> float:
    return float(sky[name]) if name in sky else 0.0


def _from(name: str, least: float, unit: str) -> Callable[[Sky, str], Derived]:
    """Said from a least value on."""
    return lambda sky, word: Derived(_number(sky, name), least, unit=unit, argument=word, frame="world")


def _need_dry_clear_day(sky: Sky) -> None:
    for name, most in (
        ("fog_per_m", policy.CLEAR_FOG_PER_M),
        ("dust_per_m", policy.CLEAR_FOG_PER_M),
        ("rain_mm_h", policy.DRY_RAIN_MM_H),
        ("snow_mm_h", policy.DRY_SNOW_MM_H),
    ):
        need(_number(sky, name) <= most, f"{name} is above {most:g}")
    need(_number(sky, "sun_elevation") > 0.0, "the sun is down")


def _sun(sky: Sky, word: str) -> Derived:
    _need_dry_clear_day(sky)
    cloud, height = _number(sky, "cloudiness"), _number(sky, "sun_elevation")
    need(cloud <= policy.SUNNY_CLOUD and sky["sun_strength"] >= policy.FAINT_SUN, "the sun is weak")
    if word == "low sun":
        return Derived(height, policy.LOW_SUN_RAD, True, "rad", word, "world")
    need(height > policy.HIGH_SUN_RAD, "the sun is low")
    return Derived(cloud, policy.SUNNY_CLOUD, True, "share", word, "world")


def _cloud(sky: Sky, word: str) -> Derived:
    _need_dry_clear_day(sky)
    cloud = _number(sky, "cloudiness")
    need(word == "overcast" or cloud <= policy.CLOUDY_MOST, "more than cloudy")
    least = policy.OVERCAST_CLOUD if word == "overcast" else policy.CLOUDY_CLOUD
    return Derived(cloud, least, unit="share", argument=word, frame="world")


def _dark(sky: Sky, word: str) -> Derived:
    height = _number(sky, "sun_elevation")
    need(word == "night" or height >= policy.TWILIGHT_LEAST_RAD, "it is darker than twilight")
    most = policy.NIGHT_RAD if word == "night" else policy.TWILIGHT_RAD
    return Derived(height, most, True, "rad", word, "world")


def _wet(sky: Sky, word: str) -> Derived:
    need(_number(sky, "snow_cover") <= policy.BARE_COVER, "snow lies on it")
    return Derived(_number(sky, "wetness"), policy.WET, unit="share", argument=word, frame="world")


_WORDS: Mapping[str, Callable[[Sky, str], Derived]] = {
    "rainy": _from("rain_mm_h", policy.RAIN_MM_H, "mm/h"),
    "snowy": _from("snow_mm_h", policy.SNOW_MM_H, "mm/h"),
    "foggy": _from("fog_per_m", policy.FOG_PER_M, "1/m"),
    "dusty": _from("dust_per_m", policy.FOG_PER_M, "1/m"),
    "snow-covered": _from("snow_cover", policy.SNOW_COVER, "share"),
    "wet": _wet,
    "sunny": _sun,
    "low sun": _sun,
    "cloudy": _cloud,
    "overcast": _cloud,
    "night": _dark,
    "twilight": _dark,
}
