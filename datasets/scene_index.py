"""``index.parquet``: one row for each scene that is made, in order; small enough to hold, written and read in blocks.

A row has the sha256 of the scene's completion record, which has those of the scene's files: whoever trusts the index
can prove every byte, and it stays small (about 45 bytes a scene) however many files a scene has.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any, overload

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pairforge.datasets.files import move_into_place, staging, sync_file
from pairforge.datasets.schema import FORMAT, FORMAT_VERSION, column
from pairforge.errors import DatasetError

INDEX = "index.parquet"
SLUG_PATTERN = r"^[^/\\.\x00][^/\\\x00]*$"
"""Slugs are part of file names: none may lead out of the dataset."""
_ROWS = 1 << 13
_MAX_BYTES = 1 << 32
"""An index that says it unpacks to more is refused."""

SCHEMA = pa.schema(
    [
        column("scene_index", pa.int64(), "number of the scene, from 0, rising"),
        column("slug", pa.string(), "name of the scene's files"),
        column("frames", pa.int32(), "keyframes"),
        column("bytes", pa.int64(), "size of all its files but the record"),
        column(
            "record_sha256", pa.binary(32), "hash of records/SLUG.json, which has the hashes of the files"
        ),
    ],
    metadata={"format": FORMAT, "format_version": str(FORMAT_VERSION), "table": "index"},
)


@dataclass(frozen=True)
class SceneEntry:
    """A finished scene as the index has it; its files and their hashes stand in its completion record."""

    scene_index: int
    slug: str
    frames: int
    bytes: int
    record_sha256: str


class Scenes(Sequence[SceneEntry]):
    """The finished scenes in order; entries are made when they are asked for."""

    def __init__(self, table: pa.Table) -> None:
        self._table = table.combine_chunks()

    @cached_property
    def numbers(self) -> NDArray[np.int64]:
        """(N,) scene indices, rising."""
        return np.asarray(self._table["scene_index"], np.int64)

    @cached_property
    def frames(self) -> NDArray[np.int64]:
        """(N,) keyframes of each."""
        return np.asarray(self._table["frames"], np.int64)

    def find(self, scene_index: int) -> SceneEntry | None:
        """The entry of a scene; None when it is not made."""
        at = int(np.searchsorted(self.numbers, scene_index))
        return self[at] if at < len(self) and self.numbers[at] == scene_index else None

    def __len__(self) -> int:
        return int(self._table.num_rows)

    @overload
    def __getitem__(self, at: int) -> SceneEntry: ...
    @overload
    def __getitem__(self, at: slice) -> tuple[SceneEntry, ...]: ...
    def __getitem__(self, at: int | slice) -> SceneEntry | tuple[SceneEntry, ...]:
        if isinstance(at, slice):
            return tuple(self[k] for k in range(*at.indices(len(self))))
        if not -len(self) <= at < len(self):
            raise IndexError(at)
        return _entry(self._table.slice(at % len(self), 1).to_pylist()[0])

    def __iter__(self) -> Iterator[SceneEntry]:
        for batch in self._table.to_batches(max_chunksize=_ROWS):
            yield from map(_entry, batch.to_pylist())

    def __getstate__(self) -> dict[str, Any]:
        return {"_table": self._table}


NONE = Scenes(SCHEMA.empty_table())


def scenes_of(entries: Iterable[SceneEntry]) -> Scenes:
    """These entries, which come in order of scenes."""
    return Scenes(pa.Table.from_pylist([_row(entry) for entry in entries], SCHEMA))


def read_index(data: bytes, where: str) -> Scenes:
    """The scenes in an index's bytes; DatasetError when they are damaged."""
    try:
        file = pq.ParquetFile(pa.BufferReader(data), page_checksum_verification=True)
        told = file.metadata
        if sum(told.row_group(i).total_byte_size for i in range(told.num_row_groups)) > _MAX_BYTES:
            raise ValueError(f"it says that it unpacks to more than {_MAX_BYTES} bytes")
        table = file.read(use_threads=False)  # as datasets.parquet.table_of, and with checksums
        if not table.schema.equals(SCHEMA):
            raise ValueError("its columns are not those of an index")
        _check(table)
    except (pa.ArrowException, OSError, ValueError) as error:
        raise DatasetError(f"{where} is damaged ({error}). Finish the dataset again.") from error
    return Scenes(table)


def _check(table: pa.Table) -> None:
    if any(table[name].null_count for name in table.column_names):
        raise ValueError("values are missing")
    numbers = table["scene_index"].to_numpy()
    if len(numbers) and (numbers[0] < 0 or (np.diff(numbers) <= 0).any()):
        raise ValueError("its scenes are not in order")
    if len(numbers) and min(pc.min(table["frames"]).as_py(), pc.min(table["bytes"]).as_py()) < 0:
        raise ValueError("frames or bytes below 0")
    if not pc.all(pc.match_substring_regex(table["slug"], SLUG_PATTERN), min_count=0).as_py():
        raise ValueError("a slug that is no file name")


def write_index(root: Path, entries: Iterable[SceneEntry]) -> None:
    """Write ``entries``, which come in order of scenes, block by block, and put the index in place as a whole.

    The same entries give the same bytes. Raises OSError, MachineError.
    """
    with staging(root, INDEX) as folder:
        path = folder / INDEX
        with pq.ParquetWriter(
            str(path),
            SCHEMA,
            version="2.6",
            compression="zstd",
            compression_level=9,
            use_dictionary=False,
            write_page_checksum=True,
        ) as writer:
            for block in _blocks(entries):
                writer.write_table(pa.Table.from_pylist(block, SCHEMA), row_group_size=_ROWS)
        sync_file(path)
        move_into_place(path, root / INDEX)


def _blocks(entries: Iterable[SceneEntry]) -> Iterator[list[dict[str, Any]]]:
    rows: list[dict[str, Any]] = []
    for entry in entries:
        rows.append(_row(entry))
        if len(rows) == _ROWS:
            yield rows
            rows = []
    if rows:
        yield rows


def _row(entry: SceneEntry) -> dict[str, Any]:
    return {**vars(entry), "record_sha256": bytes.fromhex(entry.record_sha256)}


def _entry(row: dict[str, Any]) -> SceneEntry:
    return SceneEntry(**{**row, "record_sha256": row["record_sha256"].hex()})
