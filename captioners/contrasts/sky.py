"""Weather in two words, where there is no street to hold the facts of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from pairforge.captioners import policy

_AIR = (
    ("rainy", "rain_mm_h", policy.RAIN_MM_H, policy.DRY_RAIN_MM_H),
    ("snowy", "snow_mm_h", policy.SNOW_MM_H, policy.DRY_SNOW_MM_H),
    ("foggy", "fog_per_m", policy.FOG_PER_M, policy.CLEAR_FOG_PER_M),
    ("dusty", "dust_per_m", policy.FOG_PER_M, policy.CLEAR_FOG_PER_M),
)


def words_of(sky: Mapping[str, Any]) -> tuple[str, str]:
    """(weather, "day" or "night"); either "" within a dead band, the weather also by a clear night."""
    height = float(sky.get("sun_elevation", 0.0))
    time = "night" if height <= policy.NIGHT_RAD else "day" if height > policy.LOW_SUN_RAD else ""
    held = [word for word, field, least, _ in _AIR if float(sky.get(field, 0.0)) >= least]
    clear = all(float(sky.get(field, 0.0)) <= most for _, field, _, most in _AIR)
    if held or not clear or time != "day":
        return (held[0] if len(held) == 1 else ""), time
    cloud = float(sky.get("cloudiness", 0.0))
    if cloud >= policy.OVERCAST_CLOUD:
        return "overcast", time
    return ("sunny" if cloud <= policy.SUNNY_CLOUD and height > policy.HIGH_SUN_RAD else ""), time
