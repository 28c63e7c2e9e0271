"""Blender's pictures of cameras that bend rays, blur, roll and defocus lie where geometry says."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np
import open3d as o3d
import pytest
from numpy.typing import NDArray
from scipy.ndimage import binary_dilation
from scipy.optimize import least_squares

from pairforge.errors import RenderError
from pairforge.frames import F64, Intrinsics, Pose, look_at
from pairforge.renderers.blender import BlenderRenderer
from pairforge.renderers.blender_passes import cycles_passes
from pairforge.renderers.protocol import Instant, ShutterTimes, ThinLens, View
from pairforge.scenes.world import World
from tests.worlds import small_world

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


def cast(view: View, ways: F64) -> tuple[NDArray[np.float32], NDArray[np.int64]]:
    """Range and part ids along directions (N, 3) in the camera, by Open3D, each part placed by hand."""
    scene = o3d.t.geometry.RaycastingScene()
    for part in WORLD.parts:
        pose = view.part_poses.get(part.part_id, part.world_from_part)
        scene.add_triangles(
            pose.points(part.mesh.vertices).astype(np.float32), part.mesh.faces.astype(np.uint32)
        )
    rays = view.world_from_camera.vectors(ways)
    eyes = np.broadcast_to(view.world_from_camera.position_m, rays.shape)
    hits = scene.cast_rays(o3d.core.Tensor(np.concatenate([eyes, rays], -1).astype(np.float32)))
    geometry = hits["geometry_ids"].numpy().astype(np.int64)
    return hits["t_hit"].numpy(), np.where(geometry == scene.INVALID_ID, 0, geometry + 1)


@pytest.fixture(scope="module")
def renderer() -> Iterator[BlenderRenderer]:
    found = BlenderRenderer()
    found.open(WORLD, "draft")
    yield found
    found.close()


@pytest.mark.parametrize("name", list(CAMERAS))
def test_a_bent_ray_goes_where_the_models_own_formula_sends_it(renderer: BlenderRenderer, name: str) -> None:
    k = CAMERAS[name]
    view = View(k, POSE, {})
    depth, ids = cycles_passes(WORLD, view, renderer)
    rows, columns = (a.ravel() for a in np.mgrid[4 : k.height_px : 8, 4 : k.width_px : 8])
    ways = np.array([way_at(k, np.array([c + 0.5, r + 0.5])) for r, c in zip(rows, columns, strict=True)])
    want_range, want_ids = cast(view, ways)
    same = ids[rows, columns] == want_ids
    assert same.mean() > 0.99
    hit = same & (want_ids > 0)
    assert hit.sum() > 100
    want = want_range[hit] * (1.0 if k.model != "pinhole" else ways[hit, 2])
    error = np.abs(depth[rows, columns][hit] / want - 1.0)
    assert np.median(error) < 2e-5
    assert np.quantile(error, 0.95) < 1e-3


def off_by_more_than_a_pixel(mask: NDArray[np.bool_], truth: NDArray[np.bool_]) -> int:
    """How many pixels of a mask that differ from the truth are not beside its edge."""
    edge = binary_dilation(truth) & binary_dilation(~truth)
    return int(np.count_nonzero((mask != truth) & ~edge))


@pytest.mark.parametrize("name", ["pinhole", *CAMERAS])
def test_colours_in_the_picture_end_where_the_labels_do(renderer: BlenderRenderer, name: str) -> None:
    k = CAMERAS.get(name, Intrinsics.from_fov(*SIZE, 90.0))
    near = look_at((2.2, 0.3, 1.0), (4.0, 0.2, 0.4))  # boxes are large even in a panorama
    view = View(k, near, {})
    rgb = renderer.render(view).astype(float)
    _, ids = cycles_passes(WORLD, view, renderer)
    for box, channel in (("red_box", 0), ("green_box", 1), ("blue_box", 2)):
        part = next(i.part_ids[0] for i in WORLD.instances if i.name == box)
        others = np.delete(rgb, channel, axis=2).max(axis=2)
        truth = ids == part
        mask = rgb[..., channel] > others + 0.3 * rgb[..., channel]
        assert truth.sum() > 40, (box, truth.sum())
        assert (mask & truth).sum() > 0.75 * truth.sum(), box
        window = binary_dilation(truth, iterations=4)
        assert off_by_more_than_a_pixel(mask & window, truth) == 0, box
