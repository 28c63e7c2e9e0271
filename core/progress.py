"""Progress with an ETA, on a terminal or in a log, always on standard error."""

from __future__ import annotations

import time
from contextlib import AbstractContextManager
from types import TracebackType

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    TextColumn,
    TimeElapsedColumn,
    TimeRemainingColumn,
)

from pairforge.farm.protocol import Failure

LOG_EVERY_S = 10.0


class Frames(AbstractContextManager["Frames"]):
    """Counts keyframes, or ``what`` else is made. A terminal gets a moving bar; a log gets a line at most every ten
    seconds."""

    def __init__(self, label: str, quiet: bool = False, what: str = "keyframes") -> None:
        self._label, self._what = label, what
        self._console = Console(stderr=True, quiet=quiet, emoji=False)
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            MofNCompleteColumn(),
            TextColumn(what),
            TimeElapsedColumn(),
            TextColumn("ETA"),
            TimeRemainingColumn(elapsed_when_finished=False),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task(label, total=None)
        self._total = 0
        self._count = 0
        self._start = self._said = time.monotonic()

    def __enter__(self) -> Frames:
        self._bar.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, value: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.stop()

    def plan(self, total: int) -> None:
        """How many keyframes there are to make."""
        self._total = total
        self._bar.update(self._task, total=total)

    def tick(self) -> None:
        """One more is made."""
        self._count += 1
        self._bar.advance(self._task)
        now = time.monotonic()
        if not self._console.is_terminal and (now - self._said > LOG_EVERY_S or self._count == self._total):
            self._said = now
            self._log(now - self._start)

    def retry(self, failure: Failure) -> None:
        """An attempt was lost and is made again."""
        words = f"scene {failure.index} lost ({failure.reason}, try {failure.tries}), begun again: {failure.error}"
        self._console.print(words, highlight=False, markup=False)

    def _log(self, elapsed_s: float) -> None:
        left = elapsed_s / self._count * (self._total - self._count)
        self._console.print(
            f"{self._label}: {self._count}/{self._total} {self._what}, {elapsed_s:.0f} s elapsed, ETA {left:.0f} s",
            highlight=False,
        )
