"""Round trip, byte identity, atomicity and loading by others' readers."""

from __future__ import annotations

import hashlib
import io
import os
import signal
import subprocess
import sys
import tarfile
from dataclasses import replace
from pathlib import Path

import duckdb
import numpy as np
import pyarrow.parquet as pq
import pytest
import webdataset as wds

from pairforge.datasets.manifest import done, read_manifest, slug_of
from pairforge.datasets.parquet import table_of
from pairforge.datasets.reader import Dataset
from pairforge.datasets.records import read_record, record_path
from pairforge.datasets.schema import TABLES
from pairforge.datasets.store import write_scene
from pairforge.errors import DatasetError, MachineError
from tests.datasets.conftest import make
from tests.datasets.same import assert_same
from tests.datasets.tiny import tiny

SLUG = slug_of("tiny.street", 0)


def hashes(root: Path) -> dict[str, str]:
    return {
        str(p.relative_to(root)): hashlib.sha256(p.read_bytes()).hexdigest()
        for p in sorted(root.rglob("*"))
        if p.is_file() and p.name != "timings.json"
    }


def test_what_is_written_is_read_back_exactly(tiny_dataset: Path) -> None:
    dataset = Dataset(tiny_dataset)
    for i in (0, 1):
        street = tiny(i)
        assert_same(street.record, dataset.record(i))
        for wanted, found in zip(street.frames(), dataset.frames(i), strict=True):
            assert_same(wanted, found)
    assert dataset.keys()[4] == "000001-000001"
    assert_same(dataset.frame_by_key("000001-000001"), dataset.frame(1, 1))


def test_frames_without_sensors_controls_or_words_survive(tmp_path: Path) -> None:
    street = tiny(0)
    bare = replace(
        next(street.frames()), cameras={}, lidars={}, controls=None, facts=(), captions=(), boxes=()
    )
    record = replace(
        street.record, ego=None, lanes=(), contacts=(), part_tracks={}, instance_tracks={}, extra={}
    )
    make(tmp_path, (0,))
    from pairforge.datasets.manifest import finish

    write_scene(tmp_path, SLUG, record, [bare])
    finish(tmp_path)
    assert_same(Dataset(tmp_path).frame(0, 0), bare)
    assert_same(Dataset(tmp_path).record(0), record)


def test_bytes_depend_on_the_data_alone(tmp_path: Path) -> None:
    one, two = make(tmp_path / "a", (0, 1)), make(tmp_path / "b", (1, 0))
    assert hashes(one) == hashes(two)
    assert len(hashes(one)) == 2 * (1 + len(TABLES) + 1) + 2


def test_tables_say_where_each_member_lies(tiny_dataset: Path) -> None:
    rows = table_of((tiny_dataset / "tables/sensors" / f"{SLUG}.parquet").read_bytes()).to_pylist()
    raw = (tiny_dataset / "shards" / f"{SLUG}.tar").read_bytes()
    with tarfile.open(fileobj=io.BytesIO(raw)) as tar:
        names = tar.getnames()
        assert names == sorted(names)
        assert all((m.mtime, m.uid, m.gid, m.uname, m.gname, m.mode) == (0, 0, 0, "", "", 0o644) for m in tar)
        for member in (m for row in rows for m in row["members"]):
            assert tar.getmember(member["name"]).offset_data == member["offset"]
            assert tar.extractfile(member["name"]).read() == raw[member["offset"] :][: member["size"]]  # type: ignore[union-attr]


def test_webdataset_streams_the_shards(tiny_dataset: Path) -> None:
    url = str(tiny_dataset / "shards" / f"{SLUG}.tar")
    samples = list(wds.WebDataset(url, shardshuffle=False, empty_check=False).decode("pil"))
    assert [s["__key__"] for s in samples] == [f"000000-{k:06d}" for k in range(3)]
    frame = Dataset(tiny_dataset).frame(0, 1)
    sample = samples[1]
    assert np.array_equal(np.array(sample["cam_front.rgb.png"]), frame.cameras["cam.Front"].rgb)
    assert np.array_equal(sample["top.points.npy"], frame.lidars["top"].points)
    assert sample["json"]["captions"][0]["text"] == frame.captions[0].text


def test_duckdb_queries_the_tables(tiny_dataset: Path) -> None:
    count = duckdb.sql(
        f"select count(*), max(visible_px) from '{tiny_dataset}/tables/boxes2d/*.parquet' where occlusion < 0.5"
    ).fetchall()
    wanted = [
        b for i in (0, 1) for f in tiny(i).frames() for b in f.cameras["cam.Front"].boxes if b.occlusion < 0.5
    ]
    assert count == [(len(wanted), max(b.visible_px for b in wanted))]


