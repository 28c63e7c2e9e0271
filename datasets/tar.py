"""Plain USTAR shards: written byte for byte the same, read within bounds, never unpacked to disk."""

from __future__ import annotations

import re
import tarfile
from collections.abc import Iterator
from dataclasses import dataclass

from pairforge.datasets.files import HashingFile
from pairforge.errors import DatasetError

Buffer = bytes | bytearray | memoryview

BLOCK = tarfile.BLOCKSIZE
_NAME = re.compile(r"[\w-]+(\.[\w-]+)*", re.ASCII)
"""What members are called: key, sensor, array and extension with dots between, so no folder and no way out of one."""


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
        info = _header(header, where, start + position)
        position += BLOCK
        if info.size < 0 or position + info.size > len(data):
            raise DatasetError(f'{where}: member "{info.name}" is truncated ({info.size} bytes said)')
        yield Member(info.name, position, info.size)
        position += info.size + -info.size % BLOCK


def check_member(header: Buffer, name: str, size: int, where: str) -> None:
    """DatasetError unless the tar header before a member's data is of that name and size.

    For one that knows from the tables where a member lies: a shard and tables that do not belong together are found
    out before anything is decoded.
    """
    if _as_written(bytes(header), name.encode(), size):
        return
    info = _header(bytes(header), where, None)
    if (info.name, info.size) != (name, size):
        raise DatasetError(
            f'{where}: member "{info.name}" of {info.size} bytes is where the table has "{name}" of {size}'
        )


def _as_written(header: bytes, name: bytes, size: int) -> bool:
    """Whether a header says so in the plain form of ``TarWriter``, whole; a tenth of the time of parsing it."""
    return (
        header[: len(name) + 1] == name + b"\0"
        and header[124:136] == b"%011o\0" % size
        and header[156:157] == tarfile.REGTYPE
        and header[148:156] == b"%06o\0 " % (sum(header) - sum(header[148:156]) + 256)
    )


def _header(header: bytes, where: str, at: int | None) -> tarfile.TarInfo:
    """A plain file's header; no links, no folders, no extended headers, no name that could leave a folder."""
    try:
        info = tarfile.TarInfo.frombuf(header, "utf-8", "strict")
    except (tarfile.HeaderError, ValueError, OverflowError) as error:
        place = "" if at is None else f" at byte {at}"
        raise DatasetError(f"{where}: damaged tar header{place} ({error})") from error
    if info.type not in (tarfile.REGTYPE, tarfile.AREGTYPE):
        raise DatasetError(f"{where}: member {info.name[:200]!r} is not a regular file")
    if not _NAME.fullmatch(info.name):
        raise DatasetError(f"{where}: member {info.name[:200]!r} has a name that no member of a dataset has")
    return info
