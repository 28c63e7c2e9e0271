"""Light and weather, from the concrete scene's sky."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pairforge.captioners import policy
from pairforge.captioners.facts_list import FactList, Scene


def sky_facts(scene: Scene, found: FactList) -> None:
    """weather: what falls or floats, or else the sky; night or twilight; wet or snow-covered ground. Only under the
    open sky: with lanes."""
    sky = scene.record.concrete.get("sky")
    if not sky or not scene.record.lanes:
        return
    _air(sky, found)
    _time(float(sky["sun_elevation"]), found)
    _ground(sky, found)


def _air(sky: Mapping[str, Any], found: FactList) -> None:
    """One of rainy, snowy, foggy, dusty; in air that holds nothing of the kind, what the sky looks like."""
    held = {
        "rainy": (_of(sky, "rain_mm_h"), policy.RAIN_MM_H, policy.DRY_RAIN_MM_H, "mm/h"),
        "snowy": (_of(sky, "snow_mm_h"), policy.SNOW_MM_H, policy.DRY_SNOW_MM_H, "mm/h"),
        "foggy": (_of(sky, "fog_per_m"), policy.FOG_PER_M, policy.CLEAR_FOG_PER_M, "1/m"),
        "dusty": (_of(sky, "dust_per_m"), policy.FOG_PER_M, policy.CLEAR_FOG_PER_M, "1/m"),
    }
    for word, (value, least, _, unit) in held.items():
        if value >= least:
            _weather(found, word, value, least, unit)
            return
    if all(value <= most for value, _, most, _ in held.values()):
        _clouds(sky, found)


def _clouds(sky: Mapping[str, Any], found: FactList) -> None:
    cloud, sun, height = (_of(sky, name) for name in ("cloudiness", "sun_strength", "sun_elevation"))
    if height <= 0.0:
        return
    if cloud >= policy.OVERCAST_CLOUD:
        _weather(found, "overcast", cloud, policy.OVERCAST_CLOUD, "share")
    elif policy.CLOUDY_CLOUD <= cloud <= policy.CLOUDY_MOST:
        _weather(found, "cloudy", cloud, policy.CLOUDY_CLOUD, "share")
    elif cloud <= policy.SUNNY_CLOUD and sun >= policy.FAINT_SUN and height > policy.HIGH_SUN_RAD:
        _weather(found, "sunny", cloud, policy.SUNNY_CLOUD, "share", at_most=True)
    elif cloud <= policy.SUNNY_CLOUD and sun >= policy.FAINT_SUN and height <= policy.LOW_SUN_RAD:
        _weather(found, "low sun", height, policy.LOW_SUN_RAD, "rad", at_most=True)


def _time(height: float, found: FactList) -> None:
    """Whether a picture was taken at dusk or at dawn nobody can tell: both are twilight."""
    if height <= policy.NIGHT_RAD:
        _weather(found, "night", height, policy.NIGHT_RAD, "rad", at_most=True)
    elif policy.TWILIGHT_LEAST_RAD <= height <= policy.TWILIGHT_RAD:
        _weather(found, "twilight", height, policy.TWILIGHT_RAD, "rad", at_most=True)


def _ground(sky: Mapping[str, Any], found: FactList) -> None:
    wet, white = _of(sky, "wetness"), _of(sky, "snow_cover")
    if white >= policy.SNOW_COVER:
        _weather(found, "snow-covered", white, policy.SNOW_COVER, "share")
    elif wet >= policy.WET and white <= policy.BARE_COVER:
        _weather(found, "wet", wet, policy.WET, "share")


def _of(sky: Mapping[str, Any], name: str) -> float:
    return float(sky.get(name, 0.0))


def _weather(
    found: FactList, word: str, value: float, threshold: float, unit: str, at_most: bool = False
) -> None:
    found.add(
        "weather",
        argument=word,
        frame="world",
        value=value,
        unit=unit,
        threshold=threshold,
        at_most=at_most,
        evidence=("scenes",),
    )
