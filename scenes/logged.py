"""A logged drive as a scene: its ego, actors and sensors where the log had them, in a world that can be changed.

    SCENE = logged(Path(__file__).with_name("log.json"))

Every look is a draw of the scene, as in any other, so that a logged scene is rendered again with one thing changed:
``--set car_12.colour=red``, ``--set weather=rain``, ``do={"car_12.colour": "red"}``.
"""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np

from pairforge.datasets.importers.log_file import read_log
from pairforge.datasets.importers.protocol import LogError, LoggedActor, LoggedScene, LoggedSensor
from pairforge.errors import did_you_mean
from pairforge.frames import F64, Pose, rotation
from pairforge.scenes.aim import CAMERA_IN_BODY
from pairforge.scenes.draws import floats
from pairforge.scenes.families import names as family_names
from pairforge.scenes.logged_ground import ground_of
from pairforge.scenes.placement import Exactly
from pairforge.scenes.policies import Replay
from pairforge.scenes.spec import Actor, Behaviour, Camera, Lidar, Scene, Sensor
from pairforge.scenes.taxonomy import BY_NAME

WARM_UP_S = 1.0
STILL_M, STILL_RAD = 0.02, 0.01
"""Who never leaves the first of its boxes by more stands still: annotators' hands shake."""
UNLIT_RATE_HZ = 2.0
"""Keyframes of a log that has one alone."""

NEAREST: dict[str, dict[str, tuple[float, float]]] = {
    "car": {
        "hatchback": (4.16, 1.47),
        "sedan": (4.75, 1.44),
        "suv": (4.67, 1.69),
        "estate": (4.79, 1.50),
        "minivan": (4.87, 1.87),
    },
    "van": {"van": (5.10, 2.06)},
    "truck": {"pickup": (5.33, 1.83), "truck": (7.53, 3.48)},
    "bus": {"bus": (11.37, 3.16)},
    "bicycle": {"cyclist": (1.66, 1.64)},
    "cyclist": {"cyclist": (1.66, 1.64)},
    "pedestrian": {"pedestrian": (0.36, 1.71)},
    "animal": {
        "dog": (1.08, 0.74),
        "cat": (0.68, 0.46),
        "horse": (2.65, 2.03),
        "cow": (2.40, 1.49),
        "sheep": (1.11, 0.72),
        "deer": (1.54, 1.55),
    },
    "street_furniture": {
        "traffic_cone": (0.38, 0.65),
        "bollard": (0.17, 0.93),
        "litter_bin": (0.55, 1.05),
        "bench": (0.59, 0.93),
        "bus_shelter": (1.75, 2.50),
    },
}
"""Class -> shape families of it, with their usual length and height in metres. What is not here is a box."""
PARKING = ("car", "van", "truck", "bus")
"""Classes that are parked when they stand still."""
UPRIGHT = ("pedestrian",)
"""Families that keep their proportions: a person's box holds their stride, too."""


def logged(path: Path | str, sha256: str | None = None, scale: float = 1.0, **changed: Any) -> Scene:
    """The scene of a log.json, which ``pairforge import`` writes.

    ``scale`` makes pictures smaller or larger; fields of ``Scene`` may be given as keywords. Raises LogError when the
    file cannot be read, is damaged, or is not the one of that ``sha256``.
    """
    log = read_log(path, sha256)
    start_ns = round(WARM_UP_S * 1e9) - log.keyframe_times_ns[0]
    scene = Scene(
        name=_name(log.name),
        setting=ground_of(log),
        actors=[_ego(log, start_ns), *(_actor(a, start_ns, path) for a in log.actors)],
        sensors=[s for one in log.sensors for s in _sensor(one, scale)],
        warm_up_s=WARM_UP_S,
        captions=("short", "dense", "driving"),
    )
    return replace(replace(scene, **_clock(log)), **changed)


def _name(name: str) -> str:
    kept = "".join(c if c.isascii() and (c.isalnum() or c in "._-") else "_" for c in name)[:64]
    return kept if kept[:1].isalpha() else f"log_{kept}"[:64]


def _clock(log: LoggedScene) -> dict[str, Any]:
    """Keyframes as the log's: as many, and as far apart as theirs in the mean."""
    times = log.keyframe_times_ns
    count = len(times)
    rate_hz = UNLIT_RATE_HZ if count == 1 else (count - 1) / ((times[-1] - times[0]) * 1e-9)
    rate_hz = round(rate_hz, 6)
    return {"keyframe_rate_hz": rate_hz, "duration_s": count / rate_hz}


def _ego(log: LoggedScene, start_ns: int) -> Actor:
    rows = _rows(log.ego_times_ns, log.world_from_ego, start_ns)
    return Actor(
        name="ego",
        shape="hatchback",
        place=_at(rows, "body"),
        behaviour=Behaviour(kind="replay", policy=Replay(rows)),
    )


