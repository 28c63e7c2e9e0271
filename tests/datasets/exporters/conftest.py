from __future__ import annotations

from pathlib import Path

import pytest

from tests.datasets.exporters.logged import made


@pytest.fixture(scope="session")
def surround(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two scenes of a street through nuScenes' rig; not to be written to."""
    return made(tmp_path_factory, "SURROUND", 2)


@pytest.fixture(scope="session")
def kitti_drive(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """One scene of a street through KITTI's rig; not to be written to."""
    return made(tmp_path_factory, "KITTI", 1)


@pytest.fixture(scope="session")
def table(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two scenes of a table with things; not to be written to."""
    return made(tmp_path_factory, "TABLE", 2)


@pytest.fixture(scope="session")
def crowd(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two scenes of standing people with keypoints, of a split's part "validation"; not to be written to."""
    return made(tmp_path_factory, "CROWD", 2)


@pytest.fixture(scope="session")
def part(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two scenes of an inspected plate; not to be written to."""
    return made(tmp_path_factory, "PART", 2)


@pytest.fixture(scope="session")
def pick(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A robot that reaches for a block; not to be written to."""
    return made(tmp_path_factory, "PICK", 1)
