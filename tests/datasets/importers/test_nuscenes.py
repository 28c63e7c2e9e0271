"""nuScenes exported, then imported: the same drive; and what is wrong with a folder said in one line."""

from __future__ import annotations

import json
import shutil
from pathlib import Path

import numpy as np
import pytest

from pairforge.cli import main
from pairforge.datasets.export import export
from pairforge.datasets.import_log import import_log, scenes_of
from pairforge.datasets.importers.log_file import read_log
from pairforge.datasets.importers.protocol import LogError, LoggedScene
from pairforge.datasets.reader import Dataset
from pairforge.frames import Pose
from pairforge.scenes.load import load_scene
from pairforge.scenes.resolve import resolve

pytestmark = pytest.mark.slow
F32 = 1e-6
"""Relative precision of float32, with a margin."""


@pytest.fixture(scope="module")
def root(surround: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("import") / "nuscenes"
    export(surround, "nuscenes", out, {"boxes": "all"})
    return out


@pytest.fixture(scope="module")
def log(root: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[LoggedScene, Path]:
    out = tmp_path_factory.mktemp("log") / "second"
    import_log("nuscenes", root, "scene-2002", out)
    return read_log(out / "log.json"), out


def test_a_drive_that_was_exported_comes_back_the_same(
    log: tuple[LoggedScene, Path], surround: Path, root: Path
):
    scene, dataset = log[0], Dataset(surround)
    record = dataset.record(1)
    frames = list(dataset.frames(1))
    assert [t - scene.keyframe_times_ns[0] for t in scene.keyframe_times_ns] == [
        f.time_ns - frames[0].time_ns for f in frames
    ]
    shift = json.loads((root / "v1.0-pairforge" / "map.json").read_bytes())[1]["world_offset_m"]
    to_world = Pose.of(np.asarray(scene.origin_m) - shift)
    ego = next(r.instance_id for r in record.instances if r.name == record.ego)
    begin = frames[0].time_ns - scene.keyframe_times_ns[0]
    for time_ns, pose in zip(scene.ego_times_ns, scene.world_from_ego, strict=True):
        ours = record.world_from_body(ego, time_ns + begin)
        assert np.abs((to_world @ pose).matrix - ours.matrix).max() < 1e-4 * 0.2, (
            "half a microsecond of motion"
        )
    ours_by_place = {}
    for frame in frames:
        for box in frame.boxes:
            ours_by_place[(frame.time_ns - begin, tuple(np.round(box.centre_m, 3)))] = box
    met = 0
    for actor in scene.actors:
        for time_ns, pose in zip(actor.times_ns, actor.world_from_box, strict=True):
            placed = to_world @ pose
            box = ours_by_place[(time_ns, tuple(np.round(placed.position_m, 3)))]
            assert placed.position_m == pytest.approx(box.centre_m, rel=F32, abs=F32)
            assert actor.size_m == pytest.approx(box.size_m, rel=F32)
            assert np.abs(placed.rotation - Pose.of((0, 0, 0), box.quaternion_wxyz).rotation).max() < F32
            met += 1
    boxed = {"car", "van", "truck", "bus", "cyclist", "pedestrian", "animal"}
    wanted = [b for f in frames for b in f.boxes if record.instance(b.instance_id).semantic in boxed]
    assert met >= len(wanted) > 30
    told = {row["sensor"]: row for row in dataset.table("calibration", 1).to_pylist()}
    assert {s.name for s in scene.sensors} == {
        n for n, r in told.items() if r["kind"] in ("camera", "lidar", "radar")
    }
    for sensor in scene.sensors:
        row = told[sensor.name]
        own = Pose.of(row["position_m"], row["quaternion_wxyz"])
        assert np.abs(sensor.ego_from_sensor.matrix - own.matrix).max() < F32
        if row["intrinsics"]:
            assert sensor.intrinsics is not None
            for name in ("width_px", "height_px", "fx", "fy", "cx", "cy"):
                assert getattr(sensor.intrinsics, name) == pytest.approx(row["intrinsics"][name], rel=F32)
    assert {s.name: s.rate_hz for s in scene.sensors}["LIDAR_TOP"] == 8.0
    lanes = sorted(float(np.ptp(np.asarray(lane.centre_m)[:, 0])) for lane in scene.lanes)
    assert lanes == pytest.approx(sorted(float(np.ptp(c[:, 0])) for _, _, c in record.lanes), abs=4.0)
    assert scene.drivable


def test_the_imported_scene_has_the_logs_boxes_where_the_log_has_them(log: tuple[LoggedScene, Path]):
    scene, folder = log
    concrete = resolve(load_scene(f"{folder / 'scene.py'}:SCENE").scene, seed=0)
    items = {item.name: item for item in concrete.items}
    assert {a.name for a in scene.actors} <= items.keys()
    cars = [a for a in scene.actors if a.semantic == "car"]
    assert len(cars) > 5
    for actor in cars:
        assert items[actor.name].params["extent_m"] == list(actor.size_m)
    assert concrete.keyframe_times_ns == (1_000_000_000, 1_500_000_000, 2_000_000_000)
    assert {lane.lane_id for lane in concrete.lanes} == set(range(len(scene.lanes)))


def test_importing_twice_gives_the_same_bytes(root: Path, log: tuple[LoggedScene, Path]):
    before = {p.name: p.read_bytes() for p in log[1].iterdir() if p.is_file()}
    assert set(before) == {"log.json", "scene.py"}
    import_log("nuscenes", root, "scene-2002", log[1])
    assert {p.name: p.read_bytes() for p in log[1].iterdir() if p.is_file()} == before


def _small(root: Path, folder: Path) -> Path:
    """The tables and maps alone."""
    for part in ("v1.0-pairforge", "maps/expansion"):
        shutil.copytree(root / part, folder / part)
    return folder


@pytest.mark.parametrize(
    ("file", "damage", "said"),
    [
        ("sample.json", lambda t: t[: len(t) // 2], "is damaged"),
        ("ego_pose.json", lambda t: "{}", "is no table of nuScenes"),
        ("ego_pose.json", lambda t: "[]", "which another table names"),
        ("instance.json", lambda t: "[]", "which another table names"),
        ("sample_annotation.json", lambda t: t.replace('"size"', '"sizes"'), 'a row has no "size"'),
        ("sample_annotation.json", lambda t: t.replace('"size": [', '"size": [null, '), "is not 3 numbers"),
        ("calibrated_sensor.json", lambda t: t.replace('"rotation": [', '"rotation": [7.0, '), "numbers"),
        (
            "../maps/expansion/surround-000000.json",
            lambda t: t.replace('"node"', '"knot"', 1),
            "is no map expansion",
        ),
    ],
)
def test_a_damaged_table_is_one_clear_error(root: Path, tmp_path: Path, file: str, damage, said: str):
    broken = _small(root, tmp_path / "broken")
    path = broken / "v1.0-pairforge" / file
    path.write_text(damage(path.read_text()))
    with pytest.raises(LogError, match=said) as error:
        import_log("nuscenes", broken, "scene-2001", tmp_path / "out")
    assert "\n" not in str(error.value)
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("nuscenes", "{}/nowhere"), "there is no folder"),
        (("nuscenes", "{}"), "holds no tables of nuScenes"),
        (("nuscene", "{}"), 'Did you mean "nuscenes"'),
        (("nuscenes", "{}/n", "--scene", "scene-201", "--out", "{}/o"), 'Did you mean "scene-2001"'),
        (("nuscenes", "{}/n", "--set", "versoin=x"), 'Did you mean "version"'),
        (("nuscenes", "{}/n", "--set", "version=v1.0-pairforg"), 'Did you mean "v1.0-pairforge"'),
        (
            ("nuscenes", "{}/n", "--scene", "scene-2001", "--out", "{}/o", "--scale", "0"),
            "give a number above 0",
        ),
        (("nuscenes", "{}/n", "--scene", "scene-2001", "--out", "{}/n"), "is not empty"),
    ],
)
def test_bad_input_is_one_line_and_exit_code_2(
    root: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str], arguments: tuple[str, ...], said: str
):
    (tmp_path / "n").symlink_to(root, target_is_directory=True)
    with pytest.raises(SystemExit) as stop:
        main(["import", *(a.format(tmp_path) for a in arguments)])
    assert stop.value.code == 2
    told = capsys.readouterr().err
    assert said in told.replace("\n", " ")
    assert "Traceback" not in told


def test_without_a_scene_they_are_named(root: Path, capsys: pytest.CaptureFixture[str]):
    assert scenes_of("nuscenes", root) == ("scene-2001", "scene-2002")
    with pytest.raises(SystemExit):
        main(["import", "nuscenes", str(root)])
    assert "scene-2002" in capsys.readouterr().out
