"""A scene on an imported map: its roads are the file's, pinned, and need the file no more."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from pairforge.errors import SpecError
from pairforge.scenes.concrete import ConcreteScene
from pairforge.scenes.families import family
from pairforge.scenes.load import load_scene
from pairforge.scenes.resolve import resolve
from pairforge.scenes.roads.kerb_lanes import without_kerb_lanes
from pairforge.scenes.roads.network import RoadLink, RoadNetwork
from pairforge.scenes.roads.opendrive_map import OpenDriveMap
from pairforge.scenes.roads.opendrive_write import opendrive
from pairforge.scenes.roads.simplify import simplified
from pairforge.scenes.spec import Scene
from tests.scenes.roads.networks import Pose, roundabout, street, town_block


def lone_street() -> RoadNetwork:
    return RoadNetwork((street(4, Pose(3.0, 5.0, 0.3), 40.0, name="Mill Lane"),))


@pytest.fixture
def file(tmp_path: Path) -> Path:
    path = tmp_path / "lane.xodr"
    path.write_bytes(opendrive(lone_street()))
    return path


def scene(file: Path, **fields: Any) -> Scene:
    return Scene(name="s", setting=OpenDriveMap(file=str(file), town=False, **fields))


def road_of(concrete: ConcreteScene) -> Any:
    (road,) = (item for item in concrete.items if item.family == "road_network")
    return road


def test_the_roads_are_the_file_s_and_its_hash_is_a_draw(file: Path) -> None:
    concrete = resolve(scene(file), 3)
    assert RoadNetwork.from_json(road_of(concrete).params["network"]) == without_kerb_lanes(lone_street())
    assert concrete.draws["setting.sha256"] == hashlib.sha256(file.read_bytes()).hexdigest()
    assert {lane.speed_limit_mps for lane in concrete.lanes} == {13.89}


def test_a_stored_scene_needs_no_file(file: Path) -> None:
    stored = resolve(scene(file), 3).to_json()
    file.unlink()
    road = road_of(ConcreteScene.from_json(stored))
    shape = family(road.family).build(road.params, None)
    assert shape.parts


def test_a_file_that_is_not_the_one_meant_is_refused(file: Path) -> None:
    meant = hashlib.sha256(file.read_bytes()).hexdigest()
    assert resolve(scene(file, sha256=meant), 0).draws["setting.sha256"] == meant
    file.write_bytes(file.read_bytes().replace(b"Mill Lane", b"Hill Lane"))
    with pytest.raises(SpecError, match="is another file than was meant"):
        resolve(scene(file, sha256=meant), 0)


def test_a_bad_file_is_refused_as_the_reader_does(file: Path) -> None:
    file.write_bytes(file.read_bytes().replace(b'length="40.0"', b'length="nan"'))
    with pytest.raises(SpecError, match=r"lane\.xodr: line \d+: road 4: length is"):
        resolve(scene(file), 0)
    with pytest.raises(SpecError, match="cannot be read"):
        resolve(scene(file.with_name("line.xodr")), 0)


def test_a_crop_is_drawn_and_can_be_replaced(file: Path) -> None:
    file.write_bytes(opendrive(roundabout()))
    near = scene(file, centre_m=(90.0, 0.0, 0.0), radius_m=20.0)
    (arm,) = RoadNetwork.from_json(road_of(resolve(near, 0)).params["network"]).roads
    assert arm.name == "arm 0"
    all_of_it = resolve(near, 0, do={"setting.radius_m": 500.0})
    assert RoadNetwork.from_json(road_of(all_of_it).params["network"]) == without_kerb_lanes(
        simplified(roundabout())
    )
    with pytest.raises(SpecError, match="give more than 0"):
        resolve(replace(near, setting=replace(near.setting, radius_m=-1.0)), 0)  # type: ignore[arg-type,call-arg]


def test_a_map_is_found_beside_its_spec_from_anywhere(file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    spec = file.with_name("spec.py")
    spec.write_text(
        "from pairforge.scenes.roads.opendrive_map import OpenDriveMap\n"
        "from pairforge.scenes.spec import Scene\n"
        'LANE = Scene(name="lane", setting=OpenDriveMap(file="lane.xodr", town=False))\n'
    )
    monkeypatch.chdir("/")
    concrete = resolve(load_scene(f"{spec}:LANE").scene, 0)
    assert concrete.draws["setting.file"] == "lane.xodr"
    assert not any(str(file.parent) in str(value) for value in concrete.draws.values())


def test_a_road_that_leads_into_itself_is_a_loop_not_an_error() -> None:
    (lane,) = lone_street().roads
    looped = replace(lane, successor=RoadLink("road", 4, "start"), predecessor=RoadLink("road", 4, "end"))
    assert opendrive(RoadNetwork((looped,)))


def test_the_example_s_map_is_the_town_block_as_it_is_written_today() -> None:
    shipped = Path(__file__).parents[3] / "examples" / "maps" / "town.xodr"
    assert shipped.read_bytes() == opendrive(town_block()), "write it anew with opendrive(town_block())"
