"""What is on disk in tables: every column, with type, unit and frame (``shard_arrays`` says it of shards).

This is the one place that says it. The store writes by it, the reader and the verifier check against it, and the
tables of docs/store.md are made from it.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

FORMAT = "pairforge-dataset"
FORMAT_VERSION = 2
"""Of dataset.json and the index beside it."""
TABLE_VERSION = 1
"""Of scenes' tables and shards: what is in a scene's files."""


def column(
    name: str, kind: pa.DataType, description: str, unit: str = "", frame: str = "", nullable: bool = False
) -> pa.Field:
    """A documented column; the metadata travels inside the Parquet file."""
    told = {"description": description, "unit": unit, "frame": frame}
    return pa.field(name, kind, nullable=nullable, metadata={k: v for k, v in told.items() if v})


_I32, _I64, _F64, _STR = pa.int32(), pa.int64(), pa.float64(), pa.string()
_XYZ, _WXYZ, _BOX = pa.list_(_F64, 3), pa.list_(_F64, 4), pa.list_(_F64, 4)
_IDS = pa.list_(_I32)
_INTRINSICS = pa.struct(
    [
        *((n, _I32) for n in ("width_px", "height_px")),
        *((n, _F64) for n in ("fx", "fy", "cx", "cy")),
        ("model", _STR),
        ("distortion", pa.list_(_F64)),
    ]
)


def _span(ids: str) -> pa.DataType:
    return pa.list_(pa.struct([("start", _I32), ("end", _I32), (ids, _IDS)]))


_SCENE = (column("scene_index", _I32, "scene of the dataset", "id"),)
_FRAME = (
    *_SCENE,
    column("frame_index", _I32, "keyframe within the scene", "id"),
    column("key", _STR, "sample key: scene and frame, 000007-000012"),
)


# A missing list of fixed size does not survive Parquet; a missing list of any size does.
_MAYBE = pa.list_(_F64)


def _pose(prefix: str, what: str, frame: str, nullable: bool = False) -> tuple[pa.Field, pa.Field]:
    return (
        column(
            f"{prefix}position_m", _MAYBE if nullable else _XYZ, f"origin of {what}", "m", frame, nullable
        ),
        column(
            f"{prefix}quaternion_wxyz",
            _MAYBE if nullable else _WXYZ,
            f"rotation of {what}",
            "1",
            frame,
            nullable,
        ),
    )


_COLUMNS: Mapping[str, tuple[pa.Field, ...]] = {
    "scenes": (
        *_SCENE,
        column("scene", _STR, "name of the scene spec"),
        column("slug", _STR, "name of this scene's files"),
        column("seed", _I64, "seed it was resolved with"),
        column("ego", _STR, "name of the ego item", nullable=True),
        column("concrete", _STR, "the concrete scene as JSON: rebuild the world from it"),
        column("extra", _STR, "anything else, as JSON"),
        column("frame_count", _I32, "keyframes in the shard", "1"),
        column(
            "lanes",
            pa.list_(pa.struct([("lane_id", _I32), ("width_m", _F64), ("centre_m", pa.list_(_XYZ))])),
            "driving lanes: id, width, centre line in driving direction",
            "m",
            "world",
        ),
    ),
    "frames": (
        *_FRAME,
        column("time_ns", _I64, "time stamp of the keyframe", "ns", "clock"),
        column("shard", _STR, "shard file, relative to the dataset"),
        column("offset", _I64, "first byte of the sample in the shard, tar headers included", "byte"),
        column("size", _I64, "bytes of the sample in the shard: one range read", "byte"),
        column("throttle", _F64, "ego throttle, 0..1", "1", nullable=True),
        column("brake", _F64, "ego brake, 0..1", "1", nullable=True),
        column("steering", _F64, "ego front wheel angle, left positive", "rad", nullable=True),
        column("speed_mps", _F64, "ego speed along its x axis", "m/s", "ego", nullable=True),
    ),
    "sensors": (
        *_FRAME,
        column("sensor", _STR, "name of the sensor"),
        column("slug", _STR, "its name in member names"),
        column("sweep", _I32, "0: the keyframe's own frame; n: the n-th since the keyframe before", "1"),
        column("kind", _STR, "kind of sensor: camera, lidar, imu, ..."),
        column(
            "time_ns",
            _I64,
            "time of the picture, of the end of the sweep, or of the last sample",
            "ns",
            "clock",
        ),
        *_pose("", "the sensor at time_ns: world_from_sensor", "world"),
        column("flow_dt_ns", _I64, "how far ahead the flow looks", "ns", nullable=True),
        *_pose("next_", "the camera at time_ns + flow_dt_ns", "world", nullable=True),
        column("width_px", _I32, "image columns", "px", nullable=True),
        column("height_px", _I32, "image rows", "px", nullable=True),
        column("fx", _F64, "focal length along columns", "px", nullable=True),
        column("fy", _F64, "focal length along rows", "px", nullable=True),
        column("cx", _F64, "principal point; the first pixel's centre is 0.5", "px", nullable=True),
        column("cy", _F64, "principal point; the first pixel's centre is 0.5", "px", nullable=True),
        column("model", _STR, "camera model: pinhole, brown_conrady, ...", nullable=True),
        column("distortion", pa.list_(_F64), "its coefficients, in OpenCV's order", "1", nullable=True),
        column("circle_deg", _F64, "full cone of a fisheye's light; 360: no limit", "deg", nullable=True),
        column(
            "points", _I32, "returns of the sweep, or samples since the last keyframe", "1", nullable=True
        ),
        column(
            "members",
            pa.list_(pa.struct([("name", _STR), ("offset", _I64), ("size", _I64)])),
            "its arrays in the shard: member name, first byte of the data, bytes",
            "byte",
        ),
    ),
    "calibration": (
        *_SCENE,
        column("sensor", _STR, "name of the sensor"),
        column("kind", _STR, "kind of sensor"),
        column("mount", _STR, "instance that carries it, by name; null: the world", nullable=True),
        *_pose("", "the sensor: mount_from_sensor", "mount"),
        column("intrinsics", _INTRINSICS, "a camera's", "px", nullable=True),
        *_pose("told_", "the sensor, as told: the truth times its calibration error", "mount"),
        column("told_intrinsics", _INTRINSICS, "a camera's, as told", "px", nullable=True),
        column("told_time_ns", _I64, "told time stamp less the true one", "ns", "clock"),
    ),
    "instances": (
        *_SCENE,
        column("instance_id", _I32, "names it in masks, points, boxes and words", "id"),
        column("name", _STR, "item name in the spec"),
        column("family", _STR, "shape family"),
        column("semantic", _STR, "class name"),
        column("noun", _STR, "what a person calls it"),
        column("colour", _STR, "colour word"),
        column("colour_rgb", _XYZ, "linear RGB", "1"),
        column("material", _STR, "material word"),
        column(
            "size_m",
            _XYZ,
            "length, width, height of its upright box; who walks: of the whole gait",
            "m",
            "body",
        ),
        column("centre_m", _XYZ, "centre of the upright box", "m", "body"),
        column("has_front", pa.bool_(), "it has a declared front (+x)"),
        column("moves", pa.bool_(), "physics moves it"),
        column("mass_kg", _F64, "mass", "kg"),
        column("behaviour", _STR, "kind of behaviour"),
        *_pose("", "the body of a still instance: world_from_body", "world", nullable=True),
    ),
    "parts": (
        *_SCENE,
        column("part_id", _I32, "rigid piece, as in part masks", "id"),
        column("instance_id", _I32, "instance it belongs to; 0: stuff", "id"),
        column("semantic", _STR, "class name"),
        column("name", _STR, "name within the shape"),
        *_pose("", "a still part: world_from_part", "world", nullable=True),
    ),
    "boxes2d": (
        *_FRAME,
        column("sensor", _STR, "camera"),
        column("instance_id", _I32, "instance", "id"),
        column("visible_px", _I64, "pixels of its mask", "px", "image"),
        column("solo_px", _I64, "pixels it would have alone, inside the image", "px", "image"),
        column("visible_box", _BOX, "x_min, y_min, x_max, y_max of the mask, pixel edges", "px", "image"),
        column("full_box", _BOX, "the same of the whole object, may pass the image", "px", "image"),
        column("occlusion", _F64, "1 - visible_px / solo_px", "1"),
        column("truncation", _F64, "share of the full box outside the image", "1"),
    ),
    "boxes3d": (
        *_FRAME,
        column("instance_id", _I32, "instance", "id"),
        column("centre_m", _XYZ, "centre", "m", "world"),
        column(
            "size_m", _XYZ, "length x, width y, height z; the instance's, but of moving joints", "m", "box"
        ),
        column("quaternion_wxyz", _WXYZ, "world from box", "1", "world"),
        column("velocity_mps", _XYZ, "of the body origin", "m/s", "world"),
        column("acceleration_mps2", _XYZ, "of the body origin", "m/s^2", "world"),
        column("lidar_points", _I64, "returns over all LiDARs of the keyframe", "1"),
        column("visible_px", _I64, "most pixels in any camera", "px"),
    ),
    "trajectories": (
        *_SCENE,
        column("kind", _STR, "part: world_from_part; instance: world_from_body"),
        column("id", _I32, "part or instance id", "id"),
        column("time_ns", _I64, "knot; positions linear and rotations slerp between", "ns", "clock"),
        *(column(f"{a}_m", _F64, f"position {a}", "m", "world") for a in "xyz"),
        *(column(f"q{a}", _F64, f"quaternion {a}", "1", "world") for a in "wxyz"),
    ),
    "events": (
        *_SCENE,
        column("kind", _STR, "contact"),
        column("instance_a", _I32, "one of the two", "id"),
        column("instance_b", _I32, "the other; 0: the static world", "id"),
        column("t0_ns", _I64, "start", "ns", "clock"),
        column("t1_ns", _I64, "end", "ns", "clock"),
        column("peak_force_n", _F64, "largest normal force", "N"),
    ),
    "happenings": (
        *_SCENE,
        column("happening_id", _I32, "from 1, in order of time", "id"),
        column("kind", _STR, "what comes to pass: braking, lane_change, falling, ... (docs/captions.md)"),
        column("subjects", _IDS, "instance ids, the first the one who does it", "id"),
        column("argument", _STR, "the word it is about: left, right"),
        column("t0_ns", _I64, "start", "ns", "clock"),
        column("t1_ns", _I64, "end", "ns", "clock"),
        column("value", _F64, "measured value, in the happening's unit"),
        column("unit", _STR, "unit of value, threshold and margin"),
        column("threshold", _F64, "what the value passes"),
        column("margin", _F64, "by how much"),
        column("evidence", pa.list_(_STR), "tables that prove it"),
    ),
    "happening_relations": (
        *_SCENE,
        column("first_id", _I32, "a happening", "id"),
        column(
            "second_id",
            _I32,
            "a later row of the same scene; of more than 1,000 with a subject in common",
            "id",
        ),
        column(
            "relation",
            _STR,
            "Allen's: before, meets, overlaps, starts, during, finishes, equals or an inverse",
        ),
        column("margin_ns", _I64, "how far all their ends are from the dead band", "ns", "clock"),
    ),
    "causes": (
        *_SCENE,
        column("effect_id", _I32, "the happening that the scene lacks without the cause", "id"),
        column("cause_id", _I32, "the cause's own happening; 0: its mere presence", "id"),
        column("subject", _I32, "instance that was taken away", "id"),
        column("item", _STR, "its name in the concrete scene"),
        column("value", _F64, "the effect's value"),
        column("value_without", _F64, "the most of the same kind that comes about without"),
        column("unit", _STR, "unit of the values"),
        column("threshold", _F64, "what the effect's value passes, and what it stays below without"),
        column("margin", _F64, "by how much it stays below"),
    ),
    "facts": (
        *_FRAME,
        column("fact_id", _I32, "fact within the keyframe", "id"),
        column("predicate", _STR, "what is said"),
        column("subjects", _IDS, "instance ids, the first the one spoken of", "id"),
        column("argument", _STR, "the word the predicate is about"),
        column("frame", _STR, "frame of reference: viewer, ego, world or none"),
        column("sensor", _STR, "measured in this sensor; empty: the world"),
        column("value", _F64, "measured value, in the fact's unit", nullable=True),
        column("unit", _STR, "unit of value, threshold and margin"),
        column("threshold", _F64, "what the value passes", nullable=True),
        column("margin", _F64, "by how much", nullable=True),
        column("t0_ns", _I64, "start of the time it is about", "ns", "clock"),
        column("t1_ns", _I64, "end of the time it is about", "ns", "clock"),
        column("evidence", pa.list_(_STR), "members and tables that prove it"),
    ),
    "captions": (
        *_FRAME,
        column("kind", _STR, "short, dense, driving, ..."),
        column("language", _STR, "language tag"),
        column("sensor", _STR, "camera it describes"),
        column("text", _STR, "the caption"),
        column("phrases", _span("instance_ids"), "characters [start, end) that name these instances"),
        column("statements", _span("fact_ids"), "characters [start, end) that state these facts"),
        column("template", _STR, "template it was written with"),
    ),
}

TABLES: Mapping[str, pa.Schema] = {
    name: pa.schema(fields, metadata={"format": FORMAT, "format_version": str(TABLE_VERSION), "table": name})
    for name, fields in _COLUMNS.items()
}
