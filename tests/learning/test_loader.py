"""Over workers, ranks and epochs, and resumed anywhere, every keyframe is seen exactly once."""

from __future__ import annotations

import json
import shutil
import socket
import tempfile
from collections import Counter
from multiprocessing import current_process
from pathlib import Path

import fsspec
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import distributed, multiprocessing
from torch.utils.data import DataLoader
from torchdata.stateful_dataloader import StatefulDataLoader

from pairforge.errors import DatasetError
from pairforge.learning.dataset import KeyframeDataset
from pairforge.learning.loader import Loader
from pairforge.learning.selection import Selection
from pairforge.learning.stream import KeyframeStream
from tests.learning.conftest import CAMERA, COUNTS
from tests.learning.server import served

FEW = Selection(arrays=(), captions=False, boxes2d=False, boxes3d=False)
pytestmark = pytest.mark.filterwarnings(
    "ignore:.*set_vital.*", "ignore:.*multi-threaded.*fork:DeprecationWarning"
)


def keys(loader: object) -> list[tuple[str, ...]]:
    return [batch.keys for batch in loader]  # type: ignore[attr-defined]


@pytest.fixture(scope="module")
def few(streets: Path) -> KeyframeDataset:
    return KeyframeDataset(streets, FEW)


def resumed(
    few: KeyframeDataset, size: int, world: int, workers: tuple[int, int], stop: int, seed: int
) -> Counter[str]:
    """What all ranks see of two epochs, each stopped after ``stop`` batches and gone on with by a new loader."""
    seen: Counter[str] = Counter()
    for rank in range(world):
        made = [
            Loader(few, size, seed=seed, uneven="keep", rank=rank, world_size=world, workers=w)
            for w in workers
        ]
        state = made[0].state_dict()
        for n, batch in enumerate(made[0] if stop else (), start=1):
            seen.update(batch.keys)
            state = json.loads(json.dumps(made[0].state_dict()))
            if n == stop:
                break
        made[1].load_state_dict(state)
        while made[1].epoch < 2:
            seen.update(k for batch in made[1] for k in batch.keys)
    return seen


@settings(max_examples=60)
@given(st.integers(1, 11), st.integers(1, 4), st.integers(0, 12), st.integers(0, 9))
def test_two_epochs_resumed_at_any_step_show_each_keyframe_twice(few, size, world, stop, seed):
    seen = resumed(few, size, world, (0, 0), stop, seed)
    assert len(seen) == sum(COUNTS)
    assert set(seen.values()) == {2}


@settings(max_examples=3)
@given(st.integers(1, 4), st.integers(1, 2), st.permutations([0, 1, 2]), st.integers(1, 3))
def test_so_they_do_with_workers_whose_number_changes(few, size, world, workers, stop):
    seen = resumed(few, size, world, (workers[0], workers[1]), stop, 5)
    assert len(seen) == sum(COUNTS)
    assert set(seen.values()) == {2}


def test_workers_tidy_up(few, tmp_path, monkeypatch):
    """The folder of their sockets is ours, who remove it: a loop that is left early ends them without a word."""
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    monkeypatch.delitem(current_process()._config, "tempdir", raising=False)
    batches = iter(Loader(few, 1, workers=2))
    assert len(next(batches)) == 1
    del batches
    assert len([*tmp_path.glob("pymp-*")]) == 1


@pytest.mark.slow
def test_workers_that_are_spawned_or_kept_give_the_same_batches(streets: Path) -> None:
    dataset = KeyframeDataset(streets, Selection(arrays=("rgb",), text="draw"), seed=2)
    alone = [(b.keys, b.text, b[CAMERA, "rgb"]) for b in Loader(dataset, 3)]
    for workers, options in ((1, {"multiprocessing_context": "spawn"}), (2, {"persistent_workers": True})):
        loader = Loader(dataset, 3, workers=workers, **options)
        for ours, (names, text, rgb) in zip(loader, alone, strict=True):
            assert (ours.keys, ours.text) == (names, text)
            assert torch.equal(ours[CAMERA, "rgb"], rgb)
    second = Loader(dataset, 3)
    second.start(1)
    assert keys(loader) == keys(second)


@pytest.mark.parametrize("workers", [0, 2])
def test_a_stream_gives_the_loaders_batches(streets: Path, workers: int) -> None:
    dataset = KeyframeDataset(streets, FEW, seed=4)
    stream = KeyframeStream(dataset, 3, uneven="keep")
    running = DataLoader(stream, batch_size=None, num_workers=workers, persistent_workers=workers > 0)
    wanted = Loader(dataset, 3, uneven="keep")
    for epoch in range(2):
        stream.set_epoch(epoch)
        assert keys(running) == keys(wanted)


