"""Read a dataset back into exactly the dataclasses it was written from."""

from __future__ import annotations

import contextlib
import json
import re
from collections.abc import Callable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, TypeVar

import pyarrow as pa
import pyarrow.compute as pc

from pairforge.datasets import frame_tables, scene_tables, tar
from pairforge.datasets.codec import decode
from pairforge.datasets.files import read_bytes
from pairforge.datasets.manifest import Manifest, read_manifest
from pairforge.datasets.parquet import table_of
from pairforge.datasets.place import place_of
from pairforge.datasets.records import CompletionRecord, FileEntry, read_record, record_path
from pairforge.datasets.scene_index import SceneEntry
from pairforge.datasets.schema import TABLES
from pairforge.datasets.shard_arrays import arrays_of
from pairforge.datasets.store import member_prefix, shard_path, table_path
from pairforge.datasets.table_rows import Row
from pairforge.errors import DatasetError, did_you_mean
from pairforge.sample import Box2D, CameraFrame, Keyframe, LidarFrame, Reading, SceneRecord
from pairforge.units import amount

T = TypeVar("T")
_OF_RECORD = ("scenes", "instances", "parts", "trajectories", "events", "happenings", "causes")
_KEY = re.compile(r"(\d{6,})-(\d{6,})")


def parse_key(key: str) -> tuple[int, int]:
    """(scene index, frame index) of a key such as ``000007-000012``; DatasetError for anything else."""
    match = _KEY.fullmatch(key)
    if not match:
        raise DatasetError(f'"{key}" is no key. Keys are scene and frame, as in "000007-000012".')
    return int(match[1]), int(match[2])


class Dataset:
    """A dataset on disk. Every method raises DatasetError on what is missing or damaged.

    >>> Dataset("out/driving").frame_by_key("000000-000003").captions[0].text  # doctest: +SKIP
    'A red hatchback ...'
    """

    def __init__(self, root: Path | str, manifest: Manifest | None = None) -> None:
        """``manifest``: one that was read already, or that lists but some of the scenes."""
        self.root = place_of(root)
        self.manifest: Manifest = read_manifest(self.root) if manifest is None else manifest
        self._entry = lru_cache(maxsize=64)(self._find)
        self._table = lru_cache(maxsize=64)(self._load_table)
        self._record = lru_cache(maxsize=8)(self._load_record)

    @property
    def scenes(self) -> tuple[int, ...]:
        """Indices of the scenes that are made."""
        return tuple(self.manifest.scenes.numbers.tolist())

    def __repr__(self) -> str:
        identity = self.manifest.identity
        made = f"{amount(len(self.scenes), 'scene')}, {amount(len(self), 'keyframe')}"
        return f"<Dataset {self.root}: {identity.scene}, {made}>"

    def __len__(self) -> int:
        """Number of keyframes."""
        return int(self.manifest.scenes.frames.sum())

    def keys(self) -> tuple[str, ...]:
        """Keys of all keyframes, in order."""
        counts = zip(self.scenes, self.manifest.scenes.frames.tolist(), strict=True)
        return tuple(f"{i:06d}-{k:06d}" for i, frames in counts for k in range(frames))

    def scene(self, scene_index: int) -> SceneEntry:
        """The index's entry of a scene."""
        return self._entry(scene_index)

    def _find(self, scene_index: int) -> SceneEntry:
        entry = self.manifest.scenes.find(scene_index)
        if entry is None:
            raise DatasetError(f"{self.root} has no scene {scene_index}; it holds {list(self.scenes[:10])}.")
        return entry

    def files(self, scene_index: int) -> Mapping[str, FileEntry]:
        """Hash and size of a scene's files, by their paths within the dataset, from its completion record."""
        return self._record(self.scene(scene_index).slug).files

    def table(self, name: str, scene_index: int) -> pa.Table:
        """One table of one scene, its columns checked against the schema."""
        if name not in TABLES:
            raise DatasetError(f'there is no table "{name}". {did_you_mean(name, TABLES)}')
        return self._table(name, self.scene(scene_index).slug)

    def record(self, scene_index: int) -> SceneRecord:
        """Everything about a scene beside its keyframes."""
        found = {n: self.table(n, scene_index) for n in _OF_RECORD}
        return _damaged_is_ours(f"tables of scene {scene_index}", lambda: scene_tables.scene_record(found))

    def frame_by_key(self, key: str) -> Keyframe:
        """The keyframe of a key such as ``000007-000012``."""
        return self.frame(*parse_key(key))

    def frames(self, scene_index: int) -> Iterator[Keyframe]:
        """The keyframes of a scene, in order."""
        for k in range(self.scene(scene_index).frames):
            yield self.frame(scene_index, k)

    def frame(
        self, scene_index: int, frame_index: int, members: Mapping[str, bytes] | None = None
    ) -> Keyframe:
        """One keyframe, by one range read of its shard, or from its ``members`` when those were read already."""
        row = self._frame_row(scene_index, frame_index)
        where = f"{row['shard']} {row['key']}"
        members = self._read_members(scene_index, row, where) if members is None else members
        return _damaged_is_ours(where, lambda: self._build(scene_index, row, members))

    def members(self, scene_index: int, frame_index: int) -> dict[str, bytes]:
        """Member name -> bytes of one sample, as in the shard."""
        row = self._frame_row(scene_index, frame_index)
        return self._read_members(scene_index, row, f"{row['shard']} {row['key']}")

    def rows(self, name: str, scene_index: int, frame_index: int) -> list[Row]:
        """The rows of a table that belong to one keyframe, in stored order."""
        table = self.table(name, scene_index)
        return list(table.filter(pc.equal(table["frame_index"], frame_index)).to_pylist())

    def _frame_row(self, scene_index: int, frame_index: int) -> Row:
        rows = self.rows("frames", scene_index, frame_index)
        if len(rows) != 1:
            count = self.scene(scene_index).frames
            raise DatasetError(
                f"scene {scene_index} has {len(rows)} rows for frame {frame_index}; "
                f"it should hold frames 0..{count - 1}."
            )
        return rows[0]

    def _read_members(self, scene_index: int, row: Row, where: str) -> dict[str, bytes]:
        # The shard's name comes from the scene, not from the table, so that no row can point out of the dataset.
        path = self.root / shard_path(self.scene(scene_index).slug)
        data = read_bytes(path, row["offset"], row["size"])
        found: dict[str, bytes] = {}
        for member in tar.members(data, where, row["offset"]):
            if member.name in found:
                raise DatasetError(f'{where}: member "{member.name}" is there twice')
            found[member.name] = data[member.offset : member.offset + member.size]
        return found

    def _build(self, scene_index: int, row: Row, members: Mapping[str, bytes]) -> Keyframe:
        frame_index, key = row["frame_index"], row["key"]
        sensors = self.rows("sensors", scene_index, frame_index)
        boxes2d = self.rows("boxes2d", scene_index, frame_index)
        cameras: dict[str, CameraFrame] = {}
        lidars: dict[str, LidarFrame] = {}
        readings: dict[str, Reading] = {}
        sweeps: dict[str, list[CameraFrame | LidarFrame | Reading]] = {}
        for s in sensors:
            own = [frame_tables.box2d_of(b) for b in boxes2d if b["sensor"] == s["sensor"] and not s["sweep"]]
            view = _view(key, s, members, tuple(own))
            if s["sweep"]:
                sweeps.setdefault(s["sensor"], []).append(view)
            elif isinstance(view, CameraFrame):
                cameras[s["sensor"]] = view
            elif isinstance(view, LidarFrame):
                lidars[s["sensor"]] = view
            else:
                readings[s["sensor"]] = view
        return Keyframe(
            scene_index=scene_index,
            frame_index=frame_index,
            time_ns=row["time_ns"],
            cameras=cameras,
            lidars=lidars,
            boxes=tuple(frame_tables.box3d_of(b) for b in self.rows("boxes3d", scene_index, frame_index)),
            controls=frame_tables.controls_of(row),
            facts=tuple(frame_tables.fact_of(f) for f in self.rows("facts", scene_index, frame_index)),
            captions=tuple(
                frame_tables.caption_of(c) for c in self.rows("captions", scene_index, frame_index)
            ),
            readings=readings,
            sweeps={name: tuple(frames) for name, frames in sweeps.items()},
        )

    def _load_record(self, slug: str) -> CompletionRecord:
        return read_record(record_path(self.root, slug))

    def _load_table(self, name: str, slug: str) -> pa.Table:
        path = self.root / table_path(name, slug)
        data = read_bytes(path)
        table = _damaged_is_ours(str(path), lambda: table_of(data))
        if not table.schema.equals(TABLES[name]):
            raise DatasetError(
                f"{path}: its columns are not those of table {name}. Generate this scene again."
            )
        return table


