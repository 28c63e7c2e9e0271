"""Exports as Hugging Face's datasets opens them, in a process of its own: it caches, and may hang at exit."""

from __future__ import annotations

import os
import pickle
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from pairforge.datasets.export import export
from pairforge.datasets.exporters.protocol import ExportError
from pairforge.datasets.reader import Dataset
from pairforge.scenes.taxonomy import CLASSES
from tests.datasets.exporters.check_exporter import check_exporter

READ = """
import os, pickle, sys
import numpy as np
from datasets import load_dataset
found = {}
for part, rows in load_dataset(sys.argv[1]).items():
    found[part] = [{k: np.asarray(v) if hasattr(v, "mode") else v for k, v in row.items()} for row in rows]
    assert rows.features["image"].dtype == "PIL.Image.Image"
with open(sys.argv[2], "wb") as file:
    pickle.dump(found, file)
os._exit(0)
"""


def loaded(out: Path, folder: Path) -> dict[str, list[dict[str, Any]]]:
    """Part -> rows, pictures as arrays, as load_dataset gives them."""
    folder.mkdir(exist_ok=True)
    environment = {**os.environ, "HF_HOME": str(folder / "hf"), "HF_HUB_OFFLINE": "1"}
    environment |= {"HF_DATASETS_DISABLE_PROGRESS_BARS": "1"}
    subprocess.run(
        [sys.executable, "-c", READ, str(out), str(folder / "rows")],
        env=environment,
        cwd=folder,  # not here, where "datasets" is ours
        check=True,
        timeout=300,
    )
    found: dict[str, list[dict[str, Any]]] = pickle.loads((folder / "rows").read_bytes())
    return found


@pytest.mark.slow
def test_parquet_loads_with_the_same_pictures_labels_and_words(crowd: Path, tmp_path: Path) -> None:
    out = check_exporter("huggingface", crowd, tmp_path, {"images": "instance,semantic"})
    dataset, found = Dataset(crowd), loaded(out, tmp_path / "read")
    assert list(found) == ["validation"]
    assert [(r["key"], r["sensor"]) for r in found["validation"]] == [
        (key, sensor)
        for key in dataset.keys()  # noqa: SIM118
        for sensor in ("front", "wide")
    ]
    for row in found["validation"]:
        frame = dataset.frame_by_key(row["key"])
        camera, record = frame.cameras[row["sensor"]], dataset.record(frame.scene_index)
        assert (row["image"] == camera.rgb).all()
        assert (row["instance"] == camera.instance).all()
        assert (row["semantic"] == camera.semantic).all()
        assert [c["text"] for c in row["captions"]] == [
            c.text for c in frame.captions if c.sensor == row["sensor"]
        ]
        boxes = {b.instance_id: b.visible_box for b in camera.boxes}
        assert len(row["objects"]) == len(boxes)
        for thing in row["objects"]:
            x, y, w, h = thing["bbox"]
            assert boxes[thing["instance_id"]] == (x, y, x + w, y + h)
            assert CLASSES[thing["category"]].name == record.instance(thing["instance_id"]).semantic
    card = (out / "README.md").read_text()
    assert card.startswith("---\n")
    assert "| `objects` |" in card


@pytest.mark.slow
def test_an_imagefolder_loads_with_its_parts(table: Path, tmp_path: Path) -> None:
    out = check_exporter("huggingface", table, tmp_path, {"layout": "imagefolder", "val_every": "2"})
    dataset, found = Dataset(table), loaded(out, tmp_path / "read")
    assert {part: [r["key"][:6] for r in rows] for part, rows in found.items()} == {
        "train": ["000000"] * 2,
        "validation": ["000001"] * 2,
    }
    for row in (r for rows in found.values() for r in rows):
        frame = dataset.frame_by_key(row["key"])
        assert (row["image"] == frame.cameras["front"].rgb).all()
        assert [c["text"] for c in row["captions"]] == [c.text for c in frame.captions if c.sensor == "front"]
        assert {t["instance_id"] for t in row["objects"]} == {
            b.instance_id for b in frame.cameras["front"].boxes
        }
        assert {t["category"] for t in row["objects"]} <= {c.name for c in CLASSES}


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"images": "depth"}, '"depth" is no label image'),
        ({"images": "instance", "layout": "imagefolder"}, "one picture a row"),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(table: Path, tmp_path: Path, options: Any, message: str):
    with pytest.raises(ExportError, match=message) as caught:
        export(table, "huggingface", tmp_path / "out", options)
    assert "\n" not in str(caught.value)
