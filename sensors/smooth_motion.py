"""Motion between the knots, smooth enough to be felt: what an accelerometer or a gyroscope is asked about.

Tracks are linear between their knots of 10 ms (docs/decisions/0003), which has no acceleration. Here the same knots
carry cubic splines, of positions and of rotations, twice continuously differentiable. At the knots both agree;
between them they differ by at most |a| dt^2 / 8 (0.13 mm at 1 g) and |alpha| dt^2 / 8. A blow that lasts less than a
knot rings in a spline: by 27 % of it one knot away, 7 % two, 0.5 % four, before and after.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from scipy.interpolate import CubicSpline
from scipy.spatial.transform import Rotation, RotationSpline

from pairforge.frames import F64, I64, Pose, Track, rotation
from pairforge.scenes.concrete import ConcreteSensor
from pairforge.scenes.world import World
from pairforge.sensors.mount import carrying_track, world_from_sensor
from pairforge.sensors.timeline import Timeline

_MARGIN = 64
"""Knots either side of the span that is asked for: a spline forgets by 0.27 a knot, so 64 are all that count."""


@dataclass(frozen=True, eq=False)
class SmoothMotion:
    """The smooth motion of a frame fixed to a body (``own``: body_from_frame), or of one that stands still.

    Times are (N,) int64 ns within the span it was made for; vectors are (N, 3) in the world unless said otherwise.
    """

    own: Pose
    _start_ns: int
    _position: CubicSpline | None
    _rotation: RotationSpline | None

    @staticmethod
    def of(
        world: World, timeline: Timeline, sensor: ConcreteSensor, since_ns: int, until_ns: int
    ) -> SmoothMotion:
        """That of a sensor on its mount, over [since_ns, until_ns]."""
        track = carrying_track(world, timeline, sensor)
        if track is None:
            return SmoothMotion(world_from_sensor(world, timeline, sensor, since_ns), 0, None, None)
        own = Pose.of(sensor.position_m, sensor.quaternion_wxyz)
        return SmoothMotion.through(track, own, since_ns, until_ns)

    @staticmethod
    def through(track: Track, own: Pose, since_ns: int, until_ns: int) -> SmoothMotion:
        """That of ``own`` on a body with a track of at least two knots."""
        first = max(int(np.searchsorted(track.times_ns, since_ns)) - _MARGIN, 0)
        near = slice(first, int(np.searchsorted(track.times_ns, until_ns)) + _MARGIN)
        start = int(track.times_ns[first])
        seconds = (track.times_ns[near] - start) * 1e-9
        return SmoothMotion(
            own,
            start,
            CubicSpline(seconds, track.positions_m[near]),
            RotationSpline(seconds, rotation(track.quaternions_wxyz[near])),
        )

    def rotations(self, times_ns: I64) -> Rotation:
        """N rotations world_from_frame."""
        if self._rotation is None:
            return rotation(np.tile(self.own.quaternion_wxyz, (len(times_ns), 1)))
        return self._body(times_ns) * rotation(self.own.quaternion_wxyz)

    def positions(self, times_ns: I64) -> F64:
        """Of the frame's origin, m."""
        if self._position is None:
            return np.tile(self.own.position_m, (len(times_ns), 1))
        arm = self._body(times_ns).apply(self.own.position_m)
        return np.asarray(self._position(self._seconds(times_ns)) + arm, dtype=np.float64)

    def velocities(self, times_ns: I64) -> F64:
        """Of the frame's origin, m/s: v + omega x arm."""
        if self._position is None or self._rotation is None:
            return np.zeros((len(times_ns), 3))
        t = self._seconds(times_ns)
        around = np.cross(self._rotation(t, 1), self.own.position_m)
        return np.asarray(self._position(t, 1) + self._body(times_ns).apply(around), dtype=np.float64)

    def accelerations(self, times_ns: I64) -> F64:
        """Of the frame's origin, m/s^2: a + alpha x arm + omega x (omega x arm)."""
        if self._position is None or self._rotation is None:
            return np.zeros((len(times_ns), 3))
        t, arm = self._seconds(times_ns), self.own.position_m
        omega = self._rotation(t, 1)
        around = np.cross(self._rotation(t, 2), arm) + np.cross(omega, np.cross(omega, arm))
        return np.asarray(self._position(t, 2) + self._body(times_ns).apply(around), dtype=np.float64)

    def turn_rates(self, times_ns: I64) -> F64:
        """(N, 3) rad/s in the frame's own axes."""
        if self._rotation is None:
            return np.zeros((len(times_ns), 3))
        rates = self._rotation(self._seconds(times_ns), 1)
        return np.asarray(rotation(self.own.quaternion_wxyz).inv().apply(rates), dtype=np.float64)

    def _body(self, times_ns: I64) -> Rotation:
        assert self._rotation is not None
        return self._rotation(self._seconds(times_ns))

    def _seconds(self, times_ns: I64) -> F64:
        return np.asarray((times_ns - self._start_ns) * 1e-9, dtype=np.float64)
