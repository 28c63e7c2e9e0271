"""Physics: a world at rest goes in, a Timeline of everything that moves comes out.

One PyBullet client a world, a fixed step, bodies added in world order: the same world gives the same bytes.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace

import numpy as np

from pairforge.errors import SimulationError
from pairforge.frames import I64, Pose
from pairforge.scenes.build import shape_of
from pairforge.scenes.concrete import ConcreteScene
from pairforge.scenes.families import family
from pairforge.scenes.families import names as family_names
from pairforge.scenes.world import Collider, Instance, World
from pairforge.sensors.bullet import pybullet as p
from pairforge.sensors.commanders import commander_of, fired
from pairforge.sensors.ground import ExactGround
from pairforge.sensors.physics_actors import Actor, Crowd, FreeBody
from pairforge.sensors.physics_bodies import add_static, colliders_of
from pairforge.sensors.physics_contacts import ContactRecorder
from pairforge.sensors.physics_joints import JointedBody
from pairforge.sensors.physics_replay import ReplayedBody, with_stamps
from pairforge.sensors.physics_touches import TouchRecorder, felt
from pairforge.sensors.physics_vehicle import WheeledVehicle
from pairforge.sensors.physics_walker import UprightMover
from pairforge.sensors.signals import lamp_tracks
from pairforge.sensors.timeline import Timeline, Touches
from pairforge.sensors.traffic.board import Board
from pairforge.sensors.traffic.commander import Commander
from pairforge.sensors.traffic.driver import Driver

STEP_NS = 5_000_000
KNOT_NS = 10_000_000
AFTER_NS = 250_000_000
"""The timeline reaches this far past the last keyframe: optical flow and sweeps look ahead."""
WIDE_M = 200.0
"""Level slabs wider than this are exact planes: Bullet's contact points lose precision on huge boxes."""
LOWEST_M = -3.0
FASTEST_MPS = 90.0


def simulate(world: World, concrete: ConcreteScene) -> Timeline:
    """Runs the world's physics over [0, last keyframe + 0.25 s], with knots every 10 ms.

    Raises SimulationError, naming the body, when one falls through the ground or moves absurdly fast.
    """
    times = knot_times(concrete)
    with _client(world.gravity_mps2) as client:
        owners = _add_scenery(client, world, concrete)
        moving = [instance for instance in world.instances if instance.moves]
        commanders = {instance.name: commander_of(world, instance) for instance in moving}
        board = Board(world)
        actors = [_actor(client, board, i, len(times), commanders[i.name]) for i in moving]
        owners |= {actor.body: actor.instance.instance_id for actor in actors}
        contacts = ContactRecorder(
            owners,
            {a.body: a.wheel_links for a in actors if a.wheel_links},
            frozenset(a.instance.instance_id for a in actors if not isinstance(a, FreeBody)),
        )
        wanted = felt(world, concrete)
        touches = TouchRecorder(wanted, owners, world) if wanted else None
        _run(client, times, Crowd(world, actors), contacts, touches)
    return replace(
        _timeline(world, times, actors, contacts, None if touches is None else touches.touches()),
        fired=fired(commanders),
    )


