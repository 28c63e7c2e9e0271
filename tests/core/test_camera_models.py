"""Camera models agree with OpenCV's, are their own inverse, and see nothing where they cannot."""

from __future__ import annotations

import cv2
import numpy as np
import pytest
from numpy.typing import NDArray

from pairforge.frames import Intrinsics
from pairforge.seeding import Stream

SIZE = (96, 64)
FOCAL = (61.0, 59.5, 47.3, 32.9)
BROWN = {
    4: (-0.32, 0.11, 0.0013, -0.0007),
    5: (-0.28, 0.09, -0.0011, 0.0009, -0.012),
    8: (0.519, -2.72, 0.0004, -0.0003, 1.58, 0.398, -2.54, 1.50),  # of the kind that depth cameras ship with
}
FISHEYE = (-0.021, 0.006, -0.0031, 0.0004)
MODELS = [
    *(Intrinsics(*SIZE, *FOCAL, "brown_conrady", k) for k in BROWN.values()),
    Intrinsics(*SIZE, 30.0, 29.0, 47.3, 32.9, "kannala_brandt", FISHEYE),
    Intrinsics(*SIZE, SIZE[0] / (2 * np.pi), SIZE[1] / np.pi, 48.0, 32.0, "equirectangular"),
]


def points() -> NDArray[np.float64]:
    xyz = (Stream(1) / "points").rng().normal(size=(2000, 3)) * [2.0, 1.4, 1.0]
    xyz[:, 2] += 4.0 - xyz[:, 2].min()
    return np.asarray(xyz)


def pixels(camera: Intrinsics) -> NDArray[np.float64]:
    u, v = np.meshgrid(np.arange(camera.width_px) + 0.5, np.arange(camera.height_px) + 0.5)
    return np.stack([u, v], axis=-1)


@pytest.mark.parametrize("terms", BROWN)
def test_brown_conrady_projects_as_opencv(terms: int) -> None:
    camera = Intrinsics(*SIZE, *FOCAL, "brown_conrady", BROWN[terms])
    xyz = points()
    due, _ = cv2.projectPoints(xyz, np.zeros(3), np.zeros(3), camera.matrix, np.array(BROWN[terms]))
    at = camera.project(xyz)
    seen = np.isfinite(at).all(axis=1)
    assert seen.mean() > 0.9  # what is missing lies past the fold
    assert np.abs(at - due[:, 0])[seen].max() < 1e-6


def test_kannala_brandt_projects_as_opencv() -> None:
    camera, xyz = MODELS[3], points()
    due, _ = cv2.fisheye.projectPoints(
        xyz[:, None], np.zeros(3), np.zeros(3), camera.matrix, np.array(FISHEYE)
    )
    assert np.abs(camera.project(xyz) - due[:, 0]).max() < 1e-6


@pytest.mark.parametrize("camera", MODELS[:4], ids=lambda c: f"{c.model}{len(c.distortion)}")
def test_opencv_takes_the_rays_back_to_their_pixels(camera: Intrinsics) -> None:
    rays, at = camera.rays(), pixels(camera)
    seen = np.isfinite(rays[..., 0]) & (rays[..., 2] > 0.05)
    assert seen.mean() > 0.8
    project = cv2.fisheye.projectPoints if camera.model == "kannala_brandt" else cv2.projectPoints
    due, _ = project(
        rays[seen][:, None], np.zeros(3), np.zeros(3), camera.matrix, np.array(camera.distortion)
    )
    assert np.abs(due[:, 0] - at[seen]).max() < 1e-6


@pytest.mark.parametrize("camera", MODELS, ids=lambda c: f"{c.model}{len(c.distortion)}")
def test_rays_and_pixels_are_each_others_inverse(camera: Intrinsics) -> None:
    rays = camera.rays()
    seen = np.isfinite(rays[..., 0])
    assert np.abs(np.linalg.norm(rays[seen], axis=-1) - 1).max() < 1e-12
    assert np.abs(camera.project(rays[seen] * 7.0) - pixels(camera)[seen]).max() < 1e-8
    xyz = (Stream(2) / "points").rng().normal(size=(5000, 3))
    uv = camera.project(xyz)
    inside = np.isfinite(uv).all(axis=1)
    assert inside.sum() > 500
    back = camera.rays_at(uv[inside])
    unit = xyz[inside] / np.linalg.norm(xyz[inside], axis=1, keepdims=True)
    assert np.abs(back - unit).max() < 1e-6  # ill-conditioned only at the very fold


