"""OpenSCENARIO files, written by scenariogeneration: everybody begins where the file puts them."""

from __future__ import annotations

import random
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scenariogeneration import xosc

from pairforge.errors import SpecError
from pairforge.scenes.resolve import resolve
from pairforge.scenes.roads.opendrive_write import opendrive
from pairforge.scenes.roads.openscenario import read_openscenario
from pairforge.scenes.roads.reference_line import lane_borders, points_at
from tests.scenes.roads.networks import motorway, town_block

AT = {  # name: (category, s, offset, lane, road, speed)
    "Ego": (xosc.VehicleCategory.car, 20.0, 0.0, -1, 1, 8.0),
    "Oncoming Bus": (xosc.VehicleCategory.bus, 40.0, 0.4, 1, 1, 6.0),
    "bike": (xosc.VehicleCategory.bicycle, 30.0, -0.8, -1, 4, 4.0),
    "stalled": (xosc.VehicleCategory.van, 30.0, 0.0, -1, 7, 0.0),
}


def vehicle(category: Any) -> Any:
    box = xosc.BoundingBox(2, 5, 1.5, 1.5, 0, 0.2)
    axles = xosc.Axle(0.5, 0.6, 1.8, 2.7, 0.3), xosc.Axle(0.5, 0.6, 1.8, 0, 0.3)
    return xosc.Vehicle("v", category, box, *axles, 50, 5, 8)


def scenario(folder: Path, roads: str = "town.xodr") -> Path:
    entities, init = xosc.Entities(), xosc.Init()
    for name, (category, s, offset, lane, road, speed) in AT.items():
        entities.add_scenario_object(name, vehicle(category))
        init.add_init_action(name, xosc.TeleportAction(xosc.LanePosition(s, offset, lane, road)))
        init.add_init_action(name, xosc.AbsoluteSpeedAction(speed, xosc.TransitionDynamics(
            xosc.DynamicsShapes.step, xosc.DynamicsDimension.time, 0)))  # fmt: skip
    board = xosc.StoryBoard(init)
    written = xosc.Scenario("s", "us", xosc.ParameterDeclarations(), entities, board,
                            xosc.RoadNetwork(roads), xosc.Catalog(), osc_minor_version=1)  # fmt: skip
    (folder / "town.xodr").write_bytes(opendrive(town_block()))
    path = folder / "four cars.xosc"
    written.write_xml(str(path))
    return path


@pytest.mark.slow
def test_everybody_begins_where_the_file_puts_them(tmp_path: Path) -> None:
    found = read_openscenario(scenario(tmp_path))
    setting = replace(found.scene.setting, town=False)  # type: ignore[call-arg]  # no houses: faster
    concrete = resolve(replace(found.scene, setting=setting), 0)
    network = town_block()
    items = {item.name: item for item in concrete.items}
    for name, (_, s, offset, lane, road_id, _) in AT.items():
        road = network.road(road_id)
        inner, outer = lane_borders(road, 0, s)[lane]
        at = points_at(road, s, (inner + outer) / 2 + offset)[0]
        item = items[name.lower().replace(" ", "_")]
        assert np.linalg.norm(np.array(item.position_m[:2]) - at[:2]) < 0.05, name
    speeds = {n: items[n].behaviour.get("speed_mps") for n in ("ego", "oncoming_bus", "bike")}
    assert speeds == {"ego": 8.0, "oncoming_bus": 6.0, "bike": 4.0}
    assert (items["oncoming_bus"].family, items["bike"].family) == ("bus", "cyclist")
    assert found.scene.name == "scenario.four_cars"
    assert concrete.draws["setting.file"] == "town.xodr"


@pytest.mark.parametrize(
    ("old", "new", "words"),
    [
        ('laneId="-1"', 'laneId="-2"', ("line ", "no lane for driving there")),
        ('roadId="1"', 'roadId="100"', ("no such road outside of junctions", "Known: 1, 2")),
        ('s="20.0"', 's="2000"', ("s is 2000", "0..64")),
        ('vehicleCategory="bus"', 'vehicleCategory="buss"', ('Did you mean "bus"?',)),
        ('filepath="town.xodr"', 'filepath="twon.xodr"', ('Did you mean "town.xodr"?',)),
        ('filepath="town.xodr"', 'filepath="$Map"', ("no such parameter is declared",)),
        ('value="8.0"', 'value="fast"', ("must be a finite number",)),
        ("OpenSCENARIO", "OpenScene", ("must be <OpenSCENARIO>",)),
        ('entityRef="Ego"', 'entityRef="Nobody"', ("it is put nowhere",)),
        ('name="bike"', 'name="ego"', ("give each its own name",)),
    ],
)
def test_what_cannot_be_read_is_named(tmp_path: Path, old: str, new: str, words: tuple[str, ...]) -> None:
    path = scenario(tmp_path)
    text = path.read_text()
    assert old in text
    path.write_text(
        text.replace(old, new).replace(
            'entityRef="bike"', 'entityRef="ego"' if new == 'name="ego"' else 'entityRef="bike"'
        )
    )
    with pytest.raises(SpecError) as refused:
        read_openscenario(path)
    for word in words:
        assert word in str(refused.value)


def test_cut_and_scattered_files_are_read_or_refused(tmp_path: Path) -> None:
    path = scenario(tmp_path)
    data, rng = path.read_bytes(), random.Random(0)
    (tmp_path / "town.xodr").write_bytes(opendrive(motorway()))  # small: it is read each time
    for k in range(60):
        broken = bytearray(data)
        if k % 2:
            del broken[rng.randrange(len(broken)) :]
        at = rng.randrange(max(len(broken), 1))
        broken[at : at + 2] = rng.choice((b"<", b'"', b"\x00", b"9", b"-"))
        path.write_bytes(broken)
        with pytest.raises(SpecError):  # its roads are not the motorway's, so none can be whole
            read_openscenario(path)
