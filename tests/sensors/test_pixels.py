"""A camera's pixels against rays cast one by one; windows, hulls and solo counts against brute force."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import find_objects

from pairforge.frames import F64, Intrinsics, Pose, look_at
from pairforge.scenes.world import World
from pairforge.seeding import Stream
from pairforge.sensors.bounds import MeshBounds
from pairforge.sensors.camera_view import CameraView
from pairforge.sensors.outline import outline
from pairforge.sensors.pixels import cast_pixels
from pairforge.sensors.ray_engine import RayEngine
from pairforge.sensors.solo import solo_pixels
from tests.worlds import FLOOR, Thing, ball_shape, box_shape, car_shape, make_world, person_shape

CAMERA = Intrinsics.from_fov(96, 64, 70.0)


@pytest.fixture(scope="module")
def crowd() -> World:
    things = [FLOOR, Thing("tower", box_shape(2.5, "white"), (9.0, 1.0, 0.0))]
    for k in range(3):
        things.append(Thing(f"car{k}", car_shape(), (5.0 + 4 * k, 2.0 * (-1) ** k, 0.0), motion="vehicle"))
        things.append(Thing(f"person{k}", person_shape(), (4.0 + 3 * k, 1.0 - k, 0.0), motion="walker"))
        things.append(
            Thing(f"ball{k}", ball_shape(0.8, "red"), (3.0 + 2 * k, -1.5 + k, 0.5), motion="dynamic")
        )
    return make_world(things)


def poses_of(world: World, seed: int) -> dict[int, Pose]:
    """Every moving part thrown about and turned."""
    poses = {}
    for part in (p for p in world.parts if p.moves):
        rng = (Stream(seed) / part.part_id).rng()
        at = part.world_from_part
        turn = at.quaternion_wxyz + rng.normal(0.0, 0.3, 4)
        poses[part.part_id] = Pose.of(at.position_m + rng.uniform(-0.5, 0.5, 3), turn)
    return poses


EYES = [look_at([-3.0, 0.5, 1.6], [8.0, 0.0, 0.8]), look_at([5.0, 0.0, 1.2], [9.0, 1.0, 0.5])]
"""From outside, and from amid the crowd, where things stand beside and behind the camera."""


def rays_of(eye: Pose) -> tuple[F64, F64]:
    d = eye.vectors(CAMERA.rays().reshape(-1, 3))
    return np.broadcast_to(eye.position_m, d.shape), d


@pytest.mark.parametrize("eye", EYES)
@pytest.mark.parametrize("seed", [1, 2])
def test_pixels_see_what_the_engine_sees(crowd: World, eye: Pose, seed: int) -> None:
    engine, poses = RayEngine(crowd), poses_of(crowd, seed)
    pixels, hits = cast_pixels(engine, CAMERA, eye, poses), engine.cast(*rays_of(eye), poses)
    assert len(np.unique(pixels.part)) > 8
    assert (pixels.part == hits.part).mean() > 0.999
    same = (pixels.part == hits.part) & hits.hit
    np.testing.assert_allclose(pixels.distance[same], hits.distance[same], rtol=2e-5)
    agree = np.einsum("ij,ij->i", eye.vectors(pixels.normal[same]), hits.normal[same])
    assert (agree > 0.999).mean() > 0.998
    assert not pixels.normal[pixels.part == 0].any()


@pytest.mark.parametrize("eye", EYES)
def test_no_part_shows_outside_its_window_or_depths(crowd: World, eye: Pose) -> None:
    engine, poses = RayEngine(crowd), poses_of(crowd, 3)
    view = CameraView(crowd, CAMERA, eye, poses)
    reach = view.windows(*engine.boxes)
    for part in crowd.parts:
        pose = poses.get(part.part_id, part.world_from_part)
        o, d = rays_of(eye)
        back = pose.inverse
        t, _, _, _ = engine.scene(part.mesh).first_hits(back.points(o), back.vectors(d))
        met = np.isfinite(t).reshape(CAMERA.height_px, CAMERA.width_px)
        if met.any():
            found = reach[part.part_id]
            inside = np.zeros_like(met)
            inside[found.window] = True
            assert not (met & ~inside).any(), part.name
            assert found.nearest_m <= t[np.isfinite(t)].min()
            assert found.farthest_m >= t[np.isfinite(t)].max()


@pytest.mark.parametrize("eye", EYES)
def test_solo_pixels_are_those_of_the_instance_alone(crowd: World, eye: Pose) -> None:
    engine, poses = RayEngine(crowd), poses_of(crowd, 4)
    hits = cast_pixels(engine, CAMERA, eye, poses)
    mask = crowd.instance_of_part[hits.part].reshape(CAMERA.height_px, CAMERA.width_px)
    hidden = 0
    shown = dict(enumerate(find_objects(mask), start=1))
    for instance in crowd.instances:
        alone = np.isfinite(engine.solo(instance.instance_id, *rays_of(eye), poses))
        visible = mask.ravel() == instance.instance_id
        hidden += int((alone & ~visible).sum())
        solo = solo_pixels(engine, hits, mask, instance, shown.get(instance.instance_id))
        assert abs(solo - int((alone | visible).sum())) <= 1
    assert hidden > 200, "hardly anything is hidden, so this shows nothing"


def test_a_hull_bounds_what_all_vertices_bound(crowd: World) -> None:
    engine, poses = RayEngine(crowd), poses_of(crowd, 5)
    view = CameraView(crowd, CAMERA, EYES[0], poses)
    fewer = 0
    for part in crowd.parts[1:]:
        bounds = engine.bounds(part.mesh)
        fewer += len(bounds.hull) < len(bounds.used)
        uv = CAMERA.project(view.points(part.part_id, part.mesh.vertices.astype(np.float64)))
        want = (*uv.min(axis=0), *uv.max(axis=0))
        np.testing.assert_allclose(outline(view, [(part.part_id, bounds)]).box, want, atol=1e-6)
    assert fewer > 3


def test_a_flat_mesh_is_its_own_hull(crowd: World) -> None:
    flat = MeshBounds(make_world([FLOOR]).parts[0].mesh)
    assert len(flat.hull) >= 3
    assert flat.radius_m >= np.linalg.norm(flat.used - flat.centre, axis=1).max()
