"""Measured depth has the noise, the shadow and the gaps that closed forms give."""

from __future__ import annotations

from dataclasses import fields, replace
from typing import Any

import numpy as np
import pytest

from pairforge.frames import Pose
from pairforge.scenes.concrete import ConcreteSensor, intrinsics_of
from pairforge.scenes.spec import Aimed
from pairforge.scenes.world import Material, Sky
from pairforge.seeding import Stream
from pairforge.sensors.depth_camera import (
    FAR,
    HIDDEN,
    MEASURED,
    MIRROR,
    NEAR,
    STRUCTURED_LIGHT,
    WEAK,
    DepthCamera,
    carried,
)
from pairforge.sensors.depth_noise import Seen, look, measured
from pairforge.sensors.ray_engine import RayEngine
from tests.worlds import Thing, camera, gliding_timeline, make_world
from tests.worlds import box_shape as cube

NIGHT = Sky(sun_elevation=-0.5, sun_strength=0.0)


def depth_camera(width_px: int = 160, height_px: int = 120, **changes: Any) -> ConcreteSensor:
    """Looks along +x from the origin's height of 0.5 m."""
    aimed = camera((0.0, 0.0, 0.5), (1.0, 0.0, 0.5), width_px, height_px)
    spec = DepthCamera(name="depth", look_at=(1.0, 0.0, 0.5), **changes)
    base = {f.name for f in fields(Aimed)}
    own = {f.name: getattr(spec, f.name) for f in fields(spec) if f.name not in base}
    return replace(aimed, name="depth", kind="depth_camera", settings={**aimed.settings, **own})


def wall(x_m: float, size_m: float = 8.0, **surface: Any) -> Thing:
    """A box whose face stands square at ``x_m``."""
    shape = cube(size_m, "grey")
    part = shape.parts[0]
    made = Material("test", (0.5, 0.5, 0.5), **{"lidar_reflectivity": 0.5, **surface})
    mesh = replace(part.mesh, materials=tuple(made for _ in part.mesh.materials))
    shape = replace(shape, parts=(replace(part, mesh=mesh),))
    return Thing(f"wall_{x_m}", shape, (x_m + size_m / 2, 0.0, 0.5 - size_m / 2))


def seen(things: list[Thing], sensor: ConcreteSensor, sky: Sky = NIGHT) -> Seen:
    world = make_world(things, sky=sky)
    pose = Pose.of(sensor.position_m, sensor.quaternion_wxyz)
    return look(RayEngine(world), gliding_timeline(world), sensor, pose, 100_000_000)


def flat(depth_m: float, shape: tuple[int, int] = (300, 400)) -> Seen:
    """Something at one depth all over, in plenty of light."""
    full, none = np.full(shape, depth_m), np.zeros(shape)
    return Seen(full, np.ones(shape, np.uint16), np.full(shape, 1e6), none, none > 0)


@pytest.mark.parametrize("model", [{}, STRUCTURED_LIGHT])
@pytest.mark.parametrize("depth_m", [0.8, 1.7, 3.9])
def test_noise_grows_with_the_square_of_the_depth_as_the_formula_has_it(
    model: dict[str, Any], depth_m: float
) -> None:
    settings = {**depth_camera(**model).settings, "hole_share": 0.0, "max_range_m": 100.0}
    depth, status = measured(flat(depth_m), settings, Stream(3, "noise"))
    assert (status == MEASURED).all()
    reach = settings["fx"] * settings["matching_px"] / settings["width_px"] * settings["baseline_m"]
    error = reach / depth - reach / depth_m
    n, sigma, step = error.size, settings["disparity_sigma_px"], settings["disparity_step_px"]
    due = np.sqrt(sigma**2 + step**2 / 12)
    assert n > 100_000
    assert abs(error.mean()) < 4 * due / np.sqrt(n) + 0.2 * step, "a step is no finer than itself"
    if step < sigma:
        assert error.std() == pytest.approx(due, rel=4 / np.sqrt(2 * n))
    assert depth.std() == pytest.approx(depth_m**2 * error.std() / reach, rel=0.03)


def test_structured_light_errs_as_khoshelham_and_elberink_measured() -> None:
    sensor = depth_camera(640, 480, **{**STRUCTURED_LIGHT, "disparity_step_px": 0.0})
    settings = {**sensor.settings, "hole_share": 0.0, "max_range_m": 100.0, "fx": 580.0}
    found = {z: measured(flat(z), settings, Stream(1, "z"))[0].std() for z in (1.0, 3.0, 5.0)}
    # Their figure 9: 1.4 mm at 1 m, 13 mm at 3 m, 36 mm at 5 m.
    assert found[1.0] == pytest.approx(0.00143, rel=0.03)
    assert found[3.0] == pytest.approx(0.0129, rel=0.03)
    assert found[5.0] == pytest.approx(0.0358, rel=0.03)


