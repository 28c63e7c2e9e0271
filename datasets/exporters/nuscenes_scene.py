"""One scene as nuScenes has it: its files, and its rows of every table."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from itertools import pairwise
from typing import Any

import numpy as np

from pairforge.datasets.exporters.nuscenes_boxes import Boxes
from pairforge.datasets.exporters.nuscenes_can import CanBus
from pairforge.datasets.exporters.nuscenes_files import (
    OURS_FROM_TOP,
    PointLabels,
    lidar_bin,
    panoptic_npz,
    picture,
    radar_pcd,
    sweep_points,
)
from pairforge.datasets.exporters.nuscenes_map import expansion, land_of
from pairforge.datasets.exporters.target import Target
from pairforge.datasets.reader import Dataset
from pairforge.datasets.store import member_prefix
from pairforge.frames import F64, Pose, Track
from pairforge.sample import CameraFrame, Keyframe, LidarFrame, Reading

TOP = "LIDAR_TOP"
MODALITY = {"camera": "camera", "lidar": "lidar", "radar": "radar"}
EPOCH_US = 1_500_000_000_000_000
"""Time stamps of scene 0 start here: a day in July 2017, for readers that print dates."""
SCENE_US = 10_000_000_000
"""Clocks of scenes start so far apart that no two overlap."""
DATE = "2017-07-14"

Row = dict[str, Any]
View = CameraFrame | LidarFrame | Reading


def global_token(*words: object) -> str:
    """32 hexadecimal digits of a name that is the same in every dataset."""
    return hashlib.sha256("/".join(map(str, words)).encode()).hexdigest()[:32]


class SceneWriter:
    """Writes one scene."""

    def __init__(
        self,
        dataset: Dataset,
        index: int,
        target: Target,
        name: str,
        version: str,
        options: Mapping[str, str],
    ) -> None:
        self._dataset, self._index, self._target = dataset, index, target
        self._name, self._version, self._options = name, version, options
        self._record = dataset.record(index)
        self._slug = dataset.scene(index).slug
        self._ego_id = next(r.instance_id for r in self._record.instances if r.name == self._record.ego)
        self._land = land_of(self._record)
        self._calibration = {
            row["sensor"]: row
            for row in dataset.table("calibration", index).to_pylist()
            if exported(row, self._record.ego)
        }
        self._labels = PointLabels(self._record)
        self._boxes = Boxes(self._record, self._token, options["boxes"] == "all")
        self._frames: dict[str, list[Row]] = {}
        self._poses: list[Row] = []
        self._segments: list[Row] = []
        self._exact = options["points"] == "exact"

    def write(self) -> dict[str, list[Row]]:
        """Everything of the scene; returns the rows of the tables."""
        count = self._dataset.scene(self._index).frames
        samples = [self._sample(k, count) for k in range(count)]
        track = self._ego_track()
        bus = CanBus(track, self._land.offset_m, self._stamp)
        times, description = [], ""
        for k in range(count):
            members = self._dataset.members(self._index, k)
            frame = self._dataset.frame(self._index, k, members)
            samples[k]["timestamp"] = self._stamp(frame.time_ns)
            self._keyframe(frame, members, samples[k]["token"])
            bus.add(frame)
            times.append(frame.time_ns)
            description = description or next((c.text for c in frame.captions if c.kind == "short"), "")
        self._maps()
        for message, rows in bus.files(times[0], times[-1]).items():
            self._target.write_json(f"can_bus/{self._name}_{message}.json", rows)
        return self._rows(samples, description)

    def _token(self, *words: object) -> str:
        return global_token(self._slug, self._record.seed, *words)

    def _stamp(self, time_ns: int) -> int:
        """Microseconds: rounded, so that stamps differ where times do by a microsecond."""
        return EPOCH_US + self._index * SCENE_US + (time_ns + 500) // 1000

    def _ego_track(self) -> Track:
        track = self._record.instance_tracks.get(self._ego_id)
        if track is not None:
            return track
        pose, times = self._record.instance_poses[self._ego_id], np.array([0, 3_600_000_000_000])
        return Track(times, np.tile(pose.position_m, (2, 1)), np.tile(pose.quaternion_wxyz, (2, 1)))

    def _sample(self, k: int, count: int) -> Row:
        return {
            "token": self._token("sample", k),
            "timestamp": 0,
            "prev": self._token("sample", k - 1) if k else "",
            "next": self._token("sample", k + 1) if k + 1 < count else "",
            "scene_token": self._token("scene"),
        }

    def _keyframe(self, frame: Keyframe, members: Mapping[str, bytes], sample: str) -> None:
        clouds: dict[str, tuple[Pose, F64]] = {}
        radars: dict[str, tuple[Pose, F64]] = {}
        slugs = {
            s["sensor"]: s["slug"] for s in self._dataset.rows("sensors", self._index, frame.frame_index)
        }
        for name in self._calibration:
            own: Any = frame.cameras.get(name) or frame.lidars.get(name) or frame.readings.get(name)
            if own is None:
                continue
            for n, view in enumerate((*frame.sweeps.get(name, ()), own)):
                sweep = 0 if view is own else n + 1
                prefix = member_prefix(frame.key, slugs[name], sweep)
                points = self._view(
                    name, view, members.get(f"{prefix}rgb.png"), sample, not sweep, frame.frame_index
                )
                if sweep or points is None:
                    continue
                (clouds if isinstance(view, LidarFrame) else radars)[name] = points
        self._boxes.add(
            frame, sample, self._land.offset_m, {k: v for k, v in clouds.items() if k == TOP}, radars
        )

    def _view(
        self, name: str, view: View, png: bytes | None, sample: str, key: bool, k: int
    ) -> tuple[Pose, F64] | None:
        """One frame of one sensor: its file, its rows. Returns where its points are, as exported."""
        stamp = self._stamp(view.time_ns)
        token = self._token("data", name, k, view.time_ns)
        found: tuple[Pose, F64] | None = None
        size = (0, 0)
        if isinstance(view, CameraFrame):
            form = self._options["images"]
            assert png is not None
            data, size = picture(png, form), (view.intrinsics.width_px, view.intrinsics.height_px)
        elif isinstance(view, LidarFrame):
            form = "pcd.bin"
            points = sweep_points(view, self._record, self._calibration[name], self._exact)
            data = lidar_bin(points, view)
            found = view.world_from_lidar @ OURS_FROM_TOP, points.astype(np.float64)
            if key and name == TOP:
                self._segment(view, token)
        else:
            form, data = "pcd", radar_pcd(view)
            found = view.world_from_sensor, view.arrays["position_m"].astype(np.float64)
        folder = "samples" if key else "sweeps"
        file = f"{folder}/{name}/{self._slug}__{name}__{stamp}.{form}"
        self._target.write(file, data)
        self._frames.setdefault(name, []).append(
            {
                "token": token,
                "sample_token": sample,
                "ego_pose_token": token,
                "calibrated_sensor_token": self._token("calibrated", name),
                "timestamp": stamp,
                "fileformat": form.split(".")[0],
                "is_key_frame": key,
                "height": size[1],
                "width": size[0],
                "filename": file,
                "prev": "",
                "next": "",
            }
        )
        pose = self._record.world_from_body(self._ego_id, view.time_ns)
        self._poses.append(
            {
                "token": token,
                "timestamp": stamp,
                "rotation": pose.quaternion_wxyz.tolist(),
                "translation": (pose.position_m + self._land.offset_m).tolist(),
            }
        )
        return found

    def _segment(self, view: LidarFrame, token: str) -> None:
        fine, panoptic = self._labels.of(view)
        names = {
            "lidarseg": f"lidarseg/{self._version}/{token}_lidarseg.bin",
            "panoptic": f"panoptic/{self._version}/{token}_panoptic.npz",
        }
        self._target.write(names["lidarseg"], fine.tobytes())
        self._target.write(names["panoptic"], panoptic_npz(panoptic))
        self._segments.append({"token": token, "sample_data_token": token, **names})

    def _maps(self) -> None:
        self._target.write(f"maps/{self._token('map')}.png", self._land.mask())
        self._target.write_json(
            f"maps/expansion/{self._slug}.json", expansion(self._record, self._land, self._token)
        )

    def _rows(self, samples: list[Row], description: str) -> dict[str, list[Row]]:
        data = []
        for name in sorted(self._frames):
            rows = self._frames[name]
            for before, after in pairwise(rows):
                before["next"], after["prev"] = after["token"], before["token"]
            data += rows
        annotations = list(self._boxes.annotations())
        return {
            "scene": [
                {
                    "token": self._token("scene"),
                    "log_token": self._token("log"),
                    "nbr_samples": len(samples),
                    "first_sample_token": samples[0]["token"],
                    "last_sample_token": samples[-1]["token"],
                    "name": self._name,
                    "description": description or self._record.scene,
                }
            ],
            "sample": samples,
            "sample_data": data,
            "ego_pose": self._poses,
            "calibrated_sensor": [self._calibrated(name) for name in sorted(self._frames)],
            "log": [
                {
                    "token": self._token("log"),
                    "logfile": self._slug,
                    "vehicle": "pairforge",
                    "date_captured": DATE,
                    "location": self._slug,
                }
            ],
            "map": [
                {
                    "token": self._token("map"),
                    "log_tokens": [self._token("log")],
                    "category": "semantic_prior",
                    "filename": f"maps/{self._token('map')}.png",
                    "world_offset_m": self._land.offset_m.tolist(),
                }
            ],
            "sample_annotation": annotations,
            "instance": list(self._boxes.instances()),
            "lidarseg": [_segment_row(s, "lidarseg") for s in self._segments],
            "panoptic": [_segment_row(s, "panoptic") for s in self._segments],
            "sensor": [
                {"channel": name, "modality": MODALITY[self._calibration[name]["kind"]]}
                for name in sorted(self._frames)
            ],
            "part": [{"name": self._name, "split": self._part(), "left_out": self._boxes.left_out}],
        }

    def _part(self) -> str:
        return str(self._record.concrete["split"].get("part", ""))

    def _calibrated(self, name: str) -> Row:
        row = self._calibration[name]
        pose = Pose.of(row["told_position_m"], row["told_quaternion_wxyz"])
        if row["kind"] == "lidar":
            pose = pose @ OURS_FROM_TOP
        k = row["told_intrinsics"]
        # The devkit's pixel (0, 0) has its centre at (0, 0), ours at (0.5, 0.5).
        matrix = [[k["fx"], 0.0, k["cx"] - 0.5], [0.0, k["fy"], k["cy"] - 0.5], [0.0, 0.0, 1.0]] if k else []
        return {
            "token": self._token("calibrated", name),
            "sensor_token": global_token("sensor", name),
            "translation": pose.position_m.tolist(),
            "rotation": pose.quaternion_wxyz.tolist(),
            "camera_intrinsic": matrix,
        }


def _segment_row(segment: Row, task: str) -> Row:
    return {"token": segment["token"], "sample_data_token": segment["token"], "filename": segment[task]}


def exported(row: Mapping[str, Any], ego: str | None) -> bool:
    """Whether a row of ``calibration`` is of a sensor that nuScenes has a place for: a pinhole camera, a LiDAR or a
    radar, on the ego itself."""
    if row["kind"] not in MODALITY or row["mount"] != ego:
        return False
    return bool(row["kind"] != "camera" or row["intrinsics"]["model"] == "pinhole")
