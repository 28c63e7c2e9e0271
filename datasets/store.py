"""Write one scene: a shard, its tables and, last of all, its completion record."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any

import pyarrow as pa
import pyarrow.parquet as pq

from pairforge.datasets import frame_tables, scene_tables
from pairforge.datasets.codec import encode
from pairforge.datasets.document import document
from pairforge.datasets.files import HashingFile, disk_errors, move_all_into_place, sha256_file, staging
from pairforge.datasets.packed import Packed
from pairforge.datasets.place import place_of
from pairforge.datasets.records import CompletionRecord, FileEntry, forget_other, write_record
from pairforge.datasets.schema import TABLES
from pairforge.datasets.shard_arrays import arrays_of
from pairforge.datasets.table_rows import table
from pairforge.datasets.tar import Member, TarWriter
from pairforge.errors import DatasetError
from pairforge.sample import CameraFrame, Keyframe, LidarFrame, Reading, SceneRecord

View = CameraFrame | LidarFrame | Reading
_FRAME_TABLES = ("frames", "sensors", "boxes2d", "boxes3d", "facts", "captions")


def shard_path(slug: str) -> str:
    """Relative to the dataset."""
    return f"shards/{slug}.tar"


def table_path(name: str, slug: str) -> str:
    """Relative to the dataset."""
    return f"tables/{name}/{slug}.parquet"


@lru_cache(maxsize=1 << 10)
def sensor_slug(sensor: str) -> str:
    """A sensor's name in member names: lower case, no dots.

    >>> sensor_slug("CAM.Front")
    'cam_front'
    """
    return re.sub(r"[^a-z0-9_-]+", "_", sensor.lower())


def member_prefix(key: str, slug: str, sweep: int) -> str:
    """What the names of a frame's members begin with.

    >>> member_prefix("000000-000003", "lidar_top", 2) + "points.npy"
    '000000-000003.lidar_top.s02.points.npy'
    """
    return f"{key}.{slug}.s{sweep:02d}." if sweep else f"{key}.{slug}."


def write_scene(
    root: Path | str, slug: str, record: SceneRecord, frames: Iterable[Keyframe]
) -> CompletionRecord:
    """Stream a scene's keyframes into its shard and tables; all of it appears, or nothing.

    Files are written beside, synced, hashed and moved into place; the record comes last. Bytes depend on the data
    alone. Two processes may write one scene at once: they put the same bytes. Raises DatasetError for data that do
    not fit the schema, MachineError when the disk or the store refuses, and whatever ``frames`` raises; what was
    there before then stays as it was.
    """
    root = place_of(root)
    with disk_errors(f"write scene {slug} to {root}", root), staging(root, slug) as folder:
        rows = _write_shard(folder / "shard", slug, record, frames)
        files = {shard_path(slug): folder / "shard"}
        for name, table in _tables(slug, record, rows).items():
            files[table_path(name, slug)] = folder / name
            _write_table(folder / name, table)
        entries = {
            name: FileEntry(sha256=sha256_file(p), bytes=p.stat().st_size) for name, p in files.items()
        }
        done = CompletionRecord(
            scene_index=record.scene_index,
            slug=slug,
            frames=len(rows["frames"]),
            files=dict(sorted(entries.items())),
        )
        # Without its record a scene is not made: a crash among the moves leaves nothing half-trusted.
        forget_other(root, done)
        move_all_into_place({path: root / name for name, path in sorted(files.items())})
        write_record(root, done)
    return done


def tables_in_memory(record: SceneRecord, frames: Iterable[Keyframe]) -> dict[str, pa.Table]:
    """The tables that ``write_scene`` would write, of any keyframes of a scene; no shard holds their members."""
    rows = {name: Packed(name) for name in _FRAME_TABLES}
    for frame in frames:
        rows["frames"].add([frame_tables.frame_row(frame, "", 0, 0)])
        _add_rows(frame, {}, rows)
    return _tables("memory", record, rows)


def _write_shard(
    path: Path, slug: str, record: SceneRecord, frames: Iterable[Keyframe]
) -> Mapping[str, Packed]:
    """The tar of all keyframes; returns the rows of the tables that speak of keyframes."""
    rows = {name: Packed(name) for name in _FRAME_TABLES}
    file = HashingFile(path)
    try:
        tar = TarWriter(file)
        for expected, frame in enumerate(frames):
            if (frame.scene_index, frame.frame_index) != (record.scene_index, expected):
                raise DatasetError(
                    f"keyframe {frame.key} came where {record.scene_index:06d}-{expected:06d} was due: "
                    "give the keyframes of one scene in order"
                )
            _add_frame(tar, slug, frame, rows)
        tar.end()
    finally:
        file.close()
    return rows


def _add_frame(tar: TarWriter, slug: str, frame: Keyframe, rows: dict[str, Packed]) -> None:
    start = tar.offset
    placed = {name: tar.add(name, data) for name, data in frame_members(frame).items()}
    rows["frames"].add([frame_tables.frame_row(frame, shard_path(slug), start, tar.offset - start)])
    _add_rows(frame, placed, rows)


def _add_rows(frame: Keyframe, placed: Mapping[str, Member], rows: dict[str, Packed]) -> None:
    """Rows of a keyframe in all tables but ``frames``; ``placed``: its members in the shard, by name."""
    for slug_of, sweep, view in _views(frame):
        prefix = member_prefix(frame.key, slug_of, sweep)
        owned = [
            p
            for name, p in placed.items()
            if name.startswith(prefix) and name.count(".") == prefix.count(".") + 1
        ]
        members = [{"name": p.name, "offset": p.offset, "size": p.size} for p in owned]
        if isinstance(view, CameraFrame):
            rows["sensors"].add([frame_tables.camera_row(frame, view, slug_of, sweep, members)])
        elif isinstance(view, LidarFrame):
            rows["sensors"].add([frame_tables.lidar_row(frame, view, slug_of, sweep, members)])
        else:
            samples = _sizes(view).get("N", 1)
            rows["sensors"].add([frame_tables.reading_row(frame, view, slug_of, sweep, members, samples)])
    rows["boxes2d"].add(frame_tables.box2d_rows(frame))
    rows["boxes3d"].add(frame_tables.box3d_rows(frame))
    rows["facts"].add(frame_tables.fact_rows(frame))
    rows["captions"].add(frame_tables.caption_rows(frame))


def frame_members(frame: Keyframe) -> dict[str, bytes]:
    """Member name -> bytes of a keyframe's sample, sorted by name, exactly as they stand in its shard."""
    data = {f"{frame.key}.json": document(frame)}
    for slug, sweep, view in _views(frame):
        prefix = member_prefix(frame.key, slug, sweep)
        data |= {prefix + name: payload for name, payload in _arrays(frame.key, view).items()}
    return dict(sorted(data.items()))


