"""Logged drives as worlds: exactly where the log says, at the log's own moments, and changeable by named draws."""

from __future__ import annotations

import json
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pairforge.datasets.importers.log_file import log_bytes, read_log
from pairforge.datasets.importers.protocol import LogError, LoggedActor, LoggedScene, LoggedSensor
from pairforge.errors import SpecError
from pairforge.frames import Intrinsics, Pose
from pairforge.scenes.build import build, shape_of
from pairforge.scenes.logged import WARM_UP_S, logged, shape_for
from pairforge.scenes.placement import At
from pairforge.scenes.resolve import resolve
from pairforge.scenes.spec import Actor, Behaviour, Prop, Scene
from pairforge.scenes.world import World
from pairforge.sensors.physics import simulate
from pairforge.sensors.timeline import Timeline

STAMPS_NS = (0, 493_217_001, 1_002_000_777, 1_203_000_001)
"""Off the 10 ms knots, and as unevenly apart as real ones."""


def _drive(x: float, y: float, z: float, speed: float, bend: float) -> tuple[Pose, ...]:
    return tuple(
        Pose.of(
            (x + speed * t * 1e-9, y + bend * (t * 1e-9) ** 2, z), yaw=2 * bend * t * 1e-9 / max(speed, 1.0)
        )
        for t in STAMPS_NS
    )


def _log() -> LoggedScene:
    car = LoggedActor(
        "car_1", "vehicle.car", "car", (4.41, 1.87, 1.52), STAMPS_NS, _drive(14.0, 0.5, 0.76, 6.0, 0.6)
    )
    parked = LoggedActor(
        "car_2",
        "vehicle.car",
        "car",
        (4.9, 1.9, 1.9),
        STAMPS_NS,
        (Pose.of((20.0, -5.0, 0.95), yaw=0.05),) * 4,
    )
    walker = LoggedActor(
        "person_1",
        "human.pedestrian.adult",
        "pedestrian",
        (0.7, 0.7, 1.66),
        STAMPS_NS[1:3],
        _drive(12.0, 4.0, 0.95, 1.2, 0.0)[1:3],
    )
    camera = LoggedSensor(
        "CAM",
        "camera",
        Pose.of((1.7, 0.01, 1.5), (0.4998, -0.5031, 0.4997, -0.4974)),
        Intrinsics(160, 90, 127.0, 126.0, 81.0, 44.0),
        12.0,
    )
    return LoggedScene(
        name="scene 1",
        source="by hand",
        start_ns=1_532_402_927_612_460_000,
        origin_m=(411.0, 1181.0, 0.0),
        ego_times_ns=STAMPS_NS,
        world_from_ego=_drive(0.0, 0.0, 0.0, 8.0, 0.3),
        keyframe_times_ns=STAMPS_NS[:3],
        sensors=(camera, LoggedSensor("TOP", "lidar", Pose.of((0.9, 0.0, 1.8), yaw=-np.pi / 2), None, 20.0)),
        actors=(car, parked, walker),
    )


@pytest.fixture
def path(tmp_path: Path) -> Path:
    (tmp_path / "log.json").write_bytes(log_bytes(_log()))
    return tmp_path / "log.json"


Simulated = tuple[World, Timeline]


@pytest.fixture(scope="module")
def simulated(tmp_path_factory: pytest.TempPathFactory) -> Simulated:
    """The drive, with a ball in the ego's way."""
    file = tmp_path_factory.mktemp("log") / "log.json"
    file.write_bytes(log_bytes(_log()))
    ball = Prop(name="ball", shape="sphere", size_m=0.4, mass_kg=5.0, place=At((4.5, 0.1, 0.0)))
    concrete = resolve(logged(file).plus(ball), seed=3)
    world = build(concrete)
    return world, simulate(world, concrete)


def test_a_log_is_the_same_after_it_was_written_and_read(path: Path):
    assert log_bytes(read_log(path)) == path.read_bytes()


