"""What is on disk: every array of a shard and every column of a table, with shape, dtype, unit and frame.

This is the one place that says it. The store writes by it, the reader and the verifier check against it, and the
tables of docs/store.md are made from it.
"""

from __future__ import annotations

from collections.abc import Mapping

import pyarrow as pa

from pairforge.arrays import ArraySpec

FORMAT = "pairforge-dataset"
FORMAT_VERSION = 2
"""Of dataset.json and the index beside it."""
TABLE_VERSION = 1
"""Of scenes' tables and shards: what is in a scene's files."""

CAMERA_ARRAYS: tuple[ArraySpec, ...] = (
    ArraySpec("rgb", "png", "uint8", ("H", "W", 3), "sRGB", "image", "the picture"),
    ArraySpec(
        "depth",
        "npy",
        "float32",
        ("H", "W"),
        "m",
        "camera",
        "z-depth at pixel centres, range of fisheyes and panoramas; inf: nothing hit",
    ),
    ArraySpec(
        "normal",
        "npy",
        "float16",
        ("H", "W", 3),
        "1",
        "camera",
        "geometric normal facing the camera; 0: nothing",
    ),
    ArraySpec("part", "png", "uint16", ("H", "W"), "id", "image", "part id; 0: nothing hit"),
    ArraySpec("instance", "png", "uint16", ("H", "W"), "id", "image", "instance id; 0: stuff or nothing"),
    ArraySpec(
        "semantic", "png", "uint8", ("H", "W"), "id", "image", "class id of scenes/taxonomy.py; 0: sky"
    ),
    ArraySpec(
        "flow",
        "npy",
        "float32",
        ("H", "W", 2),
        "px",
        "image",
        "(du, dv) of the point to time + flow_dt; nan: none",
    ),
)


def _lidar(name: str, dtype: str, unit: str, description: str) -> ArraySpec:
    """An optional array with one number a point."""
    return ArraySpec(name, "npy", dtype, ("N",), unit, "", description, optional=True)


LIDAR_ARRAYS: tuple[ArraySpec, ...] = (
    ArraySpec("points", "npy", "float32", ("N", 3), "m", "sensor when fired", "xyz as measured, with noise"),
    ArraySpec(
        "deskewed",
        "npy",
        "float32",
        ("N", 3),
        "m",
        "sensor at time_ns",
        "noise-free hits, carried by ego motion",
    ),
    ArraySpec("times_ns", "npy", "int64", ("N",), "ns", "clock", "when each ray was fired"),
    ArraySpec("range_m", "npy", "float32", ("N",), "m", "sensor when fired", "measured Euclidean range"),
    ArraySpec(
        "intensity", "npy", "float32", ("N",), "1", "", "return strength, 0..1 (see docs/sensors/lidar.md)"
    ),
    ArraySpec("ring", "npy", "uint8", ("N",), "id", "", "beam, 0 the lowest"),
    ArraySpec(
        "instance",
        "npy",
        "uint16",
        ("N",),
        "id",
        "",
        "instance hit (of a ghost or blooming: that sent the light back); 0: stuff",
    ),
    ArraySpec("part", "npy", "uint16", ("N",), "id", "", "part hit; 0: the air"),
    ArraySpec("semantic", "npy", "uint8", ("N",), "id", "", "class hit; 0: the air"),
    ArraySpec(
        "kind",
        "npy",
        "uint8",
        ("N",),
        "id",
        "",
        "0: a surface; 1: the air (rain, snow, fog, dust); 2: a ghost, seen in a mirror; 3: blooming, stray light "
        "of a retro-reflector beside the beam; 4: a surface behind glass",
    ),
    _lidar("return_number", "uint8", "1", "place among its ray's reported returns, by range, from 1"),
    _lidar("returns_of_ray", "uint8", "1", "how many returns of its ray are reported"),
    _lidar(
        "incidence", "float32", "1", "cosine between ray and normal where the light turned back; 0: the air"
    ),
    _lidar("via", "uint16", "id", "part that is the mirror of a ghost, or the pane before it; 0: none"),
    _lidar("via_m", "float32", "m", "how far along the ray that mirror or pane is"),
    ArraySpec(
        "source",
        "npy",
        "float32",
        ("N", 3),
        "m",
        "sensor at time_ns",
        "where light truly turned back, carried by ego motion",
        True,
    ),
    _lidar("velocity_mps", "float32", "m/s", "radial velocity as measured; above 0: the distance grows"),
    _lidar("velocity_true_mps", "float32", "m/s", "the same without noise"),
)

ARRAYS: Mapping[str, tuple[ArraySpec, ...]] = {"camera": CAMERA_ARRAYS, "lidar": LIDAR_ARRAYS}
"""Of the sensors whose frames have a class of their own; see ``arrays_of`` for all."""


def arrays_of(kind: str) -> tuple[ArraySpec, ...]:
    """The arrays of a kind of sensor: those above, with the labels a camera may be asked for, or what its model
    declares. SpecError for an unknown kind."""
    from pairforge.sensors.camera_labels.protocol import label_arrays
    from pairforge.sensors.protocol import SENSORS

    if kind == "camera":
        return *CAMERA_ARRAYS, *label_arrays()
    return ARRAYS[kind] if kind in ARRAYS else SENSORS.load(kind).arrays


def all_arrays() -> dict[str, tuple[ArraySpec, ...]]:
    """Kind of sensor -> its arrays, for every registered one."""
    from pairforge.sensors.protocol import SENSORS

    return {kind: arrays_of(kind) for kind in (*ARRAYS, *(k for k in SENSORS.names() if k not in ARRAYS))}


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
        column("size_m", _XYZ, "length, width, height", "m", "body"),
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
        column("size_m", _XYZ, "length x, width y, height z", "m", "box"),
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
