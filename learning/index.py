"""Where everything of a dataset's keyframes lies: one scene's tables at a time, read when first asked for."""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from dataclasses import dataclass, fields
from itertools import accumulate, pairwise
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pairforge.arrays import ArraySpec
from pairforge.datasets import frame_tables
from pairforge.datasets.manifest import MANIFEST, Manifest, parse_manifest
from pairforge.datasets.scene_index import INDEX, SceneEntry
from pairforge.datasets.schema import TABLES
from pairforge.datasets.store import member_prefix, shard_path, table_path
from pairforge.errors import DatasetError, MachineError, PairforgeError
from pairforge.frames import Intrinsics
from pairforge.learning.sample import Boxes2D, Boxes3D
from pairforge.learning.selection import Selection
from pairforge.learning.source import Source
from pairforge.sample import Caption, Fact
from pairforge.scenes.taxonomy import BY_NAME

MAX_KEYFRAMES = 1 << 31
MAX_TABLE_BYTES = 1 << 30
"""Tables that say they unpack to more are refused."""

Row = dict[str, Any]
T = TypeVar("T")


@dataclass(frozen=True)
class Read:
    """A selected array in the shard: the first byte of its data, and how many."""

    spec: ArraySpec
    member: str
    offset: int
    size: int


@dataclass(frozen=True, eq=False)
class ViewPlan:
    """One frame of one sensor: what its row says, and where its selected arrays lie."""

    sensor: str
    kind: str
    sweep: int
    time_ns: int
    position_m: NDArray[np.float64]
    quaternion_wxyz: NDArray[np.float64]
    sizes: dict[str, int]
    reads: tuple[Read, ...]
    intrinsics: Intrinsics | None
    flow_dt_ns: int | None
    next_position_m: NDArray[np.float64] | None
    next_quaternion_wxyz: NDArray[np.float64] | None


@dataclass(frozen=True, eq=False)
class FramePlan:
    """One keyframe: all but its arrays' bytes."""

    key: str
    scene_index: int
    frame_index: int
    time_ns: int
    shard: str
    views: tuple[ViewPlan, ...]
    boxes2d: dict[str, Boxes2D]
    boxes3d: Boxes3D | None
    captions: tuple[Caption, ...]
    texts: tuple[str, ...]
    facts: tuple[Fact, ...]


class Index:
    """A dataset's manifest, and its scenes' tables as loaders need them; the last ``scenes_kept`` stay in memory.

    Every method raises DatasetError for what is missing or damaged. It may be pickled and forked: each process reads
    tables for itself.
    """

    def __init__(self, source: Source, select: Selection, scenes_kept: int = 512) -> None:
        self._source, self._select, self._kept = source, select, scenes_kept
        where = f"{source.url}/{MANIFEST}"
        said = source.read(MANIFEST)
        self.manifest: Manifest = parse_manifest(said, bytes(source.read(INDEX)), source.url)
        self._records = self.manifest.scenes
        self.counts: tuple[int, ...] = tuple(self._records.frames.tolist())
        if sum(self.counts) > MAX_KEYFRAMES:
            raise DatasetError(f"{where} says that there are {sum(self.counts)} keyframes: it is damaged.")
        self._starts = np.array([0, *accumulate(self.counts)], np.int64)
        self._scenes: OrderedDict[int, _SceneTables] = OrderedDict()
        if not len(self):
            raise DatasetError(f"{source.url} holds no keyframe. Generate some, or check the path.")
        first = self._scene(next(i for i, n in enumerate(self.counts) if n))
        select.check(first.sensors.items(), first.spoken)

    def __len__(self) -> int:
        return int(self._starts[-1])

    def __getstate__(self) -> dict[str, Any]:
        return self.__dict__ | {"_scenes": OrderedDict()}

    def place(self, index: int) -> tuple[int, int]:
        """(position of the scene in the manifest, keyframe within it) of a keyframe by its place in the dataset."""
        if not 0 <= index < len(self):
            raise IndexError(f"keyframe {index} of {len(self)}")
        at = int(np.searchsorted(self._starts, index, side="right")) - 1
        return at, index - int(self._starts[at])

    def key(self, index: int) -> str:
        """A keyframe's key; no table is read."""
        at, frame = self.place(index)
        return f"{self._records[at].scene_index:06d}-{frame:06d}"

    def record(self, index: int) -> SceneEntry:
        """The manifest's entry of the scene that a keyframe belongs to."""
        return self._records[self.place(index)[0]]

    def frame(self, index: int) -> FramePlan:
        """Everything that the tables say of a keyframe."""
        at, frame = self.place(index)
        return _ours(
            f"{shard_path(self._records[at].slug)} {self.key(index)}", lambda: self._scene(at).frame(frame)
        )

    def _scene(self, at: int) -> _SceneTables:
        if at in self._scenes:
            self._scenes.move_to_end(at)
            return self._scenes[at]
        record = self._records[at]
        made = _ours(f"tables of {record.slug}", lambda: _SceneTables(self._source, record, self._select))
        self._scenes[at] = made
        while len(self._scenes) > self._kept:
            self._scenes.popitem(last=False)
        return made


