"""Batches hold every row of every sample, whichever way ragged ones are put together."""

from __future__ import annotations

from dataclasses import fields, replace
from pathlib import Path

import pytest
import torch

from pairforge.errors import DatasetError
from pairforge.learning.collate import Collate, Packed, Padded
from pairforge.learning.dataset import KeyframeDataset
from pairforge.learning.selection import Selection
from tests.learning.conftest import CAMERA, LIDAR


@pytest.fixture(scope="module")
def samples(streets: Path) -> list:
    """Three keyframes, their points and boxes cut to differing numbers."""
    made = []
    for i, sample in enumerate(KeyframeDataset(streets)[i] for i in (0, 4, 9)):
        lidar = sample.views[LIDAR]
        cut = replace(lidar, arrays={k: v[: len(v) - 40 * i] for k, v in lidar.arrays.items()})
        boxes = replace(
            sample.boxes, **{f.name: getattr(sample.boxes, f.name)[i:] for f in fields(sample.boxes)}
        )
        made.append(replace(sample, views={**sample.views, LIDAR: cut}, boxes=boxes))
    return made


def rows(ragged: Padded | Packed, b: int) -> torch.Tensor:
    if isinstance(ragged, Packed):
        return ragged.values[ragged.offsets[b] : ragged.offsets[b + 1]]
    assert not ragged.values[~ragged.mask].any()
    return ragged.values[b][ragged.mask[b]]


@pytest.mark.parametrize("ragged", ["pad", "pack"])
def test_every_row_comes_back(samples: list, ragged: str) -> None:
    batch = Collate(ragged)(samples)  # type: ignore[arg-type]
    assert batch.keys == tuple(s.key for s in samples)
    for b, sample in enumerate(samples):
        assert torch.equal(batch[CAMERA, "rgb"][b], sample[CAMERA, "rgb"])
        for name, array in sample.views[LIDAR].arrays.items():
            assert torch.equal(rows(batch[LIDAR, name], b), array)
        for f in fields(sample.boxes):
            assert torch.equal(rows(getattr(batch.boxes, f.name), b), getattr(sample.boxes, f.name))
        own = sample.views[CAMERA]
        assert torch.equal(rows(batch.views[CAMERA].boxes.visible_box, b), own.boxes.visible_box)
        k = own.intrinsics
        assert batch.views[CAMERA].intrinsics[b].tolist() == pytest.approx([k.fx, k.fy, k.cx, k.cy])
        assert batch.captions[b] == sample.captions


def test_points_that_number_the_same_are_ragged_all_the_same(samples: list) -> None:
    assert isinstance(Collate()([samples[0], samples[0]])[LIDAR, "points"], Padded)


def test_a_sample_with_no_rows_takes_none(samples: list) -> None:
    none = replace(
        samples[0].boxes, **{f.name: getattr(samples[0].boxes, f.name)[:0] for f in fields(samples[0].boxes)}
    )
    empty = replace(samples[0], boxes=none)
    assert Collate()([empty, samples[0]]).boxes.centre_m.mask[0].sum() == 0
    assert Collate()([empty]).boxes.centre_m.values.shape == (1, 0, 3)
    assert Collate("pack")([empty, samples[0]]).boxes.centre_m.offsets.tolist()[:2] == [0, 0]


def test_pictures_of_two_sizes_are_named(samples: list) -> None:
    view = samples[1].views[CAMERA]
    small = replace(view, arrays={**view.arrays, "rgb": view.arrays["rgb"][:10]})
    with pytest.raises(DatasetError, match=rf"{CAMERA}.rgb is .* in 000000-000000 and .* in 000002-000000"):
        Collate()([samples[0], replace(samples[1], views={**samples[1].views, CAMERA: small})])


def test_sensors_that_not_all_have_are_named(samples: list) -> None:
    lacking = replace(samples[1], views={CAMERA: samples[1].views[CAMERA]})
    with pytest.raises(DatasetError, match=rf"differ in their sensors: {LIDAR}"):
        Collate()([samples[0], lacking])


def test_batches_of_numpy_samples_are_the_same(streets: Path) -> None:
    select = Selection(arrays=("rgb", "instance"))
    ours = Collate()([KeyframeDataset(streets, select, numpy=True)[0]])
    assert torch.equal(
        ours[CAMERA, "instance"], Collate()([KeyframeDataset(streets, select)[0]])[CAMERA, "instance"]
    )


def test_pinning_and_moving_reach_every_tensor(samples: list, monkeypatch: pytest.MonkeyPatch) -> None:
    batch = Collate()(samples)
    pinned: list[torch.Tensor] = []
    monkeypatch.setattr(torch.Tensor, "pin_memory", lambda t: pinned.append(t) or t.clone())
    again = batch.pin_memory()
    assert torch.equal(again[LIDAR, "points"].values, batch[LIDAR, "points"].values)
    per_view = {v.sensor: len(v.arrays) for v in batch.views.values()}
    ragged = len(batch[LIDAR, "points"].__dataclass_fields__)
    wanted = 1 + 2 * len(fields(batch.boxes))  # times, boxes
    wanted += (
        per_view[CAMERA] + 6 + 2 * len(fields(batch.views[CAMERA].boxes))
    )  # times, 4 of poses, intrinsics
    wanted += ragged * per_view[LIDAR] + 3
    assert len(pinned) == wanted
    half = batch.to("meta")
    assert half[CAMERA, "rgb"].device.type == "meta"
    assert half.boxes.centre_m.mask.device.type == "meta"
