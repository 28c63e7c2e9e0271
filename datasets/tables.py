"""Dataclasses as table rows and back, exactly."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from itertools import combinations
from typing import Any, TypeVar

import numpy as np
import pyarrow as pa

from pairforge.datasets.plain import plain
from pairforge.datasets.schema import TABLES
from pairforge.errors import DatasetError
from pairforge.frames import Intrinsics, Pose, Track
from pairforge.intervals import allen
from pairforge.sample import (
    Box2D,
    Box3D,
    CameraFrame,
    Caption,
    Cause,
    Contact,
    Controls,
    Fact,
    Happening,
    InstanceRow,
    Keyframe,
    LidarFrame,
    PartRow,
    Phrase,
    Reading,
    SceneRecord,
    Statement,
)
from pairforge.scenes.calibration import told
from pairforge.scenes.concrete import ConcreteScene, ConcreteSensor
from pairforge.scenes.concrete import intrinsics_of as intrinsics_of_sensor

Row = dict[str, Any]
T = TypeVar("T")
MOST_RELATED = 1000
"""Happenings of a scene every two of which are told how they lie in time: half a million pairs."""


def to_json(value: object, where: str) -> str:
    """Canonical JSON; DatasetError when the value has anything JSON lacks."""
    try:
        return json.dumps(value, sort_keys=True, allow_nan=False, ensure_ascii=False, separators=(",", ":"))
    except (TypeError, ValueError) as error:
        raise DatasetError(f"{where} cannot be stored as JSON: {error}. Use plain JSON values.") from error


def table(name: str, rows: Sequence[Row]) -> pa.Table:
    """Rows as an Arrow table of the schema; DatasetError when a value does not fit its column."""
    try:
        return pa.Table.from_pylist(list(rows), schema=TABLES[name])
    except (pa.ArrowInvalid, pa.ArrowTypeError, OverflowError) as error:
        raise DatasetError(f"table {name}: a value does not fit its column ({error})") from error


# ---------------------------------------------------------------- scene


def scene_rows(record: SceneRecord, slug: str, frame_count: int) -> list[Row]:
    return [
        {
            "scene_index": record.scene_index,
            "scene": record.scene,
            "slug": slug,
            "seed": record.seed,
            "ego": record.ego,
            "concrete": to_json(dict(record.concrete), "the concrete scene"),
            "extra": to_json(dict(record.extra), "SceneRecord.extra"),
            "frame_count": frame_count,
            "lanes": [
                {"lane_id": i, "width_m": w, "centre_m": np.asarray(c, dtype=np.float64).tolist()}
                for i, w, c in record.lanes
            ],
        }
    ]


def instance_rows(record: SceneRecord) -> list[Row]:
    _known("instance", record.instance_poses, [r.instance_id for r in record.instances])
    _known("instance", record.instance_tracks, [r.instance_id for r in record.instances])
    return [
        {"scene_index": record.scene_index, **plain(r), **_pose(record.instance_poses.get(r.instance_id))}
        for r in record.instances
    ]


def part_rows(record: SceneRecord) -> list[Row]:
    _known("part", record.part_poses, [r.part_id for r in record.parts])
    _known("part", record.part_tracks, [r.part_id for r in record.parts])
    return [
        {"scene_index": record.scene_index, **plain(r), **_pose(record.part_poses.get(r.part_id))}
        for r in record.parts
    ]


def calibration_rows(record: SceneRecord) -> list[Row]:
    """True and told calibration of every sensor, from the concrete scene."""
    return [
        _calibration(record.scene_index, s) for s in ConcreteScene.from_json(dict(record.concrete)).sensors
    ]


def _calibration(scene_index: int, sensor: ConcreteSensor) -> Row:
    lens = intrinsics_of_sensor(sensor) if sensor.kind == "camera" else None
    said = told(sensor, lens)
    return {
        "scene_index": scene_index,
        "sensor": sensor.name,
        "kind": sensor.kind,
        "mount": sensor.mount,
        **_pose(Pose.of(sensor.position_m, sensor.quaternion_wxyz)),
        "intrinsics": None if lens is None else plain(lens),
        **_pose(said.mount_from_sensor, "told_"),
        "told_intrinsics": None if said.intrinsics is None else plain(said.intrinsics),
        "told_time_ns": said.time_ns,
    }


def event_rows(record: SceneRecord) -> list[Row]:
    return [{"scene_index": record.scene_index, "kind": "contact", **plain(c)} for c in record.contacts]


def happening_rows(record: SceneRecord) -> list[Row]:
    return [{"scene_index": record.scene_index, **plain(h)} for h in record.happenings]


def relation_rows(record: SceneRecord) -> list[Row]:
    """Allen's relation of every two happenings, where their ends are clearly apart or clearly one; among more than
    ``MOST_RELATED`` of those that share a subject."""
    found = []
    for one, other in _pairs(record.happenings):
        related = allen((one.t0_ns, one.t1_ns), (other.t0_ns, other.t1_ns))
        if related is not None:
            ids = {"first_id": one.happening_id, "second_id": other.happening_id}
            row = {"scene_index": record.scene_index, **ids, "relation": related[0], "margin_ns": related[1]}
            found.append(row)
    return found


def _pairs(happenings: Sequence[Happening]) -> Iterable[tuple[Happening, Happening]]:
    """Every two whose relation is told, in order of their ids."""
    if len(happenings) <= MOST_RELATED:
        return combinations(happenings, 2)
    of: dict[int, list[int]] = {}
    for k, happening in enumerate(happenings):
        for subject in happening.subjects:
            of.setdefault(subject, []).append(k)
    shared = {pair for own in of.values() for pair in combinations(own, 2)}
    return ((happenings[a], happenings[b]) for a, b in sorted(shared))


def cause_rows(record: SceneRecord) -> list[Row]:
    return [{"scene_index": record.scene_index, **plain(c)} for c in record.causes]


def trajectory_table(record: SceneRecord) -> pa.Table:
    """All knots of all tracks, parts first, by id and time; built from columns, since there are many."""
    tracks = [("part", i, t) for i, t in sorted(record.part_tracks.items())]
    tracks += [("instance", i, t) for i, t in sorted(record.instance_tracks.items())]
    counts = [len(t.times_ns) for _, _, t in tracks]
    positions = np.concatenate([t.positions_m for _, _, t in tracks] or [np.zeros((0, 3))])
    quaternions = np.concatenate([t.quaternions_wxyz for _, _, t in tracks] or [np.zeros((0, 4))])
    times = np.concatenate([t.times_ns for _, _, t in tracks] or [np.zeros(0, dtype=np.int64)])
    columns: list[Any] = [
        np.full(len(times), record.scene_index, dtype=np.int32),
        np.repeat([k for k, _, _ in tracks] or np.zeros(0, dtype=str), counts),
        np.repeat(np.array([i for _, i, _ in tracks], dtype=np.int32), counts),
        times,
        *positions.T,
        *quaternions.T,
    ]
    schema = TABLES["trajectories"]
    return pa.Table.from_arrays(
        [pa.array(c, type=f.type) for c, f in zip(columns, schema, strict=True)], schema=schema
    )


def scene_record(tables: Mapping[str, pa.Table]) -> SceneRecord:
    """The record that these tables of one scene were made from."""
    (row,) = tables["scenes"].to_pylist()
    instances, parts = tables["instances"].to_pylist(), tables["parts"].to_pylist()
    tracks = _tracks(tables["trajectories"])
    return SceneRecord(
        scene_index=row["scene_index"],
        scene=row["scene"],
        seed=row["seed"],
        concrete=json.loads(row["concrete"]),
        instances=tuple(_instance(r) for r in instances),
        parts=tuple(PartRow(r["part_id"], r["instance_id"], r["semantic"], r["name"]) for r in parts),
        part_tracks=tracks["part"],
        instance_tracks=tracks["instance"],
        part_poses={r["part_id"]: p for r in parts if (p := _unpose(r)) is not None},
        instance_poses={r["instance_id"]: p for r in instances if (p := _unpose(r)) is not None},
        lanes=tuple(
            (x["lane_id"], x["width_m"], np.array(x["centre_m"], dtype=np.float64).reshape(-1, 3))
            for x in row["lanes"]
        ),
        contacts=tuple(
            Contact(r["instance_a"], r["instance_b"], r["t0_ns"], r["t1_ns"], r["peak_force_n"])
            for r in tables["events"].to_pylist()
        ),
        ego=row["ego"],
        extra=json.loads(row["extra"]),
        happenings=tuple(
            _make(Happening, r, ("subjects", "evidence")) for r in tables["happenings"].to_pylist()
        ),
        causes=tuple(_make(Cause, r) for r in tables["causes"].to_pylist()),
    )


def _instance(row: Row) -> InstanceRow:
    given = {f.name: row[f.name] for f in fields(InstanceRow)}
    for name in ("colour_rgb", "size_m", "centre_m"):
        given[name] = tuple(given[name])
    return InstanceRow(**given)


def _tracks(trajectories: pa.Table) -> dict[str, dict[int, Track]]:
    """kind -> id -> track; rows of one track stand together."""
    found: dict[str, dict[int, Track]] = {"part": {}, "instance": {}}
    kinds = np.asarray(trajectories["kind"].to_numpy(), dtype=str)
    ids, times = trajectories["id"].to_numpy(), trajectories["time_ns"].to_numpy()
    positions = np.stack([trajectories[f"{a}_m"].to_numpy() for a in "xyz"], axis=1)
    quaternions = np.stack([trajectories[f"q{a}"].to_numpy() for a in "wxyz"], axis=1)
    cuts = np.flatnonzero((ids[1:] != ids[:-1]) | (kinds[1:] != kinds[:-1])) + 1
    for piece in np.split(np.arange(len(ids)), cuts):
        if len(piece):
            own = slice(int(piece[0]), int(piece[-1]) + 1)
            track = Track(times[own].copy(), positions[own].copy(), quaternions[own].copy())
            found[str(kinds[own.start])][int(ids[own.start])] = track
    return found


# ---------------------------------------------------------------- keyframe


def frame_row(frame: Keyframe, shard: str, offset: int, size: int) -> Row:
    controls = plain(frame.controls) if frame.controls else {}
    return {
        **_frame(frame),
        "time_ns": frame.time_ns,
        "shard": shard,
        "offset": offset,
        "size": size,
        **controls,
    }


def camera_row(frame: Keyframe, camera: CameraFrame, slug: str, sweep: int, members: Sequence[Row]) -> Row:
    return {
        **_frame(frame),
        "sensor": camera.sensor,
        "slug": slug,
        "sweep": sweep,
        "kind": "camera",
        "time_ns": camera.time_ns,
        "flow_dt_ns": camera.flow_dt_ns,
        **_pose(camera.world_from_camera),
        **_pose(camera.world_from_camera_next, "next_"),
        **plain(camera.intrinsics),
        "members": list(members),
    }


def lidar_row(frame: Keyframe, lidar: LidarFrame, slug: str, sweep: int, members: Sequence[Row]) -> Row:
    return {
        **_frame(frame),
        "sensor": lidar.sensor,
        "slug": slug,
        "sweep": sweep,
        "kind": "lidar",
        "time_ns": lidar.time_ns,
        **_pose(lidar.world_from_lidar),
        "points": len(lidar.points),
        "members": list(members),
    }


def reading_row(
    frame: Keyframe, reading: Reading, slug: str, sweep: int, members: Sequence[Row], samples: int
) -> Row:
    return {
        **_frame(frame),
        "sensor": reading.sensor,
        "slug": slug,
        "sweep": sweep,
        "kind": reading.kind,
        "time_ns": reading.time_ns,
        **_pose(reading.world_from_sensor),
        "points": samples,
        "members": list(members),
    }


def box2d_rows(frame: Keyframe) -> list[Row]:
    return [
        {**_frame(frame), "sensor": name, **plain(b)}
        for name, c in sorted(frame.cameras.items())
        for b in c.boxes
    ]


def box3d_rows(frame: Keyframe) -> list[Row]:
    return [{**_frame(frame), **plain(b)} for b in frame.boxes]


def fact_rows(frame: Keyframe) -> list[Row]:
    return [{**_frame(frame), **plain(f)} for f in frame.facts]


def caption_rows(frame: Keyframe) -> list[Row]:
    return [{**_frame(frame), **plain(c)} for c in frame.captions]


def controls_of(row: Row) -> Controls | None:
    if row["throttle"] is None:
        return None
    return Controls(row["throttle"], row["brake"], row["steering"], row["speed_mps"])


def box2d_of(row: Row) -> Box2D:
    return _make(Box2D, row, tuples=("visible_box", "full_box"))


def box3d_of(row: Row) -> Box3D:
    vectors = ("centre_m", "size_m", "quaternion_wxyz", "velocity_mps", "acceleration_mps2")
    return _make(Box3D, row, tuples=vectors)


def fact_of(row: Row) -> Fact:
    return _make(Fact, row, tuples=("subjects", "evidence"))


def caption_of(row: Row) -> Caption:
    phrases = tuple(Phrase(p["start"], p["end"], tuple(p["instance_ids"])) for p in row["phrases"])
    statements = tuple(Statement(s["start"], s["end"], tuple(s["fact_ids"])) for s in row["statements"])
    return _make(Caption, {**row, "phrases": phrases, "statements": statements})


def camera_of(
    row: Row, arrays: Mapping[str, Any], boxes: tuple[Box2D, ...], extra: Mapping[str, Any]
) -> CameraFrame:
    pose, following = _unpose(row), _unpose(row, "next_")
    if pose is None or following is None or row["flow_dt_ns"] is None or row["fx"] is None:
        raise DatasetError(f"{row['key']}: camera {row['sensor']} lacks its calibration in table sensors")
    return CameraFrame(
        row["sensor"],
        row["time_ns"],
        row["flow_dt_ns"],
        intrinsics_of(row),
        pose,
        following,
        boxes=boxes,
        extra=extra,
        **arrays,
    )


def lidar_of(row: Row, arrays: Mapping[str, Any], extra: Mapping[str, Any]) -> LidarFrame:
    pose = _unpose(row)
    if pose is None:
        raise DatasetError(f"{row['key']}: lidar {row['sensor']} lacks its pose in table sensors")
    return LidarFrame(row["sensor"], row["time_ns"], pose, extra=extra, **arrays)


def reading_of(row: Row, arrays: Mapping[str, Any]) -> Reading:
    pose = _unpose(row)
    if pose is None:
        raise DatasetError(f"{row['key']}: {row['kind']} {row['sensor']} lacks its pose in table sensors")
    return Reading(row["sensor"], row["kind"], row["time_ns"], pose, arrays)


def intrinsics_of(row: Row) -> Intrinsics:
    return _make(Intrinsics, row, tuples=("distortion",))


def _make(kind: type[T], row: Row, tuples: tuple[str, ...] = ()) -> T:
    names = [f.name for f in fields(kind)]  # type: ignore[arg-type]  # it is a dataclass
    return kind(**{n: tuple(row[n]) if n in tuples else row[n] for n in names})


def _frame(frame: Keyframe) -> Row:
    return {"scene_index": frame.scene_index, "frame_index": frame.frame_index, "key": frame.key}


def _pose(pose: Pose | None, prefix: str = "") -> Row:
    if pose is None:
        return {f"{prefix}position_m": None, f"{prefix}quaternion_wxyz": None}
    return {
        f"{prefix}position_m": pose.position_m.tolist(),
        f"{prefix}quaternion_wxyz": pose.quaternion_wxyz.tolist(),
    }


def _unpose(row: Row, prefix: str = "") -> Pose | None:
    position, quaternion = row[f"{prefix}position_m"], row[f"{prefix}quaternion_wxyz"]
    if position is None or quaternion is None:
        return None
    return Pose(np.array(position, dtype=np.float64), np.array(quaternion, dtype=np.float64))


def _known(what: str, poses: Mapping[int, object], ids: Sequence[int]) -> None:
    if strangers := sorted(set(poses) - set(ids)):
        raise DatasetError(f"poses are given for {what} ids {strangers[:5]}, which have no {what} row")
