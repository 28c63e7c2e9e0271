"""Units of work that do well, and units that do every kind of harm, to try executors on."""

from __future__ import annotations

import errno
import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from pairforge.datasets.files import staging, write_atomic
from pairforge.errors import RenderError, SpecError
from pairforge.farm.protocol import Done
from pairforge.renderers.protocol import Renderer

FRAMES = 3
ARRIVAL_S = 6.0


@dataclass(frozen=True)
class Unit:
    """Does ``deed``, one of this module's functions, for ``index``."""

    index: int
    root: Path
    deed: str = "make"
    renderer: str = "raycast"

    def run(self, renderer: Renderer, on_frame: Callable[[], None]) -> Done:
        assert renderer.name == self.renderer
        globals()[self.deed](self, on_frame)
        return Done(self.index, FRAMES, {"deed": 0.25})


class LateUnit(Unit):
    """Takes ``ARRIVAL_S`` to be read by its worker, as what imports much does on a machine that is busy."""

    def __reduce__(self) -> tuple[Any, ...]:
        return late_unit, (self.index, self.root, self.deed)


def late_unit(index: int, root: Path, deed: str) -> LateUnit:
    time.sleep(ARRIVAL_S)
    return LateUnit(index, root, deed)


def make(unit: Unit, on_frame: Callable[[], None]) -> None:
    for _ in range(FRAMES):
        on_frame()
    write_atomic(unit.root, unit.root / "made" / str(unit.index), made(unit.index))


def made(index: int) -> bytes:
    return b"%d " % index * 1000


def wrong_spec(unit: Unit, on_frame: Callable[[], None]) -> None:
    raise SpecError("there is no such thing")


def unforeseen(unit: Unit, on_frame: Callable[[], None]) -> None:
    on_frame()
    raise ZeroDivisionError("a defect of ours")


def die(unit: Unit, on_frame: Callable[[], None]) -> None:
    with staging(unit.root, "half"):
        on_frame()
        os.kill(os.getpid(), signal.SIGKILL)


def crash(unit: Unit, on_frame: Callable[[], None]) -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def hang(unit: Unit, on_frame: Callable[[], None]) -> None:
    with staging(unit.root, "half"):
        _child_that_stays()
        time.sleep(3600)


def eat(unit: Unit, on_frame: Callable[[], None]) -> None:
    """More than its limit, but never a machine's all."""
    held = []
    for _ in range(12):
        held.append(b"x" * (100 << 20))
    time.sleep(3600)


_kept: list[bytes] = []


def leak(unit: Unit, on_frame: Callable[[], None]) -> None:
    _kept.append(b"x" * (200 << 20))
    make(unit, on_frame)


def full_disk(unit: Unit, on_frame: Callable[[], None]) -> None:
    raise OSError(errno.ENOSPC, "no space is left")


def render_at_second(unit: Unit, on_frame: Callable[[], None]) -> None:
    if _first_time(unit):
        on_frame()
        raise RenderError("Blender died")
    make(unit, on_frame)


def die_at_first(unit: Unit, on_frame: Callable[[], None]) -> None:
    if _first_time(unit):
        on_frame()
        die(unit, on_frame)
    make(unit, on_frame)


def surroundings(unit: Unit, on_frame: Callable[[], None]) -> None:
    """Writes down the environment that it finds."""
    text = "\n".join(f"{name}={value}" for name, value in os.environ.items())
    write_atomic(unit.root, unit.root / "environment.txt", text.encode())
    make(unit, on_frame)


def wait_for_leave(unit: Unit, on_frame: Callable[[], None]) -> None:
    """Half-made until somebody makes the file ``leave``."""
    with staging(unit.root, "half"):
        on_frame()
        while not (unit.root / "leave").exists():
            time.sleep(0.02)
    make(unit, on_frame)


def _first_time(unit: Unit) -> bool:
    mark = unit.root / f"tried-{unit.index}"
    before = mark.exists()
    mark.touch()
    return not before


def _child_that_stays() -> None:
    import subprocess
    import sys

    subprocess.Popen([sys.executable, "-c", "import time; time.sleep(3600)", "pairforge-stray"])


def orphan_once(unit: Unit, on_frame: Callable[[], None]) -> None:
    """On Ray only: the first time, the station above dies as a machine would end it."""
    if not (unit.root / "orphaned").exists():
        write_atomic(unit.root, unit.root / "orphaned", b"")
        os.kill(os.getppid(), signal.SIGKILL)
        time.sleep(60.0)
    make(unit, on_frame)
