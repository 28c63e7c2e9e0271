"""Samples a second of our loaders beside plain webdataset: the same shards, the same members decoded, in one run.

``python -m benchmarks.loading DIR`` takes the dataset DIR. Both give batches of torch tensors, stacked by the same
code; runs alternate, and ratios are of the least CPU seconds (of the process and its workers) of several, with those
of wall seconds beside. webdataset is told which members to keep and decodes with its own handlers, but for 16-bit
masks, of which those would make 8-bit colours. Prints Markdown; above 1 means that ours takes less.
"""

from __future__ import annotations

import argparse
import io
import re
import resource
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from time import perf_counter, process_time
from typing import Any

import numpy as np
import torch
import webdataset as wds
from PIL import Image
from torch.utils.data import DataLoader

from benchmarks.measuring import machine
from pairforge.learning.dataset import KeyframeDataset
from pairforge.learning.loader import Loader
from pairforge.learning.sample import Sample
from pairforge.learning.selection import Selection
from pairforge.learning.stream import KeyframeStream

BATCH = 4
Tensors = dict[str, torch.Tensor]


@dataclass(frozen=True)
class Task:
    """What is wanted of each keyframe: members by pattern for webdataset, a selection for us."""

    name: str
    members: str
    select: Selection
    words: bool


def _task(name: str, members: str, arrays: tuple[str, ...] | None, words: bool) -> Task:
    select = Selection(
        arrays=arrays, boxes2d=False, boxes3d=False, captions=False, text="first" if words else ""
    )
    return Task(name, members, select, words)


TASKS = (
    _task("pictures", r"\.rgb\.png", ("rgb",), False),
    _task("pictures and a caption", r"\.rgb\.png|\.json", ("rgb",), True),
    _task("pictures and depth", r"\.rgb\.png|\.depth\.npy", ("rgb", "depth"), False),
    _task("every array", r"\.png|\.npy", None, False),
)


def equal_only(tensors: list[Tensors]) -> Tensors:
    """Stacks what is equal in shape; of what is ragged, the first sample's stands for all."""
    return {
        name: torch.stack([t[name] for t in tensors]) if len({t[name].shape for t in tensors}) == 1 else first
        for name, first in tensors[0].items()
        if isinstance(first, torch.Tensor)
    }


def _tensor(array: np.ndarray[Any, Any]) -> torch.Tensor:
    if array.dtype == np.uint16:
        array = array.astype(np.int32)
    if array.dtype == np.uint32:
        array = array.astype(np.int64)
    return torch.from_numpy(array if array.flags.writeable else array.copy())


def _grey(key: str, data: bytes) -> Any:
    """Masks, which webdataset's own handler would make colours of."""
    if key.endswith(".png") and not key.endswith((".rgb.png", ".albedo.png", ".panoptic.png")):
        return np.array(Image.open(io.BytesIO(data)))
    return None


def _told(sample: dict[str, Any]) -> Tensors:
    found = {k: _tensor(v) for k, v in sample.items() if isinstance(v, np.ndarray)}
    words = sample.get("json")
    if words is not None:
        found["text"] = torch.tensor(len(words["captions"][0]["text"]))
    return found


class Kept:
    """The names of members that are kept."""

    def __init__(self, pattern: str) -> None:
        self._pattern = re.compile(rf"[^.]*(\.[\w-]+)*({pattern})$")

    def __call__(self, name: str) -> bool:
        return not re.search(r"\.s\d\d\.", name) and bool(self._pattern.fullmatch(name))


def theirs(root: Path, task: Task, workers: int) -> Iterator[Any]:
    """Batches by webdataset."""
    shards = sorted(str(p) for p in (root / "shards").glob("*.tar"))
    data = wds.WebDataset(
        shards, shardshuffle=False, select_files=Kept(task.members), empty_check=False,
        workersplitter=wds.split_by_worker,
    )  # fmt: skip
    data = data.decode(_grey, "rgb8").map(_told).batched(BATCH, collation_fn=equal_only)
    return iter(DataLoader(data, batch_size=None, num_workers=workers))


