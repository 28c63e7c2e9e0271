"""The radar's echoes against closed forms: cross sections, the radar equation, moving walls, mirrors, rain."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
from scipy import integrate
from scipy.special import spherical_jn, spherical_yn

from pairforge.errors import SpecError
from pairforge.frames import F64
from pairforge.scenes.world import Sky
from pairforge.sensors.radar_air import rain_backscatter_per_m, rain_per_m
from pairforge.sensors.radar_frame import radar_frame
from pairforge.sensors.radar_model import RadarModel
from pairforge.sensors.radar_paths import BACK, BOTH, DIRECT, OUT
from tests.sensors.radar_worlds import (
    LAWN,
    asked,
    ball,
    heard,
    radar,
    rcs_m2,
    seen,
    shape,
    side_wall,
    trihedral,
    wall,
)
from tests.worlds import Thing, car_shape, make_world

WAVELENGTH_M = 299_792_458.0 / 76.5e9
STEEL_REFLECTS = 0.95
QUIET = {"second_period_us": 0.0, "bounces": 0}


@pytest.mark.parametrize(("radius_m", "range_m"), [(0.3, 10.0), (0.3, 40.0), (1.0, 40.0)])
def test_a_sphere_has_the_cross_section_of_geometrical_optics(radius_m: float, range_m: float) -> None:
    """pi a^2 (Knott, Shaeffer and Tuley), which a sphere of many wavelengths has whatever its roughness."""
    sphere = [Thing("ball", ball(radius_m), (range_m + radius_m, 0.0, 0.0))]
    found = [rcs_m2(heard(sphere, radar(bounces=0), seed=k)[0]) for k in range(8)]
    due = np.pi * radius_m**2 * STEEL_REFLECTS
    assert np.mean(found) == pytest.approx(due, rel=0.05)


def test_a_corner_has_the_cross_section_of_physical_optics() -> None:
    """4 pi a^4 / (3 lambda^2) along its axis, less what three reflections lose, and not that of its faces alone."""
    for leg_m in (0.05, 0.1):
        corner = [Thing("corner", trihedral(leg_m), (25.0, 0.0, 0.0))]
        paths, _ = heard(corner, radar(bounces=2, rays=60_000))
        due = 4.0 * np.pi * leg_m**4 / (3.0 * WAVELENGTH_M**2) * STEEL_REFLECTS**3
        assert rcs_m2(paths.take(paths.way == OUT)) == pytest.approx(due, rel=0.08)
        assert rcs_m2(paths.take(paths.way == DIRECT)) < 0.05 * due


def test_power_falls_with_the_fourth_power_of_range() -> None:
    sensor = radar(bounces=0)
    powers = []
    for range_m in (10.0, 20.0, 40.0, 80.0):
        things = [Thing("ball", ball(0.3), (range_m + 0.3, 0.0, 0.0))]
        powers.append(np.mean([heard(things, sensor, seed=k)[1].sum() for k in range(6)]))
    slopes = np.diff(10.0 * np.log10(powers))
    np.testing.assert_allclose(slopes, -40.0 * np.log10(2.0), atol=0.5)


def test_the_link_budget_by_hand() -> None:
    """1 m^2 at 100 m: every term of the radar equation in decibels, from the defaults of the spec."""
    model = RadarModel.of(radar())
    received = 12.0 - 30.0 + 2 * 14.0 + 20 * np.log10(WAVELENGTH_M) - 30 * np.log10(4 * np.pi) - 80.0 - 3.0
    noise = -203.977 + 13.0 - 10 * np.log10(128 * 20e-6)
    gain = 10 * np.log10(1.0 / np.sum(model.taper**2)) - 2 * 10 * np.log10(1.5)
    link = 1.0 / (4 * np.pi * 100.0**4)
    assert 10 * np.log10(model.snr_of_link * link) == pytest.approx(received - noise + gain, abs=0.01)
    ahead = np.array([[1.0, 0.0, 0.0]])
    assert model.rcs_m2(np.array([model.snr_of_link * link]), np.array([100.0]), ahead) == pytest.approx(1.0)
    half = np.radians(30.0)
    aside = np.array([[np.cos(half), np.sin(half), 0.0]])
    assert model.pattern(aside) == pytest.approx(0.5)


def test_a_moving_wall_has_its_speed_as_doppler() -> None:
    """Away is positive; aside of boresight only the part along the line of sight counts."""
    speed = (7.0, 0.0, 0.0)
    for y in (0.0, 12.0):
        things = [Thing("wall", wall(0.5, 0.5), (20.0, y, 0.0), motion="dynamic")]
        paths, _ = heard(things, radar(bounces=0), velocity_mps=speed)
        at = np.array([20.0 + 7.0 * 0.5, y])
        cosine = at[0] / np.hypot(*at)
        np.testing.assert_allclose(paths.rate_mps, 7.0 * cosine, rtol=0.01)
        found = seen(things, radar(**QUIET), velocity_mps=speed).arrays
        k = int(found["snr_db"].argmax())
        assert found["doppler_mps"][k] == pytest.approx(7.0 * cosine, abs=0.15)
        assert found["dyn_prop"][k] == 0


def test_what_stands_has_no_speed_once_the_radars_own_is_taken_off() -> None:
    things = [
        Thing("ego", car_shape(), motion="vehicle", semantic="car"),
        *(Thing(f"ball_{k}", ball(0.4), (30.0, y, 0.5)) for k, y in enumerate((-12.0, 0.0, 9.0))),
    ]
    sensor = radar("ego", (3.5, 0.0, 0.5), **QUIET)
    found = seen(things, sensor, velocity_mps=(12.0, 0.0, 0.0)).arrays
    target = found["kind"] == 0
    assert set(found["instance"][target].tolist()) == {2, 3, 4}
    assert (np.abs(found["velocity_compensated_mps"][target]) < 0.2).all()
    assert (found["doppler_mps"][target] < -9.0).all()
    assert (found["dyn_prop"][target] == 1).all()


def test_the_car_that_carries_it_does_not_blind_it() -> None:
    """A radar sits behind a bumper, inside the hull of its own car, which may drive or be parked."""
    far = Thing("ball", ball(0.5), (30.0, 0.0, 0.5))
    for motion in ("vehicle", "static"):
        things = [Thing("ego", car_shape(), motion=motion, semantic="car"), far]
        found = seen(things, radar("ego", (3.0, 0.0, 0.5), **QUIET)).arrays
        assert 1 not in found["instance"]
        assert 2 in found["instance"]


def test_a_wall_beside_shows_a_thing_where_its_mirror_image_is() -> None:
    """A ball before a long wall on the left: its image behind that is at (40, 16), and there are the ways between."""
    things = [
        Thing("ball", ball(0.5), (40.0, 0.0, 0.0)),
        Thing("wall", side_wall(60.0, 4.0), (5.0, 8.0, -2.0)),
    ]
    paths, _ = heard(things, radar(bounces=1, rays=60_000))
    ghost = paths.take((paths.via_part == 2) & (paths.part == 1))
    image = np.array([40.0, 16.0, 0.0])
    away = np.linalg.norm(image)
    both = ghost.take(ghost.way == BOTH)
    assert len(both) > 5
    # Paths end on the near side of the ball, half a metre before its middle.
    assert ((away - 0.55 < both.range_m) & (both.range_m < away)).all()
    np.testing.assert_allclose(both.arrival[:, 1], image[1] / away, atol=0.03)
    for way, sine in ((OUT, 0.0), (BACK, image[1] / away)):
        one = ghost.take(ghost.way == way)
        np.testing.assert_allclose(one.range_m, (away + 40.0) / 2 - 0.5, atol=0.5)
        np.testing.assert_allclose(one.arrival[:, 1], sine, atol=0.03)
    legs = [
        np.linalg.norm(ghost.via_m, axis=1),
        np.linalg.norm(ghost.point_m - ghost.via_m, axis=1),
        np.linalg.norm(ghost.point_m, axis=1),
    ]
    total = np.where(ghost.way == BOTH, 2 * (legs[0] + legs[1]), sum(legs))
    np.testing.assert_allclose(ghost.range_m, total / 2, rtol=1e-5)


def test_ghosts_are_flagged_and_lie_beyond_the_thing() -> None:
    things = [
        Thing("ball", ball(0.5), (40.0, 0.0, 0.0), motion="dynamic"),
        Thing("wall", side_wall(60.0, 4.0), (5.0, 8.0, -2.0)),
    ]
    found = seen(things, radar(bounces=1, second_period_us=0.0), velocity_mps=(-8.0, 0.0, 0.0)).arrays
    ghost = (found["kind"] == 1) & (found["instance"] == 1)
    assert ghost.any()
    assert (found["via_part"][ghost] == 2).all()
    assert (found["range_m"][ghost] > 36.5).all()
    real = (found["kind"] == 0) & (found["instance"] == 1)
    np.testing.assert_allclose(found["range_m"][real], 35.5, atol=0.6)
    none = seen(things, radar(bounces=0, second_period_us=0.0), velocity_mps=(-8.0, 0.0, 0.0)).arrays
    assert not (none["kind"] == 1).any()


def test_a_lawn_is_clutter() -> None:
    lawn = shape([[0, -20, 0], [40, -20, 0], [40, 20, 0], [0, 20, 0]], [[0, 1, 2], [0, 2, 3]], LAWN)
    things = [Thing("lawn", lawn, (0.0, 0.0, -0.5), semantic="terrain", stuff=True)]
    found = seen(things, radar(bounces=0)).arrays
    clutter = found["kind"] == 2
    assert clutter.sum() > 5
    assert set(found["kind"].tolist()) <= {2, 3}
    assert (found["instance"] == 0).all()


def test_rain_takes_what_the_recommendation_says() -> None:
    """ITU-R P.838-3 tabulates k and alpha at 80 GHz: 1.1704, 0.7115 (horizontal) and 1.1668, 0.7021 (vertical)."""
    for rate in (1.0, 10.0, 50.0):
        table = (1.1704 * rate**0.7115 + 1.1668 * rate**0.7021) / 2
        db_km = rain_per_m(rate, 80e9) * 1e4 / np.log(10.0)
        assert db_km == pytest.approx(table, rel=2e-3)
    things = [Thing("ball", ball(0.5), (100.0, 0.0, 0.0))]
    dry, wet = (heard(things, radar(bounces=0), Sky(rain_mm_h=r)) for r in (0.0, 20.0))
    lost = wet[1][wet[0].part == 1].sum() / dry[1].sum()
    assert lost == pytest.approx(np.exp(-4 * 99.5 / 2 * rain_per_m(20.0, 76.5e9)), rel=0.01)


def test_rain_sends_back_what_mies_theory_says_of_marshall_and_palmers_drops() -> None:
    """Bohren and Huffman's coefficients for water at 76.5 GHz and 10 degrees (permittivity 7.65 + 12.88j)."""
    diameters = np.linspace(0.05e-3, 6e-3, 200)
    section = np.array([_back(np.pi * d / WAVELENGTH_M, np.sqrt(7.65 + 12.88j)) for d in diameters])
    for rate in (2.0, 10.0, 30.0):
        number = 8e6 * np.exp(-4.1e3 * rate**-0.21 * diameters)
        due = integrate.trapezoid(number * section * np.pi * diameters**2 / 4, diameters)
        assert rain_backscatter_per_m(rate) == pytest.approx(due, rel=0.08)


