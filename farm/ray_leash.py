"""What ends a Ray cluster of our own with the run that started it: ``python -m pairforge.farm.ray_leash FD FOLDER``.

Ray's servers die with the process that started them; its agents may take a minute to notice, and its files stay.
"""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import psutil

from pairforge.scratch import empty


@contextlib.contextmanager
def leashed(folder: str, lock: int) -> Iterator[None]:
    """``folder``, claimed with ``lock``, and the Ray processes that live in it end with the block, or with this
    process."""
    ours, theirs = socket.socketpair()
    with theirs:
        command = [sys.executable, "-m", "pairforge.farm.ray_leash", str(theirs.fileno()), folder]
        leash = subprocess.Popen(command, pass_fds=[theirs.fileno(), lock], process_group=0)
    try:
        yield
    finally:
        ours.close()
        with contextlib.suppress(subprocess.TimeoutExpired):
            leash.wait(20.0)


def main() -> None:
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, signal.SIG_IGN)
    with socket.socket(fileno=int(sys.argv[1])) as hand:
        while hand.recv(1):
            pass
    folder = sys.argv[2]
    for _ in range(20):  # one that is just being started has no file there yet
        for process in _living_in(folder):
            with contextlib.suppress(psutil.Error):
                process.kill()
        empty(Path(folder))
        if not os.path.exists(folder) and not _living_in(folder):
            return
        time.sleep(0.1)


def _living_in(folder: str) -> list[psutil.Process]:
    """Ray's processes with a file of ``folder`` open."""
    found = []
    for process in psutil.process_iter():
        # Not we, who hold its lock, nor the run itself, alive and well, with Ray's logs still open.
        if process.pid in (os.getpid(), os.getppid()):
            continue
        with contextlib.suppress(psutil.Error, OSError):
            links = (
                os.readlink(f"/proc/{process.pid}/fd/{fd}") for fd in os.listdir(f"/proc/{process.pid}/fd")
            )
            if any(link.startswith(f"{folder}/") for link in links) and "ray" in " ".join(process.cmdline()):
                found.append(process)
    return found


if __name__ == "__main__":
    main()