def _actor(actor: LoggedActor, start_ns: int, path: Path | str) -> Actor:
    shape = shape_for(actor, path)
    rows = _rows(actor.times_ns, actor.world_from_box, start_ns)
    upright = shape in UPRIGHT
    behaviour = Behaviour(kind="park" if actor.semantic in PARKING else "stand")
    if _moves(actor):
        behaviour = Behaviour(kind="replay", policy=Replay(rows, of="box"))
    return Actor(
        name=actor.name,
        shape=shape,
        size_m=actor.size_m[2] if upright else None,
        extent_m=None if upright else actor.size_m,
        place=_at(rows, "box"),
        behaviour=behaviour,
    )


def shape_for(actor: LoggedActor, path: Path | str) -> str:
    """The shape family that shows an actor: its own, or the one of its class that is nearest in length and height.
    LogError for a class or a family that there is not."""
    if actor.semantic not in BY_NAME:
        raise LogError(
            f'{path}: "{actor.name}" is of class "{actor.semantic}", which is not there. '
            f"{did_you_mean(actor.semantic, BY_NAME)}"
        )
    if actor.shape:
        if actor.shape not in family_names():
            raise LogError(
                f'{path}: "{actor.name}" is of shape "{actor.shape}", which is not there. '
                f"{did_you_mean(actor.shape, family_names())}"
            )
        return actor.shape
    length, _, height = actor.size_m
    known = NEAREST.get(actor.semantic, {"box": (1.0, 1.0)})
    off = {
        name: abs(math.log(length / own[0])) + abs(math.log(height / own[1])) for name, own in known.items()
    }
    return min(off, key=lambda name: off[name])


def _moves(actor: LoggedActor) -> bool:
    first = actor.world_from_box[0]
    return any(
        float(np.linalg.norm(pose.position_m - first.position_m)) > STILL_M
        or float((rotation(first.quaternion_wxyz).inv() * rotation(pose.quaternion_wxyz)).magnitude())
        > STILL_RAD
        for pose in actor.world_from_box[1:]
    )


def _rows(times_ns: tuple[int, ...], poses: tuple[Pose, ...], start_ns: int) -> tuple[tuple[float, ...], ...]:
    """Rows of a ``Replay``, on the scene's clock."""
    pairs = zip(times_ns, poses, strict=True)
    return tuple((t + start_ns, *floats(q.position_m), *floats(q.quaternion_wxyz)) for t, q in pairs)


def _at(rows: tuple[tuple[float, ...], ...], of: Any) -> Exactly:
    """Where the row nearest to the clock's start has it; a replay then says better."""
    row = min(rows, key=lambda r: abs(r[0]))
    x, y, z, qw, qx, qy, qz = row[1:]
    return Exactly((x, y, z), (qw, qx, qy, qz), of=of)


def _sensor(sensor: LoggedSensor, scale: float) -> Iterator[Sensor]:
    """The sensor at its place on the ego; nothing for a kind that none of ours is."""
    pose, rate = sensor.ego_from_sensor, {} if sensor.rate_hz is None else {"rate_hz": sensor.rate_hz}
    if sensor.kind == "camera":
        yield _camera(sensor, scale)
        return
    from pairforge.sensors.gnss import Gnss  # sensors read worlds, which scenes build
    from pairforge.sensors.imu import Imu
    from pairforge.sensors.radar import Radar

    kinds: dict[str, Any] = {"lidar": Lidar, "radar": Radar, "imu": Imu, "gnss": Gnss}
    if sensor.kind not in kinds:
        return
    kind = kinds[sensor.kind]
    yaw, pitch, roll = _angles_deg(pose)
    placed: dict[str, Any] = {
        "name": sensor.name,
        "mount": "ego",
        "position_m": floats(pose.position_m),
        "yaw_deg": yaw,
        "pitch_deg": -pitch,
        "roll_deg": roll,
        **rate,
    }
    made: Sensor = kind.like(sensor.model, **placed) if sensor.model else kind(**placed)
    yield made


def _camera(sensor: LoggedSensor, scale: float) -> Camera:
    k = sensor.intrinsics
    if k is None:
        raise LogError(f'camera "{sensor.name}" of the log has no intrinsics. Import the log again.')
    width, height = max(1, round(k.width_px * scale)), max(1, round(k.height_px * scale))
    across, down = width / k.width_px, height / k.height_px
    yaw, pitch, roll = _angles_deg(sensor.ego_from_sensor @ CAMERA_IN_BODY.inverse)
    lowest = Camera.BOUNDS["rate_hz"][0]
    return Camera(
        name=sensor.name,
        mount="ego",
        position_m=floats(sensor.ego_from_sensor.position_m),
        yaw_deg=yaw,
        pitch_deg=-pitch,
        roll_deg=roll,
        width_px=width,
        height_px=height,
        focal_px=(k.fx * across, k.fy * down),
        principal_px=(k.cx * across, k.cy * down),
        model=k.model,  # type: ignore[arg-type]  # checked where it is made
        distortion=tuple(k.distortion),
        rate_hz=max(sensor.rate_hz or Camera.rate_hz, lowest),
    )


def _angles_deg(pose: Pose) -> F64:
    """Yaw about z, then pitch about y (nose down), then roll about x, of a body of x forward, y left, z up."""
    angles: F64 = rotation(pose.quaternion_wxyz).as_euler("ZYX", degrees=True)
    return angles
