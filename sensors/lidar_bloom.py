"""Blooming: a retro-reflector dazzles the beams around it, which then see something at its range as well.

Light strays in the optics of sender and receiver. Of what the retro-reflector sends back to its own beam, a beam at
an angle a from it gets ``STRAY exp(-(2 a / blooming)^2)``. No published law fits all devices; this one has the shape
(a bright core with a halo) and the order that makers and users report.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
from scipy.spatial import cKDTree

from pairforge.frames import F64, I64
from pairforge.sensors.air import BLOOM, SURFACE
from pairforge.sensors.lidar_doppler import carried
from pairforge.sensors.lidar_echoes import Echoes
from pairforge.sensors.lidar_paths import Rays
from pairforge.sensors.timeline import Timeline

STRAY = 0.01


def stray_echoes(echoes: Echoes, timeline: Timeline, rays: Rays, looks: F64, blooming_rad: float) -> Echoes:
    """What retro-reflectors straight ahead among the echoes add to the beams around them; ``looks`` (N, 3): where
    each ray looks in the sensor frame. A ray that sees a retro-reflector itself gets nothing more; what moves has
    moved on by the time that the ray is fired."""
    bright = np.flatnonzero(echoes.retro & (echoes.kind == SURFACE))
    ray, source, angle = _dazzled(echoes.ray[bright], looks, blooming_rad)
    source = bright[source]
    power = echoes.power[source] * STRAY * np.exp(-np.square(2.0 * angle / blooming_rad))
    order = np.lexsort([-power, ray])
    ray, source, power = ray[order], source[order], power[order]
    brightest = np.append(True, np.diff(ray) != 0)[: len(ray)]
    rows = np.flatnonzero(brightest & ~np.isin(ray, echoes.ray[bright]))
    ray, source, power = ray[rows], source[rows], power[rows]
    found = echoes.take(source)
    point = carried(timeline, found.part, found.point, rays.times_ns[found.ray], rays.times_ns[ray])
    return replace(
        found,
        ray=ray,
        range_m=np.linalg.norm(point - rays.origins[ray], axis=1),
        power=power,
        kind=np.full(len(ray), BLOOM, dtype=np.uint8),
        point=point,
        onward=rays.directions[ray],
        retro=np.zeros(len(ray), dtype=np.bool_),
    )


def _dazzled(bright: I64, looks: F64, blooming_rad: float) -> tuple[I64, I64, F64]:
    """Pairs of a ray and one of the ``bright`` rays near it: the ray, the row in ``bright``, the angle between."""
    near = cKDTree(looks).query_ball_point(looks[bright], blooming_rad, return_sorted=True)
    ray = np.concatenate([np.zeros(0, np.int64), *(np.asarray(rows, np.int64) for rows in near)])
    row = np.repeat(np.arange(len(bright)), [len(rows) for rows in near])
    return ray, row, np.asarray(np.linalg.norm(looks[ray] - looks[bright[row]], axis=1))
