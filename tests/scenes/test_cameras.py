"""A camera's intrinsics are what its model, field of view or measured focal length say; pairs share their draws."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pairforge.errors import SpecError
from pairforge.frames import Intrinsics, Pose
from pairforge.scenes.concrete import ConcreteSensor, intrinsics_of
from pairforge.scenes.distributions import Uniform
from pairforge.scenes.optics import Shutter
from pairforge.scenes.resolve import resolve
from pairforge.scenes.spec import Camera, Scene
from pairforge.scenes.stereo import stereo

EYE = Camera(name="eye", position_m=(0.0, 0.0, 2.0), width_px=320, height_px=160)


def cameras(*specs: Camera, do: dict[str, Any] | None = None) -> list[ConcreteSensor]:
    return list(resolve(Scene(name="cameras", sensors=list(specs)), 3, do).sensors)


def seen_by(**fields: Any) -> Intrinsics:
    return intrinsics_of(cameras(replace(EYE, **fields))[0])


def edges_deg(k: Intrinsics) -> float:
    """The angle between the rays through the middles of the left and the right edge of the image."""
    left, right = k.rays_at([[0.0, k.cy], [float(k.width_px), k.cy]])
    return sum(abs(np.degrees(np.arctan2(ray[0], ray[2]))) for ray in (left, right))


@pytest.mark.parametrize("fov_deg", [40.0, 100.0, 170.0, 220.0])
def test_a_fisheyes_field_of_view_spans_its_image(fov_deg: float) -> None:
    k = seen_by(model="kannala_brandt", distortion=(-0.02, 0.003, -0.0005, 0.0), fov_deg=fov_deg)
    assert edges_deg(k) == pytest.approx(fov_deg, abs=1e-6)


def test_a_whole_turn_is_a_whole_sphere_whatever_the_images_shape() -> None:
    k = seen_by(model="equirectangular", fov_deg=360.0, height_px=200)
    assert k.fx * 2 * np.pi == pytest.approx(320)
    assert k.fy * np.pi == pytest.approx(200)
    assert np.isfinite(k.rays()).all()
    half = seen_by(model="equirectangular", fov_deg=180.0)
    assert half.fx == half.fy == pytest.approx(320 / np.pi)


def test_measured_focal_lengths_and_principal_points_are_taken_as_they_are() -> None:
    given = {"focal_px": (718.856, 720.1), "principal_px": (607.19, 185.2)}
    k = seen_by(model="brown_conrady", distortion=(-0.37, 0.2, 0.001, 0.002, -0.07), **given)
    assert (k.fx, k.fy, k.cx, k.cy) == (718.856, 720.1, 607.19, 185.2)
    assert k.distortion == (-0.37, 0.2, 0.001, 0.002, -0.07)
    assert seen_by(fov_deg=70.0) == Intrinsics.from_fov(320, 160, 70.0)


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"fov_deg": 175.0}, "fov_deg is 175; of a pinhole camera it must lie in 1..170"),
        (
            {"model": "kannala_brandt", "distortion": (-0.2, 0.0, 0.0, 0.0), "fov_deg": 180.0},
            "its distortion folds back at 147.9",
        ),
        ({"model": "kannala_brandt", "distortion": (0.1,)}, "takes 4 distortion coefficients, not 1"),
        ({"circle_deg": 180.0}, "circle_deg is of fisheyes alone"),
        ({"focal_px": (0.0, 100.0)}, "focal_px is (0.0, 100.0)"),
        ({"labels": ("disparity",)}, "disparity is of stereo pairs alone"),
        ({"shutter": Shutter(exposure_s=-0.1)}, "exposure_s of Shutter is -0.1"),
        ({"shutter": Shutter(readout_s=0.2), "rate_hz": 5.0}, "motion is known for 0.25 s"),
    ],
)
def test_what_cannot_be_is_refused(fields: dict[str, Any], said: str) -> None:
    with pytest.raises(SpecError) as error:
        cameras(replace(EYE, **fields))
    assert said in str(error.value)


def test_a_stereo_pair_shares_its_draws_and_is_a_baseline_apart() -> None:
    pair = stereo(replace(EYE, yaw_deg=Uniform(0.0, 360.0), fov_deg=Uniform(50.0, 90.0)), Uniform(0.1, 0.5))
    left, right = cameras(*pair)
    assert (left.name, right.name) == ("eye_left", "eye_right")
    assert intrinsics_of(left) == intrinsics_of(right)
    moved = Pose.of(left.position_m, left.quaternion_wxyz).inverse @ Pose.of(
        right.position_m, right.quaternion_wxyz
    )
    assert moved.position_m == pytest.approx([left.settings["stereo"]["baseline_m"], 0.0, 0.0])
    assert moved.quaternion_wxyz == pytest.approx([1.0, 0.0, 0.0, 0.0])
    turned = cameras(*pair, do={"eye.yaw_deg": 90.0, "eye.baseline_m": 0.3})
    assert turned[1].settings["stereo"]["baseline_m"] == 0.3
    assert intrinsics_of(turned[0]) == intrinsics_of(left)
    assert np.array(turned[1].position_m) - turned[0].position_m == pytest.approx([0.3, 0.0, 0.0])


def test_half_a_pair_or_a_bent_one_is_refused() -> None:
    left, right = stereo(EYE, 0.2)
    with pytest.raises(SpecError, match='camera "eye_left" has no other eye "eye_right"'):
        cameras(left)
    with pytest.raises(SpecError, match='the stereo pair "eye" is called like something else'):
        cameras(left, right, EYE)
    bent = replace(EYE, model="brown_conrady", distortion=(0.1, 0.0, 0.0, 0.0))
    with pytest.raises(SpecError, match="have no common rows"):
        cameras(*stereo(bent, 0.2))
