"""The worker's main loop: ``python -m pairforge.renderers.blender_worker FD THREADS DEVICE``.

Only this process imports bpy. It answers requests until its pipe closes, and leaves at once when its parent dies.
"""

from __future__ import annotations

import os
import shutil
import sys
import tempfile
import threading
import time
import traceback
from collections.abc import Callable
from contextlib import suppress
from multiprocessing.connection import Connection
from pathlib import Path
from typing import Any

from pairforge.scratch import empty


def _watch_parent(parent: int) -> None:
    """Ends this process, even amid a render, once its parent is gone."""
    while os.getppid() == parent:
        time.sleep(0.5)
    _leave(1)


def _leave(code: int) -> None:
    """Ends this process with its temporary files, which a killed parent cannot remove."""
    empty(Path(os.environ["TMPDIR"]))
    os._exit(code)


def _stay_in_scratch() -> None:
    """Where Blender finds its folder for temporary files gone, because all ends, it takes the system's own."""
    import bpy  # in the worker's process alone, as all that follows

    taken = Path(bpy.app.tempdir).resolve()
    if not taken.is_relative_to(Path(os.environ["TMPDIR"]).resolve()):
        shutil.rmtree(taken, ignore_errors=True)
        _leave(1)


def serve(pipe: Connection, threads: int, device: str) -> None:
    """Answers (failed, answer) to each (request, arguments) until the pipe closes."""
    from pairforge.renderers.blender_clock import Clock
    from pairforge.renderers.blender_materials import surfaces
    from pairforge.renderers.blender_stage import Stage

    _stay_in_scratch()
    stage = Stage(threads, device)
    actions: dict[str, Callable[..., Any]] = {
        "open": stage.open,
        "render": stage.render,
        "passes": stage.passes,
        "probe": stage.probe,
        "clock": Clock().read,
    }
    idle = surfaces()
    while True:
        try:
            while not pipe.poll() and next(idle, None) is not None:
                pass
            request, arguments = pipe.recv()
        except (EOFError, OSError):
            return
        if request == "open":
            # Between pictures it is never idle: the next one is asked for within milliseconds.
            idle = iter(())
        try:
            answer = (False, actions[request](*arguments))
        except Exception as error:  # it is raised again in the process that asked
            traceback.print_exc()
            answer = (True, f"{type(error).__name__}: {error}")
        pipe.send(answer)


def main() -> None:
    tempfile.tempdir = os.environ["TMPDIR"]  # there or nowhere
    threading.Thread(target=_watch_parent, args=(os.getppid(),), daemon=True).start()
    with suppress(BrokenPipeError):  # The parent may leave while we answer.
        serve(Connection(int(sys.argv[1])), int(sys.argv[2]), sys.argv[3])
    # bpy's own shutdown can crash after a heavy scene; everything worth keeping has been sent.
    sys.stdout.flush()
    _leave(0)


if __name__ == "__main__":
    main()
