"""Where an export goes: files that are whole or not there, under one folder, never outside it."""

from __future__ import annotations

import contextlib
import json
import os
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path, PurePosixPath
from typing import Any

from pairforge.datasets.files import disk_errors, sync_folder
from pairforge.errors import DatasetError

_UNFINISHED = ".unfinished"


class Target:
    """The folder ``root``. Names are relative, with forward slashes. What is written lasts once ``sync`` returned."""

    def __init__(self, root: Path) -> None:
        self.root = root
        self._written: list[Path] = []

    def path(self, name: str) -> Path:
        """Where a name lies; DatasetError for one that leads out of the folder."""
        parts = PurePosixPath(name).parts
        if not parts or name.startswith("/") or ".." in parts or "\\" in name or "\0" in name:
            raise DatasetError(f'"{name}" would lie outside the export; it must be a plain relative name.')
        return self.root.joinpath(*parts)

    @contextlib.contextmanager
    def file(self, name: str) -> Iterator[Path]:
        """A path to write to (by one process at a time); it bears its name when the block has ended well."""
        path = self.path(name)
        with disk_errors(f"write {path}"):
            path.parent.mkdir(parents=True, exist_ok=True)
            staged = path.with_name(f"{path.name}{_UNFINISHED}{path.suffix}")
            try:
                yield staged
                os.replace(staged, path)
            except BaseException:
                staged.unlink(missing_ok=True)
                raise
        self._written.append(path)

    def write(self, name: str, data: bytes) -> None:
        """A file of these bytes."""
        with self.file(name) as path:
            path.write_bytes(data)

    def write_json(self, name: str, value: Any) -> None:
        """A JSON file; keys stay in the order given, nan and inf are refused."""
        self.write(name, json.dumps(value, allow_nan=False, ensure_ascii=False).encode())

    def write_rows(self, name: str, rows: Iterable[Any]) -> int:
        """A JSON file that is one list, written row by row; returns how many rows."""
        count = 0
        with self.file(name) as path, path.open("w", encoding="utf-8") as file:
            file.write("[")
            for row in rows:
                file.write(("\n" if count == 0 else ",\n") + _line(row))
                count += 1
            file.write("\n]\n")
        return count

    @contextlib.contextmanager
    def many_rows(self, names: Iterable[str]) -> Iterator[Callable[[str, Any], None]]:
        """JSON files that are lists, written side by side: a function that puts a row into the file of a name."""
        with contextlib.ExitStack() as stack:
            files = {
                n: stack.enter_context(stack.enter_context(self.file(n)).open("w", encoding="utf-8"))
                for n in names
            }
            counts = dict.fromkeys(files, 0)
            for file in files.values():
                file.write("[")

            def write(name: str, row: Any) -> None:
                files[name].write(("\n" if counts[name] == 0 else ",\n") + _line(row))
                counts[name] += 1

            yield write
            for file in files.values():
                file.write("\n]\n")

    def write_lines(self, name: str, rows: Iterable[Any]) -> int:
        """A file of one JSON value a line; returns how many."""
        count = 0
        with self.file(name) as path, path.open("w", encoding="utf-8") as file:
            for row in rows:
                file.write(_line(row) + "\n")
                count += 1
        return count

    def sync(self) -> None:
        """Make what was written since the last time outlast a power cut."""
        with disk_errors(f"write to {self.root}"):
            for path in self._written:
                with contextlib.suppress(FileNotFoundError):
                    handle = os.open(path, os.O_RDONLY)
                    try:
                        os.fsync(handle)
                    finally:
                        os.close(handle)
            for folder in sorted({path.parent for path in self._written}):
                sync_folder(folder)
        self._written.clear()


def _line(row: Any) -> str:
    return json.dumps(row, allow_nan=False, ensure_ascii=False)
