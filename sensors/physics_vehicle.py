"""Wheeled vehicles: a chassis on steered and driven wheels that roll on their own joints.

The chassis is a multi-body base at its centre of mass. Each wheel hangs on a hinge about its axle; a steered one
hangs on a knuckle that turns about the vertical first. Tyres grip by friction alone.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace

import numpy as np
from scipy.spatial.transform import Rotation

from pairforge.frames import F64, I64, Pose, Track, rotation, wxyz
from pairforge.scenes.world import Collider, Instance, Shape, Wheel, World
from pairforge.sensors.bullet import pybullet as p
from pairforge.sensors.physics_actors import BodyActor
from pairforge.sensors.physics_bodies import collision_shape, compound, fixed_links, set_surface, xyzw
from pairforge.sensors.physics_record import about, compose, part_track
from pairforge.sensors.traffic.commander import State
from pairforge.sensors.traffic.driver import PLAN_S, Driver
from pairforge.sensors.traffic.neighbours import Neighbours

TYRE_FRICTION = 1.1
TYRE_DENSITY_KG_M3 = 330.0
"""Mass of a wheel over its cylinder's volume: 21 kg at 0.32 m by 0.2 m."""
CLEARANCE_M = 0.12
STEERING_LIMIT = 0.6
STEERING_RATE = 0.8
FULL_THROTTLE_MPS2 = 4.0
FULL_BRAKE_MPS2 = 8.0
WHEEL_COLLIDER = "cylinder"


@dataclass(frozen=True)
class Axle:
    """One wheel's joints: link index of its hinge and, when steered, of its knuckle."""

    wheel: Wheel
    hinge: int
    knuckle: int | None


class WheeledVehicle(BodyActor):
    """Makes its driver's wishes so: throttle and brakes by its hinges, steering by its knuckles."""

    def __init__(self, client: int, instance: Instance, driver: Driver, knots: int) -> None:
        shape = instance.shape
        self._centre = centre_of_mass(shape)
        body, self._axles = _build(client, instance, self._centre)
        super().__init__(client, instance, body, Pose.of(self._centre).inverse, knots)
        self.wheel_links = frozenset(a.hinge for a in self._axles)
        self._wheelbase = max(w.centre_m[0] for w in shape.wheels if w.steered) - min(
            w.centre_m[0] for w in shape.wheels
        )
        self._joints = [
            j for a in self._axles for j in ((a.hinge,) if a.knuckle is None else (a.hinge, a.knuckle))
        ]
        self._angles: F64 = np.zeros((knots, len(self._joints)))
        self.controls = np.zeros((knots, 4))
        self._driver = driver
        self._reference = -1.0
        self._acceleration = 0.0
        self._curvature = 0.0

    def plan(self, neighbours: Neighbours, time_ns: int) -> None:
        x, y, yaw = self.planar()
        if self._reference < 0.0:
            self._start(*self._driver.start(State(x, y, yaw, 0.0), neighbours), yaw)
        command = self._driver.plan(State(x, y, yaw, self._reference), neighbours, time_ns)
        self._acceleration = command.acceleration
        self._reference = max(0.0, self._reference + self._acceleration * PLAN_S)
        self._steer(command.curvature)
        self._command()

    def _start(self, speed: float, curvature: float, yaw: float) -> None:
        """Sets everything moving at a speed along an arc."""
        self._reference, self._curvature = speed, curvature
        ahead, left = np.array([np.cos(yaw), np.sin(yaw), 0.0]), np.array([-np.sin(yaw), np.cos(yaw), 0.0])
        rate = speed * self._curvature
        linear = speed * ahead + rate * (self._centre[0] * left - self._centre[1] * ahead)
        p.resetBaseVelocity(self.body, linear.tolist(), [0.0, 0.0, rate], physicsClientId=self.client)
        for axle in self._axles:
            angle, forward = wheel_motion(axle.wheel, self._curvature, speed)
            p.resetJointState(
                self.body, axle.hinge, 0.0, forward / axle.wheel.radius_m, physicsClientId=self.client
            )
            if axle.knuckle is not None:
                p.resetJointState(self.body, axle.knuckle, angle, 0.0, physicsClientId=self.client)

    def _steer(self, wanted: float) -> None:
        """Turns the front wheels towards a curvature at a human rate."""
        limit = np.tan(STEERING_LIMIT) / self._wheelbase
        step = STEERING_RATE * PLAN_S / self._wheelbase
        self._curvature += float(np.clip(np.clip(wanted, -limit, limit) - self._curvature, -step, step))

    def _command(self) -> None:
        """Motors for the next 20 ms: knuckles hold their angle; hinges turn at the reference speed within grip."""
        weight = self.instance.mass_kg * 9.81
        braking = self._acceleration < -0.05 or self._reference == 0.0
        for axle in self._axles:
            angle, forward = wheel_motion(axle.wheel, self._curvature, self._reference)
            if axle.knuckle is not None:
                p.setJointMotorControl2(
                    self.body,
                    axle.knuckle,
                    p.POSITION_CONTROL,
                    targetPosition=angle,
                    positionGain=0.25,
                    velocityGain=1.0,
                    force=4.0 * weight,
                    physicsClientId=self.client,
                )
            driven = axle.wheel.driven or braking
            p.setJointMotorControl2(
                self.body,
                axle.hinge,
                p.VELOCITY_CONTROL,
                targetVelocity=forward / axle.wheel.radius_m,
                force=weight * axle.wheel.radius_m * 0.5 if driven else 0.0,
                physicsClientId=self.client,
            )

    def record(self, knot: int) -> None:
        super().record(knot)
        states = p.getJointStates(self.body, self._joints, physicsClientId=self.client)
        self._angles[knot] = [state[0] for state in states]
        assert self.controls is not None
        a = self._acceleration
        self.controls[knot, :2] = max(0.0, a) / FULL_THROTTLE_MPS2, min(1.0, max(0.0, -a) / FULL_BRAKE_MPS2)

    def finish(self) -> None:
        """Fills steering and speed from what happened, not from what was asked."""
        super().finish()
        assert self.controls is not None
        steered = [(a, self._joints.index(a.knuckle)) for a in self._axles if a.knuckle is not None]
        # 1 / tan of the two Ackermann angles average to that of the bicycle model's middle wheel; tan averages
        # to second order and has no pole.
        tangents = np.mean([np.tan(self._angles[:, column]) for _, column in steered], axis=0)
        self.controls[:, 2] = np.arctan(tangents)
        ahead = rotation(self.log.quaternions_wxyz).apply([1.0, 0.0, 0.0])
        self.controls[:, 3] = np.einsum("tk,tk->t", self.log.velocities_mps, ahead)

    def part_tracks(self, world: World, times_ns: I64) -> dict[int, Track]:
        """part id -> track: wheels turn on their joints, the rest rides on the body."""
        body = self.log.track(times_ns)
        turn = rotation(body.quaternions_wxyz)
        axles = {a.wheel.part: a for a in self._axles}
        tracks = {}
        for part_id, piece in zip(self.instance.part_ids, self.instance.shape.parts, strict=True):
            if piece.name in axles:
                where, spin = self._wheel_in_body(axles[piece.name], piece.body_from_part)
                position, rot = compose(body.positions_m, turn, where, spin)
                tracks[part_id] = Track(times_ns, position, wxyz(rot))
            else:
                tracks[part_id] = part_track(times_ns, body, piece.body_from_part)
        return tracks

    def _wheel_in_body(self, axle: Axle, body_from_part: Pose) -> tuple[F64, Rotation]:
        """body_from_part over the knots: positions (T, 3) and rotations about the wheel's centre."""
        spin = about(1, self._angles[:, self._joints.index(axle.hinge)])
        if axle.knuckle is not None:
            spin = about(2, self._angles[:, self._joints.index(axle.knuckle)]) * spin
        centre = np.asarray(axle.wheel.centre_m)
        rest = rotation(body_from_part.quaternion_wxyz)
        return spin.apply(body_from_part.position_m - centre) + centre, spin * rest


