"""What a log says was where: bodies that are exactly there, whatever is in their way; wheels and legs follow.

In PyBullet such a body is set to its pose at every knot and has the velocity that leads to the next, so that whatever
it runs into is pushed. Its track has, besides the knots, the log's own time stamps, where it is the log's to the bit.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

import numpy as np
from scipy.interpolate import PchipInterpolator
from scipy.spatial.transform import Slerp

from pairforge.frames import F64, I64, Track, about, compose, rotation, times, wxyz
from pairforge.scenes.gait import limb_poses
from pairforge.scenes.world import Instance
from pairforge.sensors.bullet import pybullet as p
from pairforge.sensors.ground import ExactGround
from pairforge.sensors.physics_actors import BodyActor
from pairforge.sensors.physics_bodies import add_dynamic
from pairforge.sensors.physics_legs import following
from pairforge.sensors.physics_record import ACCELERATION_WINDOW_KNOTS, mean_rate
from pairforge.sensors.timeline import JointLog, Timeline, Touches

KNOT_NS = 10_000_000
STILL_MPS = 0.25
"""Slower than this, legs come together and wheels do not steer."""
STEERING_LIMIT = 0.6
FULL_THROTTLE_MPS2, FULL_BRAKE_MPS2 = 4.0, 8.0


@dataclass(frozen=True, eq=False)
class LoggedTrack:
    """Poses at stamps (N,) int64 ns: positions (N, 3), quaternions (N, 4) wxyz, and what is between and beyond."""

    times_ns: I64
    positions_m: F64
    quaternions_wxyz: F64

    @staticmethod
    def of(rows: Sequence[Sequence[float]]) -> LoggedTrack:
        """From the rows (ns, x, y, z, w, x, y, z) of a replayed behaviour."""
        table = np.asarray([row[1:] for row in rows], dtype=np.float64)
        return LoggedTrack(np.array([int(r[0]) for r in rows], dtype=np.int64), table[:, :3], table[:, 3:])

    def at(self, times_ns: I64) -> tuple[F64, F64, F64]:
        """Positions (T, 3), quaternions (T, 4) and velocities (T, 3) m/s. At a stamp they are the log's own."""
        seconds, inside = self._seconds(times_ns), self._seconds(np.clip(times_ns, *self.times_ns[[0, -1]]))
        velocities = self._curve.derivative()(inside)
        positions = self._curve(inside) + velocities * (seconds - inside)[:, None]
        quaternions = wxyz(Slerp(self._seconds(self.times_ns), rotation(self.quaternions_wxyz))(inside))
        index = np.searchsorted(self.times_ns, times_ns)
        found = np.minimum(index, len(self.times_ns) - 1)
        own = self.times_ns[found] == times_ns
        positions[own] = self.positions_m[found[own]]
        quaternions[own] = self.quaternions_wxyz[found[own]]
        return positions, quaternions, np.asarray(velocities, dtype=np.float64)

    def _seconds(self, times_ns: I64) -> F64:
        # In integers first: nanoseconds since an epoch exceed 2**53.
        since: I64 = np.asarray(times_ns, dtype=np.int64) - self.times_ns[0]
        return np.asarray(since.astype(np.float64) * 1e-9, dtype=np.float64)

    @cached_property
    def _curve(self) -> PchipInterpolator:
        return PchipInterpolator(self._seconds(self.times_ns), self.positions_m)


