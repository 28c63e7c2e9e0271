"""Argoverse 2's sensor dataset: a folder a log of feather tables, pictures, sweeps and a map, as av2 reads them.

B. Wilson et al., Argoverse 2: Next generation datasets for self-driving perception and forecasting (NeurIPS 2021).
Everything stands in the ego's frame; see docs/exports/argoverse2.md.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
from PIL import Image
from pyarrow import feather

from pairforge.datasets.exporters.argoverse_map import write_map
from pairforge.datasets.exporters.argoverse_rig import HALF_PX, Rig, rig_of
from pairforge.datasets.exporters.ego_motion import POINTS, points_of
from pairforge.datasets.exporters.protocol import Option, Part
from pairforge.datasets.exporters.target import Target
from pairforge.datasets.reader import Dataset
from pairforge.frames import F64, Pose
from pairforge.sample import Keyframe, SceneRecord
from pairforge.scenes.mounts import split_mount
from pairforge.scenes.taxonomy import BY_NAME

EPOCH_NS = 315_964_800_000_000_000
"""Added to the scene's clock, so that all stamps have eighteen digits, as file names must to be in order."""
CATEGORIES: Mapping[str, str] = {
    "car": "REGULAR_VEHICLE",
    "van": "REGULAR_VEHICLE",
    "truck": "TRUCK",
    "bus": "BUS",
    "bicycle": "BICYCLE",
    "cyclist": "BICYCLIST",
    "pedestrian": "PEDESTRIAN",
    "animal": "ANIMAL",
}
"""Class -> category; what has none here or below has no annotation."""
FAMILIES: Mapping[str, str] = {
    "pickup": "REGULAR_VEHICLE",
    "dog": "DOG",
    "traffic_cone": "CONSTRUCTION_CONE",
    "bollard": "BOLLARD",
}
"""Shape family -> category, before the class's."""
_QUALITY = 95


class Argoverse2:
    """See the module."""

    name: ClassVar[str] = "argoverse2"
    summary: ClassVar[str] = "Argoverse 2's sensor dataset: feather tables, ring cameras, sweeps and maps"
    needs: ClassVar[str] = ""
    options: ClassVar[Mapping[str, Option]] = {
        "cameras": Option(
            "",
            "which camera is which, as in ring_front_center=front,ring_side_left=left; empty: by where they look",
        ),
        "fill": Option(
            "nearest",
            "what stands for a ring camera that the rig lacks, since some loaders want all seven: the one that looks "
            "most the same way, once more, or none",
            ("nearest", "none"),
        ),
        "lidar": Option("", "which LiDAR is up_lidar; empty: the only one"),
        "points": POINTS,
    }

    def __init__(self, options: Mapping[str, str]) -> None:
        self._options = options

    def check(self, dataset: Dataset) -> None:
        for i in dataset.scenes:
            self._rig(dataset, i)

    def scene(self, dataset: Dataset, scene_index: int, target: Target) -> Part:
        log = _Log(dataset, scene_index, self._rig(dataset, scene_index), self._options["points"], target)
        for frame in dataset.frames(scene_index):
            log.add(frame)
        log.close()
        return {}

    def finish(self, dataset: Dataset, parts: Iterator[Part], target: Target) -> None:
        """Nothing joins the logs."""

    def _rig(self, dataset: Dataset, scene_index: int) -> Rig:
        rows = dataset.table("calibration", scene_index).to_pylist()
        return rig_of(
            rows, self._options["cameras"], self._options["lidar"], self._options["fill"] == "nearest"
        )


