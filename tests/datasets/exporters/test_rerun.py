from __future__ import annotations

import io
from pathlib import Path

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image
from scipy.ndimage import maximum_filter, minimum_filter
from scipy.spatial.transform import Rotation

from pairforge.datasets.export import export
from pairforge.datasets.exporters.protocol import ExportError
from pairforge.datasets.reader import Dataset
from tests import foreign
from tests.datasets.exporters.check_exporter import check_exporter

PYTHON = str(foreign.VENVS / "rerun" / "bin" / "python")
READER = Path(__file__).with_name("rerun_reader.py")

Columns = dict[str, NDArray[np.float64]]


@pytest.fixture(scope="module")
def recording(surround: Path, tmp_path_factory: pytest.TempPathFactory) -> Columns:
    """ "ENTITY|COMPONENT|TIME_NS" -> values of scene 0, as Rerun's own reader gives them."""
    folder = tmp_path_factory.mktemp("rerun")

    def contents(out: Path) -> dict[str, str]:
        return {
            p.name: foreign.run("rerun", READER, p, folder / f"{p.stem}.npz")["hash"]
            for p in sorted(out.glob("*.rrd"))
        }

    check_exporter("rerun", surround, folder, {"python": PYTHON}, contents)
    return dict(np.load(folder / "surround-000000.npz"))


def _matrix(found: Columns, path: str, time_ns: int) -> NDArray[np.float64]:
    matrix = np.eye(4)
    matrix[:3, :3] = Rotation.from_quat(found[f"{path}|Transform3D:quaternion|{time_ns}"][0]).as_matrix()
    matrix[:3, 3] = found[f"{path}|Transform3D:translation|{time_ns}"][0]
    return matrix


@pytest.mark.slow
def test_pictures_depth_points_and_samples_come_back_equal(recording: Columns, surround: Path):
    for frame in Dataset(surround).frames(0):
        for name, view in frame.cameras.items():
            at = f"/world/{name}"
            png = recording[f"{at}/image|EncodedImage:blob|{view.time_ns}"].astype(np.uint8).tobytes()
            assert (np.asarray(Image.open(io.BytesIO(png))) == view.rgb).all()
            depth = recording[f"{at}/depth|DepthImage:buffer|{view.time_ns}"].astype(np.uint8).tobytes()
            assert (np.frombuffer(depth, "<f4").reshape(view.depth.shape) == view.depth).all()
        lidar = frame.lidars["LIDAR_TOP"]
        points = recording[f"/world/LIDAR_TOP/points|Points3D:positions|{lidar.time_ns}"]
        assert (points.astype(np.float32) == lidar.deskewed).all()
        imu = frame.readings["IMU"].arrays
        for t, force in zip(imu["times_ns"].tolist(), imu["specific_force_mps2"], strict=True):
            assert (recording[f"/signals/IMU/specific_force_mps2|Scalars:scalars|{t}"] == force).all()
        centres = recording[f"/world/boxes|Boxes3D:centers|{frame.time_ns}"]
        assert np.abs(centres - np.array([b.centre_m for b in frame.boxes])).max() < 1e-5


@pytest.mark.slow
def test_points_carried_by_the_recordings_own_transforms_fall_on_the_masks(
    recording: Columns, surround: Path
):
    right = seen = 0
    for k, frame in enumerate(Dataset(surround).frames(0)):
        t, shape = frame.time_ns, (135, 240)
        points = recording[f"/world/LIDAR_TOP/points|Points3D:positions|{t}"]
        ids = recording[f"/world/LIDAR_TOP/points|Points3D:class_ids|{t}"]
        world = np.c_[points, np.ones(len(points))] @ _matrix(recording, "/world/LIDAR_TOP", t).T
        for camera in ("CAM_FRONT", "CAM_BACK_LEFT"):
            at = f"/world/{camera}"
            mask = recording[f"{at}/instance|SegmentationImage:buffer|{t}"].astype(np.uint8).tobytes()
            depth = recording[f"{at}/depth|DepthImage:buffer|{t}"].astype(np.uint8).tobytes()
            mask_ids, z = (
                np.frombuffer(mask, "<u2").reshape(shape),
                np.frombuffer(depth, "<f4").reshape(shape),
            )
            inside = world @ np.linalg.inv(_matrix(recording, at, t)).T
            matrix = recording[f"{at}|Pinhole:image_from_camera|{t}"].reshape(3, 3).T  # columns first
            ahead = inside[:, 2] > 0.5
            image = inside[ahead, :3] @ matrix.T
            u, v = np.floor(image[:, :2] / image[:, 2:]).astype(int).T
            there = (u >= 0) & (v >= 0) & (u < shape[1]) & (v < shape[0])
            u, v, own, near = u[there], v[there], ids[ahead][there], inside[ahead, 2][there]
            calm = (maximum_filter(mask_ids, 5) == minimum_filter(mask_ids, 5))[v, u]
            calm &= np.abs(near - z[v, u]) < 0.02 * near + 0.2
            seen += int(calm.sum())
            right += int((mask_ids[v, u] == own)[calm].sum())
        assert seen > 1500 * (k + 1)
    assert right / seen > 0.999


def test_a_python_without_rerun_is_refused_in_one_line(surround: Path, tmp_path: Path):
    for python, said in (
        ("", "needs python="),
        ("/nowhere/python", "cannot be run"),
        ("/bin/false", "no rerun-sdk"),
    ):
        with pytest.raises(ExportError, match=said) as caught:
            export(surround, "rerun", tmp_path / "out", {"python": python})
        assert "\n" not in str(caught.value)
        assert "pip install rerun-sdk" in str(caught.value)
    assert not (tmp_path / "out").exists()
