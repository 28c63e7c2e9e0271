"""Files that are either whole or not there: staging, hashing, fsync, rename.

All writing to disk goes through here, so that another kind of storage needs another version of this file only.
"""

from __future__ import annotations

import contextlib
import errno
import fcntl
import hashlib
import os
import re
import shutil
import socket
import stat
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pairforge.errors import DatasetError, MachineError

STAGING = ".staging"
_CHUNK = 1 << 20
_LOCK = ".lock"


class HashingFile:
    """A binary file being written that knows its length and sha256."""

    def __init__(self, path: Path) -> None:
        self._file: BinaryIO = path.open("xb")
        self._digest = hashlib.sha256()
        self.size = 0

    def write(self, data: bytes) -> None:
        self._file.write(data)
        self._digest.update(data)
        self.size += len(data)

    @property
    def sha256(self) -> str:
        return self._digest.hexdigest()

    def close(self, *, sync: bool = True) -> None:
        """Flush to the disk (``sync``) and close; safe to call twice."""
        if self._file.closed:
            return
        try:
            if sync:
                self._file.flush()
                os.fsync(self._file.fileno())
        finally:
            self._file.close()


def sha256_file(path: Path) -> str:
    """Hash of a file's bytes; raises OSError."""
    digest = hashlib.sha256()
    with path.open("rb") as file:
        while block := file.read(_CHUNK):
            digest.update(block)
    return digest.hexdigest()


def sync_folder(folder: Path) -> None:
    """Make renames within a folder last through a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def move_into_place(staged: Path, target: Path) -> None:
    """Rename within one file system: readers see the old file or the new one, never a mixture."""
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(staged, target)
    sync_folder(target.parent)


def write_atomic(root: Path, target: Path, data: bytes) -> None:
    """Replace a small file of the dataset ``root`` as a whole, or leave it as it was.

    Raises MachineError when the disk refuses.
    """
    with disk_errors(f"write {target}"), staging(root, target.name) as folder:
        file = HashingFile(folder / target.name)
        try:
            file.write(data)
        finally:
            file.close()
        move_into_place(folder / target.name, target)


@contextlib.contextmanager
def staging(root: Path, name: str) -> Iterator[Path]:
    """A folder of this process alone on the dataset's file system, gone afterwards.

    While it is in use its lock file is held; the kernel lets go of it when the process ends, however it ends, so
    that ``clean_stale`` cannot mistake a living process for a dead one, whatever process ids come round again.
    """
    base = root / STAGING
    folder, lock = _claimed(base, name)
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        os.close(lock)
        _drop(base)


def _claimed(base: Path, name: str) -> tuple[Path, int]:
    """A new folder in ``base`` and the lock on it. Others may remove either while still empty and not yet locked."""
    for _ in range(1000):
        with contextlib.suppress(FileNotFoundError):
            _make(base)
            folder = Path(tempfile.mkdtemp(prefix=f"{_host()}.{name}.", dir=base))
            lock = os.open(folder / _LOCK, os.O_RDWR | os.O_CREAT)
            if _locked(lock) and (folder / _LOCK).exists():
                return folder, lock
            os.close(lock)
    raise FileNotFoundError(errno.ENOENT, "it is removed again and again", str(base))


def _make(base: Path) -> None:
    try:
        base.mkdir(parents=True, exist_ok=True)
    except FileExistsError:  # pathlib's answer also when it was there and is gone, or comes and goes
        with contextlib.suppress(FileNotFoundError):
            if not stat.S_ISDIR(base.stat().st_mode):
                raise


def _locked(lock: int) -> bool:
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def clean_stale(root: Path) -> int:
    """Remove staging folders that dead processes of this machine left; returns how many."""
    base = root / STAGING
    with contextlib.suppress(FileNotFoundError):
        removed = [
            _removed(folder) for folder in sorted(base.iterdir()) if folder.name.startswith(f"{_host()}.")
        ]
        _drop(base)
        return sum(removed)
    return 0


def _removed(folder: Path) -> bool:
    """Remove a folder whose lock nobody holds, or that is empty."""
    try:
        lock = os.open(folder / _LOCK, os.O_RDWR)
    except OSError:
        _drop(folder)
        return False
    try:
        if abandoned := _locked(lock):
            shutil.rmtree(folder, ignore_errors=True)
        return abandoned
    finally:
        os.close(lock)


def _drop(folder: Path) -> None:
    with contextlib.suppress(OSError):
        folder.rmdir()


@contextlib.contextmanager
def disk_errors(action: str) -> Iterator[None]:
    """Turn what the disk refuses into a MachineError that names the remedy."""
    try:
        yield
    except OSError as error:
        raise MachineError(f"could not {action}: {_reason(error)}") from error


def _reason(error: OSError) -> str:
    path = error.filename or "the output directory"
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            return "no space is left. Free some, or choose another --out; then run again: finished scenes are kept."
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return f"{path} is not writable. Choose another --out or change its permissions."
        case errno.ENOTDIR | errno.EEXIST:
            return f"{path} is a file where a directory is needed. Choose another --out."
        case _:
            return f"{error.strerror or error}. Check the disk, or choose another --out."


def read_bytes(path: Path, offset: int = 0, size: int | None = None) -> bytes:
    """Exactly ``size`` bytes from ``offset`` (to the end when None); DatasetError when they are not there."""
    try:
        with path.open("rb") as file:
            length = os.fstat(file.fileno()).st_size
            wanted = length - offset if size is None else size
            if offset < 0 or wanted < 0 or offset + wanted > length:
                raise DatasetError(
                    f"{path} has {length} bytes, too few for {wanted} at {offset}: it is truncated. "
                    "Generate this scene again."
                )
            file.seek(offset)
            return file.read(wanted)
    except OSError as error:
        raise DatasetError(
            f"cannot read {path}: {error.strerror or error}. Generate this scene again."
        ) from error


def _host() -> str:
    return re.sub(r"[^A-Za-z0-9-]", "-", socket.gethostname()) or "host"
