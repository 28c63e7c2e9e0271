"""The defects of a dataset as rows, one for each camera that shows one.

rows = defect_rows(Dataset("out/parts"))

``pairforge export --format coco`` writes them with their masks.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairforge.datasets.reader import Dataset
from pairforge.sample import SceneRecord

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
            yield from defects_in(record, key, camera.sensor, camera.part)


def defects_in(record: SceneRecord, key: str, sensor: str, part_image: NDArray[np.uint16]) -> Iterator[Row]:
    """The rows of one camera at one keyframe, from its image of part ids (H, W)."""
    ids = {p.name: p.part_id for p in record.parts}
    for one, notes in sorted(record.extra.get("notes", {}).items(), key=lambda item: int(item[0])):
        name = record.instance(int(one)).name
        for defect in notes["defects"]:
            part_id = ids[f"{name}.{defect['part']}"]
            mask = part_image == part_id
            yield {
                "key": key,
                "sensor": sensor,
                "instance_id": int(one),
                "title": notes["title"],
                "rejected": notes["rejected"],
                "part": defect["part"],
                "part_id": part_id,
                "visible_px": int(mask.sum()),
                "box": _box(mask),
                **{k: defect[k] for k in KEPT},
            }


def _box(mask: NDArray[np.bool_]) -> list[int] | None:
    rows, columns = np.nonzero(mask)
    if not len(rows):
        return None
    return [int(columns.min()), int(rows.min()), int(columns.max()) + 1, int(rows.max()) + 1]
