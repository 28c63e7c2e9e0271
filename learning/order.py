"""Which keyframes come when: a function of seed, epoch and rank alone, so that any position can be resumed.

Scenes are put in a random order; the row of all keyframes that this gives is cut into one stretch for each rank; each
stretch is shuffled within windows. A rank so reads few shards at a time, and those are its own.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from pairforge.errors import DatasetError
from pairforge.seeding import Stream

Uneven = Literal["keep", "drop", "pad"]


@dataclass(frozen=True)
class Order:
    """``counts``: keyframes of each scene, in order of the dataset.

    ``window``: how many keyframes are shuffled among each other (each window holds whole scenes but for its ends; the
    default, 4096, is some hundred of them). Without ``shuffle`` the order is the dataset's.

    ``uneven`` says what happens when ``world_size`` does not divide the number of keyframes: "keep" gives some ranks
    one more, "drop" leaves out the rest (others in each epoch, if shuffled), "pad" gives the first ones of the epoch
    again. With "drop" and "pad" all ranks have equally many.
    """

    counts: tuple[int, ...]
    seed: int = 0
    shuffle: bool = True
    window: int = 4096
    rank: int = 0
    world_size: int = 1
    uneven: Uneven = "keep"

    def __post_init__(self) -> None:
        if not 0 <= self.rank < self.world_size:
            raise DatasetError(f"rank {self.rank} of {self.world_size}: ranks are counted from 0.")
        if self.uneven not in ("keep", "drop", "pad"):
            raise DatasetError(f'uneven is "{self.uneven}"; it may be "keep", "drop" or "pad".')
        if self.window < 1:
            raise DatasetError(f"window is {self.window}; it is a number of keyframes, at least 1.")
        if not len(self):
            raise DatasetError(
                f"{sum(self.counts)} keyframes over {self.world_size} ranks leave none for rank {self.rank} "
                f'with uneven="{self.uneven}". Use fewer ranks, or "pad".'
            )

    def __len__(self) -> int:
        """Keyframes of this rank in an epoch."""
        start, stop = self._stretch()
        return stop - start

    def epoch(self, epoch: int) -> NDArray[np.int64]:
        """Places in the dataset of this rank's keyframes, (len,) int64, in order."""
        row = self._row(epoch)
        start, stop = self._stretch()
        mine: NDArray[np.int64] = row[np.arange(start, stop) % len(row)]
        if self.shuffle:
            rng = (Stream(self.seed) / "order" / epoch / "rank" / self.rank).rng()
            for at in range(0, len(mine), self.window):
                rng.shuffle(mine[at : at + self.window])
        return mine

    def _row(self, epoch: int) -> NDArray[np.int64]:
        """All keyframes, scene after scene."""
        if not self.shuffle:
            return np.arange(sum(self.counts), dtype=np.int64)
        starts = np.cumsum([0, *self.counts[:-1]])
        scenes = (Stream(self.seed) / "order" / epoch / "scenes").rng().permutation(len(self.counts))
        return np.concatenate(
            [np.arange(starts[s], starts[s] + self.counts[s], dtype=np.int64) for s in scenes]
        )

    def _stretch(self) -> tuple[int, int]:
        total = sum(self.counts)
        if self.uneven == "keep":
            return total * self.rank // self.world_size, total * (self.rank + 1) // self.world_size
        each = total // self.world_size if self.uneven == "drop" else -(-total // self.world_size)
        return each * self.rank, each * (self.rank + 1)
