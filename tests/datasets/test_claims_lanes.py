"""The verifier's lanes, made with shapely, and the measured ones must agree also where a line bends."""

from __future__ import annotations

import numpy as np
import pytest

from pairforge.captioners.lanes import place_on_lane, places_on_lane
from pairforge.datasets.claims_lanes import on_lane
from pairforge.seeding import Stream

BENT = np.array([[0, 0, 0], [10, 0, 0], [20, 2, 0], [30, 6, 0], [40, 6, 0]], dtype=np.float64)


def _points() -> np.ndarray:
    """Places all about the line, and beside its corners on the outer side, where two pieces are equally near."""
    anywhere = Stream(5, "points").rng().uniform((-5, -4), (45, 10), (200, 2))
    corners = []
    for k in (1, 2, 3):
        one, other = BENT[k] - BENT[k - 1], BENT[k + 1] - BENT[k]
        one, other = one / np.linalg.norm(one), other / np.linalg.norm(other)
        outwards = (one - other)[:2] / np.linalg.norm(one - other)
        corners += [BENT[k, :2] + metres * outwards for metres in (0.3, 1.3168, 2.0)]
    return np.concatenate([anywhere, corners, BENT[1:4, :2]])


def test_both_find_the_same_place_and_direction():
    for xy in _points():
        ours, theirs = place_on_lane(BENT, xy), on_lane(BENT, xy)
        assert theirs.along == pytest.approx(ours.along_m, abs=1e-5), xy
        assert theirs.left == pytest.approx(ours.left_m, abs=1e-5), xy
        assert theirs.direction == pytest.approx(tuple(ours.forward), abs=1e-9), xy


def test_the_way_through_a_corner_has_the_direction_of_the_piece_before_it():
    for metres in (1e-9, 0.5, 2.0):
        beside = BENT[1, :2] + np.array([0.0, -metres])
        assert place_on_lane(BENT, beside).forward == pytest.approx([1.0, 0.0])
        assert on_lane(BENT, beside).direction == pytest.approx((1.0, 0.0))


def test_many_places_at_once_are_those_one_by_one():
    points = _points()
    along, left = places_on_lane(BENT, points)
    ones = [place_on_lane(BENT, xy) for xy in points]
    assert along == pytest.approx([p.along_m for p in ones], abs=1e-9)
    assert left == pytest.approx([p.left_m for p in ones], abs=1e-9)
