"""What moves: the common face of free bodies, vehicles and walkers, and the crowd of them all."""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Protocol

from pairforge.frames import F64, I64, Pose, Track
from pairforge.scenes.world import Instance, World
from pairforge.sensors.bullet import pybullet as p
from pairforge.sensors.ground import ExactGround
from pairforge.sensors.physics_bodies import add_dynamic, turn
from pairforge.sensors.physics_record import BodyLog, part_tracks
from pairforge.sensors.traffic.neighbours import Neighbours

PLAN_EVERY_KNOTS = 2
"""Drivers decide every 20 ms; who is slower needs to less often."""


class Actor(Protocol):
    """A moving instance in one PyBullet client.

    ``plan`` decides what to do next from where everybody is (every ``plan_every_knots``), ``act`` applies it before
    each step, ``record`` notes the state at a knot. ``position`` and ``speed`` are those last recorded, of the
    inertial frame.
    """

    instance: Instance
    body: int
    wheel_links: frozenset[int]
    plan_every_knots: int
    log: BodyLog
    position: tuple[float, float, float]
    velocity: tuple[float, float, float]
    speed: float
    controls: F64 | None

    def planar(self) -> tuple[float, float, float]: ...

    def plan(self, neighbours: Neighbours, time_ns: int) -> None: ...

    def act(self) -> None: ...

    def record(self, knot: int) -> None: ...

    def finish(self, ground: ExactGround, times_ns: I64) -> None: ...

    def part_tracks(self, ground: ExactGround, times_ns: I64) -> dict[int, Track]: ...


class BodyActor:
    """A body that records its base and carries its parts rigidly; the base of every kind of actor."""

    plan_every_knots: int = PLAN_EVERY_KNOTS

    def __init__(
        self, client: int, instance: Instance, body: int, inertial_from_body: Pose, knots: int
    ) -> None:
        self.client = client
        self.instance = instance
        self.body = body
        self.inertial_from_body = inertial_from_body
        self._arm = inertial_from_body.position_m.tolist()
        self._ahead = inertial_from_body.vectors([1.0, 0.0, 0.0]).tolist()
        self.wheel_links: frozenset[int] = frozenset()
        self.log = BodyLog(knots)
        self.position = (0.0, 0.0, 0.0)
        self.velocity = (0.0, 0.0, 0.0)
        self.angular = (0.0, 0.0, 0.0)
        self.orientation_xyzw = (0.0, 0.0, 0.0, 1.0)
        self.speed = 0.0
        self.controls: F64 | None = None

    def planar(self) -> tuple[float, float, float]:
        """(x, y, yaw) of the body origin, from the last recorded state."""
        dx, dy, _ = turn(self.orientation_xyzw, self._arm)
        ahead_x, ahead_y, _ = turn(self.orientation_xyzw, self._ahead)
        return self.position[0] + dx, self.position[1] + dy, math.atan2(ahead_y, ahead_x)

    def plan(self, neighbours: Neighbours, time_ns: int) -> None:
        """Decides nothing: a free body only obeys."""

    def act(self) -> None:
        """Does nothing of its own."""

    def record(self, knot: int) -> None:
        self.position, self.orientation_xyzw = p.getBasePositionAndOrientation(
            self.body, physicsClientId=self.client
        )
        self.velocity, self.angular = p.getBaseVelocity(self.body, physicsClientId=self.client)
        self.speed = math.hypot(*self.velocity)
        self.log.write(knot, self.position, self.orientation_xyzw, self.velocity, self.angular)

    def finish(self, ground: ExactGround, times_ns: I64) -> None:
        """What is made of all knots once they are known."""
        self.log.finish(self.inertial_from_body)

    def part_tracks(self, ground: ExactGround, times_ns: I64) -> dict[int, Track]:
        """part id -> track, every part fixed to the body."""
        pieces = zip(self.instance.part_ids, self.instance.shape.parts, strict=True)
        fixed = {part_id: piece.body_from_part for part_id, piece in pieces}
        return part_tracks(times_ns, self.log.track(times_ns), fixed)


class FreeBody(BodyActor):
    """A rigid body that physics alone moves."""

    def __init__(self, client: int, instance: Instance, knots: int) -> None:
        body, properties = add_dynamic(client, instance.shape, instance.mass_kg, instance.world_from_body)
        super().__init__(client, instance, body, properties.body_from_inertial.inverse, knots)


class Crowd:
    """All actors in world order, and what each may know of the others."""

    def __init__(self, world: World, actors: Sequence[Actor]) -> None:
        self.actors = tuple(actors)
        self._neighbours = Neighbours(world)

    def start(self) -> None:
        """Sets everybody moving as they wish at knot 0; who walks or cycles first, for drivers to see coming."""
        for riding in (False, True):
            self._show()
            for actor in self.actors:
                if bool(actor.wheel_links) is riding:
                    actor.plan(self._neighbours, 0)
                    if not riding:
                        # Velocities show at once; forces wait for the first step.
                        actor.act()
                    actor.record(0)

    def plan(self, knot: int, time_ns: int) -> None:
        if knot % PLAN_EVERY_KNOTS == 0:
            self._show()
            for actor in self.actors:
                if knot % actor.plan_every_knots == 0:
                    actor.plan(self._neighbours, time_ns)

    def _show(self) -> None:
        """Lets everybody see where everybody is."""
        self._neighbours.move(
            [actor.instance.instance_id for actor in self.actors],
            [actor.planar() for actor in self.actors],
            [actor.velocity for actor in self.actors],
        )

    def act(self) -> None:
        for actor in self.actors:
            actor.act()

    def record(self, knot: int) -> None:
        for actor in self.actors:
            actor.record(knot)
