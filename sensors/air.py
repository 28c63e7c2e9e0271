"""What the air does to a LiDAR: it dims every return, loses the weak ones, and sends back some light of its own.

Power is counted as the share of the emitted power per solid angle of the receiver: a Lambertian surface at range R
gives ``reflectivity cos(incidence) / (pi R^2) exp(-2 alpha R)`` (Rasshofer, Spies and Spies, "Influences of weather
phenomena on automotive laser radar systems", 2011). The air of a range gate of depth d gives
``beta d xi(R) / R^2 exp(-2 alpha R)`` with its backscatter ``beta`` and the overlap ``xi`` of beam and receiver
(Hahner et al., "Fog simulation on real LiDAR point clouds", 2021, whose 0.046 / MOR it takes for fog). Drops and
flakes are few in a gate: its power is drawn from a gamma distribution whose shape is the number of those that count
in the gate's volume. As a device that reports the strongest return does, a ray gives whichever is stronger, surface
or air.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64
from pairforge.scenes.air import extinction_per_m, rain_per_m, snow_per_m
from pairforge.scenes.world import Sky
from pairforge.seeding import Stream

SURFACE, AIR, GHOST, BLOOM, THROUGH = range(5)
"""Kinds of returns, as stored: a surface straight ahead; the air; something seen in a mirror; stray light of a
retro-reflector beside the beam; a surface behind glass."""
REACH_M = 16.0
"""Air farther away than this returns nothing that a device would notice."""

_GATE_M = 0.75
_BLIND_M, _OVERLAP_M = 1.0, 4.0
"""Beam and receiver begin to overlap, and overlap wholly, at these ranges."""
_APERTURE_M, _DIVERGENCE = 0.01, 0.003
_TENTH = 0.1
"""A device is rated by the range at which it detects a surface of 10 % reflectance."""
_MARGIN = 4.0
"""What is returned in clear air has at least this much power to spare."""
AIR_THRESHOLD = 4.0
"""The air's echo is long and ragged: to be taken for a return it must have this much more than the least power."""
_FOG_SR, _DUST_SR, _WATER_SR, _ICE_SR = 65.0, 45.0, 19.0, 22.0
"""Extinction over backscatter: fog after Hahner (0.046 / MOR), mineral dust, rain drops, snow flakes."""
_SPECKLE = 0.3


@dataclass(frozen=True, eq=False)
class Air:
    """Extinction (1/m) and, of each ray, the range (N,) and power (N,) of its strongest return from the air."""

    extinction_per_m: float
    range_m: F64
    power: F64


def air_returns(sky: Sky, rays: tuple[int, int], stream: Stream) -> Air | None:
    """What the air sends back along the rays of a sweep (columns, beams); None in clear air.

    Draws are made a column and ring, whatever stands in the way.
    """
    extinction = extinction_per_m(sky)
    if extinction <= 0.0:
        return None
    gates = np.arange(_BLIND_M, REACH_M, _GATE_M)
    middle = gates + _GATE_M / 2
    geometry = _GATE_M * _overlap(middle) / middle**2 * np.exp(-2.0 * extinction * middle)
    power = np.zeros((*rays, len(gates)))
    even = sky.fog_per_m / _FOG_SR + sky.dust_per_m / _DUST_SR
    if even > 0.0:
        power += even * np.exp(_SPECKLE * (stream / "even").rng().standard_normal(power.shape))
    for name, backscatter, number in _few(sky):
        shape = np.maximum(number * _volume_m3(middle), 1e-6)
        power += (
            backscatter * (stream / name).rng().standard_gamma(np.broadcast_to(shape, power.shape)) / shape
        )
    power *= geometry
    best = power.argmax(axis=2)[..., None]
    strongest = np.take_along_axis(power, best, axis=2).ravel()
    within = (stream / "within").rng().random(rays).ravel()
    return Air(extinction, gates[best.ravel()] + _GATE_M * within, strongest)


def surface_power(reflectance: F64, range_m: F64, extinction: float = 0.0) -> F64:
    """(N,) power of surfaces: ``reflectance`` is reflectivity times the cosine of incidence."""
    return np.asarray(
        reflectance / (np.pi * np.maximum(range_m, 1e-3) ** 2) * np.exp(-2.0 * extinction * range_m)
    )


def least_power(max_range_m: float) -> float:
    """The weakest return that a device of that rated range detects."""
    return float(_TENTH / (np.pi * max_range_m**2))


def survives(reflectance: F64, range_m: F64, extinction: float, max_range_m: float) -> NDArray[np.bool_]:
    """(N,) surfaces whose return the air leaves strong enough; all of them in clear air."""
    clear = surface_power(reflectance, range_m)
    to_spare = np.maximum(clear / least_power(max_range_m), _MARGIN)
    return np.asarray(np.exp(-2.0 * extinction * range_m) * to_spare >= 1.0)


def calibrated(power: F64, range_m: F64) -> F64:
    """(N,) the reflectance in 0..1 that a device calibrated for range reports."""
    return np.asarray(np.clip(power * np.pi * range_m**2, 0.0, 1.0))


def _few(sky: Sky) -> list[tuple[str, float, float]]:
    """Rain and snow: name, backscatter (1/(m sr)) and the particles a m^3 that count.

    Of a size distribution N0 exp(-L D) those count N0 / (6 L): the square of the mean section over the mean of its
    square. Rain after Marshall and Palmer (1948), snow after Gunn and Marshall (1958), by the diameter when melted.
    """
    found = []
    if sky.rain_mm_h > 0.0:
        slope = 4.1 * sky.rain_mm_h**-0.21
        found.append(("rain", rain_per_m(sky.rain_mm_h) / _WATER_SR, 8000.0 / slope / 6.0))
    if sky.snow_mm_h > 0.0:
        slope, many = 2.55 * sky.snow_mm_h**-0.48, 3800.0 * sky.snow_mm_h**-0.87
        found.append(("snow", snow_per_m(sky.snow_mm_h) / _ICE_SR, many / slope / 6.0))
    return found


def _volume_m3(range_m: F64) -> F64:
    """Of the beam in a range gate."""
    width = _APERTURE_M + _DIVERGENCE * range_m
    return np.asarray(np.pi / 4.0 * width**2 * _GATE_M)


def _overlap(range_m: F64) -> F64:
    return np.asarray(np.clip((range_m - _BLIND_M) / (_OVERLAP_M - _BLIND_M), 0.0, 1.0) ** 2)