def test_rain_is_seen_near_and_is_clutter() -> None:
    found = seen([Thing("ball", ball(0.5), (50.0, 0.0, 0.0))], radar(**QUIET), Sky(rain_mm_h=40.0)).arrays
    rain = (found["kind"] == 2) & (found["part"] == 0)
    assert rain.any()
    assert found["range_m"][rain].max() < 60.0
    assert not (seen([Thing("ball", ball(0.5), (50.0, 0.0, 0.0))], radar(**QUIET)).arrays["kind"] == 2).any()


def test_a_frame_that_would_begin_before_the_clock_is_refused() -> None:
    question = asked(make_world([Thing("ball", ball(0.5), (20.0, 0.0, 0.0))]), radar())
    with pytest.raises(SpecError, match="Raise warm_up_s"):
        radar_frame(replace(question, time_ns=1_000_000))


def _back(x: float, m: complex) -> float:
    """Backscattering efficiency of a sphere of size x and refractive index m."""
    n = np.arange(1, int(x + 4 * x ** (1 / 3) + 10))

    def wave(z: complex, second: bool = False) -> tuple[F64, F64]:
        j, dj = spherical_jn(n, z), spherical_jn(n, z, True)
        if second:
            j, dj = j + 1j * spherical_yn(n, z), dj + 1j * spherical_yn(n, z, True)
        return j, j + z * dj

    (j, dj), (h, dh), (i, di) = wave(x), wave(x, True), wave(m * x)
    a = (m**2 * i * dj - j * di) / (m**2 * i * dh - h * di)
    b = (i * dj - j * di) / (i * dh - h * di)
    return float(abs(np.sum((2 * n + 1) * (-1.0) ** n * (a - b))) ** 2 / x**2)
