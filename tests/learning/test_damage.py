"""A damaged shard gives an error that names shard and key, or an array of the right form; never anything else."""

from __future__ import annotations

import resource
import shutil
import tarfile
from collections import Counter
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pytest

from pairforge.datasets import tar
from pairforge.datasets.codec import decode
from pairforge.datasets.manifest import read_manifest
from pairforge.datasets.scene_index import write_index
from pairforge.datasets.shard_arrays import CAMERA_ARRAYS
from pairforge.errors import DatasetError
from pairforge.learning.dataset import KeyframeDataset
from pairforge.learning.sample import Sample
from pairforge.learning.selection import Selection
from pairforge.seeding import Stream
from tests.learning.damage import KEY, SLUG, Damage, chunk, write_small

INPUTS = 3_000
TABLE_INPUTS = 50
MEMORY_KB = 100_000
SURE = ("by_names", "by_sizes", "by_kinds", "by_npy_headers", "by_pickles", "by_extended_headers")
"""Damage that is always found."""


@pytest.fixture(scope="module")
def small(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_small(tmp_path_factory.mktemp("small") / "dataset")


def form(sample: Sample) -> list[tuple[str, object, tuple[int, ...]]]:
    found: list[tuple[str, object, tuple[int, ...]]] = []
    for name, view in sample.views.items():
        for array, values in view.arrays.items():
            found.append((f"{name}.{array}", values.dtype, values.shape))
    return found


def outcome(read: Callable[[], object]) -> tuple[object, str]:
    """What was read, or what the DatasetError says; any other error passes."""
    try:
        return read(), ""
    except DatasetError as error:
        return None, str(error)


@pytest.mark.slow
def test_three_thousand_damaged_shards_give_clear_errors_and_do_no_harm(small: Path, tmp_path: Path) -> None:
    trap = tmp_path / "unpickled"
    damage = Damage(small, trap)
    dataset = KeyframeDataset(small, Selection(boxes2d=False, boxes3d=False, captions=False), numpy=True)
    right, good = form(dataset[0]), damage.shard.read_bytes()
    files = sorted(small.rglob("*"))
    before = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    refused: Counter[str] = Counter()
    for what, data in damage.inputs(1, INPUTS):
        damage.shard.write_bytes(data)
        sample, said = outcome(lambda: form(dataset[0]))
        if sample is None:
            refused[what.split()[1]] += 1
            assert SLUG in said, what
            assert KEY in said, what
            assert len(said) < 1000, what
        else:
            assert sample == right, what
        walked, said = outcome(lambda data=data: list(tar.members(data, SLUG)))  # type: ignore[misc]
        assert walked is not None or SLUG in said, what
        for member in walked or ():  # type: ignore[attr-defined]
            assert member.offset + member.size <= len(data), what
            assert not {"/", ".."} & {*member.name, member.name[:2]}, what
    damage.shard.write_bytes(good)
    assert resource.getrusage(resource.RUSAGE_SELF).ru_maxrss - before < MEMORY_KB
    assert sorted(small.rglob("*")) == files
    assert list(tmp_path.iterdir()) == [], "something was unpickled"
    assert refused.total() > INPUTS / 2
    for way in SURE:
        assert refused[way] > 0.8 * INPUTS / len(damage.ways), way


@pytest.mark.slow
def test_damaged_tables_give_clear_errors(small: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(small, tmp_path / "dataset"))
    damage = Damage(root, tmp_path / "unpickled")
    whole = Selection(facts=True)
    ways = (damage.by_flips, damage.by_truncation, damage.by_zeros, damage.by_bytes_more_or_less)
    failed = 0
    for name in ("frames", "sensors", "instances", "boxes3d", "boxes2d", "captions", "facts"):
        path = root / "tables" / name / f"{SLUG}.parquet"
        good = path.read_bytes()
        for k in range(TABLE_INPUTS):
            rng = (Stream(3) / name / k).rng()
            path.write_bytes(bytes(ways[k % 4](bytearray(good), rng)))
            sample, said = outcome(lambda: KeyframeDataset(root, whole, numpy=True)[0])
            assert sample is not None or SLUG in said, (name, k)
            failed += sample is None
        path.write_bytes(good)
    assert failed > TABLE_INPUTS * 3


@pytest.mark.parametrize(
    "name",
    ["../../evil.npy", "/etc/passwd", "a/b.npy", "..", "a..npy", ".hidden", "a\\b.npy", "a b.npy", "a\n.npy"],
)
def test_names_that_lead_elsewhere_are_refused(name: str) -> None:
    with pytest.raises(DatasetError, match=r"name that no member|not a regular file"):
        list(tar.members(tarfile.TarInfo(name).tobuf(tarfile.USTAR_FORMAT) + bytes(1024), "x.tar"))


def test_a_second_png_header_is_refused_before_it_is_believed() -> None:
    spec = next(s for s in CAMERA_ARRAYS if s.name == "rgb")

    def header(side: int) -> bytes:
        return chunk(b"IHDR", side.to_bytes(4, "big") * 2 + b"\x08\x02\0\0\0")

    forged = b"\x89PNG\r\n\x1a\n" + header(8) + header(9000) + chunk(b"IDAT", b"x\x9c\x03\0\0\0\0\1")
    with pytest.raises(DatasetError, match="image is 9000 x 9000 pixels, expected 8 x 8"):
        decode(spec, forged, {"H": 8, "W": 8}, "a.png")


def test_a_manifest_whose_files_lie_elsewhere_is_refused(small: Path, tmp_path: Path) -> None:
    root = Path(shutil.copytree(small, tmp_path / "dataset"))
    write_index(root, [replace(entry, slug="../../elsewhere") for entry in read_manifest(root).scenes])
    with pytest.raises(DatasetError, match=r"index.parquet is damaged .*a slug that is no file name"):
        KeyframeDataset(root)
