"""Every keyframe comes once an epoch, over all ranks and from any position, and the same way each time."""

from __future__ import annotations

from collections import Counter

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from pairforge.errors import DatasetError
from pairforge.learning.batches import Batches
from pairforge.learning.order import Order

COUNTS = st.lists(st.integers(0, 9), min_size=1, max_size=8).filter(lambda c: sum(c) > 0).map(tuple)
SEEDS, EPOCHS, WINDOWS = st.integers(0, 2**40), st.integers(0, 5), st.integers(1, 40)


def ranks(counts: tuple[int, ...], world: int, **settings: object) -> list[Order]:
    return [Order(counts, rank=r, world_size=world, **settings) for r in range(world)]  # type: ignore[arg-type]


@given(COUNTS, SEEDS, EPOCHS, WINDOWS, st.integers(1, 5), st.booleans())
def test_keep_gives_every_keyframe_once_and_ranks_differ_by_one_at_most(
    counts, seed, epoch, window, world, shuffle
):
    world = min(world, sum(counts))
    parts = [o.epoch(epoch) for o in ranks(counts, world, seed=seed, shuffle=shuffle, window=window)]
    assert sorted(np.concatenate(parts).tolist()) == list(range(sum(counts)))
    assert max(map(len, parts)) - min(map(len, parts)) <= 1


@given(COUNTS, SEEDS, EPOCHS, st.integers(1, 12))
def test_pad_gives_every_keyframe_and_as_many_to_each_rank(counts, seed, epoch, world):
    parts = [o.epoch(epoch) for o in ranks(counts, world, seed=seed, uneven="pad")]
    seen = Counter(np.concatenate(parts).tolist())
    assert len({len(p) for p in parts}) == 1
    assert set(seen) == set(range(sum(counts)))
    assert sum(seen.values()) - sum(counts) < world


@given(COUNTS, SEEDS, EPOCHS, st.integers(1, 5))
def test_drop_gives_none_twice_and_as_many_to_each_rank(counts, seed, epoch, world):
    world = min(world, sum(counts))
    parts = [o.epoch(epoch) for o in ranks(counts, world, seed=seed, uneven="drop")]
    seen = np.concatenate(parts).tolist()
    assert len({len(p) for p in parts}) == 1
    assert len(set(seen)) == len(seen) > sum(counts) - world


@given(COUNTS, SEEDS, EPOCHS, st.integers(1, 7), st.booleans(), st.data())
def test_batches_from_a_step_are_the_rest_of_the_epoch(counts, seed, epoch, size, drop_last, data):
    order = Order(counts, seed)
    size = min(size, len(order))
    batches = Batches(order, size, drop_last)
    whole = list(batches.epoch(epoch))
    assert len(whole) == len(batches)
    step = data.draw(st.integers(0, len(batches)))
    assert list(batches.epoch(epoch, step)) == whole[step:]
    workers = data.draw(st.integers(1, 4))
    dealt = [list(batches.epoch(epoch, w, workers)) for w in range(workers)]
    assert [dealt[i % workers][i // workers] for i in range(len(whole))] == whole
    assert batches.position(batches.state(epoch, step)) == (
        (epoch, step) if step < len(whole) else (epoch + 1, 0)
    )


def test_epochs_and_seeds_differ_and_repeat():
    counts = (5,) * 20
    rows = [Order(counts, seed).epoch(epoch).tolist() for seed in (0, 1) for epoch in (0, 1)]
    assert len({tuple(r) for r in rows}) == 4
    assert rows[1] == Order(counts, 0).epoch(1).tolist()
    assert rows[0][:4] == [50, 43, 93, 99], "the order is part of what a checkpoint means: it may not change"


def test_without_shuffle_the_order_is_the_datasets():
    assert Order((2, 3), 7, shuffle=False).epoch(3).tolist() == [0, 1, 2, 3, 4]


def test_a_window_spans_few_scenes_and_all_come_in_another_order():
    row = Order((10,) * 50, 1, window=50).epoch(0) // 10
    assert all(len(set(row[a : a + 50].tolist())) == 5 for a in range(0, 500, 50))
    assert row.tolist() != sorted(row.tolist())
    assert len(set(row[:10].tolist())) > 1


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"rank": 2, "world_size": 2}, "ranks are counted from 0"),
        ({"uneven": "dorp"}, 'may be "keep", "drop" or "pad"'),
        ({"window": 0}, "at least 1"),
        ({"world_size": 9, "uneven": "drop"}, "Use fewer ranks"),
    ],
)
def test_settings_that_make_no_order_are_refused(settings, message):
    with pytest.raises(DatasetError, match=message):
        Order((3, 2), **settings)


def test_a_state_of_other_settings_is_refused_with_what_differs():
    state = Batches(Order((3, 2), 1), 2).state(0, 1)
    with pytest.raises(DatasetError, match="batch_size was 2, now 3"):
        Batches(Order((3, 2), 1), 3).position(state)
    with pytest.raises(DatasetError, match="no state of a loader"):
        Batches(Order((3, 2), 1), 2).position({"epoch": 1})
