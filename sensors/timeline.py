"""A timeline: where every moving part was, at any time stamp of the simulation."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from pairforge.frames import F64, I64, Pose, Track
from pairforge.sample import Contact, Controls
from pairforge.scenes.world import World


@dataclass(frozen=True, eq=False)
class JointLog:
    """The K joints of an articulated body at each of T knots, in the order of its links, fixed ones included.

    ``position``, ``velocity``, ``effort`` (T, K): rad, rad/s and N m of the motor, or m, m/s and N where it slides.
    ``wrench`` (T, K, 6): force (N) and torque (N m) by the parent link on the child, about the child link's origin
    and in its axes, in the last step before the knot.
    """

    joints: tuple[str, ...]
    position: F64
    velocity: F64
    effort: F64
    wrench: F64


@dataclass(frozen=True, eq=False)
class Touches:
    """M touches: what a pair of parts did to each other over a knot, the mean of its steps.

    ``knot`` (M,) index into the timeline's knots, ascending. ``instance``, ``part`` (M, 2) ids of the two, the lower
    instance first; part 0: not known which. ``normal_n`` (M,) the sum of normal forces. ``force_n``, ``friction_n``
    (M, 3) in the world, on the first of the two: all of it, and the share of friction. ``point_m`` (M, 3) in the
    world, weighted by normal force.
    """

    knot: I64
    instance: I64
    part: I64
    normal_n: F64
    force_n: F64
    friction_n: F64
    point_m: F64

    @staticmethod
    def none() -> Touches:
        """Nobody touched anybody."""
        ids, three = np.zeros((0, 2), np.int64), np.zeros((0, 3))
        return Touches(np.zeros(0, np.int64), ids, ids, np.zeros(0), three, three, three)


@dataclass(frozen=True, eq=False)
class Timeline:
    """What physics gave.

    ``parts``: part id -> track of world_from_part; ``bodies``: instance id -> track of world_from_body; both only
    for what moves, all on the same knots ``times_ns`` (T,). ``velocities`` and ``accelerations``: instance id ->
    (T, 3) of the body origin in the world. ``controls``: instance id -> (T, 4) throttle, brake, steering, speed.
    ``fired``: rule of a script ("cutter.cut_in") -> when it fired, ns. ``joints``: instance id -> its joints, of what
    is articulated. ``touches``: of the instances that some sensor feels contacts of; None when there are none such.
    """

    world: World
    times_ns: I64
    parts: Mapping[int, Track]
    bodies: Mapping[int, Track]
    velocities: Mapping[int, F64]
    accelerations: Mapping[int, F64]
    controls: Mapping[int, F64] = field(default_factory=dict)
    contacts: tuple[Contact, ...] = ()
    fired: Mapping[str, int] = field(default_factory=dict)
    joints: Mapping[int, JointLog] = field(default_factory=dict)
    touches: Touches | None = None

    def world_from_part(self, part_id: int, time_ns: int) -> Pose:
        track = self.parts.get(part_id)
        return track.at(time_ns) if track is not None else self.world.part(part_id).world_from_part

    def world_from_body(self, instance_id: int, time_ns: int) -> Pose:
        track = self.bodies.get(instance_id)
        return track.at(time_ns) if track is not None else self.world.instance(instance_id).world_from_body

    def velocity(self, instance_id: int, time_ns: int) -> F64:
        """(3,) m/s of the body origin in the world; zero for what never moves."""
        return self._vector(self.velocities, instance_id, time_ns)

    def acceleration(self, instance_id: int, time_ns: int) -> F64:
        """(3,) m/s^2 of the body origin in the world; zero for what never moves."""
        return self._vector(self.accelerations, instance_id, time_ns)

    def controls_at(self, instance_id: int, time_ns: int) -> Controls | None:
        """Throttle, brake, steering and speed of a driven vehicle; None for anything else."""
        table = self.controls.get(instance_id)
        if table is None:
            return None
        return Controls(*(float(x) for x in self._lerp(table, time_ns)))

    def _vector(self, tables: Mapping[int, F64], instance_id: int, time_ns: int) -> F64:
        table = tables.get(instance_id)
        return np.zeros(3) if table is None else self._lerp(table, time_ns)

    def _lerp(self, table: F64, time_ns: int) -> F64:
        # The knots around the time alone: a long scene has ten thousands, and interp would copy them all.
        k = int(np.searchsorted(self.times_ns, time_ns))
        near = slice(max(k - 2, 0), k + 2)
        knots = (self.times_ns[near] - self.times_ns[0]).astype(np.float64)
        x = float(time_ns - int(self.times_ns[0]))
        return np.array([np.interp(x, knots, column) for column in table[near].T])
