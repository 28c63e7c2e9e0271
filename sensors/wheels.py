"""The wheels of a vehicle as its tracks have them: how far each has turned, where it points, how its hub goes."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline

from pairforge.frames import F64, I64, Pose, rotation
from pairforge.scenes.spec import Scene
from pairforge.scenes.world import Instance
from pairforge.sensors.smooth_motion import SmoothMotion
from pairforge.sensors.timeline import Timeline

LEAST_MPS = 0.1
"""Slip is counted against at least this speed, or standing still would be a division by 0."""


@dataclass(frozen=True, eq=False)
class Wheels:
    """K wheels over the timeline's T knots. ``part`` (K,) ids, ``centre_m`` (K, 3) in the body, ``radius_m`` (K,),
    ``steered`` (K,); ``spin`` and ``heading`` (T, K): radians turned about the axle since the first knot's pose
    (forwards is positive), and from the body's x axis (left is positive)."""

    times_ns: I64
    part: I64
    centre_m: F64
    radius_m: F64
    steered: I64
    spin: F64
    heading: F64

    @staticmethod
    def of(timeline: Timeline, carrier: Instance | None) -> Wheels:
        """Those of an instance; K is 0 for what has none, or never moves."""
        body = None if carrier is None else timeline.bodies.get(carrier.instance_id)
        if carrier is None or body is None or not carrier.shape.wheels:
            none = np.zeros(0, np.int64)
            flat = np.zeros((len(timeline.times_ns), 0))
            return Wheels(timeline.times_ns, none, np.zeros((0, 3)), np.zeros(0), none, flat, flat)
        by_name = {
            piece.name: (part_id, piece)
            for part_id, piece in zip(carrier.part_ids, carrier.shape.parts, strict=True)
        }
        into = rotation(body.quaternions_wxyz).inv()
        spins, headings, ids = [], [], []
        for wheel in carrier.shape.wheels:
            part_id, piece = by_name[wheel.part]
            turned = into * rotation(timeline.parts[part_id].quaternions_wxyz)
            turned = turned * rotation(piece.body_from_part.quaternion_wxyz).inv()
            axle, spoke = turned.apply([0.0, 1.0, 0.0]), turned.apply([1.0, 0.0, 0.0])
            heading = np.arctan2(-axle[:, 0], axle[:, 1])
            ahead = spoke[:, 0] * np.cos(heading) + spoke[:, 1] * np.sin(heading)
            spins.append(np.unwrap(np.arctan2(-spoke[:, 2], ahead)))
            headings.append(heading)
            ids.append(part_id)
        wheels = carrier.shape.wheels
        return Wheels(
            body.times_ns,
            np.array(ids, np.int64),
            np.array([w.centre_m for w in wheels]),
            np.array([w.radius_m for w in wheels]),
            np.array([w.steered for w in wheels], np.int64),
            np.stack(spins, axis=1),
            np.stack(headings, axis=1),
        )

    @property
    def count(self) -> int:
        return len(self.part)

    @property
    def rear(self) -> I64:
        """Those that do not steer (all, when all or none do)."""
        fixed = np.flatnonzero(self.steered == 0)
        return fixed if len(fixed) > 0 else np.arange(self.count)

    @property
    def wheelbase_m(self) -> float:
        """From the wheels that do not steer to the foremost steered ones; 0 without any."""
        steered = self.centre_m[self.steered == 1, 0]
        return float(steered.max() - self.centre_m[self.rear, 0].mean()) if len(steered) else 0.0

    def turned(self, times_ns: I64) -> F64:
        """(N, K) radians turned, linear between knots as tracks are."""
        return self._over(self.spin, times_ns)

    def headings(self, times_ns: I64) -> F64:
        """(N, K) radians from the body's x axis."""
        return self._over(self.heading, times_ns)

    def steering(self, times_ns: I64) -> F64:
        """(N,) radians of one wheel in the middle of the front axle: each steered wheel stands for the curvature of
        the arc that it would roll along, and their mean for that of the vehicle."""
        own = np.flatnonzero(self.steered == 1)
        if not len(own):
            return np.zeros(len(times_ns))
        tangent = np.tan(self.headings(times_ns)[:, own])
        ahead = self.centre_m[own, 0] - self.centre_m[self.rear, 0].mean()
        curvature = (tangent / (ahead + self.centre_m[own, 1] * tangent)).mean(axis=1)
        return np.asarray(np.arctan(curvature * self.wheelbase_m), dtype=np.float64)

    def rates(self, times_ns: I64) -> F64:
        """(N, K) rad/s, of the smooth motion through the knots."""
        if not self.count:
            return np.zeros((len(times_ns), 0))
        start = self.times_ns[0]
        curve = CubicSpline((self.times_ns - start) * 1e-9, self.spin)
        return np.asarray(curve((times_ns - start) * 1e-9, 1), dtype=np.float64)

    def ground_speeds(self, body: SmoothMotion, times_ns: I64) -> F64:
        """(N, K) m/s of each hub along where its wheel points. ``body``: the motion of the body's own frame."""
        turn = body.rotations(times_ns).as_matrix()
        velocity = np.einsum("nji,nj->ni", turn, body.velocities(times_ns))[:, None]
        velocity = velocity + np.cross(body.turn_rates(times_ns)[:, None], self.centre_m[None])
        angle = self.headings(times_ns)
        return np.asarray(
            velocity[..., 0] * np.cos(angle) + velocity[..., 1] * np.sin(angle), dtype=np.float64
        )

    def slips(self, rates: F64, ground_mps: F64) -> F64:
        """(N, K) (omega r - v) / the larger of both: -1 locked, 0 rolling, 1 spinning on the spot."""
        rim = rates * self.radius_m
        return np.asarray(
            (rim - ground_mps) / np.maximum(np.maximum(np.abs(rim), np.abs(ground_mps)), LEAST_MPS)
        )

    def _over(self, table: F64, times_ns: I64) -> F64:
        x, knots = (np.asarray(t - self.times_ns[0], np.float64) for t in (times_ns, self.times_ns))
        columns = [np.interp(x, knots, table[:, k]) for k in range(table.shape[1])]
        return np.stack(columns, axis=1) if columns else np.zeros((len(times_ns), 0))


def is_actor(mount: str | None, scene: Scene) -> bool:
    """Whether a mount names an actor of a spec, or one of several of a name (``car_0`` of ``car``)."""
    names = {actor.name for actor in scene.actors}
    return mount is not None and (mount in names or mount.rpartition("_")[0] in names)


def body_motion(timeline: Timeline, carrier: Instance | None, since_ns: int, until_ns: int) -> SmoothMotion:
    """The smooth motion of a carrier's own frame (of the world's, without one)."""
    track = None if carrier is None else timeline.bodies.get(carrier.instance_id)
    if track is None:
        still = Pose.of() if carrier is None else carrier.world_from_body
        return SmoothMotion(still, 0, None, None)
    return SmoothMotion.through(track, Pose.of(), since_ns, until_ns)
