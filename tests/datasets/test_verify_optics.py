"""Frames of stereo pairs, rolling shutters and bent rays pass; forged ones, hashes in order, are found out."""

from __future__ import annotations

import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pairforge.datasets.manifest import finish
from pairforge.datasets.reader import Dataset
from pairforge.datasets.store import write_scene
from pairforge.datasets.verify import verify
from pairforge.frames import Pose
from pairforge.pipeline import stage
from pairforge.sample import CameraFrame
from pairforge.scenes.concrete import ConcreteScene
from pairforge.sensors.labels import camera_frame
from tests.datasets.labels_dataset import generated

pytestmark = pytest.mark.slow

SPEC = """
from pairforge.scenes.optics import Shutter
from pairforge.scenes.placement import At
from pairforge.scenes.spec import Camera, Lidar, Prop, Scene
from pairforge.scenes.stereo import stereo

AT = dict(position_m=(-1.2, 0.1, 0.5), pitch_deg=-12.0, width_px=112, height_px=64, rate_hz=24.0)
FALL = Scene(
    name="optics.fall",
    props=[
        Prop(name="ball", shape="sphere", size_m=0.3, colour="red", place=At((0.1, 0.1, 0.9))),
        Prop(name="mug", shape="mug", size_m=0.25, place=At((0.3, -0.27, 0.0))),
        Prop(name="crate", shape="box", size_m=0.35, place=At((0.5, 0.4, 0.5))),
        Prop(name="post", shape="box", size_m=0.4, colour="blue", place=At((-0.3, -0.2, 0.0)), moves=False),
    ],
    sensors=[
        *stereo(Camera(name="eyes", labels=("disparity",), **AT), 0.1),
        Camera(name="rolling", shutter=Shutter(readout_s=0.03, exposure_s=0.004), **AT),
        Camera(name="bent", model="brown_conrady", distortion=(-0.3, 0.1, 0.001, -0.001, -0.01), **AT),
        Camera(name="fish", model="kannala_brandt", distortion=(-0.02, 0.003, 0.0, 0.0), circle_deg=185.0,
               shutter=Shutter(readout_s=0.02), **{**AT, "fov_deg": 180.0}),
        Camera(name="sphere", model="equirectangular", fov_deg=360.0, **AT),
        Lidar(name="top", position_m=(-1.0, 0.0, 0.6), beams=24, columns=360, elevation_deg=(-40.0, 20.0)),
    ],
    duration_s=0.1,
    keyframe_rate_hz=12.0,
    warm_up_s=0.3,
)
"""


@pytest.fixture(scope="module")
def clean(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return generated(tmp_path_factory.mktemp("optics"), SPEC, "FALL")


def test_every_camera_model_and_shutter_is_proved(clean: Path) -> None:
    report = verify(clean)
    assert [str(f) for f in report.findings] == []
    for name, most in {
        "flow_error_px": 1e-3,
        "stereo_disparity_error_px": 0.05,
        "rolling_row_error_m": 1e-4,
        "lidar_to_depth_m": 0.02,
    }.items():
        assert report.measured[f"{name}_p999"] <= most, (name, report.measured[f"{name}_p999"])
    assert report.measured["rolling_row_error_if_all_at_once_m_p999"] > 0.01, (
        "nothing moves, so this shows nothing"
    )


def told_off(
    clean: Path, folder: Path, sensor: str, change: Callable[[CameraFrame], CameraFrame]
) -> set[str]:
    """Which checks find a copy in which one camera's first frame is changed."""
    root = Path(shutil.copytree(clean, folder / "forged"))
    dataset = Dataset(root)
    frames = list(dataset.frames(0))
    cameras = dict(frames[0].cameras)
    cameras[sensor] = change(cameras[sensor])
    frames[0] = replace(frames[0], cameras=cameras)
    write_scene(root, dataset.scene(0).slug, dataset.record(0), frames)
    finish(root)
    return {f.check for f in verify(root).findings}


def test_a_right_depth_of_another_scale_is_found(clean: Path, tmp_path: Path) -> None:
    def change(frame: CameraFrame) -> CameraFrame:
        return replace(frame, depth=frame.depth * np.float32(1.02))

    assert "stereo depth" in told_off(clean, tmp_path, "eyes_right", change)


def test_a_disparity_of_another_baseline_is_found(clean: Path, tmp_path: Path) -> None:
    def change(frame: CameraFrame) -> CameraFrame:
        return replace(frame, extra={"disparity": frame.extra["disparity"] * np.float32(1.01)})

    assert told_off(clean, tmp_path, "eyes_left", change) == {"disparities"}


def test_a_right_eye_out_of_line_is_found(clean: Path, tmp_path: Path) -> None:
    def change(frame: CameraFrame) -> CameraFrame:
        return replace(frame, world_from_camera=frame.world_from_camera @ Pose.of((0.0, 0.01, 0.0)))

    assert "rectified" in told_off(clean, tmp_path, "eyes_right", change)


def test_a_rolling_frame_that_was_cast_all_at_once_is_found(clean: Path, tmp_path: Path) -> None:
    dataset = Dataset(clean)
    ready = stage(ConcreteScene.from_json(dict(dataset.record(0).concrete)), 0)
    sensor = next(s for s in ready.concrete.sensors if s.name == "rolling")
    settings = {k: v for k, v in sensor.settings.items() if k != "shutter"}

    def change(frame: CameraFrame) -> CameraFrame:
        cast = camera_frame(
            ready.engine, ready.timeline, replace(sensor, settings=settings), frame.time_ns, frame.rgb
        )
        return replace(cast, sensor=frame.sensor)

    assert "rolling rows" in told_off(clean, tmp_path, "rolling", change)


@pytest.mark.parametrize("sensor", ["bent", "fish", "sphere", "rolling"])
def test_flow_that_is_off_by_a_tenth_of_a_pixel_is_found(clean: Path, tmp_path: Path, sensor: str) -> None:
    def change(frame: CameraFrame) -> CameraFrame:
        return replace(frame, flow=frame.flow + np.float32(0.1))

    assert "flow" in told_off(clean, tmp_path, sensor, change)


@pytest.mark.parametrize("sensor", ["bent", "fish", "sphere"])
def test_normals_turned_by_ten_degrees_are_found(clean: Path, tmp_path: Path, sensor: str) -> None:
    def change(frame: CameraFrame) -> CameraFrame:
        turn = Pose.of(quaternion_wxyz=(np.cos(0.09), 0.0, np.sin(0.09), 0.0))
        return replace(frame, normal=turn.vectors(frame.normal.astype(np.float64)).astype(np.float16))

    assert "normals" in told_off(clean, tmp_path, sensor, change)


def test_labels_in_pixels_that_see_nothing_are_found(clean: Path, tmp_path: Path) -> None:
    def change(frame: CameraFrame) -> CameraFrame:
        blind = np.argwhere(np.isnan(frame.intrinsics.rays()[..., 0]))
        assert len(blind) > 50
        part, depth = frame.part.copy(), frame.depth.copy()
        part[tuple(blind[0])], depth[tuple(blind[0])] = 1, 2.0
        return replace(frame, part=part, depth=depth)

    assert "ids" in told_off(clean, tmp_path, "fish", change)
