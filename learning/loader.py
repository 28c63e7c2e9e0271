"""Batches for a training loop: over workers and ranks, in an order that can be resumed at any step."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from multiprocessing.util import get_temp_dir
from typing import Any

import torch
from torch.utils.data import DataLoader

from pairforge.learning.batches import Batches
from pairforge.learning.collate import Batch, Collate
from pairforge.learning.dataset import KeyframeDataset
from pairforge.learning.order import Order, Uneven
from pairforge.learning.sample import Sample


class Loader:
    """Iterating gives the batches of ``epoch`` from ``step`` on; afterwards ``epoch`` is the next one and ``step`` 0.

    The position moves as batches are handed out, so that ``state_dict`` taken after step n resumes at step n + 1,
    whatever the workers have read ahead, and with another number of workers too. A loop that was left early goes on
    where it stopped; ``start`` moves the position. Rank and world size are torch.distributed's when that runs.

    ``uneven``: see ``Order``; the default pads, so that ranks never wait for one that has no more. Further arguments
    are those of ``torch.utils.data.DataLoader`` (``pin_memory``, ``prefetch_factor``, ``persistent_workers``,
    ``multiprocessing_context``, …). ``skipped`` counts samples that were left out because they are damaged; a batch
    of which none is left is not handed out.

    >>> loader = Loader(KeyframeDataset("out/driving"), batch_size=8, workers=2)  # doctest: +SKIP
    >>> for batch in loader: ...  # doctest: +SKIP
    """

    def __init__(
        self,
        dataset: KeyframeDataset,
        batch_size: int,
        *,
        seed: int | None = None,
        shuffle: bool = True,
        window: int = 4096,
        uneven: Uneven = "pad",
        drop_last: bool = False,
        workers: int = 0,
        collate: Callable[[Sequence[Sample]], Batch] | None = None,
        rank: int | None = None,
        world_size: int | None = None,
        **options: Any,
    ) -> None:
        found, ranks = ranked(rank, world_size)
        order = Order(
            dataset.index.counts,
            dataset.seed if seed is None else seed,
            shuffle,
            window,
            found,
            ranks,
            uneven,
        )
        self._batches = Batches(order, batch_size, drop_last)
        self.epoch, self.step, self.skipped = 0, 0, 0
        if workers:
            # Workers share the folder of their sockets with us, who remove it; one of its own each leaves behind.
            get_temp_dir()
        self._loader = DataLoader(
            dataset,
            batch_sampler=_Remaining(self),
            num_workers=workers,
            collate_fn=_Counted(collate or Collate()),
            **options,
        )

    def __len__(self) -> int:
        """Batches in a whole epoch."""
        return len(self._batches)

    def start(self, epoch: int, step: int = 0) -> None:
        """Go to a step of an epoch."""
        self.epoch, self.step = self._batches.position(self._batches.state(epoch, step))

    def __iter__(self) -> Iterator[Batch]:
        for skipped, batch in self._loader:
            self.step += 1
            self.skipped += len(skipped)
            if self.step == len(self):
                self.epoch, self.step = self.epoch + 1, 0
            if batch is not None:
                yield batch

    def state_dict(self) -> dict[str, Any]:
        """The position as plain numbers; the same on every rank."""
        return self._batches.state(self.epoch, self.step)

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go to where a state was taken; DatasetError when it is of a loader with other settings."""
        self.epoch, self.step = self._batches.position(state)

    def remaining(self) -> Iterator[list[tuple[int, int]]]:
        """The batches still to come in this epoch, as places."""
        return self._batches.epoch(self.epoch, self.step)


class _Remaining:
    """What torch's loader asks for batches: it may run ahead of what has been handed out."""

    def __init__(self, loader: Loader) -> None:
        self._loader = loader

    def __iter__(self) -> Iterator[list[tuple[int, int]]]:
        return self._loader.remaining()

    def __len__(self) -> int:
        return len(self._loader) - self._loader.step


class _Counted:
    """A ``collate_fn`` that also says what was skipped, and gives None where nothing is left."""

    def __init__(self, collate: Callable[[Sequence[Sample]], Batch]) -> None:
        self._collate = collate

    def __call__(self, samples: Sequence[Sample]) -> tuple[tuple[str, ...], Batch | None]:
        skipped = tuple(getattr(samples, "skipped", ()))
        return skipped, self._collate(samples) if samples else None


def ranked(rank: int | None = None, world_size: int | None = None) -> tuple[int, int]:
    """(rank, world size): as given, else torch.distributed's when it is initialised, else (0, 1)."""
    distributed = torch.distributed
    running = distributed.is_available() and distributed.is_initialized()
    if world_size is None:
        world_size = distributed.get_world_size() if running else 1
    if rank is None:
        rank = distributed.get_rank() if running else 0
    return rank, world_size