def centre_of_mass(shape: Shape) -> F64:
    """(3,) in the body frame: midway between the axles, at two fifths of the height."""
    x = [w.centre_m[0] for w in shape.wheels]
    return np.array([(min(x) + max(x)) / 2, 0.0, 0.38 * shape.size_m[2]])


def wheel_motion(wheel: Wheel, curvature: float, speed: float) -> tuple[float, float]:
    """Ackermann: the steering angle in radians and rolling speed in m/s of one wheel, when the body origin moves at
    ``speed`` along an arc of ``curvature``. An unsteered wheel points ahead."""
    x, y, _ = wheel.centre_m
    ahead, aside = 1.0 - y * curvature, x * curvature
    if wheel.steered:
        return float(np.arctan2(aside, ahead)), float(speed * np.hypot(ahead, aside))
    return 0.0, float(speed * ahead)


def lifted(collider: Collider) -> Collider:
    """The collider with its underside at least ``CLEARANCE_M`` above the ground: only tyres touch the road."""
    if collider.kind == "hull" and collider.points is not None:
        points = collider.body_from_collider.points(collider.points)
        points[:, 2] = np.maximum(points[:, 2], CLEARANCE_M)
        return Collider("hull", Pose.of(), points=points)
    z, tall = float(collider.body_from_collider.position_m[2]), collider.size_m[-1]
    if collider.kind != "box" or z - tall / 2 >= CLEARANCE_M:
        return collider
    top = z + tall / 2
    centre = (*collider.body_from_collider.position_m[:2].tolist(), (top + CLEARANCE_M) / 2)
    pose = Pose.of(centre, collider.body_from_collider.quaternion_wxyz)
    return replace(collider, body_from_collider=pose, size_m=(*collider.size_m[:2], top - CLEARANCE_M))


