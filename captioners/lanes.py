"""The lanes around the ego, from the stored centre lines alone: where one is beside them, and which ways lead on.

Lanes overlap where roads meet, so an ego may be in several at once, and what lies ahead depends on where it turns. A
thing counts as in our lane only if every way that the ego may be on agrees.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from pairforge.captioners import policy
from pairforge.frames import F64

Lanes = Sequence[tuple[int, float, F64]]
CORNER_M = 1e-6
"""A place this near to a corner of a line is at the corner."""


@dataclass(frozen=True, eq=False)
class LanePlace:
    """Where a point is beside a lane's centre line: metres along it, metres left of it, the line's direction."""

    along_m: float
    left_m: float
    forward: F64


def place_on_lane(centre_m: F64, xy: F64) -> LanePlace:
    """Nearest place on a polyline (N, 3); the ends count as going on for ever. A corner belongs to the piece before
    it: otherwise rounding would choose between two directions."""
    start, end = centre_m[:-1, :2], centre_m[1:, :2]
    edge = end - start
    length = np.linalg.norm(edge, axis=1)
    share = ((xy - start) * edge).sum(axis=1) / np.maximum(length**2, 1e-12)
    low = np.where(np.arange(len(share)) == 0, -np.inf, 0.0)
    high = np.where(np.arange(len(share)) == len(share) - 1, np.inf, 1.0)
    share = np.clip(share, low, high)
    offset = xy - (start + share[:, None] * edge)
    k = int(np.argmin(np.linalg.norm(offset, axis=1)))
    k -= int(k > 0 and share[k] * length[k] <= CORNER_M)
    forward = edge[k] / max(float(length[k]), 1e-12)
    side = float(forward[0] * offset[k, 1] - forward[1] * offset[k, 0])
    left = float(np.copysign(np.linalg.norm(offset[k]), side))
    return LanePlace(float(length[:k].sum() + share[k] * length[k]), left, forward)


def places_on_lane(centre_m: F64, points: F64) -> tuple[F64, F64]:
    """Metres along (P,) and left (P,) of a polyline (N, 3) of many points (P, 2), as ``place_on_lane`` says."""
    start, edge = centre_m[:-1, :2], np.diff(centre_m[:, :2], axis=0)
    length = np.maximum(np.linalg.norm(edge, axis=1), 1e-12)
    offset = points[:, None] - start
    share = (offset * edge).sum(axis=2) / length**2
    low, high = np.zeros(len(edge)), np.ones(len(edge))
    low[0], high[-1] = -np.inf, np.inf
    share = np.clip(share, low, high)
    offset = offset - share[..., None] * edge
    k = np.argmin(np.linalg.norm(offset, axis=2), axis=1)
    row = np.arange(len(points))
    k -= (k > 0) & (share[row, k] * length[k] <= CORNER_M)
    off, unit = offset[row, k], edge[k] / length[k, None]
    before = np.concatenate([[0.0], np.cumsum(length)[:-1]])
    side = unit[:, 0] * off[:, 1] - unit[:, 1] * off[:, 0]
    left: F64 = np.copysign(np.linalg.norm(off, axis=1), side)
    return before[k] + share[row, k] * length[k], left


def clear_of_lanes_m(lanes: Lanes, xy: F64) -> float:
    """Metres from a point to the edge of the nearest lane; negative inside one. Lanes end where they end."""
    return min(_nearest(line, xy)[0] - width / 2 for _, width, line in lanes)


def _nearest(line: F64, xy: F64) -> tuple[float, F64]:
    """Distance to a polyline, and the direction of its nearest piece."""
    start, edge = line[:-1, :2], np.diff(line[:, :2], axis=0)
    squared = np.maximum((edge**2).sum(axis=1), 1e-12)
    share = np.clip(((xy - start) * edge).sum(axis=1) / squared, 0.0, 1.0)
    away = np.linalg.norm(xy - (start + share[:, None] * edge), axis=1)
    k = int(np.argmin(away))
    return float(away[k]), edge[k] / np.sqrt(squared[k])


@dataclass(frozen=True, eq=False)
class Way:
    """A way ahead: the lane one is in and those that follow, as one centre line; where we are along it."""

    line: F64
    ends_m: F64
    """(K,) how far along it each of its lanes ends."""
    widths_m: F64
    own_m: float
    chain: tuple[int, ...] = ()
    """Its lanes, by their places in the record."""

    def place(self, xy: F64) -> LanePlace:
        return place_on_lane(self.line, xy)

    def width_m(self, along_m: float) -> float:
        """Width of the lane at a distance along the way."""
        k = int(np.searchsorted(self.ends_m, along_m))
        return float(self.widths_m[min(k, len(self.widths_m) - 1)])

    def ahead(self, place: LanePlace) -> bool:
        """Whether a place is before us, and no further than a way is known."""
        return self.own_m < place.along_m <= self.own_m + policy.LANE_LOOK_M


def ways_ahead(lanes: Lanes, xy: F64, forward: F64) -> list[Way]:
    """Every way that somebody at ``xy`` who heads ``forward`` may be on; none where there are too many to tell."""
    if not lanes:
        return []
    near = [_nearest(line, xy) for _, _, line in lanes]
    least = min(distance for distance, _ in near)
    close = [k for k, (distance, _) in enumerate(near) if distance <= least + policy.LANE_TIE_M]
    along = [k for k in close if float(near[k][1] @ forward) >= policy.LANE_ALONG_COS]
    found: list[Way] = []
    for first in along or close:
        for chain in _chains(lanes, first, xy):
            found.append(_way(lanes, chain, xy))
            if len(found) > policy.MOST_WAYS:
                return []
    return found


def _chains(lanes: Lanes, first: int, xy: F64) -> list[list[int]]:
    """Lanes that follow one another from ``first`` on, until they are known far enough ahead."""
    done: list[list[int]] = []
    open_ends = [([first], _length(lanes[first][2]) - place_on_lane(lanes[first][2], xy).along_m)]
    while open_ends and len(done) + len(open_ends) <= 2 * policy.MOST_WAYS:
        chain, ahead = open_ends.pop(0)
        onward = [] if ahead >= policy.LANE_LOOK_M else _following(lanes, chain[-1])
        if onward:
            open_ends += [([*chain, k], ahead + _length(lanes[k][2])) for k in onward]
        else:
            done.append(chain)
    return done + [chain for chain, _ in open_ends]


def _following(lanes: Lanes, k: int) -> list[int]:
    """Lanes that begin where another ends and head the same way."""
    line = lanes[k][2]
    end, out = line[-1, :2], line[-1, :2] - line[-2, :2]
    found = []
    for j, (_, _, other) in enumerate(lanes):
        into = other[1, :2] - other[0, :2]
        straight = float(out @ into) >= policy.LANE_JOINT_COS * float(
            np.linalg.norm(out) * np.linalg.norm(into)
        )
        if j != k and straight and float(np.linalg.norm(other[0, :2] - end)) <= policy.LANE_JOINT_M:
            found.append(j)
    return found


def _way(lanes: Lanes, chain: list[int], xy: F64) -> Way:
    lines = [lanes[k][2] for k in chain]
    points = np.concatenate([lines[0], *(line[1:] for line in lines[1:])])
    own = place_on_lane(lines[0], xy).along_m
    ends = np.cumsum([_length(line) for line in lines])
    return Way(points, ends, np.array([lanes[k][1] for k in chain]), own, tuple(chain))


def _length(line: F64) -> float:
    return float(np.linalg.norm(np.diff(line[:, :2], axis=0), axis=1).sum())
