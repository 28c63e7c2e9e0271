"""log.json: a logged drive as plain JSON, to keep beside the spec that makes a world of it."""

from __future__ import annotations

import hashlib
import json
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from pairforge.datasets.importers.protocol import (
    LogError,
    LoggedActor,
    LoggedLane,
    LoggedScene,
    LoggedSensor,
)
from pairforge.errors import first_fault
from pairforge.frames import Intrinsics, Pose

VERSION = 1
_UNIT = 1e-6

Number = Annotated[float, Field(allow_inf_nan=False)]
Vector = tuple[Number, Number, Number]
Row = tuple[int, Number, Number, Number, Number, Number, Number, Number]
"""(ns, x, y, z, w, x, y, z): a time stamp, a position and a quaternion wxyz."""


class _Strict(BaseModel):
    model_config = ConfigDict(extra="forbid", frozen=True)


class _Intrinsics(_Strict):
    width_px: Annotated[int, Field(gt=0)]
    height_px: Annotated[int, Field(gt=0)]
    fx: Number
    fy: Number
    cx: Number
    cy: Number
    model: str
    distortion: tuple[Number, ...]


class _Sensor(_Strict):
    name: str
    kind: str
    model: str
    position_m: Vector
    quaternion_wxyz: tuple[Number, Number, Number, Number]
    rate_hz: Annotated[float, Field(gt=0.0, allow_inf_nan=False)] | None
    intrinsics: _Intrinsics | None


class _Actor(_Strict):
    name: str
    category: str
    semantic: str
    shape: str
    size_m: Vector
    track: Annotated[tuple[Row, ...], Field(min_length=1)]


class _Lane(_Strict):
    centre_m: Annotated[tuple[Vector, ...], Field(min_length=2)]
    width_m: Annotated[float, Field(gt=0.0, allow_inf_nan=False)]
    speed_limit_mps: Annotated[float, Field(gt=0.0, allow_inf_nan=False)]


class _Log(_Strict):
    pairforge_log: Literal[1]
    name: str
    source: str
    start_ns: int
    origin_m: Vector
    ego: Annotated[tuple[Row, ...], Field(min_length=2)]
    keyframe_times_ns: Annotated[tuple[int, ...], Field(min_length=1)]
    sensors: tuple[_Sensor, ...]
    actors: tuple[_Actor, ...]
    drivable: tuple[tuple[tuple[tuple[Number, Number], ...], ...], ...]
    lanes: tuple[_Lane, ...]


def log_bytes(log: LoggedScene) -> bytes:
    """A drive as the bytes of log.json; equal drives give equal bytes."""
    value = {
        "pairforge_log": VERSION,
        "name": log.name,
        "source": log.source,
        "start_ns": log.start_ns,
        "origin_m": list(log.origin_m),
        "keyframe_times_ns": list(log.keyframe_times_ns),
        "sensors": [_sensor(s) for s in log.sensors],
        "ego": _rows(log.ego_times_ns, log.world_from_ego),
        "actors": [
            {
                "name": a.name,
                "category": a.category,
                "semantic": a.semantic,
                "shape": a.shape,
                "size_m": list(a.size_m),
                "track": _rows(a.times_ns, a.world_from_box),
            }
            for a in log.actors
        ],
        "drivable": log.drivable,
        "lanes": [
            {"centre_m": lane.centre_m, "width_m": lane.width_m, "speed_limit_mps": lane.speed_limit_mps}
            for lane in log.lanes
        ],
    }
    return (json.dumps(value, allow_nan=False, ensure_ascii=False) + "\n").encode()


def _sensor(sensor: LoggedSensor) -> dict[str, Any]:
    k = sensor.intrinsics
    return {
        "name": sensor.name,
        "kind": sensor.kind,
        "model": sensor.model,
        "position_m": sensor.ego_from_sensor.position_m.tolist(),
        "quaternion_wxyz": sensor.ego_from_sensor.quaternion_wxyz.tolist(),
        "rate_hz": sensor.rate_hz,
        "intrinsics": None
        if k is None
        else {
            "width_px": k.width_px,
            "height_px": k.height_px,
            "fx": k.fx,
            "fy": k.fy,
            "cx": k.cx,
            "cy": k.cy,
            "model": k.model,
            "distortion": list(k.distortion),
        },
    }