class ReplayedBody(BodyActor):
    """A body that is where its log says."""

    def __init__(self, client: int, instance: Instance, knots: int) -> None:
        body, properties = add_dynamic(client, instance.shape, instance.mass_kg, instance.world_from_body)
        super().__init__(client, instance, body, properties.body_from_inertial.inverse, knots)
        told: Any = instance.behaviour["track"]
        self.logged = LoggedTrack.of(told)
        knot_times = np.arange(knots + 1, dtype=np.int64) * KNOT_NS
        centre = properties.body_from_inertial
        self._body_at, turns, _ = self.logged.at(knot_times)
        self._turns = turns
        where, turned = compose(
            self._body_at, rotation(turns), centre.position_m, rotation(centre.quaternion_wxyz)
        )
        self._where, self._orientation = where, np.asarray(turned.as_quat(), dtype=np.float64)
        self._linear = np.diff(where, axis=0) * (1e9 / KNOT_NS)
        self._angular = times(turned[1:], turned[:-1].inv()).as_rotvec() * (1e9 / KNOT_NS)
        self._knot = 0

    def act(self) -> None:
        p.resetBaseVelocity(
            self.body,
            self._linear[self._knot].tolist(),
            self._angular[self._knot].tolist(),
            physicsClientId=self.client,
        )

    def record(self, knot: int) -> None:
        """Is set to where it must be: gravity and what it met may have moved it by a little."""
        self._knot = knot
        where, orientation = self._where[knot].tolist(), self._orientation[knot].tolist()
        p.resetBasePositionAndOrientation(self.body, where, orientation, physicsClientId=self.client)
        self.act()
        super().record(knot)

    def finish(self, ground: ExactGround, times_ns: I64) -> None:
        knots = len(self.log.positions_m)
        table = self.replayed(np.arange(knots, dtype=np.int64) * KNOT_NS)
        self.log.positions_m, self.log.quaternions_wxyz = (
            table.track.positions_m,
            table.track.quaternions_wxyz,
        )
        self.log.velocities_mps = table.velocities_mps
        self.controls = table.controls

    def replayed(self, times_ns: I64) -> Replayed:
        """Its motion at any times (T,)."""
        return Replayed(self.instance, times_ns, *self.logged.at(times_ns))

    def part_tracks(self, ground: ExactGround, times_ns: I64) -> dict[int, Track]:
        return self.replayed(times_ns).part_tracks(ground)


@dataclass(frozen=True, eq=False)
class Replayed:
    """The motion of a replayed instance at times (T,): its body's origin, and all that follows from that."""

    instance: Instance
    times_ns: I64
    positions_m: F64
    quaternions_wxyz: F64
    velocities_mps: F64

    @cached_property
    def track(self) -> Track:
        return Track(self.times_ns, self.positions_m, self.quaternions_wxyz)

    @cached_property
    def _ahead_mps(self) -> F64:
        ahead = rotation(self.quaternions_wxyz).apply([1.0, 0.0, 0.0])
        return np.asarray(np.einsum("tk,tk->t", self.velocities_mps, ahead), dtype=np.float64)

    @cached_property
    def _distance_m(self) -> F64:
        """(T,) metres travelled along its heading."""
        seconds = np.diff(self.times_ns) * 1e-9
        mean = (self._ahead_mps[1:] + self._ahead_mps[:-1]) / 2
        return np.concatenate([[0.0], np.cumsum(mean * seconds)])

    @cached_property
    def steering(self) -> F64:
        """(T,) radians of the front wheels: of a bicycle with this yaw rate at this speed."""
        steered = [w.centre_m[0] for w in self.instance.shape.wheels if w.steered]
        if not steered:
            return np.zeros(len(self.times_ns))
        wheelbase = max(steered) - min(w.centre_m[0] for w in self.instance.shape.wheels)
        turned = rotation(self.quaternions_wxyz)
        yaw = np.unwrap(np.arctan2(*turned.apply([1.0, 0.0, 0.0])[:, 1::-1].T))
        rate = mean_rate(yaw[:, None], self.times_ns, ACCELERATION_WINDOW_KNOTS)[:, 0]
        speed = np.where(np.abs(self._ahead_mps) < STILL_MPS, np.inf, self._ahead_mps)
        angle = np.arctan(wheelbase * rate / speed)
        return np.asarray(np.clip(angle, -STEERING_LIMIT, STEERING_LIMIT), dtype=np.float64)

    @cached_property
    def accelerations(self) -> F64:
        """(T, 3) m/s^2, the mean over +-50 ms."""
        return mean_rate(self.velocities_mps, self.times_ns, ACCELERATION_WINDOW_KNOTS)

    @property
    def controls(self) -> F64 | None:
        """(T, 4) throttle, brake, steering and speed that fit the motion; None of what has no wheels to steer."""
        if len(self.instance.shape.wheels) < 3:
            return None
        rate = mean_rate(self._ahead_mps[:, None], self.times_ns, ACCELERATION_WINDOW_KNOTS)[:, 0]
        throttle, brake = np.clip([rate / FULL_THROTTLE_MPS2, -rate / FULL_BRAKE_MPS2], 0.0, 1.0)
        return np.column_stack([throttle, brake, self.steering, self._ahead_mps])

    def part_tracks(self, ground: ExactGround) -> dict[int, Track]:
        """part id -> track: wheels roll and steer, legs and pedals go round with the way."""
        shape = self.instance.shape
        phase = 2 * np.pi * self._distance_m / shape.stride_m
        swing = np.clip(np.abs(self._ahead_mps) / STILL_MPS, 0.0, 1.0)
        if shape.limbs and not shape.wheels:
            local = following(shape, phase, swing, self.track, ground)
        else:
            local = limb_poses(shape, phase, swing, self._distance_m)
        steered = {w.part for w in shape.wheels if w.steered} if len(shape.wheels) > 2 else set()
        knuckle, turned = about(2, self.steering), rotation(self.quaternions_wxyz)
        tracks = {}
        for part_id, piece in zip(self.instance.part_ids, shape.parts, strict=True):
            position, rot = local[piece.name]
            if piece.name in steered:
                rot = times(knuckle, rot)
            where, rot = compose(self.positions_m, turned, position, rot)
            tracks[part_id] = Track(self.times_ns, where, wxyz(rot))
        return tracks