def test_barrel_distortion_that_folds_back_has_no_rays_beyond_the_fold() -> None:
    k1 = -0.3
    camera = Intrinsics(200, 200, 100.0, 100.0, 100.0, 100.0, "brown_conrady", (k1, 0.0, 0.0, 0.0))
    fold = 1 / np.sqrt(-3 * k1)  # d/dr (r + k1 r^3) = 0
    edge = (fold + k1 * fold**3) * 100.0
    far = np.linalg.norm(pixels(camera) - 100.0, axis=-1)
    rays = camera.rays()
    assert np.isfinite(rays[far < edge - 1e-6]).all()
    assert np.isnan(rays[far > edge + 1e-6]).all()
    wide = np.array([[fold * 0.999, 0.0, 1.0], [fold * 1.001, 0.0, 1.0], [0.3, 0.0, -1.0]])
    assert np.isfinite(camera.project(wide)).all(axis=1).tolist() == [True, False, False]


def test_strong_tangential_terms_still_invert() -> None:
    camera = Intrinsics(*SIZE, *FOCAL, "brown_conrady", (-0.2, 0.05, 0.04, -0.05, 0.0))
    rays = camera.rays()
    seen = np.isfinite(rays[..., 0])
    assert seen.mean() > 0.95
    due, _ = cv2.projectPoints(
        rays[seen], np.zeros(3), np.zeros(3), camera.matrix, np.array(camera.distortion)
    )
    assert np.abs(due[:, 0] - pixels(camera)[seen]).max() < 1e-6


def test_fisheye_sees_behind_itself_by_the_closed_form() -> None:
    camera = Intrinsics(400, 400, 90.0, 90.0, 200.0, 200.0, "kannala_brandt", (0.0, 0.0, 0.0, 0.0))
    theta = np.radians(110.0)
    at = camera.project([np.sin(theta), 0.0, np.cos(theta)])
    assert at == pytest.approx([200.0 + 90.0 * theta, 200.0])
    assert camera.rays_at(at) == pytest.approx([np.sin(theta), 0.0, np.cos(theta)])


def test_fisheye_circle_ends_what_is_seen() -> None:
    camera = Intrinsics(
        300, 300, 90.0, 90.0, 150.0, 150.0, "kannala_brandt", (0.0, 0.0, 0.0, 0.0), circle_deg=180.0
    )
    far = np.linalg.norm(pixels(camera) - 150.0, axis=-1)
    assert np.array_equal(np.isfinite(camera.rays()[..., 0]), far <= 90.0 * np.pi / 2)
    assert np.isnan(camera.project([1.0, 0.0, -0.01])).all()
    assert np.isfinite(camera.project([1.0, 0.0, 0.01])).all()


def test_equirectangular_is_longitude_and_latitude_of_the_whole_sphere() -> None:
    camera = MODELS[4]
    assert np.isfinite(camera.rays()).all()
    at = camera.project([[0, 0, 1], [1, 0, 0], [-1, 0, 0], [0, 1, 1], [0, -1, 1e-9]])
    assert at == pytest.approx(np.array([[48, 32], [72, 32], [24, 32], [48, 48], [48, 0]]), abs=1e-6)
    assert camera.shift([95.0, 10.0], [1.0, 11.0]) == pytest.approx([2.0, 1.0])


def test_a_pinholes_rays_are_as_they_were() -> None:
    camera = Intrinsics(*SIZE, *FOCAL)
    u = (np.arange(SIZE[0]) + 0.5 - FOCAL[2]) / FOCAL[0]
    assert np.array_equal(camera.rays()[5, :, 0], u)
    assert (camera.rays()[..., 2] == 1.0).all()
    assert np.isnan(camera.project([0.0, 0.0, -1.0])).all()


@pytest.mark.parametrize("camera", MODELS, ids=lambda c: f"{c.model}{len(c.distortion)}")
def test_depth_times_its_ray_is_the_point(camera: Intrinsics) -> None:
    rays = camera.rays()
    seen = np.isfinite(rays[..., 0])
    xyz = rays[seen] * 3.7
    back = camera.depth_rays()[seen] * camera.depth_of(xyz)[:, None]
    assert np.abs(back - xyz).max() < 1e-9
