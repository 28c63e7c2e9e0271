"""Bad OpenDRIVE files, over 300 of them: each gets one clear message, none a crash, and nothing is written."""

from __future__ import annotations

import random
from pathlib import Path

import pytest

from pairforge.errors import SpecError
from pairforge.scenes.roads.opendrive_read import parse_opendrive, read_opendrive
from tests.scenes.roads.bad_roads import BASES, bad_files, good


@pytest.mark.slow
def test_every_bad_file_is_refused_with_one_clear_message(tmp_path: Path) -> None:
    path = tmp_path / "bad.xodr"
    count = 0
    for name, data in bad_files():
        path.write_bytes(data)
        with pytest.raises(SpecError) as refused:
            read_opendrive(path)
        said = str(refused.value)
        assert said.startswith("bad.xodr"), name
        assert any(word in said for word in ("line ", "empty", "no roads", "decoded", "MB")), (name, said)
        assert len(said) < 700, name
        assert "\n" not in said, name
        assert said.isprintable(), (name, said)
        count += 1
    assert count >= 300
    assert [p.name for p in tmp_path.iterdir()] == ["bad.xodr"]


@pytest.mark.parametrize("base", BASES)
def test_files_with_scattered_wrong_bytes_are_read_or_refused(base: str) -> None:
    """Most are broken, some are not; either way nothing but SpecError comes out."""
    rng = random.Random(base)
    refused = 0
    for _ in range(60):
        data = bytearray(good(base))
        for _ in range(rng.randrange(1, 4)):
            at = rng.randrange(len(data))
            data[at : at + rng.randrange(3)] = rng.choice(
                (b"0", b"-", b"9", b"<", b'"', b"e", b"\x00", b"", b"\xff")
            )
        try:
            parse_opendrive(bytes(data))
        except SpecError:
            refused += 1
    assert 0 < refused <= 60


def test_the_files_that_the_bad_ones_were_made_of_are_good() -> None:
    for base in BASES:
        assert parse_opendrive(good(base)).notes == ()
