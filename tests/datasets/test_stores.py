"""One test for every kind of place and every server: what pairforge asks of a store, and that it keeps it."""

from __future__ import annotations

import hashlib
import os
import threading
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from unittest import mock

import pytest

from pairforge.datasets import objects
from pairforge.datasets.files import (
    is_file,
    listed,
    move_all_into_place,
    move_into_place,
    names,
    read_all,
    read_bytes,
    remove,
    sha256_file,
    sizes,
    staging,
    write_atomic,
)
from pairforge.datasets.manifest import done
from pairforge.datasets.place import place_of, scheme_of
from pairforge.datasets.reader import Dataset
from pairforge.datasets.verify import verify
from pairforge.errors import DatasetError, MachineError
from tests.datasets.conftest import make
from tests.datasets.same import assert_same
from tests.faulty_proxy import faulty_proxy
from tests.object_places import PLACES, asked_for
from tests.object_store import forget_connections, from_environment

AT_ONCE = timedelta(seconds=-2)
"""Older than that is every upload: the store's clock is read to the second."""
ODD = (
    "a b",
    "a+b",
    "a%20b",
    "x=1&y",
    "h#",
    "q?",
    "[x]*",
    "~t",
    "it's",
    "a:b",
    "ü ñ",
    "日本",
    "..dots",
    "{c}",
    "a;b,c@d$!",
)


@pytest.fixture(params=PLACES)
def place(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Path]:
    if request.param not in asked_for():
        pytest.skip(f"not asked for: make stores runs it for {request.param}")
    with PLACES[request.param](tmp_path) as root:
        yield root


