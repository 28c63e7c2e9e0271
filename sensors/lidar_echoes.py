"""Echoes: what the light that comes back along a beam's rays is to a receiver, which tells ranges apart by its pulse.

The footprint is sampled evenly by area (a sunflower's spiral: H. Vogel, "A better way to construct the sunflower
head", 1979), so the share of an echo's energy is the share of the footprint that its surface fills. Returns of
one beam less than a pulse apart, each from the next, run together into one echo. Its range is the mean, weighted by
power, of all within half a pulse of the median; what the median ray met is what the point is said to be of.
"""

from __future__ import annotations

from dataclasses import dataclass, fields

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, I64
from pairforge.sensors.air import AIR
from pairforge.sensors.columns import Columns
from pairforge.sensors.lidar_model import BeamModel
from pairforge.sensors.lidar_paths import Paths, Rays

SLOTS = 8
"""Of each ray so many echoes at most are looked at, the strongest."""
_TURN = np.pi * (3.0 - 5.0**0.5)


@dataclass(frozen=True, eq=False)
class Echoes(Columns):
    """E echoes in order of ray and range. ``power`` as in ``air.py``; the rest as in ``Paths``, ``range_m`` free of
    noise."""

    ray: I64
    range_m: F64
    power: F64
    kind: NDArray[np.uint8]
    part: NDArray[np.uint16]
    cosine: F64
    point: F64
    onward: F64
    retro: NDArray[np.bool_]
    via: NDArray[np.uint16]
    via_m: F64

    def plus(self, other: Echoes) -> Echoes:
        """Both, in order."""
        both = Echoes.joined([self, other])
        return both.take(np.lexsort([both.range_m, both.ray]))

    @property
    def rank(self) -> I64:
        """(E,) place of each among its ray's echoes, from 0."""
        return _rank(self.ray)


def footprint(beam: BeamModel) -> F64:
    """(S, 2) angles to the left and up, in radians, of the rays that stand for a beam."""
    k = np.arange(beam.subrays)
    radius = np.sqrt((k + 0.5) / beam.subrays) if beam.subrays > 1 else np.zeros(1)
    disc = np.stack([radius * np.cos(k * _TURN), radius * np.sin(k * _TURN)], axis=1)
    return np.asarray(disc * beam.half_rad, dtype=np.float64)


def spread(rays: Rays, up: F64, beam: BeamModel) -> Rays:
    """The rays (N S) that stand for N beams, each beam's together; ``up`` (N, 3): the sensor's z axis."""
    angles = footprint(beam)
    across = np.cross(up, rays.directions)
    length = np.linalg.norm(across, axis=1, keepdims=True)
    steep = np.cross(up, np.roll(up, 1, axis=1))
    across = np.where(length > 1e-6, across / np.maximum(length, 1e-12), steep)
    upright = np.cross(rays.directions, across)
    off = angles[:, 0, None] * across[:, None] + angles[:, 1, None] * upright[:, None]
    directions = rays.directions[:, None] + off
    directions /= np.linalg.norm(directions, axis=2, keepdims=True)
    n = len(angles)
    return Rays(np.repeat(rays.origins, n, axis=0), directions.reshape(-1, 3), np.repeat(rays.times_ns, n))


def grouped(paths: Paths, subrays: int, pulse_m: float, extinction_per_m: float) -> Echoes:
    """The echoes of beams whose rays (ray r is of beam ``r // subrays``) gave these paths."""
    beam = paths.ray // subrays
    order = np.lexsort([paths.range_m, beam])
    p, beam = paths.take(order), beam[order]
    r = np.maximum(p.range_m, 1e-3)
    power = p.gain / (np.pi * r * r) * np.exp(-2.0 * extinction_per_m * r) / subrays
    lit = power > 0.0
    p, beam, power = p.take(lit), beam[lit], power[lit]
    if not len(beam):
        return _echoes(p, beam, p.range_m, power)
    new = np.append(True, (np.diff(beam) != 0) | (np.diff(p.range_m) > pulse_m))
    first, group = np.flatnonzero(new), np.cumsum(new) - 1
    total = np.add.reduceat(power, first)
    middle = _medians(power, group, first, total)
    near = power * (np.abs(p.range_m - p.range_m[middle][group]) <= pulse_m / 2)
    mean = np.add.reduceat(near * p.range_m, first) / np.add.reduceat(near, first)
    return _echoes(p.take(middle), beam[first], mean, total)


def strongest_slots(echoes: Echoes) -> Echoes:
    """At most SLOTS echoes of each ray."""
    if not len(echoes.ray) or int(echoes.rank.max()) < SLOTS:
        return echoes
    order = np.lexsort([-echoes.power, echoes.ray])
    kept = np.zeros(len(order), dtype=np.bool_)
    kept[order] = _rank(echoes.ray[order]) < SLOTS
    return echoes.take(kept)


def reported(echoes: Echoes, returns: str | int) -> NDArray[np.bool_]:
    """(E,) which of the echoes a device reports; see ``scenes.beams.Beam``."""
    order = np.lexsort([-echoes.power, echoes.ray])
    by_power = np.empty(len(order), dtype=np.int64)
    by_power[order] = _rank(echoes.ray[order])
    if isinstance(returns, int):
        return np.asarray(by_power < returns)
    strongest, last = by_power == 0, np.append(np.diff(echoes.ray) != 0, True)[: len(order)]
    if returns == "strongest":
        return np.asarray(strongest)
    if returns == "last":
        return np.asarray(last)
    both_in_one = np.isin(echoes.ray, echoes.ray[strongest & last])
    return np.asarray(strongest | last | (both_in_one & (by_power == 1)))


def of_air(ray: I64, range_m: F64, power: F64, rays: Rays) -> Echoes:
    """Echoes of the air on these rays."""
    n, nothing = len(ray), np.zeros(len(ray), dtype=np.uint16)
    ahead = rays.directions[ray]
    point = rays.origins[ray] + ahead * range_m[:, None]
    kind = np.full(n, AIR, dtype=np.uint8)
    none = np.zeros(n, dtype=np.bool_)
    return Echoes(ray, range_m, power, kind, nothing, np.zeros(n), point, ahead, none, nothing, np.zeros(n))


def _medians(power: F64, group: I64, first: I64, total: F64) -> I64:
    """(G,) the row of each group at which half of its power is reached."""
    share = power / total[group]
    summed = np.cumsum(share)
    before = summed[first] - share[first]
    rows = np.searchsorted(summed, before + 0.5 - 1e-9)
    last = np.append(first[1:], len(power)) - 1
    return np.asarray(np.clip(rows, first, last))


def _echoes(p: Paths, ray: I64, range_m: F64, power: F64) -> Echoes:
    rest = {f.name: getattr(p, f.name) for f in fields(Paths) if f.name not in ("ray", "range_m", "gain")}
    return Echoes(ray=ray, range_m=range_m, power=power, **rest)


def _rank(sorted_ids: I64) -> I64:
    """Place of each among its equals, in an array where equals stand together."""
    n = len(sorted_ids)
    if not n:
        return np.zeros(0, dtype=np.int64)
    first = np.flatnonzero(np.append(True, np.diff(sorted_ids) != 0))
    return np.asarray(np.arange(n) - np.repeat(first, np.diff(np.append(first, n))))
