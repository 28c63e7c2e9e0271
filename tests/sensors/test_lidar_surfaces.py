"""What surfaces do to light, against Fresnel, Lambert, EN 12899-1 and the method of images."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pairforge.scenes.world import Sky
from pairforge.sensors.air import BLOOM, GHOST, SURFACE, THROUGH
from pairforge.sensors.boxes import boxes3d
from pairforge.sensors.lidar_surfaces import fresnel, lobe, mirror_share, retroreflectance
from tests.sensors.lidar_worlds import (
    AT_NS,
    BEAM,
    GREY,
    MIRROR,
    PANE,
    SHEETING,
    SURFACES,
    WHITE,
    azimuth,
    eye,
    take,
    wall,
)
from tests.worlds import FLOOR, Thing, ball_shape, box_shape, gliding_timeline, lidar, make_world


def snell(cosine: np.ndarray, ior: float) -> np.ndarray:
    """Fresnel's equations as textbooks write them, with the angle of refraction."""
    sine = np.sqrt(1 - cosine**2) / ior
    inner = np.sqrt(1 - sine**2)
    s = (cosine - ior * inner) / (cosine + ior * inner)
    p = (ior * cosine - inner) / (ior * cosine + inner)
    return (s**2 + p**2) / 2


def test_fresnel_is_that_of_the_textbooks() -> None:
    cosine = np.cos(np.radians(np.linspace(0, 89.5, 200)))
    for ior in (1.33, 1.45, 1.5, 2.4):
        np.testing.assert_allclose(fresnel(cosine, ior), snell(cosine, ior), rtol=1e-9)
    assert fresnel(np.ones(1), 1.5)[0] == pytest.approx(0.04)
    assert fresnel(np.array([1e-6]), 1.5)[0] == pytest.approx(1.0, abs=1e-4)


def test_sheeting_sends_back_what_the_standard_asks_for() -> None:
    """EN 12899-1, class RA2, white, at an observation angle of 0.2 degrees: 250, 150 and 110 cd/(lx m^2)."""
    cosine = np.cos(np.radians([5.0, 30.0, 40.0]))
    coefficient = retroreflectance(np.full(3, 250.0), cosine) * cosine / np.pi
    np.testing.assert_allclose(coefficient, [250.0, 150.0, 110.0], rtol=0.1)
    white = retroreflectance(np.array([1 / np.pi]), np.ones(1))
    assert white[0] == pytest.approx(1.0), "what reflects as a white wall does counts as one"


def test_smooth_things_mirror_and_rough_ones_do_not() -> None:
    assert mirror_share(0.02) > 0.99
    assert mirror_share(0.6) < 0.01
    narrow, wide = (lobe(np.cos(np.radians([0.0, 20.0])), r) for r in (0.1, 0.6))
    assert narrow[0] > wide[0] > wide[1] > narrow[1]


def test_intensity_of_a_sphere_falls_with_the_cosine_of_incidence() -> None:
    """The sphere's own geometry says how steep each ray meets it."""
    ball = Thing("ball", ball_shape(6.0, "white"), (8.0, 0.0, -3.0))
    sensor = lidar((0.0, 0.0, 0.0), beams=32, columns=720)
    sensor = replace(
        sensor, settings={**sensor.settings, "labels": ["incidence"], "elevation_deg": [-20.0, 20.0]}
    )
    frame = take(make_world([ball]), sensor)
    assert len(frame.points) > 500
    hit = frame.deskewed.astype(float)
    ray = hit / np.linalg.norm(hit, axis=1, keepdims=True)
    normal = (hit - [8.0, 0.0, 0.0]) / 3.0
    cosine = -np.einsum("ij,ij->i", ray, normal)
    np.testing.assert_allclose(frame.extra["incidence"], cosine, atol=0.06)  # the mesh has flat faces
    assert np.abs(frame.extra["incidence"] - cosine).mean() < 0.02
    np.testing.assert_allclose(frame.intensity, 0.5 * frame.extra["incidence"], atol=1e-6)


