"""Free bodies: gravity, rest, friction, contacts, determinism, and errors that name the body."""

from __future__ import annotations

import hashlib
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from pairforge.errors import SimulationError
from pairforge.frames import Pose
from pairforge.scenes.families import family
from pairforge.scenes.world import Collider
from pairforge.seeding import Stream
from pairforge.sensors.physics import simulate
from pairforge.sensors.physics_bodies import bottom_m, mass_properties
from pairforge.sensors.timeline import Timeline
from tests.worlds import (
    FLOOR,
    Thing,
    ball_shape,
    box_shape,
    make_concrete,
    make_world,
    small_concrete,
    small_world,
)

ROOT = Path(__file__).resolve().parents[2]


def run(*things: Thing, seconds: float = 1.0) -> Timeline:
    things = (FLOOR, *things)
    return simulate(make_world(things), make_concrete(things, duration_s=seconds))


def dropped(name: str, shape: object, *position: float, **more: object) -> Thing:
    return Thing(name, shape, position, motion="dynamic", **more)  # type: ignore[arg-type]


def test_knots_start_at_zero_and_reach_past_the_last_keyframe() -> None:
    timeline = simulate(small_world(), small_concrete())
    steps = np.diff(timeline.times_ns)
    assert timeline.times_ns.dtype == np.int64
    assert timeline.times_ns[0] == 0
    assert (steps == 10_000_000).all()
    assert timeline.times_ns[-1] >= max(small_concrete().keyframe_times_ns) + 250_000_000


def test_free_fall_follows_the_parabola() -> None:
    timeline = run(dropped("box", box_shape(0.2, "red"), 0.0, 0.0, 3.0), seconds=0.4)
    t = timeline.times_ns[:60] * 1e-9
    z = timeline.bodies[1].positions_m[:60, 2]
    # Semi-implicit Euler falls g t dt / 2 further than the parabola; allow exactly that and a hair.
    assert np.abs(z - (3.0 - 9.81 * t**2 / 2)).max() < 9.81 * t[-1] * 0.005 / 2 + 1e-4
    assert timeline.velocity(1, 300_000_000) == pytest.approx([0, 0, -9.81 * 0.3], abs=1e-3)
    assert timeline.acceleration(1, 300_000_000) == pytest.approx([0, 0, -9.81], abs=1e-3)


@pytest.mark.parametrize("name", ["mug", "bowl", "plate", "book", "bottle", "can", "box", "cylinder", "cone"])
def test_a_thing_that_stands_stays_standing_neither_sunk_nor_afloat(name: str) -> None:
    shape = family(name).build(family(name).draw(Stream(5, name)), None)
    timeline = run(
        Thing("block", box_shape(1.0, "red")), Thing("thing", shape, (0.0, 0.0, 1.0), motion="dynamic")
    )
    track, mesh = timeline.bodies[2], shape.parts[0].mesh
    end = Pose(track.positions_m[-1], track.quaternions_wxyz[-1])
    assert abs(end.points(mesh.vertices)[:, 2].min() - 1.0) < 0.002
    assert np.linalg.norm(timeline.velocities[2][-1]) < 0.01
    assert end.rotation[2, 2] > 0.999


def test_friction_stops_a_sliding_box_after_the_distance_it_should() -> None:
    slope = 0.3
    half = slope / 2
    tilt = (float(np.cos(half)), 0.0, float(np.sin(half)), 0.0)
    ramp = Thing("ramp", box_shape(4.0, "grey", height_ratio=0.1), (0.0, 0.0, 1.0), tilt)
    on_top = Pose.of(ramp.position_m, tilt) @ Pose.of((0.0, 0.0, 0.401))
    box = Thing("box", box_shape(0.3, "red"), tuple(on_top.position_m.tolist()), tilt, motion="dynamic")
    timeline = run(ramp, box, seconds=1.0)
    # Plastic on plastic: mu = 0.45 * 0.45 = 0.2025 < tan(0.3) = 0.309, so it slides, at g (sin a - mu cos a).
    expected = 9.81 * (np.sin(slope) - 0.2025 * np.cos(slope))
    speed = np.linalg.norm(timeline.velocities[2], axis=1)
    t = timeline.times_ns * 1e-9
    assert speed[80] - speed[30] == pytest.approx(expected * (t[80] - t[30]), rel=0.05)


