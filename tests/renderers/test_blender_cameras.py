"""Blender's pictures of cameras that bend rays, blur, roll and defocus lie where geometry says."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation
from scipy.optimize import least_squares

from pairforge.frames import F64, Intrinsics, look_at
from pairforge.renderers.blender import BlenderRenderer
from pairforge.renderers.blender_passes import cycles_passes
from pairforge.renderers.protocol import View
from pairforge.scenes.world import World
from tests.renderers.by_hand import cast
from tests.worlds import Thing, box_shape, make_world, small_world

WORLD: World = small_world()
POSE = look_at((0.0, 0.3, 1.4), (5.0, 0.0, 0.6))
SIZE = (192, 108)

CAMERAS = {
    "brown_conrady, 5 terms": Intrinsics(
        *SIZE, 110.0, 113.0, 97.5, 52.0, "brown_conrady", (-0.28, 0.09, 0.002, -0.001, -0.012)
    ),
    "brown_conrady, 8 terms": Intrinsics(
        *SIZE, 90.0, 90.0, 96.0, 54.0, "brown_conrady", (0.9, 0.3, 0.0, 0.0, 0.02, 1.25, 0.5, 0.06)
    ),
    "kannala_brandt": Intrinsics(
        *SIZE, 50.0, 50.0, 96.0, 54.0, "kannala_brandt", (0.04, -0.008, 0.002, -0.0004)
    ),
    "equirectangular": Intrinsics(
        192, 96, 192 / (2 * np.pi), 192 / (2 * np.pi), 96.0, 48.0, "equirectangular"
    ),
}


def seen_at(k: Intrinsics, way: F64) -> F64:
    """Where a direction (3,) shows, by the forward models of OpenCV's manual; equirectangular by its definition."""
    x, y, z = way
    if k.model == "equirectangular":
        a, b = np.arctan2(x, z), np.arctan2(y, np.hypot(x, z))
    elif k.model == "kannala_brandt":
        radius = np.hypot(x, y)
        theta = np.arctan2(radius, z)
        bent = theta * (1 + sum(c * theta ** (2 * i + 2) for i, c in enumerate(k.distortion)))
        a, b = (x * bent / radius, y * bent / radius) if radius > 0 else (0.0, 0.0)
    else:
        k1, k2, p1, p2, k3, k4, k5, k6 = (*k.distortion, *([0.0] * (8 - len(k.distortion))))
        x, y = x / z, y / z
        r2 = x * x + y * y
        s = (1 + k1 * r2 + k2 * r2**2 + k3 * r2**3) / (1 + k4 * r2 + k5 * r2**2 + k6 * r2**3)
        a = x * s + 2 * p1 * x * y + p2 * (r2 + 2 * x * x)
        b = y * s + p1 * (r2 + 2 * y * y) + 2 * p2 * x * y
    return np.array([k.fx * a + k.cx, k.fy * b + k.cy])


def direction(longitude: float, latitude: float) -> F64:
    flat = np.cos(latitude)
    return np.array([np.sin(longitude) * flat, np.sin(latitude), np.cos(longitude) * flat])


def way_at(k: Intrinsics, at: F64) -> F64:
    """The direction (3,) that shows at ``at``: the forward model undone by a general solver."""
    start = (at - [k.cx, k.cy]) / [k.fx, k.fy]
    start = np.arctan(start) if k.model == "brown_conrady" else start
    found = least_squares(lambda angles: seen_at(k, direction(*angles)) - at, start, xtol=1e-14, ftol=1e-14)
    assert np.abs(found.fun).max() < 1e-6
    return direction(*found.x)


@pytest.mark.parametrize("name", list(CAMERAS))
def test_a_bent_ray_goes_where_the_models_own_formula_sends_it(renderer: BlenderRenderer, name: str) -> None:
    k = CAMERAS[name]
    view = View(k, POSE, {})
    depth, ids = cycles_passes(WORLD, view, renderer)
    rows, columns = (a.ravel() for a in np.mgrid[4 : k.height_px : 8, 4 : k.width_px : 8])
    ways = np.array([way_at(k, np.array([c + 0.5, r + 0.5])) for r, c in zip(rows, columns, strict=True)])
    want_range, want_ids = cast(WORLD, view, ways)
    same = ids[rows, columns] == want_ids
    assert same.mean() > 0.99
    hit = same & (want_ids > 0)
    assert hit.sum() > 100
    want = want_range[hit] * (ways[hit, 2] if k.model == "brown_conrady" else 1.0)
    error = np.abs(depth[rows, columns][hit] / want - 1.0)
    assert np.median(error) < 2e-5
    assert np.quantile(error, 0.95) < 1e-3


