"""LiDAR in bad air: closed forms of loss and backscatter, honest flags, and one parameter for camera and LiDAR."""

from __future__ import annotations

import numpy as np
import pytest

from pairforge.renderers.raycast_light import Light
from pairforge.sample import LidarFrame
from pairforge.scenes.air import rain_per_m, visibility_m
from pairforge.scenes.world import Sky, World
from pairforge.seeding import Stream
from pairforge.sensors.air import air_returns, least_power, surface_power, survives
from pairforge.sensors.lidar import sweep
from pairforge.sensors.ray_engine import RayEngine
from tests.worlds import FLOOR, Thing, box_shape, gliding_timeline, lidar, make_world

AT_NS = 500_000_000
PLACES = ((12.0, 0.0), (0.0, 24.0), (-36.0, 0.0), (0.0, -48.0))
WALLS = [Thing(f"wall_{k}", box_shape(3.0, "white"), (x, y, 0.0)) for k, (x, y) in enumerate(PLACES)]


def taken(sky: Sky | None = None, things: list[Thing] | None = None, **settings: object) -> LidarFrame:
    world = make_world(things or [FLOOR], sky=sky)
    sensor = lidar(beams=16, columns=360, **settings)  # type: ignore[arg-type]
    return sweep(RayEngine(world), gliding_timeline(world), sensor, AT_NS, Stream(5, "lidar"))


def farthest(frame: LidarFrame) -> float:
    return float(frame.range_m[frame.kind == 0].max())


def test_clear_air_loses_nothing_and_sends_nothing() -> None:
    assert air_returns(Sky(), (10, 4), Stream(1)) is None
    assert (taken().kind == 0).all()
    assert survives(np.array([1e-5]), np.array([99.0]), 0.0, 100.0).all()


def test_a_surface_is_lost_where_the_way_there_and_back_takes_what_it_had_to_spare() -> None:
    """A white wall of reflectance 0.5 has 0.5 / 0.1 (100 / R)^2 to spare of a device rated at 100 m for 10 %."""
    ranges, extinction = np.arange(1.0, 100.0), 0.03
    alive = survives(np.full(99, 0.5), ranges, extinction, 100.0)
    expected = 5.0 * (100.0 / ranges) ** 2 * np.exp(-2 * extinction * ranges) >= 1.0
    np.testing.assert_array_equal(alive, expected)
    assert 45 < alive.sum() < 70
    np.testing.assert_allclose(surface_power(np.array([0.1]), np.array([100.0])), least_power(100.0))


@pytest.mark.parametrize("name", ["fog_per_m", "dust_per_m"])
def test_camera_contrast_and_lidar_range_fall_together(name: str) -> None:
    """One extinction: the contrast of a wall at 30 m falls as exp(-30 k), the reach of LiDAR with it."""
    reaches, contrasts = [], []
    for k in (0.0, 0.01, 0.03, 0.1):
        sky = Sky(sun_elevation=0.9, **{name: k})
        reaches.append(farthest(taken(sky, WALLS)))
        light = Light(sky)
        black, white = np.zeros((1, 3), np.float32), np.ones((1, 3), np.float32)
        at = np.array([30.0], dtype=np.float32)
        contrasts.append(float((light.through_air(white, at) - light.through_air(black, at)).mean()))
        assert contrasts[-1] == pytest.approx(np.exp(-30.0 * k), rel=1e-4)
        assert reaches[-1] < visibility_m(sky)
    assert reaches == sorted(reaches, reverse=True)
    assert reaches[0] > 40.0 > 20.0 > reaches[-1]


def test_the_air_of_dense_fog_answers_nearby_and_says_so() -> None:
    frame = taken(Sky(fog_per_m=0.06), max_range_m=100.0)
    air = frame.kind == 1
    assert air.sum() > 1000
    assert (frame.instance[air] == 0).all()
    assert (frame.part[air] == 0).all()
    assert (frame.semantic[air] == 0).all()
    assert 1.0 < np.median(frame.range_m[air]) < 8.0
    solid = taken(things=[FLOOR])
    truth = {
        (int(t), int(r)): float(d) for t, r, d in zip(solid.times_ns, solid.ring, solid.range_m, strict=True)
    }
    rows = zip(frame.times_ns[air], frame.ring[air], frame.range_m[air], strict=True)
    assert all(d < truth.get((int(t), int(r)), np.inf) for t, r, d in rows), "air was seen through the ground"


def test_rain_speckles_few_rays_and_more_rain_more() -> None:
    shares = []
    for rate in (2.0, 10.0, 50.0):
        frame = taken(Sky(rain_mm_h=rate), max_range_m=100.0)
        shares.append((frame.kind == 1).sum() / (16 * 360))
    assert shares == sorted(shares)
    assert 0.0 < shares[0] < 0.12
    assert shares[2] < 0.6


def test_backscatter_of_rain_has_the_mean_that_its_drops_have() -> None:
    """The gamma draws spread the power of a gate without changing its mean: checked on rays that see one gate's
    worth of fog of the same backscatter, which has no spread to speak of."""
    rain = air_returns(Sky(rain_mm_h=10.0), (400, 50), Stream(2))
    assert rain is not None
    assert rain.extinction_per_m == pytest.approx(rain_per_m(10.0))
    assert (rain.range_m > 1.0).all()
    assert (rain.range_m < 17.0).all()
    assert np.median(rain.power) < rain.power.mean(), "drops are few and bright"


def test_wet_ground_is_darker_and_snow_is_bright() -> None:
    def mean(sky: Sky) -> float:
        world: World = make_world([FLOOR], sky=sky)
        hits = RayEngine(world).cast(np.array([[0.0, 0.0, 2.0]]), np.array([[0.3, 0.0, -1.0]]), {})
        from pairforge.sensors.weathering import reflectivities

        return float(reflectivities(RayEngine(world), hits)[0])

    assert mean(Sky(snow_cover=1.0)) == pytest.approx(0.8)
    assert mean(Sky()) < mean(Sky(snow_cover=0.5)) < 0.8


def soft_target(extinction: float, pulse_m: float = 1.5) -> tuple[float, float]:
    """Range and power of the peak of fog's answer to a sin^2 pulse, as Hahner et al. (2021) have it:
    the integral of ``overlap / r^2 exp(-2 a r)`` over the pulse, here on a grid of centimetres."""
    r = np.arange(0.01, 30.0, 0.01)
    overlap = np.clip((r - 1.0) / 3.0, 0.0, 1.0) ** 2
    answer = extinction / 65.0 * overlap / r**2 * np.exp(-2 * extinction * r)
    width = round(pulse_m / 0.01)
    pulse = np.sin(np.pi * (np.arange(width) + 0.5) / width) ** 2
    power = np.convolve(answer, pulse, mode="same") * 0.01
    return float(r[power.argmax()]), float(power.max())


@pytest.mark.parametrize("extinction", [0.01, 0.03, 0.06, 0.1])
def test_fog_answers_where_and_as_strongly_as_the_soft_target_model_says(extinction: float) -> None:
    """A pulse of 10 ns, whose half width is a gate of 0.75 m. Each ray takes its strongest of speckled gates, so that
    the median is somewhat above the even answer."""
    air = air_returns(Sky(fog_per_m=extinction), (500, 40), Stream(3))
    assert air is not None
    far, power = soft_target(extinction)
    assert np.median(air.range_m) == pytest.approx(far, abs=0.75)
    assert 0.9 < np.median(air.power) / power < 1.5
