"""Do the defects on record match the parts, the masks and the rule?"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from pairforge.datasets.claims_inspection import (
    GRADES,
    defect_parts,
    grade_of,
    mask_points,
    pixel_mm,
    points_of,
    span_mm,
)
from pairforge.datasets.claims_scene import Proof
from pairforge.datasets.finding import Problem
from pairforge.datasets.verify_scene_view import SceneView
from pairforge.datasets.verify_view import FrameView
from pairforge.sample import SceneRecord

DEFECT_SIZE_SHARE, DEFECT_SIZE_PX = 0.03, 2.0
"""A mask reaches no further than the recorded size, this share more and so many pixels' width."""
CURVED = ("tooth", "shoulder")
"""Places of a part that are told by name and have no plane."""
DEFECT_LEAST_PX = 15
"""Masks of fewer pixels are not measured."""


def _notes(record: SceneRecord) -> dict[int, dict[str, Any]]:
    known = {r.instance_id for r in record.instances}
    return {int(k): n for k, n in record.extra.get("notes", {}).items() if int(k) in known}


def defects(scene: SceneView) -> Iterator[Problem]:
    """Every defect on record is a part, every part of class "defect" is on record, severity follows the rule."""
    record, table = scene.record, scene.table("scenes")
    if len(_notes(record)) != len(record.extra.get("notes", {})):
        yield Problem(table, "notes are kept of an instance that does not exist")
    noted: set[str] = set()
    for one, notes in sorted(_notes(record).items()):
        name = record.instance(one).name
        noted |= {f"{name}.{d['part']}" for d in notes["defects"]}
        for d in notes["defects"]:
            yield from (Problem(table, f"instance {one}, {d['part']}: {m}") for m in _record(notes, d))
        if all(d["kind"] in GRADES for d in notes["defects"]) and notes["rejected"] != (
            points_of(notes["defects"]) >= 3
        ):
            yield Problem(table, f"instance {one}: rejected is {notes['rejected']}, the rule says otherwise")
    rows = {p.name for p in record.parts if p.semantic == "defect"}
    for name in sorted(rows ^ noted):
        where = scene.table("parts") if name in rows else table
        yield Problem(where, f"{name} is a part and not on record, or on record and no part")


def _record(notes: dict[str, Any], d: dict[str, Any]) -> Iterator[str]:
    if d["kind"] not in GRADES or not d["part"].endswith(f"_{d['kind']}"):
        yield f'"{d["kind"]}" is no kind of defect, or not that of its part'
        return
    if d["severity"] != grade_of(d["kind"], float(d["size_mm"])):
        yield f"{d['severity']} at {d['size_mm']} mm; the rule says {grade_of(d['kind'], float(d['size_mm']))}"
    if not (d["size_mm"] > 0 and d["depth_mm"] >= 0):
        yield f"a size of {d['size_mm']} mm and a depth of {d['depth_mm']} mm are none"
    if d["face"] not in (*notes["faces"], *CURVED) or d["near"] not in (
        "",
        *notes["features"],
    ):
        yield f'there is no face "{d["face"]}" or no feature "{d["near"]}"'


def defect_masks(view: FrameView) -> Iterator[Problem]:
    """The masked surface of a defect lies where the record says, and reaches no further than it is large."""
    proof = Proof(view.frame, view.record)
    for one, notes in sorted(_notes(view.record).items()):
        parts = defect_parts(proof, one)
        for cam in view.cameras:
            for d in notes["defects"]:
                points, rows, columns = mask_points(proof, cam.camera, one, parts.get(d["part"], -1))
                if len(points) < DEFECT_LEAST_PX:
                    continue
                slack = DEFECT_SIZE_SHARE * d["size_mm"] + DEFECT_SIZE_PX * pixel_mm(
                    cam.camera, rows, columns
                )
                span = span_mm(points, rows)
                away = float(np.linalg.norm(points - np.array(d["at_mm"]), axis=1).max())
                if span > d["size_mm"] + slack or away > d["size_mm"] + slack:
                    yield Problem(
                        cam.member("part.png"),
                        f"{d['part']} of instance {one} reaches over {span:.2f} mm and {away:.2f} mm from its place; "
                        f"on record it is {d['size_mm']} mm large",
                    )


SCENE_CHECKS = (defects,)
CHECKS = (defect_masks,)
