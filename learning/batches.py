"""The batches of one rank, epoch after epoch, from wherever they were left."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import asdict, dataclass
from typing import Any

from pairforge.errors import DatasetError
from pairforge.learning.order import Order


@dataclass(frozen=True)
class Batches:
    """An epoch's batches as lists of (epoch, place), which ``KeyframeDataset`` understands.

    ``drop_last`` leaves out a last batch that is not full.
    """

    order: Order
    batch_size: int
    drop_last: bool = False

    def __post_init__(self) -> None:
        if self.batch_size < 1:
            raise DatasetError(f"batch_size is {self.batch_size}; it must be at least 1.")
        if not len(self):
            raise DatasetError(
                f"{len(self.order)} keyframes of rank {self.order.rank} fill no batch of {self.batch_size}. "
                "Make it smaller, or leave drop_last out."
            )

    def __len__(self) -> int:
        """Batches of this rank in an epoch."""
        whole, rest = divmod(len(self.order), self.batch_size)
        return whole + bool(rest and not self.drop_last)

    def epoch(self, epoch: int, start: int = 0, stride: int = 1) -> Iterator[list[tuple[int, int]]]:
        """Batches ``start``, ``start + stride``, … of an epoch."""
        places = self.order.epoch(epoch).tolist()
        for step in range(start, len(self), stride):
            yield [(epoch, i) for i in places[step * self.batch_size : (step + 1) * self.batch_size]]

    def state(self, epoch: int, step: int) -> dict[str, Any]:
        """What a checkpoint keeps: the position, and the settings without which it means another one."""
        return {"epoch": epoch, "step": step, "settings": self._settings()}

    def position(self, state: Mapping[str, Any]) -> tuple[int, int]:
        """(epoch, step) of a checkpoint; DatasetError when it was made with other settings.

        All ranks may load the state of any one of them.
        """
        try:
            epoch, step, kept = int(state["epoch"]), int(state["step"]), dict(state["settings"])
        except (KeyError, TypeError, ValueError) as error:
            raise DatasetError(f"this is no state of a loader ({type(error).__name__}: {error})") from error
        now = self._settings()
        differ = [f"{k} was {kept.get(k)!r}, now {now[k]!r}" for k in now if kept.get(k) != now[k]]
        if differ or not 0 <= step <= len(self) or epoch < 0:
            raise DatasetError(
                f"the state (epoch {epoch}, step {step}) is of another loader: {'; '.join(differ)}. "
                "Resume with the same settings, or start at an epoch of your choice."
            )
        return (epoch + 1, 0) if step == len(self) else (epoch, step)

    def _settings(self) -> dict[str, Any]:
        told = asdict(self.order)
        counts = told.pop("counts")
        del told["rank"]
        return told | {
            "keyframes": sum(counts),
            "scenes": len(counts),
            "batch_size": self.batch_size,
            "drop_last": self.drop_last,
        }
