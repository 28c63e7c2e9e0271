"""What other programs write into OpenDRIVE files, and what becomes of it."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pairforge.errors import SpecError
from pairforge.scenes.roads.network import Crosswalk, Cubic
from pairforge.scenes.roads.opendrive_read import Reading, parse_opendrive, read_opendrive
from pairforge.scenes.roads.reference_line import line_at
from pairforge.scenes.signals import Programme
from tests.scenes.roads.networks import NETWORKS

LANE = '<lane id="-1" type="driving"><width sOffset="0" a="3.5" b="0" c="0" d="0"/>{lane}</lane>'
FILE = """<?xml version="1.0"?>
<OpenDRIVE{root}>
 <header revMajor="1" revMinor="4" name="x">{header}</header>
 <road id="{id}" length="100" junction="-1" {attributes}>
  {link}
  {type}
  <planView><geometry s="0" x="{x}" y="{y}" hdg="0" length="100"><line/></geometry></planView>
  {profile}
  <lanes><laneSection s="0"><center><lane id="0" type="none"/></center>
   <right>{lanes}</right></laneSection></lanes>
  <objects>{objects}</objects><signals>{signals}</signals>
 </road>
 {after}
</OpenDRIVE>
"""
EMPTY = dict.fromkeys(
    ("root", "header", "attributes", "link", "type", "profile", "objects", "signals", "after"), ""
)


def file(lane: str = "", **parts: str) -> bytes:
    fields = EMPTY | {"id": "1", "x": "0", "y": "0", "lanes": LANE.replace("{lane}", lane)} | parts
    return FILE.format(**fields).encode()


def read(lane: str = "", **parts: str) -> Reading:
    return parse_opendrive(file(lane, **parts), "x.xodr")


def test_a_plain_file_of_an_old_version_is_read() -> None:
    reading = read()
    road = reading.network.road(1)
    assert (road.length_m, road.sections[0].right[0].widths) == (100.0, (Cubic(0.0, 3.5),))
    assert reading.version == "1.4"
    assert reading.notes == ("a road has no speed limit; it is 13.89 m/s by its type",)


def test_a_default_namespace_changes_nothing() -> None:
    assert (
        read(root=' xmlns="http://code.asam.net/simulation/standard/opendrive_schema"').network
        == read().network
    )


@pytest.mark.parametrize(
    ("speed", "mps"),
    [
        ('max="50" unit="km/h"', 50 / 3.6),
        ('max="30" unit="mph"', 30 * 0.44704),
        ('max="9"', 9.0),
        ('max="no limit"', 36.11),
    ],
)
def test_speed_limits_are_metres_per_second(speed: str, mps: float) -> None:
    road = read(type=f'<type s="0" type="motorway"><speed {speed}/></type>').network.roads[0]
    assert road.speed_limit_mps == pytest.approx(mps)


def test_ids_that_are_words_are_counted() -> None:
    reading = read(id="main street")
    assert [r.road_id for r in reading.network.roads] == [1]
    assert any("ids are no whole numbers" in note for note in reading.notes)


def test_a_map_in_a_national_grid_is_moved_to_the_origin() -> None:
    reading = read(x="691000.25", y="5334000.5")
    start = line_at(reading.network.roads[0], 0.0).xyz_m[0]
    assert np.abs(start).max() < 1.0
    assert any("moved by (-691000, -5334000) m" in note for note in reading.notes)


def test_a_banked_road_is_read_flat_and_says_so() -> None:
    profile = '<lateralProfile><superelevation s="0" a="0.05" b="0" c="0" d="0"/></lateralProfile>'
    assert any("<superelevation> is not read" in note for note in read(profile=profile).notes)


def test_the_marking_that_holds_longest_is_taken() -> None:
    marks = '<roadMark sOffset="0" type="solid"/><roadMark sOffset="30" type="broken broken"/>'
    assert read(marks).network.roads[0].sections[0].right[0].marking == "broken"


def test_kinds_of_lanes_that_we_lack_become_their_like() -> None:
    lanes = LANE.replace("{lane}", "").replace("driving", "bus")
    reading = read(lanes=lanes)
    assert reading.network.roads[0].sections[0].right[0].kind == "driving"
    assert 'lanes of type "bus" are read as driving' in reading.notes


@pytest.mark.parametrize(
    ("inside", "extent"),
    [
        ('<outline><cornerRoad s="38" t="-2"/><cornerRoad s="42" t="2"/></outline>', (40.0, 4.0)),
        ('<outlines><outline><cornerLocal u="-3" v="-2"/><cornerLocal u="3" v="2"/></outline></outlines>',
         (40.0, 4.0)),
        ("", (40.0, 5.0)),
    ],
)  # fmt: skip
def test_a_crosswalk_spans_its_outline_or_else_its_box(inside: str, extent: tuple[float, float]) -> None:
    """Turned across the road, as RoadRunner writes them: its width lies along the road."""
    turned = f'<object id="7" type="crosswalk" s="40" t="0" hdg="{np.pi / 2}" length="7" width="5">{inside}</object>'
    (crosswalk,) = read(objects=turned).network.roads[0].crosswalks
    assert (crosswalk.s_m, crosswalk.length_m) == pytest.approx(extent)


def test_objects_and_signals_that_are_not_read_are_counted() -> None:
    trees = '<object id="1" type="tree" s="1" t="5"/><object id="2" type="tree" s="2" t="5"/>'
    elk = '<signal id="1" s="1" t="4" type="142" subtype="10" country="DE" orientation="+" dynamic="no" zOffset="2"/>'
    notes = read(objects=trees, signals=elk).notes
    assert "objects of type tree are not read (2 times)" in notes
    assert "signals of type DE 142 are not read" in notes


LIGHT = (
    '<signal id="{k}" s="90" t="{t}" type="1000001" subtype="-1" country="OpenDRIVE" orientation="+" '
    'dynamic="yes" zOffset="5"/>'
)


def test_lights_without_phases_take_turns_and_are_never_green_together() -> None:
    lights = LIGHT.format(k=5, t=-5) + LIGHT.format(k=6, t=5)
    after = (
        '<controller id="1"><control signalId="5"/></controller>'
        '<controller id="2"><control signalId="6"/></controller>'
        '<junction id="9"><controller id="1"/><controller id="2"/></junction>'
    )
    network = read(signals=lights, after=after).network
    assert [s.controller for s in network.roads[0].signals] == [1, 2]
    first, second = (Programme(c.phases, c.offset_s) for c in network.controllers)
    for time_s in np.arange(0.0, 80.0, 0.5):
        states = {first.at(time_s)[0], second.at(time_s)[0]}
        assert states & {"red", "red_yellow"}, f"both may go at {time_s} s"
    assert first.at(0.0)[0] == "green"
    assert second.at(20.0)[0] == "green"


def test_a_light_that_nothing_controls_stays_dark_and_says_so() -> None:
    reading = read(signals=LIGHT.format(k=5, t=-5))
    assert reading.network.roads[0].signals[0].controller is None
    assert any("stays dark" in note for note in reading.notes)


@pytest.mark.parametrize(
    ("parts", "words"),
    [
        ({"attributes": 'rule="LHT"'}, ("x.xodr: line 4: road 1", "traffic keeps to the left", "mirror")),
        ({"lanes": '<lane id="-1" type="drivng"/>'}, ("line 10", "lane -1 of road 1", 'Did you mean "driving"?')),
        ({"lanes": '<lane id="-1" type="driving"><border sOffset="0" a="3"/></lane>'}, ("turn borders into widths",)),
        ({"lanes": LANE.replace('"-1"', '"-2"')}, ("right lanes are [-2]", "without a gap")),
        ({"link": '<link><successor elementType="road" elementId="8" contactPoint="start"/></link>'},
         ("line 5", "no such road")),
        ({"x": "nan"}, ("<geometry> of road 1", 'x is "nan"', "finite")),
        ({"profile": '<elevationProfile><elevation s="0" a="0" b="3" c="0" d="0"/></elevationProfile>'},
         ("climbs 3 m per metre",)),
        ({"after": '<controller id="1"><control signalId="5"/></controller>'}, ("no such signal",)),
        ({"after": '<junction id="2" type="direct"/>'}, ('it is a "direct" junction',)),
    ],
)  # fmt: skip
def test_what_cannot_be_read_is_named_with_its_line_and_remedy(
    parts: dict[str, str], words: tuple[str, ...]
) -> None:
    with pytest.raises(SpecError) as refused:
        read(**parts)
    for word in words:
        assert word in str(refused.value)


def test_a_file_s_hash_is_of_its_bytes() -> None:
    import hashlib

    assert read().sha256 == hashlib.sha256(file()).hexdigest()


def test_a_misspelt_file_is_told_its_neighbour(tmp_path: Path) -> None:
    (tmp_path / "town.xodr").write_bytes(file())
    assert read_opendrive(tmp_path / "town.xodr").network.roads
    with pytest.raises(SpecError, match=r'Did you mean "town\.xodr"'):
        read_opendrive(tmp_path / "twon.xodr")
    with pytest.raises(SpecError, match="in that folder"):
        read_opendrive(tmp_path)
    with pytest.raises(SpecError, match="no file's name"):
        read_opendrive("a\0b.xodr")


def test_a_network_stored_as_json_is_the_network_that_was_read() -> None:
    """So that a scene replays without its file."""
    for make in NETWORKS.values():
        network = make()
        assert type(network).from_json(network.to_json()) == network
    assert Crosswalk(1.0).length_m == 3.2
