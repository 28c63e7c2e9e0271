"""The library's street in bad weather, end to end: whole datasets that prove clean, and the same bytes twice."""

from __future__ import annotations

from pathlib import Path

import pytest

from pairforge.datasets.manifest import read_manifest
from pairforge.datasets.reader import Dataset
from pairforge.datasets.verify import verify
from pairforge.farm.local import LocalExecutor
from pairforge.farm.protocol import Executor
from pairforge.generate import Request, generate
from tests.farm.here import Here

TINY = {
    "CAM_FRONT.width_px": "128",
    "CAM_FRONT.height_px": "72",
    "LIDAR_TOP.columns": "180",
    "duration_s": "0.5",
}


def made(weather: str, out: Path, executor: Executor) -> Path:
    request = Request(
        "driving.street", out, seed=3, renderer="raycast", settings={"weather": weather, **TINY}
    )
    assert [d.frames for d in generate(request, executor).done] == [1]
    return out


@pytest.mark.slow
@pytest.mark.parametrize(("weather", "said", "air"), [("snow", "snow", True)])
def test_a_street_in_bad_weather_proves_clean(weather: str, said: str, air: bool, tmp_path: Path) -> None:
    dataset = made(weather, tmp_path / "a", Here())
    assert verify(dataset, crosscheck=0).findings == ()
    frame = Dataset(dataset).frame(0, 0)
    assert said in " ".join(c.text for c in frame.captions)
    assert frame.lidars["LIDAR_TOP"].kind.any() == air


@pytest.mark.slow
def test_a_rainy_night_proves_clean_and_is_the_same_bytes_twice(tmp_path: Path) -> None:
    a, b = (made("rainy_night", tmp_path / n, e) for n, e in (("a", Here()), ("b", LocalExecutor(1))))
    assert verify(a, crosscheck=0).findings == ()
    assert list(read_manifest(a).scenes) == list(read_manifest(b).scenes)
    assert Dataset(a).frame(0, 0).lidars["LIDAR_TOP"].kind.any()
