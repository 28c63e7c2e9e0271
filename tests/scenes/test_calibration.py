"""A calibration error is a named draw: what is sensed keeps the truth, what is told is off by exactly that."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from pairforge.datasets.reader import Dataset
from pairforge.datasets.verify import verify
from pairforge.datasets.verify_calibration import calibration_table
from pairforge.datasets.verify_scene_view import SceneView
from pairforge.frames import rotation
from pairforge.generate import Request, generate
from pairforge.scenes.calibration import CalibrationError
from pairforge.scenes.distributions import Normal, Uniform
from pairforge.scenes.resolve import resolve
from pairforge.scenes.spec import Camera, Prop, Scene
from tests.farm.here import Here

ERROR = CalibrationError(
    rotation_deg=(0.0, 2.0, 0.0), translation_m=(0.1, 0.0, 0.0), focal_share=0.01, time_s=0.004
)
FALL = Scene(
    name="fall",
    props=[Prop(name="ball", shape="sphere", size_m=0.4)],
    sensors=[
        Camera(name="exact", position_m=(-3.0, 0.0, 1.0), width_px=48, height_px=27),
        Camera(name="off", position_m=(-3.0, 0.0, 1.0), width_px=48, height_px=27, calibration_error=ERROR),
    ],
    duration_s=0.5,
    captions=[],
)
SPEC = "from tests.scenes.test_calibration import FALL\n"


def test_what_is_sensed_is_true_and_what_is_told_is_off(tmp_path: Path) -> None:
    (tmp_path / "fall.py").write_text(SPEC)
    request = Request(f"{tmp_path / 'fall.py'}:FALL", tmp_path / "out", renderer="raycast", quality="draft")
    assert not generate(request, Here()).failed
    assert verify(tmp_path / "out").findings == ()
    dataset = Dataset(tmp_path / "out")
    frame = dataset.frame(0, 0)
    np.testing.assert_array_equal(frame.cameras["exact"].depth, frame.cameras["off"].depth)
    exact, off = (
        next(r for r in dataset.table("calibration", 0).to_pylist() if r["sensor"] == n)
        for n in ("exact", "off")
    )
    assert exact["told_position_m"] == exact["position_m"] == off["position_m"]
    assert exact["told_intrinsics"] == exact["intrinsics"]
    # The camera looks along +x: its own x axis (right) is -y in the world.
    np.testing.assert_allclose(off["told_position_m"], [-3.0, -0.1, 1.0], atol=1e-12)
    between = rotation(off["quaternion_wxyz"]).inv() * rotation(off["told_quaternion_wxyz"])
    np.testing.assert_allclose(np.degrees(between.as_rotvec()), [0.0, 2.0, 0.0], atol=1e-9)
    assert off["told_intrinsics"]["fx"] == pytest.approx(off["intrinsics"]["fx"] * 1.01)
    assert off["told_time_ns"] == 4_000_000


def test_a_calibration_draw_moves_no_other() -> None:
    error = CalibrationError(
        rotation_deg=(0.0, 0.0, 0.0), focal_share=Normal(0.0, 0.01), time_s=Uniform(0.0, 0.01)
    )
    scene = replace(FALL, sensors=[replace(FALL.sensors[1], calibration_error=error)])
    base = resolve(scene, 3)
    other = resolve(scene, 3, {"off.calibration_error.focal_share": 0.5})
    changed = {n for n in base.draws if base.draws[n] != other.draws[n]}
    assert changed == {"off.calibration_error.focal_share"}
    assert base.draws["off.calibration_error.time_s"] > 0.0


def test_a_forged_calibration_is_caught(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "fall.py").write_text(SPEC)
    request = Request(f"{tmp_path / 'fall.py'}:FALL", tmp_path / "out", renderer="raycast", quality="draft")
    generate(request, Here())
    dataset = Dataset(tmp_path / "out")
    rows = dataset.table("calibration", 0).to_pylist()

    class Forged:
        def __init__(self, **changes: object) -> None:
            self.rows = [{**r, **changes} if r["sensor"] == "off" else r for r in rows]

        def to_pylist(self) -> list[dict[str, object]]:
            return self.rows

    turned = (Rotation.from_euler("z", 1.0, degrees=True)).as_quat(scalar_first=True).tolist()
    for change, said in (
        ({"told_position_m": [0.0, 0.0, 1.0]}, "told position"),
        ({"told_quaternion_wxyz": turned}, "told rotation"),
        ({"told_time_ns": 0}, "told clock"),
        ({"position_m": [0.0, 0.0, 1.0]}, "extrinsics"),
        ({"mount": "ball"}, "is a camera on ball"),
        ({"told_intrinsics": rows[0]["intrinsics"]}, "told intrinsics"),
    ):
        forged = Forged(**change)
        monkeypatch.setattr(dataset, "table", lambda name, scene, forged=forged: forged)
        scene = SceneView(dataset, 0, Dataset(tmp_path / "out").record(0))
        monkeypatch.setattr(SceneView, "table", lambda self, name: f"tables/{name}")
        assert any(said in p.message for p in calibration_table(scene)), change
