"""Wheeled vehicles: a chassis on steered and driven wheels that roll on their own joints.

What the driver wants is asked of the joints; what comes of it is up to springs, tyres and the road.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial.transform import Rotation

from pairforge.frames import F64, I64, Pose, Track, about, compose, rotation, times, wxyz
from pairforge.scenes.world import Instance, Wheel, World
from pairforge.sensors.bullet import pybullet as p
from pairforge.sensors.friction import tyre_friction
from pairforge.sensors.ground import ExactGround
from pairforge.sensors.physics_actors import BodyActor
from pairforge.sensors.physics_bodies import turn
from pairforge.sensors.physics_chassis import Axle, build_vehicle, centre_of_mass
from pairforge.sensors.physics_record import part_tracks
from pairforge.sensors.physics_suspension import Suspension
from pairforge.sensors.traffic.commander import State
from pairforge.sensors.traffic.driver import PLAN_S, Driver
from pairforge.sensors.traffic.neighbours import Neighbours

STEERING_LIMIT = 0.6
STEERING_RATE = 0.8
FULL_THROTTLE_MPS2 = 4.0
FULL_BRAKE_MPS2 = 8.0
SLIP = 0.08
"""Brakes and engine never let a wheel turn slower or faster than the road by more than this share (ABS, traction
control), or by ``LEAST_SLIP_MPS`` when slow: tyres grip best there (Pacejka 2012, chapter 1)."""
LEAST_SLIP_MPS = 0.3
STANDING_MPS = 0.05
"""Slower than this with nothing asked for, the wheels are locked."""


class WheeledVehicle(BodyActor):
    """Makes its driver's wishes so: throttle and brakes by its hinges, steering by its knuckles."""

    def __init__(self, client: int, world: World, instance: Instance, driver: Driver, knots: int) -> None:
        shape = instance.shape
        self._centre = centre_of_mass(shape)
        friction = tyre_friction(world.sky)
        body, self._axles = build_vehicle(client, instance, self._centre, friction)
        super().__init__(client, instance, body, Pose.of(self._centre).inverse, knots)
        self._suspension = Suspension(client, body, self._axles, world.gravity_mps2)
        self._gravity, self._grip = world.gravity_mps2, friction * world.gravity_mps2
        self.wheel_links = frozenset(a.hinge for a in self._axles)
        self._wheelbase = max(w.centre_m[0] for w in shape.wheels if w.steered) - min(
            w.centre_m[0] for w in shape.wheels
        )
        self._joints = [j for a in self._axles for j in (a.slider, a.hinge, a.knuckle) if j is not None]
        self._angles: F64 = np.zeros((knots, len(self._joints)))
        self.controls = np.zeros((knots, 4))
        self._driver = driver
        self._reference = -1.0
        self._acceleration = 0.0
        self._curvature = 0.0
        self._locked: dict[int, float] = {}

    def plan(self, neighbours: Neighbours, time_ns: int) -> None:
        x, y, yaw = self.planar()
        if self._reference < 0.0:
            self._start(*self._driver.start(State(x, y, yaw, 0.0), neighbours))
        command = self._driver.plan(State(x, y, yaw, self._reference), neighbours, time_ns)
        # The brakes are those that HARDEST asks for; how well tyres hold is the road's affair.
        self._acceleration = command.acceleration
        self._reference = self._held(max(0.0, self._reference + self._acceleration * PLAN_S))
        self._steer(command.curvature)
        self._command()

    def act(self) -> None:
        self._suspension.act()

    def _held(self, reference: float) -> float:
        """The speed for the wheels: as wanted, but not so far from the road's that tyres lose their hold."""
        ahead = turn(self.orientation_xyzw, (1.0, 0.0, 0.0))
        moving = sum(v * a for v, a in zip(self.velocity, ahead, strict=True))
        slip = max(SLIP * abs(moving), LEAST_SLIP_MPS)
        return max(0.0, min(max(reference, moving - slip), moving + slip))

    def _start(self, speed: float, curvature: float) -> None:
        """Sets everything moving at a speed along an arc in the plane that the wheels stand on."""
        self._reference, self._curvature = speed, curvature
        ahead, left, up = (turn(self.orientation_xyzw, axis) for axis in np.eye(3).tolist())
        rate = speed * self._curvature
        linear = np.array(ahead) * (speed - rate * self._centre[1]) + np.array(left) * rate * self._centre[0]
        p.resetBaseVelocity(
            self.body, linear.tolist(), (rate * np.array(up)).tolist(), physicsClientId=self.client
        )
        self.velocity = (float(linear[0]), float(linear[1]), float(linear[2]))
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
        weight = self.instance.mass_kg * self._gravity
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
            if not self._parked(axle):
                driven = axle.wheel.driven or braking
                p.setJointMotorControl2(
                    self.body,
                    axle.hinge,
                    p.VELOCITY_CONTROL,
                    targetVelocity=forward / axle.wheel.radius_m,
                    force=weight * axle.wheel.radius_m * 0.5 if driven else 0.0,
                    physicsClientId=self.client,
                )

    def _parked(self, axle: Axle) -> bool:
        """Locks the wheel where it is once the vehicle stands: brakes that only hold a speed of 0 creep downhill."""
        if self._reference > 0.0 or self.speed > STANDING_MPS:
            self._locked.pop(axle.hinge, None)
            return False
        if axle.hinge not in self._locked:
            state = p.getJointState(self.body, axle.hinge, physicsClientId=self.client)
            self._locked[axle.hinge] = float(state[0])
        p.setJointMotorControl2(
            self.body,
            axle.hinge,
            p.POSITION_CONTROL,
            targetPosition=self._locked[axle.hinge],
            positionGain=0.1,
            velocityGain=1.0,
            force=self.instance.mass_kg * self._gravity * axle.wheel.radius_m * 0.5,
            physicsClientId=self.client,
        )
        return True

    def record(self, knot: int) -> None:
        super().record(knot)
        states = p.getJointStates(self.body, self._joints, physicsClientId=self.client)
        self._angles[knot] = [state[0] for state in states]
        assert self.controls is not None
        a = self._acceleration
        self.controls[knot, :2] = max(0.0, a) / FULL_THROTTLE_MPS2, min(1.0, max(0.0, -a) / FULL_BRAKE_MPS2)

    def finish(self, ground: ExactGround, times_ns: I64) -> None:
        """Fills steering and speed from what happened, not from what was asked."""
        super().finish(ground, times_ns)
        assert self.controls is not None
        steered = [(a, self._joints.index(a.knuckle)) for a in self._axles if a.knuckle is not None]
        # 1 / tan of the two Ackermann angles average to that of the bicycle model's middle wheel; tan averages
        # to second order and has no pole.
        tangents = np.mean([np.tan(self._angles[:, column]) for _, column in steered], axis=0)
        self.controls[:, 2] = np.arctan(tangents)
        ahead = rotation(self.log.quaternions_wxyz).apply([1.0, 0.0, 0.0])
        self.controls[:, 3] = np.einsum("tk,tk->t", self.log.velocities_mps, ahead)

    def part_tracks(self, ground: ExactGround, times_ns: I64) -> dict[int, Track]:
        """part id -> track: wheels turn on their joints, the rest rides on the body."""
        body = self.log.track(times_ns)
        turn = rotation(body.quaternions_wxyz)
        axles = {a.wheel.part: a for a in self._axles}
        pieces = dict(zip(self.instance.part_ids, self.instance.shape.parts, strict=True))
        fixed = {k: piece.body_from_part for k, piece in pieces.items() if piece.name not in axles}
        tracks = part_tracks(times_ns, body, fixed)
        for part_id, piece in pieces.items():
            if piece.name in axles:
                where, spin = self._wheel_in_body(axles[piece.name], piece.body_from_part)
                position, rot = compose(body.positions_m, turn, where, spin)
                tracks[part_id] = Track(times_ns, position, wxyz(rot))
        return {part_id: tracks[part_id] for part_id in pieces}

    def _wheel_in_body(self, axle: Axle, body_from_part: Pose) -> tuple[F64, Rotation]:
        """body_from_part over the knots: positions (T, 3) and rotations about the wheel's centre."""
        spin = about(1, self._angles[:, self._joints.index(axle.hinge)])
        if axle.knuckle is not None:
            spin = times(about(2, self._angles[:, self._joints.index(axle.knuckle)]), spin)
        centre = np.asarray(axle.wheel.centre_m)
        rest = rotation(body_from_part.quaternion_wxyz)
        up = self._angles[:, self._joints.index(axle.slider), None] * np.array([0.0, 0.0, 1.0])
        return spin.apply(body_from_part.position_m - centre) + centre + up, times(spin, rest)


def wheel_motion(wheel: Wheel, curvature: float, speed: float) -> tuple[float, float]:
    """Ackermann: the steering angle in radians and rolling speed in m/s of one wheel, when the body origin moves at
    ``speed`` along an arc of ``curvature``. An unsteered wheel points ahead."""
    x, y, _ = wheel.centre_m
    ahead, aside = 1.0 - y * curvature, x * curvature
    if wheel.steered:
        return float(np.arctan2(aside, ahead)), float(speed * np.hypot(ahead, aside))
    return 0.0, float(speed * ahead)
