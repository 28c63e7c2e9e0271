"""Where a dataset's files are: a folder, or whatever fsspec opens (``s3://…``, ``https://…``, ``memory://…``).

Nothing stays open between reads, so that a loader's workers may be forked at any time.
"""

from __future__ import annotations

import os
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from pairforge.errors import DatasetError, MachineError

Buffer = bytes | bytearray

_ATTEMPTS = 3
_PAUSE_S = 0.2


@dataclass(frozen=True)
class Range:
    """Bytes [start, stop) of a file, named relative to the dataset."""

    name: str
    start: int
    stop: int


@dataclass(frozen=True)
class Source:
    """A dataset's folder or URL, with what fsspec wants to know to open it (keys, endpoints)."""

    url: str
    options: Mapping[str, Any] = field(default_factory=dict)

    @property
    def remote(self) -> bool:
        return "://" in self.url

    def read(self, name: str) -> bytes:
        """A whole file; DatasetError when it is not there."""
        if not self.remote:
            try:
                return Path(self.url, name).read_bytes()
            except OSError as error:
                raise self._missing(name, error) from error
        fs, root = self._opened()
        return bytes(self._tried(name, lambda: fs.cat_file(f"{root}/{name}")))

    def ranges(self, wanted: Sequence[Range]) -> list[Buffer]:
        """The bytes of every range, remote ones fetched together; DatasetError where a file is too short."""
        for r in wanted:
            if r.start < 0 or r.stop < r.start:
                raise DatasetError(
                    f"{self.url}/{r.name} has no bytes {r.start} to {r.stop}: its table is damaged."
                )
        found = self._remote_ranges(wanted) if self.remote else [self._local_range(r) for r in wanted]
        for r, data in zip(wanted, found, strict=True):
            if len(data) != r.stop - r.start:
                raise DatasetError(
                    f"{self.url}/{r.name} gave {len(data)} bytes for {r.start} to {r.stop}: it is truncated"
                    + (
                        ", or its server does not serve ranges."
                        if self.remote
                        else ". Generate this scene again."
                    )
                )
        return found

    def _local_range(self, r: Range) -> Buffer:
        try:
            handle = os.open(Path(self.url, r.name), os.O_RDONLY | os.O_CLOEXEC)
            try:
                if (
                    r.stop > os.fstat(handle).st_size
                ):  # a damaged table must not make us allocate what is not there
                    return b""
                data = bytearray(r.stop - r.start)
                filled = 0
                while filled < len(data):
                    got = os.preadv(handle, [memoryview(data)[filled:]], r.start + filled)
                    if not got:
                        break
                    filled += got
                return data if filled == len(data) else data[:filled]
            finally:
                os.close(handle)
        except OSError as error:
            raise self._missing(r.name, error) from error

    def _remote_ranges(self, wanted: Sequence[Range]) -> list[Buffer]:
        fs, root = self._opened()
        paths = [f"{root}/{r.name}" for r in wanted]
        starts, stops = [r.start for r in wanted], [r.stop for r in wanted]
        found: list[Buffer] = self._tried(
            wanted[0].name if wanted else "", lambda: fs.cat_ranges(paths, starts, stops, on_error="raise")
        )
        return found

    def _opened(self) -> tuple[Any, str]:
        """fsspec's file system of this process (it keeps one for each process), and the dataset's path in it."""
        try:
            import fsspec

            fs, root = fsspec.core.url_to_fs(self.url.rstrip("/"), **self.options)
        except ImportError as error:
            raise MachineError(
                f"{self.url} wants a library that is not here ({error}). fsspec and what it needs for https:// come "
                'with "pairforge[torch]"; s3:// needs s3fs, gs:// gcsfs, az:// adlfs.'
            ) from error
        except ValueError as error:
            raise DatasetError(f"{self.url} cannot be opened: {error}.") from error
        return fs, root

    def _tried(self, name: str, fetch: Any) -> Any:
        """What ``fetch`` gives, asked again when a connection breaks, but not when nothing is there."""
        for left in reversed(range(_ATTEMPTS)):
            try:
                return fetch()
            except FileNotFoundError as error:
                raise self._missing(name, error) from error
            except Exception as error:  # each kind of storage has errors of its own
                if not left:
                    raise self._missing(name, error) from error
                time.sleep(_PAUSE_S)
        raise AssertionError

    def _missing(self, name: str, error: Exception) -> DatasetError:
        reason = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        return DatasetError(f"cannot read {self.url}/{name}: {reason}. Check the path.")
