"""Springs and grip: vehicles stand level, nod and lean as closed forms say, and stop as friction lets them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

import numpy as np
import pytest

from pairforge.frames import F64, rotation
from pairforge.scenes.families import family
from pairforge.scenes.world import Lane, Sky
from pairforge.seeding import Stream
from pairforge.sensors.friction import grip, tyre_friction, water_mm
from pairforge.sensors.physics import simulate
from pairforge.sensors.physics_chassis import centre_of_mass, wheel_loads_kg
from pairforge.sensors.physics_suspension import ANTI_ROLL, RIDE_HZ
from pairforge.sensors.timeline import Timeline
from pairforge.sensors.traffic.driver import Command, Driver
from pairforge.sensors.traffic.following import CYCLING, CarFollowing, mindful
from tests.worlds import FLOOR, Thing, car_shape, curved_lane, make_concrete, make_world, straight_lane

SNOW_GRIP_MPS2 = 0.25 * 9.81
WET, SNOW = Sky(wetness=1.0, rain_mm_h=10.0), Sky(snow_cover=1.0)


def run(lane: Lane, seconds: float, sky: Sky | None = None, **behaviour: object) -> Timeline:
    car = Thing(
        "ego",
        car_shape(),
        semantic="car",
        noun="car",
        motion="vehicle",
        behaviour={"kind": "drive", "lane_id": 1, **behaviour},
    )
    things = (FLOOR, car)
    world = replace(make_world(things, [lane]), sky=sky or Sky())
    return simulate(world, make_concrete(things, [lane], duration_s=seconds))


def nod_and_lean(timeline: Timeline) -> tuple[F64, F64]:
    """Pitch (nose down positive) and roll (right side down positive) over the knots, radians."""
    angles = rotation(timeline.bodies[1].quaternions_wxyz).as_euler("ZYX")
    return angles[:, 1], angles[:, 2]


def undersides(timeline: Timeline) -> F64:
    """(W, T) height of each tyre's lowest point."""
    instance = timeline.world.instance(1)
    ids = dict(zip((q.name for q in instance.shape.parts), instance.part_ids, strict=True))
    return np.array(
        [timeline.parts[ids[w.part]].positions_m[:, 2] - w.radius_m for w in instance.shape.wheels]
    )


@cache
def halt() -> Timeline:
    return run(straight_lane(), 6.5, speed_mps=10.0, stop_at_s_m=42.0)


def test_it_rests_level_at_its_design_height() -> None:
    timeline = run(straight_lane(), 1.5, speed_mps=10.0)
    nod, lean = nod_and_lean(timeline)
    assert np.abs(timeline.bodies[1].positions_m[:, 2]).max() < 0.001
    assert max(np.abs(nod).max(), np.abs(lean).max()) < np.radians(0.02)


def test_it_nods_when_braking_as_its_springs_say() -> None:
    timeline = halt()
    nod, _ = nod_and_lean(timeline)
    steady = slice(150, 450)
    braking = -timeline.accelerations[1][steady, 0]
    # Moments about the centre of mass: m a h = K pitch with K = sum of m omega^2 x^2 over the wheels.
    shape = timeline.world.instance(1).shape
    half_base = 1.3
    expected = braking * centre_of_mass(shape)[2] / ((2 * np.pi * RIDE_HZ) ** 2 * half_base**2)
    assert braking.mean() > 1.5
    assert nod[steady] == pytest.approx(expected, rel=0.12)
    assert np.abs(undersides(timeline)).max() < 0.001


def test_it_leans_out_of_a_bend_as_its_springs_and_bars_say() -> None:
    timeline = run(curved_lane(radius_m=30.0), 5.0, speed_mps=8.0)
    _, lean = nod_and_lean(timeline)
    sideways = 8.0**2 / 30.0
    half_track, height = 0.75, centre_of_mass(timeline.world.instance(1).shape)[2]
    stiffness = (2 * np.pi * RIDE_HZ) ** 2 * half_track**2 * (1 + ANTI_ROLL)
    assert lean[350:450].mean() == pytest.approx(sideways * height / (stiffness - 9.81 * height), rel=0.25)
    assert np.abs(undersides(timeline)).max() < 0.003


