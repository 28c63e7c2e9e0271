"""The process that Blender lives in: started, asked, timed, buried.

Blender may crash or hang and prints as it likes, so it gets a process of its own, its output goes to a log that error
messages quote, and it ends by itself when its parent is gone.
"""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import weakref
from contextlib import suppress
from multiprocessing.connection import Connection
from typing import IO, Any

from pairforge.errors import RenderError
from pairforge.renderers.devices import CPU
from pairforge.scratch import Claim, claim_scratch

_LOG_LINES = 12
_GRACE_S = 5.0


class BlenderProcess:
    """A running worker. ``ask`` raises RenderError when it fails, dies, or is silent for ``timeout_s``."""

    def __init__(self, threads: int | None = None, device: str = CPU) -> None:
        scratch = claim_scratch("blender")
        # An unlinked log leaves nothing behind, however this process ends.
        self._log = tempfile.TemporaryFile(mode="w+b", dir=scratch.folder)  # noqa: SIM115  (closed with the process)
        ours, theirs = socket.socketpair()
        with theirs:
            self._process = subprocess.Popen(
                [
                    sys.executable,
                    "-m",
                    "pairforge.renderers.blender_worker",
                    str(theirs.fileno()),
                    str(threads or 0),
                    device,
                ],
                stdin=subprocess.DEVNULL,
                stdout=self._log,
                stderr=subprocess.STDOUT,
                pass_fds=[theirs.fileno(), scratch.lock],
                env=_environment(str(scratch.folder), device),
            )
        # Also when nobody closes it: a folder that goes before its process would make that write elsewhere.
        self._end = weakref.finalize(self, _ended, os.getpid(), self._process, self._log, scratch)
        self._pipe: Connection = Connection(ours.detach())

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def alive(self) -> bool:
        return not self._pipe.closed and self._process.poll() is None

    def ask(self, request: str, *arguments: object, timeout_s: float) -> Any:
        """The worker's answer. After a death or a time-out the process is gone; after an error it lives on."""
        try:
            self._pipe.send((request, arguments))
            if not self._pipe.poll(timeout_s):
                raise self._buried(
                    f"Blender gave no answer to {request!r} within {timeout_s:g} s and was ended"
                )
            failed, answer = self._pipe.recv()
        except (EOFError, OSError) as error:
            raise self._buried(f"Blender died while asked to {request!r}") from error
        if failed:
            raise RenderError(f"Blender could not {request!r}: {answer}\n{self.log_tail()}")
        return answer

    def log_tail(self) -> str:
        """The last lines the worker printed."""
        self._log.flush()
        size = os.fstat(self._log.fileno()).st_size
        text = os.pread(self._log.fileno(), 8192, max(0, size - 8192)).decode(errors="replace")
        lines = text.strip().splitlines()[-_LOG_LINES:]
        return (
            "\n".join(["Its last output:", *(f"  {line}" for line in lines)])
            if lines
            else "It printed nothing."
        )

    def close(self) -> None:
        """Ends the worker, gently at first; safe to call twice."""
        self._pipe.close()
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(_GRACE_S)
        self._end()

    def _buried(self, what: str) -> RenderError:
        with suppress(subprocess.TimeoutExpired):
            self._process.wait(0.5)
        code = self._process.poll()
        how = "" if code is None else f" (killed by signal {-code})" if code < 0 else f" (exit code {code})"
        error = RenderError(f"{what}{how}. Run `pairforge doctor` to check the machine. {self.log_tail()}")
        self._pipe.close()
        self._end()
        return error


def _ended(owner: int, process: subprocess.Popen[bytes], log: IO[bytes], scratch: Claim) -> None:
    """Ends the worker, then removes its files; a fork of its owner leaves both alone."""
    if os.getpid() != owner:
        return
    if process.poll() is None:
        process.kill()
    process.wait()
    log.close()
    scratch.drop()


def _environment(folder: str, device: str) -> dict[str, str]:
    """Blender's temporary files and settings stay in our folder: no user preference reaches a picture. Kernels that
    were compiled for a GPU stay in the user's cache, since that takes minutes."""
    quiet = {
        "TMPDIR": folder,
        "BLENDER_USER_RESOURCES": folder,
        "PYTHONUNBUFFERED": "1",
        "PYTHONFAULTHANDLER": "1",
    }
    cache = {"XDG_CACHE_HOME": folder} if device == CPU else {}
    return {**os.environ, **quiet, **cache}
