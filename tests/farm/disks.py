"""Disks that fill up or are slow: a small one of our own, a limit on the size of files, and a delay."""

from __future__ import annotations

import os
import resource
import subprocess
from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

_BLOCK = 1 << 20


@contextmanager
def small_disk(folder: Path, mebibytes: int) -> Iterator[Path | None]:
    """A file system of that size in memory, mounted at ``folder``; None where we may not mount."""
    folder.mkdir(parents=True, exist_ok=True)
    command = ["mount", "-t", "tmpfs", "-o", f"size={mebibytes}m", "none", str(folder)]
    try:
        mounted = subprocess.run(command, capture_output=True).returncode == 0
    except FileNotFoundError:
        mounted = False
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.run(["umount", "-l", str(folder)], check=True)


class Filler:
    """A file that takes all the room that is left on a disk, to the last byte, until it is removed."""

    def __init__(self, disk: Path) -> None:
        self._path = disk / ".filler"

    def fill(self) -> None:
        with self._path.open("ab", buffering=0) as file:
            for size in (_BLOCK, 4096, 1):
                with suppress(OSError):
                    while file.write(b"\0" * size) == size:
                        pass

    def free(self) -> None:
        self._path.unlink(missing_ok=True)


class FileLimit:
    """Files of these processes may not grow beyond ``most_bytes``, as with a quota."""

    def __init__(self, most_bytes: int = 2048) -> None:
        self._most = most_bytes
        self._limited: dict[int, tuple[int, int]] = {}

    def fill(self, pids: Iterable[int]) -> None:
        for pid in pids:
            with suppress(ProcessLookupError, PermissionError):
                soft, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
                self._limited.setdefault(pid, (soft, hard))
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (self._most, hard))

    def free(self, pids: Iterable[int]) -> None:
        """For those limited before and those that they started since."""
        for pid in {*self._limited, *pids}:
            with suppress(ProcessLookupError, PermissionError):
                _, hard = resource.prlimit(pid, resource.RLIMIT_FSIZE)
                resource.prlimit(pid, resource.RLIMIT_FSIZE, (hard, hard))
        self._limited.clear()


class SlowDisk:
    """Whoever has ``environment`` writes slowly while it is ``slow``: see ``slow_disk/sitecustomize.py``."""

    def __init__(self, flag: Path) -> None:
        self._flag = flag

    @property
    def environment(self) -> Mapping[str, str]:
        path = [str(Path(__file__).with_name("slow_disk")), os.environ.get("PYTHONPATH", "")]
        return {"PAIRFORGE_SLOW_DISK": str(self._flag), "PYTHONPATH": ":".join(p for p in path if p)}

    def slow(self) -> None:
        self._flag.touch()

    def quick(self) -> None:
        self._flag.unlink(missing_ok=True)