@pytest.mark.parametrize("name", ["hatchback", "van", "truck", "bus"])
def test_every_vehicle_carries_its_weight_in_balance(name: str) -> None:
    kind = family(name)
    shape = kind.build(kind.draw(Stream(1)), None)
    loads, centre = wheel_loads_kg(shape, 1000.0), centre_of_mass(shape)
    at = np.array([w.centre_m for w in shape.wheels])
    assert loads.sum() == pytest.approx(1000.0)
    assert loads.min() > 50.0
    assert loads @ (at - centre)[:, :2] == pytest.approx([0.0, 0.0], abs=1e-6)


class _Panic(Driver):
    """Stands on the brakes from the first moment."""

    def start(self, state: object, neighbours: object) -> tuple[float, float]:
        return 50.0 / 3.6, 0.0

    def plan(self, state: object, neighbours: object, time_ns: int) -> Command:
        return Command(-12.0, 0.0)


@pytest.mark.parametrize("sky", [Sky(), WET, SNOW], ids=["dry", "wet", "snow"])
def test_it_stops_from_50_kmh_within_what_friction_says(sky: Sky, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("pairforge.sensors.physics.Driver", _Panic)
    timeline = run(straight_lane(), 6.5, sky, speed_mps=50.0 / 3.6)
    x = timeline.bodies[1].positions_m[:, 0]
    friction = tyre_friction(sky)
    assert x[-1] - x[0] == pytest.approx((50.0 / 3.6) ** 2 / (2 * friction * 9.81), rel=0.1)
    assert np.abs(timeline.bodies[1].positions_m[:, 1]).max() < 0.05, "it must not spin"


def test_weather_orders_grip() -> None:
    skies: Sequence[Sky] = (
        Sky(),
        Sky(wetness=0.5),
        Sky(wetness=1.0),
        Sky(wetness=1.0, rain_mm_h=20.0),
        Sky(wetness=1.0, rain_mm_h=100.0),
        SNOW,
    )
    values = [tyre_friction(sky) for sky in skies]
    assert values == sorted(values, reverse=True)
    assert len(set(values)) == len(values)
    assert values[0] == 1.0
    assert 0.2 <= values[-1] <= 0.3
    assert tyre_friction(Sky(rain_mm_h=5.0)) == tyre_friction(Sky(wetness=1.0, rain_mm_h=5.0))


@pytest.mark.parametrize(("depth_mm", "handbook"), [(0.2, 0.65), (1.0, 0.55), (2.0, 0.5)])
def test_wet_roads_grip_as_the_handbook_says(depth_mm: float, handbook: float) -> None:
    rain = min(np.linspace(0.0, 200.0, 4001), key=lambda r: abs(water_mm(float(r)) - depth_mm))
    assert tyre_friction(Sky(wetness=1.0, rain_mm_h=float(rain))) == pytest.approx(handbook, abs=0.015)


def test_grip_is_friction_times_gravity() -> None:
    world = replace(make_world((FLOOR,)), sky=SNOW, gravity_mps2=1.62)
    assert grip(world) == pytest.approx(0.25 * 1.62)


def test_drivers_mind_the_snow_and_stop_in_time() -> None:
    lane = straight_lane()
    things = (
        FLOOR,
        Thing(
            "ego",
            car_shape(),
            semantic="car",
            noun="car",
            motion="vehicle",
            behaviour={"kind": "drive", "lane_id": 1, "speed_mps": 11.0},
        ),
        Thing("parked", car_shape("blue"), (58.0, 0.0, 0.0), semantic="car", noun="car"),
    )
    world = replace(make_world(things, [lane]), sky=SNOW)
    timeline = simulate(world, make_concrete(things, [lane], duration_s=13.0))
    assert timeline.contacts == ()
    assert np.linalg.norm(timeline.velocities[1][-1]) < 0.3
    braking = -timeline.accelerations[1][:, 0].min()
    assert 0.5 < braking < SNOW_GRIP_MPS2


def test_a_dry_road_leaves_drivers_as_they_are() -> None:
    assert mindful(CarFollowing(), 9.81) == CarFollowing()
    assert mindful(CYCLING, 9.81) == CYCLING
