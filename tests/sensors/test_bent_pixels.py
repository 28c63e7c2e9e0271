"""Labels of cameras that bend rays: against rays cast one by one, PyBullet, spheres and brute force."""

from __future__ import annotations

import numpy as np
import pytest
from scipy.ndimage import find_objects

from pairforge.frames import F64, Intrinsics, Pose
from pairforge.scenes.world import World
from pairforge.sensors.camera_view import CameraView
from pairforge.sensors.outline import outline
from pairforge.sensors.pixels import cast_pixels
from pairforge.sensors.ray_engine import RayEngine
from pairforge.sensors.solo import solo_pixels
from tests.sensors.bullet_rays import BulletRays
from tests.sensors.test_pixels import EYES, crowd, poses_of  # noqa: F401
from tests.worlds import Thing, ball_shape, make_world

BROWN = Intrinsics(96, 64, 62.0, 60.0, 47.0, 33.0, "brown_conrady", (-0.41, 0.16, 0.0011, -0.0007, -0.021))
FOLDED = Intrinsics(96, 64, 40.0, 40.0, 48.0, 32.0, "brown_conrady", (-0.3, 0.02, 0.0, 0.0))
FISHEYE = Intrinsics(
    96, 64, 28.0, 28.0, 48.0, 32.0, "kannala_brandt", (-0.02, 0.003, -0.001, 0.0), circle_deg=205.0
)
SPHERE = Intrinsics(96, 48, 96 / (2 * np.pi), 48 / np.pi, 48.0, 24.0, "equirectangular")
CAMERAS = {"brown": BROWN, "folded": FOLDED, "fisheye": FISHEYE, "sphere": SPHERE}
both = pytest.mark.parametrize("eye", EYES, ids=["outside", "amid"])
every = pytest.mark.parametrize("name", CAMERAS)


def seen_rays(camera: Intrinsics, eye: Pose) -> tuple[F64, F64, F64]:
    """Origins and directions (N, 3) in the world of the pixels that see anything, in the unit of depth, and which."""
    rays = camera.depth_rays().reshape(-1, 3)
    seen = np.isfinite(rays[:, 0])
    d = eye.vectors(rays[seen])
    return np.broadcast_to(eye.position_m, d.shape), d, seen


@both
@every
def test_pixels_see_what_the_engine_sees(crowd: World, eye: Pose, name: str) -> None:  # noqa: F811
    engine, poses, camera = RayEngine(crowd), poses_of(crowd, 1), CAMERAS[name]
    pixels = cast_pixels(engine, camera, eye, poses)
    origins, directions, seen = seen_rays(camera, eye)
    hits = engine.cast(origins, directions, poses)
    assert (~seen).any() == (name in ("folded", "fisheye"))
    assert not pixels.part[~seen].any()
    assert np.isinf(pixels.distance[~seen]).all()
    assert not pixels.normal[pixels.part == 0].any()
    assert len(np.unique(pixels.part)) > 8
    assert (pixels.part[seen] == hits.part).mean() > 0.998
    same = (pixels.part[seen] == hits.part) & hits.hit
    np.testing.assert_allclose(pixels.distance[seen][same], hits.distance[same], rtol=3e-5)
    agree = np.einsum("ij,ij->i", eye.vectors(pixels.normal[seen][same]), hits.normal[same])
    assert (agree > 0.999).mean() > 0.998


@both
@every
def test_no_part_shows_outside_its_window_or_depths(crowd: World, eye: Pose, name: str) -> None:  # noqa: F811
    engine, poses, camera = RayEngine(crowd), poses_of(crowd, 3), CAMERAS[name]
    reach = CameraView(crowd, camera, eye, poses).windows(*engine.boxes)
    origins, directions, seen = seen_rays(camera, eye)
    shown = 0
    for part in crowd.parts:
        back = poses.get(part.part_id, part.world_from_part).inverse
        t, _, _, _ = engine.scene(part.mesh).first_hits(back.points(origins), back.vectors(directions))
        met = np.zeros(seen.shape, dtype=bool)
        met[seen] = np.isfinite(t)
        if met.any():
            shown += 1
            found = reach[part.part_id]
            inside = np.zeros((camera.height_px, camera.width_px), dtype=bool)
            inside[found.window] = True
            assert not (met & ~inside.ravel()).any(), part.name
            assert found.nearest_m <= t[np.isfinite(t)].min() + 1e-4
            assert found.farthest_m >= t[np.isfinite(t)].max() - 1e-4
    assert shown > 8


