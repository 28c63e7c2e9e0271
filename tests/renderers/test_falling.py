"""Drops, flakes and halos over a picture: by depth, by rate, from named draws, and never in labels."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from pairforge.frames import Intrinsics
from pairforge.renderers.falling import with_particles
from pairforge.renderers.glare import with_glare
from pairforge.sample import CameraFrame
from pairforge.scenes.world import Sky
from pairforge.seeding import Stream
from tests.captioners.hand_made import shoot, street

GREY = 90


def camera(depth_m: float, speed_mps: float = 0.0) -> CameraFrame:
    """A real frame, with everything at one depth, moving along its view."""
    seen = shoot(street([]))
    ahead = seen.world_from_camera.vectors([0.0, 0.0, speed_mps * 0.1])
    later = replace(seen.world_from_camera, position_m=seen.world_from_camera.position_m + ahead)
    depth = np.full(seen.depth.shape, depth_m, dtype=np.float32)
    return replace(seen, depth=depth, world_from_camera_next=later, flow_dt_ns=100_000_000)


def picture(seen: CameraFrame) -> NDArray[np.uint8]:
    return np.full((*seen.depth.shape, 3), GREY, dtype=np.uint8)


def change(sky: Sky, depth_m: float = 30.0, speed_mps: float = 0.0) -> NDArray[np.int64]:
    seen = camera(depth_m, speed_mps)
    out = with_particles(picture(seen), seen, sky, Stream(1, "falling"))
    return np.abs(out.astype(np.int64) - GREY).sum(axis=2)


def test_nothing_falls_in_dry_weather() -> None:
    seen = camera(30.0)
    rgb = picture(seen)
    assert with_particles(rgb, seen, Sky(fog_per_m=0.05, wetness=1.0), Stream(1)) is rgb


@pytest.mark.parametrize("name", ["rain_mm_h", "snow_mm_h"])
def test_the_same_draws_give_the_same_picture_and_others_another(name: str) -> None:
    seen, sky = camera(30.0), Sky(**{name: 5.0}, sun_elevation=0.5)
    a, b, c = (with_particles(picture(seen), seen, sky, Stream(s, "falling")) for s in (1, 1, 2))
    np.testing.assert_array_equal(a, b)
    assert (a != c).any()


@pytest.mark.parametrize(
    ("name", "rates"), [("rain_mm_h", (1.0, 10.0, 60.0)), ("snow_mm_h", (0.2, 1.0, 5.0))]
)
def test_more_falls_and_more_is_seen(name: str, rates: tuple[float, ...]) -> None:
    seen = [change(Sky(**{name: rate})).sum() for rate in rates]
    assert seen == sorted(seen)
    assert seen[0] > 0


def test_what_is_nearer_than_any_drop_is_not_covered() -> None:
    assert change(Sky(rain_mm_h=60.0), depth_m=0.15).sum() == 0
    near, far = change(Sky(snow_mm_h=3.0), depth_m=2.0).sum(), change(Sky(snow_mm_h=3.0), depth_m=30.0).sum()
    assert 0 < near < 0.8 * far


def test_rain_falls_in_upright_streaks_before_a_standing_camera() -> None:
    """Streaks are upright while we stand: the picture varies less along columns than along rows."""
    still = change(Sky(rain_mm_h=20.0)).astype(float)
    across, along = np.abs(np.diff(still, axis=1)).mean(), np.abs(np.diff(still, axis=0)).mean()
    assert along < 0.9 * across


def test_halos_surround_lamps_by_night_and_grow_in_fog_and_nothing_changes_by_day() -> None:
    rgb = np.full((90, 160, 3), 10, dtype=np.uint8)
    rgb[45, 80] = 255
    assert with_glare(rgb, Sky()) is rgb
    night = Sky(sun_elevation=-0.5, sun_strength=0.0)
    clear, foggy = (with_glare(rgb, s)[45, 82].mean() for s in (night, replace(night, fog_per_m=0.03)))
    assert 10 < clear < foggy


@pytest.mark.parametrize(
    "bent",
    [
        Intrinsics(96, 64, 24.0, 24.0, 48.0, 32.0, "kannala_brandt", (-0.02, 0.003, 0.0, 0.0), 170.0),
        Intrinsics(96, 48, 96 / (2 * np.pi), 48 / np.pi, 48.0, 24.0, "equirectangular"),
        Intrinsics(96, 64, 60.0, 60.0, 48.0, 32.0, "brown_conrady", (-0.3, 0.1, 0.0, 0.0)),
    ],
    ids=lambda k: k.model,
)
def test_snow_falls_all_over_what_a_bent_lens_sees_and_nowhere_else(bent: Intrinsics) -> None:
    depth = np.full((bent.height_px, bent.width_px), 30.0, dtype=np.float32)
    seen_from = replace(camera(30.0), intrinsics=bent, depth=depth)
    grey = picture(seen_from)
    changed = (with_particles(grey, seen_from, Sky(snow_mm_h=8.0), Stream(4)) != grey).any(axis=-1)
    seen = np.isfinite(bent.rays()[..., 0])
    assert not changed[~seen].any()
    for rows in (slice(0, bent.height_px // 2), slice(bent.height_px // 2, None)):
        for columns in (slice(0, bent.width_px // 2), slice(bent.width_px // 2, None)):
            assert changed[rows, columns].any()
