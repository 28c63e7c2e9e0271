"""Articulated bodies: a multi-body of links whose motors follow what its joints are told."""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from pairforge.frames import F64, I64, Pose, Track, compose, rotation, wxyz
from pairforge.scenes.joints import Json, body_from_links, target
from pairforge.scenes.link_mass import LinkMass, link_masses
from pairforge.scenes.world import Instance, ShapeLink
from pairforge.sensors.bullet import pybullet as p
from pairforge.sensors.ground import ExactGround
from pairforge.sensors.physics_actors import BodyActor
from pairforge.sensors.physics_bodies import collision_shape, set_surface, xyzw
from pairforge.sensors.physics_record import about_axis, part_tracks
from pairforge.sensors.timeline import JointLog
from pairforge.sensors.traffic.neighbours import Neighbours

STEP_S = 0.005
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
        self._masses = link_masses(self._links, instance.mass_kg, max(instance.shape.size_m))
        body = _build(client, instance, self._masses, bool(behaviour.get("bolted", True)))
        super().__init__(client, instance, body, self._links[0].parent_from_joint.inverse, knots)
        self._positions: F64 = np.zeros((knots, len(self._links)))
        self._rates, self._efforts = np.zeros_like(self._positions), np.zeros_like(self._positions)
        self._wrenches: F64 = np.zeros((knots, len(self._links), 6))
        self._force = STRENGTH * instance.mass_kg * gravity_mps2 * max(instance.shape.size_m)
        for k in range(1, len(self._links)):
            p.enableJointForceTorqueSensor(body, k - 1, True, physicsClientId=client)
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
            forces=[min(self._force, self._links[k].effort) for k in self._moving],
            physicsClientId=self.client,
        )

    def record(self, knot: int) -> None:
        super().record(knot)
        states = p.getJointStates(self.body, list(range(len(self._links) - 1)), physicsClientId=self.client)
        moving = [states[k - 1] for k in self._moving]
        self._positions[knot, self._moving] = [state[0] for state in moving]
        self._rates[knot, self._moving] = [state[1] for state in moving]
        self._efforts[knot, self._moving] = [state[3] for state in moving]
        self._wrenches[knot, 1:] = [state[2] for state in states]

    @property
    def joint_log(self) -> JointLog:
        """All joints as recorded."""
        rest = self._links[1:]
        wrenches = [_at_joint(self._wrenches[:, k], self._efforts[:, k], link, self._masses[k].centre_m)
                    for k, link in enumerate(rest, start=1)]  # fmt: skip
        return JointLog(
            joints=tuple(link.joint for link in rest),
            position=self._positions[:, 1:],
            velocity=self._rates[:, 1:],
            effort=self._efforts[:, 1:],
            wrench=np.stack(wrenches, axis=1) if wrenches else np.zeros((len(self._positions), 0, 6)),
        )

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
        return tracks | part_tracks(
            times_ns, body, {k: shown[name].body_from_part for name, k in ids.items()}
        )

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


def _at_joint(told: F64, effort: F64, link: ShapeLink, centre_m: F64) -> F64:
    """(T, 6) the force and torque by the parent on the link, about the link's origin in the link's axes.

    Bullet tells what the joint's constraints do, about the link's centre of mass and without the joint's motor.
    """
    along = np.asarray(link.axis)
    force, torque = told[:, :3].copy(), told[:, 3:].copy()
    (force if link.kind == "prismatic" else torque)[:] += effort[:, None] * along
    return np.concatenate([force, torque + np.cross(centre_m, force)], axis=1)


def _build(client: int, instance: Instance, weights: list[LinkMass], bolted: bool) -> int:
    """The multi-body: its base is the first link, bolted to the world or free."""
    links = instance.shape.links
    masses = [weight.mass_kg for weight in weights]
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
        linkInertialFramePositions=[weight.centre_m.tolist() for weight in weights[1:]],
        linkInertialFrameOrientations=[[0.0, 0.0, 0.0, 1.0]] * len(rest),
        linkParentIndices=[link.parent for link in rest],
        linkJointTypes=[_joint_type(link) for link in rest],
        linkJointAxis=[list(link.axis) for link in rest],
        physicsClientId=client,
    )
    _tune(client, int(body), instance, weights)
    return int(body)


def _tune(client: int, body: int, instance: Instance, weights: list[LinkMass]) -> None:
    shape = instance.shape
    for k, weight in enumerate(weights):
        p.changeDynamics(
            body,
            k - 1,
            linearDamping=0.0,
            angularDamping=0.0,
            jointDamping=0.0,
            localInertiaDiagonal=weight.inertia.tolist(),
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