def _views(frame: Keyframe) -> Iterator[tuple[str, int, View]]:
    """Sensor slug, number of the sweep (0: the keyframe's own frame) and frame, of all that a keyframe holds."""
    for slug, view in _sensors(frame).items():
        yield slug, 0, view
        for n, sweep in enumerate(frame.sweeps.get(view.sensor, ()), start=1):
            yield slug, n, sweep


def _sensors(frame: Keyframe) -> dict[str, View]:
    """Sensor slug -> its frame, in a fixed order; two names that make one slug are refused."""
    found: dict[str, View] = {}
    views: list[tuple[str, View]] = [*sorted(frame.cameras.items()), *sorted(frame.lidars.items())]
    views += sorted(frame.readings.items())
    for name, view in views:
        slug = sensor_slug(name)
        if slug in found or name != view.sensor:
            raise DatasetError(
                f'{frame.key}: sensors "{name}" and "{found.get(slug, view).sensor}" would share the files "{slug}". '
                "Rename one of them."
            )
        found[slug] = view
    return found


def _kind(view: View) -> str:
    if isinstance(view, Reading):
        return view.kind
    return "camera" if isinstance(view, CameraFrame) else "lidar"


def _held(view: View) -> dict[str, Any]:
    """Array name -> array of all that a sensor's frame must and may hold."""
    if isinstance(view, Reading):
        return dict(view.arrays)
    own = {s.name: getattr(view, s.name) for s in arrays_of(_kind(view)) if not s.optional}
    return {**own, **view.extra}


def _sizes(view: View) -> dict[str, int]:
    """Letter -> number, as the frame itself says, else as the first array that has the letter does."""
    if isinstance(view, CameraFrame):
        sizes = {"H": view.intrinsics.height_px, "W": view.intrinsics.width_px}
    else:
        sizes = {"N": len(view.points)} if isinstance(view, LidarFrame) else {}
    held = _held(view)
    for spec in arrays_of(_kind(view)):
        for letter, size in zip(spec.shape, held[spec.name].shape if spec.name in held else (), strict=False):
            if isinstance(letter, str):
                sizes.setdefault(letter, size)
    return sizes


def _arrays(key: str, view: View) -> dict[str, bytes]:
    """Member suffix -> bytes of a sensor's arrays, whose sizes must agree with each other."""
    where = f"{key} {view.sensor}"
    sizes, held = _sizes(view), _held(view)
    specs = {s.name: s for s in arrays_of(_kind(view))}
    if strangers := sorted(set(held) - set(specs)):
        raise DatasetError(f'{where}: holds "{strangers[0]}", which no {_kind(view)} has')
    found: dict[str, bytes] = {}
    for spec in specs.values():
        if spec.name not in held:
            if spec.optional:
                continue
            raise DatasetError(f"{where}: {spec.name} is missing. Fix what made it.")
        array = held[spec.name]
        due = tuple(d if isinstance(d, int) else sizes[d] for d in spec.shape)
        if len(array.shape) == len(due) and array.shape != due:
            raise DatasetError(f"{where}: {spec.name} has shape {array.shape}, the sensor says {due}")
        found[spec.suffix] = encode(spec, array, where)
    return found


def _tables(slug: str, record: SceneRecord, rows: Mapping[str, Packed]) -> dict[str, pa.Table]:
    made = {name: rows[name].table() for name in _FRAME_TABLES}
    made["scenes"] = table("scenes", scene_tables.scene_rows(record, slug, len(rows["frames"])))
    made["instances"] = table("instances", scene_tables.instance_rows(record))
    made["parts"] = table("parts", scene_tables.part_rows(record))
    made["calibration"] = table("calibration", scene_tables.calibration_rows(record))
    made["events"] = table("events", scene_tables.event_rows(record))
    made["happenings"] = table("happenings", scene_tables.happening_rows(record))
    made["happening_relations"] = table("happening_relations", scene_tables.relation_rows(record))
    made["causes"] = table("causes", scene_tables.cause_rows(record))
    made["trajectories"] = scene_tables.trajectory_table(record)
    return {name: made[name] for name in TABLES}


def _write_table(path: Path, table: Any) -> None:
    """Parquet with every setting fixed: the same table gives the same bytes."""
    file = HashingFile(path)
    sink = pa.BufferOutputStream()
    try:
        pq.write_table(
            table,
            sink,
            version="2.6",
            compression="zstd",
            compression_level=9,
            use_dictionary=True,
            write_statistics=True,
            row_group_size=1 << 17,
            data_page_size=1 << 20,
        )
        file.write(sink.getvalue().to_pybytes())
    finally:
        file.close()
