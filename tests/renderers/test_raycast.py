"""The preview renderer: it shows the world it was given, and always the same."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray

from pairforge.errors import RenderError
from pairforge.frames import Intrinsics, Pose, look_at
from pairforge.renderers.protocol import Quality, View
from pairforge.renderers.raycast import RaycastRenderer, preview
from pairforge.renderers.raycast_light import Light
from pairforge.renderers.raycast_tone import developed
from pairforge.scenes.world import Sky, World
from pairforge.sensors.ray_engine import RayEngine
from tests.worlds import FLOOR, Thing, box_shape, make_world, small_world

SUNNY = Sky(sun_elevation=0.9, sun_azimuth=np.pi / 2)
"""The sun stands in the south of +y."""


def view(width_px: int = 96, eye=(-1.0, 0.0, 2.0), target=(4.0, 0.0, 0.3), poses=None) -> View:  # type: ignore[no-untyped-def]
    k = Intrinsics.from_fov(width_px, width_px * 9 // 16, 70.0)
    return View(k, look_at(eye, target), poses or {})


def at(picture: NDArray[np.uint8], seen: View, xyz: tuple[float, float, float]) -> NDArray[np.float64]:
    """Mean colour around the pixel that shows a point of the world."""
    u, v = seen.intrinsics.project(seen.world_from_camera.inverse.points(xyz))
    r, c = int(v), int(u)
    return picture[r - 1 : r + 2, c - 1 : c + 2].reshape(-1, 3).astype(float).mean(axis=0)


def one_box(colour: str = "red", sky: Sky = SUNNY) -> World:
    return make_world(
        [FLOOR, Thing("box", box_shape(1.0, colour), (4.0, 0.0, 0.0), motion="dynamic")], sky=sky
    )


def test_things_have_their_colours() -> None:
    for channel, colour in enumerate(("red", "green", "blue")):
        pixel = at(preview(one_box(colour), view()), view(), (4.0, 0.0, 1.0))
        assert pixel.argmax() == channel
        assert pixel.max() > 1.3 * np.delete(pixel, channel).max()


def test_the_sun_throws_a_shadow_away_from_itself() -> None:
    picture = preview(one_box(), view())
    lit, shaded = at(picture, view(), (4.0, 1.2, 0.0)), at(picture, view(), (4.0, -0.8, 0.0))
    assert shaded.mean() < 0.75 * lit.mean()


def test_a_night_without_sun_is_darker() -> None:
    day, dusk = (
        preview(one_box(sky=s), view()).mean() for s in (SUNNY, Sky(sun_elevation=-0.15, sun_strength=0))
    )
    assert dusk < 0.8 * day


def test_moved_parts_are_seen_where_they_are() -> None:
    away = preview(one_box(), view(poses={2: Pose.of((6.0, 2.5, 0.0))}))
    assert at(away, view(), (4.0, 0.0, 0.5)).argmax() != 0 or at(away, view(), (4.0, 0.0, 0.5)).std() < 15
    there = at(away, view(), (5.5, 2.5, 0.5))
    assert there[0] > 1.3 * there[1:].max()


def test_fog_dims_by_beer_and_lambert_and_fills_in_with_haze() -> None:
    light = Light(replace(SUNNY, fog_per_m=0.05))
    radiance = np.array([[1.0, 2.0, 3.0]] * 3, dtype=np.float32)
    seen = light.through_air(radiance, np.array([0.0, 20.0, 2000.0], dtype=np.float32))
    share = np.exp(-0.05 * 20.0)
    np.testing.assert_allclose(seen[0], radiance[0], rtol=1e-5)
    np.testing.assert_allclose(seen[1], radiance[1] * share + light.haze * (1 - share), rtol=1e-5)
    np.testing.assert_allclose(seen[2], light.haze, rtol=1e-5)


def test_fog_takes_the_colour_out_of_a_far_thing() -> None:
    def redness(fog_per_m: float, x_m: float) -> float:
        poses = {2: Pose.of((x_m, 0.0, 0.0))}
        picture = preview(one_box(sky=replace(SUNNY, fog_per_m=fog_per_m)), view(poses=poses))
        red, green, _ = at(picture, view(), (x_m - 0.5, 0.0, 0.5))
        return red / green - 1

    assert redness(0.0, 12.0) > 0.5
    assert redness(0.08, 12.0) < 0.7 * redness(0.08, 3.0)


@pytest.mark.parametrize("quality", ["draft", "standard", "high"])
def test_bytes_do_not_depend_on_what_was_rendered_before(quality: Quality) -> None:
    world, first, second = small_world(), view(48), view(48, eye=(0.0, 2.0, 2.0))
    renderer = RaycastRenderer()
    renderer.open(world, quality)
    renderer.render(first)
    after = renderer.render(second)
    renderer.close()
    renderer.close()
    assert after.dtype == np.uint8
    assert after.shape == (27, 48, 3)
    np.testing.assert_array_equal(after, preview(world, second, quality))


def test_edges_are_smoother_at_better_quality() -> None:
    """Against a picture of four times the size, averaged down: more samples, less error."""
    world = one_box()
    big = view(192)
    truth = preview(world, big, "standard").reshape(27, 4, 48, 4, 3).astype(float).mean(axis=(1, 3))
    small = replace(big, intrinsics=Intrinsics(48, 27, *(x / 4 for x in _four(big.intrinsics))))
    error = {q: np.abs(preview(world, small, q) - truth).mean() for q in ("draft", "standard", "high")}
    assert error["standard"] < 0.8 * error["draft"]
    assert error["high"] <= error["standard"] * 1.02


def _four(k: Intrinsics) -> tuple[float, float, float, float]:
    return k.fx, k.fy, k.cx, k.cy


def test_the_picture_lies_on_the_labels() -> None:
    """The strongest colour edge of a red box on grey runs along its mask."""
    world, seen = one_box(), view(192)
    picture = preview(world, seen, "draft").astype(float)
    d = seen.world_from_camera.vectors(seen.intrinsics.rays().reshape(-1, 3))
    hits = RayEngine(world).cast(np.broadcast_to(seen.world_from_camera.position_m, d.shape), d, {})
    mask = (world.instance_of_part[hits.part] == 1).reshape(picture.shape[:2])
    red = picture[..., 0] > 1.5 * picture[..., 1]
    assert (red == mask).mean() > 0.99
    assert mask.sum() > 500


def test_the_tone_curve_rises_from_black_to_white() -> None:
    ramp = np.repeat(np.geomspace(1e-4, 100, 200, dtype=np.float32)[:, None], 3, axis=1)
    shown = developed(np.concatenate([np.zeros((1, 3), np.float32), ramp]), 1.0)
    assert (np.diff(shown, axis=0) >= 0).all()
    assert shown[0].max() < 0.02
    assert shown[-1].min() > 0.999


def test_rendering_without_a_world_says_what_to_do() -> None:
    with pytest.raises(RenderError, match=r"Call open\(world, quality\) first"):
        RaycastRenderer().render(view())


def test_a_world_of_sky_alone_is_a_picture_of_the_sky() -> None:
    picture = preview(make_world([], sky=SUNNY), view(48, target=(4.0, 0.0, 6.0)))
    assert (picture[..., 2].astype(int) >= picture[..., 0]).mean() > 0.9