def with_stamps(timeline: Timeline, replayed: Sequence[ReplayedBody], ground: ExactGround) -> Timeline:
    """The timeline with the logs' own time stamps among its knots. What is not replayed is, at a new knot, what its
    interpolant was there, so that nothing of it changes."""
    first, last = timeline.times_ns[[0, -1]]
    stamps = [r.logged.times_ns for r in replayed]
    inside = [s[(s > first) & (s < last)] for s in stamps]
    knots = np.unique(np.concatenate([timeline.times_ns, *inside]))
    if len(knots) == len(timeline.times_ns):
        return timeline
    own = {r.instance.instance_id: r.replayed(knots) for r in replayed}
    parts = {k: t for i in own.values() for k, t in i.part_tracks(ground).items()}
    bodies = {k: i.track for k, i in own.items()}
    controls = {k: i.controls for k, i in own.items() if i.controls is not None}
    return replace(
        timeline,
        times_ns=knots,
        parts=_tracks(timeline.parts, knots, parts),
        bodies=_tracks(timeline.bodies, knots, bodies),
        velocities=_tables(timeline, timeline.velocities, knots)
        | {k: i.velocities_mps for k, i in own.items()},
        accelerations=_tables(timeline, timeline.accelerations, knots)
        | {k: i.accelerations for k, i in own.items()},
        controls=_tables(timeline, timeline.controls, knots) | controls,
        joints={k: _joints(timeline, log, knots) for k, log in timeline.joints.items()},
        touches=None if timeline.touches is None else _touches(timeline, timeline.touches, knots),
    )


def _tracks(tracks: Mapping[int, Track], knots: I64, own: Mapping[int, Track]) -> dict[int, Track]:
    """In the order of old; parts of one pose share a track as before."""
    found: dict[int, Track] = {}
    done: dict[int, Track] = {}
    for key, track in tracks.items():
        if key in own:
            found[key] = own[key]
            continue
        if id(track) not in done:
            done[id(track)] = Track(knots, *track.sample(knots))
        found[key] = done[id(track)]
    return found


def _tables(timeline: Timeline, tables: Mapping[int, F64], knots: I64) -> dict[int, F64]:
    return {key: _table(timeline.times_ns, table, knots) for key, table in tables.items()}


def _table(times_ns: I64, table: F64, knots: I64) -> F64:
    """A table (T, …) at other knots, linear between its own."""
    x, new = times_ns.astype(np.float64), knots.astype(np.float64)
    flat = table.reshape(len(times_ns), -1)
    columns = [np.interp(new, x, flat[:, k]) for k in range(flat.shape[1])]
    return np.stack(columns, axis=1).reshape(len(knots), *table.shape[1:])


def _joints(timeline: Timeline, log: JointLog, knots: I64) -> JointLog:
    old = (log.position, log.velocity, log.effort, log.wrench)
    return JointLog(log.joints, *(_table(timeline.times_ns, table, knots) for table in old))


def _touches(timeline: Timeline, touches: Touches, knots: I64) -> Touches:
    return replace(touches, knot=np.searchsorted(knots, timeline.times_ns[touches.knot]))
