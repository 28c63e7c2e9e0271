"""Walkers and cyclists: bodies kept upright whose own will sets their horizontal velocity, limbs swinging in step."""

from __future__ import annotations

import math
from dataclasses import replace

import numpy as np
from scipy.ndimage import uniform_filter1d

from pairforge.frames import F64, I64, Pose, Track, rotation, wxyz
from pairforge.scenes.world import Collider, Instance, Shape, World
from pairforge.sensors.bullet import pybullet as p
from pairforge.sensors.ground import ExactGround
from pairforge.sensors.orders import Orders
from pairforge.sensors.physics_actors import BodyActor
from pairforge.sensors.physics_bodies import add_dynamic, bottom_m, colliders_of, set_surface, turn
from pairforge.sensors.physics_gait import limb_poses, lowest, step_up
from pairforge.sensors.physics_ground import ground_below
from pairforge.sensors.physics_record import compose
from pairforge.sensors.traffic.commander import Commander, State, View
from pairforge.sensors.traffic.following import CarFollowing
from pairforge.sensors.traffic.neighbours import Neighbours, sidestep
from pairforge.sensors.traffic.route import Route, bend_speed

PLAN_EVERY_KNOTS = 4
PLAN_S = PLAN_EVERY_KNOTS * 0.01
STEP_S = 0.005
WALKING = CarFollowing(acceleration=1.2, deceleration=1.2, hardest=3.0, headway_s=0.5, standstill_m=0.5)
CYCLING = CarFollowing(acceleration=1.0, deceleration=1.5, hardest=4.5, headway_s=1.0, standstill_m=1.2)
SETTLE_S = 0.35
"""Legs swing out and come together over about this time when starting and stopping."""
MOVING_MPS = 0.25
PASS_FROM_M, SIDESTEP_M = 4.5, 0.75
"""People start to step aside this far from somebody in their way, and no further than this."""
WIDE_M, DRIFT_S = 1.5, 2.5
"""Cyclists told to ride elsewhere move over by so much in so many seconds."""
STEEPEST = 0.35
STEP_M, KERB_M = 0.4, (0.03, 0.3)
"""Walkers start to climb what rises by 3 to 30 cm so far ahead of them."""
LEAN_MOST, LEAN_SHARE = 0.45, 0.15
"""Cyclists lean into bends by at most so many radians, and get there by so large a share of the way at each plan."""
SLOPE_KNOTS = 10
"""Ground is flat triangles; people feel its slope as the mean over 0.2 s."""


