"""The imager's noise, steps, shade and JPEG are those it is asked for."""

from __future__ import annotations

import io
from dataclasses import replace

import numpy as np
import pytest
from PIL import Image

from pairforge.errors import SpecError
from pairforge.frames import Intrinsics
from pairforge.renderers.imager import converted, developed, lens_shade, linear
from pairforge.scenes.optics import Imager
from pairforge.seeding import Stream

NOISELESS = Imager(full_well_e=1e7, bits=16)
"""One that leaves a picture as it is, but for a rare rounding."""
STREAM = Stream(7, "imager")


def camera(width: int = 64, height: int = 48) -> Intrinsics:
    return Intrinsics.from_fov(width, height, 70.0)


def ramp(width: int = 64, height: int = 48) -> np.ndarray:
    """All levels, differently in each colour."""
    k = np.arange(width * height * 3).reshape(height, width, 3)
    return (k * 7 % 256).astype(np.uint8)


@pytest.mark.parametrize(("full_well_e", "read_noise_e", "bits"), [(9_000.0, 6.0, 14), (1_200.0, 12.0, 12)])
def test_a_photon_transfer_curve_gives_back_full_well_and_read_noise(
    full_well_e: float, read_noise_e: float, bits: int
) -> None:
    """Janesick's method: variance against mean is a line whose slope is the gain and whose foot the read noise."""
    imager = Imager(full_well_e=full_well_e, read_noise_e=read_noise_e, bits=bits)
    samples, levels = 100_000, np.linspace(0.0, 0.6, 13)
    flats = [converted(np.full(samples, x), imager, STREAM / k) for k, x in enumerate(levels)]
    mean, variance = (np.array([f(flat) for flat in flats]) for f in (np.mean, np.var))
    weights = 1.0 / (variance * np.sqrt(2.0 / samples))  # the standard error of a variance
    (slope, foot), covariance = np.polyfit(mean, variance, 1, w=weights, cov="unscaled")
    gain = (2**bits - 1) / full_well_e
    assert abs(slope - gain) < 3.3 * np.sqrt(covariance[0, 0])  # 99.9 %
    rounding = 1.0 / 12.0
    assert abs(foot - (gain * read_noise_e) ** 2 - rounding) < 3.3 * np.sqrt(covariance[1, 1])
    assert (2**bits - 1) / slope == pytest.approx(full_well_e, rel=0.01)
    assert np.sqrt(foot - rounding) / slope == pytest.approx(read_noise_e, rel=0.02)


def test_shot_noise_is_poissons_to_the_third_moment() -> None:
    imager = Imager(full_well_e=4095.0, bits=12)  # one step an electron
    steps = converted(np.full(200_000, 9.5 / 4095.0), imager, STREAM)
    assert steps.mean() == pytest.approx(9.5, abs=4 * np.sqrt(9.5 / 200_000))
    assert steps.var() == pytest.approx(9.5, rel=0.02)
    assert ((steps - steps.mean()) ** 3).mean() == pytest.approx(9.5, rel=0.08)


def test_noise_below_black_is_kept_until_the_end() -> None:
    dark = converted(np.zeros(100_000), Imager(read_noise_e=20.0), STREAM)
    assert abs(dark.mean()) < 4 * dark.std() / np.sqrt(dark.size)


def test_one_stop_more_is_twice_the_light_and_white_is_the_most() -> None:
    grey = np.full((48, 64, 3), 90, np.uint8)
    one, two = (
        linear(developed(grey, replace(NOISELESS, exposure_ev=ev), camera(), STREAM)).mean()
        for ev in (0.0, 1.0)
    )
    assert two / one == pytest.approx(2.0, rel=0.01)
    white = developed(grey, replace(NOISELESS, exposure_ev=6.0), camera(), STREAM)
    assert (white == 255).all()


def test_without_noise_a_picture_stays_as_it_is() -> None:
    out = developed(ramp(), NOISELESS, camera(), STREAM).astype(int)
    assert np.abs(out - ramp()).max() <= 1
    assert (out != ramp()).mean() < 0.05


def test_corners_lose_the_share_they_are_told_to_by_cos4() -> None:
    k = camera(65, 49)
    shade = lens_shade(Imager(vignetting=0.4), k)
    for corner in ((0, 0), (0, -1), (-1, 0), (-1, -1)):
        assert shade[corner] == pytest.approx(0.6, rel=1e-9)
    assert shade[24, 32] == 1.0
    # Half-way out: cos^4 of the angle with half the corner's tangent.
    half = np.arctan(np.sqrt(0.6**-0.5 - 1) / 2)
    assert shade[12, 16] == pytest.approx(np.cos(half) ** 4, rel=1e-9)
    grey = np.full((49, 65, 3), 180, np.uint8)
    out = linear(developed(grey, replace(NOISELESS, vignetting=0.4), k, STREAM))
    assert out[0, 0].mean() / out[24, 32].mean() == pytest.approx(0.6, abs=0.01)


def test_the_shade_lies_about_the_principal_point() -> None:
    shade = lens_shade(Imager(vignetting=0.5), Intrinsics(64, 48, 50.0, 50.0, 20.5, 10.5))
    assert np.unravel_index(shade.argmax(), shade.shape) == (10, 20)
    assert shade.min() == shade[-1, -1] == pytest.approx(0.5)


def test_white_balance_scales_linear_light_of_its_channel() -> None:
    grey = np.full((48, 64, 3), 120, np.uint8)
    out = linear(developed(grey, replace(NOISELESS, white_balance=(1.5, 1.0, 0.5)), camera(), STREAM)).mean(
        (0, 1)
    )
    np.testing.assert_allclose(out / out[1], (1.5, 1.0, 0.5), rtol=0.01)


def test_few_bits_leave_few_levels() -> None:
    out = developed(ramp(), Imager(full_well_e=1e7, bits=4), camera(), STREAM)
    assert len(np.unique(out)) == 16


def test_jpeg_is_pillows_own_round_trip() -> None:
    plain = developed(ramp(), NOISELESS, camera(), STREAM)
    file = io.BytesIO()
    Image.fromarray(plain).save(file, "JPEG", quality=60)
    want = np.array(Image.open(io.BytesIO(file.getvalue())))
    out = developed(ramp(), replace(NOISELESS, jpeg_quality=60), camera(), STREAM)
    np.testing.assert_array_equal(out, want)
    assert (out != plain).mean() > 0.5


def test_the_same_stream_gives_the_same_bytes_and_another_other_noise() -> None:
    imager = Imager(full_well_e=500.0, read_noise_e=5.0, jpeg_quality=80)
    one, again, other = (developed(ramp(), imager, camera(), s) for s in (STREAM, STREAM, STREAM / "other"))
    np.testing.assert_array_equal(one, again)
    assert (one != other).mean() > 0.5


@pytest.mark.parametrize(
    ("wrong", "said"), [({"white_balance": (0.0, 1.0, 1.0)}, "each gain"), ({"bits": "12"}, "whole number")]
)
def test_an_imager_that_cannot_be_is_refused(wrong: dict[str, object], said: str) -> None:
    with pytest.raises(SpecError, match=said):
        Imager(**wrong)  # type: ignore[arg-type]
