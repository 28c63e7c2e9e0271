"""Folders for files that shall not outlive whoever uses them, however that ends.

A process that is killed cannot tidy up. So each such folder is locked for as long as somebody uses it, which the
kernel ends with the last of them; and whoever makes the next one beside it first removes those that nobody uses.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import os
import re
import shutil
import socket
import stat
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from pairforge.errors import MachineError

LOCK = ".lock"


class Claim:
    """A folder in use. ``lock`` is a file descriptor: a child that gets it (``pass_fds``) uses the folder too."""

    def __init__(self, folder: Path, lock: int) -> None:
        self.folder, self.lock = folder, lock
        self._dropped = False

    def drop(self) -> None:
        """Remove the folder with all that is in it, and the one around it if that is empty; safe to call twice.
        Whoever has ``lock`` should have ended."""
        if self._dropped:
            return
        self._dropped = True
        empty(self.folder)
        os.close(self.lock)


@contextlib.contextmanager
def scratch(name: str, within: Path | None = None) -> Iterator[Path]:
    """A folder of this process alone for temporary files, gone afterwards. ``within``: None is where the system keeps
    such files. Raises OSError, MachineError when that cannot be used."""
    claimed = claim_scratch(name, within)
    try:
        yield claimed.folder
    finally:
        claimed.drop()


def claim_scratch(name: str, within: Path | None = None) -> Claim:
    """As ``scratch``, for an owner who will ``drop`` it. What dead owners left beside it is removed first."""
    home = own_folder(within)
    sweep(home)
    return claim(home, f"{host()}.{name}.")


def own_folder(within: Path | None = None) -> Path:
    """This user's own folder among temporary files. Raises MachineError when it is somebody else's."""
    home = (within or Path(tempfile.gettempdir())) / f"pairforge-{os.geteuid()}"
    make(home)
    with contextlib.suppress(FileNotFoundError):
        if {home.lstat().st_uid, home.stat().st_uid} != {os.geteuid()}:
            raise MachineError(
                f"{home} belongs to somebody else. Set TMPDIR or PAIRFORGE_SCRATCH to a folder of your own."
            )
    return home


def claim(base: Path, prefix: str) -> Claim:
    """A new folder in ``base``, which is made too, for its owner's eyes alone. Raises OSError."""
    for _ in range(1000):  # others may remove either while it is still empty and not yet locked
        with contextlib.suppress(FileNotFoundError):
            make(base)
            folder = Path(tempfile.mkdtemp(prefix=prefix, dir=base))
            lock = os.open(folder / LOCK, os.O_RDWR | os.O_CREAT)
            if _locked(lock) and (folder / LOCK).exists():
                return Claim(folder, lock)
            os.close(lock)
    raise FileNotFoundError(errno.ENOENT, "it is removed again and again", str(base))


def sweep(base: Path, prefix: str = "", older_s: float | None = None) -> int:
    """Remove the folders of ``base`` that nobody uses any more, and ``base`` if it is then empty; returns how many.

    Only those of this machine, whose locks can be trusted: ``prefix`` is what their names start with (by default the
    machine's own). With ``older_s`` also others' in which nothing has changed for so long before the last change in
    ``base`` itself: both times are the file server's.
    """
    mine, removed = prefix or f"{host()}.", 0
    with contextlib.suppress(FileNotFoundError, NotADirectoryError):
        now = base.stat().st_mtime
        for folder in sorted(base.iterdir()):
            if folder.name.startswith(mine):
                removed += _removed(folder)
            elif older_s is not None and now - _changed(folder, now) > older_s:
                empty(folder)
                removed += 1
        drop(base)
    return removed


def empty(folder: Path) -> None:
    """Remove a folder and all that is in it, its lock last, so that somebody else can finish what is broken off; and
    the one around it if that is empty then. Children that are still dying may put files where we remove them."""
    for _ in range(20):
        with contextlib.suppress(OSError):
            for entry in sorted(folder.iterdir(), key=lambda path: path.name == LOCK):
                if entry.is_dir() and not entry.is_symlink():
                    shutil.rmtree(entry)
                else:
                    entry.unlink(missing_ok=True)
            folder.rmdir()
        if not folder.exists():
            drop(folder.parent)
            return
        time.sleep(0.05)


def drop(folder: Path) -> None:
    """Remove a folder if it is empty."""
    with contextlib.suppress(OSError):
        folder.rmdir()


def make(folder: Path) -> None:
    """Make a folder that may be there, or come and go."""
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except FileExistsError:  # pathlib's answer also when it was there and is gone
        with contextlib.suppress(FileNotFoundError):
            if not stat.S_ISDIR(folder.stat().st_mode):
                raise


def host() -> str:
    """This machine's name, as a part of a file's."""
    return re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname()) or "host"


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _removed(folder: Path) -> bool:
    """Remove a folder that nobody uses, nor any in it (a dead owner's child may not have noticed yet)."""
    try:
        lock = os.open(folder / LOCK, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        drop(folder)  # it is empty, or somebody is just making it
        return False
    try:
        if abandoned := _locked(lock) and not any(_held(inner) for inner in folder.glob(f"*/**/{LOCK}")):
            empty(folder)
        return abandoned
    finally:
        os.close(lock)


def _held(path: Path) -> bool:
    try:
        lock = os.open(path, os.O_RDWR | os.O_NOFOLLOW)
    except OSError:
        return False
    try:
        return not _locked(lock)
    finally:
        os.close(lock)


def _changed(folder: Path, now: float) -> float:
    """When anything directly in ``folder`` last changed; ``now`` when it is going at this moment."""
    try:
        return max(path.stat().st_mtime for path in (folder, *folder.iterdir()))
    except OSError:
        return now
