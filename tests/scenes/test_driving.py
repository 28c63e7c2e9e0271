"""The library's driving scenes resolve, are full of traffic, and no camera is blocked by its own car."""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np
import pytest

from pairforge.frames import Pose
from pairforge.scenes.build import build
from pairforge.scenes.concrete import ConcreteScene
from pairforge.scenes.library.driving import AVENUE, STREET, STREET_SIX
from pairforge.scenes.resolve import resolve
from pairforge.scenes.spec import Scene
from pairforge.sensors.labels import intrinsics_of
from pairforge.sensors.pixels import cast_pixels
from pairforge.sensors.ray_engine import RayEngine

SCENES = (STREET, STREET_SIX, AVENUE)


@lru_cache(maxsize=4)
def _street(seed: int) -> ConcreteScene:
    return resolve(STREET_SIX, seed)


def test_names_are_those_of_the_library() -> None:
    assert [scene.name for scene in SCENES] == ["driving.street", "driving.street_six", "driving.avenue"]
    assert [s.name for s in STREET.sensors] == ["CAM_FRONT", "LIDAR_TOP"]
    assert len(STREET_SIX.sensors) == 7


@pytest.mark.slow
@pytest.mark.parametrize("seed", [0, 11])
def test_a_street_has_the_traffic_its_spec_asks_for(seed: int) -> None:
    concrete = _street(seed)
    kinds = [item.behaviour.get("kind") for item in concrete.items]
    assert kinds.count("drive") >= 4
    assert kinds.count("park") >= 7
    assert kinds.count("walk") >= 3
    assert kinds.count("cycle") >= 1
    items = {item.name: item for item in concrete.items}
    gap_m = items["leader"].position_m[0] - items["ego"].position_m[0]
    assert 8.0 < gap_m < 36.0


@pytest.mark.slow
def test_no_camera_of_the_rig_looks_at_its_own_car() -> None:
    concrete = _street(0)
    world = build(concrete)
    engine = RayEngine(world)
    ego = next(i for i in world.instances if i.name == "ego")
    rest = {p.part_id: p.world_from_part for p in world.parts if p.moves}
    for sensor in concrete.sensors:
        if sensor.kind == "camera":
            small = replace(
                sensor,
                settings={
                    k: v / 8 if k in ("fx", "fy", "cx", "cy") else v for k, v in sensor.settings.items()
                }
                | {
                    "width_px": sensor.settings["width_px"] // 8,
                    "height_px": sensor.settings["height_px"] // 8,
                },
            )
            pose = ego.world_from_body @ Pose.of(sensor.position_m, sensor.quaternion_wxyz)
            hits = cast_pixels(engine, intrinsics_of(small), pose, rest)
            own = world.instance_of_part[hits.part] == ego.instance_id
            assert own.mean() < 0.02, sensor.name
            assert np.isfinite(hits.distance).mean() > 0.4, sensor.name


@pytest.mark.slow
def test_the_avenue_resolves_with_four_lanes() -> None:
    concrete = resolve(AVENUE, 2)
    assert len(concrete.lanes) == 4
    headings = {
        item.name: np.sign(np.cos(2 * np.arctan2(item.quaternion_wxyz[3], item.quaternion_wxyz[0])))
        for item in concrete.items
        if item.behaviour.get("kind") == "drive"
    }
    assert {v for k, v in headings.items() if k.startswith("passing")} <= {1.0}
    assert {v for k, v in headings.items() if k.startswith(("meeting", "oncoming"))} == {-1.0}


def test_a_user_writes_what_the_library_writes() -> None:
    quiet: Scene = replace(STREET, name="quiet", actors=[a for a in STREET.actors if a.name == "ego"])
    concrete = resolve(quiet, 3)
    assert [item.name for item in concrete.items if item.behaviour] == ["ego"]
