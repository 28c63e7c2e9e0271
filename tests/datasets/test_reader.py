"""Whatever is on disk, a reader gets the sample or a DatasetError, and a verifier a report."""

from __future__ import annotations

import io
import re
import shutil
import tarfile
from pathlib import Path

import numpy as np
import pytest

from pairforge.datasets import tar
from pairforge.datasets.codec import decode
from pairforge.datasets.manifest import slug_of
from pairforge.datasets.reader import Dataset
from pairforge.datasets.shard_arrays import CAMERA_ARRAYS, LIDAR_ARRAYS
from pairforge.datasets.verify import verify
from pairforge.errors import DatasetError
from tests.datasets.conftest import make

SLUG = slug_of("tiny.street", 0)
SPECS = {s.name: s for s in (*LIDAR_ARRAYS, *CAMERA_ARRAYS)}


@pytest.fixture(scope="module")
def one(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return make(tmp_path_factory.mktemp("one") / "dataset", (0,), keyframes=1)


@pytest.fixture
def copy(one: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(one, tmp_path / "dataset"))


@pytest.mark.parametrize("key", ["7", "000000-000009", "000005-000000", "../../etc/passwd"])
def test_a_key_that_is_not_there_is_named(one: Path, key: str) -> None:
    with pytest.raises(DatasetError):
        Dataset(one).frame_by_key(key)


def test_a_notebook_shows_a_line_and_no_arrays(one: Path) -> None:
    data = Dataset(one)
    assert re.fullmatch(rf"<Dataset {one}: \S+, 1 scene, 1 keyframe>", repr(data))
    frame = data.frame_by_key(data.keys()[0])
    assert set(frame.cameras) <= set(re.split(r"[ ,;]+", repr(frame)))
    assert len(repr(frame)) < 300


def test_a_table_that_is_not_there_gets_a_suggestion(one: Path) -> None:
    with pytest.raises(DatasetError, match='Did you mean "boxes2d"'):
        Dataset(one).table("boxes2", 0)


@pytest.mark.parametrize(
    "file", [f"shards/{SLUG}.tar", f"tables/sensors/{SLUG}.parquet", f"tables/scenes/{SLUG}.parquet"]
)
@pytest.mark.parametrize("damage", ["truncate", "flip", "empty", "zeros", "gone"])
def test_damage_gives_dataset_errors_and_findings_only(copy: Path, file: str, damage: str) -> None:
    path = copy / file
    data = bytearray(path.read_bytes())
    if damage == "truncate":
        data = data[: len(data) // 2]
    elif damage == "flip":
        data[:: max(1, len(data) // 400)] = b"\x5a" * len(data[:: max(1, len(data) // 400)])
    elif damage == "empty":
        data = bytearray()
    else:
        data[len(data) // 4 :] = bytes(len(data) - len(data) // 4)
    path.write_bytes(bytes(data)) if damage != "gone" else path.unlink()
    with pytest.raises(DatasetError):
        _read_all(Dataset(copy))
    report = verify(copy)
    assert any(file in f.file for f in report.findings)


def _read_all(dataset: Dataset) -> None:
    dataset.record(0)
    dataset.frame(0, 0)


def test_links_devices_and_climbing_names_in_a_tar_are_refused() -> None:
    raw = io.BytesIO()
    with tarfile.open(fileobj=raw, mode="w") as archive:
        link = tarfile.TarInfo("../../evil")
        link.type, link.linkname = tarfile.SYMTYPE, "/etc/passwd"
        archive.addfile(link)
    with pytest.raises(DatasetError, match="not a regular file"):
        list(tar.members(raw.getvalue(), "x.tar"))


def test_a_member_that_claims_more_than_there_is_is_refused() -> None:
    info = tarfile.TarInfo("a.npy")
    info.size = 1 << 40
    with pytest.raises(DatasetError, match=r"truncated|damaged"):
        list(tar.members(info.tobuf(tarfile.GNU_FORMAT) + bytes(512), "x.tar"))


def test_an_npy_header_that_lies_allocates_nothing() -> None:
    out = io.BytesIO()
    np.lib.format.write_array_header_1_0(out, {"descr": "<f4", "fortran_order": False, "shape": (1 << 40, 3)})  # type: ignore[no-untyped-call]
    with pytest.raises(DatasetError, match="npy header says"):
        decode(SPECS["points"], out.getvalue() + bytes(12), {"N": 1}, "a.npy")


def test_pickled_objects_are_refused() -> None:
    out = io.BytesIO()
    np.save(out, np.array([{"a": 1}], dtype=object), allow_pickle=True)
    with pytest.raises(DatasetError):
        decode(SPECS["points"], out.getvalue(), {"N": 1}, "a.npy")


def test_a_png_of_another_size_is_refused_before_it_is_decoded() -> None:
    header = b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR" + (60000).to_bytes(4, "big") * 2 + b"\x08\x02\x00\x00\x00"
    with pytest.raises(DatasetError, match="60000 x 60000"):
        decode(SPECS["rgb"], header, {"H": 54, "W": 96}, "a.png")