def test_every_column_is_documented_inside_the_file(tiny_dataset: Path) -> None:
    for name, schema in TABLES.items():
        stored = pq.read_schema(tiny_dataset / "tables" / name / f"{SLUG}.parquet")
        assert stored.names == schema.names
        assert all(f.metadata[b"description"] for f in stored)


def test_a_scene_that_raises_leaves_what_was_there(tmp_path: Path) -> None:
    root = make(tmp_path, (0,))
    before = hashes(root)

    def broken():  # type: ignore[no-untyped-def]
        yield next(tiny(0).frames())
        raise ValueError("the spec raises")

    with pytest.raises(ValueError, match="the spec raises"):
        write_scene(root, SLUG, tiny(0).record, broken())
    assert hashes(root) == before


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"depth": np.zeros((54, 96), np.float64)}, "depth is float64"),
        ({"part": np.zeros((54, 97), np.uint16)}, "part has shape"),
        ({"sensor": "other"}, "share the files"),
    ],
)
def test_arrays_that_do_not_fit_the_schema_are_refused(tmp_path: Path, change: dict, message: str) -> None:
    root = make(tmp_path, (0,))
    frame = next(tiny(0).frames())
    cameras = {"cam.Front": replace(frame.cameras["cam.Front"], **change)}
    with pytest.raises(DatasetError, match=message):
        write_scene(root, SLUG, tiny(0).record, [replace(frame, cameras=cameras)])
    assert done(root) == {0}


def test_two_sensors_may_not_share_files(tmp_path: Path) -> None:
    frame = next(tiny(0).frames())
    camera = frame.cameras["cam.Front"]
    cameras = {"cam.Front": camera, "CAM Front": replace(camera, sensor="CAM Front")}
    with pytest.raises(DatasetError, match="would share the files"):
        write_scene(tmp_path, SLUG, tiny(0).record, [replace(frame, cameras=cameras)])


def test_frames_out_of_order_are_refused(tmp_path: Path) -> None:
    frames = list(tiny(0).frames())
    with pytest.raises(DatasetError, match="000000-000001 came where 000000-000000 was due"):
        write_scene(tmp_path, SLUG, tiny(0).record, frames[1:])


_FULL = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))
from pairforge.datasets.store import write_scene
from pairforge.errors import MachineError
from tests.datasets.tiny import tiny
try:
    write_scene(sys.argv[1], sys.argv[2], tiny(0).record, tiny(0).frames())
except MachineError as error:
    print(error)
"""


def test_a_full_disk_leaves_what_was_there_and_says_what_to_do(tmp_path: Path) -> None:
    root = make(tmp_path, (0,))
    before = hashes(root)
    run = subprocess.run(
        [sys.executable, "-c", _FULL, str(root), SLUG],
        capture_output=True,
        text=True,
        cwd=Path.cwd(),
        check=False,
    )
    assert "no space is left. Free some" in run.stdout, run.stderr
    assert hashes(root) == before


def test_a_killed_write_leaves_no_scene_and_is_swept_up(tmp_path: Path) -> None:
    root = make(tmp_path, (0,))
    before = hashes(root)
    child = os.fork()
    if child == 0:

        def dies():  # type: ignore[no-untyped-def]
            yield next(tiny(0).frames())
            os.kill(os.getpid(), signal.SIGKILL)

        write_scene(root, SLUG, tiny(0).record, dies())
        os._exit(1)
    assert os.waitstatus_to_exitcode(os.waitpid(child, 0)[1]) == -signal.SIGKILL
    assert list((root / ".staging").iterdir())
    from pairforge.datasets.manifest import create_or_check
    from tests.datasets.conftest import IDENTITY

    create_or_check(root, IDENTITY, 1)
    assert not (root / ".staging").exists()
    assert hashes(root) == before


def test_an_unwritable_place_is_named(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("x")
    with pytest.raises(MachineError, match="is a file where a directory is needed"):
        write_scene(tmp_path / "file" / "out", SLUG, tiny(0).record, tiny(0).frames())


def test_the_index_leads_to_each_file_with_hash_and_size(tiny_dataset: Path) -> None:
    found = hashes(tiny_dataset)
    for scene in read_manifest(tiny_dataset).scenes:
        record = read_record(record_path(tiny_dataset, scene.slug))
        assert scene.record_sha256 == found[f"records/{scene.slug}.json"]
        assert scene.bytes == sum(entry.bytes for entry in record.files.values())
        for name, entry in record.files.items():
            assert entry.sha256 == found[name]
            assert entry.bytes == (tiny_dataset / name).stat().st_size
