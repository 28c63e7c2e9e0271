"""Proving as units of work: one scene of a dataset, or the contrasts of one group, in a worker process.

Units only read the dataset. They carry where it is and which scene; what every unit needs (manifest, tables of
questions and contrasts) a worker reads once.
"""

from __future__ import annotations

import gc
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import cached_property, lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, overload

from pairforge.datasets.finding import Finding
from pairforge.datasets.measurements import Measurements
from pairforge.datasets.scene_index import SceneEntry
from pairforge.farm.protocol import Done, Work
from pairforge.renderers.protocol import Renderer
from pairforge.stopwatch import Stopwatch

if TYPE_CHECKING:  # the process that hands out units imports nothing heavy
    from pairforge.datasets.contrast_worlds import Worlds
    from pairforge.datasets.manifest import Manifest
    from pairforge.datasets.verify_contrasts import Contrasts
    from pairforge.datasets.verify_questions import Questions

RENDERER = "raycast"
"""Workers have a renderer; this one costs nothing as long as it draws nothing."""


@dataclass(frozen=True)
class Task:
    """What is asked of the units of one run. ``place``: the dataset; ``scratch``: a folder that is not in it;
    ``content``: whether arrays, tables and texts are proved, or nothing but files; ``questions``: whether a scene's
    questions are. ``run`` tells runs of one process apart, between which a dataset may change."""

    place: Path
    scratch: Path
    run: int = 0
    content: bool = True
    questions: bool = True


@dataclass(frozen=True)
class Proved(Done):
    """How the proof of a unit ended: what was found (nothing, when all holds), and what was measured on the way."""

    findings: tuple[Finding, ...] = ()
    measured: Measurements | None = None


@dataclass(frozen=True)
class SceneProof:
    """Prove one scene: its files, all that it holds, its questions."""

    task: Task
    entry: SceneEntry
    renderer: str = RENDERER

    @property
    def index(self) -> int:
        return self.entry.scene_index

    @property
    def root(self) -> Path:
        """Where executors tidy up after a unit that died; not the dataset, which is only read."""
        return self.task.scratch

    def run(self, renderer: Renderer, on_frame: Callable[[], None]) -> Done:
        from pairforge.datasets import verify, verify_files

        watch, measured, told = Stopwatch(), Measurements(), 0

        def tick(key: str) -> None:
            nonlocal told
            told += 1
            on_frame()

        desk = _desk(self.task)
        with watch.stage("files"):
            found = list(verify_files.scene(self.task.place, desk.manifest, self.entry))
        dataset = verify.alone(self.task.place, desk.manifest, self.entry)
        if self.task.content:
            with watch.stage("content"):
                found += verify.content(dataset, self.index, measured, tick)
        if self.task.questions:
            with watch.stage("questions"):
                found += desk.questions.prove(dataset, self.index)
        for _ in range(told, self.entry.frames):
            on_frame()
        del dataset  # a dataset refers to itself, and its tables would wait for the collector
        gc.collect()
        return Proved(
            self.index,
            self.entry.frames,
            dict(watch.seconds),
            findings=tuple(sorted(set(found))),
            measured=measured,
        )


@dataclass(frozen=True)
class GroupProof:
    """Prove the quads and negatives of one group."""

    task: Task
    index: int
    renderer: str = RENDERER

    @property
    def root(self) -> Path:
        """See ``SceneProof.root``."""
        return self.task.scratch

    def run(self, renderer: Renderer, on_frame: Callable[[], None]) -> Done:
        watch, desk = Stopwatch(), _desk(self.task)
        with watch.stage("contrasts"):
            found = {*desk.contrasts.prove(desk.worlds, self.index)}
        for _ in range(desk.contrasts.count(self.index)):
            on_frame()
        return Proved(self.index, 0, dict(watch.seconds), findings=tuple(sorted(found)))


class SceneProofs(Sequence[Work]):
    """A proof for each entry, made when it is asked for."""

    def __init__(self, task: Task, entries: Sequence[SceneEntry]) -> None:
        self._task, self._entries = task, entries

    def __len__(self) -> int:
        return len(self._entries)

    @overload
    def __getitem__(self, at: int) -> Work: ...
    @overload
    def __getitem__(self, at: slice) -> Sequence[Work]: ...
    def __getitem__(self, at: int | slice) -> Work | Sequence[Work]:
        if isinstance(at, slice):
            return SceneProofs(self._task, self._entries[at])
        return SceneProof(self._task, self._entries[at])


class _Desk:
    """What a worker keeps between units."""

    def __init__(self, task: Task) -> None:
        import pairforge.datasets.verify  # noqa: F401  (all that a proof needs)

        self._task = task
        gc.collect()
        gc.freeze()  # what is there now stays: looking through it after every scene would cost as much as a proof

    @cached_property
    def manifest(self) -> Manifest:
        from pairforge.datasets.manifest import read_manifest

        return read_manifest(self._task.place)

    @cached_property
    def questions(self) -> Questions:
        from pairforge.datasets.verify_questions import Questions

        return Questions(self._task.place, (), together=False)

    @cached_property
    def contrasts(self) -> Contrasts:
        from pairforge.datasets.verify_contrasts import Contrasts

        return Contrasts(self._task.place)

    @cached_property
    def worlds(self) -> Worlds:
        from pairforge.datasets.contrast_worlds import Worlds
        from pairforge.datasets.reader import Dataset

        return Worlds(Dataset(self._task.place, self.manifest))


_desk = lru_cache(maxsize=1)(_Desk)
