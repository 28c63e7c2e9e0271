"""Files that another program writes (roadgen, in Rust): our lanes lie where its own do, before any file."""

from __future__ import annotations

from math import cos, pi, sin
from pathlib import Path
from typing import Any

import pytest
import roadgen

from pairforge.scenes.roads.faults import faults
from pairforge.scenes.roads.opendrive_read import Reading, read_opendrive
from tests.scenes.roads.outside import farthest_line


def lanes(*kinds: str) -> list[Any]:
    """A cross-section from the left: "<" comes back, ">" goes forth, "b" is for bicycles, "w" for walkers."""
    made = {
        "<": {"width": 3.5, "direction": "backward"},
        ">": {"width": 3.5, "direction": "forward"},
        "b": {"width": 1.8, "direction": "forward", "type_": "biking"},
        "w": {"width": 2.5, "direction": "forward", "type_": "sidewalk"},
    }
    return [roadgen.Lane(**made[kind]) for kind in kinds]


def crossing() -> Any:
    """Four arms that all lead inwards and uphill."""
    made, mouth = roadgen.Map("crossing"), 12.0
    arms = [
        made.add_road(
            start=(80 * cos(k * pi / 2), 80 * sin(k * pi / 2), 5.0 - k),
            end=(mouth * cos(k * pi / 2), mouth * sin(k * pi / 2), 5.0),
            lanes=lanes(">", "<"),
            name=f"arm {k}",
        )
        for k in range(4)
    ]
    junction = made.add_junction("middle")
    for k, here in enumerate(arms):
        for there in arms[k + 1 :]:
            made.connect(here, there, junction=junction, ends=("end", "end"))
    made.add_crosswalk(arms[0], fraction=0.8, width=4.0)
    return made


def bends() -> Any:
    """Straight, clothoid, arc, clothoid that turns the other way, on a slope; lanes of three kinds."""
    along = roadgen.Alignment(start=(5.0, -3.0, 2.0), heading=0.3)
    along.line(50.0, rise=1.0)
    along.spiral(40.0, curvature_end=1 / 60, rise=0.5)
    along.arc(50.0, curvature=1 / 60)
    along.spiral(40.0, curvature_end=-1 / 80, rise=-0.5)
    made = roadgen.Map("bends")
    made.add_road(lanes=lanes("w", "b", ">", "<"), alignment=along, name="bends")
    return made


def through_points() -> Any:
    """A curve laid through points in space, and a road that goes on from it."""
    made = roadgen.Map("points")
    points = [(0, 0, 0), (60, 10, 2), (120, 60, 4), (200, 50, 3), (260, 120, 6)]
    first = made.add_road(points=points, lanes=lanes(">", "<"))
    made.connect(first, made.add_road(start=(260, 120, 6), end=(330, 190, 6), lanes=lanes(">", "<")))
    return made


def read(foreign: Any, folder: Path) -> Reading:
    path = folder / "foreign.xodr"
    foreign.export_opendrive(str(path), trace=False)
    return read_opendrive(path)


@pytest.mark.parametrize("make", [crossing, bends, through_points])
def test_lanes_lie_where_the_other_program_laid_them(make: Any, tmp_path: Path) -> None:
    foreign = make()
    network = read(foreign, tmp_path).network
    assert sum(len(s.left) + len(s.right) for r in network.roads for s in r.sections) == len(
        foreign.lane_ids()
    )
    assert farthest_line(network, foreign) < 0.05
    assert [str(f) for f in faults(network)] == []


def test_ways_through_a_foreign_junction_are_those_it_was_given(tmp_path: Path) -> None:
    network = read(crossing(), tmp_path).network
    (junction,) = network.junctions
    assert len(junction.connections) == 12
    assert all(len(c.lane_links) == 1 for c in junction.connections)
    (crosswalk,) = (c for r in network.roads for c in r.crosswalks)
    assert crosswalk.length_m == pytest.approx(4.0)


def test_what_is_passed_over_is_said(tmp_path: Path) -> None:
    notes = read(bends(), tmp_path).notes
    assert any("geographic reference" in note for note in notes)
