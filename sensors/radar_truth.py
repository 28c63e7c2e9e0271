"""Which path a detection is of: the strongest of what sends most power into its cell."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from pairforge.frames import F64, I64, Pose
from pairforge.scenes.taxonomy import BY_NAME
from pairforge.sensors.radar_detect import Peaks
from pairforge.sensors.radar_model import RadarModel
from pairforge.sensors.radar_paths import DIRECT, Paths
from pairforge.sensors.radar_signal import hann

TARGET, GHOST, CLUTTER, FALSE_ALARM = 0, 1, 2, 3
"""Kinds of detections, as stored."""

_CELLS = 2.0
"""Paths farther from a peak than this, in cells, have no part in it."""
_NOISE = 2.0
"""Peaks that all paths together would give less than this much of the noise's power are the noise's own."""
_CLUTTER = frozenset(
    BY_NAME[n].semantic_id for n in ("road", "lane_marking", "pavement", "terrain", "vegetation", "floor")
)


@dataclass(frozen=True, eq=False)
class Truth:
    """Of each of N peaks: its kind, and the row of its path among all paths, -1 for a false alarm."""

    kind: NDArray[np.uint8]
    path: I64


def ghosts(paths: Paths, home: Pose, model: RadarModel) -> NDArray[np.bool_]:
    """(N,) paths that show a thing where it is not: a range cell too far at least, or a beam aside."""
    offset = home.inverse.points(paths.point_m)
    straight = np.maximum(np.linalg.norm(offset, axis=1), 1e-9)
    far = paths.range_m - straight > model.range_cell_m
    aside = np.abs(paths.arrival[:, 1] - offset[:, 1] / straight) > model.beam_cell
    return np.asarray((paths.way != DIRECT) & (far | aside))


def truth(
    found: Peaks, paths: Paths, snr: F64, wrong: NDArray[np.bool_], owner: I64, ids: I64, model: RadarModel
) -> Truth:
    """``snr`` (N,) of each path, ``wrong`` (N,) whether it is a ghost, ``owner`` (N,) its instance, ``ids`` (N,) its
    semantic class."""
    order = np.argsort(paths.range_m, kind="stable")
    at = paths.range_m[order] / model.range_cell_m
    first = np.searchsorted(at, found.range_cell - _CELLS)
    last = np.searchsorted(at, found.range_cell + _CELLS)
    # Stuff has no instance: there each part counts for itself.
    group = (np.where(owner > 0, owner, paths.part.astype(np.int64) + (1 << 20)) << 1) + wrong
    kind = np.full(len(found.snr), FALSE_ALARM, np.uint8)
    path = np.full(len(found.snr), -1, np.int64)
    for k in range(len(found.snr)):
        near = order[first[k] : last[k]]
        power = snr[near] * _share(paths, near, found, k, model)
        if power.sum() < _NOISE:
            continue
        names, of = np.unique(group[near], return_inverse=True)
        most = np.bincount(of, power, len(names)).argmax()
        mine = np.flatnonzero(of == most)
        row = near[mine[power[mine].argmax()]]
        path[k] = row
        kind[k] = GHOST if wrong[row] else CLUTTER if ids[row] in _CLUTTER or not paths.part[row] else TARGET
    return Truth(kind, path)


def _share(paths: Paths, near: I64, found: Peaks, k: int, model: RadarModel) -> F64:
    """(n,) what share of a path's power falls into the k-th peak's cell."""
    r = paths.range_m[near] / model.range_cell_m - found.range_cell[k]
    d = paths.rate_mps[near] / model.doppler_cell_mps - found.doppler_cell[k]
    d = (d + model.chirps / 2.0) % model.chirps - model.chirps / 2.0
    span = 1.0 / model.spacing
    u = (paths.arrival[near, 1] - found.across[k] + span / 2.0) % span - span / 2.0
    u = u / model.beam_cell
    lobe = np.where((np.abs(d) < _CELLS) & (np.abs(u) < _CELLS), hann(r) * hann(d) * hann(u / 1.2), 0.0)
    return np.asarray(lobe**2)