class _Log:
    """The folder of one scene, written frame by frame."""

    def __init__(self, dataset: Dataset, scene_index: int, rig: Rig, points: str, target: Target) -> None:
        self._record, self._rig, self._points, self._target = dataset.record(scene_index), rig, points, target
        self._name = dataset.scene(scene_index).slug
        part = str(self._record.concrete.get("split", {}).get("part", "")) or "train"
        self._folder = f"{part}/{self._name}"
        self._boxes: list[dict[str, Any]] = []
        self._poses: dict[int, Pose] = {}
        self._ground: list[F64] = []

    def add(self, frame: Keyframe) -> None:
        """Pictures, the sweep, boxes and poses of a keyframe."""
        for name, camera in self._rig.cameras.items():
            view = frame.cameras[camera["sensor"]]
            self._pose(view.time_ns)
            stamp = EPOCH_NS + view.time_ns
            self._target.write(f"{self._folder}/sensors/cameras/{name}/{stamp}.jpg", _jpeg(view.rgb))
        xyz = self._sweep(frame)
        ego_from_world = self._pose(frame.time_ns).inverse
        for box in frame.boxes:
            category = category_of(self._record, box.instance_id)
            if category:
                pose = ego_from_world @ Pose.of(box.centre_m, box.quaternion_wxyz)
                self._boxes.append(
                    {
                        "timestamp_ns": EPOCH_NS + frame.time_ns,
                        "track_uuid": track_uuid(self._name, box.instance_id),
                        "category": category,
                        **dict(zip(("length_m", "width_m", "height_m"), box.size_m, strict=True)),
                        **_pose_columns(pose),
                        "num_interior_pts": _inside(xyz, pose, box.size_m),
                    }
                )

    def close(self) -> None:
        """The tables that cover the whole log, and its map."""
        self._write("annotations", _table(self._boxes, _ANNOTATIONS))
        self._add_knots()
        poses = [{"timestamp_ns": EPOCH_NS + t, **_pose_columns(p)} for t, p in sorted(self._poses.items())]
        self._write("city_SE3_egovehicle", _table(poses, [("timestamp_ns", pa.int64()), *_POSE]))
        rows = [{"sensor_name": n, **_pose_columns(p)} for n, p in self._rig.extrinsics()]
        self._write("calibration/egovehicle_SE3_sensor", _table(rows, [("sensor_name", pa.string()), *_POSE]))
        lenses = [_lens(name, row["intrinsics"]) for name, row in self._rig.cameras.items()]
        self._write("calibration/intrinsics", _table(lenses, _INTRINSICS))
        write_map(self._target, f"{self._folder}/map", self._name, self._record, self._ground, self._where())

    def _sweep(self, frame: Keyframe) -> F64:
        """Write the LiDAR's sweep; returns its points (N, 3) in the ego's frame."""
        sweep = frame.lidars[self._rig.lidar["sensor"]]
        own = points_of(sweep, self._record, self._rig.lidar, self._points)
        xyz = self._rig.ego_from_lidar.points(own)
        columns = {
            **dict(zip("xyz", xyz.T.astype(np.float32), strict=True)),
            "intensity": np.rint(np.clip(sweep.intensity, 0.0, 1.0) * 255.0).astype(np.uint8),
            "laser_number": sweep.ring,
            "offset_ns": (sweep.times_ns - sweep.time_ns).astype(np.int32),
        }
        self._pose(sweep.time_ns)
        self._write(f"sensors/lidar/{EPOCH_NS + sweep.time_ns}", pa.table(columns))
        self._ground.append(
            ground_hits(sweep.world_from_lidar.points(sweep.deskewed), sweep.semantic, sweep.kind)
        )
        return xyz

    def _pose(self, time_ns: int) -> Pose:
        """``world_from_ego``, noted for the table of poses."""
        if time_ns not in self._poses:
            self._poses[time_ns] = self._ego(time_ns)
        return self._poses[time_ns]

    def _ego(self, time_ns: int) -> Pose:
        number = self._carrier()
        return Pose.of() if number is None else self._record.world_from_body(number, time_ns)

    def _carrier(self) -> int | None:
        mount = self._rig.lidar["mount"]
        if mount is None:
            return None
        return next(i.instance_id for i in self._record.instances if i.name == split_mount(mount)[0])

    def _add_knots(self) -> None:
        """The knots of the ego's track between the frames, so that times in between can be looked up."""
        number = self._carrier()
        track = None if number is None else self._record.instance_tracks.get(number)
        if track is not None and self._poses:
            inside = (track.times_ns >= min(self._poses)) & (track.times_ns <= max(self._poses))
            for time_ns in track.times_ns[inside]:
                self._pose(int(time_ns))

    def _where(self) -> F64:
        """Positions (N, 3) of the ego."""
        return np.array([p.position_m for _, p in sorted(self._poses.items())])

    def _write(self, name: str, table: pa.Table) -> None:
        with self._target.file(f"{self._folder}/{name}.feather") as path:
            feather.write_feather(table, str(path), compression="zstd")


