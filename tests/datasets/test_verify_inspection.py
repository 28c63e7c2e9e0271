"""A forged record of defects is caught by the rule, by the rows of parts, or by the masks."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest

from pairforge.datasets import verify_inspection
from pairforge.sample import Keyframe, SceneRecord
from tests.captioners.test_inspection import keyframe


def problems(frame: Keyframe, record: SceneRecord) -> list[str]:
    """What both checks say of a keyframe and its record."""
    cameras = tuple(SimpleNamespace(camera=c, member=lambda array: array) for c in frame.cameras.values())
    scene: Any = SimpleNamespace(record=record, table=lambda name: name)
    view: Any = SimpleNamespace(record=record, frame=frame, cameras=cameras)
    return [p.message for p in (*verify_inspection.defects(scene), *verify_inspection.defect_masks(view))]


def noted(record: SceneRecord, change: Callable[[dict[str, Any]], dict[str, Any]]) -> SceneRecord:
    """The record with its first defect changed."""
    notes = dict(record.extra["notes"]["1"])
    first, *rest = notes["defects"]
    return replace(record, extra={"notes": {"1": {**notes, "defects": [change(first), *rest]}}})


FORGERIES: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
    "a smaller size": lambda d: {**d, "size_mm": 0.6 * d["size_mm"]},
    "no size": lambda d: {**d, "size_mm": 0.0},
    "a milder grade": lambda d: {**d, "severity": "minor"},
    "another kind": lambda d: {**d, "kind": "crack"},
    "an unknown kind": lambda d: {**d, "kind": "wart"},
    "another part": lambda d: {**d, "part": "defect_2_scratch"},
    "a face that is not there": lambda d: {**d, "face": "bottom face"},
    "a feature that is not there": lambda d: {**d, "near": "third eye"},
    "another place": lambda d: {**d, "at_mm": [d["at_mm"][0] + 20.0, *d["at_mm"][1:]]},
}


def test_the_truth_passes() -> None:
    assert problems(*keyframe("PLATE", 3, "scratch")) == []
    assert problems(*keyframe("PLATE", 3, "none")) == []


@pytest.mark.parametrize("how", FORGERIES)
def test_a_forged_defect_is_named(how: str) -> None:
    frame, record = keyframe("PLATE", 3, "scratch")
    assert problems(frame, noted(record, FORGERIES[how]))


def test_a_verdict_against_the_rule_is_named() -> None:
    frame, record = keyframe("PLATE", 3, "scratch")
    notes = dict(record.extra["notes"]["1"])
    assert problems(
        frame, replace(record, extra={"notes": {"1": {**notes, "rejected": not notes["rejected"]}}})
    )


def test_a_mask_that_reaches_further_is_named() -> None:
    frame, record = keyframe("PLATE", 3, "scratch")
    camera = next(iter(frame.cameras.values()))
    ids = {p.name: p.part_id for p in record.parts}
    part, body = camera.part.copy(), ids["part.body"]
    rows, columns = np.nonzero(part == body)
    part[rows[::997], columns[::997]] = next(i for n, i in ids.items() if "defect" in n)
    forged = replace(frame, cameras={camera.sensor: replace(camera, part=part)})
    assert any("reaches over" in m for m in problems(forged, record))


def test_a_defect_that_is_left_out_of_the_record_is_named() -> None:
    frame, record = keyframe("PLATE", 3, "scratch")
    notes = {**record.extra["notes"]["1"], "defects": [], "rejected": False}
    assert any("not on record" in m for m in problems(frame, replace(record, extra={"notes": {"1": notes}})))
