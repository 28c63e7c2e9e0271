"""One directory, one dataset: what may be continued, and what is refused."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from pairforge.datasets.manifest import create_or_check, done, finish, read_manifest, slug_of
from pairforge.datasets.store import write_scene
from pairforge.datasets.verify import verify
from pairforge.errors import DatasetError
from tests.datasets.conftest import IDENTITY, make
from tests.datasets.tiny import tiny


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"seed": 12}, "seed was 11, now 12"),
        ({"spec_sha256": "1" * 64}, "the spec's text has changed since"),
        ({"overrides": {"fog": "0.1"}}, "overrides was {}, now {'fog': '0.1'}"),
        ({"renderer": "blender"}, "renderer was 'raycast', now 'blender'"),
    ],
)
def test_a_directory_made_from_something_else_is_refused_untouched(
    tmp_path: Path, change: dict, message: str
) -> None:
    make(tmp_path, (0,), keyframes=1)
    before = (tmp_path / "dataset.json").read_bytes()
    with pytest.raises(DatasetError, match="Choose another --out") as error:
        create_or_check(tmp_path, IDENTITY.model_copy(update=change), 1)
    assert message in str(error.value)
    assert (tmp_path / "dataset.json").read_bytes() == before


def test_another_version_of_a_package_is_refused(tmp_path: Path) -> None:
    make(tmp_path, (0,), keyframes=1)
    content = json.loads((tmp_path / "dataset.json").read_text())
    content["versions"]["bpy"] = "4.2.0"
    (tmp_path / "dataset.json").write_text(json.dumps(content))
    with pytest.raises(DatasetError, match=r"version of bpy was '4\.2\.0'"):
        create_or_check(tmp_path, IDENTITY, 1)


def test_a_directory_with_other_things_is_refused_untouched(tmp_path: Path) -> None:
    (tmp_path / "thesis.tex").write_text("precious")
    with pytest.raises(DatasetError, match=r"is no dataset \(it holds thesis.tex\)"):
        create_or_check(tmp_path, IDENTITY, 1)
    assert [p.name for p in tmp_path.iterdir()] == ["thesis.tex"]


def test_a_scene_that_lost_a_file_is_made_again(tmp_path: Path) -> None:
    make(tmp_path, (0, 1), keyframes=1)
    assert done(tmp_path) == {0, 1}
    (tmp_path / "shards" / f"{slug_of('tiny.street', 1)}.tar").unlink()
    assert done(tmp_path) == {0}


def test_more_scenes_may_be_asked_for_later_and_missing_ones_are_told(tmp_path: Path) -> None:
    make(tmp_path, (0,), keyframes=1)
    create_or_check(tmp_path, IDENTITY, 3, only=[2])
    assert tuple(read_manifest(tmp_path).wanted) == (0, 2)
    assert [(f.scene, f.check) for f in verify(tmp_path).findings if f.scene > 0] == [(2, "manifest")]
    street = tiny(2, 1)
    write_scene(tmp_path, slug_of("tiny.street", 2), street.record, street.frames())
    finish(tmp_path)
    assert verify(tmp_path).ok


def test_a_damaged_manifest_says_where(tmp_path: Path) -> None:
    make(tmp_path, (0,), keyframes=1)
    content = json.loads((tmp_path / "dataset.json").read_text())
    content["scene_count"] = "many"
    (tmp_path / "dataset.json").write_text(json.dumps(content))
    with pytest.raises(DatasetError, match="scene_count"):
        read_manifest(tmp_path)
