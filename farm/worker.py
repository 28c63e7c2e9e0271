"""The process that units are done in: ``python -m pairforge.farm.worker FD``.

It is given units over its pipe, one after another, keeps one renderer, and tells what becomes of them. With a unit it
may be told of the next, which it then prepares while the present one is pictured. When the pipe closes, be it by its
parent's death, it ends at once.
"""

from __future__ import annotations

import contextlib
import faulthandler
import gc
import os
import pickle
import queue
import signal
import sys
import tempfile
import threading
import traceback
from collections.abc import Callable
from itertools import count
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any, NoReturn

import psutil

from pairforge.errors import PairforgeError, RenderError
from pairforge.farm.attempts import reason_of
from pairforge.farm.foresight import Foresight
from pairforge.farm.kin import kin
from pairforge.farm.protocol import Done, Foresighted, Work
from pairforge.registry import RENDERERS
from pairforge.renderers.protocol import Renderer
from pairforge.scratch import empty

TAKEN, BEGUN, FRAME, DONE, FAILED = "taken", "begun", "frame", "done", "failed"
STOP = b""


class Bench:
    """The worker's one renderer, made when the first unit asks for it, and what is prepared of the next unit."""

    def __init__(self) -> None:
        self.foresight = Foresight()
        self._name = ""
        self._renderer: Renderer | None = None
        self._settled = False

    def renderer(self, name: str) -> Renderer:
        if self._renderer is None or name != self._name:
            self.clear()
            self._name, self._renderer = name, RENDERERS.load(name)()
        return self._renderer

    def clear(self) -> None:
        """Ends the renderer; the next unit gets a fresh one."""
        if self._renderer is not None:
            self._renderer.close()
        self._renderer = None

    def settle(self, job: Work) -> Renderer:
        """Loads what ``job`` is done with and gives its renderer. What the first one loads is left out of the search
        for garbage after every unit, which takes 0.1 CPU seconds else."""
        renderer = self.renderer(job.renderer)
        if not self._settled:
            if isinstance(job, Foresighted):
                import pairforge.pipeline  # noqa: F401  (scenes load it when they need it)
            gc.freeze()
            self._settled = True
        return renderer

    def do(self, job: Work, then: Foresighted | None, on_frame: Callable[[], None]) -> Done:
        """Does ``job`` and prepares ``then`` meanwhile; raises what ``job`` does."""
        renderer = self.settle(job)
        if not isinstance(job, Foresighted):
            return job.run(renderer, on_frame)
        foreseen = self.foresight.take(job)
        return job.run_foreseen(renderer, on_frame, foreseen, lambda: self.foresight.begin(then))


def serve(pipe: Connection, units: queue.SimpleQueue[bytes]) -> None:
    """Does units until told to stop."""
    bench = Bench()
    while (unit := units.get()) != STOP:
        pipe.send((TAKEN, None))
        _tell(pipe, _attempt(pipe, unit, bench))
    bench.clear()
    if bench.foresight.busy:
        _leave(0)  # a unit that nobody will ask for


def _attempt(pipe: Connection, unit: bytes, bench: Bench) -> tuple[str, Any]:
    """(DONE, Done) or (FAILED, (reason, PairforgeError))."""
    frames = count(1)
    try:
        # What a unit is made with is loaded here, which is no part of its time.
        job, then = pickle.loads(unit)
        bench.settle(job)
        pipe.send((BEGUN, None))
        return DONE, bench.do(job, then, lambda: pipe.send((FRAME, next(frames))))
    except PairforgeError as error:
        if isinstance(error, RenderError):
            bench.clear()  # whatever state it is in, the next attempt shall not meet it
        return FAILED, (reason_of(error), error)
    except Exception as error:  # a unit's own, whatever it is
        said = traceback.format_exc(limit=-8).strip()
        words = f"it ended in an error that nobody foresaw: {type(error).__name__}: {error}\n{said}"
        return FAILED, (reason_of(error), PairforgeError(words))


def _tell(pipe: Connection, message: tuple[str, Any]) -> None:
    """Sends a result; an error that does not travel goes as its words."""
    try:
        pickle.loads(pickle.dumps(message))
    except Exception:
        reason, error = message[1]
        message = (FAILED, (reason, PairforgeError(str(error))))
    pipe.send(message)


def _listen(pipe: Connection, units: queue.SimpleQueue[bytes]) -> None:
    with contextlib.suppress(EOFError, OSError):
        while unit := pipe.recv_bytes():
            units.put(unit)
        units.put(STOP)
        pipe.recv_bytes()  # nothing more will come but the end
    _leave(1)


def _leave(code: int) -> NoReturn:
    """Ends this process, whatever its threads are at, and before its scratch folder whoever works in that."""
    for process in kin(os.getpid())[1:]:
        with contextlib.suppress(psutil.Error):
            process.kill()
    empty(Path(os.environ["TMPDIR"]))
    os._exit(code)


def _settle() -> None:
    """Signals meant for the whole group are the parent's to answer; a worker that ran out of memory goes first. What
    its parent takes away while it starts is not sought elsewhere."""
    tempfile.tempdir = os.environ["TMPDIR"]
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    faulthandler.enable()
    faulthandler.register(signal.SIGUSR1)
    with contextlib.suppress(OSError), open("/proc/self/oom_score_adj", "w") as file:
        file.write("500")


def main() -> None:
    _settle()
    pipe = Connection(int(sys.argv[1]))
    sys.path[:] = pickle.loads(pipe.recv_bytes())
    units: queue.SimpleQueue[bytes] = queue.SimpleQueue()
    threading.Thread(target=_listen, args=(pipe, units), daemon=True).start()
    serve(pipe, units)


if __name__ == "__main__":
    main()
