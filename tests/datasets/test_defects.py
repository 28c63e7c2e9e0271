"""A dataset's defects as rows and as COCO annotations say what its masks and its record say."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pairforge.datasets.defects import coco, defect_rows, run_lengths
from pairforge.datasets.reader import Dataset
from pairforge.datasets.verify import verify
from pairforge.farm.local import LocalExecutor
from pairforge.generate import Request, generate


def decoded(counts: list[int], size: list[int]) -> np.ndarray:
    """A mask from run lengths, by the definition of the format."""
    flat = np.zeros(size[0] * size[1], dtype=bool)
    at, on = 0, False
    for n in counts:
        flat[at : at + n] = on
        at, on = at + n, not on
    return flat.reshape(size, order="F")


@pytest.mark.parametrize("fill", [0.0, 0.3, 1.0])
def test_run_lengths_give_the_mask_back(fill: float) -> None:
    mask = np.random.Generator(np.random.PCG64(4)).random((7, 5)) < fill
    rle = run_lengths(mask)
    assert (decoded(rle["counts"], rle["size"]) == mask).all()
    assert sum(rle["counts"]) <= mask.size


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
    assert not generate(request, LocalExecutor(1)).failed
    assert verify(tmp_path / "out").findings == ()
    dataset = Dataset(tmp_path / "out")
    rows = list(defect_rows(dataset))
    assert rows
    for row in rows:
        camera = dataset.frame_by_key(row["key"]).cameras[row["sensor"]]
        assert row["visible_px"] == int((camera.part == row["part_id"]).sum())
    made = coco(dataset)
    assert len(made["images"]) == 3
    assert len(made["annotations"]) == sum(r["visible_px"] > 0 for r in rows)
    for one in made["annotations"]:
        assert decoded(**one["segmentation"]).sum() == one["area"]
