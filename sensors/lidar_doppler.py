"""Radial velocity, as an FMCW LiDAR measures it: half the rate at which the whole way of the light grows.

Straight ahead that is ``d . (v_thing - v_sensor)``. By a mirror it is ``d . (v_mirror - v_sensor) + e . (v_thing -
v_mirror)`` with ``e`` the direction after it: the way is the shortest one over the mirror, so where the light meets
it does not matter to first order. The air is still.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from pairforge.frames import F64, I64, Track, rotation
from pairforge.scenes.concrete import ConcreteSensor
from pairforge.sensors.air import BLOOM, GHOST
from pairforge.sensors.lidar_echoes import Echoes
from pairforge.sensors.lidar_paths import Rays
from pairforge.sensors.mount import world_from_sensor_over
from pairforge.sensors.ray_engine import RayEngine
from pairforge.sensors.timeline import Timeline

STEP_NS = 1_000_000
"""Motion is measured over twice this."""


def radial_velocity(
    engine: RayEngine, timeline: Timeline, sensor: ConcreteSensor, rays: Rays, echoes: Echoes
) -> F64:
    """(E,) true radial velocities in m/s, above 0 where the distance grows."""
    times, ahead = rays.times_ns[echoes.ray], rays.directions[echoes.ray]
    own = _sensor_velocity(engine, timeline, sensor, times)
    thing = _part_velocity(timeline, echoes.part, echoes.point, times)
    direct = np.einsum("ij,ij->i", ahead, thing - own)
    ghost = echoes.kind == GHOST
    if ghost.any():
        met = (rays.origins[echoes.ray] + ahead * echoes.via_m[:, None])[ghost]
        mirror = _part_velocity(timeline, echoes.via[ghost], met, times[ghost])
        there = np.einsum("ij,ij->i", ahead[ghost], mirror - own[ghost])
        direct[ghost] = there + np.einsum("ij,ij->i", echoes.onward[ghost], thing[ghost] - mirror)
    stray = echoes.kind == BLOOM
    if stray.any():
        to = echoes.point[stray] - rays.origins[echoes.ray[stray]]
        to /= np.maximum(np.linalg.norm(to, axis=1, keepdims=True), 1e-9)
        direct[stray] = np.einsum("ij,ij->i", to, thing[stray] - own[stray])
    return np.asarray(direct, dtype=np.float64)


def _sensor_velocity(engine: RayEngine, timeline: Timeline, sensor: ConcreteSensor, times_ns: I64) -> F64:
    unique, where = np.unique(times_ns, return_inverse=True)
    before, after = _around(timeline, unique)
    first, second = (world_from_sensor_over(engine.world, timeline, sensor, t)[0] for t in (before, after))
    return np.asarray(((second - first) / ((after - before) * 1e-9)[:, None])[where])


def _part_velocity(timeline: Timeline, part: NDArray[np.uint16], points: F64, times_ns: I64) -> F64:
    """(M, 3) of the parts' material at points (M, 3) in the world; 0 for what never moves and for the air."""
    before, after = _around(timeline, times_ns)
    way = carried(timeline, part, points, times_ns, after) - carried(timeline, part, points, times_ns, before)
    return np.asarray(way / ((after - before) * 1e-9)[:, None])


def carried(timeline: Timeline, part: NDArray[np.uint16], points: F64, times_ns: I64, to_ns: I64) -> F64:
    """World points (M, 3), fixed to their parts at times (M,), where those have them at others (M,)."""
    out = points.copy()
    for number in np.unique(part):
        track = timeline.parts.get(int(number))
        if track is not None:
            rows = np.flatnonzero(part == number)
            (at, turned), (then, turns) = _sampled(track, times_ns[rows]), _sampled(track, to_ns[rows])
            out[rows] = then + turns.apply(turned.inv().apply(points[rows] - at))
    return out


def _sampled(track: Track, times_ns: I64) -> tuple[F64, Rotation]:
    """Positions (n, 3) and rotations; each distinct time is interpolated once."""
    unique, where = np.unique(times_ns, return_inverse=True)
    positions, quaternions = track.sample(unique)
    return positions[where], rotation(quaternions[where])


def _around(timeline: Timeline, times_ns: I64) -> tuple[I64, I64]:
    first, last = int(timeline.times_ns[0]), int(timeline.times_ns[-1])
    return np.maximum(times_ns - STEP_NS, first), np.minimum(times_ns + STEP_NS, last)
