"""Simplified networks are the same roads; cropped ones are sound."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pairforge.errors import SpecError
from pairforge.scenes.roads.crop import within
from pairforge.scenes.roads.faults import faults
from pairforge.scenes.roads.kerb_lanes import without_kerb_lanes
from pairforge.scenes.roads.network import Cubic, Geometry, LaneSection, Road, RoadLane, RoadNetwork
from pairforge.scenes.roads.reference_line import cubics_at, lane_borders, line_at
from pairforge.scenes.roads.simplify import simplified
from tests.scenes.roads.networks import crossing, motorway, roundabout

polynomials = st.tuples(*[st.floats(-0.01, 0.01)] * 4)


def cut(polynomial: tuple[float, ...], starts: list[float]) -> tuple[Cubic, ...]:
    """One cubic of s said over again at every start, shifted there."""
    a, b, c, d = polynomial
    return tuple(
        Cubic(s, a + b * s + c * s**2 + d * s**3, b + 2 * c * s + 3 * d * s**2, c + 3 * d * s, d)
        for s in starts
    )


@given(polynomials, st.lists(st.floats(1.0, 99.0), max_size=4, unique=True))
def test_a_cubic_said_over_again_becomes_one(polynomial: tuple[float, ...], more: list[float]) -> None:
    widths = cut((3.0, 0.0, 0.0, 1e-6), [0.0, *sorted(more)])
    section = LaneSection(0.0, right=(RoadLane(-1, "driving", widths),))
    half = (1.0 + 40 * np.cos(0.5), 2.0 + 40 * np.sin(0.5))
    lines = (Geometry("line", 0.0, 1.0, 2.0, 0.5, 40.0), Geometry("line", 40.0, *half, 0.5, 60.0))
    road = Road(1, 100.0, lines, (section,), elevation=cut(polynomial, [0.0, *sorted(more)]))
    (plain,) = simplified(RoadNetwork((road,))).roads
    s = np.linspace(0.0, 100.0, 101)
    assert len(plain.sections[0].right[0].widths) == 1
    assert len(plain.geometries) == 1
    assert len(plain.elevation) == (1 if any(polynomial) else 0)
    assert np.allclose(cubics_at(plain.elevation, s), cubics_at(road.elevation, s), atol=1e-7)
    assert np.allclose(lane_borders(plain, 0, s)[-1], lane_borders(road, 0, s)[-1], atol=1e-7)
    assert np.allclose(line_at(plain, s).xyz_m, line_at(road, s).xyz_m, atol=1e-7)


def test_cubics_that_differ_are_kept() -> None:
    road = crossing().roads[2]
    assert len(road.elevation) == 2
    assert simplified(RoadNetwork((road,))).roads[0].elevation == road.elevation
    bent = replace(road.geometries[0], s_m=80.0, x_m=-94.0, heading=road.geometries[0].heading + 1e-3)
    two = replace(road, geometries=(road.geometries[0], bent), length_m=160.0)
    assert len(simplified(RoadNetwork((two,))).roads[0].geometries) == 2


@pytest.mark.parametrize("make", [crossing, roundabout, motorway])
def test_simplifying_twice_changes_nothing_more(make: object) -> None:
    once = simplified(make())  # type: ignore[operator]
    assert simplified(once) == once


def test_a_crop_keeps_what_comes_near_and_is_sound() -> None:
    network = roundabout()
    part = within(network, (34.0, 0.0), 30.0)
    names = {r.name for r in part.roads if r.junction is None}
    assert names == {"arm 0", "ring 0", "ring 2"}
    assert not [f for f in faults(part) if f.level == "wrong"]
    assert {j.junction_id for j in part.junctions} == {50}
    assert within(network, (0.0, 0.0), 1000.0) == network


def test_a_crop_of_one_road_leads_nowhere() -> None:
    (arm,) = within(crossing(), (90.0, 0.0), 5.0).roads
    assert (arm.name, arm.predecessor, arm.successor) == ("arm 0", None, None)


def test_a_crop_far_from_all_roads_says_how_far() -> None:
    with pytest.raises(SpecError, match="the nearest is 906 m away"):
        within(crossing(), (1000.0, 0.0), 50.0)


def test_kerb_lanes_become_part_of_the_pavements_behind_them() -> None:
    network = roundabout()
    plain = without_kerb_lanes(network)
    assert not [f for f in faults(plain) if f.level == "wrong"]
    kinds = {lane.kind for r in plain.roads for s in r.sections for lane in (*s.left, *s.right)}
    assert kinds == {"driving", "sidewalk"}
    for before, after in zip(network.roads, plain.roads, strict=True):
        assert np.allclose(outermost(before), outermost(after))


def outermost(road: Road) -> list[float]:
    """t of the two edges of a road half-way along it."""
    borders = lane_borders(road, 0, road.length_m / 2)
    edges = [float(t[0]) for pair in borders.values() for t in pair]
    return [min(edges), max(edges)]


def test_lanes_outside_of_a_kerb_are_counted_anew_and_links_follow() -> None:
    """Driving, kerb, pavement, kerb without a pavement; the next section begins with a kerb less."""

    def lane(number: int, kind: str, after: int | None, *widths: Cubic) -> RoadLane:
        return RoadLane(number, kind, widths or (Cubic(0.0, 1.0),), None, after)  # type: ignore[arg-type]

    first = LaneSection(
        0.0,
        right=(
            lane(-1, "driving", -1),
            lane(-2, "kerb", None, Cubic(0.0, 0.2), Cubic(4.0, 0.2, 0.1)),
            lane(-3, "sidewalk", -2, Cubic(0.0, 2.0), Cubic(2.0, 2.0, -0.01)),
            lane(-4, "kerb", None),
        ),
    )
    second = LaneSection(10.0, right=(lane(-1, "driving", None), lane(-2, "sidewalk", None)))
    line = Geometry("line", 0.0, 0.0, 0.0, 0.0, 20.0)
    (road,) = without_kerb_lanes(RoadNetwork((Road(1, 20.0, (line,), (first, second)),))).roads
    assert [(x.lane_id, x.kind, x.successor) for x in road.sections[0].right] == [
        (-1, "driving", -1),
        (-2, "sidewalk", -2),
        (-3, "none", None),
    ]
    s = np.linspace(0.0, 10.0, 41)
    width = np.where(s < 4, 0.2, 0.2 + 0.1 * (s - 4)) + np.where(s < 2, 2.0, 2.0 - 0.01 * (s - 2))
    assert np.allclose(cubics_at(road.sections[0].right[1].widths, s), width)


def test_priorities_of_roads_become_those_of_their_ways() -> None:
    (junction,) = crossing().junctions
    (plain,) = simplified(crossing()).junctions
    incoming = {c.connecting: c.incoming for c in junction.connections}
    assert {(incoming[a], incoming[b]) for a, b in plain.priorities} == set(junction.priorities)
    assert len(plain.priorities) == 2 * 3 * 3
