"""The ultrasonic sensor against closed forms: time of flight, the air's temperature and loss, mirrors, softness."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np
import pytest

from pairforge.frames import Pose
from pairforge.sample import Reading
from pairforge.scenes.aim import settings_of
from pairforge.scenes.concrete import ConcreteSensor
from pairforge.scenes.draws import Draws
from pairforge.scenes.world import Material
from pairforge.seeding import Stream
from pairforge.sensors.protocol import Sensing
from pairforge.sensors.ray_engine import RayEngine
from pairforge.sensors.ultrasonic import Ultrasonic, sense
from pairforge.sensors.ultrasonic_air import absorption_per_m, speed_mps
from tests.sensors.radar_worlds import STEEL, ball, shape, wall
from tests.worlds import FLOOR, Thing, car_shape, gliding_timeline, make_concrete, make_world

AT_NS = 1_500_000_000
CLOTH = Material("curtain_cloth", (0.3, 0.3, 0.3), "fabric")


def sensor(
    mount: str | None = None, at_m: tuple[float, float, float] = (0.0, 0.0, 0.5), **spec: Any
) -> ConcreteSensor:
    settings = settings_of(Ultrasonic(name="rear", **spec), Draws(Stream(1)))
    return ConcreteSensor("rear", "ultrasonic", mount, at_m, (1.0, 0.0, 0.0, 0.0), settings)


def pinged(
    things: Sequence[Thing], own: ConcreteSensor, velocity_mps: Sequence[float] = (0.0, 0.0, 0.0)
) -> Reading:
    world = make_world(things)
    timeline, stream = gliding_timeline(world, velocity_mps), Stream(4, "ping")
    concrete = make_concrete([], sensors=(own,))
    return sense(Sensing(RayEngine(world), timeline, concrete, own, AT_NS, 500_000_000, stream, stream))


def screen(range_m: float, yaw: float = 0.0, size_m: float = 3.0, material: Material = STEEL) -> Thing:
    q = Pose.of(yaw=yaw).quaternion_wxyz
    return Thing("screen", wall(size_m, size_m, material), (range_m, 0.0, 0.5), tuple(map(float, q)))  # type: ignore[arg-type]


def test_a_wall_is_as_far_as_it_is_with_the_stated_noise() -> None:
    own = sensor(rate_hz=100.0, range_noise_m=0.01, rays=200)
    errors = []
    for range_m in (0.5, 1.5, 3.0):
        found = pinged([screen(range_m)], own).arrays
        assert (found["kind"] == 1).all()
        assert (found["instance"] == 1).all()
        errors.append(found["range_m"] - range_m)
        assert np.abs(found["true_range_m"] - range_m).max() < 0.06
    noise = np.concatenate(errors)
    assert noise.std() == pytest.approx(0.01, rel=4 / np.sqrt(2 * len(noise)))
    assert abs(noise.mean()) < 0.01  # a pulse begins before its middle


def test_samples_come_at_the_rate_asked_for() -> None:
    found = pinged([screen(1.0)], sensor(rate_hz=20.0))
    np.testing.assert_array_equal(found.arrays["times_ns"], 500_000_000 + 50_000_000 * np.arange(1, 21))


def test_warm_air_shortens_what_a_device_that_believes_in_twenty_degrees_measures() -> None:
    """c = 331.3 sqrt(1 + T / 273.15): 2 m of air at 40 degrees take as long as 1.935 m at 20."""
    quiet = {"range_noise_m": 0.0, "level_noise_db": 0.0, "rays": 3000, "rate_hz": 5.0}
    told = pinged([screen(2.0)], sensor(temperature_c=40.0, **quiet)).arrays["range_m"]
    wrong = pinged([screen(2.0)], sensor(temperature_c=40.0, assumed_temperature_c=20.0, **quiet)).arrays[
        "range_m"
    ]
    np.testing.assert_allclose(told, 2.0, atol=0.005)
    np.testing.assert_allclose(wrong / told, np.sqrt(293.15 / 313.15), rtol=1e-5)


def test_air_takes_what_the_standard_tabulates() -> None:
    """ISO 9613-2 (1996), table 2, dB/km at 8 kHz: 117 at 10 degrees and 70 %, 76.6 at 20 and 70 %, 202 at 15 and
    20 %, 129 at 15 and 50 %."""
    for celsius, humidity, due in (
        (10.0, 0.7, 117.0),
        (20.0, 0.7, 76.6),
        (15.0, 0.2, 202.0),
        (15.0, 0.5, 129.0),
    ):
        got = absorption_per_m(8000.0, celsius, humidity) * 1e4 / np.log(10.0)
        assert got == pytest.approx(due, rel=0.02)
    assert speed_mps(0.0) == pytest.approx(331.3)
    assert speed_mps(20.0) == pytest.approx(343.2, abs=0.1)


def test_a_wall_gives_what_its_mirror_image_would() -> None:
    """At ``reference_m`` the echo is just at the threshold; at half that it has four times the power and what the
    air did not take on the way; and never more than ``sensitivity_db`` over it."""
    own = sensor(
        reference_m=4.0, sensitivity_db=40.0, level_noise_db=0.0, rays=4000, rate_hz=5.0, max_range_m=8.0
    )
    level = pinged([screen(2.0, size_m=4.0)], own).arrays["level_db"].mean()
    air_db = 2 * 2.0 * absorption_per_m(48e3, 20.0, 0.5) * 10 / np.log(10.0)
    # 0.97 of the sound comes back, and the beam is weaker where the facets to the side lie.
    assert level == pytest.approx(10 * np.log10(4.0 * 0.97) + air_db, abs=0.5)
    deaf = replace(own, settings={**own.settings, "sensitivity_db": 3.0})
    assert pinged([screen(2.0, size_m=4.0)], deaf).arrays["level_db"].mean() == pytest.approx(2.9, abs=0.5)
    assert (pinged([screen(4.6, size_m=6.0)], own).arrays["kind"] == 0).all()
    assert (pinged([screen(3.4, size_m=6.0)], own).arrays["kind"] == 1).all()


def test_a_tilted_wall_sends_its_echo_elsewhere() -> None:
    own = sensor(rays=1500, rate_hz=5.0)
    square = pinged([screen(1.5, size_m=0.8)], own).arrays
    tilted = pinged([screen(1.5, yaw=np.radians(40.0), size_m=0.8)], own).arrays
    assert (square["kind"] == 1).all()
    assert (tilted["kind"] == 0).all()
    assert np.isinf(tilted["range_m"]).all()


def test_cloth_is_heard_less_than_steel() -> None:
    own = sensor(rays=1500, rate_hz=5.0, level_noise_db=0.0)
    loud, soft = (pinged([screen(1.5, material=m)], own).arrays["level_db"].mean() for m in (STEEL, CLOTH))
    assert loud - soft > 3.0


def test_the_nearest_of_two_is_heard_first() -> None:
    near = Thing("near", ball(0.25), (1.35, 0.0, 0.5))
    found = pinged([near, replace(screen(3.0), name="far")], sensor(rays=3000, rate_hz=5.0)).arrays
    assert (found["instance"] == 1).all()
    np.testing.assert_allclose(found["range_m"], 1.1, atol=0.04)


def test_nothing_is_heard_too_near_too_far_or_aside() -> None:
    for thing in (screen(0.1), screen(5.9), Thing("aside", ball(0.3), (0.2, 1.5, 0.5))):
        found = pinged([thing], sensor(rays=1500, rate_hz=5.0)).arrays
        assert (found["kind"] == 0).all(), thing.name


def test_a_flat_floor_is_not_an_obstacle_and_a_kerb_is() -> None:
    kerb = shape(
        [[0, -2, 0], [0, 2, 0], [0, 2, 0.15], [0, -2, 0.15]],
        [[0, 2, 1], [0, 3, 2]],
        Material("kerb", (0.4,) * 3, "concrete"),
    )
    own = sensor(rays=3000, rate_hz=5.0)
    assert (pinged([FLOOR], own).arrays["kind"] == 0).all()
    found = pinged([FLOOR, Thing("kerb", kerb, (1.0, 0.0, 0.0))], own).arrays
    assert (found["kind"] == 1).all()
    np.testing.assert_allclose(found["range_m"], np.hypot(1.0, 0.4), atol=0.1)


def test_a_moving_wall_is_met_where_it_is_at_each_ping() -> None:
    moving = replace(screen(1.0), motion="dynamic")
    found = pinged([moving], sensor(rays=1500, range_noise_m=0.0), velocity_mps=(1.0, 0.0, 0.0)).arrays
    np.testing.assert_allclose(found["range_m"], 1.0 + found["times_ns"] * 1e-9, atol=0.02)


def test_the_car_that_carries_it_is_not_heard() -> None:
    things = [Thing("ego", car_shape(), motion="vehicle", semantic="car"), replace(screen(5.0), name="wall")]
    found = pinged(things, sensor("ego", (3.3, 0.0, 0.5), rays=1500)).arrays
    assert (found["instance"] == 2).all()
    np.testing.assert_allclose(found["range_m"], 1.7, atol=0.04)


def test_cross_talk_comes_as_often_as_stated_and_means_nothing() -> None:
    found = pinged([screen(2.0)], sensor(rate_hz=100.0, rays=60, cross_talk=0.3)).arrays
    talk = found["kind"] == 2
    assert 0.15 < talk.mean() < 0.45
    assert (found["part"][talk] == 0).all()
    assert np.isnan(found["true_range_m"][talk]).all()
    assert found["range_m"][talk].std() > 1.0
