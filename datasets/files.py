"""Files that are either whole or not there: staging, hashing, fsync, rename; in an object store, upload.

All writing goes through here. On a disk, files are made beside the dataset and renamed into it; for an object store
they are made in a scratch folder of this machine, and each appears with its upload's last word.
"""

from __future__ import annotations

import contextlib
import errno
import hashlib
import os
from collections.abc import Iterable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import BinaryIO

from pairforge.datasets import objects
from pairforge.datasets.place import remote
from pairforge.errors import DatasetError, MachineError
from pairforge.scratch import claim, host, own_folder, sweep

STAGING = ".staging"
SCRATCH = "PAIRFORGE_SCRATCH"
"""Environment variable: the folder where files wait for their upload; by default TMPDIR, else /tmp."""
AT_ONCE = 16
"""Requests to an object store under way at the same time."""
_CHUNK = 1 << 20
_REMOTE_CHUNK = 8 << 20


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
    for block in _remote_blocks(path) if remote(path) else _blocks(path):
        digest.update(block)
    return digest.hexdigest()


def _blocks(path: Path) -> Iterator[bytes]:
    with path.open("rb") as file:
        while block := file.read(_CHUNK):
            yield block


def _remote_blocks(path: Path) -> Iterator[bytes]:
    length = objects.size(path)
    for start in range(0, length, _REMOTE_CHUNK):
        yield objects.get_bytes(path, start, min(start + _REMOTE_CHUNK, length))


