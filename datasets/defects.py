"""The defects of a dataset as rows, one for each camera that shows one, and as COCO annotations.

rows = defect_rows(Dataset("out/parts"))
json.dump(coco(Dataset("out/parts")), open("defects.json", "w"))
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairforge.datasets.reader import Dataset
from pairforge.sample import CameraFrame, Keyframe, SceneRecord

Row = dict[str, Any]
KEPT = ("kind", "detail", "face", "near", "size_mm", "depth_mm", "severity", "at_mm")
"""What a row says of a defect as it is on record; docs/inspection.md explains each."""


def defect_rows(dataset: Dataset) -> Iterator[Row]:
    """Rows with key, sensor, instance_id, title, rejected, part, part_id, visible_px, box (pixel edges) and what
    is on record of the defect; one a keyframe, camera and defect, out of view too (visible_px 0, box None)."""
    keys = dataset.keys()
    for key in keys:
        frame, record = dataset.frame_by_key(key), dataset.record(int(key[:6]))
        for camera in frame.cameras.values():
            yield from _rows(frame, record, camera)


def _rows(frame: Keyframe, record: SceneRecord, camera: CameraFrame) -> Iterator[Row]:
    ids = {p.name: p.part_id for p in record.parts}
    for one, notes in sorted(record.extra.get("notes", {}).items(), key=lambda item: int(item[0])):
        name = record.instance(int(one)).name
        for defect in notes["defects"]:
            part_id = ids[f"{name}.{defect['part']}"]
            mask = camera.part == part_id
            yield {
                "key": frame.key,
                "sensor": camera.sensor,
                "instance_id": int(one),
                "title": notes["title"],
                "rejected": notes["rejected"],
                "part": defect["part"],
                "part_id": part_id,
                "visible_px": int(mask.sum()),
                "box": _box(mask),
                **{k: defect[k] for k in KEPT},
            }


def coco(dataset: Dataset) -> Row:
    """Images, annotations (box, area, uncompressed run-length mask) and categories, as COCO's detection format has
    them. ``file_name`` is the picture's member in its shard."""
    images: list[Row] = []
    annotations: list[Row] = []
    numbers: dict[tuple[str, str], int] = {}
    kinds: dict[str, int] = {}
    keys = dataset.keys()
    for key in keys:
        frame, record = dataset.frame_by_key(key), dataset.record(int(key[:6]))
        for camera in frame.cameras.values():
            height, width = camera.part.shape
            numbers[key, camera.sensor] = len(images) + 1
            member = f"{key}.{camera.sensor.lower()}.rgb.png"
            images.append({"id": len(images) + 1, "file_name": member, "width": width, "height": height})
            for row in _rows(frame, record, camera):
                if not row["visible_px"]:
                    continue
                x0, y0, x1, y1 = row["box"]
                annotations.append(
                    {
                        "id": len(annotations) + 1,
                        "image_id": numbers[key, camera.sensor],
                        "category_id": kinds.setdefault(row["kind"], len(kinds) + 1),
                        "bbox": [x0, y0, x1 - x0, y1 - y0],
                        "area": row["visible_px"],
                        "iscrowd": 0,
                        "segmentation": run_lengths(camera.part == row["part_id"]),
                        "severity": row["severity"],
                        "size_mm": row["size_mm"],
                    }
                )
    categories = [{"id": n, "name": kind, "supercategory": "defect"} for kind, n in kinds.items()]
    return {"images": images, "annotations": annotations, "categories": categories}


def run_lengths(mask: NDArray[np.bool_]) -> Row:
    """A mask (H, W) as COCO's uncompressed run lengths: down the columns, the first run of zeros."""
    flat = np.concatenate([[False], mask.ravel(order="F"), [False]])
    edges = np.flatnonzero(flat[1:] != flat[:-1])
    runs = np.diff(np.concatenate([[0], edges, [mask.size]]))
    counts = runs[:-1] if len(edges) and edges[-1] == mask.size else runs
    return {"counts": [int(n) for n in counts], "size": [int(mask.shape[0]), int(mask.shape[1])]}


def _box(mask: NDArray[np.bool_]) -> list[int] | None:
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return None
    return [int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1]
