"""Completion records: what each finished scene consists of, and whether all of it is there."""

from __future__ import annotations

import hashlib
import json
import re
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from pathlib import Path
from typing import TypeVar

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pairforge.datasets.files import is_file, listed, read_all, read_bytes, remove, sizes, write_atomic
from pairforge.datasets.place import remote
from pairforge.datasets.scene_index import SLUG_PATTERN, SceneEntry
from pairforge.datasets.schema import TABLES
from pairforge.errors import DatasetError, first_fault

RECORDS = "records"
FOLDERS = {"shards": ".tar", **{f"tables/{name}": ".parquet" for name in TABLES}}
"""Folder of scenes' files -> how their names end, after the slug."""
_NUMBER = re.compile(r"-(\d+)$")
_BLOCK = 2048
"""Records read and held at the same time."""

M = TypeVar("M", bound=BaseModel)


class Strict(BaseModel):
    """A JSON file's model: nothing unknown in it, nothing changed after."""

    model_config = ConfigDict(extra="forbid", frozen=True)


class FileEntry(Strict):
    sha256: str
    bytes: int


class CompletionRecord(Strict):
    """One finished scene: its files (path within the dataset -> hash and size)."""

    scene_index: int = Field(ge=0)
    slug: str = Field(pattern=SLUG_PATTERN)
    frames: int = Field(ge=0)
    files: dict[str, FileEntry]


def dumped(model: BaseModel) -> bytes:
    """The JSON file of a model: the same bytes for the same content."""
    text = json.dumps(model.model_dump(mode="json"), indent=1, sort_keys=True, ensure_ascii=False)
    return (text + "\n").encode()


def parsed(kind: type[M], data: bytes, path: str) -> M:
    """The model in a JSON file's bytes; DatasetError when they are damaged."""
    try:
        return kind.model_validate_json(data)
    except ValidationError as error:
        where, said = first_fault(error)
        raise DatasetError(f"{path} is damaged: {where}: {said}. Generate the dataset again.") from error


def record_path(root: Path, slug: str) -> Path:
    return root / RECORDS / f"{slug}.json"


def read_record(path: Path) -> CompletionRecord:
    """One completion record; DatasetError when it is missing or damaged."""
    return parsed(CompletionRecord, read_bytes(path), str(path))


def write_record(root: Path, record: CompletionRecord) -> None:
    """The last thing written of a scene: from here on it is made."""
    write_atomic(root, record_path(root, record.slug), dumped(record))


def forget_other(root: Path, record: CompletionRecord) -> None:
    """Remove a scene's record if it says other than ``record``: its files are about to be replaced by others.

    One that says the same stays, so that a scene that two processes make is never without its record again.
    """
    path = record_path(root, record.slug)
    if not is_file(path):
        return
    with suppress(DatasetError):
        if read_record(path) == record:
            return
    remove(path)


def is_whole(root: Path, slug: str) -> bool:
    """Whether one scene is made: its record readable, its files there with their sizes. Nothing else is read."""
    try:
        record = read_record(record_path(root, slug))
    except DatasetError:
        return False
    there = sizes(root / name for name in record.files)
    return there == [entry.bytes for entry in record.files.values()]


def whole_scenes(root: Path) -> Iterator[SceneEntry]:
    """Every scene with a readable record whose files are all there with their sizes, in order.

    Folders are listed and not asked for file by file, and records are read in blocks: what is held is the names of
    the scenes, eight bytes a file, and one block. Raises OSError, MachineError.
    """
    slugs = _slugs(root)
    there = _Sizes(root, slugs)
    last = -1
    for start in range(0, len(slugs), _BLOCK):
        block = slugs[start : start + _BLOCK]
        for slug, data in zip(block, read_all(record_path(root, slug) for slug in block), strict=True):
            entry = _entry(slug, data, there)
            if entry is not None and entry.scene_index > last:
                last = entry.scene_index
                yield entry


def _entry(slug: str, data: bytes | DatasetError, there: _Sizes) -> SceneEntry | None:
    """A scene's row of the index; None when its record is damaged or some of its files are not as it says."""
    if isinstance(data, DatasetError):
        return None
    try:
        record = parsed(CompletionRecord, data, slug)
    except DatasetError:
        return None
    if record.slug != slug or record.scene_index != _number(slug):
        return None
    if any(there.of(name) != entry.bytes for name, entry in record.files.items()):
        return None
    total = sum(entry.bytes for entry in record.files.values())
    return SceneEntry(record.scene_index, slug, record.frames, total, hashlib.sha256(data).hexdigest())


def _slugs(root: Path) -> list[str]:
    """Slugs that have a record, in order of their numbers."""
    found = [name.removesuffix(".json") for name, _ in listed(root / RECORDS) if name.endswith(".json")]
    return sorted(found, key=lambda slug: (_number(slug), slug))


def _number(slug: str) -> int:
    match = _NUMBER.search(slug)
    return int(match[1]) if match else -1


def record_entry(root: Path, slug: str) -> SceneEntry | None:
    """A scene as the index will have it, from its completion record alone; None when there is none that can be
    read. Its number is that of its name."""
    try:
        data = read_bytes(record_path(root, slug))
        record = parsed(CompletionRecord, data, slug)
    except DatasetError:
        return None
    total = sum(entry.bytes for entry in record.files.values())
    return SceneEntry(_number(slug), slug, record.frames, total, hashlib.sha256(data).hexdigest())


class _Sizes:
    """Bytes of every file of some scenes, by one listing of each folder; those in a store are listed side by side."""

    def __init__(self, root: Path, slugs: Sequence[str]) -> None:
        self._root = root
        self._at = {slug: k for k, slug in enumerate(slugs)}
        with ThreadPoolExecutor(len(FOLDERS) if remote(root) else 1) as pool:
            arrays = pool.map(self._listed, FOLDERS, FOLDERS.values())
            self._bytes = dict(zip(FOLDERS, arrays, strict=True))

    def of(self, name: str) -> int:
        """Size of a file named within the dataset; -1 when it is not there."""
        folder, _, file = name.rpartition("/")
        suffix = FOLDERS.get(folder)
        at = self._at.get(file.removesuffix(suffix)) if suffix and file.endswith(suffix) else None
        return sizes([self._root / name])[0] if at is None else int(self._bytes[folder][at])

    def _listed(self, folder: str, suffix: str) -> NDArray[np.int64]:
        found = np.full(len(self._at), -1, np.int64)
        for name, size in listed(self._root / folder):
            at = self._at.get(name.removesuffix(suffix)) if name.endswith(suffix) else None
            if at is not None:
                found[at] = size
        return found
