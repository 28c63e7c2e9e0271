"""Units whose beginning can be done ahead, well or with harm."""

from __future__ import annotations

import os
import signal
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from pairforge.errors import SpecError
from pairforge.farm.protocol import Done
from pairforge.renderers.protocol import Renderer
from tests.farm import deeds


@dataclass(frozen=True)
class Begun(deeds.Unit):
    """``beginning``, one of this module's functions, is what ``foresee`` does; each that was done is noted in a file
    that its run removes. Its own run takes long enough for the next one's beginning."""

    beginning: str = "well"

    def foresee(self) -> str:
        globals()[self.beginning]()
        return f"of {self.index}"

    def run_foreseen(
        self, renderer: Renderer, on_frame: Callable[[], None], foreseen: Any, on_ready: Callable[[], None]
    ) -> Done:
        assert foreseen in (None, f"of {self.index}")
        if foreseen is None:
            self.foresee()
        on_ready()
        time.sleep(3.0 if _held else 1.0)
        done = self.run(renderer, on_frame)
        del _held[:1]
        return Done(done.index, done.frames, {"foreseen": float(foreseen is not None)})


_held: list[bytes] = []
LARGE = 500 << 20


def large() -> None:
    """Holds so many bytes until the unit's run has ended."""
    _held.append(b"x" * LARGE)


def well() -> None:
    pass


def death() -> None:
    os.kill(os.getpid(), signal.SIGSEGV)


def fault() -> None:
    raise SpecError("there is no such thing")


def endless() -> None:
    time.sleep(3600)
