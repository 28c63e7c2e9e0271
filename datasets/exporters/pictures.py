"""The pictures of a scene as exporters want them: one keyframe of one camera, decoding only what is asked for."""

from __future__ import annotations

import io
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any

import numpy as np
from numpy.typing import NDArray
from PIL import Image

from pairforge.arrays import ArraySpec
from pairforge.datasets import frame_tables
from pairforge.datasets.codec import decode
from pairforge.datasets.exporters.protocol import ExportError, Option
from pairforge.datasets.reader import Dataset
from pairforge.datasets.shard_arrays import arrays_of
from pairforge.datasets.store import member_prefix
from pairforge.datasets.table_rows import Row
from pairforge.errors import DatasetError, did_you_mean
from pairforge.frames import Intrinsics, Pose
from pairforge.sample import Caption

WHOLE = "all"
"""The part that scenes belong to when nothing splits the dataset."""
QUALITY = 95
"""Of JPEG pictures: no chroma is thrown away at that."""

PICTURE = Option("png", "pictures lossless, or as JPEG of quality 95", ("png", "jpg"))
VAL_EVERY = Option("", "of scenes that no split of their spec has placed, put every n-th into the part val")
LANGUAGE = Option("", 'only captions of this language, as in "de"; empty: every one')


@dataclass(frozen=True, eq=False)
class Picture:
    """One camera at one keyframe. ``row``: its row of table ``sensors``."""

    scene_index: int
    frame_index: int
    row: Row
    members: Mapping[str, bytes]
    captions: tuple[Caption, ...]
    """Those about this camera."""

    @property
    def key(self) -> str:
        return str(self.row["key"])

    @property
    def sensor(self) -> str:
        return str(self.row["sensor"])

    @property
    def stem(self) -> str:
        """A name for its files: key and camera, as in ``000000-000003.cam_front``."""
        return f"{self.key}.{self.row['slug']}"

    @property
    def size(self) -> tuple[int, int]:
        """Width and height in pixels."""
        return self.intrinsics.width_px, self.intrinsics.height_px

    @cached_property
    def intrinsics(self) -> Intrinsics:
        if self.row["fx"] is None:
            raise DatasetError(f"{self.key}: camera {self.sensor} lacks its calibration in table sensors")
        return frame_tables.intrinsics_of(self.row)

    @property
    def world_from_camera(self) -> Pose:
        return Pose.of(self.row["position_m"], self.row["quaternion_wxyz"])

    def image(self, kind: str = "png") -> bytes:
        """The picture's file: the stored PNG itself, or a JPEG made of it."""
        if kind == "png":
            return self.raw("rgb.png")
        return jpeg(Image.fromarray(self.array("rgb")))

    def holds(self, name: str) -> bool:
        """Whether the store has this array of the camera, as in "keypoints"."""
        return f"{member_prefix(self.key, self.row['slug'], 0)}{camera_array(name).suffix}" in self.members

    def array(self, name: str) -> NDArray[Any]:
        """An array of the camera by its name in the schema; DatasetError when it is not there or damaged."""
        spec = camera_array(name)
        sizes = {"H": self.size[1], "W": self.size[0]}
        return decode(spec, self.raw(spec.suffix), sizes, f"{self.stem}.{spec.suffix}")

    def raw(self, suffix: str) -> bytes:
        """A member of the camera as it is stored, by what its name ends in, as in "depth.npy"."""
        name = f"{member_prefix(self.key, self.row['slug'], 0)}{suffix}"
        if name not in self.members:
            raise DatasetError(f"{name} is missing from the shard. Generate this scene again.")
        return self.members[name]


def jpeg(picture: Image.Image) -> bytes:
    """A JPEG file of an RGB picture."""
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=QUALITY, subsampling=0, optimize=False, progressive=False)
    return out.getvalue()


def pictures(dataset: Dataset, scene_index: int) -> Iterator[Picture]:
    """The keyframes' pictures of a scene, in order of time, then of camera."""
    for k in range(dataset.scene(scene_index).frames):
        members = dataset.members(scene_index, k)
        captions = [frame_tables.caption_of(c) for c in dataset.rows("captions", scene_index, k)]
        rows = [
            s for s in dataset.rows("sensors", scene_index, k) if s["kind"] == "camera" and not s["sweep"]
        ]
        for row in sorted(rows, key=lambda r: str(r["sensor"])):
            told = tuple(c for c in captions if c.sensor == row["sensor"])
            yield Picture(scene_index, k, row, members, told)


def need_pictures(dataset: Dataset, format_name: str) -> None:
    """ExportError for a dataset without cameras."""
    for i in dataset.scenes:
        table = dataset.table("sensors", i)
        if any(kind == "camera" for kind in table["kind"].to_pylist()):
            return
    raise ExportError(
        f"{format_name} holds pictures, and this dataset has no camera. Add a Camera to its scene."
    )


def need_language(dataset: Dataset, language: str) -> None:
    """ExportError when a language is asked for that no picture is told of in."""
    if not language:
        return
    told = {
        str(c["language"])
        for i in dataset.scenes
        for c in dataset.table("captions", i).select(["language", "sensor"]).to_pylist()
        if c["sensor"]
    }
    if language not in told:
        there = ", ".join(sorted(told)) or "none"
        raise ExportError(f'no picture of this dataset has a caption in "{language}". There are: {there}.')


def every(option: str) -> int:
    """The number in ``val_every``, 0 for none; ExportError for anything else."""
    if option == "":
        return 0
    if not option.isdecimal() or int(option) < 2:
        raise ExportError(f'val_every "{option}" is no whole number of 2 or more, as in val_every=5.')
    return int(option)


def part_of(dataset: Dataset, scene_index: int, val_every: int = 0) -> str:
    """The part of a split that a scene belongs to: its spec's own; else "val" for every ``val_every``-th scene and
    "train" for the others; else ``WHOLE``."""
    split = json.loads(dataset.table("scenes", scene_index)["concrete"][0].as_py()).get("split") or {}
    if split:
        return str(split["part"])
    if not val_every:
        return WHOLE
    return "val" if scene_index % val_every == val_every - 1 else "train"


def full_mask_box(mask: NDArray[np.bool_]) -> tuple[int, int, int, int] | None:
    """x, y, width, height of what a mask (H, W) shows; None of an empty one."""
    columns, rows = np.flatnonzero(mask.any(axis=0)), np.flatnonzero(mask.any(axis=1))
    if not len(rows):
        return None
    x, y = int(columns[0]), int(rows[0])
    return x, y, int(columns[-1]) + 1 - x, int(rows[-1]) + 1 - y


def camera_array(name: str) -> ArraySpec:
    """What the schema says of an array of a camera; ExportError, with a suggestion, when there is none."""
    known = {s.name: s for s in arrays_of("camera")}
    if name not in known:
        raise ExportError(f'a camera has no array "{name}". {did_you_mean(name, known)}')
    return known[name]
