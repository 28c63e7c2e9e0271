"""The index of finished scenes: the same bytes in any order, read lazily, refused when damaged, merged by blocks."""

from __future__ import annotations

import pickle
from dataclasses import replace
from pathlib import Path

import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pairforge.datasets import records, scene_index
from pairforge.datasets.manifest import done, finish, read_manifest, slug_of
from pairforge.datasets.records import is_whole, record_path
from pairforge.datasets.scene_index import INDEX, SCHEMA, SceneEntry, read_index, write_index
from pairforge.errors import DatasetError
from tests.datasets.conftest import make


def entries(count: int) -> list[SceneEntry]:
    return [SceneEntry(3 * k, f"a-{3 * k:06d}", k % 5, 10 * k, f"{k:064x}") for k in range(count)]


def test_what_is_written_is_read_back_after_pickling_too(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(scene_index, "_ROWS", 7)
    write_index(tmp_path, iter(entries(20)))
    assert pq.read_metadata(tmp_path / INDEX).num_row_groups == 3
    scenes = read_index((tmp_path / INDEX).read_bytes(), "index")
    for read in (scenes, pickle.loads(pickle.dumps(scenes))):
        assert list(read) == entries(20)
        assert read[-1] == entries(20)[-1]
        assert read[3:5] == tuple(entries(5)[3:])
        assert read.find(9) == entries(20)[3]
        assert read.find(10) is None
        assert read.find(1000) is None
        assert int(read.frames.sum()) == sum(e.frames for e in entries(20))
    assert sorted(p.name for p in tmp_path.iterdir()) == [INDEX]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"scene_index": [1, 1]}, "not in order"),
        ({"scene_index": [-1, 1]}, "not in order"),
        ({"frames": [1, -1]}, "below 0"),
        ({"slug": ["a", "../b"]}, "a slug that is no file name"),
        ({"slug": ["a", ""]}, "a slug that is no file name"),
    ],
)
def test_forged_rows_are_refused(tmp_path: Path, change: dict[str, list[object]], message: str) -> None:
    rows = {
        "scene_index": [0, 1],
        "slug": ["a", "b"],
        "frames": [1, 1],
        "bytes": [1, 1],
        "record_sha256": [bytes(32)] * 2,
    }
    pq.write_table(pa.table(rows | change, SCHEMA), tmp_path / INDEX)
    with pytest.raises(DatasetError, match=message):
        read_index((tmp_path / INDEX).read_bytes(), "index")


def test_every_flipped_byte_is_refused_or_changes_nothing(tmp_path: Path) -> None:
    write_index(tmp_path, entries(3))
    whole = (tmp_path / INDEX).read_bytes()
    for at in range(0, len(whole), 11):
        data = bytearray(whole)
        data[at] ^= 0x41
        try:
            assert len(read_index(bytes(data), "index")) == 3
        except DatasetError:
            continue


def test_the_merge_takes_whole_scenes_in_order_by_blocks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(records, "_BLOCK", 2)
    make(tmp_path, (4, 0, 2, 1, 3), keyframes=1)
    whole = (tmp_path / INDEX).read_bytes()
    assert read_manifest(tmp_path).scenes.numbers.tolist() == [0, 1, 2, 3, 4]
    slug = slug_of("tiny.street", 2)
    (tmp_path / "tables" / "facts" / f"{slug}.parquet").write_bytes(b"short")
    record_path(tmp_path, slug_of("tiny.street", 3)).write_text("{")
    assert done(tmp_path) == {0, 1, 4}
    assert not is_whole(tmp_path, slug)
    assert finish(tmp_path).scenes.numbers.tolist() == [0, 1, 4]
    assert (tmp_path / INDEX).read_bytes() != whole


def test_a_record_of_another_scene_hides_none(tmp_path: Path) -> None:
    make(tmp_path, (0, 1), keyframes=1)
    path = record_path(tmp_path, slug_of("tiny.street", 0))
    path.write_text(path.read_text().replace('"scene_index": 0', '"scene_index": 7'))
    assert done(tmp_path) == {1}


def test_entries_of_one_scene_keep_their_fields(tmp_path: Path) -> None:
    entry = replace(entries(2)[1], bytes=1 << 40)
    write_index(tmp_path, [entry])
    assert list(read_index((tmp_path / INDEX).read_bytes(), "index")) == [entry]
