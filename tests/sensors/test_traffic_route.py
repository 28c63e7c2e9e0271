"""What a route says of places beside it, whichever way it is asked."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Point

from pairforge.frames import F64
from pairforge.seeding import Stream
from pairforge.sensors.traffic.route import Route

seeds = st.integers(0, 10**6)


def wandering(seed: int, sharpest: float) -> tuple[Route, np.random.Generator]:
    """A route of 40 segments that turns at random, by at most ``sharpest`` radians at a corner."""
    rng = Stream(seed).rng()
    heading = np.cumsum(rng.uniform(-sharpest, sharpest, 40))
    steps = rng.uniform(0.5, 6.0, 40)[:, None] * np.stack([np.cos(heading), np.sin(heading)], axis=1)
    return Route(np.concatenate([[[0.0, 0.0]], np.cumsum(steps, axis=0)])), rng


@given(seeds, st.sampled_from([0.02, 0.15, 0.6, 2.5]))
def test_one_point_is_found_as_many_are(seed: int, sharpest: float) -> None:
    route, rng = wandering(seed, sharpest)
    for around_s in rng.uniform(-10.0, route.length_m + 10.0, 5):
        x, y = route.at(around_s) + rng.normal(0.0, 6.0, 2)
        s, d, _ = route.nearest(np.array([[x, y]]), *route.between(around_s - 8.0, around_s + 8.0))
        assert route.near(float(x), float(y), float(around_s)) == (s[0], d[0])


@settings(max_examples=25)
@given(seeds, st.sampled_from([0.02, 0.15, 0.6]))
def test_what_is_clear_of_a_route_lies_beside_it_as_a_whole(seed: int, sharpest: float) -> None:
    route, rng = wandering(seed, sharpest)
    first, last = route.between(10.0, 70.0)
    centres = route.points_at(rng.uniform(10.0, 70.0, 200)) + rng.normal(0.0, 8.0, (200, 2))
    reach = rng.uniform(0.2, 6.0, 200)
    clear = route.clear_of(centres, first, last, reach)
    if clear is None:
        return
    for centre, r in zip(centres[clear], reach[clear], strict=True):
        angle = rng.uniform(0.0, 2.0 * np.pi, 24)
        disc: F64 = centre + r * np.stack([np.cos(angle), np.sin(angle)], axis=1)
        _, d, _ = route.nearest(disc, first, last)
        assert (d > 0.0).all() or (d < 0.0).all()
        assert LineString(route.points[first : last + 1]).distance(Point(centre)) > r


def test_what_touches_a_route_is_never_clear_of_it() -> None:
    route, rng = wandering(3, 0.02)
    first, last = route.between(10.0, 70.0)
    beside = rng.uniform(-5.0, 5.0, 200)
    s = rng.uniform(12.0, 68.0, 200)
    t = route.tangents_at(s)
    points = route.points_at(s) + beside[:, None] * np.stack([-t[:, 1], t[:, 0]], axis=1)
    clear = route.clear_of(points, first, last, np.abs(beside) + 0.01)
    assert clear is not None
    assert not clear.any()
    far = route.clear_of(points, first, last, np.maximum(np.abs(beside) - 1.0, 0.0))
    assert far is not None
    assert far.sum() > 100


@pytest.mark.parametrize("corner", [1.6, 3.0])
def test_a_route_with_a_hairpin_has_no_sides(corner: float) -> None:
    turned = [10.0 + 10.0 * np.cos(corner), 10.0 * np.sin(corner)]
    route = Route(np.array([[0.0, 0.0], [10.0, 0.0], turned]))
    assert route.clear_of(np.array([[10.0, 50.0]]), 0, 2, np.array([1.0])) is None
