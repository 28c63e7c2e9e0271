"""A scene as one recording for Rerun's viewer (``.rrd``), written by rerun-sdk in a Python of its own.

rerun-sdk 0.24 and later need numpy 2, which cannot live beside Blender's module on this Python, and 0.23 drops
quaternions without a word. So ``python`` names an interpreter of an environment that has it; what it runs is
``rerun_writer.py``, which needs nothing but rerun-sdk.
"""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, ClassVar

import numpy as np
from numpy.typing import NDArray

from pairforge.datasets.exporters.protocol import ExportError, Option, Part
from pairforge.datasets.exporters.target import Target
from pairforge.datasets.reader import Dataset
from pairforge.datasets.store import member_prefix
from pairforge.frames import Pose
from pairforge.sample import CameraFrame, InstanceRow, Keyframe, LidarFrame, Reading
from pairforge.scratch import scratch

WRITER = Path(__file__).with_name("rerun_writer.py")
OLDEST = (0, 24)
_REMEDY = "Make one: python3 -m venv ENV && ENV/bin/pip install rerun-sdk; then --set python=ENV/bin/python"


class Rerun:
    """See the module."""

    name: ClassVar[str] = "rerun"
    summary: ClassVar[str] = "one .rrd recording a scene, for Rerun's viewer"
    needs: ClassVar[str] = ""
    options: ClassVar[Mapping[str, Option]] = {
        "python": Option("", "interpreter of an environment with rerun-sdk 0.24 or later"),
        "labels": Option("yes", "depth and instance ids of cameras too", ("yes", "no")),
    }

    def __init__(self, options: Mapping[str, str]) -> None:
        self._python = options["python"]
        self._labels = options["labels"] == "yes"

    def check(self, dataset: Dataset) -> None:
        if not self._python:
            raise ExportError(
                f"rerun needs python=INTERPRETER of an environment with rerun-sdk, which cannot be ours. {_REMEDY}"
            )
        done = self._run("-c", "import rerun; print(rerun.__version__)")
        version = done.stdout.strip()
        if done.returncode:
            raise ExportError(f"{self._python} has no rerun-sdk. {_REMEDY}")
        if tuple(int(n) for n in version.split(".")[:2]) < OLDEST:
            raise ExportError(f"{self._python} has rerun-sdk {version}, which drops quaternions. {_REMEDY}")

    def scene(self, dataset: Dataset, scene_index: int, target: Target) -> Part:
        slug = dataset.scene(scene_index).slug
        record = dataset.record(scene_index)
        names = {row.instance_id: row for row in record.instances}
        log = _Log(record.scene, slug)
        for k in range(dataset.scene(scene_index).frames):
            members = dataset.members(scene_index, k)
            frame = dataset.frame(scene_index, k, members)
            png = {
                (s["sensor"], s["time_ns"]): members[
                    member_prefix(frame.key, s["slug"], s["sweep"]) + "rgb.png"
                ]
                for s in dataset.rows("sensors", scene_index, k)
                if s["kind"] == "camera"
            }
            for view in _views(frame):
                _sensed(log, view, png, names, self._labels)
            _true(log, frame, names)
        with target.file(f"{slug}.rrd") as path, scratch("rerun") as folder:
            packed = folder / "log.npz"
            log.save(packed)
            done = self._run(str(WRITER), str(packed), str(path))
            if done.returncode:
                last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
                raise ExportError(f"{self._python} could not write {slug}.rrd: {last}")
        return {"file": f"{slug}.rrd"}

    def finish(self, dataset: Dataset, parts: Iterator[Part], target: Target) -> None:
        for _ in parts:
            pass

    def _run(self, *arguments: str) -> subprocess.CompletedProcess[str]:
        clean = {n: v for n, v in os.environ.items() if n not in ("PYTHONPATH", "PYTHONHOME")}
        # Batches by count alone, never by the clock: the same log gives the same chunks.
        clean |= {"RERUN_FLUSH_TICK_SECS": "1e9", "RERUN_FLUSH_NUM_ROWS": "1000000000"}
        clean |= {"RERUN_FLUSH_NUM_BYTES": "1000000000000", "DO_NOT_TRACK": "1"}
        try:
            return subprocess.run(
                [self._python, "-P", "-s", *arguments], env=clean, capture_output=True, text=True
            )
        except OSError as error:
            raise ExportError(
                f'python="{self._python}" cannot be run ({error.strerror}). {_REMEDY}'
            ) from error


class _Log:
    """What ``rerun_writer.py`` reads."""

    def __init__(self, application: str, recording: str) -> None:
        self._said: dict[str, Any] = {"application": application, "recording": recording, "rows": []}
        self._arrays: dict[str, NDArray[Any]] = {}

    def add(
        self, path: str, time_ns: int, kind: str, arrays: Mapping[str, NDArray[Any]], **said: Any
    ) -> None:
        keys = {}
        for name, array in arrays.items():
            keys[name] = f"a{len(self._arrays)}"
            self._arrays[keys[name]] = array
        self._said["rows"].append(
            {"path": path, "time_ns": time_ns, "kind": kind, "arrays": keys, "said": said}
        )

    def pose(self, path: str, time_ns: int, pose: Pose) -> None:
        xyzw = pose.quaternion_wxyz[[1, 2, 3, 0]]
        self.add(path, time_ns, "pose", {"position": pose.position_m, "xyzw": xyzw})

    def save(self, path: Path) -> None:
        log = np.frombuffer(json.dumps(self._said, allow_nan=False).encode(), np.uint8)
        np.savez(path, allow_pickle=False, log=log, **self._arrays)


