"""Where the sun stands at a place and time, by the astral library (NOAA's solar equations, with refraction)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

from astral import Observer
from astral.sun import azimuth, elevation

YEAR = 2025
"""The year that days are counted in: from one year to the next the sun of a date differs by a quarter of a degree."""


def sun_position_deg(
    latitude_deg: float,
    longitude_deg: float,
    day_of_year: float,
    hour: float,
    utc_offset_h: float | None = None,
    x_bearing_deg: float = 90.0,
    year: int = YEAR,
) -> tuple[float, float]:
    """Elevation above the horizon and azimuth from world +x towards +y, in degrees (azimuth in 0..360).

    ``hour`` 0..24 is clock time ``utc_offset_h`` hours ahead of UTC; None: the place's own mean solar time.
    ``x_bearing_deg`` is the compass bearing of world +x (90: east).

    >>> elevation, azimuth = sun_position_deg(52.0, 0.0, 172.0, 12.0)  # London, midsummer noon: high in the south
    >>> round(elevation), round(azimuth / 90)
    (61, 3)
    """
    offset_h = longitude_deg / 15.0 if utc_offset_h is None else utc_offset_h
    moment = datetime(year, 1, 1, tzinfo=UTC) + timedelta(days=int(day_of_year) - 1, hours=hour - offset_h)
    place = Observer(latitude_deg, longitude_deg, 0.0)
    return float(elevation(place, moment)), float((x_bearing_deg - azimuth(place, moment)) % 360.0)
