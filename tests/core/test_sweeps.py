"""Sensors keep their own time: frames between keyframes, at exact stamps, stored, proved and made again alike."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pairforge.datasets.reader import Dataset
from pairforge.datasets.verify import verify
from pairforge.errors import SpecError
from pairforge.generate import Request, generate
from pairforge.replay import replay
from pairforge.scenes.check import check
from pairforge.scenes.concrete import frame_times_ns
from pairforge.scenes.spec import Camera, Lidar, Scene
from tests.farm.here import Here
from tests.worlds import camera, make_concrete, small_things

SPEC = """
from pairforge.scenes.spec import Camera, Lidar, Prop, Scene

FALL = Scene(
    name="fall",
    props=[Prop(name="ball", shape="sphere", size_m=0.4)],
    sensors=[
        Camera(name="front", look_at="ball", width_px=48, height_px=27, rate_hz=8.0, sweeps=True),
        Lidar(name="mast", beams=8, columns=60, rate_hz=15.0, phase_s=0.01, sweeps=True),
        Lidar(name="slow", beams=4, columns=30, rate_hz=7.0, phase_s=0.1),
    ],
    duration_s=1.0,
    captions=["short"],
)
"""


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sweeps")
    (folder / "fall.py").write_text(SPEC)
    request = Request(f"{folder / 'fall.py'}:FALL", folder / "out", renderer="raycast", quality="draft")
    assert not generate(request, Here()).failed
    return folder / "out"


def test_frames_between_keyframes_stand_at_their_own_times(made: Path) -> None:
    first, second = (Dataset(made).frame(0, k) for k in range(2))
    assert first.sweeps == {}
    assert first.cameras["front"].time_ns == first.time_ns == 1_000_000_000
    assert [c.time_ns for c in second.sweeps["front"]] == [1_125_000_000, 1_250_000_000, 1_375_000_000]
    assert second.cameras["front"].time_ns == second.time_ns == 1_500_000_000
    # Free-running: 1.01 s + j / 15 s, the last one not after the keyframe.
    due = [round(1.01e9) + round(j * 1e9 / 15) for j in range(-1, 8)]
    lidars = [first.lidars["mast"], *second.sweeps["mast"], second.lidars["mast"]]
    assert [x.time_ns for x in lidars] == due
    assert [f.lidars["slow"].time_ns for f in (first, second)] == [957_142_857, 1_385_714_286]
    assert "slow" not in second.sweeps
    assert all(c.boxes == () and c.rgb.any() for c in second.sweeps["front"])


def test_every_frame_is_proved_and_made_again_alike(made: Path) -> None:
    assert verify(made).findings == ()
    again = replay(made, "000000-000001")
    assert again.identical
    assert "000000-000001.mast.s03.points.npy" in again.same


def test_a_forged_sweep_is_caught(made: Path) -> None:
    from pairforge.datasets.measurements import Measurements
    from pairforge.datasets.verify_camera import clock, ids
    from pairforge.datasets.verify_scene_view import SceneView
    from pairforge.datasets.verify_view import FrameView

    dataset = Dataset(made)
    frame, scene = dataset.frame(0, 1), SceneView(dataset, 0, dataset.record(0))
    late = tuple(replace(c, time_ns=c.time_ns + 1) for c in frame.sweeps["front"])
    view = FrameView(scene, replace(frame, sweeps={**frame.sweeps, "front": late}), Measurements())
    assert any("front has frames at" in p.message for p in clock(view))
    other = [replace(c, instance=c.instance + np.uint16(1)) for c in frame.sweeps["front"]]
    view = FrameView(scene, replace(frame, sweeps={"front": tuple(other)}), Measurements())
    (problem, *_) = (p for between in view.between() for p in ids(between))
    assert "front.s01.instance.png" in problem.file


def test_stamps_do_not_drift_within_an_hour() -> None:
    sensor = camera()
    sensor = replace(sensor, settings={**sensor.settings, "rate_hz": 13.0, "phase_s": 0.05, "sweeps": True})
    scene = make_concrete(
        small_things(), sensors=(sensor,), duration_s=3600.0, keyframe_rate_hz=2.0, warm_up_s=1.0
    )
    times = [t for k in range(7000, 7200) for t in frame_times_ns(scene, sensor, k)]
    numbers = (np.array(times) - 1_050_000_000) * 13.0 / 1e9
    assert np.array_equal(np.diff(np.rint(numbers)), np.ones(len(times) - 1))  # none twice, none left out
    assert np.abs(numbers - np.rint(numbers)).max() * 1e9 / 13 <= 0.6


@pytest.mark.parametrize(
    ("sensor", "said"),
    [
        (Camera(name="a", look_at=(0.0, 0.0, 0.0), rate_hz=10.0, phase_s=0.2), "below one period"),
        (Lidar(name="a", rate_hz=1.5, phase_s=0.1), "raise warm_up_s"),
    ],
)
def test_impossible_phases_are_refused(sensor: Camera | Lidar, said: str) -> None:
    with pytest.raises(SpecError, match=said):
        check(Scene(name="a", sensors=[sensor]))