def test_contacts_name_who_touched_and_last_while_they_touch() -> None:
    timeline = run(
        dropped("low", box_shape(0.2, "red"), 0.0, 0.0, 0.0),
        dropped("high", box_shape(0.2, "blue"), 0.0, 0.0, 0.5),
        dropped("far", ball_shape(0.2, "white"), 3.0, 0.0, 0.5),
    )
    pairs = {(c.instance_a, c.instance_b) for c in timeline.contacts}
    assert (1, 2) in pairs
    assert (0, 3) in pairs
    assert not pairs & {(1, 3), (2, 3)}
    first = min(c.t0_ns for c in timeline.contacts if (c.instance_a, c.instance_b) == (1, 2))
    assert first * 1e-9 == pytest.approx(np.sqrt(2 * 0.3 / 9.81), abs=0.011)
    weight = box_shape(0.2, "blue").mass_kg * 9.81
    assert max(c.peak_force_n for c in timeline.contacts if (c.instance_a, c.instance_b) == (1, 2)) > weight
    assert all(c.t0_ns <= c.t1_ns for c in timeline.contacts)


def digest(timeline: Timeline) -> str:
    sha = hashlib.sha256(timeline.times_ns.tobytes())
    for tracks in (timeline.bodies, timeline.parts):
        for key in sorted(tracks):
            sha.update(tracks[key].positions_m.tobytes() + tracks[key].quaternions_wxyz.tobytes())
    for tables in (timeline.velocities, timeline.accelerations, timeline.controls):
        for key in sorted(tables):
            sha.update(tables[key].tobytes())
    sha.update(repr(timeline.contacts).encode())
    return sha.hexdigest()


def pile() -> Timeline:
    shapes = [
        box_shape(0.3, "red"),
        ball_shape(0.3, "blue"),
        box_shape(0.2, "green"),
        ball_shape(0.2, "white"),
    ]
    return run(
        *(dropped(f"t{k}", shape, 0.05 * k, 0.03 * k, 0.3 + 0.4 * k) for k, shape in enumerate(shapes))
    )


def test_the_same_world_gives_the_same_bytes_again_and_in_another_process() -> None:
    here = digest(pile())
    assert digest(pile()) == here
    code = "from tests.sensors.test_physics import digest, pile; print(digest(pile()))"
    there = subprocess.run([sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True)
    assert there.stdout.split()[-1] == here


def test_a_body_that_starts_deep_inside_another_is_named() -> None:
    things = (Thing("buried", box_shape(0.3, "blue"), (0.0, 0.0, -6.0), motion="dynamic"),)
    with pytest.raises(SimulationError, match='"buried" moves at'):
        simulate(make_world(things), make_concrete(things))


def test_a_body_that_falls_off_the_ground_is_named() -> None:
    things = (Thing("faller", box_shape(0.3, "blue"), (5.0, 0.0, 0.0), motion="dynamic"),)
    concrete = make_concrete(things, duration_s=1.2)
    ground = replace(
        concrete.items[0], name="floor", family="floor", params={"size_m": 4.0}, position_m=(0, 0, 0)
    )
    with pytest.raises(SimulationError, match='"faller" fell through the ground'):
        simulate(make_world(things), replace(concrete, items=(ground,)))


def test_mass_properties_of_a_box_match_the_closed_form() -> None:
    whole = mass_properties([Collider("box", Pose.of((1.0, 2.0, 3.0)), (2.0, 4.0, 6.0))], 12.0)
    halves = mass_properties(
        [Collider("box", Pose.of((x, 2.0, 3.0)), (1.0, 4.0, 6.0)) for x in (0.5, 1.5)], 12.0
    )
    for got in (whole, halves):
        assert got.body_from_inertial.position_m == pytest.approx([1.0, 2.0, 3.0])
        assert sorted(got.diagonal) == pytest.approx([4 + 16, 4 + 36, 16 + 36])


def test_lowest_point_of_a_lying_cylinder() -> None:
    lying = Pose.of((0.0, 0.0, 1.0), (np.sqrt(0.5), np.sqrt(0.5), 0.0, 0.0))
    assert bottom_m(Collider("cylinder", lying, (0.3, 2.0))) == pytest.approx(0.7)
    assert bottom_m(Collider("capsule", lying, (0.3, 2.0))) == pytest.approx(0.7)
    assert bottom_m(Collider("cylinder", Pose.of((0.0, 0.0, 1.0)), (0.3, 2.0))) == pytest.approx(0.0)


def test_a_ball_comes_to_rest_in_the_bowl_on_any_side_of_it() -> None:
    """Bowls have more colliders than PyBullet's compounds take: none may go missing."""
    bowl = family("bowl").build({"size_m": 0.4, "depth_m": 0.06}, None)
    for x, y in ((0.08, 0.0), (-0.08, 0.0), (0.0, -0.08)):
        ball = dropped("ball", ball_shape(0.07, "red"), x, y, 0.2)
        timeline = run(dropped("bowl", bowl, 0.0, 0.0, 0.0), ball, seconds=1.5)
        centre = timeline.bodies[2].positions_m[-1] + [0.0, 0.0, 0.035]
        assert np.linalg.norm((centre - timeline.bodies[1].positions_m[-1])[:2]) < 0.12
        assert timeline.bodies[2].positions_m[-1, 2] > 0.008
