"""Cycles' passes agree with an independent ray caster, for cameras of every kind."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pairforge.errors import RenderError
from pairforge.frames import Intrinsics, Pose, look_at
from pairforge.renderers.blender import BlenderRenderer
from pairforge.renderers.blender_passes import cycles_passes
from pairforge.renderers.protocol import View
from tests.renderers.by_hand import cast
from tests.worlds import small_world

WORLD = small_world()
CAMERAS = {
    "plain": Intrinsics.from_fov(96, 54, 80.0),
    "principal point off centre": Intrinsics(96, 54, 60.0, 60.0, 40.0, 33.5),
    "wide pixels": Intrinsics(96, 54, 50.0, 65.0, 48.0, 27.0),
    "tall pixels, off centre, portrait": Intrinsics(54, 96, 70.0, 52.0, 30.0, 44.0),
}


@pytest.mark.parametrize("name", list(CAMERAS))
def test_ids_and_depth_match_an_independent_caster(renderer: BlenderRenderer, name: str) -> None:
    moving = next(p for p in WORLD.parts if p.moves)
    lifted = Pose.of((0.2, 0.1, 0.3)) @ moving.world_from_part
    view = View(CAMERAS[name], look_at((0.0, 0.3, 1.4), (5.0, 0.0, 0.6)), {moving.part_id: lifted})
    depth, ids = cycles_passes(WORLD, view, renderer)
    want_depth, want_ids = cast(WORLD, view, view.intrinsics.rays())
    same = ids == want_ids
    assert same.mean() >= 0.999
    assert len(np.unique(want_ids)) >= 4
    hit = same & (ids > 0)
    assert np.median(np.abs(depth[hit] - want_depth[hit]) / want_depth[hit]) < 1e-4
    assert np.isinf(depth[ids == 0]).all()


def test_looking_by_passes_does_not_change_the_picture(renderer: BlenderRenderer) -> None:
    view = View(CAMERAS["plain"], look_at((0.0, 0.0, 1.4), (5.0, 0.0, 0.4)), {})
    before = renderer.render(view)
    cycles_passes(WORLD, view, renderer)
    np.testing.assert_array_equal(renderer.render(view), before)


def test_too_many_parts_for_blender_are_refused() -> None:
    crowd = replace(WORLD, parts=WORLD.parts[:1] * 32768)
    with pytest.raises(RenderError, match="32767"):
        cycles_passes(crowd, View(CAMERAS["plain"], Pose.of(), {}))
