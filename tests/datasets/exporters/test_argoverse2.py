from __future__ import annotations

from pathlib import Path
from typing import Any

import numpy as np
import pytest
from scipy import ndimage

from pairforge.datasets.export import export
from pairforge.datasets.exporters.argoverse2 import EPOCH_NS, track_uuid
from pairforge.datasets.exporters.argoverse_map import CELL_M, height_grid
from pairforge.datasets.exporters.protocol import ExportError
from pairforge.datasets.reader import Dataset
from tests import foreign
from tests.datasets.exporters.check_exporter import check_exporter

RING = {
    "ring_front_center": "CAM_FRONT",
    "ring_front_left": "CAM_FRONT_LEFT",
    "ring_front_right": "CAM_FRONT_RIGHT",
    "ring_side_left": "CAM_BACK_LEFT",
    "ring_side_right": "CAM_BACK_RIGHT",
}


@pytest.fixture(scope="module")
def read(surround: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[dict[str, Any], Path]:
    """What av2 said of the export, and the folder with its arrays."""
    folder = tmp_path_factory.mktemp("argoverse2")
    out = check_exporter("argoverse2", surround, folder)
    arrays = folder / "arrays"
    arrays.mkdir()
    script = Path(__file__).parent / "argoverse_reading.py"
    return foreign.run("av2", script, out / "train", arrays), arrays


def sweeps(surround: Path, read: tuple[dict[str, Any], Path]):
    """Record, keyframe, arrays by av2, tracks in order of its cuboids."""
    dataset = Dataset(surround)
    for i in dataset.scenes:
        log = dataset.scene(i).slug
        for frame in dataset.frames(i):
            stamp = EPOCH_NS + frame.time_ns
            yield log, frame, np.load(read[1] / f"{log}-{stamp}.npz"), read[0][log]["tracks"][str(stamp)]


@pytest.mark.slow
def test_av2_reads_equal_points(surround: Path, read: tuple[dict[str, Any], Path]):
    for _, frame, found, _ in sweeps(surround, read):
        sweep = frame.lidars["LIDAR_TOP"]
        still = sweep.instance == 0
        ego = sweep.deskewed + np.array([0.94, 0.0, 1.84])  # as rigs/nuscenes.py has the LiDAR
        assert found["xyz"][still] == pytest.approx(ego[still], abs=0.15)
        assert np.median(np.abs(found["xyz"] - ego)) < 0.02
        assert (found["ring"] == sweep.ring).all()
        assert found["intensity"] == pytest.approx(sweep.intensity * 255, abs=0.51)
        assert (found["offset"] == sweep.times_ns - sweep.time_ns).all()


@pytest.mark.slow
def test_points_by_av2s_camera_fall_on_the_instance_that_the_mask_says(
    surround: Path, read: tuple[dict[str, Any], Path]
):
    counted = wrong = 0
    for _, frame, found, _ in sweeps(surround, read):
        ids = frame.lidars["LIDAR_TOP"].touched
        for ring, ours in RING.items():
            camera, valid = frame.cameras[ours], found[f"valid_{ring}"]
            mask = camera.instance.astype(int)
            u, v = np.round(found[f"uv_{ring}"][valid]).astype(int).T
            inner = (ndimage.maximum_filter(mask, 5) == ndimage.minimum_filter(mask, 5))[v, u]
            counts = inner & (found[f"z_{ring}"][valid] <= camera.depth[v, u] * 1.02 + 0.3)
            counted += counts.sum()
            wrong += (counts & (mask[v, u] != ids[valid])).sum()
    assert counted > 10_000
    assert wrong <= 0.001 * counted


@pytest.mark.slow
def test_av2s_cuboids_hold_what_the_lidar_hit_and_stand_where_the_tracks_are(
    surround: Path, read: tuple[dict[str, Any], Path]
):
    hits = inside = 0
    for log, frame, found, tracks in sweeps(surround, read):
        boxes = {track_uuid(log, b.instance_id): b for b in frame.boxes}
        ids = frame.lidars["LIDAR_TOP"].touched
        for k, track in enumerate(tracks):
            box = boxes[track]
            hit = ids == box.instance_id
            hits += hit.sum()
            inside += (found["held"][k] & hit).sum()
            assert found["centres"][k] == pytest.approx(box.centre_m, abs=1e-5)
            speed = np.hypot(*box.velocity_mps[:2])
            if speed > 2.0:
                assert found["heading"][k][:2] @ box.velocity_mps[:2] > 0.95 * speed
    assert hits > 1000
    assert inside > 0.93 * hits, "noise of 2 cm puts a few out of boxes that fit"


@pytest.mark.slow
def test_av2_colours_points_that_its_seven_cameras_see(surround: Path, read: tuple[dict[str, Any], Path]):
    assert {len(cameras) for cameras in read[0]["cameras"]} == {7}
    for _, frame, found, _ in sweeps(surround, read):
        coloured = found["coloured"].any(axis=1)
        assert coloured.mean() > 0.5
        seen = (
            found["valid_ring_front_center"]
            & ~found["valid_ring_front_left"]
            & ~found["valid_ring_front_right"]
        )
        u, v = np.round(found["uv_ring_front_center"][seen]).astype(int).T
        off = np.abs(found["coloured"][seen].astype(int) - frame.cameras["CAM_FRONT"].rgb[v, u]).mean()
        assert off < 12, "more than JPEG's loss"


@pytest.mark.slow
def test_the_map_has_the_ground_and_the_lanes_under_the_ego(
    surround: Path, read: tuple[dict[str, Any], Path]
):
    dataset = Dataset(surround)
    for i in dataset.scenes:
        told = read[0][dataset.scene(i).slug]
        assert np.abs(told["above_ground_m"]).max() < 0.1
        assert told["on_area"] == 1.0
        assert told["lanes"] == sorted(lane[0] for lane in dataset.record(i).lanes)
        assert told["near"]
        assert told["city"] == "SIM"
        assert told["poses"] > 100


def test_the_grid_of_heights_tells_a_slope():
    x, y = np.meshgrid(np.arange(0, 10, 0.1), np.arange(5, 9, 0.1))
    grid, least = height_grid(np.column_stack([x.ravel(), y.ravel(), 0.1 * x.ravel()]))
    column, row = ((np.array([6.04, 7.0]) - least) / CELL_M).astype(int)
    assert grid[row, column] == pytest.approx(0.604, abs=0.03)
    assert np.isfinite(grid).all()


@pytest.mark.slow
def test_cameras_by_name_and_none_in_place_of_others(surround: Path, tmp_path: Path):
    options = {"cameras": "ring_front_center=CAM_FRONT,stereo_front_left=CAM_FRONT", "fill": "none"}
    out = export(surround, "argoverse2", tmp_path / "out", options).out
    cameras = sorted(p.name for p in (out / "train/surround-000001/sensors/cameras").iterdir())
    assert cameras == ["ring_front_center", "stereo_front_left"]


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "said"),
    [
        ({"cameras": "ring_front_centre=CAM_FRONT"}, 'Did you mean "ring_front_center"'),
        ({"cameras": "ring_front_center=CAM_FORNT"}, 'Did you mean "CAM_FRONT"'),
        ({"cameras": "CAM_FRONT"}, "say NAME=CAMERA"),
        ({"lidar": "LIDAR_TOPP"}, 'Did you mean "LIDAR_TOP"'),
    ],
)
def test_what_does_not_fit_is_said_in_a_line(
    options: dict[str, str], said: str, surround: Path, tmp_path: Path
):
    with pytest.raises(ExportError) as error:
        export(surround, "argoverse2", tmp_path / "out", options)
    assert said in str(error.value)
    assert "\n" not in str(error.value)
