"""weather: fog for sun, rain, snow, clouds, night."""

from __future__ import annotations

from pairforge.captioners.contrasts.axis import Axis, Base, Side
from pairforge.captioners.contrasts.protocol import Saying
from pairforge.captioners.contrasts.sayings import shared
from pairforge.captioners.contrasts.sky import words_of
from pairforge.captioners.meanings import Message

_NIGHT_DEG, _DAY_DEG, _NIGHT_H = -16.0, 40.0, 0.5
_RAIN_MM_H, _SNOW_MM_H, _CLOUDS = 15.0, 5.0, 0.92
_FOG_PER_M, _FOG_NEAR_PER_M = 0.03, 0.15
"""Fog that hides what is 130 m (26 m) away: a scene without a road has nothing that far."""


class WeatherKind:
    name = "weather"
    needs = (
        'a picture under the open sky, and draws such as "weather.fog_per_m" (an indoor scene has no weather)'
    )

    def axes(self, base: Base) -> list[Axis]:
        fog = _FOG_PER_M if base.concrete.lanes else _FOG_NEAR_PER_M
        changed = {
            "fog_per_m": (fog, 0.0),
            "rain_mm_h": (_RAIN_MM_H, 0.0),
            "snow_mm_h": (_SNOW_MM_H, 0.0),
            "cloudiness": (_CLOUDS, 0.1),
            "sun_elevation_deg": (_NIGHT_DEG, _DAY_DEG),
            "hour": (_NIGHT_H, 12.0),
        }
        found = []
        for name, (less, more) in changed.items():
            draw = f"weather.{name}"
            own = base.draws.get(draw)
            if isinstance(own, float):
                other = more if abs(own - less) < abs(own - more) else less
                found.append(Axis((draw,), ((own,), (other,))))
        return found

    def sayings(self, one: Side, other: Side, axis: Axis) -> list[Saying]:
        said = (_weather(one), _weather(other))
        own: list[Saying] = [(said[0], said[1])] if said[0] and said[1] else []
        return [*own, *shared(one, other)]


def _weather(side: Side) -> Message | None:
    """What the sky is like in one word, by the dead bands of the facts; None between two."""
    air, time = words_of(side.record.concrete.get("sky") or {})
    if time == "day" and not air:
        return None
    return Message("weather", {"weather": air or None, "time": time}) if time else None
