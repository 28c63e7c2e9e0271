"""Bad files: each is refused with a clear error or read whole; nothing crashes, nothing is written, nothing leaks."""

from __future__ import annotations

import math
import resource
import time
from pathlib import Path

import pytest

from pairforge.assets.ingest import add, examine
from pairforge.assets.ingest_entry import Options
from pairforge.errors import AssetError, SpecError
from pairforge.seeding import Stream
from tests.assets.bad_files import Folder, damaged, good, hopeless

OPTIONS = Options(licence="CC0-1.0", noun="thing", asset_id="thing")
SECRET = b"v 0 0 0\nv 1 0 0\nv 0 1 0\nf 1 2 3\n"


def laid(folder: Path, case: Folder) -> Path:
    """The files of a case in a folder of their own, with a secret outside of it."""
    folder.mkdir(parents=True)
    for name in ("secret.obj", "secret.stl", "secret.bin"):
        (folder.parent / name).write_bytes(SECRET)
    for name, content in case.items():
        (folder / name).write_bytes(content)
    return folder / next(iter(case))


def snapshot(folder: Path) -> dict[str, bytes]:
    return {p.relative_to(folder).as_posix(): p.read_bytes() for p in folder.rglob("*") if p.is_file()}


def refusal(path: Path, to: Path) -> str:
    """Why the file was refused; "" when it was kept."""
    try:
        seen = add(path, to, OPTIONS)
    except (AssetError, SpecError) as error:
        return str(error)
    return "; ".join(map(str, seen.refused))


def test_there_are_three_hundred_bad_files_and_the_good_ones_are_let_in(tmp_path: Path):
    assert len(list(damaged(Stream(1)))) + len(list(hopeless())) >= 380
    for name, content in good().items():
        seen = examine(laid(tmp_path / name / "in", {name: content}), OPTIONS)
        assert seen.entry is not None, (name, seen.refused)


@pytest.mark.parametrize(("name", "case"), [pytest.param(n, c, id=n) for n, c in hopeless()])
def test_hopeless_files_are_refused_and_leave_nothing(tmp_path: Path, name: str, case: Folder):
    path = laid(tmp_path / "in", case)
    before = snapshot(tmp_path)
    started = time.monotonic()
    why = refusal(path, tmp_path / "to")
    assert len(why) > 10, name
    assert "Traceback" not in why
    assert time.monotonic() - started < 5.0
    assert snapshot(tmp_path) == before
    assert not (tmp_path / "to").exists()


def test_damaged_files_are_refused_or_read_whole(tmp_path: Path):
    """A changed byte may leave a sound file; then every number of its entry is finite and only its own files went
    in."""
    kept = 0
    for name, case in damaged(Stream(2)):
        folder = tmp_path / name
        path = laid(folder / "in", case)
        before = snapshot(folder / "in")
        why = refusal(path, folder / "to")
        assert snapshot(folder / "in") == before
        if why:
            assert not (folder / "to").exists(), name
            continue
        kept += 1
        entry = examine(path, OPTIONS).entry
        assert entry is not None
        assert all(math.isfinite(s) and 0 <= s <= 500 for s in entry.size_m)
        assert 0 < entry.mass_kg < 1e7
        inside = set(snapshot(folder / "to"))
        assert inside == {"assets.json", *(f"thing/{n}" for n in case)}, name
    assert 20 <= kept <= 250  # the damage is neither nothing nor everything


def test_no_bad_file_makes_the_memory_grow(tmp_path: Path):
    used = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    for k, (_, case) in enumerate(hopeless()):
        refusal(laid(tmp_path / str(k) / "in", case), tmp_path / str(k) / "to")
    grown = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10 - used
    assert grown < 1500, f"{grown:.0f} MiB more"


def test_a_mesh_reads_nothing_outside_its_folder(tmp_path: Path):
    """An OBJ that asks for a material file above its folder is grey, and the file is not among its own."""
    obj = b"mtllib ../stolen.mtl\nusemtl red\n" + good()["a.obj"].split(b"usemtl red\n")[1]
    path = laid(tmp_path / "in", {"a.obj": obj})
    (tmp_path / "stolen.mtl").write_text("newmtl red\nKd 1 0 0\n")
    seen = add(path, tmp_path / "to", OPTIONS)
    assert seen.entry is not None
    assert {s.colour for s in seen.model.surfaces} != {(1.0, 0.0, 0.0)}
    assert any("leads out" in v.text for v in seen.verdicts if v.check == "files")
    assert set(snapshot(tmp_path / "to")) == {"assets.json", "thing/a.obj"}


def test_a_link_out_of_the_folder_is_not_followed(tmp_path: Path):
    path = laid(tmp_path / "in", {"a.obj": b"mtllib m.mtl\n" + good()["a.obj"]})
    (tmp_path / "stolen.mtl").write_text("newmtl red\nKd 1 0 0\n")
    (tmp_path / "in" / "m.mtl").symlink_to(tmp_path / "stolen.mtl")
    seen = add(path, tmp_path / "to", OPTIONS)
    assert set(snapshot(tmp_path / "to")) == {"assets.json", "thing/a.obj"}
    assert any("leads out" in v.text for v in seen.verdicts)
