"""Keeping distance: the acceleration that follows a leader, and the one that stops at a line."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

SOFT_MPS2 = 0.4
"""The braking with which one comes to rest at a line."""


@dataclass(frozen=True)
class CarFollowing:
    """The Intelligent Driver Model (Treiber, Hennecke, Helbing 2000) with an end to every stop.

    ``acceleration``, ``deceleration`` m/s^2 are comfortable ones, ``hardest`` the limit; ``headway_s`` and
    ``standstill_m`` the gap kept.
    """

    acceleration: float = 1.6
    deceleration: float = 2.2
    hardest: float = 7.5
    headway_s: float = 1.2
    standstill_m: float = 2.0

    def follow(self, speed: float, wanted: float, gap_m: float, leader: float) -> float:
        """Acceleration in m/s^2 towards ``wanted`` behind a leader ``gap_m`` ahead."""
        free = (
            self.acceleration * (1.0 - (speed / max(wanted, 0.1)) ** 4)
            if wanted > 0.0
            else -self.deceleration
        )
        # Too fast for a bend or a new limit: come down at a comfortable rate, not by the model's fourth power.
        free = max(free, -self.deceleration)
        if gap_m == float("inf"):
            return free
        braking = speed * (speed - leader) / (2.0 * (self.acceleration * self.deceleration) ** 0.5)
        desired = self.standstill_m + max(0.0, speed * self.headway_s + braking)
        following = self._calm(
            free - self.acceleration * (desired / max(gap_m, 0.1)) ** 2, speed, gap_m, leader
        )
        if leader < 0.3:
            following = min(free, max(following, self.stop(speed, gap_m - self.standstill_m)))
        return float(max(following, -self.hardest))

    def raw(self, speed: float, wanted: float, gap_m: float, leader: float) -> float:
        """Acceleration by the model's own formula, neither eased nor limited: what MOBIL compares."""
        free = 1.0 - (speed / max(wanted, 0.1)) ** 4
        if gap_m == float("inf"):
            return self.acceleration * free
        braking = speed * (speed - leader) / (2.0 * (self.acceleration * self.deceleration) ** 0.5)
        desired = self.standstill_m + max(0.0, speed * self.headway_s + braking)
        return float(self.acceleration * (free - (desired / max(gap_m, 0.1)) ** 2))

    def _calm(self, asked: float, speed: float, gap_m: float, leader: float) -> float:
        """Braking eased to what is needed if the leader holds its speed: a short gap alone is no emergency.

        The constant-acceleration heuristic of Kesting, Treiber and Helbing (2010), coolness 0.99.
        """
        needed = -(max(speed - leader, 0.0) ** 2) / (2.0 * max(gap_m, 0.1))
        if asked >= needed:
            return asked
        b = self.deceleration
        return 0.01 * asked + 0.99 * (needed + b * float(np.tanh((asked - needed) / b)))

    def stop(self, speed: float, distance_m: float) -> float:
        """Acceleration that halts at ``distance_m``: none until a comfortable braking is due, then a steady one."""
        if distance_m <= 0.05:
            return -self.hardest if speed > 0.5 else -max(speed, 0.0) / 0.1
        needed = speed * speed / (2.0 * distance_m)
        return -min(needed, self.hardest) if needed >= 0.75 * self.deceleration else float("inf")

    def hold(self, speed: float, distance_m: float) -> float:
        """As ``stop``, for a place to wait at: softly at the end, and who stands close to it does not inch up."""
        if speed < 0.2 and distance_m < 0.8:
            return -max(speed, 0.0) / 0.2
        asked = self.stop(speed, distance_m)
        return max(asked, -SOFT_MPS2 - 1.8 * speed) if speed < 1.2 and asked < 0.0 else asked


def mindful(law: CarFollowing, grip_mps2: float) -> CarFollowing:
    """The law of somebody who knows how the ground grips: what a dry road allows is left as it is; on less they brake
    and pull away with a share of what there is, and keep a longer distance."""
    deceleration = min(law.deceleration, 0.35 * grip_mps2)
    return replace(
        law,
        acceleration=min(law.acceleration, 0.3 * grip_mps2),
        deceleration=deceleration,
        hardest=min(law.hardest, 0.9 * grip_mps2),
        headway_s=law.headway_s * (law.deceleration / deceleration) ** 0.5,
    )


CYCLING = CarFollowing(acceleration=1.0, deceleration=1.5, hardest=4.5, headway_s=1.0, standstill_m=1.2)
