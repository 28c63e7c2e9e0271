"""What COCO says of one picture: rows without the numbers that run over the whole dataset."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

from pairforge.datasets.defects import defects_in
from pairforge.datasets.exporters.coco_categories import DEFECTS, stuff, thing
from pairforge.datasets.exporters.coco_masks import Mask
from pairforge.datasets.exporters.pictures import Picture, full_mask_box
from pairforge.sample import InstanceRow, SceneRecord
from pairforge.scenes.keypoints import SKELETONS, Skeleton
from pairforge.scenes.taxonomy import BY_NAME, CLASSES

Row = dict[str, Any]
Coding = Callable[[Mask], Any]
Naming = Callable[[InstanceRow], str]
_SKY = 0
_OF_BOXES = ("occlusion", "truncation")


def outline(mask: Mask, coding: Coding) -> Row:
    """Box, area and segmentation of a mask that is not empty; the box along pixel edges."""
    box = full_mask_box(mask)
    return {
        "bbox": list(box or ()),
        "area": int(mask.sum()),
        "segmentation": coding(mask),
        "iscrowd": 0,
    }


def instances(
    picture: Picture, record: SceneRecord, boxes: Mapping[int, Row], boxed: bool, name: Naming, coding: Coding
) -> Iterator[Row]:
    """Everything countable that shows, by instance id. ``boxes``: instance id -> row of ``boxes2d``."""
    image = picture.array("instance")
    for one in _ids(image):
        thing_row = record.instance(one)
        if boxed and one not in boxes:
            continue  # buildings and the like, and the ego's own bonnet
        said = {k: boxes[one][k] for k in _OF_BOXES} if one in boxes else {}
        yield {
            "category_id": thing(name(thing_row)),
            **outline(image == one, coding),
            "instance_id": one,
            "noun": thing_row.noun,
            "colour": thing_row.colour,
            **said,
        }


def keypoints(picture: Picture, skeleton: Skeleton, coding: Coding) -> Iterator[Row]:
    """Those of one skeleton that show at all. COCO counts pixels from their centres: ours less a half."""
    image, points = picture.array("instance"), picture.array("keypoints")
    kinds, ids = picture.array("keypoints_kind"), picture.array("keypoints_instance")
    for row, kind, one in zip(points, kinds.tolist(), ids.tolist(), strict=True):
        mask = image == one
        if SKELETONS[kind] is not skeleton or not mask.any():
            continue
        told = row[: len(skeleton.keypoints)]
        yield {
            "category_id": SKELETONS.index(skeleton) + 1,
            **outline(mask, coding),
            "keypoints": _flat(told),
            "num_keypoints": int((told[:, 2] > 0).sum()),
            "instance_id": one,
        }


def _flat(points: NDArray[np.float32]) -> list[float]:
    found: list[float] = []
    for u, v, seen in points.astype(float).tolist():
        found += [round(u - 0.5, 2), round(v - 0.5, 2), int(seen)] if seen else [0, 0, 0]
    return found


def panoptic(picture: Picture, record: SceneRecord, name: Naming) -> tuple[NDArray[np.uint8], list[Row]]:
    """The picture of segment ids (H, W, 3), and its segments.

    id = R + 256 G + 65536 B = instance id + 65536 * (class id + 1): of a thing its own class, of stuff the class
    seen; 0 where a pixel sees nothing at all (beyond a fisheye's circle).
    """
    instance, semantic = picture.array("instance"), picture.array("semantic")
    own = np.array([0, *(BY_NAME[r.semantic].semantic_id for r in record.instances)], dtype=np.int64)
    ids = instance.astype(np.int64) + 65536 * (1 + np.where(instance > 0, own[instance], semantic))
    ids[_blind(picture)] = 0
    segments = []
    for segment in _ids(ids):
        one, semantic_id = segment % 65536, segment // 65536 - 1
        mask = ids == segment
        segments.append(
            {
                "id": segment,
                "category_id": thing(name(record.instance(one))) if one else stuff(CLASSES[semantic_id].name),
                "area": int(mask.sum()),
                "bbox": list(full_mask_box(mask) or ()),
                "iscrowd": 0,
            }
        )
    return np.stack([ids & 0xFF, ids >> 8 & 0xFF, ids >> 16], axis=-1).astype(np.uint8), segments


def _blind(picture: Picture) -> Mask:
    """Pixels that no light reaches."""
    dark = ~np.isfinite(picture.intrinsics.rays()).all(axis=-1)
    return np.asarray(dark & (picture.array("semantic") == _SKY))


def defects(picture: Picture, record: SceneRecord, coding: Coding) -> Iterator[Row]:
    """The defects of inspected parts that show, with their grades."""
    image = picture.array("part")
    for row in defects_in(record, picture.key, picture.sensor, image):
        if row["visible_px"]:
            yield {
                "category_id": DEFECTS[row["kind"]],
                **outline(image == row["part_id"], coding),
                **{k: row[k] for k in ("instance_id", "severity", "size_mm", "depth_mm", "detail")},
            }


def _ids(image: NDArray[Any]) -> list[int]:
    """The ids in an image, 0 left out."""
    return [int(n) for n in np.unique(image) if n]
