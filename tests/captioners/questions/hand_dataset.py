"""A dataset in memory of hand-made scenes: streets, tables and yards whose every label has a closed form."""

from __future__ import annotations

from dataclasses import replace
from functools import cached_property
from types import SimpleNamespace

import pyarrow as pa

from pairforge.datasets import frame_tables, scene_tables
from pairforge.datasets.schema import TABLES
from pairforge.datasets.store import table_path
from pairforge.datasets.table_rows import table
from pairforge.sample import Keyframe, SceneRecord
from tests.captioners.hand_made import HandScene
from tests.captioners.random_scenes import (
    busy_street,
    busy_table,
    busy_yard,
    random_street,
    random_table,
    told,
)


def scenes(count: int) -> list[HandScene]:
    """Three busy ones, then random streets and tables in turn."""
    found = [busy_street(), busy_table(), busy_yard()]
    for k in range(count - 3):
        found.append(random_street(k) if k % 2 else random_table(k))
    return found[:count]


class HandDataset:
    """What questions need of a dataset: its scenes and their tables; one keyframe a scene."""

    def __init__(self, count: int = 6) -> None:
        self.held: dict[int, tuple[Keyframe, SceneRecord]] = {}
        for i, scene in enumerate(scenes(count)):
            frame, record = told(scene, i)
            self.held[i] = (
                replace(frame, scene_index=i, frame_index=0),
                replace(record, scene_index=i),
            )

    @property
    def scenes(self) -> tuple[int, ...]:
        return tuple(self.held)

    def scene(self, scene_index: int) -> SimpleNamespace:
        return SimpleNamespace(slug="none")

    def files(self, scene_index: int) -> dict[str, None]:
        return dict.fromkeys(table_path(n, "none") for n in TABLES)

    def table(self, name: str, scene_index: int) -> pa.Table:
        return self._tables[scene_index][name]

    @cached_property
    def _tables(self) -> dict[int, dict[str, pa.Table]]:
        return {i: _tables_of(*held) for i, held in self.held.items()}


def _tables_of(frame: Keyframe, record: SceneRecord) -> dict[str, pa.Table]:
    sensors = [
        *(frame_tables.camera_row(frame, c, n.lower(), 0, []) for n, c in sorted(frame.cameras.items())),
        *(frame_tables.lidar_row(frame, c, n.lower(), 0, []) for n, c in sorted(frame.lidars.items())),
    ]
    rows = {
        "frames": [frame_tables.frame_row(frame, "none", 0, 0)],
        "sensors": sensors,
        "boxes2d": frame_tables.box2d_rows(frame),
        "boxes3d": frame_tables.box3d_rows(frame),
        "facts": frame_tables.fact_rows(frame),
        "captions": frame_tables.caption_rows(frame),
        "scenes": scene_tables.scene_rows(record, "none", 1),
        "instances": scene_tables.instance_rows(record),
        "parts": scene_tables.part_rows(record),
        "events": scene_tables.event_rows(record),
    }
    made = {name: table(name, found) for name, found in rows.items()}
    made["trajectories"] = scene_tables.trajectory_table(record)
    return {name: made.get(name, TABLES[name].empty_table()) for name in TABLES}
