"""Sound in air: how fast it is, and what the air takes from it."""

from __future__ import annotations

import math

_KELVIN, _T0, _TRIPLE = 273.15, 293.15, 273.16


def speed_mps(temperature_c: float) -> float:
    """Speed of sound of an ideal gas: 331.3 m/s at 0 degrees, with the root of the absolute temperature."""
    return 331.3 * math.sqrt(1.0 + temperature_c / _KELVIN)


def absorption_per_m(frequency_hz: float, temperature_c: float, humidity: float) -> float:
    """Power (1/m) lost one way at one atmosphere after ISO 9613-1 (1993), equations 3 to 5; ``humidity`` 0..1."""
    kelvin = temperature_c + _KELVIN
    warm = kelvin / _T0
    saturated = 10.0 ** (-6.8346 * (_TRIPLE / kelvin) ** 1.261 + 4.6151)
    h = 100.0 * humidity * saturated
    oxygen = 24.0 + 4.04e4 * h * (0.02 + h) / (0.391 + h)
    nitrogen = warm**-0.5 * (9.0 + 280.0 * h * math.exp(-4.170 * (warm ** (-1.0 / 3.0) - 1.0)))
    f2 = frequency_hz**2
    relaxing = 0.01275 * math.exp(-2239.1 / kelvin) / (oxygen + f2 / oxygen)
    relaxing += 0.1068 * math.exp(-3352.0 / kelvin) / (nitrogen + f2 / nitrogen)
    nepers = f2 * (1.84e-11 * warm**0.5 + warm**-2.5 * relaxing)
    return float(2.0 * nepers)
