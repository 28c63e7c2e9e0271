"""Shards as the webdataset library reads them."""

from __future__ import annotations

import json
import tarfile
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import webdataset as wds

from pairforge.datasets.export import export
from pairforge.datasets.exporters.protocol import ExportError
from pairforge.datasets.reader import Dataset
from pairforge.scenes.taxonomy import CLASSES
from tests.datasets.exporters.check_exporter import check_exporter

Sample = dict[str, Any]


def samples(out: Path, *how: Any) -> list[Sample]:
    shards = sorted(str(p) for p in out.glob("*.tar"))
    return list(wds.WebDataset(shards, shardshuffle=False).decode(*(how or ("rgb8",))))


@pytest.mark.slow
def test_the_library_reads_the_same_arrays_texts_and_classes(table: Path, tmp_path: Path) -> None:
    out = check_exporter("webdataset", table, tmp_path, {"shard_size": "3", "arrays": "depth,instance"})
    dataset, found = Dataset(table), samples(out)
    assert json.loads((out / "sizes.json").read_text()) == {"all-000000.tar": 3, "all-000001.tar": 1}
    assert [s["__key__"] for s in found] == [f"{key}-front" for key in dataset.keys()]  # noqa: SIM118
    for sample in found:
        frame = dataset.frame_by_key(sample["json"]["key"])
        camera = frame.cameras["front"]
        assert (sample["png"] == camera.rgb).all()
        assert (np.asarray(sample["depth.npy"]) == camera.depth).all()
        short = next(c.text for c in frame.captions if c.kind == "short")
        assert sample["txt"] == short
        most = max(camera.boxes, key=lambda b: b.visible_px)
        record = dataset.record(frame.scene_index)
        assert CLASSES[sample["cls"]].name == record.instance(most.instance_id).semantic
        boxes = {b.instance_id: b.visible_box for b in camera.boxes}
        for thing in sample["json"]["objects"]:
            x, y, w, h = thing["bbox"]
            assert boxes[thing["instance_id"]] == (x, y, x + w, y + h)
        assert len(sample["json"]["objects"]) == len(boxes)
        pose = sample["json"]["world_from_camera"]
        assert pose["quaternion_wxyz"] == camera.world_from_camera.quaternion_wxyz.tolist()


@pytest.mark.slow
def test_a_keyframe_is_one_sample_of_all_its_cameras(crowd: Path, tmp_path: Path) -> None:
    out, dataset = check_exporter("webdataset", crowd, tmp_path, {"sample": "keyframe"}), Dataset(crowd)
    found = samples(out)
    assert [p.name for p in sorted(out.glob("*.tar"))] == ["validation-000000.tar"]
    assert len(found) == 2
    for sample in found:
        frame = dataset.frame_by_key(sample["__key__"])
        for slug in ("front", "wide"):
            assert (sample[f"{slug}.png"] == frame.cameras[slug].rgb).all()
        assert [c["sensor"] for c in sample["json"]["cameras"]] == ["front", "wide"]


@pytest.mark.slow
def test_shards_hold_no_clock_and_no_owner_and_jpegs_look_the_same(table: Path, tmp_path: Path) -> None:
    export(table, "webdataset", tmp_path / "out", {"pictures": "jpg", "val_every": "2"})
    assert sorted(p.name for p in (tmp_path / "out").glob("*.tar")) == ["train-000000.tar", "val-000000.tar"]
    with tarfile.open(tmp_path / "out" / "train-000000.tar") as tar:
        assert {(m.mtime, m.uid, m.gid, m.uname) for m in tar} == {(0, 0, 0, "")}
    dataset = Dataset(table)
    for sample in samples(tmp_path / "out"):
        camera = dataset.frame_by_key(sample["json"]["key"]).cameras["front"]
        assert np.abs(sample["jpg"].astype(float) - camera.rgb).mean() < 3.0


@pytest.mark.slow
@pytest.mark.parametrize(
    ("options", "message"),
    [
        ({"shard_size": "0"}, 'shard_size "0" is no whole number'),
        ({"arrays": "depht"}, 'Did you mean "depth"'),
    ],
)
def test_what_cannot_be_is_refused_in_one_line(table: Path, tmp_path: Path, options: Any, message: str):
    with pytest.raises(ExportError, match=message) as caught:
        export(table, "webdataset", tmp_path / "out", options)
    assert "\n" not in str(caught.value)