def test_a_store_keeps_all_that_pairforge_asks_of_it(
    place: Path,
    request: pytest.FixtureRequest,
    tmp_path: Path,
    tiny_dataset: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(objects, "_PAGE", 100)
    monkeypatch.setattr(objects, "_PART_BYTES", 5 << 20)
    monkeypatch.setattr(objects, "_PAUSE_S", 0.01)
    monkeypatch.setenv("PAIRFORGE_SCRATCH", str(tmp_path / "scratch"))
    check_small_objects(place / "small")
    check_listing(place / "listing")
    check_large_objects(place / "large", tmp_path)
    check_replacing(place / "replacing", gaps=request.node.callspec.params["place"] == "rclone")
    check_begun_uploads(place / "begun")
    check_lost_answer(place / "lost", tmp_path)
    check_missing_bucket(place)
    check_dataset(place / "a dataset", tiny_dataset)


def check_small_objects(root: Path) -> None:
    """What is put is there, whole, at once, by whatever name; ranges, sizes and what is missing are told exactly."""
    odd = [name for name in ODD if scheme_of(root) != "az" or not {"#", "?"} & {*name}]  # adlfs cuts there
    for name in odd:
        write_atomic(root, root / "odd" / name, name.encode())
    assert names(root / "odd") == sorted(odd)
    assert list(read_all([root / "odd" / name for name in odd])) == [name.encode() for name in odd]
    assert sizes([root / "odd" / name for name in (*odd, "no")]) == [*(len(n.encode()) for n in odd), -1]
    target = root / "x"
    assert not is_file(target)
    for data in (b"", b"0123456789", b"9876543210"):
        write_atomic(root, target, data)
        assert read_bytes(target) == data
    assert read_bytes(target, 2, 3) == b"765"
    assert read_bytes(target, 7) == b"210"
    assert read_bytes(target, 3, 0) == b""
    for offset, size in ((8, 3), (20, 1), (10, 1), (-1, 2)):
        with pytest.raises(DatasetError, match="truncated"):
            read_bytes(target, offset, size)
    assert is_file(target)
    assert not is_file(root / "odd"), "a folder is no file"
    remove(target)
    remove(target)
    assert not is_file(target)
    assert names(root) == ["odd"]
    with pytest.raises(DatasetError, match=r"it is not there|No such file"):
        read_bytes(target)


def check_listing(root: Path) -> None:
    """Every name once, over several pages, with sizes; folders are told from files, neighbours are not mixed in."""
    with staging(root, "many") as folder:
        moves = {}
        for k in range(205):
            (folder / f"{k:04d}.json").write_bytes(b"x" * (k % 3 + 1))
            moves[folder / f"{k:04d}.json"] = root / "records" / f"{k:04d}.json"
        for name in ("records/deeper/x", "records2/x"):
            (folder / name.replace("/", "-")).write_bytes(b"1")
            moves[folder / name.replace("/", "-")] = root / name
        move_all_into_place(moves)
    every = {f"{k:04d}.json": k % 3 + 1 for k in range(205)} | {"deeper": -1}
    found = list(listed(root / "records"))
    assert len(found) == len(every)
    assert dict(found) == every
    assert sorted(name for name, _ in listed(root / "records", "010")) == [
        f"{k:04d}.json" for k in range(100, 110)
    ]
    assert list(listed(root / "nothing")) == []
    remove(root / "records" / "0007.json")
    assert "0007.json" not in dict(listed(root / "records"))


def check_large_objects(root: Path, tmp_path: Path) -> None:
    """In parts where the store has parts; read in parts; the same bytes."""
    data = hashlib.shake_128(b"large").digest(12 << 20)
    with staging(root, "large") as folder:
        (folder / "large").write_bytes(data)
        move_into_place(folder / "large", root / "large.tar")
    assert sizes([root / "large.tar"]) == [len(data)]
    assert sha256_file(root / "large.tar") == hashlib.sha256(data).hexdigest()
    across = (5 << 20) - 7
    assert read_bytes(root / "large.tar", across, 14) == data[across : across + 14]


def check_replacing(root: Path, gaps: bool) -> None:
    """While two replace an object, whoever reads sees one whole version, and its folder never without it.

    ``gaps``: a server that at times answers that it is not there while it is replaced; never half is seen there too.
    """
    versions = [bytes([n]) * (200_000 + n) for n in range(4)]
    write_atomic(root, root / "x", versions[0])
    stop, told = threading.Event(), list[BaseException]()

    def replace(these: list[bytes]) -> None:
        try:
            for k in range(10):
                write_atomic(root, root / "x", these[k % 2])
        except BaseException as error:
            told.append(error)
        finally:
            stop.set()

    writers = [threading.Thread(target=replace, args=(versions[k : k + 2],)) for k in (0, 2)]
    for writer in writers:
        writer.start()
    looks = 0
    while not stop.is_set() or looks < 3:
        try:
            assert read_bytes(root / "x") in versions
        except DatasetError as error:
            if not gaps or "it is not there" not in str(error):
                raise
        there = [name for name in names(root) if name != ".staging"]
        assert there == ["x"] or (gaps and there == [])
        looks += 1
    for writer in writers:
        writer.join(120)
    assert not told


def check_begun_uploads(root: Path) -> None:
    """Uploads that nobody finished are not seen, are found when old, and only those of this dataset are ended."""
    if scheme_of(root) != "s3":
        assert objects.abort_abandoned(root, AT_ONCE) == 0
        return
    bucket, _, prefix = str(root).removeprefix("s3://").partition("/")
    fs = root.fs  # type: ignore[attr-defined]
    for key in (f"{prefix}/shards/a.tar", f"{prefix}/shards/b.tar", f"{prefix}-not/c.tar"):
        begun = fs.call_s3("create_multipart_upload", Bucket=bucket, Key=key)
        part = {"Bucket": bucket, "Key": key, "UploadId": begun["UploadId"], "PartNumber": 1}
        fs.call_s3("upload_part", **part, Body=b"x" * 1000)
    assert names(root / "shards") == []
    century = timedelta(days=36525)  # moto says that every upload began in 2010
    assert objects.abort_abandoned(root, older_than=century) == 0
    assert objects.abort_abandoned(root, AT_ONCE) == 2
    assert objects.abort_abandoned(root, AT_ONCE) == 0
    assert names(root / "shards") == []


def check_dataset(root: Path, tiny_dataset: Path) -> None:
    """A dataset has the bytes that a disk's has, is proved, and is read by keyframe."""
    make(root, (0, 1))
    assert done(root) == {0, 1}
    for path in sorted(p for p in tiny_dataset.rglob("*") if p.is_file()):
        name = path.relative_to(tiny_dataset)
        assert read_bytes(root.joinpath(*name.parts)) == path.read_bytes(), name
    assert verify(root).ok
    assert_same(Dataset(root).frame(1, 2), Dataset(tiny_dataset).frame(1, 2))


def check_missing_bucket(root: Path) -> None:
    """No bucket: said so by what writes; nothing there for what reads."""
    scheme = scheme_of(root)
    if scheme in ("", "memory"):
        return  # folders are made, memory has no buckets
    nowhere = place_of(f"{scheme}://pairforge-nowhere/data")
    with pytest.raises(MachineError, match=r'there is no bucket "pairforge-nowhere"'):
        write_atomic(nowhere, nowhere / "x", b"")
    assert list(listed(nowhere)) == []
    assert sizes([nowhere / "x"]) == [-1]
    assert objects.abort_abandoned(nowhere) == 0


def check_lost_answer(root: Path, tmp_path: Path) -> None:
    """An upload in parts whose last request was carried out, but its answer lost: asked again, the store may not know
    that upload any more. It is made anew."""
    if scheme_of(root) != "s3":
        return  # the proxy knows S3's requests
    data = hashlib.shake_128(b"lost").digest(12 << 20)
    (tmp_path / "file").write_bytes(data)

    def fault(method: str, path: str, count: int) -> str | None:
        return "cut" if method == "POST" and count == 2 else None  # the first begins, the second ends

    with faulty_proxy(from_environment(), fault) as (bad, seen), mock.patch.dict(os.environ, bad.env):
        forget_connections()
        objects.put_file(tmp_path / "file", place_of(f"{root}/file"))
    forget_connections()
    assert max(seen.values()) >= 3, "it was not asked again"
    assert read_bytes(root / "file") == data
    assert objects.abort_abandoned(root, AT_ONCE) == 0