def test_everything_is_exactly_where_the_log_has_it_at_its_own_time_stamps(simulated: Simulated):
    world, timeline, log = *simulated, _log()
    ids = {i.name: i for i in world.instances}
    off_ns = round(WARM_UP_S * 1e9)
    for time_ns, pose in zip(log.ego_times_ns, log.world_from_ego, strict=True):
        got = timeline.world_from_body(ids["ego"].instance_id, time_ns + off_ns)
        assert np.abs(got.matrix - pose.matrix).max() < 1e-12
    for actor in log.actors:
        instance = ids[actor.name]
        if actor.semantic == "car":
            assert instance.size_m == pytest.approx(actor.size_m, abs=1e-12)
        for time_ns, pose in zip(actor.times_ns, actor.world_from_box, strict=True):
            body = timeline.world_from_body(instance.instance_id, time_ns + off_ns)
            centre = body.points(instance.centre_m)
            if actor.semantic == "pedestrian":
                assert centre[:2] == pytest.approx(pose.position_m[:2], abs=1e-9)
                assert instance.size_m[2] == pytest.approx(1.66, rel=0.03)
            else:
                assert centre == pytest.approx(pose.position_m, abs=1e-9)
            assert np.abs(body.rotation - pose.rotation).max() < 1e-9
    assert not ids["car_2"].moves


def test_calibration_with_a_rolled_camera_comes_out_as_it_went_in(path: Path):
    concrete = resolve(logged(path), seed=0)
    for sensor, own in zip(concrete.sensors, _log().sensors, strict=True):
        got = Pose.of(sensor.position_m, sensor.quaternion_wxyz)
        assert np.abs(got.matrix - own.ego_from_sensor.matrix).max() < 1e-12
    camera = concrete.sensors[0].settings
    assert [camera[k] for k in ("width_px", "height_px", "fx", "fy", "cx", "cy")] == [
        160,
        90,
        127,
        126,
        81,
        44,
    ]
    half = resolve(logged(path, scale=0.5), seed=0).sensors[0].settings
    assert [half[k] for k in ("width_px", "height_px", "fx", "fy", "cx", "cy")] == [
        80,
        45,
        63.5,
        63,
        40.5,
        22,
    ]


def test_one_thing_changed_leaves_all_others(path: Path):
    scene = logged(path)
    base, twin = resolve(scene, seed=5), resolve(scene, seed=5, do={"car_1.colour": "red"})
    changed = [a.name for a, b in zip(base.items, twin.items, strict=True) if a != b]
    assert changed == ["car_1"]
    assert {k for k in base.draws if base.draws[k] != twin.draws[k]} == {"car_1.colour"}
    assert base.sky == twin.sky
    assert base.sensors == twin.sensors


def test_trees_stand_clear_of_road_and_boxes_and_can_be_left_out(path: Path):
    trees = [i for i in resolve(logged(path), seed=5).items if i.family == "tree"]
    assert 5 < len(trees) <= 60
    for tree in trees:
        assert abs(tree.position_m[1]) > 5.5 or not -30.0 < tree.position_m[0] < 70.0
        for actor in _log().actors:
            for pose in actor.world_from_box:
                assert np.hypot(*(pose.position_m[:2] - tree.position_m[:2])) > 1.5
    bare = resolve(logged(path), seed=5, do={"setting.tree_spacing_m": 0.0})
    assert not [i for i in bare.items if i.family == "tree"]


def test_another_shape_fills_the_same_box(path: Path):
    for shape in ("suv", "van", "bus"):
        twin = resolve(logged(path), seed=5, do={"car_1.shape": shape})
        item = next(i for i in twin.items if i.name == "car_1")
        assert shape_of(item).size_m == (4.41, 1.87, 1.52)
        body = Pose.of(item.behaviour["track"][1][1:4], item.behaviour["track"][1][4:])
        assert body.points(shape_of(item).centre_m) == pytest.approx(
            _log().actors[0].world_from_box[1].position_m, abs=1e-9
        )


