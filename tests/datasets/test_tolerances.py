"""docs/store.md states the tolerances that the verifier has."""

from __future__ import annotations

import re
from importlib import import_module
from pathlib import Path

import pytest

DOC = Path(__file__).parents[2] / "docs" / "store.md"
MODULES = (
    "alignment",
    "boxes",
    "camera",
    "cycles",
    "inspection",
    "lidar",
    "lidar_beam",
    "lidar_light",
    "normals",
    "pictures",
    "scene",
    "shutter",
    "sight",
    "stereo",
)
STATED = re.findall(r"`([A-Z][A-Z0-9_]+)` ([0-9][0-9.e-]*)", DOC.read_text())


def test_the_table_states_tolerances() -> None:
    assert len(STATED) >= 25


@pytest.mark.parametrize(("name", "value"), STATED)
def test_a_stated_tolerance_is_the_verifiers(name: str, value: str) -> None:
    modules = [import_module(f"pairforge.datasets.verify_{m}") for m in MODULES]
    found = {getattr(m, name) for m in modules if hasattr(m, name)}
    assert float(value.rstrip(".")) in found
