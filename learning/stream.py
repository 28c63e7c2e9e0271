"""An iterable dataset: each worker takes its share of its rank's batches, and fetches the next as one is decoded."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import torch
from torch.utils.data import IterableDataset, get_worker_info

from pairforge.learning.batches import Batches
from pairforge.learning.collate import Batch, Collate
from pairforge.learning.dataset import KeyframeDataset
from pairforge.learning.loader import ranked
from pairforge.learning.order import Order, Uneven
from pairforge.learning.sample import Sample


class KeyframeStream(IterableDataset):  # type: ignore[misc]  # torch is not followed
    """Whole batches, for ``DataLoader(stream, batch_size=None, num_workers=…)``: worker w of W gives batches w, w + W
    and so on of its rank's, so that what arrives is the same, in the same order, for any number of workers.

    ``readahead`` batches are fetched in a thread ahead of the one that is decoded: what remote storage wants.
    ``set_epoch`` reaches workers that are kept from epoch to epoch. ``state_dict`` and ``load_state_dict`` are those
    of the copy in each worker, as torchdata's ``StatefulDataLoader`` asks for them; with plain torch use ``Loader``.
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
        collate: Callable[[Sequence[Sample]], Batch] | None = None,
        readahead: int = 1,
        rank: int | None = None,
        world_size: int | None = None,
    ) -> None:
        found, ranks = ranked(rank, world_size)
        seed = dataset.seed if seed is None else seed
        order = Order(dataset.index.counts, seed, shuffle, window, found, ranks, uneven)
        self._batches = Batches(order, batch_size, drop_last)
        self._dataset, self._collate, self._readahead = dataset, collate or Collate(), max(0, readahead)
        self._epoch = torch.zeros(1, dtype=torch.int64).share_memory_()
        self._taken = 0

    def __len__(self) -> int:
        """Batches of this rank in a whole epoch, of all workers together."""
        return len(self._batches)

    def set_epoch(self, epoch: int) -> None:
        """The epoch of the next iteration, in workers that run already too."""
        self._epoch[0] = epoch

    def __iter__(self) -> Iterator[Batch]:
        info = get_worker_info()
        worker, workers = (info.id, info.num_workers) if info else (0, 1)
        places = self._batches.epoch(int(self._epoch[0]), worker + self._taken * workers, workers)
        for samples in self._ahead(places):
            self._taken += 1
            if samples:
                yield self._collate(samples)
        self._taken = 0

    def state_dict(self) -> dict[str, Any]:
        """How many batches this copy has given of this epoch."""
        return {"taken": self._taken, **self._batches.state(int(self._epoch[0]), 0)}

    def load_state_dict(self, state: Mapping[str, Any]) -> None:
        """Go on behind them; DatasetError when the state is of a stream with other settings."""
        self._epoch[0], _ = self._batches.position(state)
        self._taken = int(state["taken"])

    def _ahead(self, places: Iterator[list[tuple[int, int]]]) -> Iterator[Sequence[Sample]]:
        if not self._readahead:
            yield from map(self._dataset.__getitems__, places)
            return
        with ThreadPoolExecutor(1) as pool:
            waiting = [
                pool.submit(self._dataset.fetch, p)
                for _, p in zip(range(self._readahead), places, strict=False)
            ]
            while waiting:
                fetched = waiting.pop(0).result()
                if (following := next(places, None)) is not None:
                    waiting.append(pool.submit(self._dataset.fetch, following))
                yield self._dataset.decoded(fetched)
