"""Datasets in an object store, over HTTP: the same bytes as on a disk, whole or not there, whatever goes wrong."""

from __future__ import annotations

import errno
import multiprocessing as mp
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path

import pytest
import s3fs

from pairforge.datasets import objects
from pairforge.datasets.files import (
    SCRATCH,
    clean_stale,
    disk_errors,
    listed,
    read_bytes,
    sha256_file,
    staging,
    write_atomic,
)
from pairforge.datasets.manifest import create_or_check, done, read_manifest, slug_of
from pairforge.datasets.place import place_of
from pairforge.datasets.reader import Dataset
from pairforge.datasets.records import record_path
from pairforge.datasets.store import write_scene
from pairforge.datasets.verify import verify
from pairforge.errors import DatasetError, MachineError, SpecError
from tests.datasets.conftest import IDENTITY, make
from tests.datasets.same import assert_same
from tests.datasets.tiny import tiny
from tests.faulty_proxy import Fault, faulty_proxy
from tests.object_store import ObjectStore, forget_connections

SLUG = slug_of("tiny.street", 0)


def on_disk(root: Path) -> dict[str, bytes]:
    return {p.relative_to(root).as_posix(): p.read_bytes() for p in root.rglob("*") if p.is_file()}


def small(root: Path, scenes: tuple[int, ...] = (0,)) -> Path:
    return make(root, scenes, keyframes=1)


@pytest.fixture
def impatient(monkeypatch: pytest.MonkeyPatch) -> None:
    """Pauses between tries are no part of these tests, nor are s3fs's own tries."""
    monkeypatch.setattr(objects, "_PAUSE_S", 0.01)
    monkeypatch.setattr(s3fs.S3FileSystem, "retries", 1)


def until(there: Callable[[], bool]) -> None:
    """Wait for another process; TimeoutError after a minute."""
    deadline = time.monotonic() + 60
    while not there():
        if time.monotonic() > deadline:
            raise TimeoutError
        time.sleep(0.02)


