from __future__ import annotations

from pathlib import Path

import pytest

from tests.datasets.exporters.logged import made


@pytest.fixture(scope="session")
def surround(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The exporters' two scenes of a street through nuScenes' rig; not to be written to."""
    return made(tmp_path_factory, "SURROUND", 2)
