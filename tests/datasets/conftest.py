from __future__ import annotations

from pathlib import Path

import pytest

from pairforge.datasets.manifest import Identity, create_or_check, finish, slug_of
from pairforge.datasets.store import write_scene
from tests.datasets.tiny import tiny

IDENTITY = Identity(
    scene="tiny.street",
    spec_source="tiny",
    spec_sha256="0" * 64,
    seed=11,
    quality="draft",
    renderer="raycast",
)


def make(root: Path, scenes: tuple[int, ...] = (0, 1), keyframes: int = 3) -> Path:
    """A finished dataset of tiny streets."""
    create_or_check(root, IDENTITY, max(scenes) + 1)
    for i in scenes:
        street = tiny(i, keyframes)
        write_scene(root, slug_of("tiny.street", i), street.record, street.frames())
    finish(root)
    return root


@pytest.fixture(scope="session")
def tiny_dataset(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Shared by tests that only read."""
    return make(tmp_path_factory.mktemp("tiny") / "dataset")
