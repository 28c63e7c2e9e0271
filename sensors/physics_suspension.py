"""Springs, dampers and anti-roll bars: the forces on the sliders that carry a vehicle's wheels.

Preloaded so that the vehicle rests at its design height: with sliders at 0 each spring carries its share of the
chassis. Stiffness comes from the ride frequency, damping from its ratio (Gillespie, Fundamentals of Vehicle Dynamics,
1992, chapter 5): the same numbers suit a hatchback and a lorry.
"""

from __future__ import annotations

import math
from collections.abc import Sequence

from pairforge.sensors.bullet import pybullet as p
from pairforge.sensors.physics_chassis import Axle

RIDE_HZ = 1.4
"""Cars ride at 1.0 to 1.5 Hz, laden lorries at up to 2."""
DAMPING_RATIO = 0.4
ANTI_ROLL = 1.0
"""Roll stiffness of the bars over that of the springs: about 4 degrees of roll per g."""
TRAVEL_M = 0.07
"""Past this much either way a slider meets its bump stop, ``STOP`` times as stiff as its spring."""
STOP = 10.0


class Suspension:
    """The springs of one vehicle; ``act`` before every step."""

    def __init__(self, client: int, body: int, axles: Sequence[Axle], gravity_mps2: float) -> None:
        self._client, self._body = client, body
        self.sliders = [axle.slider for axle in axles]
        omega = 2.0 * math.pi * RIDE_HZ
        self._preload = [axle.load_kg * gravity_mps2 for axle in axles]
        self._spring = [axle.load_kg * omega**2 for axle in axles]
        self._damper = [2.0 * DAMPING_RATIO * axle.load_kg * omega for axle in axles]
        self._across = [_opposite(axles, k) for k in range(len(axles))]

    def act(self) -> None:
        """Pushes each wheel down and the chassis up with the same force."""
        states = p.getJointStates(self._body, self.sliders, physicsClientId=self._client)
        up = [state[0] for state in states]
        forces = []
        for k, state in enumerate(states):
            other = self._across[k]
            bar = 0.0 if other is None else 0.5 * ANTI_ROLL * (up[k] - up[other])
            past = up[k] - min(max(up[k], -TRAVEL_M), TRAVEL_M)
            pressed = up[k] + bar + STOP * past
            # A spring pushes; it never pulls its wheel up.
            forces.append(
                -max(self._preload[k] + self._spring[k] * pressed + self._damper[k] * state[1], 0.0)
            )
        p.setJointMotorControlArray(
            self._body, self.sliders, p.TORQUE_CONTROL, forces=forces, physicsClientId=self._client
        )


def _opposite(axles: Sequence[Axle], k: int) -> int | None:
    """The wheel at the other end of the same axle."""
    x, y, _ = axles[k].wheel.centre_m
    for j, other in enumerate(axles):
        if j != k and abs(other.wheel.centre_m[0] - x) < 0.05 and other.wheel.centre_m[1] * y < 0.0:
            return j
    return None
