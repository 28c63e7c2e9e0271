"""Episodes for robot learning, in LeRobot's layout v3.0: Parquet with the pictures as PNG in it, and ``meta/``.

A scene is an episode, a keyframe a step. An arm's state is its joints as measured, its action where they are a
keyframe later; an ego's state is its pose and speed, its action throttle, brake and steering.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
from numpy.typing import NDArray

from pairforge.datasets.exporters.protocol import ExportError, Option, Part
from pairforge.datasets.exporters.target import Target
from pairforge.datasets.reader import Dataset
from pairforge.datasets.store import member_prefix
from pairforge.sample import Keyframe, SceneRecord

VERSION = "v3.0"
A_CHUNK = 1000
EGO_STATE = ("x_m", "y_m", "z_m", "qw", "qx", "qy", "qz", "speed_mps")
EGO_ACTION = ("throttle", "brake", "steering_rad")
_PICTURE = pa.struct([("bytes", pa.binary()), ("path", pa.string())])
_ROWS = (
    ("timestamp", pa.float32()),
    ("frame_index", pa.int64()),
    ("episode_index", pa.int64()),
    ("index", pa.int64()),
    ("task_index", pa.int64()),
)


class LeRobot:
    """See the module."""

    name: ClassVar[str] = "lerobot"
    summary: ClassVar[str] = "episodes in LeRobot's layout v3.0, of an arm's joints or an ego's controls"
    needs: ClassVar[str] = ""
    options: ClassVar[Mapping[str, Option]] = {
        "language": Option("en", "of the captions that say the task"),
    }

    def __init__(self, options: Mapping[str, str]) -> None:
        self._language = options["language"]

    def check(self, dataset: Dataset) -> None:
        for i in dataset.scenes:
            kinds = {s["kind"] for s in dataset.table("sensors", i).to_pylist()}
            driven = any(v is not None for v in dataset.table("frames", i)["throttle"].to_pylist())
            if "joint_states" not in kinds and not driven:
                raise ExportError(
                    f"scene {i} has neither an arm's joint states nor an ego's controls, so no actions. "
                    "Export a scene such as robot.pick or driving.street."
                )
            if "camera" not in kinds:
                raise ExportError(f"scene {i} has no camera. Add one, or export to another format.")

    def scene(self, dataset: Dataset, scene_index: int, target: Target) -> Part:
        record, scenes = dataset.record(scene_index), dataset.scenes
        episode = scenes.index(scene_index)
        first = sum(dataset.scene(i).frames for i in scenes[:episode])
        frames = [_Step(dataset, scene_index, k) for k in range(dataset.scene(scene_index).frames)]
        state, action, names = _motion(record, [f.frame for f in frames])
        fps = float(record.concrete["keyframe_rate_hz"])
        count = len(frames)
        index = np.arange(count)
        columns: dict[str, NDArray[Any]] = {
            "observation.state": state,
            "action": action,
            "timestamp": (index / fps).astype(np.float32),
            "frame_index": index,
            "episode_index": np.full(count, episode),
            "index": first + index,
            "task_index": np.full(count, episode),
        }
        pictures = {f"observation.images.{slug}": [f.png[slug] for f in frames] for slug in frames[0].png}
        chunk, file = divmod(episode, A_CHUNK)
        with target.file(f"data/chunk-{chunk:03d}/file-{file:03d}.parquet") as path:
            pq.write_table(_table(columns, pictures), path)
        shapes = {f"observation.images.{slug}": list(frames[0].shapes[slug]) for slug in frames[0].png}
        stats = {name: _stats(values.reshape(count, -1)) for name, values in columns.items()}
        for slug in frames[0].png:
            stats[f"observation.images.{slug}"] = _picture_stats(
                [f.frame for f in frames], frames[0].sensors[slug]
            )
        return {
            "length": count,
            "first": first,
            "task": self._task(record, frames[0].frame),
            "fps": fps,
            "robot": "arm" if names[1] != EGO_ACTION else "vehicle",
            "names": [list(n) for n in names],
            "shapes": shapes,
            "stats": stats,
        }

    def finish(self, dataset: Dataset, parts: Iterator[Part], target: Target) -> None:
        tasks: list[str] = []
        total: dict[str, Any] = {}
        head: Part = {}
        frames = 0
        with target.file("meta/episodes/chunk-000/file-000.parquet") as path:
            writer: Any = None
            for episode, part in enumerate(parts):
                head = head or part
                _same(head, part, episode)
                tasks.append(part["task"])
                frames += part["length"]
                total = {n: _joined(total.get(n), s) for n, s in part["stats"].items()}
                row = pa.Table.from_pylist([_episode(episode, part)])
                writer = writer or pq.ParquetWriter(path, row.schema)
                writer.write_table(row)
            writer.close()
        with target.file("meta/tasks.parquet") as path:
            pq.write_table(_tasks(tasks), path)
        target.write_json("meta/stats.json", total)
        target.write_json("meta/info.json", _info(head, len(tasks), frames))

    def _task(self, record: SceneRecord, frame: Keyframe) -> str:
        """What the first picture's caption says, the driving one before others; else the scene's name."""
        own = [c for c in frame.captions if c.language == self._language]
        for kind in ("driving", "short", "dense"):
            for caption in own:
                if caption.kind == kind:
                    return caption.text
        return record.scene


class _Step:
    """A keyframe, and the stored PNG of its cameras, by slug."""

    def __init__(self, dataset: Dataset, scene_index: int, frame_index: int) -> None:
        members = dataset.members(scene_index, frame_index)
        self.frame = dataset.frame(scene_index, frame_index, members)
        rows = dataset.rows("sensors", scene_index, frame_index)
        self.sensors = {r["slug"]: r["sensor"] for r in rows if r["kind"] == "camera" and not r["sweep"]}
        self.png = {
            slug: members[f"{member_prefix(self.frame.key, slug, 0)}rgb.png"] for slug in self.sensors
        }
        self.shapes = {slug: self.frame.cameras[name].rgb.shape for slug, name in self.sensors.items()}


def _motion(
    record: SceneRecord, frames: list[Keyframe]
) -> tuple[NDArray[np.float32], NDArray[np.float32], tuple[tuple[str, ...], tuple[str, ...]]]:
    """State (T, S) and action (T, A), with the names of their columns."""
    joints = [n for n, r in frames[0].readings.items() if r.kind == "joint_states"]
    if joints:
        held = [np.concatenate([f.readings[n].arrays["position"][-1] for n in joints]) for f in frames]
        state = np.array(held, dtype=np.float32)
        names = tuple(
            f"{n}.{k}" for n in joints for k in range(frames[0].readings[n].arrays["position"].shape[1])
        )
        return state, np.concatenate([state[1:], state[-1:]]), (names, names)
    ego = next(row.instance_id for row in record.instances if row.name == "ego")
    poses = [record.instance_tracks[ego].at(f.time_ns) for f in frames]
    controls = [f.controls for f in frames]
    told = [(c.throttle, c.brake, c.steering, c.speed_mps) for c in controls if c is not None]
    driven = np.array(told, dtype=np.float32)
    where = np.array([[*p.position_m, *p.quaternion_wxyz] for p in poses], dtype=np.float32)
    return np.concatenate([where, driven[:, 3:]], axis=1), driven[:, :3], (EGO_STATE, EGO_ACTION)


def _table(columns: Mapping[str, NDArray[Any]], pictures: Mapping[str, list[bytes]]) -> pa.Table:
    arrays: dict[str, Any] = {}
    for name, png in pictures.items():
        arrays[name] = pa.array(
            [{"bytes": b, "path": f"frame-{n:06d}.png"} for n, b in enumerate(png)], _PICTURE
        )
    for name in ("observation.state", "action"):
        values = pa.array(columns[name].ravel(), pa.float32())
        arrays[name] = pa.FixedSizeListArray.from_arrays(values, columns[name].shape[1])
    for name, kind in _ROWS:
        arrays[name] = pa.array(columns[name], kind)
    return pa.table(arrays)


def _stats(values: NDArray[Any]) -> dict[str, Any]:
    v = values.astype(np.float64)
    return {
        "min": v.min(axis=0).tolist(),
        "max": v.max(axis=0).tolist(),
        "mean": v.mean(axis=0).tolist(),
        "std": v.std(axis=0).tolist(),
        "count": [len(v)],
    }


def _picture_stats(frames: list[Keyframe], sensor: str) -> dict[str, Any]:
    """Of the channels, as fractions of 255, shaped (3, 1, 1); ``count`` is of pictures."""
    pixels = np.concatenate([f.cameras[sensor].rgb.reshape(-1, 3) for f in frames])
    found = _stats(pixels / 255.0)
    return {
        name: [len(frames)] if name == "count" else [[[v]] for v in values] for name, values in found.items()
    }


def _joined(a: Any, b: Any) -> Any:
    """The statistics of two lots together (Chan, Golub and LeVeque, 1979)."""
    if a is None:
        return b
    n, m = a["count"][0], b["count"][0]
    mean_a, mean_b = np.array(a["mean"]), np.array(b["mean"])
    mean = (n * mean_a + m * mean_b) / (n + m)
    spread = n * np.array(a["std"]) ** 2 + m * np.array(b["std"]) ** 2
    spread = spread + n * m / (n + m) * (mean_a - mean_b) ** 2
    return {
        "min": np.minimum(a["min"], b["min"]).tolist(),
        "max": np.maximum(a["max"], b["max"]).tolist(),
        "mean": mean.tolist(),
        "std": np.sqrt(spread / (n + m)).tolist(),
        "count": [n + m],
    }


def _same(head: Part, part: Part, episode: int) -> None:
    for key in ("fps", "names", "shapes"):
        if head[key] != part[key]:
            raise ExportError(
                f"episode {episode} differs in {key} from the first ({part[key]}, not {head[key]}), "
                "which one dataset of LeRobot cannot hold. Export scenes of one kind."
            )


def _episode(episode: int, part: Part) -> dict[str, Any]:
    chunk, file = divmod(episode, A_CHUNK)
    row: dict[str, Any] = {
        "episode_index": episode,
        "tasks": [part["task"]],
        "length": part["length"],
        "data/chunk_index": chunk,
        "data/file_index": file,
        "dataset_from_index": part["first"],
        "dataset_to_index": part["first"] + part["length"],
        "meta/episodes/chunk_index": 0,
        "meta/episodes/file_index": 0,
    }
    for name, stats in part["stats"].items():
        row |= {f"stats/{name}/{kind}": value for kind, value in stats.items()}
    return row


def _tasks(tasks: list[str]) -> pa.Table:
    """Task texts as the index of a pandas table, as LeRobot looks them up; row n is that of episode n."""
    table = pa.table({"task_index": pa.array(range(len(tasks)), pa.int64()), "task": pa.array(tasks)})
    frame = table.to_pandas().set_index("task")
    return pa.Table.from_pandas(frame)


def _info(head: Part, episodes: int, frames: int) -> dict[str, Any]:
    fps = int(head["fps"]) if head["fps"] == int(head["fps"]) else head["fps"]
    features: dict[str, Any] = {
        name: {"dtype": "image", "shape": shape, "names": ["height", "width", "channels"]}
        for name, shape in head["shapes"].items()
    }
    for name, columns in zip(("observation.state", "action"), head["names"], strict=True):
        features[name] = {"dtype": "float32", "shape": [len(columns)], "names": columns}
    for name, kind in _ROWS:
        features[name] = {
            "dtype": "float32" if kind == pa.float32() else "int64",
            "shape": [1],
            "names": None,
        }
    return {
        "codebase_version": VERSION,
        "robot_type": head["robot"],
        "total_episodes": episodes,
        "total_frames": frames,
        "total_tasks": episodes,
        "chunks_size": A_CHUNK,
        "data_files_size_in_mb": 100,
        "video_files_size_in_mb": 500,
        "fps": fps,
        "splits": {"train": f"0:{episodes}"},
        "data_path": "data/chunk-{chunk_index:03d}/file-{file_index:03d}.parquet",
        "video_path": None,
        "features": features,
    }
