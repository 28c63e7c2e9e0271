"""Lanes for the verifier: signed offsets by shapely, independent of the measuring code."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from pairforge.datasets import claims_policy as policy
from pairforge.datasets.claims_scene import Proof, Solid

_FAR_M = 2000.0
_CORNER_M = 1e-6


@dataclass(frozen=True)
class OnLane:
    """``along`` metres from the lane's first point, ``left`` metres left of its centre line, local direction."""

    along: float
    left: float
    direction: tuple[float, float]


def on_lane(line: NDArray[np.float64], xy: NDArray[np.float64]) -> OnLane:
    """Projects a point on a centre line whose ends go on straight; a corner belongs to the piece before it."""
    flat = line[:, :2]
    first = flat[0] - _FAR_M * (flat[1] - flat[0]) / np.linalg.norm(flat[1] - flat[0])
    last = flat[-1] + _FAR_M * (flat[-1] - flat[-2]) / np.linalg.norm(flat[-1] - flat[-2])
    whole = shapely.LineString([first, *flat, last])
    at = whole.project(shapely.Point(xy))
    corners = shapely.get_coordinates(whole)
    steps = np.diff(corners, axis=0)
    ends = np.cumsum(np.hypot(steps[:, 0], steps[:, 1]))
    piece = min(int(np.searchsorted(ends, at - _CORNER_M)), len(steps) - 1)
    step = steps[piece] / np.hypot(*steps[piece])
    offset = np.asarray(xy) - np.array(whole.interpolate(at).coords[0])
    side = step[0] * offset[1] - step[1] * offset[0]
    distance = float(np.hypot(*offset))
    return OnLane(at - _FAR_M, float(np.copysign(distance, side)), (float(step[0]), float(step[1])))


@dataclass(frozen=True, eq=False)
class Track:
    """Lanes one behind another: their joint line, where each ends along it, their widths, and the ego's own place."""

    line: NDArray[np.float64]
    ends: tuple[float, ...]
    widths: tuple[float, ...]
    own: float
    chain: tuple[int, ...] = ()

    def at(self, xy: NDArray[np.float64]) -> OnLane:
        return on_lane(self.line, xy)

    def width(self, along: float) -> float:
        return next(
            (w for end, w in zip(self.ends, self.widths, strict=True) if along <= end), self.widths[-1]
        )

    def before_us(self, along: float) -> bool:
        return self.own < along <= self.own + policy.LANE_LOOK_M


def clearance(proof: Proof, xy: NDArray[np.float64]) -> float:
    """Metres to the edge of the nearest lane, below 0 inside."""
    here = shapely.Point(xy)
    edges = [
        shapely.LineString(line[:, :2]).distance(here) - width / 2 for _, width, line in proof.record.lanes
    ]
    return float(min(edges))


def tracks(proof: Proof) -> list[Track]:
    """All that the ego may follow."""
    assert proof.ego is not None
    return tracks_of(proof, proof.solids[proof.ego])


def tracks_of(proof: Proof, body: Solid) -> list[Track]:
    """All that a body may follow: from each lane it may be in, by each lane that goes on from another."""
    lanes, here = proof.record.lanes, body.centre[:2]
    if not lanes:
        return []
    lines = [shapely.LineString(line[:, :2]) for _, _, line in lanes]
    away = np.array([line.distance(shapely.Point(here)) for line in lines])
    close = np.flatnonzero(away <= away.min() + policy.LANE_TIE_M)
    ours = [k for k in close if _direction(lines[k], here) @ body.heading >= policy.LANE_ALONG_COS]
    found: list[Track] = []
    for k in ours or list(close):
        start = on_lane(lanes[k][2], here).along
        found += [_joined(proof, chain, start) for chain in _onward(proof, [int(k)], lines[k].length - start)]
        if len(found) > policy.MOST_WAYS:
            return []
    return found


def _direction(line: shapely.LineString, xy: NDArray[np.float64]) -> NDArray[np.float64]:
    """Of the piece of a line that is nearest to a point."""
    corners = shapely.get_coordinates(line)
    pieces = shapely.linestrings(np.stack([corners[:-1], corners[1:]], axis=1))
    nearest = int(np.argmin(shapely.distance(pieces, shapely.Point(xy))))
    step = corners[nearest + 1] - corners[nearest]
    return np.asarray(step / np.hypot(*step))


def _onward(proof: Proof, chain: list[int], ahead: float) -> list[list[int]]:
    """The chain itself when it reaches far enough or nothing follows, else with each that follows."""
    if ahead >= policy.LANE_LOOK_M or len(chain) > 4 * policy.MOST_WAYS:
        return [chain]
    last = proof.record.lanes[chain[-1]][2][:, :2]
    out = (last[-1] - last[-2]) / np.hypot(*(last[-1] - last[-2]))
    ends = []
    for k, (_, _, line) in enumerate(proof.record.lanes):
        step = line[1, :2] - line[0, :2]
        meets = np.hypot(*(line[0, :2] - last[-1])) <= policy.LANE_JOINT_M
        if k != chain[-1] and meets and out @ step / np.hypot(*step) >= policy.LANE_JOINT_COS:
            length = float(shapely.LineString(line[:, :2]).length)
            ends += _onward(proof, [*chain, k], ahead + length)
            if len(ends) > 2 * policy.MOST_WAYS:
                break
    return ends or [chain]


def _joined(proof: Proof, chain: list[int], own: float) -> Track:
    rows = [proof.record.lanes[k] for k in chain]
    line = np.vstack([rows[0][2], *(row[2][1:] for row in rows[1:])])
    lengths = np.cumsum([shapely.LineString(row[2][:, :2]).length for row in rows])
    return Track(line, tuple(lengths.tolist()), tuple(row[1] for row in rows), own, tuple(chain))