def through(turn_deg: float) -> float:
    """Intensity, relative to no pane, of a wall right ahead behind one surface of glass."""
    pane = wall("pane", PANE, 4.0, yaw=np.radians(turn_deg))
    surfaces = {**SURFACES, "mirrors": False}
    frame = take(make_world([pane, wall("behind", WHITE, 10.0)]), eye(surfaces=surfaces))
    ahead = np.abs(azimuth(frame)) < 1e-6
    assert frame.kind[ahead].tolist() == [THROUGH]
    assert frame.instance[ahead].tolist() == [2]
    assert frame.extra["via"][ahead].tolist() == [1]
    assert frame.extra["via_m"][ahead][0] == pytest.approx(4.0, abs=1e-4)
    assert frame.range_m[ahead][0] == pytest.approx(10.0, abs=1e-3)
    return float(frame.intensity[ahead][0] / 0.8)


def test_glass_lets_through_what_fresnel_leaves_there_and_back() -> None:
    for turn in (0.0, 40.0, 70.0):
        left = 1.0 - snell(np.cos(np.radians([turn])), 1.5)[0]
        assert through(turn) == pytest.approx(left**2, rel=1e-4)


def test_glass_is_opaque_where_the_settings_say_so() -> None:
    world = make_world([wall("pane", PANE, 4.0), wall("behind", WHITE, 10.0)])
    frame = take(world, eye(surfaces={**SURFACES, "glass": False, "mirrors": False}))
    assert not (frame.kind == THROUGH).any()


@pytest.mark.parametrize("turn_deg", [35.0, 50.0])
def test_ghosts_stand_where_the_method_of_images_puts_them(turn_deg: float) -> None:
    """A mirror ahead, a box aside: the ghost box is the box mirrored, point by point."""
    yaw = np.radians(turn_deg)
    mirror = wall("mirror", MIRROR, 6.0, wide_m=6.0, yaw=yaw)
    box = Thing("box", box_shape(2.0, "white"), (4.0, -7.0, -1.0))
    frame = take(make_world([mirror, box]), eye(columns=3600, surfaces=SURFACES))
    ghost = frame.kind == GHOST
    assert ghost.sum() > 20
    assert (frame.instance[ghost] == 2).all()
    assert (frame.extra["via"][ghost] == 1).all()
    normal = np.array([np.cos(yaw), np.sin(yaw), 0.0])
    seen = frame.deskewed[ghost].astype(float)
    image = seen - 2.0 * ((seen - [6.0, 0.0, 0.0]) @ normal)[:, None] * normal
    np.testing.assert_allclose(frame.extra["source"][ghost], image, atol=2e-3)
    outside = np.abs(image - [4.0, -7.0, 0.0]).max(axis=1) - 1.0
    assert outside.max() < 2e-3
    assert outside.min() > -0.05, "its edges are rounded"
    assert np.median(np.abs(outside)) < 2e-4
    assert (frame.touched[ghost] == 0).all()
    assert set(frame.touched[frame.kind == SURFACE].tolist()) <= {1, 2}


def test_a_ghost_is_as_bright_as_its_mirror_leaves_it() -> None:
    """Schlick's metal at 45 degrees, there and back, and a wall met head on."""
    mirror = wall("mirror", MIRROR, 6.0, wide_m=3.0, yaw=np.pi / 4)
    side = wall("side", WHITE, 6.0, y_m=-9.0, yaw=np.pi / 2)
    frame = take(make_world([mirror, side]), eye(columns=720, surfaces=SURFACES))
    ahead = np.abs(azimuth(frame)) < 1e-6
    assert frame.kind[ahead].tolist() == [GHOST]
    metal = 0.9 + 0.1 * (1 - np.sqrt(0.5)) ** 5
    assert frame.intensity[ahead][0] == pytest.approx(0.8 * metal**2, rel=1e-3)
    assert frame.range_m[ahead][0] == pytest.approx(15.0, abs=1e-3)


def wet(surfaces: dict[str, Any], wetness: float) -> np.ndarray:
    floor = replace(FLOOR, shape=_soaked(FLOOR))
    box = Thing("box", box_shape(3.0, "white"), (12.0, 0.0, 0.0))
    world = make_world([floor, box], sky=Sky(wetness=wetness))
    sensor = lidar((0.0, 0.0, 1.8), beams=32, columns=360, max_range_m=100.0)
    settings = {**sensor.settings, "elevation_deg": [-20.0, 2.0], "surfaces": surfaces}
    frame = take(world, replace(sensor, settings={**settings, "beam": {**BEAM, "returns": 2}}))
    ghosts = frame.kind == GHOST
    assert (frame.deskewed[ghosts, 2] < -1.8 + 0.3).all(), "what a wet road mirrors seems to lie below it"
    return frame.kind


