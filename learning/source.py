"""Where a dataset's files are: a folder, or whatever fsspec opens (``s3://…``, ``https://…``, ``memory://…``).

Nothing stays open between reads, so that a loader's workers may be forked at any time.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, TypeVar

from pairforge.datasets import objects
from pairforge.datasets.place import place_of
from pairforge.errors import DatasetError, MachineError

T = TypeVar("T")
Buffer = bytes | bytearray


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
        """A whole file. DatasetError when it is not there, MachineError when a store refuses."""
        if not self.remote:
            try:
                return Path(self.url, name).read_bytes()
            except OSError as error:
                raise self._missing(name, error) from error
        return self._fetched(name, lambda: objects.get_bytes(self._place() / name))

    def ranges(self, wanted: Sequence[Range]) -> list[Buffer]:
        """The bytes of every range, remote ones fetched together. Raises DatasetError where a file is not there or
        too short, MachineError when a store refuses."""
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
        place = self._place()
        name = wanted[0].name if wanted else ""
        return self._fetched(
            name, lambda: objects.get_ranges(place, [(r.name, r.start, r.stop) for r in wanted])
        )

    def _place(self) -> Path:
        """The dataset's place, made anew for each read: fsspec keeps a file system for each process."""
        return place_of(self.url, self.options)

    def _fetched(self, name: str, fetch: Callable[[], T]) -> T:
        try:
            return fetch()
        except FileNotFoundError as error:
            raise self._missing(name, error) from error
        except MachineError as error:
            if objects.past_end(error.__cause__):
                raise self._missing(name, error) from error
            raise

    def _missing(self, name: str, error: Exception) -> DatasetError:
        reason = getattr(error, "strerror", None) or f"{type(error).__name__}: {error}"
        return DatasetError(f"cannot read {self.url}/{name}: {reason}. Check the path.")
