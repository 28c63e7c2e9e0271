"""An untouched dataset passes; the corruptions are in test_corruptions.py."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pairforge.datasets.verify import verify


def test_an_untouched_dataset_passes_clean(tiny_dataset: Path) -> None:
    seen: list[str] = []
    report = verify(tiny_dataset, seen.append)
    assert [str(f) for f in report.findings] == []
    assert report.ok
    assert (report.scenes, report.frames) == (2, 6)
    assert seen[-1] == "000001-000002"
    json.dumps(report.to_json())


def test_what_it_measures_is_small(tiny_dataset: Path) -> None:
    measured = verify(tiny_dataset).measured
    assert measured["flow_error_px_p999"] < 1e-3
    assert measured["lidar_to_depth_m_median"] < 1e-3


@pytest.mark.parametrize("name", ["nowhere", "empty"])
def test_what_is_no_dataset_is_reported(tmp_path: Path, name: str) -> None:
    (tmp_path / "empty").mkdir()
    report = verify(tmp_path / name)
    assert not report.ok
    assert "is no pairforge dataset" in report.findings[0].message
