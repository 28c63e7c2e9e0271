"""The local executor: worker processes on this machine, each with a renderer of its own."""

from __future__ import annotations

import os
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import replace
from math import ceil
from multiprocessing.connection import wait
from pathlib import Path

import psutil

from pairforge.datasets.files import clean_stale
from pairforge.farm.attempts import Attempts, Frames, Lost, Ticks
from pairforge.farm.guard import LOOK_S, Guard
from pairforge.farm.protocol import Done, Failure, Limits, Work

GROWN_SHARE = 0.5
"""Share of what a worker may hold that it may hold between two units; with more it is replaced once it has grown."""


class LocalExecutor:
    """``workers`` processes on this machine; a worker ends with its parent.

    Each worker has a pipe of its own, so that one that dies, hangs or grows past its memory takes nothing with it:
    its unit is begun again in a fresh worker while the others go on, and fails alone after ``limits.tries``.
    """

    def __init__(
        self, workers: int = 1, limits: Limits | None = None, units_per_worker: int | None = None
    ) -> None:
        self.workers, self._units = workers, units_per_worker
        self.limits = limits or Limits()
        self._draining = False

    def drain(self) -> None:
        """Begin no more units; ``run`` ends when those under way have. May be called by a signal handler."""
        self._draining = True

    def run(
        self,
        jobs: Sequence[Work],
        on_frame: Callable[[], None],
        on_retry: Callable[[Failure], None] = lambda failure: None,
    ) -> Iterator[Done | Failure]:
        """See ``Executor.run``. Units that were not done when ``drain`` was called get no result."""
        attempts, ticks = Attempts(jobs, self.limits), Ticks(on_frame)
        wanted = min(self.workers, len(jobs))
        threads = threads_of(wanted)
        crew = [Guard(self.limits, self._grown_bytes(), threads, self._units) for _ in range(wanted)]
        with ended_by_sigterm(), _ended_crew(crew, jobs[0].root if jobs else None):
            while True:
                self._engage(crew, attempts)
                busy = [guard for guard in crew if guard.job is not None]
                if not busy and (self._draining or not len(attempts)):
                    return
                wait([guard.ear for guard in busy], self._patience(attempts))
                for guard in busy:
                    yield from self._results(guard, attempts, ticks, on_retry)

    def _engage(self, crew: list[Guard], attempts: Attempts) -> None:
        for guard in crew:
            if guard.job is None and not self._draining and (job := attempts.take(time.monotonic())):
                # Several workers keep all cores busy as it is, and who takes what next cannot be told.
                guard.begin(job, attempts.after(job) if len(crew) == 1 else None)

    def _patience(self, attempts: Attempts) -> float:
        """Seconds until something must be looked at though nothing was heard."""
        due = attempts.due_in(time.monotonic())
        return min(LOOK_S, due) if due else LOOK_S

    def _results(
        self, guard: Guard, attempts: Attempts, ticks: Ticks, on_retry: Callable[[Failure], None]
    ) -> Iterator[Done | Failure]:
        job = guard.job
        assert job is not None
        for event in guard.heard():
            if isinstance(event, Frames):
                ticks.made(job.index, event.made)
            elif isinstance(event, Lost):
                now = time.monotonic()
                failure, again = attempts.lost(job, event, now)
                clean_stale(job.root)  # what a killed worker left; a full disk needs it back now
                if not again:
                    yield failure
                elif not self._draining:
                    on_retry(failure)
            else:
                yield replace(event, tries=attempts.tries(job))

    def _grown_bytes(self) -> int:
        share = int(psutil.virtual_memory().total) // self.workers
        return round(GROWN_SHARE * min(share, self.limits.memory_bytes or share))


def threads_of(workers: int) -> int | None:
    """How many threads each of so many workers' Blenders should have on this machine; None: all."""
    return ceil(len(os.sched_getaffinity(0)) / workers) if workers > 1 else None


@contextmanager
def _ended_crew(crew: list[Guard], root: Path | None) -> Iterator[None]:
    """Whatever happens, no worker and nothing half-made is left behind."""
    whole = False
    try:
        yield
        whole = True
    finally:
        for guard in crew if whole else ():
            guard.dismiss()
        for guard in crew:
            guard.end(gently=whole)
        if root is not None:
            clean_stale(root)


@contextmanager
def ended_by_sigterm() -> Iterator[None]:
    """SIGTERM unwinds this process as Ctrl-C does, unless somebody else has plans for it."""
    main = threading.current_thread() is threading.main_thread()
    if not main or signal.getsignal(signal.SIGTERM) is not signal.SIG_DFL:
        yield
        return
    ended = False

    def end(*_: object) -> None:
        nonlocal ended
        ended = True
        sys.exit(128 + signal.SIGTERM)

    signal.signal(signal.SIGTERM, end)
    try:
        yield
    except (SystemExit, KeyboardInterrupt):
        if ended:  # Ray's own code may have caught it on its way, and lost its number
            raise SystemExit(128 + signal.SIGTERM) from None
        raise
    finally:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