def test_the_shadow_of_the_projector_is_as_wide_as_the_two_disparities_differ() -> None:
    near, far, baseline = 1.0, 2.0, 0.12
    sensor = depth_camera(640, 12, method="structured_light", baseline_m=baseline)
    plate = replace(wall(near, 0.4), position_m=(near + 0.2, 0.0, 0.3))
    view = seen([plate, wall(far)], sensor)
    row = view.hidden[6] & (view.depth[6] > 1.5)
    focal = intrinsics_of(sensor).fx
    assert row.sum() == pytest.approx(baseline * focal * (1 / near - 1 / far), abs=1.5)
    columns = np.flatnonzero(row)
    assert np.ptp(columns) + 1 == len(columns), "one band"
    assert view.depth[6, columns[-1] + 1] < 1.5, "left of the plate: the second viewpoint is to the right"


@pytest.mark.parametrize(
    ("surface", "why"),
    [
        ({"lidar_reflectivity": 0.004}, WEAK),
        ({"metallic": 1.0, "roughness": 0.02}, MIRROR),
        ({"transmission": 1.0, "roughness": 0.02}, MIRROR),
        ({}, MEASURED),
    ],
)
def test_dark_polished_and_clear_surfaces_give_no_depth(surface: dict[str, float], why: int) -> None:
    sensor = depth_camera(method="structured_light", hole_share=0.0)
    _, status = measured(seen([wall(2.0, **surface)], sensor), sensor.settings, Stream(2, "s"))
    assert (status[30:90, 40:120] == why).mean() > 0.98


def test_full_sun_blinds_structured_light_and_not_the_shade() -> None:
    sensor = depth_camera(**{**STRUCTURED_LIGHT, "hole_share": 0.0})
    noon = Sky(sun_elevation=0.6, sun_azimuth=np.pi, sun_strength=1.0)  # shines on the wall
    behind = Sky(sun_elevation=0.6, sun_azimuth=0.0, sun_strength=1.0)
    shares = []
    for sky in (noon, behind):
        _, status = measured(seen([wall(2.5)], sensor, sky), sensor.settings, Stream(2, "s"))
        shares.append((status[30:90, 40:120] == MEASURED).mean())
    assert shares[0] < 0.1
    assert shares[1] > 0.95


def test_what_is_seen_at_a_grazing_angle_is_lost_before_what_faces() -> None:
    sensor = depth_camera(method="structured_light", hole_share=0.0, reach_m=1.2, max_range_m=50.0)
    floor = Thing("floor", cube(30.0, "grey"), (0.0, 0.0, -30.0))
    view = seen([floor], sensor)
    _, status = measured(view, sensor.settings, Stream(2, "s"))
    lost = (status == WEAK).mean(axis=1)
    ground = np.isfinite(view.depth).all(axis=1)
    assert lost[-1] < 0.1, "near the feet the floor is measured"
    assert lost[ground][0] == 1.0, "towards the horizon it is not"


def test_beyond_its_range_there_is_no_depth() -> None:
    sensor = depth_camera(min_range_m=0.5, max_range_m=3.0, hole_share=0.0)
    for depth_m, why in ((0.3, NEAR), (3.5, FAR), (1.0, MEASURED)):
        depth, status = measured(flat(depth_m), sensor.settings, Stream(2, "r"))
        assert (status == why).all()
        assert ((depth > 0.0) == (why == MEASURED)).all()


def test_a_stereo_camera_loses_the_margin_that_only_one_eye_sees() -> None:
    sensor = depth_camera(method="active_stereo", baseline_m=0.1)
    view = seen([wall(1.0)], sensor)
    margin = np.flatnonzero(view.hidden[60])
    assert len(margin) == pytest.approx(0.1 * intrinsics_of(sensor).fx / 1.0, abs=1.0)
    assert margin[0] == 0
    assert HIDDEN in measured(view, sensor.settings, Stream(1, "m"))[1]


def test_near_edges_the_foreground_spreads_by_no_more_than_the_window() -> None:
    sensor = depth_camera(window_px=3, flying_share=0.0, hole_share=0.0, disparity_sigma_px=0.0)
    shape = (60, 80)
    depth = np.full(shape, 2.0)
    depth[:, :40] = 1.0
    scene = replace(flat(2.0, shape), depth=depth)
    found, _ = measured(scene, {**sensor.settings, "disparity_step_px": 0.0}, Stream(4, "edge"))
    spread = np.abs(found - 1.0) < 0.01
    assert spread[:, :40].all(), "the foreground keeps its depth"
    assert spread[:, 40:43].mean() > 0.2
    assert not spread[:, 43:].any()


def test_depth_carried_into_the_colour_camera_is_the_plane_seen_from_there() -> None:
    sensor, colour = depth_camera(), camera((0.0, 0.0, 0.0), (1.0, 0.0, 0.0), 80, 60)
    colour_from_depth = Pose.of((0.03, 0.0, 0.25))  # the colour camera stands 0.25 m behind
    found = carried(np.full((120, 160), 1.5), sensor, colour, colour_from_depth)
    middle = found[25:35, 35:45]
    np.testing.assert_allclose(middle, 1.75, atol=1e-9)
    # The image's left edge at 1.5 m is 0.03 m farther right seen from the colour camera.
    k = intrinsics_of(colour)
    left = (-1.5 * 80 / intrinsics_of(sensor).fx + 0.03) / 1.75 * k.fx + k.cx
    assert np.flatnonzero(found[30])[0] == pytest.approx(max(left, 0.0), abs=1.0)
