"""Physical limits: what bodies cannot do is found and named, and library worlds do none of it."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from pairforge.frames import Track
from pairforge.pipeline import scene_seed
from pairforge.sample import Contact
from pairforge.scenes.build import build
from pairforge.scenes.load import load_scene
from pairforge.scenes.resolve import resolve
from pairforge.scenes.world import Sky
from pairforge.sensors.limits import LIMITS, violations
from pairforge.sensors.physics import simulate
from pairforge.sensors.timeline import Timeline
from tests.worlds import FLOOR, Thing, car_shape, gliding_timeline, make_world


def glide(x_of_t: object, z_m: float = 0.0, sky: Sky | None = None) -> Timeline:
    """A car that moves along +x by a formula, on a floor, wheels and all."""
    car = Thing("car", car_shape(), semantic="car", noun="car", motion="vehicle")
    world = replace(make_world((FLOOR, car)), sky=sky or Sky())
    still = gliding_timeline(world, (0.0, 0.0, 0.0))
    t = still.times_ns * 1e-9
    shift = np.stack([x_of_t(t), 0.0 * t, 0.0 * t + z_m], axis=1)  # type: ignore[operator]

    def moved(track: Track) -> Track:
        return Track(track.times_ns, track.positions_m + shift, track.quaternions_wxyz)

    velocity = np.gradient(shift, t, axis=0)
    return replace(
        still,
        parts={k: moved(v) for k, v in still.parts.items()},
        bodies={k: moved(v) for k, v in still.bodies.items()},
        velocities=dict.fromkeys(still.bodies, velocity),
        accelerations=dict.fromkeys(still.bodies, np.gradient(velocity, t, axis=0)),
    )


def found(timeline: Timeline) -> set[str]:
    return {v.quantity for v in violations(timeline)}


def test_steady_driving_is_within_limits() -> None:
    assert violations(glide(lambda t: 20.0 * t)) == ()
    assert violations(glide(lambda t: 20.0 * t - 3.0 * t**2)) == ()


@pytest.mark.parametrize(
    ("x_of_t", "quantity"),
    [
        (lambda t: 80.0 * t, "speed_mps"),
        (lambda t: 3.0 * t**2, "push_mps2"),
        (lambda t: 40.0 * t - 6.0 * t**2, "braking_mps2"),
        (lambda t: 20.0 * t + 0.5 * np.sin(8.0 * t) / 8.0 * 4.0, "jerk_mps3"),
    ],
)
def test_what_no_car_can_do_is_found(x_of_t: object, quantity: str) -> None:
    assert quantity in found(glide(x_of_t))


def test_grip_is_part_of_the_limits() -> None:
    def braked(t: np.ndarray) -> np.ndarray:  # type: ignore[type-arg]
        return 20.0 * t - 3.0 * t**2

    assert found(glide(braked, sky=Sky(snow_cover=1.0))) == {"grip_mps2"}


@pytest.mark.parametrize(("z_m", "quantity"), [(0.05, "gap_m"), (-0.05, "sunk_m")])
def test_cars_that_float_or_sink_are_found(z_m: float, quantity: str) -> None:
    assert found(glide(lambda t: 10.0 * t, z_m=z_m)) == {quantity}


def pitched(timeline: Timeline, radians: float) -> Timeline:
    """The same with every body's nose held up."""
    nose_up = np.array([np.cos(radians / 2), 0.0, -np.sin(radians / 2), 0.0])

    def turned(track: Track) -> Track:
        return Track(track.times_ns, track.positions_m, np.tile(nose_up, (len(track.times_ns), 1)))

    return replace(timeline, bodies={k: turned(v) for k, v in timeline.bodies.items()})


def test_a_car_that_leans_is_found_but_not_for_standing_on_a_hill(monkeypatch: pytest.MonkeyPatch) -> None:
    leaning = pitched(glide(lambda t: 0.0 * t), 0.14)
    assert "tilt_rad" in found(leaning)

    def hill(self: object, points: np.ndarray, direction: object = None) -> np.ndarray:  # type: ignore[type-arg]
        return np.asarray(points[:, 2] - np.tan(0.14) * points[:, 0])

    monkeypatch.setattr("pairforge.sensors.limits.ExactGround.below", hill)
    assert "tilt_rad" not in found(leaning)
    assert "tilt_rad" in found(pitched(glide(lambda t: 0.0 * t), 0.28))


def test_a_crash_excuses_what_it_does() -> None:
    harsh = glide(lambda t: 40.0 * t - 6.0 * t**2)
    assert found(replace(harsh, contacts=(Contact(0, 1, 0, 2_000_000_000, 1e5),))) == set()


def test_a_violation_says_who_what_when_and_how_much() -> None:
    (violation,) = violations(glide(lambda t: 80.0 * t))
    assert str(violation).startswith('"car": speed (m/s) 80 at ')
    assert str(violation).endswith(f"beyond {LIMITS['car'].speed_mps:.3g}")


@pytest.mark.slow
@pytest.mark.parametrize("name", ["driving.street", "roads.crossroads"])
def test_a_library_world_stays_within_every_limit(name: str) -> None:
    scene = replace(load_scene(name).scene, duration_s=2.0)
    concrete = resolve(scene, scene_seed(7, 0))
    timeline = simulate(build(concrete), concrete)
    assert [str(v) for v in violations(timeline)] == []
