"""Every run of the tests draws the same examples, whatever ran before; and what tests of several folders share."""

from pathlib import Path

import pytest
from hypothesis import settings

from tests.object_store import _object_store, object_store_server  # noqa: F401

settings.register_profile("repeatable", derandomize=True, database=None, deadline=None)
settings.load_profile("repeatable")

DEAREST = (
    "farm/test_work.py",
    "farm/test_determinism.py",
    "core/test_conformance.py",
    "datasets/exporters/test_argoverse2.py",
    "farm/test_ray.py",
    "core/test_examples.py",
    "scenes/test_counterfactual.py",
    "core/test_contrast.py",
    "farm/test_limits.py",
    "farm/test_chaos.py",
    "farm/test_proving.py",
    "captioners/test_worlds.py",
    "scenes/test_scenarios.py",
    "datasets/test_object_store.py",
    "farm/test_plan.py",
    "renderers/test_blender.py",
    "datasets/test_audit.py",
    "farm/test_sandbox.py",
    "core/test_conditions.py",
    "core/test_cli.py",
    "scenes/test_inspection.py",
    "datasets/importers/test_kitti.py",
    "datasets/exporters/test_kitti_evaluation.py",
    "farm/test_foresight.py",
    "core/test_randomness.py",
)
"""Files that take longest. They begin first: one that began last would keep one core busy and let the other wait."""


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    here = Path(__file__).parent
    place = {here / name: rank for rank, name in enumerate(DEAREST)}
    items.sort(key=lambda item: place.get(item.path, len(place)))
