"""A dataset's defects as rows say what its masks and its record say."""

from __future__ import annotations

from pathlib import Path

import pytest

from pairforge.datasets.defects import defect_rows
from pairforge.datasets.reader import Dataset
from pairforge.datasets.verify import verify
from pairforge.generate import Request, generate
from tests.farm.here import Here


@pytest.mark.slow
def test_a_real_dataset_verifies_and_its_rows_follow_its_masks(tmp_path: Path) -> None:
    settings = {"macro.width_px": "480", "macro.height_px": "270", "profiler.columns": "90"}
    request = Request(
        "inspection.plate",
        tmp_path / "out",
        seed=7,
        scenes=3,
        renderer="raycast",
        quality="draft",
        settings=settings,
    )
    assert not generate(request, Here()).failed
    assert verify(tmp_path / "out").findings == ()
    dataset = Dataset(tmp_path / "out")
    rows = list(defect_rows(dataset))
    assert rows
    for row in rows:
        camera = dataset.frame_by_key(row["key"]).cameras[row["sensor"]]
        assert row["visible_px"] == int((camera.part == row["part_id"]).sum())
