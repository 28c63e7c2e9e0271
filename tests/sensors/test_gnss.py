"""Fixes that follow the sky: places on Earth by others' reckoning, canyons, mirrors, and covariances to trust."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import numpy as np
import pyproj
import pytest
from scipy import stats

from pairforge.errors import SpecError
from pairforge.frames import F64
from pairforge.scenes.concrete import ConcreteScene
from pairforge.scenes.distributions import Uniform
from pairforge.scenes.place import Place
from pairforge.scenes.resolve import resolve
from pairforge.scenes.spec import Prop, Scene, Weather
from pairforge.scenes.world import World
from pairforge.sensors import constellations
from pairforge.sensors.geodesy import LocalFrame
from pairforge.sensors.gnss import Gnss
from pairforge.sensors.gnss_paths import BLOCKED, DIRECT, MIRRORED, Antenna, trace
from pairforge.sensors.gnss_solve import solve
from pairforge.sensors.ray_engine import RayEngine
from tests.sensors.motions import CART, concrete_sensor, sensed, timeline, upright
from tests.worlds import FLOOR, Thing, box_shape, make_world

BALL = Scene(name="ball", props=[Prop(name="ball", shape="sphere")])
OPEN = Gnss(name="gnss", mount="cart", rate_hz=20.0, position_m=(0.0, 0.0, 0.2))


def wall(name: str, x: float, y: float) -> Thing:
    return Thing(name, box_shape(30.0, "grey"), (x, y, 0.0))


def drive(t: F64) -> F64:
    return np.stack([3.0 * t, 0 * t, 0 * t], 1)


@pytest.mark.parametrize("place", [Place(), Place(-33.9, 151.2, 40.0, 17.0), Place(70.0, -179.9, 0.0, 200.0)])
def test_local_places_are_where_proj_says(place: Place) -> None:
    frame = LocalFrame(place)
    enu = np.array([[0.0, 0.0, 0.0], [120.0, -340.0, 15.0], [-2000.0, 900.0, -8.0]])
    latitude, longitude, height = frame.geodetic(enu).T
    to_ecef = pyproj.Transformer.from_crs("EPSG:4979", "EPSG:4978", always_xy=True)
    np.testing.assert_allclose(
        np.stack(to_ecef.transform(longitude, latitude, height), 1), frame.ecef(enu), atol=1e-6
    )
    geod = pyproj.Geod(ellps="WGS84")
    bearing, _, metres = geod.inv(place.longitude_deg, place.latitude_deg, longitude[1], latitude[1])
    assert np.hypot(120.0, 340.0) == pytest.approx(metres, rel=1e-4)
    assert np.degrees(np.arctan2(120.0, -340.0)) == pytest.approx(bearing, abs=0.01)
    np.testing.assert_allclose(frame.enu_of_ecef(frame.ecef(enu)), enu, atol=1e-6)


def test_the_worlds_x_axis_points_to_its_bearing() -> None:
    b = np.radians(30.0)
    frame = LocalFrame(Place(x_bearing_deg=30.0))
    np.testing.assert_allclose(frame.enu(np.array([1.0, 0.0, 0.0])), [np.sin(b), np.cos(b), 0.0], atol=1e-12)
    np.testing.assert_allclose(frame.enu(np.array([0.0, 1.0, 0.0])), [-np.cos(b), np.sin(b), 0.0], atol=1e-12)


def test_every_scene_keeps_its_place_and_do_can_move_it() -> None:
    scene = replace(BALL, weather=Weather(latitude_deg=Uniform(40.0, 50.0), altitude_m=100.0))
    concrete = resolve(scene, 4)
    assert 40.0 <= concrete.place.latitude_deg == concrete.draws["weather.latitude_deg"] <= 50.0
    assert ConcreteScene.from_json(concrete.to_json()) == concrete
    moved = resolve(scene, 4, do={"weather.latitude_deg": -12.5})
    assert moved.place == replace(concrete.place, latitude_deg=-12.5)
    assert moved.items == concrete.items
    with pytest.raises(SpecError, match=r"weather\.latitude_deg is 95; it must lie in -90\.\.90"):
        resolve(replace(BALL, weather=Weather(latitude_deg=95.0)), 4)


def test_satellites_go_round_as_kepler_says() -> None:
    day_s = 86_164.0905  # a sidereal day: GPS goes round twice
    p = constellations.positions_ecef(("gps", "galileo"), np.array([0.0, day_s]))
    np.testing.assert_allclose(np.linalg.norm(p[0, :30], axis=1), 26_559.7e3)
    assert np.linalg.norm(p[1, :30] - p[0, :30], axis=1).max() < 50e3  # m, of 26,560 km
    assert len(np.unique(np.round(p[0] / 1e5), axis=0)) == 54
    north = np.degrees(np.arcsin(p[..., 2] / np.linalg.norm(p, axis=2)))
    assert np.abs(north[:, :30]).max() <= 55.0 + 1e-9


def fixes(world: World, spec: Gnss, seed: int, until_s: float = 2.0) -> dict[str, Any]:
    return sensed(world, timeline(world, drive, upright), concrete_sensor(spec, seed), until_s, seed=seed)


def test_errors_in_the_open_agree_with_the_covariance_reported() -> None:
    """One fix a scene, for a scene's fixes share orbits and atmosphere: chi-square with 3 degrees of freedom."""
    world = make_world([FLOOR, CART])
    score, speed = [], []
    for seed in range(150):
        a = fixes(world, OPEN, seed, 0.05)
        for scores, error, covariance in (
            (score, (a["enu_m"] - a["true_enu_m"])[0], a["covariance_m2"][0]),
            (speed, (a["velocity_enu_mps"] - a["true_velocity_enu_mps"])[0], a["velocity_covariance"][0]),
        ):
            scores.append(error @ np.linalg.solve(covariance, error))
    for scores in (score, speed):
        # The swelling by residuals makes the covariance a little wide, never narrow: the mean of 3 is an upper end.
        assert 3.0 * 0.65 < np.mean(scores) < 3.0 + 4 * np.sqrt(6.0 / 150)
        assert max(scores) < stats.chi2.ppf(1 - 1e-5, 3)


