"""nuScenes: thirteen tables, pictures, LiDAR and radar, sweeps, maps, CAN bus, lidarseg and panoptic labels.

Tried with nuscenes-devkit 1.2.0; docs/exports/nuscenes.md says what maps to what.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from pairforge.datasets.exporters.nuscenes_scene import TOP, SceneWriter, exported, global_token
from pairforge.datasets.exporters.nuscenes_words import ATTRIBUTES, CATEGORIES, INDEX, VISIBILITY
from pairforge.datasets.exporters.protocol import ExportError, Option, Part
from pairforge.datasets.exporters.target import Target
from pairforge.datasets.reader import Dataset

VERSION = "v1.0-pairforge"
MINI = "v1.0-mini"
MINI_SCENES = (103, 916, 61, 553, 655, 757, 796, 1077, 1094, 1100)
"""The scenes of nuScenes' smallest version; the first two are its mini_val."""
FIRST = 2001
"""Numbers of scenes begin where nuScenes' own have long ended."""
MOST = 10_000 - FIRST
TABLES = (
    "scene", "sample", "sample_data", "ego_pose", "calibrated_sensor", "log", "map", "sample_annotation", "instance",
    "lidarseg", "panoptic",
)  # fmt: skip


class NuScenes:
    """See the module."""

    name: ClassVar[str] = "nuscenes"
    summary: ClassVar[str] = "nuScenes v1.0 tables and files, for nuscenes-devkit and what builds on it"
    needs: ClassVar[str] = ""
    options: ClassVar[Mapping[str, Option]] = {
        "images": Option("jpg", "pictures as JPEG, as nuScenes has them, or lossless", ("jpg", "png")),
        "points": Option("measured", "LiDAR points with noise, or the exact hits", ("measured", "exact")),
        "boxes": Option(
            "sensed", "boxes that a LiDAR, a radar or a camera sees, or every one", ("sensed", "all")
        ),
        "names": Option(
            "own",
            "scene-2001, … or v1.0-mini's own names (ten at most), for evaluators that ask for its splits",
            ("own", "mini"),
        ),
    }

    def __init__(self, options: Mapping[str, str]) -> None:
        self._options = options
        self._mini = options["names"] == "mini"
        self._version = MINI if self._mini else VERSION

    def check(self, dataset: Dataset) -> None:
        if self._mini and max(dataset.scenes) >= len(MINI_SCENES):
            raise ExportError(
                f"v1.0-mini has {len(MINI_SCENES)} scenes, this dataset one numbered {max(dataset.scenes)}. "
                "Use names=own, or make a smaller dataset."
            )
        if max(dataset.scenes) >= MOST:
            raise ExportError(f"scene numbers of nuScenes have four digits; {MOST} scenes are the most.")
        for index in dataset.scenes:
            self._check_scene(dataset, index)

    def _check_scene(self, dataset: Dataset, index: int) -> None:
        ego = dataset.table("scenes", index)["ego"][0].as_py()
        if ego is None:
            raise ExportError(
                f"scene {index} has no ego: nuScenes' poses are an ego vehicle's. Name an actor \"ego\" that carries "
                "the sensors."
            )
        rows = [row for row in dataset.table("calibration", index).to_pylist() if exported(row, ego)]
        lidars = [row["sensor"] for row in rows if row["kind"] == "lidar"]
        if TOP not in lidars:
            have = f"; its LiDARs: {', '.join(lidars)}" if lidars else ""
            raise ExportError(
                f'scene {index} has no LiDAR "{TOP}" on its ego{have}. nuScenes\' readers ask for one of that name.'
            )

    def scene(self, dataset: Dataset, scene_index: int, target: Target) -> Part:
        writer = SceneWriter(
            dataset, scene_index, target, self._name(scene_index), self._version, self._options
        )
        return dict(writer.write())

    def _name(self, index: int) -> str:
        return f"scene-{MINI_SCENES[index] if self._mini else FIRST + index:04d}"

    def finish(self, dataset: Dataset, parts: Iterator[Part], target: Target) -> None:
        sensors: dict[str, str] = {}
        splits: dict[str, list[str]] = {"all": []}
        categories = {name: global_token("category", name) for name in CATEGORIES}
        attributes = {name: global_token("attribute", name) for name in ATTRIBUTES}
        with target.many_rows([f"{self._version}/{table}.json" for table in TABLES]) as write:
            for part in parts:
                for row in part["instance"]:
                    row["category_token"] = categories[row["category_token"]]
                for row in part["sample_annotation"]:
                    row["attribute_tokens"] = [attributes[name] for name in row["attribute_tokens"]]
                for table in TABLES:
                    for row in part[table]:
                        write(f"{self._version}/{table}.json", row)
                sensors |= {row["channel"]: row["modality"] for row in part["sensor"]}
                for row in part["part"]:
                    splits["all"].append(row["name"])
                    if row["split"]:
                        splits.setdefault(f"pairforge_{row['split']}", []).append(row["name"])
        self._fixed(target, sensors, categories, attributes)
        target.write_json(f"{self._version}/splits.json", splits)

    def _fixed(
        self,
        target: Target,
        sensors: Mapping[str, str],
        categories: Mapping[str, str],
        attributes: Mapping[str, str],
    ) -> None:
        """The tables that scenes share."""
        rows: dict[str, list[dict[str, Any]]] = {
            "category": [
                {"token": token, "name": name, "description": "", "index": INDEX[name]}
                for name, token in categories.items()
            ],
            "attribute": [
                {"token": token, "name": name, "description": ""} for name, token in attributes.items()
            ],
            "visibility": [
                {"token": token, "level": level, "description": f"share of its pixels seen: {level[1:]} %"}
                for token, level in VISIBILITY.items()
            ],
            "sensor": [
                {"token": global_token("sensor", name), "channel": name, "modality": modality}
                for name, modality in sorted(sensors.items())
            ],
        }
        for table, values in rows.items():
            target.write_rows(f"{self._version}/{table}.json", values)
