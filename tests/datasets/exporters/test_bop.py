"""BOP scenes, read with other code: OpenCV projects the models, trimesh measures how far depth lies from them."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import cv2
import numpy as np
import pytest
import trimesh
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import binary_dilation
from scipy.spatial.distance import pdist

from pairforge.datasets.export import export
from pairforge.datasets.exporters.bop import SCALES_MM, _scale
from pairforge.datasets.exporters.protocol import ExportError
from pairforge.datasets.reader import Dataset
from pairforge.errors import SpecError
from tests.datasets.exporters.check_exporter import check_exporter

Row = dict[str, Any]


def said(path: Path) -> Any:
    return json.loads(path.read_text())


@pytest.fixture(scope="module")
def bop(table: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return check_exporter("bop", table, tmp_path_factory.mktemp("bop"))


def truths(bop: Path) -> list[tuple[Path, str, Row, int, Row, Row]]:
    """Folder, image, camera, number, pose and info of every object in every image."""
    found = []
    for folder in sorted((bop / "train").iterdir()):
        cameras, infos = said(folder / "scene_camera.json"), said(folder / "scene_gt_info.json")
        for image, rows in said(folder / "scene_gt.json").items():
            for n, (row, info) in enumerate(zip(rows, infos[image], strict=True)):
                found.append((folder, image, cameras[image], n, row, info))
    return found


def mask(folder: Path, kind: str, image: str, n: int) -> NDArray[np.bool_]:
    return np.asarray(Image.open(folder / kind / f"{int(image):06d}_{n:06d}.png")) > 0


def model(bop: Path, row: Row) -> trimesh.Trimesh:
    return trimesh.load(bop / "models" / f"obj_{row['obj_id']:06d}.ply", process=False)


@pytest.mark.slow
def test_models_project_onto_their_masks(bop: Path) -> None:
    rows = truths(bop)
    assert len(rows) >= 20
    for folder, image, camera, n, row, info in rows:
        points = np.asarray(model(bop, row).vertices, dtype=np.float64)
        turn, _ = cv2.Rodrigues(np.array(row["cam_R_m2c"]).reshape(3, 3))
        k = np.array(camera["cam_K"]).reshape(3, 3)
        pixels = cv2.projectPoints(points, turn, np.array(row["cam_t_m2c"]), k, None)[0].reshape(-1, 2)
        whole = mask(folder, "mask", image, n)
        column, line = np.rint(pixels).astype(int).T
        inside = (column >= 0) & (column < whole.shape[1]) & (line >= 0) & (line < whole.shape[0])
        assert binary_dilation(whole, np.ones((3, 3)))[line[inside], column[inside]].all()
        x, y, w, h = info["bbox_obj"]
        assert np.abs(np.array([*pixels.min(0), *pixels.max(0)]) - [x, y, x + w - 1, y + h - 1]).max() <= 1.5
        assert not (mask(folder, "mask_visib", image, n) & ~whole).any()


@pytest.mark.slow
def test_depth_lies_on_the_models_and_not_when_poses_are_read_the_wrong_way(bop: Path) -> None:
    off, wrong = [], []
    for folder, image, camera, n, row, _ in truths(bop):
        steps = np.asarray(Image.open(folder / "depth" / f"{int(image):06d}.png"))
        assert steps.dtype in (np.uint16, np.int32)
        line, column = np.nonzero(mask(folder, "mask_visib", image, n))
        some = np.linspace(0, len(line) - 1, min(len(line), 15)).astype(int)
        z = steps[line[some], column[some]] * camera["depth_scale"]
        fx, _, cx, _, fy, cy = camera["cam_K"][:6]
        seen = np.stack([(column[some] - cx) / fx * z, (line[some] - cy) / fy * z, z], axis=1)
        r = np.array(row["cam_R_m2c"]).reshape(3, 3)
        shift = seen - row["cam_t_m2c"]
        mesh = model(bop, row)
        off.append(trimesh.proximity.closest_point_naive(mesh, shift @ r)[1])
        wrong.append(trimesh.proximity.closest_point_naive(mesh, shift @ r.T)[1])
    assert np.concatenate(off).max() < 0.2  # mm; a step of depth is 0.1
    assert np.median(np.concatenate(wrong)) > 5.0


@pytest.mark.slow
def test_counts_are_those_of_the_store(bop: Path, table: Path) -> None:
    dataset = Dataset(table)
    for folder, image, _, n, _, info in truths(bop):
        frame = dataset.frame(int(folder.name), int(image)).cameras["front"]
        visible = mask(folder, "mask_visib", image, n)
        (one,) = np.unique(frame.instance[visible])
        box = next(b for b in frame.boxes if b.instance_id == one)
        assert info["px_count_visib"] == box.visible_px == (frame.instance == one).sum()
        assert abs(int(mask(folder, "mask", image, n).sum()) - box.solo_px) <= 1
        x, y, w, h = info["bbox_visib"]
        assert (x, y, x + w, y + h) == box.visible_box
        assert (info["px_count_all"] > box.solo_px + 1) == (box.truncation > 0.05)
        rgb = np.asarray(Image.open(folder / "rgb" / f"{int(image):06d}.png"))
        assert (rgb == frame.rgb).all()


@pytest.mark.slow
def test_models_are_in_millimetres_about_their_middle(bop: Path) -> None:
    infos = said(bop / "models" / "models_info.json")
    assert len(infos) == len(list((bop / "models").glob("*.ply")))
    for number, info in infos.items():
        points = np.asarray(model(bop, {"obj_id": int(number)}).vertices)
        low, high = points.min(0), points.max(0)
        assert np.allclose(low + high, 0.0, atol=1e-3)
        assert np.allclose(low, [info[f"min_{a}"] for a in "xyz"], atol=1e-3)
        assert np.allclose(high - low, [info[f"size_{a}"] for a in "xyz"], atol=1e-3)
        assert info["diameter"] == pytest.approx(pdist(points).max(), abs=1e-3)
        assert 20.0 < info["diameter"] < 700.0
    targets = said(bop / "train_targets_bop19.json")
    known = {
        (int(f.name), int(i), r["obj_id"]) for f, i, _, _, r, info in truths(bop) if info["visib_fract"] > 0.1
    }
    assert {(t["scene_id"], t["im_id"], t["obj_id"]) for t in targets} == known


@pytest.mark.parametrize(("far_m", "scale"), [(6.5, 0.1), (6.6, 1.0), (70.0, 10.0), (9000.0, 10.0)])
def test_depth_takes_the_finest_step_that_reaches(far_m: float, scale: float) -> None:
    assert scale in SCALES_MM
    assert _scale(np.array([[1.0, far_m, np.inf]], dtype=np.float32)) == scale


@pytest.mark.slow
def test_what_cannot_be_is_refused_in_one_line(crowd: Path, table: Path, tmp_path: Path) -> None:
    with pytest.raises(ExportError, match='camera "wide" is kannala_brandt'):
        export(crowd, "bop", tmp_path / "out")
    with pytest.raises(ExportError, match="nothing here is of class car; there are object, table"):
        export(table, "bop", tmp_path / "out", {"classes": "car"})
    with pytest.raises(SpecError, match='Did you mean "object"'):
        export(table, "bop", tmp_path / "out", {"classes": "objct"})
    assert not (tmp_path / "out").exists()