def test_between_houses_fewer_satellites_are_straight_and_the_fix_is_worse() -> None:
    free = make_world([FLOOR, CART])
    canyon = make_world([FLOOR, CART, wall("a", 0.0, 24.0), wall("b", 0.0, -24.0)])
    wide, narrow = ([fixes(w, OPEN, seed, 0.05) for seed in range(20)] for w in (free, canyon))
    for x, y in zip(wide, narrow, strict=True):
        assert (y["signal"] == DIRECT).sum() < (x["signal"] == DIRECT).sum()
        np.testing.assert_array_equal(x["azimuth_deg"], y["azimuth_deg"])
    sizes = [
        np.nanmedian([np.linalg.norm(a["enu_m"] - a["true_enu_m"]) for a in found])
        for found in (wide, narrow)
    ]
    assert sizes[1] > 1.5 * sizes[0]
    assert np.nanmedian([a["dop"][0, 2] for a in narrow]) > 1.2 * np.median([a["dop"][0, 2] for a in wide])


def test_a_mirrored_signal_is_longer_by_the_image_of_the_antenna() -> None:
    """A wall at y = 4 behind the antenna, another at y = -4 before the satellite."""
    walls = make_world([FLOOR, CART, wall("north", 0.0, 19.0), wall("south", 0.0, -19.0)])
    motion = timeline(walls, lambda t: np.zeros((len(t), 3)), upright)
    eye = np.array([[0.0, 0.0, 1.0]])
    elevation = np.radians(
        70.0
    )  # too low over the southern wall of 30 m, high enough to come off the northern
    d = np.array([[[0.0, -np.cos(elevation), np.sin(elevation)]]])
    found = trace(RayEngine(walls), motion, Antenna(eye, np.array([0]), 0), d, np.array([[True]]))
    assert found.kind[0, 0] == MIRRORED
    image = np.array([0.0, 8.0, 1.0])  # of the antenna in the northern wall
    np.testing.assert_allclose(found.extra_m[0, 0], d[0, 0] @ (eye[0] - image), atol=1e-3)
    np.testing.assert_allclose(found.arrival[0, 0], d[0, 0] * [1, -1, 1], atol=1e-6)
    alone = make_world([FLOOR, CART, wall("south", 0.0, -19.0)])
    still = timeline(alone, lambda t: np.zeros((len(t), 3)), upright)
    assert (
        trace(RayEngine(alone), still, Antenna(eye, np.array([0]), 0), d, np.array([[True]])).kind[0, 0]
        == BLOCKED
    )


