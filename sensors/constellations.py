"""Navigation satellites as Walker constellations on circular orbits: enough for honest geometry, no almanac needed.

Inclinations, radii and planes are the nominal ones (GPS: IS-GPS-200 and SPS PS, 30 in 6 planes; Galileo OS SDD, 24
in 3; GLONASS ICD, 24 in 3; BeiDou OS SIS ICD, 24 MEO in 3). Phases within them are a pattern's (Walker 1984), not
today's.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pairforge.frames import F64, I64

EARTH_MU = 3.986004418e14
EARTH_RATE = 7.292115e-5
"""rad/s, and the gravitational constant in m^3/s^2: WGS 84."""


@dataclass(frozen=True)
class Constellation:
    """Walker's i: T/P/F: ``satellites`` in ``planes``, neighbours of adjacent planes ``phasing`` 360 / T apart (for
    GPS one that never brings two within 5,000 km)."""

    name: str
    first: int
    inclination_deg: float
    radius_m: float
    satellites: int
    planes: int
    phasing: int = 1


CONSTELLATIONS = {
    c.name: c
    for c in (
        Constellation("gps", 101, 55.0, 26_559.7e3, 30, 6, phasing=4),
        Constellation("galileo", 201, 56.0, 29_600.3e3, 24, 3),
        Constellation("glonass", 301, 64.8, 25_508.2e3, 24, 3),
        Constellation("beidou", 401, 55.0, 27_906.1e3, 24, 3),
    )
}


def numbers(names: tuple[str, ...]) -> I64:
    """(K,) ids of all satellites of these constellations: 101 is GPS' first, 201 Galileo's, …."""
    found = [np.arange(c.first, c.first + c.satellites) for c in (CONSTELLATIONS[n] for n in names)]
    return np.asarray(np.concatenate(found), dtype=np.int64)


def positions_ecef(names: tuple[str, ...], seconds: F64) -> F64:
    """(N, K, 3) m in ECEF at seconds of the week (N,), when the vernal equinox stood over Greenwich at 0."""
    return np.concatenate([_positions(CONSTELLATIONS[n], seconds) for n in names], axis=1)


def _positions(c: Constellation, seconds: F64) -> F64:
    k = np.arange(c.satellites)
    per_plane = c.satellites // c.planes
    plane, place = k // per_plane, k % per_plane
    node = 2 * np.pi * plane / c.planes
    start = 2 * np.pi * (place / per_plane + plane * c.phasing / c.satellites)
    along = start + np.sqrt(EARTH_MU / c.radius_m**3) * seconds[:, None]
    turned = node - EARTH_RATE * seconds[:, None]
    tilt = np.radians(c.inclination_deg)
    x, y = np.cos(along), np.sin(along) * np.cos(tilt)
    out = [
        np.cos(turned) * x - np.sin(turned) * y,
        np.sin(turned) * x + np.cos(turned) * y,
        np.sin(along) * np.sin(tilt),
    ]
    return np.asarray(c.radius_m * np.stack(out, axis=-1), dtype=np.float64)