class UprightMover(BodyActor):
    """A person on foot or on a bicycle."""

    plan_every_knots = PLAN_EVERY_KNOTS

    def __init__(
        self,
        client: int,
        world: World,
        instance: Instance,
        knots: int,
        commander: Commander | None = None,
    ) -> None:
        body, properties = add_dynamic(
            client, grounded(instance.shape), instance.mass_kg, instance.world_from_body
        )
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
        self._law = CYCLING if self._cycles else WALKING
        self._world, self._commander = world, commander
        self._route = _route(world, instance)
        self._wanted = _wanted_speed(instance)
        self._speed = -1.0
        self._velocity = (0.0, 0.0)
        self._yaw_rate = 0.0
        self._lateral = 0.0
        self._slope, self._lean, self._climb = 0.0, 0.0, 0.0
        self._slopes = np.zeros(knots)
        self._front_m = instance.shape.centre_m[0] + instance.shape.size_m[0] / 2

    def plan(self, neighbours: Neighbours, time_ns: int) -> None:
        x, y, yaw = self.planar()
        self._feel(x, y, yaw)
        if self._wanted == 0.0:
            self._speed = 0.0
            return
        s, offset = self._route.locate(x, y)
        orders = self._orders(x, y, yaw, s, offset, neighbours, time_ns)
        wanted = self._wanted if orders.speed_mps is None else orders.speed_mps
        if self._cycles:
            wanted = min(wanted, bend_speed(self._route, s, wanted))
        half, front = self.instance.shape.size_m[1] / 2, s + self._front_m
        who = self.instance.instance_id
        if not self._cycles:
            near = neighbours.ahead(who, self._route, front, half + 0.1, PASS_FROM_M)
            aside = sidestep(near, half + 0.2, SIDESTEP_M)
            self._lateral += min(max(aside - self._lateral, -0.5 * PLAN_S), 0.5 * PLAN_S)
        elif orders.lateral_m is not None:
            step = PLAN_S * WIDE_M / (orders.over_s or DRIFT_S)
            self._lateral += min(max(orders.lateral_m - self._lateral, -step), step)
        obstacle = neighbours.ahead(who, self._route, front, half + 0.05, 25.0, offset)
        gap, leader = obstacle.gap_m, obstacle.speed_mps
        if "leaders" in orders.ignores:
            gap = float("inf")
        if self._speed < 0.0:
            self._speed = wanted if gap > self._law.standstill_m else 0.0
        stop = self._law.stop(self._speed, self._stop_s() - s)
        asked = min(self._law.follow(self._speed, wanted, gap, leader), stop)
        if orders.acceleration_mps2 is not None:
            asked = max(orders.acceleration_mps2, -self._law.hardest)
        self._speed = max(0.0, self._speed + asked * PLAN_S)
        self._aim(x, y, yaw, s)

    def _orders(
        self, x: float, y: float, yaw: float, s: float, offset: float, neighbours: Neighbours, time_ns: int
    ) -> Orders:
        if self._commander is None:
            return Orders()
        lane_id = self.instance.behaviour.get("lane_id")
        view = View(
            time_ns=time_ns,
            instance=self.instance,
            state=State(x, y, yaw, max(self._speed, 0.0)),
            route=self._route,
            s_m=s,
            lateral_m=offset,
            lane_id=lane_id if isinstance(lane_id, int) else None,
            neighbours=neighbours,
            world=self._world,
        )
        return self._commander.orders(view)

    def _stop_s(self) -> float:
        at = self.instance.behaviour.get("stop_at_s_m")
        return min(self._route.length_m, float(at)) if isinstance(at, int | float) else self._route.length_m

    def _aim(self, x: float, y: float, yaw: float, s: float) -> None:
        """Velocity towards the route a little ahead; the body turns the way it goes."""
        reach = s + (2.0 if self._cycles else 0.8)
        (to_x, to_y), (along_x, along_y) = self._route.at(reach), self._route.tangent(reach)
        to_x, to_y = to_x - self._lateral * along_y, to_y + self._lateral * along_x
        heading = math.atan2(to_y - y, to_x - x)
        self._velocity = (self._speed * math.cos(heading), self._speed * math.sin(heading))
        off = (heading - yaw + math.pi) % (2 * math.pi) - math.pi
        self._yaw_rate = min(max(5.0 * off, -2.5), 2.5) if self._speed > 0.05 else 0.0

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
            wanted = math.atan(max(self._speed, 0.0) * self._yaw_rate / self._world.gravity_mps2)
            self._lean += LEAN_SHARE * (min(max(wanted, -LEAN_MOST), LEAN_MOST) - self._lean)
        else:
            here, there = ground_below(self.client, [(x, y, z), (x + STEP_M * c, y + STEP_M * s, z)])
            if here is not None:
                slope = -(here.normal[0] * c + here.normal[1] * s) / here.normal[2]
            # A foot lifted in time: bodies that ran into kerbs would stop short.
            rise = 0.0 if there is None else there.height_m - z - slope * STEP_M
            self._climb = max(self._speed, 0.0) * rise / STEP_M if KERB_M[0] < rise < KERB_M[1] else 0.0
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

    def act(self) -> None:
        """Walks on at the chosen velocity, leaves the vertical to gravity, and stands back up from any tilt."""
        _, _, vertical = p.getBaseVelocity(self.body, physicsClientId=self.client)[0]
        _, orientation = p.getBasePositionAndOrientation(self.body, physicsClientId=self.client)
        lean_x, lean_y, _ = turn(orientation, self._up)
        back = 0.2 / STEP_S
        up_x, up_y = self._upwards()
        p.resetBaseVelocity(
            self.body,
            [*self._velocity, max(vertical, self._climb) if self._climb > 0.0 else vertical],
            [back * (lean_y - up_y), -back * (lean_x - up_x), self._yaw_rate],
            physicsClientId=self.client,
        )

    def part_tracks(self, ground: ExactGround, times_ns: I64) -> dict[int, Track]:
        """part id -> track with limbs in step with the distance travelled."""
        body = self.log.track(times_ns)
        turned = rotation(body.quaternions_wxyz)
        shape = self.instance.shape
        distance, swing = self._gait(times_ns)
        local = limb_poses(shape, 2 * np.pi * distance / shape.stride_m, swing, distance)
        if not self._cycles:
            slopes = uniform_filter1d(self._slopes, 2 * SLOPE_KNOTS + 1, mode="nearest")
            lift = -lowest(shape, local, slopes)
            lift += step_up(shape, local, body, lift, ground)
            local = {
                name: (position + lift[:, None] * [0, 0, 1.0], rot) for name, (position, rot) in local.items()
            }
        tracks = {}
        for part_id, piece in zip(self.instance.part_ids, shape.parts, strict=True):
            position, rot = compose(body.positions_m, turned, *local[piece.name])
            tracks[part_id] = Track(times_ns, position, wxyz(rot))
        return tracks

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


def _wanted_speed(instance: Instance) -> float:
    if instance.behaviour.get("kind") in ("stand", "park"):
        return 0.0
    speed = instance.behaviour.get("speed_mps")
    return float(speed) if isinstance(speed, int | float) else 0.0


def _route(world: World, instance: Instance) -> Route:
    """Its own path, else its lane at its own offset, else straight ahead."""
    path = instance.behaviour.get("path")
    if isinstance(path, list | tuple) and len(path) >= 2:
        return Route(np.asarray(path, dtype=np.float64))
    lateral = instance.behaviour.get("lateral_m")
    for lane in world.lanes:
        if lane.lane_id == instance.behaviour.get("lane_id"):
            return Route(lane.centre_m, float(lateral) if isinstance(lateral, int | float) else 0.0)
    pose = instance.world_from_body
    return Route(np.stack([pose.position_m, pose.points([500.0, 0.0, 0.0])]))