def _views(frame: Keyframe) -> Iterator[CameraFrame | LidarFrame | Reading]:
    found = [v for swept in frame.sweeps.values() for v in swept]
    found += [*frame.cameras.values(), *frame.lidars.values(), *frame.readings.values()]
    yield from sorted(found, key=lambda v: (v.time_ns, v.sensor))


def _sensed(
    log: _Log,
    view: CameraFrame | LidarFrame | Reading,
    png: Mapping[tuple[str, int], bytes],
    names: Mapping[int, InstanceRow],
    labels: bool,
) -> None:
    path, t = f"world/{view.sensor}", view.time_ns
    if isinstance(view, CameraFrame):
        log.pose(path, t, view.world_from_camera)
        optics = view.intrinsics
        if optics.is_pinhole:
            resolution = [optics.width_px, optics.height_px]
            log.add(path, t, "pinhole", {"matrix": optics.matrix}, resolution=resolution)
        log.add(f"{path}/image", t, "image", {"png": np.frombuffer(png[view.sensor, t], np.uint8)})
        if labels:
            log.add(f"{path}/depth", t, "depth", {"depth": view.depth})
            log.add(f"{path}/instance", t, "mask", {"ids": view.instance})
        if view.boxes:
            ids = np.array([b.instance_id for b in view.boxes], np.uint16)
            boxes = np.array([b.visible_box for b in view.boxes], np.float32)
            said = [names[b.instance_id].name for b in view.boxes]
            arrays: dict[str, NDArray[Any]] = {"boxes": boxes, "ids": ids, "colours": _colours(ids, names)}
            log.add(f"{path}/boxes", t, "boxes2d", arrays, labels=said)
    elif isinstance(view, LidarFrame):
        log.pose(path, t, view.world_from_lidar)
        arrays = {"points": view.deskewed, "ids": view.instance, "colours": _heat(view.intensity)}
        log.add(f"{path}/points", t, "points", arrays)
    else:
        log.pose(path, t, view.world_from_sensor)
        _read(log, path, view)


def _read(log: _Log, path: str, view: Reading) -> None:
    a = view.arrays
    if view.kind == "radar":
        arrays = {"points": a["position_m"], "ids": a["instance"], "colours": _heat(a["rcs_dbsm"] / 60 + 0.5)}
        log.add(f"{path}/points", view.time_ns, "points", arrays)
    elif view.kind == "imu":
        for n, t in enumerate(a["times_ns"].tolist()):
            log.add(
                f"signals/{view.sensor}/specific_force_mps2",
                t,
                "scalars",
                {"values": a["specific_force_mps2"][n]},
            )
            log.add(
                f"signals/{view.sensor}/turn_rate_radps", t, "scalars", {"values": a["turn_rate_radps"][n]}
            )
    elif view.kind == "gnss":
        for n, t in enumerate(a["times_ns"].tolist()):
            if a["fix"][n]:
                log.add(f"signals/{view.sensor}", t, "place", {"lat_lon": a["geodetic"][n : n + 1, :2]})


def _true(log: _Log, frame: Keyframe, names: Mapping[int, InstanceRow]) -> None:
    t, boxes = frame.time_ns, frame.boxes
    if boxes:
        ids = np.array([b.instance_id for b in boxes], np.uint16)
        arrays = {
            "centres": np.array([b.centre_m for b in boxes]),
            "half_sizes": np.array([b.size_m for b in boxes]) / 2,
            "xyzw": np.array([b.quaternion_wxyz for b in boxes])[:, [1, 2, 3, 0]],
            "ids": ids,
            "colours": _colours(ids, names),
        }
        log.add("world/boxes", t, "boxes3d", arrays, labels=[names[b.instance_id].name for b in boxes])
    for caption in frame.captions:
        path = "/".join(filter(None, ("captions", caption.sensor, caption.kind, caption.language)))
        log.add(path, t, "text", {}, text=caption.text)
    if frame.controls is not None:
        for name in ("throttle", "brake", "steering", "speed_mps"):
            values = np.array([getattr(frame.controls, name)])
            log.add(f"signals/ego/{name}", t, "scalars", {"values": values})


def _colours(ids: NDArray[np.uint16], names: Mapping[int, InstanceRow]) -> NDArray[np.uint8]:
    rgb = np.array([names[int(i)].colour_rgb for i in ids]).reshape(-1, 3)
    out: NDArray[np.uint8] = np.rint(255 * rgb.clip(0, 1) ** (1 / 2.2)).astype(np.uint8)
    return out


def _heat(values: NDArray[Any]) -> NDArray[np.uint8]:
    """(N, 3) from blue over white to red."""
    x = np.nan_to_num(np.asarray(values, np.float64)).clip(0, 1)[:, None]
    low, mid, high = np.array([60, 90, 230]), np.array([235, 235, 235]), np.array([230, 70, 40])
    out = np.where(x < 0.5, low + (mid - low) * 2 * x, mid + (high - mid) * (2 * x - 1))
    return np.asarray(np.rint(out), dtype=np.uint8)
