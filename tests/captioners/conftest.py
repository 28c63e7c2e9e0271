from __future__ import annotations

import pytest

from pairforge.sample import Keyframe, SceneRecord
from tests.captioners.random_scenes import busy_street, busy_table, told


@pytest.fixture(scope="session")
def street() -> tuple[Keyframe, SceneRecord]:
    return told(busy_street(), 1)


@pytest.fixture(scope="session")
def table() -> tuple[Keyframe, SceneRecord]:
    return told(busy_table(), 1)
