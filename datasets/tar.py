"""Plain USTAR shards: written byte for byte the same, read within bounds, never unpacked to disk."""

from __future__ import annotations

import tarfile
from collections.abc import Iterator
from dataclasses import dataclass

from pairforge.datasets.files import HashingFile
from pairforge.errors import DatasetError

BLOCK = tarfile.BLOCKSIZE


@dataclass(frozen=True)
class Member:
    """A file in a tar: where its data starts, and how many bytes."""

    name: str
    offset: int
    size: int


class TarWriter:
    """Appends members with no owner, no clock and fixed modes, so equal data give equal bytes."""

    def __init__(self, file: HashingFile) -> None:
        self._file = file

    @property
    def offset(self) -> int:
        return self._file.size

    def add(self, name: str, data: bytes) -> Member:
        """Write one member."""
        info = tarfile.TarInfo(name)
        info.size, info.mode = len(data), 0o644
        self._file.write(info.tobuf(tarfile.USTAR_FORMAT, "utf-8", "strict"))
        member = Member(name, self._file.size, len(data))
        self._file.write(data)
        self._file.write(bytes(-len(data) % BLOCK))
        return member

    def end(self) -> None:
        """The end mark, padded to a whole record as tar does."""
        self._file.write(bytes(2 * BLOCK))
        self._file.write(bytes(-self._file.size % tarfile.RECORDSIZE))


def members(data: bytes, where: str, start: int = 0) -> Iterator[Member]:
    """The regular files of a piece of tar whose first byte lies at ``start`` of the shard.

    Offsets are relative to ``data``. Raises DatasetError for anything but well-formed regular files.
    """
    position = 0
    while position + BLOCK <= len(data):
        header = data[position : position + BLOCK]
        if not any(header):
            return
        try:
            info = tarfile.TarInfo.frombuf(header, "utf-8", "strict")
        except (tarfile.HeaderError, ValueError) as error:
            raise DatasetError(f"{where}: damaged tar header at byte {start + position} ({error})") from error
        if info.type not in (tarfile.REGTYPE, tarfile.AREGTYPE):
            raise DatasetError(f'{where}: member "{info.name}" is not a regular file')
        position += BLOCK
        if info.size < 0 or position + info.size > len(data):
            raise DatasetError(f'{where}: member "{info.name}" is truncated ({info.size} bytes said)')
        yield Member(info.name, position, info.size)
        position += info.size + -info.size % BLOCK
