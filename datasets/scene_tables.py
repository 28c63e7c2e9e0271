"""The tables of one scene: its record as rows, and back, exactly."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import fields
from itertools import combinations
from typing import Any

import numpy as np
import pyarrow as pa

from pairforge.datasets.plain import plain
from pairforge.datasets.schema import TABLES
from pairforge.datasets.table_rows import Row, made, pose_of, pose_row, to_json
from pairforge.errors import DatasetError
from pairforge.frames import Pose, Track
from pairforge.intervals import allen
from pairforge.sample import Cause, Contact, Happening, InstanceRow, PartRow, SceneRecord
from pairforge.scenes.calibration import told
from pairforge.scenes.concrete import ConcreteScene, ConcreteSensor
from pairforge.scenes.concrete import intrinsics_of as intrinsics_of_sensor

MOST_RELATED = 1000
"""Happenings of a scene every two of which are told how they lie in time: half a million pairs."""


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
    rows = [(r.instance_id, r) for r in record.instances]
    return _placed_rows("instance", record, rows, record.instance_poses, record.instance_tracks)


def part_rows(record: SceneRecord) -> list[Row]:
    rows = [(r.part_id, r) for r in record.parts]
    return _placed_rows("part", record, rows, record.part_poses, record.part_tracks)


def _placed_rows(
    kind: str,
    record: SceneRecord,
    rows: Sequence[tuple[int, InstanceRow | PartRow]],
    poses: Mapping[int, Pose],
    tracks: Mapping[int, Track],
) -> list[Row]:
    """Rows, each with its id, of what lies at ``poses`` or moves along ``tracks``."""
    ids = [i for i, _ in rows]
    _known(kind, poses, ids)
    _known(kind, tracks, ids)
    return [{"scene_index": record.scene_index, **plain(r), **pose_row(poses.get(i))} for i, r in rows]


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
        **pose_row(Pose.of(sensor.position_m, sensor.quaternion_wxyz)),
        "intrinsics": None if lens is None else plain(lens),
        **pose_row(said.mount_from_sensor, "told_"),
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
        part_poses={r["part_id"]: p for r in parts if (p := pose_of(r)) is not None},
        instance_poses={r["instance_id"]: p for r in instances if (p := pose_of(r)) is not None},
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
            made(Happening, r, ("subjects", "evidence")) for r in tables["happenings"].to_pylist()
        ),
        causes=tuple(made(Cause, r) for r in tables["causes"].to_pylist()),
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


def _known(what: str, poses: Mapping[int, object], ids: Sequence[int]) -> None:
    if strangers := sorted(set(poses) - set(ids)):
        raise DatasetError(f"poses are given for {what} ids {strangers[:5]}, which have no {what} row")
