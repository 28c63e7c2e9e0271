"""The local executor: a pool of worker processes, each with a renderer of its own."""

from __future__ import annotations

import multiprocessing as mp
import os
import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import Future, ProcessPoolExecutor, as_completed
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from typing import Any, Protocol

from pairforge.errors import MachineError, PairforgeError
from pairforge.farm.job import Done, Job, do
from pairforge.registry import RENDERERS

SINGLE_THREADED = ("OPENBLAS_NUM_THREADS", "OMP_NUM_THREADS", "MKL_NUM_THREADS")


@dataclass(frozen=True)
class Failure:
    """A job that could not be done, and why."""

    index: int
    error: PairforgeError


class Executor(Protocol):
    """Runs jobs somewhere and tells how each ended, in whatever order."""

    def run(self, jobs: Sequence[Job], on_frame: Callable[[], None]) -> Iterator[Done | Failure]:
        """Yields exactly one result a job; ``on_frame`` is called for every keyframe made."""


class LocalExecutor:
    """``workers`` processes on this machine; a worker dies with its parent."""

    def __init__(self, workers: int = 1) -> None:
        self.workers = workers

    def run(self, jobs: Sequence[Job], on_frame: Callable[[], None]) -> Iterator[Done | Failure]:
        if not jobs:
            return
        context = mp.get_context("spawn")
        ticks = context.SimpleQueue()
        listener = threading.Thread(target=_listen, args=(ticks, on_frame), daemon=True)
        listener.start()
        renderer = jobs[0].renderer
        workers = min(self.workers, len(jobs))
        with _single_threaded_blas():
            pool = ProcessPoolExecutor(workers, context, initializer=_start, initargs=(renderer, ticks))
            try:
                yield from _results({pool.submit(_work, job): job for job in jobs})
            finally:
                pool.shutdown(wait=True, cancel_futures=True)
                ticks.put(False)
                listener.join()


def _results(futures: dict[Future[Done], Job]) -> Iterator[Done | Failure]:
    for future in as_completed(futures):
        job = futures[future]
        try:
            yield future.result()
        except PairforgeError as error:
            yield Failure(job.index, error)
        except BrokenProcessPool:
            yield Failure(
                job.index,
                MachineError(
                    f"a worker died (killed, or out of memory) before scene {job.index} was done; "
                    "run the same command again to go on from there, with fewer --workers if memory is short"
                ),
            )


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


def _listen(ticks: Any, on_frame: Callable[[], None]) -> None:
    while ticks.get():
        on_frame()


_worker: dict[str, Any] = {}
"""This worker process's renderer and tick queue; empty in every other process."""


def _start(renderer: str, ticks: Any) -> None:
    """Runs once in each worker. A renderer that cannot start is reported by the first job, not here."""
    threading.Thread(target=_die_with_parent, daemon=True).start()
    _worker.update(name=renderer, ticks=ticks)


def _die_with_parent() -> None:
    parent = mp.parent_process()
    if parent is not None:
        parent.join()
        os._exit(1)


def _work(job: Job) -> Done:
    if "renderer" not in _worker:
        _worker["renderer"] = RENDERERS.load(_worker["name"])()
    return do(job, _worker["renderer"], lambda: _worker["ticks"].put(True))
