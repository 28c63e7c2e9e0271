from __future__ import annotations

import shutil
from pathlib import Path

import numpy as np
import pytest

from pairforge.datasets.export import export
from pairforge.datasets.import_log import import_log, scenes_of
from pairforge.datasets.importers.kitti import Kitti
from pairforge.datasets.importers.protocol import LogError, LoggedScene
from pairforge.datasets.reader import Dataset
from pairforge.frames import Pose, rotation
from pairforge.scenes.load import load_scene
from pairforge.scenes.resolve import resolve
from tests.datasets.exporters.logged import made

pytestmark = pytest.mark.slow
DRIVE = "2000_01_01_drive_0001"


@pytest.fixture(scope="module")
def drive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A street through KITTI's rig."""
    return made(tmp_path_factory, "KITTI", 1)


@pytest.fixture(scope="module")
def raw(drive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    options = {"layout": "raw", "tilt": "yes"}
    return export(drive, "kitti", tmp_path_factory.mktemp("kitti") / "raw", options).out


@pytest.fixture(scope="module")
def tracking(drive: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return export(drive, "kitti", tmp_path_factory.mktemp("kitti") / "t", {"layout": "tracking"}).out


def read(root: Path, scene: str, **options: str) -> LoggedScene:
    chosen = {name: options.get(name, option.default) for name, option in Kitti.options.items()}
    return Kitti().read(root, scene, chosen)


def angle(one: Pose, other: Pose) -> float:
    return float((rotation(one.quaternion_wxyz).inv() * rotation(other.quaternion_wxyz)).magnitude())


def check_ego_and_sensors(log: LoggedScene, dataset: Dataset, plane_rad: float = 1e-7) -> Pose:
    """Poses and calibration within float32, and the plane within ``plane_rad``; returns ``log_from_world``, a shift
    alone: both look east."""
    record, frames = dataset.record(0), list(dataset.frames(0))
    ego = next(i.instance_id for i in record.instances if i.name == record.ego)
    shift = log.world_from_ego[0].position_m - record.world_from_body(ego, frames[0].time_ns).position_m
    assert [t - log.keyframe_times_ns[0] for t in log.keyframe_times_ns] == [
        f.time_ns - frames[0].time_ns for f in frames
    ]
    for pose, frame in zip(log.world_from_ego, frames, strict=True):
        true = record.world_from_body(ego, frame.time_ns)
        assert pose.position_m == pytest.approx(true.position_m + shift, abs=3e-6 + plane_rad)
        assert angle(pose, true) < plane_rad
    rows = {r["sensor"]: r for r in dataset.table("calibration", 0).to_pylist()}
    assert {s.name for s in log.sensors} == {"velodyne", "oxts_imu", "oxts_gnss"} | {
        f"image_0{k}" for k in range(4)
    }
    for sensor in log.sensors:
        row = rows[sensor.name.replace("image_0", "image_")]
        if sensor.kind != "gnss":
            assert sensor.ego_from_sensor.position_m == pytest.approx(row["position_m"], abs=1e-6)
            assert angle(sensor.ego_from_sensor, Pose.of([0, 0, 0], row["quaternion_wxyz"])) < 1e-6
        if sensor.intrinsics:
            for name in ("width_px", "height_px", "fx", "fy", "cx", "cy"):
                assert getattr(sensor.intrinsics, name) == pytest.approx(row["intrinsics"][name], abs=1e-6)
    return Pose.of(shift)


def check_boxes(
    log: LoggedScene, dataset: Dataset, log_from_world: Pose, within_rad: float, within_m: float = 1e-5
) -> int:
    """Every box of the log is one of the dataset's; returns how many there are."""
    record, tried = dataset.record(0), 0
    for k, frame in enumerate(dataset.frames(0)):
        for actor in log.actors:
            if log.keyframe_times_ns[k] not in actor.times_ns:
                continue
            pose = actor.world_from_box[actor.times_ns.index(log.keyframe_times_ns[k])]
            true = min(
                frame.boxes,
                key=lambda b: np.linalg.norm(log_from_world.points(b.centre_m) - pose.position_m),
            )
            assert pose.position_m == pytest.approx(log_from_world.points(true.centre_m), abs=within_m)
            assert angle(pose, Pose.of(true.centre_m, true.quaternion_wxyz)) < within_rad
            semantic = record.instance(true.instance_id).semantic
            assert actor.semantic == semantic
            if semantic != "pedestrian":
                assert actor.size_m == pytest.approx(true.size_m, rel=1e-6)
            else:
                assert all(a >= b - 1e-6 for a, b in zip(actor.size_m, true.size_m, strict=True))
            tried += 1
    return tried


def test_a_raw_drive_comes_back_as_it_was(drive: Path, raw: Path):
    log, dataset = read(raw, DRIVE), Dataset(drive)
    assert Kitti().scenes(raw, {}) == (DRIVE,)
    log_from_world = check_ego_and_sensors(log, dataset)
    assert check_boxes(log, dataset, log_from_world, 1e-6) >= 20
    assert log.start_ns == 946_728_000_000_000_000 + next(dataset.frames(0)).time_ns


def test_a_tracking_sequence_comes_back_but_for_the_tilt_of_boxes(drive: Path, tracking: Path):
    log, dataset = read(tracking, "0000"), Dataset(drive)
    log_from_world = check_ego_and_sensors(log, dataset)
    assert check_boxes(log, dataset, log_from_world, 0.02) >= 15


def test_degrees_of_the_ellipsoid_come_back_too(drive: Path, tmp_path: Path):
    out = export(drive, "kitti", tmp_path / "raw", {"layout": "raw", "tilt": "yes", "earth": "wgs84"}).out
    log, dataset = read(out, DRIVE, earth="wgs84"), Dataset(drive)
    log_from_world = check_ego_and_sensors(
        log, dataset, 2e-5
    )  # it is level some 50 m away from the world's origin
    assert check_boxes(log, dataset, log_from_world, 2e-5, 1e-3) >= 20


def test_a_world_can_be_made_of_a_drive(raw: Path, tmp_path: Path):
    assert scenes_of("kitti", raw) == (DRIVE,)
    done = import_log("kitti", raw, DRIVE, tmp_path / "world", scale=0.5)
    concrete = resolve(load_scene(done.spec).scene, seed=1)
    assert {"velodyne", "image_02"} <= {s.name for s in concrete.sensors}
    assert done.keyframes == 3
    assert done.actors >= 7


def damaged(raw: Path, tmp_path: Path, name: str, change) -> Path:
    out = tmp_path / "damaged"
    shutil.copytree(raw, out)
    path = out / "2000_01_01" / name
    content = change(path.read_text())
    if content is None:
        path.unlink()
    else:
        path.write_text(content)
    return out


SYNC = f"{DRIVE}_sync"


@pytest.mark.parametrize(
    ("name", "change", "said"),
    [
        ("calib_imu_to_velo.txt", lambda t: None, "cannot be read"),
        ("calib_velo_to_cam.txt", lambda t: t.replace("R:", "Q:"), "has no row R"),
        ("calib_cam_to_cam.txt", lambda t: t.replace("P_rect_02: ", "P_rect_02: nan "), "12 numbers"),
        (f"{SYNC}/oxts/data/0000000001.txt", lambda t: t[:40], "30 numbers"),
        (f"{SYNC}/oxts/timestamps.txt", lambda t: t.replace("2000-", "20x0-"), "line 1 is no time stamp"),
        (f"{SYNC}/oxts/timestamps.txt", lambda t: t + t, "3 packets and 6 time stamps"),
        (f"{SYNC}/tracklet_labels.xml", lambda t: t[:500], "no list of tracklets"),
        (f"{SYNC}/tracklet_labels.xml", lambda t: t.replace("<tx>", "<tx>x"), "6 numbers"),
        (f"{SYNC}/tracklet_labels.xml", lambda t: t.replace("<first_frame>", "<first_frame>9"), "there are 3 frames"),
        (
            f"{SYNC}/tracklet_labels.xml",
            lambda t: t.replace("<!DOCTYPE boost_serialization>", '<!DOCTYPE b [<!ENTITY a "aaaa">]>'),
            "no list of tracklets",
        ),
    ],
)  # fmt: skip
def test_a_damaged_drive_is_said_in_a_line(name: str, change, said: str, raw: Path, tmp_path: Path):
    out = damaged(raw, tmp_path, name, change)
    with pytest.raises(LogError) as error:
        read(out, DRIVE)
    assert said in str(error.value)
    assert "\n" not in str(error.value)


def test_a_folder_of_something_else_and_a_wrong_name_are_refused(raw: Path, tmp_path: Path):
    with pytest.raises(LogError, match="holds neither"):
        scenes_of("kitti", tmp_path)
    with pytest.raises(LogError, match=f'Did you mean "{DRIVE}"'):
        read(raw, DRIVE.replace("0001", "0002"))
    with pytest.raises(LogError, match="3 numbers"):
        read(raw, DRIVE, imu="here")
