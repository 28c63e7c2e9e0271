"""A sensor that is neither camera nor LiDAR goes the whole way: spec, sensing, store, verify."""

from __future__ import annotations

from pathlib import Path

import numpy as np

from pairforge.datasets.reader import Dataset
from pairforge.datasets.verify import verify
from pairforge.generate import Request, generate
from tests.farm.here import Here

SPEC = """
from pairforge.scenes.spec import Camera, Prop, Scene
from pairforge.sensors.ego_state import EgoState

FALL = Scene(
    name="fall",
    props=[Prop(name="ball", shape="sphere", size_m=0.2)],
    sensors=[
        Camera(name="front", look_at="ball", width_px=48, height_px=27),
        EgoState(name="truth", mount="ball", rate_hz=30.0),
    ],
    duration_s=1.0,
    captions=[],
)
"""


def test_a_reading_is_generated_stored_verified_and_read_back(tmp_path: Path) -> None:
    (tmp_path / "fall.py").write_text(SPEC)
    request = Request(f"{tmp_path / 'fall.py'}:FALL", tmp_path / "out", renderer="raycast", quality="draft")
    assert not generate(request, Here()).failed
    assert verify(tmp_path / "out").findings == ()
    dataset = Dataset(tmp_path / "out")
    first, second = (dataset.frame(0, k).readings["truth"] for k in range(2))
    times = np.concatenate([first.arrays["times_ns"], second.arrays["times_ns"]])
    due = np.rint(np.arange(16, 46) / 30.0 * 1e9).astype(np.int64)
    np.testing.assert_array_equal(
        times, due
    )  # half a second before the first keyframe at 1 s, on to the second
    ball = dataset.record(0).instance_tracks[1]
    for reading in (first, second):
        want = ball.sample(reading.arrays["times_ns"])[0]
        np.testing.assert_allclose(reading.arrays["position_m"], want, atol=1e-12)
