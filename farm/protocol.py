"""What executors run, what they tell, and what a unit of work may use."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal, Protocol, runtime_checkable

from pairforge.errors import PairforgeError
from pairforge.renderers.protocol import Renderer

Reason = Literal["spec", "render", "storage", "died", "hung", "memory"]
"""Why a unit of work failed: the spec or its scene is at fault; the renderer said no; the disk or the store refused;
its worker was killed or crashed; it passed its time; it passed its memory."""


@dataclass(frozen=True)
class Done:
    """A finished unit: how many keyframes, and wall seconds by stage. ``peak_bytes`` is the most memory that its
    worker and that worker's children held together (0: not measured), ``tries`` how often it was begun, ``bytes`` the
    size of the files that were published."""

    index: int
    frames: int
    seconds: Mapping[str, float]
    peak_bytes: int = 0
    tries: int = 1
    bytes: int = 0


@dataclass(frozen=True)
class Failure:
    """A unit that could not be done, and why; ``tries`` is how often it was begun."""

    index: int
    error: PairforgeError
    reason: Reason = "spec"
    tries: int = 1


@dataclass(frozen=True)
class Limits:
    """What one unit may use, and how often it is begun before it counts as poison.

    ``seconds`` is wall time from its beginning, once its worker has imported what it needs; ``memory_bytes`` what its
    worker and that worker's children hold together; None: no limit. Before the n-th further try pass
    ``pause_s * 2 ** (n - 1)`` seconds. Work whose spec is at fault is never tried again: it would fail alike.
    """

    seconds: float | None = None
    memory_bytes: int | None = None
    tries: int = 3
    pause_s: float = 1.0


class Work(Protocol):
    """A unit of work as executors see it: plain data that can be sent anywhere, numbered within its dataset."""

    @property
    def index(self) -> int: ...

    @property
    def root(self) -> Path: ...

    @property
    def renderer(self) -> str: ...

    def run(self, renderer: Renderer, on_frame: Callable[[], None]) -> Done:
        """Do it and publish what was made; ``on_frame`` is called after each keyframe."""
        ...


@runtime_checkable
class Foresighted(Work, Protocol):
    """Work whose beginning can be done before it is its turn, beside another unit and without a renderer."""

    def foresee(self) -> Any:
        """That beginning; raises what ``run`` would."""

    def run_foreseen(
        self, renderer: Renderer, on_frame: Callable[[], None], foreseen: Any, on_ready: Callable[[], None]
    ) -> Done:
        """``run``, from what ``foresee`` gave (None: nothing); ``on_ready`` is called once the beginning is done,
        when the next unit's may be."""
        ...


class Executor(Protocol):
    """Runs work somewhere and tells how each unit ended, in whatever order."""

    def run(
        self,
        jobs: Sequence[Work],
        on_frame: Callable[[], None],
        on_retry: Callable[[Failure], None] = lambda failure: None,
    ) -> Iterator[Done | Failure]:
        """Yields exactly one result a unit; ``on_frame`` is called for every keyframe made, ``on_retry`` for every
        attempt that was lost and will be made again."""

    def drain(self) -> None:
        """Begin no more units: ``run`` ends when those under way have, and the others get no result."""
