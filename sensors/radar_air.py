"""What rain does to waves of 77 GHz: it dims every echo, and sends some back itself.

Fog and dust do neither to speak of: their drops are a thousandth of the wavelength (a fog of 100 m visibility, some
0.1 g/m^3, takes 0.3 dB/km: ITU-R P.840). Dry snow takes about as little.
"""

from __future__ import annotations

import math

import numpy as np

from pairforge.seeding import Stream
from pairforge.sensors.radar_model import RadarModel
from pairforge.sensors.radar_paths import DIRECT, Home, Paths

_DB_KM = math.log(10.0) / 10.0 / 1000.0
"""1/m of a specific attenuation of 1 dB/km."""
_K_H = ((-5.33980, -0.10008, 1.13098), (-0.35351, 1.26970, 0.45400), (-0.23789, 0.86036, 0.15354),
        (-0.94158, 0.64552, 0.16817)), -0.18961, 0.71147  # fmt: skip
_K_V = ((-3.80595, 0.56934, 0.81061), (-3.44965, -0.22911, 0.51059), (-0.39902, 0.73042, 0.11899),
        (0.50167, 1.07319, 0.27195)), -0.16398, 0.63297  # fmt: skip
_ALPHA_H = ((-0.14318, 1.82442, -0.55187), (0.29591, 0.77564, 0.19822), (0.32177, 0.63773, 0.13164),
            (-5.37610, -0.96230, 1.47828), (16.1721, -3.29980, 3.43990)), 0.67849, -1.95537  # fmt: skip
_ALPHA_V = ((-0.07771, 2.33840, -0.76284), (0.56727, 0.95545, 0.54039), (-0.20238, 1.14520, 0.26809),
            (-48.2991, 0.791669, 0.116226), (48.5833, 0.791459, 0.116479)), -0.053739, 0.83433  # fmt: skip
"""Coefficients of ITU-R Recommendation P.838-3 (2005), tables 1 to 4: rows (a, b, c), then m and c."""

Coefficients = tuple[tuple[tuple[float, float, float], ...], float, float]

_BACKSCATTER, _POWER = 1.13e-4, 0.73
"""Mie's theory over drops of Marshall and Palmer (1948) at 76.5 GHz and 10 degrees, fitted from 1 to 40 mm/h; within
the scatter of what is measured (Currie and Brown, 1987)."""
FALL_MPS = 6.0
"""Of the drops that scatter most, some 2 mm wide (Gunn and Kinzer, 1949)."""
REACH_M = 60.0
"""Rain farther away than this sends back less than a cell's noise."""
_ECHOES = 40


def rain_per_m(rain_mm_h: float, frequency_hz: float) -> float:
    """One-way extinction (1/m) after P.838-3, for a polarisation slanted by 45 degrees."""
    if rain_mm_h <= 0.0:
        return 0.0
    log_f = math.log10(frequency_hz / 1e9)
    k_h, k_v = (10.0 ** _sum(log_f, table) for table in (_K_H, _K_V))
    alpha_h, alpha_v = (_sum(log_f, table) for table in (_ALPHA_H, _ALPHA_V))
    k = (k_h + k_v) / 2.0
    alpha = (k_h * alpha_h + k_v * alpha_v) / (2.0 * k)
    return float(k * rain_mm_h**alpha * _DB_KM)


def rain_backscatter_per_m(rain_mm_h: float) -> float:
    """Radar cross section of a cubic metre of rain, m^2 / m^3."""
    return float(_BACKSCATTER * rain_mm_h**_POWER) if rain_mm_h > 0.0 else 0.0


def rain_paths(rain_mm_h: float, model: RadarModel, home: Home, stream: Stream) -> Paths | None:
    """Echoes of the rain near the radar: in each range cell a few, that stand for all of its drops; None when dry."""
    if rain_mm_h <= 0.0:
        return None
    cell = model.range_cell_m
    gates = np.arange(max(model.reach_m[0], cell), min(REACH_M, model.reach_m[1]), cell)
    shape = (len(gates), _ECHOES)
    draws = (stream / "where").rng().random((4, *shape))
    high = np.sin(model.fov[1] / 2.0)
    azimuth, up = (draws[0] - 0.5) * model.fov[0], (2.0 * draws[1] - 1.0) * high
    flat = np.sqrt(1.0 - up**2)
    towards = np.stack([flat * np.cos(azimuth), flat * np.sin(azimuth), up], axis=-1).reshape(-1, 3)
    range_m = (gates[:, None] + cell * draws[2]).ravel()
    volume = range_m**2 * model.fov[0] * 2.0 * high * cell / _ECHOES
    rcs = (
        rain_backscatter_per_m(rain_mm_h) * volume * (stream / "strength").rng().exponential(size=len(volume))
    )
    fall = (stream / "fall").rng().normal(-FALL_MPS, 1.0, len(volume))
    world = home.pose.vectors(towards)
    n = len(range_m)
    return Paths(
        link=rcs / (4.0 * np.pi * range_m**4),
        range_m=range_m,
        rate_mps=world[:, 2] * fall - world @ home.velocity_mps,
        departure=towards,
        arrival=towards,
        point_m=home.pose.position_m + world * range_m[:, None],
        part=np.zeros(n, np.uint16),
        via_m=np.full((n, 3), np.nan),
        via_part=np.zeros(n, np.uint16),
        way=np.full(n, DIRECT, np.uint8),
        phase=2.0 * np.pi * draws[3].ravel(),
    )


def _sum(log_f: float, table: Coefficients) -> float:
    rows, slope, offset = table
    return sum(a * float(np.exp(-(((log_f - b) / c) ** 2))) for a, b, c in rows) + slope * log_f + offset