@pytest.mark.slow
def test_torchdatas_loader_resumes_a_stream(streets: Path) -> None:
    dataset = KeyframeDataset(streets, FEW, seed=4)
    wanted = keys(Loader(dataset, 2))
    for workers in (0, 2):
        first = StatefulDataLoader(KeyframeStream(dataset, 2), batch_size=None, num_workers=workers)
        batches = iter(first)
        seen = [next(batches).keys for _ in range(3)]
        state = first.state_dict()
        again = StatefulDataLoader(KeyframeStream(dataset, 2), batch_size=None, num_workers=workers)
        again.load_state_dict(state)
        assert seen + keys(again) == wanted


def test_a_loader_goes_on_where_a_loop_was_left(streets: Path) -> None:
    loader = Loader(KeyframeDataset(streets, FEW), 3)
    first = next(iter(loader)).keys
    assert (loader.epoch, loader.step, len(loader)) == (0, 1, 4)
    rest = keys(loader)
    assert len(rest) == 3
    assert (loader.epoch, loader.step) == (1, 0)
    loader.start(0)
    assert keys(loader) == [first, *rest]


def test_a_remote_dataset_is_read_by_workers_while_the_parent_has_it_open(streets: Path) -> None:
    memory = fsspec.filesystem("memory")
    memory.put(str(streets), "/forked", recursive=True)
    select = Selection(arrays=("rgb",), boxes2d=False, captions=False)
    local = {s.key: s[CAMERA, "rgb"] for s in (KeyframeDataset(streets, select)[i] for i in range(10))}
    with served(streets) as (url, _):
        for root in ("memory://forked", url):
            dataset = KeyframeDataset(root, select)
            dataset[0]
            for batch in Loader(dataset, 4, workers=1, uneven="keep"):
                for key, rgb in zip(batch.keys, batch[CAMERA, "rgb"], strict=True):
                    assert torch.equal(rgb, local[key])
    memory.rm("/forked", recursive=True)


def test_what_is_damaged_is_skipped_and_counted_over_workers(streets: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(streets, tmp_path / "dataset"))
    for i in (1, 3):
        (root / f"shards/tiny-street-{i:06d}.tar").write_bytes(b"")
    select = Selection(arrays=("rgb",))
    for workers in (0, 1):
        loader = Loader(KeyframeDataset(root, select, on_error="skip"), 1, workers=workers)
        assert sorted(k for b in loader for k in b.keys) == [
            f"{i:06d}-{k:06d}" for i in (0, 2) for k in range(COUNTS[i])
        ]
        assert loader.skipped == COUNTS[1] + COUNTS[3]
        assert (loader.epoch, loader.step) == (1, 0)
    with pytest.raises(DatasetError, match=r"tiny-street-00000[13]\.tar"):
        keys(Loader(KeyframeDataset(root, select), 4))


def _train(rank: int, world: int, port: int, root: str, out: str) -> None:
    """One of several processes: a linear model, gradients averaged, the keys that it saw written down."""
    address = f"tcp://127.0.0.1:{port}"
    distributed.init_process_group("gloo", init_method=address, rank=rank, world_size=world)
    torch.manual_seed(0)
    model = torch.nn.parallel.DistributedDataParallel(torch.nn.Linear(3, 1))
    optimiser = torch.optim.SGD(model.parameters(), 1e-3)
    loader = Loader(KeyframeDataset(root, Selection(arrays=("rgb",), text="first"), seed=1), 2)
    seen = []
    for _ in range(2):
        for batch in loader:
            optimiser.zero_grad()
            model(batch[CAMERA, "rgb"].float().mean((1, 2)) / 255).pow(2).mean().backward()
            optimiser.step()
            seen.append(list(batch.keys))
    weight = model.module.weight.detach().tolist()
    Path(out, f"{rank}.json").write_text(json.dumps({"seen": seen, "weight": weight, "len": len(loader)}))
    distributed.destroy_process_group()


@pytest.mark.slow
def test_two_processes_train_together_and_share_the_keyframes(streets: Path, tmp_path: Path) -> None:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    multiprocessing.spawn(_train, (2, port, str(streets), str(tmp_path)), nprocs=2)
    told = [json.loads((tmp_path / f"{r}.json").read_text()) for r in range(2)]
    assert told[0]["weight"] == told[1]["weight"]
    assert len(told[0]["seen"]) == len(told[1]["seen"]) == 2 * told[0]["len"]
    for epoch in range(2):
        steps = slice(epoch * told[0]["len"], (epoch + 1) * told[0]["len"])
        seen = [k for t in told for batch in t["seen"][steps] for k in batch]
        assert sorted(seen) == sorted({*seen})
        assert len(seen) == sum(COUNTS)