def seen_through(store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in store.env.items():
        monkeypatch.setenv(name, value)
    forget_connections()


def test_the_store_holds_the_bytes_that_a_disk_would(object_store: ObjectStore, tiny_dataset: Path) -> None:
    root = make(object_store.place("some/data"))
    assert object_store.contents("some/data") == on_disk(tiny_dataset)
    assert verify(root).ok
    assert_same(Dataset(root).frame(1, 2), Dataset(tiny_dataset).frame(1, 2))


def test_a_keyframe_is_read_by_ranges_and_not_by_whole_shards(
    object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = make(object_store.place("data"), (0,))
    fetched: list[int] = []
    plain = objects.get_bytes

    def counting(path: Path, start: int | None = None, stop: int | None = None) -> bytes:
        data = plain(path, start, stop)
        if path.name.endswith(".tar"):
            fetched.append(len(data))
        return data

    monkeypatch.setattr(objects, "get_bytes", counting)
    Dataset(root).frame(0, 1)
    whole = objects.size(root / "shards" / f"{SLUG}.tar")
    assert len(fetched) == 1
    assert fetched[0] < whole / 2.5


def test_each_small_file_is_one_request(object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch) -> None:
    root = object_store.place("data")
    with faulty_proxy(object_store, lambda *_: None) as (line, seen):
        seen_through(line, monkeypatch)
        write_atomic(root, line.place("data") / "x", b"1")
        assert read_bytes(line.place("data") / "x") == b"1"
    assert sorted(method for method, _ in seen.elements()) == ["GET", "PUT"]


def test_large_files_go_up_in_parts_and_appear_at_once(
    object_store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(objects, "_PART_BYTES", 5 << 20)
    data = bytes(range(256)) * (12 << 12)
    (tmp_path / "file").write_bytes(data)
    sizes: list[int] = []

    def fault(method: str, path: str, count: int) -> None:
        if method == "PUT":
            sizes.append(len(object_store.keys("data")))

    with faulty_proxy(object_store, fault) as (bad, _):
        seen_through(bad, monkeypatch)
        objects.put_file(tmp_path / "file", bad.place("data") / "file")
    assert sizes == [0, 0, 0], "three parts, and nothing to be seen before the last"
    assert object_store.contents("data") == {"file": data}
    assert sha256_file(object_store.place("data") / "file") == sha256_file(tmp_path / "file")


def test_an_upload_that_is_given_up_leaves_no_parts(
    object_store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, impatient: None
) -> None:
    monkeypatch.setattr(objects, "_PART_BYTES", 5 << 20)
    monkeypatch.setenv(objects.TRIES, "2")
    (tmp_path / "file").write_bytes(bytes(12 << 20))
    begun = object_store.client().list_multipart_uploads
    with faulty_proxy(object_store, lambda m, p, n: "500" if m == "PUT" else None) as (bad, _):
        seen_through(bad, monkeypatch)
        with pytest.raises(MachineError, match="the store failed 2 times"):
            objects.put_file(tmp_path / "file", bad.place("data") / "file")
    assert not begun(Bucket=object_store.bucket).get("Uploads")


def test_parts_of_dead_processes_are_cleaned_and_those_of_others_are_not(object_store: ObjectStore) -> None:
    client, root = object_store.client(), object_store.place("data")
    for key in ("data/shards/a.tar", "other/b.tar"):
        client.create_multipart_upload(Bucket=object_store.bucket, Key=key)
    century = timedelta(days=36525)  # this server says that every upload began in 2010
    assert objects.abort_abandoned(root, older_than=century) == 0
    assert objects.abort_abandoned(root, timedelta(0)) == 1
    left = client.list_multipart_uploads(Bucket=object_store.bucket)["Uploads"]
    assert [u["Key"] for u in left] == ["other/b.tar"]


FAULTS: dict[str, Fault] = {
    "it is busy": lambda method, path, count: "503" if method == "PUT" and count == 1 else None,
    "it fails": lambda method, path, count: "500" if count <= 2 else None,
    "connections break amid a PUT": lambda method, path, count: (
        "reset" if method == "PUT" and count <= 2 else None
    ),
    "connections break amid an answer": lambda method, path, count: (
        "cut" if method == "GET" and count == 1 else None
    ),
    "it is slow": lambda method, path, count: 0.02,
}


@pytest.mark.slow
@pytest.mark.parametrize("what", FAULTS)
def test_a_store_in_trouble_gives_the_same_dataset(
    object_store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, impatient: None, what: str
) -> None:
    with faulty_proxy(object_store, FAULTS[what]) as (bad, seen):
        seen_through(bad, monkeypatch)
        root = small(bad.place("data"))
        assert verify(root).ok
    assert max(seen.values()) > 1 or what == "it is slow", "no fault befell any request"
    assert object_store.contents("data") == on_disk(small(tmp_path / "disk"))


def test_a_store_that_stays_away_is_given_up_with_the_scene_unmade(
    object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch, impatient: None
) -> None:
    root = object_store.place("data")
    create_or_check(root, IDENTITY, 1)
    monkeypatch.setenv(objects.TRIES, "3")
    with faulty_proxy(object_store, lambda m, p, n: "503" if p.endswith(".tar") else None) as (bad, _):
        seen_through(bad, monkeypatch)
        with pytest.raises(MachineError, match=r"failed 3 times.*finished scenes are kept"):
            write_scene(bad.place("data"), SLUG, tiny(0, 1).record, tiny(0, 1).frames())
    seen_through(object_store, monkeypatch)
    assert done(root) == set()
    assert f"records/{SLUG}.json" not in object_store.keys("data")
    write_scene(root, SLUG, tiny(0, 1).record, tiny(0, 1).frames())
    assert done(root) == {0}


def test_a_write_killed_amid_its_uploads_leaves_no_scene_and_is_made_again(
    object_store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = object_store.place("data")
    create_or_check(root, IDENTITY, 1)
    writers: list[mp.process.BaseProcess] = []

    def fault(method: str, path: str, count: int) -> float | None:
        if method != "PUT" or not path.endswith("facts/" + SLUG + ".parquet"):
            return None
        until(lambda: any(key.startswith("tables/") for key in object_store.keys("data")))
        os.kill(writers[0].pid or 0, signal.SIGKILL)
        return 0.2

    with faulty_proxy(object_store, fault) as (bad, _):
        seen_through(bad, monkeypatch)
        writers.append(mp.get_context("spawn").Process(target=again, args=(str(root), 1)))
        writers[0].start()
        writers[0].join(120)
        assert writers[0].exitcode == -signal.SIGKILL
    seen_through(object_store, monkeypatch)
    assert done(root) == set()
    root = small(object_store.place("data"))
    assert object_store.contents("data") == on_disk(small(tmp_path / "disk"))


def upload(source: str, target: str) -> None:
    objects._PART_BYTES, objects._PARTS_AT_ONCE = 5 << 20, 1
    objects.put_file(Path(source), place_of(target))


def test_a_process_killed_amid_a_large_upload_leaves_nothing_to_see_and_its_parts_are_cleaned(
    object_store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_bytes(bytes(12 << 20))
    uploads: list[mp.process.BaseProcess] = []
    parts: list[str] = []

    def fault(method: str, path: str, count: int) -> float | None:
        parts.extend([path] * (method == "PUT"))
        if len(parts) < 2 or method != "PUT":
            return None
        os.kill(uploads[0].pid or 0, signal.SIGKILL)  # one part is there, another on its way
        return 0.2

    with faulty_proxy(object_store, fault) as (bad, _):
        seen_through(bad, monkeypatch)
        told = (str(tmp_path / "file"), bad.url("data/shards/a.tar"))
        uploads.append(mp.get_context("spawn").Process(target=upload, args=told))
        uploads[0].start()
        uploads[0].join(120)
        assert uploads[0].exitcode == -signal.SIGKILL
    seen_through(object_store, monkeypatch)
    begun = object_store.client().list_multipart_uploads
    assert object_store.keys("data") == []
    assert [u["Key"] for u in begun(Bucket=object_store.bucket)["Uploads"]] == ["data/shards/a.tar"]
    clean_stale(object_store.place("data"))
    assert len(begun(Bucket=object_store.bucket)["Uploads"]) == 1, (
        "others may be at work: it is not a day old"
    )
    assert objects.abort_abandoned(object_store.place("data"), timedelta(seconds=-2)) == 1
    assert not begun(Bucket=object_store.bucket).get("Uploads")


def again(root: str, rounds: int) -> None:
    street = tiny(0, 1)
    for _ in range(rounds):
        write_scene(root, SLUG, street.record, street.frames())


@pytest.mark.slow
def test_two_processes_that_write_one_scene_never_leave_it_unmade(object_store: ObjectStore) -> None:
    root = small(object_store.place("data"))
    before = object_store.contents("data")
    pair = [mp.get_context("spawn").Process(target=again, args=(str(root), 4)) for _ in range(2)]
    for process in pair:
        process.start()
    looks = 0
    while any(p.is_alive() for p in pair):
        assert done(root) == {0}
        looks += 1
        time.sleep(0.1)
    for process in pair:
        process.join(60)
    assert [p.exitcode for p in pair] == [0, 0]
    assert looks > 3
    assert object_store.contents("data") == before


def test_a_record_that_says_otherwise_goes_before_its_files_are_replaced(
    object_store: ObjectStore, monkeypatch: pytest.MonkeyPatch
) -> None:
    root = small(object_store.place("data"))
    record = record_path(root, SLUG)
    write_atomic(root, record, read_bytes(record).replace(b'"frames": 1', b'"frames": 2'))
    there: list[bool] = []

    def fault(method: str, path: str, count: int) -> None:
        if method == "PUT" and not path.endswith(".json"):
            there.append(f"records/{SLUG}.json" in object_store.keys("data"))

    with faulty_proxy(object_store, fault) as (seen, _):
        seen_through(seen, monkeypatch)
        root = seen.place("data")
        write_scene(root, SLUG, tiny(0, 1).record, tiny(0, 1).frames())
        assert there
        assert not any(there)
        there.clear()
        write_scene(root, SLUG, tiny(0, 1).record, tiny(0, 1).frames())
        assert there
        assert all(there), "the same bytes again: it stays made all the while"


def test_a_bucket_that_is_not_there_is_named(object_store: ObjectStore) -> None:
    with pytest.raises(MachineError, match=r'there is no bucket "nowhere".*pairforge makes none'):
        create_or_check(place_of("s3://nowhere/data"), IDENTITY, 1)
    with pytest.raises(DatasetError, match=r"s3://nowhere/data is no pairforge dataset"):
        read_manifest(place_of("s3://nowhere/data"))


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"AWS_SECRET_ACCESS_KEY": "wrong"}, "the store refuses .*Check AWS_ACCESS_KEY_ID"),
        ({"AWS_ACCESS_KEY_ID": "nobody"}, "the store refuses"),
        ({"AWS_ACCESS_KEY_ID": "", "AWS_SECRET_ACCESS_KEY": ""}, r"no credentials|the store refuses"),
        ({"AWS_ENDPOINT_URL": "http://127.0.0.1:9"}, "Check the endpoint and the network"),
    ],
)
def test_bad_keys_and_endpoints_are_told_apart_and_no_secret_is_printed(
    object_store: ObjectStore,
    monkeypatch: pytest.MonkeyPatch,
    impatient: None,
    change: dict[str, str],
    message: str,
) -> None:
    for name, value in change.items():
        monkeypatch.setenv(name, value) if value else monkeypatch.delenv(name)
    monkeypatch.setenv(objects.TRIES, "2")
    forget_connections()
    with pytest.raises(MachineError, match=message) as error:
        create_or_check(object_store.place("data"), IDENTITY, 1)
    assert object_store.env["AWS_SECRET_ACCESS_KEY"] not in str(error.value)


def test_truncated_and_missing_objects_are_damage(object_store: ObjectStore) -> None:
    root = object_store.place("data")
    write_atomic(root, root / "x", b"0123456789")
    assert read_bytes(root / "x", 2, 3) == b"234"
    for offset, size in ((8, 3), (20, 1), (-1, 2)):
        with pytest.raises(DatasetError, match="truncated"):
            read_bytes(root / "x", offset, size)
    with pytest.raises(DatasetError, match="it is not there"):
        read_bytes(root / "y")


def test_folders_are_listed_page_by_page(object_store: ObjectStore) -> None:
    root, client = object_store.place("data"), object_store.client()
    for k in range(1003):
        client.put_object(Bucket=object_store.bucket, Key=f"data/records/{k:04d}.json", Body=b"x" * (k % 3))
    client.put_object(Bucket=object_store.bucket, Key="data/records/deeper/x", Body=b"")
    sizes = {f"{k:04d}.json": k % 3 for k in range(1003)}
    assert dict(listed(root / "records")) == sizes | {"deeper": -1}
    assert len(list(listed(root / "records", "100"))) == 3
    assert list(listed(root / "nothing")) == []


def test_files_wait_in_the_scratch_folder_and_are_swept_up(
    object_store: ObjectStore, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv(SCRATCH, str(tmp_path))
    root = object_store.place("data")
    with staging(root, "scene") as folder:
        assert folder.is_relative_to(tmp_path)
        assert clean_stale(root) == 0
    assert not list(tmp_path.rglob("scene*"))


_FULL = """
import resource, signal, sys
signal.signal(signal.SIGXFSZ, signal.SIG_IGN)
from pairforge.datasets.store import write_scene
from pairforge.errors import MachineError
from tests.datasets.tiny import tiny
resource.setrlimit(resource.RLIMIT_FSIZE, (20000, 20000))
try:
    write_scene(sys.argv[1], sys.argv[2], tiny(0, 1).record, tiny(0, 1).frames())
except MachineError as error:
    print(error)
"""


def test_a_full_scratch_folder_says_what_to_do_and_leaves_the_store_alone(object_store: ObjectStore) -> None:
    root = small(object_store.place("data"))
    before = object_store.contents("data")
    run = subprocess.run(
        [sys.executable, "-c", _FULL, str(root), SLUG],
        capture_output=True,
        text=True,
        env={**os.environ, **object_store.env},
        check=False,
    )
    assert "no space is left in the scratch folder" in run.stdout, run.stderr
    assert SCRATCH in run.stdout
    assert object_store.contents("data") == before


def test_a_scratch_folder_without_permission_is_named(object_store: ObjectStore) -> None:
    with (
        pytest.raises(MachineError, match=rf"/scratch is not writable. Set {SCRATCH}"),
        disk_errors("write", object_store.place("data")),
    ):
        raise PermissionError(errno.EACCES, "no", "/scratch")


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("s4://bucket/data", 'no store "s4://"'),
        ("s3://", "names no bucket"),
        ("gcss://bucket/data", 'Did you mean "gcs"'),
    ],
)
def test_misspelt_places_are_bad_input(text: str, message: str) -> None:
    with pytest.raises(SpecError, match=message):
        place_of(text)


def test_a_missing_library_is_named_with_its_extra(monkeypatch: pytest.MonkeyPatch) -> None:
    for module in ("gcsfs", "adlfs"):
        monkeypatch.setitem(sys.modules, module, None)  # as if it were not installed
    with pytest.raises(MachineError, match=r'pip install "pairforge\[gcs\]"'):
        place_of("gs://bucket/data")
    with pytest.raises(MachineError, match=r'pip install "pairforge\[azure\]"'):
        place_of("az://bucket/data")


def test_nothing_is_written_where_files_are_seen_half_written() -> None:
    root = place_of("http://127.0.0.1:9/data")
    with pytest.raises(MachineError, match="does not write to http://"):
        write_atomic(root, root / "x", b"")
