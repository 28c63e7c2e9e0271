"""A keyframe, with the sweeps before it, as Foxglove's messages (foxglove-schemas-protobuf).

Every frame of reference hangs on "world" by a transform of the very time stamp that its data bear. Quaternions are
named x, y, z, w there; ``_quaternion`` alone turns ours round.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from foxglove_schemas_protobuf.CameraCalibration_pb2 import CameraCalibration
from foxglove_schemas_protobuf.Color_pb2 import Color
from foxglove_schemas_protobuf.CompressedImage_pb2 import CompressedImage
from foxglove_schemas_protobuf.CubePrimitive_pb2 import CubePrimitive
from foxglove_schemas_protobuf.FrameTransform_pb2 import FrameTransform
from foxglove_schemas_protobuf.FrameTransforms_pb2 import FrameTransforms
from foxglove_schemas_protobuf.ImageAnnotations_pb2 import ImageAnnotations
from foxglove_schemas_protobuf.KeyValuePair_pb2 import KeyValuePair
from foxglove_schemas_protobuf.LocationFix_pb2 import LocationFix
from foxglove_schemas_protobuf.Log_pb2 import Log
from foxglove_schemas_protobuf.PackedElementField_pb2 import PackedElementField
from foxglove_schemas_protobuf.Point2_pb2 import Point2
from foxglove_schemas_protobuf.PointCloud_pb2 import PointCloud
from foxglove_schemas_protobuf.PointsAnnotation_pb2 import PointsAnnotation
from foxglove_schemas_protobuf.Pose_pb2 import Pose as PoseMessage
from foxglove_schemas_protobuf.Quaternion_pb2 import Quaternion
from foxglove_schemas_protobuf.RawImage_pb2 import RawImage
from foxglove_schemas_protobuf.SceneEntity_pb2 import SceneEntity
from foxglove_schemas_protobuf.SceneEntityDeletion_pb2 import SceneEntityDeletion
from foxglove_schemas_protobuf.SceneUpdate_pb2 import SceneUpdate
from foxglove_schemas_protobuf.TextAnnotation_pb2 import TextAnnotation
from foxglove_schemas_protobuf.Vector3_pb2 import Vector3
from google.protobuf.timestamp_pb2 import Timestamp
from numpy.typing import NDArray

from pairforge.datasets.reader import Dataset
from pairforge.datasets.store import member_prefix
from pairforge.frames import Intrinsics, Pose
from pairforge.sample import CameraFrame, InstanceRow, Keyframe, LidarFrame, Reading, SceneRecord

WORLD = "world"
_ELEMENT = {
    "u1": PackedElementField.UINT8,
    "i1": PackedElementField.INT8,
    "u2": PackedElementField.UINT16,
    "i2": PackedElementField.INT16,
    "u4": PackedElementField.UINT32,
    "i4": PackedElementField.INT32,
    "f4": PackedElementField.FLOAT32,
    "f8": PackedElementField.FLOAT64,
}
_SAMPLED = ("imu", "can_bus", "ultrasonic", "wheel_odometry", "ego_state", "joint_states", "force_torque")


@dataclass(frozen=True)
class Message:
    """``body``: a protobuf message, or a dictionary that goes as JSON. ``log_time_ns``: when a recorder gets it."""

    topic: str
    log_time_ns: int
    publish_time_ns: int
    body: Any

    @property
    def is_json(self) -> bool:
        return isinstance(self.body, dict)

    @property
    def data(self) -> bytes:
        if self.is_json:
            return json.dumps(self.body, allow_nan=False).encode()
        return bytes(self.body.SerializeToString(deterministic=True))


def messages(
    dataset: Dataset, record: SceneRecord, scene_index: int, frame_index: int, labels: bool
) -> Iterator[Message]:
    """All messages of a keyframe and of what was sensed since the one before, in no order of time."""
    members = dataset.members(scene_index, frame_index)
    frame = dataset.frame(scene_index, frame_index, members)
    names = {row.instance_id: row for row in record.instances}
    png = {
        (s["sensor"], s["time_ns"]): members[member_prefix(frame.key, s["slug"], s["sweep"]) + "rgb.png"]
        for s in dataset.rows("sensors", scene_index, frame_index)
        if s["kind"] == "camera"
    }
    for view in _views(frame):
        if isinstance(view, CameraFrame):
            yield from _camera(view, png[view.sensor, view.time_ns], names, labels)
        elif isinstance(view, LidarFrame):
            yield from _lidar(view)
        else:
            yield from _reading(view)
    yield from _keyframe(frame, record, names)


def _views(frame: Keyframe) -> Iterator[CameraFrame | LidarFrame | Reading]:
    for swept in frame.sweeps.values():
        yield from swept
    yield from frame.cameras.values()
    yield from frame.lidars.values()
    yield from frame.readings.values()


def _at(topic: str, time_ns: int, body: Any) -> Message:
    return Message(topic, time_ns, time_ns, body)


# What hangs where


def _stamp(time_ns: int) -> Timestamp:
    return Timestamp(seconds=time_ns // 1_000_000_000, nanos=time_ns % 1_000_000_000)


def _vector(xyz: Sequence[float] | NDArray[Any]) -> Vector3:
    return Vector3(x=float(xyz[0]), y=float(xyz[1]), z=float(xyz[2]))


def _quaternion(wxyz: Sequence[float] | NDArray[Any]) -> Quaternion:
    w, x, y, z = (float(v) for v in wxyz)
    return Quaternion(x=x, y=y, z=z, w=w)


def _pose(position_m: Sequence[float], quaternion_wxyz: Sequence[float]) -> PoseMessage:
    return PoseMessage(position=_vector(position_m), orientation=_quaternion(quaternion_wxyz))


def _hung(name: str, time_ns: int, world_from_frame: Pose) -> Message:
    """``name`` as a child of the world: the transform carries the child's coordinates into the world's."""
    transform = FrameTransform(
        timestamp=_stamp(time_ns),
        parent_frame_id=WORLD,
        child_frame_id=name,
        translation=_vector(world_from_frame.position_m),
        rotation=_quaternion(world_from_frame.quaternion_wxyz),
    )
    return _at("/tf", time_ns, FrameTransforms(transforms=[transform]))


# Cameras


def _camera(view: CameraFrame, png: bytes, names: dict[int, InstanceRow], labels: bool) -> Iterator[Message]:
    t, stamp, topic = view.time_ns, _stamp(view.time_ns), f"/{view.sensor}"
    yield _hung(view.sensor, t, view.world_from_camera)
    image = CompressedImage(timestamp=stamp, frame_id=view.sensor, data=png, format="png")
    yield _at(f"{topic}/image", t, image)
    calibration = _calibration(view.intrinsics)
    if calibration is not None:
        calibration.timestamp.CopyFrom(stamp)
        calibration.frame_id = view.sensor
        yield _at(f"{topic}/calibration", t, calibration)
    if view.boxes:
        yield _at(f"{topic}/annotations", t, _annotations(view, names))
    if labels:
        yield _at(f"{topic}/depth", t, _raw(view, view.depth.astype("<f4"), "32FC1"))
        yield _at(f"{topic}/instance", t, _raw(view, view.instance.astype("<u2"), "16UC1"))


def _calibration(camera: Intrinsics) -> CameraCalibration | None:
    """In OpenCV's pixels, whose first has its centre at 0, half a pixel less than ours; None for a camera that no
    model there describes."""
    models = {
        ("pinhole", 0): "plumb_bob",
        ("brown_conrady", 4): "plumb_bob",
        ("brown_conrady", 5): "plumb_bob",
        ("brown_conrady", 8): "rational_polynomial",
        ("kannala_brandt", 4): "kannala_brandt",
    }
    model = models.get((camera.model, len(camera.distortion)))
    if model is None:
        return None
    terms = 5 if model == "plumb_bob" else len(camera.distortion)
    cx, cy = camera.cx - 0.5, camera.cy - 0.5
    return CameraCalibration(
        width=camera.width_px,
        height=camera.height_px,
        distortion_model=model,
        D=[*camera.distortion, *[0.0] * (terms - len(camera.distortion))],
        K=[camera.fx, 0.0, cx, 0.0, camera.fy, cy, 0.0, 0.0, 1.0],
        R=[1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0],
        P=[camera.fx, 0.0, cx, 0.0, 0.0, camera.fy, cy, 0.0, 0.0, 0.0, 1.0, 0.0],
    )


def _annotations(view: CameraFrame, names: dict[int, InstanceRow]) -> ImageAnnotations:
    """The boxes of what is seen, edges of pixels counted from the image's corner, each with the name of its thing."""
    said, stamp = ImageAnnotations(timestamp=_stamp(view.time_ns)), _stamp(view.time_ns)
    for box in view.boxes:
        row, (x0, y0, x1, y1) = names[box.instance_id], box.visible_box
        corners = [Point2(x=x, y=y) for x, y in ((x0, y0), (x1, y0), (x1, y1), (x0, y1))]
        told = [KeyValuePair(key=k, value=v) for k, v in (*_told(row), ("occlusion", f"{box.occlusion:.3f}"))]
        said.points.append(
            PointsAnnotation(
                timestamp=stamp,
                type=PointsAnnotation.LINE_LOOP,
                points=corners,
                outline_color=_colour(row),
                thickness=1.5,
                metadata=told,
            )
        )
        said.texts.append(
            TextAnnotation(
                timestamp=stamp,
                position=Point2(x=x0, y=y0),
                text=row.name,
                font_size=8.0,
                text_color=Color(r=1, g=1, b=1, a=1),
                background_color=_colour(row),
            )
        )
    return said