_QUATERNION, _PLACE = ("qw", "qx", "qy", "qz"), ("tx_m", "ty_m", "tz_m")
_POSE = [(name, pa.float64()) for name in (*_QUATERNION, *_PLACE)]
_ANNOTATIONS = [
    ("timestamp_ns", pa.int64()),
    ("track_uuid", pa.string()),
    ("category", pa.string()),
    *((name, pa.float64()) for name in ("length_m", "width_m", "height_m")),
    *_POSE,
    ("num_interior_pts", pa.int64()),
]
_LENS = ("fx_px", "fy_px", "cx_px", "cy_px", "k1", "k2", "k3")
_INTRINSICS = [
    ("sensor_name", pa.string()),
    *((name, pa.float64()) for name in _LENS),
    ("height_px", pa.int64()),
    ("width_px", pa.int64()),
]
_GROUND = ("road", "lane_marking", "kerb", "pavement", "terrain", "floor")


def category_of(record: SceneRecord, instance_id: int) -> str:
    """Argoverse's category of an instance; "" for none."""
    instance = record.instance(instance_id)
    return FAMILIES.get(instance.family) or CATEGORIES.get(instance.semantic, "")


def track_uuid(log: str, instance_id: int) -> str:
    """A name of the form of a UUID, the same every time."""
    digest = hashlib.sha256(f"{log}/{instance_id}".encode()).hexdigest()
    return "-".join((digest[:8], digest[8:12], digest[12:16], digest[16:20], digest[20:32]))


def ground_hits(world: F64, semantic: Any, kind: Any) -> F64:
    """Of points (N, 3), those that lie on the ground."""
    wanted = np.isin(semantic, [BY_NAME[name].semantic_id for name in _GROUND]) & (kind == 0)
    return np.asarray(world[wanted])


def _table(rows: list[dict[str, Any]], columns: list[tuple[str, pa.DataType]]) -> pa.Table:
    return pa.Table.from_pylist(rows, schema=pa.schema(columns))


def _pose_columns(pose: Pose) -> dict[str, float]:
    values = [*pose.quaternion_wxyz.tolist(), *pose.position_m.tolist()]
    return dict(zip((*_QUATERNION, *_PLACE), values, strict=True))


def _lens(name: str, lens: dict[str, Any]) -> dict[str, Any]:
    """Argoverse's first pixel has its centre at (0, 0)."""
    return {
        "sensor_name": name,
        "fx_px": lens["fx"],
        "fy_px": lens["fy"],
        "cx_px": lens["cx"] - HALF_PX,
        "cy_px": lens["cy"] - HALF_PX,
        "k1": 0.0,
        "k2": 0.0,
        "k3": 0.0,
        "height_px": lens["height_px"],
        "width_px": lens["width_px"],
    }


def _inside(xyz: F64, pose: Pose, size_m: tuple[float, float, float]) -> int:
    own = np.abs(pose.inverse.points(xyz))
    return int((own <= np.asarray(size_m) / 2.0).all(axis=1).sum())


def _jpeg(rgb: Any) -> bytes:
    out = io.BytesIO()
    Image.fromarray(rgb).save(out, "JPEG", quality=_QUALITY)
    return out.getvalue()
