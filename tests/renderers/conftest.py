"""What tests of the renderers share."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from pairforge.renderers.blender import BlenderRenderer


@pytest.fixture(scope="module")
def renderer(request: pytest.FixtureRequest) -> Iterator[BlenderRenderer]:
    """Blender with the module's ``WORLD``."""
    found = BlenderRenderer()
    found.open(request.module.WORLD, "draft")
    yield found
    found.close()
