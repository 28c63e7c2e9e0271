"""Light and weather, from the concrete scene's sky."""

from __future__ import annotations

from pairforge.captioners import policy
from pairforge.captioners.facts_list import FactList, Scene


def sky_facts(scene: Scene, found: FactList) -> None:
    """weather: sunny, low sun, cloudy, overcast or foggy; wet ground. Only under the open sky: with lanes."""
    sky = scene.record.concrete.get("sky")
    if not sky or not scene.record.lanes:
        return
    cloud, fog = float(sky["cloudiness"]), float(sky["fog_per_m"])
    sun, height = float(sky["sun_strength"]), float(sky["sun_elevation"])
    if fog >= policy.FOG_PER_M:
        _weather(found, "foggy", fog, policy.FOG_PER_M, "1/m")
    elif fog <= policy.CLEAR_FOG_PER_M:
        if cloud >= policy.OVERCAST_CLOUD:
            _weather(found, "overcast", cloud, policy.OVERCAST_CLOUD, "share")
        elif policy.CLOUDY_CLOUD <= cloud <= policy.CLOUDY_MOST:
            _weather(found, "cloudy", cloud, policy.CLOUDY_CLOUD, "share")
        elif cloud <= policy.SUNNY_CLOUD and sun >= policy.FAINT_SUN and height > policy.HIGH_SUN_RAD:
            _weather(found, "sunny", cloud, policy.SUNNY_CLOUD, "share", at_most=True)
        elif cloud <= policy.SUNNY_CLOUD and sun >= policy.FAINT_SUN and 0 < height <= policy.LOW_SUN_RAD:
            _weather(found, "low sun", height, policy.LOW_SUN_RAD, "rad", at_most=True)
    if float(sky["wetness"]) >= policy.WET:
        _weather(found, "wet", float(sky["wetness"]), policy.WET, "share")


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
