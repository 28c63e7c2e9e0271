"""The ``<key>.json`` member: one keyframe's metadata for whoever streams the shard without the tables."""

from __future__ import annotations

import json
from typing import Any

from pairforge.datasets.plain import plain
from pairforge.datasets.table_rows import to_json
from pairforge.frames import Pose
from pairforge.sample import CameraFrame, Keyframe, LidarFrame, Reading

Json = dict[str, Any]


def document(frame: Keyframe) -> bytes:
    """Calibration, poses, time stamps, boxes, facts and captions as JSON (UTF-8), one form for equal data."""
    content: Json = {
        "key": frame.key,
        "scene_index": frame.scene_index,
        "frame_index": frame.frame_index,
        "time_ns": frame.time_ns,
        "controls": plain(frame.controls) if frame.controls else None,
        "cameras": {name: _camera(c) for name, c in frame.cameras.items()},
        "lidars": {name: _lidar(x) for name, x in frame.lidars.items()},
        "readings": {name: _reading(r) for name, r in frame.readings.items()},
        "sweeps": {name: [_sweep(v) for v in views] for name, views in frame.sweeps.items()},
        "boxes3d": [plain(b) for b in frame.boxes],
        "facts": [plain(f) for f in frame.facts],
        "captions": [plain(c) for c in frame.captions],
    }
    return to_json(content, frame.key).encode()


def parse(data: bytes) -> Json:
    """The JSON back; raises ValueError."""
    content = json.loads(data)
    if not isinstance(content, dict):
        raise ValueError("not a JSON object")
    return content


def _camera(camera: CameraFrame) -> Json:
    return {
        "time_ns": camera.time_ns,
        "flow_dt_ns": camera.flow_dt_ns,
        "intrinsics": plain(camera.intrinsics),
        "world_from_camera": _pose(camera.world_from_camera),
        "world_from_camera_next": _pose(camera.world_from_camera_next),
        "boxes2d": [plain(b) for b in camera.boxes],
    }


def _lidar(lidar: LidarFrame) -> Json:
    return {
        "time_ns": lidar.time_ns,
        "world_from_lidar": _pose(lidar.world_from_lidar),
        "points": len(lidar.points),
    }


def _sweep(view: CameraFrame | LidarFrame | Reading) -> Json:
    if isinstance(view, CameraFrame):
        return _camera(view)
    return _lidar(view) if isinstance(view, LidarFrame) else _reading(view)


def _reading(reading: Reading) -> Json:
    return {
        "kind": reading.kind,
        "time_ns": reading.time_ns,
        "world_from_sensor": _pose(reading.world_from_sensor),
    }


def _pose(pose: Pose) -> Json:
    return {"position_m": pose.position_m.tolist(), "quaternion_wxyz": pose.quaternion_wxyz.tolist()}
