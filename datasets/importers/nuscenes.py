"""nuScenes: a scene's ego poses, boxes, calibration and map, read from its tables alone."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np

from pairforge.datasets.exporters.protocol import Option
from pairforge.datasets.importers.nuscenes_map import map_around
from pairforge.datasets.importers.nuscenes_tables import Row, Tables, numbers, only
from pairforge.datasets.importers.protocol import LogError, LoggedActor, LoggedScene, LoggedSensor
from pairforge.errors import did_you_mean
from pairforge.frames import F64, Intrinsics, Pose

TOP = "LIDAR_TOP"
OURS_FROM_TOP = Pose.of(yaw=-np.pi / 2)
"""nuScenes' LiDAR looks along its y, with x to the right."""
LEAST_RATE_HZ = 5.0
"""A sensor whose frames are rarer has lost its sweeps: its rate is not known."""

ACTORS: dict[str, tuple[str, str]] = {
    "animal": ("animal", ""),
    "human.pedestrian": ("pedestrian", ""),
    "movable_object.barrier": ("object", "box"),
    "movable_object.debris": ("object", "box"),
    "movable_object.pushable_pullable": ("street_furniture", "litter_bin"),
    "movable_object.trafficcone": ("street_furniture", "traffic_cone"),
    "vehicle.bicycle": ("cyclist", ""),
    "vehicle.bus": ("bus", ""),
    "vehicle.car": ("car", ""),
    "vehicle.construction": ("truck", "truck"),
    "vehicle.emergency.ambulance": ("van", ""),
    "vehicle.emergency.police": ("car", ""),
    "vehicle.motorcycle": ("cyclist", ""),
    "vehicle.trailer": ("truck", "box"),
    "vehicle.truck": ("truck", ""),
}
"""Category, or its beginning -> class and shape. Racks of bicycles are left out: their boxes hold the bicycles."""


class NuScenes:
    """See the module."""

    name: ClassVar[str] = "nuscenes"
    summary: ClassVar[str] = "a scene of nuScenes v1.0 or of anything written like it"
    needs: ClassVar[str] = ""
    options: ClassVar[Mapping[str, Option]] = {
        "version": Option("", "which version below the folder, as in v1.0-mini; empty: the only one")
    }

    def scenes(self, root: Path, options: Mapping[str, str]) -> tuple[str, ...]:
        return tuple(Tables(root, options["version"]).scenes)

    def read(self, root: Path, scene: str, options: Mapping[str, str]) -> LoggedScene:
        tables = Tables(root, options["version"])
        if scene not in tables.scenes:
            raise LogError(f'{root} has no scene "{scene}". {did_you_mean(scene, tables.scenes)}')
        return _Reading(tables, tables.scenes[scene]).scene()