def _raw(view: CameraFrame, array: NDArray[Any], encoding: str) -> RawImage:
    return RawImage(
        timestamp=_stamp(view.time_ns),
        frame_id=view.sensor,
        width=array.shape[1],
        height=array.shape[0],
        encoding=encoding,
        step=array.strides[0],
        data=array.tobytes(),
    )


# Points


def _cloud(sensor: str, time_ns: int, columns: dict[str, NDArray[Any]]) -> PointCloud:
    """Columns (N,) as one packed little-endian record a point."""
    kinds = [(name, column.dtype.newbyteorder("<")) for name, column in columns.items()]
    packed = np.zeros(len(next(iter(columns.values()))), dtype=kinds)
    for name, column in columns.items():
        packed[name] = column
    offsets: dict[str, Any] = dict(packed.dtype.fields or {})
    return PointCloud(
        timestamp=_stamp(time_ns),
        frame_id=sensor,
        pose=_pose((0.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0)),
        point_stride=packed.dtype.itemsize,
        fields=[
            PackedElementField(name=name, offset=offsets[name][1], type=_ELEMENT[kind.str[1:]])
            for name, kind in kinds
        ],
        data=packed.tobytes(),
    )


def _xyz(points: NDArray[Any]) -> dict[str, NDArray[Any]]:
    return {axis: points[:, n].astype(np.float32) for n, axis in enumerate("xyz")}


