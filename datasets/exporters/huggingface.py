"""Hugging Face datasets: what ``datasets.load_dataset(OUT)`` opens, and a dataset card.

``layout=parquet``: ``data/PART-SCENE.parquet`` with the pictures inside. ``layout=imagefolder``: ``PART/SCENE/*.png``
beside a ``metadata.jsonl`` each. Parts bear the names that the library knows: train, validation, test.
See docs/exports/huggingface.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from itertools import islice
from typing import Any, ClassVar

import pyarrow as pa
import pyarrow.parquet as pq

from pairforge.arrays import ArraySpec
from pairforge.datasets.exporters import told
from pairforge.datasets.exporters.huggingface_card import card
from pairforge.datasets.exporters.huggingface_features import features, schema
from pairforge.datasets.exporters.pictures import (
    LANGUAGE,
    PICTURE,
    VAL_EVERY,
    WHOLE,
    Picture,
    camera_array,
    every,
    need_language,
    need_pictures,
    part_of,
    pictures,
)
from pairforge.datasets.exporters.protocol import ExportError, Option, Part
from pairforge.datasets.exporters.target import Target
from pairforge.datasets.reader import Dataset
from pairforge.scenes.taxonomy import BY_NAME

Row = dict[str, Any]
GROUP = 64
"""Pictures in a row group, and in memory at a time."""
PARTS = {WHOLE: "train", "val": "validation"}


class HuggingFace:
    """See the module."""

    name: ClassVar[str] = "huggingface"
    summary: ClassVar[str] = "Parquet or imagefolder with a dataset card, for datasets.load_dataset"
    needs: ClassVar[str] = ""
    options: ClassVar[Mapping[str, Option]] = {
        "layout": Option(
            "parquet", "tables that hold the pictures, or files beside metadata", ("parquet", "imagefolder")
        ),
        "images": Option("", 'also these label images, as in "instance,semantic" (Parquet alone)'),
        "pictures": PICTURE,
        "language": LANGUAGE,
        "val_every": VAL_EVERY,
    }

    def __init__(self, options: Mapping[str, str]) -> None:
        self._folder = options["layout"] == "imagefolder"
        self._images = [_image(name) for name in options["images"].split(",") if name]
        self._suffix = options["pictures"]
        self._language = options["language"]
        self._val_every = every(options["val_every"])
        if self._folder and self._images:
            raise ExportError("an imagefolder has one picture a row: ask for images with layout=parquet.")

    def check(self, dataset: Dataset) -> None:
        need_pictures(dataset, self.name)
        need_language(dataset, self._language)

    def scene(self, dataset: Dataset, scene_index: int, target: Target) -> Part:
        part = part_of(dataset, scene_index, self._val_every)
        part, count = PARTS.get(part, part), 0
        if self._folder:
            folder = f"{part}/{scene_index:06d}"
            rows = self._filed(dataset, scene_index, folder, target)
            count = target.write_lines(f"{folder}/metadata.jsonl", rows)
        else:
            with target.file(f"data/{part}-{scene_index:06d}.parquet") as path:
                wanted = schema(features([s.name for s in self._images]))
                with pq.ParquetWriter(path, wanted, compression="zstd", write_page_index=True) as writer:
                    rows = self._rows(dataset, scene_index)
                    while group := list(islice(rows, GROUP)):
                        writer.write_batch(pa.RecordBatch.from_pylist(group, schema=wanted))
                        count += len(group)
        return {"part": part, "count": count}

    def finish(self, dataset: Dataset, parts: Iterator[Part], target: Target) -> None:
        counts: dict[str, int] = {}
        for part in parts:
            counts[part["part"]] = counts.get(part["part"], 0) + part["count"]
        of = features([s.name for s in self._images], embedded=not self._folder)
        target.write("README.md", card(dataset, counts, of, folder=self._folder).encode())

    def _rows(self, dataset: Dataset, scene_index: int) -> Iterator[Row]:
        for picture in pictures(dataset, scene_index):
            held = {
                s.name: _embedded(picture.raw(s.suffix), f"{picture.stem}.{s.suffix}") for s in self._images
            }
            image = _embedded(picture.image(self._suffix), f"{picture.stem}.{self._suffix}")
            yield {"image": image, **self._told(dataset, picture), **held}

    def _filed(self, dataset: Dataset, scene_index: int, folder: str, target: Target) -> Iterator[Row]:
        for picture in pictures(dataset, scene_index):
            file = f"{picture.stem}.{self._suffix}"
            target.write(f"{folder}/{file}", picture.image(self._suffix))
            yield {"file_name": file, **self._told(dataset, picture)}

    def _told(self, dataset: Dataset, picture: Picture) -> Row:
        camera = told.camera(picture)
        lens, pose = camera.pop("intrinsics"), camera.pop("world_from_camera")
        return {
            **camera,
            "camera_model": lens["model"],
            "fx_fy_cx_cy": [lens[k] for k in ("fx", "fy", "cx", "cy")],
            "distortion": list(lens["distortion"]),
            "camera_position_m": pose["position_m"],
            "camera_quaternion_wxyz": pose["quaternion_wxyz"],
            "captions": [
                {k: c[k] for k in ("kind", "language", "text")}
                for c in told.captions(picture, self._language)
            ],
            "objects": [self._thing(t) for t in told.objects(dataset, picture)],
        }

    def _thing(self, thing: Row) -> Row:
        """A class is a number in tables, a word in JSON lines."""
        return thing if self._folder else {**thing, "category": BY_NAME[thing["category"]].semantic_id}


def _embedded(data: bytes, name: str) -> Row:
    return {"bytes": data, "path": name}


def _image(name: str) -> ArraySpec:
    spec = camera_array(name)
    if spec.extension != "png" or name == "rgb":
        raise ExportError(f'"{name}" is no label image: choose of instance, semantic, part and the like.')
    return spec
