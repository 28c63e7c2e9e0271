"""Articulated bodies: a multi-body of links whose motors follow what its joints are told."""

from __future__ import annotations

import numpy as np
import trimesh
from scipy.spatial.transform import Rotation

from pairforge.frames import F64, I64, Pose, Track, rotation, wxyz
from pairforge.scenes.joints import Json, body_from_links, target
from pairforge.scenes.world import Instance, ShapeLink
from pairforge.sensors.bullet import pybullet as p
from pairforge.sensors.ground import ExactGround
from pairforge.sensors.physics_actors import BodyActor
from pairforge.sensors.physics_bodies import collision_shape, set_surface, xyzw
from pairforge.sensors.physics_record import about_axis, compose, part_track
from pairforge.sensors.traffic.neighbours import Neighbours

STEP_S = 0.005
LEAST_SHARE = 0.005
"""A link without a solid of its own still weighs this share of the whole."""
STRENGTH = 40.0
"""Motors are as strong as this many times the thing's weight, at a lever of its size."""


class JointedBody(BodyActor):
    """A thing whose joints follow their motions, its base bolted or free."""

    def __init__(self, client: int, instance: Instance, gravity_mps2: float, knots: int) -> None:
        self._links = instance.shape.links
        behaviour = instance.behaviour
        told = behaviour["joints"]
        assert isinstance(told, dict)
        self._motions: Json = told
        self._moving = [k for k, link in enumerate(self._links) if k and link.moves]
        self._now_s = 0.0
        body = _build(client, instance, bool(behaviour.get("bolted", True)))
        super().__init__(client, instance, body, self._links[0].parent_from_joint.inverse, knots)
        self._positions: F64 = np.zeros((knots, len(self._links)))
        self._force = STRENGTH * instance.mass_kg * gravity_mps2 * max(instance.shape.size_m)
        for k in self._moving:
            at, rate = self._target(k)
            p.resetJointState(body, k - 1, at, rate, physicsClientId=client)

    def plan(self, neighbours: Neighbours, time_ns: int) -> None:
        self._now_s = time_ns * 1e-9

    def act(self) -> None:
        """Asks every motor for the rate that its joint shall have over the step, and to make good where it is off."""
        wanted = [self._target(k) for k in self._moving]
        self._now_s += STEP_S
        p.setJointMotorControlArray(
            self.body,
            [k - 1 for k in self._moving],
            p.POSITION_CONTROL,
            targetPositions=[at for at, _ in wanted],
            targetVelocities=[rate for _, rate in wanted],
            positionGains=[0.2] * len(wanted),
            velocityGains=[1.0] * len(wanted),
            forces=[self._force] * len(wanted),
            physicsClientId=self.client,
        )

    def record(self, knot: int) -> None:
        super().record(knot)
        states = p.getJointStates(self.body, [k - 1 for k in self._moving], physicsClientId=self.client)
        self._positions[knot, self._moving] = [state[0] for state in states]

    def part_tracks(self, ground: ExactGround, times_ns: I64) -> dict[int, Track]:
        """part id -> track of the link that shows it, by the recorded joints."""
        body = self.log.track(times_ns)
        turned = rotation(body.quaternions_wxyz)
        ids = {q.name: k for q, k in zip(self.instance.shape.parts, self.instance.part_ids, strict=True)}
        tracks = {}
        poses: list[tuple[F64, Rotation]] = []
        for k, link in enumerate(self._links):
            poses.append(self._body_from_link(k, link, poses))
            if link.part:
                position, turn = compose(body.positions_m, turned, *poses[k])
                tracks[ids.pop(link.part)] = Track(times_ns, position, wxyz(turn))
        shown = {q.name: q for q in self.instance.shape.parts}
        return tracks | {k: part_track(times_ns, body, shown[name].body_from_part) for name, k in ids.items()}

    def _body_from_link(
        self, k: int, link: ShapeLink, before: list[tuple[F64, Rotation]]
    ) -> tuple[F64, Rotation]:
        """(T, 3) and T rotations."""
        count = len(self._positions)
        at = self._positions[:, k]
        still = link.parent_from_joint
        place = np.tile(still.position_m, (count, 1))
        turn = rotation(np.tile(still.quaternion_wxyz, (count, 1)))
        if k and link.kind == "prismatic":
            place = place + turn.apply(at[:, None] * np.asarray(link.axis))
        elif k and link.moves:
            turn = turn * about_axis(link.axis, at)
        return compose(*before[link.parent], place, turn) if link.parent >= 0 else (place, turn)

    def _target(self, k: int) -> tuple[float, float]:
        """Where joint k shall be now, and its rate."""
        link = self._links[k]
        motion = self._motions.get(link.joint)
        if motion is None:
            return link.position, 0.0
        at = target(motion, self._now_s)
        return at, (target(motion, self._now_s + 1e-4) - at) / 1e-4


