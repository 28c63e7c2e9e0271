"""What thick air hides by the stored tables: no question may name it, nor any answer rest on it."""

from __future__ import annotations

import json
from collections.abc import Mapping
from typing import Any

import numpy as np
from scipy.spatial.transform import Rotation

from pairforge.datasets.claims_air import faint, thickness_per_m
from pairforge.datasets.sql import Tables

Lost = Mapping[tuple[str, str], frozenset[int]]
"""(key, camera) -> instances."""


def hidden_boxes(tables: Tables) -> Lost:
    """(key, camera) -> instances whose whole box is faint from there, of the stored tables; nothing of clear air."""
    found: dict[tuple[str, str], set[int]] = {}
    for scene in tables.rows("SELECT scene_index, concrete FROM scenes"):
        per_m = thickness_per_m(json.loads(scene["concrete"]))
        if per_m == 0.0:
            continue
        number = int(scene["scene_index"])
        cameras = tables.rows(
            "SELECT key, sensor, position_m FROM sensors "
            f"WHERE scene_index = {number} AND sweep = 0 AND kind = 'camera'"
        )
        boxes: dict[str, list[dict[str, Any]]] = {}
        for box in tables.rows(f"SELECT * FROM boxes3d WHERE scene_index = {number}"):
            boxes.setdefault(box["key"], []).append(box)
        for camera in cameras:
            own = boxes.get(camera["key"], [])
            far = {b["instance_id"] for b in own if faint(_nearest_m(b, camera["position_m"]), per_m)}
            found[camera["key"], camera["sensor"]] = far
    return {place: frozenset(ids) for place, ids in sorted(found.items())}


def _nearest_m(box: Mapping[str, Any], eye: Any) -> float:
    """Metres from a point to the nearest point of a 3D box."""
    away = np.subtract(eye, box["centre_m"])
    inward = Rotation.from_quat(np.roll(box["quaternion_wxyz"], -1)).inv().apply(away)
    outside = np.maximum(np.abs(inward) - np.divide(box["size_m"], 2.0), 0.0)
    return float(np.linalg.norm(outside))


def as_seen(tables: Tables, lost: Lost) -> Tables:
    """The tables without the boxes in pictures of what those pictures' air hides, nor what is told of things that no
    picture of the keyframe shows."""
    gone: dict[str, frozenset[int]] = {}
    for (key, _), ids in lost.items():
        gone[key] = gone[key] & ids if key in gone else ids
    here = [
        (f"key = {literal(k)} AND sensor = {literal(s)}", _ids(ids)) for (k, s), ids in lost.items() if ids
    ]
    pictures = [f"({place} AND instance_id IN ({ids}))" for place, ids in here]
    told = [f"({place} AND list_has_any(subjects, [{ids}]))" for place, ids in here]
    told += [
        f"(key = {literal(key)} AND list_has_any(subjects, [{_ids(ids)}]))"
        for key, ids in gone.items()
        if ids
    ]
    return tables.without({"boxes2d": _any(pictures), "facts": _any(told)})


def literal(words: str) -> str:
    """A string as SQL text."""
    return "'" + words.replace("'", "''") + "'"


def _any(conditions: list[str]) -> str:
    return " OR ".join(conditions) or "FALSE"


def _ids(ids: frozenset[int]) -> str:
    return ", ".join(str(i) for i in sorted(ids))
