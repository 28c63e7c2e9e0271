"""Grip: what the weather leaves of it. One number for tyres, soles, and what drivers dare.

Coefficients of tyres on asphalt at 50 km/h:

- dry 1.0: Bosch Automotive Handbook (0.85 for new tyres, 1.0 for worn ones); Wong, Theory of Ground Vehicles
  (peak 0.8 to 0.9);
- wet 0.7 under a film too thin to measure, and falling with its depth: 0.65 at 0.2 mm, 0.55 at 1 mm, 0.5 at 2 mm
  (Bosch, new tyres); an exponential goes through all three within 0.01, the shape that Kulakowski and Harwood (1990)
  found on test tracks;
- snow 0.25: hard-packed, between 0.2 (Wong) and 0.3 (winter tyres). (Ice would be 0.1; no weather here makes any.)

The depth of the film under rain is that of Ross and Russam (RRL Report LR 236, 1968) on 5 m of road with a fall of
2.5 %, less the texture's depth, in which it drains.
"""

from __future__ import annotations

import math

from pairforge.scenes.world import Sky, World

DRY = 1.0
WET, DEEP, FADE_MM = 0.7, 0.47, 0.9
SNOW = 0.25
DRAINAGE_M, FALL = 5.0, 0.025
TEXTURE_MM = 0.4


def water_mm(rain_mm_h: float) -> float:
    """Depth of the water over the road's texture in mm, while it rains ``rain_mm_h``.

    >>> round(water_mm(2.0), 2), round(water_mm(20.0), 2), round(water_mm(100.0), 2)
    (0.0, 0.56, 1.75)
    """
    film = 0.046 * math.sqrt(DRAINAGE_M * rain_mm_h) * math.pow(1.0 / FALL, 0.2)
    return max(film - TEXTURE_MM, 0.0)


def tyre_friction(sky: Sky) -> float:
    """Coefficient of friction of a tyre (or a sole) on the ground under a sky, 0..1."""
    wet = DEEP + (WET - DEEP) * math.exp(-water_mm(sky.rain_mm_h) / FADE_MM)
    wetness = max(sky.wetness, min(sky.rain_mm_h, 1.0))
    bare = DRY + (wet - DRY) * wetness
    return bare + (SNOW - bare) * sky.snow_cover


def grip(world: World) -> float:
    """The hardest acceleration in m/s^2, in any direction, that the ground of a world allows."""
    return tyre_friction(world.sky) * world.gravity_mps2
