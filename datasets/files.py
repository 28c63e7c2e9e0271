"""Files that are either whole or not there: staging, hashing, fsync, rename.

All writing to disk goes through here, so that another kind of storage needs another version of this file only.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
import re
import shutil
import socket
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from pairforge.errors import DatasetError, MachineError

STAGING = ".staging"
_CHUNK = 1 << 20


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

    Its name holds host and process id, so that ``clean_stale`` can tell a dead process's leavings.
    """
    base = root / STAGING
    base.mkdir(parents=True, exist_ok=True)
    folder = Path(tempfile.mkdtemp(prefix=f"{_host()}.{os.getpid()}.{name}.", dir=base))
    try:
        yield folder
    finally:
        shutil.rmtree(folder, ignore_errors=True)
        with contextlib.suppress(OSError):
            base.rmdir()


def clean_stale(root: Path) -> int:
    """Remove staging folders that dead processes of this machine left; returns how many."""
    base = root / STAGING
    removed = 0
    for folder in sorted(base.iterdir()) if base.is_dir() else ():
        host, _, rest = folder.name.partition(".")
        pid = rest.partition(".")[0]
        if host == _host() and pid.isdigit() and not _alive(int(pid)):
            shutil.rmtree(folder, ignore_errors=True)
            removed += 1
    with contextlib.suppress(OSError):
        base.rmdir()
    return removed


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


def _alive(pid: int) -> bool:
    try:
        os.kill(pid, 0)
    except ProcessLookupError:
        return False
    except OSError:
        return True
    return True
