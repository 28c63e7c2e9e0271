"""Making a few scenes of a spec for their cost alone: what a plan's estimates are measured on."""

from __future__ import annotations

import json
import os
import threading
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pairforge.datasets.files import write_atomic
from pairforge.datasets.records import read_record, record_path
from pairforge.errors import PairforgeError
from pairforge.farm.cost import Measured, Spread
from pairforge.farm.indices import Indices
from pairforge.farm.job import Job, SceneWork
from pairforge.farm.kin import cpu_seconds, held_bytes
from pairforge.farm.protocol import Done, Failure, Limits
from pairforge.registry import EXECUTORS
from pairforge.renderers.protocol import Renderer
from pairforge.scratch import scratch as scratch_folder
from pairforge.seeding import Stream

_EVERY_S = 0.1


class MeasuredJob(SceneWork):
    """A job that notes its own cost beside the scene that it makes, in ``cost/<slug>.json``; it has the worker for
    itself."""

    def run(self, renderer: Renderer, on_frame: Callable[[], None]) -> Done:
        with _Tree() as tree:
            start = time.perf_counter()
            done = super().run(renderer, on_frame)
            wall_s = time.perf_counter() - start
        record = read_record(record_path(self.root, self.slug))
        found = {
            "wall_s": wall_s,
            "cpu_s": tree.cpu_s,
            "renderer_cpu_s": tree.children_cpu_s,
            "peak_bytes": tree.peak_bytes,
            "bytes": sum(entry.bytes for entry in record.files.values()),
            "keyframes": done.frames,
            "stages": dict(done.seconds),
        }
        write_atomic(self.root, _note(self.root, self.slug), json.dumps(found).encode())
        return done


@dataclass(frozen=True)
class Sample:
    """Costs measured, and what went wrong with the scenes that could not be made."""

    measured: Measured | None
    failures: tuple[Failure, ...]


def sampled(seed: int, wanted: Indices, number: int) -> tuple[int, ...]:
    """``number`` scenes of ``wanted`` to measure, and one more, first, to warm up on; the same for the same seed."""
    draw = (Stream(seed) / "plan" / "measure").rng()
    found: dict[int, None] = {}
    while len(found) < min(number + 1, len(wanted)):
        found[wanted[int(draw.integers(len(wanted)))]] = None
    return tuple(found)


def measure(
    jobs: Sequence[Job], limits: Limits, scratch: Path | None, on_frame: Callable[[], None]
) -> Sample:
    """Make these scenes, the first to warm up on, one after another in one worker, in a folder that is then gone.

    A scene alone is measured cold. Raises MachineError when the scratch folder cannot be used.
    """
    with scratch_folder("plan", scratch) as root:
        trial = [MeasuredJob(**{**vars(j), "root": root}) for j in jobs]
        start = time.perf_counter()
        results = list(EXECUTORS.load("local")(workers=1).run(trial, on_frame))
        whole_s = time.perf_counter() - start
        failures = tuple(r for r in results if isinstance(r, Failure))
        costs = {
            j.index: json.loads(_note(root, j.slug).read_text())
            for j in trial
            if _note(root, j.slug).is_file()
        }
    return Sample(_summed(jobs, costs, whole_s, len(failures)) if costs else None, failures)


def _summed(jobs: Sequence[Job], costs: dict[int, dict[str, Any]], whole_s: float, failed: int) -> Measured:
    warm = [j.index for j in jobs if j.index in costs]
    peak = max(int(c["peak_bytes"]) for c in costs.values())
    if len(warm) > 1 and warm[0] == jobs[0].index:
        warm = warm[1:]
    rows = [costs[i] for i in warm]
    walls = [float(r["wall_s"]) for r in rows]
    cold_s = (len(costs) - len(rows)) * sum(walls) / len(walls)
    stages = sorted({name for r in rows for name in r["stages"]})
    return Measured(
        scenes=tuple(warm),
        failed=failed,
        cores=len(os.sched_getaffinity(0)),
        keyframes=_spread(rows, "keyframes"),
        wall_s=Spread.of(walls),
        cpu_s=_spread(rows, "cpu_s"),
        renderer_cpu_s=_spread(rows, "renderer_cpu_s"),
        stages={name: Spread.of([float(r["stages"].get(name, 0.0)) for r in rows]) for name in stages},
        bytes=_spread(rows, "bytes"),
        start_s=float(f"{max(0.0, whole_s - sum(walls) - cold_s):.4g}"),
        peak_bytes=peak,
    )


def _spread(rows: Iterable[dict[str, Any]], name: str) -> Spread:
    return Spread.of([float(r[name]) for r in rows])


def _note(root: Path, slug: str) -> Path:
    return root / "cost" / f"{slug}.json"


def proof_of(failure: Failure) -> PairforgeError:
    """The failure as an error that a plan ends with."""
    return type(failure.error)(f"scene {failure.index} of this spec cannot be made: {failure.error}")


class _Tree:
    """CPU seconds of this process and its children while the block runs, and the most memory they held together."""

    def __init__(self) -> None:
        self._over = threading.Event()
        self._watch = threading.Thread(target=self._look, daemon=True)
        self.cpu_s = self.children_cpu_s = 0.0
        self.peak_bytes = 0

    def __enter__(self) -> _Tree:
        self._before = cpu_seconds(os.getpid())
        self._watch.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._watch.join()
        own, children = cpu_seconds(os.getpid())
        self.children_cpu_s = children - self._before[1]
        self.cpu_s = own - self._before[0] + self.children_cpu_s

    def _look(self) -> None:
        while True:
            self.peak_bytes = max(self.peak_bytes, held_bytes(os.getpid()))
            if self._over.wait(_EVERY_S):
                return