def _soaked(thing: Thing) -> Any:
    part = thing.shape.parts[0]
    asphalt = replace(part.mesh.materials[0], pattern="asphalt", roughness=0.9)
    return replace(thing.shape, parts=(replace(part, mesh=replace(part.mesh, materials=(asphalt,))),))


def test_wet_ground_mirrors_at_grazing_angles_and_dry_ground_does_not() -> None:
    assert (wet(SURFACES, 1.0) == GHOST).sum() > 30
    assert not (wet(SURFACES, 0.0) == GHOST).any()
    assert not (wet({**SURFACES, "mirrors": False}, 1.0) == GHOST).any()


def test_a_sign_dazzles_the_beams_around_it_and_no_others() -> None:
    sign = wall("sign", SHEETING, 20.0, wide_m=1.0)
    frame = take(make_world([sign]), eye(columns=3600, surfaces={**SURFACES, "blooming_mrad": 30.0}))
    own, stray = frame.kind == SURFACE, frame.kind == BLOOM
    assert (frame.intensity[own] == 1.0).all(), "it saturates"
    assert stray.sum() > 10
    assert (frame.instance[stray] == 1).all()
    edge = np.arctan2(0.5, 20.0)
    assert np.abs(azimuth(frame)[own]).max() <= edge + 1e-6
    assert np.abs(azimuth(frame)[stray]).min() > edge
    assert np.abs(azimuth(frame)[stray]).max() <= edge + 0.030 + 1e-6
    assert not (take(make_world([sign]), eye(columns=3600, surfaces=SURFACES)).kind == BLOOM).any()
    dull = replace(sign, shape=wall("sign", GREY, 20.0, wide_m=1.0).shape)
    frame = take(make_world([dull]), eye(columns=3600, surfaces={**SURFACES, "blooming_mrad": 30.0}))
    assert not (frame.kind == BLOOM).any()


def test_stray_light_is_of_where_the_sign_is_when_the_ray_is_fired() -> None:
    """A sign on a truck that drives off at 20 m/s, seen twice by a rosette, milliseconds apart."""
    sign = wall("sign", SHEETING, 20.0, wide_m=1.5, motion="dynamic")
    world = make_world([sign])
    base = eye()
    pattern = {
        "kind": "rosette", "fov_deg": 30.0, "first_hz": 121.57, "second_hz": -77.73, "points_per_s": 100_000,
        "lines": 1, "line_deg": 0.0,
    }  # fmt: skip
    settings = {
        **base.settings,
        "pattern": pattern,
        "columns": 5000,
        "surfaces": {**SURFACES, "blooming_mrad": 30.0},
    }
    frame = take(world, replace(base, settings=settings), gliding_timeline(world, (20.0, 0.0, 0.0)))
    stray = frame.kind == BLOOM
    assert stray.sum() > 20
    at = frame.extra["source"][stray].astype(float)
    np.testing.assert_allclose(at[:, 0], 20.0 + 20.0 * frame.times_ns[stray] * 1e-9, atol=1e-4)


def test_ghosts_and_stray_light_count_in_no_box() -> None:
    mirror = wall("mirror", MIRROR, 6.0, wide_m=6.0, yaw=np.radians(40.0))
    box = Thing("box", box_shape(2.0, "white"), (4.0, -7.0, -1.0))
    sign = wall("sign", SHEETING, -15.0, wide_m=1.0)
    world = make_world([mirror, box, sign])
    frame = take(world, eye(columns=1800, surfaces={**SURFACES, "blooming_mrad": 30.0}))
    seeming = np.isin(frame.kind, (GHOST, BLOOM))
    assert {GHOST, BLOOM} <= set(frame.kind.tolist())
    for found in boxes3d(world, gliding_timeline(world), AT_NS, {}, {"top": frame}, None):
        own = frame.instance == found.instance_id
        assert found.lidar_points == (own & ~seeming).sum()
        assert found.instance_id == 1 or found.lidar_points < own.sum()