class _SceneTables:
    """The rows of one scene that were selected."""

    def __init__(self, source: Source, record: SceneEntry, select: Selection) -> None:
        self._source, self._record, self._select = source, record, select
        self.shard = shard_path(record.slug)
        self._frames = self._read("frames", ("frame_index", "key", "time_ns"))
        if self._frames["frame_index"].to_pylist() != list(range(record.frames)):
            raise DatasetError(f"table frames of {record.slug} does not hold its {record.frames} keyframes")
        self._views = self._view_plans()
        self._classes = self._class_ids() if select.boxes2d or select.boxes3d else {}
        self._boxes2d = self._boxes("boxes2d", Boxes2D) if select.boxes2d else None
        self._boxes3d = self._boxes("boxes3d", Boxes3D) if select.boxes3d else None
        self._words = self._captions()
        self._facts = self._by_frame("facts") if select.facts else None

    def frame(self, k: int) -> FramePlan:
        row = {name: self._frames[name][k].as_py() for name in self._frames.column_names}
        key = f"{self._record.scene_index:06d}-{k:06d}"
        if row["key"] != key:
            raise DatasetError(f'table frames has key "{row["key"]}" for {key}')
        rows = _part(self._words, k)
        return FramePlan(
            key=key,
            scene_index=self._record.scene_index,
            frame_index=k,
            time_ns=row["time_ns"],
            shard=self.shard,
            views=self._views[k],
            boxes2d=self._boxes2d_of(k),
            boxes3d=_rows_of(self._boxes3d, k, Boxes3D),
            captions=tuple(frame_tables.caption_of(r) for r in rows) if self._select.captions else (),
            texts=tuple(dict.fromkeys(r["text"] for r in rows)) if self._select.text else (),
            facts=tuple(frame_tables.fact_of(r) for r in _part(self._facts, k)) if self._facts else (),
        )

    def _read(self, name: str, columns: tuple[str, ...] | None = None) -> pa.Table:
        """A table, whole or some columns, checked against the schema. Single-threaded: workers are forked."""
        path = table_path(name, self._record.slug)
        reader = pa.BufferReader(self._source.read(path))
        file = pq.ParquetFile(reader, pre_buffer=False)
        if not file.schema_arrow.equals(TABLES[name]):
            raise DatasetError(
                f"{path}: its columns are not those of table {name}. Generate this scene again."
            )
        groups = (file.metadata.row_group(i).total_byte_size for i in range(file.metadata.num_row_groups))
        if sum(groups) > MAX_TABLE_BYTES:
            raise DatasetError(
                f"{path} says that it unpacks to more than {MAX_TABLE_BYTES} bytes: it is damaged."
            )
        return file.read(columns=list(columns) if columns else None, use_threads=False).combine_chunks()

    def _by_frame(self, name: str, table: pa.Table | None = None) -> tuple[pa.Table, NDArray[np.int64]]:
        """A table whose rows stand in order of keyframes, and where those of each begin."""
        table = self._read(name) if table is None else table
        frames = table["frame_index"].to_numpy()
        if len(frames) and (
            (np.diff(frames) < 0).any() or frames[0] < 0 or frames[-1] >= self._record.frames
        ):
            raise DatasetError(f"table {name} of {self._record.slug} is not in order of keyframes")
        return table, np.searchsorted(frames, np.arange(self._record.frames + 1)).astype(np.int64)

    def _view_plans(self) -> list[tuple[ViewPlan, ...]]:
        table = self._read("sensors")
        own = table.filter(pc.equal(table["sweep"], 0))
        pairs = zip(own["sensor"].to_pylist(), own["kind"].to_pylist(), strict=True)
        self.sensors: dict[str, str] = dict(pairs)
        wanted = table if self._select.sweeps else own
        if self._select.sensors is not None:
            wanted = wanted.filter(pc.is_in(wanted["sensor"], pa.array(self._select.sensors, pa.string())))
        rows, starts = self._by_frame("sensors", wanted)
        made = [_view_plan(row, self._select) for row in rows.to_pylist()]
        return [tuple(made[a:b]) for a, b in pairwise(starts)]

    def _class_ids(self) -> dict[int, int]:
        table = self._read("instances", ("instance_id", "semantic"))
        ids, names = table["instance_id"].to_pylist(), table["semantic"].to_pylist()
        return {i: BY_NAME[n].semantic_id for i, n in zip(ids, names, strict=True)}

    def _boxes(self, name: str, kind: type[Any]) -> tuple[Any, NDArray[np.int64], list[str]]:
        table, starts = self._by_frame(name)
        found: dict[str, NDArray[Any]] = {}
        for column in (f.name for f in fields(kind) if f.name != "class_id"):
            values = table[column].combine_chunks()
            if pa.types.is_fixed_size_list(values.type):
                found[column] = values.flatten().to_numpy().reshape(len(values), values.type.list_size).copy()
            else:
                array = values.to_numpy()
                found[column] = array.astype(np.int64 if array.dtype.kind in "iu" else np.float64)
        ids = [self._classes[i] for i in found["instance_id"].tolist()]
        found["class_id"] = np.array(ids, np.int64)
        return kind(**found), starts, table["sensor"].to_pylist() if name == "boxes2d" else []

    def _boxes2d_of(self, k: int) -> dict[str, Boxes2D]:
        if self._boxes2d is None:
            return {}
        boxes, starts, sensors = self._boxes2d
        a, b = int(starts[k]), int(starts[k + 1])
        rows: dict[str, list[int]] = {
            v.sensor: [] for v in self._views[k] if v.kind == "camera" and not v.sweep
        }
        for i in range(a, b):
            if sensors[i] in rows:
                rows[sensors[i]].append(i)
        return {name: _taken(boxes, np.array(own, np.int64)) for name, own in rows.items()}

    def _captions(self) -> tuple[pa.Table, NDArray[np.int64]] | None:
        select = self._select
        table = self._read(
            "captions", None if select.captions else ("frame_index", "kind", "language", "sensor", "text")
        )
        pairs = zip(table["kind"].to_pylist(), table["language"].to_pylist(), strict=True)
        self.spoken: list[tuple[str, str]] = list(dict.fromkeys(pairs))
        if not (select.captions or select.text):
            return None
        for column, names in (("kind", select.kinds), ("language", select.languages)):
            if names is not None:
                table = table.filter(pc.is_in(table[column], pa.array(names, pa.string())))
        if select.sensors is not None:  # a text that is about no one sensor is about all
            table = table.filter(pc.is_in(table["sensor"], pa.array([*select.sensors, ""], pa.string())))
        return self._by_frame("captions", table.combine_chunks())


