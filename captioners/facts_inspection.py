"""Defects of inspected parts: which a camera shows, where on the part, how large; how severe, and the verdict.

A defect is a part of its own in the part image. Faces, features and sizes come from the notes of the scene record,
and are said only where what the camera measures agrees with them.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
from scipy.spatial.distance import pdist

from pairforge.captioners.facts_list import FactList, Scene, member
from pairforge.frames import F64
from pairforge.sample import CameraFrame

MENTION_PX = 15
"""Fewer visible pixels of a defect than this are never spoken of."""
NOTICE_PX = 4
"""Fewer than this count as out of view; between the two nothing is said."""
FACE_MM = 3.0
"""A defect is on a face when half its visible points lie this near to the face's plane."""
NEAR_SHARE, NEAR_MM = 0.15, 0.5
"""The nearest feature is named when the next one is further by this share, and by this much."""
SIZE_SHARE, SIZE_PX = 0.06, 2.0
"""What is measured agrees with the recorded size within this share, or so many pixels' width."""
RULE_MM: Mapping[str, tuple[float, float]] = {
    "scratch": (5.0, 15.0),
    "dent": (3.0, 8.0),
    "crack": (0.0, 6.0),
    "burr": (6.0, 20.0),
    "missing_hole": (0.0, 0.0),
    "stain": (12.0, float("inf")),
    "chip": (2.0, 5.0),
    "misprint": (4.0, float("inf")),
}
POINTS = {"minor": 1, "major": 3, "critical": 3}
REJECT_POINTS = 3


@dataclass(frozen=True, eq=False)
class _Seen:
    """A defect's visible surface in one camera: points (N, 3) mm in the part's frame, and a pixel's width there."""

    px: int
    points: F64
    ends: F64
    pixel_mm: float
    whole: bool


def inspection_facts(scene: Scene, found: FactList) -> None:
    """Facts of every part with notes that some camera shows."""
    notes = scene.record.extra.get("notes", {})
    for key in sorted(notes, key=int):
        one = int(key)
        if one not in scene.seen:
            continue
        defects = list(notes[key]["defects"])
        for sensor in sorted(scene.eyes):
            if one in scene.visible[sensor]:
                _seen_facts(scene, sensor, one, notes[key], found)
        for record in defects:
            _severity(one, record, found)
        _verdict(one, defects, found)


def place_of(record: Mapping[str, Any], near: str) -> str:
    """What a defect is called in facts: "scratch|top face|upper left hole"."""
    return f"{record['kind']}|{record['face']}|{near}"


def _seen_facts(scene: Scene, sensor: str, one: int, notes: Mapping[str, Any], found: FactList) -> None:
    camera, unseen = scene.eyes[sensor].camera, 0
    name = scene.record.instance(one).name
    parts = {p.name: p.part_id for p in scene.record.parts if p.instance_id == one}
    said: set[str] = set()
    for record in notes["defects"]:
        part_id = parts[f"{name}.{record['part']}"]
        px = int(np.count_nonzero(camera.part == part_id))
        unseen += px < NOTICE_PX
        if px < MENTION_PX:
            continue
        seen = _surface(scene, camera, one, part_id)
        if not _on_face(seen, notes["faces"], record["face"]):
            continue
        place = place_of(record, _near(seen, notes["features"], record["near"]))
        if place in said:
            continue
        said.add(place)
        evidence = (member(sensor, "part"), member(sensor, "depth", "npy"), "parts", "scenes")
        found.add(
            "defect",
            one,
            argument=place,
            sensor=sensor,
            value=px,
            unit="px",
            threshold=MENTION_PX,
            evidence=evidence,
        )
        _size(seen, record, place, one, sensor, evidence, found)
    if unseen:
        found.add("defect_unseen", one, argument=str(unseen), sensor=sensor, value=unseen, threshold=1,
                  evidence=(member(sensor, "part"), "parts", "scenes"))  # fmt: skip