def _build(client: int, instance: Instance, bolted: bool) -> int:
    """The multi-body: its base is the first link, bolted to the world or free."""
    links = instance.shape.links
    masses = _masses_kg(links, instance.mass_kg)
    shapes = [_solid(client, link) for link in links]
    start = instance.world_from_body @ body_from_links(links[:1], {})[0]
    rest = links[1:]
    body = p.createMultiBody(
        0.0 if bolted else masses[0],
        shapes[0],
        basePosition=start.position_m.tolist(),
        baseOrientation=xyzw(start.quaternion_wxyz),
        linkMasses=masses[1:],
        linkCollisionShapeIndices=shapes[1:],
        linkVisualShapeIndices=[-1] * len(rest),
        linkPositions=[link.parent_from_joint.position_m.tolist() for link in rest],
        linkOrientations=[xyzw(link.parent_from_joint.quaternion_wxyz) for link in rest],
        linkInertialFramePositions=[[0.0, 0.0, 0.0]] * len(rest),
        linkInertialFrameOrientations=[[0.0, 0.0, 0.0, 1.0]] * len(rest),
        linkParentIndices=[link.parent for link in rest],
        linkJointTypes=[_joint_type(link) for link in rest],
        linkJointAxis=[list(link.axis) for link in rest],
        physicsClientId=client,
    )
    _tune(client, int(body), instance, masses)
    return int(body)


def _tune(client: int, body: int, instance: Instance, masses: list[float]) -> None:
    shape = instance.shape
    for k, mass in enumerate(masses):
        # An even rod's worth about every axis: light links on strong motors stay stable.
        inertia = mass * (max(shape.size_m) / 6.0) ** 2
        p.changeDynamics(
            body,
            k - 1,
            linearDamping=0.0,
            angularDamping=0.0,
            jointDamping=0.0,
            localInertiaDiagonal=[inertia] * 3,
            activationState=p.ACTIVATION_STATE_DISABLE_SLEEPING,
            physicsClientId=client,
        )
        set_surface(client, body, k - 1, shape.friction, shape.restitution)


def _joint_type(link: ShapeLink) -> int:
    if link.kind == "prismatic":
        return int(p.JOINT_PRISMATIC)
    return int(p.JOINT_REVOLUTE if link.moves else p.JOINT_FIXED)


def _solid(client: int, link: ShapeLink) -> int:
    """The link's collision shape: the hull of all its pieces, for links of a multi-body take one."""
    clouds = [c.body_from_collider.points(c.points) for c in link.colliders if c.points is not None]
    if not clouds:
        return -1
    whole = link.colliders[0]
    if len(clouds) > 1:
        whole = type(whole)("hull", Pose.of(), points=np.concatenate(clouds))
    return collision_shape(client, whole, Pose.of())


def _masses_kg(links: tuple[ShapeLink, ...], mass_kg: float) -> list[float]:
    """The mass shared by the volume of the links' pieces."""
    volumes = np.array(
        [sum(_volume(c.points) for c in link.colliders if c.points is not None) for link in links]
    )
    share = volumes / volumes.sum() if volumes.sum() > 0.0 else np.full(len(links), 1.0 / len(links))
    share = np.maximum(share, LEAST_SHARE)
    return [float(m) for m in mass_kg * share / share.sum()]


def _volume(points: F64) -> float:
    return float(trimesh.convex.convex_hull(points).volume)
