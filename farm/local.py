"""The local executor: a pool of worker processes, each with a renderer of its own."""

from __future__ import annotations

import multiprocessing as mp
import os
import signal
import sys
import threading
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager, suppress
from functools import partial
from itertools import count
from multiprocessing.connection import Connection
from typing import Any

from pairforge.datasets.files import clean_stale
from pairforge.errors import MachineError, PairforgeError
from pairforge.farm.protocol import Done, Failure, Work
from pairforge.registry import RENDERERS

RETRIES = 2
SINGLE_THREADED = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


class LocalExecutor:
    """``workers`` processes on this machine; a worker dies with its parent.

    When a worker is killed (out of memory, most often) the pool is started again. Jobs that were under way are then
    tried one by one, so that the one that kills its worker is known; it alone fails, after two more tries.
    """

    def __init__(self, workers: int = 1) -> None:
        self.workers = workers

    def run(
        self,
        jobs: Sequence[Work],
        on_frame: Callable[[], None],
        on_retry: Callable[[Failure], None] = lambda failure: None,
    ) -> Iterator[Done | Failure]:
        told: dict[int, int] = {}
        tries: Counter[int] = Counter()
        waiting, suspects = list(jobs), list[Work]()
        with _ended_by_sigterm():
            while waiting or suspects:
                batch, waiting = ([suspects.pop(0)], waiting) if suspects else (waiting, [])
                lost, started = list[Work](), set[int]()
                for result in self._round(batch, partial(_hear, told, started, on_frame)):
                    if not isinstance(result, Done | Failure):
                        lost.append(result)
                    else:
                        yield result
                culprits = [j for j in lost if j.index in started] or lost[:1]
                waiting += [j for j in lost if j not in culprits]
                tries.update(j.index for j in culprits)
                for job in culprits:
                    lost_try = Failure(job.index, _dead(job), "died", tries[job.index])
                    if tries[job.index] <= RETRIES:
                        suspects.append(job)
                        on_retry(lost_try)
                    else:
                        yield lost_try

    def _round(self, jobs: list[Work], hear: Callable[[int, int], None]) -> Iterator[Done | Failure | Work]:
        """One pool's life: results, and the jobs that were lost with it."""
        context = mp.get_context("spawn")
        ears, mouth = context.Pipe(duplex=False)
        leash, hand = context.Pipe(duplex=False)
        listener = threading.Thread(target=_listen, args=(ears, hear), daemon=True)
        listener.start()
        with _single_threaded_blas():
            start = (jobs[0].renderer, mouth, leash)
            workers = min(self.workers, len(jobs))
            pool = ProcessPoolExecutor(workers, context, initializer=_start, initargs=start)
            whole = False
            try:
                yield from _results({pool.submit(_work, job): job for job in jobs})
                whole = True
            finally:
                if not whole:
                    hand.close()  # lets go of the workers: they end at once
                pool.shutdown(wait=True, cancel_futures=True)
                for end in (mouth, leash, hand):
                    end.close()
                listener.join(timeout=10)
                clean_stale(jobs[0].root)


def _results(futures: dict[Future[Done], Work]) -> Iterator[Done | Failure | Work]:
    for future in as_completed(futures):
        job = futures[future]
        try:
            yield future.result()
        except PairforgeError as error:
            yield Failure(job.index, error)
        except BrokenProcessPool:
            yield job


def _dead(job: Work) -> MachineError:
    return MachineError(
        f"a worker died (killed, or out of memory) at scene {job.index}, {RETRIES + 1} times; run the same command "
        "again to go on from there, with fewer --workers if memory is short"
    )


@contextmanager
def _ended_by_sigterm() -> Iterator[None]:
    """SIGTERM unwinds this process as Ctrl-C does, so that workers end and nothing half-made stays."""
    if threading.current_thread() is not threading.main_thread():
        yield
        return
    before = signal.signal(signal.SIGTERM, lambda *_: sys.exit(128 + signal.SIGTERM))
    try:
        yield
    finally:
        signal.signal(signal.SIGTERM, before)


class _single_threaded_blas:  # noqa: N801
    """Workers start with one BLAS thread: the pool is the parallelism, and sums never split differently."""

    def __enter__(self) -> None:
        self._before = {name: os.environ.get(name) for name in SINGLE_THREADED}
        os.environ.update(dict.fromkeys(SINGLE_THREADED, "1"))

    def __exit__(self, *_: object) -> None:
        for name, value in self._before.items():
            if value is None:
                os.environ.pop(name, None)
            else:
                os.environ[name] = value


def _hear(
    told: dict[int, int], started: set[int], on_frame: Callable[[], None], index: int, frames: int
) -> None:
    """A worker has made ``frames`` keyframes of job ``index``; one that is made again is not told again."""
    started.add(index)
    if frames > told.get(index, 0):
        told[index] = frames
        on_frame()


def _listen(ears: Connection, hear: Callable[[int, int], None]) -> None:
    with suppress(EOFError, OSError):
        while True:
            hear(*ears.recv())


_worker: dict[str, Any] = {}
"""This worker process's renderer and the pipe it reports to; empty in every other process."""


def _start(renderer: str, mouth: Connection, leash: Connection) -> None:
    """Runs once in each worker. A renderer that cannot start is reported by the first job, not here."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group: the parent decides
    threading.Thread(target=_end_with_parent, args=(leash,), daemon=True).start()
    _worker.update(name=renderer, mouth=mouth)


def _end_with_parent(leash: Connection) -> None:
    """Ends this process when the parent has closed its end of the pipe, be it by dying."""
    leash.poll(None)
    os._exit(1)


def _work(job: Work) -> Done:
    # Reports are far smaller than a pipe's atomic write, so workers need no lock that one could die holding.
    frames = count(1)
    _worker["mouth"].send((job.index, 0))
    if "renderer" not in _worker:
        _worker["renderer"] = RENDERERS.load(_worker["name"])()
    return job.run(_worker["renderer"], lambda: _worker["mouth"].send((job.index, next(frames))))