def sync_folder(folder: Path) -> None:
    """Make renames within a folder last through a power cut."""
    handle = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def sync_file(path: Path) -> None:
    """Make a file's bytes last through a power cut. Raises OSError."""
    handle = os.open(path, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def make_folder(root: Path) -> None:
    """A folder for a dataset; an object store needs none. Raises OSError."""
    if not remote(root):
        root.mkdir(parents=True, exist_ok=True)


def move_into_place(staged: Path, target: Path) -> None:
    """Put a staged file where it belongs: readers see the old file or the new one, never a mixture.

    On a disk by renaming, which needs one file system; into an object store by upload. Raises OSError, MachineError.
    """
    if remote(target):
        objects.put_file(staged, target)
        staged.unlink()
        return
    target.parent.mkdir(parents=True, exist_ok=True)
    os.replace(staged, target)
    sync_folder(target.parent)


def move_all_into_place(moves: Mapping[Path, Path]) -> None:
    """Staged file -> where it belongs, for all, in whatever order; uploads go side by side."""
    if not any(remote(target) for target in moves.values()):
        for staged, target in moves.items():
            move_into_place(staged, target)
        return
    with ThreadPoolExecutor(AT_ONCE) as pool:
        for done in [pool.submit(move_into_place, s, t) for s, t in moves.items()]:
            done.result()


def remove(path: Path) -> None:
    """Remove a file if it is there. Raises OSError, MachineError."""
    if remote(path):
        objects.remove(path)
    else:
        path.unlink(missing_ok=True)


def write_atomic(root: Path, target: Path, data: bytes) -> None:
    """Replace a small file of the dataset ``root`` as a whole, or leave it as it was.

    Raises MachineError when the disk or the store refuses.
    """
    if remote(target):
        objects.put_bytes(target, data)
        return
    with disk_errors(f"write {target}"), staging(root, target.name) as folder:
        file = HashingFile(folder / target.name)
        try:
            file.write(data)
        finally:
            file.close()
        move_into_place(folder / target.name, target)


@contextlib.contextmanager
def staging(root: Path, name: str) -> Iterator[Path]:
    """A folder of this process alone on the dataset's file system (of an object store: on this machine), gone
    afterwards.

    While it is in use its lock file is held; the kernel lets go of it when the process ends, however it ends, so
    that ``clean_stale`` cannot mistake a living process for a dead one, whatever process ids come round again.
    """
    claimed = claim(_staging_base(root), f"{host()}.{name}.")
    try:
        yield claimed.folder
    finally:
        claimed.drop()


def _staging_base(root: Path) -> Path:
    """Where files are made before they are moved into ``root``."""
    if not remote(root):
        return root / STAGING
    asked = os.environ.get(SCRATCH)
    return own_folder(Path(asked) if asked else None) / STAGING


def clean_stale(root: Path) -> int:
    """Remove staging folders that dead processes of this machine left; returns how many.

    Also those of other machines in which nothing happened for a day, and in an object store parts of uploads that
    nobody finished within one. Raises MachineError.
    """
    if remote(root):
        objects.abort_abandoned(root)
    return sweep(_staging_base(root), older_s=objects.ABANDONED_AFTER.total_seconds())


@contextlib.contextmanager
def disk_errors(action: str, root: Path | None = None) -> Iterator[None]:
    """Turn what the disk refuses into a MachineError that names the remedy; ``root``: the dataset it is done for."""
    try:
        yield
    except OSError as error:
        scratch = root is not None and remote(root)
        raise MachineError(f"could not {action}: {_reason(error, scratch)}") from error


def _reason(error: OSError, scratch: bool = False) -> str:
    path = error.filename or ("the scratch folder" if scratch else "the output directory")
    other = f"set {SCRATCH} to another folder" if scratch else "choose another --out"
    match error.errno:
        case errno.ENOSPC | errno.EDQUOT | errno.EFBIG:
            where = " in the scratch folder" if scratch else ""
            return (
                f"no space is left{where}. Free some, or {other}; then run again: finished scenes are kept."
            )
        case errno.EACCES | errno.EPERM | errno.EROFS:
            return f"{path} is not writable. {other[0].upper()}{other[1:]} or change its permissions."
        case errno.ENOTDIR | errno.EEXIST:
            return f"{path} is a file where a directory is needed. {other[0].upper()}{other[1:]}."
        case _:
            return f"{error.strerror or error}. Check the disk, or {other}."


def read_bytes(path: Path, offset: int = 0, size: int | None = None) -> bytes:
    """Exactly ``size`` bytes from ``offset`` (to the end when None), of an object by one range request.

    Raises DatasetError when they are not there, MachineError when an object store refuses.
    """
    if remote(path):
        return _remote_bytes(path, offset, size)
    try:
        with path.open("rb") as file:
            length = os.fstat(file.fileno()).st_size
            wanted = length - offset if size is None else size
            if offset < 0 or wanted < 0 or offset + wanted > length:
                raise DatasetError(_short(path, f"has {length} bytes", wanted, offset))
            file.seek(offset)
            return file.read(wanted)
    except OSError as error:
        raise DatasetError(
            f"cannot read {path}: {error.strerror or error}. Generate this scene again."
        ) from error


def _remote_bytes(path: Path, offset: int, size: int | None) -> bytes:
    if offset < 0 or (size is not None and size < 0):
        raise DatasetError(_short(path, "has none such", size or 0, offset))
    if size == 0:
        return b""
    try:
        data = objects.get_bytes(path, offset or None, None if size is None else offset + size)
    except FileNotFoundError:
        raise DatasetError(f"cannot read {path}: it is not there. Generate this scene again.") from None
    except MachineError as error:
        if objects.past_end(error.__cause__):
            raise DatasetError(_short(path, "ends before", size or 0, offset)) from error
        raise
    if size is not None and len(data) != size:
        raise DatasetError(_short(path, f"gave {len(data)} bytes", size, offset))
    return data


def _short(path: Path, what: str, wanted: int, offset: int) -> str:
    return f"{path} {what}, too few for {wanted} at {offset}: it is truncated. Generate this scene again."


def read_all(paths: Iterable[Path]) -> Iterator[bytes | DatasetError]:
    """The bytes of whole small files in order, or why not; objects are fetched side by side."""
    paths = list(paths)
    if not any(remote(p) for p in paths):
        yield from map(_bytes_or_error, paths)
        return
    with ThreadPoolExecutor(AT_ONCE) as pool:
        yield from pool.map(_bytes_or_error, paths)


def _bytes_or_error(path: Path) -> bytes | DatasetError:
    try:
        return read_bytes(path)
    except DatasetError as error:
        return error


def listed(folder: Path, prefix: str = "") -> Iterator[tuple[str, int]]:
    """Names and sizes of what lies right in a folder and begins with ``prefix``, in whatever order; folders have the
    size -1, and a folder that is not there holds nothing. Raises OSError, MachineError."""
    if remote(folder):
        yield from objects.listed(folder, prefix)
        return
    with contextlib.suppress(FileNotFoundError, NotADirectoryError), os.scandir(folder) as entries:
        for entry in entries:
            if entry.name.startswith(prefix):
                yield entry.name, -1 if entry.is_dir() else entry.stat().st_size


def names(folder: Path) -> list[str]:
    """Names of what lies right in a folder, sorted; none when it is not there. Raises OSError, MachineError."""
    if remote(folder):
        return objects.names(folder)
    with contextlib.suppress(FileNotFoundError):
        return sorted(os.listdir(folder))
    return []


def sizes(paths: Iterable[Path]) -> list[int]:
    """Bytes of each file, -1 where it is not there; objects are asked for side by side.

    Raises OSError, MachineError.
    """
    paths = list(paths)
    if not any(remote(p) for p in paths):
        return [_size(p) for p in paths]
    with ThreadPoolExecutor(AT_ONCE) as pool:
        return list(pool.map(_size, paths))


def _size(path: Path) -> int:
    try:
        return objects.size(path) if remote(path) else path.stat().st_size
    except (FileNotFoundError, NotADirectoryError):
        return -1


def is_file(path: Path) -> bool:
    """Whether a file is there; unlike ``Path.is_file`` an object store is asked again when it fails for the moment.

    Raises MachineError.
    """
    return _size(path) >= 0 if remote(path) else path.is_file()
