"""The documentation is the schema's, and the schema says everything."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path

from pairforge.datasets.schema import TABLES
from pairforge.datasets.schema_docs import markdown
from pairforge.datasets.shard_arrays import ARRAYS
from pairforge.sample import CameraFrame, LidarFrame

DOCS = Path(__file__).parents[2] / "docs" / "store.md"


def test_docs_hold_the_schema_word_for_word() -> None:
    assert DOCS.read_text().rstrip().endswith(markdown().rstrip())


def test_every_array_of_a_sensor_frame_is_stored() -> None:
    for kind, frame in (("camera", CameraFrame), ("lidar", LidarFrame)):
        arrays = {f.name for f in fields(frame) if "NDArray" in str(f.type)}
        assert arrays == {"extra", *(s.name for s in ARRAYS[kind] if not s.optional)}


def test_every_column_is_described() -> None:
    for schema in TABLES.values():
        assert all(field.metadata[b"description"] for field in schema)