def _surface(scene: Scene, camera: CameraFrame, one: int, part_id: int) -> _Seen:
    """The masked pixels as points of the part."""
    rows, columns = np.nonzero(camera.part == part_id)
    depth = camera.depth[rows, columns].astype(np.float64)
    world = camera.world_from_camera.points(camera.intrinsics.depth_rays()[rows, columns] * depth[:, None])
    body = scene.record.world_from_body(one, camera.time_ns).inverse.points(world) * 1000.0
    # The furthest two points are the first or last of their rows, as a plane's hull is its image's hull.
    first = np.r_[True, rows[1:] != rows[:-1]]
    last = np.r_[rows[1:] != rows[:-1], True]
    height, width = camera.part.shape
    whole = rows.min() > 0 and rows.max() < height - 1 and columns.min() > 0 and columns.max() < width - 1
    return _Seen(
        len(rows), body, body[first | last], float(depth.mean()) / camera.intrinsics.fx * 1000.0, bool(whole)
    )


def _on_face(seen: _Seen, faces: Mapping[str, Any], name: str) -> bool:
    """Whether the visible points lie on the face; edges without a plane of their own (a tooth) need none."""
    if name not in faces:
        return True
    face = faces[name]
    off = (seen.points - np.asarray(face["point_mm"])) @ np.asarray(face["normal"])
    return float(np.median(np.abs(off))) <= FACE_MM


def _near(seen: _Seen, features: Mapping[str, Any], recorded: str) -> str:
    """The feature nearest to the middle of what is seen, if it is the recorded one by a clear margin; else ""."""
    if recorded not in features:
        return ""
    middle = seen.points.mean(axis=0)
    away = {n: float(np.linalg.norm(np.asarray(p) - middle)) for n, p in features.items()}
    others = [d for n, d in away.items() if n != recorded]
    clear = not others or min(others) >= away[recorded] * (1 + NEAR_SHARE) + NEAR_MM
    return recorded if clear else ""


def _size(
    seen: _Seen,
    record: Mapping[str, Any],
    place: str,
    one: int,
    sensor: str,
    evidence: tuple[str, ...],
    found: FactList,
) -> None:
    """The recorded size as it is spoken, where the camera sees the whole of the defect and measures the same."""
    measured = float(pdist(seen.ends).max()) + seen.pixel_mm if len(seen.ends) > 1 else seen.pixel_mm
    recorded = float(record["size_mm"])
    allowed = max(SIZE_SHARE * recorded, SIZE_PX * seen.pixel_mm)
    if not seen.whole or abs(measured - recorded) > allowed:
        return
    step = 0.5 if recorded < 10.0 else 1.0
    spoken = max(step, round(recorded / step) * step)
    words = f"{spoken:.1f}".removesuffix(".0")
    found.add("defect_size", one, argument=f"{place}|{words}", sensor=sensor, value=abs(measured - spoken), unit="mm",
              threshold=allowed + step / 2, at_most=True, evidence=evidence)  # fmt: skip


def _severity(one: int, record: Mapping[str, Any], found: FactList) -> None:
    """By the rule, from the recorded size; named by every place that some camera's fact has given the defect."""
    size = float(record["size_mm"])
    major, critical = RULE_MM[record["kind"]]
    grade = "critical" if size >= critical else "major" if size >= major else "minor"
    limit = {"critical": critical, "major": major, "minor": major}[grade]
    start = f"{record['kind']}|{record['face']}|"
    places = {
        f.argument
        for f in found.facts
        if f.predicate == "defect" and f.subjects == (one,) and f.argument.startswith(start)
    }
    for place in sorted(p for p in places if p.removeprefix(start) in ("", record["near"])):
        key = ("defect_severity", (one,), f"{place}|{grade}")
        if key in {(f.predicate, f.subjects, f.argument) for f in found.facts}:
            continue
        found.add(
            "defect_severity",
            one,
            argument=key[2],
            value=size,
            unit="mm",
            threshold=limit,
            at_most=grade == "minor",
            evidence=("scenes",),
        )


def _verdict(one: int, defects: list[Mapping[str, Any]], found: FactList) -> None:
    """Rejected for three points: one a minor defect, three any other. Free of defects only without any at all."""
    if not defects:
        found.add("defect_free", one, value=0, threshold=0, at_most=True, evidence=("parts", "scenes"))
    points = sum(POINTS[d["severity"]] for d in defects)
    reject = points >= REJECT_POINTS
    found.add(
        "verdict",
        one,
        argument="reject" if reject else "pass",
        value=points,
        threshold=REJECT_POINTS if reject else REJECT_POINTS - 1,
        at_most=not reject,
        evidence=("scenes",),
    )
