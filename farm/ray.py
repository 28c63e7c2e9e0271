"""The Ray executor: the same worker processes, on any node of a Ray cluster."""

from __future__ import annotations

import contextlib
import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any

from pairforge.datasets.files import clean_stale
from pairforge.datasets.manifest import package_versions
from pairforge.errors import MachineError
from pairforge.farm.attempts import Attempts, Frames, Lost, Ticks, reason_of
from pairforge.farm.guard import LOOK_S
from pairforge.farm.local import ended_by_sigterm
from pairforge.farm.protocol import Done, Failure, Limits, Work
from pairforge.farm.ray_cluster import cluster, import_ray
from pairforge.farm.ray_station import Home, Station

WAITING_S = 60.0
"""After so long without any node that has room, say so."""
FALSE_STARTS = 10
"""So many stations in a row that could not start mean that none can."""


class RayExecutor:
    """``workers`` stations on a Ray cluster, each with a worker process under ``limits`` and its own renderer.

    ``address`` None starts a cluster on this machine for the run; "auto" or HOST:PORT joins one. A station takes
    ``cpus`` CPUs of its node, and its Blender as many threads (None: its part of this machine, or one of a cluster
    that is joined); stations for which there is no room wait for nodes to join. A station is handed its
    next unit when it is done with the last, so that units wait here and never in Ray. The dataset's root and a spec
    file must be at the same place for every node.
    """

    def __init__(
        self,
        workers: int = 1,
        limits: Limits | None = None,
        address: str | None = None,
        cpus: int | None = None,
    ) -> None:
        self.workers, self.limits, self.address, self.cpus = workers, limits or Limits(), address, cpus
        self._ray = import_ray()
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
        """See ``Executor.run``. Units that were not done when ``drain`` was called get no result. Raises MachineError
        when there is no cluster, or none of its nodes can start a worker."""
        if not jobs:
            return
        wanted = min(self.workers, len(jobs))
        cpus = self.cpus or (max(1, len(os.sched_getaffinity(0)) // wanted) if self.address is None else 1)
        with ended_by_sigterm(), cluster(self._ray, self.address, cpus * wanted):
            attempts, ticks = Attempts(jobs, self.limits), Ticks(on_frame)
            fleet = Fleet(self._ray, wanted, self.limits, cpus)
            try:
                while True:
                    self._engage(fleet, attempts)
                    if not fleet.busy and (self._draining or not len(attempts)):
                        return
                    for job, event in fleet.heard(self._patience(attempts)):
                        if isinstance(event, Frames):
                            ticks.made(job.index, event.made)
                        elif isinstance(event, Done):
                            yield replace(event, tries=attempts.tries(job))
                        else:
                            failure, again = attempts.lost(job, event, time.monotonic())
                            if not again:
                                yield failure
                            elif not self._draining:
                                on_retry(failure)
            finally:
                fleet.end(jobs[0].root)

    def _engage(self, fleet: Fleet, attempts: Attempts) -> None:
        while fleet.idle and not self._draining and (job := attempts.take(time.monotonic())):
            fleet.begin(job, attempts.after(job) if fleet.wanted == 1 else None)

    def _patience(self, attempts: Attempts) -> float:
        due = attempts.due_in(time.monotonic())
        return min(LOOK_S, due) if due else LOOK_S


class Fleet:
    """Stations: coming, idle or busy; one that goes away with its node is replaced by another elsewhere."""

    def __init__(self, ray: Any, wanted: int, limits: Limits, cpus: int) -> None:
        self._ray, self.wanted = ray, wanted
        self._given = limits, cpus, os.getcwd(), [p for p in sys.path if p]
        self._kind = ray.remote(num_cpus=cpus, max_restarts=0, max_concurrency=2)(Station)
        self._coming: dict[Any, Any] = {}
        self.idle: list[Any] = []
        self.busy: dict[Any, tuple[Any, Work]] = {}
        self._false_starts, self._lonely_since, self._said = 0, time.monotonic(), False
        self._versions = package_versions()

    def begin(self, job: Work, then: Work | None = None) -> None:
        """Have an idle station do ``job``, and perhaps prepare ``then`` meanwhile."""
        station = self.idle.pop(0)
        told = station.do.options(num_returns="streaming").remote(job, then)
        self.busy[told] = (station, job)

    def heard(self, patience_s: float) -> Iterator[tuple[Work, Frames | Done | Lost]]:
        """What happened, after at most ``patience_s``."""
        self._call()
        ready, _ = self._ray.wait(
            [*self._coming, *self.busy], num_returns=1, timeout=patience_s, fetch_local=True
        )
        for ref in ready:
            if ref in self._coming:
                self._welcome(ref)
            else:
                yield from self._told(ref)

    def _call(self) -> None:
        """Ask for the stations that are missing."""
        while len(self._coming) + len(self.idle) + len(self.busy) < self.wanted:
            station = self._kind.remote(*self._given)
            self._coming[station.home.remote()] = station
        if self.idle or self.busy:
            self._lonely_since = time.monotonic()
        elif time.monotonic() - self._lonely_since > WAITING_S and not self._said:
            self._said = True
            sys.stderr.write("pairforge: no node of the Ray cluster has room for a worker; waiting for one\n")

    def _welcome(self, ref: Any) -> None:
        station = self._coming.pop(ref)
        try:
            home: Home = self._ray.get(ref)
        except self._ray.exceptions.RayError as error:
            self._false_starts += 1
            if self._false_starts >= FALSE_STARTS:
                raise MachineError(f"no worker could be started on the Ray cluster: {error}") from error
            return
        self._false_starts = 0
        if home.versions != self._versions:
            mine, theirs = (
                {k: v for k, v in one.items() if other.get(k) != v}
                for one, other in ((self._versions, home.versions), (home.versions, self._versions))
            )
            raise MachineError(
                f"node {home.host} has other packages ({theirs}, here {mine}), which would make other bytes. Install "
                "the same ones on every node."
            )
        self.idle.append(station)

    def _told(self, ref: Any) -> Iterator[tuple[Work, Frames | Done | Lost]]:
        station, job = self.busy[ref]
        try:
            event = self._ray.get(next(ref))
        except StopIteration:
            event = Lost("died", MachineError(f"scene {job.index}: its station ended it"), blamed=False)
        except self._ray.exceptions.RayError as error:
            event = self._gone(station, job, error)
            del self.busy[ref]
            yield job, event
            return
        if not isinstance(event, Frames):
            del self.busy[ref]
            self.idle.append(station)
        yield job, event

    def _gone(self, station: Any, job: Work, error: Exception) -> Lost:
        """A station fell silent. Its unit, in a process below it, cannot have caused that, unless by its memory."""
        with contextlib.suppress(self._ray.exceptions.RayError):
            self._ray.kill(station)
        said = " ".join(str(error).split())
        where = f"scene {job.index}: the Ray worker that had it, or its node, went away: {said}"
        if isinstance(error, self._ray.exceptions.RayTaskError):
            return Lost(reason_of(error.cause or error), MachineError(where))
        # Ray names the kernel's OOM killer among the causes of any sudden death; these words its monitor alone says.
        if isinstance(error, self._ray.exceptions.OutOfMemoryError) or "running low on memory" in said:
            return Lost("memory", MachineError(where))
        return Lost("died", MachineError(where), blamed=False)

    def end(self, root: Path) -> None:
        """End all workers; what they left half-made is removed."""
        ray = self._ray
        up = [*self.idle, *(station for station, _ in self.busy.values())]
        with contextlib.suppress(ray.exceptions.RayError):
            ends = [station.end.remote(root) for station in up]
            if ends:
                ray.wait(ends, num_returns=len(ends), timeout=20.0)
            for station in [*up, *self._coming.values()]:
                ray.kill(station)
        clean_stale(root)