def _build(client: int, instance: Instance, centre: F64) -> tuple[int, tuple[Axle, ...]]:
    """The multi-body at rest in its starting pose."""
    shape = instance.shape
    frame_from_body = Pose.of(centre).inverse
    colliders = [lifted(c) for c in (shape.colliders or (_cabin(shape),))]
    base = compound(client, colliders, frame_from_body)
    links = _Links(client)
    if base is None:
        links.extend(fixed_links(client, colliders, frame_from_body))
    axles = tuple(links.hang(wheel, centre) for wheel in shape.wheels)
    start = instance.world_from_body @ Pose.of(centre)
    chassis_kg = instance.mass_kg - sum(wheel_mass_kg(w) for w in shape.wheels)
    body = p.createMultiBody(
        chassis_kg,
        -1 if base is None else base,
        basePosition=start.position_m.tolist(),
        baseOrientation=xyzw(start.quaternion_wxyz),
        physicsClientId=client,
        **links.arguments,
    )
    _tune(client, int(body), shape, chassis_kg, axles)
    return int(body), axles


def _cabin(shape: Shape) -> Collider:
    return Collider("box", Pose.of(shape.centre_m), shape.size_m)


def wheel_mass_kg(wheel: Wheel) -> float:
    return float(TYRE_DENSITY_KG_M3 * np.pi * wheel.radius_m**2 * wheel.width_m)


class _Links:
    """Collects ``createMultiBody``'s parallel lists link by link."""

    def __init__(self, client: int) -> None:
        self._client = client
        self.arguments: dict[str, list[object]] = {}
        self._count = 0

    def extend(self, rows: dict[str, list[object]]) -> None:
        for key, values in rows.items():
            self.arguments.setdefault(key, []).extend(values)
        self._count += len(rows["linkMasses"])

    def hang(self, wheel: Wheel, centre: F64) -> Axle:
        """A hinge at the wheel's centre, behind a knuckle when it is steered."""
        at = (np.asarray(wheel.centre_m) - centre).tolist()
        knuckle = None
        parent = 0
        if wheel.steered:
            knuckle = self._add(0.3 * wheel_mass_kg(wheel), -1, at, 0, [0.0, 0.0, 1.0])
            parent, at = knuckle + 1, [0.0, 0.0, 0.0]
        mass = wheel_mass_kg(wheel) * (0.7 if wheel.steered else 1.0)
        hinge = self._add(mass, _tyre(self._client, wheel), at, parent, [0.0, 1.0, 0.0])
        return Axle(wheel, hinge, knuckle)

    def _add(self, mass: float, shape: int, at: Sequence[float], parent: int, axis: Sequence[float]) -> int:
        self.extend(
            {
                "linkMasses": [mass],
                "linkCollisionShapeIndices": [shape],
                "linkVisualShapeIndices": [-1],
                "linkPositions": [list(at)],
                "linkOrientations": [[0.0, 0.0, 0.0, 1.0]],
                "linkInertialFramePositions": [[0.0, 0.0, 0.0]],
                "linkInertialFrameOrientations": [[0.0, 0.0, 0.0, 1.0]],
                "linkParentIndices": [parent],
                "linkJointTypes": [p.JOINT_REVOLUTE],
                "linkJointAxis": [list(axis)],
            }
        )
        return self._count - 1


def _tyre(client: int, wheel: Wheel) -> int:
    lying = Pose.of(quaternion_wxyz=(np.sqrt(0.5), np.sqrt(0.5), 0.0, 0.0))
    if WHEEL_COLLIDER == "sphere":
        return collision_shape(client, Collider("sphere", Pose.of(), (wheel.radius_m,)), Pose.of())
    return collision_shape(client, Collider("cylinder", lying, (wheel.radius_m, wheel.width_m)), Pose.of())


def _tune(client: int, body: int, shape: Shape, chassis_kg: float, axles: Sequence[Axle]) -> None:
    """Inertias, damping, grip; no motor until the first plan."""
    x, y, z = shape.size_m[0], shape.size_m[1], 0.6 * shape.size_m[2]
    inertia = [
        chassis_kg / 12 * (y * y + z * z),
        chassis_kg / 12 * (x * x + z * z),
        chassis_kg / 12 * (x * x + y * y),
    ]
    p.changeDynamics(body, -1, localInertiaDiagonal=inertia, physicsClientId=client)
    for link in range(-1, p.getNumJoints(body, physicsClientId=client)):
        p.changeDynamics(
            body,
            link,
            linearDamping=0.0,
            angularDamping=0.0,
            jointDamping=0.0,
            maxJointVelocity=1000.0,
            physicsClientId=client,
        )
        set_surface(client, body, link, shape.friction, shape.restitution)
    for axle in axles:
        mass, r, w = wheel_mass_kg(axle.wheel), axle.wheel.radius_m, axle.wheel.width_m
        across = mass * (3 * r * r + w * w) / 12
        set_surface(client, body, axle.hinge, TYRE_FRICTION, 0.0)
        p.changeDynamics(
            body, axle.hinge, localInertiaDiagonal=[across, mass * r * r / 2, across], physicsClientId=client
        )
        for joint in (axle.hinge, axle.knuckle):
            if joint is not None:
                p.setJointMotorControl2(body, joint, p.VELOCITY_CONTROL, force=0.0, physicsClientId=client)
