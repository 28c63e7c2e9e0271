"""Lanes for the verifier: signed offsets by shapely, independent of the measuring code."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from pairforge.datasets.claims_scene import Proof

_FAR_M = 2000.0


@dataclass(frozen=True)
class OnLane:
    """``along`` metres from the lane's first point, ``left`` metres left of its centre line, local direction."""

    along: float
    left: float
    direction: tuple[float, float]


def on_lane(line: NDArray[np.float64], xy: NDArray[np.float64]) -> OnLane:
    """Projects a point on a centre line whose ends go on straight."""
    flat = line[:, :2]
    first = flat[0] - _FAR_M * (flat[1] - flat[0]) / np.linalg.norm(flat[1] - flat[0])
    last = flat[-1] + _FAR_M * (flat[-1] - flat[-2]) / np.linalg.norm(flat[-1] - flat[-2])
    whole = shapely.LineString([first, *flat, last])
    at = whole.project(shapely.Point(xy))
    here, before, after = (
        np.array(whole.interpolate(s).coords[0]) for s in (at, max(at - 1e-4, 0.0), at + 1e-4)
    )
    step = after - before
    step = step / np.linalg.norm(step)
    offset = np.asarray(xy) - here
    side = step[0] * offset[1] - step[1] * offset[0]
    distance = float(np.hypot(*offset))
    return OnLane(at - _FAR_M, float(np.copysign(distance, side)), (float(step[0]), float(step[1])))


def ego_lane(proof: Proof) -> int:
    """Index of the lane whose centre line the ego is nearest to."""
    assert proof.ego is not None
    centre = proof.solids[proof.ego].centre[:2]
    return int(np.argmin([abs(on_lane(line, centre).left) for _, _, line in proof.record.lanes]))
