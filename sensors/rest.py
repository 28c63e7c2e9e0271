"""How a simulated world stands at a moment: what is inside something else, what hangs in the air, what fell through.

Distances between things are Bullet's closest points between their colliders, at the timeline's poses, in a client
of its own; whether something floats is also asked of the exact meshes, by rays. What either bears is borne.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from pairforge.frames import F64, Pose
from pairforge.scenes.concrete import ConcreteScene
from pairforge.scenes.world import Collider, Instance, World
from pairforge.sensors.bullet import pybullet as p
from pairforge.sensors.ground import ExactGround
from pairforge.sensors.physics import stuff_colliders
from pairforge.sensors.physics_bodies import colliders_of, collision_shape, xyzw
from pairforge.sensors.timeline import Timeline

NEAR_M = 0.05
"""Pairs further apart than this are not looked at."""
AT_REST_MPS = 0.02
LOW_M = 0.02
"""Vertices this near to the lowest one may be what a thing stands on."""
GROUND = 0
"""Stands for all stuff in pairs."""


@dataclass(frozen=True)
class Overlap:
    """Two instances (0: the ground and other stuff), and how deep one is in the other."""

    a: int
    b: int
    depth_m: float


@dataclass(frozen=True)
class Rest:
    """``overlaps`` deepest first; ``gaps_m``: instance id -> metres to what is nearest, of everything at rest;
    ``fallen``: instances with nothing below them; ``moving``: those not at rest."""

    overlaps: tuple[Overlap, ...]
    gaps_m: dict[int, float]
    fallen: tuple[int, ...]
    moving: tuple[int, ...]

    @property
    def deepest_m(self) -> float:
        """The deepest overlap of two things; the ground does not count, for posts are set into it."""
        return max((o.depth_m for o in self.overlaps if o.a != GROUND), default=0.0)

    def floating(self, above_m: float = 0.01) -> dict[int, float]:
        """Instance id -> gap, of what hangs in the air by more than ``above_m``."""
        return {k: gap for k, gap in self.gaps_m.items() if gap > above_m}


def rest(timeline: Timeline, concrete: ConcreteScene, time_ns: int | None = None) -> Rest:
    """How everything stands at a time stamp (the last keyframe's when None)."""
    world = timeline.world
    when = max(concrete.keyframe_times_ns) if time_ns is None else time_ns
    moving = tuple(
        i.instance_id
        for i in world.instances
        if float(np.linalg.norm(timeline.velocity(i.instance_id, when))) > AT_REST_MPS
    )
    distances = _distances(timeline, concrete, when)
    overlaps = [Overlap(a, b, -d) for (a, b), d in distances.items() if d < 0.0]
    gaps = {
        i.instance_id: _gap(timeline, i, when, distances)
        for i in world.instances
        if i.instance_id not in moving
    }
    ground = ExactGround(world)
    fallen = tuple(
        k
        for k, gap in gaps.items()
        if gap >= NEAR_M and not np.isfinite(ground.below(_top(timeline, world.instance(k), when))).any()
    )
    return Rest(
        tuple(sorted(overlaps, key=lambda o: -o.depth_m)),
        _borne(timeline, gaps, when, ground),
        fallen,
        moving,
    )


def _gap(
    timeline: Timeline, instance: Instance, time_ns: int, distances: dict[tuple[int, int], float]
) -> float:
    """Metres to the nearest other thing or stuff, by colliders; ``NEAR_M`` for anything further."""
    mine = [d for pair, d in distances.items() if instance.instance_id in pair]
    return max(min(mine, default=NEAR_M), 0.0)


def _borne(timeline: Timeline, gaps: dict[int, float], time_ns: int, ground: ExactGround) -> dict[int, float]:
    """Gaps again, where colliders leave one, by rays from the lowest vertices to the exact ground."""
    found = dict(gaps)
    for k, gap in gaps.items():
        if gap > 0.0:
            points = _lowest(timeline, timeline.world.instance(k), time_ns)
            # From above, so that what is set into the ground counts as borne.
            below = ground.below(points + np.array([0.0, 0.0, 1.0])) - 1.0
            found[k] = min(gap, max(float(below.min()), 0.0))
    return found


def _lowest(timeline: Timeline, instance: Instance, time_ns: int) -> F64:
    """Vertices (N, 3) that the thing may stand on."""
    points = np.concatenate(
        [
            timeline.world_from_part(part_id, time_ns).points(piece.mesh.vertices)
            for part_id, piece in zip(instance.part_ids, instance.shape.parts, strict=True)
        ]
    )
    return np.asarray(points[points[:, 2] < points[:, 2].min() + LOW_M], dtype=np.float64)


def _top(timeline: Timeline, instance: Instance, time_ns: int) -> F64:
    pose = timeline.world_from_body(instance.instance_id, time_ns)
    x, y, z = instance.centre_m
    top = np.array([x, y, z + max(instance.size_m)])
    return np.asarray(pose.points(top), dtype=np.float64)[None]


def _distances(timeline: Timeline, concrete: ConcreteScene, time_ns: int) -> dict[tuple[int, int], float]:
    """(instance, instance) or (0, instance) -> smallest distance between their colliders, where below ``NEAR_M``."""
    client = int(p.connect(p.DIRECT))
    try:
        bodies = list(_bodies(client, timeline, concrete, time_ns))
        found: dict[tuple[int, int], float] = {}
        for one, other in _close(client, [body for _, body in bodies]):
            (a, body_a), (b, body_b) = sorted((bodies[one], bodies[other]))
            if a != b:
                points = p.getClosestPoints(body_a, body_b, NEAR_M, physicsClientId=client)
                nearest = min((float(point[8]) for point in points), default=NEAR_M)
                if nearest < NEAR_M:
                    found[a, b] = min(found.get((a, b), NEAR_M), nearest)
        return found
    finally:
        p.disconnect(physicsClientId=client)


def _bodies(
    client: int, timeline: Timeline, concrete: ConcreteScene, time_ns: int
) -> Iterator[tuple[int, int]]:
    """(instance id, PyBullet body) of every collider, where it is at that time."""
    for collider, pose, _, _ in stuff_colliders(concrete):
        yield GROUND, _body(client, collision_shape(client, collider, Pose.of()), pose)
    for instance in _solid(timeline.world):
        for pose, colliders in _placed(timeline, instance, time_ns):
            for collider in colliders:
                yield instance.instance_id, _body(client, collision_shape(client, collider, Pose.of()), pose)


def _placed(
    timeline: Timeline, instance: Instance, time_ns: int
) -> Iterator[tuple[Pose, Sequence[Collider]]]:
    """Colliders and where they are: a robot's links with the parts that show them, all others on the body."""
    shape = instance.shape
    if instance.behaviour.get("motion") != "jointed":
        yield timeline.world_from_body(instance.instance_id, time_ns), colliders_of(shape)
        return
    ids = {piece.name: k for piece, k in zip(shape.parts, instance.part_ids, strict=True)}
    for link in shape.links:
        if link.part:
            yield timeline.world_from_part(ids[link.part], time_ns), link.colliders


def _solid(world: World) -> Sequence[Instance]:
    return [i for i in world.instances if any(len(piece.mesh.faces) for piece in i.shape.parts)]


def _body(client: int, shape: int, pose: Pose) -> int:
    return int(
        p.createMultiBody(
            0.0,
            shape,
            basePosition=pose.position_m.tolist(),
            baseOrientation=xyzw(pose.quaternion_wxyz),
            physicsClientId=client,
        )
    )


def _close(client: int, bodies: Sequence[int]) -> Iterator[tuple[int, int]]:
    """Pairs of rows whose bounds come within ``NEAR_M``."""
    bounds = np.array([p.getAABB(body, physicsClientId=client) for body in bodies]).reshape(-1, 2, 3)
    low, high = bounds[:, 0] - NEAR_M / 2, bounds[:, 1] + NEAR_M / 2
    for k in range(len(bodies)):
        meet = (low[k + 1 :] <= high[k]).all(axis=1) & (high[k + 1 :] >= low[k]).all(axis=1)
        for j in np.flatnonzero(meet):
            yield k, k + 1 + int(j)
