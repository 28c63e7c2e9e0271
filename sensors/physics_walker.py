"""Walkers and cyclists: bodies kept upright whose own will sets their horizontal velocity, limbs swinging in step."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from scipy.ndimage import uniform_filter1d

from pairforge.frames import F64, I64, Pose, Track, compose, rotation, wrapped, wxyz
from pairforge.scenes.gait import limb_poses
from pairforge.scenes.world import Collider, Instance, Shape
from pairforge.sensors.bullet import pybullet as p
from pairforge.sensors.friction import grip
from pairforge.sensors.ground import ExactGround
from pairforge.sensors.physics_actors import BodyActor
from pairforge.sensors.physics_bodies import add_dynamic, bottom_m, colliders_of, set_surface, turn
from pairforge.sensors.physics_ground import ground_below
from pairforge.sensors.physics_kerb import climb_mps, feelers_m, roundness_m
from pairforge.sensors.physics_legs import stepping
from pairforge.sensors.traffic.board import Board
from pairforge.sensors.traffic.commander import Commander, State
from pairforge.sensors.traffic.driver import BICYCLE, Driver
from pairforge.sensors.traffic.neighbours import Neighbours
from pairforge.sensors.traffic.walker import Walker

PLAN_EVERY_KNOTS = 4
PLAN_S = PLAN_EVERY_KNOTS * 0.01
STEP_S = 0.005
SETTLE_S = 0.35
"""Legs swing out and come together over about this time when starting and stopping."""
MOVING_MPS = 0.25
SLOW_MPS = 0.1
"""Slower than this one turns on the spot, and steps on nothing."""
STEEPEST = 0.35
TURNING_MPS2, TURNING_SHARE = 3.0, 0.8
"""Nobody on foot throws their weight sideways harder than this, nor than this share of the grip, to walk another way:
a sharp corner of a path is walked in a small bend."""
LEAN_MOST, LEAN_SHARE = 0.45, 0.15
"""Cyclists lean into bends by at most so many radians, and get there by so large a share of the way at each plan."""
RIDER_RISES_MPS, WALKER_RISES_MPS = 0.1, 1.0
"""Nobody rises faster than this over what the ground itself does."""
SLOPE_KNOTS = 10
"""Ground is flat triangles; people feel its slope as the mean over 0.2 s."""


class UprightMover(BodyActor):
    """A person on foot or on a bicycle."""

    plan_every_knots = PLAN_EVERY_KNOTS

    def __init__(
        self, client: int, board: Board, instance: Instance, knots: int, commander: Commander | None = None
    ) -> None:
        shape = grounded(instance.shape)
        body, properties = add_dynamic(client, shape, instance.mass_kg, instance.world_from_body)
        super().__init__(client, instance, body, properties.body_from_inertial.inverse, knots)
        # Feet and pedals do the driving, so the collider itself must not drag on the ground.
        for link in range(-1, p.getNumJoints(body, physicsClientId=client)):
            set_surface(client, body, link, 0.0, 0.0)
            # Nor stumble over the edge of a triangle that it has not reached.
            p.changeDynamics(body, link, contactProcessingThreshold=0.0, physicsClientId=client)
        p.changeDynamics(
            body, -1, activationState=p.ACTIVATION_STATE_DISABLE_SLEEPING, physicsClientId=client
        )
        self._up = self.inertial_from_body.vectors([0.0, 0.0, 1.0]).tolist()
        self._cycles = instance.behaviour.get("motion") == "cyclist"
        self._mind: Walker | Driver = (
            Driver(board, instance, commander, BICYCLE)
            if self._cycles
            else Walker(board, instance, commander)
        )
        self._speed = -1.0
        self._velocity = (0.0, 0.0)
        self._yaw_rate = 0.0
        self._gravity = board.world.gravity_mps2
        self._turning_mps2 = min(TURNING_MPS2, TURNING_SHARE * grip(board.world))
        self._course: float | None = None
        self._round_m = roundness_m(shape)
        self._feelers_m = feelers_m(self._round_m)
        self._slope, self._lean = 0.0, 0.0
        self._climb: float | None = None
        self._slopes = np.zeros(knots)
        self._tracks: dict[int, Track] = {}

    def plan(self, neighbours: Neighbours, time_ns: int) -> None:
        x, y, yaw = self.planar()
        self._feel(x, y, yaw)
        if self._speed < 0.0:
            self._speed, _ = self._mind.start(State(x, y, yaw, 0.0), neighbours)
        state = State(x, y, yaw, self._speed)
        command = self._mind.plan(state, neighbours, time_ns)
        self._speed = max(0.0, self._speed + command.acceleration * PLAN_S)
        self._aim(x, y, yaw, self._mind.heading(state))

    def _aim(self, x: float, y: float, yaw: float, heading: float) -> None:
        """Velocity along a heading; the body turns the way it goes."""
        if not self._cycles:
            heading = self._course = self._turned(heading)
        self._velocity = (self._speed * math.cos(heading), self._speed * math.sin(heading))
        off = wrapped(heading - yaw)
        self._yaw_rate = min(max(5.0 * off, -2.5), 2.5) if self._speed > 0.05 else 0.0

    def _turned(self, heading: float) -> float:
        """As far towards a heading as one may turn in a plan at this speed."""
        if self._course is None or self._speed < SLOW_MPS:
            return heading
        most = self._turning_mps2 / self._speed * PLAN_S
        off = wrapped(heading - self._course)
        return self._course + min(max(off, -most), most)

    def _feel(self, x: float, y: float, yaw: float) -> None:
        """The slope ahead of the ground: under a walker's soles, from wheel to wheel of a bicycle."""
        z = self.position[2] + turn(self.orientation_xyzw, self._arm)[2]
        c, s = math.cos(yaw), math.sin(yaw)
        slope = 0.0
        if self._cycles and self.instance.shape.wheels:
            ends = [wheel.centre_m[0] for wheel in self.instance.shape.wheels]
            back, front = min(ends), max(ends)
            below = ground_below(self.client, [(x + d * c, y + d * s, z) for d in (back, front)])
            if below[0] is not None and below[1] is not None and front > back:
                slope = (below[1].height_m - below[0].height_m) / (front - back)
            # A bicycle balances when gravity and the bend pull along its frame: tan(lean) = v omega / g.
            wanted = math.atan(max(self._speed, 0.0) * self._yaw_rate / self._gravity)
            self._lean += LEAN_SHARE * (min(max(wanted, -LEAN_MOST), LEAN_MOST) - self._lean)
        else:
            here, *ahead = ground_below(
                self.client, [(x + d * c, y + d * s, z) for d in (0.0, *self._feelers_m)]
            )
            self._climb = None
            if here is not None:
                slope = -(here.normal[0] * c + here.normal[1] * s) / here.normal[2]
            if here is not None and self._speed > SLOW_MPS:
                # A foot lifted in time: bodies that ran into kerbs would stop short.
                self._climb = climb_mps(z, self._speed, slope, here, ahead, self._round_m, PLAN_S)
        self._slope = min(max(slope, -STEEPEST), STEEPEST)

    def _upwards(self) -> tuple[float, float]:
        """Where the body's own up should point, in world x and y: plumb, but a bicycle pitches and leans."""
        if not self._cycles:
            return 0.0, 0.0
        ahead_x, ahead_y, _ = turn(self.orientation_xyzw, self._ahead)
        length = math.hypot(ahead_x, ahead_y) or 1.0
        c, s = ahead_x / length, ahead_y / length
        back, left = math.sin(math.atan(self._slope)), math.sin(self._lean)
        return -back * c - left * s, -back * s + left * c

    def record(self, knot: int) -> None:
        super().record(knot)
        self._slopes[knot] = self._slope

    def _rising(self, vertical: float) -> float:
        """The vertical velocity to go on with: up a step in time, and never thrown up by a seam of the ground."""
        rising = vertical
        if self._climb is not None:
            # Legs carry the body there: it neither drops nor is thrown on. Gravity takes its share within the step.
            carried = min(max(vertical, self._climb), max(self._climb, 0.0))
            rising = carried + self._gravity * STEP_S
        ground_mps = self._slope * math.hypot(*self._velocity)
        return min(rising, ground_mps + (RIDER_RISES_MPS if self._cycles else WALKER_RISES_MPS))

    def act(self) -> None:
        """Walks on at the chosen velocity, leaves the vertical to gravity, and stands back up from any tilt."""
        _, _, vertical = p.getBaseVelocity(self.body, physicsClientId=self.client)[0]
        _, orientation = p.getBasePositionAndOrientation(self.body, physicsClientId=self.client)
        lean_x, lean_y, _ = turn(orientation, self._up)
        back = 0.2 / STEP_S
        up_x, up_y = self._upwards()
        p.resetBaseVelocity(
            self.body,
            [*self._velocity, self._rising(vertical)],
            [back * (lean_y - up_y), -back * (lean_x - up_x), self._yaw_rate],
            physicsClientId=self.client,
        )

    def finish(self, ground: ExactGround, times_ns: I64) -> None:
        """The body's origin goes with the figure, where steps and slopes have it lower or higher than physics."""
        super().finish(ground, times_ns)
        self._tracks, risen = self._stepped(ground, times_ns)
        self.log.rise(risen, times_ns)

    def part_tracks(self, ground: ExactGround, times_ns: I64) -> dict[int, Track]:
        """part id -> track with limbs in step with the distance travelled."""
        return self._tracks

    def _stepped(self, ground: ExactGround, times_ns: I64) -> tuple[dict[int, Track], F64]:
        """Tracks of the parts, and how far (T,) metres the figure is over where its body's origin would have it."""
        body = self.log.track(times_ns)
        turned = rotation(body.quaternions_wxyz)
        shape = self.instance.shape
        distance, swing = self._gait(times_ns)
        phase = 2 * np.pi * distance / shape.stride_m
        if self._cycles:
            local, risen = limb_poses(shape, phase, swing, distance), np.zeros(len(phase))
        else:
            slopes = uniform_filter1d(self._slopes, 2 * SLOPE_KNOTS + 1, mode="nearest")
            local, risen = stepping(shape, phase, swing, body, slopes, ground)
        tracks = {}
        for part_id, piece in zip(self.instance.part_ids, shape.parts, strict=True):
            position, rot = compose(body.positions_m, turned, *local[piece.name])
            tracks[part_id] = Track(times_ns, position, wxyz(rot))
        return tracks, risen

    def _gait(self, times_ns: I64) -> tuple[F64, F64]:
        """Distance travelled (T,) metres along the heading, and how far limbs swing (T,) 0..1."""
        ahead = rotation(self.log.quaternions_wxyz).apply([1.0, 0.0, 0.0])
        step = np.diff(self.log.positions_m, axis=0)
        forward = np.einsum("tk,tk->t", step, ahead[:-1])
        distance = np.concatenate([[0.0], np.cumsum(forward)])
        speed = np.einsum("tk,tk->t", self.log.velocities_mps, ahead)
        speed[0] = speed[min(1, len(speed) - 1)]
        target = np.clip(speed / MOVING_MPS, 0.0, 1.0)
        swing = np.empty_like(target)
        swing[0] = target[0]
        for k, dt in enumerate(np.diff(times_ns) * 1e-9):
            swing[k + 1] = swing[k] + (target[k + 1] - swing[k]) * min(1.0, dt / (SETTLE_S / 3))
        return distance, swing


def grounded(shape: Shape) -> Shape:
    """The shape with colliders that reach down to its origin: a ball stands in for feet or tyres that do not.

    A small ball would trip over the seams of a mesh."""
    colliders = colliders_of(shape)
    lowest_m = min(bottom_m(c) for c in colliders)
    if lowest_m < 0.002:
        return shape
    radius = max(0.08, min(0.2, shape.size_m[1] / 2))
    foot = Collider("sphere", Pose.of((0.0, 0.0, radius)), (radius,))
    return replace(shape, colliders=(*colliders, foot))
