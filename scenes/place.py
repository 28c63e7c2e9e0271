"""Where on Earth a scene is: what ties its metres to latitude, longitude and height."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from pairforge.errors import SpecError

if TYPE_CHECKING:
    from pairforge.scenes.draws import Draws
    from pairforge.scenes.spec import Weather


@dataclass(frozen=True)
class Place:
    """The world's origin on WGS 84: degrees, and metres above the ellipsoid. World +x points to the compass bearing
    ``x_bearing_deg`` (90: east, and +y north)."""

    latitude_deg: float = 48.1
    longitude_deg: float = 11.6
    altitude_m: float = 560.0
    x_bearing_deg: float = 90.0


BOUNDS = {
    "latitude_deg": (-90.0, 90.0),
    "longitude_deg": (-180.0, 180.0),
    "altitude_m": (-1000.0, 10_000.0),
    "x_bearing_deg": (-360.0, 360.0),
}


def place(weather: Weather, draw: Draws) -> Place:
    """Draws where the scene is, the same draws that place its sun. SpecError when out of range."""
    drawn = {}
    for name, (low, high) in BOUNDS.items():
        got = float(draw(name, getattr(weather, name)))
        if not low <= got <= high:
            raise SpecError(f"weather.{name} is {got:g}; it must lie in {low:g}..{high:g}")
        drawn[name] = got
    return Place(**drawn)
