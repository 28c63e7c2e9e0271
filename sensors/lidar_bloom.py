"""Blooming: a retro-reflector dazzles the beams around it, which then see something at its range as well.

Light strays in the optics of sender and receiver. Of what the retro-reflector sends back to its own beam, a beam at
an angle a from it gets ``STRAY exp(-(2 a / blooming)^2)``. No published law fits all devices; this one has the shape
(a bright core with a halo) and the order that makers and users report.
"""

from __future__ import annotations

import numpy as np
from scipy.spatial import cKDTree

from pairforge.frames import F64
from pairforge.sensors.air import BLOOM
from pairforge.sensors.lidar_echoes import Echoes
from pairforge.sensors.lidar_paths import Rays

STRAY = 0.01


def stray_echoes(echoes: Echoes, rays: Rays, looks: F64, blooming_rad: float) -> Echoes:
    """What retro-reflectors among the echoes add to the beams around them; ``looks`` (N, 3): where each ray looks in
    the sensor frame. A ray that sees a retro-reflector itself gets nothing more."""
    bright = np.flatnonzero(echoes.retro)
    tree = cKDTree(looks)
    near = tree.query_ball_point(looks[echoes.ray[bright]], blooming_rad, return_sorted=True)
    source = np.repeat(bright, [len(rows) for rows in near])
    ray = np.concatenate([np.zeros(0, np.int64), *(np.asarray(rows, np.int64) for rows in near)])
    angle = np.linalg.norm(looks[ray] - looks[echoes.ray[source]], axis=1)
    power = echoes.power[source] * STRAY * np.exp(-np.square(2.0 * angle / blooming_rad))
    order = np.lexsort([-power, ray])
    ray, source, power = ray[order], source[order], power[order]
    brightest = np.append(True, np.diff(ray) != 0)[: len(ray)]
    own = np.isin(ray, echoes.ray[bright])
    rows = np.flatnonzero(brightest & ~own)
    ray, source, power = ray[rows], source[rows], power[rows]
    found = echoes.take(source)
    range_m = found.range_m
    ahead = rays.directions[ray]
    return Echoes(
        ray=ray,
        range_m=range_m,
        power=power,
        kind=np.full(len(ray), BLOOM, dtype=np.uint8),
        part=found.part,
        cosine=found.cosine,
        point=found.point,
        onward=ahead,
        retro=np.zeros(len(ray), dtype=np.bool_),
        via=found.via,
        via_m=found.via_m,
    )
