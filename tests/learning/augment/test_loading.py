"""Augmentation within a real loader: the same from any number of workers, and what the augmented clip holds."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pytest

from pairforge.learning.augment.crop import RandomCrop
from pairforge.learning.augment.flip import RandomFlip
from pairforge.learning.augment.protocol import Augment
from pairforge.learning.augment.samples import Synchronized
from pairforge.learning.augment.scale import Resize
from pairforge.learning.collate import Batch
from pairforge.learning.convert import sample_of
from pairforge.learning.dataset import KeyframeDataset
from pairforge.learning.loader import Loader
from pairforge.learning.selection import Selection
from pairforge.seeding import Stream

SEED = 5
SELECT = Selection(arrays=("rgb", "depth"), text="draw", facts=True)
RANDOM = (RandomFlip(0.5), RandomCrop((0.7, 0.9)), Resize(48, 36))
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*set_vital.*", "ignore:.*multi-threaded.*fork:DeprecationWarning"
)


def dataset(root: Path, numpy: bool = False) -> KeyframeDataset:
    return KeyframeDataset(root, SELECT, seed=SEED, transform=Synchronized(root, RANDOM), numpy=numpy)


def epochs(root: Path, workers: int) -> list[Batch]:
    loader = Loader(dataset(root), 2, workers=workers)
    return [batch for _ in range(2) for batch in loader]


def test_any_number_of_workers_gives_the_same_pictures_and_words_and_another_epoch_others(
    sides: Path,
) -> None:
    alone, shared = epochs(sides, 0), epochs(sides, 2)
    assert len(alone) == len(shared) == 4
    for a, b in zip(alone, shared, strict=True):
        assert (a.keys, a.text, a.captions, a.facts) == (b.keys, b.text, b.captions, b.facts)
        for place in (("cam_left", "rgb"), ("cam_right", "depth")):
            assert a[place].shape[1:3] == (36, 48)
            assert a[place].equal(b[place])
    by_epoch = [
        {k: p for b in part for k, p in zip(b.keys, b["cam_left", "rgb"], strict=True)}
        for part in (alone[:2], alone[2:])
    ]
    assert by_epoch[0].keys() == by_epoch[1].keys()
    assert not any(by_epoch[0][k].equal(by_epoch[1][k]) for k in by_epoch[0])


def test_a_loaded_sample_is_the_augmented_clip_as_a_sample(sides: Path) -> None:
    loaded, hook = dataset(sides, numpy=True), Synchronized(sides, RANDOM)
    for place in range(len(loaded)):
        sample = loaded[(1, place)]
        stream = Stream(SEED) / "transform" / 1 / sample.key
        after = Augment(RANDOM)(hook.clip(sample), stream)
        other = sample_of(after.frame, after.record, SELECT, sample.text)
        assert sample.captions == other.captions
        assert sample.facts == other.facts
        assert sample.text in {c.text for c in other.captions}
        assert sample.views.keys() == other.views.keys()
        for name, view in sample.views.items():
            assert view.intrinsics == other.views[name].intrinsics
            assert np.array_equal(view.position_m, other.views[name].position_m)
            for array in ("rgb", "depth"):
                assert np.array_equal(view.arrays[array], other.views[name].arrays[array])
            for column, values in vars(view.boxes).items():
                assert np.array_equal(values, getattr(other.views[name].boxes, column))
        for column, values in vars(sample.boxes).items():
            assert np.array_equal(values, getattr(other.boxes, column))
