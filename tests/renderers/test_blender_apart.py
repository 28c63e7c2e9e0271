"""A world of many triangles, whose meshes Cycles keeps apart, looks as if baked into one, whatever moved before."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import pytest

from pairforge.frames import Intrinsics, Pose, look_at
from pairforge.renderers.blender import BlenderRenderer
from pairforge.renderers.blender_passes import cycles_passes
from pairforge.renderers.blender_presets import PRESETS
from pairforge.renderers.blender_scene import APART_FROM
from pairforge.renderers.protocol import View
from pairforge.scenes.world import Mesh, Sky, World
from tests.worlds import small_world

pytestmark = pytest.mark.slow

VIEW = View(Intrinsics.from_fov(64, 36, 80.0), look_at((0.0, 0.0, 1.4), (5.0, 0.0, 0.4)), {})


def tiled(cells: int) -> World:
    """The small world by dusk, one of its boxes glowing, its floor cut into ``cells`` x ``cells`` squares."""
    world = small_world()
    floor, box = world.parts[0], world.parts[1]
    half = float(np.abs(floor.mesh.vertices[:, :2]).max())
    line = np.linspace(-half, half, cells + 1, dtype=np.float32)
    top = float(floor.mesh.vertices[:, 2].max())
    x, y = np.meshgrid(line, line)
    vertices = np.stack([x, y, np.full_like(x, top)], axis=-1).reshape(-1, 3)
    k = (np.arange(cells)[:, None] * (cells + 1) + np.arange(cells)).ravel()
    right, up, across = k + 1, k + cells + 1, k + cells + 2
    faces = np.stack([k, right, across, k, across, up], axis=-1).reshape(-1, 3).astype(np.int32)
    count = len(faces)
    ground = Mesh(
        vertices, faces, np.zeros(count, np.uint8), floor.mesh.materials[:1], np.zeros(count, np.bool_)
    )
    lit = tuple(replace(m, emission_w_m2=40.0) for m in box.mesh.materials)
    parts = (
        replace(floor, mesh=ground),
        replace(box, mesh=replace(box.mesh, materials=lit)),
        *world.parts[2:],
    )
    return replace(world, parts=parts, sky=Sky(sun_elevation=0.05))


APART, BAKED = tiled(330), tiled(310)


def moved(world: World) -> View:
    part = next(p for p in world.parts if p.moves)
    return replace(VIEW, part_poses={part.part_id: Pose.of((0.3, 0.2, 0.4)) @ part.world_from_part})


@pytest.fixture(scope="module")
def renderer() -> Iterator[BlenderRenderer]:
    found = BlenderRenderer()
    yield found
    found.close()


def test_the_two_worlds_stand_on_either_side_of_the_bound() -> None:
    few, many = (sum(len(p.mesh.faces) for p in w.parts) for w in (BAKED, APART))
    assert few < APART_FROM <= many


def test_the_picture_is_the_baked_one_and_has_no_history(renderer: BlenderRenderer) -> None:
    # The light tree is built by object, so which lamp a ray looks for may differ: 43 dB with it.
    plain = replace(PRESETS["standard"], cycles={**PRESETS["standard"].cycles, "use_light_tree": False})
    renderer.open(BAKED, preset=plain)
    baked = renderer.render(moved(BAKED)).astype(float)
    renderer.open(APART, preset=plain)
    apart = renderer.render(moved(APART)).astype(float)
    renderer.open(APART, "standard")
    alone = renderer.render(moved(APART))
    rest = renderer.render(VIEW)
    np.testing.assert_array_equal(renderer.render(moved(APART)), alone)
    assert (rest != alone).any()
    # Two seeds of the sampler differ by some 30 dB: this is the same noise, but for single rays.
    assert 10 * np.log10(255**2 / np.mean((apart - baked) ** 2)) > 60


def test_cycles_still_sees_the_parts_where_they_are(renderer: BlenderRenderer) -> None:
    renderer.open(BAKED, "draft")
    depth, ids = cycles_passes(BAKED, moved(BAKED), renderer)
    renderer.open(APART, "draft")
    depth_apart, ids_apart = cycles_passes(APART, moved(APART), renderer)
    np.testing.assert_array_equal(ids_apart, ids)
    np.testing.assert_allclose(depth_apart[ids > 0], depth[ids > 0], rtol=1e-4)