def _lidar(view: LidarFrame) -> Iterator[Message]:
    """As measured, each point in the frame of the moment it was fired, and without the ego's motion."""
    t = view.time_ns
    ids: dict[str, NDArray[Any]] = {"instance": view.instance, "semantic": view.semantic, "kind": view.kind}
    yield _hung(view.sensor, t, view.world_from_lidar)
    measured = {
        **_xyz(view.points),
        "intensity": view.intensity,
        "ring": view.ring,
        "time_offset_ns": (view.times_ns - t).astype(np.int32),
        **ids,
    }
    yield _at(f"/{view.sensor}/points", t, _cloud(view.sensor, t, measured))
    yield _at(f"/{view.sensor}/deskewed", t, _cloud(view.sensor, t, {**_xyz(view.deskewed), **ids}))


def _reading(view: Reading) -> Iterator[Message]:
    yield _hung(view.sensor, view.time_ns, view.world_from_sensor)
    if view.kind == "radar":
        yield _at(f"/{view.sensor}/points", view.time_ns, _radar(view))
    elif view.kind == "gnss":
        yield from _fixes(view)
    elif view.kind in _SAMPLED and "times_ns" in view.arrays:
        yield from _samples(view)


def _radar(view: Reading) -> PointCloud:
    a = view.arrays
    fields = ("doppler_mps", "rcs_dbsm", "snr_db", "dyn_prop", "kind", "instance", "semantic")
    speed = a["velocity_compensated_mps"]
    columns = {**_xyz(a["position_m"]), "vx_compensated": speed[:, 0], "vy_compensated": speed[:, 1]}
    return _cloud(view.sensor, view.time_ns, {**columns, **{name: a[name] for name in fields}})