def test_wheels_of_a_replayed_car_roll_without_slipping_and_steer_into_the_bend(simulated: Simulated):
    world, timeline = simulated
    car = next(i for i in world.instances if i.name == "car_1")
    wheel = next(w for w in car.shape.wheels if not w.steered)
    part = next(p for p in car.part_ids if world.part(p).name == f"car_1.{wheel.part}")
    t0, t1 = 1_400_000_000, 1_410_000_000
    a, b = (timeline.world_from_part(part, t) for t in (t0, t1))
    bodies = [timeline.world_from_body(car.instance_id, t) for t in (t0, t1)]
    spun = (bodies[0].inverse @ a).inverse @ (bodies[1].inverse @ b)
    angle = 2 * np.arctan2(np.linalg.norm(spun.quaternion_wxyz[1:]), spun.quaternion_wxyz[0])
    travelled = np.linalg.norm(bodies[1].position_m - bodies[0].position_m)
    assert angle * wheel.radius_m == pytest.approx(travelled, rel=0.02)
    controls = timeline.controls_at(car.instance_id, 2_000_000_000)
    assert controls is not None
    assert controls.steering > 0.0
    assert controls.speed_mps == pytest.approx(6.0, rel=0.1)


def test_what_a_replayed_car_runs_into_is_pushed(simulated: Simulated):
    world, timeline = simulated
    ids = {i.name: i.instance_id for i in world.instances}
    end = int(timeline.times_ns[-1])
    assert timeline.world_from_body(ids["ball"], end).position_m[0] > 5.0
    assert any({c.instance_a, c.instance_b} == {ids["ball"], ids["ego"]} for c in timeline.contacts)
    assert timeline.world_from_body(ids["ego"], end).position_m[2] == 0.0


@pytest.mark.parametrize(
    ("damage", "said"),
    [
        (lambda v: v.pop("ego"), "ego: Field required"),
        (lambda v: v.update(pairforge_log=2), "pairforge_log"),
        (lambda v: v.update(secret=1), "secret: Extra inputs"),
        (lambda v: v["actors"][0].update(size_m=[4.0, 0.0, 1.0]), 'the box of "car_1"'),
        (lambda v: v["actors"][0]["track"].reverse(), 'the times of "car_1" do not rise'),
        (lambda v: v["actors"][1].update(name="car_1"), 'two things are named "car_1"'),
        (lambda v: v["ego"][1].__setitem__(4, 0.5), "not of length 1"),
        (lambda v: v["actors"][0].update(semantic="carr"), 'Did you mean "car"?'),
        (lambda v: v["actors"][0].update(shape="sedann"), 'Did you mean "sedan"?'),
    ],
)
def test_a_damaged_log_is_one_clear_error(path: Path, damage, said: str):
    value = json.loads(path.read_bytes())
    damage(value)
    path.write_text(json.dumps(value))
    with pytest.raises(LogError, match=said.replace("?", r"\?")) as error:
        logged(path)
    assert "\n" not in str(error.value)


def test_a_log_that_is_missing_broken_or_another_is_one_clear_error(path: Path, tmp_path: Path):
    with pytest.raises(LogError, match="cannot be read: No such file"):
        logged(tmp_path / "none.json")
    with pytest.raises(LogError, match="is not the log that was meant"):
        logged(path, sha256="0" * 64)
    path.write_bytes(path.read_bytes()[:-40])
    with pytest.raises(LogError, match="is no log: the file: Invalid JSON"):
        logged(path)


def test_the_nearest_family_is_chosen_by_class_and_size():
    car = _log().actors[0]
    sizes = {(4.1, 1.8, 1.46): "hatchback", (4.8, 1.8, 1.45): "sedan", (4.9, 2.0, 1.95): "minivan"}
    for size, shape in sizes.items():
        assert shape_for(replace(car, size_m=size), "log.json") == shape
    assert shape_for(replace(car, semantic="object"), "log.json") == "box"
    assert shape_for(replace(car, shape="taxi"), "log.json") == "taxi"


def test_replaying_needs_a_replay(path: Path):
    lost = Actor(name="lost", shape="sedan", behaviour=Behaviour(kind="replay"))
    with pytest.raises(SpecError, match='kind "replay" and policy Replay go together'):
        resolve(Scene(name="s", actors=[lost]), seed=0)
