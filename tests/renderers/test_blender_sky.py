"""The computed sky behaves like daylight, and surface images tile."""

from __future__ import annotations

import numpy as np
import pytest

from pairforge.renderers.blender_backdrop import backdrop
from pairforge.renderers.blender_sky import daylight
from pairforge.renderers.blender_textures import PATTERNS, mottle, surface
from pairforge.scenes.world import Sky

WIDTH = 128


@pytest.mark.parametrize("azimuth", [0.6, -2.0, 3.0])
def test_the_sky_is_brightest_towards_the_sun(azimuth: float) -> None:
    image = daylight(Sky(sun_elevation=0.4, sun_azimuth=azimuth), WIDTH).image
    row = image[int((0.5 - 0.4 / np.pi) * WIDTH / 2)].sum(-1)
    found = (0.5 - (row.argmax() + 0.5) / WIDTH) * 2 * np.pi
    assert abs((found - azimuth + np.pi) % (2 * np.pi) - np.pi) < 1.5 * 2 * np.pi / WIDTH
    assert row.max() > 1.5 * row.min()


def test_the_zenith_is_blue_and_a_low_sun_is_red_and_weak() -> None:
    noon, evening = daylight(Sky(sun_elevation=1.0), WIDTH), daylight(Sky(sun_elevation=0.05), WIDTH)
    zenith = noon.image[0].mean(0)
    assert zenith[2] > 1.5 * zenith[0]
    assert evening.sun[0] / evening.sun[2] > 2 * noon.sun[0] / noon.sun[2]
    assert evening.horizontal < 0.2 * noon.horizontal


def test_ground_light_is_the_sum_of_sun_and_sky() -> None:
    day = daylight(Sky(sun_elevation=0.8, cloudiness=0.3, sun_strength=0.7), WIDTH)
    rows, columns = day.image.shape[:2]
    elevation = (0.5 - (np.arange(rows) + 0.5) / rows) * np.pi
    cap = np.cos(elevation) * np.maximum(np.sin(elevation), 0) * (np.pi / rows) * (2 * np.pi / columns)
    from_sky = (day.image.mean(-1) * cap[:, None]).sum()
    assert day.horizontal == pytest.approx(from_sky + day.sun.mean() * np.sin(0.8), rel=0.02)
    assert 0.1 < from_sky / day.horizontal < 0.6


def test_strengths_scale_and_night_has_no_sun() -> None:
    assert daylight(Sky(sun_strength=0.0), WIDTH).sun.max() == 0.0
    assert daylight(Sky(sun_elevation=-0.3), WIDTH).sun.max() == 0.0
    one, two = (daylight(Sky(sky_strength=s), WIDTH).image[: WIDTH // 4 - 1] for s in (1.0, 2.0))
    np.testing.assert_allclose(two, 2 * one, rtol=1e-6)


@pytest.mark.parametrize("sky", [Sky(cloudiness=0.4), Sky(sun_elevation=-0.2, fog_per_m=0.01)])
def test_a_night_is_raised_as_a_whole_and_its_coarse_sky_sends_the_same_light(sky: Sky) -> None:
    day, found = daylight(sky, WIDTH), backdrop(sky, (), WIDTH)
    np.testing.assert_allclose(found.sky, day.image * found.gain, rtol=1e-6)
    np.testing.assert_allclose(found.coarse.mean((0, 1), float), found.sky.mean((0, 1), float), rtol=1e-6)
    assert found.coarse.shape == (WIDTH // 8, WIDTH // 4, 3)
    assert (found.gain > 1.0) is (sky.sun_elevation < 0.0)


def test_clouds_whiten_and_fog_evens_the_sky() -> None:
    clear, overcast = (
        daylight(Sky(), WIDTH).image,
        daylight(Sky(cloudiness=1.0, sun_strength=0.1), WIDTH).image,
    )
    up = slice(0, WIDTH // 8)
    ratio = [im[up, :, 2].mean() / im[up, :, 0].mean() for im in (clear, overcast)]
    assert ratio[1] < 0.7 * ratio[0]
    foggy = daylight(Sky(fog_per_m=0.05), WIDTH)
    np.testing.assert_allclose(foggy.image[WIDTH // 4 - 4, 0], foggy.haze, rtol=0.02)


@pytest.mark.parametrize("name", list(PATTERNS))
def test_surface_images_tile_and_keep_the_mean_colour(name: str) -> None:
    image = surface(name)
    assert image.min() >= 0.0
    assert image.max() <= 1.0
    assert image[..., :3].mean() == pytest.approx(0.5, abs=0.02)
    for turned in (image, image.transpose(1, 0, 2)):
        inside = np.abs(np.diff(turned[..., 0], axis=0)).mean()
        assert np.abs(turned[0, :, 0] - turned[-1, :, 0]).mean() < 3 * inside + 0.02


def test_a_threshold_on_water_covers_its_share() -> None:
    assert (mottle()[..., 3] > 0.7).mean() == pytest.approx(0.3, abs=0.01)


@pytest.mark.parametrize("elevation", [0.8, -0.35])
def test_a_plain_fades_into_the_sky_instead_of_ending_at_a_line(elevation: float) -> None:
    day = daylight(Sky(sun_elevation=elevation, sun_strength=1.0 if elevation > 0 else 0.0), 512)
    rows = len(day.image) // 2
    sky, far, near = (day.image[k].mean() for k in (rows - 1, rows, -1))
    assert 0.35 * sky < far < sky
    np.testing.assert_allclose(
        day.image[-1], np.broadcast_to(day.image[-1][0], day.image[-1].shape), rtol=1e-6
    )
    assert near < far
