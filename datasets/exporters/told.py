"""What is known of one picture as plain JSON: its camera, the things in it, what is said of it."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

from pairforge.datasets.exporters.pictures import Picture
from pairforge.datasets.reader import Dataset
from pairforge.sample import Caption
from pairforge.scenes.taxonomy import BY_NAME

Json = dict[str, Any]
NOTHING = 0
"""Class of a picture that shows no thing with a box."""


def camera(picture: Picture) -> Json:
    """Place, time and calibration: ``world_from_camera`` with x right, y down, z forward; quaternion wxyz."""
    pose = picture.world_from_camera
    return {
        "key": picture.key,
        "scene_index": picture.scene_index,
        "frame_index": picture.frame_index,
        "sensor": picture.sensor,
        "time_ns": picture.row["time_ns"],
        "width": picture.size[0],
        "height": picture.size[1],
        "intrinsics": asdict(picture.intrinsics),
        "world_from_camera": {
            "position_m": pose.position_m.tolist(),
            "quaternion_wxyz": pose.quaternion_wxyz.tolist(),
        },
    }


def objects(dataset: Dataset, picture: Picture) -> list[Json]:
    """The things with boxes, by instance id; ``bbox`` x, y, width, height along pixel edges, of what is visible."""
    known = {r["instance_id"]: r for r in dataset.table("instances", picture.scene_index).to_pylist()}
    rows = dataset.rows("boxes2d", picture.scene_index, picture.frame_index)
    found = []
    for box in sorted(rows, key=lambda b: int(b["instance_id"])):
        if box["sensor"] != picture.sensor:
            continue
        x0, y0, x1, y1 = box["visible_box"]
        thing = known[box["instance_id"]]
        found.append(
            {
                "instance_id": box["instance_id"],
                "category": thing["semantic"],
                "noun": thing["noun"],
                "colour": thing["colour"],
                "bbox": [x0, y0, x1 - x0, y1 - y0],
                "area": box["visible_px"],
                "occlusion": box["occlusion"],
                "truncation": box["truncation"],
            }
        )
    return found


def captions(picture: Picture, language: str) -> list[Json]:
    """What is said of it, in one language or (``""``) all; phrases: characters [start, end) that name instances."""
    return [
        {
            "kind": c.kind,
            "language": c.language,
            "text": c.text,
            "phrases": [asdict(p) for p in c.phrases],
        }
        for c in spoken(picture, language)
    ]


def spoken(picture: Picture, language: str) -> list[Caption]:
    return [c for c in picture.captions if language in ("", c.language)]


def main_class(things: list[Json]) -> int:
    """Class id of the thing that covers the most pixels, of two alike the first; ``NOTHING`` without any."""
    if not things:
        return NOTHING
    return BY_NAME[max(things, key=lambda t: int(t["area"]))["category"]].semantic_id
