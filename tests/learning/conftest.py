from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pairforge.datasets.manifest import create_or_check, finish, slug_of
from pairforge.datasets.store import write_scene
from pairforge.sample import Keyframe
from tests.datasets.conftest import IDENTITY
from tests.datasets.exporters.logged import made
from tests.datasets.tiny import tiny

CAMERA, LIDAR = "cam.Front", "top"
COUNTS = (3, 1, 4, 2)
"""Keyframes of the scenes of ``streets``: 10, of no even number a scene."""


def _varied(frame: Keyframe, scene: int, k: int) -> Keyframe:
    """Another keyframe, made of one that is there: no two have the same picture."""
    tint = np.uint8(10 * scene + k)
    cameras = {name: replace(c, rgb=c.rgb + tint) for name, c in frame.cameras.items()}
    return replace(frame, scene_index=scene, frame_index=k, cameras=cameras)


@pytest.fixture(scope="session")
def streets(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Tiny streets of differing lengths; not to be written to."""
    root = tmp_path_factory.mktemp("streets") / "dataset"
    create_or_check(root, IDENTITY, len(COUNTS))
    street = tiny(0, 2)
    frames = list(street.frames())
    for i, keyframes in enumerate(COUNTS):
        record = replace(street.record, scene_index=i)
        write_scene(
            root, slug_of("tiny.street", i), record, (_varied(frames[k % 2], i, k) for k in range(keyframes))
        )
    finish(root)
    return root


@pytest.fixture(scope="session")
def surround(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Two scenes of a street through nuScenes' rig, shared with the tests of exporters; not to be written to."""
    return made(tmp_path_factory, "SURROUND", 2)