@both
@every
def test_solo_pixels_are_those_of_the_instance_alone(crowd: World, eye: Pose, name: str) -> None:  # noqa: F811
    engine, poses, camera = RayEngine(crowd), poses_of(crowd, 4), CAMERAS[name]
    hits = cast_pixels(engine, camera, eye, poses)
    mask = crowd.instance_of_part[hits.part].reshape(camera.height_px, camera.width_px)
    origins, directions, seen = seen_rays(camera, eye)
    shown = dict(enumerate(find_objects(mask), start=1))
    for instance in crowd.instances:
        alone = np.zeros(seen.shape, dtype=bool)
        alone[seen] = np.isfinite(engine.solo(instance.instance_id, origins, directions, poses))
        visible = mask.ravel() == instance.instance_id
        solo = solo_pixels(engine, hits, mask, instance, shown.get(instance.instance_id))
        assert abs(solo - int((alone | visible).sum())) <= 1


@both
@every
def test_full_boxes_bound_all_that_shows_of_a_part_alone(crowd: World, eye: Pose, name: str) -> None:  # noqa: F811
    """Brute force: every triangle sampled densely, each sample projected."""
    engine, poses, camera = RayEngine(crowd), poses_of(crowd, 5), CAMERAS[name]
    view = CameraView(crowd, camera, eye, poses)
    share = np.array([(a, b, 16 - a - b) for a in range(17) for b in range(17 - a)]) / 16
    for part in crowd.parts[1:]:
        bounds = engine.bounds(part.mesh)
        corners = part.mesh.vertices.astype(np.float64)[part.mesh.faces]
        samples = np.einsum("sk,fkj->fsj", share, corners).reshape(-1, 3)
        at = view.points(part.part_id, samples)
        uv = camera.project(at)
        known = np.isfinite(uv[:, 0]) & (~np.array(camera.z_depth) | (at[:, 2] >= 0.01))
        found = outline(view, [(part.part_id, bounds)])
        if not known.any():
            continue
        assert found is not None
        low, high = uv[known].min(axis=0), uv[known].max(axis=0)
        box = np.array(found.box)
        assert (box[:2] <= low + 0.1).all(), part.name
        assert (box[2:] >= high - 0.1).all(), part.name
        if (
            known.all() and name != "sphere"
        ):  # past where samples end, the box is cut more finely than they are
            assert (box[:2] >= low - 0.5).all(), part.name
            assert (box[2:] <= high + 0.5).all(), part.name


@every
def test_depth_of_a_sphere_is_the_closed_form(name: str) -> None:
    camera, radius, centre = CAMERAS[name], 2.0, np.array([0.3, -0.2, 6.0])
    eye = Pose.of((0.0, 0.0, 50.0), quaternion_wxyz=(0.9, 0.1, -0.3, 0.2))
    at = eye.points(centre)
    world = make_world(
        [Thing("ball", ball_shape(2 * radius, "red"), tuple(at - [0, 0, radius]), motion="static")]
    )
    hits = cast_pixels(RayEngine(world), camera, eye, {})
    rays = camera.rays().reshape(-1, 3)
    rays = rays / np.linalg.norm(rays, axis=1, keepdims=True)
    along = rays @ centre
    with np.errstate(invalid="ignore"):
        root = along - np.sqrt(radius**2 - (centre @ centre - along**2))
    due = root * (rays[:, 2] if camera.z_depth else 1.0)
    met = (hits.part > 0) & np.isfinite(due)
    middle = met & (along > np.linalg.norm(centre) * 0.97)  # away from the rim, where facets matter most
    assert middle.sum() > 30
    assert np.abs(hits.distance[middle] - due[middle]).max() < 0.08  # a ball of flat triangles


@every
def test_pybullet_meets_the_same_things_along_bent_rays(crowd: World, name: str) -> None:  # noqa: F811
    camera, eye = CAMERAS[name], EYES[0]
    poses = {p.part_id: p.world_from_part for p in crowd.parts if p.moves}
    pixels = cast_pixels(RayEngine(crowd), camera, eye, poses)
    origins, directions, seen = seen_rays(camera, eye)
    length = np.linalg.norm(directions, axis=1)
    bullet = BulletRays(crowd)
    bullet.move(poses)
    range_m, part = bullet.cast(origins, directions / length[:, None])
    bullet.close()
    distance = range_m / length
    agree = part == pixels.part[seen]
    assert agree.mean() > 0.99
    both_hit = agree & (part > 0)
    off = np.abs(distance[both_hit] - pixels.distance[seen][both_hit]) / distance[both_hit]
    assert np.median(off) < 1e-5