def _as_tensors(samples: Any) -> Tensors:
    return equal_only([_flat(s) for s in samples])


def _flat(sample: Sample) -> Tensors:
    found = {f"{v.sensor}.{k}": a for v in sample.views.values() for k, a in v.arrays.items()}
    if sample.text:
        found["text"] = torch.tensor(len(sample.text))
    return found


def ours(root: Path, task: Task, workers: int, stream: bool = False, shuffle: bool = False) -> Iterator[Any]:
    """Batches by pairforge.learning."""
    data = KeyframeDataset(root, task.select)
    if stream:
        batches = KeyframeStream(data, BATCH, shuffle=shuffle, collate=_as_tensors)  # type: ignore[arg-type]
        return iter(DataLoader(batches, batch_size=None, num_workers=workers))
    return iter(Loader(data, BATCH, shuffle=shuffle, workers=workers, collate=_as_tensors))  # type: ignore[arg-type]


def spent(make: Callable[[], Iterator[Any]]) -> tuple[float, float, int]:
    """(wall seconds, CPU seconds of this process and its workers, batches) of an epoch."""
    before, cpu, wall = resource.getrusage(resource.RUSAGE_CHILDREN), process_time(), perf_counter()
    count = sum(1 for _ in make())
    after = resource.getrusage(resource.RUSAGE_CHILDREN)
    children = after.ru_utime + after.ru_stime - before.ru_utime - before.ru_stime
    return perf_counter() - wall, process_time() - cpu + children, count


def compare(root: Path, task: Task, workers: int, repeats: int) -> str:
    """A row of the table."""
    ways: dict[str, Callable[[], Iterator[Any]]] = {
        "webdataset": lambda: theirs(root, task, workers),
        "Loader": lambda: ours(root, task, workers),
        "shuffled": lambda: ours(root, task, workers, shuffle=True),
        "stream": lambda: ours(root, task, workers, stream=True),
    }
    numbers = {
        name: sum(t.numel() for b in make() for t in b.values())
        for name, make in ways.items()
        if name != "shuffled"
    }
    if (
        not workers and len(set(numbers.values())) > 1
    ):  # workers make other batches, and so what is ragged differs
        raise SystemExit(f"{task.name}: not the same work: {numbers}")
    found: dict[str, list[tuple[float, float, int]]] = {name: [] for name in ways}
    for _ in range(repeats + 1):
        for name, make in ways.items():
            found[name].append(spent(make))
    wall, cpu = ({n: min(r[k] for r in runs[1:]) for n, runs in found.items()} for k in (0, 1))
    samples = len(KeyframeDataset(root, task.select))
    ratios = [
        f"{cpu['webdataset'] / cpu[n]:.2f} ({wall['webdataset'] / wall[n]:.2f})" for n in list(ways)[1:]
    ]
    per = f"{1000 * cpu['webdataset'] / samples:.1f}"
    return f"| {task.name} | {workers} | {per} | {' | '.join(ratios)} |"


def main() -> None:
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("root", type=Path)
    parser.add_argument("--workers", default="0,2")
    parser.add_argument("--repeats", type=int, default=5)
    asked = parser.parse_args()
    torch.set_num_threads(1)
    size = sum(p.stat().st_size for p in (asked.root / "shards").iterdir())
    count = len(KeyframeDataset(asked.root))
    print(f"{machine()}; {count} keyframes of {size / count / 1e6:.1f} MB, batches of {BATCH}.\n")
    print(
        "| members | workers | webdataset: CPU ms a keyframe | Loader | Loader, shuffled | KeyframeStream |"
    )
    print("|---|---|---|---|---|---|")
    for workers in map(int, asked.workers.split(",")):
        for task in TASKS:
            print(compare(asked.root, task, workers, asked.repeats), flush=True)


if __name__ == "__main__":
    main()