def _rows(times_ns: tuple[int, ...], poses: tuple[Pose, ...]) -> list[list[float]]:
    pairs = zip(times_ns, poses, strict=True)
    return [[int(t), *q.position_m.tolist(), *q.quaternion_wxyz.tolist()] for t, q in pairs]


def read_log(path: Path | str, sha256: str | None = None) -> LoggedScene:
    """The drive of a log.json. LogError when it cannot be read, is damaged, or is not the one of that ``sha256``."""
    try:
        data = Path(path).read_bytes()
    except OSError as error:
        raise LogError(f"{path} cannot be read: {error.strerror}. Import the log again.") from None
    found = hashlib.sha256(data).hexdigest()
    if sha256 is not None and found != sha256:
        raise LogError(
            f"{path} is not the log that was meant: its sha256 is {found[:12]}…, not {sha256[:12]}…. "
            "Import the log again, or give the new sha256."
        )
    return _read(data, path)


def _read(data: bytes, path: Path | str) -> LoggedScene:
    try:
        log = _Log.model_validate_json(data)
    except ValidationError as error:
        where, said = first_fault(error)
        raise LogError(f"{path} is no log: {where or 'the file'}: {said}. Import the log again.") from None
    scene = LoggedScene(
        name=log.name,
        source=log.source,
        start_ns=log.start_ns,
        origin_m=log.origin_m,
        ego_times_ns=tuple(row[0] for row in log.ego),
        world_from_ego=_poses(log.ego, path, "ego"),
        keyframe_times_ns=log.keyframe_times_ns,
        sensors=tuple(_logged_sensor(s) for s in log.sensors),
        actors=tuple(
            LoggedActor(
                name=a.name,
                category=a.category,
                semantic=a.semantic,
                size_m=a.size_m,
                times_ns=tuple(row[0] for row in a.track),
                world_from_box=_poses(a.track, path, a.name),
                shape=a.shape,
            )
            for a in log.actors
        ),
        drivable=log.drivable,
        lanes=tuple(LoggedLane(lane.centre_m, lane.width_m, lane.speed_limit_mps) for lane in log.lanes),
    )
    check_log(scene, path)
    return scene


def _poses(rows: tuple[Row, ...], path: Path | str, whose: str) -> tuple[Pose, ...]:
    for row in rows:
        if abs(sum(q * q for q in row[4:]) - 1.0) > _UNIT:
            raise LogError(
                f"{path} is no log: at {row[0]} ns the quaternion of {whose} is not of length 1. Import it again."
            )
    return tuple(Pose.of(row[1:4], row[4:]) for row in rows)


def _logged_sensor(s: _Sensor) -> LoggedSensor:
    k = s.intrinsics
    camera = (
        None
        if k is None
        else Intrinsics(k.width_px, k.height_px, k.fx, k.fy, k.cx, k.cy, k.model, k.distortion)
    )
    return LoggedSensor(s.name, s.kind, Pose.of(s.position_m, s.quaternion_wxyz), camera, s.rate_hz, s.model)


def check_log(log: LoggedScene, where: Path | str) -> None:
    """LogError for what no world can be made of: times that do not rise, boxes without a size, names used twice."""

    def refuse(what: str) -> None:
        raise LogError(f"{where}: {what}. Import the log again.")

    tracks = [("ego", log.ego_times_ns), ("keyframes", log.keyframe_times_ns)]
    tracks += [(a.name, a.times_ns) for a in log.actors]
    for name, times in tracks:
        if any(b <= a for a, b in pairwise(times)):
            refuse(f'the times of "{name}" do not rise')
    for actor in log.actors:
        if min(actor.size_m) <= 0.0:
            refuse(f'the box of "{actor.name}" measures {actor.size_m}; every side must be above 0')
    names = [a.name for a in log.actors] + [s.name for s in log.sensors] + ["ego"]
    if twice := next((name for name in names if names.count(name) > 1), None):
        refuse(f'two things are named "{twice}"')
