"""Reference lines against brute-force integration, which shares nothing with the formulas under test."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from scipy.integrate import quad

from pairforge.frames import F64
from pairforge.scenes.roads.along import AlongLane
from pairforge.scenes.roads.curves import along
from pairforge.scenes.roads.network import Cubic, Geometry, LaneSection, Road, RoadLane
from pairforge.scenes.roads.reference_line import (
    cubics_at,
    lane_borders,
    lane_centre,
    lane_edges,
    line_at,
    points_at,
    section_at,
    section_span,
)
from pairforge.seeding import Stream

curvatures = st.one_of(st.just(0.0), st.floats(-0.2, 0.2))
lengths = st.floats(0.5, 200.0)


@st.composite
def turnings(draw: st.DrawFn) -> Geometry:
    """A line, an arc or a clothoid anywhere, which turns round at most a few times."""
    kind = draw(st.sampled_from(["line", "arc", "spiral"]))
    k = draw(curvatures)
    change = draw(st.one_of(st.floats(-0.2, 0.2), st.floats(-1e-4, 1e-4), st.floats(-1e-12, 1e-12)))
    ends = {"line": (0.0, 0.0), "arc": (k, k), "spiral": (k, k + change)}[kind]
    place = draw(st.tuples(st.floats(-1e3, 1e3), st.floats(-1e3, 1e3), st.floats(-7.0, 7.0)))
    return Geometry(kind, 0.0, *place, draw(lengths), *ends)  # type: ignore[arg-type]


@st.composite
def polynomials(draw: st.DrawFn) -> Geometry:
    """A polynomial that goes forward, with its true length, found by brute force."""
    size = draw(st.floats(5.0, 100.0))
    bends = st.floats(-0.3, 0.3)
    v = (0.0, draw(bends), draw(bends) / size, draw(bends) / size**2)
    if draw(st.booleans()):
        length = quad(lambda u: np.hypot(1.0, v[1] + 2 * v[2] * u + 3 * v[3] * u * u), 0.0, size)[0]
        return Geometry("poly3", 0.0, 3.0, -4.0, 0.7, length, coefficients=v)
    normal = draw(st.booleans())
    u = (0.0, 1.0, draw(bends) / size, draw(bends) / size**2)
    at = [(c * size**n, d * size**n) for n, (c, d) in enumerate(zip(u, v, strict=True))]
    length = quad(
        lambda p: np.hypot(sum(n * c * p ** (n - 1) for n, (c, _) in enumerate(at) if n),
                           sum(n * d * p ** (n - 1) for n, (_, d) in enumerate(at) if n)), 0.0, 1.0)[0]  # fmt: skip
    scale = [1.0 if normal else length**-n for n in range(4)]
    coefficients = tuple(a * scale[n] for side in (0, 1) for n, a in enumerate(x[side] for x in at))
    return Geometry("param_poly3", 0.0, 3.0, -4.0, 0.7, length, coefficients=coefficients, normalised=normal)


def brute_force(piece: Geometry, s: float) -> F64:
    """The end after s metres by summing 20,000 short steps (midpoints) along the heading that curvature gives."""
    steps = 20_000
    u = (np.arange(steps) + 0.5) * s / steps
    k0, slope = piece.curvature_start, (piece.curvature_end - piece.curvature_start) / piece.length_m
    heading = piece.heading + k0 * u + slope * u * u / 2
    start = np.array([piece.x_m, piece.y_m])
    return np.asarray(start + np.array([np.cos(heading).sum(), np.sin(heading).sum()]) * s / steps)


@given(turnings(), st.floats(0.0, 1.0))
@example(Geometry("spiral", 0.0, 0.0, 0.0, 0.0, 100.0, 0.0, 0.1), 1.0)
@example(Geometry("spiral", 0.0, 0.0, 0.0, 0.0, 100.0, -0.1, 0.0), 0.5)
@example(Geometry("spiral", 0.0, 0.0, 0.0, 1.0, 150.0, 0.2, 0.2 + 1e-9), 1.0)
@example(Geometry("spiral", 0.0, 0.0, 0.0, 1.0, 150.0, 0.2, 0.2 - 8e-6), 1.0)
@example(Geometry("spiral", 0.0, 0.0, 0.0, 1.0, 150.0, 0.1, -0.1), 0.7)
def test_lines_arcs_and_clothoids_end_where_summing_their_heading_ends(piece: Geometry, part: float) -> None:
    s = part * piece.length_m
    assert along(piece, np.array([s])).xy_m[0] == pytest.approx(brute_force(piece, s), abs=1e-5)


@given(st.one_of(turnings(), polynomials()))
def test_a_piece_is_as_long_as_it_says_and_ds_counts_metres(piece: Geometry) -> None:
    ds = np.linspace(0.0, piece.length_m, 4001)
    steps = np.linalg.norm(np.diff(along(piece, ds).xy_m, axis=0), axis=1)
    assert steps.sum() == pytest.approx(piece.length_m, rel=1e-5)
    assert np.allclose(steps, piece.length_m / 4000, rtol=1e-4)


@given(st.one_of(turnings(), polynomials()))
def test_heading_is_the_direction_of_the_curve_and_curvature_its_change(piece: Geometry) -> None:
    h = min(1e-3, piece.length_m / 100)
    middle = np.linspace(2 * h, piece.length_m - 2 * h, 25)
    before, at, after = (along(piece, middle + d) for d in (-h, 0.0, h))
    chord = after.xy_m - before.xy_m
    turned = np.arctan2(chord[:, 1], chord[:, 0]) - at.heading
    assert np.allclose(np.angle(np.exp(1j * turned)), 0.0, atol=1e-6)
    difference = np.angle(np.exp(1j * (after.heading - before.heading))) / (2 * h)
    assert np.allclose(difference, at.curvature, atol=1e-5)


@given(st.lists(turnings(), min_size=2, max_size=5))
def test_pieces_laid_end_to_end_make_one_line_without_a_jump(pieces: list[Geometry]) -> None:
    laid: list[Geometry] = []
    s, place, heading = 0.0, np.array([5.0, -3.0]), 0.4
    for piece in pieces:
        piece = replace(piece, s_m=s, x_m=place[0], y_m=place[1], heading=heading)
        laid.append(piece)
        s, place = s + piece.length_m, brute_force(piece, piece.length_m)
        heading += (piece.curvature_start + piece.curvature_end) / 2 * piece.length_m
    road = Road(1, s, tuple(laid), ())
    joints = np.array([piece.s_m for piece in laid[1:]])
    before, after = line_at(road, joints - 1e-7), line_at(road, joints)
    assert np.allclose(before.xyz_m, after.xyz_m, atol=2e-5)
    assert np.allclose(before.heading, after.heading, atol=1e-6)
    assert np.allclose(line_at(road, s + 5.0).xyz_m[0, :2], place, atol=2e-5), "beyond the end is the end"


def test_a_polynomial_ends_at_its_last_parameter_though_its_length_is_rounded() -> None:
    exact = Geometry("param_poly3", 0.0, 0.0, 0.0, 0.0, 1.0, coefficients=(0, 10, 0, 0, 0, 0, 5, 0))
    true_length = quad(lambda p: np.hypot(10.0, 10.0 * p), 0.0, 1.0)[0]
    for length in (true_length, true_length * 1.001):
        end = along(replace(exact, length_m=length), np.array([length])).xy_m[0]
        assert end == pytest.approx([10.0, 5.0], abs=1e-9)


def test_a_polynomial_that_stands_still_gives_numbers() -> None:
    still = Geometry("param_poly3", 0.0, 1.0, 2.0, 0.0, 1.0, coefficients=(0.0,) * 8)
    on = along(still, np.linspace(0.0, 1.0, 5))
    assert np.isfinite(on.xy_m).all()
    assert np.isfinite(on.curvature).all()


cubic_lists = st.lists(st.tuples(*[st.floats(-0.1, 0.1)] * 4), min_size=1, max_size=4).map(
    lambda rows: tuple(Cubic(25.0 * k, *row) for k, row in enumerate(rows))
)


@given(cubic_lists, st.floats(0.0, 99.0))
def test_elevation_and_slope_are_the_cubic_s_own_value_and_derivative(
    cubics: tuple[Cubic, ...], s: float
) -> None:
    piece = [c for c in cubics if c.s_m <= s][-1]
    x = s - piece.s_m
    assert cubics_at(cubics, s)[0] == pytest.approx(piece.a + piece.b * x + piece.c * x**2 + piece.d * x**3)
    assert cubics_at(cubics, s, derivative=1)[0] == pytest.approx(
        piece.b + 2 * piece.c * x + 3 * piece.d * x**2
    )


def lane(lane_id: int, *width: float, **more: Any) -> RoadLane:
    return RoadLane(lane_id, "driving", (Cubic(0.0, *width),), **more)


ROAD = Road(
    7,
    100.0,
    (Geometry("arc", 0.0, 10.0, 20.0, np.pi / 2, 100.0, 0.01, 0.01),),
    (
        LaneSection(0.0, left=(lane(1, 3.0),), right=(lane(-1, 3.0), lane(-2, 2.0))),
        LaneSection(60.0, left=(lane(1, 3.0), lane(2, 0.0, 0.1)), right=(lane(-1, 3.0),)),
    ),
    elevation=(Cubic(0.0, 2.0, 0.05),),
    lane_offset=(Cubic(0.0, 0.5),),
)


def test_lane_borders_add_up_widths_from_the_offset_line_outwards() -> None:
    first = lane_borders(ROAD, 0, [0.0, 50.0])
    assert {k: (v[0][0], v[1][0]) for k, v in first.items()} == {
        1: (0.5, 3.5), -1: (0.5, -2.5), -2: (-2.5, -4.5)}  # fmt: skip
    second = lane_borders(ROAD, 1, 80.0)
    assert second[2][1][0] == pytest.approx(3.5 + 0.1 * 20.0), "a width counts from its section's start"


def test_a_section_holds_from_its_start_on() -> None:
    assert section_at(ROAD, [0.0, 59.999, 60.0, 100.0]).tolist() == [0, 0, 1, 1]
    assert section_span(ROAD, 0) == (0.0, 60.0)
    assert section_span(ROAD, 1) == (60.0, 100.0)


def test_left_is_left_and_height_is_the_line_s() -> None:
    """Heading north from (10, 20) round a centre 100 m to the west, at (-90, 20)."""
    s = np.array([0.0, 30.0, 100.0])
    centre, radius = np.array([-90.0, 20.0]), 100.0
    for t in (-4.0, 0.0, 4.0):
        points = points_at(ROAD, s, t)
        assert np.allclose(np.linalg.norm(points[:, :2] - centre, axis=1), radius - t)
        assert np.allclose(points[:, 2], 2.0 + 0.05 * s)
    middle = lane_centre(ROAD, 0, -2, 0.0)[0]
    assert middle == pytest.approx([10.0 + 3.5, 20.0, 2.0])


@given(st.lists(st.one_of(turnings(), polynomials()), min_size=1, max_size=3), st.integers(0, 10**6))
def test_points_asked_for_together_are_those_asked_for_alone(pieces: list[Geometry], seed: int) -> None:
    """To the last bit: paint is laid where it lay when each bar was asked for by itself."""
    rng = Stream(seed).rng()
    starts = np.cumsum([0.0, *(piece.length_m for piece in pieces)])
    geometries = tuple(replace(p, s_m=float(s)) for p, s in zip(pieces, starts, strict=False))
    lanes = (RoadLane(-1, "driving", (Cubic(0.0, 3.5), Cubic(4.0, 3.5, 0.01))),)
    road = Road(
        0, float(starts[-1]), geometries, (LaneSection(0.0, right=lanes),), elevation=(Cubic(0.0, 1.0, 0.02),)
    )
    line = AlongLane(road, 0, -1, "outer")
    groups = [(rng.uniform(0.0, road.length_m, n), rng.normal(0.0, 3.0, n)) for n in rng.integers(1, 40, 7)]
    for (s, lateral), points in zip(groups, line.points_of(groups, 0.006), strict=True):
        assert np.array_equal(points, line.points(s, lateral, 0.006))


@given(st.lists(st.floats(-50.0, 250.0), min_size=1, max_size=20))
def test_one_lane_is_where_it_lies_among_all(s_m: list[float]) -> None:
    widths = [(Cubic(0.0, 0.3 * k), Cubic(20.0, 3.0, 0.01, -1e-4, 1e-7)) for k in range(1, 4)]
    left = tuple(RoadLane(k, "driving", widths[k - 1]) for k in (1, 2))
    right = tuple(RoadLane(-k, "driving", widths[k - 1]) for k in (1, 2, 3))
    geometry = (Geometry("line", 0.0, 0.0, 0.0, 0.0, 200.0),)
    road = Road(0, 200.0, geometry, (LaneSection(0.0, left, right),), lane_offset=(Cubic(0.0, 0.4, 0.001),))
    borders = lane_borders(road, 0, s_m)
    for lane in (*left, *right):
        for one, all_of_them in zip(
            lane_edges(road, 0, lane.lane_id, np.array(s_m)), borders[lane.lane_id], strict=True
        ):
            assert np.array_equal(one, all_of_them)
