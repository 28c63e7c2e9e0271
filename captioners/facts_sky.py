"""Light and weather, from the concrete scene's sky."""

from __future__ import annotations

from pairforge.captioners import policy
from pairforge.captioners.facts_list import FactList, Scene


def sky_facts(scene: Scene, found: FactList) -> None:
    """weather: sunny, overcast or foggy; wet ground. Only for scenes under the open sky, those with lanes."""
    sky = scene.record.concrete.get("sky")
    if not sky or not scene.record.lanes:
        return
    cloud, fog = float(sky["cloudiness"]), float(sky["fog_per_m"])
    if fog >= policy.FOG_PER_M:
        _weather(found, "foggy", fog, policy.FOG_PER_M, "1/m")
    elif fog <= policy.CLEAR_FOG_PER_M and cloud <= policy.SUNNY_CLOUD and sky["sun_strength"] >= 0.5:
        if float(sky["sun_elevation"]) > policy.LOW_SUN_RAD:
            _weather(found, "sunny", cloud, policy.SUNNY_CLOUD, "share", at_most=True)
    elif cloud >= policy.OVERCAST_CLOUD:
        _weather(found, "overcast", cloud, policy.OVERCAST_CLOUD, "share")
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
