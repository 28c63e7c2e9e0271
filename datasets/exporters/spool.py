"""JSON files of several long lists, filled in one pass, a row in memory at a time."""

from __future__ import annotations

import contextlib
import json
import shutil
import tempfile
from collections.abc import Iterator, Mapping
from typing import IO, Any

from pairforge.datasets.exporters.target import Target
from pairforge.datasets.files import disk_errors


class Spool:
    """Files of the form ``{**head, "images": […], "annotations": […]}``: rows are added to any list of any file in
    any order, and wait on disk, in files without a name, until ``write`` joins them."""

    def __init__(self, target: Target) -> None:
        self._target = target
        self._lists: dict[str, dict[str, IO[bytes]]] = {}
        self._counts: dict[tuple[str, str], int] = {}
        self._lines: dict[str, IO[bytes]] = {}
        self._open = contextlib.ExitStack()

    def open(self, name: str, *lists: str) -> None:
        """Begin a file with these lists, unless it was begun."""
        if name in self._lists:
            return
        with disk_errors(f"write to {self._target.root}"):
            self._target.root.mkdir(parents=True, exist_ok=True)
            self._lists[name] = {key: self._open.enter_context(self._file()) for key in lists}

    def add(self, name: str, key: str, row: Any) -> None:
        """One more row of a list of a file that was begun."""
        first = self.count(name, key) == 0
        with disk_errors(f"write to {self._target.root}"):
            line = json.dumps(row, allow_nan=False, ensure_ascii=False)
            self._lists[name][key].write((line if first else ",\n" + line).encode())
        self._counts[name, key] = self.count(name, key) + 1

    def count(self, name: str, key: str) -> int:
        """How many rows a list has so far."""
        return self._counts.get((name, key), 0)

    def line(self, name: str, row: Any) -> None:
        """One more row of a file of one JSON value a line."""
        with disk_errors(f"write to {self._target.root}"):
            self._target.root.mkdir(parents=True, exist_ok=True)
            if name not in self._lines:
                self._lines[name] = self._open.enter_context(self._file())
            self._lines[name].write(json.dumps(row, allow_nan=False, ensure_ascii=False).encode() + b"\n")

    def write_lines(self) -> None:
        """Write all files of lines."""
        for name, rows in sorted(self._lines.items()):
            with self._target.file(name) as path, path.open("wb") as file:
                rows.seek(0)
                shutil.copyfileobj(rows, file)

    @property
    def names(self) -> tuple[str, ...]:
        return tuple(sorted(self._lists))

    def write(self, name: str, head: Mapping[str, Any]) -> None:
        """Write a file: what stands before its lists, then the lists in the order they were named in."""
        with self._target.file(name) as path, path.open("wb") as file:
            file.write(json.dumps(dict(head), allow_nan=False, ensure_ascii=False)[:-1].encode())
            for n, (key, rows) in enumerate(self._lists[name].items()):
                rows.seek(0)
                file.write((", " if head or n else "").encode() + f'"{key}": [\n'.encode())
                shutil.copyfileobj(rows, file)
                file.write(b"\n]")
            file.write(b"}\n")

    def close(self) -> None:
        """Let go of the rows that wait."""
        self._open.close()

    def _file(self) -> IO[bytes]:
        return tempfile.TemporaryFile(dir=self._target.root)


@contextlib.contextmanager
def spool(target: Target) -> Iterator[Spool]:
    """A spool that is closed whatever comes."""
    made = Spool(target)
    try:
        yield made
    finally:
        made.close()
