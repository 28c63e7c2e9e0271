"""COCO (Lin et al., Microsoft COCO: Common Objects in Context, 2014; Kirillov et al., Panoptic Segmentation, 2019).

    PART/KEY.CAMERA.png                                pictures; PART as the dataset is split, else "all"
    annotations/{instances,captions,…}_PART.json       a file a task, as in COCO's own folders
    annotations/panoptic_PART/KEY.CAMERA.png           segment ids: R + 256 G + 65536 B

See docs/exports/coco.md.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any, ClassVar

from pairforge.datasets.exporters import coco_rows as rows
from pairforge.datasets.exporters.coco_categories import DEFECTS, Categories, keypoint_category
from pairforge.datasets.exporters.coco_masks import polygons, run_lengths
from pairforge.datasets.exporters.pictures import (
    LANGUAGE,
    PICTURE,
    VAL_EVERY,
    Picture,
    every,
    need_language,
    need_pictures,
    part_of,
    pictures,
)
from pairforge.datasets.exporters.protocol import Option, Part
from pairforge.datasets.exporters.spool import Spool, spool
from pairforge.datasets.exporters.target import Target
from pairforge.datasets.reader import Dataset
from pairforge.renderers.png import encode_png
from pairforge.sample import InstanceRow, SceneRecord
from pairforge.scenes.keypoints import SKELETONS

Row = dict[str, Any]


class Coco:
    """See the module."""

    name: ClassVar[str] = "coco"
    summary: ClassVar[str] = (
        "instances, panoptic, captions, keypoints and defects, for pycocotools and its kin"
    )
    needs: ClassVar[str] = "coco"
    options: ClassVar[Mapping[str, Option]] = {
        "categories": Option(
            "class", "what a category is: a class, or what a thing is called", ("class", "noun")
        ),
        "masks": Option(
            "rle", "segmentations as run lengths or as polygons; both exact", ("rle", "polygons")
        ),
        "things": Option(
            "boxed", "things with 2D boxes, or buildings, trees and poles too", ("boxed", "all")
        ),
        "pictures": PICTURE,
        "language": LANGUAGE,
        "val_every": VAL_EVERY,
    }

    def __init__(self, options: Mapping[str, str]) -> None:
        self._categories = options["categories"]
        self._coding = polygons if options["masks"] == "polygons" else run_lengths
        self._boxed = options["things"] == "boxed"
        self._suffix = options["pictures"]
        self._language = options["language"]
        self._val_every = every(options["val_every"])

    def check(self, dataset: Dataset) -> None:
        import pycocotools.mask  # noqa: F401  (whether it is there)

        need_pictures(dataset, self.name)
        need_language(dataset, self._language)

    def scene(self, dataset: Dataset, scene_index: int, target: Target) -> Part:
        record, part = dataset.record(scene_index), part_of(dataset, scene_index, self._val_every)
        found = [self._picture(dataset, record, p, part, target) for p in pictures(dataset, scene_index)]
        return {"part": part, "pictures": found}

    def finish(self, dataset: Dataset, parts: Iterator[Part], target: Target) -> None:
        categories = Categories(self._categories, dataset)
        number = 0
        with spool(target) as files:
            for part in parts:
                for picture in part["pictures"]:
                    number += 1
                    for task, annotations in picture["tasks"].items():
                        file = f"annotations/{task}_{part['part']}.json"
                        files.open(file, "images", "annotations")
                        files.add(file, "images", {"id": number, **picture["image"]})
                        for row in annotations:
                            made = _numbered(row, file, task, number, files, categories)
                            files.add(file, "annotations", made)
            for file in files.names:
                files.write(file, self._head(dataset, file, categories))

    def _picture(
        self, dataset: Dataset, record: SceneRecord, picture: Picture, part: str, target: Target
    ) -> Row:
        """Write a picture and its segments; returns its row and its annotations by task."""
        file = f"{picture.stem}.{self._suffix}"
        target.write(f"{part}/{file}", picture.image(self._suffix))
        segments, told = rows.panoptic(picture, record, self._named)
        target.write(f"annotations/panoptic_{part}/{picture.stem}.png", encode_png(segments))
        return {
            "image": _image(picture, file),
            "tasks": {
                "instances": self._instances(dataset, record, picture),
                "panoptic": [{"file_name": f"{picture.stem}.png", "segments_info": told}],
                **self._captions(picture),
                **self._keypoints(picture),
                **self._defects(record, picture),
            },
        }

    def _instances(self, dataset: Dataset, record: SceneRecord, picture: Picture) -> list[Row]:
        boxes = {
            b["instance_id"]: b
            for b in dataset.rows("boxes2d", picture.scene_index, picture.frame_index)
            if b["sensor"] == picture.sensor
        }
        return list(rows.instances(picture, record, boxes, self._boxed, self._named, self._coding))

    def _captions(self, picture: Picture) -> dict[str, list[Row]]:
        told = [c for c in picture.captions if self._language in ("", c.language)]
        made = [{"caption": c.text, "kind": c.kind, "language": c.language} for c in told]
        return {"captions": made} if made else {}

    def _keypoints(self, picture: Picture) -> dict[str, list[Row]]:
        """By kind of skeleton; people have a file wherever there is the label, as what shows nobody is told too."""
        if not picture.holds("keypoints"):
            return {}
        found = {f"{s.name}_keypoints": list(rows.keypoints(picture, s, self._coding)) for s in SKELETONS}
        return {task: made for task, made in found.items() if made or task == "person_keypoints"}

    def _defects(self, record: SceneRecord, picture: Picture) -> dict[str, list[Row]]:
        inspected = "notes" in record.extra
        return {"defects": list(rows.defects(picture, record, self._coding))} if inspected else {}

    def _named(self, row: InstanceRow) -> str:
        return row.semantic if self._categories == "class" else row.noun

    def _head(self, dataset: Dataset, file: str, categories: Categories) -> Row:
        """What stands before the lists of a file."""
        made, task = dataset.manifest.identity, file.removeprefix("annotations/").rpartition("_")[0]
        head: Row = {
            "info": {"description": f"{made.scene}, seed {made.seed}, by pairforge", "version": "1.0"},
            "licenses": [],
        }
        if task == "captions":
            return head
        return {**head, "categories": self._rows(task, categories)}

    def _rows(self, task: str, categories: Categories) -> list[Row]:
        if task == "panoptic":
            return categories.panoptic()
        if task == "defects":
            return [{"id": n, "name": k, "supercategory": "defect"} for k, n in DEFECTS.items()]
        for skeleton in SKELETONS:
            if task == f"{skeleton.name}_keypoints":
                return [keypoint_category(skeleton)]
        return categories.things(self._boxed)


def _image(picture: Picture, file: str) -> Row:
    width, height = picture.size
    return {
        "file_name": file,
        "width": width,
        "height": height,
        "key": picture.key,
        "sensor": picture.sensor,
        "time_ns": picture.row["time_ns"],
    }


def _numbered(row: Row, file: str, task: str, image: int, files: Spool, categories: Categories) -> Row:
    """A row with numbers where a part of an export has names, or none."""
    if task == "panoptic":
        told = [{**s, "category_id": categories.id(s["category_id"])} for s in row["segments_info"]]
        return {"image_id": image, **row, "segments_info": told}
    number = files.count(file, "annotations") + 1  # from 1: evaluation takes id 0 for "no match"
    of = {"category_id": categories.id(row["category_id"])} if task == "instances" else {}
    return {"id": number, "image_id": image, **row, **of}
