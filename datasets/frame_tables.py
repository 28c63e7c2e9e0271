"""The rows of one keyframe, and back, exactly."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from pairforge.datasets.plain import plain
from pairforge.datasets.table_rows import Row, made, pose_of, pose_row
from pairforge.errors import DatasetError
from pairforge.frames import Intrinsics
from pairforge.sample import (
    Box2D,
    Box3D,
    CameraFrame,
    Caption,
    Controls,
    Fact,
    Keyframe,
    LidarFrame,
    Phrase,
    Reading,
    Statement,
)


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
        **_sensor(frame, camera, "camera", slug, sweep, members),
        "flow_dt_ns": camera.flow_dt_ns,
        **pose_row(camera.world_from_camera),
        **pose_row(camera.world_from_camera_next, "next_"),
        **plain(camera.intrinsics),
    }


def lidar_row(frame: Keyframe, lidar: LidarFrame, slug: str, sweep: int, members: Sequence[Row]) -> Row:
    return {
        **_sensor(frame, lidar, "lidar", slug, sweep, members),
        **pose_row(lidar.world_from_lidar),
        "points": len(lidar.points),
    }


def reading_row(
    frame: Keyframe, reading: Reading, slug: str, sweep: int, members: Sequence[Row], samples: int
) -> Row:
    return {
        **_sensor(frame, reading, reading.kind, slug, sweep, members),
        **pose_row(reading.world_from_sensor),
        "points": samples,
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
    return made(Box2D, row, tuples=("visible_box", "full_box"))


def box3d_of(row: Row) -> Box3D:
    vectors = ("centre_m", "size_m", "quaternion_wxyz", "velocity_mps", "acceleration_mps2")
    return made(Box3D, row, tuples=vectors)


def fact_of(row: Row) -> Fact:
    return made(Fact, row, tuples=("subjects", "evidence"))


def caption_of(row: Row) -> Caption:
    phrases = tuple(Phrase(p["start"], p["end"], tuple(p["instance_ids"])) for p in row["phrases"])
    statements = tuple(Statement(s["start"], s["end"], tuple(s["fact_ids"])) for s in row["statements"])
    return made(Caption, {**row, "phrases": phrases, "statements": statements})


def camera_of(
    row: Row, arrays: Mapping[str, Any], boxes: tuple[Box2D, ...], extra: Mapping[str, Any]
) -> CameraFrame:
    pose, following = pose_of(row), pose_of(row, "next_")
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
    pose = pose_of(row)
    if pose is None:
        raise DatasetError(f"{row['key']}: lidar {row['sensor']} lacks its pose in table sensors")
    return LidarFrame(row["sensor"], row["time_ns"], pose, extra=extra, **arrays)


def reading_of(row: Row, arrays: Mapping[str, Any]) -> Reading:
    pose = pose_of(row)
    if pose is None:
        raise DatasetError(f"{row['key']}: {row['kind']} {row['sensor']} lacks its pose in table sensors")
    return Reading(row["sensor"], row["kind"], row["time_ns"], pose, arrays)


def intrinsics_of(row: Row) -> Intrinsics:
    return made(Intrinsics, row, tuples=("distortion",))


def _frame(frame: Keyframe) -> Row:
    return {"scene_index": frame.scene_index, "frame_index": frame.frame_index, "key": frame.key}


def _sensor(
    frame: Keyframe,
    seen: CameraFrame | LidarFrame | Reading,
    kind: str,
    slug: str,
    sweep: int,
    members: Sequence[Row],
) -> Row:
    return {
        **_frame(frame),
        "sensor": seen.sensor,
        "slug": slug,
        "sweep": sweep,
        "kind": kind,
        "time_ns": seen.time_ns,
        "members": list(members),
    }