def _fixes(view: Reading) -> Iterator[Message]:
    """Of the fixes there are; they reach a recorder when the receiver hands them out."""
    a = view.arrays
    for n, t in enumerate(a["times_ns"].tolist()):
        if a["fix"][n] == 0:
            continue
        latitude, longitude, height = a["geodetic"][n].tolist()
        fix = LocationFix(
            timestamp=_stamp(t),
            frame_id=view.sensor,
            latitude=latitude,
            longitude=longitude,
            altitude=height,
            position_covariance=a["covariance_m2"][n].ravel().tolist(),
            position_covariance_type=LocationFix.KNOWN,
        )
        yield Message(f"/{view.sensor}/fix", int(a["available_ns"][n]), t, fix)


def _samples(view: Reading) -> Iterator[Message]:
    """One JSON object a sample, of the arrays that run with ``times_ns``; nan and inf become null."""
    times = view.arrays["times_ns"]
    columns = {
        name: _json_column(array)
        for name, array in view.arrays.items()
        if array.ndim and len(array) == len(times) and name != "times_ns" and array.ndim <= 2
    }
    for n, t in enumerate(times.tolist()):
        yield _at(f"/{view.sensor}/samples", t, {"time_ns": t, **{name: c[n] for name, c in columns.items()}})


def _json_column(array: NDArray[Any]) -> list[Any]:
    if array.dtype.kind != "f" or bool(np.isfinite(array).all()):
        return list(array.tolist())
    boxed = array.astype(object)
    boxed[~np.isfinite(array)] = None
    return list(boxed.tolist())


# What is true of the keyframe


def _keyframe(frame: Keyframe, record: SceneRecord, names: dict[int, InstanceRow]) -> Iterator[Message]:
    t = frame.time_ns
    for instance_id, track in record.instance_tracks.items():
        yield _hung(f"instance/{names[instance_id].name}", t, track.at(t))
    yield _at("/boxes", t, _boxes(frame, names))
    for caption in frame.captions:
        log = Log(
            timestamp=_stamp(t),
            level=Log.INFO,
            message=caption.text,
            file=caption.template,
            name="/".join(filter(None, (caption.sensor, caption.kind, caption.language))),
        )
        yield _at("/captions", t, log)
    if frame.controls is not None:
        c = frame.controls
        yield _at(
            "/ego/controls",
            t,
            {
                "time_ns": t,
                "throttle": c.throttle,
                "brake": c.brake,
                "steering_rad": c.steering,
                "speed_mps": c.speed_mps,
            },
        )


def _boxes(frame: Keyframe, names: dict[int, InstanceRow]) -> SceneUpdate:
    """Boxes in the world, x along the length; those of the keyframe before go."""
    stamp, update = _stamp(frame.time_ns), SceneUpdate()
    update.deletions.append(SceneEntityDeletion(timestamp=stamp, type=SceneEntityDeletion.ALL))
    for box in frame.boxes:
        row = names[box.instance_id]
        told = (*_told(row), ("velocity_mps", json.dumps(list(box.velocity_mps))))
        update.entities.append(
            SceneEntity(
                timestamp=stamp,
                frame_id=WORLD,
                id=str(box.instance_id),
                metadata=[KeyValuePair(key=k, value=v) for k, v in told],
                cubes=[
                    CubePrimitive(
                        pose=_pose(box.centre_m, box.quaternion_wxyz),
                        size=_vector(box.size_m),
                        color=_colour(row, 0.4),
                    )
                ],
            )
        )
    return update


def _told(row: InstanceRow) -> tuple[tuple[str, str], ...]:
    return (
        ("instance_id", str(row.instance_id)),
        ("name", row.name),
        ("class", row.semantic),
        ("noun", row.noun),
        ("colour", row.colour),
    )


def _colour(row: InstanceRow, alpha: float = 1.0) -> Color:
    r, g, b = row.colour_rgb
    return Color(r=r, g=g, b=b, a=alpha)