def _view_plan(row: Row, select: Selection) -> ViewPlan:
    camera = row["kind"] == "camera"
    sizes = {"H": row["height_px"], "W": row["width_px"]} if camera else {"N": row["points"]}
    if row["position_m"] is None or any(n is None for n in sizes.values()):
        raise DatasetError(f"{row['key']}: {row['sensor']} lacks its pose or sizes in table sensors")
    following = row["next_position_m"] is not None
    return ViewPlan(
        sensor=row["sensor"],
        kind=row["kind"],
        sweep=row["sweep"],
        time_ns=row["time_ns"],
        position_m=np.array(row["position_m"], np.float64),
        quaternion_wxyz=np.array(row["quaternion_wxyz"], np.float64),
        sizes=sizes,
        reads=_reads(row, select),
        intrinsics=frame_tables.intrinsics_of(row) if camera else None,
        flow_dt_ns=row["flow_dt_ns"],
        next_position_m=np.array(row["next_position_m"], np.float64) if following else None,
        next_quaternion_wxyz=np.array(row["next_quaternion_wxyz"], np.float64) if following else None,
    )


def _reads(row: Row, select: Selection) -> tuple[Read, ...]:
    """Of the schema's arrays, so that no name in a table decides what is decoded as what."""
    prefix = member_prefix(row["key"], row["slug"], row["sweep"])
    places = {m["name"]: m for m in row["members"]}
    found = []
    for spec in select.specs(row["sensor"], row["kind"]):
        place = places.get(name := prefix + spec.suffix)
        if place is not None:
            found.append(Read(spec, name, place["offset"], place["size"]))
        elif not spec.optional:
            raise DatasetError(f"{name} is missing from table sensors. Generate this scene again.")
    return tuple(found)


def _part(table: tuple[pa.Table, NDArray[np.int64]] | None, k: int) -> list[Row]:
    if table is None:
        return []
    rows, starts = table
    return list(rows.slice(int(starts[k]), int(starts[k + 1] - starts[k])).to_pylist())


def _rows_of(boxes: Any, k: int, kind: type[Any]) -> Any:
    if boxes is None:
        return None
    columns, starts, _ = boxes
    return _taken(columns, np.arange(int(starts[k]), int(starts[k + 1])))


def _taken(boxes: Any, rows: NDArray[np.int64]) -> Any:
    return type(boxes)(**{f.name: getattr(boxes, f.name)[rows] for f in fields(boxes)})


def _ours(where: str, read: Callable[[], T]) -> T:
    """Whatever a library makes of damaged bytes, the caller gets a DatasetError that names the place."""
    try:
        return read()
    except MachineError:
        raise  # a store that refuses is no damage
    except PairforgeError as error:
        if where in str(error):
            raise
        raise DatasetError(f"{where}: {error}") from error
    except Exception as error:
        raise DatasetError(
            f"{where}: damaged ({type(error).__name__}: {error}). Generate this scene again."
        ) from error
