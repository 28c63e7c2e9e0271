from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from pairforge.datasets.manifest import create_or_check, finish, slug_of
from pairforge.datasets.store import write_scene
from pairforge.learning.augment.clip import retold
from pairforge.learning.augment.flip import Flip
from pairforge.learning.augment.protocol import Augment
from pairforge.seeding import Stream
from tests.datasets.conftest import IDENTITY
from tests.learning.augment.clips import ORBIT, clip


@pytest.fixture(scope="session")
def sides(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two scenes of two keyframes on disk: the red mug to the left of the blue ball, and to the right of it."""
    root = tmp_path_factory.mktemp("sides") / "dataset"
    create_or_check(root, IDENTITY.model_copy(update={"scene": ORBIT.name}), 2)
    straight = retold(clip("orbit"), Stream(1))
    for index, held in enumerate((straight, Augment([Flip()])(straight, Stream(1)))):
        frames = (replace(f, scene_index=index) for f in held.frames)
        write_scene(root, slug_of(ORBIT.name, index), replace(held.record, scene_index=index), frames)
    finish(root)
    return root
