"""Rows of a table as they come, in a small part of the memory that they would take as Python's objects."""

from __future__ import annotations

from collections.abc import Iterable

import pyarrow as pa
import pyarrow.ipc

from pairforge.datasets.table_rows import Row, table

_LOOSE = 128
_SMALL = pa.ipc.IpcWriteOptions(compression="zstd")


class Packed:
    """Rows of the table of that name. ``table`` gives what ``table_rows.table`` would of all of them at once."""

    def __init__(self, name: str, loose: int = _LOOSE) -> None:
        self._name, self._most = name, loose
        self._packs: list[pa.Buffer] = []
        self._loose: list[Row] = []
        self._count = 0

    def __len__(self) -> int:
        return self._count

    def add(self, rows: Iterable[Row]) -> None:
        """More rows; DatasetError when a value does not fit its column, now or later."""
        before = len(self._loose)
        self._loose += rows
        self._count += len(self._loose) - before
        if len(self._loose) >= self._most:
            self._pack()

    def table(self) -> pa.Table:
        """All rows, each column in one piece."""
        self._pack()
        packs = [pa.ipc.open_stream(pack).read_all() for pack in self._packs]
        return pa.concat_tables(packs).combine_chunks()

    def _pack(self) -> None:
        rows = table(self._name, self._loose)
        with pa.BufferOutputStream() as sink:
            with pa.ipc.new_stream(sink, rows.schema, options=_SMALL) as stream:
                stream.write_table(rows)
            self._packs.append(sink.getvalue())
        self._loose = []