def test_what_carries_the_antenna_does_not_hide_the_sky() -> None:
    world = make_world([FLOOR, CART])
    inside = fixes(world, replace(OPEN, position_m=(0.0, 0.0, 0.1)), 1, 0.05)
    assert set(np.unique(inside["signal"])) == {0, DIRECT}
    under = make_world([FLOOR, CART, Thing("roof", box_shape(30.0, "grey"), (0.0, 0.0, 3.0))])
    a = fixes(under, OPEN, 1, 0.5)
    assert (a["fix"] == 0).all()
    assert np.isnan(a["enu_m"]).all()
    assert (a["satellites"] == 0).all()


def test_rtk_is_good_to_centimetres_and_outages_are_silent() -> None:
    world = make_world([FLOOR, CART])
    spec = replace(OPEN, mode="rtk", outages_s=((0.5, 1.0),), latency_s=0.08)
    a = fixes(world, spec, 2)
    out = (a["times_ns"] >= 500_000_000) & (a["times_ns"] <= 1_000_000_000)
    assert (a["fix"][out] == 0).all()
    assert (a["fix"][~out] == 2).all()
    assert np.linalg.norm((a["enu_m"] - a["true_enu_m"])[~out], axis=1).max() < 0.1
    np.testing.assert_array_equal(a["available_ns"] - a["times_ns"], 80_000_000)


def test_a_keyframe_alone_has_the_atmosphere_of_the_whole_clip() -> None:
    world = make_world([FLOOR, CART])
    motion, sensor = timeline(world, drive, upright), concrete_sensor(replace(OPEN, code_noise_m=1e-4))
    whole, late = (sensed(world, motion, sensor, 2.0, since_s=s) for s in (0.0, 1.5))
    np.testing.assert_allclose(late["range_error_m"], whole["range_error_m"][30:], atol=5e-3)
    assert np.nanstd(late["range_error_m"]) > 0.3


def test_least_squares_gives_the_errors_that_ranges_have_and_throws_out_one_that_lies() -> None:
    rng = np.random.Generator(np.random.PCG64(5))
    d = rng.normal(size=(9, 3))
    d[:, 2] = np.abs(d[:, 2])
    d /= np.linalg.norm(d, axis=1, keepdims=True)
    shift, clock = np.array([1.0, -2.0, 0.5]), 30.0
    exact = clock - d @ shift
    found = solve(d, exact, np.ones(9))
    assert found is not None
    np.testing.assert_allclose(found.error, shift, atol=1e-9)
    exact[3] += 40.0
    again = solve(d, exact, np.ones(9))
    assert again is not None
    assert np.flatnonzero(~again.used).tolist() == [3]
    np.testing.assert_allclose(again.error, shift, atol=1e-9)
    assert solve(d[:3], exact[:3], np.ones(3)) is None


def test_what_makes_no_sense_is_refused() -> None:
    for wrong, said in (
        (replace(OPEN, constellations=("gbs",)), 'Did you mean "gps"'),
        (replace(OPEN, constellations=("gps", "gps")), "twice"),
        (replace(OPEN, constellations=()), "at least one"),
        (replace(OPEN, outages_s=((2.0, 1.0),)), "ends before it begins"),
    ):
        with pytest.raises(SpecError, match=said):
            wrong.check(Scene(name="s"))
