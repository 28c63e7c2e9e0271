"""A bare straight road for tests of how things move: four lanes as in ``Street``, nothing beside them."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from pairforge.frames import F64
from pairforge.scenes.build import build
from pairforge.scenes.concrete import ConcreteLane, ConcreteScene
from pairforge.scenes.draws import Draws
from pairforge.scenes.placement import OnLane
from pairforge.scenes.resolve import resolve
from pairforge.scenes.settings import Setting, SettingPlan
from pairforge.scenes.spec import Actor, Behaviour, Scene
from pairforge.scenes.surfaces import Rectangle
from pairforge.sensors.physics import simulate
from pairforge.sensors.timeline import Timeline

WIDTH_M = 3.5


@dataclass(frozen=True, kw_only=True)
class PlainRoad(Setting):
    """Lanes 0 and 2 (inner) go forward, 1 and 3 (inner) come back, about the x axis."""

    def expand(self, draw: Draws) -> SettingPlan:
        ground = draw.item("ground", "floor", size_m=900.0)
        floor = Rectangle("floor", (0.0, 0.0, 0.0), (900.0, 900.0))
        return SettingPlan(items=(ground,), surfaces=(floor,), lanes=tuple(lane(k) for k in range(4)))


def lane(lane_id: int) -> ConcreteLane:
    forward, inner = lane_id % 2 == 0, lane_id >= 2
    y = (0.5 if inner else 1.5) * WIDTH_M * (-1 if forward else 1)
    x = np.linspace(0.0, 400.0, 81) if forward else np.linspace(400.0, 0.0, 81)
    return ConcreteLane(
        lane_id,
        tuple((float(v), y, 0.0) for v in x),
        WIDTH_M,
        13.89,
        left=None if inner else lane_id + 2,
        right=lane_id - 2 if inner else None,
        opposing=lane_id ^ 1 if inner else None,
    )


def car(name: str, lane_id: int, s_m: float, **behaviour: object) -> Actor:
    return Actor(
        name=name,
        shape="sedan",
        place=OnLane(lane=lane_id, s_m=s_m),
        behaviour=Behaviour(**behaviour),  # type: ignore[arg-type]
    )


def road(*actors: Actor, seconds: float = 6.0) -> Scene:
    return Scene(name="road", setting=PlainRoad(), actors=list(actors), duration_s=seconds, warm_up_s=0.0)


@dataclass(frozen=True)
class Run:
    """A simulated scene, asked by the names of things."""

    concrete: ConcreteScene
    timeline: Timeline

    def where(self, name: str) -> F64:
        """(T, 3) positions of a body origin, every 10 ms."""
        track = self.timeline.bodies.get(self._id(name))
        if track is None:
            rest = self.timeline.world.instance(self._id(name)).world_from_body.position_m
            return np.tile(rest, (len(self.timeline.times_ns), 1))
        return track.positions_m

    def speed(self, name: str) -> F64:
        """(T,) m/s."""
        return np.asarray(np.linalg.norm(self.timeline.velocities[self._id(name)], axis=1))

    def touched(self) -> set[frozenset[str]]:
        """Pairs of things that touched."""
        names = {i.instance_id: i.name for i in self.timeline.world.instances}
        pairs = [(c.instance_a, c.instance_b) for c in self.timeline.contacts]
        return {frozenset((names[a], names[b])) for a, b in pairs if a and b}

    def _id(self, name: str) -> int:
        return next(i.instance_id for i in self.timeline.world.instances if i.name == name)


def run(scene: Scene, seed: int = 0, do: dict[str, object] | None = None) -> Run:
    concrete = resolve(scene, seed, do)
    return Run(concrete, simulate(build(concrete), concrete))
