from __future__ import annotations

import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from pairforge.datasets.export import export
from pairforge.datasets.exporters.protocol import ExportError
from pairforge.datasets.reader import Dataset
from tests.datasets.exporters.check_exporter import check_exporter


@pytest.mark.slow
def test_rows_name_the_picture_that_their_caption_is_about(table: Path, tmp_path: Path):
    out = check_exporter("imagetext", table, tmp_path)
    dataset = Dataset(table)
    rows = [json.loads(line) for line in (out / "captions.jsonl").read_text().splitlines()]
    keys = dataset.keys()
    assert len(rows) == sum(len(dataset.frame_by_key(key).captions) for key in keys)
    for row in rows:
        frame = dataset.frame_by_key(row["key"])
        caption = next(c for c in frame.captions if c.text == row["text"])
        assert (np.asarray(Image.open(out / row["image"])) == frame.cameras[caption.sensor].rgb).all()


@pytest.mark.slow
def test_llava_rows_hold_one_picture_and_one_exchange(table: Path, tmp_path: Path):
    export(table, "imagetext", tmp_path / "out", {"layout": "llava"})
    rows = [json.loads(line) for line in (tmp_path / "out" / "captions.jsonl").read_text().splitlines()]
    assert len({row["id"] for row in rows}) == len(rows) > 0
    for row in rows:
        human, answer = row["conversations"]
        assert human["value"].count("<image>") == 1
        assert answer["value"]


@pytest.mark.slow
def test_a_language_that_nothing_is_told_in_is_refused(table: Path, tmp_path: Path):
    with pytest.raises(ExportError, match='"de"'):
        export(table, "imagetext", tmp_path / "out", {"language": "de"})
    assert not (tmp_path / "out").exists()


@pytest.mark.slow
def test_turns_of_one_picture_make_one_conversation(table: Path, tmp_path: Path):
    export(table, "imagetext", tmp_path / "out", {"layout": "llava", "turns": "all"})
    rows = [json.loads(line) for line in (tmp_path / "out" / "captions.jsonl").read_text().splitlines()]
    dataset = Dataset(table)
    assert len(rows) == len(dataset)
    for row in rows:
        told = [c.text for c in dataset.frame_by_key(row["id"].split(".")[0]).captions]
        assert [turn["value"] for turn in row["conversations"][1::2]] == told
        assert sum("<image>" in turn["value"] for turn in row["conversations"]) == 1


@pytest.mark.slow
def test_phrases_lie_in_their_text_and_boxes_on_their_things(table: Path, tmp_path: Path):
    out = check_exporter("imagetext", table, tmp_path, {"layout": "regions"})
    rows = [json.loads(line) for line in (out / "captions.jsonl").read_text().splitlines()]
    dataset = Dataset(table)
    assert len(rows) > 10
    for row in rows:
        assert row["text"][row["start"] : row["end"]] == row["phrase"]
        key, slug = row["image"].removeprefix("images/").split(".")[:2]
        instance = dataset.frame_by_key(key).cameras[slug].instance
        for one, (x, y, w, h) in zip(row["instance_ids"], row["boxes"], strict=True):
            rows_of, columns = np.nonzero(instance == one)
            assert (columns.min(), rows_of.min(), columns.max() + 1, rows_of.max() + 1) == (
                x,
                y,
                x + w,
                y + h,
            )
