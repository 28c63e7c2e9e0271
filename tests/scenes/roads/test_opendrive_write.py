"""Written OpenDRIVE files against others' readers, and read back by ours."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import roadgen

from pairforge.errors import SpecError
from pairforge.scenes.roads.network import (
    Controller,
    Cubic,
    Geometry,
    LaneSection,
    Road,
    RoadLane,
    RoadNetwork,
    RoadSignal,
)
from pairforge.scenes.roads.opendrive_read import parse_opendrive
from pairforge.scenes.roads.opendrive_write import kerbs, opendrive
from pairforge.scenes.roads.simplify import simplified
from tests.scenes.roads.networks import NETWORKS, crossing
from tests.scenes.roads.outside import farthest_from, farthest_line, foreign_lanes, quality


@pytest.fixture(params=sorted(NETWORKS))
def network(request: pytest.FixtureRequest) -> RoadNetwork:
    made: RoadNetwork = NETWORKS[request.param]()
    return made


def written(network: RoadNetwork, folder: Path) -> Path:
    path = folder / "roads.xodr"
    path.write_bytes(opendrive(network))
    return path


def test_what_is_written_reads_back_as_it_was(network: RoadNetwork) -> None:
    reading = parse_opendrive(opendrive(network))
    assert reading.network == simplified(network)
    assert reading.notes == ()
    assert reading.version == "1.7"


def test_asam_s_checker_finds_nothing_and_has_looked(network: RoadNetwork, tmp_path: Path) -> None:
    found = quality(written(network, tmp_path))
    assert found.issues == ()
    assert len(found.completed) >= 18


def test_asam_s_checker_does_find_a_lane_link_into_nothing(tmp_path: Path) -> None:
    path = written(NETWORKS["motorway"](), tmp_path)
    path.write_bytes(path.read_bytes().replace(b'<predecessor id="-3" />', b'<predecessor id="-7" />'))
    assert quality(path).issues


def test_another_reader_sees_the_lanes_where_we_do(network: RoadNetwork, tmp_path: Path) -> None:
    lines = foreign_lanes(written(network, tmp_path))
    lanes = sum(len(s.left) + len(s.right) for r in network.roads for s in r.sections)
    assert len(lines) == lanes
    assert farthest_from(network, lines) < 0.05


def test_a_third_reader_sees_the_same_lanes_in_space(network: RoadNetwork, tmp_path: Path) -> None:
    foreign = roadgen.read_opendrive(str(written(network, tmp_path)))
    assert len(foreign.lane_ids()) == sum(
        len(s.left) + len(s.right) for r in network.roads for s in r.sections
    )
    assert farthest_line(network, foreign) < 0.05


def test_the_bytes_depend_on_the_network_alone(network: RoadNetwork) -> None:
    first = opendrive(network)
    opendrive(crossing())  # the library counts ids across files; ours do not move
    assert opendrive(network) == first
    assert b"date=" not in first


def road(*geometries: Geometry, **more: object) -> Road:
    section = LaneSection(0.0, right=(RoadLane(-1, "driving", (Cubic(0.0, 3.0),)),))
    length = geometries[-1].s_m + geometries[-1].length_m
    return Road(1, length, geometries, (section,), **more)  # type: ignore[arg-type]


def test_every_curve_and_field_survives_the_file() -> None:
    """Curves that the networks above do not have: poly3, param_poly3 by arc length, a spiral that is an arc."""
    length = 20.0 * np.sqrt(1.01)
    slanted = (0.0, 1 / np.sqrt(1.01), 0.0, 0.0, 0.0, 0.1 / np.sqrt(1.01), 0.0, 0.0)
    pieces = (
        Geometry("poly3", 0.0, 0.0, 0.0, 0.0, length, coefficients=(0.0, 0.1, 0.0, 0.0)),
        Geometry("param_poly3", length, 20.0, 2.0, 0.0, length, coefficients=slanted, normalised=False),
        Geometry("spiral", 2 * length, 40.0, 4.0, np.arctan(0.1), 10.0, 0.01, 0.01),
    )
    lanes = (
        RoadLane(-1, "biking", (Cubic(0.0, 2.0), Cubic(5.0, 2.0, 0.01)), marking="solid_broken", speed_limit_mps=7.0),
        RoadLane(-2, "median", (Cubic(0.0, 1.0),), marking="broken_solid"),
        RoadLane(-3, "kerb", (Cubic(0.0, 0.2),)),
    )  # fmt: skip
    one = replace(
        road(*pieces, name="a & b <c>  d", lane_offset=(Cubic(0.0, 0.5),), speed_limit_mps=2.0),
        sections=(LaneSection(0.0, right=lanes, centre_marking="solid_solid"),),
        signals=(
            RoadSignal(3, "speed_120", 1.0, 5.0, "both"),
            RoadSignal(4, "elk ahead", 2.0, 5.0),
            RoadSignal(5, "light", 2.0, -5.0, "-", 9),
        ),
    )
    phases = (("green", 0.1 + 0.2), ("red", 30.0))
    network = RoadNetwork((one,), controllers=(Controller(9, phases, 1 / 3),), name="x")
    assert parse_opendrive(opendrive(network)).network == network


def test_kerbs_stand_at_the_edge_of_what_is_paved() -> None:
    arm = crossing().roads[0]
    assert kerbs(arm, 5.0) == pytest.approx((-3.25, 3.25))


def test_an_unsound_network_is_not_written() -> None:
    torn = road(Geometry("line", 0.0, 0.0, 0.0, 0.0, 10.0), Geometry("line", 10.0, 10.0, 3.0, 0.0, 10.0))
    with pytest.raises(SpecError, match="geometry 1 starts 3 m from where geometry 0 ends"):
        opendrive(RoadNetwork((torn,)))


def test_a_controller_without_lights_is_not_written() -> None:
    network = RoadNetwork(
        (road(Geometry("line", 0.0, 0.0, 0.0, 0.0, 9.0)),), (), (Controller(1, (("red", 1.0),)),)
    )
    with pytest.raises(SpecError, match="controller 1 has no signals"):
        opendrive(network)
