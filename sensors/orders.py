"""Orders: what a script or a policy asks of a driver, between which and the wheels the driver's own laws
stand.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Orders:
    """What to do until the next plan; None leaves the choice to the driver.

    ``speed_mps``: the speed wanted. ``acceleration_mps2``: forced, inside physical limits, whatever stands
    ahead. ``lateral_m``: metres left of the lane's middle (of the driver's own line) to drive at.
    ``lane_id``: the lane to change into and follow; the one it is in: to keep to, where the way allows.
    ``over_s``: how long a change of either may take.
    ``curvature_per_m``: the steering itself, left positive. ``ignores``: what the driver shall not see:
    "leaders" (whoever is in the way), "signals", "priority", "crossings", "people".
    """

    speed_mps: float | None = None
    acceleration_mps2: float | None = None
    lateral_m: float | None = None
    lane_id: int | None = None
    over_s: float | None = None
    curvature_per_m: float | None = None
    ignores: frozenset[str] = frozenset()
