"""The nuScenes export through nuscenes-devkit's own eyes: it loads, renders, projects and evaluates it.

Ground truth evaluated against itself says nothing of conventions, so geometry is held against what the simulator
knows: which instance each pixel and each return is of.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import matplotlib as mpl

mpl.use("Agg")

import numpy as np
import pytest
from matplotlib import pyplot as plt
from nuscenes.can_bus.can_bus_api import NuScenesCanBus
from nuscenes.eval.common.config import config_factory
from nuscenes.eval.detection.evaluate import DetectionEval
from nuscenes.eval.detection.utils import category_to_detection_name
from nuscenes.eval.lidarseg.evaluate import LidarSegEval
from nuscenes.eval.panoptic.evaluate import NuScenesPanopticEval
from nuscenes.map_expansion import map_api
from nuscenes.nuscenes import NuScenes
from nuscenes.utils.data_classes import LidarPointCloud, RadarPointCloud
from nuscenes.utils.data_io import load_bin_file
from nuscenes.utils.geometry_utils import BoxVisibility, points_in_box, view_points
from PIL import Image
from scipy.ndimage import maximum_filter, minimum_filter

from pairforge.datasets.export import export
from pairforge.datasets.exporters.protocol import ExportError
from pairforge.datasets.reader import Dataset
from pairforge.sample import Keyframe, LidarFrame
from tests.datasets.exporters.check_exporter import check_exporter

pytestmark = pytest.mark.slow

EDGE_PX = 2
LATE_NS = 10_000_000
"""What moves is where the picture has it only at the end of the sweep."""


@pytest.fixture(scope="module")
def root(surround: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("nuscenes")
    return check_exporter("nuscenes", surround, folder, {"names": "mini", "images": "png"})


@pytest.fixture(scope="module")
def devkit(root: Path) -> NuScenes:
    return NuScenes("v1.0-mini", str(root), verbose=False)


@pytest.fixture(scope="module")
def dataset(surround: Path) -> Dataset:
    return Dataset(surround)


def _keyframes(devkit: NuScenes, dataset: Dataset) -> Iterator[tuple[int, Keyframe, dict[str, Any]]]:
    """(scene, keyframe of the store, the devkit's sample of it)."""
    for index, scene in enumerate(devkit.scene):
        token = scene["first_sample_token"]
        for frame in dataset.frames(index):
            sample = devkit.get("sample", token)
            yield index, frame, sample
            token = sample["next"]
        assert token == ""


def test_every_channel_is_one_chain_over_keyframes_and_sweeps(devkit: NuScenes, dataset: Dataset):
    frames = list(_keyframes(devkit, dataset))
    for index, frame, sample in frames:
        assert set(sample["data"]) >= {*frame.cameras, *frame.lidars}
        for channel, token in sample["data"].items():
            row = devkit.get("sample_data", token)
            swept = frame.sweeps.get(channel, ())
            for view in reversed(swept):
                row = devkit.get("sample_data", row["prev"])
                assert not row["is_key_frame"]
                assert row["sample_token"] == sample["token"], "a sweep belongs to the keyframe after it"
                start = devkit.get("sample_data", token)["timestamp"]
                assert start - row["timestamp"] == pytest.approx((frame.time_ns - view.time_ns) / 1e3, abs=1)
            if frame.frame_index:
                before = devkit.get("sample_data", row["prev"])
                assert before["token"] == frames[index * 3 + frame.frame_index - 1][2]["data"][channel]
                assert before["next"] == row["token"]
            else:
                assert row["prev"] == ""
    assert sum(not row["is_key_frame"] for row in devkit.sample_data) == sum(
        len(views) for _, frame, _ in frames for views in frame.sweeps.values()
    )


def test_pictures_are_the_stores_own_and_everything_renders(
    devkit: NuScenes, dataset: Dataset, tmp_path: Path
):
    for _, frame, sample in _keyframes(devkit, dataset):
        for name, camera in frame.cameras.items():
            shown = np.asarray(Image.open(devkit.get_sample_data_path(sample["data"][name])))
            assert (shown == camera.rgb).all()
    devkit.list_scenes()
    sample = devkit.sample[1]
    devkit.render_sample(sample["token"], out_path=str(tmp_path / "sample.png"), verbose=False)
    devkit.render_pointcloud_in_image(
        sample["token"],
        pointsensor_channel="LIDAR_TOP",
        camera_channel="CAM_FRONT",
        out_path=str(tmp_path / "points.png"),
        verbose=False,
    )
    devkit.render_sample_data(
        sample["data"]["LIDAR_TOP"], nsweeps=3, out_path=str(tmp_path / "top.png"), verbose=False
    )
    plt.close("all")
    for name in ("sample", "points", "top"):
        assert len(np.unique(np.asarray(Image.open(tmp_path / f"{name}.png")))) > 20


def _moved(dataset: Dataset, index: int, frame: Keyframe, lidar: LidarFrame) -> np.ndarray[Any, Any]:
    """(N,) whether a point's thing has moved since it was hit."""
    still = {r.instance_id for r in dataset.record(index).instances if not r.moves} | {0}
    moves = ~np.isin(lidar.instance, sorted(still))
    return moves & (lidar.times_ns < frame.time_ns - LATE_NS)


def test_points_that_the_devkit_projects_fall_on_the_instance_that_the_mask_says(
    devkit: NuScenes, dataset: Dataset, monkeypatch: pytest.MonkeyPatch
):
    right = wrong = 0
    whole = LidarPointCloud.from_file
    for index, frame, sample in _keyframes(devkit, dataset):
        if frame.frame_index != 1:
            continue
        lidar = frame.lidars["LIDAR_TOP"]
        ids = np.where(_moved(dataset, index, frame, lidar), -1, lidar.instance.astype(np.int64))
        for instance in np.unique(ids[ids >= 0]):
            own = ids == instance
            monkeypatch.setattr(
                LidarPointCloud,
                "from_file",
                staticmethod(lambda file, own=own: LidarPointCloud(whole(file).points[:, own])),
            )
            for name, camera in frame.cameras.items():
                points, depths, _ = devkit.explorer.map_pointcloud_to_image(
                    sample["data"]["LIDAR_TOP"], sample["data"][name]
                )
                u, v = (np.round(points[k]).astype(int) for k in (0, 1))
                mask = camera.instance
                size = 2 * EDGE_PX + 1
                inner = maximum_filter(mask, size) == minimum_filter(mask, size)
                hidden = depths > minimum_filter(camera.depth, size)[v, u] * 1.01 + 0.1
                judged = inner[v, u] & ~hidden
                right += int((mask[v, u][judged] == instance).sum())
                wrong += int((mask[v, u][judged] != instance).sum())
    assert right > 2000
    assert right / (right + wrong) >= 0.999


def test_boxes_hold_the_points_that_hit_their_instance_and_no_others(devkit: NuScenes, dataset: Dataset):
    owned = strange = inside = 0
    for index, frame, sample in _keyframes(devkit, dataset):
        lidar = frame.lidars["LIDAR_TOP"]
        late = ~_moved(dataset, index, frame, lidar)
        names = _instances(devkit, dataset, index, frame, sample)
        path, boxes, _ = devkit.get_sample_data(sample["data"]["LIDAR_TOP"])
        cloud = LidarPointCloud.from_file(path).points[:3]
        for box in boxes:
            hit = lidar.instance == names[box.token]
            grown = points_in_box(box, cloud, wlh_factor=1.1)
            owned += int((hit & late & grown).sum())
            strange += int((hit & late & ~grown).sum())
            box.center[2] += 0.15  # what the ground has under the wheels is not the box's
            within = points_in_box(box, cloud, wlh_factor=0.9)
            inside += int((within & late & ~hit).sum())
            assert devkit.get("sample_annotation", box.token)["num_lidar_pts"] == int(
                points_in_box(
                    devkit.get_sample_data(sample["data"]["LIDAR_TOP"], selected_anntokens=[box.token])[1][0],
                    cloud,
                ).sum()
            )
    assert owned > 500
    assert strange <= owned * 0.001
    assert inside <= owned * 0.002


def _instances(
    devkit: NuScenes, dataset: Dataset, index: int, frame: Keyframe, sample: dict[str, Any]
) -> dict[str, int]:
    """Annotation -> instance of the store, by where their boxes are."""
    offset = np.asarray(devkit.map[index]["world_offset_m"])
    found = {}
    for token in sample["anns"]:
        centre = np.asarray(devkit.get("sample_annotation", token)["translation"]) - offset
        off = [float(np.linalg.norm(centre - box.centre_m)) for box in frame.boxes]
        assert min(off) < 1e-6
        found[token] = frame.boxes[int(np.argmin(off))].instance_id
    return found


def test_projected_boxes_bound_the_masks(devkit: NuScenes, dataset: Dataset):
    judged = 0
    for index, frame, sample in _keyframes(devkit, dataset):
        names = _instances(devkit, dataset, index, frame, sample)
        people = {
            r.instance_id for r in dataset.record(index).instances if r.semantic in ("pedestrian", "cyclist")
        }
        for name, camera in frame.cameras.items():
            _, boxes, k = devkit.get_sample_data(sample["data"][name], box_vis_level=BoxVisibility.ANY)
            for box in boxes:
                rows, columns = np.nonzero(camera.instance == names[box.token])
                if not len(rows) or names[box.token] in people or (box.corners()[2] < 0.5).any():
                    continue
                u, v = view_points(box.corners(), k, normalize=True)[:2]
                assert u.min() - 1.0 <= columns.min()
                assert columns.max() <= u.max() + 1.0
                assert v.min() - 1.0 <= rows.min()
                assert rows.max() <= v.max() + 1.0
                judged += 1
    assert judged > 20


def test_radar_detections_lie_in_the_boxes_of_what_they_are_of(devkit: NuScenes, dataset: Dataset):
    near = mirrored = count = 0
    for index, frame, sample in _keyframes(devkit, dataset):
        names = _instances(devkit, dataset, index, frame, sample)
        for name in (n for n, r in frame.readings.items() if r.kind == "radar"):
            told = frame.readings[name].arrays
            path, boxes, _ = devkit.get_sample_data(sample["data"][name])
            every = {
                "invalid_states": list(range(18)),
                "dynprop_states": list(range(8)),
                "ambig_states": list(range(5)),
            }
            cloud = RadarPointCloud.from_file(path, **every).points
            assert cloud.shape[1] == len(told["range_m"])
            assert pytest.approx(told["velocity_compensated_mps"]) == cloud[8:10].T
            for box in boxes:
                own = (told["instance"] == names[box.token]) & (told["kind"] == 0) & (told["way"] == 0)
                box.wlh += np.array([1.5, 1.5, 20.0])  # noise; a radar of one row tells no height
                near += int((points_in_box(box, cloud[:3]) & own).sum())
                mirrored += int((points_in_box(box, cloud[:3] * [[1.0], [-1.0], [1.0]]) & own).sum())
                count += int(own.sum())
    assert count > 40
    assert near > 0.95 * count
    assert mirrored < 0.5 * count


def _detections(devkit: NuScenes, shift_m: float) -> dict[str, Any]:
    """Our boxes as a submission, shifted sideways."""
    results: dict[str, list[Any]] = {}
    for sample in devkit.sample:
        rows = results.setdefault(sample["token"], [])
        for token in sample["anns"]:
            row = devkit.get("sample_annotation", token)
            name = category_to_detection_name(row["category_name"])
            if name is None or not row["num_lidar_pts"] + row["num_radar_pts"]:
                continue  # the devkit does not judge what nothing hit, but would count it as false
            x, y, z = row["translation"]
            attributes = [devkit.get("attribute", t)["name"] for t in row["attribute_tokens"]]
            rows.append(
                {
                    "sample_token": sample["token"],
                    "translation": [x + shift_m, y, z],
                    "size": row["size"],
                    "rotation": row["rotation"],
                    "velocity": np.nan_to_num(devkit.box_velocity(token)[:2]).tolist(),
                    "detection_name": name,
                    "detection_score": 0.9,
                    "attribute_name": attributes[0] if attributes else "",
                }
            )
    meta = dict.fromkeys(("use_camera", "use_lidar", "use_radar", "use_map", "use_external"), False)
    return {"meta": meta, "results": results}


@pytest.mark.parametrize("split", ["mini_val", "all"])
def test_detection_of_our_boxes_against_themselves_is_perfect_and_a_metre_off_is_not(
    devkit: NuScenes, tmp_path: Path, split: str
):
    scores = {}
    for shift_m in (0.0, 1.0):
        submission = tmp_path / f"{shift_m}.json"
        submission.write_text(json.dumps(_detections(devkit, shift_m)))
        judge = DetectionEval(
            devkit,
            config_factory("detection_cvpr_2019"),
            str(submission),
            split,
            str(tmp_path / "out"),
            verbose=False,
        )
        present = {box.detection_name for box in judge.gt_boxes.all}
        assert present >= {"car", "pedestrian"}
        metrics, _ = judge.evaluate()
        scores[shift_m] = metrics, present
    metrics, present = scores[0.0]
    for name in present:
        assert metrics.mean_dist_aps[name] == pytest.approx(1.0)
        errors = {k: v for k, v in metrics._label_tp_errors[name].items() if np.isfinite(v)}
        assert errors["trans_err"] == pytest.approx(0.0, abs=1e-6)
        assert errors["scale_err"] == pytest.approx(0.0, abs=1e-6)
        assert max(errors.values()) == pytest.approx(0.0, abs=1e-5)
    shifted, _ = scores[1.0]
    assert all(shifted.mean_dist_aps[name] < 0.8 for name in present)
    assert all(shifted._label_tp_errors[name]["trans_err"] > 0.9 for name in present)


def test_labels_of_points_are_those_of_the_store_and_evaluate_to_one(
    devkit: NuScenes, dataset: Dataset, tmp_path: Path
):
    for _, frame, sample in _keyframes(devkit, dataset):
        token = sample["data"]["LIDAR_TOP"]
        fine = load_bin_file(str(Path(devkit.dataroot) / devkit.get("lidarseg", token)["filename"]))
        semantic = frame.lidars["LIDAR_TOP"].semantic
        names = np.array([devkit.lidarseg_idx2name_mapping[k] for k in range(32)])[fine]
        assert set(names[semantic == 1]) == {"flat.driveable_surface"}
        assert set(names[semantic == 7]) == {"static.vegetation"}
        assert set(names[semantic == 10]) <= {"vehicle.car", "vehicle.ego"}
    for folder, swap in (("same", False), ("swapped", True)):
        results = tmp_path / folder
        _labels(devkit, results, swap)
        found = LidarSegEval(devkit, str(results), "mini_val").evaluate()
        assert (found["miou"] == pytest.approx(1.0)) == (not swap)
        assert (found["iou_per_class"]["car"] < 0.5) == swap
        judge = NuScenesPanopticEval(
            devkit, str(results), "mini_val", "segmentation", 1, out_dir=str(results / "out"), verbose=False
        )
        quality = judge.evaluate_segmentation()
        assert (quality["car"]["PQ"] == pytest.approx(1.0)) == (not swap)
        assert (quality["driveable_surface"]["PQ"] == pytest.approx(1.0)) == (not swap)


def _labels(devkit: NuScenes, folder: Path, swap: bool) -> None:
    """Our labels as submissions of both tasks; ``swap``: cars are road, and road is cars."""
    from nuscenes.eval.lidarseg.utils import LidarsegClassMapper

    mapper = LidarsegClassMapper(devkit)
    for task in ("lidarseg", "panoptic"):
        (folder / task / "mini_val").mkdir(parents=True)
    for sample in devkit.sample:
        token = sample["data"]["LIDAR_TOP"]
        paths = {
            t: str(Path(devkit.dataroot) / devkit.get(t, token)["filename"]) for t in ("lidarseg", "panoptic")
        }
        coarse = mapper.convert_label(load_bin_file(paths["lidarseg"]))
        panoptic = load_bin_file(paths["panoptic"], "panoptic")
        assert (panoptic // 1000 == load_bin_file(paths["lidarseg"])).all()
        if swap:
            coarse = np.select([coarse == 4, coarse == 11], [11, 4], coarse)
        answered = np.where(coarse == 0, 1, coarse)  # what is not judged must be answered all the same
        answered.astype(np.uint8).tofile(folder / "lidarseg" / "mini_val" / f"{token}_lidarseg.bin")
        merged = (coarse.astype(np.uint16) * 1000 + panoptic % 1000).astype(np.uint16)
        np.savez_compressed(folder / "panoptic" / "mini_val" / f"{token}_panoptic.npz", data=merged)


def test_the_bus_tells_the_egos_own_motion(devkit: NuScenes, dataset: Dataset, root: Path):
    bus = NuScenesCanBus(str(root))
    poses = {row["timestamp"]: row for row in devkit.ego_pose}
    for index, scene in enumerate(devkit.scene):
        name = scene["name"]
        said = bus.get_messages(name, "pose")
        met = [row for row in said if row["utime"] in poses]
        assert len(met) > 2
        for row in met:
            assert row["pos"] == pytest.approx(poses[row["utime"]]["translation"], abs=1e-6)
            assert row["orientation"] == pytest.approx(poses[row["utime"]]["rotation"], abs=1e-9)
        a, b = said[10], said[11]
        step = np.linalg.norm(np.subtract(b["pos"], a["pos"])) / ((b["utime"] - a["utime"]) * 1e-6)
        assert a["vel"][0] == pytest.approx(step, abs=0.2)
        assert a["accel"][2] == pytest.approx(9.81, abs=1.0)
        speed = dataset.frame(index, 2).controls
        assert speed is not None
        monitor = bus.get_messages(name, "vehicle_monitor")
        assert monitor[-1]["vehicle_speed"] == pytest.approx(3.6 * speed.speed_mps, rel=0.05)
        pulls = [row["linear_accel"][2] for row in bus.get_messages(name, "ms_imu")]
        assert np.abs(np.subtract(pulls, 9.81)).max() < 2.0
        wheel = bus.get_messages(name, "steeranglefeedback")[-1]["value"]
        assert wheel / 15.5 == pytest.approx(speed.steering, abs=0.02)
        assert bus.get_messages(name, "meta")["pose"]["vel"]["count"] == len(said)


def test_maps_say_where_one_drives(
    devkit: NuScenes, dataset: Dataset, root: Path, monkeypatch: pytest.MonkeyPatch
):
    places = [log["location"] for log in devkit.log]
    monkeypatch.setattr(map_api, "locations", places)
    for index, place in enumerate(places):
        record = dataset.record(index)
        offset = np.asarray(devkit.map[index]["world_offset_m"])
        mask = devkit.map[index]["mask"]
        nusc_map = map_api.NuScenesMap(dataroot=str(root), map_name=place)
        lanes = {lane_id: centre[:, :2] + offset[:2] for lane_id, _, centre in record.lanes}
        for line in lanes.values():
            middle = line[len(line) // 2]
            assert mask.is_on_mask(*middle)[0]
            assert nusc_map.layers_on_point(*middle)["drivable_area"] != ""
            token = nusc_map.get_closest_lane(*middle, radius=2)
            points = np.asarray(map_api.discretize_lane(nusc_map.get_arcline_path(token), 1.0))[:, :2]
            off = [min(np.linalg.norm(points - p, axis=1)) for p in line]
            assert max(off) < 1.0
        walkers = [
            b for b in dataset.frame(index, 0).boxes if record.instance(b.instance_id).semantic == "building"
        ]
        assert not walkers
        houses = [r.instance_id for r in record.instances if r.semantic == "building"]
        away = np.array([record.world_from_body(i, 0).position_m[:2] + offset[:2] for i in houses])
        assert not mask.is_on_mask(away[:, 0], away[:, 1]).any()


def test_a_dataset_without_an_ego_is_refused(table: Path, tmp_path: Path):
    with pytest.raises(ExportError, match="has no ego"):
        export(table, "nuscenes", tmp_path / "out")
    assert not (tmp_path / "out").exists()