class _Reading:
    """One scene as its rows are followed from table to table."""

    def __init__(self, tables: Tables, row: Row) -> None:
        self._tables, self._row = tables, row
        samples = only(tables.rows("sample"), "scene_token", row.get("token"))
        self._samples = sorted(samples, key=lambda s: self._time(s, "sample"))
        if not self._samples:
            raise LogError(f'scene "{row["name"]}" has no samples. The tables are damaged.')
        own = {s["token"] for s in self._samples}
        self._data = [d for d in tables.rows("sample_data") if d.get("sample_token") in own]
        self._calibrated, self._sensors = tables.by_token("calibrated_sensor"), tables.by_token("sensor")
        self._channels: dict[str, list[Row]] = {}
        for data in self._data:
            self._channels.setdefault(self._channel(data), []).append(data)
        for rows in self._channels.values():
            rows.sort(key=lambda d: self._time(d, "sample_data"))
        poses = tables.by_token("ego_pose")
        moments: dict[int, Pose] = {}
        for data in self._channels.get(TOP, self._data):
            pose = tables.found(poses, data.get("ego_pose_token"), "ego_pose")
            moments.setdefault(self._time(data, "sample_data"), self._pose(pose, "ego_pose"))
        if len(moments) < 2:
            raise LogError(f'scene "{row["name"]}" has fewer than two ego poses. The tables are damaged.')
        first = self._time(self._samples[0], "sample")
        self._start = min(first, *moments)
        x, y, _ = moments[min(moments)].position_m
        self._origin: F64 = np.array([np.floor(x), np.floor(y), 0.0])
        self._ego = {t: self._moved(pose) for t, pose in sorted(moments.items())}

    def scene(self) -> LoggedScene:
        way = np.array([pose.position_m[:2] for pose in self._ego.values()]) + self._origin[:2]
        drivable, lanes = map_around(self._map_file(), way, self._origin)
        return LoggedScene(
            name=str(self._row["name"]),
            source=f"nuScenes {self._tables.folder.name}",
            start_ns=self._start * 1000,
            origin_m=(float(self._origin[0]), float(self._origin[1]), 0.0),
            ego_times_ns=tuple(self._ns(t) for t in self._ego),
            world_from_ego=tuple(self._ego.values()),
            keyframe_times_ns=tuple(self._ns(self._time(s, "sample")) for s in self._samples),
            sensors=tuple(self._sensor(channel) for channel in sorted(self._channels)),
            actors=tuple(self._actors()),
            drivable=drivable,
            lanes=lanes,
        )

    def _time(self, row: Mapping[str, Any], table: str) -> int:
        time = self._tables.taken(row, "timestamp", table)
        if not isinstance(time, int) or isinstance(time, bool):
            raise LogError(f"{table}: the time stamp {time!r:.40} is no whole number. The table is damaged.")
        return time

    def _ns(self, time_us: int) -> int:
        return (time_us - self._start) * 1000

    def _pose(self, row: Mapping[str, Any], table: str) -> Pose:
        where = numbers(self._tables.taken(row, "translation", table), 3, table)
        turned = numbers(self._tables.taken(row, "rotation", table), 4, table)
        if not abs(float(np.linalg.norm(turned)) - 1.0) < 1e-3:
            raise LogError(f"{table}: {turned} is no quaternion of length 1. The table is damaged.")
        return Pose.of(where, turned)

    def _moved(self, pose: Pose) -> Pose:
        return Pose(pose.position_m - self._origin, pose.quaternion_wxyz)

    def _channel(self, data: Row) -> str:
        calibrated = self._tables.found(
            self._calibrated, data.get("calibrated_sensor_token"), "calibrated_sensor"
        )
        sensor = self._tables.found(self._sensors, calibrated.get("sensor_token"), "sensor")
        return str(self._tables.taken(sensor, "channel", "sensor"))

    def _sensor(self, channel: str) -> LoggedSensor:
        rows = self._channels[channel]
        calibrated = self._calibrated[str(rows[0]["calibrated_sensor_token"])]
        kind = str(self._sensors[str(calibrated["sensor_token"])].get("modality"))
        pose, camera = self._pose(calibrated, "calibrated_sensor"), None
        if kind == "lidar":
            pose = pose @ OURS_FROM_TOP.inverse
        if kind == "camera":
            (fx, _, cx), (_, fy, cy), _ = (
                numbers(line, 3, "calibrated_sensor")
                for line in self._tables.taken(calibrated, "camera_intrinsic", "calibrated_sensor")
            )
            width, height = (int(self._tables.taken(rows[0], k, "sample_data")) for k in ("width", "height"))
            # Its pixel (0, 0) has its centre at (0, 0), ours at (0.5, 0.5).
            camera = Intrinsics(width, height, fx, fy, cx + 0.5, cy + 0.5)
        model = "velodyne_hdl_32e" if channel == TOP else ""
        return LoggedSensor(channel, kind, pose, camera, self._rate_hz(rows), model)

    def _rate_hz(self, rows: list[Row]) -> float | None:
        times = np.array([self._time(row, "sample_data") for row in rows], dtype=np.int64)
        steps = np.diff(np.unique(times))
        rate = 1e6 / float(np.median(steps)) if len(steps) else 0.0
        return round(rate, 3) if rate >= LEAST_RATE_HZ else None

    def _actors(self) -> Iterator[LoggedActor]:
        tables = self._tables
        times = {s["token"]: self._ns(self._time(s, "sample")) for s in self._samples}
        instances, categories = tables.by_token("instance"), tables.by_token("category")
        attributes = {k: str(row.get("name")) for k, row in tables.by_token("attribute").items()}
        tracks: dict[str, list[Row]] = {}
        for row in tables.rows("sample_annotation"):
            if row.get("sample_token") in times:
                tracks.setdefault(str(row.get("instance_token")), []).append(row)
        count: dict[str, int] = {}
        for token, rows in tracks.items():
            instance = tables.found(instances, token, "instance")
            category = str(tables.found(categories, instance.get("category_token"), "category").get("name"))
            kind = _kind(category, [attributes.get(t, "") for t in rows[0].get("attribute_tokens", [])])
            if kind is None:
                continue
            word = category.rpartition(".")[2]
            count[word] = count.get(word, 0) + 1
            rows.sort(key=lambda row: times[row["sample_token"]])
            width, length, height = numbers(
                tables.taken(rows[0], "size", "sample_annotation"), 3, "sample_annotation"
            )
            yield LoggedActor(
                name=f"{word}_{count[word]}",
                category=category,
                semantic=kind[0],
                size_m=(length, width, height),
                times_ns=tuple(times[row["sample_token"]] for row in rows),
                world_from_box=tuple(self._moved(self._pose(row, "sample_annotation")) for row in rows),
                shape=kind[1],
            )

    def _map_file(self) -> Path:
        logs = self._tables.by_token("log")
        log = self._tables.found(logs, self._row.get("log_token"), "log")
        name = Path(str(log.get("location"))).name  # never out of the folder
        return self._tables.root / "maps" / "expansion" / f"{name}.json"


def _kind(category: str, attributes: list[str]) -> tuple[str, str] | None:
    """Class and shape of a category; None for what is left out."""
    found = next((kind for start, kind in ACTORS.items() if f"{category}.".startswith(f"{start}.")), None)
    if found is not None and found[0] == "cyclist" and "cycle.without_rider" in attributes:
        return "bicycle", ""
    return found
