"""Rows packed as they come make the very file that rows kept to the end make."""

from __future__ import annotations

from pathlib import Path

import pytest

from pairforge.datasets import frame_tables
from pairforge.datasets.packed import Packed
from pairforge.datasets.store import _FRAME_TABLES, _write_table
from pairforge.datasets.table_rows import Row, table
from pairforge.pipeline import keyframes, stage
from pairforge.renderers.raycast import RaycastRenderer
from pairforge.scenes.resolve import resolve
from tests.farm.tiny_spec import TINY


@pytest.fixture(scope="module")
def rows() -> dict[str, list[Row]]:
    frames = list(keyframes(stage(resolve(TINY, seed=3), 0), RaycastRenderer(), "draft"))
    cameras = [(f, c) for f in frames for c in f.cameras.values()]
    return {
        "frames": [frame_tables.frame_row(f, "shards/x.tar", 0, 1) for f in frames],
        "sensors": [frame_tables.camera_row(f, c, "front", 0, []) for f, c in cameras],
        "boxes2d": [r for f in frames for r in frame_tables.box2d_rows(f)],
        "boxes3d": [r for f in frames for r in frame_tables.box3d_rows(f)],
        "facts": [r for f in frames for r in frame_tables.fact_rows(f)],
        "captions": [r for f in frames for r in frame_tables.caption_rows(f)],
    }


@pytest.mark.parametrize("loose", [1, 3, 10_000])
@pytest.mark.parametrize("name", _FRAME_TABLES)
def test_the_file_does_not_depend_on_how_rows_were_packed(
    rows: dict[str, list[Row]], name: str, loose: int, tmp_path: Path
) -> None:
    packed = Packed(name, loose)
    for row in rows[name]:
        packed.add([row])
    packed.add([])
    assert len(packed) == len(rows[name]) > 1
    _write_table(tmp_path / "packed", packed.table())
    _write_table(tmp_path / "plain", table(name, rows[name]))
    assert (tmp_path / "packed").read_bytes() == (tmp_path / "plain").read_bytes()


def test_no_rows_make_an_empty_table() -> None:
    assert Packed("facts").table().equals(table("facts", []))