def _view(
    key: str, row: Row, members: Mapping[str, bytes], boxes: tuple[Box2D, ...]
) -> CameraFrame | LidarFrame | Reading:
    """One sensor's frame from its row and its members."""
    arrays, extra = _arrays(key, row, members)
    if row["kind"] == "camera":
        return frame_tables.camera_of(row, arrays, boxes, extra)
    if row["kind"] == "lidar":
        return frame_tables.lidar_of(row, arrays, extra)
    return frame_tables.reading_of(row, {**arrays, **extra})


def _arrays(key: str, row: Row, members: Mapping[str, bytes]) -> tuple[dict[str, Any], dict[str, Any]]:
    """The decoded arrays of one sensor: those that every frame of its kind has, and the optional ones."""
    camera = row["kind"] == "camera"
    sizes = {"H": row["height_px"], "W": row["width_px"]} if camera else {"N": row["points"]}
    if any(n is None for n in sizes.values()):
        raise DatasetError(f"{key}: {row['sensor']} lacks its sizes in table sensors")
    listed = {m["name"] for m in row["members"]}
    found: dict[bool, dict[str, Any]] = {False: {}, True: {}}
    for spec in arrays_of(row["kind"]):
        name = member_prefix(key, row["slug"], row["sweep"]) + spec.suffix
        if spec.optional and name not in listed:
            continue
        if name not in members:
            raise DatasetError(f"{name} is missing from the shard. Generate this scene again.")
        found[spec.optional][spec.name] = decode(spec, members[name], sizes, name)
    return found[False], found[True]


@contextlib.contextmanager
def _translate(where: str) -> Iterator[None]:
    try:
        yield
    except DatasetError:
        raise
    except (
        pa.ArrowException, json.JSONDecodeError, OSError, ValueError, TypeError, KeyError, IndexError, AttributeError,
        OverflowError, MemoryError,
    ) as error:  # fmt: skip
        raise DatasetError(
            f"{where}: damaged ({type(error).__name__}: {error}). Make this scene again."
        ) from error


def _damaged_is_ours(where: str, read: Callable[[], T]) -> T:
    """Whatever a library makes of damaged bytes, the caller gets a DatasetError that names the place."""
    with _translate(where):
        return read()