def matt_boxes() -> World:
    """Three boxes of full colours in the empty air, all about a camera at the origin."""
    things = []
    for name, size_m, at in (
        ("red", 1.6, (3.0, 1.6, -1.2)),
        ("green", 1.3, (2.4, -0.4, -0.3)),
        ("blue", 1.5, (3.2, -2.2, -0.9)),
    ):
        shape = box_shape(size_m, name)
        part = shape.parts[0]
        mesh = replace(part.mesh, materials=tuple(replace(m, roughness=1.0) for m in part.mesh.materials))
        things.append(
            Thing(name, replace(shape, parts=(replace(part, mesh=mesh),)), at, (0.9, 0.2, -0.1, 0.373))
        )
    return make_world(things)


def beside_the_edge(truth: NDArray[np.bool_]) -> NDArray[np.bool_]:
    """Pixels of a mask, and of what is about it, that touch its edge, if only by a corner."""
    around = np.ones((3, 3), np.bool_)
    return binary_dilation(truth, around) & binary_dilation(~truth, around)


def test_colours_in_the_picture_end_where_labels_do_within_a_pixel_for_every_camera() -> None:
    world, own = matt_boxes(), BlenderRenderer()
    ahead = look_at((0.0, 0.0, 0.0), (1.0, 0.0, 0.0))
    share = (1.15, 1.15, 1.5)  # how much of a channel is colour: sunlit faces are pale, and the sky is blue
    try:
        own.open(world, "standard")
        for name, k in {"pinhole": Intrinsics.from_fov(*SIZE, 100.0), **CAMERAS}.items():
            rgb = own.render(View(k, ahead, {})).astype(float)
            hit, ids = cast(world, View(k, ahead, {}), k.depth_rays().reshape(-1, 3))
            assert np.isfinite(hit).any()
            for channel, part in enumerate(world.parts):
                truth = ids.reshape(k.height_px, k.width_px) == part.part_id
                assert truth.sum() > 100, (name, part.name)
                mask = rgb[..., channel] > share[channel] * np.delete(rgb, channel, axis=2).max(axis=2)
                wrong = (mask != truth) & ~beside_the_edge(truth)
                assert not wrong.any(), (name, channel, int(wrong.sum()))
    finally:
        own.close()


def test_no_light_falls_outside_a_fisheyes_circle(renderer: BlenderRenderer) -> None:
    k = Intrinsics(96, 96, 27.0, 27.0, 48.0, 48.0, "kannala_brandt", (0.01, 0.0, 0.0, 0.0), 200.0)
    rgb = renderer.render(View(k, POSE, {}))
    seen = np.isfinite(k.rays()).all(axis=-1)
    assert 0.7 < seen.mean() < 0.85
    inside, outside = ~binary_dilation(~seen, iterations=3), ~binary_dilation(seen, iterations=3)
    assert rgb[outside].max() <= 2
    assert (rgb[inside].max(axis=-1) > 25).mean() > 0.99


def test_a_bent_camera_leaves_no_trace_in_the_next_picture(renderer: BlenderRenderer) -> None:
    plain = View(Intrinsics(*SIZE, 90.0, 80.0, 90.0, 55.0), POSE, {})
    first = {name: renderer.render(View(k, POSE, {})) for name, k in CAMERAS.items()}
    before = renderer.render(plain)
    for name, k in reversed(CAMERAS.items()):
        np.testing.assert_array_equal(renderer.render(View(k, POSE, {})), first[name], name)
    np.testing.assert_array_equal(renderer.render(plain), before)


def test_a_model_without_distortion_is_the_pinhole_it_says_it_is(renderer: BlenderRenderer) -> None:
    pinhole = Intrinsics(*SIZE, 90.0, 80.0, 90.0, 55.0)
    bent = replace(pinhole, model="brown_conrady", distortion=(0.0, 0.0, 0.0, 0.0))
    one, other = (renderer.render(View(k, POSE, {})).astype(int) for k in (pinhole, bent))
    assert np.abs(one - other).mean() < 0.1  # colour, haze and exposure too
