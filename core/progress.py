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

from pairforge.farm.protocol import Done, Failure
from pairforge.farm.usage import Usage
from pairforge.units import amount, times

LOG_EVERY_S = 10.0
MEASURE_EVERY_S = 10.0
ERROR_CHARACTERS = 160


class Frames(AbstractContextManager["Frames"]):
    """Counts keyframes, or ``what`` else is made. A terminal gets a moving bar; a log gets a line at most every ten
    seconds. ``cost``: tell CPU time as well, which holds where all the work is done by processes of this machine."""

    def __init__(self, label: str, quiet: bool = False, what: str = "keyframes", cost: bool = False) -> None:
        self._label, self._what = label, what
        self._console = Console(stderr=True, quiet=quiet, emoji=False)
        self._bar = Progress(
            TextColumn("{task.description}", markup=False),
            BarColumn(bar_width=None),
            MofNCompleteColumn(),
            TextColumn(what),
            TimeElapsedColumn(),
            TextColumn("ETA"),
            TimeRemainingColumn(elapsed_when_finished=False),
            TextColumn("{task.fields[figures]}", style="dim", markup=False),
            console=self._console,
            disable=not self._console.is_terminal,
        )
        self._task = self._bar.add_task(label, total=None, figures="")
        self._total = self._count = self._retries = self._failed = 0
        self._stages: dict[str, float] = {}
        self._usage = Usage() if cost else None
        self._cpu_s = 0.0
        # Keyframes and CPU seconds at the first measurement: starting is no keyframe's cost.
        self._since = (0, 0.0)
        self._start = self._first = self._said = self._measured = time.monotonic()

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
        if self._count == 1:
            self._first = time.monotonic()
        self._bar.update(self._task, advance=1, figures=self._figures())
        now = time.monotonic()
        if not self._console.is_terminal and (now - self._said > LOG_EVERY_S or self._count == self._total):
            self._said = now
            self._log(now - self._start)

    def retry(self, failure: Failure) -> None:
        """An attempt was lost and is made again."""
        self._retries += 1
        self._tell(
            f"scene {failure.index} lost ({failure.reason}, try {failure.tries}), begun again", failure
        )

    def result(self, result: Done | Failure) -> None:
        """A scene is made, or will not be made."""
        if isinstance(result, Failure):
            self._failed += 1
            self._tell(f"scene {result.index} failed ({result.reason}, begun {times(result.tries)})", result)
            return
        for stage, seconds in result.seconds.items():
            self._stages[stage] = self._stages.get(stage, 0.0) + seconds
        self._bar.update(self._task, figures=self._figures())

    def _tell(self, what: str, failure: Failure) -> None:
        first = str(failure.error).strip().splitlines() or [""]
        self._console.print(
            f"{what}: {first[0][:ERROR_CHARACTERS]}", highlight=False, markup=False, soft_wrap=True
        )
        self._bar.update(self._task, figures=self._figures())

    def _figures(self) -> str:
        """Pace, cost so far and in all, the stage that costs most, and what went wrong."""
        now = time.monotonic()
        told = [f"{self._count / max(now - self._start, 1e-3):.3g}/s"]
        if self._usage is not None:
            if now - self._measured > MEASURE_EVERY_S:
                self._measured, self._cpu_s = now, self._usage.measure().cpu_s
            if self._cpu_s and self._count:
                told.append(f"CPU {_short(self._cpu_s)}{self._in_all()}")
        if self._stages:
            stage, seconds = max(self._stages.items(), key=lambda item: item[1])
            told.append(f"{stage} {100 * seconds / self._sum():.0f} %")
        if self._retries:
            told.append(f"{amount(self._retries, 'try', 'tries')} lost")
        if self._failed:
            told.append(f"{self._failed} failed")
        return ", ".join(told)

    def _in_all(self) -> str:
        """What all of it will cost, once there are keyframes to tell by."""
        count, cpu_s = self._since
        if not count:
            self._since = (self._count, self._cpu_s)
        if not count or self._count == count or self._cpu_s == cpu_s:
            return ""
        each_s = (self._cpu_s - cpu_s) / (self._count - count)
        return f" of about {_short(self._cpu_s + each_s * max(self._total - self._count, 0))}"

    def _sum(self) -> float:
        """Seconds of all stages but those that only wait for another."""
        return sum(s for stage, s in self._stages.items() if not stage.startswith("wait")) or 1.0

    def _pace_s(self, elapsed_s: float) -> float:
        """Seconds a keyframe, what came before the first of them left out: workers start once."""
        if self._count < 2:
            return elapsed_s / self._count
        return (self._start + elapsed_s - self._first) / (self._count - 1)

    def _log(self, elapsed_s: float) -> None:
        left = self._pace_s(elapsed_s) * (self._total - self._count)
        # The first has waited for the start.
        eta = f"ETA {left:.0f} s, " if self._count > 1 or not left else ""
        self._console.print(
            f"{self._label}: {self._count}/{self._total} {self._what}, {elapsed_s:.0f} s elapsed, {eta}"
            + self._figures(),
            highlight=False,
            markup=False,
            soft_wrap=True,
        )


def _short(seconds: float) -> str:
    """
    >>> _short(8), _short(600), _short(90_000)
    ('8 s', '10 min', '25 h')
    """
    for size, unit in ((3600, "h"), (60, "min")):
        if seconds >= 2 * size:
            return f"{seconds / size:.3g} {unit}"
    return f"{seconds:.3g} s"
