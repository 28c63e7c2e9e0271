"""Costs that are counted, not timed: the same on any machine, busy or idle.

Instructions are those of Python, bytecode by bytecode, in pairforge's own modules: they do not depend on the
processor, nor on the versions of libraries. (Valgrind's depend on the vector units that NumPy and Embree find, and on
every library's build.) What runs in other threads is not seen, so count what runs in one.
"""

from __future__ import annotations

import gc
import os
import sys
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from types import CodeType, FrameType
from typing import Any
from unittest import mock

import pairforge.pipeline
from pairforge.sensors.ray_scene import TriangleScene

_ROOT = Path(pairforge.pipeline.__file__).resolve().parents[1]
"""Above our folders, however they are linked into a package."""
_NOT_COUNTED = ("tests", "benchmarks", "examples")


@contextmanager
def instructions() -> Iterator[Counter[str]]:
    """Counts, as "instructions", the bytecodes that our own functions execute in this thread; "calls" their calls."""
    found: Counter[str] = Counter()
    ours: dict[CodeType, bool] = {}

    def step(frame: FrameType, event: str, argument: Any) -> Any:
        if event == "opcode":
            found["instructions"] += 1
        return step

    def entered(frame: FrameType, event: str, argument: Any) -> Any:
        code = frame.f_code
        if code not in ours:
            ours[code] = _is_ours(Path(code.co_filename).resolve())
        if not ours[code]:
            return None
        found["calls"] += 1
        frame.f_trace_lines, frame.f_trace_opcodes = False, True
        return step

    before = sys.gettrace()
    gc.collect()
    gc.disable()  # finalizers would be counted where they happen to run
    sys.settrace(entered)
    try:
        yield found
    finally:
        sys.settrace(before)
        gc.enable()


def _is_ours(path: Path) -> bool:
    """A module of the package: not of a test, nor of a library in an environment that lies below us."""
    if not path.is_relative_to(_ROOT):
        return False
    top = path.relative_to(_ROOT).parts[0]
    return top not in _NOT_COUNTED and not top.startswith(".")


@contextmanager
def disk() -> Iterator[Counter[str]]:
    """Counts what is asked of the disk: "syncs", "renames", files "opened", folders "listed"."""
    found: Counter[str] = Counter()
    watched = {"open": "opened", "os.rename": "renames", "os.listdir": "listed", "os.scandir": "listed"}

    def heard(event: str, arguments: tuple[Any, ...]) -> None:
        if _hearing[0] is found and event in watched and not _is_module(arguments):
            found[watched[event]] += 1

    fsync = os.fsync

    def synced(handle: int) -> None:
        found["syncs"] += 1
        fsync(handle)

    sys.addaudithook(heard)  # it cannot be taken away again; it only stops counting
    _hearing[0] = found
    try:
        with mock.patch.object(os, "fsync", synced):
            yield found
    finally:
        _hearing[0] = None


_hearing: list[Counter[str] | None] = [None]


def _is_module(arguments: tuple[Any, ...]) -> bool:
    """A file of Python's, read because something is imported for the first time."""
    return str(arguments[0]).endswith((".py", ".pyc", ".so"))


@contextmanager
def rays() -> Iterator[Counter[str]]:
    """Counts "rays" that are cast, and the "casts" that they went in."""
    found: Counter[str] = Counter()
    cast, blocked = TriangleScene.cast, TriangleScene.blocked

    def counted(work: Callable[..., Any]) -> Callable[..., Any]:
        def wrapped(scene: TriangleScene, these: Any) -> Any:
            found["rays"] += len(these)
            found["casts"] += 1
            return work(scene, these)

        return wrapped

    with (
        mock.patch.object(TriangleScene, "cast", counted(cast)),
        mock.patch.object(TriangleScene, "blocked", counted(blocked)),
    ):
        yield found