def knot_times(concrete: ConcreteScene) -> I64:
    """The knots (T,) int64 ns: every 10 ms from 0 until at least 0.25 s past the last keyframe."""
    last = max((0, *concrete.keyframe_times_ns)) + AFTER_NS
    return np.arange(-(-last // KNOT_NS) + 1, dtype=np.int64) * KNOT_NS


@contextmanager
def _client(gravity_mps2: float) -> Iterator[int]:
    """A fresh PyBullet world, gone afterwards whatever happens."""
    client = int(p.connect(p.DIRECT))
    try:
        p.setGravity(0.0, 0.0, -gravity_mps2, physicsClientId=client)
        p.setPhysicsEngineParameter(
            fixedTimeStep=STEP_NS * 1e-9,
            numSolverIterations=20,
            numSubSteps=0,
            deterministicOverlappingPairs=1,
            enableFileCaching=0,
            restitutionVelocityThreshold=0.08,
            physicsClientId=client,
        )
        yield client
    finally:
        p.disconnect(physicsClientId=client)


def _add_scenery(client: int, world: World, concrete: ConcreteScene) -> dict[int, int]:
    """Ground, stuff and bolted things; returns PyBullet body -> instance id (0: stuff)."""
    owners: dict[int, int] = {}
    for collider, pose, friction, restitution in stuff_colliders(concrete):
        for body in _add_solid(client, (collider,), pose, friction, restitution):
            owners[body] = 0
    if not owners:
        owners[_add_plane(client, 0.0, 1.0, 0.5)] = 0
    for instance in world.instances:
        if not instance.moves:
            shape = instance.shape
            for body in _add_solid(
                client, colliders_of(shape), instance.world_from_body, shape.friction, shape.restitution
            ):
                owners[body] = instance.instance_id
    return owners


def stuff_colliders(concrete: ConcreteScene) -> Iterator[tuple[Collider, Pose, float, float]]:
    """Colliders of the scene's stuff with their poses, friction and restitution."""
    known = set(family_names())
    for item in concrete.items:
        if item.family in known and family(item.family).stuff:
            shape = shape_of(item)
            for collider in shape.colliders:
                yield (
                    collider,
                    Pose.of(item.position_m, item.quaternion_wxyz),
                    shape.friction,
                    shape.restitution,
                )


def _add_solid(
    client: int, colliders: tuple[Collider, ...], pose: Pose, friction: float, restitution: float
) -> list[int]:
    bodies = []
    for collider in colliders:
        top = _wide_top_m(collider, pose)
        if top is not None:
            bodies.append(_add_plane(client, top, friction, restitution))
        else:
            bodies += add_static(client, (collider,), pose, friction, restitution)
    return bodies


def _wide_top_m(collider: Collider, pose: Pose) -> float | None:
    """Height of the top of a wide level slab; None of anything else."""
    if collider.kind != "box" or min(collider.size_m[:2]) < WIDE_M:
        return None
    where = pose @ collider.body_from_collider
    level = abs(where.rotation[2, 2]) > 1 - 1e-12
    return float(where.position_m[2]) + collider.size_m[2] / 2 if level else None


def _add_plane(client: int, height_m: float, friction: float, restitution: float) -> int:
    shape = p.createCollisionShape(p.GEOM_PLANE, planeNormal=[0.0, 0.0, 1.0], physicsClientId=client)
    body = p.createMultiBody(0.0, shape, basePosition=[0.0, 0.0, height_m], physicsClientId=client)
    p.changeDynamics(body, -1, lateralFriction=friction, restitution=restitution, physicsClientId=client)
    return int(body)


def _actor(client: int, board: Board, instance: Instance, knots: int, commander: Commander | None) -> Actor:
    motion = instance.behaviour.get("motion", "dynamic")
    if motion == "vehicle":
        return WheeledVehicle(client, board.world, instance, Driver(board, instance, commander), knots)
    if motion in ("walker", "cyclist"):
        return UprightMover(client, board, instance, knots, commander)
    if motion == "jointed":
        return JointedBody(client, instance, board.world.gravity_mps2, knots)
    if motion == "replay":
        return ReplayedBody(client, instance, knots)
    return FreeBody(client, instance, knots)


def _run(
    client: int, times: I64, crowd: Crowd, contacts: ContactRecorder, touches: TouchRecorder | None
) -> None:
    """Steps from the first knot to the last and records each; at the first one actors already move as they wish."""
    steps_a_knot = KNOT_NS // STEP_NS
    crowd.record(0)
    crowd.start()
    for knot in range(1, len(times)):
        if knot > 1:
            crowd.plan(knot - 1, int(times[knot - 1]))
        for step in range(steps_a_knot):
            crowd.act()
            p.stepSimulation(physicsClientId=client)
            points = p.getContactPoints(physicsClientId=client)
            contacts.step(int(times[knot - 1]) + (step + 1) * STEP_NS, points)
            if touches is not None:
                touches.step(points)
        crowd.record(knot)
        if touches is not None:
            touches.knot(knot)
        _check(crowd, int(times[knot]))


def _check(crowd: Crowd, time_ns: int) -> None:
    for actor in crowd.actors:
        (x, y, z), speed = actor.position, actor.speed
        lost = not all(map(math.isfinite, (x, y, z, speed))) or speed > FASTEST_MPS
        if not lost and z >= LOWEST_M:
            continue
        name, at = actor.instance.name, f"{time_ns / 1e9:.2f} s"
        if lost:
            raise SimulationError(
                f'"{name}" moves at {speed:.3g} m/s at {at}, faster than anything may. It probably started inside '
                "something else; place it clear of its neighbours."
            )
        raise SimulationError(
            f'"{name}" fell through the ground at {at}: z = {z:.2f} m at x = {x:.2f}, y = {y:.2f}. It left the '
            "setting or started inside something; move it, or give the ground a collider there."
        )


def _timeline(
    world: World, times: I64, actors: list[Actor], contacts: ContactRecorder, touches: Touches | None
) -> Timeline:
    ground = ExactGround(world)
    for actor in actors:
        actor.finish(ground, times)
    ids = [a.instance.instance_id for a in actors]
    timeline = Timeline(
        world=world,
        times_ns=times,
        parts=lamp_tracks(world, times)
        | {part: track for actor in actors for part, track in actor.part_tracks(ground, times).items()},
        bodies={i: a.log.track(times) for i, a in zip(ids, actors, strict=True)},
        velocities={i: a.log.velocities_mps for i, a in zip(ids, actors, strict=True)},
        accelerations={i: a.log.accelerations(times) for i, a in zip(ids, actors, strict=True)},
        controls={i: a.controls for i, a in zip(ids, actors, strict=True) if a.controls is not None},
        contacts=contacts.contacts(),
        touches=touches,
        joints={a.instance.instance_id: a.joint_log for a in actors if isinstance(a, JointedBody)},
    )
    return with_stamps(timeline, [a for a in actors if isinstance(a, ReplayedBody)], ground)
