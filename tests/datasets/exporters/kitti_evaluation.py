"""Runs in the environment ``av2``: KITTI's object evaluation as mmdet3d keeps it, over folders of labels.

Arguments: a folder of ground truth and some of results, whose lines have a score more. Prints name -> AP of each.
``kitti_utils`` is imported alone: the rest of mmdet3d wants torch, and its rotated overlap a GPU. The overlap is
OpenCV's here; matching, difficulties and average precision are mmdet3d's.
"""

from __future__ import annotations

import contextlib
import importlib.util
import io
import json
import sys
from pathlib import Path
from types import ModuleType
from typing import Any

import cv2
import numpy as np

CLASSES = ["Car", "Pedestrian", "Cyclist"]


def annotations(folder: Path, scored: bool) -> list[dict[str, Any]]:
    return [
        _frame([line.split() for line in path.read_text().splitlines()], scored)
        for path in sorted(folder.iterdir())
    ]


def _frame(rows: list[list[str]], scored: bool) -> dict[str, Any]:
    v = np.array([[float(x) for x in row[1:]] for row in rows]).reshape(len(rows), 15 if scored else 14)
    found = {
        "name": np.array([row[0] for row in rows]),
        "truncated": v[:, 0],
        "occluded": v[:, 1].astype(int),
        "alpha": v[:, 2],
        "bbox": v[:, 3:7],
        "dimensions": v[:, [9, 7, 8]],  # it wants length, height, width
        "location": v[:, 10:13],
        "rotation_y": v[:, 13],
    }
    return {**found, "score": v[:, 14]} if scored else found


def corners(box: np.ndarray) -> np.ndarray:
    """(4, 2) of x, z, length, width, rotation_y."""
    x, z, length, width, ry = box
    a, b = np.array([1, 1, -1, -1]) * length / 2, np.array([1, -1, -1, 1]) * width / 2
    return np.column_stack([x + a * np.cos(ry) + b * np.sin(ry), z - a * np.sin(ry) + b * np.cos(ry)])


def overlap(boxes: np.ndarray, others: np.ndarray, criterion: int = -1) -> np.ndarray:
    """IoU (N, K) of boxes seen from above; with ``criterion`` 2 their common area."""
    found = np.zeros((len(boxes), len(others)))
    for i, one in enumerate(boxes):
        for k, other in enumerate(others):
            if np.hypot(*(one[:2] - other[:2])) < (one[2] + one[3] + other[2] + other[3]) / 2:
                here = [(corners(b) - one[:2]).astype(np.float32) for b in (one, other)]
                found[i, k] = cv2.intersectConvexConvex(*here)[0]
    if criterion == 2:
        return found
    area, others_area = boxes[:, 2] * boxes[:, 3], others[:, 2] * others[:, 3]
    return found / (area[:, None] + others_area[None, :] - found)


def kitti_eval() -> Any:
    root = Path(importlib.util.find_spec("mmdet3d").origin).parent  # type: ignore[union-attr,arg-type]
    sys.path.insert(0, str(root / "evaluation" / "functional"))
    overlaps = ModuleType("kitti_utils.rotate_iou")
    overlaps.rotate_iou_gpu_eval = overlap  # type: ignore[attr-defined]
    sys.modules[overlaps.__name__] = overlaps
    from kitti_utils import kitti_eval as run  # type: ignore[import-not-found]

    return run


if __name__ == "__main__":
    run, truth = kitti_eval(), annotations(Path(sys.argv[1]), False)
    told = []
    for folder in sys.argv[2:]:
        with contextlib.redirect_stdout(io.StringIO()):
            _, found = run(truth, annotations(Path(folder), True), CLASSES)
        told.append({name: float(value) for name, value in found.items()})
    print(json.dumps(told))
